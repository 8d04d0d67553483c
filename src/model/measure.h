/* What is measured of a finished training, on the host. */
#ifndef TS_MODEL_MEASURE_H
#define TS_MODEL_MEASURE_H

#include "model/classify.h"
#include "model/training.h"

#include <stdbool.h>
#include <stddef.h>

/* Asked every few milliseconds by what takes long: is it to go on? */
typedef bool ts_go_on(void *context);

/* Bytes of scratch memory that ts_measure needs for `cell`. */
size_t ts_measure_scratch_size(const ts_cell *cell);

/* Exact loss, and what the positions say (docs/numerics.md, "Loss", "Position loss"; for rectified linear units that is
 * 0). `scratch` is aligned for int64 and belongs to the caller. Takes seconds where thousands of transitions overlap:
 * false when `go_on` (NULL: nobody is asked) said no. */
bool ts_measure(const ts_cell *cell, const ts_neurons *neurons, int64_t bias, void *scratch, ts_go_on *go_on,
                void *context, ts_measurement *measurement);

#endif
