/* Running a sweep: from its grid to a plan for one backend, and back to its results. */
#include "base/fail.h"
#include "sweep/rounds.h"
#include "sweep/sweep.h"

#include <stdlib.h>

static ts_progress progress_of(const ts_sweep *sweep) {
    const ts_estimate estimate = ts_sweep_estimate(sweep);
    return (ts_progress){
        .trainings_total = estimate.trainings,
        .training_steps_total = estimate.training_steps,
        .neuron_steps_total = estimate.neuron_steps,
    };
}

static ts_status run(ts_sweep *sweep, const ts_run_options *options, ts_run_report *report, ts_error *error) {
    const ts_progress total = progress_of(sweep);
    if (sweep->has_run)
        return ts_fail(error, TS_INVALID, "", "this sweep has run already");
    ts_execution execution;
    ts_status status = ts_execution_create(&execution, &sweep->settings, options, total.trainings_total, error);
    free(sweep->busy_seconds); /* of a run that could not begin */
    sweep->busy_seconds = execution.busy_seconds;
    if (status == TS_OK)
        status = ts_results_create(&sweep->results, sweep, sweep->settings.keep_trainings, error);
    if (status != TS_OK)
        return status;
    sweep->has_run = true;

    const ts_plan plan = ts_sweep_plan(sweep);
    ts_execution_begin(&execution, total);
    if (sweep->settings.theory)
        status = ts_limits_run(&sweep->limits, &plan, sweep->results.mark, options, &execution.monitor, error);
    if (status == TS_OK) {
        ts_execution_begin(&execution, total); /* the time of the limits is not counted */
        status = ts_rounds_run(sweep, &execution, &plan, error);
    }
    *report = ts_execution_end(&execution);
    if (status == TS_INTERRUPTED)
        ts_fail(error, status, "", "stopped after %llu of %s%llu trainings", (unsigned long long)report->trainings,
                sweep->settings.half_width > 0 ? "at most " : "", (unsigned long long)total.trainings_total);
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
