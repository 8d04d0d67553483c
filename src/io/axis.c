#include "io/axis.h"

#include "io/text.h"

#include <math.h>
#include <stdlib.h>

bool ts_axis_build(ts_axis *axis, const double *values, size_t count, bool logarithmic) {
    *axis = (ts_axis){.logarithmic = logarithmic, .count = count};
    axis->centre = malloc(count * sizeof(double));
    axis->edge = malloc((count + 1) * sizeof(double));
    if (axis->centre == NULL || axis->edge == NULL) {
        ts_axis_free(axis);
        return false;
    }
    for (size_t k = 0; k < count; k++)
        axis->centre[k] = logarithmic ? log10(values[k]) : values[k];
    for (size_t k = 1; k < count; k++)
        axis->edge[k] = (axis->centre[k - 1] + axis->centre[k]) / 2;
    /* The outer cells reach as far outward as inward; a cell that is alone is as wide as a factor of ten, or one unit.
     */
    axis->edge[0] = count > 1 ? 2 * axis->centre[0] - axis->edge[1] : axis->centre[0] - 0.5;
    axis->edge[count] = count > 1 ? 2 * axis->centre[count - 1] - axis->edge[count - 1] : axis->centre[0] + 0.5;
    return true;
}

void ts_axis_free(ts_axis *axis) {
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

static void print_tick(FILE *script, const char *separator, double value, double position) {
    char label[32];
    ts_text_number(label, sizeof label, value, 6);
    fprintf(script, "%s'%s' %.17g", separator, label, position);
}

void ts_axis_print_value_ticks(FILE *script, const char *name, const ts_axis *axis, double gap) {
    double last = axis->centre[axis->count - 1], shown = -INFINITY;
    gap *= ts_axis_high(axis) - ts_axis_low(axis);
    fprintf(script, "set %stics (", name);
    for (size_t k = 0; k < axis->count; k++) {
        double at = axis->centre[k];
        if (k + 1 < axis->count && (at - shown < gap || last - at < gap) && k > 0)
            continue;
        if (k > 0 && at - shown < gap)
            continue;
        double value = axis->logarithmic ? pow(10, at) : at;
        print_tick(script, k > 0 ? ", " : "", value, at);
        shown = at;
    }
    fputs(")\n", script);
}

/* Labels at 10^k for whole k, thinned to `gap`, and small ticks at their multiples. */
static void print_decades(FILE *script, double low, double high, double gap) {
    int first = (int)ceil(low - 1e-9), last = (int)floor(high + 1e-9);
    int stride = (int)ceil(gap * (high - low));
    stride = stride < 1 ? 1 : stride;
    for (int decade = first - 1; decade <= last; decade++)
        for (int digit = 1; digit <= 9; digit++) {
            double at = decade + log10(digit);
            if (at < low - 1e-9 || at > high + 1e-9)
                continue;
            if (digit == 1 && (decade - first) % stride == 0)
                fprintf(script, "'10^{%s%d}' %d, ", decade < 0 ? "−" : "", abs(decade), decade);
            else if (stride == 1 && last - first < 7)
                fprintf(script, "'' %.17g 1, ", at);
        }
}

/* Labels at the multiples of a round step, coarse enough for `gap` where the logarithm squeezes them most. */
static void print_steps(FILE *script, double low, double high, double gap) {
    double from = pow(10, low), to = pow(10, high);
    double step = pow(10, floor(log10(to - from)) - 2);
    static const double growth[] = {2, 2.5, 2}; /* 1, 2, 5, 10 */
    for (int k = 0; k < 9; k++) {
        double squeezed = log10(to / (to - step)) / (high - low);
        if (step < to && squeezed >= gap)
            break;
        if (step * growth[k % 3] >= (to - from))
            break;
        step *= growth[k % 3];
    }
    for (double multiple = ceil(from / step); multiple * step <= to * (1 + 1e-9); multiple++)
        if (multiple > 0)
            print_tick(script, "", multiple * step, log10(multiple * step)), fputs(", ", script);
}

void ts_axis_print_log_ticks(FILE *script, const char *name, double low, double high, double gap) {
    fprintf(script, "set %stics (", name);
    if (floor(high + 1e-9) - ceil(low - 1e-9) >= 1)
        print_decades(script, low, high, gap);
    else
        print_steps(script, low, high, gap);
    /* A list may not end with a comma; this tick is off the page. */
    fprintf(script, "'' %.17g 1)\n", low - 10);
}

/* 0.005 or 250, but 5e5 instead of 500000: large numbers get as few digits as they have. */
static void print_round_number(char *label, size_t size, double value) {
    int digits = fabs(value) < 1e5 ? 6 : 1;
    do
        ts_text_number(label, size, value, digits);
    while (fabs(strtod(label, NULL) - value) > 1e-6 * fabs(value) && ++digits <= 6);
}

void ts_axis_print_linear_ticks(FILE *script, const char *name, double low, double high, double gap) {
    static const double growth[] = {2, 2.5, 2}; /* 1, 2, 5, 10 */
    double step = pow(10, floor(log10(gap * (high - low))));
    for (int k = 0; k < 3 && step < gap * (high - low); k++)
        step *= growth[k];
    fprintf(script, "set %stics (", name);
    for (double multiple = ceil(low / step - 1e-9) + 0.0; multiple * step <= high + 1e-9 * step; multiple++) {
        char label[32];
        print_round_number(label, sizeof label, multiple * step);
        fprintf(script, "'%s' %.17g, ", label, multiple * step);
    }
    fprintf(script, "'' %.17g 1)\n", low - (high - low)); /* off the page, as above */
}

void ts_axis_print_epsilon_ticks(FILE *script, const ts_axis *axis) {
    if (axis->count > 1)
        ts_axis_print_log_ticks(script, "x", ts_axis_low(axis), ts_axis_high(axis), 0.09);
    else
        ts_axis_print_value_ticks(script, "x", axis, 0.09);
}
