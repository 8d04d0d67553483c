#include "base/fail.h"
#include "io/netcdf/caption.h"
#include "io/text.h"
#include "model/grid.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_BINS 100000   /* of the loss */
#define MOST_COVERED 10000 /* numbers of covered jumps that are told apart */

/* The values of an axis must ascend and be positive, or from 0 for the noise. */
static void check_axis(ts_reader *reader, const ts_result_axis *axis) {
    for (size_t at = 0; at < axis->count; at++) {
        const double value = axis->values[at];
        const bool is_free_of_noise = at == 0 && value == 0 && axis->parameter == TS_PARAMETER_NOISE;
        if (!((value > (at > 0 ? axis->values[at - 1] : 0) || is_free_of_noise) && isfinite(value)))
            ts_reader_damaged(reader, "axis", ts_parameters[axis->parameter].name, "not positive and ascending");
    }
}

/* What a file may be without: it has all of a group or nothing. */
typedef enum array_group { OF_ALL, OF_LIMIT, OF_CONTROLLED, OF_POSITIONS, OF_WORK } array_group;

/* The variables over cells, and those of the limit, which files of sweeps without theory do not have. */
static const struct {
    const char *name;
    size_t offset; /* of the array in ts_result */
    array_group group;
    bool is_by_neurons;
} arrays[] = {
#define ARRAY(name) #name, offsetof(ts_result, name)
    {ARRAY(trainings), OF_ALL, false},
    {ARRAY(success_count), OF_ALL, false},
    {ARRAY(diverged_count), OF_ALL, false},
    {ARRAY(steps), OF_ALL, false},
    {ARRAY(training_steps), OF_WORK, false},
    {ARRAY(success_rate), OF_ALL, false},
    {ARRAY(success_low), OF_ALL, false},
    {ARRAY(success_high), OF_ALL, false},
    {ARRAY(loss_mean), OF_ALL, false},
    {ARRAY(loss_median), OF_ALL, false},
    {ARRAY(loss_q05), OF_ALL, false},
    {ARRAY(loss_q25), OF_ALL, false},
    {ARRAY(loss_q75), OF_ALL, false},
    {ARRAY(loss_q95), OF_ALL, false},
    {ARRAY(limit_agreement), OF_LIMIT, false},
    {ARRAY(limit_trainings), OF_LIMIT, true},
    {ARRAY(limit_success_rate), OF_LIMIT, true},
    {ARRAY(limit_horizon_success_rate), OF_LIMIT, true},
    {ARRAY(success_rate_controlled), OF_CONTROLLED, false},
    {ARRAY(success_rate_controlled_low), OF_CONTROLLED, false},
    {ARRAY(success_rate_controlled_high), OF_CONTROLLED, false},
    {ARRAY(position_success_rate_controlled), OF_CONTROLLED, false},
    {ARRAY(position_success_rate_controlled_low), OF_CONTROLLED, false},
    {ARRAY(position_success_rate_controlled_high), OF_CONTROLLED, false},
    {ARRAY(position_success_count), OF_POSITIONS, false},
    {ARRAY(position_success_rate), OF_POSITIONS, false},
    {ARRAY(position_success_low), OF_POSITIONS, false},
    {ARRAY(position_success_high), OF_POSITIONS, false},
    {ARRAY(covered_failure_count), OF_POSITIONS, false},
#undef ARRAY
};

#define ARRAY_COUNT (sizeof arrays / sizeof arrays[0])

static double **array(ts_result *result, size_t k) {
    void *member = (char *)result + arrays[k].offset;
    return member;
}

/* Trainings by their covered jumps, over the dimensions of the cells. */
static void read_covered(ts_reader *reader, ts_result *result, const int *cells) {
    int dimensions[TS_PARAMETER_COUNT + 1] = {0};
    memcpy(dimensions, cells, result->axis_count * sizeof *cells);
    int *covered = &dimensions[result->axis_count];
    result->covered_count = ts_reader_dimension(reader, "covered", MOST_COVERED, covered);
    result->covered = ts_reader_values(reader, "covered", covered, 1);
    result->covered_jumps = ts_reader_values(reader, "covered_jumps", dimensions, (int)result->axis_count + 1);
}

static void read_axes(ts_reader *reader, ts_result *result, int dimensions[TS_PARAMETER_COUNT]) {
    ts_parameter parameter[TS_PARAMETER_COUNT];
    size_t length[TS_PARAMETER_COUNT];
    result->axis_count = ts_reader_axes(reader, dimensions, parameter, length);
    for (size_t k = 0; k < result->axis_count; k++) {
        double *values = ts_reader_values(reader, ts_parameters[parameter[k]].name, &dimensions[k], 1);
        result->axis[k] = (ts_result_axis){parameter[k], length[k], values};
        if (reader->status == TS_OK)
            check_axis(reader, &result->axis[k]);
    }
}

static void read_grid(ts_reader *reader, ts_result *result) {
    int dimensions[TS_PARAMETER_COUNT] = {0}, bins;
    read_axes(reader, result, dimensions);
    result->bin_count = ts_reader_dimension(reader, "loss_bin", MOST_BINS, &bins);
    const bool has_limit = ts_reader_has_variable(reader, "limit_agreement");
    const bool has_positions = ts_reader_has_variable(reader, "position_success_count");
    const bool has[] = {[OF_ALL] = true,
                        [OF_LIMIT] = has_limit,
                        [OF_CONTROLLED] = ts_reader_has_variable(reader, "success_rate_controlled"),
                        [OF_POSITIONS] = has_positions,
                        [OF_WORK] = ts_reader_has_variable(reader, "training_steps")};
    for (size_t k = 0; k < ARRAY_COUNT; k++)
        if (has[arrays[k].group])
            *array(result, k) = arrays[k].is_by_neurons
                                    ? ts_reader_values(reader, arrays[k].name, &dimensions[TS_PARAMETER_NEURONS], 1)
                                    : ts_reader_values(reader, arrays[k].name, dimensions, (int)result->axis_count);
    if (has_positions)
        read_covered(reader, result, dimensions);
    ts_reader_observations(reader, dimensions, (int)result->axis_count, &result->observations);
    if (has_limit && ts_reader_has(reader, "limit_slow_time"))
        result->limit_slow_time = ts_reader_number(reader, "limit_slow_time");
    for (size_t k = 0; k < result->axis_count; k++)
        if (result->axis[k].parameter == TS_PARAMETER_ETA)
            result->loss_floors = ts_reader_values(reader, "loss_floor", &dimensions[k], 1);
}

/* "100 trainings a cell", or what cells have that get as many as they need. */
static void tell_trainings(char *text, size_t size, ts_reader *reader, double most) {
    if (ts_reader_has(reader, "half_width"))
        snprintf(text, size, "%.0f to %.0f trainings a cell, for intervals of half width %g",
                 ts_reader_number(reader, "replicates_at_least"), most, ts_reader_number(reader, "half_width"));
    else
        snprintf(text, size, "%.0f trainings a cell", most);
}

static void read_attributes(ts_reader *reader, ts_result *result) {
    result->title = ts_reader_string(reader, "title");
    result->configuration = ts_reader_string(reader, "configuration");
    result->loss_floor = result->loss_floors ? NAN : ts_reader_number(reader, "loss_floor");
    result->target_variance = ts_reader_number(reader, "target_variance");
    result->unexplained_variance = ts_reader_number(reader, "unexplained_variance");
    result->stops = ts_reader_stops(reader);
    result->replicates = ts_reader_number(reader, "replicates");
    result->complete = ts_reader_number(reader, "complete") != 0;
    char *source = ts_reader_string(reader, "quantile_source");
    result->exact_quantiles = source && strcmp(source, "trainings") == 0;
    free(source);
    char trainings[96];
    tell_trainings(trainings, sizeof trainings, reader, result->replicates);
    result->caption = ts_reader_caption(reader, trainings);
}

ts_status ts_result_read(ts_result *result, const char *path, ts_error *error) {
    ts_reader reader;
    *result = (ts_result){.limit_slow_time = NAN};
    ts_status status = ts_reader_open(&reader, path, error);
    if (status != TS_OK)
        return status;
    free(ts_reader_string(&reader, "timescape_version"));
    read_grid(&reader, result);
    read_attributes(&reader, result);
    ts_reader_close(&reader);
    if (reader.status != TS_OK)
        ts_result_free(result);
    return reader.status;
}

void ts_result_free(ts_result *result) {
    for (size_t k = 0; k < ARRAY_COUNT; k++)
        free(*array(result, k));
    ts_result_observations_free(&result->observations);
    free(result->covered);
    free(result->covered_jumps);
    for (size_t k = 0; k < result->axis_count; k++)
        free(result->axis[k].values);
    free(result->loss_floors);
    free(result->title);
    free(result->configuration);
    free(result->caption);
    *result = (ts_result){0};
}

ts_result ts_result_at(const ts_result *result, size_t k) {
    const ts_result_observations *seen = &result->observations;
    const size_t first = k * ts_result_cells(result);
    ts_result at = *result;
#define OBSERVED(name) (at.name = seen->name ? seen->name + first : NULL)
    OBSERVED(steps);
    OBSERVED(success_count);
    OBSERVED(diverged_count);
    OBSERVED(success_rate);
    OBSERVED(success_low);
    OBSERVED(success_high);
    OBSERVED(loss_mean);
    OBSERVED(loss_median);
    OBSERVED(loss_q05);
    OBSERVED(loss_q25);
    OBSERVED(loss_q75);
    OBSERVED(loss_q95);
    OBSERVED(position_success_count);
    OBSERVED(position_success_rate);
    OBSERVED(position_success_low);
    OBSERVED(position_success_high);
    OBSERVED(covered_failure_count);
#undef OBSERVED
    for (size_t a = 0; a < ARRAY_COUNT; a++)
        if (arrays[a].group == OF_LIMIT || arrays[a].group == OF_CONTROLLED)
            *array(&at, a) = NULL;
    at.covered_jumps = NULL;
    at.training_steps = NULL;
    at.is_observed = true;
    at.exact_quantiles = false;
    return at;
}

size_t ts_result_cells(const ts_result *result) {
    size_t cells = 1;
    for (size_t k = 0; k < result->axis_count; k++)
        cells *= result->axis[k].count;
    return cells;
}

/* ---- a slice */

ts_slice ts_slice_default(void) {
    ts_slice slice = {.x = -1, .y = -1};
    for (int p = 0; p < TS_PARAMETER_COUNT; p++)
        slice.at[p] = NAN;
    return slice;
}

static const ts_result_axis *axis_of(const ts_result *result, int parameter) {
    for (size_t k = 0; k < result->axis_count; k++)
        if ((int)result->axis[k].parameter == parameter)
            return &result->axis[k];
    return NULL;
}

static ts_status require_axis(const ts_result *result, int parameter, const char *option, ts_error *error) {
    char names[96] = "";
    for (size_t k = 0; k < result->axis_count; k++) {
        const size_t length = strlen(names);
        snprintf(names + length, sizeof names - length, "%s%s", k > 0 ? ", " : "",
                 ts_parameters[result->axis[k].parameter].name);
    }
    if (axis_of(result, parameter))
        return TS_OK;
    return ts_fail(error, TS_INVALID, "", "%s: the result has no axis %s, it has %s", option,
                   ts_parameters[parameter].name, names);
}

/* Has an axis several values of which none was chosen? */
static bool is_open(const ts_result *result, const ts_slice *slice, int parameter) {
    const ts_result_axis *axis = axis_of(result, parameter);
    return axis && axis->count > 1 && isnan(slice->at[parameter]);
}

/* An axis to look at: `wanted` where it is open, else the first one that is and is neither of the two others. */
static int choose_axis(const ts_result *result, const ts_slice *slice, int wanted, int other, int left_alone) {
    if (wanted == other || !is_open(result, slice, wanted))
        for (int p = 0; p < TS_PARAMETER_COUNT; p++)
            if (p != other && p != left_alone && is_open(result, slice, p))
                return p;
    return wanted;
}

/* Choose the axes that are not given. With `has_row` one of y may have a value that is. */
static ts_status choose_axes(const ts_result *result, ts_slice *slice, bool has_row, ts_error *error) {
    ts_status status = slice->x >= 0 ? require_axis(result, slice->x, "--x", error) : TS_OK;
    if (status == TS_OK && slice->y >= 0)
        status = require_axis(result, slice->y, "--y", error);
    for (int p = 0; status == TS_OK && p < TS_PARAMETER_COUNT; p++)
        if (!isnan(slice->at[p]))
            status = require_axis(result, p, "--at", error);
    if (status != TS_OK)
        return status;
    const int across = slice->y == TS_PARAMETER_EPSILON ? TS_PARAMETER_NEURONS : TS_PARAMETER_EPSILON;
    if (slice->x < 0)
        slice->x = choose_axis(result, slice, across, slice->y, TS_PARAMETER_NEURONS);
    const int upright = slice->x == TS_PARAMETER_NEURONS ? TS_PARAMETER_EPSILON : TS_PARAMETER_NEURONS;
    if (slice->y < 0 && has_row && upright == TS_PARAMETER_NEURONS && !isnan(slice->at[upright]))
        slice->y = upright;
    if (slice->y < 0)
        slice->y = choose_axis(result, slice, upright, slice->x, slice->x);
    if (slice->x == slice->y)
        return ts_fail(error, TS_INVALID, "", "--x and --y: found %s twice, allowed are two axes",
                       ts_parameters[slice->x].name);
    return TS_OK;
}

static ts_status find_value(const ts_result_axis *axis, double value, size_t *place, ts_error *error) {
    const char *name = ts_parameters[axis->parameter].name;
    char found[32], nearest[32];
    if (ts_grid_find(axis->parameter, axis->values, axis->count, value, place))
        return TS_OK;
    ts_text_number(found, sizeof found, value, 10);
    ts_text_number(nearest, sizeof nearest, axis->values[*place], 10);
    return ts_fail(error, TS_INVALID, "", "--at: found %s=%s, the result has %zu value%s, the nearest is %s", name,
                   found, axis->count, axis->count == 1 ? "" : "s", nearest);
}

/* Where the slice lies on the axes that it does not have, and the row on y. */
static ts_status find_places(const ts_result *result, const ts_slice *slice, size_t place[TS_PARAMETER_COUNT],
                             size_t *row, ts_error *error) {
    ts_status status = TS_OK;
    for (size_t k = 0; status == TS_OK && k < result->axis_count; k++) {
        const ts_result_axis *axis = &result->axis[k];
        const int p = (int)axis->parameter;
        char low[32], high[32];
        if (row && p == slice->y) {
            *row = axis->count - 1;
            status = isnan(slice->at[p]) ? TS_OK : find_value(axis, slice->at[p], row, error);
        } else if (p == slice->x || p == slice->y) {
            if (!isnan(slice->at[p]))
                return ts_fail(error, TS_INVALID, "", "--at: found %s, which is an axis of the picture",
                               ts_parameters[p].name);
        } else if (is_open(result, slice, p) && !slice->at_first) {
            ts_text_number(low, sizeof low, axis->values[0], 6);
            ts_text_number(high, sizeof high, axis->values[axis->count - 1], 6);
            return ts_fail(error, TS_INVALID, "",
                           "the result has %zu values of %s from %s to %s: choose one with --at %s=%s", axis->count,
                           ts_parameters[p].name, low, high, ts_parameters[p].name, low);
        } else if (!isnan(slice->at[p])) {
            status = find_value(axis, slice->at[p], &place[k], error);
        }
    }
    return status;
}

/* From cell (i, j) of the slice to that of the result: `place` but for axes x and y. */
static size_t cell_of(const ts_result *result, const ts_slice *slice, const size_t place[TS_PARAMETER_COUNT], size_t i,
                      size_t j) {
    size_t cell = 0;
    for (size_t k = 0; k < result->axis_count; k++) {
        const int p = (int)result->axis[k].parameter;
        cell = cell * result->axis[k].count + (p == slice->x ? i : p == slice->y ? j : place[k]);
    }
    return cell;
}

/* Of an array over `before` x cells x `behind`. */
static bool take_cells(const ts_result *result, const ts_slice *slice, const size_t place[TS_PARAMETER_COUNT],
                       size_t before, size_t behind, double **values) {
    const size_t columns = axis_of(result, slice->y)->count, rows = axis_of(result, slice->x)->count;
    const size_t cells = ts_result_cells(result);
    double *taken = malloc(before * rows * columns * behind * sizeof *taken), *next = taken;
    for (size_t k = 0; taken && k < before; k++)
        for (size_t i = 0; i < rows; i++)
            for (size_t j = 0; j < columns; j++, next += behind)
                memcpy(next, *values + (k * cells + cell_of(result, slice, place, i, j)) * behind,
                       behind * sizeof *next);
    free(*values);
    *values = taken;
    return taken;
}

static bool take_all(ts_result *result, const ts_slice *slice, const size_t place[TS_PARAMETER_COUNT]) {
    bool enough = true;
    for (size_t k = 0; enough && k < ARRAY_COUNT; k++)
        if (*array(result, k) && !arrays[k].is_by_neurons)
            enough = take_cells(result, slice, place, 1, 1, array(result, k));
    if (enough && result->covered_jumps)
        enough = take_cells(result, slice, place, 1, result->covered_count, &result->covered_jumps);
    double **values;
    for (size_t k = 0; enough && (values = ts_result_observed(&result->observations, k)); k++)
        enough = take_cells(result, slice, place, result->observations.count, 1, values);
    return enough;
}

/* Where the slice lies: ", eta = 0.004, h = 0.001". The loss floor is that of its eta. */
static bool tell_place(ts_result *result, const ts_slice *slice, const size_t place[TS_PARAMETER_COUNT]) {
    char text[160] = "", *caption;
    for (size_t k = 0; k < result->axis_count; k++) {
        const ts_result_axis *axis = &result->axis[k];
        const size_t length = strlen(text);
        char number[32];
        if ((int)axis->parameter == slice->x || (int)axis->parameter == slice->y)
            continue;
        ts_text_number(number, sizeof number, axis->values[place[k]], 6);
        snprintf(text + length, sizeof text - length, "%s%s = %s", length > 0 ? ", " : "",
                 ts_parameters[axis->parameter].name, number);
        if (axis->parameter == TS_PARAMETER_ETA)
            result->loss_floor = result->loss_floors[place[k]];
    }
    if (!text[0])
        return true;
    if (asprintf(&caption, "at %s; %s", text, result->caption ? result->caption : "") < 0)
        return false;
    free(result->caption);
    result->caption = caption;
    return true;
}

ts_status ts_slice_resolve(ts_slice *slice, const ts_result *result, ts_error *error) {
    size_t unused[TS_PARAMETER_COUNT];
    const ts_status status = choose_axes(result, slice, false, error);
    return status == TS_OK ? find_places(result, slice, unused, NULL, error) : status;
}

ts_status ts_result_slice(ts_result *result, const ts_slice *wanted, size_t *row, ts_error *error) {
    ts_slice slice = *wanted;
    size_t place[TS_PARAMETER_COUNT] = {0};
    ts_status status = choose_axes(result, &slice, row, error);
    if (status == TS_OK)
        status = find_places(result, &slice, place, row, error);
    if (status != TS_OK)
        return status;
    if (!tell_place(result, &slice, place) || !take_all(result, &slice, place))
        return ts_fail(error, TS_FAILED, "", "not enough memory for a slice of the result");
    ts_result_axis x = *axis_of(result, slice.x), y = *axis_of(result, slice.y);
    for (size_t k = 0; k < result->axis_count; k++)
        if (result->axis[k].values != x.values && result->axis[k].values != y.values)
            free(result->axis[k].values);
    result->axis[0] = x;
    result->axis[1] = y;
    result->axis_count = 2;
    return TS_OK;
}
