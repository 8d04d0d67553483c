/* The exact loss of a network: integral over [0,1] of (f* - f)^2 (MODEL.md sections 1 and 5; docs/numerics.md, "Loss").
 *
 * f* - f is a sum of one function of each coordinate, g_c. Between two neighbouring breakpoints (jumps, and beginning,
 * middle and end of every transition) it is a cubic, so four Gauss nodes integrate its square exactly. Each node's
 * contribution is rounded to an integer: intervals may be added up in any order. As coordinates are independent,
 *
 *     loss = sum over c of (integral of g_c^2 - (integral of g_c)^2) + (sum over c of the integral of g_c)^2. */
#ifndef TS_MODEL_LOSS_H
#define TS_MODEL_LOSS_H

#include "model/plain.h"

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

/* Integrals over a part of [0,1] of g = f* - f along one coordinate, unit 2^-44. */
typedef struct ts_integrals {
    int64_t square, mean; /* of g^2 and of g */
} ts_integrals;

/* Contribution of one node. `length` of the interval in points, target and value of the network at the node, unit
 * 2^-48. */
TS_FUNCTION ts_integrals ts_node_integrals(int q, int32_t length, int64_t target, int64_t value) {
    const int64_t range = INT64_C(1) << 60;
    const double residual = (double)(target - ts_clamp(value, -range, range)) * 0x1p-48;
    const double limited = residual < -TS_LOSS_RESIDUAL_LIMIT  ? -TS_LOSS_RESIDUAL_LIMIT
                           : residual > TS_LOSS_RESIDUAL_LIMIT ? TS_LOSS_RESIDUAL_LIMIT
                                                               : residual;
    const double share = (double)length * ts_node_weight(q);
    const ts_integrals node = {llrint(share * (limited * limited) * 0x1p14), llrint(share * limited * 0x1p14)};
    return node;
}

/* A neuron as the loss sees it. */
typedef struct ts_measured_neuron {
    int64_t weight; /* unit 2^-48 */
    int32_t start;  /* of its transition, unit 2^-30 */
} ts_measured_neuron;

/* A finished network, along one coordinate. */
typedef struct ts_measured_network {
    const ts_measured_neuron *neuron; /* [m] ascending by start; the order of equal ones does not matter */
    const int64_t *on_sum;            /* [m + 1] value on the left (ts_value_on_the_left) plus the weights of the first
                                       * j neurons */
} ts_measured_network;

/* What the network begins with along a coordinate, unit 2^-48: the bias counts for the first one, and so does the base
 * of the target, which is taken off here for the others. */
TS_FUNCTION int64_t ts_value_on_the_left(const ts_cell *cell, uint32_t coordinate, int64_t bias) {
    return coordinate == 0 ? bias : (int64_t)cell->level[0] * (1 << 24);
}

/* How many of the sorted neurons start at `point` or before. */
TS_FUNCTION uint32_t ts_started(const ts_cell *cell, const ts_measured_neuron *neuron, int32_t point) {
    uint32_t low = 0, high = cell->of_coordinate;
    while (low < high) {
        const uint32_t middle = (low + high) / 2;
        if (neuron[middle].start <= point)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Integrals where the network is constant: the nodes differ in their weights alone, of which there are two. */
TS_FUNCTION ts_integrals ts_constant_interval(int32_t length, int64_t target, int64_t value) {
    const ts_integrals outer = ts_node_integrals(0, length, target, value),
                       inner = ts_node_integrals(1, length, target, value);
    const ts_integrals sum = {2 * (outer.square + inner.square), 2 * (outer.mean + inner.mean)};
    return sum;
}

/* Integrals over [low, high) for steps: the neurons first .. < last are in transition there, those before are on. */
TS_FUNCTION ts_integrals ts_step_interval(const ts_cell *cell, const ts_measured_network *network, uint32_t first,
                                          uint32_t last, int32_t low, int32_t high) {
    const int64_t target = (int64_t)ts_target(cell, low) * (1 << 24);
    const double length = high - low;
    ts_integrals sum = {0, 0};
    if (first == last)
        return ts_constant_interval(high - low, target, network->on_sum[first]);
    for (int q = 0; q < TS_LOSS_NODES; q++) {
        int64_t value = network->on_sum[first];
        for (uint32_t j = first; j < last; j++) {
            const int32_t begin = low - network->neuron[j].start;
            const double distance = begin + length * ts_node_point(q);
            value += ts_transition_value(distance, cell->width, begin >= cell->half_width, network->neuron[j].weight);
        }
        const ts_integrals node = ts_node_integrals(q, high - low, target, value);
        sum.square += node.square;
        sum.mean += node.mean;
    }
    return sum;
}

/* Integrals over [low, high) for rectified linear units, of which the first `on` are on there. */
TS_FUNCTION ts_integrals ts_relu_interval(const ts_cell *cell, const ts_measured_network *network, uint32_t on,
                                          int32_t low, int32_t high) {
    const uint32_t piece = ts_piece(cell, low);
    const int32_t behind = piece > 0 ? low - cell->jump_point[piece - 1] : 0;
    const double length = high - low;
    ts_integrals sum = {0, 0};
    for (int q = 0; q < TS_LOSS_NODES; q++) {
        const double within = length * ts_node_point(q);
        const int64_t target =
            (int64_t)cell->level[piece] * (1 << 24) + llrint((double)cell->slope[piece] * (behind + within) * 0x1p-6);
        int64_t value = network->on_sum[0];
        for (uint32_t j = 0; j < on; j++)
            value += llrint((double)network->neuron[j].weight * ((low - network->neuron[j].start) + within) * 0x1p-30);
        const ts_integrals node = ts_node_integrals(q, high - low, target, value);
        sum.square += node.square;
        sum.mean += node.mean;
    }
    return sum;
}

/* Breakpoints along a coordinate are numbered: 0, the jumps, the beginnings of the transitions, their middles, their
 * ends; of rectified linear units, the beginnings alone. Several may lie at the same point, and some outside of [0,1).
 */
TS_FUNCTION uint32_t ts_breakpoint_count(const ts_cell *cell) {
    const uint32_t parts = cell->activation == TS_ACTIVATION_RELU ? 1 : 3;
    return 1 + (uint32_t)cell->jump_count + parts * cell->of_coordinate;
}

/* Breakpoint b where it is 0 or a jump. */
TS_FUNCTION int32_t ts_left_end(const ts_cell *cell, uint32_t b) {
    return b > 0 ? cell->jump_point[b - 1] : 0;
}

/* Integrals over the interval that begins at breakpoint b and ends at the next one; 0 when it belongs to another
 * breakpoint of the same point, or lies outside of [0,1). The sum over all b is over [0,1]. */
TS_FUNCTION ts_integrals ts_breakpoint_integrals(const ts_cell *cell, const ts_measured_network *network, uint32_t b) {
    const ts_integrals none = {0, 0};
    const uint32_t jumps = (uint32_t)cell->jump_count, m = cell->of_coordinate;
    const int32_t half = cell->half_width, width = cell->width;
    const ts_measured_neuron *neuron = network->neuron;
    const bool of_neuron = b > jumps;
    const uint32_t part = of_neuron ? (b - jumps - 1) / m : 0, j = of_neuron ? (b - jumps - 1) % m : 0;
    const int32_t low = of_neuron ? neuron[j].start + (int32_t)part * half : ts_left_end(cell, b);
    if (of_neuron && (low <= 0 || low >= TS_POINT_ONE || (j > 0 && neuron[j - 1].start == neuron[j].start)))
        return none;
    if (!of_neuron && b > 0 && low == ts_left_end(cell, b - 1)) /* rounding can bring jumps together, or to 0 */
        return none;

    const uint32_t begun = ts_started(cell, neuron, low), past_middle = ts_started(cell, neuron, low - half);
    const uint32_t ended = ts_started(cell, neuron, low - width);
    if (part > 0 && begun > 0 && neuron[begun - 1].start == low)
        return none;
    if (part > 1 && past_middle > 0 && neuron[past_middle - 1].start == low - half)
        return none;

    int32_t high = TS_POINT_ONE;
    if (begun < m && neuron[begun].start < high)
        high = neuron[begun].start;
    if (past_middle < m && neuron[past_middle].start + half < high)
        high = neuron[past_middle].start + half;
    if (ended < m && neuron[ended].start + width < high)
        high = neuron[ended].start + width;
    for (uint32_t k = 0; k < jumps; k++) {
        if (of_neuron && cell->jump_point[k] == low)
            return none;
        if (cell->jump_point[k] > low && cell->jump_point[k] < high)
            high = cell->jump_point[k];
    }
    return cell->activation == TS_ACTIVATION_RELU ? ts_relu_interval(cell, network, begun, low, high)
                                                  : ts_step_interval(cell, network, ended, begun, low, high);
}

/* The loss from the integrals of its coordinates, added one after the other. */
typedef struct ts_loss_sum {
    double variance, mean;
} ts_loss_sum;

TS_FUNCTION void ts_add_coordinate(ts_loss_sum *sum, ts_integrals coordinate) {
    const double mean = (double)coordinate.mean * 0x1p-44;
    sum->variance += (double)coordinate.square * 0x1p-44 - mean * mean;
    sum->mean += mean;
}

/* Unit 2^-44. `first`: the integrals of the first coordinate, which are all there is in one dimension. */
TS_FUNCTION int64_t ts_loss_of(const ts_cell *cell, ts_integrals first, ts_loss_sum sum) {
    if (cell->dimension == 1)
        return first.square;
    const double most = TS_LOSS_RESIDUAL_LIMIT * TS_LOSS_RESIDUAL_LIMIT;
    return llrint(fmin(fmax(sum.variance + sum.mean * sum.mean, 0.0), most) * 0x1p44);
}

#endif
