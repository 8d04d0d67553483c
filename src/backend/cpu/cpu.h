/* What the methods of the cpu backend share.
 *
 * Dense and sorted compute the same bits. Each is written once for vectors of any length (vector.h) and compiled for
 * every instruction set; `portable` is the plain loop over src/model, one training at a time. */
#ifndef TS_BACKEND_CPU_CPU_H
#define TS_BACKEND_CPU_CPU_H

#include "backend/host.h"
#include "model/training.h"

/* Draw the start positions of a training, unit 2^-62, ascending. `position` has room for [m]. */
void ts_draw_positions(const ts_cell *cell, uint32_t replicate, int64_t *position);

/* Memory for a finished training: its neurons in order of their start positions, and what its loss needs. */
size_t ts_finished_size(const ts_cell *cell);
ts_neurons ts_finished_neurons(const ts_cell *cell, void *memory);

/* Loss of the training in `memory`, unit 2^-44; copies it into row `replicate` of `kept` unless that is NULL. */
int64_t ts_finish_training(const ts_cell *cell, void *memory, int64_t bias, uint32_t replicate, ts_kept *kept);

extern const ts_method ts_portable;

#endif
