/* The probability of at least two neurons in every piece: published values, formulas, counting. */
#include "oracle.h"
#include "theory/start.h"
#include "theory/start_condition.h"

static ts_settings with_jumps(size_t count, const double *at) {
    ts_settings settings = ts_settings_default();
    settings.jump_count = count;
    for (size_t k = 0; k < count; k++) {
        settings.jump_at[k] = at[k];
        settings.jump_by[k] = 1;
    }
    return settings;
}

static ts_settings with_equal_pieces(size_t pieces) {
    double at[TS_MAX_JUMPS];
    for (size_t k = 0; k + 1 < pieces; k++)
        at[k] = (double)(k + 1) / (double)pieces;
    return with_jumps(pieces - 1, at);
}

static void the_target_of_the_paper_has_the_known_values(void **state) {
    (void)state;
    const ts_settings settings = paper_settings();
    assert_close(ts_start_condition_probability(&settings, 20), 0.3362, 0.00005);
    assert_close(ts_start_condition_probability(&settings, 40), 0.9490, 0.00005);
    assert_true(ts_start_condition_probability(&settings, 11) == 0); /* six pieces */
    assert_true(ts_start_condition_probability(&settings, 12) > 0);
}

static void one_piece_needs_two_neurons(void **state) {
    (void)state;
    const ts_settings settings = with_equal_pieces(1);
    for (uint32_t m = 0; m < 5; m++)
        assert_true(ts_start_condition_probability(&settings, m) == (m >= 2));
    assert_true(ts_start_condition_probability(&settings, TS_MAX_NEURONS) == 1);
}

static void two_pieces_follow_the_binomial_distribution(void **state) {
    (void)state;
    const double lengths[] = {1e-5, 0.001, 0.1, 0.5, 0.9, 0.9999};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
        for (uint32_t m = 1; m <= TS_MAX_NEURONS; m = m * 3 / 2 + 1) {
            const ts_settings settings = with_jumps(1, &lengths[i]);
            const double p = lengths[i], q = 1 - p;
            const double few_left = pow(q, m) + m * p * pow(q, m - 1), few_right = pow(p, m) + m * q * pow(p, m - 1);
            const double expected = m < 4 ? 0 : 1 - few_left - few_right;
            assert_close(ts_start_condition_probability(&settings, m), expected, 1e-12);
        }
}

/* Equal pieces, n neurons: with two in each at n = 2 pieces, (2 pieces)! / (2^pieces pieces^(2 pieces)). */
static void small_probabilities_keep_their_digits(void **state) {
    (void)state;
    for (size_t pieces = 1; pieces <= 64; pieces++) {
        const ts_settings settings = with_equal_pieces(pieces);
        double expected = 1;
        for (size_t k = 1; k <= pieces; k++)
            expected *= (double)(2 * k) * (double)(2 * k - 1) / (2.0 * (double)pieces * (double)pieces);
        assert_close(ts_start_condition_probability(&settings, (uint32_t)(2 * pieces)), expected, 1e-12 * expected);
    }
}

/* The generating function as it stands in MODEL.md, multiplied out. Extended range, no cancellation: all is positive.
 */
static void it_is_the_coefficient_of_the_generating_function(void **state) {
    (void)state;
    test_random random = {9};
    enum { MOST = 200 };
    for (int i = 0; i < 10; i++) {
        const ts_settings settings = i == 0 ? with_equal_pieces(40) : random_target(&random, 12);
        long double product[MOST + 1] = {1}, factorial = 1;
        double probability[MOST + 1];
        for (size_t k = 0; k <= settings.jump_count; k++) {
            const long double p = (k == settings.jump_count ? 1.0L : (long double)settings.jump_at[k]) -
                                  (k == 0 ? 0.0L : (long double)settings.jump_at[k - 1]);
            long double term[MOST + 1] = {1}, next[MOST + 1] = {0};
            for (int n = 1; n <= MOST; n++)
                term[n] = term[n - 1] * p / n;
            for (int n = 2; n <= MOST; n++)
                for (int j = 0; j + n <= MOST; j++)
                    next[n + j] += term[n] * product[j];
            memcpy(product, next, sizeof product);
        }
        ts_start_condition_probabilities(&settings, MOST, probability);
        for (int m = 0; m <= MOST; m++) {
            factorial *= m > 0 ? m : 1;
            const double expected = (double)(factorial * product[m]);
            assert_close(probability[m], expected, 1e-12 * expected);
        }
    }
}

static void counting_starts_agrees(void **state) {
    (void)state;
    test_random random = {10};
    const uint32_t sizes[] = {14, 20, 40};
    const int trials = 40000;
    const ts_settings settings = paper_settings();
    for (int i = 0; i < 3; i++) {
        int covered = 0;
        double u[40];
        for (int trial = 0; trial < trials; trial++) {
            for (uint32_t j = 0; j < sizes[i]; j++)
                u[j] = random_between(&random, 0, 1);
            covered += is_covered(&settings, u, sizes[i]);
        }
        const double p = ts_start_condition_probability(&settings, sizes[i]);
        assert_close((double)covered / trials, p, 4 * sqrt(p * (1 - p) / trials));
    }
}

static void a_large_network_is_covered(void **state) {
    (void)state;
    const ts_settings settings = with_equal_pieces(64);
    double probability[TS_MAX_NEURONS + 1];
    ts_start_condition_probabilities(&settings, TS_MAX_NEURONS, probability);
    for (uint32_t m = 128; m < TS_MAX_NEURONS; m++)
        assert_true(probability[m] > 0 && probability[m] <= probability[m + 1] + 1e-14 && probability[m] <= 1);
    assert_close(probability[TS_MAX_NEURONS], 1, 1e-11);
}

static void equispaced_starts_meet_it_or_not(void **state) {
    (void)state;
    ts_settings settings = paper_settings();
    settings.init = TS_INIT_EQUISPACED;
    double probability[65];
    ts_start_condition_probabilities(&settings, 64, probability);
    for (uint32_t m = 0; m <= 64; m++) {
        double u[64];
        for (uint32_t j = 0; j < m; j++)
            u[j] = (j + 0.5) / m;
        assert_true(probability[m] == is_covered(&settings, u, m));
        assert_true(ts_start_condition_probability(&settings, m) == probability[m]);
    }
    assert_true(probability[10] == 0 && probability[64] == 1);
}

/* All ways of neurons j, j + 1, ... into pieces, `count` of which are there already. */
static double every_way(const ts_settings *settings, uint32_t m, uint32_t j, int *count) {
    double sum = 0;
    bool covered = true;
    for (size_t k = 0; k <= settings->jump_count; k++) {
        covered = covered && count[k] >= 2;
        if (j == m)
            continue;
        const double low = k == 0 ? 0 : settings->jump_at[k - 1];
        const double high = k == settings->jump_count ? 1 : settings->jump_at[k];
        const double here = (fmin(high, (j + 1.0) / m) - fmax(low, (double)j / m)) * m;
        count[k]++;
        sum += here > 0 ? here * every_way(settings, m, j + 1, count) : 0;
        count[k]--;
    }
    return j < m ? sum : covered;
}

static void stratified_starts_are_summed_over_all_their_ways(void **state) {
    (void)state;
    test_random random = {12};
    double within = 0;
    for (int i = 0; i < 300; i++) {
        ts_settings settings = i == 0 ? with_equal_pieces(3) : random_target(&random, 1 + (size_t)i % 5);
        settings.init = TS_INIT_STRATIFIED;
        double probability[17];
        ts_start_condition_probabilities(&settings, 16, probability);
        for (uint32_t m = 0; m <= 16; m++) {
            int count[TS_MAX_JUMPS + 1] = {0};
            assert_close(probability[m], every_way(&settings, m, 0, count), 1e-12);
            assert_true(ts_start_condition_probability(&settings, m) == probability[m]);
            within += probability[m] > 0.01 && probability[m] < 0.99;
        }
    }
    assert_true(within > 100);
}

/* The starts of trainings themselves: this is the probability of what the program draws. */
static void counting_stratified_starts_of_the_program_agrees(void **state) {
    (void)state;
    test_random random = {13};
    const int trials = 20000;
    for (int i = 0; i < 6; i++) {
        ts_settings settings = i == 0 ? paper_settings() : random_target(&random, 5);
        settings.init = TS_INIT_STRATIFIED;
        settings.eta = 4e-3;
        settings.h = 1e-3;
        settings.slow_time = 1;
        const uint32_t m = 13 + (uint32_t)i % 2 * 5;
        const ts_cell cell = ts_cell_of(&settings, 0.1, m);
        int covered = 0;
        double u[20] = {0};
        for (int trial = 0; trial < trials; trial++) {
            ts_limit_start(&cell, (uint32_t)trial, u);
            covered += is_covered(&settings, u, m);
        }
        const double p = ts_start_condition_probability(&settings, m);
        printf("m = %u: %g, counted %g\n", m, p, (double)covered / trials);
        assert_close((double)covered / trials, p, 4 * sqrt(p * (1 - p) / trials));
    }
}

static void stratified_starts_always_meet_it_from_some_size_on(void **state) {
    (void)state;
    ts_settings settings = paper_settings();
    settings.init = TS_INIT_STRATIFIED;
    double probability[TS_MAX_NEURONS + 1];
    ts_start_condition_probabilities(&settings, TS_MAX_NEURONS, probability);
    for (uint32_t m = 18; m <= TS_MAX_NEURONS; m++)
        assert_close(probability[m], 1, 1e-12);
    assert_true(probability[11] == 0 && probability[12] > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_target_of_the_paper_has_the_known_values),
        cmocka_unit_test(one_piece_needs_two_neurons),
        cmocka_unit_test(two_pieces_follow_the_binomial_distribution),
        cmocka_unit_test(small_probabilities_keep_their_digits),
        cmocka_unit_test(it_is_the_coefficient_of_the_generating_function),
        cmocka_unit_test(counting_starts_agrees),
        cmocka_unit_test(a_large_network_is_covered),
        cmocka_unit_test(equispaced_starts_meet_it_or_not),
        cmocka_unit_test(stratified_starts_are_summed_over_all_their_ways),
        cmocka_unit_test(counting_stratified_starts_of_the_program_agrees),
        cmocka_unit_test(stratified_starts_always_meet_it_from_some_size_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
