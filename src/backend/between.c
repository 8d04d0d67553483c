#include "backend/between.h"

#include <math.h>

size_t ts_spread(size_t k, size_t few, size_t all) {
    return few > 1 ? k * (all - 1) / (few - 1) : 0;
}

double ts_between(const double *at, const double *value, size_t count, double where) {
    size_t i = 0;
    if (count == 0)
        return NAN;
    while (i + 1 < count && at[i + 1] < where)
        i++;
    if (i + 1 == count || where <= at[i])
        return value[i];
    return value[i] + (where - at[i]) / (at[i + 1] - at[i]) * (value[i + 1] - value[i]);
}

double ts_hazard(double diverged, double steps) {
    return diverged > 0 ? diverged / fmax(steps, 1) : 0;
}
