/* How long a sweep would take on this machine: its backend measures trainings; the limits are measured here. */
#include "backend/between.h"
#include "model/grid.h"
#include "model/training.h"
#include "sweep/execution.h"
#include "sweep/sweep.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define TRAININGS_PATIENCE 4.0 /* seconds of measuring, roughly */
#define LIMITS_PATIENCE 2.0
#define LIMIT_SECONDS 0.1 /* of measuring limits of one network size */
#define SIZES 3           /* of networks, of which limits are measured; the cost of the others lies between */

/* Seconds that the limits of so many starts of networks of one size take. Whose starts they are makes no difference. */
static ts_status run_limits(const ts_settings *settings, const ts_run_options *options, uint64_t starts,
                            double *seconds, ts_error *error) {
    ts_settings part = *settings;
    part.randomness = TS_RANDOMNESS_COMMON;
    part.replicates = 1;
    part.half_width = 0;
    part.limit_starts = starts;
    part.observe_count = 0;
    part.stop = TS_STOP_NEVER;
    ts_sweep *sweep = NULL;
    ts_status status = ts_sweep_create(&sweep, &part, error);
    if (status != TS_OK)
        return status;
    const ts_plan plan = ts_sweep_plan(sweep);
    ts_monitor monitor;
    ts_monitor_begin(&monitor, options, (ts_progress){0}, NULL);
    status = ts_limits_create(&sweep->limits, &plan, error);
    if (status == TS_OK)
        status = ts_limits_run(&sweep->limits, &plan, NULL, options, &monitor, error);
    *seconds = ts_monitor_seconds(&monitor);
    ts_sweep_destroy(sweep);
    return status;
}

/* Seconds of the limits of networks with `neurons` neurons, all of them: a start that is not drawn is one. */
static ts_status measure_limits(const ts_settings *settings, const ts_run_options *options, double neurons,
                                double *seconds, ts_error *error) {
    ts_settings part = *settings;
    part.axis[TS_PARAMETER_NEURONS] = (ts_sweep_axis){&neurons, 1};
    const uint64_t all = ts_init_is_drawn(settings->init) ? ts_limits_starts(settings) : 1;
    const uint64_t threads = (uint64_t)ts_thread_count(options, all);
    uint64_t starts = threads;
    double first = 0, longer;
    ts_status status = run_limits(&part, options, starts, &first, error);
    longer = first;
    while (status == TS_OK && longer - first < LIMIT_SECONDS && starts < all) {
        starts = starts < all / 4 ? 4 * starts : all;
        status = run_limits(&part, options, starts, &longer, error);
    }
    const double each = starts > threads ? fmax(longer - first, 0) / (double)(starts - threads) : 0;
    *seconds = longer + each * ((double)all - (double)starts);
    return status;
}

static ts_status forecast_limits(const ts_sweep *sweep, const ts_run_options *options, double *seconds,
                                 ts_error *error) {
    const ts_settings *settings = &sweep->settings;
    const ts_sweep_axis all_neurons = settings->axis[TS_PARAMETER_NEURONS];
    const size_t all = all_neurons.count, sizes = all < SIZES ? all : SIZES;
    double measured[SIZES] = {0}, size[SIZES] = {0}, spent = 0;
    size_t count = 0;
    for (; count < sizes && spent < LIMITS_PATIENCE; count++) {
        ts_monitor clock;
        const double neurons = all_neurons.values[ts_spread(count, sizes, all)];
        size[count] = neurons;
        ts_monitor_begin(&clock, options, (ts_progress){0}, NULL);
        const ts_status status = measure_limits(settings, options, neurons, &measured[count], error);
        if (status != TS_OK)
            return status;
        spent += ts_monitor_seconds(&clock);
    }
    *seconds = 0;
    for (size_t j = 0; j < all; j++)
        *seconds += ts_between(size, measured, count, all_neurons.values[j]);
    return TS_OK;
}

static ts_status forecast(const ts_sweep *sweep, const ts_run_options *options, ts_forecast *found, ts_error *error) {
    ts_execution execution;
    ts_run_options unwatched = *options;
    unwatched.on_progress = NULL;
    ts_status status =
        ts_execution_create(&execution, &sweep->settings, &unwatched, ts_sweep_estimate(sweep).trainings, error);
    if (status != TS_OK)
        return status;
    const ts_plan plan = ts_sweep_plan(sweep);
    *found = (ts_forecast){.backend = execution.backend->name,
                           .instructions = execution.placement.instructions,
                           .threads = execution.placement.threads};
    snprintf(found->device, sizeof found->device, "%s", execution.placement.device_name);
    ts_execution_begin(&execution, (ts_progress){0});
    status =
        execution.backend->forecast(&plan, &execution.placement, TRAININGS_PATIENCE, &found->training_seconds, error);
    const ts_estimate estimate = ts_sweep_estimate(sweep);
    found->least_training_seconds = found->training_seconds * estimate.least_neuron_steps / estimate.neuron_steps;
    if (status == TS_OK && sweep->settings.theory)
        status = forecast_limits(sweep, &unwatched, &found->limit_seconds, error);
    (void)ts_execution_end(&execution);
    free(execution.busy_seconds);
    return status;
}

ts_status ts_sweep_forecast(const ts_sweep *sweep, const ts_run_options *options, ts_forecast *result,
                            ts_error *error) {
    const ts_run_options no_options = {0};
    ts_error unseen;
    ts_error *why = error ? error : &unseen;
    *why = (ts_error){0};
    return forecast(sweep, options ? options : &no_options, result, why);
}
