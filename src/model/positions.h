/* What the positions of a network of steps say, whatever its weights are: the two-timescale loss L(u) (docs/theory.md
 * section 1; docs/numerics.md, "Position loss"), and which jumps have a neuron.
 *
 * Neurons cut [0,1] into cells. On each the best constant is the average of f*, and L(u) is what remains. Breakpoints
 * are 0, the jumps and the neurons; between two of them the remainder is constant, and its part of L(u) is rounded to
 * an integer, so that parts may be added up in any order. Coordinates are independent: their L(u) add up. */
#ifndef TS_MODEL_POSITIONS_H
#define TS_MODEL_POSITIONS_H

#include "model/loss.h"

/* Integral of f* over [begin, end), unit 2^-54; exact. 0 <= begin <= end <= 1. */
TS_FUNCTION int64_t ts_target_integral(const ts_cell *cell, int32_t begin, int32_t end) {
    uint32_t piece = ts_piece(cell, begin);
    int64_t sum = 0;
    for (; piece < (uint32_t)cell->jump_count && cell->jump_point[piece] < end; piece++) {
        sum += (int64_t)cell->level[piece] * (cell->jump_point[piece] - begin);
        begin = cell->jump_point[piece];
    }
    return sum + (int64_t)cell->level[piece] * (end - begin);
}

/* Breakpoints along a coordinate are numbered: 0, the jumps, the neurons. */
TS_FUNCTION uint32_t ts_position_breakpoint_count(const ts_cell *cell) {
    return 1 + (uint32_t)cell->jump_count + cell->of_coordinate;
}

/* Part of L(u), unit 2^-44, over the interval that begins at breakpoint b and ends at the next one; 0 when it belongs
 * to another breakpoint of the same point, or lies outside of [0,1). `neuron` is that of a ts_measured_network. */
TS_FUNCTION int64_t ts_position_part(const ts_cell *cell, const ts_measured_neuron *neuron, uint32_t b) {
    const uint32_t jumps = (uint32_t)cell->jump_count, m = cell->of_coordinate;
    const int32_t half = cell->half_width;
    const bool of_neuron = b > jumps;
    const uint32_t j = of_neuron ? b - jumps - 1 : 0;
    const int32_t low = of_neuron ? neuron[j].start + half : ts_left_end(cell, b);
    if (low >= TS_POINT_ONE || (of_neuron && (low <= 0 || (j > 0 && neuron[j - 1].start == neuron[j].start))))
        return 0;
    if (!of_neuron && b > 0 && low == ts_left_end(cell, b - 1))
        return 0;
    const uint32_t piece = ts_piece(cell, low);
    if (of_neuron && piece > 0 && cell->jump_point[piece - 1] == low)
        return 0;

    const uint32_t before = ts_started(cell, neuron, low - half); /* neurons at `low` or before */
    const int32_t left = before > 0 ? neuron[before - 1].start + half : 0, begin = left > 0 ? left : 0;
    const int32_t right = before < m ? neuron[before].start + half : TS_POINT_ONE;
    const int32_t end = right < TS_POINT_ONE ? right : TS_POINT_ONE;
    const int32_t jump = piece < jumps ? cell->jump_point[piece] : TS_POINT_ONE, high = jump < end ? jump : end;
    const double average = (double)ts_target_integral(cell, begin, end) / (double)(end - begin);
    const double rest = ((double)cell->level[piece] - average) * 0x1p-24;
    return llrint((double)(high - low) * (rest * rest) * 0x1p14);
}

/* Is a neuron of the coordinate within eta/2 of jump k? */
TS_FUNCTION bool ts_jump_is_covered(const ts_cell *cell, const ts_measured_neuron *neuron, uint32_t k) {
    const int32_t point = cell->jump_point[k];
    return ts_started(cell, neuron, point) > ts_started(cell, neuron, point - cell->width - 1);
}

#endif
