#include "estimate/rate.h"

#include "estimate/tail.h"

#include <math.h>

void ts_rate_interval(double count, double n, double *rate, double *low, double *high) {
    if (!(n > 0)) {
        *rate = *low = *high = NAN;
        return;
    }
    const double z = TS_NORMAL_QUANTILE;
    const double p = count / n;
    const double centre = (p + z * z / (2 * n)) / (1 + z * z / n);
    const double half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    *rate = p;
    *low = count <= 0 ? 0 : centre - half;
    *high = count >= n ? 1 : centre + half;
}

/* sqrt(a^2 + b^2 + c^2), to the same bit on every machine, which hypot of a C library is not: which trainings a cell
 * gets depends on it. */
static double together(double a, double b, double c) {
    return sqrt(a * a + b * b + c * c);
}

/* Post-stratification by the limit. Its interval puts together the Wilson limits of the three rates that it is made of,
 * each as far as it counts (Zou and Donner 2008). A stratum without trainings says nothing of its rate: then, where the
 * limit has no more starts than there are trainings, and where the strata tell the rate no better than all trainings
 * together, it is the plain rate. */
void ts_rate_controlled(const uint64_t (*count)[2], uint64_t limit_successes, uint64_t limit_starts, double *rate,
                        double *low, double *high) {
    const double n[2] = {(double)(count[0][0] + count[0][1]), (double)(count[1][0] + count[1][1])};
    ts_rate_interval((double)(count[0][1] + count[1][1]), n[0] + n[1], rate, low, high);
    if (!(n[0] > 0 && n[1] > 0 && (double)limit_starts > n[0] + n[1]))
        return;
    double p[2], from[2], to[2], mu, mu_from, mu_to;
    for (int x = 0; x < 2; x++)
        ts_rate_interval((double)count[x][1], n[x], &p[x], &from[x], &to[x]);
    ts_rate_interval((double)limit_successes, (double)limit_starts, &mu, &mu_from, &mu_to);
    const double gain = p[1] - p[0]; /* of the rate, by that of the limit */
    const double mu_least = gain > 0 ? mu_from : mu_to, mu_most = gain > 0 ? mu_to : mu_from;
    const double below = together(mu * (p[1] - from[1]), (1 - mu) * (p[0] - from[0]), gain * (mu - mu_least));
    const double above = together(mu * (to[1] - p[1]), (1 - mu) * (to[0] - p[0]), gain * (mu_most - mu));
    const double controlled = mu * p[1] + (1 - mu) * p[0];
    if (below + above >= *high - *low)
        return;
    *rate = controlled;
    *low = fmax(controlled - below, 0);
    *high = fmin(controlled + above, 1);
}
