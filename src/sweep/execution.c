#include "sweep/execution.h"

#include "backend/processors.h"
#include "base/fail.h"

#include "model/step.h"

#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

#define LEAST_STACK (256 * 1024) /* bytes of a thread */

static ts_status check_options(const ts_run_options *options, ts_error *error) {
    const int group = options->lane_group;
    if (options->threads < 0 || options->threads > 4096)
        return ts_fail(error, TS_INVALID, "", "threads: found %d, allowed are 0 (all) to 4096", options->threads);
    if (group < 0 || group > TS_MAX_LANES || (group & (group - 1)) != 0)
        return ts_fail(error, TS_INVALID, "", "lane group: found %d, allowed are 1, 2, 4, 8, 16, 32, 64 and 128",
                       group);
    if (options->parts > TS_MAX_PARTS || options->part > options->parts ||
        (options->part == 0) != (options->parts == 0))
        return ts_fail(error, TS_INVALID, "", "part: found %u of %u, allowed are 1 of 1 to %d of %d", options->part,
                       options->parts, TS_MAX_PARTS, TS_MAX_PARTS);
    if (options->device_count > TS_MAX_DEVICES)
        return ts_fail(error, TS_INVALID, "", "devices: found %zu, allowed are at most %d", options->device_count,
                       TS_MAX_DEVICES);
    return TS_OK;
}

static ts_status choose_backend(ts_execution *execution, const ts_settings *settings, ts_error *error) {
    const char *name;
    ts_error reason = {0}; /* why auto did not take something better is no error */
    const ts_status status =
        ts_backend_for(settings, execution->options->backend, &name, reason.message, sizeof reason.message);
    if (status != TS_OK)
        return ts_fail(error, status, "", "%s", reason.message);
    execution->backend = ts_backend_named(name);
    return TS_OK;
}

ts_status ts_execution_create(ts_execution *execution, const ts_settings *settings, const ts_run_options *options,
                              uint64_t trainings, ts_error *error) {
    *execution = (ts_execution){.options = options, .dynamic = omp_get_dynamic()};
    ts_status status = check_options(options, error);
    if (status == TS_OK)
        status = choose_backend(execution, settings, error);
    if (status == TS_OK)
        status = execution->backend->prepare(options, trainings, &execution->placement, error);
    if (status != TS_OK)
        return status;
    const int threads = execution->placement.threads;
    const size_t stack = ts_stack_of_threads(threads);
    if (stack < LEAST_STACK)
        return ts_fail(error, TS_FAILED, "", "threads have a stack of %zu KiB, needed are %d: see OMP_STACKSIZE",
                       stack / 1024, LEAST_STACK / 1024);
    execution->busy_seconds = calloc((size_t)threads, sizeof *execution->busy_seconds);
    if (!execution->busy_seconds)
        return ts_fail(error, TS_FAILED, "", "not enough memory for %d threads", threads);
    return TS_OK;
}

void ts_execution_begin(ts_execution *execution, ts_progress total) {
    omp_set_dynamic(0);
    ts_monitor_begin(&execution->monitor, execution->options, total, execution->busy_seconds);
}

ts_status ts_execution_run(ts_execution *execution, const ts_plan *plan, ts_results *results, ts_error *error) {
    return ts_backend_run_plan(execution->backend, plan, &execution->placement, &execution->monitor, results, error);
}

ts_run_report ts_execution_end(ts_execution *execution) {
    ts_monitor *monitor = &execution->monitor;
    omp_set_dynamic(execution->dynamic);
    ts_monitor_end(monitor);
    ts_run_report report = {
        .backend = execution->backend->name,
        .instructions = execution->placement.instructions,
        .threads = execution->placement.threads,
        .busy_seconds = execution->busy_seconds,
        .trainings = monitor->trainings_done,
        .seconds = ts_monitor_seconds(monitor),
        .training_steps = monitor->training_steps,
        .neuron_steps = monitor->neuron_steps,
    };
    snprintf(report.device, sizeof report.device, "%s", execution->placement.device_name);
    return report;
}
