#include "device.h"

#include <math.h>
#include <stdio.h>

bench_device bench_device_none(void) {
    return (bench_device){.index = -1, .clock = NAN, .power_limit = NAN};
}

void bench_device_close(bench_device *device) {
    bench_nvml_close(&device->nvml);
    device->index = -1;
}

#ifdef TIMESCAPE_HAS_CUDA
#include <cuda_runtime_api.h>

static int attribute(int index, enum cudaDeviceAttr which) {
    int value = 0;
    return cudaDeviceGetAttribute(&value, which, index) == cudaSuccess ? value : 0;
}

static void open_nvml(bench_device *device) {
    if (cudaDeviceGetPCIBusId(device->pci_bus_id, sizeof device->pci_bus_id, device->index) != cudaSuccess) {
        device->pci_bus_id[0] = '\0';
        snprintf(device->without_nvml, sizeof device->without_nvml, "CUDA does not say the GPU's PCI address");
        return;
    }
    device->nvml =
        bench_nvml_open(BENCH_NVML_LIBRARY, device->pci_bus_id, device->without_nvml, sizeof device->without_nvml);
    if (device->nvml.device && isnan(bench_nvml_clock(&device->nvml)))
        snprintf(device->without_nvml, sizeof device->without_nvml, "NVML does not tell this GPU's clock");
    bench_nvml_driver_version(&device->nvml, device->driver, sizeof device->driver);
    device->power_limit = bench_nvml_power_limit(&device->nvml);
    device->clock = bench_nvml_greatest_clock(&device->nvml);
}

bool bench_device_open(bench_device *device, int index, char *why, size_t size) {
    struct cudaDeviceProp properties;
    *device = bench_device_none();
    const cudaError_t status = cudaGetDeviceProperties(&properties, index);
    if (status != cudaSuccess) {
        snprintf(why, size, "GPU %d: %s", index, cudaGetErrorString(status));
        cudaGetLastError();
        return false;
    }
    device->index = index;
    snprintf(device->name, sizeof device->name, "%.127s", properties.name);
    device->major = properties.major;
    device->minor = properties.minor;
    device->multiprocessors = properties.multiProcessorCount;
    device->threads = properties.maxThreadsPerMultiProcessor;
    cudaRuntimeGetVersion(&device->runtime);
    cudaDriverGetVersion(&device->cuda_driver);
    open_nvml(device);
    const int kilohertz = attribute(index, cudaDevAttrClockRate);
    if (isnan(device->clock) && kilohertz > 0)
        device->clock = 1e3 * kilohertz;
    cudaGetLastError(); /* what was found is in `device` */
    return true;
}
#else
bool bench_device_open(bench_device *device, int index, char *why, size_t size) {
    *device = bench_device_none();
    snprintf(why, size, "GPU %d: this build has no CUDA backend", index);
    return false;
}
#endif
