// Outcomes and integer statistics of finished trainings (docs/numerics.md, "Outcome", "Histogram"). One warp a slot.
#include "kernels/slot.cuh"

__device__ static void add(uint64_t *sum, uint64_t value) {
    if (value != 0)
        atomicAdd((unsigned long long *)sum, (unsigned long long)value);
}

__device__ static uint64_t warp_sum(uint64_t value) {
    for (int distance = TS_WARP / 2; distance > 0; distance /= 2)
        value += __shfl_xor_sync(TS_WHOLE_WARP, value, distance);
    return value;
}

__global__ void reduce_kernel(ts_shape shape, ts_wave_memory memory) {
    const ts_ended ended = memory.ended[blockIdx.x];
    const ts_slot work = memory.slot[ended.slot];
    const ts_cell *cell = &memory.cell[work.cell];
    ts_statistics *statistics = &memory.statistics[ended.entry];
    uint64_t count[3] = {0, 0, 0}, high = 0, low = 0, position_success = 0, covered_failure = 0;
    const uint32_t place = threadIdx.x; // a slot has at most a warp of trainings
    if (place < work.count) {
        const size_t training = (size_t)ended.slot * shape.trainings + place;
        const ts_measurement measurement = memory.measurement[training];
        const ts_outcome outcome = ts_classify(cell, memory.training[training].diverged, measurement.loss);
        memory.outcome[training] = (int8_t)outcome;
        for (int kind = 0; kind < 3; kind++)
            count[kind] = outcome == kind;
        if (outcome != TS_OUTCOME_DIVERGED) {
            high = (uint64_t)measurement.loss >> 32;
            low = (uint32_t)measurement.loss;
            add(&statistics->histogram[ts_loss_bin(measurement.loss)], 1);
        }
        if (outcome != TS_OUTCOME_DIVERGED && ts_has_jumps(cell)) {
            position_success = ts_position_success(cell, &measurement);
            covered_failure = outcome == TS_OUTCOME_FAILURE && measurement.missed == 0;
            add(&statistics->position_histogram[ts_loss_bin(measurement.position_loss)], 1);
            add(&statistics->missed_count[ts_missed_bin(measurement.missed)], 1);
        }
    }
    for (int kind = 0; kind < 3; kind++)
        count[kind] = warp_sum(count[kind]);
    high = warp_sum(high);
    low = warp_sum(low);
    position_success = warp_sum(position_success);
    covered_failure = warp_sum(covered_failure);
    if (threadIdx.x == 0) {
        for (int kind = 0; kind < 3; kind++)
            add(&statistics->outcome_count[kind], count[kind]);
        add(&statistics->loss_sum_high, high);
        add(&statistics->loss_sum_low, low);
        add(&statistics->position_success_count, position_success);
        add(&statistics->covered_failure_count, covered_failure);
    }
}

cudaError_t ts_launch_reduce(ts_shape shape, const ts_wave_memory *memory, uint32_t count, cudaStream_t stream) {
    const cudaError_t status = prefer_shared_memory(reduce_kernel);
    if (status != cudaSuccess)
        return status;
    reduce_kernel<<<count, TS_WARP, 0, stream>>>(shape, *memory);
    return cudaGetLastError();
}
