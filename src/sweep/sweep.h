/* What a ts_sweep is made of. */
#ifndef TS_SWEEP_SWEEP_H
#define TS_SWEEP_SWEEP_H

#include "backend/backend.h"
#include "sweep/limits.h"
#include "sweep/observations.h"

struct ts_sweep {
    ts_settings settings; /* whose axes lie in `values`, and whose times in `observations` */
    double *values;       /* of all axes, one after the other */
    ts_cell *cells;       /* [cell_count] in the order of model/grid.h */
    size_t cell_count;
    ts_observations observations;
    ts_results results;   /* per cell, in the order of `cells` */
    ts_limits limits;     /* with `theory`, after a run; else empty */
    double *busy_seconds; /* [threads] of its run; NULL before */
    bool has_run;
};

/* The plan that runs all trainings of a sweep. */
ts_plan ts_sweep_plan(const ts_sweep *sweep);

/* Memory for what a run leaves; freed by ts_results_free. With `whole_trainings` it keeps the final states of the
 * trainings: those that every cell has. */
ts_status ts_results_create(ts_results *results, const ts_sweep *sweep, bool whole_trainings, ts_error *error);

/* Make room for the final states of these rows [cell_count], where trainings are kept. There is room for those before
 * them. */
ts_status ts_results_grow(ts_results *results, const ts_sweep *sweep, const ts_rows *rows, ts_error *error);
void ts_results_free(ts_results *results, size_t cell_count);

/* Kept free for the program itself, for the work of its threads and for writing the results. */
#define TS_RESERVED_BYTES 0x1p26

/* Is there so much memory for the results of a run? */
bool ts_fits_in_memory(double bytes);

/* Bytes of what a run leaves, but for the final states of its trainings; and those of so many trainings in one cell, or
 * in each. */
double ts_results_bytes(const ts_sweep *sweep);
double ts_kept_bytes(const ts_cell *cell, uint64_t replicates);
double ts_all_kept_bytes(const ts_sweep *sweep, uint64_t replicates);

/* Trainings that every cell of these settings has. */
static inline uint64_t ts_least_replicates(const ts_settings *settings) {
    return settings->half_width > 0 ? settings->least_replicates : settings->replicates;
}

#endif
