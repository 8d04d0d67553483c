#include "estimate/assess.h"

#include "estimate/tail.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REJECTED 0.05 /* a curve with a smaller p does not fit */
/* Successes and failures, expected of a cell: with so many it counts for the goodness of fit, */
#define EXPECTED 1.0
#define UNEXPECTED 0.05 /* with fewer, one is enough to show that something is wrong */
#define FEWEST 4        /* cells that count, of those that a curve is fitted to locally */

bool ts_assess_scratch_create(ts_assess_scratch *scratch, size_t cells, size_t replicates) {
    *scratch = (ts_assess_scratch){.cells = cells, .columns = ts_shares_columns(replicates)};
    scratch->by_cell = calloc(4 * cells + 1, sizeof(double));
    scratch->by_column = calloc(3 * scratch->columns + 1, sizeof(double));
    return scratch->by_cell && scratch->by_column;
}

void ts_assess_scratch_free(ts_assess_scratch *scratch) {
    free(scratch->by_cell);
    free(scratch->by_column);
    *scratch = (ts_assess_scratch){0};
}

/* The estimates as sums of coefficient times share, to first order, and what the shares are by the model. */
typedef struct linear {
    double *intercept, *slope;             /* [cells] coefficients */
    double *variance;                      /* [cells] of the shares, by the model */
    double *residual;                      /* [cells] */
    double *by_intercept, *by_slope, *one; /* [columns] influences */
    double inverse[3];                     /* of the information */
} linear;

static ts_curve_view view_of(const ts_shares *shares, const ts_curve_fit *fit, size_t i) {
    return ts_curve_at(fit->shape, shares->cell[i].scale, ts_curve_z(fit, shares->cell[i].x));
}

static linear linearize(const ts_shares *shares, const ts_assessment *of, ts_assess_scratch *scratch) {
    linear is = {.intercept = scratch->by_cell,
                 .slope = scratch->by_cell + scratch->cells,
                 .variance = scratch->by_cell + 2 * scratch->cells,
                 .residual = scratch->by_cell + 3 * scratch->cells,
                 .by_intercept = scratch->by_column,
                 .by_slope = scratch->by_column + scratch->columns,
                 .one = scratch->by_column + 2 * scratch->columns};
    const double *information = of->fit.information;
    const double determinant = information[0] * information[2] - information[1] * information[1];
    is.inverse[0] = information[2] / determinant;
    is.inverse[1] = -information[1] / determinant;
    is.inverse[2] = information[0] / determinant;
    for (size_t i = of->first; i <= of->last; i++) {
        const ts_curve_cell *cell = &shares->cell[i];
        const ts_curve_view view = view_of(shares, &of->fit, i);
        const double weight = cell->trials * view.sensitivity, x = of->fit.centre - cell->x;
        is.intercept[i] = weight * (is.inverse[0] + is.inverse[1] * x);
        is.slope[i] = weight * (is.inverse[1] + is.inverse[2] * x);
        is.variance[i] = view.expected * (1 - view.expected) / cell->trials;
        is.residual[i] = cell->share - view.expected;
    }
    return is;
}

/* Variances of the two estimates and their covariance when cells are independent with these variances. */
static void independent_variances(const ts_shares *shares, const ts_assessment *of, const linear *is, bool by_model,
                                  double sum[3]) {
    sum[0] = sum[1] = sum[2] = 0;
    for (size_t i = of->first; i <= of->last; i++) {
        const double own = shares->errors[i].variance;
        const double variance = by_model ? fmax(is->variance[i], own) : own;
        sum[0] += is->intercept[i] * is->intercept[i] * variance;
        sum[1] += is->intercept[i] * is->slope[i] * variance;
        sum[2] += is->slope[i] * is->slope[i] * variance;
    }
}

/* Variance of the residual of cell i when cells are independent: it is its own error less what the estimates make of
 * all errors. */
static double residual_variance(const ts_shares *shares, const ts_assessment *of, const linear *is, size_t i,
                                bool by_model, const double sum[3]) {
    const double own = shares->errors[i].variance;
    const double variance = by_model ? fmax(is->variance[i], own) : own;
    const double change = view_of(shares, &of->fit, i).change, x = of->fit.centre - shares->cell[i].x;
    const double leverage = change * (is->intercept[i] + is->slope[i] * x);
    return (1 - 2 * leverage) * variance + change * change * (sum[0] + 2 * sum[1] * x + sum[2] * x * x);
}

/* The same by the influences of the replicates, for cells that depend on each other. */
static double residual_variance_of_columns(const ts_shares *shares, const ts_assessment *of, const linear *is,
                                           size_t columns, size_t i) {
    const double change = view_of(shares, &of->fit, i).change, x = of->fit.centre - shares->cell[i].x;
    memset(is->one, 0, columns * sizeof(double));
    ts_share_influence(shares, i, 1, is->one);
    double sum = 0;
    for (size_t column = 0; column < columns; column++) {
        const double residual = is->one[column] - change * (is->by_intercept[column] + is->by_slope[column] * x);
        sum += residual * residual;
    }
    return sum;
}

/* What a cell of which next to no success, or failure, was expected adds to the goodness of fit: little, unless there
 * were some. */
static double deviance(const ts_curve_cell *cell, double expected) {
    const double share = cell->share, rest = 1 - share;
    double sum = 0;
    if (share > 0)
        sum += share * log(share / expected);
    if (rest > 0)
        sum += rest * log(rest / (1 - expected));
    return 2 * cell->trials * fmin(sum, 40);
}

/* Pearson's statistic over its mean, which is as many as degrees of freedom where cells are independent and curves fit.
 */
static void judge(const ts_shares *shares, ts_assessment *of, const linear *is, size_t columns) {
    double pearson = 0, tails = 0, mean = 0, by_model[3], by_counts[3];
    size_t cells = 0;
    independent_variances(shares, of, is, true, by_model);
    independent_variances(shares, of, is, false, by_counts);
    for (size_t i = of->first; i <= of->last; i++) {
        const ts_curve_cell *cell = &shares->cell[i];
        const double expected = view_of(shares, &of->fit, i).expected;
        if (cell->trials * fmin(expected, 1 - expected) < EXPECTED) {
            if (cell->trials * fmin(expected, 1 - expected) < UNEXPECTED)
                tails += deviance(cell, fmax(fmin(expected, 1 - 1e-16), 1e-16));
            continue;
        }
        cells++;
        pearson += is->residual[i] * is->residual[i] / is->variance[i];
        double variance = residual_variance(shares, of, is, i, true, by_model);
        if (shares->common)
            variance += residual_variance_of_columns(shares, of, is, columns, i) -
                        residual_variance(shares, of, is, i, false, by_counts);
        mean += variance / is->variance[i];
    }
    of->freedom = cells > 2 ? cells - 2 : 0;
    of->statistic = of->freedom > 0 && mean > 0 ? (pearson / mean) * (double)of->freedom + tails : NAN;
    of->p = ts_chi_square_tail(of->statistic, of->freedom);
}

ts_assessment ts_assess(const ts_shares *shares, ts_curve_shape shape, double level, size_t first, size_t last,
                        ts_assess_scratch *scratch, double *influence) {
    const ts_curve curve = {shares->cell + first, last - first + 1};
    ts_assessment of = {.first = first, .last = last, .fits = false};
    of.fit = ts_curve_fit_to(&curve, shape);
    if (!(of.fit.slope > 0))
        return of;
    const size_t columns = scratch->columns;
    const linear is = linearize(shares, &of, scratch);
    memset(is.by_intercept, 0, columns * sizeof(double));
    memset(is.by_slope, 0, columns * sizeof(double));
    for (size_t i = first; i <= last && shares->common; i++) {
        ts_share_influence(shares, i, is.intercept[i], is.by_intercept);
        ts_share_influence(shares, i, is.slope[i], is.by_slope);
    }
    judge(shares, &of, &is, columns);
    of.crossing = ts_curve_crossing(&of.fit, level);
    const double by_intercept = 1 / of.fit.slope, by_slope = -(of.crossing - of.fit.centre) / of.fit.slope;
    for (size_t column = 0; column < columns; column++)
        influence[column] = by_intercept * is.by_intercept[column] + by_slope * is.by_slope[column];
    for (size_t i = first; i <= last; i++)
        is.intercept[i] = by_intercept * is.intercept[i] + by_slope * is.slope[i]; /* now those of the crossing */
    const double of_trials = by_intercept * by_intercept * is.inverse[0] + 2 * by_intercept * by_slope * is.inverse[1] +
                             by_slope * by_slope * is.inverse[2];
    of.variance = ts_shares_variance(shares, first, last, is.intercept, is.variance, influence);
    of.fits = !(of.p < REJECTED);
    of.ratio = of.variance / of_trials;
    if (!(of.variance > 0)) /* of rates that jump up and down, between none and all: it is no curve */
        of.fit.slope = 0;
    return of;
}

/* Cells between first and last that count for the goodness of fit. */
static size_t counting(const ts_shares *shares, const ts_curve_fit *fit, size_t first, size_t last) {
    size_t cells = 0;
    for (size_t i = first; i <= last; i++) {
        const double expected = view_of(shares, fit, i).expected;
        cells += shares->cell[i].trials * fmin(expected, 1 - expected) >= EXPECTED;
    }
    return cells;
}

ts_assessment ts_assess_locally(const ts_shares *shares, ts_curve_shape shape, double level, bool suspect,
                                ts_assess_scratch *scratch, double *influence) {
    ts_assessment of = ts_assess(shares, shape, level, 0, shares->count - 1, scratch, influence);
    bool narrowed = false;
    while (of.fit.slope > 0 && (suspect || !of.fits)) {
        size_t first = of.first, last = of.last;
        for (size_t drop = (last - first + 1 + 3) / 4; drop > 0; drop--)
            if (fabs(shares->cell[first].x - of.crossing) > fabs(shares->cell[last].x - of.crossing))
                first++;
            else
                last--;
        const ts_curve curve = {shares->cell + first, last - first + 1};
        if (counting(shares, &of.fit, first, last) < FEWEST || !ts_curve_overlaps(&curve))
            break;
        of = ts_assess(shares, shape, level, first, last, scratch, influence);
        narrowed = true;
    }
    of.fits = of.fits && (narrowed || !suspect);
    return of;
}

/* ---- without a curve */

/* How many standard deviations the share of a cell is above the level, where it would have that of the level. */
static double above_level(const ts_shares *shares, size_t i, double level) {
    const ts_curve_cell *cell = &shares->cell[i];
    const double expected = level * cell->scale;
    const double of_trials = cell->share * (1 - cell->share) / cell->trials;
    const double more = fmax(shares->errors[i].variance - of_trials, 0); /* than that of the trials */
    return (cell->share - expected) / sqrt(expected * (1 - expected) / cell->trials + more);
}

void ts_assess_bracket(const ts_shares *shares, double level, double *low, double *high) {
    *low = -INFINITY;
    *high = INFINITY;
    for (size_t i = 0; i < shares->count && above_level(shares, i, level) > TS_NORMAL_QUANTILE; i++)
        *low = shares->cell[i].x;
    for (size_t i = shares->count; i-- > 0 && above_level(shares, i, level) < -TS_NORMAL_QUANTILE;)
        *high = shares->cell[i].x;
}

/* ---- interval */

/* How far x is inside the interval: positive outside. */
static double outside(const ts_curve *curve, ts_curve_shape shape, double level, double best, double ratio, double x,
                      double *slope) {
    const double fall = 2 * (best - ts_curve_profile(curve, shape, level, x, slope)) / ratio;
    return sqrt(fmax(fall, 0)) - TS_NORMAL_QUANTILE;
}

/* The end of the interval between `in` and `out`, which the signs of the two are known of: false position with the
 * weight of a stale end halved (Illinois). */
static double end_between(const ts_curve *curve, ts_curve_shape shape, double level, double best, double ratio,
                          double in, double f_in, double out, double f_out, double slope) {
    int side = 0;
    const double digits = 1e-7 * fabs(out - in);
    for (int step = 0; step < 60 && fabs(out - in) > digits; step++) {
        const double x = isfinite(f_out) ? (in * f_out - out * f_in) / (f_out - f_in) : (in + out) / 2;
        const double f = outside(curve, shape, level, best, ratio, x, &slope);
        if (f > 0) {
            out = x;
            f_out = f;
            f_in = side > 0 ? f_in / 2 : f_in;
            side = 1;
        } else {
            in = x;
            f_in = f;
            f_out = side < 0 ? f_out / 2 : f_out;
            side = -1;
        }
        if (fabs(f) < 1e-6)
            return x;
    }
    return out;
}

void ts_assess_interval(const ts_curve *curve, ts_curve_shape shape, double level, double best, double ratio,
                        double inside, double step, double *low, double *high) {
    const double first = curve->cell[0].x, width = curve->cell[curve->count - 1].x - first;
    double *const ends[2] = {low, high};
    for (int side = 0; side < 2; side++) {
        const double direction = side ? 1 : -1;
        const double furthest = side ? first + 2 * width : first - width;
        double slope = 1, in = inside, next = step;
        double f_in = outside(curve, shape, level, best, ratio, in, &slope);
        *ends[side] = direction * INFINITY;
        while (direction * (furthest - in) > 0) {
            const double out = direction * fmin(direction * (in + direction * next), direction * furthest);
            const double f_out = outside(curve, shape, level, best, ratio, out, &slope);
            if (f_out > 0) {
                *ends[side] = end_between(curve, shape, level, best, ratio, in, fmin(f_in, -1e-9), out, f_out, slope);
                break;
            }
            in = out;
            f_in = f_out;
            next *= 2;
        }
    }
}
