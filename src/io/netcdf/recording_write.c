#include "io/netcdf/recording.h"

#include "io/netcdf/parts.h"
#include "io/netcdf/put.h"

#include <stdlib.h>

#define CHUNK_BYTES (1U << 20) /* of a variable */

/* Ids of the dimensions, in the order in which variables have them. */
typedef struct trace_dimensions {
    int training, time, neuron, x;
} trace_dimensions;

/* Names of the coordinates that are no axes: xarray then takes them for coordinates, too. */
#define OF_TRAINING "replicate epsilon neurons"
#define OF_TIME "replicate step slow_time fast_time epsilon neurons"

static void write_scalars(ts_writer *writer, const ts_trace_data *data) {
    const int neurons = (int)data->neurons;
    int epsilon =
        ts_writer_variable(writer, "epsilon", NC_DOUBLE, 0, NULL, "stepsize ratio of the inner to the outer layer");
    int count = ts_writer_variable(writer, "neurons", NC_INT, 0, NULL, "number of neurons m");
    ts_writer_values(writer, epsilon, &data->epsilon);
    ts_writer_values(writer, count, &neurons);
}

static void write_trainings(ts_writer *writer, const ts_trace_data *data, const trace_dimensions *over) {
    int replicate =
        ts_writer_variable(writer, "replicate", NC_INT64, 1, &over->training, "number of the training in its cell");
    int status =
        ts_writer_variable(writer, "status", NC_BYTE, 1, &over->training, "how a training stood at the last time");
    ts_writer_outcome_flags(writer, status);
    ts_writer_text(writer, status, "coordinates", OF_TRAINING);
    for (size_t i = 0; i < data->trainings; i++) {
        const size_t one = 1;
        const int64_t number = data->replicate[i];
        const signed char outcome = (signed char)data->outcome[i];
        ts_writer_part(writer, replicate, &i, &one, &number);
        ts_writer_part(writer, status, &i, &one, &outcome);
    }
}

static void write_times(ts_writer *writer, const ts_trace_data *data, const trace_dimensions *over) {
    int step = ts_writer_variable(writer, "step", NC_INT64, 1, &over->time, "steps done");
    ts_writer_values(writer, step, data->step); /* below 2^63 */
    ts_writer_values(writer,
                     ts_writer_variable(writer, "slow_time", NC_DOUBLE, 1, &over->time,
                                        "slow time epsilon h step, the clock of the positions"),
                     data->slow_time);
    ts_writer_values(writer,
                     ts_writer_variable(writer, "fast_time", NC_DOUBLE, 1, &over->time,
                                        "fast time h step, the clock of the weights"),
                     data->fast_time);
}

static void write_points(ts_writer *writer, const ts_trace_data *data, const trace_dimensions *over) {
    ts_writer_values(writer, ts_writer_variable(writer, "x", NC_DOUBLE, 1, &over->x, "point of [0,1]"), data->x);
    ts_writer_values(writer, ts_writer_variable(writer, "target", NC_DOUBLE, 1, &over->x, "target function"),
                     data->target);
}

/* A variable over (training, time) or, where `last` is one of the other two dimensions, (training, time, last), of
 * which there are `width`. */
static void write_course(ts_writer *writer, const ts_trace_data *data, const trace_dimensions *over, int last,
                         size_t width, const char *name, const double *values, const char *long_name) {
    const int dimensions[3] = {over->training, over->time, last};
    const size_t most = CHUNK_BYTES / (width * sizeof *values);
    const size_t chunk[3] = {1, most < 1 ? 1 : most < data->times ? most : data->times, width};
    int variable = ts_writer_variable(writer, name, NC_DOUBLE, last < 0 ? 2 : 3, dimensions, long_name);
    ts_writer_missing_is_nan(writer, variable);
    ts_writer_text(writer, variable, "coordinates", OF_TIME);
    ts_writer_compress(writer, variable, chunk);
    for (size_t i = 0; i < data->trainings; i++) {
        const size_t start[3] = {i, 0, 0}, count[3] = {1, data->times, width};
        ts_writer_part(writer, variable, start, count, values + i * data->times * width);
    }
}

static void write_courses(ts_writer *writer, const ts_trace_data *data, const trace_dimensions *over) {
    const size_t m = data->neurons, points = data->points;
    write_course(writer, data, over, -1, 1, "loss", data->loss, "loss of a training that has not diverged");
    write_course(writer, data, over, -1, 1, "limit_loss", data->limit_loss, "loss of the two-timescale limit");
    write_course(writer, data, over, -1, 1, "bias", data->bias, "bias");
    write_course(writer, data, over, over->neuron, m, "position", data->position,
                 "position of a neuron, by ascending start position");
    write_course(writer, data, over, over->neuron, m, "weight", data->weight,
                 "weight of a neuron, by ascending start position");
    write_course(writer, data, over, over->neuron, m, "limit_position", data->limit_position,
                 "position of a neuron in the two-timescale limit");
    if (!data->function)
        return;
    write_course(writer, data, over, over->x, points, "function", data->function,
                 "function of the network of a training that has not diverged");
    write_course(writer, data, over, over->x, points, "limit_function", data->limit_function,
                 "function of the two-timescale limit");
}

static void fill(ts_writer *writer, const ts_result_origin *origin, const void *content) {
    const ts_trace_data *data = content;
    trace_dimensions over = {-1, -1, -1, -1};
    ts_writer_dimension(writer, "training", data->trainings, &over.training);
    ts_writer_dimension(writer, "time", data->times, &over.time);
    ts_writer_dimension(writer, "x", data->points, &over.x);
    ts_write_attributes(writer, origin);
    ts_writer_index(writer, "neuron", data->neurons, "number of a neuron by ascending start position", &over.neuron);
    write_scalars(writer, data);
    write_trainings(writer, data, &over);
    write_times(writer, data, &over);
    write_points(writer, data, &over);
    write_courses(writer, data, &over);
    writer->amount = (ts_result_amount){true, (double)data->trainings * (double)data->times};
}

ts_status ts_recording_write(const char *path, const ts_trace *trace, const ts_result_origin *origin, char **written,
                             ts_error *error) {
    const ts_writer writer = {.settings = ts_trace_settings(trace)};
    return ts_result_put(path, &writer, origin, fill, ts_trace_result(trace), written, error);
}
