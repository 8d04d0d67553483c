/* One training in the two-timescale limit epsilon -> 0 (MODEL.md section 4; docs/theory.md has the derivations).
 *
 * The weights are at their optimum for the positions, transitions are sharp, and the positions follow minus the
 * gradient of the loss on slow time tau = epsilon h p. No randomness is left but that of the start. The target of
 * `settings` is all that is used of them.
 *
 * Neurons never pass each other. Neuron j is the one with the j-th smallest start position, its index never changes,
 * and the array of positions is ascending at every time.
 *
 * Positions are exact where each jump is alone between two neurons, and else good to TS_LIMIT_TOLERANCE in every step
 * of the integration. Only +, -, *, / and square roots of float64 are used: the same bits on every machine. */
#ifndef TS_THEORY_LIMIT_H
#define TS_THEORY_LIMIT_H

#include <timescape.h>

#define TS_LIMIT_TOLERANCE 1e-12 /* largest error of a position in one step of the integration */

typedef struct ts_limit ts_limit;

/* Begin at slow time 0 with the neurons at `position` [m], in any order, each in [0,1]; several may share a place, or
 * stand on a jump. `settings` are validated ones; 1 <= m <= TS_MAX_NEURONS. On success *limit is the caller's until
 * ts_limit_destroy. Errors: TS_INVALID (m, a position), TS_FAILED (memory). */
ts_status ts_limit_create(ts_limit **limit, const ts_settings *settings, const double *position, uint32_t m,
                          ts_error *error);
void ts_limit_destroy(ts_limit *limit); /* NULL is allowed */

/* Go on to `slow_time`, not before the present one. INFINITY: until nothing moves any more, which every limit reaches
 * in finite time (docs/theory.md section 3). Where one stops to look never changes a bit of what follows. Errors:
 * TS_INVALID (slow_time), TS_FAILED (more events than TS_LIMIT_MAX_SEGMENTS; then the limit is of no more use).
 */
ts_status ts_limit_advance(ts_limit *limit, double slow_time, ts_error *error);

/* The present slow time. After INFINITY: the time of the last event, when the neurons came to rest. */
double ts_limit_slow_time(const ts_limit *limit);

/* Integral over [0,1] of (f* - f)^2. Exactly 0 where each jump has its neuron. Never rises with time. */
double ts_limit_loss(const ts_limit *limit);

/* f(x) for x in [0,1], right-continuous: the average of f* over the cell of x. */
double ts_limit_value(const ts_limit *limit, double x);

/* [m] ascending, in [0,1]; valid until the next call that is given `limit` to change. */
const double *ts_limit_positions(const ts_limit *limit);

/* The optimal weights: weight [m] (by neuron) and *bias, so that f(x) = bias + the sum of the weights of the neurons at
 * x or left of it. Either may be NULL. */
void ts_limit_weights(const ts_limit *limit, double *weight, double *bias);

/* du/dtau by neuron, [m]; 0 for a neuron that stands on a jump. */
void ts_limit_velocities(const ts_limit *limit, double *velocity);

#endif
