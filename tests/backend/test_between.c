/* What lies between a few measurements. */
#include "backend/between.h"
#include "support.h"

static void places_are_spread_from_end_to_end(void **state) {
    (void)state;
    for (size_t all = 1; all < 40; all++)
        for (size_t few = 1; few <= all; few++) {
            assert_int_equal(ts_spread(0, few, all), 0);
            if (few > 1)
                assert_int_equal(ts_spread(few - 1, few, all), all - 1);
            for (size_t k = 1; k < few; k++)
                assert_true(ts_spread(k, few, all) > ts_spread(k - 1, few, all));
        }
}

static void values_are_linear_between_places_and_constant_outside(void **state) {
    (void)state;
    const double at[] = {1, 2, 4}, value[] = {10, 20, 0};
    const double expected[][2] = {{0, 10}, {1, 10}, {1.5, 15}, {2, 20}, {3, 10}, {4, 0}, {9, 0}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        assert_true(ts_between(at, value, 3, expected[i][0]) == expected[i][1]);
    assert_true(ts_between(at, value, 1, 7) == 10);
    assert_true(isnan(ts_between(at, value, 0, 7)));
}

static void a_hazard_is_of_a_step(void **state) {
    (void)state;
    assert_true(ts_hazard(5, 100) == 0.05);
    assert_true(ts_hazard(0, 0) == 0);
    assert_true(ts_hazard(3, 0) == 3); /* all at once */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_are_spread_from_end_to_end),
        cmocka_unit_test(values_are_linear_between_places_and_constant_outside),
        cmocka_unit_test(a_hazard_is_of_a_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
