// Finds the advance kernel of a shape.
#include "advance.cuh"

static const advance_entry *find_in(const advance_entry *entry, size_t count, ts_shape shape) {
    for (size_t i = 0; i < count; i++)
        if (entry[i].lanes == shape.lanes && entry[i].own == shape.own)
            return &entry[i];
    return nullptr;
}

static const advance_entry *find(ts_shape shape) {
    if (shape.lanes == 1)
        return find_in(advance_thread_entries, advance_thread_count, shape);
    if (shape.lanes <= TS_WARP)
        return find_in(advance_group_entries, advance_group_count, shape);
    return find_in(advance_block_entries, advance_block_count, shape);
}

cudaError_t ts_launch_advance(ts_shape shape, const ts_wave_memory *memory, uint32_t slots, uint64_t steps,
                              cudaStream_t stream) {
    const advance_entry *entry = find(shape);
    if (!entry)
        return cudaErrorInvalidDeviceFunction;
    entry->launch(memory, slots, steps, stream);
    return cudaGetLastError();
}

cudaError_t ts_advance_occupancy(ts_shape shape, int *blocks) {
    const advance_entry *entry = find(shape);
    const int threads = shape.lanes > TS_WARP ? (int)shape.lanes : TS_WARP;
    return entry ? cudaOccupancyMaxActiveBlocksPerMultiprocessor(blocks, entry->kernel, threads, 0)
                 : cudaErrorInvalidDeviceFunction;
}
