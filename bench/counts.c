/* Instruction counts that another program made. */
#include "throughput.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WORDS 5

/* Split the line; returns how many words, at most WORDS. */
static size_t split(char *line, const char *word[WORDS]) {
    size_t count = 0;
    for (char *rest = line, *next; count < WORDS && (next = strtok_r(rest, " \t\n", &rest));)
        word[count++] = next;
    return count;
}

static bool is_number(const char *word, double *value) {
    char *end;
    *value = strtod(word, &end);
    return end != word && !*end;
}

/* Is the line about the row? */
static bool is_about(char *line, const bench_row *row, double *found) {
    const char *word[WORDS];
    const size_t words = split(line, word);
    double neurons, eta;
    if (bench_on_gpu(row)) {
        const bool about = words >= 2 && is_number(word[0], &neurons) && is_number(word[1], found);
        *found *= row->neurons;
        return about && neurons == row->neurons;
    }
    return words == WORDS && strcmp(word[0], row->instructions) == 0 && strcmp(word[1], row->algorithm) == 0 &&
           is_number(word[2], &neurons) && neurons == row->neurons && is_number(word[3], &eta) && eta == row->eta &&
           is_number(word[4], found);
}

double bench_look_up_instructions(FILE *counts, const bench_row *row) {
    char line[256];
    double found = NAN;
    rewind(counts);
    while (fgets(line, sizeof line, counts))
        if (is_about(line, row, &found))
            return found;
    return NAN;
}
