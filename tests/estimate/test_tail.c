/* Tails against tables: Abramowitz and Stegun 26.8 and 26.10. */
#include "estimate/tail.h"
#include "support.h"

static void tails_are_those_of_tables(void **state) {
    (void)state;
    assert_close(ts_chi_square_tail(3.841458820694124, 1), 0.05, 1e-12);
    assert_close(ts_chi_square_tail(5.991464547107979, 2), 0.05, 1e-12);
    assert_close(ts_chi_square_tail(7.814727903251179, 3), 0.05, 1e-12);
    assert_close(ts_chi_square_tail(18.307038053275146, 10), 0.05, 1e-12);
    assert_close(ts_chi_square_tail(11.34486673014437, 3), 0.01, 1e-12);
    assert_close(ts_chi_square_tail(1106.9690041, 1000), 0.01, 2e-4); /* far from where powers could be multiplied */
    assert_true(ts_chi_square_tail(0, 4) == 1);
    assert_true(isnan(ts_chi_square_tail(1, 0)) && isnan(ts_chi_square_tail(NAN, 2)));
}

/* The density falls on: each tail is the one before less the area between, here by Simpson's rule. */
static void tails_are_integrals(void **state) {
    (void)state;
    for (size_t freedom = 1; freedom < 40; freedom++)
        for (double at = 0.5; at < 60; at *= 1.5) {
            const double step = 1e-3, n = (double)freedom;
            double area = 0;
            for (int i = 0; i <= 2; i++) {
                const double x = at + step * i;
                area += (i == 1 ? 4 : 1) * exp((n / 2 - 1) * log(x / 2) - x / 2 - lgamma(n / 2)) / 2;
            }
            assert_close(ts_chi_square_tail(at, freedom) - ts_chi_square_tail(at + 2 * step, freedom), area * step / 3,
                         1e-13);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tails_are_those_of_tables),
        cmocka_unit_test(tails_are_integrals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
