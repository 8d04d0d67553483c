/* How a result file is written: calls of netCDF that do nothing any more once one of them has failed. Inside src/io
 * only. */
#ifndef TS_IO_NETCDF_WRITER_H
#define TS_IO_NETCDF_WRITER_H

#include "io/netcdf/result.h"

#include <netcdf.h>

typedef struct ts_writer {
    int file;              /* netCDF id */
    int code;              /* netCDF status of the first call that failed; NC_NOERR: none has */
    const ts_sweep *sweep; /* NULL when the file is a trace */
    const ts_settings *settings;
    int axis[TS_PARAMETER_COUNT];      /* [axis_count] ids of the dimensions of the cells */
    size_t length[TS_PARAMETER_COUNT]; /* [axis_count] of these */
    int axis_count;
    int of_parameter[TS_PARAMETER_COUNT];                  /* id of its dimension; -1: it has one value for all cells */
    int loss_bin, observation, covered, replicate, neuron; /* ids of further dimensions */
    size_t replicates, neurons;                            /* lengths of the last two */
    ts_result_amount amount;                               /* of what is in the file at its end */
    bool is_child;                                         /* this process only writes the file */
} ts_writer;

/* Of a variable over the cells and up to so many more dimensions. */
#define TS_WRITER_DIMENSIONS (TS_PARAMETER_COUNT + 2)

/* Has no call failed? Loops over much to be written ask. */
bool ts_writer_works(const ts_writer *writer);

/* Begin a netCDF-4 file; `mode` is more flags of nc_create. False: it failed, and there is nothing to close. */
bool ts_writer_create(ts_writer *writer, const char *path, int mode);

/* Open a file in which variables are to be defined, until ts_writer_defined. False: as above. */
bool ts_writer_open(ts_writer *writer, const char *path);
void ts_writer_defined(ts_writer *writer);

/* Also after a failure. */
void ts_writer_close(ts_writer *writer);

/* Memory for `count` values of `size` bytes; free it. NULL after a failure, as lack of memory is. */
void *ts_writer_memory(ts_writer *writer, size_t count, size_t size);

void ts_writer_dimension(ts_writer *writer, const char *name, size_t length, int *dimension);

/* The dimension of that name in a file that was opened. */
int ts_writer_find_dimension(ts_writer *writer, const char *name);

/* Define a variable over `dimensions` [dimension_count], with its units and long_name. Returns its id. */
int ts_writer_variable(ts_writer *writer, const char *name, nc_type type, int dimension_count, const int *dimensions,
                       const char *long_name);

/* The same where the variable may be there already. */
int ts_writer_variable_again(ts_writer *writer, const char *name, nc_type type, int dimension_count,
                             const int *dimensions, const char *long_name);

/* Define a variable over the cells and `further` [further_count] dimensions. */
int ts_writer_cells(ts_writer *writer, const char *name, nc_type type, const int *further, int further_count,
                    const char *long_name);

/* Where a cell is along their dimensions: place[axis_count]. */
void ts_writer_place(const ts_writer *writer, size_t cell, size_t *place);

/* Write the part of such a variable that belongs to a cell: `start` and `count` [further_count] along the further
 * dimensions. */
void ts_writer_cell(ts_writer *writer, int variable, size_t cell, const size_t *start, const size_t *count,
                    int further_count, const void *values);

/* Store such a variable in compressed chunks: `cells` cells that follow each other, or fewer, times `chunk`
 * [further_count]. Whoever writes cell by cell fills one chunk after the other. */
void ts_writer_compress_cells(ts_writer *writer, int variable, size_t cells, const size_t *chunk, int further_count);

/* Define a dimension and its coordinate variable 0, 1, 2, ... */
void ts_writer_index(ts_writer *writer, const char *name, size_t length, const char *long_name, int *dimension);

/* NaN stands where there is no number. */
void ts_writer_missing_is_nan(ts_writer *writer, int variable);

/* Store a variable in compressed chunks of this shape. */
void ts_writer_compress(ts_writer *writer, int variable, const size_t *chunk);

/* Say what the values of a variable of ts_outcome mean; of one of ts_halt; and of one that is 1 or 0. */
void ts_writer_outcome_flags(ts_writer *writer, int variable);
void ts_writer_halted_flags(ts_writer *writer, int variable);
void ts_writer_yes_or_no(ts_writer *writer, int variable);

/* All values of a variable, or a part of them: in the type that the variable has. */
void ts_writer_values(ts_writer *writer, int variable, const void *values);
void ts_writer_part(ts_writer *writer, int variable, const size_t *start, const size_t *count, const void *values);

/* An attribute of a variable, or of the file: NC_GLOBAL. */
void ts_writer_text(ts_writer *writer, int variable, const char *name, const char *text);
void ts_writer_number_of(ts_writer *writer, int variable, const char *name, double value);

/* Attributes of the file. Of no numbers there is none. */
void ts_writer_number(ts_writer *writer, const char *name, double value);
void ts_writer_numbers(ts_writer *writer, const char *name, size_t count, const double *values);
void ts_writer_count(ts_writer *writer, const char *name, nc_type type, uint64_t value);

#endif
