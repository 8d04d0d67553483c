/* Pictures of a result file or a trace, drawn by gnuplot, and in plain text for a terminal. */
#ifndef TS_IO_PICTURE_PICTURE_H
#define TS_IO_PICTURE_PICTURE_H

#include "io/boundary/study.h"
#include "io/netcdf/recording.h"
#include "io/netcdf/result.h"

#include <stdio.h>

typedef struct ts_picture_options {
    /* "success" (phase diagram), "slice" (success rate over the first axis), "outcomes" (how trainings end) and "loss"
     * (box plot of the final loss), both over the first axis, "time-to-success" (until half of the trainings are one)
     * and "animation" (of the phase diagram), both of a sweep with observations, or "agreement" (with the limit epsilon
     * -> 0, of a sweep with theory); NULL: success */
    const char *kind;
    size_t observation;    /* 1 + the number of the one that is shown instead of the end; 0: the end */
    const char *criterion; /* of a success: "loss" or "positions"; NULL: loss */
    /* Of a phase diagram over epsilon: the boundaries for each value of its other axis; NULL: a line of half success */
    const ts_study *boundary;
    const ts_slice
        *slice; /* NULL: that of ts_slice_default; kinds that show one value of its second axis show the row */
} ts_picture_options;

/* Draw a slice of `result`, which it becomes, to `path`; the format is that of its ending (.png, .svg, .pdf). Written
 * under a temporary name and renamed. Errors: TS_INVALID (unknown kind, ending or value of an axis, one for a kind that
 * shows all, a result without what the kind shows), TS_FAILED (gnuplot missing or failing, disk). */
ts_status ts_picture_draw(ts_result *result, const ts_picture_options *options, const char *path, ts_error *error);

/* The same picture as text, at most `columns` wide; `colour` allows 256-colour escapes, without it plain ASCII. */
ts_status ts_picture_print(FILE *stream, ts_result *result, const ts_picture_options *options, int columns, bool colour,
                           ts_error *error);

/* The ending of a picture of this kind by default: ".png" or ".gif". */
const char *ts_picture_ending(const char *kind);

typedef struct ts_picture_trace_options {
    const char *kind;  /* "functions" (target, network and limit at three times), "loss" (against steps, all trainings),
                        * "positions" (over slow time), "sketch" (the model, with the names of its parts) or
                        * "animation"; NULL: functions, or animation for a .gif */
    int64_t replicate; /* the training that is shown by the kinds that show one; -1: the first */
} ts_picture_trace_options;

/* The ending of a picture of this kind by default: ".png" or ".gif". */
const char *ts_picture_trace_ending(const char *kind);

/* Draw a trace to `path`, whose ending is .gif for an animation and one of the others else. As ts_picture_draw. */
ts_status ts_picture_draw_trace(const ts_recording *file, const ts_picture_trace_options *options, const char *path,
                                ts_error *error);

/* A summary as text: outcome, loss and the course of the loss of every training. It is all there is as text: TS_INVALID
 * where `options` (NULL is allowed) ask for a kind or a replicate. */
ts_status ts_picture_print_trace(FILE *stream, const ts_recording *file, const ts_picture_trace_options *options,
                                 int columns, bool colour, ts_error *error);

#endif
