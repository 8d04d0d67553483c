/* A batch costs its start, its steps and its losses. Each is measured for a few cells and put beside a rough idea of
 * its cost; between them and around them the ratio of the two is taken to change slowly with the number of neurons.
 * Then the threads are given batch after batch as in a run. A training that diverges ends early: of those measured one
 * sees how many do so in so many steps. */
#include "backend/forecast.h"

#include "backend/between.h"
#include "backend/pilot.h"
#include "base/fail.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define PROBE_SECONDS 0.2   /* of the steps of one batch, and of its losses */
#define GLANCE_SECONDS 0.03 /* the same where only divergence is asked for */
#define MOST_COLUMNS 9      /* network sizes that are measured */
#define MOST_ROWS 9         /* cells of one size that are looked at for divergence */
#define LONGEST_WAIT 2      /* times the patience: then a step or loss that is still going on is given up */

typedef struct measurement {
    ts_pilot pilot;
    ts_queue queue;
    ts_monitor monitor;
    double deadline; /* by the monitor's clock */
} measurement;

static const ts_cell *cell_of(const measurement *forecast, const ts_queued_cell *queued) {
    return &forecast->pilot.plan->cells[queued->index];
}

/* Rough cost of a loss: as many intervals as there are breakpoints, with the transitions that overlap. */
static double finish_cost(const ts_cell *cell) {
    const double m = cell->of_coordinate, overlap = cell->width > 0 ? m * cell->width * 0x1p-30 : m / 2;
    return cell->dimension * m * (10 + overlap);
}

/* ---- which cells */

/* The cells of one network size, and what was seen of them. */
typedef struct column {
    const ts_queued_cell *cells; /* [rows] those with the most steps first */
    size_t rows;
    double neurons;
    bool seen;
    double start, step, finish;     /* measured over rough cost; NaN: not known */
    size_t glances, row[MOST_ROWS]; /* rows that were looked at, ascending */
    double hazard[MOST_ROWS];       /* [glances] */
} column;

static double rough_start(const measurement *forecast, const ts_queued_cell *queued) {
    return (double)cell_of(forecast, queued)->neurons * ts_queued_count(queued);
}

static double rough_step(const measurement *forecast, const ts_queued_cell *queued) {
    return queued->method->step_cost(cell_of(forecast, queued));
}

static bool is_over(const measurement *forecast) {
    return ts_monitor_seconds(&forecast->monitor) > forecast->deadline;
}

/* How many trainings of a row diverge, put in its place among those looked at. */
static void note_hazard(column *found, size_t row, double hazard) {
    size_t at = found->glances++;
    for (; at > 0 && found->row[at - 1] > row; at--) {
        found->row[at] = found->row[at - 1];
        found->hazard[at] = found->hazard[at - 1];
    }
    found->row[at] = row;
    found->hazard[at] = hazard;
}

static bool glance(measurement *forecast, column *found, size_t row) {
    ts_pilot_costs seen;
    const bool fine = ts_pilot_cell(&forecast->pilot, &found->cells[row], GLANCE_SECONDS, false, &seen);
    note_hazard(found, row, seen.hazard);
    return fine;
}

/* One cell in full; the rows between the first and the last only where these differ. */
static bool measure_column(measurement *forecast, column *found) {
    const ts_queued_cell *queued = &found->cells[0];
    ts_pilot_costs seen;
    bool fine = ts_pilot_cell(&forecast->pilot, queued, PROBE_SECONDS, true, &seen);
    found->seen = true;
    found->start = seen.start / rough_start(forecast, queued);
    found->step = seen.step / rough_step(forecast, queued);
    found->finish = seen.finish / finish_cost(cell_of(forecast, queued));
    note_hazard(found, 0, seen.hazard);
    const size_t last = found->rows - 1, most = found->rows < MOST_ROWS ? found->rows : MOST_ROWS;
    if (fine && last > 0 && !is_over(forecast))
        fine = glance(forecast, found, last);
    const bool differ = (found->hazard[0] > 0) != (found->hazard[found->glances - 1] > 0);
    for (size_t k = 1; fine && differ && k + 1 < most && !is_over(forecast); k++)
        fine = glance(forecast, found, ts_spread(k, most, found->rows));
    return fine;
}

/* The ends first, then the middle of the widest gap. */
static size_t next_column(const column *columns, size_t count) {
    size_t best = 0, widest = 0, before = 0;
    if (!columns[0].seen || !columns[count - 1].seen)
        return columns[0].seen ? count - 1 : 0;
    for (size_t k = 1; k < count; k++) {
        if (!columns[k].seen)
            continue;
        if (k - before > widest) {
            widest = k - before;
            best = (before + k) / 2;
        }
        before = k;
    }
    return best;
}

static bool measure_columns(measurement *forecast, column *columns, size_t count) {
    const size_t most = count < MOST_COLUMNS ? count : MOST_COLUMNS;
    bool fine = true;
    for (size_t k = 0; fine && k < most && (k == 0 || !is_over(forecast)); k++)
        fine = measure_column(forecast, &columns[next_column(columns, count)]);
    return fine;
}

/* ---- what the others cost */

/* A ratio of the measured columns at another one: between the nearest on both sides by the logarithm of the size. */
static double ratio_at(const column *columns, size_t count, size_t at, size_t offset) {
    double size[MOST_COLUMNS], ratio[MOST_COLUMNS];
    size_t known = 0;
    for (size_t k = 0; k < count; k++) {
        double found;
        memcpy(&found, (const char *)&columns[k] + offset, sizeof found);
        if (!columns[k].seen || isnan(found))
            continue;
        size[known] = log(columns[k].neurons);
        ratio[known++] = found;
    }
    return ts_between(size, ratio, known, log(columns[at].neurons));
}

/* Of the nearest row that was looked at, in the nearest column. */
static double hazard_at(const column *columns, size_t count, size_t at, size_t row) {
    size_t nearest = at;
    for (size_t distance = 0; distance < count; distance++) {
        nearest = at >= distance && columns[at - distance].seen          ? at - distance
                  : at + distance < count && columns[at + distance].seen ? at + distance
                                                                         : nearest;
        if (columns[nearest].seen)
            break;
    }
    const column *seen = &columns[nearest];
    double hazard = 0, best = INFINITY;
    for (size_t k = 0; k < seen->glances; k++) {
        const double away = fabs((double)seen->row[k] / (double)seen->rows - (double)row / (double)columns[at].rows);
        if (away < best) {
            best = away;
            hazard = seen->hazard[k];
        }
    }
    return hazard;
}

/* Steps until the last of `count` trainings ends, of which a part `hazard` diverges in each step. */
static double steps_of_batch(double steps, double hazard, uint32_t count) {
    double mean = 0;
    for (uint32_t i = 1; i <= count; i++)
        mean += 1.0 / i;
    return hazard > 0 ? fmin(steps, mean / hazard) : steps;
}

/* What a step of `trainings` trainings costs beside one of a full batch: vectors are filled up. */
static double share_of_step(const ts_queued_cell *queued, uint32_t trainings, uint32_t full) {
    const uint32_t least = queued->method->least, filled = (trainings + least - 1) / least;
    const uint32_t all = (full + least - 1) / least;
    return (double)filled / all;
}

/* What the batches of a cell cost: those that are full, and the rest, if there is one. */
typedef struct batch_cost {
    double full, rest;
} batch_cost;

/* How often a training of the cell is measured: observations at the same step are one look. */
static double looks_of(const ts_plan *plan, size_t cell) {
    double looks = 1;
    for (size_t k = 0; k < plan->observations; k++)
        looks += k == 0 || ts_plan_look(plan, cell, k) != ts_plan_look(plan, cell, k - 1);
    return looks;
}

static double batch_seconds(const measurement *forecast, const column *columns, size_t count, size_t at, size_t row,
                            uint32_t trainings) {
    const ts_queued_cell *queued = &columns[at].cells[row];
    const ts_cell *cell = cell_of(forecast, queued);
    const uint32_t full = ts_queued_count(queued);
    const double steps = steps_of_batch((double)cell->steps, hazard_at(columns, count, at, row), trainings);
    const double start = ratio_at(columns, count, at, offsetof(column, start)) * rough_start(forecast, queued) / full;
    const double step = ratio_at(columns, count, at, offsetof(column, step)) * rough_step(forecast, queued);
    const double finish = ratio_at(columns, count, at, offsetof(column, finish)) * finish_cost(cell);
    const double looks = looks_of(forecast->pilot.plan, queued->index);
    return (start + finish * looks) * trainings + step * steps * share_of_step(queued, trainings, full);
}

static batch_cost cost_of(const measurement *forecast, const column *columns, size_t count, size_t at, size_t row) {
    const ts_queued_cell *queued = &columns[at].cells[row];
    const uint32_t rest = queued->rows.count % queued->width;
    return (batch_cost){.full = batch_seconds(forecast, columns, count, at, row, queued->width),
                        .rest = rest > 0 ? batch_seconds(forecast, columns, count, at, row, rest) : 0};
}

/* ---- the threads at work */

/* `load` [threads] is what each has to do; another batch goes to the one with the least. */
static void add_batch(double *load, int threads, double seconds) {
    int least = 0;
    for (int i = 1; i < threads; i++)
        least = load[i] < load[least] ? i : least;
    load[least] += seconds;
}

/* So many batches that they level the loads. */
static void add_many(double *load, int threads, double seconds) {
    double sum = seconds;
    for (int i = 0; i < threads; i++)
        sum += load[i];
    for (int i = 0; i < threads; i++)
        load[i] = sum / threads;
}

/* All cells in the order of the queue. `cost` [ranges of the plan]. */
static double longest_thread(const measurement *forecast, const batch_cost *cost, double *load) {
    const int threads = forecast->pilot.threads;
    double longest = 0;
    for (size_t k = 0; k < forecast->queue.cell_count; k++) {
        const ts_queued_cell *queued = &forecast->queue.cells[k];
        const batch_cost *seconds = &cost[queued->number];
        uint64_t batches = queued->rows.count / queued->width;
        const uint64_t of_each = batches / (uint64_t)threads;
        if (of_each > 1) {
            const uint64_t many = (of_each - 1) * (uint64_t)threads;
            add_many(load, threads, (double)many * seconds->full);
            batches -= many;
        }
        for (; batches > 0; batches--)
            add_batch(load, threads, seconds->full);
        if (seconds->rest > 0)
            add_batch(load, threads, seconds->rest);
    }
    for (int i = 0; i < threads; i++)
        longest = load[i] <= longest ? longest : load[i]; /* NaN is the longest */
    return longest;
}

/* ---- all of it */

static int compare_cells(const void *left, const void *right) {
    const ts_queued_cell *a = left, *b = right;
    if (a->neurons != b->neurons)
        return a->neurons < b->neurons ? -1 : 1;
    if (a->cost != b->cost)
        return a->cost > b->cost ? -1 : 1;
    return (a->index > b->index) - (a->index < b->index);
}

/* Put copies of the cells in order, and find where each column begins. Returns how many there are. */
static size_t find_columns(const ts_queue *queue, ts_queued_cell *cells, column *columns) {
    size_t found = 0;
    memcpy(cells, queue->cells, queue->cell_count * sizeof *cells);
    qsort(cells, queue->cell_count, sizeof *cells, compare_cells);
    for (size_t k = 0; k < queue->cell_count; k++) {
        if (k == 0 || cells[k].neurons != cells[k - 1].neurons)
            columns[found++] = (column){.cells = &cells[k], .neurons = cells[k].neurons};
        columns[found - 1].rows++;
    }
    return found;
}

static bool measure(measurement *forecast, double *seconds) {
    const size_t cells = forecast->queue.cell_count;
    ts_queued_cell *by_size = malloc(cells * sizeof *by_size);
    column *columns = malloc(cells * sizeof *columns);
    batch_cost *cost = calloc(cells, sizeof *cost);
    double *load = calloc((size_t)forecast->pilot.threads, sizeof *load);
    bool fine = by_size && columns && cost && load;
    if (fine) {
        const size_t count = find_columns(&forecast->queue, by_size, columns);
        fine = measure_columns(forecast, columns, count);
        for (size_t k = 0; k < count; k++)
            for (size_t row = 0; row < columns[k].rows; row++)
                cost[columns[k].cells[row].number] = cost_of(forecast, columns, count, k, row);
        *seconds = longest_thread(forecast, cost, load);
    }
    free(load);
    free(cost);
    free(columns);
    free(by_size);
    return fine;
}

static bool before_deadline(void *context, const ts_progress *progress) {
    const measurement *forecast = context;
    return progress->seconds < LONGEST_WAIT * forecast->deadline;
}

ts_status ts_host_forecast(ts_method_choice *choose, const ts_plan *plan, const ts_run_options *options,
                           double patience, double *seconds, ts_error *error) {
    measurement forecast = {.pilot = {.plan = plan, .options = options}, .deadline = patience};
    ts_run_options watched = *options;
    watched.on_progress = before_deadline;
    watched.context = &forecast;
    ts_monitor_begin(&forecast.monitor, &watched, (ts_progress){0}, NULL);
    bool fine = ts_queue_create(&forecast.queue, choose, plan, options);
    if (fine) {
        forecast.pilot.threads = ts_thread_count(options, forecast.queue.parties);
        forecast.pilot.monitor = &forecast.monitor;
        fine = measure(&forecast, seconds);
    }
    ts_queue_free(&forecast.queue);
    if (fine)
        return TS_OK;
    return ts_fail(error, TS_FAILED, "", "not enough memory to measure the speed of %zu cells", plan->cell_count);
}
