/* timescape_schedule: how well the CUDA backend packs configs/phase.yaml, on simulated devices. Needs no GPU. */
#include "parse.h"
#include "phase_sweep.h"
#include "simulated.h"
#include "sweep/sweep.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct schedule_options {
    sim_model model;
    int devices;
    uint64_t replicates;
} schedule_options;

enum { DEVICES = 256, REPLICATES, MULTIPROCESSORS, MEMORY, QUEUES, CLOCK, WARP, ISSUE, ROUND };

static const struct argp_option entries[] = {
    {"devices", DEVICES, "N", 0, "Devices that share the work (1)", 1},
    {"replicates", REPLICATES, "N", 0, "Trainings of each cell (1000)", 1},
    {"multiprocessors", MULTIPROCESSORS, "N", 0, "Of a device (132)", 2},
    {"memory", MEMORY, "KIB", 0, "Shared memory of a multiprocessor (227)", 2},
    {"queues", QUEUES, "N", 0, "Of the hardware, for all streams (32)", 2},
    {"clock", CLOCK, "HZ", 0, "Of the schedulers, four a multiprocessor (1.755e9)", 2},
    {"warp", WARP, "RATE", 0, "Instructions that a warp alone issues in a cycle (0.45)", 2},
    {"issue", ISSUE, "RATE", 0, "Instructions that a scheduler with many warps issues in a cycle (0.7)", 2},
    {"round", ROUND, "SECONDS", 0, "Of the host for a wave between two chunks, beside 1e-6 a slot (1e-4)", 2},
    {0},
};

static error_t parse_option(int key, char *text, struct argp_state *state) {
    schedule_options *options = state->input;
    sim_model *model = &options->model;
    switch (key) {
    case DEVICES:
        options->devices = (int)bench_parse_number(state, "--devices", text, 1, TS_MAX_DEVICES, true);
        return 0;
    case REPLICATES:
        options->replicates = (uint64_t)bench_parse_number(state, "--replicates", text, 1, 1e6, true);
        return 0;
    case MULTIPROCESSORS:
        model->multiprocessors = (int)bench_parse_number(state, "--multiprocessors", text, 1, 4096, true);
        return 0;
    case MEMORY:
        model->shared_memory = (size_t)bench_parse_number(state, "--memory", text, 64, 1024, true) << 10;
        return 0;
    case QUEUES:
        model->queues = (int)bench_parse_number(state, "--queues", text, 1, 64, true);
        return 0;
    case CLOCK:
        model->clock = bench_parse_number(state, "--clock", text, 1e6, 1e11, false);
        return 0;
    case WARP:
        model->warp_rate = bench_parse_number(state, "--warp", text, 1e-3, 1, false);
        return 0;
    case ISSUE:
        model->issue_rate = bench_parse_number(state, "--issue", text, 1e-3, 1, false);
        return 0;
    case ROUND:
        model->round_seconds = bench_parse_number(state, "--round", text, 0, 1, false);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void print(const sim_report *report, int devices) {
    printf("device   seconds   schedulers with work   issue slots used   device with work   tail (s)   rounds\n");
    for (int i = 0; i < devices; i++)
        printf("%6d   %7.1f   %18.1f %%   %14.1f %%   %14.1f %%   %8.2f   %6llu\n", i, report[i].seconds,
               100 * report[i].occupied, 100 * report[i].issued, 100 * report[i].working, report[i].tail,
               (unsigned long long)report[i].rounds);
}

int main(int argc, char **argv) {
    schedule_options options = {sim_model_default(), 1, 1000};
    bench_parse("Packing of configs/phase.yaml by the backend cuda, on simulated devices.", entries, parse_option, argc,
                argv, &options);
    double epsilon[PHASE_EPSILON];
    ts_settings settings = phase_settings(epsilon);
    settings.replicates = options.replicates;
    ts_sweep *sweep = NULL;
    ts_error error = {0};
    sim_report report[TS_MAX_DEVICES];
    if (ts_sweep_create(&sweep, &settings, &error) != TS_OK) {
        fprintf(stderr, "timescape_schedule: %s\n", error.message);
        return TS_FAILED;
    }
    const ts_plan plan = {.settings = &sweep->settings,
                          .cells = sweep->cells,
                          .cell_count = sweep->cell_count,
                          .replicates = (uint32_t)settings.replicates};
    const bool fine = sim_run(&plan, &options.model, options.devices, report, NULL);
    if (fine)
        print(report, options.devices);
    else
        fprintf(stderr, "timescape_schedule: not enough memory\n");
    ts_sweep_destroy(sweep);
    return fine ? TS_OK : TS_FAILED;
}
