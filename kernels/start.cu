// The start of a training: positions drawn, and sorted by coordinate; weights drawn or 0 (MODEL.md sections 2 and 6).
// One block a training.
#include "kernels/scratch.cuh"
#include "kernels/slot.cuh"

__global__ void start_kernel(ts_shape shape, ts_wave_memory memory, uint32_t trainings, uint32_t neurons) {
    int64_t *const key = scratch_of_block(memory.scratch, neurons).key;
    for (uint32_t t = blockIdx.x; t < trainings; t += gridDim.x) {
        block_training training;
        if (!find_training(shape, memory, memory.fresh[t / shape.trainings], t % shape.trainings, &training))
            continue;
        const uint32_t m = training.cell->of_coordinate, keys = next_power_of_two(m);
        for (uint32_t first = 0; first < training.cell->neurons; first += m) {
            for (uint32_t j = threadIdx.x; j < keys; j += blockDim.x)
                key[j] = j < m ? ts_start_position(training.cell, training.replicate, first + j) : INT64_MAX;
            block_sort(key, keys);
            for (uint32_t j = threadIdx.x; j < m; j += blockDim.x) {
                const size_t at = training.row + first + j;
                memory.position[at] = key[j];
                memory.weight[at] = ts_start_weight(training.cell, training.replicate, first + j);
                memory.order[at] = first + j;
            }
            __syncthreads(); // the keys are free for the next coordinate or training
        }
        if (threadIdx.x == 0)
            memory.training[training.index] = ts_training_start(training.replicate);
    }
}

cudaError_t ts_launch_start(ts_shape shape, const ts_wave_memory *memory, uint32_t count, uint32_t neurons,
                            cudaStream_t stream) {
    const uint32_t trainings = count * shape.trainings;
    const uint32_t blocks = trainings < memory->scratch_blocks ? trainings : memory->scratch_blocks;
    const cudaError_t status = prefer_shared_memory(start_kernel);
    if (status != cudaSuccess)
        return status;
    start_kernel<<<blocks, block_threads(neurons), 0, stream>>>(shape, *memory, trainings, neurons);
    return cudaGetLastError();
}
