/* What the backend cuda is made of, for backend.c. */
#ifndef TS_BACKEND_CUDA_BACKEND_H
#define TS_BACKEND_CUDA_BACKEND_H

#include "backend/backend.h"

ts_backend_works ts_cuda_works;
ts_backend_prepare ts_cuda_prepare;
ts_backend_run ts_cuda_run;
ts_backend_forecast ts_cuda_forecast;
ts_backend_device_text ts_cuda_device_text;
ts_backend_identify ts_cuda_identify;

#endif
