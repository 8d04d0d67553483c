/* What the methods of the cpu backend share.
 *
 * Dense, sorted and plain compute the same bits. Each is written once for vectors of any length (vector.h) and compiled
 * for every instruction set; `portable` is the plain loop over src/model, one training at a time. */
#ifndef TS_BACKEND_CPU_CPU_H
#define TS_BACKEND_CPU_CPU_H

#include "backend/host.h"

/* The method of a file for vectors, from its functions of these names. */
#define TS_VECTOR_METHOD(name, most, fewest)                                                                           \
    extern const ts_method TS_NAME(name);                                                                              \
    const ts_method TS_NAME(name) = {                                                                                  \
        .arithmetic = &ts_host_fixed_point,                                                                            \
        .width = (most),                                                                                               \
        .least = (fewest),                                                                                             \
        .step_cost = step_cost,                                                                                        \
        .state_size = state_size,                                                                                      \
        .start = start,                                                                                                \
        .write = write_training,                                                                                       \
        .advance = advance,                                                                                            \
        .diverged = diverged,                                                                                          \
        .read = read_training,                                                                                         \
    }

extern const ts_method ts_portable;

#endif
