/* A batch of steps of a training that is dealt out to the lanes of a group (kernels/dealt.h): what a lane does alone.
 * What lanes tell each other is in kernels/advance_dealt.cu.
 *
 * 1. Each lane draws its own samples and finds their ranks. The events of all of them are numbered in the order of
 * steps and neurons; event e belongs to lane e % lanes, which finds where its activation stands.
 * 2. Step after step, each lane says what it knows of the residual (ts_dealt_share): what its own samples and events of
 *    earlier steps have added to f at this sample, and the outputs of its own events of this step. With the sum over
 * the group every lane knows the gradient, and what its events get.
 * 3. Each lane moves the neurons of its events. So far a batch supposed that none of these moves matters to its later
 *    samples. The first step for which one does, and all behind it, have not been done: they will be in the next batch.
 *    The same holds from a step on that is out of range, or whose events there is no room for.
 * 4. Gains, positions, order and values are brought up to date.
 *
 * A step that cannot be done in a batch even as its first one is done by ts_dealt_any_output and ts_dealt_any_learn.
 * Sums of integers make all this the same bits as step after step. */
#ifndef TS_KERNELS_DEALT_BATCH_H
#define TS_KERNELS_DEALT_BATCH_H

#include "kernels/dealt.h"

/* A lane's own samples: the steps 2 lane and 2 lane + 1 of the batch, while these are below TS_DEALT_BATCH. */
typedef struct ts_dealt_own {
    int32_t edge[TS_DEALT_OWN];      /* x + eta/2 */
    int32_t label[TS_DEALT_OWN];     /* f*(x) + xi, unit 2^-24 */
    uint32_t place[TS_DEALT_OWN];    /* of the first neuron that is not on */
    uint32_t reach[TS_DEALT_OWN];    /* weights that x reaches, the bias included: rank + 1; 0 behind the batch */
    uint32_t events[TS_DEALT_OWN];   /* neurons in transition */
    uint64_t wanted[TS_DEALT_OWN];   /* label - f, before the batch; unit 2^-48 */
    uint64_t gradient[TS_DEALT_OWN]; /* G of the steps that were done, else 0 */
} ts_dealt_own;

/* What a lane knows while the steps of a batch are done. */
typedef struct ts_dealt_chain {
    uint64_t gradient[TS_DEALT_BATCH];
    uint64_t known[TS_DEALT_BATCH]; /* residuals, but for what the group knows elsewhere: the lane's part of them */
    uint32_t reach[TS_DEALT_BATCH];
    uint32_t done; /* steps before the first one whose residual is out of range */
    uint32_t slot; /* of the lane's next event, and what it is */
    uint32_t step, number;
    int32_t sigma;
    uint64_t weight;
} ts_dealt_chain;

/* ---- samples */

/* Where a batch of a training that is not halted stops: behind its last step, or before its first one where the
 * weights may have to be examined. `end`: steps of the training; not before its next one. */
TS_FUNCTION uint32_t ts_dealt_stop(const ts_cell *cell, const ts_training *training, uint64_t end) {
    const uint32_t first = (uint32_t)training->step % 2;
    const uint64_t left = end - (training->step - first);
    if ((uint64_t)(cell->drift_limit - training->drift) / TS_DEALT_BATCH < (uint64_t)cell->gradient_limit)
        return first;
    return left < TS_DEALT_BATCH ? (uint32_t)left : TS_DEALT_BATCH;
}

/* The first neurons that are not on: first the column, then the row. */
TS_FUNCTION void ts_dealt_ranks(const ts_cell *cell, const ts_dealt *net, ts_dealt_own *own) {
    TS_UNROLL
    for (int j = 0; j < TS_DEALT_OWN; j++)
        own->place[j] = net->column;
    TS_UNROLL
    for (uint32_t step = net->lanes / 2; step > 0; step /= 2) {
        TS_UNROLL
        for (int j = 0; j < TS_DEALT_OWN; j++)
            if (*ts_dealt_high(net, own->place[j] + step * 4) <= own->edge[j] - cell->width)
                own->place[j] += step * 4;
    }
    const uint32_t first = (net->search - 1) * net->stride,
                   others = (net->rows + 1) * net->stride - first - net->stride;
    TS_UNROLL
    for (int j = 0; j < TS_DEALT_OWN; j++)
        own->place[j] += *ts_dealt_high(net, own->place[j] + first) <= own->edge[j] - cell->width ? others : 0;
    TS_UNROLL
    for (int level = TS_DEALT_LEVELS - 2; level >= 0; level--) {
        const uint32_t step = 1u << level;
        if (step >= net->search)
            continue;
        TS_UNROLL
        for (int j = 0; j < TS_DEALT_OWN; j++)
            if (*ts_dealt_high(net, own->place[j] + (step - 1) * net->stride) <= own->edge[j] - cell->width)
                own->place[j] += step * net->stride;
    }
}

/* Neurons in transition at a sample, from the place of the first neuron that is not on. */
TS_FUNCTION uint32_t ts_dealt_count(const ts_dealt *net, uint32_t place, int32_t edge) {
    uint32_t count = 0;
    TS_ROLLED
    for (uint32_t at = ts_dealt_behind(net, place, 0); *ts_dealt_high(net, at) <= edge;
         at = ts_dealt_behind(net, at, 1))
        count++;
    return count;
}

/* The lane's own samples of the batch that begins with step `base` (even). Events count for the steps from `first` on
 * and before `stop`. */
TS_FUNCTION void ts_dealt_draw(const ts_cell *cell, const ts_dealt *net, uint32_t replicate, uint64_t base,
                               uint32_t lane, uint32_t first, uint32_t stop, ts_dealt_own *own) {
    const ts_words block = ts_sample_block(cell, replicate, base + lane * TS_DEALT_OWN);
    TS_UNROLL
    for (int j = 0; j < TS_DEALT_OWN; j++) {
        const ts_sample sample = ts_sample_of(&block, (uint64_t)j);
        own->edge[j] = sample.point + cell->half_width;
        own->label[j] = (int32_t)ts_noise(cell, sample);
    }
    ts_add_targets(cell, own->edge, own->label, TS_DEALT_OWN);
    ts_dealt_ranks(cell, net, own);
    TS_UNROLL
    for (int j = 0; j < TS_DEALT_OWN; j++) {
        const uint32_t i = lane * TS_DEALT_OWN + (uint32_t)j;
        own->reach[j] = i < TS_DEALT_BATCH ? ts_dealt_number(net, own->place[j]) + 1 : 0;
        own->wanted[j] = ts_missing(own->label[j], (int64_t)ts_dealt_output(net, own->place[j]));
        own->gradient[j] = 0;
        own->events[j] = first <= i && i < stop ? ts_dealt_count(net, own->place[j], own->edge[j]) : 0;
    }
}

/* Show the samples to the group; `before`: events of the samples before them. Returns the first one, as a step of the
 * batch, whose events there is no room for, or TS_DEALT_BATCH. */
TS_FUNCTION uint32_t ts_dealt_show(const ts_dealt *net, const ts_dealt_own *own, uint32_t lane, uint32_t before) {
    uint32_t end = TS_DEALT_BATCH;
    TS_UNROLL
    for (int j = 0; j < TS_DEALT_OWN; j++) {
        const uint32_t i = lane * TS_DEALT_OWN + (uint32_t)j;
        const ts_dealt_sample sample = {own->edge[j], (int32_t)before, own->place[j], own->reach[j]};
        if (i < TS_DEALT_BATCH)
            net->sample[i] = sample;
        before += own->events[j];
        if ((before > TS_DEALT_SLOTS * net->lanes || own->events[j] > net->lanes) && i < end)
            end = i;
    }
    return end;
}

/* ---- events */

/* Event e of the batch goes to the slot of a lane. before[i]: events before step i. Returns k of its neuron. */
TS_FUNCTION uint32_t ts_dealt_take(const ts_cell *cell, const ts_dealt *net, const uint32_t *before, uint32_t e,
                                   uint32_t slot) {
    uint32_t step = 0;
    TS_UNROLL
    for (int i = 1; i < TS_DEALT_BATCH; i++)
        step += e >= before[i];
    const ts_dealt_sample sample = net->sample[step];
    const uint32_t behind = e - (uint32_t)sample.residual, place = ts_dealt_behind(net, sample.place, behind);
    const int32_t phase = ts_transition_phase(cell, sample.edge - *ts_dealt_high(net, place));
    const ts_dealt_event event = {step << 16 | (sample.reach + behind), ts_sigma(phase), ts_dealt_weight(net, place)};
    net->event[slot] = event;
    net->change[slot].place = place;
    return sample.reach + behind - 1;
}

/* The lane's next event is that of chain->slot. */
TS_FUNCTION void ts_dealt_next(const ts_dealt *net, ts_dealt_chain *chain) {
    const ts_dealt_event event = net->event[chain->slot];
    chain->step = event.word >> 16;
    chain->number = event.word & 0xffff;
    chain->sigma = event.sigma;
    chain->weight = event.weight;
}

/* Before the steps. `slot`: the lane's first one. Steps behind `stop` are not done. */
TS_FUNCTION ts_dealt_chain ts_dealt_begin(const ts_dealt *net, const ts_dealt_own *own, uint32_t lane, uint32_t slot,
                                          uint32_t stop) {
    ts_dealt_chain chain;
    TS_UNROLL
    for (int i = 0; i < TS_DEALT_BATCH; i++) {
        chain.reach[i] = net->sample[i].reach;
        chain.known[i] = lane == (uint32_t)(i / TS_DEALT_OWN) ? own->wanted[i % TS_DEALT_OWN] : 0;
    }
    chain.done = stop;
    chain.slot = slot;
    ts_dealt_next(net, &chain);
    return chain;
}

/* ---- steps. A lane has one event of a step at most; what it does for one of another step comes to nothing, as sigma
 * is 0 then. */

/* What a lane knows of the residual of step i, unit 2^-48: the group's sum is the residual. */
TS_FUNCTION uint64_t ts_dealt_share(const ts_dealt *net, const ts_dealt_own *own, const ts_dealt_chain *chain, int i) {
    uint64_t low = 0; /* products by words */
    uint32_t high = 0;
    TS_UNROLL
    for (int j = 0; j < TS_DEALT_OWN; j++) {
        const uint32_t common = own->reach[j] < chain->reach[i] ? own->reach[j] : chain->reach[i];
        low += ts_multiply_unsigned(common, (uint32_t)own->gradient[j]);
        high += common * (uint32_t)(own->gradient[j] >> 32);
    }
    uint64_t weight = chain->weight;
    TS_UNROLL
    for (int p = 0; p < i; p++)
        weight = ts_add_above(weight, chain->gradient[p], chain->reach[p], chain->number);
    if (chain->step == (uint32_t)i)
        net->event[chain->slot].weight = weight;
    low += (uint64_t)ts_multiply_unit((int64_t)weight, chain->step == (uint32_t)i ? chain->sigma : 0);
    return chain->known[i] - (low + ((uint64_t)high << 32));
}

/* Step i, whose residual is `sum`, unit 2^-48. Steps before `first` are not done. */
TS_FUNCTION void ts_dealt_learn(const ts_cell *cell, const ts_dealt *net, ts_dealt_own *own, ts_dealt_chain *chain,
                                uint32_t lane, int i, uint32_t first, uint64_t sum) {
    const int64_t residual = ts_residual(sum, 0);
    const uint64_t gradient = (uint32_t)i < first ? 0 : (uint64_t)ts_gradient_of(cell, (int32_t)residual);
    if ((uint32_t)i >= first && (uint32_t)i < chain->done && !ts_residual_in_range(cell, residual))
        chain->done = (uint32_t)i;
    chain->gradient[i] = gradient;
    if (lane == (uint32_t)(i / TS_DEALT_OWN))
        own->gradient[i % TS_DEALT_OWN] = gradient;
    if (lane == 0)
        net->sample[i].residual = (int32_t)residual;
    const uint64_t part = (uint64_t)ts_multiply_unit((int64_t)gradient, chain->step == (uint32_t)i ? chain->sigma : 0);
    TS_UNROLL
    for (int q = i + 1; q < TS_DEALT_BATCH; q++)
        chain->known[q] = ts_add_above(chain->known[q], 0 - part, chain->reach[q], chain->number);
    if (chain->step == (uint32_t)i) {
        net->change[chain->slot].part = part;
        chain->slot += net->stride / (uint32_t)sizeof(int32_t);
        ts_dealt_next(net, chain);
    }
}

/* ---- moves */

/* Where the neuron of an event goes; this takes the place of its weight in the slot. Returns the first later step of
 * the batch to which that matters. edge[i]: of step i. */
TS_FUNCTION uint32_t ts_dealt_move(const ts_cell *cell, const ts_dealt *net, uint32_t slot, const int32_t *edge) {
    const ts_dealt_event event = net->event[slot];
    const uint32_t step = event.word >> 16;
    const ts_dealt_sample sample = net->sample[step];
    const int32_t high = *ts_dealt_high(net, net->change[slot].place);
    const ts_update update = ts_update_of(cell, sample.residual);
    const int64_t position = (int64_t)((uint64_t)(uint32_t)high << 32 | net->change[slot].low);
    const int64_t moved =
        ts_moved_position(cell, position, (int64_t)event.weight, ts_transition_phase(cell, sample.edge - high), update);
    net->event[slot].weight = (uint64_t)moved;
    /* it is, or was, in transition or passed: x + eta/2 is from the lower position on, up to the upper one and eta */
    const int32_t now = (int32_t)(moved >> 32), lower = now < high ? now : high, upper = now < high ? high : now;
    uint32_t concerned = 1u << TS_DEALT_BATCH;
    TS_UNROLL
    for (int i = 1; i < TS_DEALT_BATCH; i++)
        if ((uint32_t)(edge[i] - lower) < (uint32_t)upper + (uint32_t)cell->width - (uint32_t)lower)
            concerned |= 1u << i;
    return (uint32_t)ts_lowest_bit(concerned >> (step + 1) << (step + 1));
}

/* The change of an event comes true. */
TS_FUNCTION void ts_dealt_apply(const ts_dealt *net, uint32_t slot) {
    const uint32_t k = (net->event[slot].word & 0xffff) - 1, place = net->change[slot].place;
    const uint64_t part = net->change[slot].part, position = net->event[slot].weight;
    ts_dealt_add(net, place, 0 - part);
    ts_dealt_add(net, place + net->stride, part);
    *ts_dealt_high(net, place) = (int32_t)(position >> 32);
    net->low[k] = (uint32_t)position;
}

/* What the steps before `done` of a lane's own samples come to; their gains come true. */
TS_FUNCTION ts_range ts_dealt_gains(const ts_dealt *net, const ts_dealt_own *own, uint32_t lane, uint32_t done) {
    ts_range sums = {0, 0}; /* of positive and of negative gradients */
    TS_UNROLL
    for (int j = 0; j < TS_DEALT_OWN; j++) {
        const uint32_t i = lane * TS_DEALT_OWN + (uint32_t)j;
        const uint64_t gradient = i < done ? own->gradient[j] : 0;
        if (i < done)
            ts_dealt_add(net, net->sample[i].place, gradient);
        ts_range_add(&sums, (int64_t)gradient);
    }
    return sums;
}

/* ---- any step, whatever it needs, as the only one */

/* Outputs of a lane's part of the neurons in transition: number lane, lane + lanes, ... of them. Adds to their count.
 */
TS_FUNCTION uint64_t ts_dealt_any_output(const ts_cell *cell, const ts_dealt *net, uint32_t lane,
                                         ts_dealt_sample sample, uint32_t *count) {
    uint64_t sum = 0;
    TS_ROLLED
    for (uint32_t k = sample.reach - 1 + lane; k < cell->neurons; k += net->lanes) {
        const uint32_t place = ts_dealt_place(net, k);
        const int32_t offset = sample.edge - *ts_dealt_high(net, place);
        if (offset < 0)
            break;
        sum += (uint64_t)ts_multiply_unit((int64_t)ts_dealt_weight(net, place),
                                          ts_sigma(ts_transition_phase(cell, offset)));
        ++*count;
    }
    return sum;
}

/* Apply the update to neuron k, whose weight is `weight`. Afterwards the sums say nothing of the neurons from k on
 * until they are up to date again. */
TS_FUNCTION void ts_dealt_any_learn(const ts_cell *cell, const ts_dealt *net, uint32_t k, uint64_t weight, int32_t edge,
                                    ts_update update) {
    const uint32_t place = ts_dealt_place(net, k);
    const int32_t high = *ts_dealt_high(net, place), phase = ts_transition_phase(cell, edge - high);
    const uint64_t part = (uint64_t)ts_multiply_unit(update.gradient, ts_sigma(phase));
    const int64_t position = (int64_t)((uint64_t)(uint32_t)high << 32 | net->low[k]);
    const int64_t moved = ts_moved_position(cell, position, (int64_t)weight, phase, update);
    ts_dealt_add(net, place, 0 - part);
    ts_dealt_add(net, place + net->stride, part);
    *ts_dealt_high(net, place) = (int32_t)(moved >> 32);
    net->low[k] = (uint32_t)moved;
}

#endif
