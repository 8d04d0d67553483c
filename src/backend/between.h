/* What was measured at a few places says what it is like at the others: all forecasts are made so. */
#ifndef TS_BACKEND_BETWEEN_H
#define TS_BACKEND_BETWEEN_H

#include <stddef.h>

/* The k-th of `few` places that are spread evenly over `all`, ends included; 0 where it is one place alone. */
size_t ts_spread(size_t k, size_t few, size_t all);

/* The value at `where`: linear between the neighbours among `at` [count], which ascend, and the nearest one outside.
 * NaN where count is 0. */
double ts_between(const double *at, const double *value, size_t count, double where);

/* The part of the trainings that diverges in a step, when so many did in `steps` steps of them all together. */
double ts_hazard(double diverged, double steps);

#endif
