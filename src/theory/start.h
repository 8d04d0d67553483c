/* The start of a training of the sweep, for its limit (MODEL.md sections 2 and 6). */
#ifndef TS_THEORY_START_H
#define TS_THEORY_START_H

#include "model/training.h"

/* Start positions [d m] of replicate `replicate` of `cell`, coordinate by coordinate, the same as those of the SGD
 * trainings, within a coordinate in no order. */
static inline void ts_limit_start(const ts_cell *cell, uint32_t replicate, double *position) {
    for (uint32_t j = 0; j < cell->neurons; j++)
        position[j] = (double)ts_start_position(cell, replicate, j) * 0x1p-62;
}

#endif
