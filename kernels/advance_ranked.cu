// Training steps of one training a thread: batches of kernels/ranked.h, with the neurons in shared memory. Each thread
// has a column of it, so that threads that look at different neurons never meet in a bank.
#include "kernels/advance.cuh"
#include "kernels/ranked.h"

template <int BATCH>
__global__ __launch_bounds__(TS_WARP, TS_FEWEST_WARPS) void advance_ranked_kernel(ts_wave_memory memory,
                                                                                  uint64_t steps) {
    extern __shared__ uint64_t shared[];
    __shared__ ts_cell cell;
    const ts_slot slot = take_slot(memory, &cell);
    if (slot.count == 0)
        return;

    const size_t index = (size_t)blockIdx.x * TS_WARP + threadIdx.x, row = index * memory.row;
    const bool mine = threadIdx.x < slot.count;
    const ts_ranked net = ts_ranked_in(shared, memory.row, TS_WARP, threadIdx.x, memory.low + row, memory.order + row);
    ts_training training = ts_training_start(0);
    uint64_t end = 0;
    if (mine) {
        training = memory.training[index];
        const uint64_t left = training.step < slot.stop ? slot.stop - training.step : 0;
        end = training.step + (steps < left ? steps : left);
        ts_ranked_load(&cell, &net, &training, memory.position + row, memory.weight + row);
    }
    const uint64_t first = training.step;
    for (;;) { // threads meet after each batch
        const bool active = training.step < end && !training.halted;
        if (!__any_sync(TS_WHOLE_WARP, active))
            break;
        if (active)
            ts_ranked_advance(&cell, &net, &training, end, BATCH);
    }
    if (mine) {
        ts_ranked_store(&cell, &net, &training, memory.position + row, memory.weight + row);
        memory.training[index] = training;
    }
    report_progress(&memory.progress[blockIdx.x], training.step - first, mine && !training.halted);
}

const advance_entry advance_ranked_entries[TS_RANKED_KERNELS] = {
    {1, 4, advance_ranked_kernel<4>},
    {1, 8, advance_ranked_kernel<8>},
};
