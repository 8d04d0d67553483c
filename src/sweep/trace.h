/* What a ts_trace is made of, and the steps of its run. */
#ifndef TS_SWEEP_TRACE_H
#define TS_SWEEP_TRACE_H

#include "sweep/sweep.h"

struct ts_trace {
    ts_sweep *sweep; /* one cell that keeps its trainings; its results are those of the last stretch that ran */
    ts_state state;  /* where the trainings stand */
    ts_trace_data data;
    size_t times; /* to be recorded */
    bool has_run;
};

/* Free what is recorded, which was allocated array by array. */
void ts_trace_data_free(ts_trace_data *data);

/* The points of [0,1] at which functions are shown: *count of them, ascending. The caller frees them; NULL: no memory.
 */
double *ts_trace_points(const ts_settings *settings, size_t *count);

/* f* at ascending points [count]. */
void ts_trace_target(const ts_settings *settings, const double *x, size_t count, double *value);

/* f(x; a, u) of a network of m neurons at ascending points [count] (MODEL.md section 1). `order` [m] is scratch. */
void ts_trace_function(double eta, uint32_t m, const double *position, const double *weight, double bias,
                       const double *x, size_t count, uint32_t *order, double *value);

/* Fill in the limit of every training at all times, on the threads of the options. Its start, time 0, must have been
 * recorded. Errors: TS_FAILED, TS_INTERRUPTED (some are missing then). */
ts_status ts_trace_add_limits(ts_trace *trace, const ts_run_options *options, ts_monitor *monitor, ts_error *error);

#endif
