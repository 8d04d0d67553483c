/* The loop over trainings that the host backends share: threads, chunks, progress, statistics. */
#ifndef TS_BACKEND_HOST_H
#define TS_BACKEND_HOST_H

#include "backend/backend.h"

#define TS_MOST_OF_BATCH 64

/* A number of trainings of one cell that advance together: rows first, first + 1, ... < first + count of the plan. */
typedef struct ts_batch {
    const ts_cell *cell;
    uint32_t first, count;
    uint64_t step;       /* steps that they have done, all of them, or those that did not diverge */
    ts_monitor *monitor; /* to be asked by what takes long whether the run goes on; NULL: it does */
} ts_batch;

/* One way to run a batch. `state` is memory of state_size() bytes, aligned for any type and to 64 bytes, that the batch
 * has for itself; trainings of the batch are named by i = 0 .. count - 1. */
typedef struct ts_method {
    uint32_t width; /* largest batch, at most TS_MOST_OF_BATCH */
    uint32_t least; /* a batch with fewer trainings is hardly faster */
    /* Rough cost of one step of a full batch of the cell, in steps of one neuron: orders the batches and sets the
     * length of the first chunk. */
    double (*step_cost)(const ts_cell *cell);
    size_t (*state_size)(const ts_cell *cell);
    void (*start)(const ts_plan *plan, const ts_run_options *options, ts_batch batch, void *state);
    /* Do `steps` steps of every training that has not diverged; returns their number, all trainings together. Where one
     * step takes long, a training may stay behind when the run is stopped. */
    uint64_t (*advance)(const ts_plan *plan, ts_batch batch, void *state, uint64_t steps);
    bool (*diverged)(const void *state, uint32_t i);
    /* Loss of training i, unit 2^-44; -1 when the run was stopped meanwhile. Unless `kept` is NULL its state goes to
     * row first + i. */
    int64_t (*finish)(const ts_plan *plan, ts_batch batch, void *state, uint32_t i, ts_kept *kept);
    /* Put where training i stands into row first + i, all but its step. */
    void (*save)(const ts_plan *plan, ts_batch batch, void *state, uint32_t i, ts_state *saved);
} ts_method;

/* What stands in the plan about the cell of the batch; NULL: its trainings begin at their start. */
static inline const ts_state *ts_batch_resume(const ts_plan *plan, ts_batch batch) {
    return plan->resume ? &plan->resume[batch.cell - plan->cells] : NULL;
}

/* Number in its cell of training i of the batch. */
static inline uint32_t ts_batch_replicate(const ts_plan *plan, ts_batch batch, uint32_t i) {
    return plan->replicate ? plan->replicate[batch.first + i] : batch.first + i;
}

/* The method for the trainings of `cell`. */
typedef const ts_method *ts_method_choice(const ts_run_options *options, const ts_cell *cell);

ts_status ts_host_run(ts_method_choice *choose, const ts_plan *plan, const ts_run_options *options, ts_monitor *monitor,
                      ts_results *results, ts_error *error);

#endif
