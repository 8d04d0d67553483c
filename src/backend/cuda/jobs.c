#include "backend/cuda/jobs.h"

#include <stdlib.h>
#include <string.h>

/* Of a job, also of one with fewer trainings than it has room for: their lanes idle. */
static double cost_of(ts_shape shape, const ts_cell *cell) {
    return (double)cell->steps * ts_shape_step_cost(shape, cell);
}

static uint64_t jobs_of_cell(const ts_plan *plan, ts_shape shape, size_t cell) {
    return ((uint64_t)ts_plan_rows(plan, cell).count + shape.trainings - 1) / shape.trainings;
}

typedef struct ordered_cell {
    uint64_t steps;
    double cost;
    uint32_t index;
    ts_shape shape;
} ordered_cell;

static int compare_cells(const void *left, const void *right) {
    const ordered_cell *a = left, *b = right;
    if (a->steps != b->steps)
        return a->steps > b->steps ? 1 : -1;
    if (a->cost != b->cost)
        return a->cost > b->cost ? 1 : -1;
    return (a->index < b->index) - (a->index > b->index);
}

/* Of the jobs of a cell, a device's part begins after so many, and has so many. Each cell begins with another device,
 * so that none gets all the remainders. */
static uint64_t begin_of_part(const ts_jobs *jobs, ts_shape shape, uint32_t cell, uint32_t device) {
    return jobs_of_cell(jobs->plan, shape, cell) * ((device + cell) % jobs->devices) / jobs->devices;
}

static uint64_t jobs_of_part(const ts_jobs *jobs, ts_shape shape, uint32_t cell, uint32_t device) {
    const uint64_t end = jobs_of_cell(jobs->plan, shape, cell) * ((device + cell) % jobs->devices + 1) / jobs->devices;
    return end - begin_of_part(jobs, shape, cell, device);
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
    if (!list->part)
        list->part = calloc(jobs->devices, sizeof *list->part);
    if (!list->cell || !list->part)
        return false;
    list->cell[list->cell_count++] = cell->index;
    for (uint32_t device = 0; device < jobs->devices; device++) {
        list->part[device].cell_count = list->cell_count;
        list->part[device].jobs += jobs_of_part(jobs, cell->shape, cell->index, device);
    }
    list->neurons = neurons > list->neurons ? neurons : list->neurons;
    jobs->cost += cell->cost * (double)jobs_of_cell(jobs->plan, cell->shape, cell->index);
    return true;
}

bool ts_jobs_create(ts_jobs *jobs, const ts_plan *plan, uint32_t devices, int lane_group, size_t shared_memory) {
    *jobs = (ts_jobs){.plan = plan, .devices = devices};
    ordered_cell *order = malloc(plan->cell_count * sizeof *order);
    jobs->list = calloc(plan->cell_count, sizeof *jobs->list); /* at most one a cell */
    bool enough = order && jobs->list;
    size_t cells = 0; /* of which rows are run */
    for (size_t i = 0; enough && i < plan->cell_count; i++) {
        const ts_cell *cell = &plan->cells[i];
        const ts_shape shape = ts_shape_choose(cell, lane_group, shared_memory);
        if (ts_plan_rows(plan, i).count > 0)
            order[cells++] = (ordered_cell){cell->steps, cost_of(shape, cell), (uint32_t)i, shape};
    }
    if (enough)
        qsort(order, cells, sizeof *order, compare_cells);
    for (size_t i = 0; enough && i < cells; i++)
        enough = add_cell(jobs, &order[i], cells - i);
    free(order);
    if (!enough)
        ts_jobs_free(jobs);
    return enough;
}

static void free_list(ts_job_list *list) {
    free(list->cell);
    free(list->part);
}

void ts_jobs_free(ts_jobs *jobs) {
    for (size_t i = 0; jobs->list && i < jobs->list_count; i++)
        free_list(&jobs->list[i]);
    free(jobs->list);
    jobs->list = NULL;
    jobs->list_count = 0;
}

/* The device whose part the next job of the list comes from. The part then is at a cell of which it has jobs left,
 * unless there are none in all. */
static uint32_t source_of(const ts_jobs *jobs, ts_job_list *list, uint32_t device) {
    uint32_t source = device;
    for (uint32_t i = 0; list->part[device].jobs == 0 && i < jobs->devices; i++)
        if (list->part[i].jobs > list->part[source].jobs)
            source = i;
    ts_job_part *part = &list->part[source];
    while (part->jobs > 0 && part->taken == jobs_of_part(jobs, list->shape, list->cell[part->cell_count - 1], source)) {
        part->taken = 0;
        part->cell_count--;
    }
    return source;
}

size_t ts_jobs_longest(ts_jobs *jobs, uint32_t device, const bool *open) {
    size_t longest = jobs->list_count;
    uint64_t most = 0;
#pragma omp critical(ts_jobs)
    for (size_t i = 0; i < jobs->list_count && !jobs->cancelled; i++) {
        ts_job_list *list = &jobs->list[i];
        if (!open[i])
            continue;
        const ts_job_part *part = &list->part[source_of(jobs, list, device)];
        if (part->jobs == 0)
            continue;
        const uint64_t steps = jobs->plan->cells[list->cell[part->cell_count - 1]].steps;
        if (longest == jobs->list_count || steps > most) {
            longest = i;
            most = steps;
        }
    }
    return longest;
}

/* Steps that the longest of the trainings first .. first + count - 1 of a cell has to do, and all of them together.
 * Those that diverged have none left. */
static uint64_t steps_left(const ts_plan *plan, uint32_t cell, uint32_t first, uint32_t count, double *together) {
    const uint64_t steps = plan->cells[cell].steps;
    if (!plan->resume) {
        *together = (double)steps * count;
        return steps;
    }
    const ts_state *state = &plan->resume[cell];
    uint64_t most = 0;
    *together = 0;
    for (uint32_t i = first; i < first + count; i++) {
        const uint64_t left = state->diverged[i] ? 0 : steps - state->step[i];
        *together += (double)left;
        most = left > most ? left : most;
    }
    return most;
}

static ts_job next_job(const ts_jobs *jobs, const ts_job_list *list, uint32_t source) {
    const ts_job_part *part = &list->part[source];
    const uint32_t index = list->cell[part->cell_count - 1];
    const ts_cell *cell = &jobs->plan->cells[index];
    const ts_rows rows = ts_plan_rows(jobs->plan, index);
    const uint64_t number = begin_of_part(jobs, list->shape, index, source) + part->taken;
    const uint32_t done = (uint32_t)(number * list->shape.trainings), left = rows.count - done;
    const uint32_t trainings = left < list->shape.trainings ? left : list->shape.trainings;
    ts_job job = {.cell = index, .first = rows.first + done, .count = trainings, .cost = cost_of(list->shape, cell)};
    job.steps = steps_left(jobs->plan, index, job.first, trainings, &job.training_steps);
    return job;
}

bool ts_jobs_take(ts_jobs *jobs, size_t index, uint32_t device, double limit, ts_job *job) {
    ts_job_list *list = &jobs->list[index];
    bool taken = false;
#pragma omp critical(ts_jobs)
    {
        const uint32_t source = source_of(jobs, list, device);
        if (!jobs->cancelled && list->part[source].jobs > 0) {
            *job = next_job(jobs, list, source);
            taken = job->cost <= limit;
            list->part[source].jobs -= taken;
            list->part[source].taken += taken;
        }
    }
    return taken;
}

uint64_t ts_jobs_left(ts_jobs *jobs, size_t list) {
    uint64_t left = 0;
#pragma omp critical(ts_jobs)
    for (uint32_t device = 0; device < jobs->devices; device++)
        left += jobs->list[list].part[device].jobs;
    return left;
}

void ts_jobs_cancel(ts_jobs *jobs) {
#pragma omp critical(ts_jobs)
    jobs->cancelled = true;
}
