#include "estimate/curve_shape.h"

#include "estimate/tail.h"

#include <math.h>
#include <string.h>

#define REJECTED 0.01 /* a shape with a smaller p, by all curves together, does not fit */

bool ts_shares_can_be_fitted(const ts_shares *shares) {
    const ts_curve curve = {shares->cell, shares->count};
    return shares->count >= 2 && ts_curve_overlaps(&curve);
}

static ts_curve_fit whole_fit(const ts_shares *shares, ts_curve_shape shape) {
    const ts_curve curve = {shares->cell, shares->count};
    return ts_curve_fit_to(&curve, shape);
}

/* Likelihood of the better shape less that of the other, and its variance by the errors of the shares (Vuong 1989). */
static double standard_deviations_behind(const ts_shares *shares, size_t count, ts_curve_shape better,
                                         ts_curve_shape other, size_t columns, double *column) {
    double difference = 0, variance = 0;
    memset(column, 0, columns * sizeof(double));
    for (size_t c = 0; c < count; c++) {
        if (!ts_shares_can_be_fitted(&shares[c]))
            continue;
        const ts_curve_fit a = whole_fit(&shares[c], better), b = whole_fit(&shares[c], other);
        difference += a.log_likelihood - b.log_likelihood;
        for (size_t i = 0; i < shares[c].count; i++) {
            const ts_curve_cell *cell = &shares[c].cell[i];
            const double by_share = cell->trials * (ts_curve_logit(better, ts_curve_z(&a, cell->x)) -
                                                    ts_curve_logit(other, ts_curve_z(&b, cell->x)));
            if (shares[c].common)
                ts_share_influence(&shares[c], i, by_share, column);
            else
                variance += by_share * by_share * shares[c].errors[i].variance;
        }
    }
    for (size_t k = 0; k < columns; k++)
        variance += column[k] * column[k];
    return difference > 0 ? difference / sqrt(variance) : 0;
}

/* Each curve alone may have too few cells to show that the shape is wrong. */
static bool fits_all(const ts_shares *shares, size_t count, ts_curve_shape shape, double level,
                     ts_assess_scratch *scratch, double *column) {
    double statistic = 0;
    size_t freedom = 0;
    for (size_t c = 0; c < count; c++) {
        if (!ts_shares_can_be_fitted(&shares[c]))
            continue;
        const ts_assessment is = ts_assess(&shares[c], shape, level, 0, shares[c].count - 1, scratch, column);
        if (is.fit.slope > 0 && is.freedom > 0) {
            statistic += is.statistic;
            freedom += is.freedom;
        }
    }
    return !(ts_chi_square_tail(statistic, freedom) < REJECTED);
}

ts_curve_shape_choice ts_curve_shape_choose(const ts_shares *shares, size_t count, double level,
                                            ts_assess_scratch *scratch, double *column) {
    double likelihood[TS_CURVE_SHAPE_COUNT] = {0};
    ts_curve_shape_choice choice = {.best = TS_CURVE_LOGISTIC};
    for (int shape = 0; shape < TS_CURVE_SHAPE_COUNT; shape++) {
        for (size_t c = 0; c < count; c++)
            if (ts_shares_can_be_fitted(&shares[c]))
                likelihood[shape] += whole_fit(&shares[c], (ts_curve_shape)shape).log_likelihood;
        if (likelihood[shape] > likelihood[choice.best])
            choice.best = (ts_curve_shape)shape;
    }
    for (int shape = 0; shape < TS_CURVE_SHAPE_COUNT; shape++)
        if (shape != (int)choice.best)
            choice.behind[shape] =
                standard_deviations_behind(shares, count, choice.best, (ts_curve_shape)shape, scratch->columns, column);
    choice.fits = fits_all(shares, count, choice.best, level, scratch, column);
    return choice;
}
