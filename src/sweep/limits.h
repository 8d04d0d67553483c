/* The two-timescale limit of every training of a sweep, and whether the trainings end as their limits do
 * (docs/theory.md section 8). */
#ifndef TS_SWEEP_LIMITS_H
#define TS_SWEEP_LIMITS_H

#include "backend/backend.h"

/* Empty (all NULL) before and without a run. There is a column for each neuron count. */
typedef struct ts_limits {
    uint64_t *starts;                /* [columns] from which limits were computed */
    uint64_t *success_count;         /* [columns] of them succeed in the end */
    uint64_t *horizon_success_count; /* [columns] of them succeed at the horizon's slow time, where it is given */
    double *start_condition;         /* [columns] probability of the paper's start condition */
    uint64_t *agreement_count;       /* [cell_count] finished trainings that ended as their limits */
    bool *succeeds; /* [cell_count][replicates] at the final slow time of the cell; until ts_limits_compare */
} ts_limits;

/* Compute the limits of every start of the plan, on the threads that the options give. The monitor is told of no
 * training, and may stop it. Errors: TS_FAILED (memory, or a limit that does not end), TS_INTERRUPTED; `limits` are
 * empty then. */
ts_status ts_limits_run(ts_limits *limits, const ts_plan *plan, const ts_run_options *options, ts_monitor *monitor,
                        ts_error *error);

/* Count the trainings of `results` that ended as their limits did. */
void ts_limits_compare(ts_limits *limits, const ts_plan *plan, const ts_results *results);

void ts_limits_free(ts_limits *limits);

#endif
