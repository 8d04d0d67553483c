/* The boundaries of a result file: one for each combination of the values of its axes other than epsilon; and how they
 * scale along one of these. */
#ifndef TS_IO_BOUNDARY_STUDY_H
#define TS_IO_BOUNDARY_STUDY_H

#include "estimate/law.h"
#include "io/netcdf/result.h"

#include <stdio.h>

typedef struct ts_study_options {
    double level;                  /* P: the boundary is where the success rate is P times that of the limit */
    const char *criterion;         /* "loss" or "positions"; NULL: loss */
    double unexplained_variance;   /* of a success; 0: that of the result */
    int against;                   /* the ts_parameter that laws are against; -1: neurons, or the first one, that has
                                    * several values */
    double at[TS_PARAMETER_COUNT]; /* the one value of an axis that is looked at; NaN: all of them */
} ts_study_options;

/* All values, at half of the rate of the limit. */
ts_study_options ts_study_default(void);

/* The law of the curves that differ in the parameter of one axis alone. */
typedef struct ts_study_law {
    size_t curve; /* the first of them */
    ts_law law;
} ts_study_law;

typedef struct ts_study {
    double level;
    const char *criterion; /* "loss" or "positions" (static string) */
    double unexplained_variance;
    bool has_other_threshold; /* than the result */
    bool has_limits;          /* are rates held against those of the limit? Else against 1 */
    bool has_theory;          /* has the result been compared with its limit at all? */
    ts_result_axis epsilon;
    ts_result_axis axis[TS_PARAMETER_COUNT]; /* [axis_count] the others; curves are all combinations, row-major */
    size_t axis_count;
    ts_boundaries found; /* one for each curve */
    size_t against;      /* place among `axis` of what laws are against; axis_count: none of them has several values */
    ts_study_law *law;   /* [law_count] */
    size_t law_count;
    bool leaves_out_0; /* a value of 0 is in no law */
} ts_study;

/* Read the outcomes of a whole result from the file that it was read from, find its boundaries, and fit the laws. On
 * success *study is the caller's until ts_study_free.
 * Errors: TS_INVALID (a choice that the result does not have; a file without outcomes, or damaged), TS_FAILED. */
ts_status ts_study_make(ts_study *study, const ts_result *result, const char *path, const ts_study_options *options,
                        ts_error *error);
void ts_study_free(ts_study *study);

/* Place of a curve on each of the axes. */
void ts_study_place(const ts_study *study, size_t curve, size_t place[TS_PARAMETER_COUNT]);

/* Was a law fitted to enough curves to be one? */
bool ts_study_has_law(const ts_law *law);

/* ---- in words, without a line end */

/* "found", "between", ... */
const char *ts_study_state(ts_boundary_state state);

/* "logistic", ... */
const char *ts_study_shape(ts_curve_shape shape);

/* What a boundary is: "where the success rate is half of that of the limit epsilon -> 0"; in plain ASCII where `ascii`.
 */
void ts_study_level_text(char *text, size_t size, const ts_study *study, bool ascii);

/* Why a curve has no boundary, or no more than an interval; "" where it was found. */
void ts_study_reason(char *text, size_t size, const ts_study *study, size_t curve);

/* "0.0123 m^0.53": the factor times a power of what the law is against; in plain ASCII where `ascii`. */
void ts_study_law_text(char *text, size_t size, const ts_study *study, const ts_law *law, bool ascii);

/* ---- as a document, and in the file */

/* Print all of it as JSON. Numbers that are not known, or infinite, are null. */
void ts_study_print_json(FILE *stream, const ts_study *study, const ts_result *result, const char *path);

/* Add the boundaries to the result file at `path` as the variables boundary_epsilon, boundary_epsilon_low and
 * boundary_epsilon_high over the axes other than epsilon, or put them in the place of those that are there. The study
 * is of all values of its axes. A copy of the file, of the same mode, takes its place: on failure it is untouched.
 * Errors: TS_INVALID (it may not be written, or another run is about to), TS_FAILED. */
ts_status ts_study_save(const ts_study *study, const char *path, ts_error *error);

#endif
