/* Trainings of one sweep come to another: sums are added, and what there is of each training is copied. */
#ifndef TS_CAMPAIGN_JOIN_H
#define TS_CAMPAIGN_JOIN_H

#include "sweep/sweep.h"

/* How trainings of a cell of one sweep lie beside those of a cell of another. */
typedef struct ts_overlap {
    uint64_t trainings;   /* that the first has */
    uint64_t common;      /* of them, the other has */
    uint64_t beyond;      /* of them, it has no room for: their replicate is not asked for there */
    uint32_t first, last; /* replicates of the common ones */
} ts_overlap;

ts_overlap ts_join_overlap(const ts_sweep *from, size_t i, const ts_sweep *to, size_t j);

/* Add all trainings of cell `i` of `from` to cell `j` of `to`, which is the same, has none of them and has room for
 * them (ts_results_grow). What `to` keeps, `from` must have kept. The marks of the limits are not taken over. */
void ts_join_cell(ts_sweep *to, size_t j, const ts_sweep *from, size_t i);

#endif
