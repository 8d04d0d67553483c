/* From the residual to the update, one training a 64-bit lane: the vector form of ts_residual, ts_residual_in_range,
 * ts_update_of and ts_drift_in_range in model/step.h. */
#ifndef TS_BACKEND_CPU_LEARNING_H
#define TS_BACKEND_CPU_LEARNING_H

#include "backend/cpu/vector.h"
#include "model/step.h"

/* What all updates of a cell share, in every lane. */
typedef struct ts_learning {
    ts_v64 residual_limit, drift_limit;
    ts_v64 gradient, gradient_round;
    ts_v64 velocity;
    int gradient_shift;
} ts_learning;

/* What there is once in a training. */
typedef struct ts_learner_lanes {
    ts_v64 bias;  /* a_0, unit 2^-48 */
    ts_v64 drift; /* sum of |G| since the weights were last examined, unit 2^-48 */
} ts_learner_lanes;

typedef struct ts_update_lanes {
    ts_v64 gradient;     /* G, unit 2^-48 */
    ts_v64 velocity;     /* as in ts_update, in the low words */
    ts_v64 out_of_range; /* mask: the training diverges */
    ts_v64 drifted;      /* mask: the weights are to be examined first */
} ts_update_lanes;

static inline ts_learning ts_learning_of(const ts_cell *cell) {
    return (ts_learning){
        .residual_limit = ts_all64(cell->residual_limit),
        .drift_limit = ts_all64(cell->drift_limit),
        .gradient = ts_all64(cell->gradient.multiplier),
        .gradient_round = ts_all64(INT64_C(1) << (cell->gradient.shift - 1)),
        .gradient_shift = cell->gradient.shift,
        .velocity = ts_all64(cell->velocity.multiplier),
    };
}

/* Product with a factor of 0 to 2^31 - 1, modulo 2^64. */
static inline ts_v64 ts_multiply_lanes(ts_v64 v, ts_v64 factor) {
    return (ts_multiply_low_unsigned(ts_shift_logical(v, 32), factor) << 32) + ts_multiply_low_unsigned(v, factor);
}

static inline ts_v64 ts_absolute_lanes(ts_v64 v) {
    const ts_v64 sign = 0 > v;
    return (v ^ sign) - sign;
}

/* `label` unit 2^-24; `sum` = f(x), unit 2^-48. `shift`: that of the residuals of the cell. */
static inline ts_update_lanes ts_update_lanes_of(const ts_learning *learning, ts_v64 label, ts_v64 sum, ts_v64 drift,
                                                 int shift) {
    const int scale = TS_WEIGHT_BITS - TS_VALUE_BITS, cut = scale + shift;
    const ts_v64 residual = ((label << scale) - sum + ts_all64(INT64_C(1) << (cut - 1))) >> cut;
    ts_update_lanes update;
    update.out_of_range = ts_absolute_lanes(residual) > learning->residual_limit;
    update.gradient =
        (ts_multiply_lanes(residual, learning->gradient) + learning->gradient_round) >> learning->gradient_shift;
    update.velocity = ts_shift_logical(ts_multiply_lanes(residual, learning->velocity) + (INT64_C(1) << 30), 31);
    update.drifted = drift + ts_absolute_lanes(update.gradient) > learning->drift_limit;
    return update;
}

#endif
