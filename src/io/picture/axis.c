#include "io/picture/axis.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A cell is hardly seen when it is this share of its axis, and could be seen better when it is also less than so much
 * of what an even share would be. */
#define HARDLY_SEEN 0.001
#define MUCH_NARROWER 0.25
#define LEAST_SPAN 1e-6 /* of an axis, relative to its values: coordinates are printed with nine digits */

static double plotted(double value, size_t k, ts_axis_scale scale) {
    if (scale == TS_AXIS_EVEN)
        return (double)k;
    return scale == TS_AXIS_LOGARITHMIC ? log10(value) : value;
}

static void place(ts_axis *axis, ts_axis_scale scale) {
    size_t count = axis->count;
    axis->scale = scale;
    for (size_t k = 0; k < count; k++)
        axis->centre[k] = plotted(axis->value[k], k, scale);
    for (size_t k = 1; k < count; k++)
        axis->edge[k] = (axis->centre[k - 1] + axis->centre[k]) / 2;
    /* The outer cells reach as far outward as inward; a cell that is alone is as wide as a factor of ten, or one unit.
     */
    axis->edge[0] = count > 1 ? 2 * axis->centre[0] - axis->edge[1] : axis->centre[0] - 0.5;
    axis->edge[count] = count > 1 ? 2 * axis->centre[count - 1] - axis->edge[count - 1] : axis->centre[0] + 0.5;
}

static bool is_seen(const ts_axis *axis) {
    double low = ts_axis_low(axis), span = ts_axis_high(axis) - low, narrowest = span;
    for (size_t k = 0; k < axis->count; k++)
        narrowest = fmin(narrowest, axis->edge[k + 1] - axis->edge[k]);
    for (size_t k = 1; k < axis->count; k++) /* what stands at the values themselves must not hide each other */
        narrowest = fmin(narrowest, axis->centre[k] - axis->centre[k - 1]);
    return span > LEAST_SPAN * fmax(1, fabs(low)) && /* NaN fails */
           narrowest >= span * fmin(HARDLY_SEEN, MUCH_NARROWER / (double)axis->count);
}

bool ts_axis_build(ts_axis *axis, const double *values, size_t count, bool logarithmic) {
    *axis = (ts_axis){.count = count};
    axis->value = malloc(count * sizeof(double));
    axis->centre = calloc(count, sizeof(double)); /* an axis has one value at least; the analyser does not know */
    axis->edge = malloc((count + 1) * sizeof(double));
    if (!axis->value || !axis->centre || !axis->edge) {
        ts_axis_free(axis);
        return false;
    }
    memcpy(axis->value, values, count * sizeof(double));
    place(axis, logarithmic ? TS_AXIS_LOGARITHMIC : TS_AXIS_LINEAR);
    if (!is_seen(axis))
        place(axis, TS_AXIS_EVEN);
    return true;
}

double ts_axis_place(const ts_axis *axis, double value) {
    size_t k = 0;
    if (axis->scale != TS_AXIS_EVEN)
        return plotted(value, 0, axis->scale);
    while (k < axis->count && axis->value[k] < value)
        k++;
    if (k == axis->count)
        return ts_axis_high(axis);
    if (axis->value[k] == value)
        return axis->centre[k];
    if (k == 0)
        return ts_axis_low(axis);
    return axis->centre[k] - (axis->value[k] - value) / (axis->value[k] - axis->value[k - 1]);
}

void ts_axis_free(ts_axis *axis) {
    free(axis->value);
    free(axis->centre);
    free(axis->edge);
    *axis = (ts_axis){0};
}

double ts_axis_low(const ts_axis *axis) {
    return axis->edge[0];
}

double ts_axis_high(const ts_axis *axis) {
    return axis->edge[axis->count];
}

/* Largest gap between neighbours over the smallest. */
static double unevenness(const double *values, size_t count, bool logarithmic) {
    double smallest = INFINITY, largest = 0;
    for (size_t k = 1; k < count; k++) {
        double gap = logarithmic ? log(values[k] / values[k - 1]) : values[k] - values[k - 1];
        smallest = fmin(smallest, gap);
        largest = fmax(largest, gap);
    }
    return largest / smallest;
}

bool ts_axis_looks_geometric(const double *values, size_t count) {
    return values[count - 1] >= 8 * values[0] && unevenness(values, count, true) <= unevenness(values, count, false);
}

void ts_axis_widen(double *low, double *high, double least) {
    if (!isfinite(*low) || !isfinite(*high) || *low > *high)
        *low = *high = 0;
    least = fmax(least, LEAST_SPAN * fmax(fabs(*low), fabs(*high)));
    if (*high - *low >= least)
        return;
    double middle = (*low + *high) / 2;
    *low = middle - least / 2;
    *high = middle + least / 2;
}
