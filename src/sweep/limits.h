/* The two-timescale limit of every training of a sweep, and whether the trainings end as their limits do
 * (docs/theory.md section 8). */
#ifndef TS_SWEEP_LIMITS_H
#define TS_SWEEP_LIMITS_H

#include "backend/backend.h"
#include "sweep/team.h"

/* Finished trainings of a cell: count[x][y], x: is their limit at the same slow time a success, y: are they one? */
typedef struct ts_limit_table {
    uint64_t count[2][2];
} ts_limit_table;

#define TS_LIMIT_UNKNOWN UINT32_MAX

/* Empty (0 and NULL) before and without a run. There is a column for each neuron count. */
typedef struct ts_limits {
    /* What is known of each start: the first of the times at which it is looked at when it is a success, or their
     * number where it never is; TS_LIMIT_UNKNOWN: it has not been followed yet. All that comes next follows from these.
     */
    uint32_t *first_success;         /* [columns][drawn_starts] */
    size_t columns, drawn_starts;    /* one start that is not drawn stands for all of its column */
    uint64_t starts;                 /* of each column; 0: some are not known yet */
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

/* Bytes of what is known of the starts. */
double ts_limits_starts_bytes(const ts_settings *settings);

/* Make room for the limits of a plan, none of which is known. Errors: TS_FAILED (memory). */
ts_status ts_limits_create(ts_limits *limits, const ts_plan *plan, ts_error *error);

/* Follow the limits of all starts that are not known yet, on the threads that the options give, and with others where
 * there is a team. The monitor is told of no training, and may stop it. Errors: TS_FAILED (memory, or a limit that does
 * not end), TS_INTERRUPTED; what is known by then stays. */
ts_status ts_limits_run(ts_limits *limits, const ts_plan *plan, const ts_team *team, const ts_run_options *options,
                        ts_monitor *monitor, ts_error *error);

/* When all are known: count the successes, and mark the trainings whose limit is one (mark [cell_count][replicates];
 * NULL: they are not asked for). Errors: TS_FAILED (memory). */
ts_status ts_limits_add_up(ts_limits *limits, const ts_plan *plan, uint8_t *mark, ts_error *error);

/* Count the finished trainings beside their limits. */
void ts_limits_compare(ts_limits *limits, const ts_plan *plan, const ts_results *results);

void ts_limits_free(ts_limits *limits);

#endif
