#include "backend/cuda/jobs.h"

#include "backend/cuda/resume.h"

#include <stdlib.h>
#include <string.h>

static uint32_t next_cell(const ts_job_list *list) {
    return list->cell[list->cell_count - 1];
}

/* Of a job, also of one with fewer trainings than it has room for: their lanes idle. */
static double cost_of(ts_shape shape, const ts_cell *cell) {
    return (double)cell->steps * ts_shape_step_cost(shape, cell);
}

static uint64_t jobs_of_cell(ts_shape shape, uint32_t replicates) {
    return ((uint64_t)replicates + shape.trainings - 1) / shape.trainings;
}

typedef struct ordered_cell {
    double cost;
    uint32_t index;
    ts_shape shape;
} ordered_cell;

static int compare_cells(const void *left, const void *right) {
    const ordered_cell *a = left, *b = right;
    if (a->cost != b->cost)
        return a->cost > b->cost ? 1 : -1;
    return (a->index < b->index) - (a->index > b->index);
}

/* The list of a shape, a new one where there is none. */
static ts_job_list *list_of(ts_jobs *jobs, ts_shape shape) {
    for (size_t i = 0; i < jobs->list_count; i++)
        if (ts_shape_equal(jobs->list[i].shape, shape))
            return &jobs->list[i];
    ts_job_list *list = &jobs->list[jobs->list_count++];
    list->shape = shape;
    return list;
}

static bool add_cell(ts_jobs *jobs, const ordered_cell *cell, size_t most) {
    const uint32_t neurons = jobs->plan->cells[cell->index].neurons;
    ts_job_list *list = list_of(jobs, cell->shape);
    if (!list->cell)
        list->cell = malloc(most * sizeof *list->cell);
    if (!list->cell)
        return false;
    list->cell[list->cell_count++] = cell->index;
    const uint64_t count = jobs_of_cell(cell->shape, jobs->plan->replicates);
    list->jobs += count;
    list->neurons = neurons > list->neurons ? neurons : list->neurons;
    jobs->cost += cell->cost * (double)count;
    return true;
}

bool ts_jobs_create(ts_jobs *jobs, const ts_plan *plan, int lane_group, size_t shared_memory) {
    *jobs = (ts_jobs){.plan = plan};
    ordered_cell *order = malloc(plan->cell_count * sizeof *order);
    jobs->list = calloc(plan->cell_count, sizeof *jobs->list); /* at most one a cell */
    bool enough = order && jobs->list;
    for (size_t i = 0; enough && i < plan->cell_count; i++) {
        const ts_cell *cell = &plan->cells[i];
        const ts_shape shape = ts_shape_choose(cell, lane_group, shared_memory);
        order[i] = (ordered_cell){cost_of(shape, cell), (uint32_t)i, shape};
    }
    if (enough)
        qsort(order, plan->cell_count, sizeof *order, compare_cells);
    for (size_t i = 0; enough && i < plan->cell_count; i++)
        enough = add_cell(jobs, &order[i], plan->cell_count - i);
    free(order);
    if (!enough)
        ts_jobs_free(jobs);
    return enough;
}

void ts_jobs_free(ts_jobs *jobs) {
    for (size_t i = 0; jobs->list && i < jobs->list_count; i++)
        free(jobs->list[i].cell);
    free(jobs->list);
    jobs->list = NULL;
    jobs->list_count = 0;
}

size_t ts_jobs_longest(ts_jobs *jobs, const bool *open) {
    size_t longest = jobs->list_count;
    double most = 0;
#pragma omp critical(ts_jobs)
    for (size_t i = 0; i < jobs->list_count && !jobs->cancelled; i++) {
        const ts_job_list *list = &jobs->list[i];
        if (!open[i] || list->cell_count == 0)
            continue;
        const double cost = cost_of(list->shape, &jobs->plan->cells[next_cell(list)]);
        if (longest == jobs->list_count || cost > most) {
            longest = i;
            most = cost;
        }
    }
    return longest;
}

bool ts_jobs_take(ts_jobs *jobs, size_t index, double limit, ts_job *job) {
    ts_job_list *list = &jobs->list[index];
    bool taken = false;
#pragma omp critical(ts_jobs)
    if (!jobs->cancelled && list->cell_count > 0) {
        const uint32_t cell = next_cell(list), left = jobs->plan->replicates - list->first;
        const uint32_t trainings = left < list->shape.trainings ? left : list->shape.trainings;
        *job = (ts_job){.cell = cell,
                        .first = list->first,
                        .count = trainings,
                        .cost = cost_of(list->shape, &jobs->plan->cells[cell])};
        job->steps = ts_steps_left(jobs->plan, cell, job->first, job->count, &job->training_steps);
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

uint64_t ts_jobs_left(ts_jobs *jobs, size_t list) {
    uint64_t left;
#pragma omp critical(ts_jobs)
    left = jobs->list[list].jobs;
    return left;
}

void ts_jobs_cancel(ts_jobs *jobs) {
#pragma omp critical(ts_jobs)
    jobs->cancelled = true;
}
