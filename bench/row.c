/* One row of the benchmark: the sweep that it stands for, and one measurement of it. Uses the public interface alone,
 * so that every backend is measured alike. */
#include "paper.h"
#include "throughput.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#define BYTES_OF_A_MULTIPROCESSOR 2e5 /* of shared memory, about, for the neurons of its trainings */
#define BYTES_OF_A_NEURON 24

/* ---- its sweep */

/* The experiments of the paper, with exact derivative and uniform start. */
static ts_settings settings_of(const bench_options *options, const bench_row *row, uint64_t steps) {
    ts_settings settings = paper_settings();
    settings.seed = options->seed;
    settings.noise = options->noise;
    settings.h = options->h;
    settings.eta = row->eta;
    settings.steps = steps;
    settings.replicates = row->replicates;
    settings.keep_trainings = options->states != NULL;
    return settings;
}

/* The row with trainings of so many steps. The caller ends with ts_sweep_destroy. */
static ts_status create_sweep(const bench_options *options, const bench_row *row, uint64_t steps, ts_sweep **sweep,
                              ts_error *error) {
    ts_settings settings = settings_of(options, row, steps);
    double *epsilon = malloc(row->cells * sizeof *epsilon);
    if (!epsilon) {
        snprintf(error->message, sizeof error->message, "not enough memory for %zu cells", row->cells);
        return TS_FAILED;
    }
    for (size_t i = 0; i < row->cells; i++)
        epsilon[i] = row->epsilon * (1 + 1e-9 * (double)i); /* cells must differ */
    const double neurons = row->neurons;
    settings.axis[TS_PARAMETER_EPSILON] = (ts_sweep_axis){epsilon, row->cells};
    settings.axis[TS_PARAMETER_NEURONS] = (ts_sweep_axis){&neurons, 1};
    const ts_status status = ts_sweep_create(sweep, &settings, error);
    free(epsilon);
    return status;
}

static ts_run_options run_options_of(const bench_options *options, const bench_row *row) {
    const bool on_gpu = bench_on_gpu(row);
    return (ts_run_options){
        .backend = row->backend,
        .threads = on_gpu ? 0 : row->threads,
        .lane_group = row->lane_group,
        .instructions = row->instructions,
        .algorithm = row->algorithm,
        .devices = on_gpu ? &options->device : NULL,
        .device_count = on_gpu ? 1 : 0,
    };
}

/* ---- a measurement */

/* What was seen of the GPU's clock while a run went on. */
typedef struct clock_watch {
    const bench_nvml *nvml;
    double sum; /* of `samples` clocks, in Hz */
    int samples;
} clock_watch;

static bool look_at_clock(void *context, const ts_progress *progress) {
    clock_watch *watch = context;
    const double clock = bench_nvml_clock(watch->nvml);
    const bool is_over = progress->trainings_done == progress->trainings_total;
    if (isfinite(clock) && (!is_over || watch->samples == 0)) {
        watch->sum += clock;
        watch->samples++;
    }
    return true;
}

/* Run the row once with trainings of so many steps. `watch` may be NULL. */
static ts_status run(const bench_options *options, const bench_row *row, uint64_t steps, clock_watch *watch,
                     ts_run_report *report, double *busy, ts_error *error) {
    ts_sweep *sweep = NULL;
    ts_run_options run_options = run_options_of(options, row);
    if (watch) {
        run_options.on_progress = look_at_clock;
        run_options.context = watch;
    }
    ts_status status = create_sweep(options, row, steps, &sweep, error);
    if (status == TS_OK)
        status = ts_sweep_run(sweep, &run_options, report, error);
    *busy = 0;
    for (int i = 0; status == TS_OK && i < report->threads; i++)
        *busy += report->busy_seconds[i] / (report->seconds * report->threads);
    ts_sweep_destroy(sweep);
    return status;
}

/* What the GPU could do at most at the clock that it had, or at the greatest one where that is unknown. */
static bench_rate rate_of_gpu(const bench_device *device, const clock_watch *watch) {
    const double clock = watch->samples > 0 ? watch->sum / watch->samples : device->clock;
    return (bench_rate){clock, clock * device->multiprocessors * BENCH_LANES_OF_A_CYCLE};
}

/* Seconds of the steps alone: starts and losses, which a run of single steps has as well, are taken off. */
static ts_status time_steps(const bench_options *options, bench_row *row, uint64_t steps,
                            const bench_instruments *instruments, int repeat, ts_error *error) {
    const bool on_gpu = bench_on_gpu(row);
    const bench_nvml *nvml = &instruments->device.nvml;
    clock_watch watch = {nvml, 0, 0};
    ts_run_report one, all;
    double unused;
    const bench_counts began = bench_counters_read(&instruments->counters);
    ts_status status = run(options, row, 1, NULL, &one, &unused, error);
    const bench_counts between = bench_counters_read(&instruments->counters);
    const double joules = bench_nvml_joules(nvml);
    if (status == TS_OK)
        status = run(options, row, steps, on_gpu ? &watch : NULL, &all, &row->busy[repeat], error);
    row->joules[repeat] = bench_nvml_joules(nvml) - joules;
    const bench_counts ended = bench_counters_read(&instruments->counters);
    if (status != TS_OK)
        return status;
    row->backend = all.backend;
    row->instructions = all.instructions;
    row->training_steps = all.training_steps - one.training_steps;
    row->neuron_steps = all.neuron_steps;
    row->seconds[repeat] = all.seconds;
    row->step_seconds[repeat] = all.seconds - one.seconds;
    row->counted[repeat] = (bench_counts){
        ended.instructions - between.instructions - (between.instructions - began.instructions),
        ended.cycles - between.cycles - (between.cycles - began.cycles),
    };
    if (on_gpu) {
        row->counted[repeat] = (bench_counts){NAN, NAN}; /* of the host, which only waits */
        row->rate[repeat] = rate_of_gpu(&instruments->device, &watch);
    }
    return TS_OK;
}

ts_status bench_measure(const bench_options *options, bench_row *row, const bench_instruments *instruments, int repeat,
                        ts_error *error) {
    if (!bench_on_gpu(row))
        row->rate[repeat] = bench_measure_rate(row->threads);
    return time_steps(options, row, row->steps, instruments, repeat, error);
}

/* ---- what was left open */

/* Trainings that fill the shared memory of the GPU's multiprocessors about twice, in whole warps. */
static uint64_t filling(const bench_device *device, uint32_t neurons) {
    const double of_one = fmax(32, 2 * BYTES_OF_A_MULTIPROCESSOR / BYTES_OF_A_NEURON / neurons);
    return (uint64_t)device->multiprocessors * ((uint64_t)fmin(of_one, 2.0 * device->threads) / 32 * 32);
}

ts_status bench_prepare(const bench_options *options, bench_row *row, const bench_instruments *instruments,
                        ts_error *error) {
    const bool on_gpu = bench_on_gpu(row);
    const double wanted = options->wanted_seconds > 0 ? options->wanted_seconds : on_gpu ? 2 : 0.5;
    if (row->threads == 0)
        row->threads = on_gpu ? 1 : omp_get_num_procs();
    if (row->replicates == 0)
        row->replicates = on_gpu ? filling(&instruments->device, row->neurons) : 64 * (uint64_t)row->threads;
    row->steps = options->steps;
    if (options->slow_time > 0)
        row->steps = (uint64_t)fmax(1, floor(options->slow_time / (options->h * row->epsilon) + 0.5));
    if (row->steps > 0) {
        ts_run_report report;
        return run(options, row, 1, NULL, &report, &row->busy[0], error);
    }
    for (uint64_t steps = 64;; steps *= 4) {
        const ts_status status = time_steps(options, row, steps, instruments, 0, error);
        if (status != TS_OK)
            return status;
        row->steps = (uint64_t)fmax(2, (double)steps * wanted / row->step_seconds[0]);
        if (row->step_seconds[0] >= wanted / 10)
            return TS_OK;
    }
}

/* ---- its final states */

static void write_state(FILE *stream, uint32_t m, double loss, double bias, const double *position,
                        const double *weight) {
    fprintf(stream, "%.9g %.12g", loss, bias);
    for (uint32_t j = 0; j < m; j++)
        fprintf(stream, " %.12g", position[j]);
    for (uint32_t j = 0; j < m; j++)
        fprintf(stream, " %.12g", weight[j]);
    fputc('\n', stream);
}

ts_status bench_write_states(const bench_options *options, const bench_row *row, FILE *stream, ts_error *error) {
    const uint32_t m = row->neurons;
    ts_sweep *sweep = NULL;
    ts_run_options run_options = run_options_of(options, row);
    double *state = calloc(2 * (size_t)m, sizeof *state), bias, loss; /* positions, then weights */
    ts_status status = state ? create_sweep(options, row, row->steps, &sweep, error) : TS_FAILED;
    if (status == TS_OK)
        status = ts_sweep_run(sweep, &run_options, NULL, error);
    for (uint64_t i = 0; status == TS_OK && i < row->replicates; i++) {
        status = ts_sweep_training(sweep, 0, i, state, state + m, &bias, &loss, NULL);
        if (status == TS_OK)
            write_state(stream, m, loss, bias, state, state + m);
    }
    if (status != TS_OK && !error->message[0])
        snprintf(error->message, sizeof error->message, "not enough memory for the trainings");
    ts_sweep_destroy(sweep);
    free(state);
    return status;
}
