/* A GPU as far as the packing of work is concerned: multiprocessors with shared memory and four schedulers each, on
 * which blocks of one warp run for as many instructions as they are said to have. Time is simulated.
 *
 * How many instructions a scheduler issues depends on how many warps it has and of which kernel these are. Launches are
 * worked off in the order in which they arrive: as long as a block of the first one finds no room, those of the next
 * ones wait, too. Launches of one hardware queue run one after the other. */
#ifndef TS_BENCH_SIMULATED_DEVICE_H
#define TS_BENCH_SIMULATED_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIM_SCHEDULERS 4 /* of a multiprocessor */
#define SIM_WARPS 16     /* of a scheduler, at most */
#define SIM_RATES 4      /* a scheduler that has more warps than that issues no more */

typedef struct sim_model {
    int multiprocessors;
    size_t shared_memory; /* bytes of a multiprocessor */
    int blocks;           /* of a multiprocessor, at most */
    int queues;           /* of the hardware, over which streams are spread */
    double clock;         /* Hz */
    double rate; /* instructions that a scheduler with warps issues in a cycle; 0: as many as their kernels let it */
    double round_seconds; /* of the host, for a wave between two of its chunks */
    double slot_seconds;  /* the same for each of its slots */
} sim_model;

/* 132 multiprocessors of 227 KiB at 1.755 GHz, as of an H100; see docs/performance.md. */
sim_model sim_model_default(void);

/* Blocks with so much shared memory that a multiprocessor holds at a time. */
int sim_resident(const sim_model *model, size_t block_memory);

typedef struct sim_launch {
    size_t block_memory;
    double *instructions; /* [count] of each block */
    const double *rates;  /* [SIM_RATES] instructions that a scheduler with 1, 2, ... such warps issues in a cycle */
    uint32_t count;
    uint32_t dispatched, ended; /* blocks */
    int queue;
    struct sim_launch *next; /* on the device, in the order of arrival */
} sim_launch;

typedef struct sim_scheduler {
    int warps;
    double left[SIM_WARPS];        /* [warps] instructions until the warp ends */
    sim_launch *launch[SIM_WARPS]; /* [warps] */
} sim_scheduler;

typedef struct sim_multiprocessor {
    sim_scheduler scheduler[SIM_SCHEDULERS];
    int blocks;
    size_t shared_memory; /* in use */
    double updated;       /* time of `left` */
    double next;          /* when its next block ends */
} sim_multiprocessor;

typedef struct sim_device {
    sim_model model;
    double now; /* seconds */
    sim_multiprocessor *multiprocessor;
    int *first; /* tree over the multiprocessors: the one whose block ends first; [1] of all */
    int leaves;
    sim_launch *queue; /* not done */
    uint64_t launches_done;
    int resident;             /* blocks */
    double instructions;      /* issued */
    double scheduler_seconds; /* with at least one warp, over all schedulers */
    double working_seconds;   /* in which at least one block was there */
} sim_device;

bool sim_device_create(sim_device *device, const sim_model *model);
void sim_device_free(sim_device *device);

/* The launch arrives now; it stays the caller's and has to live until it is done. */
void sim_device_launch(sim_device *device, sim_launch *launch);

static inline bool sim_launch_done(const sim_launch *launch) {
    return launch->ended == launch->count;
}

/* Let time pass until `until`. */
void sim_device_run(sim_device *device, double until);

/* Let time pass until a launch is done; false: there is none. */
bool sim_device_run_launch(sim_device *device);

#endif
