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
#define FEW_VALUES 8      /* of an axis, of which limits are measured where each cell has starts of its own */

static bool starts_are_of_cells(const ts_settings *settings) {
    return settings->randomness == TS_RANDOMNESS_INDEPENDENT && ts_init_is_drawn(settings->init);
}

/* Starts of networks of one size, `replicates` for each cell that has its own. */
static double starts_of(const ts_settings *settings, double replicates) {
    const size_t cells = ts_grid_cells(settings) / ts_grid_length(settings, TS_PARAMETER_NEURONS);
    return !ts_init_is_drawn(settings->init) ? 1
           : starts_are_of_cells(settings)   ? replicates * (double)cells
                                             : replicates;
}

/* Seconds that the limits of networks of one size with so many replicates take. */
static ts_status run_limits(const ts_settings *settings, const ts_run_options *options, uint64_t replicates,
                            double *seconds, ts_error *error) {
    ts_settings part = *settings;
    part.replicates = replicates;
    part.observe_count = 0;
    part.stop = TS_STOP_NEVER;
    ts_sweep *sweep = NULL;
    ts_status status = ts_sweep_create(&sweep, &part, error);
    if (status != TS_OK)
        return status;
    const ts_plan plan = ts_sweep_plan(sweep);
    ts_monitor monitor;
    ts_monitor_begin(&monitor, options, (ts_progress){0}, NULL);
    status = ts_limits_run(&sweep->limits, &plan, options, &monitor, error);
    *seconds = ts_monitor_seconds(&monitor);
    ts_sweep_destroy(sweep);
    return status;
}

/* Keep FEW_VALUES of an axis, in `few`. */
static void thin_out(ts_sweep_axis *axis, double few[FEW_VALUES]) {
    for (size_t i = 0; i < FEW_VALUES; i++)
        few[i] = axis->values[ts_spread(i, FEW_VALUES, axis->count)];
    *axis = (ts_sweep_axis){few, FEW_VALUES};
}

/* Seconds of the limits of networks with `neurons` neurons, all of them. */
static ts_status measure_limits(const ts_settings *settings, const ts_run_options *options, double neurons,
                                double *seconds, ts_error *error) {
    double few[TS_PARAMETER_COUNT][FEW_VALUES];
    ts_settings part = *settings;
    part.axis[TS_PARAMETER_NEURONS] = (ts_sweep_axis){&neurons, 1};
    for (int p = 0; p < TS_PARAMETER_COUNT; p++)
        if (starts_are_of_cells(settings) && part.axis[p].count > FEW_VALUES)
            thin_out(&part.axis[p], few[p]);
    const uint64_t threads = (uint64_t)ts_thread_count(options, settings->replicates);
    uint64_t replicates = threads;
    double first = 0, longer;
    ts_status status = run_limits(&part, options, replicates, &first, error);
    longer = first;
    while (status == TS_OK && longer - first < LIMIT_SECONDS && replicates < settings->replicates) {
        replicates = replicates < settings->replicates / 4 ? 4 * replicates : settings->replicates;
        status = run_limits(&part, options, replicates, &longer, error);
    }
    const double starts = starts_of(&part, (double)replicates), before = starts_of(&part, (double)threads);
    const double each = starts > before ? fmax(longer - first, 0) / (starts - before) : 0;
    *seconds = longer + each * (starts_of(settings, (double)settings->replicates) - starts);
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
