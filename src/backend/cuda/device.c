/* The device behind a ts_gpu: a GPU. */
#include "backend/cuda/cuda.h"
#include "base/fail.h"

#include <stdlib.h>
#include <time.h>

#define POLL_INTERVAL 50000 /* nanoseconds */

bool ts_gpu_check(ts_gpu *gpu, cudaError_t status, const char *tried) {
    if (status == cudaSuccess)
        return true;
    gpu->out_of_memory = status == cudaErrorMemoryAllocation;
    cudaGetLastError();          /* it is told here: the next launch does not fail for it */
    if (!gpu->error->message[0]) /* the first error says most */
        ts_fail(gpu->error, TS_FAILED, "", "GPU %d (%s): %s: %s", gpu->index, gpu->name, tried,
                cudaGetErrorString(status));
    return false;
}

bool ts_device_out_of_memory(ts_gpu *gpu, const char *tried) {
    return ts_gpu_check(gpu, cudaErrorMemoryAllocation, tried);
}

/* A copy of `bytes` on the device, or NULL with the error set. */
static void *copy_to_device(ts_gpu *gpu, const void *host, size_t bytes) {
    void *memory = NULL;
    if (!ts_gpu_check(gpu, cudaMalloc(&memory, bytes), "allocating memory for the plan"))
        return NULL;
    if (ts_gpu_check(gpu, cudaMemcpy(memory, host, bytes, cudaMemcpyHostToDevice), "copying the plan to the device"))
        return memory;
    cudaFree(memory);
    return NULL;
}

/* The steps of all looks. */
static uint64_t *copy_looks(ts_gpu *gpu) {
    const ts_plan *plan = gpu->plan;
    const size_t looks = ts_plan_looks(plan);
    uint64_t *step = malloc(plan->cell_count * looks * sizeof *step), *copy = NULL;
    for (size_t cell = 0; step && cell < plan->cell_count; cell++)
        for (size_t look = 0; look < looks; look++)
            step[cell * looks + look] = ts_plan_look(plan, cell, look);
    if (step)
        copy = copy_to_device(gpu, step, plan->cell_count * looks * sizeof *step);
    else
        ts_device_out_of_memory(gpu, "preparing observations");
    free(step);
    return copy;
}

static bool fill_device(ts_gpu *gpu, ts_device *device) {
    const ts_plan *plan = gpu->plan;
    if (!ts_gpu_check(gpu, cudaSetDevice(gpu->index), "taking the device"))
        return false;
    for (; device->streams < TS_STREAMS; device->streams++)
        if (!ts_gpu_check(gpu, cudaStreamCreateWithFlags(&device->stream[device->streams], cudaStreamNonBlocking),
                          "creating a stream"))
            return false;
    device->cell = copy_to_device(gpu, plan->cells, plan->cell_count * sizeof *device->cell);
    if (device->cell && plan->replicate)
        device->replicate = copy_to_device(gpu, plan->replicate, plan->replicates * sizeof *device->replicate);
    if (device->cell && (device->replicate || !plan->replicate))
        device->look_step = copy_looks(gpu);
    /* The streams of the waves do not wait for copies from pageable memory. */
    return device->look_step && ts_gpu_check(gpu, cudaDeviceSynchronize(), "copying the plan to the device");
}

bool ts_device_open(ts_gpu *gpu) {
    gpu->device = calloc(1, sizeof(ts_device));
    return gpu->device ? fill_device(gpu, gpu->device) : ts_device_out_of_memory(gpu, "opening the device");
}

void ts_device_close(ts_gpu *gpu) {
    ts_device *device = gpu->device;
    while (device && device->streams > 0)
        cudaStreamDestroy(device->stream[--device->streams]);
    if (device) {
        cudaFree(device->cell);
        cudaFree(device->replicate);
        cudaFree(device->look_step);
    }
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
