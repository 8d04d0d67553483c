/* Named stretches of time for NVIDIA's profilers (Nsight Systems); they cost nothing where none is attached. */
#ifndef TS_BACKEND_RANGE_H
#define TS_BACKEND_RANGE_H

#ifdef TIMESCAPE_HAS_CUDA
#include <nvtx3/nvToolsExt.h>
#define TS_RANGE_PUSH(name) nvtxRangePushA(name)
#define TS_RANGE_POP() nvtxRangePop()
#else
#define TS_RANGE_PUSH(name) ((void)0)
#define TS_RANGE_POP() ((void)0)
#endif

#endif
