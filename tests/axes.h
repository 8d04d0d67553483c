/* Axes of a sweep in the tests, also of programs without CMocka. */
#ifndef TS_TESTS_AXES_H
#define TS_TESTS_AXES_H

#include <timescape.h>

static inline void set_axes(ts_settings *settings, const double *epsilon, size_t epsilon_count, const double *neurons,
                            size_t neurons_count) {
    settings->axis[TS_PARAMETER_EPSILON] = (ts_sweep_axis){epsilon, epsilon_count};
    settings->axis[TS_PARAMETER_NEURONS] = (ts_sweep_axis){neurons, neurons_count};
}

#endif
