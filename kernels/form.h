/* The forms of a step that there are kernels for, and how the trainings of a slot lie on its threads. Plain C: the host
 * side of the CUDA backend chooses a shape for each cell (backend/cuda/shape.h). */
#ifndef TS_KERNELS_FORM_H
#define TS_KERNELS_FORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Which form of the step. */
typedef enum ts_form {
    TS_FORM_RANKED,  /* kernels/ranked.h: one lane, batches of 4 or 8 samples */
    TS_FORM_DEALT,   /* kernels/dealt.h: 4, 8, 16 or 32 lanes, batches of 8 samples */
    TS_FORM_BLOCKED, /* kernels/blocked.h: 4, 8, 16 or 32 lanes */
    TS_FORM_PLAIN /* model/plain.h: 4, 8, 16 or 32 lanes; the only one for other networks than steps in one dimension */
} ts_form;

typedef struct ts_shape {
    ts_form form;
    uint32_t lanes;     /* that share a training */
    uint32_t batch;     /* samples of a batch; 0 if blocked or plain */
    uint32_t row;       /* neurons that a training has room for, those that fill up the rows of lanes included */
    uint32_t trainings; /* of a slot, which is a warp: 32 / lanes */
} ts_shape;

bool ts_shape_equal(ts_shape a, ts_shape b);

/* Bytes for the neurons of a slot. */
size_t ts_shape_shared_memory(ts_shape shape);

/* Bytes of shared memory that a slot occupies in all. */
size_t ts_shape_block_memory(ts_shape shape);

#ifdef __cplusplus
}
#endif
#endif
