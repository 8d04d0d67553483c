// Training steps by groups of lanes, for many neurons: model/blocked.h, with the neurons in shared memory.
#include "advance.cuh"
#include "group.cuh"
#include "model/blocked.h"

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
    __device__ bool examine() {
        show_sums();
        const ts_range mine = ts_blocked_range(cell, &net, group.lane);
        ts_range range = {group.sum(mine.positive), group.sum(mine.negative)};
        (training.bias > 0 ? range.positive : range.negative) += training.bias;
        __syncwarp();
        return ts_weights_in_range(cell, range);
    }

    // What the neurons of a block that are in transition add to f. Threads meet after each row.
    __device__ uint64_t outputs(uint32_t block, uint32_t moving, uint64_t lazy, int32_t edge) const {
        uint64_t sum = 0;
        for (; warp_any(moving != 0); moving &= moving - 1)
            if (moving != 0)
                sum += ts_blocked_output(cell, &net, at(block) + ts_lowest_bit(moving) * TS_WARP, lazy, edge);
        return sum;
    }

    // Apply the update to the neurons of a block that is not on as a whole. Returns whether one of this lane's moved.
    __device__ bool learn(uint32_t block, ts_blocked_view view, uint64_t lazy, int32_t edge, ts_update update) {
        uint64_t part = ts_blocked_learn_on(&net, at(block), view.on, (uint64_t)update.gradient);
        for (uint32_t moving = view.moving; warp_any(moving != 0); moving &= moving - 1)
            if (moving != 0) {
                const uint32_t row = ts_lowest_bit(moving),
                               place = (block * TS_BLOCKED_ROWS + row) * LANES + group.lane;
                part += ts_blocked_move(cell, &net, at(block) + row * TS_WARP, place, lazy, edge, update);
            }
        const uint64_t sum = group.sum(part);
        const int32_t last = group.from(LANES - 1, net.high[at(block) + (TS_BLOCKED_ROWS - 1) * TS_WARP]);
        if (group.lane == block % LANES)
            ts_blocked_update(&own, block / LANES, sum, last);
        return view.moving != 0;
    }

    // Restore the order of the neurons after some of the blocks first .. last - 1 moved.
    __device__ void sort(bool moved, uint32_t first, uint32_t last) {
        __syncwarp();
        bool disordered = false;
        const uint32_t rows = LANES * TS_BLOCKED_ROWS;
        for (uint32_t place = first * rows + group.lane; moved && place < last * rows; place += LANES)
            disordered |= place < cell->neurons && ts_blocked_disordered(&net, place);
        if (!warp_any(disordered))
            return;
        const bool mine = group.any(disordered);
        show_sums();
        if (mine && group.lane == 0)
            ts_blocked_sort(cell, &net, first * rows, last * rows);
        __syncwarp();
        own = net.sums[group.lane];
        __syncwarp();
    }

    // One step of the trainings that are going.
    __device__ void step(bool going, int32_t edge, int32_t label) {
        const uint32_t full = group.sum(ts_blocked_full(&own, edge - cell->width));
        const uint64_t first_lazy = lazy_of(full);
        const ts_blocked_view first = ts_blocked_look(cell, &net, at(full), first_lazy, edge);
        uint64_t sum = ts_blocked_sum(&own, group.lane, LANES, full) + first.sum;
        sum += outputs(full, first.moving, first_lazy, edge);
        uint32_t end = full + 1;
        const bool ends = group.any(first.beyond);
        for (bool more = going && !ends; warp_any(more);) {
            const uint32_t block = more ? end : full;
            const uint64_t lazy = lazy_of(block);
            const ts_blocked_view view = ts_blocked_look(cell, &net, at(block), lazy, edge);
            sum += outputs(block, more ? view.moving : 0, lazy, edge);
            const bool stops = group.any(view.beyond);
            end += more;
            more = more && !stops;
        }
        const int64_t residual = ts_residual(label, training.bias + (int64_t)group.sum(sum));
        const ts_update update = ts_update_of(cell, (int32_t)residual);
        bool diverged = !ts_residual_in_range(cell, residual);
        const bool drifted = going && !diverged && !ts_drift_in_range(cell, &training, update.gradient);
        if (warp_any(drifted)) {
            const bool in_range = examine();
            training.drift = drifted ? 0 : training.drift;
            diverged |= drifted && !in_range;
        }
        training.diverged |= going && diverged;
        going &= !diverged;

        const ts_blocked_view nothing = {0, 0, 0, false};
        if (going)
            ts_blocked_learn(&own, group.lane, LANES, full, (uint64_t)update.gradient);
        bool moved = learn(full, going ? first : nothing, first_lazy, edge, update);
        for (uint32_t block = full + 1; warp_any(going && block < end); block++) {
            const bool more = going && block < end;
            const uint32_t other = more ? block : full;
            const uint64_t lazy = lazy_of(other);
            const ts_blocked_view view = ts_blocked_look(cell, &net, at(other), lazy, edge);
            moved |= learn(other, more ? view : nothing, lazy, edge, update);
        }
        if (warp_any(moved))
            sort(group.any(moved), full, end);
        if (going)
            ts_finish_step(&training, update.gradient);
    }

    __device__ void advance(uint64_t end) {
        drawn_samples drawn = draw<LANES>(cell, &training, group.lane);
        for (;;) {
            const bool going = training.step < end && !training.diverged;
            if (!warp_any(going))
                return;
            const uint32_t turn = (uint32_t)training.step % (2 * LANES);
            if (warp_any(going && turn == 0))
                drawn = draw<LANES>(cell, &training, group.lane);
            const int32_t edge = group.from(turn / 2, turn % 2 == 0 ? drawn.edge[0] : drawn.edge[1]);
            const int32_t label = group.from(turn / 2, turn % 2 == 0 ? drawn.label[0] : drawn.label[1]);
            step(going, edge, label);
        }
    }
};

template <int LANES>
__global__ __launch_bounds__(TS_WARP) void advance_blocked_kernel(ts_wave_memory memory, uint64_t steps) {
    extern __shared__ uint64_t shared[];
    __shared__ ts_cell cell;
    __shared__ ts_blocked_sums sums[TS_WARP];
    const ts_slot slot = memory.slot[blockIdx.x];
    if (slot.count == 0) {
        no_progress(&memory.progress[blockIdx.x]);
        return;
    }
    copy_cell(&cell, &memory.cell[slot.cell]);
    __syncwarp();

    const uint32_t place = threadIdx.x / LANES, column = place * LANES;
    const bool mine = place < slot.count;
    const size_t first_index = (size_t)blockIdx.x * (TS_WARP / LANES);
    const size_t index = first_index + (mine ? place : 0),
                 row = index * memory.row; // others read the first, and do nothing
    lane_view<LANES> view;
    view.cell = &cell;
    view.net.weight = shared + column;
    view.net.high =
        (int32_t *)(shared + (ts_blocked_blocks(memory.row, LANES) + 1) * TS_BLOCKED_ROWS * TS_WARP) + column;
    view.net.low = memory.low + (first_index + place) * memory.row;
    view.net.order = memory.order + row;
    view.net.sums = sums + column;
    view.net.lanes = LANES;
    view.net.stride = TS_WARP;
    view.training = memory.training[index];
    const uint64_t first = view.training.step, left = cell.steps - first;
    ts_blocked_load(&cell, &view.net, view.group.lane, memory.position + row, memory.weight + row);
    __syncwarp();
    ts_blocked_sum_up(&cell, &view.net, view.group.lane, &view.own);
    view.advance(mine ? first + (steps < left ? steps : left) : 0);
    view.show_sums();
    if (mine)
        ts_blocked_store(&cell, &view.net, view.group.lane, memory.position + row, memory.weight + row);
    if (mine && view.group.lane == 0)
        memory.training[index] = view.training;
    const bool speaks = mine && view.group.lane == 0;
    report_progress(&memory.progress[blockIdx.x], speaks ? view.training.step - first : 0,
                    speaks && !view.training.diverged);
}

const advance_entry advance_blocked_entries[TS_BLOCKED_KERNELS] = {
    {4, 0, advance_blocked_kernel<4>},
    {8, 0, advance_blocked_kernel<8>},
    {16, 0, advance_blocked_kernel<16>},
    {32, 0, advance_blocked_kernel<32>},
};
