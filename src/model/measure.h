/* The loss of a finished training on the host. */
#ifndef TS_MODEL_MEASURE_H
#define TS_MODEL_MEASURE_H

#include "model/training.h"

#include <stddef.h>

/* Bytes of scratch memory that ts_measure_loss needs for `cell`. */
size_t ts_measure_scratch_size(const ts_cell *cell);

/* Exact loss, unit 2^-44 (docs/numerics.md, "Loss"). `scratch` is aligned for int64 and belongs to the caller. */
int64_t ts_measure_loss(const ts_cell *cell, const ts_neurons *neurons, int64_t bias, void *scratch);

#endif
