/* How boundaries scale: epsilon_c = C x^alpha (docs/statistics.md section 6). */
#ifndef TS_ESTIMATE_LAW_H
#define TS_ESTIMATE_LAW_H

#include "estimate/boundary.h"

/* NaN where there are too few curves: with none but 1 nothing is known, and 2 have a line without goodness of fit. */
typedef struct ts_law {
    size_t curves;                      /* that it was fitted to: those whose boundary was found */
    double factor;                      /* C, */
    double factor_low, factor_high;     /* and its 95 per cent interval */
    double exponent;                    /* alpha, */
    double exponent_low, exponent_high; /* and its 95 per cent interval */
    double statistic;                   /* chi-square of the goodness of fit with */
    size_t freedom;                     /* so many degrees of freedom: curves - 2; with 0, statistic and p are NaN */
    double p;                           /* probability of such a statistic or a larger one */
    bool widened;                       /* p < 0.05: the intervals were widened by sqrt(statistic / freedom) */
} ts_law;

/* Fit a law to `count` curves of a set: curve [count] are their places in it, x [count] what they are held against,
 * e.g. neurons. Curves whose boundary was not found, or whose variance is not known, are left out. Errors: TS_INVALID
 * (x is not positive, or all x are the same), TS_FAILED (memory). */
ts_status ts_law_fit(ts_law *law, const ts_boundaries *boundaries, const size_t *curve, const double *x, size_t count,
                     ts_error *error);

#endif
