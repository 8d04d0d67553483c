/* The sweep of configs/phase.yaml with the same number of trainings in every cell, for programs that read no
 * configuration; tests/bench/test_schedule.c compares. */
#ifndef TS_BENCH_PHASE_SWEEP_H
#define TS_BENCH_PHASE_SWEEP_H

#include "paper.h"

#include <math.h>

#define PHASE_EPSILON 33
#define PHASE_NEURONS 32

static inline ts_settings phase_settings(double epsilon[PHASE_EPSILON]) {
    static const double neurons[PHASE_NEURONS] = {4,  5,  6,   7,   8,   9,   10,  11,  12,  13, 15,
                                                  17, 20, 23,  26,  30,  34,  39,  45,  51,  59, 67,
                                                  77, 88, 100, 114, 131, 150, 171, 196, 224, 256};
    for (int i = 0; i < PHASE_EPSILON; i++)
        epsilon[i] = pow(10, -4 + i / 8.0);
    ts_settings settings = paper_settings();
    settings.h = 1e-5;
    settings.slow_time = 0.3;
    settings.min_fast_time = 20;
    settings.axis[TS_PARAMETER_EPSILON] = (ts_sweep_axis){epsilon, PHASE_EPSILON};
    settings.axis[TS_PARAMETER_NEURONS] = (ts_sweep_axis){neurons, PHASE_NEURONS};
    settings.replicates = 1000;
    settings.theory = true;
    return settings;
}

#endif
