/* What positions say, against a calculation in rationals, closed forms and the limit of narrow transitions. */
#include "events.h"
#include "support.h"

#include "base/order.h"
#include "model/positions.h"

__extension__ typedef __int128 wide;

static ts_cell cell_of(const ts_settings *settings, uint32_t neurons) {
    ts_settings complete = *settings;
    complete.h = 1e-3;
    complete.slow_time = 1;
    return ts_cell_of(&complete, 0.1, neurons);
}

static double position_loss(const ts_cell *cell, const test_network *network) {
    return ldexp((double)network_measured(cell, network).position_loss, -TS_LOSS_BITS);
}

/* What the target leaves in the cell [begin, end) beside its average, unit 2^-44, rounded down. */
static double rest_of(const ts_cell *cell, int64_t begin, int64_t end) {
    const wide length = end - begin;
    wide sum = 0, square = 0;
    for (int32_t k = 0; k <= cell->jump_count; k++) {
        const int32_t from = k > 0 ? cell->jump_point[k - 1] : 0;
        const int32_t to = k < cell->jump_count ? cell->jump_point[k] : TS_POINT_ONE;
        const int64_t low = from > begin ? from : begin, high = to < end ? to : end;
        if (low < high) {
            sum += (wide)cell->level[k] * (high - low);
            square += (wide)cell->level[k] * cell->level[k] * (high - low);
        }
    }
    const wide rest = (square * length - sum * sum) / length;
    return ldexp((double)rest, -34);
}

/* L(u), unit 2^-44, and the number of its parts. */
static double exact_loss(const ts_cell *cell, const test_network *network) {
    int64_t point[TS_MAX_NEURONS + 2];
    double sum = 0;
    for (uint32_t c = 0; c < cell->dimension; c++) {
        const uint32_t m = cell->of_coordinate;
        point[0] = 0;
        point[m + 1] = TS_POINT_ONE;
        for (uint32_t j = 0; j < m; j++)
            point[j + 1] = ts_clamp(network->high[c * m + j], 0, TS_POINT_ONE);
        qsort(point, m + 2, sizeof *point, ts_compare_int64);
        for (uint32_t j = 0; j <= m; j++)
            sum += point[j] < point[j + 1] ? rest_of(cell, point[j], point[j + 1]) : 0;
    }
    return sum;
}

static uint32_t exactly_missed(const ts_cell *cell, const test_network *network) {
    uint32_t missed = 0;
    for (uint32_t c = 0; c < cell->dimension; c++)
        for (int32_t k = 0; k < cell->jump_count; k++) {
            bool covered = false;
            for (uint32_t j = 0; j < cell->of_coordinate; j++)
                covered |= abs(network->high[c * cell->of_coordinate + j] - cell->jump_point[k]) <= cell->half_width;
            missed += !covered;
        }
    return missed;
}

static void random_positions_agree_with_rationals(void **state) {
    (void)state;
    test_random random = {5};
    static test_network network;
    double largest = 0;
    for (int trial = 0; trial < 4000; trial++) {
        ts_settings settings = paper_settings();
        settings.eta = pow(10, random_between(&random, -5, -1));
        settings.dimension = 1 + random_word(&random) % 3;
        settings.target_base = random_between(&random, -8, 8);
        settings.jump_count = random_word(&random) % 8;
        double jump = trial % 50 == 0 ? 1e-11 : random_between(&random, 1e-5, 0.1); /* 1e-11 is rounded to 0 */
        for (size_t k = 0; k < settings.jump_count; k++) {
            settings.jump_at[k] = jump;
            settings.jump_by[k] = random_between(&random, -7, 7);
            jump += random_between(&random, 1e-5, 0.12);
        }
        if (trial % 50 == 1 && settings.jump_count > 0) /* is rounded to 1 */
            settings.jump_at[settings.jump_count - 1] = 1 - 1e-11;
        const uint32_t m = 1 + (uint32_t)(random_word(&random) % (trial % 100 == 2 ? 400 : 12));
        const ts_cell cell = cell_of(&settings, m);
        network_clear(&network);
        for (uint32_t j = 0; j < cell.neurons; j++) {
            network.high[j] = random_event(&random, &cell, j > 0 ? network.high[j - 1] : 0);
            network.low[j] = (uint32_t)random_word(&random);
            network.weight[j] = (int64_t)(random_word(&random) >> 16); /* plays no part */
        }
        const ts_measurement found = network_measured(&cell, &network);
        const double exact = exact_loss(&cell, &network);
        const double parts = (double)settings.dimension * (double)(2 * settings.jump_count + 1);
        assert_close((double)found.position_loss, exact, parts);
        assert_int_equal(found.missed, exactly_missed(&cell, &network));
        largest = fmax(largest, exact);
    }
    assert_true(largest > 0x1p44);
}

/* Steps of 1 at 0.25 and 0.5: neurons at 0.2 and 0.6 leave a cell with two jumps. */
static void a_cell_with_two_jumps_by_hand(void **state) {
    (void)state;
    ts_settings settings = paper_settings();
    settings.target_base = -3;
    settings.jump_count = 2;
    settings.jump_at[0] = 0.25;
    settings.jump_at[1] = 0.5;
    settings.jump_by[0] = settings.jump_by[1] = 1;
    const ts_cell cell = cell_of(&settings, 2);
    static test_network network;
    network_clear(&network);
    network_set(&network, 0, 0.6, 3);
    network_set(&network, 1, 0.2, -5);
    /* lengths .05 .25 .1 of the values 0, 1, 2: mean 1.125 */
    assert_close(position_loss(&cell, &network), 0.05 * 1.265625 + 0.25 * 0.015625 + 0.1 * 0.765625, 1e-8);
    assert_int_equal(network_measured(&cell, &network).missed, 2);
}

static void neurons_on_all_jumps_leave_nothing(void **state) {
    (void)state;
    const ts_settings settings = paper_settings();
    const ts_cell cell = cell_of(&settings, 5);
    static test_network network;
    network_clear(&network);
    for (uint32_t j = 0; j < 5; j++)
        network_set(&network, j, settings.jump_at[j], 0); /* with no weights, the loss itself is large */
    for (uint32_t j = 0; j < 5; j++)
        network.high[j] = cell.jump_point[j];
    assert_int_equal(network_measured(&cell, &network).position_loss, 0);
    assert_int_equal(network_measured(&cell, &network).missed, 0);
    assert_true(network_measured(&cell, &network).loss > cell.success_loss);
    network.high[2] += cell.half_width;
    assert_int_equal(network_measured(&cell, &network).missed, 0);
    network.high[2]++;
    assert_int_equal(network_measured(&cell, &network).missed, 1);
    network.high[2] -= 2 * cell.half_width + 1;
    assert_int_equal(network_measured(&cell, &network).missed, 0);
    network.high[2]--;
    assert_int_equal(network_measured(&cell, &network).missed, 1);
}

static void without_neurons_inside_the_variance_is_left(void **state) {
    (void)state;
    const ts_settings settings = paper_settings();
    const ts_cell cell = cell_of(&settings, 2);
    static test_network network;
    network_clear(&network);
    network_set(&network, 0, -0.5, 1);
    network_set(&network, 1, 1.5, 1);
    assert_close(position_loss(&cell, &network), ts_target_variance(&settings), 1e-8);
}

/* Transitions so narrow that they are steps, and the best weights: the loss is the position loss. */
static void with_the_best_weights_the_loss_comes_to_it(void **state) {
    (void)state;
    ts_settings settings = paper_settings();
    settings.eta = 1e-5;
    const ts_cell cell = cell_of(&settings, 4);
    static test_network network;
    network_clear(&network);
    static const double position[6] = {0, 0.22, 0.3, 0.57, 0.9, 1};
    double before = 0;
    for (int j = 0; j < 5; j++) {
        const int32_t begin = (int32_t)llrint(position[j] * 0x1p30), end = (int32_t)llrint(position[j + 1] * 0x1p30);
        const double average = ldexp((double)ts_target_integral(&cell, begin, end) / (end - begin), -24);
        if (j == 0)
            network.bias = llrint(ldexp(average, TS_WEIGHT_BITS));
        else
            network_set(&network, (uint32_t)j - 1, position[j], average - before);
        before = average;
    }
    const ts_measurement found = network_measured(&cell, &network);
    assert_true(found.position_loss > INT64_C(1) << 40);
    /* each transition leaves up to eta times the squares of what it passes */
    assert_close(ldexp((double)(found.loss - found.position_loss), -TS_LOSS_BITS), 0, 4 * 1e-5 * 16);
}

static void rectified_linear_units_have_none(void **state) {
    (void)state;
    ts_settings settings = paper_settings();
    settings.activation = TS_ACTIVATION_RELU;
    settings.eta = 0;
    const ts_cell cell = cell_of(&settings, 2);
    static test_network network;
    network_clear(&network);
    assert_int_equal(network_measured(&cell, &network).position_loss, 0);
    assert_int_equal(network_measured(&cell, &network).missed, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_positions_agree_with_rationals),
        cmocka_unit_test(a_cell_with_two_jumps_by_hand),
        cmocka_unit_test(neurons_on_all_jumps_leave_nothing),
        cmocka_unit_test(without_neurons_inside_the_variance_is_left),
        cmocka_unit_test(with_the_best_weights_the_loss_comes_to_it),
        cmocka_unit_test(rectified_linear_units_have_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
