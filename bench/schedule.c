/* timescape_schedule: how well the CUDA backend packs configs/phase.yaml, on simulated devices. Needs no GPU. */
#include "parse.h"
#include "phase_sweep.h"
#include "simulated.h"
#include "sweep/sweep.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct schedule_options {
    sim_model model;
    size_t kibibytes; /* of its shared memory */
    int devices;
    uint64_t replicates;
} schedule_options;

static const bench_option entries[] = {
#define AT(member) offsetof(schedule_options, member)
    {"devices", "N", "Devices that share the work (1)", BENCH_INT, AT(devices), 1, TS_MAX_DEVICES},
    {"replicates", "N", "Trainings of each cell (1000)", BENCH_UINT64, AT(replicates), 1, 1e6},
    {NULL, NULL, "What is simulated:", BENCH_TEXT, 0, 0, 0},
    {"multiprocessors", "N", "Of a device (132)", BENCH_INT, AT(model.multiprocessors), 1, 4096},
    {"memory", "KIB", "Shared memory of a multiprocessor (227)", BENCH_SIZE, AT(kibibytes), 64, 1024},
    {"queues", "N", "Of the hardware, for all streams (32)", BENCH_INT, AT(model.queues), 1, 64},
    {"clock", "HZ", "Of the schedulers, four a multiprocessor (1.755e9)", BENCH_NUMBER, AT(model.clock), 1e6, 1e11},
    {"rate", "RATE", "Instructions that a scheduler with warps issues in a cycle (0: those of their kernels)",
     BENCH_NUMBER, AT(model.rate), 0, 1},
    {"round", "SECONDS", "Of the host for a wave between two chunks, beside 1e-6 a slot (1e-4)", BENCH_NUMBER,
     AT(model.round_seconds), 0, 1},
#undef AT
};

static const bench_command command = {"Packing of configs/phase.yaml by the backend cuda, on simulated devices.",
                                      entries, sizeof entries / sizeof *entries, NULL};

static void print(const sim_report *report, int devices) {
    printf("device   seconds   schedulers with work   issue slots used   device with work   tail (s)   rounds\n");
    for (int i = 0; i < devices; i++)
        printf("%6d   %7.1f   %18.1f %%   %14.1f %%   %14.1f %%   %8.2f   %6llu\n", i, report[i].seconds,
               100 * report[i].occupied, 100 * report[i].issued, 100 * report[i].working, report[i].tail,
               (unsigned long long)report[i].rounds);
}

int main(int argc, char **argv) {
    schedule_options options = {sim_model_default(), 0, 1, 1000};
    options.kibibytes = options.model.shared_memory >> 10;
    bench_parse(&command, argc, argv, &options);
    options.model.shared_memory = options.kibibytes << 10;
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
    const ts_plan plan = ts_sweep_plan(sweep);
    const bool fine = sim_run(&plan, &options.model, options.devices, report, NULL);
    if (fine)
        print(report, options.devices);
    else
        fprintf(stderr, "timescape_schedule: not enough memory\n");
    ts_sweep_destroy(sweep);
    return fine ? TS_OK : TS_FAILED;
}
