#include "sweep/rounds.h"

#include "base/fail.h"

#include <math.h>
#include <stdlib.h>

/* ---- how precise a rate is */

/* Of the interval of a success rate by what it is judged by. */
static double half_width(const ts_sweep *sweep, size_t cell, ts_criterion criterion) {
    const ts_cell_summary summary = ts_sweep_summary(sweep, cell);
    if (criterion == TS_CRITERION_LOSS)
        return (summary.success_high - summary.success_low) / 2;
    return (summary.position_success_high - summary.position_success_low) / 2;
}

/* How many times too wide the interval of a cell is; at most 1: it is fine. */
static double excess(const ts_sweep *sweep, size_t cell) {
    const ts_criterion by = sweep->settings.criterion;
    const double loss = by != TS_CRITERION_POSITIONS ? half_width(sweep, cell, TS_CRITERION_LOSS) : 0;
    const double positions = by != TS_CRITERION_LOSS ? half_width(sweep, cell, TS_CRITERION_POSITIONS) : 0;
    return fmax(loss, positions) / sweep->settings.half_width;
}

/* ---- rounds */

/* Twice as many as there are, or all. */
static uint32_t doubled(uint32_t count, uint32_t most) {
    return count <= most / 2 ? 2 * count : most;
}

/* What a cell with `count` trainings is going to have when its interval goes on to narrow as it should. */
static uint32_t expected(uint32_t count, uint32_t most, double excess) {
    uint32_t ended = count;
    while (ended < most && (double)ended < (double)count * excess * excess)
        ended = doubled(ended, most);
    return ended;
}

/* The rows of the next round, behind those of the one before, and what is going to be done in all as far as that can be
 * told. Returns whether there are any. */
static bool next_round(const ts_sweep *sweep, ts_rows *rows, ts_progress *total) {
    const uint32_t most = (uint32_t)sweep->settings.replicates;
    bool any = false;
    *total = (ts_progress){0};
    for (size_t i = 0; i < sweep->cell_count; i++) {
        const uint32_t count = rows[i].first + rows[i].count;
        const double wide = count > 0 && count < most ? excess(sweep, i) : 0;
        const uint32_t wanted = count == 0 ? (uint32_t)ts_least_replicates(&sweep->settings)
                                : wide > 1 ? doubled(count, most)
                                           : count;
        const uint32_t in_all = count == 0 ? wanted : expected(count, most, wide);
        const double steps = (double)in_all * (double)sweep->cells[i].steps;
        rows[i] = (ts_rows){count, wanted - count};
        any |= wanted > count;
        total->trainings_total += in_all;
        total->training_steps_total += steps;
        total->neuron_steps_total += steps * sweep->cells[i].neurons;
    }
    return any;
}

ts_status ts_rounds_run(ts_sweep *sweep, ts_execution *execution, const ts_plan *plan, ts_error *error) {
    ts_progress total;
    ts_rows *rows = calloc(plan->cell_count, sizeof *rows);
    ts_plan round = *plan;
    round.rows = rows;
    ts_status status = TS_OK;
    if (!rows)
        return ts_fail(error, TS_FAILED, "", "not enough memory for the rounds of %zu cells", plan->cell_count);
    while (status == TS_OK && next_round(sweep, rows, &total)) {
        status = ts_results_grow(&sweep->results, sweep, rows, error);
        ts_monitor_expect(&execution->monitor, total);
        if (status == TS_OK)
            status = ts_execution_run(execution, &round, &sweep->results, error);
    }
    free(rows);
    return status;
}
