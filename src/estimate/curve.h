/* One success curve in two parameters, fitted by maximum likelihood (docs/statistics.md section 3). */
#ifndef TS_ESTIMATE_CURVE_H
#define TS_ESTIMATE_CURVE_H

#include "estimate/boundary.h"

/* What a curve is fitted to: a cell as so many trials of which a share succeeds. The model says that the share is
 * scale G(z) with z = b (log epsilon_0 - log epsilon). */
typedef struct ts_curve_cell {
    double x;      /* log epsilon */
    double trials; /* positive; need not be whole */
    double share;  /* in 0 .. 1 */
    double scale;  /* in (0, 1] */
} ts_curve_cell;

/* Cells of a curve, ascending in x. */
typedef struct ts_curve {
    const ts_curve_cell *cell; /* [count] */
    size_t count;
} ts_curve;

/* z = intercept - slope (x - centre) of the largest likelihood, and the Fisher information about these two. */
typedef struct ts_curve_fit {
    ts_curve_shape shape;
    double centre, intercept, slope;
    double information[3]; /* intercept twice, intercept and slope, slope twice */
    double log_likelihood; /* less that of the shares themselves: at most 0 */
} ts_curve_fit;

/* A cell as a fit sees it. */
typedef struct ts_curve_view {
    double expected;    /* scale G: the share by the model */
    double change;      /* its derivative by z */
    double sensitivity; /* derivative of the likelihood by z, for each trial that succeeds over those expected */
} ts_curve_view;

ts_curve_view ts_curve_at(ts_curve_shape shape, double scale, double z);

/* log of G / (1 - G). */
double ts_curve_logit(ts_curve_shape shape, double z);

/* z with G(z) = level. */
double ts_curve_quantile(ts_curve_shape shape, double level);

double ts_curve_z(const ts_curve_fit *fit, double x);

/* Where the model has the level: log epsilon. */
double ts_curve_crossing(const ts_curve_fit *fit, double level);

/* Do failures begin at smaller epsilon than successes end? Without that the likelihood has no maximum: a jump, at a
 * cell or between two, is as good as any curve. */
bool ts_curve_overlaps(const ts_curve *curve);

/* Fit to a curve that overlaps. The slope may come out negative. */
ts_curve_fit ts_curve_fit_to(const ts_curve *curve, ts_curve_shape shape);

/* Largest log-likelihood of the curves that have the level at x, less that of the shares themselves: over all slopes
 * from 0 to jumps. *slope is where to begin and where it was found. */
double ts_curve_profile(const ts_curve *curve, ts_curve_shape shape, double level, double x, double *slope);

#endif
