/* A training that a group of lanes computes together, for many neurons (MODEL.md section 7; docs/numerics.md, "Step").
 *
 * The neurons are kept in ascending order, in rows of as many as there are lanes, one for each lane; TS_BLOCKED_ROWS
 * rows are a block. A block has a sum of its weights, and a gradient that is still to be added to each of them
 * (`lazy`); both are kept by one lane, which has TS_BLOCKED_OWN blocks: lane, lane + lanes, ... A step adds up the
 * blocks that are on as a whole, and looks at the neurons of those few blocks that hold the end of the neurons that are
 * on and the ones in transition. So it costs hardly more for more neurons. Sums of integers make this the same bits as
 * neuron after neuron.
 *
 * These are the parts of a step that a lane does alone; what lanes tell each other is in kernels/advance_blocked.cu. */
#ifndef TS_KERNELS_BLOCKED_H
#define TS_KERNELS_BLOCKED_H

#include "model/step.h"

#include <stddef.h>

#define TS_BLOCKED_ROWS 4 /* of a block */
#define TS_BLOCKED_OWN 4  /* blocks whose sums a lane keeps */

/* What a lane keeps of its blocks. Blocks that do not exist end at INT32_MAX. */
typedef struct ts_blocked_sums {
    uint64_t sum[TS_BLOCKED_OWN];  /* of the weights, unit 2^-48, modulo 2^64 */
    uint64_t lazy[TS_BLOCKED_OWN]; /* to be added to each weight of the block */
    int32_t last[TS_BLOCKED_OWN];  /* high word of the position of the last neuron */
} ts_blocked_sums;

/* All of a training. Place k of the order lies at [k / lanes][k % lanes] of `high` and `weight`, whose rows are
 * `stride` long; there is a block more than needed, and places beyond the last neuron have the position INT32_MAX. */
typedef struct ts_blocked {
    int32_t *high;         /* [(blocks + 1) TS_BLOCKED_ROWS][stride] unit 2^-30 */
    uint64_t *weight;      /* as high, unit 2^-48, without what is lazy */
    uint32_t *low;         /* [m] unit 2^-62 */
    uint32_t *order;       /* [m] number of the neuron at a place */
    ts_blocked_sums *sums; /* [lanes] up to date during ts_blocked_sort and ts_blocked_range alone */
    uint32_t lanes, stride;
} ts_blocked;

TS_FUNCTION uint32_t ts_blocked_block_of(uint32_t place, uint32_t lanes) {
    return place / (lanes * TS_BLOCKED_ROWS); /* NOLINT(clang-analyzer-core.DivideZero): lanes > 0 */
}

TS_FUNCTION uint32_t ts_blocked_blocks(uint32_t neurons, uint32_t lanes) {
    return ts_blocked_block_of(neurons + lanes * TS_BLOCKED_ROWS - 1, lanes);
}

/* Places of the order with those that nothing is at: a block more than needed. */
TS_FUNCTION uint32_t ts_blocked_places(uint32_t neurons, uint32_t lanes) {
    return (ts_blocked_blocks(neurons, lanes) + 1) * (lanes * TS_BLOCKED_ROWS);
}

/* The most neurons that so many lanes can have. */
TS_FUNCTION uint32_t ts_blocked_most(uint32_t lanes) {
    return TS_BLOCKED_OWN * lanes * lanes * TS_BLOCKED_ROWS;
}

/* Bytes of `high` and `weight`. */
TS_FUNCTION size_t ts_blocked_size(uint32_t neurons, uint32_t lanes, uint32_t stride) {
    return ts_blocked_places(neurons, lanes) / lanes * stride * (sizeof(uint64_t) + sizeof(int32_t));
}

TS_FUNCTION uint32_t ts_blocked_at(const ts_blocked *net, uint32_t place) {
    return place / net->lanes * net->stride + place % net->lanes; /* NOLINT(clang-analyzer-core.DivideZero) */
}

/* ---- sums of a lane's own blocks */

/* How many end at `last_on` or before: their neurons are all on. */
TS_FUNCTION uint32_t ts_blocked_full(const ts_blocked_sums *own, int32_t last_on) {
    uint32_t count = 0;
    TS_UNROLL
    for (int q = 0; q < TS_BLOCKED_OWN; q++)
        count += own->last[q] <= last_on;
    return count;
}

/* Sum of those among the first `full` blocks. */
TS_FUNCTION uint64_t ts_blocked_sum(const ts_blocked_sums *own, uint32_t lane, uint32_t lanes, uint32_t full) {
    uint64_t sum = 0;
    TS_UNROLL
    for (uint32_t q = 0; q < TS_BLOCKED_OWN; q++)
        if (q * lanes + lane < full)
            sum += own->sum[q];
    return sum;
}

/* Add a gradient to all weights of those among the first `full` blocks. */
TS_FUNCTION void ts_blocked_learn(ts_blocked_sums *own, uint32_t lane, uint32_t lanes, uint32_t full,
                                  uint64_t gradient) {
    TS_UNROLL
    for (uint32_t q = 0; q < TS_BLOCKED_OWN; q++)
        if (q * lanes + lane < full) {
            own->lazy[q] += gradient;
            own->sum[q] += gradient * (lanes * TS_BLOCKED_ROWS);
        }
}

/* What is lazy in block q lanes + lane. */
TS_FUNCTION uint64_t ts_blocked_lazy(const ts_blocked_sums *own, uint32_t q) {
    uint64_t lazy = 0;
    TS_UNROLL
    for (uint32_t i = 0; i < TS_BLOCKED_OWN; i++)
        lazy = i == q ? own->lazy[i] : lazy;
    return lazy;
}

/* The weights of block q lanes + lane have grown by `sum` together. */
TS_FUNCTION void ts_blocked_add(ts_blocked_sums *own, uint32_t q, uint64_t sum) {
    TS_UNROLL
    for (uint32_t i = 0; i < TS_BLOCKED_OWN; i++)
        own->sum[i] += i == q ? sum : 0;
}

/* Its last neuron is at `last`. */
TS_FUNCTION void ts_blocked_end(ts_blocked_sums *own, uint32_t q, int32_t last) {
    TS_UNROLL
    for (uint32_t i = 0; i < TS_BLOCKED_OWN; i++)
        own->last[i] = i == q ? last : own->last[i];
}

/* ---- the block that holds the end of the neurons that are on */

/* What a lane has of it. */
typedef struct ts_blocked_on {
    uint64_t sum;   /* of the weights that are on, unit 2^-48 */
    uint32_t count; /* of the rows that are on: the first ones */
} ts_blocked_on;

/* `at`: the lane's neuron in the first row. `lazy`: that of the block. `last_on`: where the neurons that are on end. */
TS_FUNCTION ts_blocked_on ts_blocked_look(const ts_blocked *net, uint32_t at, uint64_t lazy, int32_t last_on) {
    ts_blocked_on on = {0, 0};
    TS_UNROLL
    for (uint32_t row = 0; row < TS_BLOCKED_ROWS; row++)
        if (net->high[at + row * net->stride] <= last_on) {
            on.sum += net->weight[at + row * net->stride] + lazy;
            on.count++;
        }
    return on;
}

/* Add a gradient to the weights that are on. */
TS_FUNCTION void ts_blocked_learn_on(const ts_blocked *net, uint32_t at, uint32_t count, uint64_t gradient) {
    TS_UNROLL
    for (uint32_t row = 0; row < TS_BLOCKED_ROWS; row++)
        if (row < count)
            net->weight[at + row * net->stride] += gradient;
}

/* ---- a neuron in transition */

/* a sigma, unit 2^-48. */
TS_FUNCTION uint64_t ts_blocked_output(const ts_cell *cell, uint64_t weight, int32_t high, int32_t edge) {
    return (uint64_t)ts_multiply_unit((int64_t)weight, ts_sigma(ts_transition_phase(cell, edge - high)));
}

/* Apply an update to the neuron at a place, whose weight is `weight`. Returns what that has got. */
TS_FUNCTION uint64_t ts_blocked_move(const ts_cell *cell, const ts_blocked *net, uint32_t place, uint64_t weight,
                                     int32_t edge, ts_update update) {
    const uint32_t at = ts_blocked_at(net, place);
    int64_t position = (int64_t)((uint64_t)(uint32_t)net->high[at] << 32 | net->low[place]), after = (int64_t)weight;
    ts_move_neuron(cell, &position, &after, edge - net->high[at], update);
    net->high[at] = (int32_t)(position >> 32);
    net->low[place] = (uint32_t)position;
    net->weight[at] += (uint64_t)after - weight;
    return (uint64_t)after - weight;
}

/* Is the neuron at a place out of order? */
TS_FUNCTION bool ts_blocked_disordered(const ts_blocked *net, uint32_t place) {
    const int32_t high = net->high[ts_blocked_at(net, place)];
    return (place > 0 && net->high[ts_blocked_at(net, place - 1)] > high) ||
           net->high[ts_blocked_at(net, place + 1)] < high;
}

/* ---- what happens rarely, with all sums at hand */

TS_FUNCTION uint64_t *ts_blocked_lazy_of(const ts_blocked *net, uint32_t place) {
    const uint32_t block = ts_blocked_block_of(place, net->lanes);
    return &net->sums[block % net->lanes].lazy[block / net->lanes];
}

TS_FUNCTION uint64_t ts_blocked_weight(const ts_blocked *net, uint32_t place) {
    return net->weight[ts_blocked_at(net, place)] + *ts_blocked_lazy_of(net, place);
}

/* Exchange the neurons at the places k - 1 and k. */
TS_FUNCTION void ts_blocked_exchange(const ts_blocked *net, uint32_t k) {
    const uint32_t a = ts_blocked_at(net, k - 1), b = ts_blocked_at(net, k);
    const uint64_t weight_a = ts_blocked_weight(net, k - 1), weight_b = ts_blocked_weight(net, k);
    const int32_t high = net->high[a];
    const uint32_t low = net->low[k - 1];
    const uint32_t number = net->order[k - 1];
    net->weight[a] = weight_b - *ts_blocked_lazy_of(net, k - 1);
    net->weight[b] = weight_a - *ts_blocked_lazy_of(net, k);
    net->high[a] = net->high[b];
    net->high[b] = high;
    net->low[k - 1] = net->low[k];
    net->low[k] = low;
    net->order[k - 1] = net->order[k];
    net->order[k] = number;
    const uint32_t block_a = ts_blocked_block_of(k - 1, net->lanes), block_b = ts_blocked_block_of(k, net->lanes);
    net->sums[block_a % net->lanes].sum[block_a / net->lanes] += weight_b - weight_a;
    net->sums[block_b % net->lanes].sum[block_b / net->lanes] += weight_a - weight_b;
}

/* Restore the order after neurons at the places first .. last - 1 have moved. By one lane. */
TS_FUNCTION void ts_blocked_sort(const ts_cell *cell, const ts_blocked *net, uint32_t first, uint32_t last) {
    uint32_t lowest = first, k = first > 0 ? first : 1;
    TS_ROLLED
    for (; k < cell->neurons; k++) {
        uint32_t at = k;
        for (; at > 0 && net->high[ts_blocked_at(net, at)] < net->high[ts_blocked_at(net, at - 1)]; at--)
            ts_blocked_exchange(net, at);
        lowest = at < lowest ? at : lowest;
        if (at == k && k >= last)
            break;
    }
    const uint32_t end = k < cell->neurons ? k : cell->neurons - 1;
    for (uint32_t block = ts_blocked_block_of(lowest, net->lanes); block <= ts_blocked_block_of(end, net->lanes);
         block++)
        net->sums[block % net->lanes].last[block / net->lanes] =
            net->high[ts_blocked_at(net, (block + 1) * net->lanes * TS_BLOCKED_ROWS - 1)];
}

/* Sums of the positive and of the negative weights among a lane's neurons. */
TS_FUNCTION ts_range ts_blocked_range(const ts_cell *cell, const ts_blocked *net, uint32_t lane) {
    ts_range range = {0, 0};
    TS_ROLLED
    for (uint32_t k = lane; k < cell->neurons; k += net->lanes)
        ts_range_add(&range, (int64_t)ts_blocked_weight(net, k));
    return range;
}

/* ---- from and to arrays in the order of the neurons; a lane takes its neurons of all blocks, then its sums */

/* order[] is set: the high words of position[order[k]] ascend. */
TS_FUNCTION void ts_blocked_load(const ts_cell *cell, const ts_blocked *net, uint32_t lane, const int64_t *position,
                                 const int64_t *weight) {
    const uint32_t rows = ts_blocked_places(cell->neurons, net->lanes) / net->lanes;
    TS_ROLLED
    for (uint32_t row = 0; row < rows; row++) {
        const uint32_t at = row * net->stride + lane, k = row * net->lanes + lane;
        net->high[at] = INT32_MAX;
        net->weight[at] = 0;
        if (k < cell->neurons) {
            net->high[at] = (int32_t)(position[net->order[k]] >> 32);
            net->low[k] = (uint32_t)position[net->order[k]];
            net->weight[at] = (uint64_t)weight[net->order[k]];
        }
    }
}

/* After all lanes have loaded. */
TS_FUNCTION void ts_blocked_sum_up(const ts_cell *cell, const ts_blocked *net, uint32_t lane, ts_blocked_sums *own) {
    const uint32_t blocks = ts_blocked_blocks(cell->neurons, net->lanes);
    TS_UNROLL
    for (uint32_t q = 0; q < TS_BLOCKED_OWN; q++) {
        const uint32_t block = q * net->lanes + lane;
        own->sum[q] = own->lazy[q] = 0;
        own->last[q] = INT32_MAX;
        if (block < blocks) {
            const uint32_t count = net->lanes * TS_BLOCKED_ROWS;
            TS_ROLLED
            for (uint32_t i = 0; i < count; i++)
                own->sum[q] += net->weight[ts_blocked_at(net, block * count + i)];
            own->last[q] = net->high[ts_blocked_at(net, (block + 1) * count - 1)];
        }
    }
}

/* With the sums of all lanes at hand. */
TS_FUNCTION void ts_blocked_store(const ts_cell *cell, const ts_blocked *net, uint32_t lane, int64_t *position,
                                  int64_t *weight) {
    TS_ROLLED
    for (uint32_t k = lane; k < cell->neurons; k += net->lanes) {
        const uint64_t high = (uint32_t)net->high[ts_blocked_at(net, k)];
        position[net->order[k]] = (int64_t)(high << 32 | net->low[k]);
        weight[net->order[k]] = (int64_t)ts_blocked_weight(net, k);
    }
}

#endif
