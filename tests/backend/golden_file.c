#include "golden_file.h"

#include "base/words.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNKNOWN_VERSION (-1) /* until its line comes */

/* ---- values */

static bool read_number(const char *text, double *value) {
    char *end;
    *value = strtod(text, &end);
    return end != text && !*end;
}

static bool read_count(const char *text, uint64_t *value) {
    char *end;
    errno = 0;
    *value = strtoull(text, &end, 10);
    return end != text && !*end && errno == 0;
}

/* "0.2:4,0.35:-4" */
static bool read_jumps(ts_settings *settings, const char *text) {
    for (settings->jump_count = 0; settings->jump_count < TS_MAX_JUMPS; text++) {
        const size_t k = settings->jump_count++;
        char *end;
        settings->jump_at[k] = strtod(text, &end);
        if (end == text || *end != ':')
            return false;
        text = end + 1;
        settings->jump_by[k] = strtod(text, &end);
        if (end == text || (*end && *end != ','))
            return false;
        text = end;
        if (!*text)
            return true;
    }
    return false;
}

static bool set_number(golden_cell *cell, const char *key, const char *value, bool *known) {
    ts_settings *s = &cell->settings;
    const struct {
        const char *key;
        double *number;
    } numbers[] = {{"epsilon", &cell->epsilon},
                   {"base", &s->target_base},
                   {"eta", &s->eta},
                   {"start_weight", &s->start_weight},
                   {"h", &s->h},
                   {"noise", &s->noise},
                   {"slow_time", &s->slow_time},
                   {"min_fast_time", &s->min_fast_time},
                   {"unexplained_variance", &s->unexplained_variance}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (strcmp(key, numbers[i].key) == 0)
            return read_number(value, numbers[i].number);
    *known = false;
    return false;
}

static bool set_count(golden_cell *cell, const char *key, const char *value, bool *known) {
    ts_settings *s = &cell->settings;
    uint64_t count = 0;
    const bool good = read_count(value, &count);
    if (strcmp(key, "seed") == 0)
        s->seed = count;
    else if (strcmp(key, "steps") == 0)
        s->steps = count;
    else if (strcmp(key, "replicates") == 0)
        s->replicates = count;
    else if (strcmp(key, "dimension") == 0)
        s->dimension = count;
    else if (strcmp(key, "neurons") == 0)
        cell->neurons = (double)count;
    else
        *known = false;
    return good;
}

static bool set_word(golden_cell *cell, const char *key, const char *value, bool *known) {
    ts_settings *s = &cell->settings;
    int word = -1;
    if (strcmp(key, "activation") == 0)
        s->activation = (ts_activation)(word = ts_words_find(ts_words_activation, value));
    else if (strcmp(key, "init") == 0)
        s->init = (ts_init)(word = ts_words_find(ts_words_init, value));
    else if (strcmp(key, "derivative") == 0)
        s->derivative = (ts_derivative)(word = ts_words_find(ts_words_derivative, value));
    else if (strcmp(key, "randomness") == 0)
        s->randomness = (ts_randomness)(word = ts_words_find(ts_words_randomness, value));
    else
        *known = false;
    return word >= 0;
}

static bool set(golden_cell *cell, const char *key, const char *value) {
    if (strcmp(key, "jumps") == 0)
        return read_jumps(&cell->settings, value);
    bool (*const setters[])(golden_cell *, const char *, const char *, bool *) = {set_number, set_count, set_word};
    for (size_t i = 0; i < sizeof setters / sizeof *setters; i++) {
        bool known = true;
        const bool good = setters[i](cell, key, value, &known);
        if (known)
            return good;
    }
    return false;
}

/* ---- lines */

/* Append `line` to *text, which is on the heap or NULL. */
static bool append(char **text, const char *line) {
    const size_t before = *text ? strlen(*text) : 0, more = strlen(line) + 1;
    char *longer = realloc(*text, before + more);
    if (!longer)
        return false;
    memcpy(longer + before, line, more);
    *text = longer;
    return true;
}

static bool begin_cell(golden_file *file, const char *name) {
    golden_cell *cells = realloc(file->cell, (file->count + 1) * sizeof *cells);
    if (cells)
        file->cell = cells;
    char **descriptions = realloc(file->description, (file->count + 1) * sizeof *descriptions);
    if (descriptions)
        file->description = descriptions;
    if (!cells || !descriptions)
        return false;
    golden_cell *cell = &file->cell[file->count];
    *cell = (golden_cell){.settings = ts_settings_default()};
    cell->settings.keep_trainings = true;
    snprintf(cell->name, sizeof cell->name, "%.*s", (int)strcspn(name, "\n"), name);
    file->description[file->count++] = NULL;
    return append(&cell->expected, "");
}

/* "eta=0.1 h=1.0e-2": sets each, and puts the one that is wrong into `word`. */
static bool set_all(golden_cell *cell, const char *line, char word[GOLDEN_LINE]) {
    for (;;) {
        line += strspn(line, " \n");
        const size_t length = strcspn(line, " \n");
        if (length == 0)
            return true;
        snprintf(word, GOLDEN_LINE, "%.*s", (int)length, line);
        char *equals = strchr(word, '=');
        if (!equals)
            return false;
        *equals = 0;
        const bool good = set(cell, word, equals + 1);
        *equals = '=';
        if (!good)
            return false;
        line += length;
    }
}

static bool starts_with(const char *line, const char *word) {
    return strncmp(line, word, strlen(word)) == 0;
}

/* What the line is follows from its first word. `word` gets what is not understood. */
static bool take_line(golden_file *file, const char *line, char word[GOLDEN_LINE]) {
    snprintf(word, GOLDEN_LINE, "%.*s", (int)strcspn(line, " \n"), line);
    golden_cell *cell = file->count > 0 ? &file->cell[file->count - 1] : NULL;
    if (*line == '\n') /* these are put between the cells in any case */
        return file->arithmetic_version != UNKNOWN_VERSION || append(&file->head, line);
    if (*line == '#')
        return append(cell ? &file->description[file->count - 1] : &file->head, line);
    if (!cell && starts_with(line, "arithmetic_version ")) {
        char *end;
        file->arithmetic_version = strtol(line + strlen("arithmetic_version "), &end, 10);
        return *end == '\n';
    }
    if (starts_with(line, "cell "))
        return begin_cell(file, line + strlen("cell ")) && append(&file->description[file->count - 1], line);
    if (cell && starts_with(line, "with "))
        return append(&file->description[file->count - 1], line) && set_all(cell, line + strlen("with "), word);
    if (cell && (starts_with(line, "training ") || starts_with(line, "position ") || starts_with(line, "weight ") ||
                 starts_with(line, "position_loss ")))
        return append(&cell->expected, line);
    return false;
}

bool golden_read(golden_file *file, const char *path) {
    *file = (golden_file){.arithmetic_version = UNKNOWN_VERSION};
    if (!append(&file->head, "")) {
        fprintf(stderr, "timescape_golden: out of memory\n");
        return false;
    }
    FILE *stream = fopen(path, "r");
    if (!stream) {
        fprintf(stderr, "timescape_golden: %s: %s\n", path, strerror(errno));
        return false;
    }
    char line[GOLDEN_LINE], word[GOLDEN_LINE];
    bool good = true;
    for (long number = 1; good && fgets(line, sizeof line, stream); number++) {
        good = strchr(line, '\n') != NULL && take_line(file, line, word);
        if (!good)
            fprintf(stderr,
                    "timescape_golden: %s:%ld: found '%.*s', which is no line or value that this file may have\n", path,
                    number, 200, strchr(line, '\n') ? word : "a line that is too long or does not end");
    }
    if (good && ferror(stream))
        fprintf(stderr, "timescape_golden: %s: %s\n", path, strerror(errno));
    good = good && !ferror(stream);
    fclose(stream);
    return good;
}

void golden_free(golden_file *file) {
    for (size_t i = 0; i < file->count; i++) {
        free(file->description[i]);
        free(file->cell[i].expected);
    }
    free(file->description);
    free(file->cell);
    free(file->head);
}

ts_settings golden_settings(const golden_cell *cell) {
    ts_settings settings = cell->settings;
    settings.axis[TS_PARAMETER_EPSILON] = (ts_sweep_axis){&cell->epsilon, 1};
    settings.axis[TS_PARAMETER_NEURONS] = (ts_sweep_axis){&cell->neurons, 1};
    return settings;
}
