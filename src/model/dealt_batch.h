/* A batch of steps of a training that is dealt out to the lanes of a group (model/dealt.h): what a lane does alone. What
 * lanes tell each other is in kernels/advance_dealt.cu.
 *
 * 1. Each lane draws its own samples and finds their ranks. The events of all of them are numbered in the order of steps
 *    and neurons; event e belongs to lane e % lanes, which finds where its activation stands.
 * 2. Step after step, each lane says what it knows of the residual (ts_dealt_share): what its own samples and events of
 *    earlier steps have added to f at this sample, and the outputs of its own events of this step. With the sum over the
 *    group every lane knows the gradient, and what its events get.
 * 3. Each lane moves the neurons of its events. So far a batch supposed that none of these moves matters to its later
 *    samples. The first step for which one does, and all behind it, have not been done: they will be in the next batch.
 *    The same holds from a step on that is out of range, or whose events there is no room for.
 * 4. Gains, positions, order and values are brought up to date.
 *
 * A step that cannot be done in a batch even as its first one is done by ts_dealt_any_output and ts_dealt_any_learn. Sums
 * of integers make all this the same bits as step after step. */
#ifndef TS_MODEL_DEALT_BATCH_H
#define TS_MODEL_DEALT_BATCH_H

#include "model/dealt.h"

/* A lane's own samples: lane * own .. lane * own + own - 1 of the batch, while these are below TS_DEALT_BATCH. */
typedef struct ts_dealt_own_samples {
    int32_t edge[TS_DEALT_OWN];
    int32_t label[TS_DEALT_OWN];     /* f*(x) + xi, unit 2^-24 */
    uint32_t place[TS_DEALT_OWN];    /* of the first neuron that is not on */
    uint32_t reach[TS_DEALT_OWN];    /* weights that x reaches, the bias included: rank + 1; 0 behind the batch */
    uint32_t events[TS_DEALT_OWN];   /* neurons in transition */
    uint64_t wanted[TS_DEALT_OWN];   /* label - f, before the batch; unit 2^-48 */
    uint64_t gradient[TS_DEALT_OWN]; /* G of the steps that were done, else 0 */
} ts_dealt_own_samples;

/* What a lane knows while the steps of a batch are done. */
typedef struct ts_dealt_chain {
    uint64_t gradient[TS_DEALT_BATCH];
    uint64_t learned[TS_DEALT_BATCH]; /* what f at a sample has got from the lane's events */
    uint32_t reach[TS_DEALT_BATCH];
    uint32_t slot, slots; /* the lane's next event, and how many it has */
    uint32_t word;        /* of the next event */
    uint32_t done;        /* steps before the first one whose residual is out of range */
} ts_dealt_chain;

/* ---- samples */

/* f*(x). Binary search: all samples look at the same distance at a time. */
TS_FUNCTION void ts_dealt_targets(const ts_cell *cell, ts_dealt_own_samples *own, int count) {
    uint32_t piece[TS_DEALT_OWN]; /* in bytes */
    TS_UNROLL
    for (int j = 0; j < count; j++)
        piece[j] = 0;
    TS_UNROLL
    for (int level = 5; level >= 0; level--) {
        const uint32_t step = 1u << level;
        if (step > cell->jump_search)
            continue;
        TS_UNROLL
        for (int j = 0; j < count; j++)
            if (*(const int32_t *)(const void *)((const char *)(cell->jump_point + step - 1) + piece[j]) <=
                own->edge[j] - cell->half_width)
                piece[j] += step * (uint32_t)sizeof(int32_t);
    }
    TS_UNROLL
    for (int j = 0; j < count; j++)
        own->label[j] += *(const int32_t *)(const void *)((const char *)cell->level + piece[j]);
}

/* The first neurons that are not on: first the column, then the row. */
TS_FUNCTION void ts_dealt_ranks(const ts_cell *cell, const ts_dealt *net, ts_dealt_own_samples *own, int count) {
    TS_UNROLL
    for (int j = 0; j < count; j++)
        own->place[j] = net->column;
    TS_UNROLL
    for (uint32_t step = net->lanes / 2; step > 0; step /= 2)
        TS_UNROLL
        for (int j = 0; j < count; j++)
            if (*ts_dealt_high(net, own->place[j] + step * 4) <= own->edge[j] - cell->width)
                own->place[j] += step * 4;
    const uint32_t first = (net->search - 1) * net->stride, others = (net->rows + 1) * net->stride - first - net->stride;
    TS_UNROLL
    for (int j = 0; j < count; j++)
        own->place[j] += *ts_dealt_high(net, own->place[j] + first) <= own->edge[j] - cell->width ? others : 0;
    TS_UNROLL
    for (int level = TS_DEALT_LEVELS - 2; level >= 0; level--) {
        const uint32_t step = 1u << level;
        if (step >= net->search)
            continue;
        TS_UNROLL
        for (int j = 0; j < count; j++)
            if (*ts_dealt_high(net, own->place[j] + (step - 1) * net->stride) <= own->edge[j] - cell->width)
                own->place[j] += step * net->stride;
    }
}

/* The lane's own samples of the batch that begins with step `base` (even). Events count for the steps from `first` on
 * and before `stop`. */
TS_FUNCTION void ts_dealt_draw(const ts_cell *cell, const ts_dealt *net, uint32_t replicate, uint64_t base,
                               uint32_t lane, uint32_t first, uint32_t stop, ts_dealt_own_samples *own, int count) {
    TS_UNROLL
    for (int j = 0; j < count; j += 2) {
        const ts_words block = ts_sample_block(cell, replicate, base + lane * (uint32_t)count + (uint32_t)j);
        TS_UNROLL
        for (int odd = 0; odd < 2; odd++) {
            const ts_sample sample = ts_sample_of(&block, (uint64_t)odd);
            own->edge[j + odd] = sample.point + cell->half_width;
            own->label[j + odd] = (int32_t)ts_noise(cell, sample);
        }
    }
    ts_dealt_targets(cell, own, count);
    ts_dealt_ranks(cell, net, own, count);
    TS_UNROLL
    for (int j = 0; j < count; j++) {
        const uint32_t i = lane * (uint32_t)count + (uint32_t)j;
        own->reach[j] = i < TS_DEALT_BATCH ? ts_dealt_number(net, own->place[j]) + 1 : 0;
        own->wanted[j] =
            (uint64_t)((int64_t)own->label[j] * (INT64_C(1) << (TS_WEIGHT_BITS - TS_VALUE_BITS))) -
            ts_dealt_output(net, own->place[j]);
        own->gradient[j] = 0;
        own->events[j] = 0;
        if (i < TS_DEALT_BATCH) {
            const ts_dealt_sample sample = {own->edge[j], 0, own->place[j], own->reach[j]};
            net->sample[i] = sample;
        }
        TS_ROLLED
        for (uint32_t at = ts_dealt_behind(net, own->place[j], 0);
             first <= i && i < stop && *ts_dealt_high(net, at) <= own->edge[j]; at = ts_dealt_behind(net, at, 1))
            own->events[j]++;
    }
}

/* The first of a lane's own samples, as a step of the batch, whose events there is no room for; `before`: events of the
 * samples before them. */
TS_FUNCTION uint32_t ts_dealt_room(const ts_dealt *net, const ts_dealt_own_samples *own, uint32_t lane, uint32_t before,
                                   int count) {
    uint32_t step = TS_DEALT_BATCH;
    TS_UNROLL
    for (int j = 0; j < count; j++) {
        before += own->events[j];
        if (before > TS_DEALT_SLOTS * net->lanes && step == TS_DEALT_BATCH)
            step = lane * (uint32_t)count + (uint32_t)j;
    }
    return step;
}

/* ---- events */

/* Event e of the batch goes to the slot of a lane. before[i]: events before step i. Returns the number of its neuron. */
TS_FUNCTION uint32_t ts_dealt_take(const ts_cell *cell, const ts_dealt *net, const uint32_t *before, uint32_t e,
                                   uint32_t slot) {
    uint32_t step = 0, behind = e;
    TS_UNROLL
    for (uint32_t i = 1; i < TS_DEALT_BATCH; i++)
        if (e >= before[i]) {
            step = i;
            behind = e - before[i];
        }
    const ts_dealt_sample sample = net->sample[step];
    const uint32_t place = ts_dealt_behind(net, sample.place, behind);
    const int32_t phase = ts_transition_phase(cell, sample.edge - *ts_dealt_high(net, place));
    const ts_dealt_event event = {step << 16 | (sample.reach + behind), ts_sigma(phase), ts_dealt_weight(net, place)};
    net->event[slot] = event;
    net->change[slot].place = place;
    net->change[slot].part = 0;
    return sample.reach + behind - 1;
}

TS_FUNCTION uint32_t ts_dealt_word(const ts_dealt *net, const ts_dealt_chain *chain, uint32_t lane) {
    return chain->slot < chain->slots ? net->event[ts_dealt_slot(net, lane, chain->slot)].word : TS_DEALT_NO_EVENT;
}

/* ---- steps */

/* What a lane knows of the residual of step i, unit 2^-48: the group's sum is the residual. */
TS_FUNCTION uint64_t ts_dealt_share(const ts_dealt *net, const ts_dealt_own_samples *own, const ts_dealt_chain *chain,
                                    uint32_t lane, int i, int count) {
    uint64_t low = chain->learned[i]; /* products by words */
    uint32_t high = 0;
    TS_UNROLL
    for (int j = 0; j < count; j++) {
        const uint32_t common = own->reach[j] < chain->reach[i] ? own->reach[j] : chain->reach[i];
        low += ts_multiply_unsigned(common, (uint32_t)own->gradient[j]);
        high += common * (uint32_t)(own->gradient[j] >> 32);
    }
    uint32_t slot = chain->slot, word = chain->word;
    TS_ROLLED
    while (word >> 16 == (uint32_t)i) {
        ts_dealt_event *event = &net->event[ts_dealt_slot(net, lane, slot)];
        uint64_t weight = event->weight;
        TS_UNROLL
        for (int p = 0; p < i; p++)
            weight += chain->reach[p] > (word & 0xffff) ? chain->gradient[p] : 0;
        event->weight = weight;
        low += (uint64_t)ts_multiply_unit((int64_t)weight, event->sigma);
        slot++;
        word = slot < chain->slots ? net->event[ts_dealt_slot(net, lane, slot)].word : TS_DEALT_NO_EVENT;
    }
    const uint64_t wanted = lane == (uint32_t)(i / count) ? own->wanted[i % count] : 0;
    return wanted - (low + ((uint64_t)high << 32));
}

/* Step i, whose residual is `sum`, unit 2^-48. Steps before `first` are not done. */
TS_FUNCTION void ts_dealt_learn(const ts_cell *cell, const ts_dealt *net, ts_dealt_own_samples *own,
                                ts_dealt_chain *chain, uint32_t lane, int i, uint32_t first, uint64_t sum, int count) {
    const int64_t residual = ts_round_shift((int64_t)sum, TS_WEIGHT_BITS - TS_VALUE_BITS);
    const uint64_t gradient = (uint32_t)i < first ? 0 : (uint64_t)ts_gradient_of(cell, (int32_t)residual);
    const uint32_t out = (uint32_t)i >= first && !ts_residual_in_range(cell, residual);
    chain->done = out && chain->done > (uint32_t)i ? (uint32_t)i : chain->done;
    chain->gradient[i] = gradient;
    if (lane == (uint32_t)(i / count))
        own->gradient[i % count] = gradient;
    if (lane == 0)
        net->sample[i].residual = (int32_t)residual;
    TS_ROLLED
    while (chain->word >> 16 == (uint32_t)i) {
        const uint32_t slot = ts_dealt_slot(net, lane, chain->slot);
        const uint64_t part = (uint64_t)ts_multiply_unit((int64_t)gradient, net->event[slot].sigma);
        net->change[slot].part = part;
        TS_UNROLL
        for (int q = i + 1; q < TS_DEALT_BATCH; q++)
            chain->learned[q] += chain->reach[q] > (chain->word & 0xffff) ? part : 0;
        chain->slot++;
        chain->word = ts_dealt_word(net, chain, lane);
    }
}

/* ---- moves */

/* Where the neuron of an event goes; this takes the place of its weight in the slot. Returns the first later step of the
 * batch to which that matters. edge[i]: of step i. */
TS_FUNCTION uint32_t ts_dealt_move(const ts_cell *cell, const ts_dealt *net, uint32_t slot, const int32_t *edge) {
    const ts_dealt_event event = net->event[slot];
    const uint32_t step = event.word >> 16;
    const ts_dealt_sample sample = net->sample[step];
    const int32_t high = *ts_dealt_high(net, net->change[slot].place);
    const ts_update update = ts_update_of(cell, sample.residual);
    const int64_t position = (int64_t)((uint64_t)(uint32_t)high << 32 | net->change[slot].low);
    const int64_t moved = ts_moved_position(cell, position, (int64_t)event.weight,
                                            ts_transition_phase(cell, sample.edge - high), update);
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
TS_FUNCTION ts_range ts_dealt_gains(const ts_dealt *net, ts_dealt_own_samples *own, uint32_t lane, uint32_t done,
                                    int count) {
    ts_range sums = {0, 0}; /* of positive and of negative gradients */
    TS_UNROLL
    for (int j = 0; j < count; j++) {
        const uint64_t gradient = lane * (uint32_t)count + (uint32_t)j < done ? own->gradient[j] : 0;
        if (gradient != 0)
            ts_dealt_add(net, own->place[j], gradient);
        sums.positive += (int64_t)gradient > 0 ? (int64_t)gradient : 0;
        sums.negative += (int64_t)gradient > 0 ? 0 : (int64_t)gradient;
    }
    return sums;
}

/* ---- any step, whatever it needs, as the only one */

/* Sum of the outputs of a lane's part of the neurons in transition: number lane, lane + lanes, ... */
TS_FUNCTION uint64_t ts_dealt_any_output(const ts_cell *cell, const ts_dealt *net, uint32_t lane,
                                         ts_dealt_sample sample) {
    uint64_t sum = 0;
    TS_ROLLED
    for (uint32_t k = sample.reach - 1 + lane; k < cell->neurons; k += net->lanes) {
        const uint32_t place = ts_dealt_place(net, k);
        const int32_t offset = sample.edge - *ts_dealt_high(net, place);
        if (offset < 0)
            break;
        sum += (uint64_t)ts_multiply_unit((int64_t)ts_dealt_weight(net, place),
                                          ts_sigma(ts_transition_phase(cell, offset)));
    }
    return sum;
}

/* Apply the update to these neurons. Returns the number of the first one behind them. */
TS_FUNCTION uint32_t ts_dealt_any_learn(const ts_cell *cell, const ts_dealt *net, uint32_t lane,
                                        ts_dealt_sample sample, ts_update update) {
    uint32_t k = sample.reach - 1 + lane;
    TS_ROLLED
    for (; k < cell->neurons; k += net->lanes) {
        const uint32_t place = ts_dealt_place(net, k);
        const int32_t high = *ts_dealt_high(net, place), offset = sample.edge - high;
        if (offset < 0)
            break;
        int64_t position = (int64_t)((uint64_t)(uint32_t)high << 32 | net->low[k]), part = 0;
        const int32_t phase = ts_transition_phase(cell, offset);
        position = ts_moved_position(cell, position, (int64_t)ts_dealt_weight(net, place), phase, update);
        part = ts_multiply_unit(update.gradient, ts_sigma(phase));
        ts_dealt_add(net, place, 0 - (uint64_t)part);
        ts_dealt_add(net, place + net->stride, (uint64_t)part);
        *ts_dealt_high(net, place) = (int32_t)(position >> 32);
        net->low[k] = (uint32_t)position;
    }
    return k;
}

#endif
