/* Usage: timescape_golden FILE [--backend cpu|cuda] [--write]
 *
 * Runs the cells of tests/golden/trainings.txt in every way that the backend has (default: cpu) and compares how their
 * trainings end with what the file says. The file says what the arithmetic gave when it was written: a program that
 * differs from it differs from published results. A program of its own, without CMocka, for machines with a GPU.
 *
 * --write: put the trainings of the cells that have none yet into the file and, when the file is of another version of
 * the arithmetic, those of all others, too. It never changes a training of this version. Exit status: 0 all equal or
 * written, 1 a difference or a failed run, 2 wrong usage or file. */
#include "golden_file.h"
#include "sweep/sweep.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST 3 /* neurons that the file has in full */

/* ---- how trainings end, as text */

/* FNV-1a of the words' bytes, low ones first. */
static uint64_t hash_of(const int64_t *word, size_t count) {
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < count; i++)
        for (int shift = 0; shift < 64; shift += 8)
            hash = (hash ^ ((uint64_t)word[i] >> shift & 255)) * UINT64_C(0x100000001b3);
    return hash;
}

static void print_first(FILE *out, const char *name, const int64_t *word, size_t count) {
    fprintf(out, "%s", name);
    for (size_t i = 0; i < count && i < FIRST; i++)
        fprintf(out, " %" PRId64, word[i]);
    fprintf(out, "\n");
}

static const char *outcome_name(int8_t outcome) {
    return outcome == TS_OUTCOME_SUCCESS    ? "success"
           : outcome == TS_OUTCOME_FAILURE  ? "failure"
           : outcome == TS_OUTCOME_DIVERGED ? "diverged"
                                            : "unfinished";
}

static void print_training(FILE *out, const ts_cell *cell, const ts_kept *kept, size_t replicate) {
    const size_t m = cell->neurons;
    const int64_t *position = kept->position + replicate * m, *weight = kept->weight + replicate * m;
    const int8_t outcome = kept->outcome[replicate];
    fprintf(out, "training %zu %s", replicate, outcome_name(outcome));
    if (outcome != TS_OUTCOME_DIVERGED) /* it has no loss */
        fprintf(out, " loss %" PRId64, kept->loss[replicate]);
    fprintf(out, " bias %" PRId64 " positions %016" PRIx64 " weights %016" PRIx64 "\n", kept->bias[replicate],
            hash_of(position, m), hash_of(weight, m));
    print_first(out, "position", position, m);
    print_first(out, "weight", weight, m);
    if (outcome != TS_OUTCOME_DIVERGED && ts_has_jumps(cell))
        fprintf(out, "position_loss %" PRId64 " missed %" PRIu32 "\n", kept->position_loss[replicate],
                kept->missed[replicate]);
}

/* The text on the heap of all trainings of the cell, run in this way; NULL, with a sentence on standard error, when
 * they cannot be run. */
static char *trainings_of(const golden_cell *cell, const ts_run_options *options) {
    const ts_settings settings = golden_settings(cell);
    ts_sweep *sweep = NULL;
    ts_error error = {0};
    char *text = NULL;
    size_t size = 0;
    if (ts_sweep_create(&sweep, &settings, &error) != TS_OK || ts_sweep_run(sweep, options, NULL, &error) != TS_OK) {
        fprintf(stderr, "timescape_golden: %s: %s%s%s\n", cell->name, error.key, *error.key ? ": " : "", error.message);
        goto cleanup;
    }
    FILE *out = open_memstream(&text, &size);
    for (size_t r = 0; out && r < settings.replicates; r++)
        print_training(out, &sweep->cells[0], &sweep->results.kept[0], r);
    if (!out || fclose(out) != 0) {
        fprintf(stderr, "timescape_golden: out of memory\n");
        free(text);
        text = NULL;
    }
cleanup:
    ts_sweep_destroy(sweep);
    return text;
}

/* ---- ways to run a cell, none of which changes a bit */

/* Tells of a difference. Returns whether there is none. */
static bool check(const golden_cell *cell, const ts_run_options *options) {
    char *found = trainings_of(cell, options);
    const bool same = found && strcmp(found, cell->expected) == 0;
    if (found && !same)
        printf(
            "%s\ndiffers on %s, instructions %s, algorithm %s, threads %d, chunks of %llu, lane groups of %d; found\n%s"
            "where the file has\n%s\n",
            cell->name, options->backend, options->instructions ? options->instructions : "auto",
            options->algorithm ? options->algorithm : "auto", options->threads,
            (unsigned long long)options->chunk_steps, options->lane_group, found, cell->expected);
    free(found);
    return same;
}

/* Every instruction set and algorithm, each once as it comes and once in another shape. */
static int check_on_cpu(const golden_cell *cell, long *ways) {
    static const char *const algorithms[] = {"dense", "sorted"};
    static const ts_run_options shapes[] = {{.threads = 2, .chunk_steps = 1},
                                            {.threads = 3, .chunk_steps = 37},
                                            {.threads = 1, .chunk_steps = 1000, .lane_group = 1},
                                            {.threads = 1, .chunk_steps = 5, .lane_group = 8},
                                            {.threads = 2, .lane_group = 128}};
    const size_t shape_count = sizeof shapes / sizeof *shapes;
    int different = 0;
    for (size_t set = 0; ts_instructions_name(set); set++)
        for (size_t a = 0; a < (strcmp(ts_instructions_name(set), "portable") == 0 ? 1 : 2); a++)
            for (int shaped = 0; shaped < 2; shaped++) {
                ts_run_options way = {.threads = 1};
                if (shaped) /* the sorted algorithm has no lane groups */
                    way = shapes[(size_t)*ways / 2 % (a > 0 ? 2 : shape_count)];
                way.backend = "cpu";
                way.instructions = ts_instructions_name(set);
                way.algorithm = algorithms[a];
                different += !check(cell, &way);
                ++*ways;
            }
    return different;
}

static int check_on_cuda(const golden_cell *cell, long *ways) {
    static const int lane_groups[] = {0, 1, 4, 8, 16, 32};
    int different = 0;
    for (size_t i = 0; i < sizeof lane_groups / sizeof *lane_groups; i++) {
        const ts_run_options way = {
            .backend = "cuda", .lane_group = lane_groups[i], .chunk_steps = i % 2 ? 301 + (uint64_t)i : 0};
        different += !check(cell, &way);
        ++*ways;
    }
    return different;
}

static int check_all(const golden_file *file, const char *backend) {
    if (file->arithmetic_version != TS_ARITHMETIC_VERSION || file->count == 0) {
        printf("the file has %zu cells of version %ld of the arithmetic, the program has version %d\n", file->count,
               file->arithmetic_version, TS_ARITHMETIC_VERSION);
        return TS_FAILED;
    }
    int different = 0;
    long ways = 0;
    for (size_t i = 0; i < file->count; i++)
        different +=
            strcmp(backend, "cpu") == 0 ? check_on_cpu(&file->cell[i], &ways) : check_on_cuda(&file->cell[i], &ways);
    printf("%zu cells on %s, %ld runs: %d differ\n", file->count, backend, ways, different);
    return different == 0 ? TS_OK : TS_FAILED;
}

/* ---- writing */

static int write_all(const golden_file *file, const char *path) {
    const bool anew = file->arithmetic_version != TS_ARITHMETIC_VERSION;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return TS_FAILED;
    fprintf(out, "%sarithmetic_version %d\n", file->head, TS_ARITHMETIC_VERSION);
    bool good = true;
    for (size_t i = 0; i < file->count && good; i++) {
        const golden_cell *cell = &file->cell[i];
        char *found = anew || !*cell->expected
                          ? trainings_of(cell, &(ts_run_options){.backend = "cpu", .instructions = "portable"})
                          : NULL;
        good = found || (!anew && *cell->expected);
        fprintf(out, "\n%s%s", file->description[i], found ? found : cell->expected);
        free(found);
    }
    good = fclose(out) == 0 && good;
    FILE *stream = good ? fopen(path, "w") : NULL;
    const bool written = stream && fwrite(text, 1, size, stream) == size;
    if (good && ((stream && fclose(stream) != 0) || !written)) {
        perror(path);
        good = false;
    }
    free(text);
    return good ? TS_OK : TS_FAILED;
}

int main(int argc, char **argv) {
    const char *path = NULL, *backend = "cpu";
    bool write = false, usage = false;
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--write") == 0)
            write = true;
        else if (strcmp(argv[i], "--backend") == 0 && i + 1 < argc)
            backend = argv[++i];
        else if (*argv[i] != '-' && !path)
            path = argv[i];
        else
            usage = true;
    if (usage || !path || (strcmp(backend, "cpu") != 0 && strcmp(backend, "cuda") != 0)) {
        fprintf(stderr, "Usage: timescape_golden FILE [--backend cpu|cuda] [--write]\n");
        return TS_INVALID;
    }
    golden_file file;
    int status = TS_INVALID;
    if (golden_read(&file, path))
        status = write ? write_all(&file, path) : check_all(&file, backend);
    golden_free(&file);
    return status;
}
