/* Laying out a trace: its cell, its times, and room for what is recorded. */
#include "sweep/trace.h"

#include "backend/machine.h"
#include "base/fail.h"
#include "model/grid.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static ts_status check_replicates(const uint32_t *replicate, size_t count, ts_error *error) {
    if (count < 1 || count > TS_MAX_TRACED)
        return ts_fail(error, TS_INVALID, "", "replicates: found %zu of them, allowed are 1 to %d", count,
                       TS_MAX_TRACED);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < i; k++)
            if (replicate[i] == replicate[k])
                return ts_fail(error, TS_INVALID, "", "replicates: found %u twice", replicate[i]);
    return TS_OK;
}

/* A trace shows functions of one x, beside their limit. */
static ts_status check_network(const ts_settings *settings, ts_error *error) {
    if (settings->activation == TS_ACTIVATION_RELU)
        return ts_fail(error, TS_INVALID, "network.activation",
                       "network.activation: found relu, a trace is of networks of steps");
    if (settings->dimension > 1)
        return ts_fail(error, TS_INVALID, "target.dimension",
                       "target.dimension: found %zu, a trace is of networks in one dimension", settings->dimension);
    return TS_OK;
}

static ts_status check_cell(const ts_settings *settings, ts_error *error) {
    for (int p = 0; p < TS_PARAMETER_COUNT; p++) {
        const size_t count = ts_grid_length(settings, (ts_parameter)p);
        if (count > 1)
            return ts_fail(error, TS_INVALID, "sweep", "found %zu values of %s, a trace has one", count,
                           ts_parameters[p].name);
    }
    return TS_OK;
}

static ts_status check_times(uint64_t steps, size_t times, ts_error *error) {
    const uint64_t most = steps < TS_MAX_TRACE_TIMES - 1 ? steps + 1 : TS_MAX_TRACE_TIMES;
    if (times >= 2 && times <= most)
        return TS_OK;
    return ts_fail(error, TS_INVALID, "",
                   "times: found %zu, allowed are whole numbers from 2 to %llu for trainings of %llu steps", times,
                   (unsigned long long)most, (unsigned long long)steps);
}

/* ---- memory */

static bool allocate(double **array, size_t count) {
    *array = malloc(count * sizeof **array);
    return *array;
}

static bool allocate_data(ts_trace_data *data, size_t times, bool functions) {
    const size_t states = data->trainings * times;
    data->step = malloc(times * sizeof *data->step);
    data->replicate = malloc(data->trainings * sizeof *data->replicate);
    data->outcome = malloc(data->trainings * sizeof *data->outcome);
    return data->step && data->replicate && data->outcome && allocate(&data->slow_time, times) &&
           allocate(&data->fast_time, times) && allocate(&data->target, data->points) &&
           allocate(&data->loss, states) && allocate(&data->limit_loss, states) && allocate(&data->bias, states) &&
           allocate(&data->position, states * data->neurons) && allocate(&data->weight, states * data->neurons) &&
           allocate(&data->limit_position, states * data->neurons) &&
           (!functions || (allocate(&data->function, states * data->points) &&
                           allocate(&data->limit_function, states * data->points)));
}

void ts_trace_data_free(ts_trace_data *data) {
    double *const arrays[] = {data->x,      data->target,   data->slow_time,      data->fast_time,
                              data->loss,   data->bias,     data->limit_loss,     data->position,
                              data->weight, data->function, data->limit_position, data->limit_function};
    for (size_t k = 0; k < sizeof arrays / sizeof *arrays; k++)
        free(arrays[k]);
    free(data->step);
    free(data->replicate);
    free(data->outcome);
}

static ts_status make_room(ts_trace *trace, bool functions, ts_error *error) {
    ts_trace_data *data = &trace->data;
    const double states = (double)data->trainings * (double)trace->times;
    const double points = functions ? (double)data->points : 0;
    const double bytes = 8 * states * (2 * points + 3 * (double)data->neurons + 3);
    if (data->x && ts_fits_in_memory(bytes) && allocate_data(data, trace->times, functions) &&
        ts_state_grow(&trace->state, data->trainings, data->neurons))
        return TS_OK;
    return ts_fail(error, TS_FAILED, "",
                   "the trace needs %.1f GiB of memory, %.1f GiB are there; fewer times%s need less", bytes / 0x1p30,
                   ts_machine_memory("") / 0x1p30, functions ? ", or no functions," : "");
}

/* ---- create and destroy */

/* k steps / last, rounded to the nearest whole step; the product need not fit into 64 bits. */
static uint64_t step_of(uint64_t steps, uint64_t k, uint64_t last) {
    return k * (steps / last) + (2 * k * (steps % last) + last) / (2 * last);
}

/* Of steps 1 to `steps`, the k-th when each is so many times as late as the one before; no step comes twice, and no
 * later one is missed for it. */
static uint64_t log_step_of(uint64_t steps, uint64_t k, uint64_t last, uint64_t before) {
    const uint64_t most = steps - (last - k);
    const double wanted = k == last ? (double)steps : round(pow((double)steps, (double)(k - 1) / (double)(last - 1)));
    const uint64_t step = wanted < (double)most ? (uint64_t)wanted : most;
    return step > before ? step : before + 1;
}

static void set_times(ts_trace *trace, bool log_times) {
    const ts_settings *settings = &trace->sweep->settings;
    const uint64_t steps = trace->sweep->cells[0].steps, last = trace->times - 1;
    ts_trace_data *data = &trace->data;
    for (size_t k = 0; k < trace->times; k++) {
        data->step[k] = k > 0 && log_times ? log_step_of(steps, k, last, data->step[k - 1]) : step_of(steps, k, last);
        data->fast_time[k] = settings->h * (double)data->step[k];
        data->slow_time[k] = data->epsilon * data->fast_time[k];
    }
}

static ts_status lay_out(ts_trace *trace, const ts_settings *settings, const ts_trace_options *options,
                         ts_error *error) {
    ts_settings cell = ts_grid_settings(settings, 0);
    cell.replicates = options->count;
    cell.half_width = 0;
    cell.keep_trainings = true;
    cell.keep_states = false;  /* those that it goes on with are its own */
    cell.theory = false;       /* the limit stands beside the training in another way */
    cell.observe_count = 0;    /* it looks at other times */
    cell.stop = TS_STOP_NEVER; /* and shows what becomes of a training behind its first success, too */
    ts_status status = ts_sweep_create(&trace->sweep, &cell, error);
    if (status == TS_OK)
        status = check_times(trace->sweep->cells[0].steps, options->times, error);
    if (status != TS_OK)
        return status;
    trace->times = options->times;
    ts_trace_data *data = &trace->data;
    data->trainings = options->count;
    data->neurons = trace->sweep->cells[0].neurons;
    data->epsilon = trace->sweep->cells[0].parameter[TS_PARAMETER_EPSILON];
    data->x = ts_trace_points(&trace->sweep->settings, &data->points);
    status = make_room(trace, !options->no_functions, error);
    if (status != TS_OK)
        return status;
    set_times(trace, options->log_times);
    ts_trace_target(settings, data->x, data->points, data->target);
    for (size_t i = 0; i < options->count; i++) {
        data->replicate[i] = options->replicate[i];
        data->outcome[i] = TS_OUTCOME_NONE;
    }
    return TS_OK;
}

ts_status ts_trace_create(ts_trace **result, const ts_settings *settings, const ts_trace_options *options,
                          ts_error *error) {
    ts_error unseen;
    ts_error *why = error ? error : &unseen;
    *result = NULL;
    *why = (ts_error){0};
    ts_status status = check_cell(settings, why);
    if (status == TS_OK)
        status = check_network(settings, why);
    if (status == TS_OK)
        status = check_replicates(options->replicate, options->count, why);
    if (status != TS_OK)
        return status;
    ts_trace *trace = calloc(1, sizeof *trace);
    if (!trace)
        return ts_fail(why, TS_FAILED, "", "not enough memory for a trace");
    status = lay_out(trace, settings, options, why);
    if (status == TS_OK) {
        *result = trace;
        return TS_OK;
    }
    ts_trace_destroy(trace);
    return status;
}

void ts_trace_destroy(ts_trace *trace) {
    if (!trace)
        return;
    ts_trace_data_free(&trace->data);
    ts_state_free(&trace->state);
    ts_sweep_destroy(trace->sweep);
    free(trace);
}

const ts_trace_data *ts_trace_result(const ts_trace *trace) {
    return &trace->data;
}

const ts_settings *ts_trace_settings(const ts_trace *trace) {
    return &trace->sweep->settings;
}
