// Lanes of a warp that share a training, and what they tell each other. All threads of a warp take part in every call,
// also those whose group has nothing to say: then no call has to find out who is there.
#ifndef TS_KERNELS_GROUP_CUH
#define TS_KERNELS_GROUP_CUH

#include "kernels/slot.cuh"
#include "model/step.h"

__device__ static inline bool warp_any(bool value) {
    return __any_sync(TS_WHOLE_WARP, value);
}

// LANES = 4 .. 32 neighbours.
template <int LANES> struct lane_group {
    uint32_t lane; // of this thread, in the group

    __device__ lane_group() : lane(threadIdx.x % LANES) {}
    template <class T> __device__ T sum(T value) const {
#pragma unroll
        for (int distance = LANES / 2; distance > 0; distance /= 2)
            value += __shfl_xor_sync(TS_WHOLE_WARP, value, distance);
        return value;
    }
    // Over the lanes before this one.
    template <class T> __device__ T sum_before(T value) const {
        T sum = value;
#pragma unroll
        for (int distance = 1; distance < LANES; distance *= 2) {
            const T other = __shfl_up_sync(TS_WHOLE_WARP, sum, distance, LANES);
            sum += lane >= distance ? other : 0;
        }
        return sum - value;
    }
    __device__ uint32_t least(uint32_t value) const {
#pragma unroll
        for (int distance = LANES / 2; distance > 0; distance /= 2)
            value = min(value, __shfl_xor_sync(TS_WHOLE_WARP, value, distance));
        return value;
    }
    template <class T> __device__ T from(uint32_t other, T value) const {
        return __shfl_sync(TS_WHOLE_WARP, value, (int)other, LANES);
    }
    __device__ bool any(bool value) const {
        const unsigned mine = LANES == TS_WARP ? TS_WHOLE_WARP : ((1u << LANES % TS_WARP) - 1) << (threadIdx.x - lane);
        return (__ballot_sync(TS_WHOLE_WARP, value) & mine) != 0;
    }

    // The range of all weights and the bias. `mine`: of this lane's weights.
    __device__ ts_range range(const ts_training &training, ts_range mine) const {
        ts_range all = {sum(mine.positive), sum(mine.negative)};
        ts_range_add(&all, training.bias);
        return all;
    }
};

// May the trainings that are going do their step? One whose residual or weights leave their range diverges instead. A
// view examines weights by the whole warp.
template <class View>
__device__ static inline bool may_learn(View *view, bool going, int64_t residual, int64_t gradient) {
    uint32_t diverged = !ts_residual_in_range(view->cell, residual);
    const uint32_t drifted = going && !diverged && !ts_drift_in_range(view->cell, &view->training, gradient);
    if (warp_any(drifted)) {
        const uint32_t in_range = view->examine();
        view->training.drift = drifted ? 0 : view->training.drift;
        diverged |= drifted && !in_range;
    }
    view->training.halted |= going && diverged ? TS_HALTED_DIVERGED : TS_NOT_HALTED;
    return going && !diverged;
}

// Where the training of a group of lanes lies. A group that has none reads the first one of the slot, and does nothing.
template <int LANES> struct group_place {
    uint32_t group; // in the warp
    bool mine;      // does it have a training?
    size_t index, row;
    size_t own_row; // of the group, whether it has a training or not
    uint64_t stop;  // of the slot

    __device__ group_place(const ts_wave_memory &memory, const ts_slot &slot) {
        const size_t first = (size_t)blockIdx.x * (TS_WARP / LANES);
        group = threadIdx.x / LANES;
        mine = group < slot.count;
        index = first + (mine ? group : 0);
        row = index * memory.row;
        own_row = (first + group) * memory.row;
        stop = slot.stop;
    }
};

// Up to `steps` steps of the trainings of a warp, from and to the memory of the wave. A view loads its part of a
// training, advances it, and stores it again.
template <int LANES, class View>
__device__ static inline void advance_view(View *view, const ts_wave_memory &memory, const group_place<LANES> &at,
                                           uint64_t steps) {
    view->training = memory.training[at.index];
    const uint64_t left = view->training.step < at.stop ? at.stop - view->training.step : 0;
    view->load(memory.position + at.row, memory.weight + at.row);
    view->advance(at.mine ? view->training.step + (steps < left ? steps : left) : 0);
    if (at.mine)
        view->store(memory.position + at.row, memory.weight + at.row);
    const bool speaks = at.mine && view->group.lane == 0;
    uint64_t done = 0;
    if (speaks) {
        done = view->training.step - memory.training[at.index].step;
        memory.training[at.index] = view->training;
    }
    report_progress(&memory.progress[blockIdx.x], done, speaks && !view->training.halted);
}

#endif
