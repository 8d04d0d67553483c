// Lanes that share a training: they add up what each has, and all of them get the sum.
#ifndef TS_KERNELS_GROUP_CUH
#define TS_KERNELS_GROUP_CUH

#include <cstdint>

#define TS_WARP 32

// LANES = 1 .. 32 neighbours in a warp. Other groups of the warp may have stopped.
template <int LANES> struct lane_group {
    unsigned mask; // the lanes of this group

    __device__ lane_group() {
        const unsigned first = threadIdx.x % TS_WARP / LANES * LANES;
        mask = (LANES == TS_WARP ? 0xffffffffu : (1u << LANES % TS_WARP) - 1) << first;
    }
    __device__ int64_t sum(int64_t value) {
#pragma unroll
        for (int distance = LANES / 2; distance > 0; distance /= 2)
            value += __shfl_xor_sync(mask, value, distance);
        return value;
    }
};

// The WARPS warps of a block. Two buffers in turn, so that a sum needs one barrier: who writes to a buffer again has
// passed the barrier of the sum between, before which everybody had read it.
template <int WARPS> struct block_group {
    int64_t *partial; // shared memory, [2][WARPS]
    unsigned turn;

    __device__ explicit block_group(int64_t *shared) : partial(shared), turn(0) {}
    __device__ int64_t sum(int64_t value) {
        int64_t *buffer = partial + turn * WARPS;
        turn ^= 1;
        value = lane_group<TS_WARP>().sum(value);
        if (threadIdx.x % TS_WARP == 0)
            buffer[threadIdx.x / TS_WARP] = value;
        __syncthreads();
        int64_t total = 0;
#pragma unroll
        for (int warp = 0; warp < WARPS; warp++)
            total += buffer[warp];
        return total;
    }
};

#endif
