/* What a wave is made of, for wave.c, which runs it, wave_memory.c, which has its memory, and waypoints.c, which tells
 * where its trainings stand. See gpu.h for what the others see of it. */
#ifndef TS_BACKEND_CUDA_WAVE_H
#define TS_BACKEND_CUDA_WAVE_H

#include "backend/cuda/cuda.h"
#include "backend/cuda/resume.h"
#include "backend/cuda/slots.h"

#define TS_WAVE_ARRAYS 32

struct ts_wave {
    ts_gpu *gpu;
    ts_shape shape;
    ts_slots slots;
    uint32_t neurons; /* the most of any training */
    size_t row;       /* neurons that a training has room for */
    size_t entries;   /* of the statistics: as many cells can end in a round */
    ts_wave_memory memory;
    void *device_array[TS_WAVE_ARRAYS], *host_array[TS_WAVE_ARRAYS]; /* what to free */
    int device_arrays, host_arrays;
    int stream_number; /* -1: none */
    cudaStream_t stream;
    cudaEvent_t finished, told; /* NULL: none */

    /* Mirrors of the arrays of `memory`, pinned. */
    ts_slot *slot; /* [slots] */
    uint32_t *fresh;
    ts_look *look;
    ts_ended *ended;
    ts_slot_progress *progress;
    ts_statistics *statistics;  /* [entries][looks] */
    uint64_t *first_success;    /* as statistics */
    int64_t *position, *weight; /* only when trainings or their states are kept, or somebody has asked for them */
    ts_training *training;
    ts_measurement *measurement; /* [slots][trainings] at their end; only when trainings are kept */
    ts_measurement *seen;        /* [slots][looks][trainings] on their way; only when somebody has asked for it */
    uint8_t *mark;
    ts_resumed resumed; /* [slots] where fresh ones begin; only when the plan has trainings that are on their way */

    uint32_t *entry_cell; /* [entry_count] which cell has it in this round */
    uint32_t *cell_entry; /* [cell_count] which entry a cell has, where entry_cell says the same */
    uint32_t entry_count;
    bool keeps;                      /* final states of its trainings are wanted */
    bool running, reduced, advanced; /* what was submitted */
    bool ending;                     /* nothing else will be */
    bool tells;                      /* states were submitted, too, and have not been put where they are wanted */
    unsigned answered;               /* so often has somebody asked for them, and been told */
    uint64_t submitted_chunk;
    double submitted_at;
};

/* Mirrors for states of trainings on their way, when the first of them are wanted. False: there is no memory. */
bool ts_wave_mirror_states(ts_wave *wave);

/* On the stream of the wave. False with the error set. */
bool ts_wave_copy_to(ts_wave *wave, void *device, const void *host, size_t bytes);
bool ts_wave_copy_from(ts_wave *wave, void *host, const void *device, size_t bytes);

/* Has the device come past an event? *done is set. False with the error set. */
bool ts_wave_has_passed(ts_wave *wave, cudaEvent_t event, bool *done);

/* ---- where its trainings stand: waypoints.c */

/* If anybody wants to know, copy their states as they are now. False on failure. */
bool ts_wave_submit_states(ts_wave *wave, bool ending);

/* When that is done, put them where they are wanted, which the rest of what was submitted need not wait for. */
bool ts_wave_poll_states(ts_wave *wave);
void ts_wave_collect_states(ts_wave *wave);

#endif
