/* The problem that settings pose: where they begin, and what follows from them before a cell is chosen (MODEL.md
 * sections 2 and 5). */
#include <math.h>
#include <timescape.h>

ts_settings ts_settings_default(void) {
    return (ts_settings){
        .dynamics = TS_DYNAMICS_SGD,
        .dimension = 1,
        .activation = TS_ACTIVATION_STEP,
        .init = TS_INIT_UNIFORM,
        .derivative = TS_DERIVATIVE_EXACT,
        .randomness = TS_RANDOMNESS_COMMON,
        .unexplained_variance = 0.01,
    };
}

double ts_horizon_steps(const ts_settings *settings, double epsilon) {
    if (settings->steps > 0)
        return (double)settings->steps;
    return fmax(ts_clock_steps(TS_CLOCK_SLOW_TIME, settings->slow_time, settings->h, epsilon),
                ts_clock_steps(TS_CLOCK_FAST_TIME, settings->min_fast_time, settings->h, epsilon));
}

double ts_clock_steps(ts_clock clock, double time, double h, double epsilon) {
    switch (clock) {
    case TS_CLOCK_SLOW_TIME:
        return floor(time / (h * epsilon) + 0.5);
    case TS_CLOCK_FAST_TIME:
        return floor(time / h + 0.5);
    default:
        return floor(time + 0.5);
    }
}

double ts_loss_floor(const ts_settings *settings) {
    double squares = 0;
    for (size_t k = 0; k < settings->jump_count; k++)
        squares += settings->jump_by[k] * settings->jump_by[k];
    return settings->eta / 28 * squares * (double)settings->dimension; /* eta = 0: no transitions, no floor */
}

double ts_target_variance(const ts_settings *settings) {
    /* the base does not matter: integrate the value above it, and its square, piece by piece */
    const bool relu = settings->activation == TS_ACTIVATION_RELU;
    double value = 0, slope = 0, mean = 0, mean_square = 0;
    for (size_t k = 0; k < settings->jump_count; k++) {
        const double end = k + 1 < settings->jump_count ? settings->jump_at[k + 1] : 1;
        const double length = end - settings->jump_at[k];
        *(relu ? &slope : &value) += settings->jump_by[k];
        const double rise = length * slope;
        mean += length * (value + rise / 2);
        mean_square += length * (value * value + value * rise + rise * rise / 3);
        value += rise;
    }
    return (mean_square - mean * mean) * (double)settings->dimension; /* coordinates are independent */
}
