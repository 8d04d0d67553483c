// Training steps by groups of lanes, in batches: kernels/dealt_batch.h, with the neurons in shared memory. Each lane
// has a column of it.
#include "kernels/advance.cuh"
#include "kernels/dealt_batch.h"
#include "kernels/group.cuh"

#include <cuda_pipeline.h>

// A training as one lane sees it. All threads of a warp go the same way; those whose training stands still do nothing.
template <int LANES> struct dealt_view {
    const ts_cell *cell;
    ts_dealt net;
    lane_group<LANES> group;
    ts_training training;

    // All sums from the gains.
    __device__ void settle() {
        const ts_dealt_sums own = ts_dealt_settle(&net, group.lane);
        const uint64_t weight = (uint64_t)training.bias + group.sum_before(own.weight);
        const uint64_t value = (uint64_t)training.bias + group.sum_before(own.value + net.rows * weight);
        const ts_dealt_sums base = {weight, value};
        *ts_dealt_base(&net, ts_dealt_first(&net, group.lane)) = base;
        __syncwarp();
    }

    // Are the weights in their range?
    __device__ uint32_t examine() {
        return ts_weights_in_range(cell, group.range(training, ts_dealt_range(&net, group.lane)));
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

    // The next step of the trainings that are going, alone.
    __device__ void step(uint32_t going, ts_dealt_sample sample) {
        uint64_t sum = 0;
        uint32_t count = 0; // neurons in transition
        if (going)
            sum = ts_dealt_any_output(cell, &net, group.lane, sample, &count);
        count = group.sum(count);
        const ts_words block = ts_sample_block(cell, training.replicate, training.step);
        const int64_t label = ts_label(cell, ts_sample_of(&block, training.step));
        const uint64_t output = group.sum(sum) + ts_dealt_output(&net, sample.place);
        const int64_t residual = ts_residual(ts_missing(label, (int64_t)output), 0);
        const ts_update update = ts_update_of(cell, (int32_t)residual);
        going = may_learn(this, going, residual, update.gradient);
        const uint32_t first = sample.reach - 1;
        // The last ones first: what they get is in no other's way.
        for (uint32_t left = going ? count : 0; warp_any(left > 0); left -= min(left, (left - 1) % LANES + 1)) {
            const uint32_t k = first + (left - 1) / LANES * LANES + group.lane;
            const uint32_t mine = left > 0 && k < first + left;
            const uint64_t weight = mine ? ts_dealt_weight(&net, ts_dealt_place(&net, k)) : 0;
            __syncwarp();
            if (mine)
                ts_dealt_any_learn(cell, &net, k, weight, sample.edge, update);
        }
        __syncwarp();
        if (going) {
            if (group.lane == 0)
                ts_dealt_add(&net, sample.place, (uint64_t)update.gradient);
            ts_finish_step(&training, update.gradient);
        }
        sort(going ? first : 1, going ? first + count : 0);
    }

    __device__ uint32_t slot(uint32_t s) const {
        return ts_dealt_slot(&net, group.lane, s);
    }

    // Deals out the events of the samples. Returns the first step that there is no room for.
    __device__ uint32_t deal(const ts_dealt_own &own) {
        const uint32_t own_events = own.events[0] + own.events[1], before_own = group.sum_before(own_events);
        const uint32_t events = group.from(LANES - 1, before_own + own_events);
        const uint32_t end = group.least(ts_dealt_show(&net, &own, group.lane, before_own));
        __syncwarp();
        uint32_t before[TS_DEALT_BATCH];
#pragma unroll
        for (int i = 1; i < TS_DEALT_BATCH; i++)
            before[i] = (uint32_t)net.sample[i].residual;
        uint32_t s = 0;
#pragma unroll 1
        for (uint32_t e = group.lane; e < min(events, TS_DEALT_SLOTS * LANES); e += LANES, s++) {
            const uint32_t k = ts_dealt_take(cell, &net, before, e, slot(s));
            // needed after the steps: they do not wait for it
            __pipeline_memcpy_async(&net.change[slot(s)].low, &net.low[k], sizeof *net.low);
        }
        net.event[slot(s)].word = TS_DEALT_NO_EVENT;
        __syncwarp(); // everybody has read what becomes residuals now
        return end;
    }

    // The steps from `first` on. Returns the first one whose residual is out of range, at most `stop`. `slots`: of the
    // events that came up: before `stop` all of them.
    __device__ uint32_t do_steps(ts_dealt_own *own, uint32_t first, uint32_t stop, uint32_t *slots) {
        ts_dealt_chain chain = ts_dealt_begin(&net, own, group.lane, slot(0), stop);
#pragma unroll
        for (int i = 0; i < TS_DEALT_BATCH; i++) {
            const uint64_t share = ts_dealt_share(&net, own, &chain, i);
            ts_dealt_learn(cell, &net, own, &chain, group.lane, i, first, group.sum(share));
        }
        *slots = (chain.slot - slot(0)) / TS_WARP;
        return chain.done;
    }

    // Moves the neurons of the events. Returns the first step that had to know of it, at most `done`.
    __device__ uint32_t move(uint32_t slots, uint32_t done) {
        __pipeline_wait_prior(0);
        __syncwarp();
        int32_t edge[TS_DEALT_BATCH];
#pragma unroll
        for (int i = 1; i < TS_DEALT_BATCH; i++)
            edge[i] = net.sample[i].edge;
#pragma unroll 1
        for (uint32_t s = 0; s < slots; s++)
            done = min(done, ts_dealt_move(cell, &net, slot(s), edge));
        __syncwarp(); // two lanes may have events of one neuron
        return group.least(done);
    }

    // The steps before `done` come true.
    __device__ void apply(const ts_dealt_own &own, uint32_t slots, uint32_t done) {
        const ts_range sums = ts_dealt_gains(&net, &own, group.lane, done);
#pragma unroll 1
        for (uint32_t s = 0; s < slots; s++)
            if (net.event[slot(s)].word >> 16 < done)
                ts_dealt_apply(&net, slot(s));
        const int64_t positive = group.sum(sums.positive), negative = group.sum(sums.negative);
        training.bias += positive + negative;
        training.drift += positive - negative;
        __syncwarp();
        uint32_t lowest = UINT32_MAX, highest = 0;
#pragma unroll 1
        for (uint32_t s = 0; s < slots; s++) {
            const uint32_t k = (net.event[slot(s)].word & 0xffff) - 1;
            if (ts_dealt_disordered(&net, net.change[slot(s)].place)) {
                lowest = min(lowest, k);
                highest = max(highest, k);
            }
        }
        sort(lowest, highest);
    }

    // Up to TS_DEALT_BATCH steps before `end`, one at least unless the training stands still.
    __device__ void batch(uint64_t end, uint32_t going) {
        const uint32_t first = (uint32_t)training.step % 2;
        const uint32_t stop = going ? ts_dealt_stop(cell, &training, end) : first;
        ts_dealt_own own;
        uint32_t slots;
        ts_dealt_draw(cell, &net, training.replicate, training.step - first, group.lane, first, stop, &own);
        uint32_t done = min(stop, deal(own));
        done = do_steps(&own, first, done, &slots);
        done = move(slots, done);
        apply(own, slots, done);
        training.step += done > first ? done - first : 0;
        const uint32_t none = going && done <= first;
        if (warp_any(none)) {
            __syncwarp();
            step(none, net.sample[first]);
        }
    }

    __device__ void advance(uint64_t end) {
        for (;;) {
            settle();
            const uint32_t going = training.step < end && !training.halted;
            if (!warp_any(going))
                return;
            batch(end, going);
        }
    }

    __device__ void load(const int64_t *position, const int64_t *weight) {
        ts_dealt_load(cell, &net, &training, group.lane, position, weight);
        __syncwarp();
    }

    __device__ void store(int64_t *position, int64_t *weight) const {
        ts_dealt_store(cell, &net, group.lane, position, weight);
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

    const group_place<LANES> at(memory, slot);
    dealt_view<LANES> view;
    view.cell = &cell;
    view.net = ts_dealt_in(shared_by_lanes, memory.row, cell.neurons, LANES, TS_WARP, at.group * LANES,
                           memory.low + at.own_row, memory.order + at.row);
    advance_view(&view, memory, at, steps);
}

const advance_entry advance_dealt_entries[TS_DEALT_KERNELS] = {
    {4, TS_DEALT_BATCH, advance_dealt_kernel<4>},
    {8, TS_DEALT_BATCH, advance_dealt_kernel<8>},
    {16, TS_DEALT_BATCH, advance_dealt_kernel<16>},
    {32, TS_DEALT_BATCH, advance_dealt_kernel<32>},
};
