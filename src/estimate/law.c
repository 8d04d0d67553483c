#include "estimate/law.h"

#include "base/fail.h"
#include "estimate/tail.h"

#include <math.h>
#include <stdlib.h>

#define REJECTED 0.05

/* The curves that take part: log x, log epsilon and the covariance of the latter. */
typedef struct points {
    double *x, *y;   /* [count] */
    double *inverse; /* [count][count] of the covariance */
    size_t count;
} points;

/* In place, of a symmetric positive definite matrix [n][n]. False: it is none. */
static bool invert(double *matrix, size_t n) {
    for (size_t k = 0; k < n; k++) { /* Gauss and Jordan: pivots on the diagonal are all positive */
        const double pivot = matrix[k * n + k];
        if (!(pivot > 0))
            return false;
        matrix[k * n + k] = 1;
        for (size_t j = 0; j < n; j++)
            matrix[k * n + j] /= pivot;
        for (size_t i = 0; i < n; i++) {
            if (i == k)
                continue;
            const double factor = matrix[i * n + k];
            matrix[i * n + k] = 0;
            for (size_t j = 0; j < n; j++)
                matrix[i * n + j] -= factor * matrix[k * n + j];
        }
    }
    return true;
}

static double product(const points *of, const double *left, const double *right) {
    double sum = 0;
    for (size_t i = 0; i < of->count; i++)
        for (size_t j = 0; j < of->count; j++)
            sum += (left ? left[i] : 1) * of->inverse[i * of->count + j] * (right ? right[j] : 1);
    return sum;
}

static void fit(ts_law *law, points *of) {
    const double s11 = product(of, NULL, NULL), s1x = product(of, NULL, of->x), sxx = product(of, of->x, of->x);
    const double s1y = product(of, NULL, of->y), sxy = product(of, of->x, of->y);
    const double determinant = s11 * sxx - s1x * s1x;
    const double intercept = (sxx * s1y - s1x * sxy) / determinant;
    law->exponent = (s11 * sxy - s1x * s1y) / determinant;
    double scale = TS_NORMAL_QUANTILE;
    if (of->count > 2) {
        for (size_t i = 0; i < of->count; i++)
            of->y[i] -= intercept + law->exponent * of->x[i];
        law->freedom = of->count - 2;
        law->statistic = product(of, of->y, of->y);
        law->p = ts_chi_square_tail(law->statistic, law->freedom);
        law->widened = law->p < REJECTED;
        if (law->widened)
            scale *= sqrt(law->statistic / (double)law->freedom);
    }
    const double half_exponent = scale * sqrt(s11 / determinant), half_factor = scale * sqrt(sxx / determinant);
    law->exponent_low = law->exponent - half_exponent;
    law->exponent_high = law->exponent + half_exponent;
    law->factor = exp(intercept);
    law->factor_low = exp(intercept - half_factor);
    law->factor_high = exp(intercept + half_factor);
}

ts_status ts_law_fit(ts_law *law, const ts_boundaries *boundaries, const size_t *curve, const double *x, size_t count,
                     ts_error *error) {
    *law = (ts_law){.factor = NAN,
                    .factor_low = NAN,
                    .factor_high = NAN,
                    .exponent = NAN,
                    .exponent_low = NAN,
                    .exponent_high = NAN,
                    .statistic = NAN,
                    .p = NAN};
    points of = {.x = malloc((count + 1) * sizeof(double)), .y = malloc((count + 1) * sizeof(double))};
    size_t *used = malloc((count + 1) * sizeof *used);
    ts_status status = TS_OK;
    for (size_t i = 0; of.x && of.y && used && i < count; i++) {
        if (!(x[i] > 0 && isfinite(x[i]))) {
            status = ts_fail(error, TS_INVALID, "", "a power law is held against %g; it must be positive", x[i]);
            goto cleanup;
        }
        if (boundaries->boundary[curve[i]].state != TS_BOUNDARY_FOUND)
            continue;
        of.x[of.count] = log(x[i]);
        of.y[of.count] = log(boundaries->boundary[curve[i]].epsilon);
        used[of.count++] = curve[i];
    }
    law->curves = of.count;
    of.inverse = malloc((of.count * of.count + 1) * sizeof(double));
    if (!of.x || !of.y || !used || !of.inverse) {
        status = ts_fail(error, TS_FAILED, "", "out of memory for a law of %zu boundaries", count);
        goto cleanup;
    }
    if (of.count < 2)
        goto cleanup;
    bool differ = false;
    for (size_t i = 1; i < of.count; i++)
        differ |= of.x[i] != of.x[0];
    if (!differ) {
        status =
            ts_fail(error, TS_INVALID, "", "a power law is held against %g alone; it needs two values", exp(of.x[0]));
        goto cleanup;
    }
    for (size_t i = 0; i < of.count; i++)
        for (size_t j = 0; j < of.count; j++)
            of.inverse[i * of.count + j] = ts_boundary_covariance(boundaries, used[i], used[j]);
    if (invert(of.inverse, of.count))
        fit(law, &of);
cleanup:
    free(of.x);
    free(of.y);
    free(of.inverse);
    free(used);
    return status;
}
