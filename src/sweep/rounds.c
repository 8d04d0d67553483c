#include "sweep/rounds.h"

#include "base/fail.h"

#include <math.h>
#include <stdlib.h>

/* ---- how precise a rate is */

/* Of the interval of a success rate: the controlled one where there is one. */
static double half_width(double low, double high, double controlled_low, double controlled_high) {
    return (isnan(controlled_low) ? high - low : controlled_high - controlled_low) / 2;
}

/* How many times too wide the interval of a cell is; at most 1: it is fine. */
static double excess(const ts_sweep *sweep, size_t cell) {
    const ts_criterion by = sweep->settings.criterion;
    const ts_cell_summary of = ts_sweep_summary(sweep, cell);
    const double loss =
        half_width(of.success_low, of.success_high, of.success_rate_controlled_low, of.success_rate_controlled_high);
    const double positions =
        half_width(of.position_success_low, of.position_success_high, of.position_success_rate_controlled_low,
                   of.position_success_rate_controlled_high);
    const double widest = fmax(by != TS_CRITERION_POSITIONS ? loss : 0, by != TS_CRITERION_LOSS ? positions : 0);
    return widest / sweep->settings.half_width;
}

/* ---- rounds */

#define MARGIN 1.05      /* most cells are done with what they are thought to need and a little more, */
#define LEAST_GROWTH 8   /* and those that are not get at least this part of what they have: no endless small rounds */
#define LARGEST_GROWTH 2 /* times what a cell has: more its interval cannot foretell */
#define FULL 32          /* trainings come in these: a warp of a GPU, lanes of a vector */

/* What a cell with `count` trainings is to have, when its interval is so many times too wide. */
static uint32_t wanted(uint32_t count, double excess, uint64_t most) {
    const double needed = ceil(MARGIN * count * excess * excess), least = count + ceil((double)count / LEAST_GROWTH);
    const double in_full = ceil(fmax(needed, least) / FULL) * FULL;
    return (uint32_t)fmin(fmin(in_full, LARGEST_GROWTH * (double)count), (double)most);
}

/* As `wanted`, after all rounds, as far as that can be told. */
static uint32_t expected(uint32_t count, double excess, uint64_t most) {
    return (uint32_t)fmin(fmax(MARGIN * count * excess * excess, count), (double)most);
}

/* The rows of the next round, behind those of the one before, and what is going to be done in all as far as that can be
 * told. Returns whether there are any. */
static bool next_round(const ts_sweep *sweep, ts_rows *rows, ts_progress *total) {
    const uint64_t most = sweep->settings.replicates;
    bool any = false;
    *total = (ts_progress){0};
    for (size_t i = 0; i < sweep->cell_count; i++) {
        const uint32_t count = rows[i].first + rows[i].count;
        const double wide = count > 0 && count < most ? excess(sweep, i) : 0;
        const uint32_t next = count == 0 ? (uint32_t)ts_least_replicates(&sweep->settings)
                              : wide > 1 ? wanted(count, wide, most)
                                         : count;
        const uint32_t in_all = wide > 1 ? expected(count, wide, most) : next;
        const double trainings = in_all > next ? in_all : next, steps = trainings * (double)sweep->cells[i].steps;
        rows[i] = (ts_rows){count, next - count};
        any |= next > count;
        total->trainings_total += (uint64_t)trainings;
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
        if (sweep->settings.theory)
            ts_limits_compare(&sweep->limits, plan, sweep->results.mark);
    }
    free(rows);
    return status;
}
