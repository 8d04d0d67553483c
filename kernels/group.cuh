// Lanes of a warp that share a training, and what they tell each other. All threads of a warp take part in every call,
// also those whose group has nothing to say: then no call has to find out who is there.
#ifndef TS_KERNELS_GROUP_CUH
#define TS_KERNELS_GROUP_CUH

#include "kernels/slot.cuh"

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
};

#endif
