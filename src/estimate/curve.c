#include "estimate/curve.h"

#include <math.h>

#define FLAT 40.0        /* beyond this |z| rates are 0 or 1 to all digits */
#define STEEPEST 2000.0  /* slopes in units of 1 / (distance of cells): a jump */
#define FIT_STEPS 60     /* of Newton's method, which needs about 6 */
#define PROFILE_STEPS 80 /* with its halvings of the bracket */
#define CONVERGED 1e-10  /* relative to what a parameter may change */

/* ---- shapes */

typedef struct logarithms {
    double success, failure; /* log G, log (1 - G) */
} logarithms;

static logarithms logarithms_of(ts_curve_shape shape, double z) {
    z = fmax(-FLAT, fmin(z, FLAT));
    if (shape == TS_CURVE_LOGISTIC)
        return (logarithms){-log1p(exp(-z)), -log1p(exp(z))};
    /* the two skewed shapes are mirror images */
    const double sudden = -exp(shape == TS_CURVE_LOW_TAIL ? -z : z);
    const double slow = log(-expm1(sudden));
    return shape == TS_CURVE_LOW_TAIL ? (logarithms){sudden, slow} : (logarithms){slow, sudden};
}

ts_curve_view ts_curve_at(ts_curve_shape shape, double scale, double z) {
    z = fmax(-FLAT, fmin(z, FLAT));
    double success, failure, hazard; /* G, 1 - G, G' / (G (1 - G)) */
    if (shape == TS_CURVE_LOGISTIC) {
        success = 1 / (1 + exp(-z));
        failure = 1 / (1 + exp(z));
        hazard = 1;
    } else {
        const double power = exp(shape == TS_CURVE_LOW_TAIL ? -z : z);
        const double sudden = exp(-power), slow = -expm1(-power);
        success = shape == TS_CURVE_LOW_TAIL ? sudden : slow;
        failure = shape == TS_CURVE_LOW_TAIL ? slow : sudden;
        hazard = power / slow;
    }
    const double missing = scale < 1 ? 1 - scale * success : failure;
    return (ts_curve_view){.expected = scale * success,
                           .change = scale * hazard * success * failure,
                           .sensitivity = missing > 0 ? hazard * (failure / missing) : hazard};
}

double ts_curve_logit(ts_curve_shape shape, double z) {
    const logarithms of = logarithms_of(shape, z);
    return of.success - of.failure;
}

double ts_curve_quantile(ts_curve_shape shape, double level) {
    if (shape == TS_CURVE_LOGISTIC)
        return log(level) - log1p(-level);
    return shape == TS_CURVE_LOW_TAIL ? -log(-log(level)) : log(-log1p(-level));
}

/* ---- likelihood */

double ts_curve_z(const ts_curve_fit *fit, double x) {
    return fit->intercept - fit->slope * (x - fit->centre);
}

double ts_curve_crossing(const ts_curve_fit *fit, double level) {
    return fit->centre + (fit->intercept - ts_curve_quantile(fit->shape, level)) / fit->slope;
}

static double share_log(double share, double logarithm) {
    return share > 0 ? share * logarithm : 0;
}

/* Of one cell, less that of its share itself. */
static double cell_likelihood(const ts_curve_cell *cell, ts_curve_shape shape, double z) {
    const logarithms of = logarithms_of(shape, z);
    const double success = of.success + log(cell->scale);
    const double failure = cell->scale < 1 ? log1p(-exp(success)) : of.failure;
    const double share = cell->share, rest = 1 - share;
    return cell->trials * (share_log(share, success - log(share)) + share_log(rest, failure - log(rest)));
}

static double likelihood(const ts_curve *curve, const ts_curve_fit *fit) {
    double sum = 0;
    for (size_t i = 0; i < curve->count; i++)
        sum += cell_likelihood(&curve->cell[i], fit->shape, ts_curve_z(fit, curve->cell[i].x));
    return sum;
}

bool ts_curve_overlaps(const ts_curve *curve) {
    size_t first_failure = curve->count, last_success = 0;
    for (size_t i = curve->count; i-- > 0;)
        if (curve->cell[i].share < curve->cell[i].scale)
            first_failure = i;
    for (size_t i = 0; i < curve->count; i++)
        if (curve->cell[i].share > 0)
            last_success = i;
    return first_failure < last_success;
}

/* Derivatives of the likelihood by intercept and slope, and the information about them. */
static void differentiate(const ts_curve *curve, ts_curve_fit *fit, double score[2]) {
    score[0] = score[1] = 0;
    fit->information[0] = fit->information[1] = fit->information[2] = 0;
    for (size_t i = 0; i < curve->count; i++) {
        const ts_curve_cell *cell = &curve->cell[i];
        const ts_curve_view view = ts_curve_at(fit->shape, cell->scale, ts_curve_z(fit, cell->x));
        const double x = fit->centre - cell->x;
        const double by_z = cell->trials * (cell->share - view.expected) * view.sensitivity;
        const double weight = cell->trials * view.change * view.sensitivity;
        score[0] += by_z;
        score[1] += by_z * x;
        fit->information[0] += weight;
        fit->information[1] += weight * x;
        fit->information[2] += weight * x * x;
    }
}

/* Fisher's scoring with halved steps where the likelihood would fall. It begins at a gentle curve in the middle of what
 * is to be fitted, where every cell has information. */
ts_curve_fit ts_curve_fit_to(const ts_curve *curve, ts_curve_shape shape) {
    const double first = curve->cell[0].x, last = curve->cell[curve->count - 1].x;
    ts_curve_fit fit = {.shape = shape, .centre = (first + last) / 2, .slope = 4 / (last - first)};
    fit.log_likelihood = likelihood(curve, &fit);
    for (int step = 0; step < FIT_STEPS; step++) {
        double score[2];
        differentiate(curve, &fit, score);
        const double *of = fit.information;
        const double determinant = of[0] * of[2] - of[1] * of[1];
        if (!(determinant > 0))
            break;
        double by_intercept = (of[2] * score[0] - of[1] * score[1]) / determinant;
        double by_slope = (of[0] * score[1] - of[1] * score[0]) / determinant;
        const double gain = score[0] * by_intercept + score[1] * by_slope; /* of twice the likelihood */
        ts_curve_fit next = fit;
        for (int halving = 0; halving < 40; halving++, by_intercept /= 2, by_slope /= 2) {
            next.intercept = fit.intercept + by_intercept;
            next.slope = fit.slope + by_slope;
            next.log_likelihood = likelihood(curve, &next);
            if (next.log_likelihood >= fit.log_likelihood)
                break;
        }
        if (!(next.log_likelihood >= fit.log_likelihood))
            break;
        fit = next;
        if (gain < CONVERGED)
            break;
    }
    double score[2];
    differentiate(curve, &fit, score);
    return fit;
}

/* ---- profile */

static double steepest(const ts_curve *curve) {
    double least = INFINITY;
    for (size_t i = 1; i < curve->count; i++)
        least = fmin(least, curve->cell[i].x - curve->cell[i - 1].x);
    return STEEPEST / least;
}

/* Newton's method for the slope, within a bracket, which is halved where its steps do not become shorter: the
 * likelihood has one maximum along it. */
double ts_curve_profile(const ts_curve *curve, ts_curve_shape shape, double level, double x, double *slope) {
    ts_curve_fit fit = {.shape = shape, .centre = x, .intercept = ts_curve_quantile(shape, level)};
    double low = 0, high = steepest(curve), longest = INFINITY; /* of the next step */
    fit.slope = *slope > low && *slope < high ? *slope : 1;
    for (int step = 0; step < PROFILE_STEPS && high - low > CONVERGED * high; step++) {
        double score[2];
        differentiate(curve, &fit, score);
        if (score[1] > 0)
            low = fit.slope;
        else
            high = fit.slope;
        const double change = score[1] / fit.information[2];
        const double next = fit.slope + change;
        if (fabs(change) < 1e-7 * fit.slope)
            break;
        const double before = fit.slope;
        if (next > low && next < high && fabs(change) <= longest)
            fit.slope = next;
        else
            fit.slope = low > 0 ? sqrt(low * high) : high / 16;
        longest = fabs(fit.slope - before) / 2;
    }
    *slope = fit.slope;
    return likelihood(curve, &fit);
}
