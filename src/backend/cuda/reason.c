/* Why a GPU is not used. */
#include "backend/cuda/probe.h"

#include <stdio.h>

bool ts_cuda_system_works(const ts_cuda_system *system, char *reason, size_t size) {
    switch (system->trouble) {
    case TS_CUDA_NO_DRIVER:
        snprintf(reason, size, "there is no NVIDIA driver");
        return false;
    case TS_CUDA_OLD_DRIVER:
        snprintf(reason, size, "the NVIDIA driver is too old: it is for CUDA %d.%d, and this program needs CUDA %d.%d",
                 system->driver / 1000, system->driver % 1000 / 10, system->runtime / 1000,
                 system->runtime % 1000 / 10);
        return false;
    case TS_CUDA_NO_DEVICE:
        snprintf(reason, size, "there is no NVIDIA GPU, or none is visible");
        return false;
    case TS_CUDA_OTHER:
        snprintf(reason, size, "CUDA does not start: %s", system->text);
        return false;
    case TS_CUDA_WORKS:
        break;
    }
    return true;
}

bool ts_cuda_device_works(const ts_cuda_device *device, char *reason, size_t size) {
    if (device->text) {
        snprintf(reason, size, "GPU %d (%s) does not start: %s", device->index, device->name, device->text);
        return false;
    }
    if (!device->has_code) {
        snprintf(reason, size, "GPU %d (%s) has compute capability %d.%d, for which this program was not compiled",
                 device->index, device->name, device->major, device->minor);
        return false;
    }
    if (device->free_memory < TS_LEAST_DEVICE_MEMORY) {
        snprintf(reason, size, "GPU %d (%s) has %lld MiB of free memory, and %lld MiB are needed", device->index,
                 device->name, (long long)(device->free_memory >> 20), (long long)(TS_LEAST_DEVICE_MEMORY >> 20));
        return false;
    }
    return true;
}
