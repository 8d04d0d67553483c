/* The backend cuda as others see it, also in a program that was built without CUDA. */
#include "backend/cuda/backend.h"

#ifndef TIMESCAPE_HAS_CUDA
#include <stdio.h>

static bool left_out(char *reason, size_t size) {
    snprintf(reason, size, "this build has no CUDA backend");
    return false;
}
#endif

const ts_backend ts_backend_cuda = {
    .name = "cuda",
    .place = "GPUs",
    .preference = 2,
    .dynamics = TS_HAS_SGD,
    .options = TS_TAKES_DEVICES,
    .arithmetic = TS_FIXED_POINT,
#ifdef TIMESCAPE_HAS_CUDA
    .works = ts_cuda_works,
    .prepare = ts_cuda_prepare,
    .run = ts_cuda_run,
    .forecast = ts_cuda_forecast,
    .device_text = ts_cuda_device_text,
    .identify = ts_cuda_identify,
#else
    .works = left_out,
#endif
};
