/* An axis of a picture: where the values of a coordinate stand, and where their cells end. */
#ifndef TS_IO_PICTURE_AXIS_H
#define TS_IO_PICTURE_AXIS_H

#include <stdbool.h>
#include <stddef.h>

/* Where values stand: at themselves, at their decimal logarithms, or one after the other, evenly, where cells to scale
 * could not be seen. These are the plotted coordinates. */
typedef enum ts_axis_scale { TS_AXIS_LINEAR, TS_AXIS_LOGARITHMIC, TS_AXIS_EVEN } ts_axis_scale;

typedef struct ts_axis {
    ts_axis_scale scale;
    size_t count;
    double *value;  /* [count] ascending */
    double *centre; /* [count] ascending, plotted coordinates */
    double *edge;   /* [count + 1]: cell k reaches from edge[k] to edge[k + 1], midpoints of neighbours */
} ts_axis;

/* `values` [count] are ascending, and positive for a logarithmic axis. Values that are too close to each other to be
 * told apart in print get a scale of their own, TS_AXIS_EVEN. False: no memory. */
bool ts_axis_build(ts_axis *axis, const double *values, size_t count, bool logarithmic);
void ts_axis_free(ts_axis *axis);

/* Where any value stands, also beyond the ends; of an even axis at the nearest end then. */
double ts_axis_place(const ts_axis *axis, double value);

double ts_axis_low(const ts_axis *axis);
double ts_axis_high(const ts_axis *axis);

/* Would `values` [count] be spread more evenly by their logarithm? False when they span less than a factor of 8. */
bool ts_axis_looks_geometric(const double *values, size_t count);

/* Make the range from *low to *high at least `least` high, and contain numbers that can be told apart in print. A range
 * that is empty or not finite becomes one about 0. */
void ts_axis_widen(double *low, double *high, double least);

#endif
