/* The exact loss against closed forms and against an independent quadrature. */
#include "support.h"

#include "model/loss.h"

static ts_cell cell_of(const ts_settings *settings, uint32_t neurons) {
    ts_settings complete = *settings;
    complete.h = 1e-3;
    complete.slow_time = 1;
    return ts_cell_of(&complete, 0.1, neurons);
}

static void zero_network_leaves_the_square_of_the_target(void **state) {
    (void)state;
    const ts_settings settings = paper_settings();
    const ts_cell cell = cell_of(&settings, 3);
    test_network network;
    network_clear(&network);
    /* values 1, 5, 1, 3, 1, 5 on pieces of 0.2, 0.15, 0.15, 0.15, 0.15, 0.2 */
    assert_close(network_loss(&cell, &network), 0.2 * 26 + 0.15 * (25 + 1 + 9 + 1), 1e-8);
}

static void one_neuron_on_each_jump_leaves_the_floor(void **state) {
    (void)state;
    const ts_settings settings = paper_settings();
    const ts_cell cell = cell_of(&settings, 5);
    test_network network;
    network_clear(&network);
    network.bias = INT64_C(1) << TS_WEIGHT_BITS;
    for (uint32_t j = 0; j < 5; j++)
        network_set(&network, j, settings.jump_at[j], settings.jump_by[j]);
    assert_close(ts_loss_floor(&settings), 4e-3 / 28 * (16 + 16 + 4 + 4 + 16), 1e-16);
    assert_close(network_loss(&cell, &network), ts_loss_floor(&settings), 1e-8);
}

static void constant_fit_leaves_the_variance(void **state) {
    (void)state;
    const ts_settings settings = paper_settings();
    const ts_cell cell = cell_of(&settings, 1);
    test_network network;
    network_clear(&network);
    const double mean = 1 * 0.2 + 5 * 0.15 + 1 * 0.15 + 3 * 0.15 + 1 * 0.15 + 5 * 0.2;
    network.bias = llrint(ldexp(mean, TS_WEIGHT_BITS));
    network_set(&network, 0, 1.4, 77); /* outside: no influence */
    assert_close(network_loss(&cell, &network), ts_target_variance(&settings), 1e-8);
}

/* f* - f in float64 from the definition. */
static double difference(const ts_settings *settings, const test_network *network, uint32_t m, double x) {
    double value = settings->target_base - ldexp((double)network->bias, -TS_WEIGHT_BITS);
    for (size_t k = 0; k < settings->jump_count; k++)
        value += settings->jump_at[k] <= x ? settings->jump_by[k] : 0;
    for (uint32_t j = 0; j < m; j++) {
        const double z = (x - ldexp(network->high[j], -30)) / settings->eta;
        const double sigma = z <= -0.5 ? 0 : z >= 0.5 ? 1 : z < 0 ? 4 * pow(z + 0.5, 3) : 1 - 4 * pow(0.5 - z, 3);
        value -= ldexp((double)network->weight[j], -TS_WEIGHT_BITS) * sigma;
    }
    return value;
}

static void random_networks_agree_with_a_fine_midpoint_rule(void **state) {
    (void)state;
    test_random random = {3};
    static test_network network;
    for (int trial = 0; trial < 12; trial++) {
        ts_settings settings = paper_settings();
        settings.eta =
            random_between(&random, 0.01, 0.14); /* wide: transitions overlap each other, jumps and the ends */
        const uint32_t m = 1 + (uint32_t)(random_word(&random) % 12);
        const ts_cell cell = cell_of(&settings, m);
        network_clear(&network);
        network.bias = llrint(ldexp(random_between(&random, -2, 2), TS_WEIGHT_BITS));
        for (uint32_t j = 0; j < m; j++) {
            const double weight = random_between(&random, -5, 5);
            network_set(&network, j, random_between(&random, -0.1, 1.1), weight);
        }
        if (m > 2)
            network_set(&network, 1, ldexp(network.high[0], -30), 3); /* two at the same place */
        const int points = 1000000;
        double sum = 0;
        for (int i = 0; i < points; i++)
            sum += pow(difference(&settings, &network, m, (i + 0.5) / points), 2);
        assert_close(network_loss(&cell, &network), sum / points, 1e-6);
    }
}

static void loss_does_not_depend_on_the_order_of_neurons(void **state) {
    (void)state;
    test_random random = {4};
    static test_network network, reversed;
    const ts_settings settings = paper_settings();
    const ts_cell cell = cell_of(&settings, 50);
    network_clear(&network);
    network_clear(&reversed);
    for (uint32_t j = 0; j < 50; j++) {
        const double position = random_between(&random, 0, 1), weight = random_between(&random, -1, 1);
        network_set(&network, j, position, weight);
        network_set(&reversed, 49 - j, position, weight);
    }
    assert_true(network_loss(&cell, &network) == network_loss(&cell, &reversed));
}

static void huge_values_saturate(void **state) {
    (void)state;
    const ts_settings settings = paper_settings();
    const ts_cell cell = cell_of(&settings, 1);
    test_network network;
    network_clear(&network);
    network.bias = -(INT64_C(1) << 62);
    network_set(&network, 0, 0.5, -16000);
    assert_close(network_loss(&cell, &network), 0x1p18, 1e-6);
}

/* Jumps whose breakpoints are the same in units of 2^-30, or 0: the stretch behind them counts once. */
static void jumps_that_rounding_brings_together_count_once(void **state) {
    (void)state;
    test_network network;
    network_clear(&network);
    ts_settings settings = ts_settings_default();
    settings.eta = 0.05;
    settings.target_base = -0.3;
    settings.jump_count = 2;
    settings.jump_at[0] = 2e-10, settings.jump_by[0] = 2.5;
    settings.jump_at[1] = 0.6, settings.jump_by[1] = -1;
    ts_cell cell = cell_of(&settings, 3);
    assert_close(network_loss(&cell, &network), 0.6 * 2.2 * 2.2 + 0.4 * 1.2 * 1.2, 2e-7);

    settings.eta = 0;
    settings.activation = TS_ACTIVATION_RELU;
    settings.target_base = 0;
    static const double at[][3] = {{0.5, 0.50000000011, 0.5000000002}, {1e-10, 2e-10, 0.5}, {1e-10, 0.5, 0.5000000002}};
    for (int i = 0; i < 3; i++)
        for (uint32_t dimension = 1; dimension <= 3; dimension++) {
            double square = 0, mean = 0; /* of the target along a coordinate, by Simpson's rule between its corners */
            settings.dimension = dimension;
            settings.jump_count = 3;
            for (int k = 0; k < 3; k++)
                settings.jump_at[k] = at[i][k], settings.jump_by[k] = 1 + k;
            for (int k = 0; k < 3; k++) {
                const double low = at[i][k], high = k < 2 ? at[i][k + 1] : 1;
                double value[3] = {0, 0, 0};
                for (int p = 0; p < 3; p++)
                    for (int q = 0; q <= k; q++)
                        value[p] += settings.jump_by[q] * (low + (high - low) * p / 2 - at[i][q]);
                square += (high - low) / 6 * (pow(value[0], 2) + 4 * pow(value[1], 2) + pow(value[2], 2));
                mean += (high - low) / 6 * (value[0] + 4 * value[1] + value[2]);
            }
            cell = cell_of(&settings, 2);
            const double expected = dimension * (square - mean * mean) + pow(dimension * mean, 2);
            assert_close(network_loss(&cell, &network), expected, 2e-7 * dimension * dimension);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zero_network_leaves_the_square_of_the_target),
        cmocka_unit_test(one_neuron_on_each_jump_leaves_the_floor),
        cmocka_unit_test(constant_fit_leaves_the_variance),
        cmocka_unit_test(random_networks_agree_with_a_fine_midpoint_rule),
        cmocka_unit_test(loss_does_not_depend_on_the_order_of_neurons),
        cmocka_unit_test(huge_values_saturate),
        cmocka_unit_test(jumps_that_rounding_brings_together_count_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
