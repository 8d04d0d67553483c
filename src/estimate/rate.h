/* Rates of success with their 95 per cent intervals (docs/statistics.md sections 1 and 2). */
#ifndef TS_ESTIMATE_RATE_H
#define TS_ESTIMATE_RATE_H

#include <stdint.h>

/* Rate of `count` successes in `total` trials (a histogram gives parts of one) with its 95 per cent Wilson interval;
 * NaN where there was no trial. */
void ts_rate_interval(double count, double total, double *rate, double *low, double *high);

/* Rate of success of the trainings of a cell, with the limit epsilon -> 0 from the same starts as control variate.
 * count [2]: count[x][y] trainings whose limit is a success (x = 1) or is not, and which are (y = 1) or are not one
 * themselves. Of `limit_starts` starts of the limit, limit_successes succeed; those of the trainings may be among them.
 * The interval is one of 95 per cent, never wider than that of ts_rate_interval, which it is all as where the limit has
 * no more starts than there are trainings or tells nothing; NaN where there was no training. */
void ts_rate_controlled(const uint64_t (*count)[2], uint64_t limit_successes, uint64_t limit_starts, double *rate,
                        double *low, double *high);

#endif
