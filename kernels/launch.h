/* The kernels as the host side of the CUDA backend sees them: plain C functions, each of which launches one kernel on a
 * stream and returns what the launch returned.
 *
 * A wave is a number of slots that advance together on one device. A slot holds up to `shape.trainings` trainings of
 * one cell (consecutive rows of the plan) and is the work of one block. All arrays of a ts_wave_memory lie on the
 * device. */
#ifndef TS_KERNELS_LAUNCH_H
#define TS_KERNELS_LAUNCH_H

#include "backend/seen.h"
#include "backend/statistics.h"
#include "kernels/form.h"
#include "model/training.h"

#include <cuda_runtime_api.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a slot works on; count = 0: nothing. */
typedef struct ts_slot {
    uint32_t cell;         /* index in the plan */
    uint32_t first, count; /* rows first .. first + count - 1 of the plan */
    uint64_t stop;         /* step that its trainings are not to pass before somebody has looked at them; those that
                            * were behind it already when the slot took them wait there for the others */
} ts_slot;

/* What an advance did for one slot. */
typedef struct ts_slot_progress {
    uint64_t steps; /* done by its trainings, added up */
    uint32_t alive; /* trainings that are not halted */
} ts_slot_progress;

/* A look at the trainings of a slot (backend.h). */
typedef struct ts_look {
    uint32_t slot, look;
} ts_look;

/* A slot whose trainings ended, and the entry of `statistics` that its cell has in this round. */
typedef struct ts_ended {
    uint32_t slot, entry;
} ts_ended;

typedef struct ts_wave_memory {
    const ts_cell *cell;       /* [cell_count] of the plan */
    const uint32_t *replicate; /* [replicates] of the plan: numbers of the rows; NULL: 0, 1, 2, ... */
    const uint64_t *look_step; /* [cell_count][looks] of the plan: the last ones are the ends */
    uint32_t looks;
    bool stops;                 /* of the plan: do trainings end at their first success at a look? */
    ts_slot *slot;              /* [slots] */
    uint32_t *fresh;            /* [slots] numbers of the slots to start */
    ts_look *look;              /* [slots] those to be taken */
    ts_ended *ended;            /* [slots] */
    ts_slot_progress *progress; /* [slots] */
    ts_training *training;      /* [slots][trainings] */
    int64_t *position;          /* [slots][trainings][row] the first m of a row are used */
    int64_t *weight;            /* as position */
    uint32_t *order;            /* as position: the neurons in ascending order of their positions */
    uint32_t *low;              /* as position: scratch of advance: low words of the positions in that order */
    uint32_t row;
    ts_measurement *measurement; /* [slots][looks][trainings] kept until a training has ended, and all of it counts */
    uint8_t *mark;               /* [slots][trainings] TS_MARK_ bits, but for that of the limit */
    ts_statistics *statistics;   /* [entries][looks] */
    uint64_t *first_success;     /* [entries][looks] trainings of which this look was the first to see a success */
    void *scratch;               /* [scratch_blocks] of ts_scratch_size(neurons) bytes each */
    uint32_t scratch_blocks;
} ts_wave_memory;

/* Scratch memory of a block that starts or measures a training of up to `neurons` neurons. */
size_t ts_scratch_size(uint32_t neurons);

/* Draw start positions for the trainings of the slots fresh[0 .. count). `neurons`: the most that any of them has. */
cudaError_t ts_launch_start(ts_shape shape, const ts_wave_memory *memory, uint32_t count, uint32_t neurons,
                            cudaStream_t stream);

/* Up to `steps` steps of every training in the first `slots` slots. */
cudaError_t ts_launch_advance(ts_shape shape, const ts_wave_memory *memory, uint32_t slots, uint64_t steps,
                              cudaStream_t stream);

/* Measure every training in look[0 .. count). */
cudaError_t ts_launch_measure(ts_shape shape, const ts_wave_memory *memory, uint32_t count, uint32_t neurons,
                              cudaStream_t stream);

/* Marks of every training in ended[0 .. count), and the statistics of all looks at them, added to the entries. */
cudaError_t ts_launch_reduce(ts_shape shape, const ts_wave_memory *memory, uint32_t count, cudaStream_t stream);

/* Blocks of the advance kernel that one multiprocessor of the current device holds at a time. Fails with
 * cudaErrorNoKernelImageForDevice or the like where the program has no code for the device. */
cudaError_t ts_advance_occupancy(ts_shape shape, int *blocks);

#ifdef __cplusplus
}
#endif
#endif
