// Training steps: the kernel that everything else is there for (MODEL.md sections 2 and 7; docs/numerics.md, "Step").
//
// A lane keeps its neurons in registers for all steps of a launch: lane l of LANES owns the neurons l, l + LANES, ...
#ifndef TS_KERNELS_ADVANCE_CUH
#define TS_KERNELS_ADVANCE_CUH

#include "group.cuh"
#include "launch.h"
#include "model/lane.h"

// Warps that a multiprocessor must be able to hold: leaves each thread its 255 registers, and asks the compiler not to
// spill some of them to run more warps.
#define FEWEST_WARPS 8

// Examine the weights when their growth is no longer bounded. Returns false when they left the range.
template <class Group, int OWN>
__device__ static bool examine_weights(const ts_cell *cell, Group &group, const ts_neurons *own,
                                       ts_training *training) {
    ts_range range = ts_weight_range(own, 0, 1, OWN);
    range.positive = group.sum(range.positive) + (training->bias > 0 ? training->bias : 0);
    range.negative = group.sum(range.negative) + (training->bias < 0 ? training->bias : 0);
    training->drift = 0;
    return ts_weights_in_range(cell, range);
}

// One step by all lanes of the group. Returns false when the training diverges instead.
template <class Group, int OWN>
__device__ static inline bool step(const ts_cell *cell, Group &group, const ts_neurons *own, ts_training *training,
                                   ts_sample sample) {
    const int32_t edge = sample.point + cell->half_width;
    uint32_t moving;
    const int64_t sum = training->bias + group.sum(ts_lane_forward(cell, own, OWN, edge, &moving));
    const int64_t residual = ts_residual(ts_label(cell, sample), sum);
    if (!ts_residual_in_range(cell, residual))
        return false;
    const ts_update update = ts_update_of(cell, residual);
    if (!ts_drift_in_range(cell, training, update) && !examine_weights<Group, OWN>(cell, group, own, training))
        return false;
    ts_lane_backward(cell, own, OWN, edge, moving, update);
    ts_finish_step(training, update);
    return true;
}

// Up to `steps` steps. Lanes of a group stay together: what they branch on is the same in all of them.
template <class Group, int OWN>
__device__ static inline void advance(const ts_cell *cell, Group &group, const ts_neurons *own, ts_training *training,
                                      uint64_t steps) {
    const uint64_t left = cell->steps - training->step;
    const uint64_t end = training->step + (steps < left ? steps : left);
    ts_words block = ts_sample_block(cell, training->replicate, training->step);
    while (training->step < end) {
        asm volatile("" ::: "memory"); // read the cell again in each step instead of holding it in registers
        if (training->step % 2 == 0)
            block = ts_sample_block(cell, training->replicate, training->step);
        if (!step<Group, OWN>(cell, group, own, training, ts_sample_of(&block, training->step))) {
            training->diverged = true;
            break;
        }
    }
}

// The whole life of a training between two launches: into registers, advance, out of them. Returns the steps done.
template <class Group, int LANES, int OWN>
__device__ static uint64_t advance_training(const ts_cell *cell, Group &group, uint32_t lane, ts_training *memory,
                                            int64_t *position, int64_t *weight, uint32_t *own_low, uint64_t steps) {
    int32_t own_high[OWN];
    int64_t own_weight[OWN];
    const ts_neurons own = {own_high, own_low, own_weight};
    ts_training training = *memory;
    const uint64_t first = training.step;
#pragma unroll
    for (int i = 0; i < OWN; i++) {
        const uint32_t j = lane + (uint32_t)i * LANES;
        ts_lane_idle(&own, i);
        if (j < cell->neurons) {
            ts_set_position(&own, (uint32_t)i, position[j]);
            own_weight[i] = weight[j];
        }
    }
    advance<Group, OWN>(cell, group, &own, &training, steps);
#pragma unroll
    for (int i = 0; i < OWN; i++) {
        const uint32_t j = lane + (uint32_t)i * LANES;
        if (j < cell->neurons) {
            position[j] = ts_position(&own, (uint32_t)i);
            weight[j] = own_weight[i];
        }
    }
    if (lane == 0)
        *memory = training;
    return training.step - first;
}

// A slot's cell, where every lane can read it fast.
__device__ static inline void copy_cell(ts_cell *shared, const ts_cell *cell) {
    static_assert(sizeof(ts_cell) % sizeof(uint64_t) == 0, "a cell is copied in words of 64 bits");
    for (uint32_t i = threadIdx.x; i < sizeof(ts_cell) / sizeof(uint64_t); i += blockDim.x)
        ((uint64_t *)shared)[i] = ((const uint64_t *)cell)[i];
}

__device__ static inline void no_progress(ts_slot_progress *progress) {
    if (threadIdx.x == 0) {
        const ts_slot_progress none = {0, 0};
        *progress = none;
    }
}

// One warp a slot, LANES lanes a training.
template <int LANES, int OWN>
__global__ __launch_bounds__(TS_WARP, FEWEST_WARPS) void advance_kernel(ts_wave_memory memory, uint64_t steps) {
    constexpr uint32_t trainings = TS_WARP / LANES;
    __shared__ ts_cell cell;
    __shared__ uint32_t low[TS_WARP][OWN | 1]; // low words of positions; rows of odd length spread over the banks
    const ts_slot slot = memory.slot[blockIdx.x];
    if (slot.count == 0) {
        no_progress(&memory.progress[blockIdx.x]);
        return;
    }
    copy_cell(&cell, &memory.cell[slot.cell]);
    __syncwarp();

    const uint32_t place = threadIdx.x / LANES, lane = threadIdx.x % LANES;
    const size_t training = (size_t)blockIdx.x * trainings + place;
    uint64_t done = 0;
    uint32_t alive = 0;
    if (place < slot.count) {
        ts_training *memory_of = &memory.training[training];
        const size_t row = training * LANES * OWN;
        const bool diverged = memory_of->diverged;
        if (!diverged) {
            lane_group<LANES> group;
            done = advance_training<lane_group<LANES>, LANES, OWN>(&cell, group, lane, memory_of, memory.position + row,
                                                                   memory.weight + row, low[threadIdx.x], steps);
            __syncwarp(group.mask);
            alive = !memory_of->diverged;
        }
    }
    __syncwarp();
    done = (uint64_t)lane_group<TS_WARP>().sum(lane == 0 ? (int64_t)done : 0);
    alive = (uint32_t)__popc(__ballot_sync(0xffffffffu, lane == 0 && alive));
    if (threadIdx.x == 0) {
        const ts_slot_progress progress = {done, alive};
        memory.progress[blockIdx.x] = progress;
    }
}

// One block of WARPS warps a slot, and a training.
template <int WARPS, int OWN>
__global__ __launch_bounds__(WARPS *TS_WARP, FEWEST_WARPS / WARPS) void advance_block_kernel(ts_wave_memory memory,
                                                                                             uint64_t steps) {
    __shared__ ts_cell cell;
    __shared__ int64_t partial[2 * WARPS];
    __shared__ uint32_t low[WARPS * TS_WARP][OWN | 1];
    const ts_slot slot = memory.slot[blockIdx.x];
    if (slot.count == 0) {
        no_progress(&memory.progress[blockIdx.x]);
        return;
    }
    copy_cell(&cell, &memory.cell[slot.cell]);
    __syncthreads();

    ts_training *training = &memory.training[blockIdx.x];
    uint64_t done = 0;
    const bool diverged = training->diverged;
    __syncthreads(); // everybody has read it before lane 0 may write it
    if (!diverged) {
        const size_t row = (size_t)blockIdx.x * WARPS * TS_WARP * OWN;
        block_group<WARPS> group(partial);
        done = advance_training<block_group<WARPS>, WARPS * TS_WARP, OWN>(
            &cell, group, threadIdx.x, training, memory.position + row, memory.weight + row, low[threadIdx.x], steps);
    }
    if (threadIdx.x == 0) {
        const ts_slot_progress progress = {done, training->diverged ? 0u : 1u};
        memory.progress[blockIdx.x] = progress;
    }
}

// One compiled shape.
struct advance_entry {
    uint32_t lanes, own;
    const void *kernel;
    void (*launch)(const ts_wave_memory *memory, uint32_t slots, uint64_t steps, cudaStream_t stream);
};

template <int LANES, int OWN>
void launch_group(const ts_wave_memory *memory, uint32_t slots, uint64_t steps, cudaStream_t stream) {
    advance_kernel<LANES, OWN><<<slots, TS_WARP, 0, stream>>>(*memory, steps);
}

template <int LANES, int OWN>
void launch_block(const ts_wave_memory *memory, uint32_t slots, uint64_t steps, cudaStream_t stream) {
    advance_block_kernel<LANES / TS_WARP, OWN><<<slots, LANES, 0, stream>>>(*memory, steps);
}

// Compiled apart, so that they can be compiled at the same time.
extern const advance_entry advance_thread_entries[], advance_group_entries[], advance_block_entries[];
extern const size_t advance_thread_count, advance_group_count, advance_block_count;

#define TS_GROUP_ENTRY(LANES, OWN) {LANES, OWN, (const void *)advance_kernel<LANES, OWN>, launch_group<LANES, OWN>},
#define TS_BLOCK_ENTRY(LANES, OWN)                                                                                     \
    {LANES, OWN, (const void *)advance_block_kernel<LANES / TS_WARP, OWN>, launch_block<LANES, OWN>},

#endif
