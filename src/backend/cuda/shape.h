/* How the trainings of a cell lie on the threads of a GPU. The one place that decides it. No choice changes a bit of a
 * result. */
#ifndef TS_BACKEND_CUDA_SHAPE_H
#define TS_BACKEND_CUDA_SHAPE_H

#include "kernels/form.h"
#include "model/cell.h"

/* The shape for a cell. `lane_group`: at least so many lanes, up to 32; 0: as few as are fast. `shared_memory`: the
 * most that a block may have on the device. */
ts_shape ts_shape_choose(const ts_cell *cell, int lane_group, size_t shared_memory);

/* Estimate of what a step of all trainings of a slot costs, in instructions of its warp. */
double ts_shape_step_cost(ts_shape shape, const ts_cell *cell);

#endif
