/* Functions on a grid of points, as a trace shows them. */
#include "base/order.h"
#include "sweep/trace.h"

#include <math.h>
#include <stdlib.h>

/* A transition of width eta gets four intervals, where that is neither a waste nor too much for a file. */
#define INTERVALS_PER_TRANSITION 4
#define FEWEST_INTERVALS 500
#define MOST_INTERVALS 2000

double *ts_trace_points(const ts_settings *settings, size_t *count) {
    const double wanted = ceil(INTERVALS_PER_TRANSITION / settings->eta);
    const size_t intervals = (size_t)fmin(fmax(wanted, FEWEST_INTERVALS), MOST_INTERVALS);
    double *x = malloc((intervals + 1 + 2 * settings->jump_count) * sizeof *x);
    if (!x)
        return NULL;
    for (size_t i = 0; i <= intervals; i++)
        x[i] = (double)i / (double)intervals;
    size_t n = intervals + 1;
    for (size_t k = 0; k < settings->jump_count; k++) {
        x[n++] = settings->jump_at[k];
        x[n++] = fmax(settings->jump_at[k] - 0x1p-30, 0); /* so near does a sample come from the left */
    }
    qsort(x, n, sizeof *x, ts_compare_doubles);
    *count = 1;
    for (size_t i = 1; i < n; i++)
        if (x[i] > x[*count - 1])
            x[(*count)++] = x[i];
    return x;
}

void ts_trace_target(const ts_settings *settings, const double *x, size_t count, double *value) {
    double level = settings->target_base;
    size_t piece = 0;
    for (size_t i = 0; i < count; i++) {
        while (piece < settings->jump_count && settings->jump_at[piece] <= x[i])
            level += settings->jump_by[piece++];
        value[i] = level;
    }
}

/* 0 <= phase <= 1: z + 1/2 */
static double sigma(double phase) {
    const double rest = 1 - phase;
    return phase < 0.5 ? 4 * phase * phase * phase : 1 - 4 * rest * rest * rest;
}

/* Insertion sort: neurons are nearly in order. */
static void sort_neurons(uint32_t *order, const double *position, uint32_t m) {
    for (uint32_t j = 0; j < m; j++) {
        uint32_t place = j;
        for (; place > 0 && position[order[place - 1]] > position[j]; place--)
            order[place] = order[place - 1];
        order[place] = j;
    }
}

void ts_trace_function(double eta, uint32_t m, const double *position, const double *weight, double bias,
                       const double *x, size_t count, uint32_t *order, double *value) {
    sort_neurons(order, position, m);
    uint32_t on = 0; /* neurons whose transition has ended */
    double sum = bias;
    for (size_t i = 0; i < count; i++) {
        for (; on < m && position[order[on]] + eta / 2 <= x[i]; on++)
            sum += weight[order[on]];
        value[i] = sum;
        for (uint32_t k = on; k < m && position[order[k]] - eta / 2 < x[i]; k++)
            value[i] += weight[order[k]] * sigma(fmin(fmax((x[i] - position[order[k]]) / eta + 0.5, 0), 1));
    }
}
