// The advance kernels, as advance.cu finds them.
#ifndef TS_KERNELS_ADVANCE_CUH
#define TS_KERNELS_ADVANCE_CUH

#include "kernels/slot.cuh"

// Warps that a multiprocessor must be able to hold, about as many as its shared memory has room for at 20 neurons:
// leaves each thread 128 registers, and asks the compiler not to spill some of them to run more warps.
#define TS_FEWEST_WARPS 16

// A kernel for shapes with so many lanes, and so many samples in a batch.
struct advance_entry {
    uint32_t lanes, batch;
    void (*kernel)(ts_wave_memory memory, uint64_t steps);
};

#define TS_RANKED_KERNELS 2
#define TS_DEALT_KERNELS 4
#define TS_BLOCKED_KERNELS 4
#define TS_PLAIN_KERNELS 4
extern const advance_entry advance_ranked_entries[TS_RANKED_KERNELS], advance_dealt_entries[TS_DEALT_KERNELS],
    advance_blocked_entries[TS_BLOCKED_KERNELS], advance_plain_entries[TS_PLAIN_KERNELS];

#endif
