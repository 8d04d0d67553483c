/* timescape_timeline CONFIG [THREADS [INSTRUCTIONS [ALGORITHM]]]: runs the sweep of CONFIG on the backend cpu and
 * prints when which thread worked on what, a line for each batch: thread,begin,end,epsilon,neurons,trainings (seconds).
 *
 * The methods of the backend are wrapped in ones that look at the clock, so the program itself needs no hook. */
#include "backend/cpu/instructions.h"
#include "base/clock.h"
#include "io/config/config.h"
#include "sweep/sweep.h"

#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- wrapped methods; they have no argument for what they wrap, so it stands here */

static const ts_method *wrapped_dense, *wrapped_sorted;
static ts_method timed_dense, timed_sorted;
static ts_host_arithmetic timed_numbers;
static double began;

/* What each thread works on. */
typedef struct thread_batch {
    double began;
    uint32_t count, left; /* trainings, and those that are not measured yet */
} thread_batch;
static thread_batch *of_thread; /* [threads] */

static void note_begin(ts_batch batch) {
    of_thread[omp_get_thread_num()] = (thread_batch){ts_seconds_now() - began, batch.count, batch.count};
}

static void note_end(const ts_cell *cell) {
    const int thread = omp_get_thread_num();
    const double end = ts_seconds_now() - began;
#pragma omp critical(print)
    printf("%d,%.6f,%.6f,%.9g,%u,%u\n", thread, of_thread[thread].began, end, cell->parameter[TS_PARAMETER_EPSILON],
           cell->neurons, of_thread[thread].count);
}

static void start_dense(const ts_run_options *options, ts_batch batch, void *state) {
    note_begin(batch);
    wrapped_dense->start(options, batch, state);
}

static void start_sorted(const ts_run_options *options, ts_batch batch, void *state) {
    note_begin(batch);
    wrapped_sorted->start(options, batch, state);
}

static bool timed_measure(const ts_plan *plan, ts_batch batch, const ts_standing *standing, void *scratch,
                          ts_measurement *measurement) {
    const bool measured = ts_host_fixed_point.measure(plan, batch, standing, scratch, measurement);
    if (--of_thread[omp_get_thread_num()].left == 0)
        note_end(batch.cell);
    return measured;
}

static const ts_method *choose(const ts_run_options *options, const ts_cell *cell) {
    return ts_cpu_choose(options, cell) == wrapped_dense ? &timed_dense : &timed_sorted;
}

/* What the backend cpu would choose, wrapped. */
static bool wrap(const ts_run_options *options, ts_error *error) {
    ts_placement placement;
    if (ts_backend_cpu.prepare(options, 1, &placement, error) != TS_OK)
        return false;
    const ts_instructions *set = ts_instructions_named(placement.instructions);
    wrapped_dense = set->dense;
    wrapped_sorted = set->sorted ? set->sorted : set->dense;
    timed_numbers = ts_host_fixed_point;
    timed_numbers.measure = timed_measure;
    timed_dense = *wrapped_dense;
    timed_dense.start = start_dense;
    timed_sorted = *wrapped_sorted;
    timed_sorted.start = start_sorted;
    timed_dense.arithmetic = timed_sorted.arithmetic = &timed_numbers;
    return true;
}

/* ---- the run */

static ts_status run(ts_sweep *sweep, const ts_run_options *options, ts_error *error) {
    const ts_plan plan = ts_sweep_plan(sweep);
    const int threads = ts_thread_count(options, ts_sweep_estimate(sweep).trainings);
    sweep->busy_seconds = calloc((size_t)threads, sizeof *sweep->busy_seconds);
    of_thread = calloc((size_t)threads, sizeof *of_thread);
    ts_status status = sweep->busy_seconds && of_thread ? TS_OK : TS_FAILED;
    if (status == TS_OK)
        status = ts_results_create(&sweep->results, sweep, false, error);
    if (status == TS_OK) {
        ts_monitor monitor;
        printf("thread,begin,end,epsilon,neurons,trainings\n");
        ts_monitor_begin(&monitor, options, (ts_progress){0}, sweep->busy_seconds);
        began = ts_seconds_now();
        status = ts_host_run(choose, &plan, options, &monitor, &sweep->results, error);
        ts_monitor_end(&monitor);
    }
    free(of_thread);
    return status;
}

int main(int argc, char **argv) {
    char *end = NULL;
    const long threads = argc > 2 ? strtol(argv[2], &end, 10) : 0;
    if (argc < 2 || argc > 5 || (end && *end) || threads < 0 || threads > 4096) {
        fputs("Usage: timescape_timeline CONFIG [THREADS [INSTRUCTIONS [ALGORITHM]]]\n", stderr);
        return TS_INVALID;
    }
    const ts_run_options options = {
        .threads = (int)threads, .instructions = argc > 3 ? argv[3] : NULL, .algorithm = argc > 4 ? argv[4] : NULL};
    ts_error error = {0};
    ts_config config = {0};
    ts_sweep *sweep = NULL;
    ts_status status = wrap(&options, &error) ? ts_config_load(&config, argv[1], NULL, 0, &error) : TS_INVALID;
    if (status == TS_OK) {
        status = ts_sweep_create(&sweep, &config.settings, &error);
        if (status == TS_OK)
            status = run(sweep, &options, &error);
        ts_sweep_destroy(sweep);
        ts_config_free(&config);
    }
    if (status != TS_OK)
        fprintf(stderr, "timescape_timeline: %s\n", error.message);
    return (int)status;
}
