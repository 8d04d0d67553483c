#include "campaign/holding.h"

#include "base/fail.h"
#include "campaign/filling.h"
#include "io/netcdf/reader.h"
#include "io/text.h"
#include "model/grid.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- parts of variables */

ts_filling_part ts_filling_cell(const ts_filling *of, const char *name, size_t observation, size_t cell) {
    ts_filling_part part = {.name = name};
    if (observation != TS_NO_OBSERVATION)
        ts_filling_along(&part, of->observation, observation, 1);
    part.count += of->axis_count;
    for (int k = of->axis_count, d = part.count; k-- > 0; cell /= of->length[k]) {
        part.dimensions[--d] = of->axis[k];
        part.start[d] = cell % of->length[k];
        part.length[d] = 1;
    }
    return part;
}

void ts_filling_along(ts_filling_part *part, int dimension, size_t start, size_t length) {
    part->dimensions[part->count] = dimension;
    part->start[part->count] = start;
    part->length[part->count++] = length;
}

ts_filling_part ts_filling_rows(const ts_filling *of, const char *name, size_t cell, size_t first, size_t count) {
    ts_filling_part part = ts_filling_cell(of, name, TS_NO_OBSERVATION, cell);
    ts_filling_along(&part, of->replicate, first, count);
    return part;
}

static ts_reader_part part_of(const ts_filling_part *part) {
    return (ts_reader_part){part->name, part->dimensions, part->start, part->length, part->count};
}

bool ts_filling_values(const ts_filling *of, const ts_filling_part *part, double *values) {
    const ts_reader_part whole = part_of(part);
    return ts_reader_part_values(of->reader, &whole, values);
}

bool ts_filling_whole(const ts_filling *of, const ts_filling_part *part, int64_t *values) {
    const ts_reader_part whole = part_of(part);
    return ts_reader_part_whole(of->reader, &whole, values);
}

bool ts_filling_bytes(const ts_filling *of, const ts_filling_part *part, int8_t *values) {
    const ts_reader_part whole = part_of(part);
    return ts_reader_part_bytes(of->reader, &whole, values);
}

void ts_filling_refuse(const ts_filling *of, const char *name, const char *reason) {
    ts_reader_damaged(of->reader, "variable", name, reason);
}

/* ---- is the file laid out as its configuration says? */

static void refuse_axis(ts_filling *of, const char *name) {
    ts_reader_damaged(of->reader, "axis", name, "is not that of its configuration");
}

/* The axes of the cells. */
static void find_axes(ts_filling *of) {
    const ts_settings *settings = &of->sweep->settings;
    ts_parameter parameter[TS_PARAMETER_COUNT];
    of->axis_count = (int)ts_reader_axes(of->reader, of->axis, parameter, of->length);
    int expected = 0;
    for (int p = 0; p < TS_PARAMETER_COUNT; p++)
        expected += settings->axis[p].count > 0;
    if (of->axis_count != expected)
        refuse_axis(of, ts_parameters[TS_PARAMETER_EPSILON].name);
    for (int k = 0; of->reader->status == TS_OK && k < of->axis_count; k++) {
        const ts_sweep_axis *axis = &settings->axis[parameter[k]];
        const char *name = ts_parameters[parameter[k]].name;
        double *values = ts_reader_values(of->reader, name, &of->axis[k], 1);
        if (values && (of->length[k] != axis->count || memcmp(values, axis->values, axis->count * sizeof *values) != 0))
            refuse_axis(of, name);
        free(values);
    }
}

/* A dimension that is to have this length. */
static void find_dimension(ts_filling *of, const char *name, size_t length, int *dimension) {
    if (ts_reader_dimension(of->reader, name, length, dimension) != length)
        refuse_axis(of, name);
}

static void find_dimensions(ts_filling *of) {
    const ts_settings *settings = &of->sweep->settings;
    find_axes(of);
    find_dimension(of, "loss_bin", ts_loss_bin_count(), &of->loss_bin);
    of->covered_count = ts_covered_count(settings);
    if (of->covered_count > 0)
        find_dimension(of, "covered", of->covered_count, &of->covered);
    if (settings->observe_count > 0)
        find_dimension(of, "observation", settings->observe_count, &of->observation);
    of->replicates = ts_reader_dimension(of->reader, "replicate", (size_t)settings->replicates, &of->replicate);
    of->neurons = settings->dimension * (size_t)ts_grid_largest(settings, TS_PARAMETER_NEURONS);
    if (settings->keep_trainings || settings->keep_states)
        find_dimension(of, "neuron", of->neurons, &of->neuron);
}

/* ---- the limits */

/* Counts over dimensions, none above `most`, into counts[count]. */
static bool read_counts(ts_filling *of, const char *name, const int *dimensions, int dimension_count, size_t count,
                        uint64_t most, uint64_t *counts) {
    int64_t *values = ts_reader_whole(of->reader, name, dimensions, dimension_count);
    for (size_t k = 0; values && k < count; k++) {
        if (values[k] < 0 || (uint64_t)values[k] > most)
            ts_filling_refuse(of, name, "found a number that it cannot be");
        counts[k] = (uint64_t)values[k];
    }
    free(values);
    return of->reader->status == TS_OK;
}

/* Do the trainings that ended as their limits add up to what the file says? */
static void check_agreement(ts_filling *of) {
    const ts_limits *limits = &of->sweep->limits;
    const size_t cells = of->sweep->cell_count;
    int64_t *counts = ts_reader_whole(of->reader, "limit_agreement_count", of->axis, of->axis_count);
    for (size_t i = 0; counts && i < cells; i++) {
        const ts_limit_table *table = &limits->by_loss[i];
        if ((uint64_t)counts[i] != table->count[0][0] + table->count[1][1])
            ts_filling_refuse(of, "limit_agreement_count", "does not agree with the outcomes");
    }
    free(counts);
}

/* A run that was stopped before it knew all limits has no numbers of them. */
static void fill_limits(ts_filling *of) {
    ts_limits *limits = &of->sweep->limits;
    const size_t columns = limits->columns, cells = of->sweep->cell_count;
    const int *neurons = &of->axis[TS_PARAMETER_NEURONS];
    const uint64_t starts = ts_limits_starts(&of->sweep->settings);
    uint64_t *known = calloc(columns, sizeof *known);
    if (!known)
        ts_reader_no_memory(of->reader);
    else if (read_counts(of, "limit_trainings", neurons, 1, columns, starts, known) && known[0] != 0) {
        for (size_t k = 0; k < columns; k++)
            if (known[k] != starts)
                ts_filling_refuse(of, "limit_trainings", "found a number that it cannot be");
        read_counts(of, "limit_success_count", neurons, 1, columns, starts, limits->success_count);
        read_counts(of, "limit_horizon_success_count", neurons, 1, columns, starts, limits->horizon_success_count);
        read_counts(of, "limit_end_success_count", of->axis, of->axis_count, cells, starts, limits->end_success_count);
        limits->starts = starts;
    }
    free(known);
    ts_sweep_settle(of->sweep);
    if (of->reader->status == TS_OK && limits->starts > 0)
        check_agreement(of);
}

/* ---- all of it */

static uint64_t count_trainings(const ts_sweep *sweep) {
    uint64_t trainings = 0;
    for (size_t i = 0; i < sweep->cell_count; i++)
        for (int k = 0; k < 3; k++)
            trainings += sweep->results.statistics[i].outcome_count[k];
    return trainings;
}

static void fill(ts_holding *holding, ts_reader *reader) {
    ts_sweep *sweep = holding->sweep;
    ts_filling of = {.reader = reader, .sweep = sweep};
    if (reader->status == TS_OK &&
        !(ts_reader_has_variable(reader, "outcome") && ts_reader_has_variable(reader, "training_steps")))
        reader->status = ts_fail(reader->error, TS_INVALID, "",
                                 "%s does not tell how each of its trainings ended, and after how many steps: it is "
                                 "older than that, and has to be made anew",
                                 ts_text_path(reader->path));
    find_dimensions(&of);
    if (reader->status == TS_OK)
        reader->status = ts_sweep_prepare(sweep, reader->error);
    if (reader->status != TS_OK || !ts_filling_sums(&of))
        return;
    if (sweep->results.kept || sweep->results.state)
        (void)ts_filling_ends(&of);
    if (sweep->settings.theory)
        fill_limits(&of);
    holding->trainings = count_trainings(sweep);
}

/* A configuration that this program does not take was not written by it. */
static void lay_out(ts_holding *holding, ts_reader *reader) {
    ts_error error = {0};
    char *text = ts_reader_string(reader, "configuration");
    ts_status status = TS_OK;
    if (text)
        status = ts_config_load_text(&holding->config, "its configuration", text, strlen(text), NULL, 0, &error);
    if (text && status == TS_OK)
        status = ts_sweep_create(&holding->sweep, &holding->config.settings, &error);
    if (status == TS_INVALID)
        ts_reader_damaged(reader, "attribute", "configuration", error.message);
    else if (status != TS_OK)
        ts_reader_no_memory(reader);
    free(text);
    if (reader->status == TS_OK)
        holding->sweep->arithmetic =
            ts_making_has(holding->making.backend, ts_backend_reference.name) ? TS_FLOAT64 : TS_FIXED_POINT;
}

static void read_all(ts_holding *holding, ts_reader *reader) {
    free(ts_reader_string(reader, "timescape_version"));
    if (ts_reader_has_dimension(reader, "training"))
        reader->status = ts_fail(reader->error, TS_INVALID, "",
                                 "%s is a trace; trainings are taken from results of runs", ts_text_path(reader->path));
    if (ts_reader_has(reader, "arithmetic_version"))
        holding->arithmetic_version = ts_reader_count(reader, "arithmetic_version");
    if (!ts_making_read(&holding->making, reader) || holding->arithmetic_version != TS_ARITHMETIC_VERSION)
        return;
    lay_out(holding, reader);
    if (reader->status == TS_OK)
        fill(holding, reader);
}

ts_status ts_holding_read(ts_holding *holding, const char *path, ts_error *error) {
    ts_reader reader;
    *holding = (ts_holding){0};
    const ts_status status = ts_reader_open(&reader, path, error);
    if (status != TS_OK)
        return status;
    read_all(holding, &reader);
    ts_reader_close(&reader);
    if (reader.status != TS_OK)
        ts_holding_free(holding);
    return reader.status;
}

void ts_holding_free(ts_holding *holding) {
    ts_sweep_destroy(holding->sweep);
    ts_config_free(&holding->config);
    ts_making_free(&holding->making);
    *holding = (ts_holding){0};
}
