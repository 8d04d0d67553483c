/* The step is the gradient of the loss; its lane groups agree; positions stay in their range. */
#include "support.h"

#define M 6

/* One step without noise at `point`, on a copy. */
static void step_copy(const ts_cell *cell, const test_network *network, int32_t point, test_network *after) {
    *after = *network;
    after->neurons = (ts_neurons){after->high, after->low, after->weight};
    const int32_t edge = point + cell->half_width;
    bool near;
    const int64_t sum = network->bias + ts_forward(cell, &after->neurons, 0, 1, cell->neurons, edge, &near);
    const int64_t residual = ts_residual(ts_missing(ts_label(cell, (ts_sample){point, 0}), sum), 0);
    assert_true(ts_residual_in_range(cell, residual));
    const ts_update update = ts_update_of(cell, (int32_t)residual);
    ts_backward(cell, &after->neurons, 0, 1, cell->neurons, edge, near, update);
    after->bias += update.gradient;
}

static ts_cell gradient_cell(ts_settings *settings) {
    *settings = paper_settings();
    settings->eta = 0.08;
    settings->noise = 0;
    settings->h = 0x1p-7;
    settings->slow_time = 1;
    return ts_cell_of(settings, 0x1p-6, M);
}

static void random_network(test_network *network, test_random *random) {
    network_clear(network);
    network->bias = llrint(ldexp(random_between(random, -1, 2), TS_WEIGHT_BITS));
    for (uint32_t j = 0; j < M; j++) {
        const double weight = random_between(random, -3, 3);
        network_set(network, j, (j + random_between(random, 0.2, 0.8)) / M, weight);
    }
}

typedef struct mean_step {
    double bias, weight[M], position[M];
} mean_step;

static mean_step mean_over_points(const ts_cell *cell, const test_network *network) {
    static test_network after;
    mean_step mean = {0};
    const int points = 1 << 16;
    for (int i = 0; i < points; i++) {
        step_copy(cell, network, i * (1 << 14) + (1 << 13), &after);
        mean.bias += ldexp((double)(after.bias - network->bias), -TS_WEIGHT_BITS) / points;
        for (uint32_t j = 0; j < M; j++) {
            const int64_t moved = ts_position(&after.neurons, j) - ts_position(&network->neurons, j);
            mean.weight[j] += ldexp((double)(after.weight[j] - network->weight[j]), -TS_WEIGHT_BITS) / points;
            mean.position[j] += ldexp((double)moved, -TS_POSITION_BITS) / points;
        }
    }
    return mean;
}

/* Central differences; the loss is a square in the weights, and smooth enough in the positions. */
static double slope(const ts_cell *cell, test_network *network, int64_t *weight, uint32_t j, double *position) {
    double losses[2];
    const double delta = weight ? 0x1p-6 : 0x1p-13;
    for (int side = 0; side < 2; side++) {
        const double change = side ? delta : -delta;
        if (weight) {
            const int64_t before = *weight;
            *weight += llrint(ldexp(change, TS_WEIGHT_BITS));
            losses[side] = network_loss(cell, network);
            *weight = before;
        } else {
            const int64_t before = ts_position(&network->neurons, j);
            ts_set_position(&network->neurons, j, llrint(ldexp(*position + change, TS_POSITION_BITS)));
            losses[side] = network_loss(cell, network);
            ts_set_position(&network->neurons, j, before);
        }
    }
    return (losses[1] - losses[0]) / (2 * delta);
}

static void mean_step_is_minus_h_times_the_gradient(void **state) {
    (void)state;
    test_random random = {5};
    static test_network network;
    ts_settings settings;
    const ts_cell cell = gradient_cell(&settings);
    const double h = settings.h, slow = settings.h * cell.parameter[TS_PARAMETER_EPSILON];
    for (int trial = 0; trial < 4; trial++) {
        random_network(&network, &random);
        const mean_step mean = mean_over_points(&cell, &network);
        assert_close(mean.bias, -h * slope(&cell, &network, &network.bias, 0, NULL), 2e-4 * h);
        for (uint32_t j = 0; j < M; j++) {
            double position = ldexp((double)ts_position(&network.neurons, j), -TS_POSITION_BITS);
            assert_close(mean.weight[j], -h * slope(&cell, &network, &network.weight[j], j, NULL), 2e-4 * h);
            assert_close(mean.position[j], -slow * slope(&cell, &network, NULL, j, &position), 2e-3 * slow);
        }
    }
}

static void positions_stop_at_the_limits(void **state) {
    (void)state;
    ts_settings settings = paper_settings();
    settings.h = 4;
    settings.slow_time = 4000;
    const ts_cell cell = ts_cell_of(&settings, 100, 1);
    static test_network network, after;
    for (int sign = -1; sign <= 1; sign += 2) {
        network_clear(&network);
        network_set(&network, 0, 0.5, sign * 3.0);
        step_copy(&cell, &network, 1 << 29, &after);
        const int64_t found = ts_position(&after.neurons, 0);
        /* residual 3 -+ 1.5 > 0 times a weight of this sign moves the neuron against the sign, far out */
        assert_true(found == (sign > 0 ? TS_POSITION_LOW : TS_POSITION_HIGH));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mean_step_is_minus_h_times_the_gradient),
        cmocka_unit_test(positions_stop_at_the_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
