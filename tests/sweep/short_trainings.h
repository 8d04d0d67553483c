/* Trainings of some hundred or thousand steps, with rates of success from 0 to nearly 1. */
#ifndef TS_TESTS_SWEEP_SHORT_TRAININGS_H
#define TS_TESTS_SWEEP_SHORT_TRAININGS_H

#include "support.h"

/* The limit of each is followed; axes and replicates are the caller's to set. */
static inline ts_settings short_trainings(void) {
    ts_settings settings = paper_settings();
    settings.jump_count = 2;
    settings.jump_at[0] = 0.3;
    settings.jump_at[1] = 0.6;
    settings.eta = 0.05;
    settings.h = 0.02;
    settings.noise = 0;
    settings.slow_time = 0.1;
    settings.unexplained_variance = 0.1;
    settings.theory = true;
    return settings;
}

#endif
