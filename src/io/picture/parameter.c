#include "io/picture/parameter.h"

#include "io/text.h"
#include "model/grid.h"

#include <stdio.h>

bool ts_picture_axis(ts_axis *axis, const ts_result_axis *values) {
    const bool logarithmic = values->values[0] > 0 && (values->parameter == TS_PARAMETER_EPSILON ||
                                                       ts_axis_looks_geometric(values->values, values->count));
    return ts_axis_build(axis, values->values, values->count, logarithmic);
}

void ts_picture_ticks(ts_ticks *ticks, const ts_axis *axis, const ts_result_axis *values, ts_tick_room room) {
    if (ts_parameters[values->parameter].is_whole)
        ts_ticks_values(ticks, axis, room);
    else
        ts_ticks_ratio(ticks, axis, room);
}

void ts_picture_axis_title(char *text, size_t size, const ts_axis *axis, const ts_result_axis *values) {
    snprintf(text, size, "%s%s", ts_parameters[values->parameter].title,
             axis->scale == TS_AXIS_EVEN ? ", evenly spaced" : "");
}

void ts_picture_value_text(char *text, size_t size, const ts_result_axis *values, size_t i, int digits, bool ascii) {
    const ts_parameter_row *row = &ts_parameters[values->parameter];
    char number[32];
    ts_text_number(number, sizeof number, values->values[i], digits);
    snprintf(text, size, "%s = %s", ascii && !row->is_whole ? row->name : row->symbol, number);
}
