/* What the sweep asks of a backend, and what a backend may ask of the sweep.
 *
 * A backend runs every training of a plan: start, advance in chunks of steps, measure, reduce. It decides the order and
 * the place; the results do not depend on either. */
#ifndef TS_BACKEND_BACKEND_H
#define TS_BACKEND_BACKEND_H

#include "backend/monitor.h"
#include "backend/statistics.h"

/* Where the trainings of one cell stand between two steps: all that their next steps depend on. The numbers are those
 * of the backend's arithmetic: fixed point in the units below, which every fixed-point backend can go on with, or for
 * the backend reference doubles in the same 64 bits. */
typedef struct ts_state {
    uint64_t *step;    /* [replicates]    steps done; not above those of the cell */
    int64_t *position; /* [replicates][m] unit 2^-62, order of neurons as in ts_neurons */
    int64_t *weight;   /* [replicates][m] unit 2^-48 */
    int64_t *bias;     /* [replicates]    unit 2^-48 */
    int64_t *drift;    /* [replicates]    as in ts_training, unit 2^-48 */
    bool *diverged;    /* [replicates] */
} ts_state;

/* Immutable: what is to be run. Every training goes on until it has done the steps of its cell. */
typedef struct ts_plan {
    const ts_settings *settings;
    const ts_cell *cells; /* [cell_count] */
    size_t cell_count;
    uint32_t replicates;       /* of every cell */
    const uint32_t *replicate; /* [replicates] their numbers, which decide their random words; NULL: 0, 1, 2, ... */
    const ts_state *resume;    /* [cell_count] where they go on; NULL: from their start */
} ts_plan;

/* Final state of the trainings of one cell, when they are kept. */
typedef struct ts_kept {
    int64_t *position; /* [replicates][m] unit 2^-62 */
    int64_t *weight;   /* [replicates][m] unit 2^-48 */
    int64_t *bias;     /* [replicates]    unit 2^-48 */
    int64_t *loss;     /* [replicates]    unit 2^-44 */
    int8_t *outcome;   /* [replicates]    ts_outcome */
} ts_kept;

typedef struct ts_results {
    ts_statistics *statistics; /* [cell_count] */
    ts_kept *kept;             /* [cell_count], or NULL */
    int8_t *outcome;           /* [cell_count][replicates] ts_outcome, or NULL */
    ts_state *state;           /* [cell_count] where the trainings stand when they end, or NULL; may be what the plan
                                * resumes: a training that did not end leaves its row alone */
} ts_results;

/* Run the plan into `results`, which begin as zeros and TS_OUTCOME_NONE. Returns TS_OK, TS_INTERRUPTED (the monitor
 * asked to stop; finished trainings are in `results`) or TS_FAILED (`error` says why). */
typedef ts_status ts_backend_run(const ts_plan *plan, const ts_run_options *options, ts_monitor *monitor,
                                 ts_results *results, ts_error *error);

/* Find out how many seconds the plan would take on this machine, from a measurement that takes about `patience`
 * seconds. NaN when that is too short. Errors: TS_FAILED (memory, device). */
typedef ts_status ts_backend_forecast(const ts_plan *plan, const ts_run_options *options, double patience,
                                      double *seconds, ts_error *error);

typedef struct ts_backend {
    const char *name;
    ts_backend_run *run;
    ts_backend_forecast *forecast;
} ts_backend;

ts_backend_run ts_reference_run; /* float64, scalar: reads like MODEL.md */
ts_backend_run ts_cpu_run;       /* fixed point on the vector units of the host */
ts_backend_run ts_cuda_run;      /* the same on GPUs; where the program was built with CUDA */
ts_backend_forecast ts_reference_forecast, ts_cpu_forecast, ts_cuda_forecast;

/* The GPUs that a run uses. */
typedef struct ts_devices {
    int index[TS_MAX_DEVICES]; /* [count] */
    size_t count;
    char name[160]; /* "NVIDIA H200", "2 x NVIDIA H200" */
} ts_devices;

/* The devices that the options name, or all that work. Errors: TS_INVALID (there is no such device), TS_FAILED (it does
 * not work). */
ts_status ts_cuda_devices(const ts_run_options *options, ts_devices *devices, ts_error *error);

/* Is there a GPU that works? If not, `reason` says why. */
bool ts_cuda_works(char *reason, size_t reason_size);

/* A backend that ts_backend_choose named; NULL when there is none of that name. */
const ts_backend *ts_backend_named(const char *name);

/* Check the instruction set and the algorithm that the backend cpu is asked for. Returns the name of the set, or NULL
 * with `error` set. */
const char *ts_cpu_check(const ts_run_options *options, ts_error *error);

/* Host threads that `options` means on this machine for so many trainings: backend/processors.c. */
int ts_thread_count(const ts_run_options *options, uint64_t trainings);

#endif
