/* The losses that a plot of losses marks with a line: the floor, and the largest one that is a success. */
#ifndef TS_IO_PICTURE_LEVELS_H
#define TS_IO_PICTURE_LEVELS_H

#include "io/picture/page.h"

typedef struct ts_levels {
    double floor, success; /* decimal logarithms; NaN: there is no such line */
    char floor_name[64], success_name[64];
} ts_levels;

/* Without transitions or jumps a loss of 0 can be reached, and there is no floor. */
ts_levels ts_levels_of(double loss_floor, double success_loss);

/* Points right of the plot for the names. */
double ts_levels_beside(const ts_levels *levels);

/* The lines across a plot from `low` to `high` (decimal logarithms), with their names beside it. */
void ts_levels_print(FILE *script, const ts_page *page, const ts_levels *levels, double low, double high);

#endif
