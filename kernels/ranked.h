/* A training that one thread computes alone, in a batch of steps at a time (MODEL.md section 7; docs/numerics.md,
 * "Step").
 *
 * The neurons are kept in ascending order, so that the neurons that are on at a sample x are the first `rank` of them,
 * and f(x) is the sum of the first rank + 1 weights, the bias being the first. A step adds its gradient G to just these
 * weights. So a training need not hold its weights: it holds gain[k], the sum of the gradients of the samples of rank
 * k, and value[k], the network's value between the neurons k - 1 and k:
 *
 *     weight of neuron k = gain[k + 1] + ... + gain[m],   value[k] = bias + weights of the neurons 0 .. k - 1.
 *
 * Positions change in transitions alone, so that the ranks of the next samples are known before their steps are done. A
 * batch draws some samples, does the steps up to the first transition (or whatever else is not plain), with what the
 * earlier steps of the batch add to f counted pair by pair; then the one that is not plain; and then brings value[] up
 * to date, once for all of them. Sums of integers make this the same bits as step after step. */
#ifndef TS_KERNELS_RANKED_H
#define TS_KERNELS_RANKED_H

#include "model/step.h"

#include <stddef.h>

#define TS_RANKED_BATCH TS_SAMPLES_AT_ONCE /* most samples of a batch */
#define TS_RANKED_LEVELS 9                 /* of a binary search */
#define TS_RANKED_MOST 511                 /* neurons: 2^TS_RANKED_LEVELS - 1 */

/* Positions ascend by their high words. The arrays lie in columns, one for each thread of a warp: element k is at the
 * byte column + k stride of the 32-bit arrays, and at twice that of the 64-bit ones. */
typedef struct ts_ranked {
    int32_t *high;   /* [m + 1] unit 2^-30; the last one is INT32_MAX */
    uint64_t *gain;  /* [m + 1] unit 2^-48, modulo 2^64 */
    uint64_t *value; /* [m + 1] unit 2^-48, modulo 2^64: as int64_t where gain is up to date */
    uint32_t *low;   /* [m] without columns: low words of the positions, unit 2^-62; needed in transitions alone */
    uint32_t *order; /* [m] without columns: number of the neuron that is k-th now */
    uint32_t column, stride;
} ts_ranked;

/* The samples of a batch. */
typedef struct ts_ranked_samples {
    int32_t edge[TS_RANKED_BATCH];      /* x + eta/2 */
    int32_t label[TS_RANKED_BATCH];     /* f*(x) + xi, unit 2^-24 */
    uint32_t place[TS_RANKED_BATCH];    /* of the first neuron that is not on */
    uint32_t reach[TS_RANKED_BATCH];    /* weights that x reaches, the bias included: rank + 1 */
    uint64_t gradient[TS_RANKED_BATCH]; /* G of the steps that were done, else 0 */
} ts_ranked_samples;

/* Bytes of the arrays in `columns` columns, for up to `neurons` neurons. */
TS_FUNCTION size_t ts_ranked_size(uint32_t neurons, uint32_t columns) {
    return columns * (neurons + 1) * (2 * sizeof(uint64_t) + sizeof(int32_t));
}

/* The arrays in memory of that size, aligned to 8. */
TS_FUNCTION ts_ranked ts_ranked_in(void *memory, uint32_t neurons, uint32_t columns, uint32_t column, uint32_t *low,
                                   uint32_t *order) {
    ts_ranked net;
    net.gain = (uint64_t *)memory;
    net.value = net.gain + (size_t)(neurons + 1) * columns;
    net.high = (int32_t *)(net.gain + (size_t)(neurons + 1) * 2 * columns);
    net.low = low;
    net.order = order;
    net.column = column * (uint32_t)sizeof(uint32_t);
    net.stride = columns * (uint32_t)sizeof(uint32_t);
    return net;
}

/* ---- elements. Places are counted in bytes, so that no address has to be computed from them. */

TS_FUNCTION uint32_t ts_ranked_place(const ts_ranked *net, uint32_t k) {
    return net->column + k * net->stride;
}

TS_FUNCTION int32_t *ts_ranked_high(const ts_ranked *net, uint32_t place) {
    return (int32_t *)(void *)((char *)net->high + place);
}

TS_FUNCTION uint64_t *ts_ranked_gain(const ts_ranked *net, uint32_t place) {
    return (uint64_t *)(void *)((char *)net->gain + 2 * place);
}

TS_FUNCTION uint64_t *ts_ranked_value(const ts_ranked *net, uint32_t place) {
    return (uint64_t *)(void *)((char *)net->value + 2 * place);
}

TS_FUNCTION int64_t ts_ranked_position(const ts_ranked *net, uint32_t k) {
    return (int64_t)((uint64_t)(uint32_t)*ts_ranked_high(net, ts_ranked_place(net, k)) << 32 | net->low[k]);
}

/* ---- samples */

/* How many neurons are on. The first look of the search leaves a power of two, less one, for the others. */
TS_FUNCTION void ts_ranked_ranks(const ts_cell *cell, const ts_ranked *net, ts_ranked_samples *samples, int count) {
    const uint32_t first = cell->neuron_search;
    const int32_t middle = *ts_ranked_high(net, ts_ranked_place(net, first - 1));
    TS_UNROLL
    for (int i = 0; i < count; i++)
        samples->place[i] =
            ts_ranked_place(net, middle <= samples->edge[i] - cell->width ? cell->neurons + 1 - first : 0);
    TS_UNROLL
    for (int level = TS_RANKED_LEVELS - 2; level >= 0; level--) {
        const uint32_t step = 1u << level;
        if (step >= first)
            continue;
        TS_UNROLL
        for (int i = 0; i < count; i++)
            if (*ts_ranked_high(net, samples->place[i] + (step - 1) * net->stride) <= samples->edge[i] - cell->width)
                samples->place[i] += step * net->stride;
    }
    TS_UNROLL
    for (int i = 0; i < count; i++)
        samples->reach[i] = (samples->place[i] - net->column) / net->stride + 1;
}

/* The samples of the steps base .. base + count - 1; base and count are even. */
TS_FUNCTION void ts_ranked_draw(const ts_cell *cell, const ts_ranked *net, uint32_t replicate, uint64_t base,
                                ts_ranked_samples *samples, int count) {
    TS_UNROLL
    for (int i = 0; i < count; i += 2) {
        const ts_words block = ts_sample_block(cell, replicate, base + (uint32_t)i);
        TS_UNROLL
        for (int odd = 0; odd < 2; odd++) {
            const ts_sample sample = ts_sample_of(&block, (uint64_t)odd);
            samples->edge[i + odd] = sample.point + cell->half_width;
            samples->label[i + odd] = (int32_t)ts_noise(cell, sample);
            samples->gradient[i + odd] = 0;
        }
    }
    ts_add_targets(cell, samples->edge, samples->label, count);
    ts_ranked_ranks(cell, net, samples, count);
}

/* ---- steps without a transition */

/* What the first `count` samples of the batch have added to the sum of the first `reach` weights. */
TS_FUNCTION uint64_t ts_ranked_learned(const ts_ranked_samples *samples, int count, uint32_t reach) {
    uint64_t low = 0; /* products by words */
    uint32_t high = 0;
    TS_UNROLL
    for (int p = 0; p < count; p++) {
        const uint32_t common = samples->reach[p] < reach ? samples->reach[p] : reach;
        low += ts_multiply_unsigned(common, (uint32_t)samples->gradient[p]);
        high += common * (uint32_t)(samples->gradient[p] >> 32);
    }
    return low + ((uint64_t)high << 32);
}

/* What they have added to the weight of neuron k. */
TS_FUNCTION uint64_t ts_ranked_learned_weight(const ts_ranked_samples *samples, int count, uint32_t k) {
    uint64_t sum = 0;
    TS_UNROLL
    for (int p = 0; p < count; p++)
        sum += samples->reach[p] > k + 1 ? samples->gradient[p] : 0;
    return sum;
}

/* Steps first .. last - 1 of the batch, none of which has a transition. `first` is 0 or 1. Returns `last`, or the step
 * before which a residual left its range. */
TS_FUNCTION int ts_ranked_steps(const ts_cell *cell, const ts_ranked *net, ts_training *training,
                                ts_ranked_samples *samples, int count, int first, int last) {
    uint32_t out = 1u << last; /* bits of the samples whose residuals are out of range, or not asked for */
    TS_UNROLL
    for (int i = 0; i < count; i++) { /* also beyond `last`: nobody sees it */
        const uint64_t sum =
            *ts_ranked_value(net, samples->place[i]) + ts_ranked_learned(samples, i, samples->reach[i]);
        const int64_t residual = ts_residual(ts_missing(samples->label[i], (int64_t)sum), 0);
        out |= ts_residual_in_range(cell, residual) ? 0 : 1u << i;
        samples->gradient[i] = i < first ? 0 : (uint64_t)ts_gradient_of(cell, (int32_t)residual);
    }
    last = ts_lowest_bit(out >> first << first);

    uint64_t sum_of_all = 0, sum_of_positive = 0;
    TS_UNROLL
    for (int i = 0; i < count; i++) {
        samples->gradient[i] = i < last ? samples->gradient[i] : 0;
        sum_of_all += samples->gradient[i];
        sum_of_positive += (int32_t)(samples->gradient[i] >> 32) >= 0 ? samples->gradient[i] : 0;
        *ts_ranked_gain(net, samples->place[i]) += samples->gradient[i];
    }
    training->bias += (int64_t)sum_of_all;
    training->drift += (int64_t)(2 * sum_of_positive - sum_of_all);
    training->step += (uint32_t)(last - first);
    return last;
}

/* ---- any step */

TS_FUNCTION int64_t ts_ranked_weight(const ts_ranked *net, const ts_ranked_samples *samples, int count, uint32_t k) {
    const uint32_t place = ts_ranked_place(net, k);
    return (int64_t)(*ts_ranked_value(net, place + net->stride) - *ts_ranked_value(net, place) +
                     ts_ranked_learned_weight(samples, count, k));
}

/* Are the weights in their range? gain[] is up to date. */
TS_FUNCTION bool ts_ranked_examine(const ts_cell *cell, const ts_ranked *net, const ts_training *training) {
    ts_range range = {0, 0};
    ts_range_add(&range, training->bias);
    uint64_t weight = (uint64_t)training->bias;
    TS_ROLLED
    for (uint32_t k = 0; k < cell->neurons; k++) {
        weight -= *ts_ranked_gain(net, ts_ranked_place(net, k));
        ts_range_add(&range, (int64_t)weight);
    }
    return ts_weights_in_range(cell, range);
}

/* Exchange the neurons k - 1 and k. */
TS_FUNCTION void ts_ranked_exchange(const ts_ranked *net, uint32_t k) {
    const uint32_t b = ts_ranked_place(net, k), a = b - net->stride;
    const int32_t high = *ts_ranked_high(net, a);
    const uint32_t low = net->low[k - 1];
    const uint32_t number = net->order[k - 1];
    const uint64_t difference = *ts_ranked_gain(net, b); /* of their weights */
    *ts_ranked_high(net, a) = *ts_ranked_high(net, b);
    *ts_ranked_high(net, b) = high;
    net->low[k - 1] = net->low[k];
    net->low[k] = low;
    net->order[k - 1] = net->order[k];
    net->order[k] = number;
    *ts_ranked_gain(net, a) += difference;
    *ts_ranked_gain(net, b + net->stride) += difference;
    *ts_ranked_gain(net, b) = 0 - difference;
}

/* Does the neuron at a place, not the first one, lie below the one before? */
TS_FUNCTION bool ts_ranked_descends(const ts_ranked *net, uint32_t k) {
    const uint32_t place = ts_ranked_place(net, k);
    return *ts_ranked_high(net, place) < *ts_ranked_high(net, place - net->stride);
}

/* Restore the order after the neurons first .. last - 1 have moved. */
TS_FUNCTION void ts_ranked_sort(const ts_cell *cell, const ts_ranked *net, uint32_t first, uint32_t last) {
    TS_ROLLED
    for (uint32_t k = first > 0 ? first : 1; k < cell->neurons; k++) {
        uint32_t at = k;
        while (at > 0 && ts_ranked_descends(net, at))
            ts_ranked_exchange(net, at--);
        if (at == k && k >= last)
            return;
    }
}

/* A neuron in transition, before the step. */
typedef struct ts_ranked_neuron {
    int64_t weight;
    int32_t phase, sigma;
} ts_ranked_neuron;

TS_FUNCTION ts_ranked_neuron ts_ranked_look(const ts_cell *cell, const ts_ranked *net, uint32_t place, int64_t weight,
                                            int32_t edge) {
    ts_ranked_neuron neuron;
    neuron.weight = weight;
    neuron.phase = ts_transition_phase(cell, edge - *ts_ranked_high(net, place));
    neuron.sigma = ts_sigma(neuron.phase);
    return neuron;
}

/* Apply an update to a neuron in transition; the one before got `before`. Returns what this one got. */
TS_FUNCTION uint64_t ts_ranked_learn(const ts_cell *cell, const ts_ranked *net, ts_ranked_neuron neuron, uint32_t k,
                                     uint64_t before, ts_update update) {
    const uint32_t place = ts_ranked_place(net, k);
    const uint64_t part = (uint64_t)ts_multiply_unit(update.gradient, neuron.sigma);
    const int64_t position = ts_moved_position(cell, ts_ranked_position(net, k), neuron.weight, neuron.phase, update);
    *ts_ranked_gain(net, place) += before - part;
    *ts_ranked_high(net, place) = (int32_t)(position >> 32);
    net->low[k] = (uint32_t)position;
    return part;
}

/* The step of one sample, whatever it needs, after those of the batch. Diverges instead when it must. */
TS_FUNCTION void ts_ranked_step(const ts_cell *cell, const ts_ranked *net, ts_training *training,
                                const ts_ranked_samples *samples, int count, int32_t edge, int32_t label,
                                uint32_t reach) {
    const uint32_t rank = reach - 1, place = ts_ranked_place(net, rank);
    uint64_t sum = *ts_ranked_value(net, place) + ts_ranked_learned(samples, count, reach);
    ts_ranked_neuron first = {0, 0, 0}; /* mostly there is one */
    uint32_t last = rank;
    if (*ts_ranked_high(net, place) <= edge) {
        first = ts_ranked_look(cell, net, place, ts_ranked_weight(net, samples, count, last++), edge);
        sum += (uint64_t)ts_multiply_unit(first.weight, first.sigma);
    }
    TS_ROLLED
    for (uint32_t at; *ts_ranked_high(net, at = ts_ranked_place(net, last)) <= edge; last++) {
        const ts_ranked_neuron other = ts_ranked_look(cell, net, at, ts_ranked_weight(net, samples, count, last), edge);
        sum += (uint64_t)ts_multiply_unit(other.weight, other.sigma);
        *ts_ranked_value(net, at) = (uint64_t)other.weight; /* value[] is made anew after this step */
    }
    const int64_t residual = ts_residual(ts_missing(label, (int64_t)sum), 0);
    training->halted = ts_residual_in_range(cell, residual) ? TS_NOT_HALTED : TS_HALTED_DIVERGED;
    if (training->halted)
        return;
    const ts_update update = ts_update_of(cell, (int32_t)residual);
    if (!ts_drift_in_range(cell, training, update.gradient)) {
        training->drift = 0;
        training->halted = ts_ranked_examine(cell, net, training) ? TS_NOT_HALTED : TS_HALTED_DIVERGED;
        if (training->halted)
            return;
    }
    uint64_t before = (uint64_t)update.gradient;
    if (last > rank)
        before = ts_ranked_learn(cell, net, first, rank, before, update);
    TS_ROLLED
    for (uint32_t k = rank + 1; k < last; k++) {
        const uint32_t at = ts_ranked_place(net, k);
        const int64_t weight = (int64_t)*ts_ranked_value(net, at);
        before = ts_ranked_learn(cell, net, ts_ranked_look(cell, net, at, weight, edge), k, before, update);
    }
    *ts_ranked_gain(net, ts_ranked_place(net, last)) += before;
    ts_ranked_sort(cell, net, rank, last);
    ts_finish_step(training, update.gradient);
}

/* ---- a batch */

/* value[] from gain[]. */
TS_FUNCTION void ts_ranked_settle(const ts_cell *cell, const ts_ranked *net, const ts_training *training) {
    uint64_t weight = (uint64_t)training->bias, value = weight;
    const uint32_t end = ts_ranked_place(net, cell->neurons);
    *ts_ranked_value(net, net->column) = value;
    TS_UNROLL_BY_4
    for (uint32_t place = net->column; place < end; place += net->stride) {
        weight -= *ts_ranked_gain(net, place);
        value += weight;
        *ts_ranked_value(net, place + net->stride) = value;
    }
}

/* Up to `count` steps (even, at most TS_RANKED_BATCH) of a training that is not at `end` and not halted. */
TS_FUNCTION void ts_ranked_advance(const ts_cell *cell, const ts_ranked *net, ts_training *training, uint64_t end,
                                   int count) {
    ts_ranked_samples samples;
    const int first = (int)(training->step % 2);
    const uint64_t base = training->step - (uint64_t)first, left = end - base;
    const int stop = left < (uint64_t)count ? (int)left : count;
    ts_ranked_draw(cell, net, training->replicate, base, &samples, count);

    uint32_t special = 1u << stop; /* bits of the samples that end the plain steps */
    TS_UNROLL
    for (int i = 0; i < count; i++)
        if (*ts_ranked_high(net, samples.place[i]) <= samples.edge[i])
            special |= 1u << i;
    if ((uint64_t)(cell->drift_limit - training->drift) / (uint32_t)count < (uint64_t)cell->gradient_limit)
        special |= 1u << first; /* the weights may have to be examined */
    int last = ts_lowest_bit(special >> first << first);
    last = ts_ranked_steps(cell, net, training, &samples, count, first, last < stop ? last : stop);

    if (last < stop) {
        int32_t edge = samples.edge[0], label = samples.label[0];
        uint32_t reach = samples.reach[0];
        TS_UNROLL
        for (int i = 1; i < count; i++)
            if (i == last) {
                edge = samples.edge[i];
                label = samples.label[i];
                reach = samples.reach[i];
            }
        ts_ranked_step(cell, net, training, &samples, count, edge, label, reach);
    }
    ts_ranked_settle(cell, net, training);
}

/* ---- from and to arrays in the order of the neurons */

/* order[] is set: the high words of position[order[k]] ascend. */
TS_FUNCTION void ts_ranked_load(const ts_cell *cell, const ts_ranked *net, const ts_training *training,
                                const int64_t *position, const int64_t *weight) {
    uint64_t before = (uint64_t)training->bias;
    TS_ROLLED
    for (uint32_t k = 0; k < cell->neurons; k++) {
        const uint32_t place = ts_ranked_place(net, k);
        const uint64_t own = (uint64_t)weight[net->order[k]];
        *ts_ranked_high(net, place) = (int32_t)(position[net->order[k]] >> 32);
        net->low[k] = (uint32_t)position[net->order[k]];
        *ts_ranked_gain(net, place) = before - own;
        before = own;
    }
    *ts_ranked_high(net, ts_ranked_place(net, cell->neurons)) = INT32_MAX;
    *ts_ranked_gain(net, ts_ranked_place(net, cell->neurons)) = before;
    ts_ranked_settle(cell, net, training);
}

TS_FUNCTION void ts_ranked_store(const ts_cell *cell, const ts_ranked *net, const ts_training *training,
                                 int64_t *position, int64_t *weight) {
    uint64_t own = (uint64_t)training->bias;
    TS_ROLLED
    for (uint32_t k = 0; k < cell->neurons; k++) {
        own -= *ts_ranked_gain(net, ts_ranked_place(net, k));
        position[net->order[k]] = ts_ranked_position(net, k);
        weight[net->order[k]] = (int64_t)own;
    }
}

#endif
