/* The loss of a finished training on the host. */
#ifndef TS_MODEL_MEASURE_H
#define TS_MODEL_MEASURE_H

#include "model/training.h"

#include <stdbool.h>
#include <stddef.h>

/* Asked every few milliseconds by what takes long: is it to go on? */
typedef bool ts_go_on(void *context);

/* Bytes of scratch memory that ts_measure_loss needs for `cell`. */
size_t ts_measure_scratch_size(const ts_cell *cell);

/* Exact loss, unit 2^-44 (docs/numerics.md, "Loss"). `scratch` is aligned for int64 and belongs to the caller. Takes
 * seconds where thousands of transitions overlap: -1 when `go_on` (NULL: nobody is asked) said no. */
int64_t ts_measure_loss(const ts_cell *cell, const ts_neurons *neurons, int64_t bias, void *scratch, ts_go_on *go_on,
                        void *context);

#endif
