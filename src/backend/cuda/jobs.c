#include "backend/cuda/jobs.h"

#include <stdlib.h>

#define STEP_OVERHEAD 16.0 /* lane steps that a step costs beside its neurons */

static uint32_t next_cell(const ts_job_list *list) {
    return list->cell[list->cell_count - 1];
}

static double cost_of(const ts_shape *shape, uint64_t steps, uint32_t count) {
    return (double)steps * count * shape->lanes * (shape->own + STEP_OVERHEAD);
}

static uint64_t jobs_of_cell(const ts_shape *shape, uint32_t replicates) {
    return ((uint64_t)replicates + shape->trainings - 1) / shape->trainings;
}

typedef struct ordered_cell {
    uint64_t steps;
    uint32_t index;
} ordered_cell;

static int compare_cells(const void *left, const void *right) {
    const ordered_cell *a = left, *b = right;
    if (a->steps != b->steps)
        return a->steps > b->steps ? 1 : -1;
    return (a->index < b->index) - (a->index > b->index);
}

bool ts_jobs_create(ts_jobs *jobs, const ts_plan *plan, int lane_group, uint64_t threads) {
    *jobs = (ts_jobs){.plan = plan};
    const ts_shape *shapes = ts_shapes(&jobs->shape_count);
    const uint64_t trainings = (uint64_t)plan->cell_count * plan->replicates;
    ordered_cell *order = malloc(plan->cell_count * sizeof *order);
    jobs->list = calloc(jobs->shape_count, sizeof *jobs->list);
    bool enough = order && jobs->list;
    for (size_t i = 0; enough && i < plan->cell_count; i++)
        order[i] = (ordered_cell){plan->cells[i].steps, (uint32_t)i};
    if (enough)
        qsort(order, plan->cell_count, sizeof *order, compare_cells);
    for (size_t i = 0; enough && i < plan->cell_count; i++) {
        const ts_cell *cell = &plan->cells[order[i].index];
        const size_t shape = ts_shape_choose(cell->neurons, lane_group, trainings, threads);
        ts_job_list *list = &jobs->list[shape];
        if (!list->cell)
            list->cell = malloc((plan->cell_count - i) * sizeof *list->cell);
        enough = list->cell;
        if (!enough)
            break;
        list->cell[list->cell_count++] = order[i].index;
        list->jobs += jobs_of_cell(&shapes[shape], plan->replicates);
        list->neurons = cell->neurons > list->neurons ? cell->neurons : list->neurons;
        jobs->cost += cost_of(&shapes[shape], cell->steps, plan->replicates);
    }
    free(order);
    if (!enough)
        ts_jobs_free(jobs);
    return enough;
}

void ts_jobs_free(ts_jobs *jobs) {
    for (size_t i = 0; jobs->list && i < jobs->shape_count; i++)
        free(jobs->list[i].cell);
    free(jobs->list);
    jobs->list = NULL;
}

size_t ts_jobs_longest(ts_jobs *jobs, const bool *open) {
    size_t longest = jobs->shape_count;
    uint64_t most = 0;
#pragma omp critical(ts_jobs)
    for (size_t i = 0; i < jobs->shape_count && !jobs->cancelled; i++) {
        const ts_job_list *list = &jobs->list[i];
        if (!open[i] || list->cell_count == 0)
            continue;
        const uint64_t steps = jobs->plan->cells[next_cell(list)].steps;
        if (longest == jobs->shape_count || steps > most) {
            longest = i;
            most = steps;
        }
    }
    return longest;
}

bool ts_jobs_take(ts_jobs *jobs, size_t shape, double limit, ts_job *job) {
    size_t count;
    const ts_shape *form = &ts_shapes(&count)[shape];
    ts_job_list *list = &jobs->list[shape];
    bool taken = false;
#pragma omp critical(ts_jobs)
    if (!jobs->cancelled && list->cell_count > 0) {
        const uint32_t cell = next_cell(list), left = jobs->plan->replicates - list->first;
        const uint64_t steps = jobs->plan->cells[cell].steps;
        const uint32_t trainings = left < form->trainings ? left : form->trainings;
        *job = (ts_job){cell, list->first, trainings, steps, cost_of(form, steps, trainings)};
        taken = job->cost <= limit;
        if (taken) {
            list->first += trainings;
            list->jobs--;
        }
        if (taken && list->first == jobs->plan->replicates) {
            list->first = 0;
            list->cell_count--;
        }
    }
    return taken;
}

uint64_t ts_jobs_left(ts_jobs *jobs, size_t shape) {
    uint64_t left;
#pragma omp critical(ts_jobs)
    left = jobs->list[shape].jobs;
    return left;
}

void ts_jobs_cancel(ts_jobs *jobs) {
#pragma omp critical(ts_jobs)
    jobs->cancelled = true;
}
