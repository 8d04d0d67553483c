#include "backend/host.h"

#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

/* Neuron steps between two looks at the clock: some tens of milliseconds. */
#define CHUNK_WORK 10000000.0

int ts_thread_count(const ts_run_options *options, uint64_t trainings) {
    uint64_t threads = (uint64_t)(options->threads > 0 ? options->threads : omp_get_num_procs());
    threads = threads > (uint64_t)omp_get_thread_limit() ? (uint64_t)omp_get_thread_limit() : threads;
    return (int)(threads > trainings ? trainings : threads);
}

void ts_statistics_count(ts_statistics *statistics, ts_outcome outcome, int64_t loss) {
    statistics->outcome_count[outcome]++;
    if (outcome == TS_OUTCOME_DIVERGED)
        return;
    statistics->loss_sum_high += (uint64_t)loss >> 32;
    statistics->loss_sum_low += (uint32_t)loss;
    statistics->histogram[ts_loss_bin(loss)]++;
}

typedef struct cell_cost {
    double cost; /* of one training */
    size_t cell;
} cell_cost;

static int compare_costs(const void *left, const void *right) {
    const cell_cost *a = left, *b = right;
    if (a->cost != b->cost)
        return a->cost < b->cost ? 1 : -1;
    return (a->cell > b->cell) - (a->cell < b->cell);
}

/* Cells in the order in which they are run: long trainings first, so that no thread ends long after the others. */
static cell_cost *order_cells(const ts_plan *plan) {
    cell_cost *order = malloc(plan->cell_count * sizeof *order);
    if (!order)
        return NULL;
    for (size_t i = 0; i < plan->cell_count; i++)
        order[i] = (cell_cost){(double)plan->cells[i].steps * (plan->cells[i].neurons + 16.0), i};
    qsort(order, plan->cell_count, sizeof *order, compare_costs);
    return order;
}

static uint64_t chunk_length(const ts_run_options *options, const ts_cell *cell) {
    return options->chunk_steps > 0 ? options->chunk_steps : (uint64_t)(CHUNK_WORK / (cell->neurons + 16.0));
}

/* Advance to the end of the horizon. Returns false when the run was stopped before. */
static bool advance_to_end(const ts_arithmetic *arithmetic, const ts_plan *plan, const ts_cell *cell,
                           const ts_run_options *options, ts_monitor *monitor, void *state) {
    const uint64_t chunk = chunk_length(options, cell);
    uint64_t left = cell->steps;
    while (left > 0 && !arithmetic->diverged(state)) {
        const uint64_t done = arithmetic->advance(plan, cell, state, left < chunk ? left : chunk, options->lane_group);
        left -= done;
        const bool ended = left == 0 || arithmetic->diverged(state);
        if (!ts_monitor_advance(monitor, done, cell->neurons) && !ended)
            return false;
    }
    ts_monitor_finish_training(monitor, left, cell->neurons);
    return true;
}

static void run_training(const ts_arithmetic *arithmetic, const ts_plan *plan, const ts_run_options *options,
                         ts_monitor *monitor, ts_results *results, size_t cell_index, uint32_t replicate, void *state) {
    const ts_cell *cell = &plan->cells[cell_index];
    arithmetic->start(plan, cell, replicate, state);
    if (!advance_to_end(arithmetic, plan, cell, options, monitor, state))
        return;
    const bool diverged = arithmetic->diverged(state);
    const int64_t loss = arithmetic->measure(plan, cell, state);
    const ts_outcome outcome = ts_classify(cell, diverged, loss);
#pragma omp critical(ts_statistics)
    ts_statistics_count(&results->statistics[cell_index], outcome, loss);
    if (results->kept) {
        ts_kept *kept = &results->kept[cell_index];
        arithmetic->keep(cell, state, replicate, kept);
        kept->loss[replicate] = loss;
        kept->outcome[replicate] = (int8_t)outcome;
    }
}

static size_t largest_state(const ts_arithmetic *arithmetic, const ts_plan *plan) {
    size_t largest = 0;
    for (size_t i = 0; i < plan->cell_count; i++) {
        const size_t size = arithmetic->state_size(&plan->cells[i]);
        largest = size > largest ? size : largest;
    }
    return largest;
}

ts_status ts_host_run(const ts_arithmetic *arithmetic, const ts_plan *plan, const ts_run_options *options,
                      ts_monitor *monitor, ts_results *results, ts_error *error) {
    const size_t state_size = largest_state(arithmetic, plan);
    const uint64_t trainings = (uint64_t)plan->cell_count * plan->replicates;
    const int threads = ts_thread_count(options, trainings);
    atomic_ullong next = 0; /* a counter and not a parallel loop: who stops leaves the rest untouched */
    atomic_bool out_of_memory = false;
    cell_cost *order = order_cells(plan);
    if (!order) {
        snprintf(error->message, sizeof error->message, "not enough memory to order %zu cells", plan->cell_count);
        return TS_FAILED;
    }
#pragma omp parallel num_threads(threads)
    {
        void *state = malloc(state_size);
        if (!state)
            out_of_memory = true;
        while (!out_of_memory && !ts_monitor_stopped(monitor)) {
            const uint64_t i = next++;
            if (i >= trainings)
                break;
            run_training(arithmetic, plan, options, monitor, results, order[i / plan->replicates].cell,
                         (uint32_t)(i % plan->replicates), state);
        }
        free(state);
    }
    free(order);
    if (out_of_memory) {
        snprintf(error->message, sizeof error->message, "not enough memory for %d threads of %zu bytes each", threads,
                 state_size);
        return TS_FAILED;
    }
    return ts_monitor_stopped(monitor) ? TS_INTERRUPTED : TS_OK;
}
