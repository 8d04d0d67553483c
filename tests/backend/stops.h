/* Trainings with stops: each stretch is a plan that goes on where the one before ended, on any backend. No CMocka, for
 * programs that have none. */
#ifndef TS_TESTS_BACKEND_STOPS_H
#define TS_TESTS_BACKEND_STOPS_H

#include "random.h"
#include "sweep/execution.h"
#include "sweep/sweep.h"

#include <stdlib.h>
#include <string.h>

#define MOST_STOPS 9 /* in one training */

static inline ts_state state_create(size_t rows, size_t neurons) {
    return (ts_state){.step = calloc(rows, sizeof(uint64_t)),
                      .position = calloc(rows * neurons, sizeof(ts_number)),
                      .weight = calloc(rows * neurons, sizeof(ts_number)),
                      .bias = calloc(rows, sizeof(ts_number)),
                      .drift = calloc(rows, sizeof(int64_t)),
                      .diverged = calloc(rows, sizeof(bool))};
}

static inline void state_free(ts_state *state) {
    free(state->step);
    free(state->position);
    free(state->weight);
    free(state->bias);
    free(state->drift);
    free(state->diverged);
}

/* Run the trainings of all cells of the sweep up to `steps`, from `resume` [cell_count] (NULL: their start). What they
 * leave is in the sweep's results and, unless that is NULL, in `state`. The statistics are those of this stretch. */
static inline ts_status advance_sweep(ts_sweep *sweep, uint64_t steps, const ts_run_options *options,
                                      const uint32_t *replicate, const ts_state *resume, ts_state *state,
                                      ts_error *error) {
    ts_execution execution;
    const uint64_t trainings = sweep->settings.replicates;
    ts_status status = ts_execution_create(&execution, &sweep->settings, options, trainings, error);
    if (status != TS_OK)
        return status;
    ts_cell *cells = malloc(sweep->cell_count * sizeof *cells);
    for (size_t i = 0; i < sweep->cell_count; i++) {
        cells[i] = sweep->cells[i];
        cells[i].steps = steps;
    }
    const ts_plan plan = {.settings = &sweep->settings,
                          .cells = cells,
                          .cell_count = sweep->cell_count,
                          .replicates = (uint32_t)trainings,
                          .replicate = replicate,
                          .resume = resume};
    memset(sweep->results.statistics, 0, sweep->cell_count * sizeof *sweep->results.statistics);
    ts_results results = sweep->results;
    results.state = state;
    ts_execution_begin(&execution, (ts_progress){.trainings_total = trainings});
    status = ts_execution_run(&execution, &plan, &results, error);
    ts_execution_end(&execution);
    free(execution.busy_seconds);
    free(cells);
    return status;
}

/* Run a sweep that has not run with stops at random steps, each stretch in one of `ways` [count]. All its cells have as
 * many steps, and it keeps its trainings. */
static inline ts_status run_with_stops(ts_sweep *sweep, const ts_run_options *ways, size_t count, test_random *random,
                                       ts_error *error) {
    const uint64_t steps = sweep->cells[0].steps;
    ts_state *state = malloc(sweep->cell_count * sizeof *state);
    for (size_t i = 0; i < sweep->cell_count; i++)
        state[i] = state_create(sweep->settings.replicates, sweep->cells[i].neurons);
    uint64_t done = random_word(random) % 3 ? random_word(random) % steps : 0;
    ts_status status = ts_results_create(&sweep->results, sweep, true, error);
    if (status == TS_OK)
        status = advance_sweep(sweep, done, &ways[random_word(random) % count], NULL, NULL, state, error);
    for (int stop = 0; stop < MOST_STOPS && done < steps && status == TS_OK; stop++) {
        done += random_word(random) % 4 ? random_word(random) % (steps - done) : 0;
        status = advance_sweep(sweep, done, &ways[random_word(random) % count], NULL, state, state, error);
        for (uint64_t r = 0; status == TS_OK && r < sweep->settings.replicates; r++) {
            const bool fine = state[0].diverged[r] ? state[0].step[r] < done : state[0].step[r] == done;
            status = fine ? TS_OK : TS_FAILED;
        }
    }
    if (status == TS_OK)
        status = advance_sweep(sweep, steps, &ways[random_word(random) % count], NULL, state, state, error);
    for (size_t i = 0; i < sweep->cell_count; i++)
        state_free(&state[i]);
    free(state);
    return status;
}

#endif
