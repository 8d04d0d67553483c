/* Pictures of a trace. Inside src/io only. */
#ifndef TS_IO_PICTURE_TRACE_PARTS_H
#define TS_IO_PICTURE_TRACE_PARTS_H

#include "io/netcdf/recording.h"
#include "io/picture/page.h"

/* One look for each thing in all pictures; the colours are told apart by colour-blind readers, too (Okabe and Ito). */
#define TS_COLOUR_NETWORK "#0072b2"
#define TS_COLOUR_LIMIT "#d55e00"
#define TS_LOOK_NETWORK "lc rgb '" TS_COLOUR_NETWORK "' lw 1.5"
#define TS_LOOK_LIMIT "lc rgb '" TS_COLOUR_LIMIT "' lw 1.5 dt (7,4)"
#define TS_LOOK_WIDE_LIMIT "lc rgb '" TS_COLOUR_LIMIT "' lw 3"
#define TS_LOOK_TARGET "lc rgb '#b0b0b0' lw 4.5"
#define TS_LOOK_JUMP "lc rgb '#a0a0a0' lw 0.8"

/* What a picture shows of a trace. */
typedef struct ts_recording_view {
    const ts_recording *file;
    size_t training; /* index of the one that is shown, where it is one */
    bool moves;      /* is it for a format that moves? Those have no dashes */
} ts_recording_view;

/* Print the gnuplot script of a kind of picture; `view` is a ts_recording_view. False: no memory. */
bool ts_picture_functions(FILE *script, const void *view);
bool ts_picture_course(FILE *script, const void *view); /* of the loss */
bool ts_picture_positions(FILE *script, const void *view);
bool ts_picture_sketch(FILE *script, const void *view);
bool ts_picture_animation(FILE *script, const void *view);

/* The summary in plain text. `stream` takes its errors along. */
void ts_picture_print_summary(FILE *stream, const ts_recording *file, int columns, bool colour);

/* ---- what they share: parts.c */

/* The axis of time of a picture: logarithmic where the recorded times are ever further apart, and then without time 0.
 */
typedef struct ts_time_axis {
    bool is_log;
    size_t first;     /* index of the first time that is shown */
    double low, high; /* of the plotted coordinate */
} ts_time_axis;

/* `time` [N]: steps or times that ascend from 0. */
ts_time_axis ts_view_time_axis(const double *time, size_t times);

/* Coordinate of a time that is shown. */
double ts_view_time(const ts_time_axis *axis, double time);

/* gnuplot commands for range and ticks of the axis `name` ("x", "x2"). */
void ts_view_print_time_axis(FILE *script, const ts_time_axis *axis, const char *name, ts_tick_room room);

/* Look of the line of the limit: dashes above that of the network, or wide below it. */
const char *ts_view_limit_look(const ts_recording_view *view);

/* Index of the first value of training i at time k in an array [T][N][width]. */
size_t ts_view_at(const ts_trace_data *data, size_t i, size_t k, size_t width);

/* Of `times` times show every so many-th, and the last, to show about `most`. */
size_t ts_view_stride(size_t times, size_t most);

/* Range of all values of the function panels at the times `shown` [count], with a margin for the neurons below. */
typedef struct ts_function_range {
    double low, high; /* of the panel */
    double network_row, limit_row, row_height;
} ts_function_range;
ts_function_range ts_view_function_range(const ts_recording_view *view, const size_t *shown, size_t count);

/* Data blocks $f (x, target, network, limit), $u and $v (neurons of the network and of the limit) for time k, and the
 * plot of them on the axes that stand. */
void ts_view_print_function(FILE *script, const ts_recording_view *view, size_t k, const ts_function_range *range);

/* "slow time 0.0175, step 8.75e7: loss 0.0102, limit 0.008" */
void ts_view_describe(char *text, size_t size, const ts_recording_view *view, size_t k);

/* Index of the last recorded time at which training i has a network; where it diverged it is not the last of all. */
size_t ts_view_last(const ts_trace_data *data, size_t i);

/* "replicate 3", and when it diverged if it did. */
void ts_view_name(char *text, size_t size, const ts_recording_view *view);

/* "diverged between step 1e3 and step 2e3" */
void ts_view_describe_end(char *text, size_t size, const ts_trace_data *data, size_t i);

/* Legend of target, network, limit and their neurons; title, caption and the rest of the page. `kind` names the picture
 * where the trace has no title. */
ts_page ts_view_page(const ts_recording_view *view, const char *kind);

#endif
