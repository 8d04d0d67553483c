#include "backend/cuda/jobs.h"

#include <stdlib.h>
#include <string.h>

/* Of a job, also of one with fewer trainings than it has room for: their lanes idle. */
static double cost_of(ts_shape shape, const ts_cell *cell) {
    return (double)cell->steps * ts_shape_step_cost(shape, cell);
}

static uint64_t jobs_of_range(const ts_plan *plan, ts_shape shape, size_t range) {
    return ((uint64_t)ts_plan_range(plan, range).count + shape.trainings - 1) / shape.trainings;
}

typedef struct ordered_range {
    uint64_t steps;
    double cost;
    size_t index;
    ts_shape shape;
} ordered_range;

static int compare_ranges(const void *left, const void *right) {
    const ordered_range *a = left, *b = right;
    if (a->steps != b->steps)
        return a->steps > b->steps ? 1 : -1;
    if (a->cost != b->cost)
        return a->cost > b->cost ? 1 : -1;
    return (a->index < b->index) - (a->index > b->index);
}

/* Of the jobs of a range, a device's part begins after so many, and has so many. Each range begins with another device,
 * so that none gets all the remainders. */
static uint64_t begin_of_part(const ts_jobs *jobs, ts_shape shape, size_t range, uint32_t device) {
    return jobs_of_range(jobs->plan, shape, range) * ((device + range) % jobs->devices) / jobs->devices;
}

static uint64_t jobs_of_part(const ts_jobs *jobs, ts_shape shape, size_t range, uint32_t device) {
    const uint64_t all = jobs_of_range(jobs->plan, shape, range);
    return all * ((device + range) % jobs->devices + 1) / jobs->devices - begin_of_part(jobs, shape, range, device);
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

static bool add_range(ts_jobs *jobs, const ordered_range *range, size_t most) {
    const uint32_t neurons = jobs->plan->cells[ts_plan_range(jobs->plan, range->index).cell].neurons;
    ts_job_list *list = list_of(jobs, range->shape);
    if (!list->range)
        list->range = malloc(most * sizeof *list->range);
    if (!list->part)
        list->part = calloc(jobs->devices, sizeof *list->part);
    if (!list->range || !list->part)
        return false;
    list->range[list->range_count++] = range->index;
    for (uint32_t device = 0; device < jobs->devices; device++) {
        list->part[device].range_count = list->range_count;
        list->part[device].jobs += jobs_of_part(jobs, range->shape, range->index, device);
    }
    list->neurons = neurons > list->neurons ? neurons : list->neurons;
    jobs->cost += range->cost * (double)jobs_of_range(jobs->plan, range->shape, range->index);
    return true;
}

bool ts_jobs_create(ts_jobs *jobs, const ts_plan *plan, uint32_t devices, int lane_group, size_t shared_memory) {
    const size_t ranges = ts_plan_ranges(plan), room = ranges > 0 ? ranges : 1;
    *jobs = (ts_jobs){.plan = plan, .devices = devices};
    ordered_range *order = malloc(room * sizeof *order);
    jobs->list = calloc(room, sizeof *jobs->list); /* at most one a range */
    jobs->owner = calloc(room, sizeof *jobs->owner);
    bool enough = order && jobs->list && jobs->owner;
    for (size_t i = 0; enough && i < ranges; i++) {
        const ts_cell *cell = &plan->cells[ts_plan_range(plan, i).cell];
        const ts_shape shape = ts_shape_choose(cell, lane_group, shared_memory);
        order[i] = (ordered_range){cell->steps, cost_of(shape, cell), i, shape};
    }
    if (enough)
        qsort(order, ranges, sizeof *order, compare_ranges);
    for (size_t i = 0; enough && i < ranges; i++)
        enough = add_range(jobs, &order[i], ranges - i);
    free(order);
    if (!enough)
        ts_jobs_free(jobs);
    return enough;
}

static void free_list(ts_job_list *list) {
    free(list->range);
    free(list->part);
}

void ts_jobs_free(ts_jobs *jobs) {
    for (size_t i = 0; jobs->list && i < jobs->list_count; i++)
        free_list(&jobs->list[i]);
    free(jobs->list);
    free(jobs->owner);
    jobs->list = NULL;
    jobs->owner = NULL;
    jobs->list_count = 0;
}

/* The range that a part of a list is at. */
static size_t at_work(const ts_job_list *list, const ts_job_part *part) {
    return list->range[part->range_count - 1];
}

/* Has a part no job left of the range that it is at? */
static bool is_done(const ts_jobs *jobs, const ts_job_list *list, uint32_t device) {
    const ts_job_part *part = &list->part[device];
    const size_t range = at_work(list, part);
    return jobs->owner[range] == TS_OWNER_OTHERS || part->taken == jobs_of_part(jobs, list->shape, range, device);
}

/* The device whose part the next job of the list comes from. The part then is at a range of which it has jobs left,
 * unless there are none in all. */
static uint32_t source_of(const ts_jobs *jobs, ts_job_list *list, uint32_t device) {
    uint32_t source = device;
    for (uint32_t i = 0; list->part[device].jobs == 0 && i < jobs->devices; i++)
        if (list->part[i].jobs > list->part[source].jobs)
            source = i;
    ts_job_part *part = &list->part[source];
    while (part->jobs > 0 && is_done(jobs, list, source)) {
        part->taken = 0;
        part->range_count--;
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
        const uint64_t steps = jobs->plan->cells[ts_plan_range(jobs->plan, at_work(list, part)).cell].steps;
        if (longest == jobs->list_count || steps > most) {
            longest = i;
            most = steps;
        }
    }
    return longest;
}

/* Steps that a training has to do. One that has halted has none left. */
static uint64_t steps_left(const ts_plan *plan, uint32_t cell, uint32_t row, bool *resumed) {
    const uint64_t steps = plan->cells[cell].steps;
    const ts_waypoint *from = ts_underway_find(plan->underway, cell, row);
    *resumed |= from || plan->resume;
    if (from)
        return from->training.halted ? 0 : steps - from->training.step;
    if (plan->resume)
        return plan->resume[cell].diverged[row] ? 0 : steps - plan->resume[cell].step[row];
    return steps;
}

/* How much there is to do for the trainings of a job. */
static void measure_job(const ts_plan *plan, ts_job *job) {
    for (uint32_t i = 0; i < job->count; i++) {
        const uint64_t left = steps_left(plan, job->cell, job->first + i, &job->resumed);
        job->training_steps += (double)left;
        job->steps = left > job->steps ? left : job->steps;
    }
}

static ts_job next_job(const ts_jobs *jobs, const ts_job_list *list, uint32_t source) {
    const ts_job_part *part = &list->part[source];
    const ts_rows rows = ts_plan_range(jobs->plan, at_work(list, part));
    const uint64_t number = begin_of_part(jobs, list->shape, at_work(list, part), source) + part->taken;
    const uint32_t done = (uint32_t)(number * list->shape.trainings), left = rows.count - done;
    const uint32_t trainings = left < list->shape.trainings ? left : list->shape.trainings;
    ts_job job = {.cell = rows.cell,
                  .first = rows.first + done,
                  .count = trainings,
                  .cost = cost_of(list->shape, &jobs->plan->cells[rows.cell])};
    measure_job(jobs->plan, &job);
    return job;
}

/* Is a range of the list ours? Asked before the first of its jobs is taken; what others run is no longer left. */
static bool claim(ts_jobs *jobs, ts_job_list *list, size_t range) {
    uint8_t *owner = &jobs->owner[range];
    const bool is_known = *owner != TS_OWNER_UNKNOWN;
    if (!is_known)
        *owner = ts_plan_claim(jobs->plan, range) ? TS_OWNER_OURS : TS_OWNER_OTHERS;
    for (uint32_t device = 0; !is_known && *owner == TS_OWNER_OTHERS && device < jobs->devices; device++)
        list->part[device].jobs -= jobs_of_part(jobs, list->shape, range, device);
    return *owner == TS_OWNER_OURS;
}

bool ts_jobs_take(ts_jobs *jobs, size_t index, uint32_t device, double limit, ts_job *job) {
    ts_job_list *list = &jobs->list[index];
    bool taken = false;
#pragma omp critical(ts_jobs)
    for (bool affordable = !jobs->cancelled; affordable && !taken;) {
        ts_job_part *part = &list->part[source_of(jobs, list, device)];
        affordable = part->jobs > 0;
        if (affordable)
            *job = next_job(jobs, list, (uint32_t)(part - list->part));
        affordable = affordable && job->cost <= limit;
        taken = affordable && claim(jobs, list, at_work(list, part));
        part->jobs -= taken;
        part->taken += taken;
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
