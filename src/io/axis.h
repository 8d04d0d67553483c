/* An axis of a picture: where the values of a coordinate stand, where their cells end, and which ticks are labelled. */
#ifndef TS_IO_AXIS_H
#define TS_IO_AXIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Everything is in plotted coordinates: the value itself, or its decimal logarithm. */
typedef struct ts_axis {
    bool logarithmic;
    size_t count;
    double *centre; /* [count] ascending */
    double *edge;   /* [count + 1]: cell k reaches from edge[k] to edge[k + 1], midpoints of neighbours */
} ts_axis;

/* `values` [count] are ascending, and positive for a logarithmic axis. False: no memory. */
bool ts_axis_build(ts_axis *axis, const double *values, size_t count, bool logarithmic);
void ts_axis_free(ts_axis *axis);

double ts_axis_low(const ts_axis *axis);
double ts_axis_high(const ts_axis *axis);

/* Would `values` [count] be spread more evenly by their logarithm? False when they span less than a factor of 8. */
bool ts_axis_looks_geometric(const double *values, size_t count);

/* gnuplot commands for the ticks of the axis `name` ("x" or "y") at the values themselves; labels stand at least `gap`
 * apart, as a share of the axis. */
void ts_axis_print_value_ticks(FILE *script, const char *name, const ts_axis *axis, double gap);

/* gnuplot commands for the ticks of a logarithmic axis from `low` to `high` (plotted coordinates): powers of ten, or
 * rounder steps where there are less than two of those. */
void ts_axis_print_log_ticks(FILE *script, const char *name, double low, double high, double gap);

/* gnuplot commands for ticks at round values of the linear axis `name` ("x", "x2", ...) from `low` to `high`; labels
 * stand at least `gap` apart, as a share of the axis. */
void ts_axis_print_linear_ticks(FILE *script, const char *name, double low, double high, double gap);

/* The ticks of a stepsize ratio on the x axis: the latter, or the value itself where there is one only. */
void ts_axis_print_epsilon_ticks(FILE *script, const ts_axis *axis);

#endif
