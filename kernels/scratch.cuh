// What the blocks that start or measure trainings have in common: the training of a block, and its scratch memory.
#ifndef TS_KERNELS_SCRATCH_CUH
#define TS_KERNELS_SCRATCH_CUH

#include "kernels/block.cuh"
#include "kernels/launch.h"
#include "model/loss.h"

struct block_training {
    const ts_cell *cell;
    uint32_t replicate;
    size_t index, row; // in the arrays of trainings and of neurons
};

// The training at a place of a slot. Returns false when the slot has fewer.
__device__ static inline bool find_training(const ts_shape &shape, const ts_wave_memory &memory, uint32_t slot,
                                            uint32_t place, block_training *training) {
    const ts_slot work = memory.slot[slot];
    training->cell = &memory.cell[work.cell];
    training->index = (size_t)slot * shape.trainings + place;
    training->row = training->index * memory.row;
    if (place >= work.count)
        return false;
    training->replicate = memory.replicate ? memory.replicate[work.first + place] : work.first + place;
    return true;
}

// Scratch memory for trainings of up to `neurons` neurons.
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
