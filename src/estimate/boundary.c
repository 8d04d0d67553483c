#include "estimate/boundary.h"

#include "base/fail.h"
#include "estimate/assess.h"
#include "estimate/curve_shape.h"
#include "estimate/tail.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A shape that is so many standard deviations behind the best is none that intervals allow for. */
#define IMPLAUSIBLE 2.0
#define TELLING 3 /* degrees of freedom with which a curve can tell that its shape is wrong */

/* What the set is worked on with. */
typedef struct search {
    ts_boundaries *found;
    const ts_trials *trials;
    double level;
    ts_shares *shares; /* [curves] */
    ts_curve_shape_choice shape;
    ts_assess_scratch scratch;
    double *column; /* [columns of the shares] */
} search;

/* ---- one curve */

typedef struct interval {
    double inside, low, high; /* log epsilon */
} interval;

static void include(interval *hull, double low, double high) {
    hull->low = fmin(hull->low, low);
    hull->high = fmax(hull->high, high);
}

/* Where to look from when rates jump: the likelihood is largest beside the one cell that is neither, or anywhere
 * between the two cells. */
static double beside(const ts_curve *curve, ts_curve_shape shape, double level) {
    size_t k = 0; /* last cell that is not all failures */
    for (size_t i = 0; i < curve->count; i++)
        if (curve->cell[i].share > 0)
            k = i;
    const double x = curve->cell[k].x, width = curve->cell[curve->count - 1].x - curve->cell[0].x;
    const double before = k > 0 ? x - curve->cell[k - 1].x : width;
    const double behind = k + 1 < curve->count ? curve->cell[k + 1].x - x : width;
    double best = -INFINITY, inside = x;
    for (int side = -1; side <= 1; side += 2)
        for (int halving = 1; halving <= 8; halving++) {
            const double at = x + ldexp(side < 0 ? -before : behind, -halving);
            double slope = 1;
            const double likelihood = ts_curve_profile(curve, shape, level, at, &slope);
            if (likelihood > best) {
                best = likelihood;
                inside = at;
            }
        }
    return inside;
}

/* The interval without a fit: from the profile likelihood around `inside`, for all plausible shapes. */
static interval interval_around(const search *of, const ts_curve *curve, double inside) {
    const double width = curve->cell[curve->count - 1].x - curve->cell[0].x;
    interval hull = {inside, INFINITY, -INFINITY};
    for (int shape = 0; shape < TS_CURVE_SHAPE_COUNT; shape++) {
        if (of->shape.behind[shape] > IMPLAUSIBLE)
            continue;
        double slope = 1, low, high;
        const double best = ts_curve_profile(curve, (ts_curve_shape)shape, of->level, inside, &slope);
        ts_assess_interval(curve, (ts_curve_shape)shape, of->level, best, 1, inside, width / 64, &low, &high);
        include(&hull, low, high);
    }
    return hull;
}

/* The epsilon with this logarithm: that of a cell, as it was given, where it is one. */
static double epsilon_at(const ts_shares *shares, double x) {
    for (size_t i = 0; i < shares->count; i++)
        if (shares->cell[i].x == x)
            return shares->trials->epsilon[shares->errors[i].row];
    return exp(x);
}

static void set_state(ts_boundary *boundary, ts_boundary_state state, const ts_shares *shares, interval is) {
    boundary->state = state;
    /* beyond the cells a curve says nothing that could be relied on */
    if (state == TS_BOUNDARY_ABOVE)
        is.low = fmin(is.low, shares->cell[shares->count - 1].x);
    if (state == TS_BOUNDARY_BELOW)
        is.high = fmax(is.high, shares->cell[0].x);
    boundary->low = state == TS_BOUNDARY_BELOW || state == TS_BOUNDARY_NOT_FALLING ? 0 : epsilon_at(shares, is.low);
    boundary->high =
        state == TS_BOUNDARY_ABOVE || state == TS_BOUNDARY_NOT_FALLING ? INFINITY : epsilon_at(shares, is.high);
    boundary->first_cell = shares->errors[0].row;
    boundary->last_cell = shares->errors[shares->count - 1].row;
    if (state == TS_BOUNDARY_FOUND || state == TS_BOUNDARY_NOT_FALLING)
        return;
    for (size_t i = 0; i < shares->count; i++)
        if (shares->cell[i].x <= is.low + 1e-6)
            boundary->first_cell = shares->errors[i].row;
    for (size_t i = shares->count; i-- > 0;)
        if (shares->cell[i].x >= is.high - 1e-6)
            boundary->last_cell = shares->errors[i].row;
}

/* That of a boundary at x: `inside`, unless x is outside of all cells. */
static ts_boundary_state state_at(const ts_shares *shares, double x, ts_boundary_state inside) {
    if (x < shares->cell[0].x)
        return TS_BOUNDARY_BELOW;
    return x > shares->cell[shares->count - 1].x ? TS_BOUNDARY_ABOVE : inside;
}

/* Rates that do not fall, or stay on one side of the level. No curve says how far off the boundary is then: only that
 * it is behind the cells that are all above the level, or before those that are all under it. */
static void find_flat(const search *of, const ts_shares *shares, bool mixed, ts_boundary *boundary) {
    const double first = shares->cell[0].x, last = shares->cell[shares->count - 1].x;
    interval is = {NAN, -INFINITY, INFINITY};
    ts_assess_bracket(shares, of->level, &is.low, &is.high);
    double successes = 0, allowed = 0;
    for (size_t i = 0; i < shares->count; i++) {
        allowed += shares->cell[i].trials * shares->cell[i].scale;
        successes += shares->cell[i].trials * shares->cell[i].share;
    }
    const bool above = successes > of->level * allowed;
    const bool known = !mixed || (above ? is.low >= last : is.high <= first);
    set_state(boundary, !known ? TS_BOUNDARY_NOT_FALLING : above ? TS_BOUNDARY_ABOVE : TS_BOUNDARY_BELOW, shares, is);
}

/* Rates that jump. */
static void find_jump(const search *of, const ts_shares *shares, ts_boundary *boundary) {
    const ts_curve curve = {shares->cell, shares->count};
    const interval is = interval_around(of, &curve, beside(&curve, of->found->shape, of->level));
    set_state(boundary, state_at(shares, is.inside, TS_BOUNDARY_BETWEEN), shares, is);
}

/* Add the intervals of all shapes that are not out of the question: those are only where the best one fits, and that by
 * more cells than it has parameters. What they move the boundary by is part of its error, by_shape
 * [TS_CURVE_SHAPE_COUNT], and all curves have it in common. */
static void include_shapes(search *of, const ts_shares *shares, const ts_assessment *best, interval *hull,
                           double *by_shape) {
    const bool whole = best->first == 0 && best->last == shares->count - 1;
    const bool ambiguous = !of->shape.fits || !whole || best->freedom < TELLING;
    double weights = 0;
    for (int k = 0; k < TS_CURVE_SHAPE_COUNT; k++) {
        const ts_curve_shape shape = (ts_curve_shape)k;
        if (of->shape.behind[k] > IMPLAUSIBLE && !ambiguous)
            continue;
        const ts_assessment is = ts_assess_locally(shares, shape, of->level, !of->shape.fits, &of->scratch, of->column);
        if (!(is.fit.slope > 0))
            continue;
        const ts_curve curve = {shares->cell + is.first, is.last - is.first + 1};
        double low, high;
        ts_assess_interval(&curve, shape, of->level, is.fit.log_likelihood, is.ratio, is.crossing,
                           2 * sqrt(is.variance), &low, &high);
        include(hull, low, high);
        const double behind = fmin(of->shape.behind[k], IMPLAUSIBLE), weight = exp(-behind * behind / 2);
        by_shape[k] = sqrt(weight) * (is.crossing - best->crossing);
        weights += weight;
    }
    for (int k = 0; k < TS_CURVE_SHAPE_COUNT; k++)
        by_shape[k] /= sqrt(weights);
}

static void set_fit(ts_boundary *boundary, const ts_shares *shares, const ts_assessment *best) {
    boundary->epsilon = exp(best->crossing);
    boundary->steepness = best->fit.slope;
    boundary->statistic = best->statistic;
    boundary->freedom = best->freedom;
    boundary->p = best->p;
    boundary->fits = best->fits;
    boundary->first_cell = shares->errors[best->first].row;
    boundary->last_cell = shares->errors[best->last].row;
}

/* The curve of the best shape. Where it does not fit, the interval needs none: it is the bracket. */
static void find_fitted(search *of, size_t c) {
    const ts_shares *shares = &of->shares[c];
    ts_boundary *boundary = &of->found->boundary[c];
    double *influence = of->found->influence + c * of->found->columns;
    double *by_shape = influence + of->found->columns - TS_CURVE_SHAPE_COUNT;
    const ts_assessment best =
        ts_assess_locally(shares, of->found->shape, of->level, !of->shape.fits, &of->scratch, of->column);
    if (!(best.fit.slope > 0)) {
        find_flat(of, shares, true, boundary);
        return;
    }
    if (of->found->common)
        memcpy(influence, of->column, of->scratch.columns * sizeof(double));
    interval hull = {best.crossing, INFINITY, -INFINITY};
    include_shapes(of, shares, &best, &hull, by_shape);
    if (!best.fits) {
        ts_assess_bracket(shares, of->level, &hull.low, &hull.high);
        include(&hull, best.crossing, best.crossing);
    }
    if (!isfinite(hull.low) && !isfinite(hull.high)) {
        find_flat(of, shares, true, boundary);
        return;
    }
    set_state(boundary, state_at(shares, best.crossing, TS_BOUNDARY_FOUND), shares, hull);
    if (boundary->state != TS_BOUNDARY_FOUND)
        return;
    set_fit(boundary, shares, &best);
    boundary->variance = best.variance;
    for (int k = 0; k < TS_CURVE_SHAPE_COUNT; k++)
        boundary->variance += by_shape[k] * by_shape[k];
    const double half = (hull.high - hull.low) / (2 * TS_NORMAL_QUANTILE);
    if (!best.fits) {
        boundary->misfit = fmax(half * half / boundary->variance, 1);
        boundary->variance *= boundary->misfit;
    }
}

static void find_boundary(search *of, size_t c) {
    const ts_shares *shares = &of->shares[c];
    const ts_curve curve = {shares->cell, shares->count};
    ts_boundary *boundary = &of->found->boundary[c];
    *boundary = (ts_boundary){.state = TS_BOUNDARY_NO_DATA,
                              .epsilon = NAN,
                              .high = INFINITY,
                              .steepness = NAN,
                              .variance = NAN,
                              .statistic = NAN,
                              .p = NAN,
                              .misfit = 1};
    bool failures = false, successes = false;
    for (size_t i = 0; i < curve.count; i++) {
        successes |= curve.cell[i].share > 0;
        failures |= curve.cell[i].share < curve.cell[i].scale;
    }
    if (curve.count < 2)
        boundary->state = shares->has_trainings && !shares->has_hope ? TS_BOUNDARY_HOPELESS : TS_BOUNDARY_NO_DATA;
    else if (!failures || !successes)
        find_flat(of, shares, false, boundary); /* all the same: on one side */
    else if (!ts_shares_can_be_fitted(shares))
        find_jump(of, shares, boundary);
    else
        find_fitted(of, c);
    if (boundary->state != TS_BOUNDARY_FOUND)
        memset(of->found->influence + c * of->found->columns, 0, of->found->columns * sizeof(double));
}

/* ---- the set */

static ts_status check(const ts_trials *curves, size_t count, double level, ts_error *error) {
    if (!(level > 0 && level < 1))
        return ts_fail(error, TS_INVALID, "", "the level of a boundary is %g; it must be between 0 and 1", level);
    for (size_t c = 0; c < count; c++)
        for (size_t i = 0; i < curves[c].cells; i++) {
            const double epsilon = curves[c].epsilon[i];
            if (!(epsilon > (i > 0 ? curves[c].epsilon[i - 1] : 0) && isfinite(epsilon)))
                return ts_fail(error, TS_INVALID, "", "epsilon is %g where a curve needs ascending, positive ones",
                               epsilon);
            if (curves[c].limit_rate && !(curves[c].limit_rate[i] >= 0 && curves[c].limit_rate[i] <= 1))
                return ts_fail(error, TS_INVALID, "", "a success rate of the limit is %g; it must be from 0 to 1",
                               curves[c].limit_rate[i]);
        }
    return TS_OK;
}

static bool allocate(search *of, const ts_trials *curves, size_t count) {
    size_t cells = 0, replicates = 0;
    for (size_t c = 0; c < count; c++) {
        cells = curves[c].cells > cells ? curves[c].cells : cells;
        replicates = curves[c].replicates > replicates ? curves[c].replicates : replicates;
    }
    ts_boundaries *found = of->found;
    found->columns = (found->common ? ts_shares_columns(replicates) : 0) + TS_CURVE_SHAPE_COUNT;
    found->boundary = calloc(count + 1, sizeof *found->boundary);
    found->influence = calloc(count * found->columns + 1, sizeof(double));
    of->shares = calloc(count + 1, sizeof *of->shares);
    of->column = calloc(ts_shares_columns(replicates) + 1, sizeof(double));
    return ts_assess_scratch_create(&of->scratch, cells, replicates) && found->boundary && found->influence &&
           of->shares && of->column;
}

ts_status ts_boundaries_find(ts_boundaries *found, const ts_trials *curves, size_t count, double level, bool common,
                             ts_error *error) {
    *found = (ts_boundaries){.common = common, .count = count};
    ts_status status = check(curves, count, level, error);
    if (status != TS_OK)
        return status;
    search of = {.found = found, .trials = curves, .level = level};
    bool enough = allocate(&of, curves, count);
    for (size_t c = 0; enough && c < count; c++)
        enough = ts_shares_create(&of.shares[c], &curves[c], common);
    if (enough) {
        of.shape = ts_curve_shape_choose(of.shares, count, level, &of.scratch, of.column);
        found->shape = of.shape.best;
        for (size_t c = 0; c < count; c++)
            find_boundary(&of, c);
    } else {
        status = ts_fail(error, TS_FAILED, "", "out of memory for the boundaries of %zu curves", count);
        ts_boundaries_free(found);
    }
    for (size_t c = 0; of.shares && c < count; c++)
        ts_shares_free(&of.shares[c]);
    free(of.shares);
    free(of.column);
    ts_assess_scratch_free(&of.scratch);
    return status;
}

void ts_boundaries_free(ts_boundaries *found) {
    free(found->boundary);
    free(found->influence);
    *found = (ts_boundaries){0};
}

double ts_boundary_covariance(const ts_boundaries *found, size_t curve, size_t other) {
    if (curve == other)
        return found->boundary[curve].variance;
    const double *a = found->influence + curve * found->columns, *b = found->influence + other * found->columns;
    double sum = 0;
    for (size_t column = 0; column < found->columns; column++)
        sum += a[column] * b[column];
    return sum;
}
