#include "theory/isolated.h"

#include <math.h>

/* J(1) = integral from 0 to 1 of w (1 - w^3)^(-1/3) dw = B(2/3, 2/3) / 3 */
#define WHOLE_INTEGRAL 0.684463405979725727

/* x^(1/3) for x >= 0. The C library's differs from machine to machine in the last bit. */
static double cube_root(double x) {
    int exponent;
    const double fraction = frexp(x, &exponent);
    const int thirds = (exponent + 3000) / 3 - 1000;              /* rounded down */
    const double scaled = ldexp(fraction, exponent - 3 * thirds); /* in [1/2, 4) */
    double root = 0.55 + 0.3 * scaled;
    for (int i = 0; i < 7; i++)
        root -= (root * root * root - scaled) / (3 * root * root);
    return x > 0 ? ldexp(root, thirds) : 0;
}

/* Sum over n of (1/3)_n / n! w^(3n + 2) / (3n + 2), the integral of w (1 - w^3)^(-1/3) from 0, for w^3 <= 1/2. */
static double integral_series(double w) {
    const double z = w * w * w;
    double sum = 0, term = w * w;
    for (int n = 0; n < 60; n++) {
        sum += term / (3 * n + 2);
        term *= z * (n + 1.0 / 3) / (n + 1);
    }
    return sum;
}

/* J(w) where w = near / far and v^3 = 1 - w^3; the integral is symmetric in the two. */
static double integral(double w, double v) {
    return w * w * w <= 0.5 ? integral_series(w) : WHOLE_INTEGRAL - integral_series(v);
}

/* ---- both sides move: far^3 - near^3 = rest^3 stays */

/* Slow time until the neuron at distance `near` reaches the jump. */
static double time_to_arrival(double near, double rest, double strength) {
    if (!(near > 0))
        return 0;
    const double far = cube_root(near * near * near + rest * rest * rest);
    const double approach = near * near * near / (far * far + far * rest + rest * rest); /* far - rest */
    return (near + approach + 2 * near * near / far - 2 * rest * integral(near / far, rest / far)) / strength;
}

/* The distance at which `time` is left; `most` is not below it. The time is convex in the distance, so that Newton's
 * method comes down to it from above. */
static double distance_at(double time, double rest, double strength, double most) {
    double near = fmin(most, time * strength); /* a neuron is never faster than D^2 */
    for (int i = 0; i < 100; i++) {
        const double ratio = near / cube_root(near * near * near + rest * rest * rest);
        const double change = (time_to_arrival(near, rest, strength) - time) * strength / ((1 + ratio) * (1 + ratio));
        if (!(change > 0x1p-53 * near))
            break;
        near -= change;
    }
    return fmax(near, 0);
}

/* Where the farther neuron ends. */
static double rest_of(const ts_isolated *jump) {
    const double near = fmin(jump->x, jump->y), far = fmax(jump->x, jump->y);
    return cube_root((far - near) * (far * far + far * near + near * near));
}

/* ---- one side moves: d/dtau (x + y)^3 = -3 D^2 fixed^2 */

static double one_side_duration(double moving, double fixed, double strength) {
    const double sum = moving + fixed;
    return moving * (sum * sum + sum * fixed + fixed * fixed) / (3 * strength * fixed * fixed);
}

static double one_side_distance(double time_left, double fixed, double strength) {
    const double cube = 3 * strength * fixed * fixed * time_left; /* (x + y)^3 - fixed^3 */
    const double sum = cube_root(cube + fixed * fixed * fixed);
    return cube / (sum * sum + sum * fixed + fixed * fixed);
}

/* ---- */

bool ts_isolated_left_arrives(const ts_isolated *jump) {
    return jump->left_moves && (!jump->right_moves || jump->x <= jump->y);
}

double ts_isolated_duration(const ts_isolated *jump) {
    if (jump->left_moves && jump->right_moves)
        return time_to_arrival(fmin(jump->x, jump->y), rest_of(jump), jump->strength);
    return jump->left_moves ? one_side_duration(jump->x, jump->y, jump->strength)
                            : one_side_duration(jump->y, jump->x, jump->strength);
}

void ts_isolated_at(const ts_isolated *jump, double slow_time, double *x, double *y) {
    const double time_left = fmax(ts_isolated_duration(jump) - slow_time, 0);
    *x = jump->x;
    *y = jump->y;
    if (!jump->left_moves || !jump->right_moves) {
        double *moving = jump->left_moves ? x : y;
        const double fixed = jump->left_moves ? jump->y : jump->x;
        *moving = fmin(one_side_distance(time_left, fixed, jump->strength), *moving);
        return;
    }
    double *near = jump->x <= jump->y ? x : y, *far = jump->x <= jump->y ? y : x;
    const double rest = rest_of(jump), farthest = *far;
    *near = distance_at(time_left, rest, jump->strength, *near);
    *far = fmin(cube_root(*near * *near * *near + rest * rest * rest), farthest);
}
