/* Exact expectations over the sample point: what a step of SGD does on average (MODEL.md sections 1 and 2).
 *
 * Labels are f*(x) plus noise of mean 0, so the expectations are integrals over x in [0,1]. Between neighbouring
 * breakpoints (jumps; beginning, middle and end of every transition) f* - f and sigma are cubics and D is a quadratic
 * at most: four Gauss nodes integrate their products exactly. */
#ifndef TS_BACKEND_POPULATION_H
#define TS_BACKEND_POPULATION_H

#include "model/measure.h"

typedef struct ts_population {
    uint32_t *order; /* [m] neurons by ascending position; any order of 0 .. m - 1 before the first call, and cheap to
                      * restore when positions have moved little since the last one */
    double residual; /* E[r], with r = f*(x) - f(x) */
    double *activation; /* [m] E[r sigma_j] */
    double *derivative; /* [m] E[r D_j] */
    double *before;     /* [m] scratch: the integral of r up to the end of transition j */
    ts_go_on *go_on;    /* with its context; NULL: nobody is asked */
    void *context;
} ts_population;

/* Fill in the expectations for m neurons of width eta with positions [m], weights [m] and bias a_0. The arrays of
 * *population are the caller's. O(m) and once more for each pair of transitions that overlap, which can be seconds:
 * false, and nothing of use in them, when `go_on` said no. */
bool ts_population_measure(ts_population *population, const ts_settings *settings, double eta, uint32_t m,
                           const double *position, const double *weight, double bias);

#endif
