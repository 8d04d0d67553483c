/* An open result file while it is being read. Inside src/io only. */
#ifndef TS_IO_NETCDF_READER_H
#define TS_IO_NETCDF_READER_H

#include "io/child.h"
#include "io/netcdf/result.h"

typedef struct ts_reader_axis {
    int id;
    size_t length;
} ts_reader_axis;

/* Errors stick: after the first one nothing is read, and status and *error tell what it was. */
typedef struct ts_reader {
    ts_child child; /* which reads the file (result_serve.h) */
    int file;       /* the open file, which is locked against others that write; -1: no child */
    const char *path;
    ts_status status;
    ts_error *error;
    size_t dimension_count;
    ts_reader_axis dimension[12]; /* [dimension_count] those that were asked for */
} ts_reader;

/* Open a netCDF file for reading; close it with ts_reader_close. Errors: TS_INVALID, TS_FAILED (no process for it), and
 * nothing is open. */
ts_status ts_reader_open(ts_reader *reader, const char *path, ts_error *error);

/* Also after a failure, and a second time. */
void ts_reader_close(ts_reader *reader);

/* Length of a dimension, from 1 to `most`, and its id. 0 after a failure. */
size_t ts_reader_dimension(ts_reader *reader, const char *name, size_t most, int *dimension);

/* The axes of the cells of a result, of which it has epsilon and neurons at least: their ids, parameters and lengths.
 * Returns how many they are; 0 after a failure, and when there are more than TS_MAX_CELLS cells. */
size_t ts_reader_axes(ts_reader *reader, int dimension[TS_PARAMETER_COUNT], ts_parameter parameter[TS_PARAMETER_COUNT],
                      size_t length[TS_PARAMETER_COUNT]);

/* All values of a variable over `dimensions` [count]; free them. NULL after a failure. */
double *ts_reader_values(ts_reader *reader, const char *name, const int *dimensions, int count);
int64_t *ts_reader_whole(ts_reader *reader, const char *name, const int *dimensions, int count);
int8_t *ts_reader_bytes(ts_reader *reader, const char *name, const int *dimensions, int count);

/* A part of the values of a variable over `dimensions` [count]: length[count] of them from start[count] on. */
typedef struct ts_reader_part {
    const char *name;
    const int *dimensions;
    const size_t *start, *length;
    int count;
} ts_reader_part;

/* As doubles, as whole numbers, or as bytes. False after a failure: then the values are undefined. */
bool ts_reader_part_values(ts_reader *reader, const ts_reader_part *part, double *values);
bool ts_reader_part_whole(ts_reader *reader, const ts_reader_part *part, int64_t *values);
bool ts_reader_part_bytes(ts_reader *reader, const ts_reader_part *part, int8_t *values);

/* What is said of a file that holds nonsense: `what` (axis, variable, ...), its name and the reason. */
void ts_reader_damaged(ts_reader *reader, const char *what, const char *name, const char *reason);
void ts_reader_no_memory(ts_reader *reader);

/* Is there a global attribute, a dimension or a variable of that name? False after a failure. */
bool ts_reader_has(ts_reader *reader, const char *name);
bool ts_reader_has_dimension(ts_reader *reader, const char *name);
bool ts_reader_has_variable(ts_reader *reader, const char *name);

/* Global attributes. They must be there and be of the right kind. */
double ts_reader_number(ts_reader *reader, const char *name);
char *ts_reader_string(ts_reader *reader, const char *name); /* free it; NULL after a failure */
uint64_t ts_reader_count(ts_reader *reader, const char *name);
/* A list of up to `room` numbers; none when there is no such attribute. Returns how many. */
size_t ts_reader_numbers(ts_reader *reader, const char *name, double *values, size_t room);

/* What the file has of observations of cells over `cell_dimensions` [count], into what is empty. */
void ts_reader_observations(ts_reader *reader, const int *cell_dimensions, int count,
                            ts_result_observations *observations);
void ts_result_observations_free(ts_result_observations *observations);

/* The k-th of the arrays over observations and cells that there are; NULL behind the last one. */
double **ts_result_observed(ts_result_observations *observations, size_t k);

#endif
