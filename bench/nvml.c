#include "nvml.h"

#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Of nvml.h, which is not always there where the library is: its numbers and types are fixed. */
enum { NVML_SUCCESS = 0, NVML_CLOCK_SM = 1 };
typedef int init_function(void);
typedef int find_function(const char *pci_bus_id, void **device);
typedef const char *text_function(int status);

/* Store the address of a function of the library, NULL where it has none of this name. */
static void find(void *library, const char *name, void *function) {
    void *address = dlsym(library, name);
    memcpy(function, &address, sizeof address); /* C has no cast from an object to a function */
}

static void explain(void *library, int status, const char *tried, char *why, size_t size) {
    text_function *text_of;
    find(library, "nvmlErrorString", &text_of);
    if (text_of)
        snprintf(why, size, "NVML: %s: %s", tried, text_of(status));
    else
        snprintf(why, size, "NVML: %s: error %d", tried, status);
}

/* Returns false with a reason. */
static bool start(bench_nvml *nvml, const char *pci_bus_id, char *why, size_t size) {
    init_function *init;
    find_function *find_device;
    find(nvml->module, "nvmlInit_v2", &init);
    find(nvml->module, "nvmlDeviceGetHandleByPciBusId_v2", &find_device);
    if (!init || !find_device) {
        snprintf(why, size, "NVML is too old: it has no nvmlInit_v2 or nvmlDeviceGetHandleByPciBusId_v2");
        return false;
    }
    int status = init();
    if (status != NVML_SUCCESS) {
        explain(nvml->module, status, "starting", why, size);
        return false;
    }
    find(nvml->module, "nvmlShutdown", &nvml->shutdown);
    status = find_device(pci_bus_id, &nvml->device);
    if (status != NVML_SUCCESS) {
        nvml->device = NULL;
        explain(nvml->module, status, "looking for the GPU by its PCI address", why, size);
        return false;
    }
    return true;
}

bench_nvml bench_nvml_open(const char *library, const char *pci_bus_id, char *why, size_t size) {
    bench_nvml nvml = {.module = dlopen(library, RTLD_NOW | RTLD_LOCAL)};
    why[0] = '\0';
    if (!nvml.module) {
        snprintf(why, size, "NVML cannot be loaded: %s", dlerror());
        return nvml;
    }
    if (!start(&nvml, pci_bus_id, why, size)) {
        bench_nvml_close(&nvml);
        return nvml;
    }
    find(nvml.module, "nvmlDeviceGetTotalEnergyConsumption", &nvml.total_energy);
    find(nvml.module, "nvmlDeviceGetClockInfo", &nvml.clock);
    find(nvml.module, "nvmlDeviceGetMaxClockInfo", &nvml.greatest_clock);
    find(nvml.module, "nvmlDeviceGetEnforcedPowerLimit", &nvml.power_limit);
    find(nvml.module, "nvmlSystemGetDriverVersion", &nvml.driver_version);
    return nvml;
}

void bench_nvml_close(bench_nvml *nvml) {
    if (nvml->shutdown)
        nvml->shutdown();
    if (nvml->module)
        dlclose(nvml->module);
    *nvml = (bench_nvml){0};
}

double bench_nvml_joules(const bench_nvml *nvml) {
    unsigned long long millijoules;
    if (!nvml->total_energy || nvml->total_energy(nvml->device, &millijoules) != NVML_SUCCESS)
        return NAN;
    return 1e-3 * (double)millijoules;
}

static double hertz(int (*function)(void *, int, unsigned *), void *device) {
    unsigned megahertz;
    return function && function(device, NVML_CLOCK_SM, &megahertz) == NVML_SUCCESS ? 1e6 * megahertz : NAN;
}

double bench_nvml_clock(const bench_nvml *nvml) {
    return hertz(nvml->clock, nvml->device);
}

double bench_nvml_greatest_clock(const bench_nvml *nvml) {
    return hertz(nvml->greatest_clock, nvml->device);
}

double bench_nvml_power_limit(const bench_nvml *nvml) {
    unsigned milliwatts;
    return nvml->power_limit && nvml->power_limit(nvml->device, &milliwatts) == NVML_SUCCESS ? 1e-3 * milliwatts : NAN;
}

void bench_nvml_driver_version(const bench_nvml *nvml, char *text, size_t size) {
    if (!nvml->driver_version || nvml->driver_version(text, (unsigned)size) != NVML_SUCCESS)
        text[0] = '\0';
}
