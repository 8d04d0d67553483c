/* What the sweep asks of a backend, and what a backend may ask of the sweep.
 *
 * A backend runs every training of a plan: start, advance in chunks of steps, measure, reduce. It decides the order and
 * the place; the results do not depend on either. */
#ifndef TS_BACKEND_BACKEND_H
#define TS_BACKEND_BACKEND_H

#include "backend/monitor.h"
#include "model/classify.h"

/* Immutable: what is to be run. */
typedef struct ts_plan {
    const ts_settings *settings;
    const ts_cell *cells; /* [cell_count] */
    size_t cell_count;
    uint32_t replicates; /* of every cell */
} ts_plan;

/* Integer statistics of one cell: shards and threads add up exactly. Loss sums leave out diverged trainings. */
typedef struct ts_statistics {
    uint64_t outcome_count[3]; /* by ts_outcome */
    uint64_t loss_sum_high;    /* sum of loss >> 32, loss in units of 2^-44 */
    uint64_t loss_sum_low;     /* sum of the low words of the loss */
    uint64_t histogram[TS_BIN_COUNT];
} ts_statistics;

/* Final state of the trainings of one cell, when they are kept. */
typedef struct ts_kept {
    int64_t *position; /* [replicates][m] unit 2^-62 */
    int64_t *weight;   /* [replicates][m] unit 2^-48 */
    int64_t *bias;     /* [replicates]    unit 2^-48 */
    int64_t *loss;     /* [replicates]    unit 2^-44 */
    int8_t *outcome;   /* [replicates]    ts_outcome */
} ts_kept;

typedef struct ts_results {
    ts_statistics *statistics; /* [cell_count] */
    ts_kept *kept;             /* [cell_count], or NULL */
} ts_results;

/* Run the plan into `results`, which begin as zeros and TS_OUTCOME_NONE. Returns TS_OK, TS_INTERRUPTED (the monitor
 * asked to stop; finished trainings are in `results`) or TS_FAILED (`error` says why). */
typedef ts_status ts_backend_run(const ts_plan *plan, const ts_run_options *options, ts_monitor *monitor,
                                 ts_results *results, ts_error *error);

ts_backend_run ts_reference_run; /* float64, scalar: reads like MODEL.md */
ts_backend_run ts_cpu_run;       /* fixed point on the vector units of the host */

/* The run function of a backend that ts_backend_choose named. */
ts_backend_run *ts_backend_named(const char *name);

/* Check the instruction set and the algorithm that the backend cpu is asked for. Returns the name of the set, or NULL
 * with `error` set. */
const char *ts_cpu_check(const ts_run_options *options, ts_error *error);

void ts_statistics_count(ts_statistics *statistics, ts_outcome outcome, int64_t loss);

/* Host threads that `options` means on this machine for so many trainings. */
int ts_thread_count(const ts_run_options *options, uint64_t trainings);

#endif
