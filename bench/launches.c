/* timescape_launches: every advance kernel of the backend cuda launched once on a full device, for a profiler to look
 * at.
 *
 * Two launches of each, of a wave whose trainings fill the device: the first one warms up, the second one lies between
 * cudaProfilerStart and cudaProfilerStop, so that `ncu --profile-from-start off` sees nothing else. Of the first kernel
 * all that a wave launches is profiled: start, advance, measure and reduce. */
#include "backend/cuda/cuda.h"
#include "backend/cuda/probe.h"
#include "backend/cuda/slots.h"
#include "base/fail.h"
#include "paper.h"
#include "parse.h"
#include "sweep/sweep.h"

#include <cuda_profiler_api.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct launch_options {
    int device;
    uint64_t steps;
    uint64_t slots; /* 0: those that fill the device */
    const char *only;
} launch_options;

/* A network for each kernel that is typical of those it is for; eta = 0: rectified linear units. */
typedef struct launch_case {
    const char *name;
    ts_form form;
    uint32_t lanes, batch, neurons;
    double eta;
} launch_case;

static const launch_case cases[] = {
    {"ranked-8", TS_FORM_RANKED, 1, 8, 20, 4e-3},      {"ranked-4", TS_FORM_RANKED, 1, 4, 64, 4e-3},
    {"dealt-4", TS_FORM_DEALT, 4, 8, 256, 4e-3},       {"dealt-8", TS_FORM_DEALT, 8, 8, 512, 4e-3},
    {"dealt-16", TS_FORM_DEALT, 16, 8, 1024, 4e-3},    {"dealt-32", TS_FORM_DEALT, 32, 8, 4096, 4e-3},
    {"blocked-4", TS_FORM_BLOCKED, 4, 0, 64, 4e-2},    {"blocked-8", TS_FORM_BLOCKED, 8, 0, 256, 4e-2},
    {"blocked-16", TS_FORM_BLOCKED, 16, 0, 512, 4e-2}, {"blocked-32", TS_FORM_BLOCKED, 32, 0, 1024, 4e-2},
    {"plain-4", TS_FORM_PLAIN, 4, 0, 20, 0},           {"plain-8", TS_FORM_PLAIN, 8, 0, 64, 0},
    {"plain-16", TS_FORM_PLAIN, 16, 0, 256, 0},        {"plain-32", TS_FORM_PLAIN, 32, 0, 1024, 0},
};
#define CASES (sizeof cases / sizeof *cases)

/* ---- command line */

static const bench_option entries[] = {
#define AT(member) offsetof(launch_options, member)
    {"device", "N", "GPU (0)", BENCH_INT, AT(device), 0, 1023},
    {"steps", "N", "Of a launch (2000)", BENCH_UINT64, AT(steps), 1, 1e9},
    {"slots", "N", "Warps of a launch (0: those that fill the device)", BENCH_UINT64, AT(slots), 0, 1e6},
    {"only", "KERNEL", "That one alone: ranked-8, dealt-4, ...", BENCH_TEXT, AT(only), 0, 0},
#undef AT
};

static const bench_command command = {"Launch every advance kernel once on a full device, for a profiler to look at.",
                                      entries, sizeof entries / sizeof *entries, NULL};

/* ---- one kernel */

/* Trainings of twice the steps of a launch, in so many slots. */
static ts_settings settings_of(const launch_case *c, const launch_options *options, uint64_t slots,
                               const double *epsilon, const double *neurons) {
    ts_settings settings = paper_settings();
    settings.eta = c->eta;
    settings.activation = c->eta == 0 ? TS_ACTIVATION_RELU : TS_ACTIVATION_STEP;
    settings.h = 1e-5;
    settings.steps = 2 * options->steps;
    settings.axis[TS_PARAMETER_EPSILON] = (ts_sweep_axis){epsilon, 1};
    settings.axis[TS_PARAMETER_NEURONS] = (ts_sweep_axis){neurons, 1};
    settings.replicates = slots * 32 / c->lanes;
    return settings;
}

/* Submit what the wave is to do next, and wait for it. */
static bool advance(ts_wave *wave, ts_gpu *gpu, bool ending) {
    bool done = false;
    if (!ts_wave_submit(wave, ending))
        return false;
    while (!done) {
        if (!ts_wave_poll(wave, &done))
            return false;
        if (!done)
            ts_device_wait(gpu);
    }
    ts_wave_collect(wave);
    return true;
}

/* Both launches; with `whole` what comes before and after them is profiled, too. */
static bool launch(ts_wave *wave, ts_gpu *gpu, bool whole, double *seconds) {
    ts_job job;
    while (ts_wave_slots(wave)->free_count > 0 && ts_jobs_take(gpu->jobs, 0, 0, 1e300, &job))
        ts_slots_add(ts_wave_slots(wave), &job);
    if (whole)
        cudaProfilerStart(); /* does nothing where nobody profiles */
    bool fine = advance(wave, gpu, false);
    const double began = ts_device_seconds(gpu);
    if (!whole)
        cudaProfilerStart();
    fine = fine && advance(wave, gpu, false);
    if (!whole)
        cudaProfilerStop();
    *seconds = ts_device_seconds(gpu) - began;
    fine = fine && advance(wave, gpu, true);
    if (whole)
        cudaProfilerStop();
    cudaGetLastError();
    return fine;
}

static bool run_wave(ts_gpu *gpu, uint64_t slots, bool whole, double *seconds) {
    bool fine = ts_gpu_begin(gpu);
    ts_wave *wave = fine ? ts_wave_create(gpu, 0, slots) : NULL;
    fine = wave && launch(wave, gpu, whole, seconds);
    ts_wave_destroy(wave);
    ts_gpu_end(gpu);
    return fine;
}

static ts_status run_sweep(const launch_case *c, const launch_options *options, const ts_cuda_device *device,
                           ts_sweep *sweep, uint64_t slots, ts_error *error) {
    const ts_plan plan = ts_sweep_plan(sweep);
    const ts_run_options run = {.chunk_steps = options->steps, .lane_group = (int)c->lanes};
    ts_monitor monitor;
    ts_jobs jobs = {0};
    ts_gpu gpu = {.index = device->index,
                  .multiprocessors = device->multiprocessors,
                  .plan = &plan,
                  .options = &run,
                  .monitor = &monitor,
                  .results = &sweep->results,
                  .jobs = &jobs,
                  .error = error};
    snprintf(gpu.name, sizeof gpu.name, "%s", device->name);
    ts_monitor_begin(&monitor, &run, (ts_progress){0}, NULL);
    double seconds = 0;
    bool fine = ts_jobs_create(&jobs, &plan, 1, run.lane_group, device->shared_memory);
    if (fine)
        ts_gpu_share(&gpu, 1);
    fine = fine && run_wave(&gpu, slots, c->form == cases[0].form && c->batch == cases[0].batch, &seconds);
    ts_jobs_free(&jobs);
    if (!fine)
        return TS_FAILED;
    const double steps = (double)options->steps * (double)sweep->settings.replicates;
    printf("%-10s  %6u  %6g  %6llu  %9llu  %9.4f  %9.3g\n", c->name, c->neurons, c->eta, (unsigned long long)slots,
           (unsigned long long)sweep->settings.replicates, seconds, steps / seconds);
    fflush(stdout);
    return TS_OK;
}

/* The network of the case on this device, smaller where its shared memory is; false: none is run by this kernel. */
static bool fit(launch_case *c, const launch_options *options, const ts_cuda_device *device, ts_shape *shape,
                ts_error *error) {
    const double epsilon = 0.1;
    const uint32_t most = c->neurons;
    for (; c->neurons > most / 4; c->neurons -= 1 + most / 16) {
        const double neurons = c->neurons;
        const ts_settings settings = settings_of(c, options, 1, &epsilon, &neurons);
        ts_sweep *sweep = NULL;
        if (ts_sweep_create(&sweep, &settings, error) != TS_OK)
            return false;
        *shape = ts_shape_choose(&sweep->cells[0], (int)c->lanes, device->shared_memory);
        ts_sweep_destroy(sweep);
        if (shape->form == c->form && shape->lanes == c->lanes && shape->batch == c->batch)
            return true;
    }
    return false;
}

static ts_status run_case(launch_case *c, const launch_options *options, const ts_cuda_device *device,
                          ts_error *error) {
    const double epsilon = 0.1;
    ts_sweep *sweep = NULL;
    ts_shape shape;
    int blocks = 0;
    if (!fit(c, options, device, &shape, error))
        return ts_fail(error, TS_INVALID, "", "runs no network of its kind on this GPU");
    if (ts_advance_occupancy(shape, &blocks) != cudaSuccess || blocks < 1)
        return ts_fail(error, TS_FAILED, "", "CUDA does not say how many warps run at a time");
    const uint64_t filling = (uint64_t)blocks * (uint64_t)device->multiprocessors;
    const uint64_t slots = options->slots > 0 ? options->slots : filling;
    const double neurons = c->neurons;
    const ts_settings settings = settings_of(c, options, slots, &epsilon, &neurons);
    ts_status status = ts_sweep_create(&sweep, &settings, error);
    if (status == TS_OK)
        status = ts_results_create(&sweep->results, sweep, false, error);
    if (status == TS_OK)
        status = run_sweep(c, options, device, sweep, slots, error);
    ts_sweep_destroy(sweep);
    return status;
}

int main(int argc, char **argv) {
    launch_options options = {.steps = 2000};
    bench_parse(&command, argc, argv, &options);
    char reason[256];
    const ts_cuda_system system = ts_cuda_look();
    const ts_cuda_device device = ts_cuda_look_at(options.device);
    if (!ts_cuda_system_works(&system, reason, sizeof reason) ||
        !ts_cuda_device_works(&device, reason, sizeof reason) || cudaSetDevice(options.device) != cudaSuccess) {
        fprintf(stderr, "timescape_launches: %s\n", reason);
        return TS_FAILED;
    }
    size_t failed = 0, ran = 0;
    printf("kernel           m     eta   warps  trainings    seconds    steps/s\n");
    for (size_t i = 0; i < CASES; i++) {
        launch_case c = cases[i];
        ts_error error = {0};
        if (options.only && strcmp(options.only, c.name) != 0)
            continue;
        const ts_status status = run_case(&c, &options, &device, &error);
        ran += status == TS_OK;
        failed += status == TS_FAILED;
        if (status != TS_OK)
            printf("%-10s  %s\n", c.name, error.message);
    }
    printf("launches: %zu kernels, %zu failed\n", ran, failed);
    return failed > 0 || ran == 0 ? TS_FAILED : TS_OK;
}
