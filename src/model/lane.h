/* What one lane of a group does in a step with the neurons that it owns (MODEL.md section 7; docs/numerics.md, "Step").
 *
 * The same sums as ts_forward and ts_backward, for few neurons in arrays of fixed length. The kernels keep high words
 * and weights in registers, which is why every index into these is a constant of an unrolled loop; low words, needed in
 * transitions alone, lie in shared memory. A lane without enough neurons fills up with ts_lane_idle ones. */
#ifndef TS_MODEL_LANE_H
#define TS_MODEL_LANE_H

#include "model/step.h"

#define TS_LANE_MAX_OWN 32 /* neurons of one lane: bits of a mask */
#define TS_MAX_LANES 128   /* that share a training */

/* A neuron that is off at every sample point. */
TS_FUNCTION void ts_lane_idle(const ts_neurons *own, int i) {
    own->position_high[i] = (int32_t)(TS_POSITION_HIGH >> 32);
    own->position_low[i] = 0;
    own->weight[i] = 0;
}

/* Index of the lowest bit of a mask that is not 0. */
TS_FUNCTION int ts_lowest_bit(uint32_t mask) {
#ifdef __CUDA_ARCH__
    return __ffs((int)mask) - 1;
#else
    return __builtin_ctz(mask);
#endif
}

/* High word and weight of neuron `index`, which is no constant: each is looked at, so that all stay in registers. */
TS_FUNCTION void ts_lane_pick(const ts_neurons *own, int count, int index, int32_t *high, int64_t *weight) {
    *high = 0;
    *weight = 0;
    TS_UNROLL
    for (int i = 0; i < count; i++)
        if (i == index) {
            *high = own->position_high[i];
            *weight = own->weight[i];
        }
}

/* Sum over the own neurons of a_i sigma_i, unit 2^-48. Bit i of *moving is set when neuron i is in transition. `edge`
 * is x + eta/2; `count` is the length of the arrays, at most TS_LANE_MAX_OWN. */
TS_FUNCTION int64_t ts_lane_forward(const ts_cell *cell, const ts_neurons *own, int count, int32_t edge,
                                    uint32_t *moving) {
    const int32_t last_on = edge - cell->width; /* neurons up to here are on, from here to `edge` in transition */
    int64_t sum = 0;
    uint32_t mask = 0;
    TS_UNROLL
    for (int i = 0; i < count; i++) {
        const int32_t high = own->position_high[i];
        if (high <= last_on)
            sum += own->weight[i];
        if (high > last_on && high <= edge)
            mask |= 1u << i;
    }
    *moving = mask;
    for (uint32_t left = mask; left != 0; left &= left - 1) {
        const int index = ts_lowest_bit(left);
        int32_t high;
        int64_t weight;
        ts_lane_pick(own, count, index, &high, &weight);
        sum += ts_multiply_unit(weight, ts_sigma(ts_transition_phase(cell, edge - high)));
    }
    return sum;
}

/* Apply the update to the own neurons; `moving` is what ts_lane_forward said. */
TS_FUNCTION void ts_lane_backward(const ts_cell *cell, const ts_neurons *own, int count, int32_t edge, uint32_t moving,
                                  ts_update update) {
    const int32_t last_on = edge - cell->width;
    TS_UNROLL
    for (int i = 0; i < count; i++)
        if (own->position_high[i] <= last_on)
            own->weight[i] += update.gradient;
    for (uint32_t left = moving; left != 0; left &= left - 1) {
        const int index = ts_lowest_bit(left);
        int32_t high;
        int64_t weight;
        ts_lane_pick(own, count, index, &high, &weight);
        int64_t position = (int64_t)((uint64_t)(uint32_t)high << 32 | own->position_low[index]);
        ts_move_neuron(cell, &position, &weight, edge - high, update);
        own->position_low[index] = (uint32_t)position;
        TS_UNROLL
        for (int i = 0; i < count; i++)
            if (i == index) {
                own->position_high[i] = (int32_t)(position >> 32);
                own->weight[i] = weight;
            }
    }
}

#endif
