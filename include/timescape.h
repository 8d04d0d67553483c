/* timescape: phase diagrams of convergence for two-layer networks trained by stochastic gradient descent.
 *
 * One sweep is a grid of cells (stepsize ratio epsilon x neuron count m, and more axes where they are asked for); each
 * cell is a number of independent seeded trainings. The order of use is
 *
 *     ts_settings_default -> fill in -> ts_sweep_create -> ts_sweep_run -> ts_sweep_summary ... -> ts_sweep_destroy
 *
 * No function prints or exits: each returns a status and, where it can fail, explains itself in a ts_error.
 * What is computed is described in docs/numerics.md. */
#ifndef TIMESCAPE_H
#define TIMESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In front of each function of the interface. A shared libtimescape exports these and nothing else. */
#ifndef TS_API
#if defined(__GNUC__)
#define TS_API __attribute__((visibility("default")))
#else
#define TS_API
#endif
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Version of this header. ts_version has that of the library which a program runs with. */
#define TS_VERSION_MAJOR 0
#define TS_VERSION_MINOR 1 /* its second number */
#define TS_VERSION_PATCH 0 /* its third number */

/* Version of the arithmetic of docs/numerics.md. Programs with the same number give the same bits from the same
 * settings, whatever else changes between them; one that would change a bit of any training, loss or statistic of the
 * backends cpu and cuda has a new number. tests/golden/ holds it to that. The float64 backend reference promises no
 * bits. */
#define TS_ARITHMETIC_VERSION 2

#define TS_MAX_JUMPS 63                 /* a target has at most 64 constant pieces */
#define TS_MAX_NEURONS 4096             /* neurons of one network, of all coordinates together */
#define TS_MAX_DIMENSION 16             /* coordinates of a sample */
#define TS_MAX_CELLS 65536              /* cells of one sweep */
#define TS_MAX_STEPS (1ULL << 56)       /* steps of one training */
#define TS_MAX_REPLICATES 0xffffffffULL /* trainings of one cell */
#define TS_MAX_DEVICES 64               /* GPUs of one run */
#define TS_MAX_PARTS 65536              /* that one sweep is divided into */
#define TS_MAX_OBSERVATIONS 1000        /* times on the way of one sweep at which statistics are made */
#define TS_MAX_TRACED 1000              /* trainings of one trace */
#define TS_MAX_TRACE_TIMES 100001       /* of one trace */

/* Values are also the exit statuses of the command line. */
typedef enum ts_status {
    TS_OK = 0,
    TS_FAILED = 1,       /* failed while running: memory, disk, device */
    TS_INVALID = 2,      /* a setting or argument that is refused */
    TS_INTERRUPTED = 130 /* on_progress asked to stop; what is done is kept */
} ts_status;

/* Why a call did not return TS_OK. */
typedef struct ts_error {
    char key[128];     /* the dotted configuration key that is at fault ("network.eta"), or empty */
    char message[512]; /* one sentence without a final full stop: what was found and what is allowed */
} ts_error;

/* What a step is: one of stochastic gradient descent, or the same with exact expectations over sample and noise. */
typedef enum ts_dynamics { TS_DYNAMICS_SGD, TS_DYNAMICS_GRADIENT_FLOW } ts_dynamics;
/* What a neuron computes (MODEL.md section 1). */
typedef enum ts_activation { TS_ACTIVATION_STEP, TS_ACTIVATION_RELU } ts_activation;
/* Start positions: independent and uniform on [0,1), in the middle of m equal parts, or uniform on one part each. */
typedef enum ts_init { TS_INIT_UNIFORM, TS_INIT_EQUISPACED, TS_INIT_STRATIFIED } ts_init;
/* Of sigma in the steps of the inner layer: its own, or 1 within the transition (MODEL.md section 2). */
typedef enum ts_derivative { TS_DERIVATIVE_EXACT, TS_DERIVATIVE_BOX } ts_derivative;
/* Do all cells share the random numbers of a replicate, or has each its own? (MODEL.md section 6) */
typedef enum ts_randomness { TS_RANDOMNESS_COMMON, TS_RANDOMNESS_INDEPENDENT } ts_randomness;

/* Does a training end before its horizon: never, or at the first observation at which it is a success by its loss?
 * (docs/numerics.md, "Stopping") */
typedef enum ts_stop { TS_STOP_NEVER, TS_STOP_FIRST_SUCCESS } ts_stop;

/* A time of a training: its steps p, the slow time epsilon h p or the fast time h p (MODEL.md section 2). */
typedef enum ts_clock { TS_CLOCK_STEPS, TS_CLOCK_SLOW_TIME, TS_CLOCK_FAST_TIME } ts_clock;

/* How one training ended (docs/numerics.md, "Outcome"). */
typedef enum ts_outcome {
    TS_OUTCOME_NONE = -1, /* not finished */
    TS_OUTCOME_FAILURE = 0,
    TS_OUTCOME_SUCCESS = 1,
    TS_OUTCOME_DIVERGED = 2
} ts_outcome;

/* What a success is judged by: the loss, the positions whatever the weights are, or each of the two. */
typedef enum ts_criterion { TS_CRITERION_LOSS, TS_CRITERION_POSITIONS, TS_CRITERION_BOTH } ts_criterion;

/* What is kept of every training, as bits. A training that is not finished has none of the first four. */
enum {
    TS_MARK_FINISHED = 1,
    TS_MARK_SUCCESS = 2,          /* by its loss */
    TS_MARK_POSITION_SUCCESS = 4, /* by its positions, whatever its weights (docs/numerics.md, "Position loss") */
    TS_MARK_DIVERGED = 8,
    TS_MARK_LIMIT_SUCCESS = 16 /* with `theory`: its limit epsilon -> 0 is a success at the same slow time */
};

/* What the cells of a sweep can differ in: each of these can be an axis of it. */
typedef enum ts_parameter {
    TS_PARAMETER_EPSILON, /* stepsize ratio of the inner to the outer layer */
    TS_PARAMETER_NEURONS, /* neurons m of each coordinate: whole numbers */
    TS_PARAMETER_H,       /* stepsize of the outer layer */
    TS_PARAMETER_NOISE,   /* half-width s of the label noise */
    TS_PARAMETER_ETA      /* width of a neuron's transition */
} ts_parameter;
#define TS_PARAMETER_COUNT 5 /* parameters */

/* The values of a parameter along its axis; without one, count is 0. */
typedef struct ts_sweep_axis {
    const double *values; /* [count] ascending */
    size_t count;         /* of them */
} ts_sweep_axis;

/* Everything that decides the result of a sweep. Names follow the configuration file. */
typedef struct ts_settings {
    uint64_t seed;        /* of all random numbers */
    ts_dynamics dynamics; /* TS_DYNAMICS_GRADIENT_FLOW: of the backend reference only; the noise plays no part */

    /* The target is the sum over the coordinates x of `target_base` (once) and, for each jump, `jump_by` from `jump_at`
     * on; for networks of rectified linear units the jumps are those of the slope: jump_by max(x - jump_at, 0). */
    double target_base;
    size_t jump_count;            /* 0 .. TS_MAX_JUMPS */
    double jump_at[TS_MAX_JUMPS]; /* [jump_count] ascending, inside (0,1), at least eta apart */
    double jump_by[TS_MAX_JUMPS]; /* [jump_count] not zero */
    size_t dimension;             /* coordinates d of a sample, 1 .. TS_MAX_DIMENSION; each has `neurons` neurons */

    ts_activation activation; /* sigma: the smooth step of MODEL.md section 1, or max(z, 0) with z = x - u */
    double eta;               /* width of a neuron's transition; 0 for rectified linear units, which have none */
    ts_init init;             /* of the positions */
    double start_weight;      /* start weights are uniform on [0, start_weight); 0: all are 0 */

    double h;                 /* stepsize of the outer layer */
    double noise;             /* half-width s of the uniform label noise */
    ts_derivative derivative; /* of sigma, in the steps of the inner layer */
    uint64_t steps;           /* horizon in steps; 0: from the two times below */
    double slow_time;         /* horizon tau = epsilon h p; 0: not given */
    double min_fast_time;     /* lower bound t = h p; 0: not given */

    /* By ts_parameter; the values are read by ts_sweep_create only. Epsilon and neurons have at least one. The values
     * of another parameter take the place of its member above. Cells are all combinations, up to TS_MAX_CELLS. */
    ts_sweep_axis axis[TS_PARAMETER_COUNT];
    uint64_t replicates; /* trainings per cell; with `half_width` the most of any */
    /* Above 0: a cell gets more trainings, in rounds, until half of the 95 per cent interval of its success rate is no
     * wider, or it has all. */
    double half_width;
    uint64_t least_replicates; /* with `half_width`: what every cell has, 1 .. replicates; else 0 */
    ts_criterion criterion;    /* of success, whose interval that is */
    ts_randomness randomness;  /* do the cells share their starts and samples? */

    /* Times on the way at which there are statistics, besides those of the end: rounded to whole steps in each cell as
     * the horizon is (docs/numerics.md, "Observations"), and in no cell behind its end. */
    ts_clock observe_clock; /* what the times are of */
    const double *observe;  /* [observe_count] from 0, ascending; read by ts_sweep_create only */
    size_t observe_count;   /* 0 .. TS_MAX_OBSERVATIONS */

    double unexplained_variance; /* success: (L - L_floor) / Var at most this */
    ts_stop stop;                /* TS_STOP_FIRST_SUCCESS: only with times to observe */
    bool keep_trainings;         /* keep the final state of every training */
    bool keep_states;      /* keep all that its next steps would depend on, so that a longer sweep can go on there */
    bool theory;           /* compute the limit epsilon -> 0 from the same starts and compare (docs/theory.md) */
    uint64_t limit_starts; /* with `theory`: limits of so many starts at least; 0: of those of the trainings */
} ts_settings;

/* The defaults of the configuration file: keys that may be left out have their value here, the others are 0. */
TS_API ts_settings ts_settings_default(void);

/* Check every setting against MODEL.md and the ranges of the number formats (docs/numerics.md, "Ranges").
 * Returns TS_OK or TS_INVALID with error->key and error->message set. `error` may be NULL. */
TS_API ts_status ts_settings_validate(const ts_settings *settings, ts_error *error);

/* A grid of cells with its statistics. Owns all its memory. Not thread-safe: one thread uses one sweep at a time. */
typedef struct ts_sweep ts_sweep;

/* Validate, copy the settings and lay out the grid. On success *sweep is the caller's until ts_sweep_destroy.
 * Errors: TS_INVALID (a setting), TS_FAILED (memory). */
TS_API ts_status ts_sweep_create(ts_sweep **sweep, const ts_settings *settings, ts_error *error);
TS_API void ts_sweep_destroy(ts_sweep *sweep); /* NULL is allowed */

/* The sweep's own copy of its settings; valid until ts_sweep_destroy. */
TS_API const ts_settings *ts_sweep_settings(const ts_sweep *sweep);

/* Number of cells. They are numbered from 0, row-major in the order of ts_parameter: with two axes, epsilon by neurons.
 */
TS_API size_t ts_sweep_cell_count(const ts_sweep *sweep);

/* The number of the cell that has place[p] on the axis of parameter p; 0 where there is none. */
TS_API size_t ts_sweep_cell(const ts_sweep *sweep, const size_t place[TS_PARAMETER_COUNT]);

/* Settings of this cell alone: what a ts_trace of its trainings needs, for instance. Valid until ts_sweep_destroy. */
TS_API ts_settings ts_sweep_cell_settings(const ts_sweep *sweep, size_t cell);

/* What a sweep costs, before it runs. */
typedef struct ts_estimate {
    uint64_t trainings;    /* over all cells */
    double training_steps; /* sum over trainings of their steps; less where some stop or diverge */
    double neuron_steps;   /* sum over trainings of steps x neurons; as training_steps */
    double memory_bytes;   /* statistics and kept trainings on the host */
    /* Trainings and steps are the most that there can be; with `half_width` and with `stop` there may be fewer. */
    uint64_t least_trainings;    /* over all cells */
    double least_training_steps; /* as training_steps, of the least trainings when each stops as early as it may */
    double least_neuron_steps;   /* the same times the neurons */
} ts_estimate;

/* Work and memory of the whole sweep. */
TS_API ts_estimate ts_sweep_estimate(const ts_sweep *sweep);

/* How far a sweep is, or the part of it that a run is to do. */
typedef struct ts_progress {
    uint64_t trainings_done;      /* finished */
    uint64_t trainings_total;     /* in all */
    double training_steps_done;   /* of all trainings together, those that halted trainings have no more included */
    double training_steps_total;  /* in all */
    double neuron_steps_done;     /* the same times the neurons */
    double neuron_steps_total;    /* in all */
    uint64_t trainings_before;    /* of those that are done: there before this run began */
    double training_steps_before; /* the same of steps */
    double neuron_steps_before;   /* times the neurons */
    double seconds;               /* since the trainings began, or the limits while these are computed */
    uint64_t limits_done;         /* of a sweep with `theory`: they come before the trainings */
    uint64_t limits_total;        /* 0 without `theory`, and when the limits are done */
} ts_progress;

/* How and where a run is to be computed. All zero: as fast as this machine can. Nothing of it changes a bit of the
 * fixed-point backends. */
typedef struct ts_run_options {
    const char *backend;  /* "auto" (also NULL), "cpu", "cuda", "reference" */
    int threads;          /* host threads; 0: one for each processor this process may use */
    uint64_t chunk_steps; /* steps between two looks at the clock; 0: chosen by the backend. Never changes the bits */
    int lane_group;       /* lanes that share a training: 1, 2, 4, ... 128, on a GPU more where these cannot hold the
                           * network; 0: chosen. Never changes the bits */
    const int *devices;   /* [device_count] GPUs of the backend cuda, numbered from 0 */
    size_t device_count;  /* 0: all that work */
    const char *instructions; /* of the backend cpu: "auto" (also NULL) or a set that ts_instructions_name lists */
    /* Of the backend cpu: "auto" (also NULL), "dense" (a step costs O(m)) or "sorted" (a step costs O(log m + m eta);
     * not with "portable"). Rectified linear units and several coordinates have one algorithm, whatever is asked for.
     */
    const char *algorithm;
    /* Of `parts` parts of the sweep, which cost the same, overlap nowhere and leave nothing out, only this one is done,
     * 1 to parts (at most TS_MAX_PARTS). Cells with half_width are not divided. 0 and 0: all of it. */
    uint32_t part;
    uint32_t parts;        /* that there are */
    double report_seconds; /* between two calls of what follows; 0: a fifth of a second */
    /* Called so often and at the end, by one thread at a time. Return false to stop: ts_sweep_run then ends with
     * TS_INTERRUPTED, and finished trainings stay counted. May be NULL. */
    bool (*on_progress)(void *context, const ts_progress *progress);
    void *context; /* first argument of on_progress */
} ts_run_options;

/* What ran, where, and how long it took. */
typedef struct ts_run_report {
    const char *backend;      /* the one that ran: "cpu", "cuda" or "reference" (static string) */
    const char *instructions; /* instruction set of the backend cpu (static string); "" for the others */
    char device[160];         /* of the backend cuda: "NVIDIA H200", "2 x NVIDIA H200"; "" for the others */
    int threads;              /* host threads used; of the backend cuda: GPUs */
    const double
        *busy_seconds;     /* [threads] time that each thread or GPU spent on trainings; valid until ts_sweep_destroy */
    uint64_t trainings;    /* finished, all cells together */
    double seconds;        /* wall time of the trainings */
    double training_steps; /* steps done */
    double neuron_steps;   /* steps x neurons done */
} ts_run_report;

/* Which backend `requested` means on this machine. Returns its static name, or NULL when it cannot run. `reason` gets
 * one sentence when "auto" did not take CUDA or when the request cannot be met; else it becomes empty. */
TS_API const char *ts_backend_choose(const char *requested, char *reason, size_t reason_size);

/* The same for trainings of these settings, of which not every backend has the dynamics: "auto" takes one that has
 * them. Sets *backend to its static name and returns TS_OK; else TS_INVALID (no backend of that name, or it does not
 * have the dynamics) or TS_FAILED (it does not work on this machine). */
TS_API ts_status ts_backend_for(const ts_settings *settings, const char *requested, const char **backend, char *reason,
                                size_t reason_size);

/* One line on the index-th GPU: what it is, or why it cannot be used. Returns false behind the last one. */
TS_API bool ts_gpu_text(size_t index, char *text, size_t size);

/* Name (static string) of the index-th instruction set that the backend cpu has for this processor, best first:
 * "avx512", "avx2", "baseline" (128-bit vectors), "portable" (none). NULL behind the last one. */
TS_API const char *ts_instructions_name(size_t index);

/* Run every training of the sweep that has not finished: after TS_INTERRUPTED another call goes on where trainings
 * stood, also with other options, to the same bits as if nothing had stopped it. `options` and `report` may be NULL;
 * the report is of this call. OpenMP keeps its threads for later runs: a process that forks after a run must not run
 * another one in the child, which has them no more and would wait for them for ever. Errors: TS_INVALID (options;
 * trainings that were begun by the backend reference, and this is another one, or the other way round), TS_FAILED
 * (memory, backend not available), TS_INTERRUPTED. */
TS_API ts_status ts_sweep_run(ts_sweep *sweep, const ts_run_options *options, ts_run_report *report, ts_error *error);

/* How long ts_sweep_run would take here and now. */
typedef struct ts_forecast {
    double
        training_seconds; /* wall time of the trainings; NaN when one step or loss alone takes too long to wait for */
    double least_training_seconds; /* the same for the least of the estimate */
    double limit_seconds;          /* wall time of the limits, with `theory`; else 0 */
    const char *backend;           /* the one that would run (static string), */
    const char *instructions;      /* its instruction set ("" of the others than cpu; static string), */
    int threads;                   /* host threads or GPUs, */
    char device[160];              /* and the names of the GPUs; "" of the others than cuda */
} ts_forecast;

/* Measure some trainings of the sweep, and some limits, for a few seconds, ten at most. The sweep may run before or
 * afterwards; nothing of it changes. `options` may be NULL; on_progress is not called. Errors: as ts_sweep_run. */
TS_API ts_status ts_sweep_forecast(const ts_sweep *sweep, const ts_run_options *options, ts_forecast *forecast,
                                   ts_error *error);

/* Statistics of one cell. Loss statistics are over the trainings that did not diverge; NaN where there are none. */
typedef struct ts_cell_summary {
    double epsilon;          /* of the cell */
    uint32_t neurons;        /* m, of each coordinate */
    double h;                /* of the cell */
    double noise;            /* of the cell */
    double eta;              /* of the cell */
    uint64_t steps;          /* of each training, unless it stopped or diverged */
    uint64_t trainings;      /* finished ones */
    uint64_t training_steps; /* that they did in all: until they stopped, diverged or ended */
    uint64_t success_count;  /* of them; the three counts add up to `trainings` */
    uint64_t failure_count;  /* of them */
    uint64_t diverged_count; /* of them */
    double success_rate;     /* success_count / trainings */
    double success_low;      /* lower end of its 95 per cent Wilson interval */
    double success_high;     /* upper end */
    uint64_t loss_sum_high;  /* the sum of the losses is (loss_sum_high 2^32 + loss_sum_low) 2^-44 */
    uint64_t loss_sum_low;   /* its other part */
    double loss_mean;        /* of the final losses, as the quantiles that follow */
    double loss_median;      /* 50 per cent */
    double loss_q05;         /* 5 per cent */
    double loss_q25;         /* 25 per cent */
    double loss_q75;         /* 75 per cent */
    double loss_q95;         /* 95 per cent */
    /* What the positions say, whatever the weights are (docs/numerics.md, "Position loss"); of networks of steps, of
     * others 0 and NaN. Failures whose jumps are all covered failed by the trembling of their weights. */
    uint64_t position_success_count; /* did not diverge, and their position loss is one that is a success of a loss */
    double position_success_rate;    /* position_success_count / trainings */
    double position_success_low;     /* lower end of its 95 per cent Wilson interval */
    double position_success_high;    /* upper end */
    uint64_t covered_failure_count;  /* of failure_count: every jump has a neuron within eta/2 */
    /* Of a sweep with `theory`, else 0: finished trainings that ended in success where their limit epsilon -> 0 at the
     * same slow time succeeds, and not where it does not. */
    uint64_t limit_agreement_count;
    double limit_agreement; /* limit_agreement_count / trainings, or NaN */
    /* The limit at that slow time from all starts of this network size (limit_trainings), or 0 and NaN. */
    uint64_t limit_end_success_count; /* of them succeed */
    double limit_end_success_rate;    /* limit_end_success_count / limit_trainings */
    double limit_end_success_low;     /* lower end of its 95 per cent Wilson interval */
    double limit_end_success_high;    /* upper end */
    /* With `limit_starts`, else NaN: the success rates with the limit as control variate (docs/statistics.md). */
    double success_rate_controlled;               /* of success_rate */
    double success_rate_controlled_low;           /* lower end of its 95 per cent interval */
    double success_rate_controlled_high;          /* upper end */
    double position_success_rate_controlled;      /* of position_success_rate */
    double position_success_rate_controlled_low;  /* lower end of its interval */
    double position_success_rate_controlled_high; /* upper end */
} ts_cell_summary;

/* `cell` < ts_sweep_cell_count. */
TS_API ts_cell_summary ts_sweep_summary(const ts_sweep *sweep, size_t cell);

/* The same of the trainings that finished, as they were at an observation: `steps` are those until then. Those that
 * stopped before are as they were when they did. What concerns the limit is 0 and NaN, and quantiles come from the
 * histogram. `cell` is the row-major number of the cell, `observation` < observe_count. */
TS_API ts_cell_summary ts_sweep_observed(const ts_sweep *sweep, size_t cell, size_t observation);

/* Histogram of the losses then: [ts_loss_bin_count()], the sweep's. */
TS_API const uint64_t *ts_sweep_observed_histogram(const ts_sweep *sweep, size_t cell, size_t observation);

/* The same of the position losses, as ts_sweep_position_histogram. */
TS_API const uint64_t *ts_sweep_observed_position_histogram(const ts_sweep *sweep, size_t cell, size_t observation);

/* Trainings by covered jumps then, as ts_sweep_covered. */
TS_API void ts_sweep_observed_covered(const ts_sweep *sweep, size_t cell, size_t observation, uint64_t *counts);

/* Finished trainings that were a success at this observation and at none before it. Those that are a success at none
 * are in no such count, whatever they are at the end. */
TS_API uint64_t ts_sweep_first_success(const ts_sweep *sweep, size_t cell, size_t observation);

/* The two-timescale limit of the networks of one size (MODEL.md section 4), from the starts of the sweep's trainings,
 * of each replicate and, with `randomness: independent`, each cell; and from more starts where `limit_starts` is more.
 * A limit succeeds when its loss is at most unexplained_variance times the variance of the target: the floor of
 * MODEL.md section 5 is not for sharp transitions. Rates come with their 95 per cent Wilson intervals. */
typedef struct ts_limit_summary {
    uint32_t neurons;                     /* m, of each coordinate */
    uint64_t limit_trainings;             /* starts */
    uint64_t limit_success_count;         /* of them, when nothing moves any more */
    double limit_success_rate;            /* limit_success_count / limit_trainings */
    double limit_success_low;             /* lower end of its interval */
    double limit_success_high;            /* upper end */
    uint64_t limit_horizon_success_count; /* at slow_time; 0, and NaN for the next three, where that is not given */
    double limit_horizon_success_rate;    /* limit_horizon_success_count / limit_trainings */
    double limit_horizon_success_low;     /* lower end of its interval */
    double limit_horizon_success_high;    /* upper end */
    double start_condition_probability;   /* of the paper's start condition for this size and `init` */
} ts_limit_summary;

/* `neurons_index`: place on the axis of the neurons. Counts are 0 and rates NaN when the sweep was run without `theory`
 * or not at all. */
TS_API ts_limit_summary ts_sweep_limit(const ts_sweep *sweep, size_t neurons_index);

/* Quantiles come from the kept trainings when there are some, else from the histogram. */
TS_API bool ts_sweep_quantiles_are_exact(const ts_sweep *sweep);

/* Bins of the histograms of the loss (docs/numerics.md, "Histogram"). */
TS_API size_t ts_loss_bin_count(void);

/* Bin b holds ts_loss_bin_low(b) <= loss < ts_loss_bin_low(b + 1); 0 <= bin <= ts_loss_bin_count(). */
TS_API double ts_loss_bin_low(size_t bin);

/* Histogram of the final loss of the trainings that did not diverge: [ts_loss_bin_count()], the sweep's. */
TS_API const uint64_t *ts_sweep_histogram(const ts_sweep *sweep, size_t cell);

/* The same of the position loss; all 0 for rectified linear units. */
TS_API const uint64_t *ts_sweep_position_histogram(const ts_sweep *sweep, size_t cell);

/* Numbers of jumps that a network of steps can cover, that is, that have a neuron of their coordinate within eta/2: of
 * the d n jumps of all coordinates 0 to d n, or the 65 largest of these numbers. 0 for rectified linear units. */
TS_API size_t ts_covered_count(const ts_settings *settings);

/* The smallest of them; where it is above 0 it stands for itself and all below. */
TS_API size_t ts_covered_lowest(const ts_settings *settings);

/* Trainings that did not diverge by the number of jumps that they cover, into counts[ts_covered_count()]: the first is
 * for ts_covered_lowest(). */
TS_API void ts_sweep_covered(const ts_sweep *sweep, size_t cell, uint64_t *counts);

/* Marks of the trainings of a cell: [replicates] of TS_MARK_ bits, by their numbers. They belong to the sweep; NULL
 * before it has run. */
TS_API const uint8_t *ts_sweep_marks(const ts_sweep *sweep, size_t cell);

/* Final state of one kept training. `position` and `weight` (each [m], may be NULL) and the other results (each may be
 * NULL) are filled. Order of neurons: ascending start position. Loss is NaN where the training diverged.
 * Returns TS_INVALID when trainings were not kept or an index is out of range, and TS_FAILED when this one did not
 * finish. */
TS_API ts_status ts_sweep_training(const ts_sweep *sweep, size_t cell, uint64_t replicate, double *position,
                                   double *weight, double *bias, double *loss, ts_outcome *outcome);

/* What the positions of one kept training of a network of steps say: its position loss and how many jumps it covers
 * (each may be NULL); NaN and 0 where it diverged. Returns as ts_sweep_training, and TS_INVALID for rectified linear
 * units. */
TS_API ts_status ts_sweep_training_positions(const ts_sweep *sweep, size_t cell, uint64_t replicate,
                                             double *position_loss, size_t *covered);

/* A few trainings of one cell followed closely, and beside each the two-timescale limit from the same start positions
 * (MODEL.md section 4). At its last time a trace holds the bits of the same training in a sweep. The order of use is
 *
 *     ts_trace_create -> ts_trace_run -> ts_trace_result ... -> ts_trace_destroy
 *
 * Not thread-safe: one thread uses one trace at a time. */
typedef struct ts_trace ts_trace;

/* What a trace looks at. States are recorded at `times` steps, which ascend from 0 to the last one and are rounded to
 * whole ones: at equal distances or, with `log_times`, each so many times as late as the one before (from step 1 on,
 * and at least one step later). */
typedef struct ts_trace_options {
    const uint32_t *replicate; /* [count] numbers of the trainings in their cell, each once */
    size_t count;              /* 1 .. TS_MAX_TRACED */
    size_t times;              /* from 2 to the number of steps plus 1, or TS_MAX_TRACE_TIMES */
    bool log_times;            /* ever further apart, instead of at equal distances */
    bool no_functions;         /* the functions, which are most of what is recorded, are left out */
} ts_trace_options;

/* Validate, and make room. `settings` are of one cell; their `replicates`, `keep_trainings` and `stop`
 * play no part: trainings are followed to their horizon. On success *trace is the caller's until ts_trace_destroy.
 * Errors: TS_INVALID (a setting or option), TS_FAILED (memory). */
TS_API ts_status ts_trace_create(ts_trace **trace, const ts_settings *settings, const ts_trace_options *options,
                                 ts_error *error);
TS_API void ts_trace_destroy(ts_trace *trace); /* NULL is allowed */

/* Run the trainings. `options` and `report` may be NULL. A trace runs once. Errors: as ts_sweep_run; after
 * TS_INTERRUPTED or TS_FAILED the times that all trainings reached are kept. */
TS_API ts_status ts_trace_run(ts_trace *trace, const ts_run_options *options, ts_run_report *report, ts_error *error);

/* What was recorded: T trainings at N times, m neurons by ascending start position, X points of [0,1]. */
typedef struct ts_trace_data {
    size_t trainings;       /* T */
    size_t times;           /* N */
    size_t neurons;         /* m */
    size_t points;          /* X */
    double epsilon;         /* of the cell */
    uint32_t *replicate;    /* [T] numbers in the cell */
    ts_outcome *outcome;    /* [T] at the last time */
    uint64_t *step;         /* [N] */
    double *slow_time;      /* [N] epsilon h step */
    double *fast_time;      /* [N] h step */
    double *x;              /* [X] ascending; the last place before each jump and the jump are among them */
    double *target;         /* [X] f*(x) */
    double *loss;           /* [T][N] */
    double *bias;           /* [T][N] a_0 */
    double *position;       /* [T][N][m] u_j */
    double *weight;         /* [T][N][m] a_j */
    double *function;       /* [T][N][X], or NULL with `no_functions` */
    double *limit_loss;     /* [T][N] */
    double *limit_position; /* [T][N][m] */
    double *limit_function; /* [T][N][X], or NULL */
} ts_trace_data;

/* Belongs to the trace. `times` counts those that were recorded. Once a training has diverged, its loss and function
 * are NaN, and positions, weights and bias are those at which it stopped. */
TS_API const ts_trace_data *ts_trace_result(const ts_trace *trace);

/* The trace's own copy of its settings; valid until ts_trace_destroy. */
TS_API const ts_settings *ts_trace_settings(const ts_trace *trace);

/* Loss that `settings` cannot avoid with transitions of width `eta` (MODEL.md section 5). */
TS_API double ts_loss_floor(const ts_settings *settings);

/* Variance of the target (MODEL.md section 5). */
TS_API double ts_target_variance(const ts_settings *settings);

/* Steps of a training at this epsilon and with `h` (MODEL.md section 2), before the limit of TS_MAX_STEPS is checked.
 */
TS_API double ts_horizon_steps(const ts_settings *settings, double epsilon);

/* The step of a training that comes at this time, rounded to the nearest whole one. */
TS_API double ts_clock_steps(ts_clock clock, double time, double h, double epsilon);

TS_API const char *ts_version(void); /* "0.1.0": of the library */
TS_API const char *ts_commit(void);  /* git commit the library was built from, or "unknown" */
TS_API const char *ts_build(void);   /* one line: compiler, build type, CUDA or not */

#ifdef __cplusplus
}
#endif
#endif
