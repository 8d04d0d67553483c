/* Running a sweep: from what is missing of its grid to plans for one backend, and back to its results. */
#include "base/fail.h"
#include "sweep/portion.h"
#include "sweep/rounds.h"
#include "sweep/sweep.h"

#include <stdlib.h>

/* ---- what there is */

ts_status ts_sweep_prepare(ts_sweep *sweep, ts_error *error) {
    const ts_plan plan = ts_sweep_plan(sweep);
    if (sweep->results.statistics)
        return TS_OK;
    ts_status status = ts_results_create(&sweep->results, sweep, sweep->settings.keep_trainings, error);
    if (status == TS_OK && sweep->settings.theory)
        status = ts_limits_create(&sweep->limits, &plan, error);
    if (status != TS_OK)
        ts_results_free(&sweep->results, sweep->cell_count);
    return status;
}

static uint64_t finished(const ts_sweep *sweep, size_t cell) {
    const uint64_t *count = sweep->results.statistics[cell].outcome_count;
    return count[0] + count[1] + count[2];
}

bool ts_sweep_has_begun(const ts_sweep *sweep) {
    bool begun = sweep->underway.count > 0;
    for (size_t i = 0; sweep->results.statistics && !begun && i < sweep->cell_count; i++)
        begun = finished(sweep, i) > 0;
    return begun;
}

void ts_sweep_settle(ts_sweep *sweep) {
    const ts_plan plan = ts_sweep_plan(sweep);
    ts_underway_append(&sweep->underway, &sweep->reached);
    ts_underway_settle(&sweep->underway, sweep->results.mark, sweep->settings.replicates);
    if (sweep->limits.starts > 0)
        ts_limits_compare(&sweep->limits, &plan, &sweep->results);
}

/* ---- a run */

/* Trainings begun with other numbers than those of the backend cannot go on there, nor stand beside its own. */
static ts_status check_arithmetic(const ts_sweep *sweep, const ts_backend *backend, ts_error *error) {
    if (!ts_sweep_has_begun(sweep) || sweep->arithmetic == backend->arithmetic)
        return TS_OK;
    return ts_fail(error, TS_INVALID, "",
                   "the trainings that are there were computed in %s, the backend %s computes in %s: their results do "
                   "not add up",
                   ts_arithmetic_words[sweep->arithmetic], backend->name, ts_arithmetic_words[backend->arithmetic]);
}

/* The work that there is to do, and what is done of it: by the trainings that have finished, and by those on their way.
 */
static ts_progress progress_of(const ts_sweep *sweep, const ts_portion *portions) {
    const uint64_t most = sweep->settings.replicates;
    ts_progress progress = {0};
    for (size_t i = 0; i < sweep->cell_count; i++) {
        const ts_cell *cell = &sweep->cells[i];
        const uint8_t *mark = sweep->results.mark + i * most;
        const uint32_t rows = ts_portion_rows(&portions[i], (uint32_t)most);
        const uint64_t there = ts_portion_finished(&portions[i], mark, sweep->results.reach[i]);
        const double steps = (double)cell->steps;
        progress.trainings_total += rows;
        progress.training_steps_total += rows * steps;
        progress.neuron_steps_total += rows * steps * cell->neurons;
        progress.trainings_before += there;
        progress.training_steps_before += (double)there * steps;
        progress.neuron_steps_before += (double)there * steps * cell->neurons;
    }
    for (size_t i = 0; i < sweep->underway.count; i++) {
        const ts_waypoint *point = sweep->underway.at[i];
        progress.training_steps_before += (double)point->training.step;
        progress.neuron_steps_before += (double)point->training.step * point->neurons;
    }
    return progress;
}

bool ts_sweep_progress(const ts_sweep *sweep, uint32_t part, uint32_t parts, ts_progress *progress) {
    ts_portion *portions = ts_portions_create(sweep, part, parts);
    const bool enough = portions;
    if (enough)
        *progress = progress_of(sweep, portions);
    free(portions);
    return enough;
}

/* The limits of all starts, and which trainings have one that is a success. */
static ts_status run_limits(ts_sweep *sweep, ts_execution *execution, ts_error *error) {
    const ts_plan plan = ts_sweep_plan(sweep);
    if (!sweep->settings.theory || (sweep->limits.starts > 0 && !sweep->team)) /* others may not know them all */
        return TS_OK;
    const ts_status status =
        ts_limits_run(&sweep->limits, &plan, sweep->team, execution->options, &execution->monitor, error);
    if (status != TS_OK)
        return status;
    return ts_team_agree(sweep->team, ts_limits_add_up(&sweep->limits, &plan, sweep->results.mark, error), error);
}

/* What all members of the team did. */
static void add_reports(const ts_team *team, ts_run_report *report) {
    uint64_t sums[] = {report->trainings, (uint64_t)report->training_steps, (uint64_t)report->neuron_steps};
    if (!team)
        return;
    team->add(team->context, sums, sizeof sums / sizeof *sums);
    report->trainings = sums[0];
    report->training_steps = (double)sums[1];
    report->neuron_steps = (double)sums[2];
}

static ts_status run_all(ts_sweep *sweep, ts_execution *execution, const ts_portion *portions, ts_run_report *report,
                         ts_error *error) {
    ts_sweep_share(sweep);
    const ts_progress progress = progress_of(sweep, portions);
    sweep->arithmetic = execution->backend->arithmetic;
    ts_execution_begin(execution, progress);
    ts_status status = run_limits(sweep, execution, error);
    if (status == TS_OK) {
        ts_execution_begin(execution, progress); /* the time of the limits is not counted */
        status = ts_rounds_run(sweep, execution, portions, error);
    }
    ts_sweep_settle(sweep);
    *report = ts_execution_end(execution);
    add_reports(sweep->team, report);
    if (status == TS_INTERRUPTED)
        ts_fail(error, status, "", "stopped after %llu of %s%llu trainings",
                (unsigned long long)progress.trainings_before + report->trainings,
                sweep->settings.half_width > 0 ? "at most " : "", (unsigned long long)progress.trainings_total);
    return status;
}

static ts_status run(ts_sweep *sweep, const ts_run_options *options, ts_run_report *report, ts_error *error) {
    const ts_estimate estimate = ts_sweep_estimate(sweep);
    ts_execution execution;
    ts_status status = ts_execution_create(&execution, &sweep->settings, options, estimate.trainings, error);
    free(sweep->busy_seconds); /* of the run before */
    sweep->busy_seconds = execution.busy_seconds;
    if (status == TS_OK)
        status = check_arithmetic(sweep, execution.backend, error);
    if (status == TS_OK)
        status = ts_sweep_prepare(sweep, error);
    ts_portion *portions = status == TS_OK ? ts_portions_create(sweep, options->part, options->parts) : NULL;
    if (status == TS_OK && !portions)
        status = ts_fail(error, TS_FAILED, "", "not enough memory for the parts of %zu cells", sweep->cell_count);
    status = ts_team_agree(sweep->team, status, error); /* all members begin, or none */
    if (status == TS_OK)
        status = run_all(sweep, &execution, portions, report, error);
    free(portions);
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
