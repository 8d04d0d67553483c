/* How plans are run on this machine: the backend that the options mean, its devices and threads, and the progress of
 * all its plans together. */
#ifndef TS_SWEEP_EXECUTION_H
#define TS_SWEEP_EXECUTION_H

#include "backend/backend.h"

typedef struct ts_execution {
    const ts_run_options *options;
    const ts_backend *backend;
    ts_placement placement;
    double *busy_seconds; /* [threads] the caller's, to be freed */
    ts_monitor monitor;
    int dynamic; /* what the caller's OpenMP may do to the number of threads; it may not meanwhile */
} ts_execution;

/* Find out what `options` means for `trainings` trainings. `options` must outlive the execution. Errors: TS_INVALID
 * (options), TS_FAILED (memory, backend not available); busy_seconds is NULL then. */
ts_status ts_execution_create(ts_execution *execution, const ts_settings *settings, const ts_run_options *options,
                              uint64_t trainings, ts_error *error);

/* Start the clock. `total` is the work of all plans. */
void ts_execution_begin(ts_execution *execution, ts_progress total);

/* Run one plan; as ts_backend_run. */
ts_status ts_execution_run(ts_execution *execution, const ts_plan *plan, ts_results *results, ts_error *error);

/* The last report of progress, and what was done. */
ts_run_report ts_execution_end(ts_execution *execution);

#endif
