/* The kinds of pictures. Inside src/io only. */
#ifndef TS_IO_PICTURE_KINDS_H
#define TS_IO_PICTURE_KINDS_H

#include "io/boundary/study.h"
#include "io/netcdf/result.h"
#include "io/picture/axis.h"
#include "io/picture/gnuplot.h"

#define TS_FEW_TRAININGS 16 /* cells with fewer finished trainings are marked */

/* What counts as a success. */
typedef struct ts_success {
    const char *name;                /* of the rate: "success rate" */
    char note[320];                  /* what is a success, and when */
    const double *rate, *low, *high; /* [cells] of the result */
    const char *control, *intervals; /* how these come about, and how the intervals: to be said where they are shown */
} ts_success;

/* What a picture shows of a result that was sliced: axis[0] lies across, axis[1] upright. */
typedef struct ts_result_view {
    const ts_result *result;
    size_t row; /* place on axis[1] of what is shown, where it is one */
    ts_success success;
    const char *criterion;    /* of it */
    ts_result at;             /* of an observation; its arrays belong to another */
    const ts_study *boundary; /* to be shown; NULL: none */
} ts_result_view;

/* A row of the tables in picture.c and picture_trace.c: all that tells one kind from the others. */
typedef struct ts_picture_kind {
    const char *name;
    ts_gnuplot_script *draw; /* of a ts_result_view or a ts_recording_view */
    bool takes_one; /* is one value of the second axis (of a result) or training (of a trace) shown, to be chosen? */
    bool moves;
    int delay;               /* hundredths of a second for each frame of a picture that moves; 0: the default */
    bool needs_limit;        /* only of results that were compared with their limit epsilon -> 0 */
    bool needs_positions;    /* only of results that tell what the positions say */
    bool needs_observations; /* only of results with observations, of which it shows all */
    bool needs_first_success;
    bool needs_functions; /* only of traces that recorded them */
    void (*print)(FILE *stream, const ts_result_view *view, int columns, bool colour); /* as text; of results */
} ts_picture_kind;

/* Look `name` up in a table; `what` ("a result") is what it is of. TS_INVALID names those that there are. */
ts_status ts_picture_find_kind(const ts_picture_kind *kinds, size_t count, const char *name, const char *what,
                               size_t *found, ts_error *error);

/* TS_INVALID, and which kinds take it, when one is chosen by `option` for a kind that shows all. */
ts_status ts_picture_check_choice(const ts_picture_kind *kinds, size_t count, size_t kind, const char *option,
                                  ts_error *error);

/* What a success is in a result, or at an observation of one. TS_INVALID: it does not tell that, or there is no such
 * criterion. */
ts_status ts_picture_set_success(ts_success *success, const ts_result *result, const char *criterion, ts_error *error);

/* TS_INVALID, and why there is nothing on positions. */
ts_status ts_picture_no_positions(const ts_result *result, ts_error *error);

/* "slow time 0.1" of observation k. */
void ts_picture_time_text(char *text, size_t size, const ts_result *result, size_t k);

/* Success rate [neurons] of the limit epsilon -> 0 to be drawn beside cells of epsilon by neurons: at the slow time of
 * the horizon where it is given, else when nothing moves any more. NULL: the file has none, or the axes are others. */
const double *ts_picture_limit(const ts_result *result);

/* What it is, in words. */
void ts_picture_limit_text(char *text, size_t size, const ts_result *result);

/* Of what trainings the losses of a result are: "final loss". */
const char *ts_picture_loss_name(const ts_result *result);

/* Loss floor of the cells of a row; NaN when they have several, because eta lies across. */
double ts_picture_loss_floor(const ts_result *result, size_t row);

/* Did trainings finish in this cell, and every one of them diverge? */
bool ts_picture_all_diverged(const ts_result *result, size_t cell);

/* A quantile of the loss in a cell. Read off the histogram, quantiles of losses that are all 0 lie within its first
 * bin: here they are 0. */
double ts_picture_quantile(const ts_result *result, const double *quantile, size_t cell);

/* Print the gnuplot script of a picture of a ts_result_view, without terminal and output. False: no memory. */
bool ts_picture_success(FILE *script, const void *view);
bool ts_picture_agreement(FILE *script, const void *view);
bool ts_picture_loss(FILE *script, const void *view);
bool ts_picture_curves(FILE *script, const void *view);
bool ts_picture_outcomes(FILE *script, const void *view);
bool ts_picture_time_to_success(FILE *script, const void *view);
bool ts_picture_rising(FILE *script, const void *view);

/* The same as text. `stream` takes its errors along. */
void ts_picture_print_success(FILE *stream, const ts_result_view *view, int columns, bool colour);
void ts_picture_print_agreement(FILE *stream, const ts_result_view *view, int columns, bool colour);
void ts_picture_print_loss(FILE *stream, const ts_result_view *view, int columns, bool colour);
void ts_picture_print_outcomes(FILE *stream, const ts_result_view *view, int columns, bool colour);
void ts_picture_print_time_to_success(FILE *stream, const ts_result_view *view, int columns, bool colour);

/* Observation at which half of the trainings of a cell have been a success; NaN: they have not. */
double ts_picture_median_time(const ts_result *result, size_t cell);

#endif
