/* What many tests need: the paper's target, sweeps with their raw results, and a small random generator of their own.
 */
#ifndef TS_TESTS_SUPPORT_H
#define TS_TESTS_SUPPORT_H

#include "axes.h"
#include "bench/paper.h"
#include "model/measure.h"
#include "model/step.h"
#include "random.h"
#include "sweep/sweep.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* |a - b| <= tolerance; NaN fails. */
#define assert_close(a, b, tolerance)                                                                                  \
    do {                                                                                                               \
        const double close_a = (a), close_b = (b);                                                                     \
        if (!(fabs(close_a - close_b) <= (tolerance)))                                                                 \
            fail_msg("%s = %.15g is not within %g of %s = %.15g", #a, close_a, (double)(tolerance), #b, close_b);      \
    } while (0)

static inline ts_sweep *create_sweep(const ts_settings *settings) {
    ts_sweep *sweep = NULL;
    ts_error error = {0};
    if (ts_sweep_create(&sweep, settings, &error) != TS_OK)
        fail_msg("%s: %s", error.key, error.message);
    return sweep;
}

static inline ts_sweep *run_sweep(const ts_settings *settings, const ts_run_options *options) {
    ts_sweep *sweep = create_sweep(settings);
    ts_error error = {0};
    if (ts_sweep_run(sweep, options, NULL, &error) != TS_OK)
        fail_msg("%s", error.message);
    return sweep;
}

/* Networks of the fixed-point model that a test sets by hand. */
typedef struct test_network {
    ts_neurons neurons;
    int64_t bias;
    int32_t high[TS_MAX_NEURONS];
    uint32_t low[TS_MAX_NEURONS];
    int64_t weight[TS_MAX_NEURONS];
} test_network;

static inline void network_clear(test_network *network) {
    memset(network, 0, sizeof *network);
    network->neurons = (ts_neurons){network->high, network->low, network->weight};
}

static inline void network_set(test_network *network, uint32_t j, double position, double weight) {
    ts_set_position(&network->neurons, j, llrint(ldexp(position, TS_POSITION_BITS)));
    network->weight[j] = llrint(ldexp(weight, TS_WEIGHT_BITS));
}

static inline ts_measurement network_measured(const ts_cell *cell, const test_network *network) {
    ts_measurement measurement;
    void *scratch = malloc(ts_measure_scratch_size(cell));
    assert_non_null(scratch);
    assert_true(ts_measure(cell, &network->neurons, network->bias, scratch, NULL, NULL, &measurement));
    free(scratch);
    return measurement;
}

static inline double network_loss(const ts_cell *cell, const test_network *network) {
    return ldexp((double)network_measured(cell, network).loss, -TS_LOSS_BITS);
}

/* One step of the plain loop, written out with the functions of model/step.h. Returns false when the training diverges
 * instead. Adds to what was seen. */
typedef struct test_seen {
    int examined, in_transition;
} test_seen;

static inline bool network_step(const ts_cell *cell, test_network *network, ts_training *training, ts_sample sample,
                                test_seen *seen) {
    const int32_t edge = sample.point + cell->half_width;
    bool near;
    const int64_t sum = training->bias + ts_forward(cell, &network->neurons, 0, 1, cell->neurons, edge, &near);
    const int64_t residual = ts_residual(ts_missing(ts_label(cell, sample), sum), 0);
    if (!ts_residual_in_range(cell, residual))
        return false;
    const ts_update update = ts_update_of(cell, (int32_t)residual);
    if (!ts_drift_in_range(cell, training, update.gradient)) {
        ts_range range = ts_weight_range(&network->neurons, 0, 1, cell->neurons);
        ts_range_add(&range, training->bias);
        training->drift = 0;
        seen->examined++;
        if (!ts_weights_in_range(cell, range))
            return false;
    }
    seen->in_transition += near;
    ts_backward(cell, &network->neurons, 0, 1, cell->neurons, edge, near, update);
    ts_finish_step(training, update.gradient);
    return true;
}

#endif
