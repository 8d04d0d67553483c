/* The command line of timescape_throughput. */
#include "throughput.h"

#include <argp.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    BACKEND = 256,
    INSTRUCTIONS,
    ALGORITHM,
    THREADS,
    NEURONS,
    ETA,
    EPSILON,
    H,
    STEPS,
    SLOW_TIME,
    REPLICATES,
    CELLS,
    REPEAT,
    COUNTS,
    JSON,
    CSV
};

static const struct argp_option entries[] = {
    {0, 0, 0, 0, "A row for every combination of:", 1},
    {"neurons", NEURONS, "LIST", 0, "Neurons of a network (default 20)", 1},
    {"eta", ETA, "LIST", 0, "Width of a transition (default 4e-3)", 1},
    {"epsilon", EPSILON, "LIST", 0, "Stepsize ratio (default 0.1)", 1},
    {"cells", CELLS, "LIST", 0, "Cells of the sweep, all alike (default 1)", 1},
    {"replicates", REPLICATES, "LIST", 0, "Trainings of each cell (default 0: 64 for each thread)", 1},
    {"threads", THREADS, "LIST", 0, "Host threads (default 0: one for each processor)", 1},
    {"instructions", INSTRUCTIONS, "LIST", 0,
     "Instruction sets of the backend cpu (default auto), or all for those of this processor", 1},
    {"algorithm", ALGORITHM, "LIST", 0, "auto (default), dense, sorted", 1},
    {0, 0, 0, 0, "The same in all rows:", 2},
    {"backend", BACKEND, "NAME", 0, "auto, cpu (default), cuda or reference", 2},
    {"h", H, "H", 0, "Stepsize of the weights (default 1e-5)", 2},
    {"steps", STEPS, "N", 0, "Steps of a training (default 0: one repeat takes about half a second)", 2},
    {"slow-time", SLOW_TIME, "TAU", 0, "Steps from the horizon instead: TAU / (h epsilon)", 2},
    {"repeat", REPEAT, "N", 0, "Measurements of each row, interleaved over the rows (default 5)", 2},
    {0, 0, 0, 0, "Files, - for standard output instead of the table:", 3},
    {"counts", COUNTS, "FILE", 0,
     "Instruction counts of tools/instruction-count.sh, used where the processor's counters cannot be read", 3},
    {"json", JSON, "FILE", 0, "Write everything that was measured as JSON", 3},
    {"csv", CSV, "FILE", 0, "Write the rows as CSV", 3},
    {0},
};

static double parse_number(const struct argp_state *state, const char *option, const char *text, double low,
                           double high, bool whole) {
    char *end;
    errno = 0;
    const double value = strtod(text, &end);
    const bool good = !errno && end != text && !*end && value >= low && value <= high;
    if (!good || (whole && value != floor(value)))
        argp_error(state, "%s: found '%s', allowed are %snumbers from %g to %g", option, text, whole ? "whole " : "",
                   low, high);
    return value;
}

static void parse_names(const struct argp_state *state, const char *option, char *text, bench_names *names) {
    names->count = 0;
    for (char *name; (name = strsep(&text, ","));) {
        if (!*name || names->count == BENCH_LIST)
            argp_error(state, "%s: one to %d names between commas are allowed", option, BENCH_LIST);
        names->value[names->count++] = name;
    }
}

static void parse_numbers(const struct argp_state *state, const char *option, char *text, double low, double high,
                          bool whole, bench_numbers *numbers) {
    bench_names words;
    parse_names(state, option, text, &words);
    numbers->count = words.count;
    for (size_t i = 0; i < words.count; i++)
        numbers->value[i] = parse_number(state, option, words.value[i], low, high, whole);
}

static void parse_sets(const struct argp_state *state, char *text, bench_names *names) {
    parse_names(state, "--instructions", text, names);
    if (names->count != 1 || strcmp(names->value[0], "all") != 0)
        return;
    for (names->count = 0; names->count < BENCH_LIST && ts_instructions_name(names->count); names->count++)
        names->value[names->count] = ts_instructions_name(names->count);
}

static error_t parse_list(int key, char *argument, struct argp_state *state) {
    bench_options *options = state->input;
    switch (key) {
    case INSTRUCTIONS:
        parse_sets(state, argument, &options->instructions);
        return 0;
    case ALGORITHM:
        parse_names(state, "--algorithm", argument, &options->algorithm);
        return 0;
    case THREADS:
        parse_numbers(state, "--threads", argument, 0, 4096, true, &options->threads);
        return 0;
    case NEURONS:
        parse_numbers(state, "--neurons", argument, 1, TS_MAX_NEURONS, true, &options->neurons);
        return 0;
    case ETA:
        parse_numbers(state, "--eta", argument, 1e-5, 0.5, false, &options->eta);
        return 0;
    case EPSILON:
        parse_numbers(state, "--epsilon", argument, 1e-9, 99, false, &options->epsilon);
        return 0;
    case REPLICATES:
        parse_numbers(state, "--replicates", argument, 0, (double)TS_MAX_REPLICATES, true, &options->replicates);
        return 0;
    case CELLS:
        parse_numbers(state, "--cells", argument, 1, TS_MAX_CELLS, true, &options->cells);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse_option(int key, char *argument, struct argp_state *state) {
    bench_options *options = state->input;
    switch (key) {
    case BACKEND:
        options->backend = argument;
        return 0;
    case H:
        options->h = parse_number(state, "--h", argument, 1e-12, 16, false);
        return 0;
    case STEPS:
        options->steps = (uint64_t)parse_number(state, "--steps", argument, 0, (double)TS_MAX_STEPS, true);
        return 0;
    case SLOW_TIME:
        options->slow_time = parse_number(state, "--slow-time", argument, 1e-9, 1e9, false);
        return 0;
    case REPEAT:
        options->repeat = (int)parse_number(state, "--repeat", argument, 1, BENCH_REPEATS, true);
        return 0;
    case COUNTS:
        options->counts = argument;
        return 0;
    case JSON:
        options->json = argument;
        return 0;
    case CSV:
        options->csv = argument;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "there are only options, found '%s'", argument);
        return 0;
    default:
        return parse_list(key, argument, state);
    }
}

void bench_parse(bench_options *options, int argc, char **argv) {
    static const struct argp argp = {
        entries,
        parse_option,
        NULL,
        "Throughput of timescape on the target of the paper: training steps and neuron steps per second, medians of "
        "the repeats, beside what the processor could do at most.\vLIST is one value or several with commas between.",
        NULL,
        NULL,
        NULL};
    *options = (bench_options){
        .backend = "cpu",
        .instructions = {{"auto"}, 1},
        .algorithm = {{"auto"}, 1},
        .threads = {{0}, 1},
        .replicates = {{0}, 1},
        .cells = {{1}, 1},
        .epsilon = {{0.1}, 1},
        .eta = {{4e-3}, 1},
        .neurons = {{20}, 1},
        .h = 1e-5,
        .repeat = 5,
    };
    argp_err_exit_status = TS_INVALID;
    argp_parse(&argp, argc, argv, 0, NULL, options);
}
