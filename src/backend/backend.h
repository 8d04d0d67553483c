/* What the sweep asks of a backend, and what a backend may ask of the sweep.
 *
 * A backend runs every training of a plan: start, advance in chunks of steps, measure, reduce. It decides the order and
 * the place; the results do not depend on either. */
#ifndef TS_BACKEND_BACKEND_H
#define TS_BACKEND_BACKEND_H

#include "backend/monitor.h"
#include "backend/statistics.h"
#include "backend/underway.h"

/* What a training computes with. States of one arithmetic mean nothing to another. */
typedef enum ts_arithmetic {
    TS_FIXED_POINT, /* docs/numerics.md */
    TS_FLOAT64      /* of the backend reference */
} ts_arithmetic;

extern const char *const ts_arithmetic_words[]; /* "fixed point", "float64" */

/* A number of either. */
typedef union ts_number {
    int64_t fixed; /* in the unit that stands beside it */
    double real;
} ts_number;

/* Where the trainings of one cell stand between two steps: all that their next steps depend on. Every backend of the
 * same arithmetic can go on with it. */
typedef struct ts_state {
    ts_arithmetic arithmetic; /* says which word of a ts_number counts; set by ts_backend_run_plan */
    uint64_t *step;           /* [replicates]    steps done, until it diverged if it did; not above those of the cell */
    ts_number *position;      /* [replicates][m] unit 2^-62, order of neurons as in ts_neurons */
    ts_number *weight;        /* [replicates][m] unit 2^-48 */
    ts_number *bias;          /* [replicates]    unit 2^-48 */
    int64_t *drift;           /* [replicates]    as in ts_training, unit 2^-48; 0 in float64 */
    bool *diverged;           /* [replicates] */
    size_t room;              /* replicates that there is memory for, by ts_state_grow */
} ts_state;

/* Some rows of a cell, one after the other. */
typedef struct ts_rows {
    uint32_t cell;         /* index in the plan */
    uint32_t first, count; /* at least one row */
} ts_rows;

/* Others have the same plan, and each of its ranges is to be done by one of them. */
typedef struct ts_claims {
    bool (*take)(void *context, size_t range); /* is this range ours? by one thread at a time, and once for each */
    void *context;                             /* its first argument */
    uint32_t members;                          /* so many have the plan, we among them */
} ts_claims;

/* Immutable: what is to be run. A training goes on until it has done the steps of its cell, unless it diverges. Each
 * cell has a number of rows, one for a training, in all arrays of the plan and of its results. */
typedef struct ts_plan {
    const ts_settings *settings;
    const ts_cell *cells; /* [cell_count] */
    size_t cell_count;
    uint32_t replicates;       /* rows of every cell */
    const uint32_t *replicate; /* [replicates] their numbers, which decide their random words; NULL: 0, 1, 2, ... */
    const ts_rows *ranges;     /* [range_count] rows that are run, each once; NULL: all */
    size_t range_count;
    const ts_claims *claims;     /* NULL: all ranges are ours */
    const ts_underway *underway; /* settled: where some of them stand; NULL: they are at their start */
    const ts_state *resume;      /* [cell_count] where all of them stand, in place of that; NULL: they do not */
    const uint64_t *observe;     /* [cell_count][observations] steps at which they are measured on their way, ascending,
                                  * not above those of the cell, equal ones allowed; not together with `resume` */
    size_t observations;         /* 0: none */
    bool stops; /* a training ends at the first of them at which it is a success, and is seen as it was there at all
                 * later ones */
} ts_plan;

/* What is run: ranges 0 .. ts_plan_ranges - 1. */
static inline size_t ts_plan_ranges(const ts_plan *plan) {
    return plan->ranges ? plan->range_count : plan->cell_count;
}

static inline ts_rows ts_plan_range(const ts_plan *plan, size_t range) {
    return plan->ranges ? plan->ranges[range] : (ts_rows){(uint32_t)range, 0, plan->replicates};
}

/* Is it ours to run? To be asked once for each range, by one thread at a time. */
static inline bool ts_plan_claim(const ts_plan *plan, size_t range) {
    return !plan->claims || plan->claims->take(plan->claims->context, range);
}

/* So many share it. */
static inline uint32_t ts_plan_members(const ts_plan *plan) {
    return plan->claims ? plan->claims->members : 1;
}

/* Trainings that are run. */
uint64_t ts_plan_trainings(const ts_plan *plan);

/* A training is measured at the observations of its plan and, last, at its end: looks 0 .. observations. */
static inline size_t ts_plan_looks(const ts_plan *plan) {
    return plan->observations + 1;
}

/* The step of a look at the trainings of a cell. */
static inline uint64_t ts_plan_look(const ts_plan *plan, size_t cell, size_t look) {
    return look < plan->observations ? plan->observe[cell * plan->observations + look] : plan->cells[cell].steps;
}

/* Final state of the trainings of one cell, when they are kept. */
typedef struct ts_kept {
    size_t room;            /* rows that there is memory for: here for `replicates` read so many */
    int64_t *position;      /* [replicates][m] unit 2^-62 */
    int64_t *weight;        /* [replicates][m] unit 2^-48 */
    int64_t *bias;          /* [replicates]    unit 2^-48 */
    int64_t *loss;          /* [replicates]    unit 2^-44 */
    int64_t *position_loss; /* [replicates]    unit 2^-44 */
    uint32_t *missed;       /* [replicates]    jumps */
    int8_t *outcome;        /* [replicates]    ts_outcome */
} ts_kept;

typedef struct ts_results {
    ts_statistics *statistics; /* [cell_count] at the end */
    /* The same trainings at the observations of the plan, and in how many of them the first success of all observations
     * was this one. NULL: it has none. */
    ts_statistics *observed; /* [cell_count][observations] */
    uint64_t *first_success; /* [cell_count][observations] */
    ts_kept *kept;           /* [cell_count], or NULL */
    uint32_t *reach;         /* [cell_count] all rows of a cell with a mark are among the first so many; with `mark` */
    uint8_t *mark;           /* [cell_count][replicates] TS_MARK_ bits, or NULL; that of the limit is left alone */
    ts_state *state;         /* [cell_count] where the trainings stand when they end, or NULL; may be what the plan
                              * resumes: a training that did not end leaves its row alone */
    ts_underway *underway;   /* gets the waypoints of trainings that are on their way, when somebody asks for them and
                              * when the run is stopped; another than that of the plan; NULL: nobody will ask */
} ts_results;

/* Put marks of an end, which may come after the end of an earlier plan, where they belong. */
static inline void ts_results_mark(const ts_results *results, const ts_plan *plan, size_t cell, size_t row,
                                   uint8_t mark) {
    if (!results->mark)
        return;
    uint8_t *kept = &results->mark[cell * plan->replicates + row];
    *kept = (uint8_t)((*kept & TS_MARK_LIMIT_SUCCESS) | mark);
    if (row >= results->reach[cell])
        results->reach[cell] = (uint32_t)row + 1;
}

/* Options of a run that not every backend has, as bits. */
enum {
    TS_TAKES_INSTRUCTIONS = 1,
    TS_TAKES_ALGORITHM = 2,
    TS_TAKES_DEVICES = 4,
};

/* Dynamics as bits. */
enum {
    TS_HAS_SGD = 1 << TS_DYNAMICS_SGD,
    TS_HAS_GRADIENT_FLOW = 1 << TS_DYNAMICS_GRADIENT_FLOW,
    TS_HAS_ANY = TS_HAS_SGD | TS_HAS_GRADIENT_FLOW,
};

/* What runs where: the options of a run, and what a backend makes of them on this machine. */
typedef struct ts_placement {
    const ts_run_options *options; /* the caller's */
    const char *instructions;      /* static string; "" of a backend that has no choice of them */
    int threads;                   /* host threads, or devices where there are some */
    int device[TS_MAX_DEVICES];    /* [device_count] */
    size_t device_count;
    char device_name[160]; /* "NVIDIA H200", "2 x NVIDIA H200"; "" of a backend that runs on the host */
} ts_placement;

/* Does the backend work on this machine? If not, `reason` gets one sentence; else it is left alone. */
typedef bool ts_backend_works(char *reason, size_t reason_size);

/* Check the options and fill in `placement` for so many trainings. Errors: TS_INVALID (options), TS_FAILED (what is
 * asked for does not work). */
typedef ts_status ts_backend_prepare(const ts_run_options *options, uint64_t trainings, ts_placement *placement,
                                     ts_error *error);

/* Run the plan into `results`, which begin as zeros and TS_OUTCOME_NONE. Returns TS_OK, TS_INTERRUPTED (the monitor
 * asked to stop; finished trainings are in `results`) or TS_FAILED (`error` says why). */
typedef ts_status ts_backend_run(const ts_plan *plan, const ts_placement *placement, ts_monitor *monitor,
                                 ts_results *results, ts_error *error);

/* Find out how many seconds the plan would take on this machine, from a measurement that takes about `patience`
 * seconds. NaN when that is too short. Errors: TS_FAILED (memory, device). */
typedef ts_status ts_backend_forecast(const ts_plan *plan, const ts_placement *placement, double patience,
                                      double *seconds, ts_error *error);

/* One line on the index-th device, as ts_gpu_text. */
typedef bool ts_backend_device_text(size_t index, char *text, size_t size);

/* What tells a device from all others of this machine, whatever number it has for a process. */
#define TS_IDENTITY 16 /* bytes */
typedef void ts_backend_identify(int device, uint8_t identity[TS_IDENTITY]);

typedef struct ts_backend {
    const char *name;
    const char *place; /* "the CPU": where it runs, in a sentence */
    int preference;    /* "auto" takes the greatest of those that work and have the dynamics; no two are alike */
    unsigned dynamics; /* TS_HAS_ */
    unsigned options;  /* TS_TAKES_ */
    ts_arithmetic arithmetic;
    ts_backend_works *works; /* where it says no, nothing of what follows is called */
    ts_backend_prepare *prepare;
    ts_backend_run *run;
    ts_backend_forecast *forecast;
    ts_backend_device_text *device_text; /* NULL: it has no devices */
    ts_backend_identify *identify;       /* the same */
} ts_backend;

extern const ts_backend ts_backend_cpu;  /* fixed point on the vector units of the host */
extern const ts_backend ts_backend_cuda; /* the same on GPUs; works nowhere if the program was built without CUDA */
extern const ts_backend ts_backend_reference; /* float64, scalar: reads like MODEL.md */

/* Of a backend that needs nothing but the host. */
ts_backend_works ts_works_everywhere;

/* Is a choice left to the program: NULL or "auto"? */
bool ts_is_auto(const char *requested);

/* The backend of that name; NULL when there is none. */
const ts_backend *ts_backend_named(const char *name);

/* The first one that takes an option (TS_TAKES_). */
const ts_backend *ts_backend_taking(unsigned option);

/* The names of those that have any of the dynamics (TS_HAS_), with `last` before the last one: "cpu, cuda or
 * reference". Returns how many they are. */
size_t ts_backend_list(unsigned dynamics, const char *last, char *text, size_t size);

/* A ts_backend_run of this backend. Refuses (TS_INVALID) to go on with states of another arithmetic, or to observe
 * trainings that go on, and says of the states that it leaves which they are. */
ts_status ts_backend_run_plan(const ts_backend *backend, const ts_plan *plan, const ts_placement *placement,
                              ts_monitor *monitor, ts_results *results, ts_error *error);

/* Host threads that `options` means on this machine for so many trainings: backend/processors.c. */
int ts_thread_count(const ts_run_options *options, uint64_t trainings);

/* Threads that OpenMP was told to take (OMP_NUM_THREADS, omp_set_num_threads); 0: it was not. */
int ts_threads_told(void);

#endif
