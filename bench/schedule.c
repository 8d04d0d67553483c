/* timescape_schedule: how well the CUDA backend packs configs/phase.yaml, on simulated devices, of one process or of
 * many that claim their work from each other. Needs no GPU. */
#include "failures.h"
#include "parse.h"
#include "phase_sweep.h"
#include "simulated.h"
#include "sweep/portion.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct schedule_options {
    sim_model model;
    size_t kibibytes; /* of its shared memory */
    int devices;
    uint64_t replicates;
    bench_numbers processes;
    double slow, work, checkpoint, restart; /* seconds but for the first */
    bench_numbers between;                  /* hours */
} schedule_options;

static const bench_option entries[] = {
#define AT(member) offsetof(schedule_options, member)
    {"devices", "N", "Devices that share the work (1)", BENCH_INT, AT(devices), 1, TS_MAX_DEVICES},
    {"replicates", "N", "Trainings of each cell (1000)", BENCH_UINT64, AT(replicates), 1, 1e6},
    {NULL, NULL, "Several processes, of one device each, in place of one with several:", BENCH_TEXT, 0, 0, 0},
    {"processes", "LIST", "So many, e.g. 1,8,64", BENCH_WHOLE_NUMBERS, AT(processes), 1, 4096},
    {"slow", "SPEED", "Of every second one, in the columns where speeds are uneven (0.5)", BENCH_NUMBER, AT(slow), 0.01,
     1},
    {"between", "HOURS", "Between two failures of a machine, e.g. 1,24: what they cost a campaign", BENCH_NUMBERS,
     AT(between), 1e-3, 1e6},
    {"work", "HOURS", "That the campaign takes without failures (24)", BENCH_NUMBER, AT(work), 1e-3, 1e6},
    {"checkpoint", "SECONDS", "Between two checkpoints (30)", BENCH_NUMBER, AT(checkpoint), 0.1, 1e6},
    {"restart", "SECONDS", "From a failure until the job goes on (120)", BENCH_NUMBER, AT(restart), 0, 1e6},
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

/* ---- several processes */

/* The ranges that so many processes would have of the sweep. False: no memory. */
static bool cut(ts_sweep *sweep, uint32_t processes, ts_ranges *ranges) {
    ts_portion *portions = ts_portions_create(sweep, 0, 0);
    uint32_t *wanted = malloc(sweep->cell_count * sizeof *wanted);
    for (size_t i = 0; wanted && i < sweep->cell_count; i++)
        wanted[i] = (uint32_t)sweep->settings.replicates;
    const bool fine = portions && wanted &&
                      ts_ranges_missing(ranges, sweep, portions, wanted, &(ts_cut){processes, ts_backend_cuda.width});
    free(portions);
    free(wanted);
    return fine;
}

/* Seconds that so many processes take, of which every second one has the speed `slow`; NaN: no memory. */
static double seconds_of(ts_sweep *sweep, const sim_model *model, size_t processes, double slow) {
    ts_plan plan = ts_sweep_plan(sweep);
    ts_ranges ranges = {0};
    double seconds = NAN, *speed = malloc(processes * sizeof *speed);
    for (size_t i = 0; speed && i < processes; i++)
        speed[i] = i % 2 == 1 ? slow : 1;
    bool fine = speed && cut(sweep, (uint32_t)processes, &ranges);
    plan.ranges = ranges.range;
    plan.range_count = ranges.count;
    fine = fine && sim_run_processes(&plan, model, processes, speed, &seconds, NULL);
    ts_ranges_free(&ranges);
    free(speed);
    return fine ? seconds : NAN;
}

/* Efficiencies are against one process of full speed, in proportion to the speeds. */
static bool print_processes(ts_sweep *sweep, const schedule_options *options) {
    const double alone = seconds_of(sweep, &options->model, 1, 1);
    bool fine = !isnan(alone);
    printf("processes   seconds   efficiency   seconds with every second at %.2f   efficiency\n", options->slow);
    for (size_t i = 0; fine && i < options->processes.count; i++) {
        const size_t processes = (size_t)options->processes.value[i];
        const double even = seconds_of(sweep, &options->model, processes, 1);
        const double uneven = seconds_of(sweep, &options->model, processes, options->slow);
        const size_t slow_ones = processes / 2;
        const double speed = (double)processes - (double)slow_ones * (1 - options->slow);
        printf("%9zu   %7.1f   %8.1f %%   %33.1f   %8.1f %%\n", processes, even, 100 * alone / even / (double)processes,
               uneven, 100 * alone / uneven / speed);
        fflush(stdout);
        fine = !isnan(even) && !isnan(uneven);
    }
    return fine;
}

static void print_failures(const schedule_options *options) {
    printf("machines   hours between failures of one   time as one job   time as a job each\n");
    for (size_t i = 0; i < options->processes.count; i++)
        for (size_t k = 0; k < options->between.count; k++) {
            const failure_model model = {3600 * options->work, 3600 * options->between.value[k], options->checkpoint,
                                         options->restart, (size_t)options->processes.value[i]};
            printf("%8zu   %29g   %15.3f   %18.3f\n", model.machines, options->between.value[k],
                   failure_slowdown_together(&model), failure_slowdown_apart(&model));
        }
}

int main(int argc, char **argv) {
    schedule_options options = {.model = sim_model_default(),
                                .devices = 1,
                                .replicates = 1000,
                                .slow = 0.5,
                                .work = 24,
                                .checkpoint = 30,
                                .restart = 120};
    options.kibibytes = options.model.shared_memory >> 10;
    bench_parse(&command, argc, argv, &options);
    options.model.shared_memory = options.kibibytes << 10;
    double epsilon[PHASE_EPSILON];
    ts_settings settings = phase_settings(epsilon);
    settings.replicates = options.replicates;
    settings.theory = false; /* limits run on processors */
    ts_sweep *sweep = NULL;
    ts_error error = {0};
    sim_report report[TS_MAX_DEVICES];
    if (ts_sweep_create(&sweep, &settings, &error) != TS_OK || ts_sweep_prepare(sweep, &error) != TS_OK) {
        fprintf(stderr, "timescape_schedule: %s\n", error.message);
        ts_sweep_destroy(sweep);
        return TS_FAILED;
    }
    const ts_plan plan = ts_sweep_plan(sweep);
    bool fine = true;
    if (options.between.count > 0)
        print_failures(&options);
    else if (options.processes.count > 0)
        fine = print_processes(sweep, &options);
    else if ((fine = sim_run(&plan, &options.model, options.devices, report, NULL)))
        print(report, options.devices);
    if (!fine)
        fprintf(stderr, "timescape_schedule: not enough memory\n");
    ts_sweep_destroy(sweep);
    return fine ? TS_OK : TS_FAILED;
}
