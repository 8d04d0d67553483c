/* The ticks of an axis. Whatever its range, there are not many of them; the labels differ, and stand apart. */
#ifndef TS_IO_PICTURE_TICKS_H
#define TS_IO_PICTURE_TICKS_H

#include "io/picture/axis.h"

#include <stdio.h>

#define TS_MOST_TICKS 128

typedef struct ts_tick {
    double at;      /* plotted coordinate */
    bool is_small;  /* without a label */
    char label[32]; /* for gnuplot's enhanced text */
    double width;   /* of the label, points */
} ts_tick;

typedef struct ts_ticks {
    size_t count;
    ts_tick item[TS_MOST_TICKS];
} ts_ticks;

/* What room labels have. */
typedef struct ts_tick_room {
    double gap;    /* between two of them at least, as a share of the axis */
    double length; /* of the axis in points where labels stand side by side; 0: they stand one above the other */
    double before, behind; /* points for labels beyond its two ends */
} ts_tick_room;

/* At the values of the axis themselves. */
void ts_ticks_values(ts_ticks *ticks, const ts_axis *axis, ts_tick_room room);

/* Of a logarithmic axis from `low` to `high` (plotted coordinates): powers of ten, or rounder steps where there are
 * less than two of those. */
void ts_ticks_logarithmic(ts_ticks *ticks, double low, double high, ts_tick_room room);

/* At round values of the linear axis from `low` to `high`. */
void ts_ticks_linear(ts_ticks *ticks, double low, double high, ts_tick_room room);

/* Of a positive parameter such as the stepsize ratio: logarithmic, or its values where there is one only, they are too
 * close for round numbers, or the axis is not logarithmic. */
void ts_ticks_ratio(ts_ticks *ticks, const ts_axis *axis, ts_tick_room room);

/* Points that the widest label takes. */
double ts_ticks_width(const ts_ticks *ticks);

/* gnuplot commands for the ticks of the axis `name` ("x", "x2", "y", ...). */
void ts_ticks_print(FILE *script, const char *name, const ts_ticks *ticks);

#endif
