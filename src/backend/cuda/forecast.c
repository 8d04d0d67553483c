/* How long GPUs would take for a plan: they are given trainings like those of the plan, enough to occupy them, once
 * short and once longer. What the two share is start and loss, the difference is steps. Where the plan observes them,
 * short ones that are looked at say what a look costs. */
#include "backend/between.h"
#include "backend/cuda/backend.h"

#include <math.h>
#include <stdlib.h>

#define SAMPLES 5          /* network sizes that are measured, at most; the cost of the others lies between */
#define SAMPLE_SECONDS 0.1 /* the difference, at least, where there are so many steps */
#define MOST_CELLS 64
#define MOST_REPLICATES 4096
#define GROWTH 4 /* of the number of steps */

/* Of one network size: seconds of a training with its looks, and of a step of it when the devices are full, and the
 * part of the trainings that diverges in a step. */
typedef struct sample {
    double neurons, training, step, hazard;
} sample;

typedef struct run_cost {
    double seconds, steps, diverged;
} run_cost;

/* Trainings like those of `cell` with `steps` steps, in as many cells as there are in the plan, up to MOST_CELLS. With
 * `observed` somebody looks at them once before their end. */
static ts_status run_short(const ts_plan *plan, const ts_placement *placement, const ts_cell *cell, uint64_t steps,
                           bool observed, run_cost *cost, ts_error *error) {
    const size_t count = plan->cell_count < MOST_CELLS ? plan->cell_count : MOST_CELLS;
    ts_cell *cells = malloc(count * sizeof *cells);
    uint64_t *at_start = calloc(count, sizeof *at_start);
    ts_results results = {.statistics = calloc(count, sizeof *results.statistics),
                          .observed = calloc(count, sizeof *results.observed),
                          .first_success = calloc(count, sizeof *results.first_success)};
    const bool enough = cells && at_start && results.statistics && results.observed && results.first_success;
    double busy[TS_MAX_DEVICES] = {0};
    ts_monitor monitor;
    ts_run_options unwatched = *placement->options;
    unwatched.on_progress = NULL;
    ts_placement same = *placement;
    same.options = &unwatched;
    ts_status status = TS_FAILED;
    for (size_t i = 0; cells && i < count; i++) {
        cells[i] = *cell;
        cells[i].steps = steps;
    }
    const ts_plan part = {
        .settings = plan->settings,
        .cells = cells,
        .cell_count = count,
        .replicates = plan->replicates < MOST_REPLICATES ? plan->replicates : MOST_REPLICATES,
        .observe = at_start,
        .observations = observed,
    };
    ts_monitor_begin(&monitor, &unwatched, (ts_progress){0}, busy);
    if (enough)
        status = ts_cuda_run(&part, &same, &monitor, &results, error);
    *cost = (run_cost){.seconds = ts_monitor_seconds(&monitor), .steps = monitor.training_steps};
    for (size_t i = 0; status == TS_OK && i < count; i++)
        cost->diverged += (double)results.statistics[i].outcome_count[TS_OUTCOME_DIVERGED];
    free(results.first_success);
    free(results.observed);
    free(results.statistics);
    free(at_start);
    free(cells);
    return status;
}

/* Seconds of all looks on the way at one training when there are so many: those of one look more than at the end. */
static ts_status measure_looks(const ts_plan *plan, const ts_placement *placement, const ts_cell *cell,
                               double trainings, double *seconds, ts_error *error) {
    run_cost without = {0}, with = {0};
    ts_status status = run_short(plan, placement, cell, 1, false, &without, error);
    if (status == TS_OK)
        status = run_short(plan, placement, cell, 1, true, &with, error);
    *seconds = (double)plan->observations * fmax(with.seconds - without.seconds, 0) / trainings;
    return status;
}

static ts_status measure(const ts_plan *plan, const ts_placement *placement, const ts_cell *cell, sample *found,
                         ts_error *error) {
    run_cost first, longer;
    double looks = 0;
    ts_status status = run_short(plan, placement, cell, 1, false, &first, error);
    longer = first;
    const size_t cells = plan->cell_count < MOST_CELLS ? plan->cell_count : MOST_CELLS;
    const double trainings = (double)cells * (plan->replicates < MOST_REPLICATES ? plan->replicates : MOST_REPLICATES);
    for (uint64_t steps = GROWTH; status == TS_OK && longer.seconds - first.seconds < SAMPLE_SECONDS &&
                                  longer.diverged < trainings && steps <= cell->steps;
         steps *= GROWTH)
        status = run_short(plan, placement, cell, steps, false, &longer, error);
    if (status == TS_OK && plan->observations > 0)
        status = measure_looks(plan, placement, cell, trainings, &looks, error);
    const double steps = longer.steps - first.steps;
    *found = (sample){.neurons = cell->neurons,
                      .training = first.seconds / trainings + looks,
                      .step = steps > 0 ? fmax(longer.seconds - first.seconds, 0) / steps : 0,
                      .hazard = ts_hazard(longer.diverged, longer.steps)};
    return status;
}

/* Seconds of a training of so many steps. */
static double cost_of(const sample *of, double steps) {
    const double expected = of->hazard > 0 ? -expm1(-of->hazard * steps) / of->hazard : steps;
    return of->training + of->step * expected;
}

/* As the samples [count] on both sides, which ascend. */
static double cost_between(const sample *samples, size_t count, const ts_cell *cell) {
    double neurons[SAMPLES], cost[SAMPLES];
    for (size_t i = 0; i < count; i++) {
        neurons[i] = samples[i].neurons;
        cost[i] = cost_of(&samples[i], (double)cell->steps);
    }
    return ts_between(neurons, cost, count, cell->neurons);
}

static int compare_neurons(const void *left, const void *right) {
    const ts_cell *a = *(const ts_cell *const *)left, *b = *(const ts_cell *const *)right;
    if (a->neurons != b->neurons)
        return a->neurons < b->neurons ? -1 : 1;
    return a->steps > b->steps ? -1 : a->steps < b->steps;
}

/* The first cell of each network size. Returns how many there are. */
static size_t find_sizes(const ts_plan *plan, const ts_cell **cells) {
    size_t count = 0;
    for (size_t i = 0; i < plan->cell_count; i++)
        cells[i] = &plan->cells[i];
    qsort(cells, plan->cell_count, sizeof *cells, compare_neurons);
    for (size_t i = 0; i < plan->cell_count; i++)
        if (i == 0 || cells[i]->neurons != cells[count - 1]->neurons)
            cells[count++] = cells[i];
    return count;
}

ts_status ts_cuda_forecast(const ts_plan *plan, const ts_placement *placement, double patience, double *seconds,
                           ts_error *error) {
    const ts_cell **cells = malloc(plan->cell_count * sizeof *cells);
    sample samples[SAMPLES];
    size_t measured = 0;
    ts_status status = TS_FAILED;
    if (cells) {
        const size_t sizes = find_sizes(plan, cells), most = sizes < SAMPLES ? sizes : SAMPLES;
        ts_monitor clock;
        ts_monitor_begin(&clock, placement->options, (ts_progress){0}, NULL);
        do {
            status = measure(plan, placement, cells[ts_spread(measured, most, sizes)], &samples[measured], error);
            measured++;
        } while (status == TS_OK && measured < most && ts_monitor_seconds(&clock) < patience);
    }
    *seconds = 0;
    for (size_t i = 0; status == TS_OK && i < ts_plan_ranges(plan); i++) {
        const ts_rows rows = ts_plan_range(plan, i);
        *seconds += cost_between(samples, measured, &plan->cells[rows.cell]) * rows.count;
    }
    free(cells);
    return status;
}
