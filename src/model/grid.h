/* The grid that the axes of a sweep span: its cells are all combinations of their values, row-major in the order of
 * ts_parameter. A parameter without an axis has one value, that of the settings. */
#ifndef TS_MODEL_GRID_H
#define TS_MODEL_GRID_H

#include <timescape.h>

/* What is to be known of a parameter: a row of grid.c each. */
typedef struct ts_parameter_row {
    const char *name;      /* of the axis: dimension of a result, word of an option */
    const char *axis_key;  /* dotted configuration key of the axis */
    const char *key;       /* dotted configuration key of a value for all cells; NULL: it always has an axis */
    size_t offset;         /* of that value, a double, in ts_settings */
    bool is_whole;         /* are its values whole numbers? */
    const char *symbol;    /* in pictures */
    const char *title;     /* of an axis of a picture */
    const char *long_name; /* in result files */
} ts_parameter_row;

extern const ts_parameter_row ts_parameters[TS_PARAMETER_COUNT];

/* The parameter of that name; -1: there is none. */
int ts_parameter_find(const char *name);

/* How many values a parameter has, the i-th of them, and the largest. */
size_t ts_grid_length(const ts_settings *settings, ts_parameter parameter);
double ts_grid_value(const ts_settings *settings, ts_parameter parameter, size_t i);
double ts_grid_largest(const ts_settings *settings, ts_parameter parameter);

/* The place of the value nearest to `value` among `values` [count], at least one. False when it is not meant: it
 * differs by more than a rounding for typing, or at all where values are whole numbers. */
bool ts_grid_find(ts_parameter parameter, const double *values, size_t count, double value, size_t *place);

/* Number of cells; SIZE_MAX when it is above TS_MAX_CELLS. */
size_t ts_grid_cells(const ts_settings *settings);

/* From the number of a cell to its place on each axis, and back. */
void ts_grid_place(const ts_settings *settings, size_t cell, size_t place[TS_PARAMETER_COUNT]);
size_t ts_grid_cell(const ts_settings *settings, const size_t place[TS_PARAMETER_COUNT]);

/* Settings of a sweep of this cell alone: axes of one value for epsilon and neurons, which lie in those of `settings`,
 * and no others. */
ts_settings ts_grid_settings(const ts_settings *settings, size_t cell);

#endif
