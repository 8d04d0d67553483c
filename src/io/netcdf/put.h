/* A result file on its way to its name. Inside src/io only. */
#ifndef TS_IO_NETCDF_PUT_H
#define TS_IO_NETCDF_PUT_H

#include "io/netcdf/writer.h"

/* Writes everything that is in a file; `content` is what it is made of. Sets writer->amount. A change of a file has no
 * origin. */
typedef void ts_result_fill(ts_writer *writer, const ts_result_origin *origin, const void *content);

/* Make a file and put it at `path`, or beside it, as ts_result_write does. Errors: TS_FAILED. */
ts_status ts_result_put(const char *path, const ts_writer *writer, const ts_result_origin *origin, ts_result_fill *fill,
                        const void *content, char **written, ts_error *error);

/* Change the result file at `path`: `fill` finds a copy of it open, in which variables can be defined until it calls
 * ts_writer_defined; the copy takes its place then, with the same mode. On failure the file is untouched.
 * Errors: TS_FAILED. */
ts_status ts_result_change(const char *path, const ts_writer *writer, ts_result_fill *fill, const void *content,
                           ts_error *error);

#endif
