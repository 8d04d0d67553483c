/* What the slots of a wave work on, as the host keeps account of it. Knows no device. */
#ifndef TS_BACKEND_CUDA_SLOTS_H
#define TS_BACKEND_CUDA_SLOTS_H

#include "backend/cuda/gpu.h"

struct ts_slots {
    ts_gpu *gpu;
    uint32_t count;
    double portion;      /* of the device that a slot occupies */
    ts_job *job;         /* [count] what each slot works on */
    uint64_t *left;      /* [count] steps until its end, of the training that has most; 0: it has no work */
    uint32_t *look;      /* [count] at its trainings (backend.h) that is taken next */
    uint64_t *until;     /* [count] steps until then */
    double *done;        /* [count] training steps done */
    uint32_t *free_slot; /* [free_count] without work */
    uint32_t free_count;
    uint32_t *fresh; /* [fresh_count] with a job that is to be started */
    uint32_t fresh_count;
    uint32_t *seen; /* [seen_count] that have come to a look before their end */
    uint32_t seen_count;
    uint32_t *ended; /* [ended_count] whose trainings ended and are to be measured */
    ts_job *ended_job;
    double *ended_done;
    uint32_t ended_count;
    uint64_t chunk; /* steps of the next advance */
};

/* Slots of a wave: so many as its jobs can use, if they were all taken now. `resident`: blocks of its shape that the
 * device runs at a time. */
uint32_t ts_slots_wanted(uint64_t jobs, double resident);

/* All free. Returns false without memory; ts_slots_free is allowed then, too. */
bool ts_slots_create(ts_slots *slots, ts_gpu *gpu, uint32_t count, double resident);
void ts_slots_free(ts_slots *slots);

uint32_t ts_slots_active(const ts_slots *slots);

/* Give a job to a free slot. */
void ts_slots_add(ts_slots *slots, const ts_job *job);

/* Steps of a slot with work in an advance of `chunk`. */
uint64_t ts_slots_steps(const ts_slots *slots, uint32_t slot, uint64_t chunk);

/* Do its trainings go on from elsewhere than where they were when the slot took them? */
bool ts_slots_underway(const ts_slots *slots, uint32_t slot);

/* What an advance of `chunk` steps did for a slot with work: steps of all its trainings, those that are not halted.
 * Returns true when they went as far as the chunk, so that its time was that of its steps. */
bool ts_slots_advance(ts_slots *slots, uint32_t slot, uint64_t chunk, uint64_t steps, uint32_t alive);

/* The looks at the slots that have come to one are taken: these go on. */
void ts_slots_go_on(ts_slots *slots);

/* Nobody goes on with the trainings of the slots that have work: those slots are free. */
void ts_slots_abandon(ts_slots *slots);

/* The length of the next chunk from the seconds that one of `chunk` steps took. */
void ts_slots_adapt(ts_slots *slots, uint64_t chunk, double seconds);

#endif
