/* Random configurations for comparisons of bits: everything that a step branches on varies. */
#ifndef TS_TESTS_BACKEND_RANDOM_SETTINGS_H
#define TS_TESTS_BACKEND_RANDOM_SETTINGS_H

#include "random.h"

#include <math.h>
#include <timescape.h>

/* Up to 16 pieces, of all coordinates together between -63 and 63. Some begin at 0 once they are rounded, and those of
 * rectified linear units where another one does. */
static inline void random_target(ts_settings *settings, test_random *random) {
    const int jumps = (int)(random_word(random) % 16);
    settings->target_base = random_between(random, -3, 3);
    double at = 0;
    for (int k = 0; k < jumps; k++) {
        /* One random number a statement, or the order of them were the compiler's. */
        const bool together = random_word(random) % 8 == 0 && (k == 0 || settings->eta == 0);
        const double distance = together ? random_between(random, 1e-11, 4e-10) : random_between(random, 0, 0.3);
        at += together ? distance : settings->eta * 1.01 + distance * (random_word(random) % 2 ? 1 : 0.1);
        if (at >= 1)
            return;
        settings->jump_at[settings->jump_count] = at;
        const double height = random_between(random, 0.1, 4) / (double)settings->dimension;
        settings->jump_by[settings->jump_count++] = height * (random_word(random) % 2 ? 1 : -1);
    }
}

/* All but axes, horizon and replicates. */
static inline ts_settings random_settings(test_random *random) {
    ts_settings settings = ts_settings_default();
    settings.seed = random_word(random);
    settings.eta = random_word(random) % 3 ? pow(10, random_between(random, -5, -0.31)) : 4e-3;
    random_target(&settings, random);
    settings.noise = random_word(random) % 3 ? random_between(random, 0, 3) : 0;
    settings.h = pow(10, random_between(random, -6, -0.6));
    settings.init = (ts_init)(random_word(random) % (TS_INIT_STRATIFIED + 1));
    settings.start_weight = random_word(random) % 4 ? 0 : random_between(random, 0.1, 1.9);
    settings.derivative = random_word(random) % 2 ? TS_DERIVATIVE_EXACT : TS_DERIVATIVE_BOX;
    settings.randomness = random_word(random) % 2 ? TS_RANDOMNESS_COMMON : TS_RANDOMNESS_INDEPENDENT;
    return settings;
}

/* Networks that are not of steps in one dimension. */
static inline void random_other_network(ts_settings *settings, test_random *random) {
    settings->activation = random_word(random) % 2 ? TS_ACTIVATION_RELU : TS_ACTIVATION_STEP;
    const bool relu = settings->activation == TS_ACTIVATION_RELU;
    settings->dimension = 1 + random_word(random) % (random_word(random) % 2 ? TS_MAX_DIMENSION : 3);
    settings->dimension += !relu && settings->dimension == 1;
    settings->eta = relu ? 0 : settings->eta;
    settings->jump_count = 0;
    random_target(settings, random);
}

#define RANDOM_OBSERVATIONS 6 /* at most */

/* Times on the way of trainings whose horizon is in steps: none, or some, of which a few are at one step, at the start
 * or at the end. With some of them, half of the trainings stop at their first success. */
static inline void random_observations(ts_settings *settings, test_random *random, double times[RANDOM_OBSERVATIONS]) {
    const double steps = (double)settings->steps;
    const size_t most = random_word(random) % 3 ? 1 + random_word(random) % RANDOM_OBSERVATIONS : 0;
    double at = random_word(random) % 4 ? random_between(random, 0, steps) : 0;
    settings->observe_clock = TS_CLOCK_FAST_TIME;
    settings->observe = times;
    settings->observe_count = 0;
    while (settings->observe_count < most && at <= steps) {
        times[settings->observe_count++] = settings->h * at;
        at = random_word(random) % 8 == 0 && at < steps ? steps
             : random_word(random) % 4                  ? at + 0.01 + random_between(random, 0, steps / 3)
                                                        : at + 0.01;
    }
    const bool stops = settings->observe_count > 0 && settings->seed % 2;
    settings->stop = stops ? TS_STOP_FIRST_SUCCESS : TS_STOP_NEVER;
}

#endif
