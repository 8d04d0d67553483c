/* Rates and their intervals, plain and controlled by the limit. */
#include "estimate/rate.h"
#include "support.h"

static void wilson_is_that_of_the_formula(void **state) {
    (void)state;
    double rate, low, high;
    ts_rate_interval(81, 263, &rate, &low, &high); /* Newcombe 1998, table I: 0.2553 to 0.3662 */
    assert_close(rate, 81.0 / 263, 1e-15);
    assert_close(low, 0.2553, 5e-5);
    assert_close(high, 0.3662, 5e-5);
    ts_rate_interval(0, 20, &rate, &low, &high); /* 0 to 0.1611 */
    assert_true(rate == 0 && low == 0);
    assert_close(high, 0.1611, 5e-5);
    ts_rate_interval(20, 20, &rate, &low, &high);
    assert_true(rate == 1 && high == 1);
    ts_rate_interval(0, 0, &rate, &low, &high);
    assert_true(isnan(rate) && isnan(low) && isnan(high));
}

static void assert_plain(const uint64_t count[2][2], uint64_t successes, uint64_t starts) {
    double rate, low, high, plain, plain_low, plain_high;
    const uint64_t y = count[0][1] + count[1][1];
    ts_rate_controlled(count, successes, starts, &rate, &low, &high);
    ts_rate_interval((double)y, (double)(y + count[0][0] + count[1][0]), &plain, &plain_low, &plain_high);
    assert_true(rate == plain && low == plain_low && high == plain_high);
}

static void a_limit_that_tells_nothing_changes_nothing(void **state) {
    (void)state;
    assert_plain((const uint64_t[2][2]){{20, 4}, {10, 30}}, 40, 64); /* of the same starts and no more */
    assert_plain((const uint64_t[2][2]){{20, 4}, {10, 30}}, 0, 0);
    assert_plain((const uint64_t[2][2]){{0, 0}, {10, 30}}, 30000, 32768); /* a stratum is empty */
    assert_plain((const uint64_t[2][2]){{10, 30}, {0, 0}}, 3, 32768);
    double rate, low, high;
    ts_rate_controlled((const uint64_t[2][2]){{0, 0}, {0, 0}}, 3, 10, &rate, &low, &high);
    assert_true(isnan(rate) && isnan(low) && isnan(high));
}

/* Where trainings end as their limits do, the rate is that of the limit, known from many more starts. */
static void full_agreement_is_worth_the_starts_of_the_limit(void **state) {
    (void)state;
    double rate, low, high, plain, plain_low, plain_high;
    ts_rate_controlled((const uint64_t[2][2]){{128, 0}, {0, 128}}, 18000, 32768, &rate, &low, &high);
    ts_rate_interval(128, 256, &plain, &plain_low, &plain_high);
    assert_close(rate, 18000.0 / 32768, 1e-15);
    assert_true(low < rate && rate < high);
    assert_true(high - low < 0.4 * (plain_high - plain_low));
    ts_rate_controlled((const uint64_t[2][2]){{60, 20}, {8, 40}}, 20000, 32768, &rate, &low, &high);
    const double mu = 20000.0 / 32768;
    assert_close(rate, mu * 40 / 48 + (1 - mu) * 20 / 80, 1e-15);
}

static uint64_t successes(test_random *random, uint64_t n, double p) {
    uint64_t count = 0;
    for (uint64_t i = 0; i < n; i++)
        count += random_between(random, 0, 1) < p;
    return count;
}

/* Share of 95 per cent intervals that hold the rate, over a grid of rates: Wilson's own oscillates from case to case.
 */
static void controlled_intervals_hold_the_rate(void **state) {
    (void)state;
    const double rates[][2] = {{0.1, 0.9}, {0, 1}, {0, 0.7}, {0.05, 0.3}, {0.5, 0.5}, {0.8, 0.2}, {0, 0.1}, {1, 1}};
    const double limits[] = {0.02, 0.1, 0.5, 0.9, 0.98};
    const uint64_t trainings[] = {16, 64, 256};
    const int times = 1000;
    test_random random = {20260103};
    for (size_t of = 0; of < 3; of++) {
        double mean = 0, cases = 0;
        for (size_t i = 0; i < sizeof rates / sizeof *rates; i++)
            for (size_t k = 0; k < 5; k++) {
                const uint64_t n = trainings[of], starts = 4 * n;
                const double truth = limits[k] * rates[i][1] + (1 - limits[k]) * rates[i][0];
                int held = 0;
                for (int time = 0; time < times; time++) {
                    const uint64_t n1 = successes(&random, n, limits[k]);
                    const uint64_t y1 = successes(&random, n1, rates[i][1]),
                                   y0 = successes(&random, n - n1, rates[i][0]);
                    const uint64_t mu = n1 + successes(&random, starts - n, limits[k]);
                    double rate, low, high;
                    ts_rate_controlled((const uint64_t[2][2]){{n - n1 - y0, y0}, {n1 - y1, y1}}, mu, starts, &rate,
                                       &low, &high);
                    held += low <= truth && truth <= high;
                }
                if (!(held >= 0.89 * times))
                    fail_msg("n = %d, p0 = %g, p1 = %g, mu = %g: %d of %d intervals hold the rate", (int)n, rates[i][0],
                             rates[i][1], limits[k], held, times);
                mean += held;
                cases++;
            }
        mean /= cases * times;
        if (!(mean >= 0.945 && mean <= 0.98))
            fail_msg("n = %d: %.2f per cent of the intervals hold the rate", (int)trainings[of], 100 * mean);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wilson_is_that_of_the_formula),
        cmocka_unit_test(a_limit_that_tells_nothing_changes_nothing),
        cmocka_unit_test(full_agreement_is_worth_the_starts_of_the_limit),
        cmocka_unit_test(controlled_intervals_hold_the_rate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
