/* The cubic activation and its derivative inside a transition, in integers (MODEL.md section 1, docs/numerics.md,
 * "Activation").
 *
 * A neuron's offset t = x + eta/2 - u, unit 2^-30, says where the sample lies: t < 0 the neuron is off (sigma = 0),
 * t >= width it is on (sigma = 1), between the two it is in transition. */
#ifndef TS_MODEL_ACTIVATION_H
#define TS_MODEL_ACTIVATION_H

#include "model/cell.h"

TS_FUNCTION bool ts_in_transition(int32_t offset, int32_t width) {
    return (uint32_t)offset < (uint32_t)width;
}

/* z + 1/2 = offset / width as a fraction of 2^31, rounded down. 0 <= offset < width. */
TS_FUNCTION int32_t ts_transition_phase(const ts_cell *cell, int32_t offset) {
    const uint32_t normal = (uint32_t)offset << cell->width_shift;
    return (int32_t)((int64_t)normal * cell->inverse_width >> 30);
}

/* 1/2 - |z| as a fraction of 2^31: the distance to the nearer end of the transition, from 0 to 2^30. */
TS_FUNCTION int64_t ts_distance_to_end(int32_t phase) {
    return phase < 1 << 30 ? phase : (INT64_C(1) << 31) - phase;
}

/* sigma(z), unit 2^-30: 4 (z + 1/2)^3 below the middle, 1 - 4 (1/2 - z)^3 above. */
TS_FUNCTION int32_t ts_sigma(int32_t phase) {
    const int64_t d = ts_distance_to_end(phase);
    const int32_t cube = (int32_t)((d * d >> 30) * d >> 31);
    return phase < 1 << 30 ? cube : (1 << 30) - cube;
}

/* D(z) / D(0), unit 2^-30: (1/2 - |z|)^2 / (1/2)^2 for the exact derivative, 1 for the box. D(0) is in cell->velocity.
 */
TS_FUNCTION int32_t ts_relative_derivative(const ts_cell *cell, int32_t phase) {
    if (cell->derivative == TS_DERIVATIVE_BOX)
        return 1 << 30;
    const int64_t d = ts_distance_to_end(phase);
    return (int32_t)(d * d >> 30);
}

#endif
