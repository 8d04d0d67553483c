/* The two-timescale limit beside the trainings of a trace (MODEL.md section 4). */
#include "sweep/trace.h"
#include "theory/limit.h"

#include <stdatomic.h>
#include <string.h>

/* The function of the limit, which changes at the neurons alone. */
static void add_function(const ts_trace_data *data, const ts_limit *limit, double *value) {
    const double *position = ts_limit_positions(limit);
    size_t passed = 0; /* neurons at x or left of it */
    for (size_t p = 0; p < data->points; p++) {
        const size_t before = passed;
        while (passed < data->neurons && position[passed] <= data->x[p])
            passed++;
        value[p] = p > 0 && passed == before ? value[p - 1] : ts_limit_value(limit, data->x[p]);
    }
}

/* The limit of training i at all times. */
static ts_status add_limit(ts_trace_data *data, size_t times, ts_limit *limit, size_t i, ts_monitor *monitor,
                           ts_error *error) {
    const size_t m = data->neurons;
    for (size_t k = 0; k < times; k++) {
        if (!ts_monitor_go_on(monitor))
            return TS_INTERRUPTED;
        const size_t at = i * times + k;
        const ts_status status = ts_limit_advance(limit, data->slow_time[k], error);
        if (status != TS_OK)
            return status;
        data->limit_loss[at] = ts_limit_loss(limit);
        memcpy(data->limit_position + at * m, ts_limit_positions(limit), m * sizeof *data->limit_position);
        if (data->limit_function)
            add_function(data, limit, data->limit_function + at * data->points);
    }
    return TS_OK;
}

static ts_status run_limit(ts_trace *trace, size_t i, ts_monitor *monitor, ts_error *error) {
    ts_trace_data *data = &trace->data;
    const double *start = data->position + i * trace->times * data->neurons;
    ts_limit *limit = NULL;
    ts_status status = ts_limit_create(&limit, &trace->sweep->settings, start, (uint32_t)data->neurons, error);
    if (status == TS_OK)
        status = add_limit(data, trace->times, limit, i, monitor, error);
    ts_limit_destroy(limit);
    return status;
}

ts_status ts_trace_add_limits(ts_trace *trace, const ts_run_options *options, ts_monitor *monitor, ts_error *error) {
    const size_t trainings = trace->data.trainings;
    atomic_int status = TS_OK;
#pragma omp parallel for num_threads(ts_thread_count(options, trainings)) schedule(dynamic)
    for (size_t i = 0; i < trainings; i++) {
        ts_error own = {0};
        int unharmed = TS_OK;
        const ts_status ended = status == TS_OK ? run_limit(trace, i, monitor, &own) : TS_OK;
        if (ended != TS_OK && atomic_compare_exchange_strong(&status, &unharmed, (int)ended))
            *error = own; /* of the first that failed */
    }
    return (ts_status)status;
}
