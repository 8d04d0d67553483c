#include "model/cell.h"

#include <math.h>
#include <string.h>

/* How far the weights of one sign may grow, all together, between two examinations: just below 2^14, which with the
 * limit of 2^14 at an examination keeps every partial sum, and its difference to a label, inside int64
 * (docs/numerics.md, "Divergence"). */
#define GROWTH_LIMIT ((INT64_C(1) << 62) - (INT64_C(1) << 57))
/* Rectified linear units reach 3/2, so that both limits are half as large for them: 3/2 (1 + 3/2) 2^13 < 2^15. */
#define RELU_PART 2

ts_factor ts_factor_of(double c) {
    if (c == 0)
        return (ts_factor){0, 31, INT64_C(1) << 30};
    int exponent;
    const double fraction = frexp(c, &exponent); /* c = fraction 2^exponent, fraction in [1/2, 1) */
    const int64_t multiplier = llround(ldexp(fraction, 31));
    const bool carried = multiplier == INT64_C(1) << 31;
    const int shift = 31 - exponent - carried;
    return (ts_factor){(int32_t)(carried ? 1 << 30 : multiplier), shift,
                       shift >= 1 && shift <= 62 ? INT64_C(1) << (shift - 1) : 0};
}

uint32_t ts_cell_salt(const double parameter[TS_PARAMETER_COUNT]) {
    uint64_t z = 0;
    for (int p = 0; p < TS_PARAMETER_COUNT; p++) {
        const double value = parameter[p] + 0.0; /* -0 is 0 */
        uint64_t bits;
        memcpy(&bits, &value, sizeof bits);
        z += bits + UINT64_C(0x9e3779b97f4a7c15);
        z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9); /* the finalizer of SplitMix64 */
        z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
        z ^= z >> 31;
    }
    return (uint32_t)z;
}

int ts_residual_shift(const ts_settings *settings, size_t neurons) {
    int shift = 0;
    while (settings->start_weight * (double)neurons > ldexp(64, shift))
        shift++;
    return shift;
}

/* Largest |E| for which one step gives all weights together no more than `most`. */
static int64_t residual_limit(double h, uint32_t neurons, double most) {
    const double per_unit = 2 * h * 0x1p-24 * (neurons + 1.0); /* change of f by a residual of one unit */
    return (int64_t)fmin(floor(most / per_unit), 0x1p31 - 1);
}

static uint32_t power_of_two_up_to(uint32_t count) {
    uint32_t power = count > 0;
    while (power > 0 && power <= count / 2)
        power *= 2;
    return power;
}

/* Its value where each piece begins, and its slope. */
static void set_target(ts_cell *cell, const ts_settings *settings) {
    const bool relu = settings->activation == TS_ACTIVATION_RELU;
    double level = settings->target_base, slope = 0;
    for (int k = 0; k < TS_MAX_JUMPS; k++)
        cell->jump_point[k] = INT32_MAX;
    cell->jump_search = power_of_two_up_to((uint32_t)settings->jump_count);
    cell->jump_count = (int32_t)settings->jump_count;
    cell->level[0] = (int32_t)llround(level * 0x1p24);
    for (size_t k = 0; k < settings->jump_count; k++) {
        if (!relu)
            level += settings->jump_by[k];
        else if (k > 0)
            level += slope * (settings->jump_at[k] - settings->jump_at[k - 1]);
        slope += relu ? settings->jump_by[k] : 0;
        cell->jump_point[k] = (int32_t)llround(settings->jump_at[k] * 0x1p30);
        cell->level[k + 1] = (int32_t)llround(level * 0x1p24);
        cell->slope[k + 1] = (int32_t)llround(slope * 0x1p24);
    }
    const double success = ts_loss_floor(settings) + settings->unexplained_variance * ts_target_variance(settings);
    cell->success_loss = (int64_t)floor(success * 0x1p44);
}

static void set_width(ts_cell *cell, double eta) {
    if (cell->activation == TS_ACTIVATION_RELU)
        return;
    cell->half_width = (int32_t)llround(eta * 0x1p29);
    cell->width = 2 * cell->half_width;
    int64_t normal = cell->width;
    while (normal <= INT64_C(1) << 30) {
        normal *= 2;
        cell->width_shift++;
    }
    cell->inverse_width = (int32_t)((INT64_C(1) << 61) / normal);
}

ts_cell ts_cell_of(const ts_settings *settings, double epsilon, uint32_t neurons) {
    const uint32_t dimension = (uint32_t)settings->dimension, all = dimension * neurons;
    const bool relu = settings->activation == TS_ACTIVATION_RELU;
    const int part = relu ? RELU_PART : 1;
    const double largest_derivative = !relu && settings->derivative == TS_DERIVATIVE_EXACT ? 3.0 : 1.0;
    const double width = relu ? 1 : settings->eta;
    const int residual_shift = ts_residual_shift(settings, all);
    const double h = ldexp(settings->h, residual_shift); /* for residuals of that unit */
    ts_cell cell = {
        .seed = settings->seed,
        .steps = settings->steps > 0 ? settings->steps : (uint64_t)ts_horizon_steps(settings, epsilon),
        .parameter = {epsilon, neurons, settings->h, settings->noise, settings->eta},
        .neurons = all,
        .of_coordinate = neurons,
        .dimension = dimension,
        .activation = (int32_t)settings->activation,
        .init = (int32_t)settings->init,
        .derivative = (int32_t)settings->derivative,
        .start_weight = ts_factor_of(settings->start_weight * 0x1p17),
        .noise = ts_factor_of(settings->noise * 0x1p-7),
        .residual_shift = residual_shift,
        .gradient = ts_factor_of(h * 0x1p25),
        .velocity = ts_factor_of(2 * h * epsilon * largest_derivative / width * 0x1p-10),
        .residual_limit = residual_limit(h, all, 0x1p13 / part),
        .drift_limit = GROWTH_LIMIT / part / (all + 1),
        .weight_limit = (INT64_C(1) << 62) / part,
        .neuron_search = power_of_two_up_to(all),
    };
    if (settings->randomness == TS_RANDOMNESS_INDEPENDENT)
        cell.salt = ts_cell_salt(cell.parameter);
    cell.residual_range = 2 * (uint64_t)cell.residual_limit;
    cell.gradient_limit = ts_round_shift(cell.residual_limit * cell.gradient.multiplier, cell.gradient.shift) + 1;
    set_width(&cell, settings->eta);
    set_target(&cell, settings);
    return cell;
}
