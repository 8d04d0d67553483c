/* The command line of timescape_throughput. */
#include "parse.h"
#include "throughput.h"

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
    LANE_GROUP,
    CELLS,
    DEVICE,
    NOISE,
    SEED,
    SECONDS,
    REPEAT,
    COUNTS,
    JSON,
    CSV,
    STATES
};

static const struct argp_option entries[] = {
    {0, 0, 0, 0, "A row for every combination of:", 1},
    {"neurons", NEURONS, "LIST", 0, "Neurons of a network (default 20)", 1},
    {"eta", ETA, "LIST", 0, "Width of a transition (default 4e-3)", 1},
    {"epsilon", EPSILON, "LIST", 0, "Stepsize ratio (default 0.1)", 1},
    {"cells", CELLS, "LIST", 0, "Cells of the sweep, all alike (default 1)", 1},
    {"replicates", REPLICATES, "LIST", 0,
     "Trainings of each cell (default 0: 64 for each thread, or what fills the GPU twice)", 1},
    {"lane-group", LANE_GROUP, "LIST", 0, "Lanes that share a training (default 0: chosen)", 1},
    {"threads", THREADS, "LIST", 0, "Host threads (default 0: one for each processor)", 1},
    {"instructions", INSTRUCTIONS, "LIST", 0,
     "Instruction sets of the backend cpu (default auto), or all for those of this processor", 1},
    {"algorithm", ALGORITHM, "LIST", 0, "Of the backend cpu: auto (default), dense, sorted", 1},
    {0, 0, 0, 0, "The same in all rows:", 2},
    {"backend", BACKEND, "NAME", 0, "auto, cpu (default), cuda or reference", 2},
    {"device", DEVICE, "N", 0, "GPU of the backend cuda (default 0)", 2},
    {"h", H, "H", 0, "Stepsize of the weights (default 1e-5)", 2},
    {"noise", NOISE, "S", 0, "Half-width of the label noise (default 1)", 2},
    {"seed", SEED, "N", 0, "Default 42", 2},
    {"steps", STEPS, "N", 0, "Steps of a training (default 0: from --seconds)", 2},
    {"seconds", SECONDS, "S", 0, "About how long one repeat takes (default 0.5, on a GPU 2)", 2},
    {"slow-time", SLOW_TIME, "TAU", 0, "Steps from the horizon instead: TAU / (h epsilon)", 2},
    {"repeat", REPEAT, "N", 0, "Measurements of each row, interleaved over the rows (default 5)", 2},
    {0, 0, 0, 0, "Files, - for standard output instead of the table:", 3},
    {"counts", COUNTS, "FILE", 0,
     "Instruction counts of tools/instruction-count.sh, used where the processor's counters cannot be read; of the "
     "backend cuda: lines of m and the instructions of a lane for a neuron step",
     3},
    {"json", JSON, "FILE", 0, "Write everything that was measured as JSON", 3},
    {"csv", CSV, "FILE", 0, "Write the rows as CSV", 3},
    {"states", STATES, "FILE", 0,
     "Measure nothing; write the final states of one row: for each training loss, bias, positions, weights", 3},
    {0},
};

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
        numbers->value[i] = bench_parse_number(state, option, words.value[i], low, high, whole);
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
    case LANE_GROUP:
        parse_numbers(state, "--lane-group", argument, 0, 128, true, &options->lane_group);
        return 0;
    case CELLS:
        parse_numbers(state, "--cells", argument, 1, TS_MAX_CELLS, true, &options->cells);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static bool is_default(const bench_names *names) {
    return names->count == 1 && strcmp(names->value[0], "auto") == 0;
}

static void check_together(const struct argp_state *state, const bench_options *o) {
    const bool one = o->instructions.count * o->algorithm.count * o->threads.count * o->lane_group.count *
                         o->replicates.count * o->epsilon.count * o->eta.count * o->neurons.count ==
                     1;
    if (strcmp(o->backend, "cuda") == 0 && (!is_default(&o->instructions) || !is_default(&o->algorithm) ||
                                            o->threads.count > 1 || o->threads.value[0] > 0))
        argp_error(state, "--instructions, --algorithm and --threads are for the backend cpu");
    if (o->states && (!one || o->cells.count > 1 || o->cells.value[0] > 1 || o->replicates.value[0] == 0 ||
                      (o->steps == 0 && o->slow_time == 0)))
        argp_error(state, "--states is for one row of one cell, with --replicates and --steps");
}

static error_t parse_option(int key, char *argument, struct argp_state *state) {
    bench_options *options = state->input;
    switch (key) {
    case BACKEND:
        options->backend = argument;
        return 0;
    case H:
        options->h = bench_parse_number(state, "--h", argument, 1e-12, 16, false);
        return 0;
    case STEPS:
        options->steps = (uint64_t)bench_parse_number(state, "--steps", argument, 0, (double)TS_MAX_STEPS, true);
        return 0;
    case SLOW_TIME:
        options->slow_time = bench_parse_number(state, "--slow-time", argument, 1e-9, 1e9, false);
        return 0;
    case DEVICE:
        options->device = (int)bench_parse_number(state, "--device", argument, 0, TS_MAX_DEVICES - 1, true);
        return 0;
    case NOISE:
        options->noise = bench_parse_number(state, "--noise", argument, 0, 64, false);
        return 0;
    case SEED:
        options->seed = (uint64_t)bench_parse_number(state, "--seed", argument, 0, 0x1p53, true);
        return 0;
    case SECONDS:
        options->wanted_seconds = bench_parse_number(state, "--seconds", argument, 1e-3, 3600, false);
        return 0;
    case REPEAT:
        options->repeat = (int)bench_parse_number(state, "--repeat", argument, 1, BENCH_REPEATS, true);
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
    case STATES:
        options->states = argument;
        return 0;
    case ARGP_KEY_END:
        check_together(state, options);
        return 0;
    default:
        return parse_list(key, argument, state);
    }
}

void bench_options_parse(bench_options *options, int argc, char **argv) {
    *options = (bench_options){
        .backend = "cpu",
        .instructions = {{"auto"}, 1},
        .algorithm = {{"auto"}, 1},
        .threads = {{0}, 1},
        .replicates = {{0}, 1},
        .lane_group = {{0}, 1},
        .cells = {{1}, 1},
        .epsilon = {{0.1}, 1},
        .eta = {{4e-3}, 1},
        .neurons = {{20}, 1},
        .h = 1e-5,
        .noise = 1,
        .seed = 42,
        .repeat = 5,
    };
    bench_parse(
        "Throughput of timescape on the target of the paper: training steps and neuron steps per second, medians of "
        "the repeats, beside what the processor or the GPU could do at most.\vLIST is one value or several with commas "
        "between.",
        entries, parse_option, argc, argv, options);
}
