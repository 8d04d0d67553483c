// Lanes of a warp that share a training, and what they tell each other.
#ifndef TS_KERNELS_GROUP_CUH
#define TS_KERNELS_GROUP_CUH

#include "slot.cuh"

// LANES = 4 .. 32 neighbours. Other groups of the warp may have stopped.
template <int LANES> struct lane_group {
    unsigned mask; // the lanes of this group
    uint32_t lane; // of this thread, in the group

    __device__ lane_group() {
        const unsigned first = threadIdx.x % TS_WARP / LANES * LANES;
        mask = (LANES == TS_WARP ? TS_WHOLE_WARP : (1u << LANES % TS_WARP) - 1) << first;
        lane = threadIdx.x % LANES;
    }
    template <class T> __device__ T sum(T value) const {
#pragma unroll
        for (int distance = LANES / 2; distance > 0; distance /= 2)
            value += __shfl_xor_sync(mask, value, distance);
        return value;
    }
    template <class T> __device__ T from(uint32_t other, T value) const {
        return __shfl_sync(mask, value, (int)other, LANES);
    }
    __device__ bool all(bool value) const {
        return __all_sync(mask, value);
    }
    __device__ bool any(bool value) const {
        return __any_sync(mask, value);
    }
    __device__ void sync() const {
        __syncwarp(mask);
    }
};

#endif
