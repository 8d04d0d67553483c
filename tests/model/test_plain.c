/* Networks of rectified linear units and of several coordinates: their step, their start and their loss, against
 * formulas in float64 and against the step in one dimension. */
#include "support.h"

#include "model/plain.h"

static const double at[3] = {0.3, 0.5, 0.7};
static const double slopes[3] = {1, -2, 3};

static ts_settings relu_settings(void) {
    ts_settings settings = ts_settings_default();
    settings.activation = TS_ACTIVATION_RELU;
    settings.target_base = 0.25;
    settings.jump_count = 3;
    memcpy(settings.jump_at, at, sizeof at);
    memcpy(settings.jump_by, slopes, sizeof slopes);
    settings.h = 0x1p-7;
    settings.slow_time = 1;
    return settings;
}

static ts_settings additive_settings(size_t dimension) {
    ts_settings settings = paper_settings();
    settings.dimension = dimension;
    settings.eta = 0.06;
    settings.h = 0x1p-7;
    settings.slow_time = 1;
    return settings;
}

static double weight_of(const test_network *network, uint32_t j) {
    return ldexp((double)network->weight[j], -TS_WEIGHT_BITS);
}

static double position_of(const test_network *network, uint32_t j) {
    return ldexp((double)ts_position(&network->neurons, j), -TS_POSITION_BITS);
}

static void network_at_random(const ts_cell *cell, test_network *network, test_random *random) {
    network_clear(network);
    network->bias = llrint(ldexp(random_between(random, -2, 2), TS_WEIGHT_BITS));
    for (uint32_t j = 0; j < cell->neurons; j++) {
        const double weight = random_between(random, -3, 3);
        network_set(network, j, random_between(random, -0.1, 1.1), weight);
    }
}

/* One step of all coordinates by `lanes` lanes. `label`: f* + xi, unit 2^-24. */
static void plain_step(const ts_cell *cell, test_network *network, const int32_t point[TS_MAX_DIMENSION], int64_t label,
                       uint32_t lanes) {
    const uint32_t m = cell->of_coordinate;
    bool near[TS_MAX_LANES][TS_MAX_DIMENSION] = {{false}};
    int64_t sum = network->bias;
    for (uint32_t lane = 0; lane < lanes; lane++)
        for (uint32_t c = 0; c < cell->dimension; c++)
            sum +=
                ts_plain_forward(cell, &network->neurons, c * m + lane, lanes, (c + 1) * m, point[c], &near[lane][c]);
    const int64_t residual = ts_residual(ts_missing(label, sum), 0);
    assert_true(ts_residual_in_range(cell, residual));
    const ts_update update = ts_update_of(cell, (int32_t)residual);
    for (uint32_t lane = 0; lane < lanes; lane++)
        for (uint32_t c = 0; c < cell->dimension; c++)
            ts_plain_backward(cell, &network->neurons, c * m + lane, lanes, (c + 1) * m, point[c], near[lane][c],
                              update);
    network->bias += update.gradient;
}

static int64_t label_of(const ts_cell *cell, const int32_t point[TS_MAX_DIMENSION]) {
    int64_t label = 0;
    for (uint32_t c = 0; c < cell->dimension; c++)
        label += ts_plain_target(cell, c, point[c]);
    return label;
}

static void one_coordinate_of_steps_is_the_step_in_one_dimension(void **state) {
    (void)state;
    static test_network plain, network;
    const ts_settings settings = additive_settings(1);
    const ts_cell cell = ts_cell_of(&settings, 0.02, 30);
    test_random random = {5};
    network_at_random(&cell, &network, &random);
    plain = network;
    plain.neurons = (ts_neurons){plain.high, plain.low, plain.weight};
    ts_training training = ts_training_start(3);
    training.bias = network.bias;
    test_seen seen = {0};
    for (int p = 0; p < 5000; p++) {
        const ts_words block = ts_sample_block(&cell, 3, training.step);
        const ts_sample sample = ts_sample_of(&block, training.step);
        const int32_t point[TS_MAX_DIMENSION] = {sample.point};
        plain_step(&cell, &plain, point, label_of(&cell, point) + ts_noise(&cell, sample), 1);
        assert_true(network_step(&cell, &network, &training, sample, &seen));
        assert_true(plain.bias == training.bias);
    }
    assert_true(seen.in_transition > 1000);
    assert_memory_equal(plain.weight, network.weight, sizeof plain.weight);
    assert_memory_equal(plain.high, network.high, sizeof plain.high);
    assert_memory_equal(plain.low, network.low, sizeof plain.low);
}

static void lane_groups_share_every_network(void **state) {
    (void)state;
    static test_network alone, shared;
    test_random random = {6};
    for (int trial = 0; trial < 40; trial++) {
        ts_settings settings = trial % 2 ? relu_settings() : additive_settings(1 + random_word(&random) % 6);
        settings.dimension = 1 + random_word(&random) % 6;
        const ts_cell cell = ts_cell_of(&settings, 0.3, 1 + (uint32_t)(random_word(&random) % 40));
        network_at_random(&cell, &alone, &random);
        shared = alone;
        shared.neurons = (ts_neurons){shared.high, shared.low, shared.weight};
        int32_t point[TS_MAX_DIMENSION] = {0};
        for (uint32_t c = 0; c < cell.dimension; c++)
            point[c] = ts_point_of((uint32_t)random_word(&random));
        plain_step(&cell, &alone, point, label_of(&cell, point), 1);
        plain_step(&cell, &shared, point, label_of(&cell, point), 1 + (uint32_t)(random_word(&random) % 32));
        assert_true(alone.bias == shared.bias);
        assert_memory_equal(alone.weight, shared.weight, sizeof alone.weight);
        assert_memory_equal(alone.high, shared.high, sizeof alone.high);
        assert_memory_equal(alone.low, shared.low, sizeof alone.low);
    }
}

/* MODEL.md section 2 with sigma(z) = max(z, 0), z = x - u, written out in float64. */
static void relu_step_is_the_formula(void **state) {
    (void)state;
    static test_network network, before;
    const ts_settings settings = relu_settings();
    const double epsilon = 0.25;
    test_random random = {7};
    int moved = 0;
    for (int trial = 0; trial < 200; trial++) {
        const ts_cell cell = ts_cell_of(&settings, epsilon, 9);
        network_at_random(&cell, &network, &random);
        before = network;
        before.neurons = (ts_neurons){before.high, before.low, before.weight};
        const int32_t point[TS_MAX_DIMENSION] = {ts_point_of((uint32_t)random_word(&random))};
        plain_step(&cell, &network, point, label_of(&cell, point), 1);

        const double x = ldexp(point[0], -TS_POINT_BITS);
        double r = settings.target_base - ldexp((double)before.bias, -TS_WEIGHT_BITS);
        for (int k = 0; k < 3; k++)
            r += slopes[k] * fmax(x - at[k], 0);
        for (uint32_t j = 0; j < 9; j++)
            r -= weight_of(&before, j) * fmax(x - position_of(&before, j), 0);
        for (uint32_t j = 0; j < 9; j++) {
            const double on = x > position_of(&before, j), beyond = fmax(x - position_of(&before, j), 0);
            const double weight = weight_of(&before, j) + 2 * settings.h * r * beyond;
            const double position = position_of(&before, j) - 2 * settings.h * epsilon * r * weight_of(&before, j) * on;
            assert_close(weight_of(&network, j), weight, 1e-8);
            assert_close(position_of(&network, j), position, 1e-8);
            moved += fabs(position - position_of(&before, j)) > 1e-4;
        }
        assert_close(ldexp((double)(network.bias - before.bias), -TS_WEIGHT_BITS), 2 * settings.h * r, 1e-8);
    }
    assert_true(moved > 500);
}

static void target_is_a_polygon_of_slopes(void **state) {
    (void)state;
    const ts_settings settings = relu_settings();
    const ts_cell cell = ts_cell_of(&settings, 0.1, 1);
    for (int i = 0; i < 1000; i++) {
        const double x = i / 1000.0;
        const int32_t point = (int32_t)lrint(ldexp(x, TS_POINT_BITS));
        const double value = settings.target_base + fmax(x - 0.3, 0) - 2 * fmax(x - 0.5, 0) + 3 * fmax(x - 0.7, 0);
        assert_close(ldexp(ts_relu_target(&cell, point), -TS_VALUE_BITS), value, 0x1p-23);
    }
}

static void base_of_the_target_counts_once(void **state) {
    (void)state;
    const ts_settings settings = additive_settings(3);
    const ts_cell cell = ts_cell_of(&settings, 0.1, 1);
    const int32_t left[TS_MAX_DIMENSION] = {0}, quarter = 1 << 28, right = (1 << 30) - 1;
    const int32_t mixed[TS_MAX_DIMENSION] = {quarter, 0, right}; /* +4 at 0.25, +4 at 1 */
    assert_close(ldexp((double)label_of(&cell, left), -TS_VALUE_BITS), 1, 1e-9);
    assert_close(ldexp((double)label_of(&cell, mixed), -TS_VALUE_BITS), 1 + 4 + 4, 1e-9);
}

/* ---- the loss */

/* What coordinate c adds to f* - f; base and bias not included. */
static double part_of(const ts_settings *settings, const test_network *network, uint32_t m, uint32_t c, double x) {
    const bool relu = settings->activation == TS_ACTIVATION_RELU;
    double value = 0;
    for (size_t k = 0; k < settings->jump_count; k++)
        if (settings->jump_at[k] <= x)
            value += settings->jump_by[k] * (relu ? x - settings->jump_at[k] : 1);
    for (uint32_t j = c * m; j < (c + 1) * m; j++) {
        const double u = ldexp(network->high[j], -30), z = (x - u) / settings->eta;
        const double smooth = z <= -0.5 ? 0 : z >= 0.5 ? 1 : z < 0 ? 4 * pow(z + 0.5, 3) : 1 - 4 * pow(0.5 - z, 3);
        value -= weight_of(network, j) * (relu ? fmax(x - u, 0) : smooth);
    }
    return value;
}

static void relu_loss_agrees_with_a_fine_midpoint_rule(void **state) {
    (void)state;
    static test_network network;
    test_random random = {8};
    const ts_settings settings = relu_settings();
    for (int trial = 0; trial < 12; trial++) {
        const ts_cell cell = ts_cell_of(&settings, 0.1, 1 + (uint32_t)(random_word(&random) % 12));
        network_at_random(&cell, &network, &random);
        const double left = settings.target_base - ldexp((double)network.bias, -TS_WEIGHT_BITS);
        double sum = 0;
        const int points = 200000;
        for (int i = 0; i < points; i++)
            sum += pow(left + part_of(&settings, &network, cell.neurons, 0, (i + 0.5) / points), 2);
        assert_close(network_loss(&cell, &network) / (sum / points), 1, 1e-6);
    }
}

/* Over the square, point by point: what the loss is by definition, without the formula that takes it apart. */
static void loss_in_two_dimensions_is_the_mean_over_the_square(void **state) {
    (void)state;
    static test_network network;
    static double part[2][2000];
    test_random random = {9};
    for (int trial = 0; trial < 12; trial++) {
        ts_settings settings = trial % 2 ? relu_settings() : additive_settings(2);
        settings.dimension = 2;
        settings.eta = trial % 2 ? 0 : 0.2;
        const ts_cell cell = ts_cell_of(&settings, 0.1, 1 + (uint32_t)(random_word(&random) % 6));
        network_at_random(&cell, &network, &random);
        const double left = settings.target_base - ldexp((double)network.bias, -TS_WEIGHT_BITS);
        for (uint32_t c = 0; c < 2; c++)
            for (int i = 0; i < 2000; i++)
                part[c][i] = part_of(&settings, &network, cell.of_coordinate, c, (i + 0.5) / 2000);
        double sum = 0;
        for (int i = 0; i < 2000; i++)
            for (int k = 0; k < 2000; k++)
                sum += pow(left + part[0][i] + part[1][k], 2);
        assert_close(network_loss(&cell, &network) / (sum / 4e6), 1, 2e-3); /* jumps between two points */
    }
}

static void perfect_networks_leave_nothing(void **state) {
    (void)state;
    static test_network network;
    for (uint32_t dimension = 1; dimension <= TS_MAX_DIMENSION; dimension++) {
        ts_settings settings = relu_settings();
        settings.dimension = dimension;
        const ts_cell cell = ts_cell_of(&settings, 0.1, 3);
        network_clear(&network);
        network.bias = llrint(ldexp(settings.target_base, TS_WEIGHT_BITS));
        for (uint32_t j = 0; j < 3 * dimension; j++)
            network_set(&network, j, at[j % 3], slopes[j % 3]);
        assert_close(network_loss(&cell, &network), 0, 1e-12);
        network_clear(&network);
        settings.target_base = 0;
        const double mean = (0.7 * 0.7 - 2 * 0.5 * 0.5 + 3 * 0.3 * 0.3) / 2 * dimension;
        network.bias = llrint(ldexp(settings.target_base + 0.25 + mean, TS_WEIGHT_BITS));
        assert_close(network_loss(&cell, &network), ts_target_variance(&settings), 1e-6 * dimension);
    }
}

static void floor_grows_with_the_dimension(void **state) {
    (void)state;
    static test_network network;
    const ts_settings settings = additive_settings(4);
    const ts_cell cell = ts_cell_of(&settings, 0.1, 5);
    network_clear(&network);
    network.bias = INT64_C(1) << TS_WEIGHT_BITS;
    for (uint32_t j = 0; j < 20; j++)
        network_set(&network, j, settings.jump_at[j % 5], settings.jump_by[j % 5]);
    assert_close(network_loss(&cell, &network), ts_loss_floor(&settings), 1e-7);
    assert_close(ts_loss_floor(&settings), 4 * 0.06 / 28 * (16 + 16 + 4 + 4 + 16), 1e-12);
}

/* ---- the start */

static void start_weights_are_uniform(void **state) {
    (void)state;
    ts_settings settings = additive_settings(2);
    settings.start_weight = 3;
    const ts_cell cell = ts_cell_of(&settings, 0.1, 100);
    double sum = 0, square = 0, least = 3, most = 0;
    for (uint32_t replicate = 0; replicate < 100; replicate++)
        for (uint32_t j = 0; j < 200; j++) {
            const double weight = ldexp((double)ts_start_weight(&cell, replicate, j), -TS_WEIGHT_BITS);
            assert_true(weight >= 0 && weight < 3);
            sum += weight;
            square += weight * weight;
            least = fmin(least, weight);
            most = fmax(most, weight);
        }
    assert_close(sum / 20000, 1.5, 4 * sqrt(0.75 / 20000)); /* four standard deviations */
    assert_close(square / 20000, 3, 4 * sqrt(7.2 / 20000));
    assert_true(least < 0.001 && most > 2.999);
}

static void coordinates_have_words_of_their_own(void **state) {
    (void)state;
    ts_settings settings = additive_settings(TS_MAX_DIMENSION);
    const ts_cell cell = ts_cell_of(&settings, 0.1, 1);
    static int32_t point[4 * TS_MAX_DIMENSION];
    int count = 0;
    for (uint64_t step = 0; step < 4; step++) {
        const ts_words block = ts_sample_block(&cell, 7, step);
        point[count] = ts_sample_of(&block, step).point;
        ts_further_points(&cell, 7, step, &point[count]);
        count += TS_MAX_DIMENSION;
    }
    for (int i = 0; i < count; i++)
        for (int k = 0; k < i; k++)
            assert_true(point[i] != point[k]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_coordinate_of_steps_is_the_step_in_one_dimension),
        cmocka_unit_test(lane_groups_share_every_network),
        cmocka_unit_test(relu_step_is_the_formula),
        cmocka_unit_test(target_is_a_polygon_of_slopes),
        cmocka_unit_test(base_of_the_target_counts_once),
        cmocka_unit_test(relu_loss_agrees_with_a_fine_midpoint_rule),
        cmocka_unit_test(loss_in_two_dimensions_is_the_mean_over_the_square),
        cmocka_unit_test(perfect_networks_leave_nothing),
        cmocka_unit_test(floor_grows_with_the_dimension),
        cmocka_unit_test(start_weights_are_uniform),
        cmocka_unit_test(coordinates_have_words_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
