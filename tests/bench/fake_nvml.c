/* A library with the names of NVML that knows one GPU, and how often it was started. Built with LITTLE it leaves out
 * what old drivers do not have. */
#include <string.h>

enum { SUCCESS = 0, INVALID_ARGUMENT = 2, NOT_FOUND = 6, CLOCK_SM = 1 };

int nvmlInit_v2(void);
int nvmlShutdown(void);
int nvmlDeviceGetHandleByPciBusId_v2(const char *pci_bus_id, void **device);
const char *nvmlErrorString(int status);
int nvmlDeviceGetTotalEnergyConsumption(void *device, unsigned long long *millijoules);
int nvmlDeviceGetClockInfo(void *device, int which, unsigned *megahertz);
int nvmlDeviceGetMaxClockInfo(void *device, int which, unsigned *megahertz);
int nvmlDeviceGetEnforcedPowerLimit(void *device, unsigned *milliwatts);
int nvmlSystemGetDriverVersion(char *text, unsigned size);
int fake_nvml_starts(void);

static int the_device, starts;

int fake_nvml_starts(void) {
    return starts;
}

int nvmlInit_v2(void) {
    starts++;
    return SUCCESS;
}

int nvmlShutdown(void) {
    starts--;
    return SUCCESS;
}

int nvmlDeviceGetHandleByPciBusId_v2(const char *pci_bus_id, void **device) {
    *device = &the_device;
    return strcmp(pci_bus_id, "0000:01:00.0") == 0 ? SUCCESS : NOT_FOUND;
}

const char *nvmlErrorString(int status) {
    return status == NOT_FOUND ? "Not Found" : "another error";
}

#ifndef LITTLE
static unsigned long long used = 5000000000123; /* more than 32 bits hold */

int nvmlDeviceGetTotalEnergyConsumption(void *device, unsigned long long *millijoules) {
    used += 2500;
    *millijoules = used;
    return device == &the_device ? SUCCESS : INVALID_ARGUMENT;
}

int nvmlDeviceGetClockInfo(void *device, int which, unsigned *megahertz) {
    *megahertz = 1755;
    return device == &the_device && which == CLOCK_SM ? SUCCESS : INVALID_ARGUMENT;
}

int nvmlDeviceGetMaxClockInfo(void *device, int which, unsigned *megahertz) {
    *megahertz = 1980;
    return device == &the_device && which == CLOCK_SM ? SUCCESS : INVALID_ARGUMENT;
}

int nvmlDeviceGetEnforcedPowerLimit(void *device, unsigned *milliwatts) {
    *milliwatts = 700000;
    return device == &the_device ? SUCCESS : INVALID_ARGUMENT;
}

int nvmlSystemGetDriverVersion(char *text, unsigned size) {
    static const char version[] = "580.159.03";
    if (size < sizeof version)
        return INVALID_ARGUMENT;
    memcpy(text, version, sizeof version);
    return SUCCESS;
}
#endif
