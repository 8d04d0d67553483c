// What the kernels that advance trainings have in common: a slot is the work of one block.
#ifndef TS_KERNELS_SLOT_CUH
#define TS_KERNELS_SLOT_CUH

#include "kernels/launch.h"

#define TS_WARP 32
#define TS_WHOLE_WARP 0xffffffffu

// All of a multiprocessor's shared memory for its trainings, instead of a cache: every kernel asks for it, as those
// with different wishes would wait for each other.
template <class Kernel> static inline cudaError_t prefer_shared_memory(Kernel *kernel) {
    return cudaFuncSetAttribute(kernel, cudaFuncAttributePreferredSharedMemoryCarveout, cudaSharedmemCarveoutMaxShared);
}

// The slot of this block, with its cell where every lane can read it fast. Reports at once when there is nothing to do:
// then count is 0.
__device__ static inline ts_slot take_slot(const ts_wave_memory &memory, ts_cell *shared) {
    static_assert(sizeof(ts_cell) % sizeof(uint64_t) == 0, "a cell is copied in words of 64 bits");
    const ts_slot slot = memory.slot[blockIdx.x];
    if (slot.count == 0 && threadIdx.x == 0) {
        const ts_slot_progress none = {0, 0};
        memory.progress[blockIdx.x] = none;
    }
    const ts_cell *cell = &memory.cell[slot.cell];
    for (uint32_t i = threadIdx.x; slot.count > 0 && i < sizeof(ts_cell) / sizeof(uint64_t); i += blockDim.x)
        ((uint64_t *)shared)[i] = ((const uint64_t *)cell)[i];
    __syncwarp();
    return slot;
}

// Where the measurement of the first training of a slot is, as a look saw it.
__device__ static inline size_t first_measurement(const ts_shape &shape, const ts_wave_memory &memory, uint32_t slot,
                                                  uint32_t look) {
    return ((size_t)slot * memory.looks + look) * shape.trainings;
}

// Called by all threads of a warp, each with the steps of the training that it speaks for and whether that is alive.
__device__ static inline void report_progress(ts_slot_progress *progress, uint64_t steps, bool alive) {
    for (int distance = TS_WARP / 2; distance > 0; distance /= 2)
        steps += __shfl_xor_sync(TS_WHOLE_WARP, steps, distance);
    const ts_slot_progress all = {steps, (uint32_t)__popc(__ballot_sync(TS_WHOLE_WARP, alive))};
    if (threadIdx.x == 0)
        *progress = all;
}

#endif
