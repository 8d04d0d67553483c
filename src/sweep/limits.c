#include "sweep/limits.h"

#include "base/fail.h"
#include "base/order.h"
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

/* Slow times at which a start is looked at in one go. Of more of them a first look at so many says between which two
 * the success is, and a second one at those between them when. */
#define LOOKS 256

/* What the threads share. A start belongs to a column of cells, which is all those of a neuron count; the cells of a
 * column are its rows, in the order of the plan. All starts of a column count for all of its rows, whatever training
 * begins there. A limit's loss never rises, so all that is to be known of a start is the first stop at which it is a
 * success. */
typedef struct ts_limit_job {
    const ts_plan *plan;
    ts_limits *limits;
    double *slow_time;     /* [stop_count] stops, ascending, each once; the last is INFINITY: nothing moves any more */
    size_t *stop_of_row;   /* [rows] where its trainings end */
    uint64_t *success;     /* [stop_count] starts of a column that succeed first at this stop; in the end, by it */
    size_t stop_count;     /* of all rows, of the horizon, and the last one */
    size_t columns, rows;  /* of the grid */
    size_t behind;         /* cells between one column and the next */
    uint64_t starts;       /* that a column counts */
    uint64_t drawn_starts; /* that are looked at: one that is not drawn stands for all */
    double success_loss;
} ts_limit_job;

static bool starts_are_common(const ts_settings *settings) {
    return settings->randomness == TS_RANDOMNESS_COMMON || !ts_init_is_drawn(settings->init);
}

static size_t rows_of(const ts_settings *settings) {
    return ts_grid_cells(settings) / ts_grid_length(settings, TS_PARAMETER_NEURONS);
}

/* Starts of a column that are followed. */
static uint64_t drawn_starts(const ts_settings *settings) {
    return ts_init_is_drawn(settings->init) ? ts_limits_starts(settings) : 1;
}

uint64_t ts_limits_starts(const ts_settings *settings) {
    const uint64_t trainings = settings->replicates * (starts_are_common(settings) ? 1 : rows_of(settings));
    return settings->limit_starts > trainings ? settings->limit_starts : trainings;
}

double ts_limits_starts_bytes(const ts_settings *settings) {
    const double columns = (double)ts_grid_length(settings, TS_PARAMETER_NEURONS);
    return settings->theory ? columns * (double)drawn_starts(settings) * sizeof(uint32_t) : 0;
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

/* The final slow time of the cells of a row, which is the same in each column. */
static double end_of_row(const ts_limit_job *job, size_t row) {
    const ts_cell *cell = &job->plan->cells[cell_of(job, row, 0)];
    return (double)cell->steps * cell->parameter[TS_PARAMETER_H] * cell->parameter[TS_PARAMETER_EPSILON];
}

static size_t stop_at(const ts_limit_job *job, double slow_time) {
    const double *found =
        bsearch(&slow_time, job->slow_time, job->stop_count, sizeof *job->slow_time, ts_compare_doubles);
    return (size_t)(found - job->slow_time);
}

/* Those of all rows and the horizon's own: where the horizon is given as a slow time, that of the cells tends to it as
 * epsilon goes to 0, whatever min_fast_time is. */
static void set_stops(ts_limit_job *job) {
    const ts_settings *settings = job->plan->settings;
    size_t count = 0;
    for (size_t row = 0; row < job->rows; row++)
        job->slow_time[count++] = end_of_row(job, row);
    job->slow_time[count++] = settings->steps == 0 ? settings->slow_time : INFINITY;
    job->slow_time[count++] = INFINITY;
    qsort(job->slow_time, count, sizeof *job->slow_time, ts_compare_doubles);
    job->stop_count = 0;
    for (size_t i = 0; i < count; i++)
        if (i == 0 || job->slow_time[i] > job->slow_time[i - 1])
            job->slow_time[job->stop_count++] = job->slow_time[i];
    for (size_t row = 0; row < job->rows; row++)
        job->stop_of_row[row] = stop_at(job, end_of_row(job, row));
}

/* ---- one start */

/* The limits of the coordinates, which do not know of each other: their losses add up (docs/theory.md section 7). */
typedef struct coordinate_limits {
    ts_limit *of[TS_MAX_DIMENSION]; /* [count] */
    uint32_t count;
} coordinate_limits;

static bool create_limits(coordinate_limits *limits, const ts_settings *settings, const ts_cell *cell,
                          const double *position, ts_error *error) {
    const uint32_t m = cell->of_coordinate;
    for (limits->count = 0; limits->count < cell->dimension; limits->count++)
        if (ts_limit_create(&limits->of[limits->count], settings, position + limits->count * m, m, error) != TS_OK)
            return false;
    return true;
}

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

/* Look at every `stride`-th stop from `*stop` on, which becomes the first before `end` at which the start is a success,
 * or `end`. */
static bool look(const ts_limit_job *job, const ts_cell *cell, const double *position, size_t *stop, size_t end,
                 size_t stride, ts_error *error) {
    coordinate_limits limits;
    bool success = false;
    bool fine = create_limits(&limits, job->plan->settings, cell, position, error);
    while (fine && *stop < end) {
        fine = advance(job, &limits, job->slow_time[*stop], &success, error);
        if (success)
            break;
        *stop = stride < end - *stop ? *stop + stride : end;
    }
    for (uint32_t c = 0; c < limits.count; c++)
        ts_limit_destroy(limits.of[c]);
    return fine;
}

/* The first stop at which a start is a success; stop_count: it never is one. */
static bool find_success(const ts_limit_job *job, const ts_cell *cell, const double *position, size_t *stop,
                         ts_error *error) {
    const size_t all = job->stop_count, stride = (all + LOOKS - 1) / LOOKS;
    *stop = (all - 1) % stride; /* the last one is among those that are looked at */
    if (!look(job, cell, position, stop, all, stride, error))
        return false;
    const size_t end = *stop;
    if (end == all || stride == 1)
        return true;
    *stop = end < stride ? 0 : end - stride + 1;
    return look(job, cell, position, stop, end, 1, error);
}

/* One of the starts of a column, and the rows whose trainings of this number begin there: none of the starts beyond
 * those of the trainings. */
typedef struct start {
    ts_cell cell;
    uint32_t replicate;
    size_t row, row_count;
} start;

/* With independent randomness the starts are those of one row after the other. Those beyond are replicates of no cell:
 * of the words that common randomness would give to all. */
static start start_of(const ts_limit_job *job, size_t column, uint64_t number) {
    const uint64_t replicates = job->plan->replicates;
    const bool common = starts_are_common(job->plan->settings);
    const uint64_t row = common ? 0 : number / replicates;
    const bool is_of_training = common ? number < replicates : row < job->rows;
    start found = {.cell = job->plan->cells[cell_of(job, is_of_training ? row : 0, column)],
                   .replicate = (uint32_t)(common || !is_of_training ? number : number % replicates),
                   .row = row,
                   .row_count = !is_of_training ? 0
                                : common        ? job->rows
                                                : 1};
    if (!common && !is_of_training) {
        found.cell.salt = 0;
        found.replicate = (uint32_t)(number - job->rows * replicates);
    }
    return found;
}

/* Mark the trainings that begin there by their limit. A start that is not drawn is that of all replicates. */
static void mark_trainings(const ts_limit_job *job, const start *of, size_t column, size_t first_success,
                           uint8_t *marks) {
    const uint64_t replicates = job->plan->replicates;
    const uint64_t count = ts_init_is_drawn(job->plan->settings->init) ? 1 : replicates;
    for (size_t row = of->row; row < of->row + of->row_count; row++) {
        uint8_t *mark = marks + cell_of(job, row, column) * replicates + of->replicate;
        for (uint64_t r = 0; r < count && first_success <= job->stop_of_row[row]; r++)
            mark[r] |= TS_MARK_LIMIT_SUCCESS;
    }
}

static bool run_start(const ts_limit_job *job, size_t column, uint64_t number, double *position, ts_error *error) {
    const start of = start_of(job, column, number);
    uint32_t *known = &job->limits->first_success[column * job->drawn_starts + number];
    size_t first_success;
    if (*known != TS_LIMIT_UNKNOWN)
        return true;
    ts_limit_start(&of.cell, of.replicate, position);
    if (!find_success(job, &of.cell, position, &first_success, error))
        return false;
#pragma omp atomic write
    *known = (uint32_t)first_success;
    return true;
}

/* ---- all starts */

static bool allocate(ts_limits *limits, const ts_plan *plan) {
    const size_t columns = ts_grid_length(plan->settings, TS_PARAMETER_NEURONS), cells = plan->cell_count;
    limits->columns = columns;
    limits->drawn_starts = drawn_starts(plan->settings);
    limits->first_success = malloc(columns * limits->drawn_starts * sizeof *limits->first_success);
    limits->success_count = calloc(columns, sizeof *limits->success_count);
    limits->horizon_success_count = calloc(columns, sizeof *limits->horizon_success_count);
    limits->start_condition = malloc(columns * sizeof *limits->start_condition);
    limits->end_success_count = calloc(cells, sizeof *limits->end_success_count);
    limits->by_loss = calloc(cells, sizeof *limits->by_loss);
    limits->by_positions = calloc(cells, sizeof *limits->by_positions);
    return limits->first_success && limits->success_count && limits->horizon_success_count && limits->start_condition &&
           limits->end_success_count && limits->by_loss && limits->by_positions;
}

static void set_start_conditions(ts_limits *limits, const ts_settings *settings) {
    double probability[TS_MAX_NEURONS + 1];
    const ts_sweep_axis neurons = settings->axis[TS_PARAMETER_NEURONS];
    ts_start_condition_probabilities(settings, (uint32_t)neurons.values[neurons.count - 1], probability);
    for (size_t j = 0; j < neurons.count; j++)
        limits->start_condition[j] = pow(probability[(size_t)neurons.values[j]], (double)settings->dimension);
}

ts_status ts_limits_create(ts_limits *limits, const ts_plan *plan, ts_error *error) {
    *limits = (ts_limits){0};
    if (!allocate(limits, plan)) {
        ts_limits_free(limits);
        return ts_fail(error, TS_FAILED, "", "not enough memory for the limits of %zu cells", plan->cell_count);
    }
    set_start_conditions(limits, plan->settings);
    memset(limits->first_success, 0xff, limits->columns * limits->drawn_starts * sizeof *limits->first_success);
    return TS_OK;
}

static bool job_create(ts_limit_job *job, ts_limits *limits, const ts_plan *plan) {
    const ts_settings *settings = plan->settings;
    const size_t rows = rows_of(settings);
    *job = (ts_limit_job){
        .plan = plan,
        .limits = limits,
        .slow_time = malloc((rows + 2) * sizeof *job->slow_time),
        .stop_of_row = malloc(rows * sizeof *job->stop_of_row),
        .success = calloc(rows + 2, sizeof *job->success),
        .columns = limits->columns,
        .rows = rows,
        .behind = cells_behind(settings),
        .starts = ts_limits_starts(settings),
        .drawn_starts = limits->drawn_starts,
        .success_loss = settings->unexplained_variance * ts_target_variance(settings),
    };
    if (!job->slow_time || !job->stop_of_row || !job->success)
        return false;
    set_stops(job);
    return true;
}

static void job_free(ts_limit_job *job) {
    free(job->slow_time);
    free(job->stop_of_row);
    free(job->success);
}

/* Starts that a thread takes at a time, and that others leave to those who claim them. */
#define PIECE 8

/* A piece of all starts, of which large networks come first, so that no thread is left with one of them. */
static bool run_piece(const ts_limit_job *job, uint64_t piece, double *position, ts_monitor *monitor, ts_error *error) {
    const uint64_t items = job->columns * job->drawn_starts;
    bool fine = true;
    for (uint64_t i = piece * PIECE; fine && i < (piece + 1) * PIECE && i < items; i++) {
        const uint64_t item = items - 1 - i;
        const bool known = job->limits->first_success[item] != TS_LIMIT_UNKNOWN;
        if (!known && !ts_monitor_advance(monitor, 0, 0))
            break;
        fine = run_start(job, (size_t)(item / job->drawn_starts), item % job->drawn_starts, position, error);
        ts_monitor_limit(monitor);
    }
    return fine;
}

static bool is_ours(const ts_team *team, uint64_t piece) {
    bool ours = true;
#pragma omp critical(ts_limits_claim)
    if (team)
        ours = team->claim(team->context, (size_t)piece);
    return ours;
}

static ts_status run_all(const ts_limit_job *job, const ts_team *team, const ts_run_options *options,
                         ts_monitor *monitor, ts_error *error) {
    const ts_settings *settings = job->plan->settings;
    const uint64_t items = job->columns * job->drawn_starts, pieces = (items + PIECE - 1) / PIECE;
    const size_t most = settings->dimension * (size_t)ts_grid_largest(settings, TS_PARAMETER_NEURONS);
    atomic_bool failed = false;
    ts_monitor_expect_limits(monitor, items);
#pragma omp parallel num_threads(ts_thread_count(options, items))
    {
        double *position = malloc(most * sizeof *position);
        ts_error own = {.message = "not enough memory for the limits"};
        bool fine = position;
#pragma omp for schedule(dynamic, 1)
        for (uint64_t piece = 0; piece < pieces; piece++) {
            if (fine && !failed && !ts_monitor_stopped(monitor) && is_ours(team, piece))
                fine = run_piece(job, piece, position, monitor, &own);
            if (!fine && !atomic_exchange(&failed, true))
                *error = own;
        }
        free(position);
    }
    return failed ? TS_FAILED : ts_monitor_stopped(monitor) ? TS_INTERRUPTED : TS_OK;
}

/* All members of the team get to know what one of them knows. */
static void share(ts_limits *limits, const ts_team *team) {
    if (team)
        team->least(team->context, limits->first_success, limits->columns * limits->drawn_starts);
}

ts_status ts_limits_run(ts_limits *limits, const ts_plan *plan, const ts_team *team, const ts_run_options *options,
                        ts_monitor *monitor, ts_error *error) {
    ts_limit_job job;
    ts_status status;
    share(limits, team);
    if (team)
        team->begin(team->context, (limits->columns * limits->drawn_starts + PIECE - 1) / PIECE);
    if (job_create(&job, limits, plan))
        status = run_all(&job, team, options, monitor, error);
    else
        status = ts_fail(error, TS_FAILED, "", "not enough memory for the limits of %zu cells", plan->cell_count);
    job_free(&job);
    status = ts_team_agree(team, status, error); /* before all else: who has failed stops the others */
    share(limits, team);
    return status;
}

/* From the starts that succeed first at a stop to those that are a success there. */
static void add_up_column(ts_limit_job *job, size_t column, uint8_t *mark) {
    const ts_settings *settings = job->plan->settings;
    ts_limits *limits = job->limits;
    const uint32_t *known = &limits->first_success[column * job->drawn_starts];
    memset(job->success, 0, job->stop_count * sizeof *job->success);
    for (uint64_t number = 0; number < job->drawn_starts; number++) {
        const start of = start_of(job, column, number);
        if (known[number] < job->stop_count)
            job->success[known[number]] += job->starts / job->drawn_starts;
        if (mark)
            mark_trainings(job, &of, column, known[number], mark);
    }
    for (size_t i = 1; i < job->stop_count; i++)
        job->success[i] += job->success[i - 1];
    for (size_t row = 0; row < job->rows; row++)
        limits->end_success_count[cell_of(job, row, column)] = job->success[job->stop_of_row[row]];
    limits->success_count[column] = job->success[job->stop_count - 1];
    if (settings->steps == 0)
        limits->horizon_success_count[column] = job->success[stop_at(job, settings->slow_time)];
}

ts_status ts_limits_add_up(ts_limits *limits, const ts_plan *plan, uint8_t *mark, ts_error *error) {
    ts_limit_job job;
    ts_status status = TS_OK;
    if (job_create(&job, limits, plan)) {
        for (size_t column = 0; column < job.columns; column++)
            add_up_column(&job, column, mark);
        limits->starts = job.starts;
    } else {
        status = ts_fail(error, TS_FAILED, "", "not enough memory for the limits of %zu cells", plan->cell_count);
    }
    job_free(&job);
    return status;
}

void ts_limits_compare(ts_limits *limits, const ts_plan *plan, const ts_results *results) {
    const uint8_t *mark = results->mark;
    for (size_t i = 0; limits->by_loss && i < plan->cell_count; i++, mark += plan->replicates) {
        ts_limit_table *by_loss = &limits->by_loss[i], *by_positions = &limits->by_positions[i];
        *by_loss = *by_positions = (ts_limit_table){{{0}}};
        for (uint32_t r = 0; r < results->reach[i]; r++) {
            const bool limit = mark[r] & TS_MARK_LIMIT_SUCCESS;
            if (!(mark[r] & TS_MARK_FINISHED))
                continue;
            by_loss->count[limit][(mark[r] & TS_MARK_SUCCESS) != 0]++;
            by_positions->count[limit][(mark[r] & TS_MARK_POSITION_SUCCESS) != 0]++;
        }
    }
}

void ts_limits_free(ts_limits *limits) {
    free(limits->first_success);
    free(limits->success_count);
    free(limits->horizon_success_count);
    free(limits->start_condition);
    free(limits->end_success_count);
    free(limits->by_loss);
    free(limits->by_positions);
    *limits = (ts_limits){0};
}

ts_limit_summary ts_sweep_limit(const ts_sweep *sweep, size_t neurons_index) {
    const ts_settings *settings = &sweep->settings;
    ts_limit_summary summary = {.neurons = (uint32_t)settings->axis[TS_PARAMETER_NEURONS].values[neurons_index],
                                .start_condition_probability = NAN};
    uint64_t horizon_starts = 0;
    if (sweep->limits.starts > 0) {
        summary.limit_trainings = sweep->limits.starts;
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
