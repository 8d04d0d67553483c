/* How many instructions a scheduler issues in a cycle, by the issue model of tools/sass_issue.py. */
#ifndef TS_BENCH_ISSUE_RATES_H
#define TS_BENCH_ISSUE_RATES_H

#include "kernels/form.h"

/* [SIM_RATES] with one warp of the shape, two, ...: of the same kernel with about as many neurons. */
const double *bench_issue_rates(ts_shape shape);

#endif
