/* Rectified linear units: sigma(z) = max(z, 0) with z = x - u, and targets of the same kind (docs/numerics.md,
 * "Rectified linear units"). A neuron is on for x > u; no width, no transition. */
#ifndef TS_MODEL_RELU_H
#define TS_MODEL_RELU_H

#include "model/step.h"

/* f*(x), unit 2^-24: a polygon. */
TS_FUNCTION int32_t ts_relu_target(const ts_cell *cell, int32_t point) {
    const uint32_t piece = ts_piece(cell, point);
    const int32_t behind = piece > 0 ? point - cell->jump_point[piece - 1] : 0;
    return cell->level[piece] + (int32_t)ts_round_shift(ts_multiply_signed(cell->slope[piece], behind), TS_POINT_BITS);
}

/* Sum over the neurons j = first, first + stride, ... < count of a_j (x - u_j), those that are on; unit 2^-48. */
TS_FUNCTION int64_t ts_relu_forward(const ts_neurons *neurons, uint32_t first, uint32_t stride, uint32_t count,
                                    int32_t point) {
    int64_t sum = 0;
    for (uint32_t j = first; j < count; j += stride) {
        const int32_t beyond = point - neurons->position_high[j];
        if (beyond > 0)
            sum += ts_multiply_unit(neurons->weight[j], beyond);
    }
    return sum;
}

/* Apply the update to those neurons: a_j += 2 h r (x - u_j) and u_j -= 2 h epsilon r a_j, with the values before. */
TS_FUNCTION void ts_relu_backward(const ts_cell *cell, ts_neurons *neurons, uint32_t first, uint32_t stride,
                                  uint32_t count, int32_t point, ts_update update) {
    for (uint32_t j = first; j < count; j += stride) {
        const int32_t beyond = point - neurons->position_high[j];
        if (beyond > 0) {
            const int64_t position = ts_position(neurons, j);
            ts_set_position(neurons, j, ts_moved_by(cell, position, neurons->weight[j], update));
            neurons->weight[j] += ts_multiply_unit(update.gradient, beyond);
        }
    }
}

#endif
