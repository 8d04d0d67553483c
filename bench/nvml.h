/* NVML, NVIDIA's management library: clock, power limit and energy of one GPU, while others compute on it.
 *
 * The library comes with the driver and is loaded when it is asked for, so that the benchmark starts without it. */
#ifndef TS_BENCH_NVML_H
#define TS_BENCH_NVML_H

#include <stdbool.h>
#include <stddef.h>

#define BENCH_NVML_LIBRARY "libnvidia-ml.so.1"

typedef struct bench_nvml {
    void *module, *device; /* both NULL: not open */
    int (*shutdown)(void);
    int (*total_energy)(void *device, unsigned long long *millijoules); /* this and those below: NULL where missing */
    int (*clock)(void *device, int which, unsigned *megahertz);
    int (*greatest_clock)(void *device, int which, unsigned *megahertz);
    int (*power_limit)(void *device, unsigned *milliwatts);
    int (*driver_version)(char *text, unsigned size);
} bench_nvml;

/* Load `library` and find the GPU at this PCI address ("0000:01:00.0"). `why` gets one sentence when that fails, and
 * every value below is then unknown; else it becomes empty. The caller ends with bench_nvml_close in both cases. */
bench_nvml bench_nvml_open(const char *library, const char *pci_bus_id, char *why, size_t size);
void bench_nvml_close(bench_nvml *nvml);

/* NaN where unknown. Energy is what the board has used since the driver was loaded, idle or not. */
double bench_nvml_joules(const bench_nvml *nvml);
double bench_nvml_clock(const bench_nvml *nvml);          /* of the multiprocessors, now, in Hz */
double bench_nvml_greatest_clock(const bench_nvml *nvml); /* that they can have, in Hz */
double bench_nvml_power_limit(const bench_nvml *nvml);    /* in W */

/* "580.159.03"; becomes empty where unknown. */
void bench_nvml_driver_version(const bench_nvml *nvml, char *text, size_t size);

#endif
