/* The exact loss of a network: integral over [0,1] of (f* - f)^2 (MODEL.md sections 1 and 5; docs/numerics.md, "Loss").
 *
 * Between two neighbouring breakpoints (jumps, and beginning, middle and end of every transition) f* - f is a cubic, so
 * four Gauss nodes integrate its square exactly. Each node's contribution is rounded to an integer: intervals may be
 * added up in any order. */
#ifndef TS_MODEL_LOSS_H
#define TS_MODEL_LOSS_H

#include "model/step.h"

#include <float.h>
#include <math.h>

#if FLT_EVAL_METHOD != 0
#error                                                                                                                 \
    "docs/numerics.md rounds every float64 operation to float64; this compiler keeps more digits (on x86: -mfpmath=sse)"
#endif

#define TS_LOSS_NODES 4
#define TS_LOSS_RESIDUAL_LIMIT 512.0 /* |f* - f| is cut here, so that a loss is at most 2^18 */

/* Node q of the rule on [0,1]: where it lies and what it weighs. */
TS_FUNCTION double ts_node_point(int q) {
    return q == 0   ? 0.069431844202973712
           : q == 1 ? 0.330009478207571868
           : q == 2 ? 0.669990521792428132
                    : 0.930568155797026288;
}

TS_FUNCTION double ts_node_weight(int q) {
    return q == 0 || q == 3 ? 0.173927422568726929 : 0.326072577431273071;
}

/* a_j sigma_j at `distance` (a fraction of a point allowed) behind the start of the transition, unit 2^-48.
 * `second_half`: on the whole interval the neuron is past its middle. */
TS_FUNCTION int64_t ts_transition_value(double distance, int32_t width, bool second_half, int64_t weight) {
    const double phase = distance / (double)width;
    const double d = second_half ? 1.0 - phase : phase;
    const double cube = 4.0 * (d * d * d);
    return llrint((double)weight * (second_half ? 1.0 - cube : cube));
}

/* Contribution of one node to the loss, unit 2^-44. `length` of the interval in points, level of the target there (unit
 * 2^-24), value of the network at the node (unit 2^-48). */
TS_FUNCTION int64_t ts_node_loss(int q, int32_t length, int32_t level, int64_t value) {
    const int64_t range = INT64_C(1) << 60;
    const int64_t difference = (int64_t)level * (1 << 24) - ts_clamp(value, -range, range);
    const double residual = (double)difference * 0x1p-48;
    const double limited = fmin(fmax(residual, -TS_LOSS_RESIDUAL_LIMIT), TS_LOSS_RESIDUAL_LIMIT);
    return llrint((double)length * ts_node_weight(q) * (limited * limited) * 0x1p14);
}

#endif
