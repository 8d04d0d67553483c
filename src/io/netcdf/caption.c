#include "io/netcdf/caption.h"

#include "base/words.h"
#include "io/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JUMPS_SHOWN 8

static void print_number(FILE *text, const char *before, double value) {
    char number[32];
    ts_text_number(number, sizeof number, value, 6);
    fprintf(text, "%s%s", before, number);
}

/* Files from before there were other networks do not say what theirs are. */
static bool is_relu(ts_reader *reader) {
    char *activation = ts_reader_has(reader, "activation") ? ts_reader_string(reader, "activation") : NULL;
    const bool relu = activation && strcmp(activation, "relu") == 0;
    free(activation);
    return relu;
}

static void print_target(FILE *text, ts_reader *reader) {
    const char *one = is_relu(reader) ? "change of slope" : "jump",
               *several = is_relu(reader) ? "changes of slope" : "jumps";
    const double dimension =
        ts_reader_has(reader, "target_dimension") ? ts_reader_number(reader, "target_dimension") : 1;
    double at[TS_MAX_JUMPS], by[TS_MAX_JUMPS];
    print_number(text, "target ", ts_reader_number(reader, "target_base"));
    size_t count = ts_reader_numbers(reader, "target_jump_at", at, TS_MAX_JUMPS);
    size_t steps = ts_reader_numbers(reader, "target_jump_by", by, TS_MAX_JUMPS);
    count = count < steps ? count : steps;
    for (size_t k = 0; k < count && count <= JUMPS_SHOWN; k++) {
        if (k == 0)
            fprintf(text, ", %s ", count > 1 ? several : one);
        else
            fputs(", ", text);
        print_number(text, by[k] > 0 ? "+" : "", by[k]);
        print_number(text, " at ", at[k]);
    }
    if (count > JUMPS_SHOWN)
        fprintf(text, " with %zu %s", count, several);
    if (dimension > 1)
        print_number(text, " in each coordinate of dimension ", dimension);
}

/* Print the words in `before` and the value of an attribute; of a parameter that has an axis, which is no attribute,
 * `otherwise`. */
static void print_parameter(FILE *text, ts_reader *reader, const char *before, const char *name,
                            const char *otherwise) {
    if (ts_reader_has_dimension(reader, name))
        fputs(otherwise, text);
    else
        print_number(text, before, ts_reader_number(reader, name));
}

/* Print the words in `before` and the text of an attribute. */
static void print_text(FILE *text, ts_reader *reader, const char *before, const char *name) {
    char *value = ts_reader_string(reader, name);
    fprintf(text, "%s%s", before, value ? value : "");
    free(value);
}

static void print_network(FILE *text, ts_reader *reader) {
    const double start_weight = ts_reader_has(reader, "start_weight") ? ts_reader_number(reader, "start_weight") : 0;
    if (is_relu(reader))
        fputs("; ReLU", text);
    else
        print_parameter(text, reader, "; eta = ", "eta", "; steps");
    print_text(text, reader, ", start ", "init");
    if (start_weight > 0)
        print_number(text, " with weights up to ", start_weight);
}

/* Files from before there were other dynamics than SGD do not name theirs. */
static void print_dynamics(FILE *text, ts_reader *reader) {
    char *dynamics = ts_reader_has(reader, "dynamics") ? ts_reader_string(reader, "dynamics") : NULL;
    if (dynamics && strcmp(dynamics, "gradient_flow") == 0)
        fputs("population gradient descent", text);
    else
        print_parameter(text, reader, "noise ", "noise", "SGD");
    free(dynamics);
}

/* Files from before trainings could stop on their way do not say so. */
bool ts_reader_stops(ts_reader *reader) {
    char *stop = ts_reader_has(reader, "success_stop") ? ts_reader_string(reader, "success_stop") : NULL;
    const bool stops = stop && strcmp(stop, ts_words_stop[TS_STOP_FIRST_SUCCESS]) == 0;
    free(stop);
    return stops;
}

static void print_caption(FILE *text, ts_reader *reader, const char *about) {
    print_target(text, reader);
    print_network(text, reader);
    print_parameter(text, reader, ", h = ", "h", "");
    fputc('\n', text);
    print_dynamics(text, reader);
    if (!is_relu(reader))
        print_text(text, reader, ", derivative ", "derivative");
    print_text(text, reader, ", horizon ", "horizon");
    if (ts_reader_stops(reader))
        fputs(" or the first success", text);
    fprintf(text, "; %s", about);
    print_text(text, reader, ", randomness ", "randomness");
    fprintf(text, ", seed %llu", (unsigned long long)ts_reader_count(reader, "seed"));
    if (ts_reader_number(reader, "complete") == 0 && ts_reader_has(reader, "part"))
        print_text(text, reader, "; only part ", "part");
    else if (ts_reader_number(reader, "complete") == 0)
        fputs("; interrupted: not every training finished", text);
}

char *ts_reader_caption(ts_reader *reader, const char *about) {
    char *caption = NULL;
    size_t size = 0;
    FILE *text = reader->status == TS_OK ? open_memstream(&caption, &size) : NULL;
    if (!text)
        return NULL;
    print_caption(text, reader, about);
    if (fclose(text) != 0 || reader->status != TS_OK) {
        free(caption);
        return NULL;
    }
    return caption;
}
