#include "sweep/limits.h"

#include "base/fail.h"
#include "estimate/rate.h"
#include "model/grid.h"
#include "sweep/sweep.h"
#include "theory/limit.h"
#include "theory/start.h"
#include "theory/start_condition.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

/* A slow time at which a limit is looked at. */
typedef struct ts_limit_stop {
    double slow_time;
    size_t row; /* or HORIZON */
} ts_limit_stop;

#define HORIZON SIZE_MAX

/* What the threads share. A start belongs to a column of cells, which is all those of a neuron count, or with
 * independent randomness to one cell. The cells of a column are its rows, in the order of the plan. */
typedef struct ts_limit_job {
    const ts_plan *plan;
    ts_limits *limits;
    ts_limit_stop *stops;             /* [stop_count] by slow time */
    size_t stop_count, columns, rows; /* of the grid, */
    size_t rows_of_starts;            /* and of those that have starts of their own */
    size_t behind;                    /* cells between one column and the next */
    uint64_t starts;                  /* of a column or cell: one that is not drawn is the same for all replicates */
    double success_loss;
} ts_limit_job;

static bool starts_are_common(const ts_settings *settings) {
    return settings->randomness == TS_RANDOMNESS_COMMON || !ts_init_is_drawn(settings->init);
}

/* Cells between one column and the next: all values of the parameters behind the neurons. */
static size_t cells_behind(const ts_settings *settings) {
    size_t cells = 1;
    for (int p = TS_PARAMETER_NEURONS + 1; p < TS_PARAMETER_COUNT; p++)
        cells *= ts_grid_length(settings, (ts_parameter)p);
    return cells;
}

/* Number of a cell in the plan. */
static size_t cell_of(const ts_limit_job *job, size_t row, size_t column) {
    return (row / job->behind * job->columns + column) * job->behind + row % job->behind;
}

/* ---- where a limit is looked at */

static int compare_stops(const void *left, const void *right) {
    const double a = ((const ts_limit_stop *)left)->slow_time, b = ((const ts_limit_stop *)right)->slow_time;
    return (a > b) - (a < b);
}

/* The final slow times of the cells, which are the same in each column, and the horizon's own: where the horizon is
 * given as a slow time, that of the cells tends to it as epsilon goes to 0, whatever min_fast_time is. */
static void set_stops(ts_limit_job *job) {
    const ts_settings *settings = job->plan->settings;
    job->stop_count = 0;
    for (size_t row = 0; row < job->rows; row++) {
        const ts_cell *cell = &job->plan->cells[cell_of(job, row, 0)];
        job->stops[job->stop_count++] = (ts_limit_stop){
            (double)cell->steps * cell->parameter[TS_PARAMETER_H] * cell->parameter[TS_PARAMETER_EPSILON], row};
    }
    if (settings->steps == 0)
        job->stops[job->stop_count++] = (ts_limit_stop){settings->slow_time, HORIZON};
    qsort(job->stops, job->stop_count, sizeof *job->stops, compare_stops);
}

/* ---- one start */

/* Note that the limit of start `start` in `column` is a success, or not, at a stop. A start that is not drawn stands
 * for all replicates. */
static void note(const ts_limit_job *job, size_t row, size_t column, uint64_t start, bool success) {
    const uint64_t replicates = job->plan->replicates, count = replicates / job->starts;
    bool *succeeds = job->limits->succeeds + cell_of(job, row, column) * replicates + start;
    for (uint64_t r = 0; r < count; r++)
        succeeds[r] = success;
}

static void count(const ts_limit_job *job, uint64_t *counts, size_t column) {
    const uint64_t replicates = job->plan->replicates / job->starts;
#pragma omp atomic update
    counts[column] += replicates;
}

/* The limits of the coordinates, which do not know of each other: their losses add up (docs/theory.md section 7). */
typedef struct coordinate_limits {
    ts_limit *of[TS_MAX_DIMENSION]; /* [count] */
    uint32_t count;
} coordinate_limits;

static bool advance(const ts_limit_job *job, const coordinate_limits *limits, double slow_time, bool *success,
                    ts_error *error) {
    double loss = 0;
    for (uint32_t c = 0; c < limits->count; c++) {
        if (ts_limit_advance(limits->of[c], slow_time, error) != TS_OK)
            return false;
        loss += ts_limit_loss(limits->of[c]);
    }
    *success = loss <= job->success_loss;
    return true;
}

/* Follow the limit of a start. `row` is that of its cell, or of any of its column when starts are common. */
static bool follow(const ts_limit_job *job, size_t row, size_t column, uint64_t start, const coordinate_limits *limit,
                   ts_error *error) {
    const bool common = starts_are_common(job->plan->settings);
    bool success = false;
    for (size_t i = 0; i < job->stop_count; i++) {
        const ts_limit_stop *stop = &job->stops[i];
        if (stop->row != HORIZON && stop->row != row && !common)
            continue;
        if (!advance(job, limit, stop->slow_time, &success, error))
            return false;
        if (stop->row != HORIZON)
            note(job, stop->row, column, start, success);
        else if (success)
            count(job, job->limits->horizon_success_count, column);
    }
    if (!advance(job, limit, INFINITY, &success, error))
        return false;
    count(job, job->limits->starts, column);
    if (success)
        count(job, job->limits->success_count, column);
    return true;
}

static bool run_start(const ts_limit_job *job, uint64_t item, double *position, ts_error *error) {
    const uint64_t start = item % job->starts;
    const size_t column = (size_t)(item / job->starts % job->columns),
                 row = (size_t)(item / job->starts / job->columns);
    const ts_cell *cell = &job->plan->cells[cell_of(job, row, column)];
    const uint32_t m = cell->of_coordinate;
    coordinate_limits limits = {.count = 0};
    ts_limit_start(cell, (uint32_t)start, position);
    bool fine = true;
    for (uint32_t c = 0; fine && c < cell->dimension; c++) {
        fine = ts_limit_create(&limits.of[c], job->plan->settings, position + c * m, m, error) == TS_OK;
        limits.count += fine;
    }
    fine = fine && follow(job, row, column, start, &limits, error);
    for (uint32_t c = 0; c < limits.count; c++)
        ts_limit_destroy(limits.of[c]);
    return fine;
}

/* ---- all starts */

static bool allocate(ts_limits *limits, const ts_plan *plan) {
    const size_t columns = ts_grid_length(plan->settings, TS_PARAMETER_NEURONS);
    limits->starts = calloc(columns, sizeof *limits->starts);
    limits->success_count = calloc(columns, sizeof *limits->success_count);
    limits->horizon_success_count = calloc(columns, sizeof *limits->horizon_success_count);
    limits->start_condition = malloc(columns * sizeof *limits->start_condition);
    limits->agreement_count = calloc(plan->cell_count, sizeof *limits->agreement_count);
    limits->succeeds = malloc(plan->cell_count * plan->replicates * sizeof *limits->succeeds);
    return limits->starts && limits->success_count && limits->horizon_success_count && limits->start_condition &&
           limits->agreement_count && limits->succeeds;
}

static void set_start_conditions(ts_limits *limits, const ts_settings *settings) {
    double probability[TS_MAX_NEURONS + 1];
    const ts_sweep_axis neurons = settings->axis[TS_PARAMETER_NEURONS];
    ts_start_condition_probabilities(settings, (uint32_t)neurons.values[neurons.count - 1], probability);
    for (size_t j = 0; j < neurons.count; j++)
        limits->start_condition[j] = pow(probability[(size_t)neurons.values[j]], (double)settings->dimension);
}

/* Large networks come first, so that no thread is left with one of them. */
static ts_status run_all(const ts_limit_job *job, const ts_run_options *options, ts_monitor *monitor, ts_error *error) {
    const ts_settings *settings = job->plan->settings;
    const uint64_t items = job->rows_of_starts * job->columns * job->starts;
    const size_t most = settings->dimension * (size_t)ts_grid_largest(settings, TS_PARAMETER_NEURONS);
    atomic_bool failed = false;
    ts_monitor_expect_limits(monitor, items);
#pragma omp parallel num_threads(ts_thread_count(options, items))
    {
        double *position = malloc(most * sizeof *position);
        ts_error own = {.message = "not enough memory for the limits"};
        bool fine = position;
#pragma omp for schedule(dynamic, 8)
        for (uint64_t i = 0; i < items; i++) {
            if (fine && !failed && ts_monitor_advance(monitor, 0, 0)) {
                fine = run_start(job, items - 1 - i, position, &own);
                ts_monitor_limit(monitor);
            }
            if (!fine && !atomic_exchange(&failed, true))
                *error = own;
        }
        free(position);
    }
    return failed ? TS_FAILED : ts_monitor_stopped(monitor) ? TS_INTERRUPTED : TS_OK;
}

ts_status ts_limits_run(ts_limits *limits, const ts_plan *plan, const ts_run_options *options, ts_monitor *monitor,
                        ts_error *error) {
    const ts_settings *settings = plan->settings;
    const size_t columns = ts_grid_length(settings, TS_PARAMETER_NEURONS), rows = plan->cell_count / columns;
    ts_limit_job job = {
        .plan = plan,
        .limits = limits,
        .stops = malloc((rows + 1) * sizeof *job.stops),
        .columns = columns,
        .rows = rows,
        .rows_of_starts = starts_are_common(settings) ? 1 : rows,
        .behind = cells_behind(settings),
        .starts = ts_init_is_drawn(settings->init) ? plan->replicates : 1,
        .success_loss = settings->unexplained_variance * ts_target_variance(settings),
    };
    *limits = (ts_limits){0};
    ts_status status;
    if (job.stops && allocate(limits, plan)) {
        set_stops(&job);
        set_start_conditions(limits, settings);
        status = run_all(&job, options, monitor, error);
    } else {
        status = ts_fail(error, TS_FAILED, "", "not enough memory for the limits of %zu cells", plan->cell_count);
    }
    free(job.stops);
    if (status != TS_OK)
        ts_limits_free(limits);
    return status;
}

void ts_limits_compare(ts_limits *limits, const ts_plan *plan, const ts_results *results) {
    for (size_t i = 0; limits->succeeds && i < plan->cell_count; i++) {
        const uint8_t *mark = results->mark + i * plan->replicates;
        const bool *succeeds = limits->succeeds + i * plan->replicates;
        for (uint32_t r = 0; r < plan->replicates; r++)
            limits->agreement_count[i] += (mark[r] & TS_MARK_FINISHED) && !(mark[r] & TS_MARK_SUCCESS) == !succeeds[r];
    }
    free(limits->succeeds);
    limits->succeeds = NULL;
}

void ts_limits_free(ts_limits *limits) {
    free(limits->starts);
    free(limits->success_count);
    free(limits->horizon_success_count);
    free(limits->start_condition);
    free(limits->agreement_count);
    free(limits->succeeds);
    *limits = (ts_limits){0};
}

ts_limit_summary ts_sweep_limit(const ts_sweep *sweep, size_t neurons_index) {
    const ts_settings *settings = &sweep->settings;
    ts_limit_summary summary = {.neurons = (uint32_t)settings->axis[TS_PARAMETER_NEURONS].values[neurons_index],
                                .start_condition_probability = NAN};
    uint64_t horizon_starts = 0;
    if (sweep->limits.starts) {
        summary.limit_trainings = sweep->limits.starts[neurons_index];
        summary.limit_success_count = sweep->limits.success_count[neurons_index];
        summary.limit_horizon_success_count = sweep->limits.horizon_success_count[neurons_index];
        summary.start_condition_probability = sweep->limits.start_condition[neurons_index];
        horizon_starts = settings->steps == 0 ? summary.limit_trainings : 0;
    }
    ts_rate_interval((double)summary.limit_success_count, (double)summary.limit_trainings, &summary.limit_success_rate,
                     &summary.limit_success_low, &summary.limit_success_high);
    ts_rate_interval((double)summary.limit_horizon_success_count, (double)horizon_starts,
                     &summary.limit_horizon_success_rate, &summary.limit_horizon_success_low,
                     &summary.limit_horizon_success_high);
    return summary;
}
