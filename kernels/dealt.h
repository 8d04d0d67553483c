/* A training that is dealt out to the lanes of a group, in a batch of steps at a time (MODEL.md section 7;
 * docs/numerics.md, "Step"): how it lies in memory. What a batch does is in kernels/dealt_batch.h.
 *
 * As in kernels/ranked.h the neurons are kept in ascending order, a step without a transition is known by its rank and
 * its gradient, and a training holds gain[k], the sum of the gradients of the samples of rank k, instead of its
 * weights. Each lane has a stretch of the order, a column of the arrays. The sums of what a stretch has gained are kept
 * for itself; what its first neuron has from the gains of the others stands once for each column (ts_dealt_base):
 *
 *     local weight = - the gains of the column up to the own one,  local f = sum of the local weights before;
 *     weight = base.weight + local weight,  f before the neuron = base.value + row base.weight + local f.
 *
 * So lanes bring their stretches up to date side by side, and then add up what each adds to the next ones. To save
 * memory, local sums stand at every fourth row alone. */
#ifndef TS_KERNELS_DEALT_H
#define TS_KERNELS_DEALT_H

#include "model/step.h"

#include <stddef.h>

#define TS_DEALT_BATCH 8       /* samples of a batch */
#define TS_DEALT_OWN 2         /* of them that each of the first lanes draws */
#define TS_DEALT_STEP 4        /* rows from one with sums to the next */
#define TS_DEALT_SLOTS 4       /* events of a batch that a lane has room for */
#define TS_DEALT_LEVELS 8      /* of a binary search in a column */
#define TS_DEALT_MOST_ROWS 255 /* 2^TS_DEALT_LEVELS - 1 */

/* The weight before a gain, and f before its neuron; modulo 2^64, unit 2^-48. */
typedef struct ts_dealt_sums {
    uint64_t weight, value;
} ts_dealt_sums;

/* What all lanes have to know of a sample. */
typedef struct ts_dealt_sample {
    int32_t edge;     /* x + eta/2 */
    int32_t residual; /* once its step is done; before, events of the batch before its own ones */
    uint32_t place;   /* of the first neuron that is not on */
    uint32_t reach;   /* weights that x reaches, the bias included: rank + 1 */
} ts_dealt_sample;

/* An event: a neuron that is in transition at a sample of the batch. */
typedef struct ts_dealt_event {
    uint32_t word;   /* step in the batch * 2^16 + number of the neuron in the order, from 1; or TS_DEALT_NO_EVENT */
    int32_t sigma;   /* unit 2^-30 */
    uint64_t weight; /* before the batch, then before the step, unit 2^-48; in the end the new position, unit 2^-62 */
} ts_dealt_event;

/* What an event changes. */
typedef struct ts_dealt_change {
    uint32_t place, low; /* of the neuron; low word of its position */
    uint64_t part;       /* what its weight gets, unit 2^-48 */
} ts_dealt_change;

#define TS_DEALT_NO_EVENT 0xffffffffu /* behind all steps */

/* Neuron k of the order is in column k / rows of the training and row k % rows. A place is a column and a row: column *
 * 4 + row * stride bytes from the beginning of `high`, twice that in `gain`. There is at least one place more than
 * neurons; these have the position INT32_MAX. There is one row more than `rows`: its gains are those of the next
 * column's first row. */
typedef struct ts_dealt {
    ts_dealt_sums *base;     /* [columns] what a column stands on */
    ts_dealt_sums *local;    /* [rows / TS_DEALT_STEP + 1][columns] of the column, before each TS_DEALT_STEP-th row */
    ts_dealt_event *event;   /* [TS_DEALT_SLOTS + 1][columns] the last ones are no events */
    ts_dealt_change *change; /* [TS_DEALT_SLOTS][columns] */
    ts_dealt_sample *sample; /* [TS_DEALT_BATCH] of this training */
    uint64_t *gain;          /* [rows + 1][columns] */
    int32_t *high;           /* [rows + 1][columns] */
    uint32_t *low;           /* [m] unit 2^-62; needed in transitions alone */
    uint32_t *order;         /* [m] number of the neuron that is k-th now */
    uint32_t lanes, rows;
    uint32_t search; /* largest power of two up to `rows` */
    uint32_t column; /* the training's first one, in bytes of a row of `high` */
    uint32_t stride; /* bytes of such a row */
} ts_dealt;

/* ---- sizes */

TS_FUNCTION uint32_t ts_dealt_rows(uint32_t neurons, uint32_t lanes) {
    return (neurons / lanes / TS_DEALT_STEP + 1) *
           TS_DEALT_STEP; /* NOLINT(clang-analyzer-core.DivideZero): lanes > 0 */
}

/* Bytes of all arrays for trainings of up to `neurons` neurons, in `columns` columns. */
TS_FUNCTION size_t ts_dealt_size(uint32_t neurons, uint32_t lanes, uint32_t columns) {
    const size_t rows = ts_dealt_rows(neurons, lanes);
    return columns *
               ((rows / TS_DEALT_STEP + 2) * sizeof(ts_dealt_sums) + (TS_DEALT_SLOTS + 1) * sizeof(ts_dealt_event) +
                TS_DEALT_SLOTS * sizeof(ts_dealt_change) + (rows + 1) * (sizeof(uint64_t) + sizeof(int32_t))) +
           columns / lanes * TS_DEALT_BATCH * sizeof(ts_dealt_sample);
}

/* The arrays in memory of that size for `most` neurons, aligned to 16, for the training whose columns begin at `column`
 * and which has `neurons` neurons. */
TS_FUNCTION ts_dealt ts_dealt_in(void *memory, uint32_t most, uint32_t neurons, uint32_t lanes, uint32_t columns,
                                 uint32_t column, uint32_t *low, uint32_t *order) {
    const size_t rows = ts_dealt_rows(most, lanes);
    ts_dealt net;
    net.base = (ts_dealt_sums *)memory;
    net.event = (ts_dealt_event *)(net.base + columns);
    net.change = (ts_dealt_change *)(net.event + (size_t)(TS_DEALT_SLOTS + 1) * columns);
    net.sample = (ts_dealt_sample *)(net.change + (size_t)TS_DEALT_SLOTS * columns);
    net.local = (ts_dealt_sums *)(void *)(net.sample + (size_t)columns / lanes * TS_DEALT_BATCH);
    net.gain = (uint64_t *)(net.local + (rows / TS_DEALT_STEP + 1) * columns);
    net.high = (int32_t *)(void *)(net.gain + (rows + 1) * columns);
    net.sample += (size_t)column / lanes * TS_DEALT_BATCH;
    net.low = low;
    net.order = order;
    net.lanes = lanes;
    net.rows = ts_dealt_rows(neurons, lanes);
    net.search = 1;
    while (net.search * 2 <= net.rows)
        net.search *= 2;
    net.column = column * (uint32_t)sizeof(int32_t);
    net.stride = columns * (uint32_t)sizeof(int32_t);
    return net;
}

/* ---- places */

TS_FUNCTION uint32_t ts_dealt_place(const ts_dealt *net, uint32_t k) {
    return net->column + k / net->rows * (uint32_t)sizeof(int32_t) + k % net->rows * net->stride;
}

/* The place of a lane's first neuron. */
TS_FUNCTION uint32_t ts_dealt_first(const ts_dealt *net, uint32_t lane) {
    return net->column + lane * (uint32_t)sizeof(int32_t);
}

/* k of a place, also of one in the row behind the last one. */
TS_FUNCTION uint32_t ts_dealt_number(const ts_dealt *net, uint32_t place) {
    const uint32_t column = (place % net->stride - net->column) / (uint32_t)sizeof(int32_t);
    return column * net->rows + place / net->stride;
}

/* The place of the neuron `count` behind the one at a place. */
TS_FUNCTION uint32_t ts_dealt_behind(const ts_dealt *net, uint32_t place, uint32_t count) {
    const uint32_t end = net->rows * net->stride; /* of a column */
    place += count * net->stride;
    TS_ROLLED
    while (place >= end)
        place -= end - (uint32_t)sizeof(int32_t);
    return place;
}

TS_FUNCTION int32_t *ts_dealt_high(const ts_dealt *net, uint32_t place) {
    return (int32_t *)(void *)((char *)net->high + place);
}

TS_FUNCTION uint64_t *ts_dealt_gain(const ts_dealt *net, uint32_t place) {
    return (uint64_t *)(void *)((char *)net->gain + 2 * place);
}

TS_FUNCTION ts_dealt_sums *ts_dealt_base(const ts_dealt *net, uint32_t place) {
    return &net->base[place % net->stride / sizeof(int32_t)];
}

/* The sums at a place whose row has some: four rows of positions are as long as one of sums. `column`: place % stride.
 */
TS_FUNCTION ts_dealt_sums *ts_dealt_local(const ts_dealt *net, uint32_t place, uint32_t column) {
    return (ts_dealt_sums *)(void *)((char *)net->local + place + (TS_DEALT_STEP - 1) * column);
}

/* Index of a lane's slot in `event` and `change`. */
TS_FUNCTION uint32_t ts_dealt_slot(const ts_dealt *net, uint32_t lane, uint32_t slot) {
    return slot * (net->stride / (uint32_t)sizeof(int32_t)) + net->column / (uint32_t)sizeof(int32_t) + lane;
}

/* ---- what the network says, as it was when it was brought up to date */

/* The weight of the neuron before a place, and f before it. */
TS_FUNCTION ts_dealt_sums ts_dealt_look(const ts_dealt *net, uint32_t place) {
    const uint32_t row = place / net->stride, behind = row % TS_DEALT_STEP, start = row - behind;
    const ts_dealt_sums base = *ts_dealt_base(net, place),
                        local = *ts_dealt_local(net, place - behind * net->stride, place % net->stride);
    ts_dealt_sums sums = {base.weight + local.weight, base.value + local.value};
    sums.value +=
        ts_multiply_unsigned(start, (uint32_t)base.weight) + ((uint64_t)(start * (uint32_t)(base.weight >> 32)) << 32);
    TS_UNROLL
    for (uint32_t i = 0; i < TS_DEALT_STEP - 1; i++)
        if (i < behind) {
            sums.weight -= *ts_dealt_gain(net, place - (behind - i) * net->stride);
            sums.value += sums.weight;
        }
    return sums;
}

/* f between the neuron at a place and the one before. */
TS_FUNCTION uint64_t ts_dealt_output(const ts_dealt *net, uint32_t place) {
    return ts_dealt_look(net, place).value;
}

TS_FUNCTION uint64_t ts_dealt_weight(const ts_dealt *net, uint32_t place) {
    return ts_dealt_look(net, place).weight - *ts_dealt_gain(net, place);
}

/* ---- changes */

/* Add to the gain at a place, whatever other lanes add to it at the same time. */
TS_FUNCTION void ts_dealt_add(const ts_dealt *net, uint32_t place, uint64_t gain) {
#ifdef __CUDA_ARCH__ /* by words: shared memory adds no others by itself */
    uint32_t *const word = (uint32_t *)ts_dealt_gain(net, place);
    const uint32_t before = atomicAdd(word, (uint32_t)gain);
    atomicAdd(word + 1, (uint32_t)(gain >> 32) + (before + (uint32_t)gain < before));
#else
    *ts_dealt_gain(net, place) += gain;
#endif
}

/* Go on from a row that has sums to the next one that has. */
TS_FUNCTION ts_dealt_sums ts_dealt_pass(const ts_dealt *net, uint32_t place, uint32_t column, ts_dealt_sums sums) {
    *ts_dealt_local(net, place, column) = sums;
    TS_UNROLL
    for (uint32_t i = 0; i < TS_DEALT_STEP; i++) {
        sums.weight -= *ts_dealt_gain(net, place + i * net->stride);
        sums.value += sums.weight;
    }
    return sums;
}

/* Bring the sums of a lane's column up to date. Returns those behind its last gain. */
TS_FUNCTION ts_dealt_sums ts_dealt_settle(const ts_dealt *net, uint32_t lane) {
    ts_dealt_sums sums = {0, 0};
    const uint32_t column = ts_dealt_first(net, lane), end = net->rows * net->stride;
    uint32_t place = column;
    TS_ROLLED
    for (; place < end; place += TS_DEALT_STEP * net->stride)
        sums = ts_dealt_pass(net, place, column, sums);
    *ts_dealt_local(net, place, column) = sums;
    sums.weight -= *ts_dealt_gain(net, place);
    return sums;
}

/* ---- order */

/* The gain between the neurons k - 1 and k. */
TS_FUNCTION uint64_t ts_dealt_difference(const ts_dealt *net, uint32_t k) {
    const uint32_t place = ts_dealt_place(net, k);
    uint64_t gain = *ts_dealt_gain(net, place);
    if (k > 0 && place < net->stride) /* the first of a column */
        gain += *ts_dealt_gain(net, place - (uint32_t)sizeof(int32_t) + net->rows * net->stride);
    return gain;
}

/* Exchange the neurons k - 1 and k. */
TS_FUNCTION void ts_dealt_exchange(const ts_dealt *net, uint32_t k) {
    const uint32_t a = ts_dealt_place(net, k - 1), b = ts_dealt_place(net, k);
    const int32_t high = *ts_dealt_high(net, a);
    const uint32_t low = net->low[k - 1];
    const uint32_t number = net->order[k - 1];
    const uint64_t difference = ts_dealt_difference(net, k); /* of their weights */
    *ts_dealt_high(net, a) = *ts_dealt_high(net, b);
    *ts_dealt_high(net, b) = high;
    net->low[k - 1] = net->low[k];
    net->low[k] = low;
    net->order[k - 1] = net->order[k];
    net->order[k] = number;
    *ts_dealt_gain(net, a) += difference;
    *ts_dealt_gain(net, b) -= 2 * difference;
    *ts_dealt_gain(net, ts_dealt_place(net, k + 1)) += difference;
}

/* Restore the order after some of the neurons first .. last - 1 have moved. By one lane. */
TS_FUNCTION void ts_dealt_sort(const ts_cell *cell, const ts_dealt *net, uint32_t first, uint32_t last) {
    TS_ROLLED
    for (uint32_t k = first > 0 ? first : 1; k < cell->neurons; k++) {
        uint32_t at = k;
        TS_ROLLED
        while (at > 0 &&
               *ts_dealt_high(net, ts_dealt_place(net, at)) < *ts_dealt_high(net, ts_dealt_place(net, at - 1)))
            ts_dealt_exchange(net, at--);
        if (at == k && k >= last)
            return;
    }
}

/* Is the neuron at a place out of order? */
TS_FUNCTION uint32_t ts_dealt_disordered(const ts_dealt *net, uint32_t place) {
    const int32_t high = *ts_dealt_high(net, place);
    const uint32_t none = place == net->column, first = place < net->stride; /* of all, of its column */
    const uint32_t before = none ? place : first ? place - 4 + (net->rows - 1) * net->stride : place - net->stride;
    return *ts_dealt_high(net, before) > high || *ts_dealt_high(net, ts_dealt_behind(net, place, 1)) < high;
}

/* Sums of the positive and of the negative weights among a lane's neurons. */
TS_FUNCTION ts_range ts_dealt_range(const ts_dealt *net, uint32_t lane) {
    ts_range range = {0, 0};
    uint32_t place = ts_dealt_first(net, lane);
    uint64_t weight = ts_dealt_base(net, place)->weight;
    TS_ROLLED
    for (; place < net->rows * net->stride; place += net->stride) {
        weight -= *ts_dealt_gain(net, place);
        ts_range_add(&range, (int64_t)weight);
    }
    return range;
}

/* ---- from and to arrays in the order of the neurons; a lane takes its column */

/* order[] is set: the high words of position[order[k]] ascend. Sums come when the columns are brought up to date. */
TS_FUNCTION void ts_dealt_load(const ts_cell *cell, const ts_dealt *net, const ts_training *training, uint32_t lane,
                               const int64_t *position, const int64_t *weight) {
    uint32_t place = ts_dealt_first(net, lane), k = lane * net->rows;
    const uint32_t m = cell->neurons;
    uint64_t before = k > m ? 0 : (uint64_t)(k > 0 ? weight[net->order[k - 1]] : training->bias);
    TS_ROLLED
    for (; place < net->rows * net->stride; place += net->stride, k++) {
        const uint64_t own = k < m ? (uint64_t)weight[net->order[k]] : 0;
        *ts_dealt_high(net, place) = k < m ? (int32_t)(position[net->order[k]] >> 32) : INT32_MAX;
        *ts_dealt_gain(net, place) = before - own;
        if (k < m)
            net->low[k] = (uint32_t)position[net->order[k]];
        before = own;
    }
    *ts_dealt_high(net, place) = INT32_MAX;
    *ts_dealt_gain(net, place) = 0;
}

TS_FUNCTION void ts_dealt_store(const ts_cell *cell, const ts_dealt *net, uint32_t lane, int64_t *position,
                                int64_t *weight) {
    uint32_t place = ts_dealt_first(net, lane), k = lane * net->rows;
    uint64_t own = ts_dealt_base(net, place)->weight;
    TS_ROLLED
    for (; place < net->rows * net->stride && k < cell->neurons; place += net->stride, k++) {
        own -= *ts_dealt_gain(net, place);
        position[net->order[k]] = (int64_t)((uint64_t)(uint32_t)*ts_dealt_high(net, place) << 32 | net->low[k]);
        weight[net->order[k]] = (int64_t)own;
    }
}

#endif
