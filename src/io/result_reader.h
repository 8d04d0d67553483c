/* An open result file while it is being read. Inside src/io only. */
#ifndef TS_IO_RESULT_READER_H
#define TS_IO_RESULT_READER_H

#include "io/child.h"
#include "io/result.h"

typedef struct ts_result_axis {
    int id;
    size_t length;
} ts_result_axis;

/* Errors stick: after the first one nothing is read, and status and *error tell what it was. */
typedef struct ts_result_reader {
    ts_child child; /* which reads the file (result_serve.h) */
    int file;       /* the open file, which is locked against others that write; -1: no child */
    const char *path;
    ts_status status;
    ts_error *error;
    size_t dimension_count;
    ts_result_axis dimension[8]; /* [dimension_count] those that were asked for */
} ts_result_reader;

/* Open a netCDF file for reading; close it with ts_result_close. Errors: TS_INVALID, TS_FAILED (no process for it), and
 * nothing is open. */
ts_status ts_result_open(ts_result_reader *reader, const char *path, ts_error *error);

/* Also after a failure, and a second time. */
void ts_result_close(ts_result_reader *reader);

/* Length of a dimension, from 1 to `most`, and its id. 0 after a failure. */
size_t ts_result_dimension(ts_result_reader *reader, const char *name, size_t most, int *dimension);

/* All values of a variable over `dimensions` [count]; free them. NULL after a failure. */
double *ts_result_values(ts_result_reader *reader, const char *name, const int *dimensions, int count);

/* What is said of a file that holds nonsense: `what` (axis, variable, ...), its name and the reason. */
void ts_result_damaged(ts_result_reader *reader, const char *what, const char *name, const char *reason);
void ts_result_no_memory(ts_result_reader *reader);

/* Is there a global attribute, a dimension or a variable of that name? False after a failure. */
bool ts_result_has(ts_result_reader *reader, const char *name);
bool ts_result_has_dimension(ts_result_reader *reader, const char *name);
bool ts_result_has_variable(ts_result_reader *reader, const char *name);

/* Global attributes. They must be there and be of the right kind. */
double ts_result_number(ts_result_reader *reader, const char *name);
char *ts_result_string(ts_result_reader *reader, const char *name); /* free it; NULL after a failure */
uint64_t ts_result_count(ts_result_reader *reader, const char *name);
/* A list of up to `room` numbers; none when there is no such attribute. Returns how many. */
size_t ts_result_numbers(ts_result_reader *reader, const char *name, double *values, size_t room);

/* The setting in two lines of text, with a few words about what the file has of it; free it. NULL after a failure. */
char *ts_result_caption(ts_result_reader *reader, const char *about);

#endif
