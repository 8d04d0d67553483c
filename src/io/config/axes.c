#include "io/config/axes.h"

#include "base/words.h"
#include "model/grid.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One axis of the grid, or of observations, on its way from the file into the settings. */
typedef struct grid_axis {
    const char *key;
    ts_document *document;
    uint64_t most;             /* values */
    const yaml_node_t *values; /* the list; NULL: a range */
    bool is_log;
    double from, to; /* of the range */
    uint64_t count;
} grid_axis;

static void write_key(char *to, size_t size, const grid_axis *axis, const char *last) {
    snprintf(to, size, "%s%s%s", axis->key, axis->values ? "" : axis->is_log ? ".log" : ".linear", last);
}

/* "found VALUE, allowed is ..." for a value of the axis. */
static ts_status refuse(const grid_axis *axis, const char *last, ts_error *error, const char *allowed) {
    char key[sizeof error->key];
    write_key(key, sizeof key, axis, last);
    return ts_document_refuse_value(axis->document, key, error, "allowed is %s", allowed);
}

static const char *text_of(const grid_axis *axis, const char *last) {
    char key[sizeof((ts_error *)0)->key];
    write_key(key, sizeof key, axis, last);
    return (const char *)ts_document_find(axis->document, key)->data.scalar.value;
}

static ts_status read_range(grid_axis *axis, ts_error *error) {
    char allowed[96];
    axis->from = strtod(text_of(axis, ".from"), NULL);
    axis->to = strtod(text_of(axis, ".to"), NULL);
    axis->count = strtoull(text_of(axis, ".count"), NULL, 10);
    if (axis->is_log && !(axis->from > 0))
        return refuse(axis, ".from", error, "a number above 0 on a log axis");
    if (!(axis->to >= axis->from)) {
        snprintf(allowed, sizeof allowed, "a number above from, which is %.15g", axis->from);
        return refuse(axis, ".to", error, allowed);
    }
    const bool is_point = axis->from == axis->to;
    if (is_point ? axis->count == 1 : axis->count >= 2 && axis->count <= axis->most)
        return TS_OK;
    snprintf(allowed, sizeof allowed, "2 to %llu where to is above from", (unsigned long long)axis->most);
    return refuse(axis, ".count", error, is_point ? "1 where from equals to" : allowed);
}

static const yaml_node_t *find(const grid_axis *axis, const char *kind) {
    char key[sizeof((ts_error *)0)->key];
    snprintf(key, sizeof key, "%s.%s", axis->key, kind);
    return ts_document_find(axis->document, key);
}

/* Find out which of the three kinds an axis is, and how many values it has, before anything is allocated. */
static ts_status measure_axis(grid_axis *axis, ts_error *error) {
    const bool has_values = find(axis, "values"), has_linear = find(axis, "linear");
    axis->values = find(axis, "values");
    axis->is_log = find(axis, "log");
    const int kinds = has_values + axis->is_log + has_linear;
    if (kinds == 0)
        return ts_document_refuse_key(axis->document, axis->key, error,
                                      "found none of values, log and linear, allowed is exactly one");
    if (kinds > 1) {
        char hint[160] = "";
        if (ts_document_is_assigned(axis->document, axis->key))
            snprintf(hint, sizeof hint, " (replace the whole axis, as in --set '%s={values: [...]}')", axis->key);
        return ts_document_refuse_key(axis->document, axis->key, error,
                                      "found %d of values, log and linear, allowed is exactly one%s", kinds, hint);
    }
    if (!axis->values)
        return read_range(axis, error);
    axis->count = (uint64_t)(axis->values->data.sequence.items.top - axis->values->data.sequence.items.start);
    return TS_OK;
}

/* The ends of a range are exact. The others are rounded to 15 significant digits, so that 1e-4 to 1 in five steps gives
 * the numbers that are written 1e-3, 1e-2 and 0.1, and every value can be written down and read again. */
static double range_value(const grid_axis *axis, size_t i) {
    if (i == 0 || i == axis->count - 1)
        return i == 0 ? axis->from : axis->to;
    const long double from = axis->from, to = axis->to, part = (long double)i / (long double)(axis->count - 1);
    const long double value = axis->is_log ? from * powl(to / from, part) : from + (to - from) * part;
    char digits[64];
    snprintf(digits, sizeof digits, "%.15Lg", value);
    return strtod(digits, NULL);
}

static double axis_value(const grid_axis *axis, size_t i) {
    if (!axis->values)
        return range_value(axis, i);
    const int number = axis->values->data.sequence.items.start[i];
    return strtod((const char *)yaml_document_get_node(&axis->document->yaml, number)->data.scalar.value, NULL);
}

static bool is_count(double value, double least, double most) {
    return value >= least && value <= most && value == floor(value);
}

/* Values of the list, or ends of the range, that are no whole numbers from `least` to `most`. */
static ts_status check_counts(const grid_axis *axis, double least, double most, ts_error *error) {
    char wrong[32] = "", allowed[96];
    for (size_t i = 0; axis->values && wrong[0] == '\0' && i < axis->count; i++)
        if (!is_count(axis_value(axis, i), least, most))
            snprintf(wrong, sizeof wrong, ".values[%zu]", i);
    if (!axis->values && !is_count(axis->from, least, most))
        strcpy(wrong, ".from");
    else if (!axis->values && !is_count(axis->to, least, most))
        strcpy(wrong, ".to");
    snprintf(allowed, sizeof allowed, "a whole number from %.0f to %.0f", least, most);
    return wrong[0] == '\0' ? TS_OK : refuse(axis, wrong, error, allowed);
}

/* A range of whole numbers is rounded to them. */
static ts_status fill_axis(ts_sweep_axis *filled, const grid_axis *axis, bool is_whole, ts_error *error) {
    double *values = malloc(axis->count * sizeof *values);
    if (!values)
        return ts_yaml_no_memory(error);
    *filled = (ts_sweep_axis){values, axis->count};
    for (size_t i = 0; i < axis->count; i++) {
        values[i] = is_whole ? round(axis_value(axis, i)) : axis_value(axis, i);
        if (!axis->values && is_whole && i > 0 && values[i] == values[i - 1]) {
            char allowed[96];
            snprintf(allowed, sizeof allowed, "a count at which all rounded values differ (%.0f comes twice)",
                     values[i]);
            return refuse(axis, ".count", error, allowed);
        }
    }
    return TS_OK;
}

static ts_status check_cells(ts_document *document, const grid_axis axes[TS_PARAMETER_COUNT], ts_error *error) {
    char product[128] = "";
    double cells = 1;
    for (int p = 0; p < TS_PARAMETER_COUNT; p++) {
        const size_t length = strlen(product);
        if (axes[p].count == 0)
            continue;
        snprintf(product + length, sizeof product - length, "%s%llu", length > 0 ? " x " : "",
                 (unsigned long long)axes[p].count);
        cells *= (double)axes[p].count;
    }
    if (cells <= TS_MAX_CELLS)
        return TS_OK;
    return ts_document_refuse_key(document, "sweep", error, "found %s = %.0f cells, allowed are at most %d", product,
                                  cells, TS_MAX_CELLS);
}

ts_status ts_config_fill_axes(ts_settings *settings, ts_document *document, ts_error *error) {
    grid_axis axes[TS_PARAMETER_COUNT] = {{.count = 0}};
    ts_status status = TS_OK;
    for (int p = 0; status == TS_OK && p < TS_PARAMETER_COUNT; p++) {
        axes[p] = (grid_axis){.key = ts_parameters[p].axis_key, .document = document, .most = TS_MAX_CELLS};
        if (!ts_document_find(document, axes[p].key))
            continue;
        status = measure_axis(&axes[p], error);
        if (status == TS_OK && ts_parameters[p].is_whole)
            status = check_counts(&axes[p], 1, TS_MAX_NEURONS, error);
    }
    if (status == TS_OK)
        status = check_cells(document, axes, error);
    for (int p = 0; status == TS_OK && p < TS_PARAMETER_COUNT; p++)
        if (axes[p].count > 0)
            status = fill_axis(&settings->axis[p], &axes[p], ts_parameters[p].is_whole, error);
    return status;
}

/* Which of the three clocks is given. */
static ts_status choose_clock(ts_document *document, ts_clock *clock, ts_error *error) {
    char key[64];
    int found = 0;
    for (int i = 0; ts_words_clock[i]; i++) {
        snprintf(key, sizeof key, "observe.%s", ts_words_clock[i]);
        if (ts_document_find(document, key)) {
            *clock = (ts_clock)i;
            found++;
        }
    }
    if (found == 1)
        return TS_OK;
    if (found == 0)
        return ts_document_refuse_key(document, "observe", error,
                                      "found none of slow_time, fast_time and steps, allowed is exactly one");
    return ts_document_refuse_key(
        document, "observe", error, "found %d of slow_time, fast_time and steps, allowed is exactly one%s", found,
        ts_document_is_assigned(document, "observe") ? " (replace them all, as in --set 'observe={slow_time: ...}')"
                                                     : "");
}

ts_status ts_config_fill_observations(ts_settings *settings, ts_document *document, ts_error *error) {
    if (!ts_document_find(document, "observe"))
        return TS_OK;
    ts_status status = choose_clock(document, &settings->observe_clock, error);
    if (status != TS_OK)
        return status;
    const bool of_steps = settings->observe_clock == TS_CLOCK_STEPS;
    char key[64];
    snprintf(key, sizeof key, "observe.%s", ts_words_clock[settings->observe_clock]);
    grid_axis axis = {.key = key, .document = document, .most = TS_MAX_OBSERVATIONS};
    ts_sweep_axis times = {0};
    status = measure_axis(&axis, error);
    if (status == TS_OK && of_steps)
        status = check_counts(&axis, 0, TS_MAX_STEPS, error);
    if (status == TS_OK)
        status = fill_axis(&times, &axis, of_steps, error);
    settings->observe = times.values;
    settings->observe_count = times.count;
    return status;
}
