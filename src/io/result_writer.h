/* The parts of a result file while it is being written. Inside src/io only. */
#ifndef TS_IO_RESULT_WRITER_H
#define TS_IO_RESULT_WRITER_H

#include "io/result.h"

#include <netcdf.h>

#define TS_RESULT_DEFLATE 4 /* zlib level of compressed variables */

/* Errors stick: after the first one nothing is written, and `code` says what it was (0: none). */
typedef struct ts_result_writer {
    int file;              /* netCDF id */
    int code;              /* netCDF status of the first call that failed */
    const ts_sweep *sweep; /* NULL when the file is a trace */
    const ts_settings *settings;
    int epsilon, neurons, loss_bin, replicate, neuron; /* ids of the dimensions */
    ts_result_amount amount;                           /* of what is in the file at its end */
    bool is_child;                                     /* this process only writes the file */
} ts_result_writer;

/* Writes everything that is in a file; `content` is what it is made of. Sets writer->amount. */
typedef void ts_result_fill(ts_result_writer *writer, const ts_result_origin *origin, const void *content);

/* Make a file and put it at `path`, or beside it, as ts_result_write does. Errors: TS_FAILED. */
ts_status ts_result_put(const char *path, const ts_result_writer *writer, const ts_result_origin *origin,
                        ts_result_fill *fill, const void *content, char **written, ts_error *error);

/* Remember a netCDF status if it is the first failure. */
void ts_result_note(ts_result_writer *writer, int code);

/* Define a variable over `dimensions` [dimension_count], with its units and long_name. Returns its id. */
int ts_result_variable(ts_result_writer *writer, const char *name, nc_type type, int dimension_count,
                       const int *dimensions, const char *long_name);

void ts_result_text(ts_result_writer *writer, int variable, const char *name, const char *text);

/* NaN stands where there is no number. */
void ts_result_missing_is_nan(ts_result_writer *writer, int variable);

/* Store a variable in compressed chunks of this shape. */
void ts_result_compress(ts_result_writer *writer, int variable, const size_t *chunk);

/* Say what the values of a variable of ts_outcome mean. */
void ts_result_outcome_flags(ts_result_writer *writer, int variable);

/* Define a dimension and its coordinate variable 0, 1, 2, ... */
void ts_result_define_index(ts_result_writer *writer, const char *name, size_t size, const char *long_name,
                            int *dimension);

/* Global attributes: where the result comes from, and every setting. */
void ts_result_write_attributes(ts_result_writer *writer, const ts_result_origin *origin);

/* Variables over (epsilon, neurons), one value a cell, and the histogram; of a sweep with theory also the agreement of
 * its trainings with their limits. */
void ts_result_write_cells(ts_result_writer *writer);

/* Variables over neurons of the limit epsilon -> 0; only for a sweep with theory. */
void ts_result_write_limits(ts_result_writer *writer);

/* Dimensions replicate and neuron, and the final state of every training; only for a sweep that kept them. */
void ts_result_write_trainings(ts_result_writer *writer);

#endif
