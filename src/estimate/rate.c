#include "estimate/rate.h"

#include <math.h>

/* 97.5 per cent quantile of the normal distribution, for intervals of 95 per cent */
#define NORMAL_QUANTILE 1.959963984540054

void ts_rate_interval(double count, double n, double *rate, double *low, double *high) {
    if (!(n > 0)) {
        *rate = *low = *high = NAN;
        return;
    }
    const double z = NORMAL_QUANTILE;
    const double p = count / n;
    const double centre = (p + z * z / (2 * n)) / (1 + z * z / n);
    const double half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    *rate = p;
    *low = count <= 0 ? 0 : centre - half;
    *high = count >= n ? 1 : centre + half;
}
