/* Settings: defaults, what is allowed, and the quantities that follow from them alone (MODEL.md sections 2 and 5). */
#include <timescape.h>

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Ranges that the number formats hold (docs/numerics.md, "Ranges"). */
#define ETA_LOW 1e-5
#define ETA_HIGH 0.5
#define H_LOW 1e-12
#define H_HIGH 16.0
#define NOISE_LOW 1e-7
#define NOISE_HIGH 63.0 /* with a target of up to 64, labels fit into 32 bits */
#define LEVEL_LIMIT 64.0
#define EPSILON_LOW 1e-9
#define EPSILON_HIGH 100.0

ts_settings ts_settings_default(void) {
    return (ts_settings){
        .dynamics = TS_DYNAMICS_SGD,
        .init = TS_INIT_UNIFORM,
        .derivative = TS_DERIVATIVE_EXACT,
        .randomness = TS_RANDOMNESS_COMMON,
        .unexplained_variance = 0.01,
    };
}

double ts_loss_floor(const ts_settings *settings) {
    double squares = 0;
    for (size_t k = 0; k < settings->jump_count; k++)
        squares += settings->jump_by[k] * settings->jump_by[k];
    return settings->eta / 28 * squares;
}

double ts_target_variance(const ts_settings *settings) {
    /* the base does not matter: integrate the value above it, and its square, piece by piece */
    double value = 0, mean = 0, mean_square = 0;
    for (size_t k = 0; k < settings->jump_count; k++) {
        const double end = k + 1 < settings->jump_count ? settings->jump_at[k + 1] : 1;
        const double length = end - settings->jump_at[k];
        value += settings->jump_by[k];
        mean += length * value;
        mean_square += length * (value * value);
    }
    return mean_square - mean * mean;
}

double ts_horizon_steps(const ts_settings *settings, double epsilon) {
    if (settings->steps > 0)
        return (double)settings->steps;
    return floor(fmax(settings->slow_time / (settings->h * epsilon), settings->min_fast_time / settings->h) + 0.5);
}

/* ---- validation: each check returns TS_OK or says why not
 * --------------------------------------------------------------- */

__attribute__((format(printf, 3, 4))) static ts_status refuse(ts_error *error, const char *key, const char *format,
                                                              ...) {
    if (error) {
        va_list arguments;
        va_start(arguments, format);
        snprintf(error->key, sizeof error->key, "%s", key);
        vsnprintf(error->message, sizeof error->message, format, arguments);
        va_end(arguments);
    }
    return TS_INVALID;
}

static ts_status check_number(ts_error *error, const char *key, double value, double low, double high) {
    if (value >= low && value <= high) /* NaN fails */
        return TS_OK;
    return refuse(error, key, "found %.10g, allowed are numbers from %.10g to %.10g", value, low, high);
}

static ts_status check_target(const ts_settings *s, ts_error *error) {
    if (s->jump_count > TS_MAX_JUMPS)
        return refuse(error, "target.jumps", "found %zu jumps, allowed are at most %d", s->jump_count, TS_MAX_JUMPS);
    double level = s->target_base;
    ts_status status = check_number(error, "target.base", level, -LEVEL_LIMIT, LEVEL_LIMIT);
    for (size_t k = 0; k < s->jump_count && status == TS_OK; k++) {
        char key[64];
        snprintf(key, sizeof key, "target.jumps[%zu].at", k);
        const double at = s->jump_at[k], by = s->jump_by[k];
        if (!(at > 0 && at < 1))
            return refuse(error, key, "found %.10g, allowed are numbers between 0 and 1", at);
        if (k > 0 && !(at > s->jump_at[k - 1]))
            return refuse(error, key, "found %.10g after %.10g, jumps must be in ascending order", at,
                          s->jump_at[k - 1]);
        if (k > 0 && !(at - s->jump_at[k - 1] >= s->eta))
            return refuse(error, key, "found %.10g after %.10g, two jumps must be at least eta = %.10g apart", at,
                          s->jump_at[k - 1], s->eta);
        snprintf(key, sizeof key, "target.jumps[%zu].by", k);
        level += by;
        if (by == 0 || !isfinite(by))
            return refuse(error, key, "found %.10g, allowed are finite numbers that are not 0", by);
        if (!(fabs(level) <= LEVEL_LIMIT))
            return refuse(error, key, "found %.10g, which takes the target to %.10g; its values may be from %g to %g",
                          by, level, -LEVEL_LIMIT, LEVEL_LIMIT);
    }
    return status;
}

static ts_status check_epsilon(const ts_settings *s, ts_error *error) {
    if (s->epsilon_count == 0 || !s->epsilon)
        return refuse(error, "sweep.epsilon", "found no value, at least one is needed");
    for (size_t i = 0; i < s->epsilon_count; i++) {
        const ts_status status = check_number(error, "sweep.epsilon", s->epsilon[i], EPSILON_LOW, EPSILON_HIGH);
        if (status != TS_OK)
            return status;
        if (i > 0 && s->epsilon[i] <= s->epsilon[i - 1])
            return refuse(error, "sweep.epsilon",
                          "found %.10g after %.10g, values must be ascending without repetition", s->epsilon[i],
                          s->epsilon[i - 1]);
    }
    return TS_OK;
}

static ts_status check_neurons(const ts_settings *s, ts_error *error) {
    if (s->neurons_count == 0 || !s->neurons)
        return refuse(error, "sweep.neurons", "found no value, at least one is needed");
    for (size_t i = 0; i < s->neurons_count; i++) {
        if (s->neurons[i] < 1 || s->neurons[i] > TS_MAX_NEURONS)
            return refuse(error, "sweep.neurons", "found %u, allowed are whole numbers from 1 to %d", s->neurons[i],
                          TS_MAX_NEURONS);
        if (i > 0 && s->neurons[i] <= s->neurons[i - 1])
            return refuse(error, "sweep.neurons", "found %u after %u, values must be ascending without repetition",
                          s->neurons[i], s->neurons[i - 1]);
    }
    return TS_OK;
}

static ts_status check_sweep(const ts_settings *s, ts_error *error) {
    /* the size of the grid first: its values may not even be there when it is absurd */
    if (s->neurons_count > 0 && s->epsilon_count > TS_MAX_CELLS / s->neurons_count)
        return refuse(error, "sweep", "found %zu x %zu cells, allowed are at most %d", s->epsilon_count,
                      s->neurons_count, TS_MAX_CELLS);
    const ts_status status = check_epsilon(s, error);
    if (status != TS_OK)
        return status;
    if (s->replicates < 1 || s->replicates > TS_MAX_REPLICATES)
        return refuse(error, "sweep.replicates", "found %llu, allowed are whole numbers from 1 to %llu",
                      (unsigned long long)s->replicates, TS_MAX_REPLICATES);
    if (s->randomness != TS_RANDOMNESS_COMMON && s->randomness != TS_RANDOMNESS_INDEPENDENT)
        return refuse(error, "sweep.randomness", "found %d, allowed are common and independent", (int)s->randomness);
    return check_neurons(s, error);
}

static ts_status check_horizon(const ts_settings *s, ts_error *error) {
    if (s->steps > 0 && (s->slow_time != 0 || s->min_fast_time != 0))
        return refuse(error, "sgd.horizon", "found both steps and times, allowed is one of them");
    if (s->steps > TS_MAX_STEPS)
        return refuse(error, "sgd.horizon.steps", "found %llu, allowed are whole numbers from 1 to %llu (2^56)",
                      (unsigned long long)s->steps, TS_MAX_STEPS);
    if (s->steps > 0)
        return TS_OK;
    if (!(s->slow_time > 0 && isfinite(s->slow_time)))
        return refuse(error, "sgd.horizon.slow_time", "found %.10g, allowed are finite numbers above 0", s->slow_time);
    if (!(s->min_fast_time >= 0 && isfinite(s->min_fast_time)))
        return refuse(error, "sgd.horizon.min_fast_time", "found %.10g, allowed are finite numbers from 0",
                      s->min_fast_time);
    for (size_t i = 0; i < s->epsilon_count; i++) {
        const double steps = ts_horizon_steps(s, s->epsilon[i]);
        if (!(steps >= 1 && steps <= (double)TS_MAX_STEPS))
            return refuse(error, "sgd.horizon", "found %.10g steps at epsilon = %.10g, allowed are 1 to %llu (2^56)",
                          steps, s->epsilon[i], TS_MAX_STEPS);
    }
    return TS_OK;
}

static ts_status check_sgd(const ts_settings *s, ts_error *error) {
    const ts_status status = check_number(error, "sgd.h", s->h, H_LOW, H_HIGH);
    if (status != TS_OK)
        return status;
    if (s->noise != 0 && !(s->noise >= NOISE_LOW && s->noise <= NOISE_HIGH))
        return refuse(error, "sgd.noise", "found %.10g, allowed are 0 and numbers from %.10g to %.10g", s->noise,
                      NOISE_LOW, NOISE_HIGH);
    if (s->dynamics != TS_DYNAMICS_SGD && s->dynamics != TS_DYNAMICS_GRADIENT_FLOW)
        return refuse(error, "dynamics", "found %d, allowed are sgd and gradient_flow", (int)s->dynamics);
    if (s->derivative != TS_DERIVATIVE_EXACT && s->derivative != TS_DERIVATIVE_BOX)
        return refuse(error, "sgd.derivative", "found %d, allowed are exact and box", (int)s->derivative);
    return TS_OK;
}

static ts_status check_network(const ts_settings *s, ts_error *error) {
    if (s->init != TS_INIT_UNIFORM && s->init != TS_INIT_EQUISPACED)
        return refuse(error, "network.init", "found %d, allowed are uniform and equispaced", (int)s->init);
    return check_number(error, "network.eta", s->eta, ETA_LOW, ETA_HIGH);
}

static ts_status check_success(const ts_settings *s, ts_error *error) {
    if (s->unexplained_variance > 0 && s->unexplained_variance <= 1)
        return TS_OK;
    return refuse(error, "success.unexplained_variance", "found %.10g, allowed are numbers above 0 and up to 1",
                  s->unexplained_variance);
}

ts_status ts_settings_validate(const ts_settings *settings, ts_error *error) {
    static ts_status (*const checks[])(const ts_settings *, ts_error *) = {
        check_network, check_target, check_sgd, check_sweep, check_horizon, check_success,
    };
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        const ts_status status = checks[i](settings, error);
        if (status != TS_OK)
            return status;
    }
    return TS_OK;
}
