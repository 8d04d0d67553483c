/* What a ts_sweep is made of. */
#ifndef TS_SWEEP_SWEEP_H
#define TS_SWEEP_SWEEP_H

#include "backend/backend.h"

struct ts_sweep {
    ts_settings settings; /* epsilon and neurons point to the two arrays below */
    double *epsilon;      /* [epsilon_count] */
    uint32_t *neurons;    /* [neurons_count] */
    ts_cell *cells;       /* [epsilon_count][neurons_count] */
    size_t cell_count;
    ts_results results;   /* per cell, in the order of `cells` */
    double *busy_seconds; /* [threads] of its run; NULL before */
    bool has_run;
};

/* Memory for what a run leaves; freed by ts_results_free. */
ts_status ts_results_create(ts_results *results, const ts_sweep *sweep, ts_error *error);
void ts_results_free(ts_results *results, size_t cell_count);

/* Has this machine so much memory? */
bool ts_fits_in_memory(double bytes);

/* Bytes that the kept trainings of the sweep take; 0 when they are not kept. */
double ts_kept_bytes(const ts_sweep *sweep);

#endif
