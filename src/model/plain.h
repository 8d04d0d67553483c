/* The step of every network there is, one neuron after the other: either activation, any number of coordinates
 * (MODEL.md section 2; docs/numerics.md, "Step" and "Several coordinates").
 *
 * The neurons of coordinate c are c m .. (c + 1) m - 1; each sees this coordinate of the sample alone. The coordinates
 * meet in the residual. In one dimension and with steps it is what model/step.h says. */
#ifndef TS_MODEL_PLAIN_H
#define TS_MODEL_PLAIN_H

#include "model/relu.h"

/* Blocks of random words with the coordinates 1, 2, ... of a sample. */
TS_FUNCTION uint32_t ts_coordinate_blocks(const ts_cell *cell) {
    return (cell->dimension + 2) / 4;
}

/* Block q of step p has the coordinates 4 q + 1 .. 4 q + 4. */
TS_FUNCTION ts_words ts_coordinate_block(const ts_cell *cell, uint32_t replicate, uint64_t step, uint32_t q) {
    return ts_random_block(cell->seed, cell->salt, replicate, TS_STREAM_COORDINATES,
                           step * ts_coordinate_blocks(cell) + q);
}

/* x of a coordinate, from its random word; unit 2^-30. */
TS_FUNCTION int32_t ts_point_of(uint32_t word) {
    return (int32_t)(word >> 2);
}

/* The coordinates 1, 2, ... of the sample of a step, into point[1] .. point[d - 1]. */
TS_FUNCTION void ts_further_points(const ts_cell *cell, uint32_t replicate, uint64_t step, int32_t *point) {
    for (uint32_t q = 0; q < ts_coordinate_blocks(cell); q++) {
        const ts_words block = ts_coordinate_block(cell, replicate, step, q);
        for (uint32_t k = 4 * q + 1; k < cell->dimension && k <= 4 * q + 4; k++)
            point[k] = ts_point_of(block.word[(k - 1) % 4]);
    }
}

/* What a coordinate adds to the target, unit 2^-24. The base counts once. */
TS_FUNCTION int32_t ts_plain_target(const ts_cell *cell, uint32_t coordinate, int32_t point) {
    const int32_t value = cell->activation == TS_ACTIVATION_RELU ? ts_relu_target(cell, point) : ts_target(cell, point);
    return coordinate > 0 ? value - cell->level[0] : value;
}

/* ts_forward of either activation for neurons of one coordinate, at x = `point`. */
TS_FUNCTION int64_t ts_plain_forward(const ts_cell *cell, const ts_neurons *neurons, uint32_t first, uint32_t stride,
                                     uint32_t count, int32_t point, bool *near) {
    *near = false;
    if (cell->activation == TS_ACTIVATION_RELU)
        return ts_relu_forward(neurons, first, stride, count, point);
    return ts_forward(cell, neurons, first, stride, count, point + cell->half_width, near);
}

/* ts_backward of either activation. */
TS_FUNCTION void ts_plain_backward(const ts_cell *cell, ts_neurons *neurons, uint32_t first, uint32_t stride,
                                   uint32_t count, int32_t point, bool near, ts_update update) {
    if (cell->activation == TS_ACTIVATION_RELU)
        ts_relu_backward(cell, neurons, first, stride, count, point, update);
    else
        ts_backward(cell, neurons, first, stride, count, point + cell->half_width, near, update);
}

/* The faster forms of the step are for steps in one dimension, with residuals of the unit 2^-24. */
TS_FUNCTION bool ts_has_fast_forms(const ts_cell *cell) {
    return cell->activation == TS_ACTIVATION_STEP && cell->dimension == 1 && cell->residual_shift == 0;
}

#endif
