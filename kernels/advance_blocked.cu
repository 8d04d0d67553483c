// Training steps by groups of lanes, for many neurons: kernels/blocked.h, with the neurons in shared memory.
#include "kernels/advance.cuh"
#include "kernels/blocked.h"
#include "kernels/group.cuh"

// Samples of the next 2 LANES steps: two for each lane.
struct drawn_samples {
    int32_t edge[2], label[2];
};

template <int LANES>
__device__ static inline drawn_samples draw(const ts_cell *cell, const ts_training *training, uint32_t lane) {
    const uint64_t first = training->step / (2 * LANES) * (2 * LANES) + 2 * lane;
    const ts_words block = ts_sample_block(cell, training->replicate, first);
    drawn_samples drawn;
#pragma unroll
    for (int odd = 0; odd < 2; odd++) {
        const ts_sample sample = ts_sample_of(&block, odd);
        drawn.edge[odd] = sample.point + cell->half_width;
        drawn.label[odd] = (int32_t)ts_label(cell, sample);
    }
    return drawn;
}

// A training as one lane sees it. All threads of a warp go the same way; `going` says whether it is for their training.
template <int LANES> struct lane_view {
    const ts_cell *cell;
    ts_blocked net;
    lane_group<LANES> group;
    ts_blocked_sums own;
    ts_training training;

    // This lane's neuron in the first row of a block.
    __device__ uint32_t at(uint32_t block) const {
        return block * (TS_BLOCKED_ROWS * TS_WARP) + group.lane;
    }

    __device__ uint64_t lazy_of(uint32_t block) const {
        return group.from(block % LANES, ts_blocked_lazy(&own, block / LANES));
    }

    // Every lane's sums to shared memory, for what happens rarely.
    __device__ void show_sums() {
        net.sums[group.lane] = own;
        __syncwarp();
    }

    // Are the weights in their range?
    __device__ uint32_t examine() {
        show_sums();
        const ts_range mine = ts_blocked_range(cell, &net, group.lane);
        const ts_range range = group.range(training, mine);
        __syncwarp();
        return ts_weights_in_range(cell, range);
    }

    // LANES places of the order, one for each lane, lie in two blocks at most.
    struct stretch {
        uint32_t place, block; // this lane's one; the first block
        int in_first, moving;  // does this lane's neuron lie in the first block, is it in transition?
        int32_t high;
        uint64_t weight;
    };

    __device__ stretch look(uint32_t first, bool going, int32_t edge) const {
        stretch s;
        s.place = min(first + group.lane, ts_blocked_places(cell->neurons, LANES) - 1);
        s.block = ts_blocked_block_of(first, LANES);
        s.in_first = ts_blocked_block_of(s.place, LANES) == s.block;
        s.high = net.high[ts_blocked_at(&net, s.place)];
        s.moving = going && s.high <= edge;
        s.weight = 0;
        return s;
    }

    __device__ void look_at_weight(stretch *s) const {
        const uint64_t lazy = lazy_of(s->block), next_lazy = lazy_of(s->block + 1);
        s->weight = net.weight[ts_blocked_at(&net, s->place)] + (s->in_first ? lazy : next_lazy);
    }

    // The sum of a block has grown by what its lanes say.
    __device__ void grow(uint32_t block, uint64_t part) {
        const uint64_t sum = group.sum(part);
        if (group.lane == block % LANES && block <= ts_blocked_blocks(cell->neurons, LANES)) {
            ts_blocked_add(&own, block / LANES, sum);
            ts_blocked_end(&own, block / LANES,
                           net.high[ts_blocked_at(&net, (block + 1) * (LANES * TS_BLOCKED_ROWS) - 1)]);
        }
    }

    // Apply the update to the neurons of a stretch that are in transition.
    __device__ void move(const stretch &s, int32_t edge, ts_update update) {
        uint64_t part = 0;
        if (s.moving)
            part = ts_blocked_move(cell, &net, s.place, s.weight, edge, update);
        __syncwarp();
        grow(s.block, s.in_first ? part : 0);
        if (warp_any(s.moving && !s.in_first))
            grow(s.block + 1, s.in_first ? 0 : part);
    }

    // Restore the order after neurons at the places first .. last - 1 have moved.
    __device__ void sort(uint32_t first, uint32_t last) {
        int disordered = 0;
        for (uint32_t place = first + group.lane; place < last; place += LANES)
            disordered |= place < cell->neurons && ts_blocked_disordered(&net, place);
        if (!warp_any(disordered != 0))
            return;
        const bool mine = group.any(disordered != 0);
        show_sums();
        if (mine && group.lane == 0)
            ts_blocked_sort(cell, &net, first, last);
        __syncwarp();
        own = net.sums[group.lane];
        __syncwarp();
    }

    // One step of the trainings that are going.
    __device__ void step(uint32_t going, int32_t edge, int32_t label) {
        const int32_t last_on = edge - cell->width;
        const uint32_t full = group.sum(ts_blocked_full(&own, last_on));
        const ts_blocked_on on = ts_blocked_look(&net, at(full), lazy_of(full), last_on);
        const uint32_t on_count = group.sum(on.count), rank = full * (LANES * TS_BLOCKED_ROWS) + on_count;
        uint64_t sum = ts_blocked_sum(&own, group.lane, LANES, full) + on.sum;
        stretch first = look(rank, going, edge), s = first;
        uint32_t last = rank; // end of the stretches with a neuron in transition
        for (; warp_any(s.moving); s = look(last, going, edge)) {
            look_at_weight(&s);
            sum += s.moving ? ts_blocked_output(cell, s.weight, s.high, edge) : 0;
            first = last == rank ? s : first;
            last += LANES;
        }
        const int64_t residual = ts_residual(ts_missing(label, training.bias + (int64_t)group.sum(sum)), 0);
        const ts_update update = ts_update_of(cell, (int32_t)residual);
        going = may_learn(this, going, residual, update.gradient);

        __syncwarp(); // everybody has read what changes now
        if (going) {
            ts_blocked_learn(&own, group.lane, LANES, full, (uint64_t)update.gradient);
            ts_blocked_learn_on(&net, at(full), on.count, (uint64_t)update.gradient);
            if (group.lane == full % LANES)
                ts_blocked_add(&own, full / LANES, on_count * (uint64_t)update.gradient);
            ts_finish_step(&training, update.gradient);
        }
        for (uint32_t at = rank; at < last; at += LANES) {
            s = first;
            if (at > rank) {
                s = look(at, going, edge);
                look_at_weight(&s);
            }
            s.moving &= going;
            move(s, edge, update);
            __syncwarp();
        }
        if (last > rank)
            sort(rank, last);
        __syncwarp();
    }

    __device__ void advance(uint64_t end) {
        drawn_samples drawn = draw<LANES>(cell, &training, group.lane);
        for (;;) {
            const bool going = training.step < end && !training.halted;
            if (!warp_any(going))
                break;
            const uint32_t turn = (uint32_t)training.step % (2 * LANES);
            if (warp_any(going && turn == 0))
                drawn = draw<LANES>(cell, &training, group.lane);
            const int32_t edge = group.from(turn / 2, turn % 2 == 0 ? drawn.edge[0] : drawn.edge[1]);
            const int32_t label = group.from(turn / 2, turn % 2 == 0 ? drawn.label[0] : drawn.label[1]);
            step(going, edge, label);
        }
        show_sums();
    }

    __device__ void load(const int64_t *position, const int64_t *weight) {
        ts_blocked_load(cell, &net, group.lane, position, weight);
        __syncwarp();
        ts_blocked_sum_up(cell, &net, group.lane, &own);
    }

    __device__ void store(int64_t *position, int64_t *weight) const {
        ts_blocked_store(cell, &net, group.lane, position, weight);
    }
};

template <int LANES>
__global__ __launch_bounds__(TS_WARP, TS_FEWEST_WARPS) void advance_blocked_kernel(ts_wave_memory memory,
                                                                                   uint64_t steps) {
    extern __shared__ uint64_t shared[];
    __shared__ ts_cell cell;
    __shared__ ts_blocked_sums sums[TS_WARP];
    const ts_slot slot = take_slot(memory, &cell);
    if (slot.count == 0)
        return;

    const group_place<LANES> at(memory, slot);
    const uint32_t column = at.group * LANES;
    lane_view<LANES> view;
    view.cell = &cell;
    view.net.weight = shared + column;
    view.net.high = (int32_t *)(shared + ts_blocked_places(memory.row, LANES) / LANES * TS_WARP) + column;
    view.net.low = memory.low + at.own_row;
    view.net.order = memory.order + at.row;
    view.net.sums = sums + column;
    view.net.lanes = LANES;
    view.net.stride = TS_WARP;
    advance_view(&view, memory, at, steps);
}

const advance_entry advance_blocked_entries[TS_BLOCKED_KERNELS] = {
    {4, 0, advance_blocked_kernel<4>},
    {8, 0, advance_blocked_kernel<8>},
    {16, 0, advance_blocked_kernel<16>},
    {32, 0, advance_blocked_kernel<32>},
};
