/* How a result file fills a sweep, piece by piece. Inside src/campaign only. */
#ifndef TS_CAMPAIGN_FILLING_H
#define TS_CAMPAIGN_FILLING_H

#include "io/netcdf/reader.h"
#include "sweep/sweep.h"

#define TS_FILLING_DIMENSIONS (TS_PARAMETER_COUNT + 3)

typedef struct ts_filling {
    ts_reader *reader;
    ts_sweep *sweep; /* prepared; has the cells of the file */
    int axis[TS_PARAMETER_COUNT];
    size_t length[TS_PARAMETER_COUNT]; /* [axis_count] */
    int axis_count;
    int loss_bin, covered, observation, replicate, neuron; /* ids of further dimensions that there are */
    size_t covered_count, replicates, neurons;             /* lengths */
} ts_filling;

/* Some of the values of a variable. */
typedef struct ts_filling_part {
    const char *name;
    int dimensions[TS_FILLING_DIMENSIONS], count;
    size_t start[TS_FILLING_DIMENSIONS], length[TS_FILLING_DIMENSIONS];
} ts_filling_part;

#define TS_NO_OBSERVATION SIZE_MAX

/* Those of one cell, at an observation where the variable is over these, too. `name` must outlive it. */
ts_filling_part ts_filling_cell(const ts_filling *of, const char *name, size_t observation, size_t cell);

/* Along one more dimension: so many from `start` on. */
void ts_filling_along(ts_filling_part *part, int dimension, size_t start, size_t length);

/* Those of a cell for so many replicates from `first` on. */
ts_filling_part ts_filling_rows(const ts_filling *of, const char *name, size_t cell, size_t first, size_t count);

/* Read them. False: the reader has failed. */
bool ts_filling_values(const ts_filling *of, const ts_filling_part *part, double *values);
bool ts_filling_whole(const ts_filling *of, const ts_filling_part *part, int64_t *values);
bool ts_filling_bytes(const ts_filling *of, const ts_filling_part *part, int8_t *values);

/* What is wrong with a variable. */
void ts_filling_refuse(const ts_filling *of, const char *name, const char *reason);

/* Statistics and marks of all cells: sums.c. Ends of all trainings, as they were kept: ends.c. The limits: holding.c.
 * False: the reader has failed. */
bool ts_filling_sums(ts_filling *of);
bool ts_filling_ends(ts_filling *of);

#endif
