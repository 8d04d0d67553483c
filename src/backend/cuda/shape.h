/* How the trainings of a cell lie on the threads of a GPU. The one place that decides it. No choice changes a bit of a
 * result. */
#ifndef TS_BACKEND_CUDA_SHAPE_H
#define TS_BACKEND_CUDA_SHAPE_H

#include "model/cell.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Which form of the step. */
typedef enum ts_form {
    TS_FORM_RANKED,  /* model/ranked.h: one lane, batches of 4 or 8 samples */
    TS_FORM_DEALT,   /* model/dealt.h: 4, 8, 16 or 32 lanes, batches of 8 samples */
    TS_FORM_BLOCKED, /* model/blocked.h: 4, 8, 16 or 32 lanes */
    TS_FORM_PLAIN /* model/plain.h: 4, 8, 16 or 32 lanes; the only one for other networks than steps in one dimension */
} ts_form;

typedef struct ts_shape {
    ts_form form;
    uint32_t lanes;     /* that share a training */
    uint32_t batch;     /* samples of a batch; 0 if blocked or plain */
    uint32_t row;       /* neurons that a training has room for, those that fill up the rows of lanes included */
    uint32_t trainings; /* of a slot, which is a warp: 32 / lanes */
} ts_shape;

/* The shape for a cell. `lane_group`: at least so many lanes, up to 32; 0: as few as are fast. `shared_memory`: the
 * most that a block may have on the device. */
ts_shape ts_shape_choose(const ts_cell *cell, int lane_group, size_t shared_memory);

bool ts_shape_equal(ts_shape a, ts_shape b);

/* Bytes for the neurons of a slot. */
size_t ts_shape_shared_memory(ts_shape shape);

/* Bytes of shared memory that a slot occupies in all. */
size_t ts_shape_block_memory(ts_shape shape);

/* Estimate of what a step of all trainings of a slot costs, in instructions of its warp. */
double ts_shape_step_cost(ts_shape shape, const ts_cell *cell);

#ifdef __cplusplus
}
#endif
#endif
