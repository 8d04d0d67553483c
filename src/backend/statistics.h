/* What a sweep counts: integers, so that threads, devices and shards add up exactly. */
#ifndef TS_BACKEND_STATISTICS_H
#define TS_BACKEND_STATISTICS_H

#include "model/classify.h"

/* Statistics of one cell. Loss sums leave out diverged trainings. */
typedef struct ts_statistics {
    uint64_t outcome_count[3]; /* by ts_outcome */
    uint64_t loss_sum_high;    /* sum of loss >> 32, loss in units of 2^-44 */
    uint64_t loss_sum_low;     /* sum of the low words of the loss */
    uint64_t histogram[TS_BIN_COUNT];
} ts_statistics;

/* Count one training. */
void ts_statistics_count(ts_statistics *statistics, ts_outcome outcome, int64_t loss);

/* sum += part */
void ts_statistics_add(ts_statistics *sum, const ts_statistics *part);

#endif
