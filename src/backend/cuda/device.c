/* The device behind a ts_gpu: a GPU. */
#include "backend/cuda/cuda.h"

#include <stdio.h>
#include <time.h>

#define POLL_INTERVAL 50000 /* nanoseconds */

bool ts_gpu_check(ts_gpu *gpu, cudaError_t status, const char *tried) {
    if (status == cudaSuccess)
        return true;
    gpu->out_of_memory = status == cudaErrorMemoryAllocation;
    if (!gpu->error->message[0]) /* the first error says most */
        snprintf(gpu->error->message, sizeof gpu->error->message, "GPU %d (%s): %s: %s", gpu->index, gpu->name, tried,
                 cudaGetErrorString(status));
    return false;
}

bool ts_device_out_of_memory(ts_gpu *gpu, const char *tried) {
    return ts_gpu_check(gpu, cudaErrorMemoryAllocation, tried);
}

bool ts_device_open(ts_gpu *gpu) {
    const size_t bytes = gpu->plan->cell_count * sizeof *gpu->plan->cells;
    return ts_gpu_check(gpu, cudaSetDevice(gpu->index), "taking the device") &&
           ts_gpu_check(gpu, cudaMalloc(&gpu->device, bytes), "allocating memory for the cells") &&
           ts_gpu_check(gpu, cudaMemcpy(gpu->device, gpu->plan->cells, bytes, cudaMemcpyHostToDevice),
                        "copying the cells to the device");
}

void ts_device_close(ts_gpu *gpu) {
    cudaFree(gpu->device);
}

double ts_device_seconds(const ts_gpu *gpu) {
    return ts_monitor_seconds(gpu->monitor);
}

void ts_device_wait(ts_gpu *gpu) {
    (void)gpu;
    nanosleep(&(struct timespec){0, POLL_INTERVAL}, NULL);
}
