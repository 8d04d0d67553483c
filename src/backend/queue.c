#include "backend/queue.h"

#include "backend/party.h"

#include <math.h>
#include <stdlib.h>

#define BATCHES_OF_PARTY 8  /* at most: so many that a last one with few trainings is a small part of the work */
#define PARTIES_OF_THREAD 4 /* at least, where a party is more than a batch */

static int compare_costs(const void *left, const void *right) {
    const ts_queued_cell *a = left, *b = right;
    if (a->cost != b->cost)
        return a->cost < b->cost ? 1 : -1;
    return (a->number > b->number) - (a->number < b->number);
}

/* The largest batch when `share` trainings come to each thread: those of a trace are few. */
static uint32_t batch_width(const ts_method *method, double share) {
    return (uint32_t)fmax(method->least, fmin(share, method->width));
}

/* Trainings of a party. Where trainings stop on their way, those of several batches go on in fewer, but only where each
 * thread has some parties to itself: the last ones would be long. */
static uint32_t party_count(const ts_method *method, const ts_plan *plan, uint32_t width, double share) {
    const double batches = plan->stops && method->width > 1 ? floor(share / (PARTIES_OF_THREAD * width)) : 1;
    return width * (uint32_t)fmin(fmax(batches, 1), BATCHES_OF_PARTY);
}

bool ts_queue_create(ts_queue *queue, ts_method_choice *choose, const ts_plan *plan, const ts_run_options *options) {
    const uint64_t trainings = ts_plan_trainings(plan);
    const double share = ceil((double)trainings / ts_thread_count(options, trainings));
    const size_t ranges = ts_plan_ranges(plan);
    *queue = (ts_queue){.plan = plan};
    queue->cells = malloc((ranges > 0 ? ranges : 1) * sizeof *queue->cells);
    if (!queue->cells)
        return false;
    for (size_t i = 0; i < ranges; i++) {
        const ts_rows rows = ts_plan_range(plan, i);
        const ts_cell *cell = &plan->cells[rows.cell];
        const ts_method *method = choose(options, cell);
        const uint32_t width = batch_width(method, share), party = party_count(method, plan, width, share);
        const uint32_t most = party < rows.count ? party : rows.count;
        const size_t size = ts_party_size(method, cell, most);
        queue->party_size = size > queue->party_size ? size : queue->party_size;
        queue->most_of_party = most > queue->most_of_party ? most : queue->most_of_party;
        queue->parties += (rows.count - 1) / party + 1;
        const uint32_t batches = party / width;
        const double cost = (double)cell->steps * method->step_cost(cell) * batches;
        queue->cells[queue->cell_count++] = (ts_queued_cell){.index = rows.cell,
                                                             .number = i,
                                                             .method = method,
                                                             .neurons = cell->neurons,
                                                             .rows = rows,
                                                             .width = width,
                                                             .party = party,
                                                             .cost = cost};
    }
    qsort(queue->cells, queue->cell_count, sizeof *queue->cells, compare_costs);
    return true;
}

void ts_queue_free(ts_queue *queue) {
    free(queue->cells);
    *queue = (ts_queue){0};
}

/* Leave the queue at a range of which rows are left. */
static bool find_range(ts_queue *queue) {
    if (queue->done == 0)
        while (queue->cell < queue->cell_count && !ts_plan_claim(queue->plan, queue->cells[queue->cell].number))
            queue->cell++;
    return queue->cell < queue->cell_count;
}

bool ts_queue_take(ts_queue *queue, ts_queued_cell *cell, ts_rows *rows) {
    bool taken;
#pragma omp critical(ts_queue)
    {
        taken = find_range(queue);
        if (taken) {
            *cell = queue->cells[queue->cell];
            const uint32_t left = cell->rows.count - queue->done;
            *rows = cell->rows;
            rows->first += queue->done;
            rows->count = left < cell->party ? left : cell->party;
            queue->done += rows->count;
            if (queue->done == cell->rows.count) {
                queue->cell++;
                queue->done = 0;
            }
        }
    }
    return taken;
}
