/* The device behind a ts_gpu: a GPU. */
#include "backend/cuda/cuda.h"

#include <stdio.h>
#include <stdlib.h>
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

static bool fill_device(ts_gpu *gpu, ts_device *device) {
    const size_t bytes = gpu->plan->cell_count * sizeof *device->cell;
    void *memory = NULL;
    if (!ts_gpu_check(gpu, cudaSetDevice(gpu->index), "taking the device") ||
        !ts_gpu_check(gpu, cudaMalloc(&memory, bytes), "allocating memory for the cells"))
        return false;
    device->cell = memory;
    for (; device->streams < TS_STREAMS; device->streams++)
        if (!ts_gpu_check(gpu, cudaStreamCreateWithFlags(&device->stream[device->streams], cudaStreamNonBlocking),
                          "creating a stream"))
            return false;
    return ts_gpu_check(gpu, cudaMemcpy(memory, gpu->plan->cells, bytes, cudaMemcpyHostToDevice),
                        "copying the cells to the device");
}

bool ts_device_open(ts_gpu *gpu) {
    gpu->device = calloc(1, sizeof(ts_device));
    return gpu->device ? fill_device(gpu, gpu->device) : ts_device_out_of_memory(gpu, "opening the device");
}

void ts_device_close(ts_gpu *gpu) {
    ts_device *device = gpu->device;
    while (device && device->streams > 0)
        cudaStreamDestroy(device->stream[--device->streams]);
    if (device)
        cudaFree(device->cell);
    free(device);
}

int ts_device_take_stream(ts_device *device) {
    int least = 0;
    for (int i = 1; i < TS_STREAMS; i++)
        if (device->waves[i] < device->waves[least])
            least = i;
    device->waves[least]++;
    return least;
}

double ts_device_seconds(const ts_gpu *gpu) {
    return ts_monitor_seconds(gpu->monitor);
}

void ts_device_wait(ts_gpu *gpu) {
    (void)gpu;
    nanosleep(&(struct timespec){0, POLL_INTERVAL}, NULL);
}
