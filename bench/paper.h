/* The experiments of the paper (MODEL.md section 3) for benchmarks and tests: target, noise and width of a transition.
 */
#ifndef TS_BENCH_PAPER_H
#define TS_BENCH_PAPER_H

#include <string.h>
#include <timescape.h>

/* 5 jumps, eta = 4e-3, noise 1, seed 42. The caller adds axes, h, horizon and replicates. */
static inline ts_settings paper_settings(void) {
    static const double at[5] = {0.2, 0.35, 0.5, 0.65, 0.8};
    static const double by[5] = {4, -4, 2, -2, 4};
    ts_settings settings = ts_settings_default();
    settings.seed = 42;
    settings.target_base = 1;
    settings.jump_count = 5;
    memcpy(settings.jump_at, at, sizeof at);
    memcpy(settings.jump_by, by, sizeof by);
    settings.eta = 4e-3;
    settings.noise = 1;
    return settings;
}

#endif
