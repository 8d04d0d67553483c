#include "io/netcdf/caption.h"
#include "io/netcdf/recording.h"
#include "io/text.h"
#include "sweep/trace.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_POINTS 100000 /* of x */

/* Ids of the dimensions. */
typedef struct trace_dimensions {
    int training, time, neuron, x;
} trace_dimensions;

/* A variable over one dimension of `count` values from `low` to `high`, which must ascend if `ascends` is set. */
static double *read_line(ts_reader *reader, const char *name, int dimension, size_t count, double low, double high,
                         bool ascends) {
    double *values = ts_reader_values(reader, name, &dimension, 1);
    for (size_t at = 0; reader->status == TS_OK && at < count; at++)
        if (!(values[at] >= low && values[at] <= high) || (ascends && at > 0 && !(values[at] > values[at - 1])))
            ts_reader_damaged(reader, "variable", name, "values out of range or order");
    return values;
}

static void read_trainings(ts_reader *reader, ts_trace_data *data, int dimension) {
    const size_t count = data->trainings;
    double *replicate = read_line(reader, "replicate", dimension, count, 0, UINT32_MAX, false);
    double *status = read_line(reader, "status", dimension, count, TS_OUTCOME_NONE, TS_OUTCOME_DIVERGED, false);
    data->replicate = malloc(count * sizeof *data->replicate);
    data->outcome = malloc(count * sizeof *data->outcome);
    if (!data->replicate || !data->outcome)
        ts_reader_no_memory(reader);
    for (size_t i = 0; reader->status == TS_OK && i < count; i++) {
        data->replicate[i] = (uint32_t)replicate[i];
        data->outcome[i] = (ts_outcome)lround(status[i]);
    }
    free(replicate);
    free(status);
}

static void read_times(ts_reader *reader, ts_trace_data *data, int dimension) {
    double *step = read_line(reader, "step", dimension, data->times, 0, 2.0 * (double)TS_MAX_STEPS, true);
    data->slow_time = read_line(reader, "slow_time", dimension, data->times, 0, HUGE_VAL, true);
    data->fast_time = read_line(reader, "fast_time", dimension, data->times, 0, HUGE_VAL, true);
    data->step = malloc(data->times * sizeof *data->step);
    if (!data->step)
        ts_reader_no_memory(reader);
    for (size_t k = 0; reader->status == TS_OK && k < data->times; k++)
        data->step[k] = (uint64_t)step[k];
    free(step);
}

/* A variable over (training, time) or (training, time, last). */
static double *read_course(ts_reader *reader, const char *name, const trace_dimensions *over, int last) {
    const int dimensions[3] = {over->training, over->time, last};
    return ts_reader_values(reader, name, dimensions, last < 0 ? 2 : 3);
}

static void read_data(ts_reader *reader, ts_trace_data *data) {
    trace_dimensions over = {-1, -1, -1, -1};
    data->trainings = ts_reader_dimension(reader, "training", TS_MAX_TRACED, &over.training);
    data->times = ts_reader_dimension(reader, "time", TS_MAX_TRACE_TIMES, &over.time);
    data->neurons = ts_reader_dimension(reader, "neuron", TS_MAX_NEURONS, &over.neuron);
    data->points = ts_reader_dimension(reader, "x", MOST_POINTS, &over.x);
    if (reader->status != TS_OK)
        return;
    read_trainings(reader, data, over.training);
    read_times(reader, data, over.time);
    data->x = read_line(reader, "x", over.x, data->points, 0, 1, true);
    data->target = ts_reader_values(reader, "target", &over.x, 1);
    data->loss = read_course(reader, "loss", &over, -1);
    data->limit_loss = read_course(reader, "limit_loss", &over, -1);
    data->bias = read_course(reader, "bias", &over, -1);
    data->position = read_course(reader, "position", &over, over.neuron);
    data->weight = read_course(reader, "weight", &over, over.neuron);
    data->limit_position = read_course(reader, "limit_position", &over, over.neuron);
    if (ts_reader_has_variable(reader, "function")) {
        data->function = read_course(reader, "function", &over, over.x);
        data->limit_function = read_course(reader, "limit_function", &over, over.x);
    }
    double *epsilon = ts_reader_values(reader, "epsilon", NULL, 0);
    data->epsilon = epsilon ? *epsilon : NAN;
    free(epsilon);
}

static void read_attributes(ts_reader *reader, ts_recording *file) {
    char epsilon[32], about[96];
    file->title = ts_reader_string(reader, "title");
    file->eta = ts_reader_number(reader, "eta");
    file->loss_floor = ts_reader_number(reader, "loss_floor");
    file->success_loss = file->loss_floor +
                         ts_reader_number(reader, "unexplained_variance") * ts_reader_number(reader, "target_variance");
    file->complete = ts_reader_number(reader, "complete") != 0;
    file->jump_count = ts_reader_numbers(reader, "target_jump_at", file->jump_at, TS_MAX_JUMPS);
    ts_text_number(epsilon, sizeof epsilon, file->data.epsilon, 6);
    snprintf(about, sizeof about, "epsilon = %s, m = %zu", epsilon, file->data.neurons);
    file->caption = ts_reader_caption(reader, about);
}

ts_status ts_recording_read(ts_recording *file, const char *path, ts_error *error) {
    ts_reader reader;
    *file = (ts_recording){0};
    ts_status status = ts_reader_open(&reader, path, error);
    if (status != TS_OK)
        return status;
    free(ts_reader_string(&reader, "timescape_version"));
    read_data(&reader, &file->data);
    read_attributes(&reader, file);
    ts_reader_close(&reader);
    if (reader.status != TS_OK)
        ts_recording_free(file);
    return reader.status;
}

ts_status ts_recording_recognise(const char *path, bool *is_trace, ts_error *error) {
    ts_reader reader;
    const ts_status status = ts_reader_open(&reader, path, error);
    if (status != TS_OK)
        return status;
    *is_trace = ts_reader_has_dimension(&reader, "training");
    ts_reader_close(&reader);
    return reader.status;
}

void ts_recording_free(ts_recording *file) {
    ts_trace_data_free(&file->data);
    free(file->title);
    free(file->caption);
    *file = (ts_recording){0};
}
