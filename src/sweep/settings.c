/* What is allowed for settings (MODEL.md sections 2 and 5). */
#include "base/fail.h"
#include "base/words.h"
#include "model/cell.h"
#include "model/grid.h"

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
#define SLOPE_LIMIT 64.0
#define START_WEIGHT_LOW 1e-6
#define START_WEIGHT_SUM 8192.0 /* of the start weights of a network, at most */
#define EPSILON_LOW 1e-9
#define EPSILON_HIGH 100.0

/* ---- validation: each check returns TS_OK or says why not */

__attribute__((format(printf, 3, 4))) static ts_status refuse(ts_error *error, const char *key, const char *format,
                                                              ...) {
    va_list arguments;
    va_start(arguments, format);
    ts_fail_list(error, TS_INVALID, key, format, arguments);
    va_end(arguments);
    return TS_INVALID;
}

static ts_status check_number(ts_error *error, const char *key, double value, double low, double high) {
    if (value >= low && value <= high) /* NaN fails */
        return TS_OK;
    return refuse(error, key, "found %.10g, allowed are numbers from %.10g to %.10g", value, low, high);
}

/* The value of a choice, as a number: a program may set any. */
static ts_status check_choice(ts_error *error, const char *key, int value, const char *const *words) {
    char allowed[128] = "";
    int count = 0;
    for (size_t length = 0; words[count]; length = strlen(allowed)) {
        const char *between = count == 0 ? "" : words[count + 1] ? ", " : " and ";
        snprintf(allowed + length, sizeof allowed - length, "%s%s", between, words[count++]);
    }
    if (value >= 0 && value < count)
        return TS_OK;
    return refuse(error, key, "found %d, allowed are %s", value, allowed);
}

static ts_status check_choices(const ts_settings *s, ts_error *error) {
    const struct {
        const char *key;
        int value;
        const char *const *words;
    } choices[] = {{"dynamics", (int)s->dynamics, ts_words_dynamics},
                   {"network.activation", (int)s->activation, ts_words_activation},
                   {"network.init", (int)s->init, ts_words_init},
                   {"sgd.derivative", (int)s->derivative, ts_words_derivative},
                   {"sweep.randomness", (int)s->randomness, ts_words_randomness},
                   {"success.stop", (int)s->stop, ts_words_stop},
                   {"sweep.replicates.criterion", (int)s->criterion, ts_words_criterion},
                   {"observe", (int)s->observe_clock, ts_words_clock}};
    ts_status status = TS_OK;
    for (size_t i = 0; status == TS_OK && i < sizeof choices / sizeof *choices; i++)
        status = check_choice(error, choices[i].key, choices[i].value, choices[i].words);
    return status;
}

/* ---- parameters of the cells, whether they have an axis or one value for all */

static ts_status check_dimension(const ts_settings *s, ts_error *error) {
    if (s->dimension >= 1 && s->dimension <= TS_MAX_DIMENSION)
        return TS_OK;
    return refuse(error, "target.dimension", "found %zu, allowed are whole numbers from 1 to %d", s->dimension,
                  TS_MAX_DIMENSION);
}

static ts_status check_noise(ts_error *error, const char *key, double noise) {
    if (noise == 0 || (noise >= NOISE_LOW && noise <= NOISE_HIGH))
        return TS_OK;
    return refuse(error, key, "found %.10g, allowed are 0 and numbers from %.10g to %.10g", noise, NOISE_LOW,
                  NOISE_HIGH);
}

static ts_status check_neurons(ts_error *error, const char *key, double neurons, size_t dimension) {
    const size_t most = TS_MAX_NEURONS / dimension;
    if (neurons >= 1 && neurons <= (double)most && neurons == floor(neurons))
        return TS_OK;
    return refuse(error, key, "found %.10g, allowed are whole numbers from 1 to %zu%s", neurons, most,
                  dimension > 1 ? " for each coordinate" : "");
}

static ts_status check_eta(ts_error *error, const char *key, double eta, bool relu) {
    if (!relu)
        return check_number(error, key, eta, ETA_LOW, ETA_HIGH);
    if (eta == 0)
        return TS_OK;
    return refuse(error, key, "found %.10g, but the activation relu has no width: leave it out", eta);
}

static ts_status check_parameter_value(const ts_settings *s, ts_parameter parameter, const char *key, double value,
                                       ts_error *error) {
    switch (parameter) {
    case TS_PARAMETER_EPSILON:
        return check_number(error, key, value, EPSILON_LOW, EPSILON_HIGH);
    case TS_PARAMETER_NEURONS:
        return check_neurons(error, key, value, s->dimension);
    case TS_PARAMETER_H:
        return check_number(error, key, value, H_LOW, H_HIGH);
    case TS_PARAMETER_NOISE:
        return check_noise(error, key, value);
    case TS_PARAMETER_ETA:
        return check_eta(error, key, value, s->activation == TS_ACTIVATION_RELU);
    }
    return TS_OK;
}

static ts_status check_axis(const ts_settings *s, ts_parameter parameter, ts_error *error) {
    const ts_sweep_axis *axis = &s->axis[parameter];
    const char *key = ts_parameters[parameter].axis_key;
    if (axis->count == 0 || !axis->values)
        return refuse(error, key, "found no value, at least one is needed");
    for (size_t i = 0; i < axis->count; i++) {
        const ts_status status = check_parameter_value(s, parameter, key, axis->values[i], error);
        if (status != TS_OK)
            return status;
        if (i > 0 && axis->values[i] <= axis->values[i - 1])
            return refuse(error, key, "found %.10g after %.10g, values must be ascending without repetition",
                          axis->values[i], axis->values[i - 1]);
    }
    return TS_OK;
}

/* One that may have an axis. */
static ts_status check_parameter(const ts_settings *s, ts_parameter parameter, ts_error *error) {
    return s->axis[parameter].count > 0 ? check_axis(s, parameter, error)
                                        : check_parameter_value(s, parameter, ts_parameters[parameter].key,
                                                                ts_grid_value(s, parameter, 0), error);
}

/* Before any value is looked at: they may not even be there when the size is absurd. */
static ts_status check_grid(const ts_settings *s, ts_error *error) {
    char product[128] = "";
    for (int p = 0; p < TS_PARAMETER_COUNT; p++) {
        const size_t length = strlen(product), count = s->axis[p].count;
        if (count > 0)
            snprintf(product + length, sizeof product - length, "%s%zu", length > 0 ? " x " : "", count);
    }
    if (ts_grid_cells(s) <= TS_MAX_CELLS)
        return TS_OK;
    return refuse(error, "sweep", "found %s cells, allowed are at most %d", product, TS_MAX_CELLS);
}

/* ---- the target */

/* The k-th jump takes what one coordinate adds to `level`; with d coordinates the target goes d times as far. */
static ts_status check_level(const ts_settings *s, size_t k, double level, ts_error *error) {
    const double target = s->target_base + (double)s->dimension * level;
    char key[64];
    snprintf(key, sizeof key, "target.jumps[%zu].by", k);
    if (fabs(target) <= LEVEL_LIMIT)
        return TS_OK;
    return refuse(error, key, "found %.10g, which takes the target to %.10g; its values may be from %g to %g",
                  s->jump_by[k], target, -LEVEL_LIMIT, LEVEL_LIMIT);
}

/* The values of the target, and of one of rectified linear units its slopes. */
static ts_status check_values(const ts_settings *s, ts_error *error) {
    const bool relu = s->activation == TS_ACTIVATION_RELU;
    double level = 0, slope = 0;
    ts_status status = TS_OK;
    for (size_t k = 0; k < s->jump_count && status == TS_OK; k++) {
        const double end = k + 1 < s->jump_count ? s->jump_at[k + 1] : 1;
        *(relu ? &slope : &level) += s->jump_by[k];
        if (!(fabs(slope) <= SLOPE_LIMIT)) {
            char key[64];
            snprintf(key, sizeof key, "target.jumps[%zu].by", k);
            return refuse(error, key, "found %.10g, which takes the slope of the target to %.10g; allowed are %g to %g",
                          s->jump_by[k], slope, -SLOPE_LIMIT, SLOPE_LIMIT);
        }
        level += (end - s->jump_at[k]) * slope;
        status = check_level(s, k, level, error);
    }
    return status;
}

static ts_status check_target(const ts_settings *s, ts_error *error) {
    const double eta = ts_grid_largest(s, TS_PARAMETER_ETA);
    if (s->jump_count > TS_MAX_JUMPS)
        return refuse(error, "target.jumps", "found %zu jumps, allowed are at most %d", s->jump_count, TS_MAX_JUMPS);
    ts_status status = check_number(error, "target.base", s->target_base, -LEVEL_LIMIT, LEVEL_LIMIT);
    for (size_t k = 0; k < s->jump_count && status == TS_OK; k++) {
        char key[64];
        snprintf(key, sizeof key, "target.jumps[%zu].at", k);
        const double at = s->jump_at[k], by = s->jump_by[k];
        if (!(at > 0 && at < 1))
            return refuse(error, key, "found %.10g, allowed are numbers between 0 and 1", at);
        if (k > 0 && !(at > s->jump_at[k - 1]))
            return refuse(error, key, "found %.10g after %.10g, jumps must be in ascending order", at,
                          s->jump_at[k - 1]);
        if (k > 0 && !(at - s->jump_at[k - 1] >= eta))
            return refuse(error, key, "found %.10g after %.10g, two jumps must be at least eta = %.10g apart", at,
                          s->jump_at[k - 1], eta);
        snprintf(key, sizeof key, "target.jumps[%zu].by", k);
        if (by == 0 || !isfinite(by))
            return refuse(error, key, "found %.10g, allowed are finite numbers that are not 0", by);
    }
    return status == TS_OK ? check_values(s, error) : status;
}

/* The weights of the largest network at its start, and what they leave for h. */
static ts_status check_start_weights(const ts_settings *s, ts_error *error) {
    const size_t neurons = s->dimension * (size_t)ts_grid_largest(s, TS_PARAMETER_NEURONS);
    const double h = ts_grid_largest(s, TS_PARAMETER_H), largest_h = ldexp(H_HIGH, -ts_residual_shift(s, neurons));
    if (!(s->start_weight * (double)neurons <= START_WEIGHT_SUM))
        return refuse(error, "network.start_weight",
                      "found %.10g, with which the weights of %zu neurons may add up to more than %g at the start",
                      s->start_weight, neurons, START_WEIGHT_SUM);
    if (!(h <= largest_h))
        return refuse(error, s->axis[TS_PARAMETER_H].count > 0 ? "sweep.h" : "sgd.h",
                      "found %.10g, allowed are up to %.10g with so large start weights", h, largest_h);
    return TS_OK;
}

static ts_status check_replicates(const ts_settings *s, ts_error *error) {
    const bool in_rounds = s->half_width != 0;
    if (s->replicates < 1 || s->replicates > TS_MAX_REPLICATES)
        return refuse(error, in_rounds ? "sweep.replicates.at_most" : "sweep.replicates",
                      "found %llu, allowed are whole numbers from 1 to %llu", (unsigned long long)s->replicates,
                      TS_MAX_REPLICATES);
    if (!in_rounds)
        return TS_OK;
    if (!(s->half_width > 0 && s->half_width < 0.5))
        return refuse(error, "sweep.replicates.half_width", "found %.10g, allowed are numbers above 0 and below 0.5",
                      s->half_width);
    if (s->least_replicates < 1 || s->least_replicates > s->replicates)
        return refuse(error, "sweep.replicates.at_least",
                      "found %llu, allowed are whole numbers from 1 to at_most, which is %llu",
                      (unsigned long long)s->least_replicates, (unsigned long long)s->replicates);
    if (s->criterion != TS_CRITERION_LOSS && s->activation == TS_ACTIVATION_RELU)
        return refuse(error, "sweep.replicates.criterion",
                      "found %s, but the activation relu has no jumps that positions can be held against: allowed is "
                      "loss",
                      ts_words_criterion[s->criterion]);
    return TS_OK;
}

static ts_status check_sweep(const ts_settings *s, ts_error *error) {
    ts_status status = check_axis(s, TS_PARAMETER_EPSILON, error);
    if (status == TS_OK)
        status = check_replicates(s, error);
    if (status == TS_OK)
        status = check_axis(s, TS_PARAMETER_NEURONS, error);
    return status == TS_OK ? check_start_weights(s, error) : status;
}

/* With several coordinates a step takes up to 4 of the 2^56 random blocks of a stream. */
static unsigned long long most_steps(const ts_settings *s) {
    return s->dimension > 1 ? TS_MAX_STEPS / 4 : TS_MAX_STEPS;
}

static ts_status check_steps(const ts_settings *s, double h, unsigned long long most, ts_error *error) {
    ts_settings of_h = *s;
    of_h.h = h;
    for (size_t i = 0; i < ts_grid_length(s, TS_PARAMETER_EPSILON); i++) {
        const double epsilon = ts_grid_value(s, TS_PARAMETER_EPSILON, i), steps = ts_horizon_steps(&of_h, epsilon);
        if (!(steps >= 1 && steps <= (double)most))
            return refuse(error, "sgd.horizon",
                          "found %.10g steps at epsilon = %.10g and h = %.10g, allowed are 1 to %llu", steps, epsilon,
                          h, most);
    }
    return TS_OK;
}

static ts_status check_horizon(const ts_settings *s, ts_error *error) {
    const unsigned long long most = most_steps(s);
    if (s->steps > 0 && (s->slow_time != 0 || s->min_fast_time != 0))
        return refuse(error, "sgd.horizon", "found both steps and times, allowed is one of them");
    if (s->steps > most)
        return refuse(error, "sgd.horizon.steps", "found %llu, allowed are whole numbers from 1 to %llu",
                      (unsigned long long)s->steps, most);
    if (s->steps > 0)
        return TS_OK;
    if (!(s->slow_time > 0 && isfinite(s->slow_time)))
        return refuse(error, "sgd.horizon.slow_time", "found %.10g, allowed are finite numbers above 0", s->slow_time);
    if (!(s->min_fast_time >= 0 && isfinite(s->min_fast_time)))
        return refuse(error, "sgd.horizon.min_fast_time", "found %.10g, allowed are finite numbers from 0",
                      s->min_fast_time);
    ts_status status = TS_OK;
    for (size_t i = 0; status == TS_OK && i < ts_grid_length(s, TS_PARAMETER_H); i++)
        status = check_steps(s, ts_grid_value(s, TS_PARAMETER_H, i), most, error);
    return status;
}

/* No training is observed behind its end: what it would be there, nobody knows. */
static ts_status check_last_observation(const ts_settings *s, const char *key, double h, ts_error *error) {
    const double last = s->observe[s->observe_count - 1];
    ts_settings of_h = *s;
    of_h.h = h;
    for (size_t i = 0; i < ts_grid_length(s, TS_PARAMETER_EPSILON); i++) {
        const double epsilon = ts_grid_value(s, TS_PARAMETER_EPSILON, i), steps = ts_horizon_steps(&of_h, epsilon);
        const double step = ts_clock_steps(s->observe_clock, last, h, epsilon);
        if (!(step <= steps))
            return refuse(error, key,
                          "found %.10g, which is step %.10g at epsilon = %.10g and h = %.10g, where trainings end at "
                          "%.10g",
                          last, step, epsilon, h, steps);
    }
    return TS_OK;
}

static ts_status check_observations(const ts_settings *s, ts_error *error) {
    char key[64];
    snprintf(key, sizeof key, "observe.%s", ts_words_clock[s->observe_clock]);
    if (s->observe_count == 0)
        return TS_OK;
    if (s->observe_count > TS_MAX_OBSERVATIONS)
        return refuse(error, key, "found %zu times, allowed are at most %d", s->observe_count, TS_MAX_OBSERVATIONS);
    if (!s->observe)
        return refuse(error, key, "found no value, at least one is needed");
    for (size_t i = 0; i < s->observe_count; i++) {
        const double time = s->observe[i];
        if (!(time >= 0 && isfinite(time)))
            return refuse(error, key, "found %.10g, allowed are finite numbers from 0", time);
        if (s->observe_clock == TS_CLOCK_STEPS && time != floor(time))
            return refuse(error, key, "found %.10g, allowed are whole numbers from 0", time);
        if (i > 0 && time <= s->observe[i - 1])
            return refuse(error, key, "found %.10g after %.10g, values must be ascending without repetition", time,
                          s->observe[i - 1]);
    }
    ts_status status = TS_OK;
    for (size_t i = 0; status == TS_OK && i < ts_grid_length(s, TS_PARAMETER_H); i++)
        status = check_last_observation(s, key, ts_grid_value(s, TS_PARAMETER_H, i), error);
    return status;
}

static ts_status check_sgd(const ts_settings *s, ts_error *error) {
    const ts_status status = check_parameter(s, TS_PARAMETER_H, error);
    return status == TS_OK ? check_parameter(s, TS_PARAMETER_NOISE, error) : status;
}

static ts_status check_network(const ts_settings *s, ts_error *error) {
    if (s->start_weight != 0 && !(s->start_weight >= START_WEIGHT_LOW && s->start_weight <= START_WEIGHT_SUM))
        return refuse(error, "network.start_weight", "found %.10g, allowed are 0 and numbers from %.10g to %.10g",
                      s->start_weight, START_WEIGHT_LOW, START_WEIGHT_SUM);
    return check_parameter(s, TS_PARAMETER_ETA, error);
}

/* What is not for every network. */
static ts_status check_extent(const ts_settings *s, ts_error *error) {
    const bool relu = s->activation == TS_ACTIVATION_RELU;
    if (s->dynamics == TS_DYNAMICS_GRADIENT_FLOW && (relu || s->dimension > 1))
        return refuse(error, "dynamics", "found gradient_flow, which there is not for %s",
                      relu ? "the activation relu" : "target.dimension above 1");
    if (s->theory && relu)
        return refuse(error, "theory",
                      "found the limit epsilon -> 0, which is not known for the activation relu; allowed is false");
    return TS_OK;
}

static ts_status check_theory(const ts_settings *s, ts_error *error) {
    if (s->limit_starts <= TS_MAX_REPLICATES)
        return TS_OK;
    return refuse(error, "theory.starts", "found %llu, allowed are whole numbers from 1 to %llu",
                  (unsigned long long)s->limit_starts, TS_MAX_REPLICATES);
}

static ts_status check_success(const ts_settings *s, ts_error *error) {
    if (!(s->unexplained_variance > 0 && s->unexplained_variance <= 1))
        return refuse(error, "success.unexplained_variance", "found %.10g, allowed are numbers above 0 and up to 1",
                      s->unexplained_variance);
    if (s->stop == TS_STOP_FIRST_SUCCESS && s->observe_count == 0)
        return refuse(error, "success.stop",
                      "found first_success without observe, which says when a success is looked for; allowed is never");
    return TS_OK;
}

ts_status ts_settings_validate(const ts_settings *settings, ts_error *error) {
    static ts_status (*const checks[])(const ts_settings *, ts_error *) = {
        check_choices, check_dimension, check_grid,         check_network, check_target, check_sgd,
        check_sweep,   check_horizon,   check_observations, check_success, check_extent, check_theory,
    };
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        const ts_status status = checks[i](settings, error);
        if (status != TS_OK)
            return status;
    }
    return TS_OK;
}
