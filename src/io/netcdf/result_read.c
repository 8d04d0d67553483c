#include "io/netcdf/caption.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_BINS 100000 /* of the loss */

/* A dimension and its coordinate variable, which must ascend and be positive. */
static double *read_axis(ts_reader *reader, const char *name, int *dimension, size_t *count) {
    *count = ts_reader_dimension(reader, name, TS_MAX_CELLS, dimension);
    double *values = ts_reader_values(reader, name, dimension, 1);
    for (size_t at = 0; reader->status == TS_OK && at < *count; at++)
        if (!(values[at] > (at > 0 ? values[at - 1] : 0) && isfinite(values[at])))
            ts_reader_damaged(reader, "axis", name, "not positive and ascending");
    return values;
}

/* Files of sweeps without theory do not have these. */
static void read_limits(ts_reader *reader, ts_result *result, const int dimensions[2]) {
    if (!ts_reader_has_variable(reader, "limit_agreement"))
        return;
    result->limit_agreement = ts_reader_values(reader, "limit_agreement", dimensions, 2);
    result->limit_trainings = ts_reader_values(reader, "limit_trainings", &dimensions[1], 1);
    result->limit_success_rate = ts_reader_values(reader, "limit_success_rate", &dimensions[1], 1);
    result->limit_horizon_success_rate = ts_reader_values(reader, "limit_horizon_success_rate", &dimensions[1], 1);
    if (ts_reader_has(reader, "limit_slow_time"))
        result->limit_slow_time = ts_reader_number(reader, "limit_slow_time");
}

static void read_grid(ts_reader *reader, ts_result *result) {
    int dimensions[2], bins;
    result->epsilon = read_axis(reader, "epsilon", &dimensions[0], &result->epsilon_count);
    result->neurons = read_axis(reader, "neurons", &dimensions[1], &result->neurons_count);
    result->bin_count = ts_reader_dimension(reader, "loss_bin", MOST_BINS, &bins);
    size_t cells = result->epsilon_count * result->neurons_count;
    if (cells > TS_MAX_CELLS)
        ts_reader_damaged(reader, "axis", "epsilon", "too many cells");
    result->trainings = ts_reader_values(reader, "trainings", dimensions, 2);
    result->success_count = ts_reader_values(reader, "success_count", dimensions, 2);
    result->diverged_count = ts_reader_values(reader, "diverged_count", dimensions, 2);
    result->success_rate = ts_reader_values(reader, "success_rate", dimensions, 2);
    result->success_low = ts_reader_values(reader, "success_low", dimensions, 2);
    result->success_high = ts_reader_values(reader, "success_high", dimensions, 2);
    result->loss_mean = ts_reader_values(reader, "loss_mean", dimensions, 2);
    result->loss_median = ts_reader_values(reader, "loss_median", dimensions, 2);
    result->loss_q05 = ts_reader_values(reader, "loss_q05", dimensions, 2);
    result->loss_q25 = ts_reader_values(reader, "loss_q25", dimensions, 2);
    result->loss_q75 = ts_reader_values(reader, "loss_q75", dimensions, 2);
    result->loss_q95 = ts_reader_values(reader, "loss_q95", dimensions, 2);
    read_limits(reader, result, dimensions);
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
    double *arrays[] = {result->epsilon,
                        result->neurons,
                        result->trainings,
                        result->success_count,
                        result->diverged_count,
                        result->success_rate,
                        result->success_low,
                        result->success_high,
                        result->loss_mean,
                        result->loss_median,
                        result->loss_q05,
                        result->loss_q25,
                        result->loss_q75,
                        result->loss_q95,
                        result->limit_trainings,
                        result->limit_success_rate,
                        result->limit_horizon_success_rate,
                        result->limit_agreement};
    for (size_t at = 0; at < sizeof arrays / sizeof arrays[0]; at++)
        free(arrays[at]);
    free(result->title);
    free(result->configuration);
    free(result->caption);
    *result = (ts_result){0};
}
