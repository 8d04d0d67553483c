/* Running a sweep: from its grid to a plan for one backend, and back to its results. */
#include "model/step.h"
#include "sweep/sweep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static ts_status check_options(const ts_run_options *options, ts_error *error) {
    const int group = options->lane_group;
    if (options->threads < 0 || options->threads > 4096) {
        snprintf(error->message, sizeof error->message, "threads: found %d, allowed are 0 (all) to 4096",
                 options->threads);
        return TS_INVALID;
    }
    if (group < 0 || group > TS_MAX_LANES || (group & (group - 1)) != 0) {
        snprintf(error->message, sizeof error->message,
                 "lane group: found %d, allowed are 1, 2, 4, 8, 16, 32, 64 and 128", group);
        return TS_INVALID;
    }
    if (options->device_count > TS_MAX_DEVICES) {
        snprintf(error->message, sizeof error->message, "devices: found %zu, allowed are at most %d",
                 options->device_count, TS_MAX_DEVICES);
        return TS_INVALID;
    }
    return TS_OK;
}

static ts_progress progress_of(const ts_sweep *sweep) {
    const ts_estimate estimate = ts_sweep_estimate(sweep);
    return (ts_progress){
        .trainings_total = estimate.trainings,
        .training_steps_total = estimate.training_steps,
        .neuron_steps_total = estimate.neuron_steps,
    };
}

static ts_run_report report_of(const ts_monitor *monitor, const char *backend, const char *instructions,
                               const char *device, int threads) {
    ts_run_report report = {
        .backend = backend,
        .instructions = instructions,
        .threads = threads,
        .busy_seconds = monitor->busy_seconds,
        .trainings = monitor->trainings_done,
        .seconds = ts_monitor_seconds(monitor),
        .training_steps = monitor->training_steps,
        .neuron_steps = monitor->neuron_steps,
    };
    snprintf(report.device, sizeof report.device, "%s", device);
    return report;
}

static ts_status run(ts_sweep *sweep, const ts_run_options *options, ts_run_report *report, ts_error *error) {
    ts_status status = check_options(options, error);
    if (status != TS_OK)
        return status;
    const char *backend = ts_backend_choose(options->backend, error->message, sizeof error->message);
    if (!backend)
        return strcmp(options->backend, "cuda") == 0 ? TS_FAILED : TS_INVALID; /* a machine without, or no such name */
    error->message[0] = '\0'; /* why auto did not take CUDA is no error */
    if (sweep->has_run) {
        snprintf(error->message, sizeof error->message, "this sweep has run already");
        return TS_INVALID;
    }
    const char *instructions = strcmp(backend, "cpu") == 0 ? ts_cpu_check(options, error) : "";
    if (!instructions)
        return TS_INVALID;
    ts_devices devices = {0};
    const bool cuda = strcmp(backend, "cuda") == 0;
    if (cuda)
        status = ts_cuda_devices(options, &devices, error);
    if (status != TS_OK)
        return status;
    const ts_progress total = progress_of(sweep);
    const int threads = cuda ? (int)devices.count : ts_thread_count(options, total.trainings_total);
    free(sweep->busy_seconds); /* of a run that could not begin */
    sweep->busy_seconds = calloc((size_t)threads, sizeof *sweep->busy_seconds);
    if (!sweep->busy_seconds) {
        snprintf(error->message, sizeof error->message, "not enough memory for %d threads", threads);
        return TS_FAILED;
    }
    /* The backend cuda keeps whole trainings or nothing. */
    const bool whole_trainings = sweep->settings.keep_trainings || (sweep->settings.theory && cuda);
    status = ts_results_create(&sweep->results, sweep, whole_trainings, error);
    if (status != TS_OK)
        return status;
    sweep->has_run = true;

    const ts_plan plan = {&sweep->settings, sweep->cells, sweep->cell_count, (uint32_t)sweep->settings.replicates};
    ts_monitor monitor;
    ts_monitor_begin(&monitor, options, total, sweep->busy_seconds);
    if (sweep->settings.theory)
        status = ts_limits_run(&sweep->limits, &plan, options, &monitor, error);
    if (status == TS_OK) {
        ts_monitor_begin(&monitor, options, total, sweep->busy_seconds); /* the time of the limits is not counted */
        status = ts_backend_named(backend)(&plan, options, &monitor, &sweep->results, error);
    }
    ts_monitor_end(&monitor);
    if (sweep->settings.theory)
        ts_limits_compare(&sweep->limits, &plan, &sweep->results);
    if (!sweep->settings.keep_trainings)
        ts_results_free_trainings(&sweep->results, sweep->cell_count);
    *report = report_of(&monitor, backend, instructions, devices.name, threads);
    if (status == TS_INTERRUPTED)
        snprintf(error->message, sizeof error->message, "stopped after %llu of %llu trainings",
                 (unsigned long long)report->trainings, (unsigned long long)monitor.total.trainings_total);
    return status;
}

ts_status ts_sweep_run(ts_sweep *sweep, const ts_run_options *options, ts_run_report *report, ts_error *error) {
    const ts_run_options no_options = {0};
    ts_run_report unread;
    ts_error unseen;
    ts_error *why = error ? error : &unseen;
    *why = (ts_error){0};
    return run(sweep, options ? options : &no_options, report ? report : &unread, why);
}
