/* How the trainings of a network size lie on the threads of a GPU. The one place that decides it. No choice changes a
 * bit of a result. */
#ifndef TS_BACKEND_CUDA_SHAPE_H
#define TS_BACKEND_CUDA_SHAPE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ts_shape {
    uint32_t lanes;     /* that share a training: a power of two. Up to 32: of a warp; more: a block */
    uint32_t own;       /* neurons of a lane, in registers */
    uint32_t trainings; /* of a block: 32 / lanes, at least 1 */
} ts_shape;

/* The shapes there are; [*count]. */
const ts_shape *ts_shapes(size_t *count);

/* Index in ts_shapes for networks of m neurons (1 .. TS_MAX_NEURONS). `lane_group`: at least so many lanes; 0: as few
 * as hold the network, but more when all `trainings` together would leave most of `threads` threads without work. */
size_t ts_shape_choose(uint32_t m, int lane_group, uint64_t trainings, uint64_t threads);

#ifdef __cplusplus
}
#endif
#endif
