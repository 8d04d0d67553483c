// What a block does together: sorting and summing.
#ifndef TS_KERNELS_BLOCK_CUH
#define TS_KERNELS_BLOCK_CUH

#include <cstdint>

#define TS_BLOCK_THREADS 256 // most threads of a block that starts, measures or reduces

// Threads for work on `count` things: a power of two from 32 to TS_BLOCK_THREADS.
static inline uint32_t block_threads(uint32_t count) {
    uint32_t threads = 32;
    while (threads < TS_BLOCK_THREADS && threads < count)
        threads *= 2;
    return threads;
}

__host__ __device__ static inline uint32_t next_power_of_two(uint32_t count) {
    uint32_t power = 1;
    while (power < count)
        power *= 2;
    return power;
}

// Sort key[0 .. count) ascending, count a power of two: Batcher's bitonic network. Begins and ends with a barrier.
__device__ static inline void block_sort(int64_t *key, uint32_t count) {
    __syncthreads();
    for (uint32_t run = 2; run <= count; run *= 2)
        for (uint32_t distance = run / 2; distance > 0; distance /= 2) {
            for (uint32_t pair = threadIdx.x; pair < count / 2; pair += blockDim.x) {
                const uint32_t low = 2 * distance * (pair / distance) + pair % distance;
                const uint32_t high = low + distance;
                const bool ascending = (low & run) == 0;
                const int64_t a = key[low], b = key[high];
                if ((a > b) == ascending) {
                    key[low] = b;
                    key[high] = a;
                }
            }
            __syncthreads();
        }
}

// Sum over the threads of the block. `partial` is shared memory for [TS_BLOCK_THREADS]. Every thread gets the sum.
__device__ static inline int64_t block_sum(int64_t value, int64_t *partial) {
    partial[threadIdx.x] = value;
    __syncthreads();
    for (uint32_t half = blockDim.x / 2; half > 0; half /= 2) {
        if (threadIdx.x < half)
            partial[threadIdx.x] += partial[threadIdx.x + half];
        __syncthreads();
    }
    const int64_t sum = partial[0];
    __syncthreads();
    return sum;
}

#endif
