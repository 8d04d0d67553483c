/* The two-timescale limit of every training of a sweep, and whether the trainings end as their limits do
 * (docs/theory.md section 8). */
#ifndef TS_SWEEP_LIMITS_H
#define TS_SWEEP_LIMITS_H

#include "backend/backend.h"

/* Finished trainings of a cell: count[x][y], x: is their limit at the same slow time a success, y: are they one? */
typedef struct ts_limit_table {
    uint64_t count[2][2];
} ts_limit_table;

/* Empty (0 and NULL) before and without a run. There is a column for each neuron count. */
typedef struct ts_limits {
    uint64_t starts;                 /* of each column */
    uint64_t *success_count;         /* [columns] of them succeed when nothing moves any more */
    uint64_t *horizon_success_count; /* [columns] of them succeed at the horizon's slow time, where it is given */
    double *start_condition;         /* [columns] probability of the paper's start condition */
    uint64_t *end_success_count;     /* [cell_count] of the starts of its column succeed where its trainings end */
    ts_limit_table *by_loss;         /* [cell_count] */
    ts_limit_table *by_positions;    /* [cell_count] */
} ts_limits;

/* Bytes that they take for each cell, counts of the stops during the run among them. */
#define TS_LIMITS_BYTES (2 * sizeof(ts_limit_table) + 4 * sizeof(uint64_t))

/* Starts from which the limits of networks of one size are followed: those of their trainings, which are the same for
 * all cells or each cell's own, and more of them where limit_starts asks for that. */
uint64_t ts_limits_starts(const ts_settings *settings);

/* Follow the limits of all starts, on the threads that the options give, and mark the trainings whose limit is a
 * success (mark [cell_count][replicates]; NULL: they are not asked for). The monitor is told of no training, and may
 * stop it. Errors: TS_FAILED (memory, or a limit that does not end), TS_INTERRUPTED; `limits` are empty then, and there
 * are no marks of them. */
ts_status ts_limits_run(ts_limits *limits, const ts_plan *plan, uint8_t *mark, const ts_run_options *options,
                        ts_monitor *monitor, ts_error *error);

/* Count the finished trainings beside their limits. */
void ts_limits_compare(ts_limits *limits, const ts_plan *plan, const uint8_t *mark);

void ts_limits_free(ts_limits *limits);

#endif
