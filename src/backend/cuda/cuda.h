/* What device.c and wave.c share. See backend.h for what the outside sees of the CUDA backend. */
#ifndef TS_BACKEND_CUDA_CUDA_H
#define TS_BACKEND_CUDA_CUDA_H

#include "backend/cuda/gpu.h"
#include "launch.h"

/* Fill error->message with what was tried on which device and what CUDA said. Returns false when status is an error. */
bool ts_gpu_check(ts_gpu *gpu, cudaError_t status, const char *tried);

#endif
