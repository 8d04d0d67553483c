/* Trainings that go on from where a plan says they stand, in the form in which a device keeps them. */
#ifndef TS_BACKEND_CUDA_RESUME_H
#define TS_BACKEND_CUDA_RESUME_H

#include "backend/cuda/jobs.h"
#include "model/training.h"

/* Room for the trainings of a slot, each of which has `row` neurons of room. */
typedef struct ts_resumed {
    ts_training *training; /* [trainings] */
    int64_t *position;     /* [trainings][row] unit 2^-62, the first m of a row are used */
    int64_t *weight;       /* as position, unit 2^-48 */
    uint32_t *order;       /* as position: the neurons in ascending order of their positions */
    /* [looks][trainings] what was measured of them at the looks on their way that have been taken */
    ts_measurement *measurement;
} ts_resumed;

/* Fill in where the trainings of a job begin: some of them not at their start. `trainings`: of a slot. */
void ts_resume_job(const ts_plan *plan, const ts_job *job, uint32_t trainings, size_t row, ts_resumed resumed);

#endif
