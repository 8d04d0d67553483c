/* timescape_phase: the sweep of configs/phase.yaml on a GPU, its trainings shortened so that all of it takes about a
 * minute: how much of the time the GPU had something to do, how long chunks take, and how soon a run that is
 * interrupted ends. */
#include "base/clock.h"
#include "base/fail.h"
#include "parse.h"
#include "phase_sweep.h"
#include "sweep/execution.h"
#include "sweep/sweep.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>

#define FIRST_PART 1e-4 /* of the steps of the whole, when nothing is known of the GPU */

typedef struct phase_options {
    int device;
    double seconds;
    uint64_t replicates;
    int stops;
    size_t epsilons, sizes; /* of the grid, from its middle, where it is not the whole */
} phase_options;

/* ---- command line */

static const bench_option entries[] = {
#define AT(member) offsetof(phase_options, member)
    {"device", "N", "GPU (0)", BENCH_INT, AT(device), 0, 1023},
    {"seconds", "S", "About how long it takes; 0: not at all (60)", BENCH_NUMBER, AT(seconds), 0, 1e5},
    {"replicates", "N", "Trainings of each cell (1000)", BENCH_UINT64, AT(replicates), 1, 1e6},
    {"stops", "N", "Runs that are interrupted (5)", BENCH_INT, AT(stops), 0, 1000},
    {"epsilons", "N", "Of the 33 of the grid, the greatest ones (33)", BENCH_SIZE, AT(epsilons), 1, PHASE_EPSILON},
    {"sizes", "N", "Of the 32 network sizes, the least ones (32)", BENCH_SIZE, AT(sizes), 1, PHASE_NEURONS},
#undef AT
};

static const bench_command command = {
    "The sweep of configs/phase.yaml on a GPU, shortened: idle time, chunks, and how soon an interrupted run ends.",
    entries, sizeof entries / sizeof *entries, NULL};

/* ---- a run of a part of it */

/* What was seen of a run. */
typedef struct phase_run {
    ts_run_report report;
    double busy;        /* part of the time in which the GPU had something to do */
    double longest_gap; /* seconds between two looks at whether to stop */
    ts_chunk_times chunks;
} phase_run;

typedef struct watch {
    double seen, longest_gap;
    bool stops; /* when the alarm went off */
} watch;

static volatile sig_atomic_t alarmed;
static double alarmed_at; /* written once, before `alarmed` */

static void on_alarm(int number) {
    (void)number;
    alarmed_at = ts_seconds_now();
    alarmed = 1;
}

static bool look(void *context, const ts_progress *progress) {
    watch *w = context;
    const double now = ts_seconds_now(), gap = now - w->seen;
    w->longest_gap = gap > w->longest_gap && progress->seconds > gap ? gap : w->longest_gap;
    w->seen = now;
    return !w->stops || !alarmed;
}

/* The sweep with `part` of its steps. */
static ts_status create_sweep(const phase_options *options, double part, ts_sweep **sweep, ts_error *error) {
    double epsilon[PHASE_EPSILON];
    ts_settings settings = phase_settings(epsilon);
    settings.axis[TS_PARAMETER_EPSILON] =
        (ts_sweep_axis){epsilon + PHASE_EPSILON - options->epsilons, options->epsilons};
    settings.axis[TS_PARAMETER_NEURONS].count = options->sizes;
    settings.replicates = options->replicates;
    settings.slow_time *= part;
    settings.min_fast_time *= part;
    settings.theory = false; /* the limit is computed on the host */
    return ts_sweep_create(sweep, &settings, error);
}

/* As ts_sweep_run, which does not tell of chunks. */
static ts_status run_sweep(ts_sweep *sweep, const ts_run_options *options, phase_run *run, ts_error *error) {
    const ts_estimate estimate = ts_sweep_estimate(sweep);
    const ts_progress total = {.trainings_total = estimate.trainings,
                               .training_steps_total = estimate.training_steps,
                               .neuron_steps_total = estimate.neuron_steps};
    const ts_plan plan = ts_sweep_plan(sweep);
    ts_execution execution;
    ts_status status = ts_execution_create(&execution, &sweep->settings, options, total.trainings_total, error);
    if (status == TS_OK)
        status = ts_results_create(&sweep->results, sweep, false, error);
    if (status == TS_OK) {
        ts_execution_begin(&execution, total);
        status = ts_execution_run(&execution, &plan, &sweep->results, error);
        run->report = ts_execution_end(&execution);
        run->busy = execution.busy_seconds[0] / run->report.seconds;
        run->chunks = execution.monitor.chunks;
    }
    free(execution.busy_seconds);
    return status;
}

static ts_status run_part(const phase_options *options, double part, bool stops, phase_run *run, ts_error *error) {
    watch w = {.seen = ts_seconds_now(), .stops = stops};
    const ts_run_options on_gpu = {
        .backend = "cuda", .devices = &options->device, .device_count = 1, .on_progress = look, .context = &w};
    ts_sweep *sweep = NULL;
    *run = (phase_run){0};
    ts_status status = create_sweep(options, part, &sweep, error);
    if (status == TS_OK)
        status = run_sweep(sweep, &on_gpu, run, error);
    run->longest_gap = w.longest_gap;
    ts_sweep_destroy(sweep);
    return status;
}

/* ---- all of it */

/* The part that takes about so long, from short runs, and what it really took. */
static ts_status run_for(const phase_options *options, double *part, phase_run *run, ts_error *error) {
    *part = FIRST_PART;
    for (;;) {
        const ts_status status = run_part(options, *part, false, run, error);
        const double taken = run->report.seconds;
        if (status != TS_OK || taken > 0.5 * options->seconds || *part >= 1)
            return status;
        const double growth = taken > 0.05 * options->seconds ? options->seconds / taken : 10;
        *part = *part * growth < 1 ? *part * growth : 1;
    }
}

static ts_status show_workload(const phase_options *options, ts_error *error) {
    double part;
    phase_run run;
    const ts_status status = run_for(options, &part, &run, error);
    if (status != TS_OK)
        return status;
    printf("device      %s\n", run.report.device);
    printf("workload    %.4g of the steps of configs/phase.yaml, %llu trainings, %.4g neuron steps\n", part,
           (unsigned long long)run.report.trainings, run.report.neuron_steps);
    printf("time        %.2f s, %.4g neuron steps/s, %.4g training steps/s\n", run.report.seconds,
           run.report.neuron_steps / run.report.seconds, run.report.training_steps / run.report.seconds);
    printf("busy        %.2f %%\n", 100 * run.busy);
    printf("idle        %.2f %%\n", 100 * (1 - run.busy));
    printf("chunks      %llu, %.3f s on average, %.3f s the longest\n", (unsigned long long)run.chunks.count,
           run.chunks.count > 0 ? run.chunks.seconds / (double)run.chunks.count : 0.0, run.chunks.longest);
    printf("looks       at most %.3f s between two looks at whether to stop\n", run.longest_gap);
    fflush(stdout);
    return TS_OK;
}

/* Interrupt the whole sweep after a while, another one each time, and see how soon it ends. */
static ts_status show_stops(const phase_options *options, ts_error *error) {
    double longest = 0, longest_chunk = 0;
    struct sigaction action = {.sa_handler = on_alarm};
    sigaction(SIGALRM, &action, NULL);
    for (int i = 0; i < options->stops; i++) {
        const double after = 0.3 + 0.37 * i;
        const struct itimerval timer = {
            .it_value = {(time_t)after, (suseconds_t)(1e6 * (after - (double)(time_t)after))}};
        phase_run run;
        alarmed = 0;
        setitimer(ITIMER_REAL, &timer, NULL);
        const ts_status status = run_part(options, 1, true, &run, error);
        const double ended = ts_seconds_now();
        if (status == TS_OK)
            return ts_fail(error, TS_FAILED, "", "the run was over before it was interrupted");
        if (status != TS_INTERRUPTED)
            return TS_FAILED;
        error->message[0] = '\0';
        printf("stop        asked for after %.2f s, ended %.3f s later\n", after, ended - alarmed_at);
        fflush(stdout);
        longest = ended - alarmed_at > longest ? ended - alarmed_at : longest;
        longest_chunk = run.chunks.longest > longest_chunk ? run.chunks.longest : longest_chunk;
    }
    if (options->stops > 0)
        printf("stops       %d runs, at most %.3f s from the wish to the end; the longest chunk took %.3f s\n",
               options->stops, longest, longest_chunk);
    return TS_OK;
}

int main(int argc, char **argv) {
    phase_options options = {
        .seconds = 60, .replicates = 1000, .stops = 5, .epsilons = PHASE_EPSILON, .sizes = PHASE_NEURONS};
    bench_parse(&command, argc, argv, &options);
    ts_error error = {0};
    ts_status status = options.seconds > 0 ? show_workload(&options, &error) : TS_OK;
    if (status == TS_OK)
        status = show_stops(&options, &error);
    if (status != TS_OK)
        fprintf(stderr, "timescape_phase: %s\n", error.message);
    return (int)status;
}
