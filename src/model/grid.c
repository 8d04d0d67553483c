#include "model/grid.h"

#include <math.h>
#include <string.h>

/* Share by which a value may differ that was rounded for typing, or read off a picture. */
#define SAME_VALUE 0.01

const ts_parameter_row ts_parameters[TS_PARAMETER_COUNT] = {
    [TS_PARAMETER_EPSILON] = {.name = "epsilon",
                              .axis_key = "sweep.epsilon",
                              .symbol = "ε",
                              .title = "stepsize ratio ε (inner/outer)",
                              .long_name = "stepsize ratio of the inner to the outer layer"},
    [TS_PARAMETER_NEURONS] = {.name = "neurons",
                              .axis_key = "sweep.neurons",
                              .is_whole = true,
                              .symbol = "m",
                              .title = "neurons m",
                              .long_name = "number of neurons m"},
    [TS_PARAMETER_H] = {.name = "h",
                        .axis_key = "sweep.h",
                        .key = "sgd.h",
                        .offset = offsetof(ts_settings, h),
                        .symbol = "h",
                        .title = "stepsize h",
                        .long_name = "stepsize h of the outer layer"},
    [TS_PARAMETER_NOISE] = {.name = "noise",
                            .axis_key = "sweep.noise",
                            .key = "sgd.noise",
                            .offset = offsetof(ts_settings, noise),
                            .symbol = "s",
                            .title = "label noise s",
                            .long_name = "half-width s of the uniform label noise"},
    [TS_PARAMETER_ETA] = {.name = "eta",
                          .axis_key = "sweep.eta",
                          .key = "network.eta",
                          .offset = offsetof(ts_settings, eta),
                          .symbol = "η",
                          .title = "width η of a neuron",
                          .long_name = "width eta of the transition of a neuron"},
};

int ts_parameter_find(const char *name) {
    for (int p = 0; p < TS_PARAMETER_COUNT; p++)
        if (strcmp(ts_parameters[p].name, name) == 0)
            return p;
    return -1;
}

static double *value_for_all(const ts_settings *settings, ts_parameter parameter) {
    return (double *)(void *)((char *)settings + ts_parameters[parameter].offset);
}

size_t ts_grid_length(const ts_settings *settings, ts_parameter parameter) {
    const size_t count = settings->axis[parameter].count;
    return count == 0 && ts_parameters[parameter].key ? 1 : count;
}

double ts_grid_value(const ts_settings *settings, ts_parameter parameter, size_t i) {
    const ts_sweep_axis *axis = &settings->axis[parameter];
    return axis->count > 0 ? axis->values[i] : *value_for_all(settings, parameter);
}

double ts_grid_largest(const ts_settings *settings, ts_parameter parameter) {
    return ts_grid_value(settings, parameter, ts_grid_length(settings, parameter) - 1);
}

bool ts_grid_find(ts_parameter parameter, const double *values, size_t count, double value, size_t *place) {
    *place = 0;
    for (size_t i = 1; i < count; i++)
        if (fabs(values[i] - value) < fabs(values[*place] - value))
            *place = i;
    const double found = values[*place], difference = fabs(found - value);
    return ts_parameters[parameter].is_whole ? difference == 0 : difference <= SAME_VALUE * fabs(found);
}

size_t ts_grid_cells(const ts_settings *settings) {
    size_t cells = 1;
    for (int p = 0; p < TS_PARAMETER_COUNT; p++) {
        const size_t length = ts_grid_length(settings, (ts_parameter)p);
        if (length > 0 && cells > TS_MAX_CELLS / length)
            return SIZE_MAX;
        cells *= length;
    }
    return cells;
}

void ts_grid_place(const ts_settings *settings, size_t cell, size_t place[TS_PARAMETER_COUNT]) {
    for (int p = TS_PARAMETER_COUNT; p-- > 0;) {
        const size_t length = ts_grid_length(settings, (ts_parameter)p);
        place[p] = length > 1 ? cell % length : 0;
        cell = length > 1 ? cell / length : cell;
    }
}

size_t ts_grid_cell(const ts_settings *settings, const size_t place[TS_PARAMETER_COUNT]) {
    size_t cell = 0;
    for (int p = 0; p < TS_PARAMETER_COUNT; p++)
        cell = cell * ts_grid_length(settings, (ts_parameter)p) + place[p];
    return cell;
}

ts_settings ts_grid_settings(const ts_settings *settings, size_t cell) {
    size_t place[TS_PARAMETER_COUNT];
    ts_settings own = *settings;
    ts_grid_place(settings, cell, place);
    for (int p = 0; p < TS_PARAMETER_COUNT; p++) {
        const ts_parameter parameter = (ts_parameter)p;
        if (ts_parameters[p].key) {
            *value_for_all(&own, parameter) = ts_grid_value(settings, parameter, place[p]);
            own.axis[p] = (ts_sweep_axis){0};
        } else {
            own.axis[p] = (ts_sweep_axis){settings->axis[p].values + place[p], 1};
        }
    }
    return own;
}
