/* Memory for the results of a run. */
#include "base/fail.h"
#include "sweep/sweep.h"

#include "backend/machine.h"

#include <stdlib.h>
#include <string.h>

/* Of so many trainings of a cell. */
double ts_kept_bytes(const ts_cell *cell, uint64_t replicates) {
    return (double)replicates * (16.0 * cell->neurons + 29.0);
}

static double state_bytes(const ts_cell *cell, uint64_t replicates) {
    return (double)replicates * (16.0 * cell->neurons + 25.0);
}

double ts_all_kept_bytes(const ts_sweep *sweep, uint64_t replicates) {
    double bytes = 0;
    for (size_t i = 0; i < sweep->cell_count; i++) {
        bytes += sweep->settings.keep_trainings ? ts_kept_bytes(&sweep->cells[i], replicates) : 0;
        bytes += sweep->settings.keep_states ? state_bytes(&sweep->cells[i], replicates) : 0;
    }
    return bytes;
}

double ts_results_bytes(const ts_sweep *sweep) {
    const ts_settings *settings = &sweep->settings;
    const double observed = (double)sweep->observations.count * (sizeof(ts_statistics) + 2 * sizeof(uint64_t));
    const double limits = settings->theory ? (double)TS_LIMITS_BYTES : 0, marks = (double)settings->replicates;
    return (double)sweep->cell_count * (sizeof(ts_cell) + sizeof(ts_statistics) + observed + limits + marks) +
           ts_limits_starts_bytes(settings);
}

/* From room for `before` values of `size` bytes to room for `count`; what was there stays, what comes new is 0. */
static bool grow(void *array, size_t before, size_t count, size_t size) {
    char *old;
    memcpy(&old, array, sizeof old);
    char *grown = realloc(old, count * size);
    if (grown) {
        memset(grown + before * size, 0, (count - before) * size);
        memcpy(array, &grown, sizeof grown);
    }
    return grown;
}

/* Room for `replicates` trainings, no less than there was. */
static bool grow_kept(ts_kept *kept, size_t replicates, size_t neurons) {
    const size_t before = kept->room;
    if (replicates <= before)
        return true;
    const bool enough = grow(&kept->position, before * neurons, replicates * neurons, sizeof *kept->position) &&
                        grow(&kept->weight, before * neurons, replicates * neurons, sizeof *kept->weight) &&
                        grow(&kept->bias, before, replicates, sizeof *kept->bias) &&
                        grow(&kept->loss, before, replicates, sizeof *kept->loss) &&
                        grow(&kept->position_loss, before, replicates, sizeof *kept->position_loss) &&
                        grow(&kept->missed, before, replicates, sizeof *kept->missed) &&
                        grow(&kept->outcome, before, replicates, sizeof *kept->outcome);
    if (enough) {
        memset(kept->outcome + before, TS_OUTCOME_NONE, replicates - before);
        kept->room = replicates;
    }
    return enough;
}

bool ts_state_grow(ts_state *state, size_t rows, size_t neurons) {
    const size_t before = state->room;
    if (rows <= before)
        return true;
    const bool enough = grow(&state->position, before * neurons, rows * neurons, sizeof *state->position) &&
                        grow(&state->weight, before * neurons, rows * neurons, sizeof *state->weight) &&
                        grow(&state->step, before, rows, sizeof *state->step) &&
                        grow(&state->bias, before, rows, sizeof *state->bias) &&
                        grow(&state->drift, before, rows, sizeof *state->drift) &&
                        grow(&state->diverged, before, rows, sizeof *state->diverged);
    if (enough)
        state->room = rows;
    return enough;
}

void ts_state_free(ts_state *state) {
    free(state->step);
    free(state->position);
    free(state->weight);
    free(state->bias);
    free(state->drift);
    free(state->diverged);
}

/* Room for the final states of the first trainings of a cell. */
static bool grow_cell(ts_results *results, const ts_sweep *sweep, size_t cell, size_t replicates) {
    const size_t neurons = sweep->cells[cell].neurons;
    return (!results->kept || grow_kept(&results->kept[cell], replicates, neurons)) &&
           (!results->state || ts_state_grow(&results->state[cell], replicates, neurons));
}

/* The kernel promises memory that it does not have, so compare with what there is before asking for it. */
bool ts_fits_in_memory(double bytes) {
    return bytes + TS_RESERVED_BYTES < ts_machine_memory("");
}

ts_status ts_results_create(ts_results *results, const ts_sweep *sweep, bool whole_trainings, ts_error *error) {
    const ts_settings *settings = &sweep->settings;
    const size_t trainings = sweep->cell_count * settings->replicates;
    const size_t observed = sweep->cell_count * sweep->observations.count;
    const uint64_t least = ts_least_replicates(settings);
    const double kept = whole_trainings || settings->keep_states ? ts_all_kept_bytes(sweep, least) : 0;
    const double bytes = ts_results_bytes(sweep) + kept;
    *results = (ts_results){0};
    bool enough = ts_fits_in_memory(bytes);
    if (enough)
        results->statistics = calloc(sweep->cell_count, sizeof *results->statistics);
    enough = enough && results->statistics;
    if (enough && observed > 0) {
        results->observed = calloc(observed, sizeof *results->observed);
        results->first_success = calloc(observed, sizeof *results->first_success);
        enough = results->observed && results->first_success;
    }
    if (enough)
        results->mark = calloc(trainings, sizeof *results->mark);
    if (enough)
        results->reach = calloc(sweep->cell_count, sizeof *results->reach);
    enough = enough && results->mark && results->reach;
    if (enough && whole_trainings) {
        results->kept = calloc(sweep->cell_count, sizeof *results->kept);
        enough = results->kept;
    }
    if (enough && settings->keep_states) {
        results->state = calloc(sweep->cell_count, sizeof *results->state);
        enough = results->state;
    }
    for (size_t i = 0; enough && i < sweep->cell_count; i++)
        enough = grow_cell(results, sweep, i, least);
    if (enough)
        return TS_OK;
    ts_results_free(results, sweep->cell_count);
    return ts_fail(error, TS_FAILED, "", "the results need %.1f GiB of memory, %.1f GiB are there%s", bytes / 0x1p30,
                   ts_machine_memory("") / 0x1p30,
                   settings->keep_states      ? "; output.keep_states: false needs much less"
                   : settings->keep_trainings ? "; output.keep_trainings: false needs much less"
                   : observed > 0             ? "; without observe there would be fewer statistics"
                                              : "");
}

/* Bytes that are missing for the first trainings of a cell. */
static double missing_bytes(const ts_results *results, const ts_cell *cell, size_t index, size_t count) {
    double bytes = 0;
    if (results->kept && count > results->kept[index].room)
        bytes += ts_kept_bytes(cell, count - results->kept[index].room);
    if (results->state && count > results->state[index].room)
        bytes += state_bytes(cell, count - results->state[index].room);
    return bytes;
}

ts_status ts_results_grow(ts_results *results, const ts_sweep *sweep, const uint32_t *count, ts_error *error) {
    double bytes = 0;
    for (size_t i = 0; i < sweep->cell_count; i++)
        bytes += missing_bytes(results, &sweep->cells[i], i, count[i]);
    bool enough = bytes == 0 || ts_fits_in_memory(bytes);
#pragma omp critical(ts_statistics) /* somebody may be reading what is there */
    for (size_t i = 0; enough && i < sweep->cell_count; i++)
        enough = grow_cell(results, sweep, i, count[i]);
    if (enough)
        return TS_OK;
    return ts_fail(error, TS_FAILED, "",
                   "more trainings need %.1f GiB of memory, %.1f GiB are there; output.%s: false needs much less",
                   bytes / 0x1p30, ts_machine_memory("") / 0x1p30, results->state ? "keep_states" : "keep_trainings");
}

static void free_trainings(ts_results *results, size_t cell_count) {
    for (size_t i = 0; results->kept && i < cell_count; i++) {
        free(results->kept[i].position);
        free(results->kept[i].weight);
        free(results->kept[i].bias);
        free(results->kept[i].loss);
        free(results->kept[i].position_loss);
        free(results->kept[i].missed);
        free(results->kept[i].outcome);
    }
    for (size_t i = 0; results->state && i < cell_count; i++)
        ts_state_free(&results->state[i]);
    free(results->kept);
    free(results->state);
}

void ts_results_free(ts_results *results, size_t cell_count) {
    free_trainings(results, cell_count);
    free(results->mark);
    free(results->reach);
    free(results->statistics);
    free(results->observed);
    free(results->first_success);
    *results = (ts_results){0};
}
