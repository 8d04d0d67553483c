/* Pictures of a result file, drawn by gnuplot, and the same in plain text for a terminal. */
#ifndef TS_IO_PICTURE_H
#define TS_IO_PICTURE_H

#include "io/result.h"

#include <stdio.h>

typedef struct ts_picture_options {
    const char *kind; /* "success" (phase diagram), "loss" (box plot over epsilon) or "agreement" (with the limit
                       * epsilon -> 0, of a sweep with theory); NULL: success */
    double neurons;   /* for "loss": the neuron count to draw; 0: the largest of the file */
} ts_picture_options;

/* Draw `result` to `path`; the format is that of its ending (.png, .svg, .pdf). Written under a temporary name and
 * renamed. Errors: TS_INVALID (unknown kind, ending or neuron count, a result without what the kind shows), TS_FAILED
 * (gnuplot missing or failing, disk). */
ts_status ts_picture_draw(const ts_result *result, const ts_picture_options *options, const char *path,
                          ts_error *error);

/* The same picture as text, at most `columns` wide; `colour` allows 256-colour escapes, without it plain ASCII. */
ts_status ts_picture_print(FILE *stream, const ts_result *result, const ts_picture_options *options, int columns,
                           bool colour, ts_error *error);

#endif
