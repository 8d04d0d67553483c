/* The trainings of a sweep in one round or, where each cell gets as many as its rate needs, in several. */
#ifndef TS_SWEEP_ROUNDS_H
#define TS_SWEEP_ROUNDS_H

#include "sweep/execution.h"
#include "sweep/portion.h"

/* Run what is missing of the portions [cell_count] of the sweep. With `half_width` a round asks for the trainings that
 * a cell is thought to need, at most for as many as it has, until half of the interval of its success rate is no wider
 * or it has all (docs/numerics.md, "Replicates in rounds"). Which it gets depends on their outcomes alone, so that they
 * are the same on every machine, and whichever are there already. As ts_execution_run, and TS_FAILED (memory). */
ts_status ts_rounds_run(ts_sweep *sweep, ts_execution *execution, const ts_portion *portions, ts_error *error);

/* Ranges of rows that a run of the whole sweep would do at once: those of the first round of which some are missing.
 * None: all rounds are done. Its limits must be known where it has some. False: no memory. */
bool ts_rounds_missing(ts_ranges *ranges, ts_sweep *sweep);

#endif
