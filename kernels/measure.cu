// What is measured of trainings, at their end or on their way (docs/numerics.md, "Loss", "Position loss"), and whether
// they stop there. One block a training; its threads share the breakpoints.
#include "kernels/scratch.cuh"
#include "kernels/slot.cuh"
#include "model/positions.h"

// on_sum[j] = `left` + the weights of the first j sorted neurons: each thread adds up a stretch, one adds up the
// stretches.
__device__ static void sum_weights(const block_scratch *scratch, uint32_t m, int64_t left, int64_t *partial) {
    const uint32_t stretch = (m + blockDim.x - 1) / blockDim.x;
    const uint32_t begin = min(threadIdx.x * stretch, m), end = min(begin + stretch, m);
    int64_t sum = 0;
    for (uint32_t j = begin; j < end; j++)
        sum += scratch->neuron[j].weight;
    partial[threadIdx.x] = sum;
    __syncthreads();
    if (threadIdx.x == 0) {
        int64_t before = left;
        for (uint32_t i = 0; i < blockDim.x; i++) {
            const int64_t part = partial[i];
            partial[i] = before;
            before += part;
        }
        scratch->on_sum[m] = before;
    }
    __syncthreads();
    int64_t before = partial[threadIdx.x];
    for (uint32_t j = begin; j < end; j++) {
        scratch->on_sum[j] = before;
        before += scratch->neuron[j].weight;
    }
    __syncthreads();
}

// The neurons of a coordinate sorted by the start of their transition; what they are sorted by carries their index in
// its low bits.
__device__ static void sort_neurons(const ts_cell *cell, const int64_t *position, const int64_t *weight,
                                    const block_scratch *scratch) {
    const uint32_t m = cell->of_coordinate, keys = next_power_of_two(m);
    for (uint32_t j = threadIdx.x; j < keys; j += blockDim.x)
        scratch->key[j] = j < m ? (position[j] >> 32) * 65536 + j : INT64_MAX;
    block_sort(scratch->key, keys);
    for (uint32_t j = threadIdx.x; j < m; j += blockDim.x) {
        const int64_t key = scratch->key[j];
        const ts_measured_neuron neuron = {weight[key & 65535], (int32_t)(key >> 16) - cell->half_width};
        scratch->neuron[j] = neuron;
    }
    __syncthreads();
}

// Along one coordinate, by the whole block.
__device__ static void sort_network(const ts_wave_memory &memory, const block_training &training,
                                    const block_scratch *scratch, uint32_t coordinate, int64_t *partial) {
    const ts_cell *cell = training.cell;
    const size_t first = training.row + coordinate * cell->of_coordinate;
    sort_neurons(cell, memory.position + first, memory.weight + first, scratch);
    const int64_t left = ts_value_on_the_left(cell, coordinate, memory.training[training.index].bias);
    sum_weights(scratch, cell->of_coordinate, left, partial);
}

// Of a sorted network, by the whole block; every thread gets the integrals.
__device__ static ts_integrals integrate(const ts_cell *cell, const block_scratch *scratch, int64_t *partial) {
    const ts_measured_network network = {scratch->neuron, scratch->on_sum};
    ts_integrals sum = {0, 0};
    for (uint32_t b = threadIdx.x; b < ts_breakpoint_count(cell); b += blockDim.x) {
        const ts_integrals part = ts_breakpoint_integrals(cell, &network, b);
        sum.square += part.square;
        sum.mean += part.mean;
    }
    sum.square = block_sum(sum.square, partial);
    sum.mean = block_sum(sum.mean, partial);
    return sum;
}

// What the positions of a sorted network say, added to what each thread has to its part of the breakpoints and jumps.
__device__ static void add_positions(const ts_cell *cell, const block_scratch *scratch, ts_measurement *part) {
    if (!ts_has_jumps(cell))
        return;
    for (uint32_t b = threadIdx.x; b < ts_position_breakpoint_count(cell); b += blockDim.x)
        part->position_loss += ts_position_part(cell, scratch->neuron, b);
    for (uint32_t k = threadIdx.x; k < (uint32_t)cell->jump_count; k += blockDim.x)
        part->missed += !ts_jump_is_covered(cell, scratch->neuron, k);
}

// Is nothing left to be seen of a training at a look on its way? One that halted is seen as it is at its end, and one
// that was ahead of the others when the slot took it has been seen there.
__device__ static bool is_seen(const ts_wave_memory &memory, const block_training &training, ts_look look) {
    const ts_training *at = &memory.training[training.index];
    return at->halted || at->step > memory.look_step[(size_t)memory.slot[look.slot].cell * memory.looks + look.look];
}

__global__ void measure_kernel(ts_shape shape, ts_wave_memory memory, uint32_t trainings, uint32_t neurons) {
    __shared__ int64_t partial[TS_BLOCK_THREADS];
    const block_scratch scratch = scratch_of_block(memory.scratch, neurons);
    for (uint32_t t = blockIdx.x; t < trainings; t += gridDim.x) {
        block_training training;
        const ts_look look = memory.look[t / shape.trainings];
        if (!find_training(shape, memory, look.slot, t % shape.trainings, &training))
            continue;
        const ts_cell *cell = training.cell;
        const bool on_its_way = look.look + 1 < memory.looks;
        if (on_its_way && is_seen(memory, training, look))
            continue;
        ts_integrals first = {0, 0};
        ts_loss_sum sum = {0, 0};
        ts_measurement measurement = {0, 0, 0};
        for (uint32_t coordinate = 0; coordinate < cell->dimension; coordinate++) {
            sort_network(memory, training, &scratch, coordinate, partial);
            add_positions(cell, &scratch, &measurement); // before the sums, which end with all threads in step
            const ts_integrals integrals = integrate(cell, &scratch, partial);
            ts_add_coordinate(&sum, integrals);
            first = coordinate == 0 ? integrals : first;
        }
        measurement.loss = ts_loss_of(cell, first, sum);
        measurement.position_loss = block_sum(measurement.position_loss, partial);
        measurement.missed = (uint32_t)block_sum(measurement.missed, partial);
        if (threadIdx.x == 0) {
            memory.measurement[first_measurement(shape, memory, look.slot, look.look) + t % shape.trainings] =
                measurement;
            if (memory.stops && on_its_way && ts_classify(cell, false, measurement.loss) == TS_OUTCOME_SUCCESS)
                memory.training[training.index].halted = TS_HALTED_SUCCESS;
        }
    }
}

size_t ts_scratch_size(uint32_t neurons) {
    return scratch_size(neurons);
}

cudaError_t ts_launch_measure(ts_shape shape, const ts_wave_memory *memory, uint32_t count, uint32_t neurons,
                              cudaStream_t stream) {
    const uint32_t trainings = count * shape.trainings;
    const uint32_t blocks = trainings < memory->scratch_blocks ? trainings : memory->scratch_blocks;
    const cudaError_t status = prefer_shared_memory(measure_kernel);
    if (status != cudaSuccess)
        return status;
    measure_kernel<<<blocks, block_threads(neurons), 0, stream>>>(shape, *memory, trainings, neurons);
    return cudaGetLastError();
}
