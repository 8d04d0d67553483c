// Scratch memory of one block that starts or measures trainings of up to `neurons` neurons.
#ifndef TS_KERNELS_SCRATCH_CUH
#define TS_KERNELS_SCRATCH_CUH

#include "block.cuh"
#include "model/loss.h"

struct block_scratch {
    int64_t *key;               // [next power of two of neurons]
    ts_measured_neuron *neuron; // [neurons]
    int64_t *on_sum;            // [neurons + 1]
};

__host__ __device__ static inline size_t scratch_size(uint32_t neurons) {
    return next_power_of_two(neurons) * sizeof(int64_t) + neurons * sizeof(ts_measured_neuron) +
           (neurons + 1) * sizeof(int64_t);
}

__device__ static inline block_scratch scratch_of_block(void *memory, uint32_t neurons) {
    block_scratch scratch;
    scratch.key = (int64_t *)((char *)memory + blockIdx.x * scratch_size(neurons));
    scratch.neuron = (ts_measured_neuron *)(scratch.key + next_power_of_two(neurons));
    scratch.on_sum = (int64_t *)(scratch.neuron + neurons);
    return scratch;
}

#endif
