/* Trainings that go on from where a plan says they stand, in the form in which a device keeps them. */
#ifndef TS_BACKEND_CUDA_RESUME_H
#define TS_BACKEND_CUDA_RESUME_H

#include "backend/cuda/jobs.h"
#include "model/training.h"

/* Room for the trainings of a job, each of which has `row` neurons of room. */
typedef struct ts_resumed {
    ts_training *training; /* [trainings] */
    int64_t *position;     /* [trainings][row] unit 2^-62, the first m of a row are used */
    int64_t *weight;       /* as position, unit 2^-48 */
    uint16_t *order;       /* as position: the neurons in ascending order of their positions */
} ts_resumed;

/* Fill in where the trainings of a job stand. `plan` resumes them. */
void ts_resume_job(const ts_plan *plan, const ts_job *job, size_t row, ts_resumed resumed);

/* Steps that the longest of the trainings first .. first + count - 1 of a cell has to do, and all of them together. */
uint64_t ts_steps_left(const ts_plan *plan, uint32_t cell, uint32_t first, uint32_t count, double *together);

#endif
