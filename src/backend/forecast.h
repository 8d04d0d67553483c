/* How long the host backends would take for a plan. */
#ifndef TS_BACKEND_FORECAST_H
#define TS_BACKEND_FORECAST_H

#include "backend/host.h"

/* Measure batches of some cells on all threads, and set *seconds to what the whole plan would take here with them.
 * Looks at as many cells as `patience` seconds allow, at one at least; one step of which, and one loss, is all that can
 * be waited for. *seconds is NaN when that was too little. Errors: TS_FAILED (memory). */
ts_status ts_host_forecast(ts_method_choice *choose, const ts_plan *plan, const ts_run_options *options,
                           double patience, double *seconds, ts_error *error);

#endif
