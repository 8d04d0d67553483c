// Marks and integer statistics of finished trainings (docs/numerics.md, "Outcome", "Histogram"). One warp a slot.
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

// What one look saw of the training of this thread, added to the statistics; TS_OUTCOME_NONE: it has none.
__device__ static void count_look(const ts_cell *cell, const ts_seen &seen, ts_statistics *statistics) {
    const ts_outcome outcome = seen.outcome;
    const ts_measurement &measurement = seen.measurement;
    uint64_t count[3], high = 0, low = 0, position_success = 0, covered_failure = 0;
    for (int kind = 0; kind < 3; kind++)
        count[kind] = warp_sum(outcome == kind);
    const bool has_loss = outcome == TS_OUTCOME_SUCCESS || outcome == TS_OUTCOME_FAILURE;
    if (has_loss) {
        high = (uint64_t)measurement.loss >> 32;
        low = (uint32_t)measurement.loss;
        add(&statistics->histogram[ts_loss_bin(measurement.loss)], 1);
    }
    if (has_loss && ts_has_jumps(cell)) {
        position_success = ts_position_success(cell, &measurement);
        covered_failure = outcome == TS_OUTCOME_FAILURE && measurement.missed == 0;
        add(&statistics->position_histogram[ts_loss_bin(measurement.position_loss)], 1);
        add(&statistics->missed_count[ts_missed_bin(measurement.missed)], 1);
    }
    const uint64_t steps = warp_sum(seen.steps);
    high = warp_sum(high);
    low = warp_sum(low);
    position_success = warp_sum(position_success);
    covered_failure = warp_sum(covered_failure);
    if (threadIdx.x == 0) {
        for (int kind = 0; kind < 3; kind++)
            add(&statistics->outcome_count[kind], count[kind]);
        add(&statistics->training_steps, steps);
        add(&statistics->loss_sum_high, high);
        add(&statistics->loss_sum_low, low);
        add(&statistics->position_success_count, position_success);
        add(&statistics->covered_failure_count, covered_failure);
    }
}

__global__ void reduce_kernel(ts_shape shape, ts_wave_memory memory) {
    const ts_ended ended = memory.ended[blockIdx.x];
    const ts_slot work = memory.slot[ended.slot];
    const ts_cell *cell = &memory.cell[work.cell];
    const uint64_t *step = &memory.look_step[(size_t)work.cell * memory.looks];
    const uint32_t place = threadIdx.x, end = memory.looks - 1; // a slot has at most a warp of trainings
    const bool mine = place < work.count;
    const size_t index = (size_t)ended.slot * shape.trainings + place;
    ts_training training = ts_training_start(0);
    if (mine)
        training = memory.training[index];
    ts_seen seen = {{0, 0, 0}, TS_OUTCOME_NONE, 0};
    uint32_t taken = 0; // of the looks at one step the last one
    bool has_succeeded = false;
    for (uint32_t look = 0; look <= end; look++) {
        for (taken = max(taken, look); taken < end && step[taken + 1] == step[look];)
            taken++;
        // Behind the step where it halted a training is as it is at its end.
        const uint32_t from = ts_halted_before(&training, step[look]) ? end : taken;
        if (mine)
            seen = ts_seen_at(cell, &training, step[look],
                              memory.measurement[first_measurement(shape, memory, ended.slot, from) + place]);
        const size_t entry = (size_t)ended.entry * memory.looks + look;
        count_look(cell, seen, &memory.statistics[entry]);
        const uint64_t first = warp_sum(seen.outcome == TS_OUTCOME_SUCCESS && !has_succeeded);
        has_succeeded |= seen.outcome == TS_OUTCOME_SUCCESS;
        if (threadIdx.x == 0)
            add(&memory.first_success[entry], first);
    }
    if (mine)
        memory.mark[index] = ts_mark_of(cell, seen.outcome, &seen.measurement);
}

cudaError_t ts_launch_reduce(ts_shape shape, const ts_wave_memory *memory, uint32_t count, cudaStream_t stream) {
    const cudaError_t status = prefer_shared_memory(reduce_kernel);
    if (status != cudaSuccess)
        return status;
    reduce_kernel<<<count, TS_WARP, 0, stream>>>(shape, *memory);
    return cudaGetLastError();
}
