/* Running a trace: one plan of the usual kind for each stretch between two recorded times, each going on where the one
 * before ended. So a trace has the bits of a sweep, on every backend. */
#include "base/fail.h"
#include "sweep/execution.h"
#include "sweep/trace.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* A training ends a stretch as often as there are times; to those who look, it ends with the last one. */
typedef struct whole_progress {
    const ts_run_options *asked;
    size_t stretches;
} whole_progress;

static bool show_whole(void *context, const ts_progress *progress) {
    const whole_progress *whole = context;
    ts_progress shown = *progress;
    const uint64_t before = (whole->stretches - 1) * shown.trainings_total;
    shown.trainings_done = shown.trainings_done > before ? shown.trainings_done - before : 0;
    return whole->asked->on_progress(whole->asked->context, &shown);
}

/* The function of training i, which is at place `at` of what is recorded. */
static void record_function(ts_trace *trace, size_t i, size_t at) {
    ts_trace_data *data = &trace->data;
    const size_t m = data->neurons;
    uint32_t order[TS_MAX_NEURONS];
    double *function = data->function + at * data->points;
    if (data->outcome[i] != TS_OUTCOME_DIVERGED)
        ts_trace_function(trace->sweep->settings.eta, (uint32_t)m, data->position + at * m, data->weight + at * m,
                          data->bias[at], data->x, data->points, order, function);
    else
        for (size_t p = 0; p < data->points; p++)
            function[p] = NAN;
}

/* Put what the last stretch left into time k. Functions of wide networks take their time: TS_INTERRUPTED when the run
 * was stopped meanwhile. */
static ts_status record(ts_trace *trace, size_t k, const ts_execution *execution, ts_monitor *monitor) {
    ts_trace_data *data = &trace->data;
    const size_t m = data->neurons, trainings = data->trainings;
    atomic_bool stopped = false;
#pragma omp parallel for num_threads(ts_thread_count(execution->options, trainings)) schedule(dynamic, 4)
    for (size_t i = 0; i < trainings; i++) {
        const size_t at = i * trace->times + k;
        if (!ts_monitor_complete(monitor))
            stopped = true;
        if (stopped)
            continue;
        ts_sweep_training(trace->sweep, 0, i, data->position + at * m, data->weight + at * m, &data->bias[at],
                          &data->loss[at], &data->outcome[i]);
        if (data->function)
            record_function(trace, i, at);
    }
    if (stopped)
        return TS_INTERRUPTED;
    data->times = k + 1;
    return TS_OK;
}

/* Those that diverged in an earlier stretch are not asked to do this one, of `steps` steps, which is part of the whole.
 */
static void skip_diverged(const ts_trace *trace, ts_monitor *monitor, uint64_t steps) {
    double diverged = 0;
    for (size_t i = 0; i < trace->data.trainings; i++)
        diverged += trace->state.diverged[i];
    ts_monitor_finish(monitor, 0, diverged * (double)steps, (uint32_t)trace->data.neurons);
}

/* The trainings go on to data.step[k]. */
static ts_status run_stretch(ts_trace *trace, ts_execution *execution, size_t k, ts_error *error) {
    ts_sweep *sweep = trace->sweep;
    ts_cell cell = sweep->cells[0];
    cell.steps = trace->data.step[k];
    const ts_plan plan = {.settings = &sweep->settings,
                          .cells = &cell,
                          .cell_count = 1,
                          .replicates = (uint32_t)trace->data.trainings,
                          .replicate = trace->data.replicate,
                          .resume = k > 0 ? &trace->state : NULL};
    ts_results results = sweep->results;
    results.state = &trace->state;
    if (k > 0)
        skip_diverged(trace, &execution->monitor, cell.steps - trace->data.step[k - 1]);
    return ts_execution_run(execution, &plan, &results, error);
}

/* Bring the rows of the trainings together when not all times were reached: the arrays have the shapes that are
 * promised. */
static void close_up(double *values, size_t trainings, size_t room, size_t times, size_t width) {
    for (size_t i = 1; values && i < trainings; i++)
        memmove(values + i * times * width, values + i * room * width, times * width * sizeof *values);
}

static void close_up_all(ts_trace *trace) {
    const ts_trace_data *data = &trace->data;
    const size_t trainings = data->trainings, room = trace->times, times = data->times;
    close_up(data->loss, trainings, room, times, 1);
    close_up(data->bias, trainings, room, times, 1);
    close_up(data->position, trainings, room, times, data->neurons);
    close_up(data->weight, trainings, room, times, data->neurons);
    close_up(data->function, trainings, room, times, data->points);
    close_up(data->limit_loss, trainings, room, times, 1);
    close_up(data->limit_position, trainings, room, times, data->neurons);
    close_up(data->limit_function, trainings, room, times, data->points);
}

static ts_status run_stretches(ts_trace *trace, ts_execution *execution, ts_run_report *report, ts_error *error) {
    const ts_estimate estimate = ts_sweep_estimate(trace->sweep);
    ts_status status = TS_OK;
    ts_execution_begin(execution, (ts_progress){.trainings_total = estimate.trainings,
                                                .training_steps_total = estimate.training_steps,
                                                .neuron_steps_total = estimate.neuron_steps});
    for (size_t k = 0; k < trace->times && status == TS_OK; k++) {
        status = run_stretch(trace, execution, k, error);
        if (status == TS_OK)
            status = record(trace, k, execution, &execution->monitor);
        if (status == TS_OK && k == 0) /* now, so that what could go wrong here goes wrong before the long work */
            status = ts_trace_add_limits(trace, execution->options, &execution->monitor, error);
        if (status != TS_OK && k == 0)
            trace->data.times = 0; /* a time has its limits or is none */
    }
    *report = ts_execution_end(execution);
    report->trainings = status == TS_OK ? estimate.trainings : 0;
    if (status == TS_INTERRUPTED)
        ts_fail(error, status, "", "stopped after %zu of %zu times", trace->data.times, trace->times);
    return status;
}

static ts_status run(ts_trace *trace, const ts_run_options *options, ts_run_report *report, ts_error *error) {
    ts_sweep *sweep = trace->sweep;
    if (trace->has_run)
        return ts_fail(error, TS_INVALID, "", "this trace has run already");
    whole_progress whole = {options, trace->times};
    ts_run_options watched = *options;
    if (options->on_progress) {
        watched.on_progress = show_whole;
        watched.context = &whole;
    }
    ts_execution execution;
    ts_status status = ts_execution_create(&execution, &sweep->settings, &watched, trace->data.trainings, error);
    free(sweep->busy_seconds); /* of a run that could not begin */
    sweep->busy_seconds = execution.busy_seconds;
    if (status == TS_OK)
        status = ts_results_create(&sweep->results, sweep, true, error);
    if (status != TS_OK)
        return status;
    trace->has_run = true;
    status = run_stretches(trace, &execution, report, error);
    if (trace->data.times < trace->times)
        close_up_all(trace);
    return status;
}

ts_status ts_trace_run(ts_trace *trace, const ts_run_options *options, ts_run_report *report, ts_error *error) {
    const ts_run_options no_options = {0};
    ts_run_report unread;
    ts_error unseen;
    ts_error *why = error ? error : &unseen;
    *why = (ts_error){0};
    return run(trace, options ? options : &no_options, report ? report : &unread, why);
}
