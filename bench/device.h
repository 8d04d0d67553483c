/* The GPU that is measured. */
#ifndef TS_BENCH_DEVICE_H
#define TS_BENCH_DEVICE_H

#include "nvml.h"

/* Every NVIDIA GPU since compute capability 7.0 issues up to this many instructions in a cycle of a multiprocessor: it
 * has four schedulers, and each of them issues one for the 32 lanes of a warp. */
#define BENCH_LANES_OF_A_CYCLE (4 * 32)

typedef struct bench_device {
    int index;                /* of the CUDA runtime; -1: none is measured */
    char name[128];           /* as it names itself */
    char pci_bus_id[32];      /* "0000:01:00.0", or empty where unknown */
    int major, minor;         /* compute capability */
    int multiprocessors;      /* how many */
    int threads;              /* that one of them can hold */
    double clock;             /* the greatest that it can have, in Hz; NaN where unknown */
    double power_limit;       /* in W; NaN where unknown */
    int runtime, cuda_driver; /* CUDA versions as CUDA writes them: 1000 major + 10 minor */
    char driver[64];          /* version of the driver, or empty where unknown */
    char without_nvml[256];   /* why NVML tells nothing, or empty */
    bench_nvml nvml;
} bench_device;

/* Open the index-th GPU. Returns false, with what CUDA says in `why`, where it cannot be asked. */
bool bench_device_open(bench_device *device, int index, char *why, size_t size);
void bench_device_close(bench_device *device);

/* No GPU: what is measured runs on the processor. */
bench_device bench_device_none(void);

#endif
