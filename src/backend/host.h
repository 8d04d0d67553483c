/* The loop over trainings that the host backends share: threads, chunks, progress, statistics. */
#ifndef TS_BACKEND_HOST_H
#define TS_BACKEND_HOST_H

#include "backend/backend.h"
#include "model/training.h"

#define TS_MOST_OF_BATCH 64

/* A number of trainings of one cell that advance together. */
typedef struct ts_batch {
    const ts_cell *cell;
    uint32_t count;
    uint64_t step;       /* steps that all of them have done when it begins */
    ts_monitor *monitor; /* to be asked by what takes long whether the run goes on; NULL: it does */
} ts_batch;

/* Where one training stands. Bias, drift and neurons are in the words of a ts_state. */
typedef struct ts_standing {
    ts_training training;
    int64_t *position, *weight; /* [m] */
} ts_standing;

/* What these words are: integers of the model, or doubles. */
typedef struct ts_host_arithmetic {
    /* The neurons of a training at its start; its number is set, all else is 0. */
    void (*draw)(const ts_plan *plan, const ts_cell *cell, ts_standing *standing);
    size_t (*scratch_size)(const ts_cell *cell); /* bytes, aligned to 8, that measuring needs */
    /* False when the run was stopped meanwhile. */
    bool (*measure)(const ts_plan *plan, ts_batch batch, const ts_standing *standing, void *scratch,
                    ts_measurement *measurement);
    int64_t (*position)(int64_t word), (*weight)(int64_t word); /* units 2^-62 and 2^-48 */
} ts_host_arithmetic;

extern const ts_host_arithmetic ts_host_fixed_point; /* fixed_point.c */

/* Put a training of the plan where it begins: where the plan says that it stands, or at its start. */
void ts_standing_begin(const ts_host_arithmetic *arithmetic, const ts_plan *plan, size_t cell, uint32_t row,
                       ts_standing *standing);

/* One way to run a batch. `state` is memory of state_size() bytes, aligned for any type and to 64 bytes, that the batch
 * has for itself; trainings of the batch are named by i = 0 .. count - 1. */
typedef struct ts_method {
    const ts_host_arithmetic *arithmetic;
    uint32_t width; /* largest batch, at most TS_MOST_OF_BATCH */
    uint32_t least; /* a batch with fewer trainings is hardly faster */
    /* Rough cost of one step of a full batch of the cell, in steps of one neuron: orders the batches and sets the
     * length of the first chunk. */
    double (*step_cost)(const ts_cell *cell);
    size_t (*state_size)(const ts_cell *cell);
    /* A batch into which every training is then written, one after the other. */
    void (*start)(const ts_run_options *options, ts_batch batch, void *state);
    void (*write)(ts_batch batch, void *state, uint32_t i, const ts_standing *standing);
    /* Do `steps` steps of every training that has not diverged; returns their number, all trainings together. Where one
     * step takes long, a training may stay behind when the run is stopped. */
    uint64_t (*advance)(const ts_plan *plan, ts_batch batch, void *state, uint64_t steps);
    bool (*diverged)(const void *state, uint32_t i);
    /* Where training i stands: its neurons, bias, drift and step, and whether it diverged. */
    void (*read)(ts_batch batch, const void *state, uint32_t i, ts_standing *standing);
} ts_method;

/* The method for the trainings of `cell`. */
typedef const ts_method *ts_method_choice(const ts_run_options *options, const ts_cell *cell);

ts_status ts_host_run(ts_method_choice *choose, const ts_plan *plan, const ts_run_options *options, ts_monitor *monitor,
                      ts_results *results, ts_error *error);

#endif
