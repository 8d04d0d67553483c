#include "backend/cuda/probe.h"

#include "kernels/launch.h"

#include <stdio.h>
#include <string.h>

ts_cuda_system ts_cuda_look(void) {
    ts_cuda_system system = {0};
    const cudaError_t status = cudaGetDeviceCount(&system.device_count);
    cudaDriverGetVersion(&system.driver); /* 0 without a driver */
    cudaRuntimeGetVersion(&system.runtime);
    system.text = cudaGetErrorString(status);
    if (status == cudaErrorInsufficientDriver)
        system.trouble = system.driver == 0 ? TS_CUDA_NO_DRIVER : TS_CUDA_OLD_DRIVER;
    else if (status == cudaErrorNoDevice || (status == cudaSuccess && system.device_count == 0))
        system.trouble = TS_CUDA_NO_DEVICE;
    else if (status != cudaSuccess)
        system.trouble = TS_CUDA_OTHER;
    if (status != cudaSuccess) {
        system.device_count = 0;
        cudaGetLastError();
    }
    return system;
}

ts_cuda_device ts_cuda_look_at(int index) {
    ts_cuda_device device = {.index = index};
    struct cudaDeviceProp properties;
    size_t available = 0, total = 0;
    int previous = 0, blocks = 0;
    cudaGetDevice(&previous);
    cudaError_t status = cudaGetDeviceProperties(&properties, index);
    if (status == cudaSuccess) {
        snprintf(device.name, sizeof device.name, "%.127s", properties.name);
        memcpy(device.identity, properties.uuid.bytes, sizeof device.identity);
        device.major = properties.major;
        device.minor = properties.minor;
        device.multiprocessors = properties.multiProcessorCount;
        device.shared_memory = properties.sharedMemPerBlockOptin;
        status = cudaSetDevice(index);
    }
    if (status == cudaSuccess)
        status = cudaMemGetInfo(&available, &total);
    if (status == cudaSuccess) {
        const ts_shape smallest = {TS_FORM_RANKED, 1, 4, 4, 32};
        status = ts_advance_occupancy(smallest, &blocks);
    }
    const bool no_code = status == cudaErrorNoKernelImageForDevice || status == cudaErrorInvalidDeviceFunction ||
                         status == cudaErrorUnsupportedPtxVersion || status == cudaErrorInvalidKernelImage;
    if (no_code)
        status = cudaSuccess;
    device.has_code = !no_code;
    device.free_memory = (int64_t)available;
    device.memory = (int64_t)total;
    device.text = status == cudaSuccess ? NULL : cudaGetErrorString(status);
    cudaSetDevice(previous);
    cudaGetLastError(); /* what was found is in `device`: the next call starts without an error */
    return device;
}
