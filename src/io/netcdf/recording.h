/* Files of traces: netCDF-4, labelled, opened by xarray as they are. */
#ifndef TS_IO_NETCDF_RECORDING_H
#define TS_IO_NETCDF_RECORDING_H

#include "io/netcdf/result.h"

/* Write what `trace` recorded, at least two times, as ts_result_write does: whole or not at all. TS_FAILED. */
ts_status ts_recording_write(const char *path, const ts_trace *trace, const ts_result_origin *origin, char **written,
                             ts_error *error);

/* One trace in memory, for pictures. */
typedef struct ts_recording {
    char *title;
    char *caption;                        /* one or two lines that name the setting */
    ts_trace_data data;                   /* its arrays belong to this struct */
    double eta, loss_floor, success_loss; /* the largest loss that is a success */
    size_t jump_count;
    double jump_at[TS_MAX_JUMPS]; /* [jump_count] ascending */
    bool complete;                /* false: the run was interrupted, and the last time is not the end */
} ts_recording;

/* Errors: TS_INVALID (no such file, no trace of timescape, damaged), TS_FAILED (memory). */
ts_status ts_recording_read(ts_recording *file, const char *path, ts_error *error);
void ts_recording_free(ts_recording *file);

/* Is the netCDF file at `path` a trace? Errors: TS_INVALID (no such file, not netCDF). */
ts_status ts_recording_recognise(const char *path, bool *is_trace, ts_error *error);

#endif
