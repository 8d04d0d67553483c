// Finds the advance kernel of a shape, and launches it.
#include "advance.cuh"

static const advance_entry *find_in(const advance_entry *entry, size_t count, ts_shape shape) {
    for (size_t i = 0; i < count; i++)
        if (entry[i].lanes == shape.lanes && entry[i].batch == shape.batch)
            return &entry[i];
    return nullptr;
}

static const advance_entry *find(ts_shape shape) {
    return shape.lanes == 1 ? find_in(advance_ranked_entries, TS_RANKED_KERNELS, shape)
                            : find_in(advance_blocked_entries, TS_BLOCKED_KERNELS, shape);
}

// More than 48 KiB of shared memory has to be asked for, and so has what a multiprocessor could use as a cache instead.
static cudaError_t prepare(const advance_entry *entry, ts_shape shape) {
    if (!entry)
        return cudaErrorInvalidDeviceFunction;
    const cudaError_t status = cudaFuncSetAttribute(entry->kernel, cudaFuncAttributePreferredSharedMemoryCarveout,
                                                    cudaSharedmemCarveoutMaxShared);
    if (status != cudaSuccess)
        return status;
    return cudaFuncSetAttribute(entry->kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                (int)ts_shape_shared_memory(shape));
}

cudaError_t ts_launch_advance(ts_shape shape, const ts_wave_memory *memory, uint32_t slots, uint64_t steps,
                              cudaStream_t stream) {
    const advance_entry *entry = find(shape);
    const cudaError_t status = prepare(entry, shape);
    if (status != cudaSuccess)
        return status;
    entry->kernel<<<slots, TS_WARP, ts_shape_shared_memory(shape), stream>>>(*memory, steps);
    return cudaGetLastError();
}

cudaError_t ts_advance_occupancy(ts_shape shape, int *blocks) {
    const advance_entry *entry = find(shape);
    const cudaError_t status = prepare(entry, shape);
    if (status != cudaSuccess)
        return status;
    return cudaOccupancyMaxActiveBlocksPerMultiprocessor(blocks, entry->kernel, TS_WARP, ts_shape_shared_memory(shape));
}
