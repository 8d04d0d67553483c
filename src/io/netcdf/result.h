/* Result files: netCDF-4, labelled, opened by xarray as they are. */
#ifndef TS_IO_NETCDF_RESULT_H
#define TS_IO_NETCDF_RESULT_H

#include <timescape.h>

/* Where a result comes from; written as global attributes. Strings belong to the caller. */
typedef struct ts_result_origin {
    const char *title;
    const char *configuration; /* the whole configuration as YAML */
    const char *command;       /* the command line, for the history attribute */
    const char *backend;       /* the backend that ran */
    bool complete;             /* false when trainings are missing that were asked for */
    const char *host;          /* the machine; NULL: this one */
    const char *device;        /* GPUs: "2 x NVIDIA H200"; "" or NULL: none */
    const char *instructions;  /* instruction set of the backend cpu; "" or NULL: it has none */
    int threads, devices;      /* host threads, GPUs; 0: none, or not known */
    double wall_seconds;       /* that the trainings took */
    const char *part;          /* what part of the trainings this was to be: "2 of 7"; "" or NULL: all of them */
} ts_result_origin;

/* How much is in a result: trainings that finished or, in a trace, trainings times times. */
typedef struct ts_result_amount {
    bool is_trace;
    double values;
} ts_result_amount;

/* Can a result be written to `path`, so that a run may begin? Refuses a missing or unwritable folder, a path that is a
 * folder, a path that is the same file as `configuration_path`, any file that is not a result or is write-protected,
 * and an unfinished result with more in it than is `planned` (NULL: not asked). Creates nothing that stays. TS_INVALID
 * with one sentence. */
ts_status ts_result_check_path(const char *path, const char *configuration_path, const ts_result_amount *planned,
                               ts_error *error);

/* Write the statistics of `sweep`, and its trainings where they were kept, under a temporary name in the folder of
 * `path`, sync, and rename to `path`. An older result there is replaced, and its mode stays. What may not be replaced
 * (result_place.h) is not: the new result then has a name beside it. *written is the path that it has; the caller frees
 * it; NULL: not asked. On failure nothing stays behind and an older file at `path` is untouched. TS_FAILED. */
ts_status ts_result_write(const char *path, const ts_sweep *sweep, const ts_result_origin *origin, char **written,
                          ts_error *error);

/* Seconds that ts_result_write is going to take for a sweep that is finished, from a measurement of a moment; NaN when
 * that cannot be made. */
double ts_result_writing_seconds(const ts_sweep *sweep);

/* Does a file look like a result, or another file of netCDF, whatever its name is? */
bool ts_result_recognise(const char *path);

/* The configuration that is in a result or a trace, as YAML; the caller frees it. Errors: TS_INVALID (it has none, or is
 * damaged), TS_FAILED (memory). */
ts_status ts_result_configuration(const char *path, char **text, ts_error *error);

/* One axis of the cells. */
typedef struct ts_result_axis {
    ts_parameter parameter;
    size_t count;
    double *values; /* [count] ascending */
} ts_result_axis;

/* Trainings on their way; arrays are row-major [count] or [count][cells]. */
typedef struct ts_result_observations {
    size_t count;                                      /* 0: there are none, and the arrays are NULL */
    ts_clock clock;                                    /* that the times are of */
    double *time;                                      /* [count] */
    double *steps;                                     /* [count][cells], as all that follow */
    double *success_count, *diverged_count;            /* of the trainings that finished */
    double *success_rate, *success_low, *success_high; /* NaN where none did */
    double *loss_mean, *loss_median, *loss_q05, *loss_q25, *loss_q75, *loss_q95;
    double *position_success_count, *position_success_rate, *position_success_low, *position_success_high;
    double *covered_failure_count;
    double *first_success_count; /* that were a success for the first time */
} ts_result_observations;

/* One result file in memory, for pictures. Arrays over cells are row-major in the order of the axes. */
typedef struct ts_result {
    char *title;
    char *configuration;
    char *caption; /* one or two lines that name the setting: target, eta, h, noise, derivative, horizon, seed,
                      replicates; and what a slice is of */
    ts_result_axis axis[TS_PARAMETER_COUNT]; /* [axis_count], at least epsilon and neurons */
    size_t axis_count, bin_count;
    double *trainings, *success_count, *diverged_count; /* [cells] */
    double *steps;                                      /* [cells] of each training up to its horizon */
    double *training_steps; /* [cells] done by the finished trainings in all; NULL of older files */
    double *success_rate, *success_low, *success_high; /* [cells], NaN where no training finished */
    double *loss_mean, *loss_median, *loss_q05, *loss_q25, *loss_q75, *loss_q95; /* [cells] */
    /* The limit epsilon -> 0; NULL when the sweep was run without theory. */
    double *limit_trainings, *limit_success_rate; /* [neurons] starts, and their rate when nothing moves any more */
    double *limit_horizon_success_rate;           /* [neurons] at limit_slow_time; NaN where that is not given */
    double *limit_agreement;                      /* [cells] share of trainings that ended as their limits */
    /* Success rates with the limit as control variate; NULL when it has no starts beyond those of the trainings. */
    double *success_rate_controlled, *success_rate_controlled_low, *success_rate_controlled_high; /* [cells] */
    double *position_success_rate_controlled;                                                     /* [cells] */
    double *position_success_rate_controlled_low, *position_success_rate_controlled_high;         /* [cells] */
    ts_result_observations observations;
    double limit_slow_time; /* of the horizon; NaN when it is given in steps */
    /* What the positions say; NULL of rectified linear units, and of files that are older than that. */
    double *position_success_count, *position_success_rate, *position_success_low, *position_success_high; /* [cells] */
    double *covered_failure_count; /* [cells] failures that miss no jump */
    size_t covered_count;          /* 0 without them */
    double *covered;               /* [covered_count] numbers of jumps; above 0, the first stands for all below, too */
    double *covered_jumps;         /* [cells][covered_count] trainings that did not diverge by these */
    double *loss_floors;           /* [eta], where that has an axis; else NULL */
    double loss_floor;             /* NaN where it differs between cells */
    double target_variance, unexplained_variance;
    bool stops;               /* trainings ended at the first observation at which they were a success */
    bool is_observed;         /* at an observation, not at its end: ts_result_at */
    bool has_other_threshold; /* successes are counted anew: ts_result_reclassify */
    double replicates;        /* trainings asked for in each cell, or the most that any could have */
    bool complete;            /* false: the run was interrupted */
    bool exact_quantiles;     /* quantiles are those of the trainings; false: read off the histogram */
} ts_result;

/* Errors: TS_INVALID (no such file, not a result of timescape, damaged), TS_FAILED (memory). */
ts_status ts_result_read(ts_result *result, const char *path, ts_error *error);
void ts_result_free(ts_result *result);

/* TS_INVALID: the trainings stopped at a success by another threshold than this one, and their later course, which
 * would say what they are by it, is not known. */
ts_status ts_result_check_threshold(const ts_result *result, double unexplained_variance, ts_error *error);

/* Count successes anew for this unexplained variance, from the histograms in the file that the result was read from,
 * before anything was done to it: losses are taken as evenly spread over their bin. What cannot be counted anew is NULL
 * afterwards: the failures that miss no jump, first successes, and the limit.
 * Errors: as ts_result_read, and of ts_result_check_threshold. */
ts_status ts_result_reclassify(ts_result *result, const char *path, double unexplained_variance, ts_error *error);

/* The result at observation k < observations.count instead of its end, without limits: what is there in `result`, which
 * must live as long. Nothing of it is to be freed. */
ts_result ts_result_at(const ts_result *result, size_t k);

/* Number of its cells, and the loss floor of one of them. */
size_t ts_result_cells(const ts_result *result);
double ts_result_loss_floor(const ts_result *result, size_t cell);

/* Which two axes are looked at, and where on the others. */
typedef struct ts_slice {
    int x, y;                      /* ts_parameter; -1: chosen, epsilon by neurons where they have several values */
    double at[TS_PARAMETER_COUNT]; /* values on other axes; NaN: not given */
    bool at_first;                 /* where an axis has several values and none is given, the first one is taken */
} ts_slice;

/* Nothing is given. */
ts_slice ts_slice_default(void);

/* Choose the axes of a slice that are not given, and see to it that it can be taken. Errors: as ts_result_slice. */
ts_status ts_slice_resolve(ts_slice *slice, const ts_result *result, ts_error *error);

/* Leave of a result the cells of a slice: its axes are x and y then, in this order, and the caption tells where it lies
 * on the others. With `row` one value of y is of interest: the one that is given or else the last, whose place is put
 * there. Errors: TS_INVALID (an axis or a value that the result does not have, or a choice that is needed), TS_FAILED
 * (memory). */
ts_status ts_result_slice(ts_result *result, const ts_slice *slice, size_t *row, ts_error *error);

#endif
