/* What device.c and wave.c share. See backend.h for what the outside sees of the CUDA backend. */
#ifndef TS_BACKEND_CUDA_CUDA_H
#define TS_BACKEND_CUDA_CUDA_H

#include "backend/cuda/gpu.h"
#include "kernels/launch.h"

/* On the device. */
typedef struct ts_device {
    ts_cell *cell;       /* [cell_count] of the plan */
    uint32_t *replicate; /* [replicates] of the plan; NULL where it has none */
    uint64_t *look_step; /* [cell_count][looks] of the plan */
    cudaStream_t stream[TS_STREAMS];
    int streams;           /* that were created */
    int waves[TS_STREAMS]; /* how many use each stream */
} ts_device;

/* The stream that the fewest waves use; its number. */
int ts_device_take_stream(ts_device *device);

/* Fill error->message with what was tried on which device and what CUDA said. Returns false when status is an error. */
bool ts_gpu_check(ts_gpu *gpu, cudaError_t status, const char *tried);

#endif
