/* One SGD step (MODEL.md sections 2 and 7; docs/numerics.md, "Step").
 *
 * A training may be shared by a group of lanes, each of which owns every lane_count-th neuron: every lane computes its
 * ts_forward, the group adds them up, every lane computes the same residual and update, then its own ts_backward. Sums
 * of integers make every group size give the same bits; one lane that owns all neurons is the plain step. */
#ifndef TS_MODEL_STEP_H
#define TS_MODEL_STEP_H

#include "model/activation.h"
#include "model/training.h"

#define TS_MAX_LANES 128     /* that share a training */
#define TS_SAMPLES_AT_ONCE 8 /* most samples whose targets are looked for together */

typedef struct ts_sample {
    int32_t point; /* x, unit 2^-30, 0 <= x < 1 */
    int32_t noise; /* a whole random word; xi = s noise 2^-31 */
} ts_sample;

typedef struct ts_update {
    int64_t gradient; /* G = 2 h r, unit 2^-48 */
    int32_t velocity; /* Y: residual times 2 h epsilon Dmax / eta, scaled as in ts_update_of */
} ts_update;

/* The samples of steps p and p + 1 (p even) come from one block. */
TS_FUNCTION ts_words ts_sample_block(const ts_cell *cell, uint32_t replicate, uint64_t step) {
    return ts_random_block(cell->seed, cell->salt, replicate, TS_STREAM_SAMPLES, step / 2);
}

TS_FUNCTION ts_sample ts_sample_of(const ts_words *block, uint64_t step) {
    const uint32_t even[2] = {block->word[0], block->word[1]}, odd[2] = {block->word[2], block->word[3]};
    const bool is_odd = step % 2 != 0; /* chosen by value: an index into a block would put it into a GPU's memory */
    const ts_sample sample = {(int32_t)((is_odd ? odd[0] : even[0]) >> 2), (int32_t)(is_odd ? odd[1] : even[1])};
    return sample;
}

/* Jumps of the target at `point` or before. */
TS_FUNCTION uint32_t ts_piece(const ts_cell *cell, int32_t point) {
    uint32_t piece = 0;
    for (uint32_t step = cell->jump_search; step > 0; step /= 2)
        piece += cell->jump_point[piece + step - 1] <= point ? step : 0;
    return piece;
}

/* f*(x), unit 2^-24. */
TS_FUNCTION int32_t ts_target(const ts_cell *cell, int32_t point) {
    return cell->level[ts_piece(cell, point)];
}

/* Add f*(x) of several samples, up to TS_SAMPLES_AT_ONCE, to value[]; edge[] is x + eta/2. All look at the same
 * distance at a time. */
TS_FUNCTION void ts_add_targets(const ts_cell *cell, const int32_t *edge, int32_t *value, int count) {
    uint32_t piece[TS_SAMPLES_AT_ONCE]; /* in bytes, so that no address has to be computed from it */
    TS_UNROLL
    for (int i = 0; i < count; i++)
        piece[i] = 0;
    TS_UNROLL
    for (int level = 5; level >= 0; level--) {
        const uint32_t step = 1u << level;
        if (step > cell->jump_search)
            continue;
        TS_UNROLL
        for (int i = 0; i < count; i++)
            if (*(const int32_t *)(const void *)((const char *)(cell->jump_point + step - 1) + piece[i]) <=
                edge[i] - cell->half_width)
                piece[i] += step * (uint32_t)sizeof(int32_t);
    }
    TS_UNROLL
    for (int i = 0; i < count; i++)
        value[i] += *(const int32_t *)(const void *)((const char *)cell->level + piece[i]);
}

/* Sum over the neurons j = first, first + stride, ... < count of a_j sigma_j, unit 2^-48. Sets *near when one of them
 * is in transition. `edge` is x + eta/2. */
TS_FUNCTION int64_t ts_forward(const ts_cell *cell, const ts_neurons *neurons, uint32_t first, uint32_t stride,
                               uint32_t count, int32_t edge, bool *near) {
    int64_t sum = 0;
    uint32_t in_transition = 0;
    for (uint32_t j = first; j < count; j += stride) {
        const int32_t offset = edge - neurons->position_high[j];
        sum += neurons->weight[j] & -(int64_t)(offset >= cell->width);
        in_transition |= ts_in_transition(offset, cell->width);
    }
    *near = in_transition;
    if (!in_transition)
        return sum;
    for (uint32_t j = first; j < count; j += stride) {
        const int32_t offset = edge - neurons->position_high[j];
        if (ts_in_transition(offset, cell->width))
            sum += ts_multiply_unit(neurons->weight[j], ts_sigma(ts_transition_phase(cell, offset)));
    }
    return sum;
}

/* xi, unit 2^-24. */
TS_FUNCTION int64_t ts_noise(const ts_cell *cell, ts_sample sample) {
    return ts_apply(cell->noise, sample.noise);
}

/* f*(x) + xi, unit 2^-24; fits into 32 bits. */
TS_FUNCTION int64_t ts_label(const ts_cell *cell, ts_sample sample) {
    return ts_target(cell, sample.point) + ts_noise(cell, sample);
}

/* f*(x) + xi - f(x), unit 2^-48, modulo 2^64. `label`: unit 2^-24; `sum`: a_0 plus the forward sums of all lanes. */
TS_FUNCTION uint64_t ts_missing(int64_t label, int64_t sum) {
    return (uint64_t)(label * (INT64_C(1) << (TS_WEIGHT_BITS - TS_VALUE_BITS))) - (uint64_t)sum;
}

/* r, unit 2^(shift - 24): that of a cell is its residual_shift. Defined for everything that may be missing: batches
 * also compute steps that are not done then. */
TS_FUNCTION int64_t ts_residual(uint64_t missing, int shift) {
    return ts_round_shift((int64_t)missing, TS_WEIGHT_BITS - TS_VALUE_BITS + shift);
}

TS_FUNCTION bool ts_residual_in_range(const ts_cell *cell, int64_t residual) {
    return (uint64_t)residual + (uint64_t)cell->residual_limit <= cell->residual_range;
}

/* G = 2 h r, unit 2^-48. `residual` is in its range, and so in the functions below. */
TS_FUNCTION int64_t ts_gradient_of(const ts_cell *cell, int32_t residual) {
    return ts_apply(cell->gradient, residual);
}

TS_FUNCTION ts_update ts_update_of(const ts_cell *cell, int32_t residual) {
    const ts_update update = {
        ts_gradient_of(cell, residual),
        (int32_t)ts_round_shift((int64_t)residual * cell->velocity.multiplier, 31),
    };
    return update;
}

/* Is the growth of the weights since their last examination still bounded, this gradient included? If not, the lanes
 * add up their ts_weight_range and ts_weights_in_range decides whether the training goes on. */
TS_FUNCTION bool ts_drift_in_range(const ts_cell *cell, const ts_training *training, int64_t gradient) {
    return training->drift + (gradient < 0 ? -gradient : gradient) <= cell->drift_limit;
}

typedef struct ts_range {
    int64_t positive, negative; /* sums of the positive and of the negative weights, unit 2^-48 */
} ts_range;

TS_FUNCTION void ts_range_add(ts_range *range, int64_t weight) {
    range->positive += weight > 0 ? weight : 0;
    range->negative += weight < 0 ? weight : 0;
}

TS_FUNCTION ts_range ts_weight_range(const ts_neurons *neurons, uint32_t first, uint32_t stride, uint32_t count) {
    ts_range range = {0, 0};
    for (uint32_t j = first; j < count; j += stride)
        ts_range_add(&range, neurons->weight[j]);
    return range;
}

/* `range` includes the bias. */
TS_FUNCTION bool ts_weights_in_range(const ts_cell *cell, ts_range range) {
    return range.positive <= cell->weight_limit && range.negative >= -cell->weight_limit;
}

/* u_j - 2 h epsilon r s, where `slope` s is a_j D_j / D(0), unit 2^-48, with the values before the step. */
TS_FUNCTION int64_t ts_moved_by(const ts_cell *cell, int64_t position, int64_t slope, ts_update update) {
    const int64_t move = ts_multiply_saturated(slope, update.velocity, cell->velocity.shift - 31);
    /* limits on the move instead of the position: the difference cannot leave int64 */
    return position - ts_clamp(move, position - TS_POSITION_HIGH, position - TS_POSITION_LOW);
}

/* u_j - 2 h epsilon r a_j D_j / eta of a neuron in transition, with the values before the step. */
TS_FUNCTION int64_t ts_moved_position(const ts_cell *cell, int64_t position, int64_t weight, int32_t phase,
                                      ts_update update) {
    return ts_moved_by(cell, position, ts_multiply_unit(weight, ts_relative_derivative(cell, phase)), update);
}

/* One neuron in transition: a_j += 2 h r sigma_j, and its position moves. */
TS_FUNCTION void ts_move_neuron(const ts_cell *cell, int64_t *position, int64_t *weight, int32_t offset,
                                ts_update update) {
    const int32_t phase = ts_transition_phase(cell, offset);
    *position = ts_moved_position(cell, *position, *weight, phase, update);
    *weight += ts_multiply_unit(update.gradient, ts_sigma(phase));
}

/* Apply the update to the neurons j = first, first + stride, ... < count. `near`: what ts_forward said of them. */
TS_FUNCTION void ts_backward(const ts_cell *cell, ts_neurons *neurons, uint32_t first, uint32_t stride, uint32_t count,
                             int32_t edge, bool near, ts_update update) {
    for (uint32_t j = first; j < count; j += stride) {
        const int32_t offset = edge - neurons->position_high[j];
        neurons->weight[j] += update.gradient & -(int64_t)(offset >= cell->width);
    }
    if (!near)
        return;
    for (uint32_t j = first; j < count; j += stride) {
        const int32_t offset = edge - neurons->position_high[j];
        if (ts_in_transition(offset, cell->width)) {
            int64_t position = ts_position(neurons, j);
            ts_move_neuron(cell, &position, &neurons->weight[j], offset, update);
            ts_set_position(neurons, j, position);
        }
    }
}

/* What there is once in a training: a_0 += 2 h r, the growth of the weights, the clock. */
TS_FUNCTION void ts_finish_step(ts_training *training, int64_t gradient) {
    training->bias += gradient;
    training->drift += gradient < 0 ? -gradient : gradient;
    training->step++;
}

#endif
