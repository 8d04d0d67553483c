/* Which shape the curves of a set have (docs/statistics.md section 3). */
#ifndef TS_ESTIMATE_CURVE_SHAPE_H
#define TS_ESTIMATE_CURVE_SHAPE_H

#include "estimate/assess.h"

typedef struct ts_curve_shape_choice {
    ts_curve_shape best;                 /* of the largest likelihood of all curves */
    double behind[TS_CURVE_SHAPE_COUNT]; /* standard deviations that the others are behind it; 0 for the best */
    bool fits;                           /* is it good enough for all curves together? */
} ts_curve_shape_choice;

/* Can a curve be fitted to these shares? */
bool ts_shares_can_be_fitted(const ts_shares *shares);

/* Of `count` curves. column [scratch->columns] is overwritten. */
ts_curve_shape_choice ts_curve_shape_choose(const ts_shares *shares, size_t count, double level,
                                            ts_assess_scratch *scratch, double *column);

#endif
