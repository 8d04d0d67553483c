// Finds the advance kernel of a shape, and launches it.
#include "kernels/advance.cuh"

static const advance_entry *find_in(const advance_entry *entry, size_t count, ts_shape shape) {
    for (size_t i = 0; i < count; i++)
        if (entry[i].lanes == shape.lanes && entry[i].batch == shape.batch)
            return &entry[i];
    return nullptr;
}

static const advance_entry *find(ts_shape shape) {
    switch (shape.form) {
    case TS_FORM_RANKED:
        return find_in(advance_ranked_entries, TS_RANKED_KERNELS, shape);
    case TS_FORM_DEALT:
        return find_in(advance_dealt_entries, TS_DEALT_KERNELS, shape);
    case TS_FORM_BLOCKED:
        return find_in(advance_blocked_entries, TS_BLOCKED_KERNELS, shape);
    case TS_FORM_PLAIN:
        return find_in(advance_plain_entries, TS_PLAIN_KERNELS, shape);
    }
    return nullptr;
}

// More than 48 KiB of shared memory has to be asked for: all that a block may have, whatever this launch needs, so that
// threads that use the same device do not take it from each other.
static cudaError_t allow_most_shared_memory(const advance_entry *entry) {
    int device = 0, most = 0;
    cudaFuncAttributes attributes;
    cudaError_t status = cudaGetDevice(&device);
    if (status == cudaSuccess)
        status = cudaDeviceGetAttribute(&most, cudaDevAttrMaxSharedMemoryPerBlockOptin, device);
    if (status == cudaSuccess)
        status = cudaFuncGetAttributes(&attributes, entry->kernel);
    if (status == cudaSuccess)
        status = cudaFuncSetAttribute(entry->kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                      most - (int)attributes.sharedSizeBytes);
    return status;
}

static cudaError_t prepare(const advance_entry *entry) {
    if (!entry)
        return cudaErrorInvalidDeviceFunction;
    const cudaError_t status = prefer_shared_memory(entry->kernel);
    return status == cudaSuccess ? allow_most_shared_memory(entry) : status;
}

cudaError_t ts_launch_advance(ts_shape shape, const ts_wave_memory *memory, uint32_t slots, uint64_t steps,
                              cudaStream_t stream) {
    const advance_entry *entry = find(shape);
    const cudaError_t status = prepare(entry);
    if (status != cudaSuccess)
        return status;
    entry->kernel<<<slots, TS_WARP, ts_shape_shared_memory(shape), stream>>>(*memory, steps);
    return cudaGetLastError();
}

cudaError_t ts_advance_occupancy(ts_shape shape, int *blocks) {
    const advance_entry *entry = find(shape);
    const cudaError_t status = prepare(entry);
    if (status != cudaSuccess)
        return status;
    return cudaOccupancyMaxActiveBlocksPerMultiprocessor(blocks, entry->kernel, TS_WARP, ts_shape_shared_memory(shape));
}
