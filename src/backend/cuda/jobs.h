/* The trainings of a plan cut into jobs, one for a slot of a wave, and handed out to the devices: long ones first, so
 * that no device works long after the others. */
#ifndef TS_BACKEND_CUDA_JOBS_H
#define TS_BACKEND_CUDA_JOBS_H

#include "backend/backend.h"
#include "backend/cuda/shape.h"

typedef struct ts_job {
    uint32_t cell;         /* index in the plan */
    uint32_t first, count; /* rows of the plan */
    uint64_t steps;        /* that its longest training has to do */
    double training_steps; /* of all its trainings together */
    double cost;           /* estimate, in instructions of its warp, of all steps of the cell */
    bool resumed;          /* does any of its trainings begin elsewhere than at its start? */
} ts_job;

/* What is left of the jobs of one shape for one device. */
typedef struct ts_job_part {
    size_t range_count; /* of the list's ranges; the last one is at work */
    uint64_t taken;     /* jobs of the part of that range */
    uint64_t jobs;      /* left: of ranges that are ours, or may be */
} ts_job_part;

/* The jobs of one shape. Each range is dealt out evenly to the devices, so that each has its part of the long ones. */
typedef struct ts_job_list {
    ts_shape shape;
    size_t *range; /* [range_count] of the plan, ascending by steps, then by what a job of theirs costs */
    size_t range_count;
    ts_job_part *part; /* [devices] */
    uint32_t neurons;  /* the most of any of its cells */
} ts_job_list;

/* Who runs a range. */
typedef enum ts_owner { TS_OWNER_UNKNOWN, TS_OWNER_OURS, TS_OWNER_OTHERS } ts_owner;

typedef struct ts_jobs {
    const ts_plan *plan;
    ts_job_list *list; /* [list_count] */
    size_t list_count;
    uint8_t *owner; /* [ranges of the plan] a ts_owner, known from when the first of its jobs is wanted */
    uint32_t devices;
    double cost;    /* of all jobs of the plan, at the beginning */
    bool cancelled; /* a device failed: nothing is handed out any more */
} ts_jobs;

/* `shared_memory`: the most that a block may have on every device. Returns false without memory. */
bool ts_jobs_create(ts_jobs *jobs, const ts_plan *plan, uint32_t devices, int lane_group, size_t shared_memory);
void ts_jobs_free(ts_jobs *jobs);

/* The functions below may be called by several threads at a time, each for its device. A device whose part of a list is
 * done gets jobs of the part of which most is left. */

/* List whose next job has the most steps among those for which open[list] is true; list_count: none. */
size_t ts_jobs_longest(ts_jobs *jobs, uint32_t device, const bool *open);

/* Take the next job of a list that is ours, unless it costs more than `limit`. */
bool ts_jobs_take(ts_jobs *jobs, size_t list, uint32_t device, double limit, ts_job *job);

/* Jobs of the list that nobody has taken, as far as that is known. */
uint64_t ts_jobs_left(ts_jobs *jobs, size_t list);

void ts_jobs_cancel(ts_jobs *jobs);

#endif
