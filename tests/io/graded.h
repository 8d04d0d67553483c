/* Sweeps whose trainings ended as a test wants them to: a success rate for each cell. */
#ifndef TS_TESTS_IO_GRADED_H
#define TS_TESTS_IO_GRADED_H

#include "io/files.h"
#include "sweep/sweep.h"

/* Success rate of a cell. */
typedef double graded_rate(const ts_cell_summary *cell);

/* Half of the trainings succeed at epsilon = 0.003 m h / 1e-3. */
static inline double rate_by_law(const ts_cell_summary *cell) {
    return 1 / (1 + pow(cell->epsilon / (3e-3 * cell->neurons * cell->h / 1e-3), 2));
}

/* A sweep that ran, and whose marks were made anew. A share `limit` of the starts has a limit that succeeds, and of
 * these trainings succeed by the loss at the rate of the cell, by the positions at its square root. */
static inline ts_sweep *graded_sweep(ts_settings settings, graded_rate *rate, double limit) {
    ts_sweep *sweep = run_sweep(&settings, NULL);
    test_random random = {1};
    for (size_t cell = 0; cell < ts_sweep_cell_count(sweep); cell++) {
        const ts_cell_summary summary = ts_sweep_summary(sweep, cell);
        const double p = limit * rate(&summary), by_positions = limit * sqrt(rate(&summary));
        for (uint64_t r = 0; r < settings.replicates; r++) {
            const double u = random_between(&random, 0, 1);
            sweep->results.mark[cell * settings.replicates + r] =
                (uint8_t)(TS_MARK_FINISHED | (u < p ? TS_MARK_SUCCESS : 0) |
                          (u < by_positions ? TS_MARK_POSITION_SUCCESS : 0) | (u < limit ? TS_MARK_LIMIT_SUCCESS : 0));
        }
    }
    return sweep;
}

static const double graded_epsilon[] = {1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1};
static const double graded_neurons[] = {4, 8, 16};

/* A step of each training. */
static inline ts_settings graded_settings(void) {
    ts_settings settings = small_settings(false);
    settings.steps = 1;
    settings.replicates = 200;
    set_axes(&settings, graded_epsilon, 7, graded_neurons, 3);
    return settings;
}

#endif
