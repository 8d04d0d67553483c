// Training steps by groups of lanes, in batches: model/dealt_batch.h, with the neurons in shared memory. Each lane has a
// column of it.
#include "advance.cuh"
#include "group.cuh"
#include "model/dealt_batch.h"

// A training as one lane sees it. All threads of a warp go the same way; those whose training stands still do nothing.
template <int LANES> struct dealt_view {
    static constexpr int OWN = LANES < 4 ? TS_DEALT_OWN : 2;

    const ts_cell *cell;
    ts_dealt net;
    lane_group<LANES> group;
    ts_training training;

    // Every column of the training from the gains.
    __device__ void settle() {
        const ts_dealt_base own = ts_dealt_settle(&net, group.lane);
        const uint64_t before = group.sum_before(own.weight) + (uint64_t)training.bias;
        const uint64_t value = group.sum_before(own.value + net.rows * before) + (uint64_t)training.bias;
        const ts_dealt_base base = {before, value};
        *ts_dealt_base_of(&net, net.column + group.lane * 4) = base;
        __syncwarp();
    }

    // Are the weights in their range?
    __device__ uint32_t examine() {
        const ts_range mine = ts_dealt_range(&net, group.lane);
        ts_range range = {group.sum(mine.positive), group.sum(mine.negative)};
        (training.bias > 0 ? range.positive : range.negative) += training.bias;
        return ts_weights_in_range(cell, range);
    }

    // Restore the order where neurons have moved: `low`, `high`: numbers of a lane's first and last that are out of it.
    __device__ void sort(uint32_t low, uint32_t high) {
        if (!warp_any(low <= high))
            return;
        __syncwarp();
        const uint32_t first = group.least(low), last = ~group.least(~high);
        if (group.lane == 0 && first <= last)
            ts_dealt_sort(cell, &net, first, last + 1);
        __syncwarp();
    }

    // The step of one sample, alone. `wanted`: a lane's share of the label less f, without its neurons in transition.
    __device__ void step(uint32_t going, ts_dealt_sample sample, uint64_t wanted) {
        uint64_t share = wanted;
        if (going)
            share -= ts_dealt_any_output(cell, &net, group.lane, sample);
        const int64_t residual =
            ts_round_shift((int64_t)group.sum(share), TS_WEIGHT_BITS - TS_VALUE_BITS);
        const ts_update update = ts_update_of(cell, (int32_t)residual);
        uint32_t diverged = !ts_residual_in_range(cell, residual);
        const uint32_t drifted = going && !diverged && !ts_drift_in_range(cell, &training, update.gradient);
        if (warp_any(drifted)) {
            const uint32_t in_range = examine();
            training.drift = drifted ? 0 : training.drift;
            diverged |= drifted && !in_range;
        }
        training.diverged |= going && diverged;
        going &= !diverged;
        uint32_t last = 0;
        __syncwarp();
        if (going) {
            last = ts_dealt_any_learn(cell, &net, group.lane, sample, update);
            if (group.lane == 0)
                ts_dealt_add(&net, sample.place, (uint64_t)update.gradient);
            ts_finish_step(&training, update.gradient);
        }
        __syncwarp();
        sort(going ? sample.reach - 1 : 1, last);
    }

    // Up to TS_DEALT_BATCH steps before `end`, one at least unless the training stands still.
    __device__ void batch(uint64_t end, uint32_t going) {
        const uint32_t first = (uint32_t)training.step % 2;
        const uint64_t base = training.step - first, left = end - base;
        const uint32_t alone =
            (uint64_t)(cell->drift_limit - training.drift) / TS_DEALT_BATCH < (uint64_t)cell->gradient_limit;
        const uint32_t stop = !going || alone ? first : left < TS_DEALT_BATCH ? (uint32_t)left : TS_DEALT_BATCH;
        ts_dealt_own_samples own;
        ts_dealt_draw(cell, &net, training.replicate, base, group.lane, first, stop, &own, OWN);
        __syncwarp();

        uint32_t before[TS_DEALT_BATCH], events = 0; // all events
#pragma unroll
        for (int j = 0; j < OWN; j++)
            events += own.events[j];
        const uint32_t own_before = group.sum_before(events);
        events = group.from(LANES - 1, own_before + events);
        uint32_t sum = own_before;
#pragma unroll
        for (int j = 0; j < OWN; j++) {
#pragma unroll
            for (int lane = 0; lane < TS_DEALT_BATCH / OWN; lane++)
                before[lane * OWN + j] = group.from(lane % LANES, sum);
            sum += own.events[j];
        }
        uint32_t done = ts_dealt_room(&net, &own, group.lane, own_before, OWN);

        ts_dealt_chain chain;
        chain.slot = 0;
        chain.slots = 0;
        chain.done = stop;
        uint32_t low[TS_DEALT_SLOTS]; // words of positions, on their way here while the steps are done
#pragma unroll
        for (int s = 0; s < TS_DEALT_SLOTS; s++) {
            const uint32_t e = s * LANES + group.lane;
            low[s] = 0;
            if (e < events) {
                low[s] = net.low[ts_dealt_take(cell, &net, before, e, ts_dealt_slot(&net, group.lane, s))];
                chain.slots = s + 1;
            }
        }
        chain.word = ts_dealt_word(&net, &chain, group.lane);
#pragma unroll
        for (int i = 0; i < TS_DEALT_BATCH; i++) {
            chain.reach[i] = net.sample[i].reach;
            chain.learned[i] = 0;
        }
        __syncwarp(); // everybody has read the samples whose residuals are written now
#pragma unroll
        for (int i = 0; i < TS_DEALT_BATCH; i++) {
            const uint64_t share = ts_dealt_share(&net, &own, &chain, group.lane, i, OWN);
            ts_dealt_learn(cell, &net, &own, &chain, group.lane, i, first, group.sum(share), OWN);
        }
#pragma unroll
        for (int s = 0; s < TS_DEALT_SLOTS; s++)
            net.change[ts_dealt_slot(&net, group.lane, s)].low = low[s];
        __syncwarp();

        int32_t edge[TS_DEALT_BATCH];
#pragma unroll
        for (int i = 0; i < TS_DEALT_BATCH; i++)
            edge[i] = net.sample[i].edge;
        done = min(done, chain.done);
#pragma unroll 1
        for (uint32_t s = 0; s < chain.slots; s++)
            done = min(done, ts_dealt_move(cell, &net, ts_dealt_slot(&net, group.lane, s), edge));
        done = group.least(done);
        __syncwarp();
        const ts_dealt_sample first_sample = net.sample[0], second_sample = net.sample[1];

        const ts_range sums = ts_dealt_gains(&net, &own, group.lane, done, OWN);
#pragma unroll 1
        for (uint32_t s = 0; s < chain.slots; s++) {
            const uint32_t slot = ts_dealt_slot(&net, group.lane, s);
            if (net.event[slot].word >> 16 < done)
                ts_dealt_apply(&net, slot);
        }
        const int64_t positive = group.sum(sums.positive), negative = group.sum(sums.negative);
        training.bias += positive + negative;
        training.drift += positive - negative;
        training.step += done > first ? done - first : 0;
        __syncwarp();
        uint32_t lowest = UINT32_MAX, highest = 0;
#pragma unroll 1
        for (uint32_t s = 0; s < chain.slots; s++) {
            const uint32_t slot = ts_dealt_slot(&net, group.lane, s), number = net.event[slot].word & 0xffff;
            if (ts_dealt_disordered(&net, net.change[slot].place)) {
                lowest = min(lowest, number - 1);
                highest = max(highest, number - 1);
            }
        }
        sort(lowest, highest);

        const uint32_t none = going && done <= first;
        if (warp_any(none)) {
            const uint64_t wanted = group.lane > 0 ? 0 : first ? own.wanted[1] : own.wanted[0];
            step(none, first ? second_sample : first_sample, wanted);
        }
        settle();
    }

    __device__ void advance(uint64_t end) {
        for (;;) {
            const uint32_t going = training.step < end && !training.diverged;
            if (!warp_any(going))
                return;
            batch(end, going);
        }
    }
};

template <int LANES>
__global__ __launch_bounds__(TS_WARP, TS_FEWEST_WARPS) void advance_dealt_kernel(ts_wave_memory memory,
                                                                                 uint64_t steps) {
    extern __shared__ uint4 shared_by_lanes[];
    __shared__ ts_cell cell;
    const ts_slot slot = take_slot(memory, &cell);
    if (slot.count == 0)
        return;

    const uint32_t place = threadIdx.x / LANES;
    const bool mine = place < slot.count;
    const size_t first_index = (size_t)blockIdx.x * (TS_WARP / LANES);
    const size_t index = first_index + (mine ? place : 0),
                 row = index * memory.row; // others read the first, and do nothing
    dealt_view<LANES> view;
    view.cell = &cell;
    view.net = ts_dealt_in(shared_by_lanes, memory.row, cell.neurons, LANES, TS_WARP, place * LANES,
                           memory.low + (first_index + place) * memory.row, memory.order + row);
    view.training = memory.training[index];
    const uint64_t first = view.training.step, left = cell.steps - first;
    ts_dealt_load(&cell, &view.net, &view.training, view.group.lane, memory.position + row, memory.weight + row);
    __syncwarp();
    view.settle();
    view.advance(mine ? first + (steps < left ? steps : left) : 0);
    if (mine)
        ts_dealt_store(&cell, &view.net, view.group.lane, memory.position + row, memory.weight + row);
    if (mine && view.group.lane == 0)
        memory.training[index] = view.training;
    const bool speaks = mine && view.group.lane == 0;
    report_progress(&memory.progress[blockIdx.x], speaks ? view.training.step - first : 0,
                    speaks && !view.training.diverged);
}

const advance_entry advance_dealt_entries[TS_DEALT_KERNELS] = {
    {2, TS_DEALT_BATCH, advance_dealt_kernel<2>},
    {4, TS_DEALT_BATCH, advance_dealt_kernel<4>},
    {8, TS_DEALT_BATCH, advance_dealt_kernel<8>},
    {16, TS_DEALT_BATCH, advance_dealt_kernel<16>},
    {32, TS_DEALT_BATCH, advance_dealt_kernel<32>},
};
