/* The command line of timescape_throughput. */
#include "throughput.h"

#include <string.h>

static const bench_option entries[] = {
#define AT(member) offsetof(bench_options, member)
    {NULL, NULL, "A row for every combination of:", BENCH_TEXT, 0, 0, 0},
    {"neurons", "LIST", "Neurons of a network (default 20)", BENCH_WHOLE_NUMBERS, AT(neurons), 1, TS_MAX_NEURONS},
    {"eta", "LIST", "Width of a transition (default 4e-3)", BENCH_NUMBERS, AT(eta), 1e-5, 0.5},
    {"epsilon", "LIST", "Stepsize ratio (default 0.1)", BENCH_NUMBERS, AT(epsilon), 1e-9, 99},
    {"cells", "LIST", "Cells of the sweep, all alike (default 1)", BENCH_WHOLE_NUMBERS, AT(cells), 1, TS_MAX_CELLS},
    {"replicates", "LIST", "Trainings of each cell (default 0: 64 for each thread, or what fills the GPU twice)",
     BENCH_WHOLE_NUMBERS, AT(replicates), 0, (double)TS_MAX_REPLICATES},
    {"lane-group", "LIST", "Lanes that share a training (default 0: chosen)", BENCH_WHOLE_NUMBERS, AT(lane_group), 0,
     128},
    {"threads", "LIST", "Host threads (default 0: one for each processor)", BENCH_WHOLE_NUMBERS, AT(threads), 0, 4096},
    {"instructions", "LIST", "Instruction sets of the backend cpu (default auto), or all for those of this processor",
     BENCH_NAMES, AT(instructions), 0, 0},
    {"algorithm", "LIST", "Of the backend cpu: auto (default), dense, sorted", BENCH_NAMES, AT(algorithm), 0, 0},
    {NULL, NULL, "The same in all rows:", BENCH_TEXT, 0, 0, 0},
    {"backend", "NAME", "auto, cpu (default), cuda or reference", BENCH_TEXT, AT(backend), 0, 0},
    {"device", "N", "GPU of the backend cuda (default 0)", BENCH_INT, AT(device), 0, TS_MAX_DEVICES - 1},
    {"h", "H", "Stepsize of the weights (default 1e-5)", BENCH_NUMBER, AT(h), 1e-12, 16},
    {"noise", "S", "Half-width of the label noise (default 1)", BENCH_NUMBER, AT(noise), 0, 64},
    {"seed", "N", "Default 42", BENCH_UINT64, AT(seed), 0, 0x1p53},
    {"steps", "N", "Steps of a training (default 0: from --seconds)", BENCH_UINT64, AT(steps), 0, (double)TS_MAX_STEPS},
    {"seconds", "S", "About how long one repeat takes (default 0.5, on a GPU 2)", BENCH_NUMBER, AT(wanted_seconds),
     1e-3, 3600},
    {"slow-time", "TAU", "Steps from the horizon instead: TAU / (h epsilon)", BENCH_NUMBER, AT(slow_time), 1e-9, 1e9},
    {"repeat", "N", "Measurements of each row, interleaved over the rows (default 5)", BENCH_INT, AT(repeat), 1,
     BENCH_REPEATS},
    {NULL, NULL, "Files, - for standard output instead of the table:", BENCH_TEXT, 0, 0, 0},
    {"counts", "FILE",
     "Instruction counts of tools/instruction-count.sh, used where the processor's counters cannot be read; of the "
     "backend cuda: lines of m and the instructions of a lane for a neuron step",
     BENCH_TEXT, AT(counts), 0, 0},
    {"json", "FILE", "Write everything that was measured as JSON", BENCH_TEXT, AT(json), 0, 0},
    {"csv", "FILE", "Write the rows as CSV", BENCH_TEXT, AT(csv), 0, 0},
    {"states", "FILE",
     "Measure nothing; write the final states of one row: for each training loss, bias, positions, weights", BENCH_TEXT,
     AT(states), 0, 0},
#undef AT
};

/* "all": the instruction sets of this processor. */
static void list_sets(bench_names *names) {
    if (names->count != 1 || strcmp(names->value[0], "all") != 0)
        return;
    for (names->count = 0; names->count < BENCH_LIST && ts_instructions_name(names->count); names->count++)
        names->value[names->count] = ts_instructions_name(names->count);
}

static bool is_default(const bench_names *names) {
    return names->count == 1 && strcmp(names->value[0], "auto") == 0;
}

static void check_together(const struct argp_state *state, void *into) {
    bench_options *o = into;
    list_sets(&o->instructions);
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

void bench_options_parse(bench_options *options, int argc, char **argv) {
    static const bench_command command = {
        "Throughput of timescape on the target of the paper: training steps and neuron steps per second, medians of "
        "the repeats, beside what the processor or the GPU could do at most.\vLIST is one value or several with commas "
        "between.",
        entries, sizeof entries / sizeof *entries, check_together};
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
    bench_parse(&command, argc, argv, options);
}
