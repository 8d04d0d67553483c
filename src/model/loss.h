/* The exact loss of a network: integral over [0,1] of (f* - f)^2 (MODEL.md sections 1 and 5; docs/numerics.md, "Loss").
 *
 * Between two neighbouring breakpoints (jumps, and beginning, middle and end of every transition) f* - f is a cubic, so
 * four Gauss nodes integrate its square exactly. Each node's contribution is rounded to an integer: intervals may be
 * added up in any order. */
#ifndef TS_MODEL_LOSS_H
#define TS_MODEL_LOSS_H

#include "model/step.h"

#include <float.h>
#include <math.h>

#if FLT_EVAL_METHOD != 0
#error                                                                                                                 \
    "docs/numerics.md rounds every float64 operation to float64; this compiler keeps more digits (on x86: -mfpmath=sse)"
#endif

#define TS_LOSS_NODES 4
#define TS_POINT_ONE (1 << TS_POINT_BITS)
#define TS_LOSS_RESIDUAL_LIMIT 512.0 /* |f* - f| is cut here, so that a loss is at most 2^18 */

/* Node q of the rule on [0,1]: where it lies and what it weighs. */
TS_FUNCTION double ts_node_point(int q) {
    return q == 0   ? 0.069431844202973712
           : q == 1 ? 0.330009478207571868
           : q == 2 ? 0.669990521792428132
                    : 0.930568155797026288;
}

TS_FUNCTION double ts_node_weight(int q) {
    return q == 0 || q == 3 ? 0.173927422568726929 : 0.326072577431273071;
}

/* a_j sigma_j at `distance` (a fraction of a point allowed) behind the start of the transition, unit 2^-48.
 * `second_half`: on the whole interval the neuron is past its middle. */
TS_FUNCTION int64_t ts_transition_value(double distance, int32_t width, bool second_half, int64_t weight) {
    const double phase = distance / (double)width;
    const double d = second_half ? 1.0 - phase : phase;
    const double cube = 4.0 * (d * d * d);
    return llrint((double)weight * (second_half ? 1.0 - cube : cube));
}

/* Contribution of one node to the loss, unit 2^-44. `length` of the interval in points, level of the target there (unit
 * 2^-24), value of the network at the node (unit 2^-48). */
TS_FUNCTION int64_t ts_node_loss(int q, int32_t length, int32_t level, int64_t value) {
    const int64_t range = INT64_C(1) << 60;
    const int64_t difference = (int64_t)level * (1 << 24) - ts_clamp(value, -range, range);
    const double residual = (double)difference * 0x1p-48;
    const double limited = fmin(fmax(residual, -TS_LOSS_RESIDUAL_LIMIT), TS_LOSS_RESIDUAL_LIMIT);
    return llrint((double)length * ts_node_weight(q) * (limited * limited) * 0x1p14);
}

/* A neuron as the loss sees it. */
typedef struct ts_measured_neuron {
    int64_t weight; /* unit 2^-48 */
    int32_t start;  /* of its transition, unit 2^-30 */
} ts_measured_neuron;

/* A finished network. */
typedef struct ts_measured_network {
    const ts_measured_neuron *neuron; /* [m] ascending by start; the order of equal ones does not matter */
    const int64_t *on_sum;            /* [m + 1] bias plus the weights of the first j neurons */
} ts_measured_network;

/* How many of the sorted neurons start at `point` or before. */
TS_FUNCTION uint32_t ts_started(const ts_cell *cell, const ts_measured_neuron *neuron, int32_t point) {
    uint32_t low = 0, high = cell->neurons;
    while (low < high) {
        const uint32_t middle = (low + high) / 2;
        if (neuron[middle].start <= point)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Loss of the interval [low, high): the neurons first .. < last are in transition there, those before are on. */
TS_FUNCTION int64_t ts_interval_loss(const ts_cell *cell, const ts_measured_network *network, uint32_t first,
                                     uint32_t last, int32_t low, int32_t high) {
    const int32_t level = ts_target(cell, low);
    const double length = high - low;
    int64_t loss = 0;
    for (int q = 0; q < TS_LOSS_NODES; q++) {
        int64_t value = network->on_sum[first];
        for (uint32_t j = first; j < last; j++) {
            const int32_t begin = low - network->neuron[j].start;
            const double distance = begin + length * ts_node_point(q);
            value += ts_transition_value(distance, cell->width, begin >= cell->half_width, network->neuron[j].weight);
        }
        loss += ts_node_loss(q, high - low, level, value);
    }
    return loss;
}

/* Breakpoints are numbered: 0, the jumps, the beginnings of the transitions, their middles, their ends. Several may lie
 * at the same point, and some outside of [0,1). */
TS_FUNCTION uint32_t ts_breakpoint_count(const ts_cell *cell) {
    return 1 + (uint32_t)cell->jump_count + 3 * cell->neurons;
}

/* Loss of the interval that begins at breakpoint b and ends at the next one; 0 when it belongs to another breakpoint of
 * the same point, or lies outside of [0,1). The sum over all b is the loss of the network. */
TS_FUNCTION int64_t ts_breakpoint_loss(const ts_cell *cell, const ts_measured_network *network, uint32_t b) {
    const uint32_t jumps = (uint32_t)cell->jump_count, m = cell->neurons;
    const int32_t half = cell->half_width, width = cell->width;
    const ts_measured_neuron *neuron = network->neuron;
    const bool of_neuron = b > jumps;
    const uint32_t part = of_neuron ? (b - jumps - 1) / m : 0, j = of_neuron ? (b - jumps - 1) % m : 0;
    const int32_t low = of_neuron ? neuron[j].start + (int32_t)part * half : b > 0 ? cell->jump_point[b - 1] : 0;
    if (of_neuron && (low <= 0 || low >= TS_POINT_ONE || (j > 0 && neuron[j - 1].start == neuron[j].start)))
        return 0;

    const uint32_t begun = ts_started(cell, neuron, low), past_middle = ts_started(cell, neuron, low - half);
    const uint32_t ended = ts_started(cell, neuron, low - width);
    if (part > 0 && begun > 0 && neuron[begun - 1].start == low)
        return 0;
    if (part > 1 && past_middle > 0 && neuron[past_middle - 1].start == low - half)
        return 0;

    int32_t high = TS_POINT_ONE;
    if (begun < m && neuron[begun].start < high)
        high = neuron[begun].start;
    if (past_middle < m && neuron[past_middle].start + half < high)
        high = neuron[past_middle].start + half;
    if (ended < m && neuron[ended].start + width < high)
        high = neuron[ended].start + width;
    for (uint32_t k = 0; k < jumps; k++) {
        if (of_neuron && cell->jump_point[k] == low)
            return 0;
        if (cell->jump_point[k] > low && cell->jump_point[k] < high)
            high = cell->jump_point[k];
    }
    return ts_interval_loss(cell, network, ended, begun, low, high);
}

#endif
