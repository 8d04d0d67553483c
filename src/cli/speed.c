#include "cli/speed.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SAMPLES 5          /* neuron counts that are measured, at most; the cost of the others lies between */
#define SAMPLE_SECONDS 0.1 /* of measuring for one of them */
#define FIRST_STEPS 100
#define ATTEMPTS 20

/* A GPU is measured with as many trainings as occupy it, or as the sweep has if these are fewer. */
#define GPU_CELLS 64
#define GPU_REPLICATES 4096

/* Run cells like those of the sweep, with trainings of `steps` steps: enough of them to occupy every thread, and as
 * many replicates in a cell as the sweep has, since vectors run over these. */
static ts_status run_sample(const ts_settings *settings, const ts_run_options *options, uint32_t neurons,
                            uint64_t steps, ts_run_report *report, ts_error *error) {
    const bool cuda = strcmp(options->backend, "cuda") == 0;
    const long processors = options->threads > 0 ? options->threads : sysconf(_SC_NPROCESSORS_ONLN);
    const uint64_t replicates = cuda ? GPU_REPLICATES : 64;
    const uint64_t grid = (uint64_t)settings->epsilon_count * settings->neurons_count;
    const size_t most = grid < GPU_CELLS ? (size_t)grid : GPU_CELLS;
    const size_t cells = cuda ? most : 2 * (size_t)(processors > 0 ? processors : 1);
    double *epsilon = malloc(cells * sizeof *epsilon);
    for (size_t i = 0; epsilon && i < cells; i++)
        epsilon[i] = settings->epsilon[0] * (1 + 1e-9 * (double)i); /* cells must differ */
    ts_settings sample = *settings;
    sample.neurons = &neurons;
    sample.neurons_count = 1;
    sample.epsilon = epsilon;
    sample.epsilon_count = epsilon ? cells : 0;
    sample.steps = steps;
    sample.slow_time = sample.min_fast_time = 0;
    sample.replicates = settings->replicates < replicates ? settings->replicates : replicates;
    sample.keep_trainings = sample.theory = false;
    ts_sweep *sweep = NULL;
    ts_status status = ts_sweep_create(&sweep, &sample, error);
    if (status == TS_OK)
        status = ts_sweep_run(sweep, options, report, error);
    ts_sweep_destroy(sweep);
    free(epsilon);
    return status;
}

/* Seconds for one step of one training with `neurons` neurons when all threads work: the difference between two runs,
 * so that starts and losses do not count. NaN when it cannot be measured. */
static ts_status measure_step(const ts_settings *settings, const ts_run_options *options, uint32_t neurons,
                              ts_run_report *report, double *cost, ts_error *error) {
    ts_run_report shorter = {0};
    uint64_t steps = FIRST_STEPS;
    *cost = NAN;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++, steps *= 4) {
        const ts_status status = run_sample(settings, options, neurons, steps, report, error);
        if (status != TS_OK)
            return status;
        const double seconds = report->seconds - shorter.seconds;
        if (attempt > 0 && seconds >= SAMPLE_SECONDS) {
            *cost = seconds / (report->training_steps - shorter.training_steps);
            return TS_OK;
        }
        shorter = *report;
    }
    return TS_OK;
}

/* Cost at `neurons`, linear between the measured counts [count] on both sides. */
static double cost_between(const uint32_t *measured, const double *cost, size_t count, uint32_t neurons) {
    size_t i = 0;
    while (i + 1 < count && measured[i + 1] < neurons)
        i++;
    if (i + 1 == count)
        return cost[i];
    const double part = (double)(neurons - measured[i]) / (measured[i + 1] - measured[i]);
    return cost[i] + part * (cost[i + 1] - cost[i]);
}

ts_status ts_measure_speed(ts_speed *speed, const ts_settings *settings, const ts_run_options *options,
                           ts_error *error) {
    uint32_t measured[SAMPLES];
    double cost[SAMPLES];
    ts_run_report report = {0};
    const size_t last = settings->neurons_count - 1;
    const size_t samples = last + 1 < SAMPLES ? last + 1 : SAMPLES;
    for (size_t i = 0; i < samples; i++) {
        measured[i] = settings->neurons[samples > 1 ? i * last / (samples - 1) : 0];
        const ts_status status = measure_step(settings, options, measured[i], &report, &cost[i], error);
        if (status != TS_OK)
            return status;
    }
    *speed = (ts_speed){.instructions = report.instructions, .threads = report.threads};
    snprintf(speed->device, sizeof speed->device, "%s", report.device);
    for (size_t i = 0; i < settings->epsilon_count; i++)
        for (size_t j = 0; j < settings->neurons_count; j++)
            speed->seconds += cost_between(measured, cost, samples, settings->neurons[j]) *
                              ts_horizon_steps(settings, settings->epsilon[i]) * (double)settings->replicates;
    return TS_OK;
}
