/* The boundary of success in a phase diagram: a point with its interval for each row, and the law. Inside src/io only.
 */
#ifndef TS_IO_PICTURE_BOUNDARY_H
#define TS_IO_PICTURE_BOUNDARY_H

#include "io/boundary/study.h"
#include "io/picture/axis.h"
#include "io/picture/page.h"

#include <stdio.h>

typedef struct ts_boundary_marks {
    size_t bars, points, law; /* how much of each there is to be seen */
    double size;              /* of a point, in gnuplot's unit */
} ts_boundary_marks;

/* Print the boundaries of a study of the rows of a result, whose axes are x and y, as data of gnuplot: $bars and $law
 * are lines, $points points. Prints nothing when `stream` is NULL. */
ts_boundary_marks ts_boundary_marks_print(FILE *stream, const ts_study *study, const ts_result *result,
                                          const ts_axis *x, const ts_axis *y);

/* Go on with a plot command of gnuplot. */
void ts_boundary_marks_plot(FILE *script, const ts_boundary_marks *marks);

/* Add what there is to the legend; `law` [size] is room for a text of it. */
void ts_boundary_marks_legend(ts_page *page, const ts_study *study, const ts_boundary_marks *marks, char *law,
                              size_t size);

/* A line for the caption: what the boundary is, and how sure the law. */
void ts_boundary_marks_text(char *text, size_t size, const ts_study *study, const ts_boundary_marks *marks);

#endif
