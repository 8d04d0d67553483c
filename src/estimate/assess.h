/* A fitted curve with what its boundary is worth: variance, goodness of fit, interval (docs/statistics.md section 4).
 */
#ifndef TS_ESTIMATE_ASSESS_H
#define TS_ESTIMATE_ASSESS_H

#include "estimate/errors.h"

typedef struct ts_assessment {
    ts_curve_fit fit;
    size_t first, last;  /* of the shares that it was fitted to, inclusive */
    double crossing;     /* log epsilon of the boundary */
    double variance;     /* of it */
    double ratio;        /* of that to the variance of independent trials of the model */
    double statistic, p; /* of the goodness of fit, */
    size_t freedom;      /* its degrees of freedom */
    bool fits;           /* it was not rejected */
} ts_assessment;

/* What assessing needs of memory for curves of so many cells and columns. */
typedef struct ts_assess_scratch {
    double *by_cell;   /* [4][cells] */
    double *by_column; /* [3][columns] */
    size_t cells, columns;
} ts_assess_scratch;

bool ts_assess_scratch_create(ts_assess_scratch *scratch, size_t cells, size_t replicates);
void ts_assess_scratch_free(ts_assess_scratch *scratch);

/* Fit to the cells from `first` to `last`, which overlap, and assess the crossing of `level`, where the slope came out
 * positive (else nothing but `fit` is set). A curve that is so steep that its crossing has no variance gets the slope
 * 0. influence [columns] becomes that of the crossing. */
ts_assessment ts_assess(const ts_shares *shares, ts_curve_shape shape, double level, size_t first, size_t last,
                        ts_assess_scratch *scratch, double *influence);

/* Fit to all cells, and to fewer of them around the boundary while the curve does not fit; to as few as possible where
 * the shape is suspect, and then a curve that cannot be fitted to fewer does not fit. */
ts_assessment ts_assess_locally(const ts_shares *shares, ts_curve_shape shape, double level, bool suspect,
                                ts_assess_scratch *scratch, double *influence);

/* Interval of log epsilon: where the profile likelihood, over `ratio`, is not too far below the `best`; *inside is in
 * it. -INFINITY and INFINITY where it does not end within a width of the curve outside of it. */
void ts_assess_interval(const ts_curve *curve, ts_curve_shape shape, double level, double best, double ratio,
                        double inside, double step, double *low, double *high);

/* The same from nothing but that rates fall: between the last cell of those from the first on that are all above the
 * level, each by more than chance, and the first of those up to the last that are all under it. An end is wrong only
 * where the next cell behind the boundary is wrong, which happens with a probability of 2.5 per cent. */
void ts_assess_bracket(const ts_shares *shares, double level, double *low, double *high);

#endif
