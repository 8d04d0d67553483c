#include "backend/queue.h"

#include <math.h>
#include <stdlib.h>

static int compare_costs(const void *left, const void *right) {
    const ts_queued_cell *a = left, *b = right;
    if (a->cost != b->cost)
        return a->cost < b->cost ? 1 : -1;
    return (a->index > b->index) - (a->index < b->index);
}

/* The largest batch when `share` trainings come to each thread: those of a trace are few. */
static uint32_t batch_width(const ts_method *method, double share) {
    return (uint32_t)fmax(method->least, fmin(share, method->width));
}

bool ts_queue_create(ts_queue *queue, ts_method_choice *choose, const ts_plan *plan, const ts_run_options *options) {
    const uint64_t trainings = ts_plan_trainings(plan);
    const double share = ceil((double)trainings / ts_thread_count(options, trainings));
    *queue = (ts_queue){0};
    queue->cells = malloc(plan->cell_count * sizeof *queue->cells);
    if (!queue->cells)
        return false;
    for (size_t i = 0; i < plan->cell_count; i++) {
        const ts_rows rows = ts_plan_rows(plan, i);
        if (rows.count == 0)
            continue;
        const ts_cell *cell = &plan->cells[i];
        const ts_method *method = choose(options, cell);
        const size_t size = ts_batch_size(method, cell);
        queue->batch_size = size > queue->batch_size ? size : queue->batch_size;
        const uint32_t width = batch_width(method, share);
        queue->batches += (rows.count - 1) / width + 1;
        queue->cells[queue->cell_count++] = (ts_queued_cell){.index = i,
                                                             .method = method,
                                                             .neurons = cell->neurons,
                                                             .rows = rows,
                                                             .width = width,
                                                             .cost = (double)cell->steps * method->step_cost(cell)};
    }
    qsort(queue->cells, queue->cell_count, sizeof *queue->cells, compare_costs);
    return true;
}

/* A batch of rows of the cell of which `done` are behind it. Trainings that stand at different steps do not share one.
 */
static ts_batch batch_from(const ts_plan *plan, const ts_queued_cell *cell, uint32_t done) {
    const uint32_t left = cell->rows.count - done, first = cell->rows.first + done;
    ts_batch batch = {
        .cell = &plan->cells[cell->index], .first = first, .count = left < cell->width ? left : cell->width};
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

void ts_queue_free(ts_queue *queue) {
    free(queue->cells);
    *queue = (ts_queue){0};
}

bool ts_queue_take(ts_queue *queue, const ts_plan *plan, ts_queued_cell *cell, ts_batch *batch) {
    bool taken = false;
#pragma omp critical(ts_queue)
    if (queue->cell < queue->cell_count) {
        *cell = queue->cells[queue->cell];
        *batch = batch_from(plan, cell, queue->done);
        queue->done += batch->count;
        if (queue->done == cell->rows.count) {
            queue->cell++;
            queue->done = 0;
        }
        taken = true;
    }
    return taken;
}
