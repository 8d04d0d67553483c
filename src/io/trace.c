#include "io/trace.h"

#include "io/result_writer.h"

#include <stdlib.h>

#define CHUNK_BYTES (1U << 20) /* of a variable */

/* Ids of the dimensions, in the order in which variables have them. */
typedef struct trace_dimensions {
    int training, time, neuron, x;
} trace_dimensions;

/* Names of the coordinates that are no axes: xarray then takes them for coordinates, too. */
#define OF_TRAINING "replicate epsilon neurons"
#define OF_TIME "replicate step slow_time fast_time epsilon neurons"

static void put_doubles(ts_result_writer *writer, int variable, const double *values) {
    if (writer->code == NC_NOERR)
        ts_result_note(writer, nc_put_var_double(writer->file, variable, values));
}

static void write_scalars(ts_result_writer *writer, const ts_trace_data *data) {
    const unsigned neurons = (unsigned)data->neurons;
    int epsilon =
        ts_result_variable(writer, "epsilon", NC_DOUBLE, 0, NULL, "stepsize ratio of the inner to the outer layer");
    int count = ts_result_variable(writer, "neurons", NC_INT, 0, NULL, "number of neurons m");
    put_doubles(writer, epsilon, &data->epsilon);
    if (writer->code == NC_NOERR)
        ts_result_note(writer, nc_put_var_uint(writer->file, count, &neurons));
}

static void write_trainings(ts_result_writer *writer, const ts_trace_data *data, const trace_dimensions *over) {
    int replicate =
        ts_result_variable(writer, "replicate", NC_INT64, 1, &over->training, "number of the training in its cell");
    int status =
        ts_result_variable(writer, "status", NC_BYTE, 1, &over->training, "how a training stood at the last time");
    ts_result_outcome_flags(writer, status);
    ts_result_text(writer, status, "coordinates", OF_TRAINING);
    for (size_t i = 0; i < data->trainings && writer->code == NC_NOERR; i++) {
        const unsigned number = data->replicate[i];
        const signed char outcome = (signed char)data->outcome[i];
        ts_result_note(writer, nc_put_var1_uint(writer->file, replicate, &i, &number));
        ts_result_note(writer, nc_put_var1_schar(writer->file, status, &i, &outcome));
    }
}

static void write_times(ts_result_writer *writer, const ts_trace_data *data, const trace_dimensions *over) {
    int step = ts_result_variable(writer, "step", NC_INT64, 1, &over->time, "steps done");
    for (size_t k = 0; k < data->times && writer->code == NC_NOERR; k++) {
        const unsigned long long steps = data->step[k];
        ts_result_note(writer, nc_put_var1_ulonglong(writer->file, step, &k, &steps));
    }
    put_doubles(writer,
                ts_result_variable(writer, "slow_time", NC_DOUBLE, 1, &over->time,
                                   "slow time epsilon h step, the clock of the positions"),
                data->slow_time);
    put_doubles(writer,
                ts_result_variable(writer, "fast_time", NC_DOUBLE, 1, &over->time,
                                   "fast time h step, the clock of the weights"),
                data->fast_time);
}

static void write_points(ts_result_writer *writer, const ts_trace_data *data, const trace_dimensions *over) {
    put_doubles(writer, ts_result_variable(writer, "x", NC_DOUBLE, 1, &over->x, "point of [0,1]"), data->x);
    put_doubles(writer, ts_result_variable(writer, "target", NC_DOUBLE, 1, &over->x, "target function"), data->target);
}

/* A variable over (training, time) or, where `last` is one of the other two dimensions, (training, time, last), of
 * which there are `width`. */
static void write_course(ts_result_writer *writer, const ts_trace_data *data, const trace_dimensions *over, int last,
                         size_t width, const char *name, const double *values, const char *long_name) {
    const int dimensions[3] = {over->training, over->time, last};
    const size_t most = CHUNK_BYTES / (width * sizeof *values);
    const size_t chunk[3] = {1, most < 1 ? 1 : most < data->times ? most : data->times, width};
    int variable = ts_result_variable(writer, name, NC_DOUBLE, last < 0 ? 2 : 3, dimensions, long_name);
    ts_result_missing_is_nan(writer, variable);
    ts_result_text(writer, variable, "coordinates", OF_TIME);
    ts_result_compress(writer, variable, chunk);
    for (size_t i = 0; i < data->trainings && writer->code == NC_NOERR; i++) {
        const size_t start[3] = {i, 0, 0}, count[3] = {1, data->times, width};
        ts_result_note(writer,
                       nc_put_vara_double(writer->file, variable, start, count, values + i * data->times * width));
    }
}

static void write_courses(ts_result_writer *writer, const ts_trace_data *data, const trace_dimensions *over) {
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

static void fill(ts_result_writer *writer, const ts_result_origin *origin, const void *content) {
    const ts_trace_data *data = content;
    trace_dimensions over = {-1, -1, -1, -1};
    ts_result_note(writer, nc_def_dim(writer->file, "training", data->trainings, &over.training));
    ts_result_note(writer, nc_def_dim(writer->file, "time", data->times, &over.time));
    ts_result_note(writer, nc_def_dim(writer->file, "x", data->points, &over.x));
    ts_result_write_attributes(writer, origin);
    ts_result_define_index(writer, "neuron", data->neurons, "number of a neuron by ascending start position",
                           &over.neuron);
    write_scalars(writer, data);
    write_trainings(writer, data, &over);
    write_times(writer, data, &over);
    write_points(writer, data, &over);
    write_courses(writer, data, &over);
    writer->amount = (ts_result_amount){true, (double)data->trainings * (double)data->times};
}

ts_status ts_trace_write(const char *path, const ts_trace *trace, const ts_result_origin *origin, char **written,
                         ts_error *error) {
    const ts_result_writer writer = {.settings = ts_trace_settings(trace)};
    return ts_result_put(path, &writer, origin, fill, ts_trace_result(trace), written, error);
}
