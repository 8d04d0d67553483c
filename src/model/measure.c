#include "model/measure.h"

#include "model/loss.h"

#include <stdlib.h>

#define POINT_ONE (1 << TS_POINT_BITS)

typedef struct measured_neuron {
    int64_t weight;
    int32_t start; /* of the transition, in points */
} measured_neuron;

size_t ts_measure_scratch_size(const ts_cell *cell) {
    const size_t breakpoints = 3 * (size_t)cell->neurons + (size_t)cell->jump_count + 2;
    return cell->neurons * sizeof(measured_neuron) + breakpoints * sizeof(int32_t);
}

static int compare_neurons(const void *left, const void *right) {
    const int32_t a = ((const measured_neuron *)left)->start;
    const int32_t b = ((const measured_neuron *)right)->start;
    return (a > b) - (a < b);
}

static int compare_points(const void *left, const void *right) {
    const int32_t a = *(const int32_t *)left;
    const int32_t b = *(const int32_t *)right;
    return (a > b) - (a < b);
}

/* All points of [0,1] at which f* - f changes its polynomial, ascending, with repetitions. */
static size_t collect_breakpoints(const ts_cell *cell, const measured_neuron *neurons, int32_t *points) {
    size_t count = 0;
    points[count++] = 0;
    points[count++] = POINT_ONE;
    for (int32_t k = 0; k < cell->jump_count; k++)
        points[count++] = cell->jump_point[k];
    for (uint32_t j = 0; j < cell->neurons; j++)
        for (int part = 0; part <= 2; part++)
            points[count++] = (int32_t)ts_clamp(neurons[j].start + (int64_t)part * cell->half_width, 0, POINT_ONE);
    qsort(points, count, sizeof *points, compare_points);
    return count;
}

/* Contribution of the interval [low, high): neurons[active_begin .. active_end) may be in transition there. */
static int64_t interval_loss(const ts_cell *cell, const measured_neuron *neurons, uint32_t active_begin,
                             uint32_t active_end, int64_t on_sum, int32_t low, int32_t high) {
    const int32_t level = ts_target(cell, low);
    const double length = high - low;
    int64_t loss = 0;
    for (int q = 0; q < TS_LOSS_NODES; q++) {
        int64_t value = on_sum;
        for (uint32_t j = active_begin; j < active_end; j++) {
            const int32_t begin = low - neurons[j].start;
            const double distance = begin + length * ts_node_point(q);
            value += ts_transition_value(distance, cell->width, begin >= cell->half_width, neurons[j].weight);
        }
        loss += ts_node_loss(q, high - low, level, value);
    }
    return loss;
}

int64_t ts_measure_loss(const ts_cell *cell, const ts_neurons *neurons, int64_t bias, void *scratch) {
    measured_neuron *sorted = scratch;
    int32_t *points = (int32_t *)(sorted + cell->neurons);
    for (uint32_t j = 0; j < cell->neurons; j++)
        sorted[j] = (measured_neuron){neurons->weight[j], neurons->position_high[j] - cell->half_width};
    qsort(sorted, cell->neurons, sizeof *sorted, compare_neurons);
    const size_t count = collect_breakpoints(cell, sorted, points);

    int64_t loss = 0;
    int64_t on_sum = bias;
    uint32_t active_begin = 0, active_end = 0; /* all have the same width, so transitions end in the order they begin */
    for (size_t i = 0; i + 1 < count; i++) {
        const int32_t low = points[i], high = points[i + 1];
        if (low == high)
            continue;
        while (active_end < cell->neurons && sorted[active_end].start <= low)
            active_end++;
        while (active_begin < active_end && sorted[active_begin].start + cell->width <= low)
            on_sum += sorted[active_begin++].weight;
        loss += interval_loss(cell, sorted, active_begin, active_end, on_sum, low, high);
    }
    return loss;
}
