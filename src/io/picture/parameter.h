/* The axis of a parameter in a picture: its scale, ticks and words. Inside src/io only. */
#ifndef TS_IO_PICTURE_PARAMETER_H
#define TS_IO_PICTURE_PARAMETER_H

#include "io/netcdf/result.h"
#include "io/picture/ticks.h"

/* Logarithmic for epsilon, and for the others where that spreads the values more evenly. False: no memory. */
bool ts_picture_axis(ts_axis *axis, const ts_result_axis *values);

/* Ticks in such a room: at the values of whole numbers, else at round ones where these are far enough apart. */
void ts_picture_ticks(ts_ticks *ticks, const ts_axis *axis, const ts_result_axis *values, ts_tick_room room);

/* "stepsize h", and whether it is to scale. */
void ts_picture_axis_title(char *text, size_t size, const ts_axis *axis, const ts_result_axis *values);

/* "m = 20", with `digits` significant ones; in plain ASCII where `ascii`. */
void ts_picture_value_text(char *text, size_t size, const ts_result_axis *values, size_t i, int digits, bool ascii);

#endif
