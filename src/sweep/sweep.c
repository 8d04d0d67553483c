/* A sweep before it runs: its settings, and the cells of its grid. */
#include "sweep/sweep.h"

#include "base/fail.h"
#include "model/grid.h"

#include <stdlib.h>
#include <string.h>

static bool copy_axes(ts_sweep *sweep) {
    size_t all = 0;
    for (int p = 0; p < TS_PARAMETER_COUNT; p++)
        all += sweep->settings.axis[p].count;
    sweep->values = malloc(all * sizeof *sweep->values);
    double *values = sweep->values;
    for (int p = 0; values && p < TS_PARAMETER_COUNT; p++) {
        ts_sweep_axis *axis = &sweep->settings.axis[p];
        if (axis->count == 0)
            continue;
        memcpy(values, axis->values, axis->count * sizeof *values);
        axis->values = values;
        values += axis->count;
    }
    return sweep->values;
}

static void set_cells(ts_sweep *sweep) {
    for (size_t i = 0; i < sweep->cell_count; i++) {
        const ts_settings own = ts_grid_settings(&sweep->settings, i);
        sweep->cells[i] = ts_cell_of(&own, ts_grid_value(&own, TS_PARAMETER_EPSILON, 0),
                                     (uint32_t)ts_grid_value(&own, TS_PARAMETER_NEURONS, 0));
    }
}

ts_status ts_sweep_create(ts_sweep **result, const ts_settings *settings, ts_error *error) {
    *result = NULL;
    const ts_status status = ts_settings_validate(settings, error);
    if (status != TS_OK)
        return status;
    const size_t cells = ts_grid_cells(settings);
    ts_sweep *sweep = calloc(1, sizeof *sweep);
    if (sweep) {
        sweep->settings = *settings;
        sweep->cell_count = cells;
        sweep->cells = malloc(cells * sizeof *sweep->cells);
    }
    if (!sweep || !sweep->cells || !copy_axes(sweep)) {
        ts_sweep_destroy(sweep);
        return ts_fail(error, TS_FAILED, "sweep", "not enough memory for %zu cells", cells);
    }
    set_cells(sweep);
    if (!ts_observations_create(&sweep->observations, settings, sweep->cells, cells)) {
        ts_sweep_destroy(sweep);
        return ts_fail(error, TS_FAILED, "observe", "not enough memory for %zu times in %zu cells",
                       settings->observe_count, cells);
    }
    sweep->settings.observe = sweep->observations.time;
    *result = sweep;
    return TS_OK;
}

void ts_sweep_destroy(ts_sweep *sweep) {
    if (!sweep)
        return;
    ts_results_free(&sweep->results, sweep->cell_count);
    ts_limits_free(&sweep->limits);
    ts_underway_free(&sweep->underway);
    ts_underway_free(&sweep->reached);
    ts_observations_free(&sweep->observations);
    free(sweep->busy_seconds);
    free(sweep->cells);
    free(sweep->values);
    free(sweep);
}

ts_plan ts_sweep_plan(const ts_sweep *sweep) {
    return (ts_plan){.settings = &sweep->settings,
                     .cells = sweep->cells,
                     .cell_count = sweep->cell_count,
                     .replicates = (uint32_t)sweep->settings.replicates,
                     .observe = sweep->observations.step,
                     .observations = sweep->observations.count,
                     .stops = sweep->settings.stop == TS_STOP_FIRST_SUCCESS};
}

const ts_settings *ts_sweep_settings(const ts_sweep *sweep) {
    return &sweep->settings;
}

size_t ts_sweep_cell_count(const ts_sweep *sweep) {
    return sweep->cell_count;
}

size_t ts_sweep_cell(const ts_sweep *sweep, const size_t place[TS_PARAMETER_COUNT]) {
    return ts_grid_cell(&sweep->settings, place);
}

ts_settings ts_sweep_cell_settings(const ts_sweep *sweep, size_t cell) {
    return ts_grid_settings(&sweep->settings, cell);
}

/* Steps that a training of a cell does at least: one that stops at a success may do so at the first observation. */
static double least_steps(const ts_sweep *sweep, size_t cell) {
    const ts_observations *observed = &sweep->observations;
    const bool stops = sweep->settings.stop == TS_STOP_FIRST_SUCCESS;
    return (double)(stops ? observed->step[cell * observed->count] : sweep->cells[cell].steps);
}

ts_estimate ts_sweep_estimate(const ts_sweep *sweep) {
    const ts_settings *settings = &sweep->settings;
    const uint64_t least = ts_least_replicates(settings), most = settings->replicates;
    ts_estimate estimate = {.trainings = sweep->cell_count * most, .least_trainings = sweep->cell_count * least};
    for (size_t i = 0; i < sweep->cell_count; i++) {
        const double steps = (double)most * (double)sweep->cells[i].steps;
        const double fewest = (double)least * least_steps(sweep, i);
        estimate.training_steps += steps;
        estimate.neuron_steps += steps * sweep->cells[i].neurons;
        estimate.least_training_steps += fewest;
        estimate.least_neuron_steps += fewest * sweep->cells[i].neurons;
    }
    estimate.memory_bytes = ts_results_bytes(sweep);
    estimate.memory_bytes += ts_all_kept_bytes(sweep, most);
    if (settings->keep_trainings) /* the losses of one cell, to be sorted */
        estimate.memory_bytes += 8 * (double)most;
    return estimate;
}
