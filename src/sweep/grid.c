/* The grid of a sweep: cells in row-major order, epsilon by neurons. */
#include "base/fail.h"
#include "sweep/sweep.h"

#include <stdlib.h>
#include <string.h>

static ts_status out_of_memory(ts_error *error, size_t cells) {
    return ts_fail(error, TS_FAILED, "sweep", "not enough memory for %zu cells", cells);
}

static bool allocate_grid(ts_sweep *sweep, const ts_settings *settings) {
    sweep->settings = *settings;
    sweep->cell_count = settings->epsilon_count * settings->neurons_count;
    sweep->epsilon = malloc(settings->epsilon_count * sizeof *sweep->epsilon);
    sweep->neurons = malloc(settings->neurons_count * sizeof *sweep->neurons);
    sweep->cells = malloc(sweep->cell_count * sizeof *sweep->cells);
    return sweep->epsilon && sweep->neurons && sweep->cells;
}

ts_status ts_sweep_create(ts_sweep **result, const ts_settings *settings, ts_error *error) {
    *result = NULL;
    const ts_status status = ts_settings_validate(settings, error);
    if (status != TS_OK)
        return status;
    ts_sweep *sweep = calloc(1, sizeof *sweep);
    if (!sweep || !allocate_grid(sweep, settings)) {
        ts_sweep_destroy(sweep);
        return out_of_memory(error, settings->epsilon_count * settings->neurons_count);
    }
    memcpy(sweep->epsilon, settings->epsilon, settings->epsilon_count * sizeof *sweep->epsilon);
    memcpy(sweep->neurons, settings->neurons, settings->neurons_count * sizeof *sweep->neurons);
    sweep->settings.epsilon = sweep->epsilon;
    sweep->settings.neurons = sweep->neurons;
    for (size_t i = 0; i < sweep->cell_count; i++)
        sweep->cells[i] = ts_cell_of(&sweep->settings, sweep->epsilon[i / settings->neurons_count],
                                     sweep->neurons[i % settings->neurons_count]);
    if (!ts_observations_create(&sweep->observations, settings, sweep->cells, sweep->cell_count)) {
        const size_t cells = sweep->cell_count;
        ts_sweep_destroy(sweep);
        return out_of_memory(error, cells);
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
    ts_observations_free(&sweep->observations);
    free(sweep->busy_seconds);
    free(sweep->cells);
    free(sweep->neurons);
    free(sweep->epsilon);
    free(sweep);
}

ts_plan ts_sweep_plan(const ts_sweep *sweep) {
    return (ts_plan){.settings = &sweep->settings,
                     .cells = sweep->cells,
                     .cell_count = sweep->cell_count,
                     .replicates = (uint32_t)sweep->settings.replicates,
                     .observe = sweep->observations.step,
                     .observations = sweep->observations.count};
}

const ts_settings *ts_sweep_settings(const ts_sweep *sweep) {
    return &sweep->settings;
}

double ts_kept_bytes(const ts_sweep *sweep) {
    double bytes = 0;
    for (size_t i = 0; i < sweep->cell_count; i++)
        bytes += (double)sweep->settings.replicates * (16.0 * sweep->cells[i].neurons + 29.0);
    return bytes;
}

ts_estimate ts_sweep_estimate(const ts_sweep *sweep) {
    const double replicates = (double)sweep->settings.replicates;
    ts_estimate estimate = {.trainings = sweep->cell_count * sweep->settings.replicates};
    for (size_t i = 0; i < sweep->cell_count; i++) {
        estimate.training_steps += replicates * (double)sweep->cells[i].steps;
        estimate.neuron_steps += replicates * (double)sweep->cells[i].steps * sweep->cells[i].neurons;
    }
    const double observed = (double)sweep->observations.count * (sizeof(ts_statistics) + 2 * sizeof(uint64_t));
    estimate.memory_bytes = (double)sweep->cell_count * (sizeof(ts_cell) + sizeof(ts_statistics) + observed);
    if (sweep->settings.keep_trainings)
        estimate.memory_bytes += ts_kept_bytes(sweep) + 8 * replicates; /* and the losses of one cell, to be sorted */
    if (sweep->settings.theory)
        estimate.memory_bytes += 2 * (double)estimate.trainings; /* outcomes of training and limit */
    return estimate;
}
