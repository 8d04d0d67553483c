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
#ifndef TS_MODEL_RANKED_H
#define TS_MODEL_RANKED_H

#include "model/step.h"

#include <stddef.h>

#define TS_RANKED_BATCH 8 /* most samples of a batch */

/* Positions ascend by their high words. `stride` lies between neighbours of all arrays but `order`. */
typedef struct ts_ranked {
    int32_t *high;   /* [m + 1] unit 2^-30; the last one is INT32_MAX */
    uint32_t *low;   /* [m] unit 2^-62 */
    uint64_t *gain;  /* [m + 1] unit 2^-48, modulo 2^64 */
    uint64_t *value; /* [m + 1] unit 2^-48, modulo 2^64: as int64_t where gain is up to date */
    uint16_t *order; /* [m] number of the neuron that is k-th now */
    uint32_t stride;
} ts_ranked;

/* The samples of a batch. */
typedef struct ts_ranked_samples {
    int32_t edge[TS_RANKED_BATCH];      /* x + eta/2 */
    int32_t label[TS_RANKED_BATCH];     /* f*(x) + xi, unit 2^-24 */
    uint32_t rank[TS_RANKED_BATCH];     /* neurons that are on */
    uint64_t gradient[TS_RANKED_BATCH]; /* G of the steps that were done, else 0 */
} ts_ranked_samples;

/* Bytes of the arrays with `stride` (all but `order`) of trainings of up to `neurons` neurons. */
TS_FUNCTION size_t ts_ranked_size(uint32_t neurons, uint32_t stride) {
    return stride * ((neurons + 1) * (2 * sizeof(uint64_t) + sizeof(int32_t)) + neurons * sizeof(uint32_t));
}

TS_FUNCTION int64_t ts_ranked_position(const ts_ranked *net, uint32_t k) {
    return (int64_t)((uint64_t)(uint32_t)net->high[k * net->stride] << 32 | net->low[k * net->stride]);
}

/* ---- samples */

TS_FUNCTION void ts_ranked_labels(const ts_cell *cell, ts_ranked_samples *samples, int count) {
    uint32_t piece[TS_RANKED_BATCH];
    TS_UNROLL
    for (int i = 0; i < count; i++)
        piece[i] = 0;
    for (uint32_t step = cell->jump_search; step > 0; step /= 2) {
        TS_UNROLL
        for (int i = 0; i < count; i++)
            piece[i] += cell->jump_point[piece[i] + step - 1] <= samples->edge[i] - cell->half_width ? step : 0;
    }
    TS_UNROLL
    for (int i = 0; i < count; i++)
        samples->label[i] += cell->level[piece[i]];
}

/* Binary search with the same number of steps for all samples: the first one leaves a power of two less one. */
TS_FUNCTION void ts_ranked_ranks(const ts_cell *cell, const ts_ranked *net, ts_ranked_samples *samples, int count) {
    const uint32_t first = cell->neuron_search;
    const int32_t middle = net->high[(first - 1) * net->stride];
    TS_UNROLL
    for (int i = 0; i < count; i++)
        samples->rank[i] = middle <= samples->edge[i] - cell->width ? cell->neurons + 1 - first : 0;
    for (uint32_t step = first / 2; step > 0; step /= 2) {
        TS_UNROLL
        for (int i = 0; i < count; i++)
            samples->rank[i] +=
                net->high[(samples->rank[i] + step - 1) * net->stride] <= samples->edge[i] - cell->width ? step : 0;
    }
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
    ts_ranked_labels(cell, samples, count);
    ts_ranked_ranks(cell, net, samples, count);
}

/* ---- steps without a transition */

/* What the first `count` samples of the batch have added to the value at `rank`. */
TS_FUNCTION uint64_t ts_ranked_learned(const ts_ranked_samples *samples, int count, uint32_t rank) {
    uint64_t sum = 0;
    TS_UNROLL
    for (int p = 0; p < count; p++) {
        const uint32_t reached = samples->rank[p] < rank ? samples->rank[p] : rank;
        sum += (uint64_t)(reached + 1) * samples->gradient[p];
    }
    return sum;
}

/* What they have added to the weight of neuron k. */
TS_FUNCTION uint64_t ts_ranked_learned_weight(const ts_ranked_samples *samples, int count, uint32_t k) {
    uint64_t sum = 0;
    TS_UNROLL
    for (int p = 0; p < count; p++)
        sum += samples->rank[p] > k ? samples->gradient[p] : 0;
    return sum;
}

/* Steps first .. last - 1 of the batch, none of which has a transition. Returns `last`, or the step before which a
 * residual left its range. */
TS_FUNCTION int ts_ranked_steps(const ts_cell *cell, const ts_ranked *net, ts_training *training,
                                ts_ranked_samples *samples, int count, int first, int last) {
    TS_UNROLL
    for (int i = 0; i < count; i++) {
        const uint32_t rank = samples->rank[i];
        const uint64_t sum = net->value[rank * net->stride] + ts_ranked_learned(samples, i, rank);
        const int64_t residual = ts_residual(samples->label[i], (int64_t)sum);
        if (i < last && !ts_residual_in_range(cell, residual))
            last = i < first ? last : i;
        if (i >= first && i < last) {
            const int64_t gradient = ts_gradient_of(cell, (int32_t)residual);
            samples->gradient[i] = (uint64_t)gradient;
            ts_finish_step(training, gradient);
        }
    }
    TS_UNROLL
    for (int i = 0; i < count; i++)
        net->gain[samples->rank[i] * net->stride] += samples->gradient[i];
    return last;
}

/* ---- any step */

TS_FUNCTION uint64_t ts_ranked_weight(const ts_ranked *net, const ts_ranked_samples *samples, int count, uint32_t k) {
    return net->value[(k + 1) * net->stride] - net->value[k * net->stride] +
           ts_ranked_learned_weight(samples, count, k);
}

/* Are the weights in their range? gain[] is up to date. */
TS_FUNCTION bool ts_ranked_examine(const ts_cell *cell, const ts_ranked *net, const ts_training *training) {
    ts_range range = {training->bias > 0 ? training->bias : 0, training->bias < 0 ? training->bias : 0};
    uint64_t weight = (uint64_t)training->bias;
    for (uint32_t k = 0; k < cell->neurons; k++) {
        weight -= net->gain[k * net->stride];
        range.positive += (int64_t)weight > 0 ? (int64_t)weight : 0;
        range.negative += (int64_t)weight < 0 ? (int64_t)weight : 0;
    }
    return ts_weights_in_range(cell, range);
}

/* Exchange the neurons k - 1 and k. */
TS_FUNCTION void ts_ranked_exchange(const ts_ranked *net, uint32_t k) {
    const uint32_t a = (k - 1) * net->stride, b = k * net->stride, after = b + net->stride;
    const int32_t high = net->high[a];
    const uint32_t low = net->low[a];
    const uint16_t number = net->order[k - 1];
    const uint64_t difference = net->gain[b]; /* of their weights */
    net->high[a] = net->high[b];
    net->high[b] = high;
    net->low[a] = net->low[b];
    net->low[b] = low;
    net->order[k - 1] = net->order[k];
    net->order[k] = number;
    net->gain[a] += difference;
    net->gain[after] += difference;
    net->gain[b] = 0 - difference;
}

/* Restore the order after the neurons first .. last - 1 have moved. */
TS_FUNCTION void ts_ranked_sort(const ts_cell *cell, const ts_ranked *net, uint32_t first, uint32_t last) {
    for (uint32_t k = first > 0 ? first : 1; k < cell->neurons; k++) {
        uint32_t at = k;
        while (at > 0 && net->high[at * net->stride] < net->high[(at - 1) * net->stride])
            ts_ranked_exchange(net, at--);
        if (at == k && k >= last)
            return;
    }
}

/* The step of one sample, whatever it needs, after the first `count` of the batch. Diverges instead when it must. */
TS_FUNCTION void ts_ranked_step(const ts_cell *cell, const ts_ranked *net, ts_training *training,
                                const ts_ranked_samples *samples, int count, int32_t edge, int32_t label,
                                uint32_t rank) {
    uint64_t sum = net->value[rank * net->stride] + ts_ranked_learned(samples, count, rank);
    uint32_t last = rank;
    for (; net->high[last * net->stride] <= edge; last++) {
        const int64_t weight = (int64_t)ts_ranked_weight(net, samples, count, last);
        const int32_t phase = ts_transition_phase(cell, edge - net->high[last * net->stride]);
        sum += (uint64_t)ts_multiply_unit(weight, ts_sigma(phase));
    }
    const int64_t residual = ts_residual(label, (int64_t)sum);
    training->diverged = !ts_residual_in_range(cell, residual);
    if (training->diverged)
        return;
    const ts_update update = ts_update_of(cell, (int32_t)residual);
    if (!ts_drift_in_range(cell, training, update.gradient)) {
        training->drift = 0;
        training->diverged = !ts_ranked_examine(cell, net, training);
        if (training->diverged)
            return;
    }
    uint64_t before = (uint64_t)update.gradient; /* added to the neuron before */
    for (uint32_t k = rank; k < last; k++) {
        int64_t weight = (int64_t)ts_ranked_weight(net, samples, count, k), position = ts_ranked_position(net, k);
        const int64_t old = weight;
        ts_move_neuron(cell, &position, &weight, edge - net->high[k * net->stride], update);
        const uint64_t part = (uint64_t)(weight - old);
        net->gain[k * net->stride] += before - part;
        net->high[k * net->stride] = (int32_t)(position >> 32);
        net->low[k * net->stride] = (uint32_t)position;
        before = part;
    }
    net->gain[last * net->stride] += before;
    ts_ranked_sort(cell, net, rank, last);
    ts_finish_step(training, update.gradient);
}

/* ---- a batch */

/* value[] from gain[]. */
TS_FUNCTION void ts_ranked_settle(const ts_cell *cell, const ts_ranked *net, const ts_training *training) {
    uint64_t weight = (uint64_t)training->bias, value = weight;
    net->value[0] = value;
    for (uint32_t k = 0; k < cell->neurons; k++) {
        weight -= net->gain[k * net->stride];
        value += weight;
        net->value[(k + 1) * net->stride] = value;
    }
}

/* Up to `count` steps (even, at most TS_RANKED_BATCH) of a training that is not at `end` and has not diverged. */
TS_FUNCTION void ts_ranked_advance(const ts_cell *cell, const ts_ranked *net, ts_training *training, uint64_t end,
                                   int count) {
    ts_ranked_samples samples;
    const int first = (int)(training->step % 2);
    const uint64_t base = training->step - (uint64_t)first, left = end - base;
    const int stop = left < (uint64_t)count ? (int)left : count;
    ts_ranked_draw(cell, net, training->replicate, base, &samples, count);

    int last = stop; /* the first step that is not plain */
    TS_UNROLL
    for (int i = count - 1; i >= 0; i--)
        if (i >= first && i < stop && net->high[samples.rank[i] * net->stride] <= samples.edge[i])
            last = i;
    if ((uint64_t)(cell->drift_limit - training->drift) / (uint32_t)count < (uint64_t)cell->gradient_limit)
        last = first; /* the weights may have to be examined */
    last = ts_ranked_steps(cell, net, training, &samples, count, first, last);

    if (last < stop) {
        int32_t edge = samples.edge[0], label = samples.label[0];
        uint32_t rank = samples.rank[0];
        TS_UNROLL
        for (int i = 1; i < count; i++)
            if (i == last) {
                edge = samples.edge[i];
                label = samples.label[i];
                rank = samples.rank[i];
            }
        ts_ranked_step(cell, net, training, &samples, count, edge, label, rank);
    }
    ts_ranked_settle(cell, net, training);
}

/* ---- from and to arrays in the order of the neurons */

/* order[] is set: the high words of position[order[k]] ascend. */
TS_FUNCTION void ts_ranked_load(const ts_cell *cell, const ts_ranked *net, const ts_training *training,
                                const int64_t *position, const int64_t *weight) {
    net->high[cell->neurons * net->stride] = INT32_MAX;
    uint64_t before = (uint64_t)training->bias;
    for (uint32_t k = 0; k < cell->neurons; k++) {
        const uint64_t own = (uint64_t)weight[net->order[k]];
        net->high[k * net->stride] = (int32_t)(position[net->order[k]] >> 32);
        net->low[k * net->stride] = (uint32_t)position[net->order[k]];
        net->gain[k * net->stride] = before - own;
        before = own;
    }
    net->gain[cell->neurons * net->stride] = before;
    ts_ranked_settle(cell, net, training);
}

TS_FUNCTION void ts_ranked_store(const ts_cell *cell, const ts_ranked *net, const ts_training *training,
                                 int64_t *position, int64_t *weight) {
    uint64_t own = (uint64_t)training->bias;
    for (uint32_t k = 0; k < cell->neurons; k++) {
        own -= net->gain[k * net->stride];
        position[net->order[k]] = ts_ranked_position(net, k);
        weight[net->order[k]] = (int64_t)own;
    }
}

#endif
