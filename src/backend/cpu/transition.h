/* Transitions, one neuron a 64-bit lane: the vector form of model/activation.h and of the products in model/step.h. A
 * lane whose neuron is not in transition has the phase 0, which gives sigma = 0 and D = 0. */
#ifndef TS_BACKEND_CPU_TRANSITION_H
#define TS_BACKEND_CPU_TRANSITION_H

#include "backend/cpu/vector.h"
#include "model/step.h"

/* As ts_multiply_unit. */
static inline ts_v64 ts_multiply_unit_lanes(ts_v64 v, ts_v64 factor) {
    const ts_v64 high = ts_multiply_low(ts_shift_logical(v, 32), factor);
    const ts_v64 low = ts_multiply_low_unsigned(v, factor);
    return (high << 2) + ts_shift_logical(low + (1 << (TS_UNIT_BITS - 1)), TS_UNIT_BITS);
}

/* What all transitions of a cell share, in every lane. */
typedef struct ts_transition {
    ts_v64 width, width_shift, inverse_width;
    bool is_box;
    /* ts_velocity_lanes: R(product, n) of a product whole 2^32 + fraction */
    bool possible;                         /* n > 0 */
    bool whole_only;                       /* n > 32: R(whole, n - 32) */
    ts_v64 limit, limit_shift;             /* -limit <= whole < limit = 2^(limit_shift - 1): then |R| < 2^59 */
    ts_v64 whole_round, whole_shift;       /* right where whole_only, else left */
    ts_v64 fraction_round, fraction_shift; /* right */
} ts_transition;

static inline ts_transition ts_transition_of(const ts_cell *cell) {
    const int n = cell->velocity.shift - 31;
    ts_transition transition = {
        .width = ts_all64(cell->width),
        .width_shift = ts_all64(cell->width_shift),
        .inverse_width = ts_all64(cell->inverse_width),
        .is_box = cell->derivative == TS_DERIVATIVE_BOX,
        .possible = n > 0,
        .whole_only = n > 32,
    };
    if (!transition.possible)
        return transition;
    const int limit = n < 34 ? 27 + n : 61;
    transition.limit = ts_all64(INT64_C(1) << limit);
    transition.limit_shift = ts_all64(limit + 1);
    transition.whole_round = ts_all64(n > 32 ? INT64_C(1) << (n - 33) : 0);
    transition.whole_shift = ts_all64(n > 32 ? n - 32 : 32 - n);
    transition.fraction_round = ts_all64(n > 32 ? 0 : INT64_C(1) << (n - 1));
    transition.fraction_shift = ts_all64(n > 32 ? 0 : n);
    return transition;
}

typedef struct ts_lane_shape {
    ts_v64 sigma;      /* unit 2^-30 */
    ts_v64 derivative; /* D / D(0), unit 2^-30 */
} ts_lane_shape;

/* Any offsets; sigma and D are 0 where the neuron is not in transition. */
static inline ts_lane_shape ts_shape_lanes(const ts_transition *transition, ts_v64 offset) {
    const ts_v64 middle = ts_all64(1 << 30);
    const ts_v64 inside = (transition->width > offset) & ~(0 > offset);
    const ts_v64 normal = (offset & inside) << transition->width_shift;
    const ts_v64 phase = ts_shift_logical(ts_multiply_low_unsigned(normal, transition->inverse_width), 30);
    const ts_v64 above = phase > middle;
    const ts_v64 distance = ts_select64(above, (middle << 1) - phase, phase);
    const ts_v64 square = ts_shift_logical(ts_multiply_low_unsigned(distance, distance), 30);
    const ts_v64 cube = ts_shift_logical(ts_multiply_low_unsigned(square, distance), 31);
    return (ts_lane_shape){ts_select64(above, middle - cube, cube), transition->is_box ? inside & middle : square};
}

/* R(slope velocity, n). Returns false when a result may reach 2^59; *moves is then undefined. */
static inline bool ts_velocity_lanes(const ts_transition *transition, ts_v64 slope, ts_v64 velocity, ts_v64 *moves) {
    const ts_v64 low = ts_multiply_low(slope, velocity); /* signed low word: the high one is rounded to nearest */
    const ts_v64 high = ts_multiply_low(ts_shift_logical(slope + (INT64_C(1) << 31), 32), velocity);
    const ts_v64 carry = ts_shift_logical(low + (INT64_C(1) << 62), 32) - (1 << 30); /* low / 2^32, rounded down */
    const ts_v64 whole = high + carry;
    if (ts_any64((ts_v64)((ts_vu64)(whole + transition->limit) >> (ts_vu64)transition->limit_shift)))
        return false;
    if (transition->whole_only) {
        *moves = (whole + transition->whole_round) >> transition->whole_shift;
        return true;
    }
    const ts_v64 fraction = (low & UINT32_MAX) + transition->fraction_round;
    *moves = (whole << transition->whole_shift) + (ts_v64)((ts_vu64)fraction >> (ts_vu64)transition->fraction_shift);
    return true;
}

#endif
