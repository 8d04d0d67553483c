#include "io/netcdf/caption.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_BINS 100000   /* of the loss */
#define MOST_COVERED 10000 /* numbers of covered jumps that are told apart */

/* A dimension and its coordinate variable, which must ascend and be positive. */
static double *read_axis(ts_reader *reader, const char *name, int *dimension, size_t *count) {
    *count = ts_reader_dimension(reader, name, TS_MAX_CELLS, dimension);
    double *values = ts_reader_values(reader, name, dimension, 1);
    for (size_t at = 0; reader->status == TS_OK && at < *count; at++)
        if (!(values[at] > (at > 0 ? values[at - 1] : 0) && isfinite(values[at])))
            ts_reader_damaged(reader, "axis", name, "not positive and ascending");
    return values;
}

/* What a file may be without: it has all of a group or nothing. */
typedef enum array_group { OF_ALL, OF_LIMIT, OF_POSITIONS } array_group;

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

/* Trainings by their covered jumps, over the dimensions of the grid [2]. */
static void read_covered(ts_reader *reader, ts_result *result, const int *grid) {
    int dimensions[3] = {grid[0], grid[1]};
    result->covered_count = ts_reader_dimension(reader, "covered", MOST_COVERED, &dimensions[2]);
    result->covered = ts_reader_values(reader, "covered", &dimensions[2], 1);
    result->covered_jumps = ts_reader_values(reader, "covered_jumps", dimensions, 3);
}

static void read_grid(ts_reader *reader, ts_result *result) {
    int dimensions[2], bins;
    result->epsilon = read_axis(reader, "epsilon", &dimensions[0], &result->epsilon_count);
    result->neurons = read_axis(reader, "neurons", &dimensions[1], &result->neurons_count);
    result->bin_count = ts_reader_dimension(reader, "loss_bin", MOST_BINS, &bins);
    if (result->epsilon_count * result->neurons_count > TS_MAX_CELLS)
        ts_reader_damaged(reader, "axis", "epsilon", "too many cells");
    const bool has_limit = ts_reader_has_variable(reader, "limit_agreement");
    const bool has_positions = ts_reader_has_variable(reader, "position_success_count");
    const bool has[] = {[OF_ALL] = true, [OF_LIMIT] = has_limit, [OF_POSITIONS] = has_positions};
    for (size_t k = 0; k < ARRAY_COUNT; k++)
        if (has[arrays[k].group])
            *array(result, k) = ts_reader_values(reader, arrays[k].name, dimensions + arrays[k].is_by_neurons,
                                                 arrays[k].is_by_neurons ? 1 : 2);
    if (has_positions)
        read_covered(reader, result, dimensions);
    if (has_limit && ts_reader_has(reader, "limit_slow_time"))
        result->limit_slow_time = ts_reader_number(reader, "limit_slow_time");
}

static void read_attributes(ts_reader *reader, ts_result *result) {
    result->title = ts_reader_string(reader, "title");
    result->configuration = ts_reader_string(reader, "configuration");
    result->loss_floor = ts_reader_number(reader, "loss_floor");
    result->target_variance = ts_reader_number(reader, "target_variance");
    result->unexplained_variance = ts_reader_number(reader, "unexplained_variance");
    result->replicates = ts_reader_number(reader, "replicates");
    result->complete = ts_reader_number(reader, "complete") != 0;
    char *source = ts_reader_string(reader, "quantile_source");
    result->exact_quantiles = source && strcmp(source, "trainings") == 0;
    free(source);
    char trainings[64];
    snprintf(trainings, sizeof trainings, "%.0f trainings a cell", result->replicates);
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
    free(result->covered);
    free(result->covered_jumps);
    free(result->epsilon);
    free(result->neurons);
    free(result->title);
    free(result->configuration);
    free(result->caption);
    *result = (ts_result){0};
}
