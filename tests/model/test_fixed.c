/* Rounded products against 128-bit arithmetic. */
#include "support.h"

#include "model/activation.h"

__extension__ typedef __int128 wide;

static wide round_wide(wide v, int n) {
    return n <= 0 ? v * ((wide)1 << -n) : (v + ((wide)1 << (n - 1))) >> n;
}

static int64_t saturated(wide v) {
    return v > INT64_MAX ? INT64_MAX : v < INT64_MIN ? INT64_MIN : (int64_t)v;
}

/* A signed number of random size, so that small and large ones are equally frequent. */
static int64_t random_signed(test_random *random) {
    return (int64_t)random_word(random) >> (random_word(random) % 64);
}

static void unit_products_are_exact_before_rounding(void **state) {
    (void)state;
    test_random random = {1};
    for (int i = 0; i < 200000; i++) {
        const int64_t v = random_signed(&random);
        const int32_t factor = i % 100 == 0 ? 1 << 30 : (int32_t)(random_word(&random) >> 34);
        assert_true(ts_multiply_unit(v, factor) == (int64_t)round_wide((wide)v * factor, 30));
    }
    assert_true(ts_multiply_unit(INT64_MIN, 1 << 30) == INT64_MIN);
    assert_true(ts_multiply_unit(INT64_MAX, 1 << 30) == INT64_MAX);
}

static void saturated_products_are_exact_inside_their_range(void **state) {
    (void)state;
    test_random random = {2};
    for (int i = 0; i < 1000000; i++) {
        const int64_t v = random_signed(&random);
        const int32_t factor = (int32_t)(random_signed(&random) >> 32);
        const int n = (int)(random_word(&random) % 95) - 20 + (int)(random_word(&random) % 21);
        const int shift = n > 94 ? 94 : n;
        const int64_t expected = saturated(round_wide((wide)v * factor, shift));
        const int64_t found = ts_multiply_saturated(v, factor, shift);
        /* what lies beyond 7/8 of the range may saturate early: no position can move that far */
        const bool large = expected > INT64_MAX / 8 * 7 || expected < INT64_MIN / 8 * 7;
        if (large ? (found > 0) != (expected > 0) || llabs(found / 8) < INT64_MAX / 64 * 7 : found != expected)
            fail_msg("%lld * %d / 2^%d: found %lld, expected %lld", (long long)v, factor, shift, (long long)found,
                     (long long)expected);
    }
}

static void factors_keep_31_bits(void **state) {
    (void)state;
    const double values[] = {1, 0.1, 3e-17, 335.5, 0x1p-7, 1 - 0x1p-40};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        const ts_factor factor = ts_factor_of(values[i]);
        assert_true(factor.multiplier >= 1 << 30);
        assert_close(ldexp(factor.multiplier, -factor.shift) / values[i], 1, 0x1p-31);
    }
    assert_int_equal(ts_factor_of(0).multiplier, 0);
}

static void activation_is_the_cubic(void **state) {
    (void)state;
    const double widths[] = {1e-5, 4e-3, 0.1, 0x1p-9, 0.5};
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        ts_settings settings = paper_settings();
        settings.eta = widths[i];
        settings.h = 1e-3;
        settings.slow_time = 1;
        const ts_cell cell = ts_cell_of(&settings, 0.1, 20);
        assert_int_equal(ts_sigma(ts_transition_phase(&cell, 0)), 0);
        assert_close(ts_sigma(ts_transition_phase(&cell, cell.half_width)), 1 << 29, 4);
        for (int32_t t = 0; t < cell.width; t += 1 + cell.width / 1013) {
            const double z = (double)t / cell.width - 0.5;
            const double sigma = z < 0 ? 4 * pow(z + 0.5, 3) : 1 - 4 * pow(0.5 - z, 3);
            const int32_t phase = ts_transition_phase(&cell, t);
            assert_close(ldexp(ts_sigma(phase), -30), sigma, 0x1p-28);
            assert_close(ldexp(ts_relative_derivative(&cell, phase), -30), pow(1 - 2 * fabs(z), 2), 0x1p-28);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unit_products_are_exact_before_rounding),
        cmocka_unit_test(saturated_products_are_exact_inside_their_range),
        cmocka_unit_test(factors_keep_31_bits),
        cmocka_unit_test(activation_is_the_cubic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
