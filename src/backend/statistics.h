/* What a sweep counts: integers, so that threads, devices and shards add up exactly. */
#ifndef TS_BACKEND_STATISTICS_H
#define TS_BACKEND_STATISTICS_H

#include "model/classify.h"

/* Statistics of one cell. All but outcomes and steps leave out diverged trainings. */
typedef struct ts_statistics {
    uint64_t outcome_count[3]; /* by ts_outcome */
    uint64_t training_steps;   /* done by all of them, those that diverged included */
    uint64_t loss_sum_high;    /* sum of loss >> 32, loss in units of 2^-44 */
    uint64_t loss_sum_low;     /* sum of the low words of the loss */
    uint64_t histogram[TS_BIN_COUNT];

    /* Of networks of steps; all 0 for others, which have no jumps. */
    uint64_t position_success_count; /* position loss at most the largest loss of a success */
    uint64_t covered_failure_count;  /* failures that miss no jump */
    uint64_t position_histogram[TS_BIN_COUNT];
    uint64_t missed_count[TS_MOST_MISSED + 1]; /* by the jumps that are missed; the last: so many or more */
} ts_statistics;

/* Count one training of the cell, which has done so many steps. */
void ts_statistics_count(ts_statistics *statistics, const ts_cell *cell, uint64_t steps, ts_outcome outcome,
                         const ts_measurement *measurement);

/* sum += part */
void ts_statistics_add(ts_statistics *sum, const ts_statistics *part);

#endif
