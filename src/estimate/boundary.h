/* Boundaries of success: the epsilon at which the success rate has fallen to a part of that of the limit epsilon -> 0,
 * with 95 per cent intervals (docs/statistics.md sections 3 to 5). */
#ifndef TS_ESTIMATE_BOUNDARY_H
#define TS_ESTIMATE_BOUNDARY_H

#include "estimate/trials.h"

#include <timescape.h>

/* Shapes of a curve: success rate = S G(z), z falling along log epsilon, S the success rate of the limit. */
typedef enum ts_curve_shape {
    TS_CURVE_LOGISTIC, /* G = 1 / (1 + e^-z): symmetric */
    TS_CURVE_LOW_TAIL, /* G = exp(-e^-z): leaves 1 slowly along epsilon, comes to 0 suddenly */
    TS_CURVE_HIGH_TAIL /* G = 1 - exp(-e^z): leaves 1 suddenly, comes to 0 slowly */
} ts_curve_shape;
#define TS_CURVE_SHAPE_COUNT 3

/* What is known of the boundary of one curve. Whatever the state says, low and high are an interval of epsilon in which
 * the boundary is; 0 and INFINITY where it does not close. */
typedef enum ts_boundary_state {
    TS_BOUNDARY_FOUND,       /* at `epsilon` */
    TS_BOUNDARY_BETWEEN,     /* the rate jumps between two cells or at one: an interval and no more */
    TS_BOUNDARY_ABOVE,       /* no cell comes down to it: above the largest epsilon; `low` bounds it */
    TS_BOUNDARY_BELOW,       /* all cells are under it: below the smallest epsilon; `high` bounds it */
    TS_BOUNDARY_NOT_FALLING, /* the rates do not fall along epsilon, or not by more than chance */
    TS_BOUNDARY_HOPELESS,    /* the limit never succeeds: there is nothing to fall from */
    TS_BOUNDARY_NO_DATA      /* fewer than two cells have trainings */
} ts_boundary_state;

typedef struct ts_boundary {
    ts_boundary_state state;
    double epsilon;    /* where found, else NaN */
    double low, high;  /* 95 per cent interval */
    double steepness;  /* b: slope of z along -log epsilon; where found, else NaN */
    double variance;   /* of log epsilon; where found, else NaN */
    double statistic;  /* of the goodness of fit: it has the mean of a chi-square with `freedom` degrees of freedom */
    size_t freedom;    /* 0: nothing is left to be judged by, and statistic and p are NaN */
    double p;          /* probability of such a statistic or a larger one */
    bool fits;         /* where found: does the curve? If not, the interval rests on nothing but that rates fall */
    double misfit;     /* what the variance was multiplied by for that; else 1 */
    size_t first_cell; /* the cells that the curve was fitted to where one was found, */
    size_t last_cell;  /* else those next to low and high; inclusive */
} ts_boundary;

/* The boundaries of a set of curves, and what their errors have in common. */
typedef struct ts_boundaries {
    ts_curve_shape shape;  /* one for the set */
    bool common;           /* do the curves share the randomness of a replicate? */
    size_t count;          /* curves */
    ts_boundary *boundary; /* [count] */
    size_t columns;        /* independent parts of the errors: one for each replicate and more */
    double *influence;     /* [count][columns]: part of the error of log epsilon; 0 where none was found */
} ts_boundaries;

/* Find the boundaries of `count` curves at `level` P, 0 < P < 1: where the success rate is P times that of the limit.
 * The cells of a curve need not have the same replicates. `common`: replicate r has the same start and samples in all
 * cells of all curves, so that their errors depend on each other (randomness: common). On success *found is the
 * caller's until ts_boundaries_free. Work and memory: of the order of all trainings. Errors: TS_INVALID (level, an
 * epsilon or rate out of range), TS_FAILED (memory). */
ts_status ts_boundaries_find(ts_boundaries *found, const ts_trials *curves, size_t count, double level, bool common,
                             ts_error *error);
void ts_boundaries_free(ts_boundaries *found); /* leaves it empty */

/* Covariance of log epsilon between two curves of a set, both found; with the same curve twice its variance. */
double ts_boundary_covariance(const ts_boundaries *found, size_t curve, size_t other);

#endif
