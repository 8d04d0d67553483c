/* What the methods of the cpu backend share.
 *
 * Dense and sorted compute the same bits. Each is written once for vectors of any length (vector.h) and compiled for
 * every instruction set; `portable` is the plain loop over src/model, one training at a time. */
#ifndef TS_BACKEND_CPU_CPU_H
#define TS_BACKEND_CPU_CPU_H

#include "backend/host.h"
#include "model/training.h"

/* How training i of the batch begins: as the plan resumes it, or at its start. `position` and `weight` have room for
 * [m]; units 2^-62 and 2^-48, neurons in order of their start positions, which ascend at the start. */
ts_training ts_begin_training(const ts_plan *plan, ts_batch batch, uint32_t i, int64_t *position, int64_t *weight);

/* Memory for a finished training: its neurons in order of their start positions, and behind them what its loss needs,
 * where before the training begins there is room for [m] int64; in all then for two such arrays and more. */
size_t ts_finished_size(const ts_cell *cell);
ts_neurons ts_finished_neurons(const ts_cell *cell, void *memory);

/* Loss of training i of the batch, which is in `memory`, as ts_method.finish says. */
int64_t ts_finish_training(ts_batch batch, void *memory, int64_t bias, uint32_t i, ts_kept *kept);

/* Put where a training stands into row `row`. */
void ts_save_training(const ts_cell *cell, const ts_neurons *neurons, const ts_training *training, uint32_t row,
                      ts_state *saved);

extern const ts_method ts_portable;

#endif
