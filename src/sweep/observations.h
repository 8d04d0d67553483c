/* The times on the way at which a sweep makes statistics, as whole steps of each cell. */
#ifndef TS_SWEEP_OBSERVATIONS_H
#define TS_SWEEP_OBSERVATIONS_H

#include "model/cell.h"

typedef struct ts_observations {
    double *time;   /* [count] as in the settings */
    uint64_t *step; /* [cell_count][count] */
    size_t count;
} ts_observations;

/* Those of the settings for their cells [cell_count]. Returns false without memory; ts_observations_free is allowed
 * then, too. */
bool ts_observations_create(ts_observations *observations, const ts_settings *settings, const ts_cell *cells,
                            size_t cell_count);
void ts_observations_free(ts_observations *observations);

#endif
