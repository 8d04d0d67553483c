/* Lines of equal value on a grid of points. */
#ifndef TS_IO_PICTURE_CONTOUR_H
#define TS_IO_PICTURE_CONTOUR_H

#include "io/picture/axis.h"

#include <stdio.h>

/* Print the line `values` = `level` as segments, two points "x y" each and an empty line behind (marching squares,
 * linear between neighbouring cell centres; constant from the outer centres to the edge). `values` is
 * [x->count][y->count]; NaN leaves a gap. Returns the number of segments, and prints nothing when `stream` is NULL. */
size_t ts_contour_print(FILE *stream, const ts_axis *x, const ts_axis *y, const double *values, double level);

#endif
