#include "backend/host.h"

#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

/* Steps of one neuron between two looks at the clock: some tens of milliseconds. */
#define CHUNK_COST 2e7

int ts_thread_count(const ts_run_options *options, uint64_t trainings) {
    uint64_t threads = (uint64_t)(options->threads > 0 ? options->threads : omp_get_num_procs());
    threads = threads > (uint64_t)omp_get_thread_limit() ? (uint64_t)omp_get_thread_limit() : threads;
    return (int)(threads > trainings ? trainings : threads);
}

/* ---- which batch comes next */

typedef struct queued_cell {
    size_t index; /* in the plan */
    const ts_method *method;
    uint32_t width; /* largest batch */
    double cost;    /* of one batch */
} queued_cell;

typedef struct batch_queue {
    queued_cell *cells; /* [cell_count] long trainings first, so that no thread ends long after the others */
    size_t cell_count;
    size_t cell; /* the next batch begins at this place of `cells` ... */
    uint32_t replicate;
    size_t state_size; /* of the largest batch */
    uint64_t batches;  /* at least so many */
} batch_queue;

static int compare_costs(const void *left, const void *right) {
    const queued_cell *a = left, *b = right;
    if (a->cost != b->cost)
        return a->cost < b->cost ? 1 : -1;
    return (a->index > b->index) - (a->index < b->index);
}

/* The largest batch when `share` trainings come to each thread: those of a trace are few. */
static uint32_t batch_width(const ts_method *method, double share) {
    return (uint32_t)fmax(method->least, fmin(share, method->width));
}

static bool queue_create(batch_queue *queue, ts_method_choice *choose, const ts_plan *plan,
                         const ts_run_options *options) {
    const uint64_t trainings = (uint64_t)plan->cell_count * plan->replicates;
    const double share = ceil((double)trainings / ts_thread_count(options, trainings));
    *queue = (batch_queue){.cell_count = plan->cell_count};
    queue->cells = malloc(plan->cell_count * sizeof *queue->cells);
    if (!queue->cells)
        return false;
    for (size_t i = 0; i < plan->cell_count; i++) {
        const ts_cell *cell = &plan->cells[i];
        const ts_method *method = choose(options, cell);
        const size_t size = method->state_size(cell);
        queue->state_size = size > queue->state_size ? size : queue->state_size;
        const uint32_t width = batch_width(method, share);
        queue->batches += (plan->replicates - 1) / width + 1;
        queue->cells[i] = (queued_cell){i, method, width, (double)cell->steps * method->step_cost(cell)};
    }
    qsort(queue->cells, plan->cell_count, sizeof *queue->cells, compare_costs);
    return true;
}

/* A batch of up to `width` trainings from row `first` on. Trainings that stand at different steps do not share one. */
static ts_batch batch_from(const ts_plan *plan, size_t cell, uint32_t first, uint32_t width) {
    const uint32_t left = plan->replicates - first;
    ts_batch batch = {&plan->cells[cell], first, left < width ? left : width, 0};
    const ts_state *resume = ts_batch_resume(plan, batch);
    if (!resume)
        return batch;
    bool running = false; /* has one that did not diverge been met? */
    batch.step = resume->step[first];
    for (uint32_t i = 0; i < batch.count; i++) {
        const uint64_t step = resume->step[first + i];
        if (resume->diverged[first + i])
            continue;
        if (running && step != batch.step)
            batch.count = i;
        else
            batch.step = step;
        running = true;
    }
    return batch;
}

/* Take the next batch. Returns false when there is none. */
static bool queue_take(batch_queue *queue, const ts_plan *plan, queued_cell *cell, ts_batch *batch) {
    bool taken = false;
#pragma omp critical(ts_queue)
    if (queue->cell < queue->cell_count) {
        *cell = queue->cells[queue->cell];
        *batch = batch_from(plan, cell->index, queue->replicate, cell->width);
        queue->replicate += batch->count;
        if (queue->replicate == plan->replicates) {
            queue->cell++;
            queue->replicate = 0;
        }
        taken = true;
    }
    return taken;
}

/* ---- one batch */

static uint64_t chunk_length(const ts_method *method, const ts_run_options *options, const ts_cell *cell) {
    return options->chunk_steps > 0 ? options->chunk_steps : (uint64_t)(CHUNK_COST / method->step_cost(cell));
}

static bool all_diverged(const ts_method *method, ts_batch batch, const void *state) {
    for (uint32_t i = 0; i < batch.count; i++)
        if (!method->diverged(state, i))
            return false;
    return true;
}

/* Advance to the end of the horizon. Returns false when the run was stopped before. */
static bool advance_to_end(const ts_method *method, const ts_plan *plan, ts_batch batch, const ts_run_options *options,
                           ts_monitor *monitor, void *state) {
    const uint64_t chunk = chunk_length(method, options, batch.cell);
    const uint64_t steps_to_do = batch.cell->steps - batch.step;
    const double all = (double)steps_to_do * batch.count;
    double done = 0;
    bool ended = false;
    for (uint64_t left = steps_to_do; !ended;) {
        const uint64_t steps = left < chunk ? left : chunk;
        const uint64_t advanced = method->advance(plan, batch, state, steps);
        done += (double)advanced;
        left -= steps;
        ended = left == 0 || all_diverged(method, batch, state);
        if (!ts_monitor_advance(monitor, advanced, batch.cell->neurons) && !ended)
            return false;
    }
    ts_monitor_finish(monitor, batch.count, all - done, batch.cell->neurons);
    return true;
}

/* Put loss, outcome and state of training i where they are wanted. */
static void store(const queued_cell *queued, const ts_plan *plan, ts_batch batch, ts_results *results, void *state,
                  uint32_t i) {
    const ts_method *method = queued->method;
    const uint32_t row = batch.first + i;
    ts_kept *kept = results->kept ? &results->kept[queued->index] : NULL;
    const int64_t loss = method->finish(plan, batch, state, i, kept);
    const ts_outcome outcome = ts_classify(batch.cell, method->diverged(state, i), loss);
#pragma omp critical(ts_statistics)
    ts_statistics_count(&results->statistics[queued->index], outcome, loss);
    if (results->outcome)
        results->outcome[queued->index * plan->replicates + row] = (int8_t)outcome;
    if (kept) {
        kept->loss[row] = loss;
        kept->outcome[row] = (int8_t)outcome;
    }
    if (results->state) {
        ts_state *saved = &results->state[queued->index];
        method->save(plan, batch, state, i, saved);
        saved->step[row] = batch.cell->steps;
    }
}

static void run_batch(const queued_cell *queued, const ts_plan *plan, ts_batch batch, const ts_run_options *options,
                      ts_monitor *monitor, ts_results *results, void *state) {
    const ts_method *method = queued->method;
    method->start(plan, options, batch, state);
    if (!advance_to_end(method, plan, batch, options, monitor, state))
        return;
    for (uint32_t i = 0; i < batch.count; i++)
        store(queued, plan, batch, results, state, i);
}

static void run_thread(batch_queue *queue, const ts_plan *plan, const ts_run_options *options, ts_monitor *monitor,
                       ts_results *results, void *state) {
    queued_cell queued;
    ts_batch batch;
    while (!ts_monitor_stopped(monitor) && queue_take(queue, plan, &queued, &batch)) {
        const double began = ts_monitor_seconds(monitor);
        run_batch(&queued, plan, batch, options, monitor, results, state);
        ts_monitor_busy(monitor, omp_get_thread_num(), ts_monitor_seconds(monitor) - began);
    }
}

ts_status ts_host_run(ts_method_choice *choose, const ts_plan *plan, const ts_run_options *options, ts_monitor *monitor,
                      ts_results *results, ts_error *error) {
    atomic_bool out_of_memory = false;
    batch_queue queue;
    if (!queue_create(&queue, choose, plan, options)) {
        snprintf(error->message, sizeof error->message, "not enough memory to order %zu cells", plan->cell_count);
        return TS_FAILED;
    }
    const int threads = ts_thread_count(options, queue.batches); /* a thread without a batch would wait busily */
#pragma omp parallel num_threads(threads)
    {
        void *state = aligned_alloc(64, (queue.state_size + 63) / 64 * 64);
        if (!state)
            out_of_memory = true;
#pragma omp barrier
        if (!out_of_memory)
            run_thread(&queue, plan, options, monitor, results, state);
        free(state);
    }
    free(queue.cells);
    if (out_of_memory) {
        snprintf(error->message, sizeof error->message, "not enough memory for %d threads of %zu bytes each", threads,
                 queue.state_size);
        return TS_FAILED;
    }
    return ts_monitor_stopped(monitor) ? TS_INTERRUPTED : TS_OK;
}
