/* Power laws through boundaries: exact ones, and what their errors make of them. */
#include "estimate/law.h"
#include "support.h"

#define CURVES 4

static const double x[CURVES] = {4, 8, 16, 32};
static const size_t all[CURVES] = {0, 1, 2, 3};

typedef struct found {
    ts_boundary boundary[CURVES];
    double influence[CURVES][2];
    ts_boundaries boundaries;
} found;

/* Boundaries of 0.01 x^1.5 times `off`, each with an error of its own of 0.1, and one of 0.2 that all have in common.
 */
static void find(found *of, const double *off) {
    memset(of, 0, sizeof *of);
    for (size_t c = 0; c < CURVES; c++) {
        of->boundary[c] = (ts_boundary){.state = TS_BOUNDARY_FOUND,
                                        .epsilon = 0.01 * pow(x[c], 1.5) * (off ? off[c] : 1),
                                        .variance = 0.1 * 0.1 + 0.2 * 0.2};
        of->influence[c][0] = 0.2;
    }
    of->boundaries = (ts_boundaries){
        .common = true, .count = CURVES, .boundary = of->boundary, .columns = 2, .influence = of->influence[0]};
}

static void an_exact_law_is_found(void **state) {
    (void)state;
    found of;
    ts_law law;
    find(&of, NULL);
    assert_int_equal(ts_law_fit(&law, &of.boundaries, all, x, CURVES, NULL), TS_OK);
    assert_int_equal(law.curves, CURVES);
    assert_close(law.exponent, 1.5, 1e-12);
    assert_close(law.factor, 0.01, 1e-12);
    assert_int_equal(law.freedom, 2);
    assert_close(law.statistic, 0, 1e-12);
    assert_close(law.p, 1, 1e-9);
    assert_false(law.widened);
    /* what all have in common moves the factor and not the exponent */
    const double spread = 5 * log(2) * log(2); /* sum of squares of log x around its mean */
    assert_close(law.exponent_high - law.exponent, 1.959964 * 0.1 / sqrt(spread), 1e-6);
    const double mean = log(4 * pow(2, 1.5));
    assert_close(log(law.factor_high / law.factor), 1.959964 * sqrt(0.04 + 0.01 / 4 + 0.01 * mean * mean / spread),
                 1e-6);
}

static void curves_without_a_boundary_are_left_out(void **state) {
    (void)state;
    found of;
    ts_law law;
    find(&of, NULL);
    of.boundary[1].state = TS_BOUNDARY_BETWEEN;
    of.boundary[1].epsilon = NAN;
    assert_int_equal(ts_law_fit(&law, &of.boundaries, all, x, CURVES, NULL), TS_OK);
    assert_int_equal(law.curves, 3);
    assert_close(law.exponent, 1.5, 1e-12);
    of.boundary[2].state = TS_BOUNDARY_ABOVE;
    assert_int_equal(ts_law_fit(&law, &of.boundaries, all, x, CURVES, NULL), TS_OK);
    assert_int_equal(law.curves, 2);
    assert_int_equal(law.freedom, 0);
    assert_close(law.exponent, 1.5, 1e-12);
    assert_true(isnan(law.p) && isnan(law.statistic) && law.exponent_low < 1.5);
    of.boundary[3].state = TS_BOUNDARY_ABOVE;
    assert_int_equal(ts_law_fit(&law, &of.boundaries, all, x, CURVES, NULL), TS_OK);
    assert_int_equal(law.curves, 1);
    assert_true(isnan(law.exponent) && isnan(law.factor) && isnan(law.exponent_low));
}

static void a_law_that_does_not_hold_is_widened(void **state) {
    (void)state;
    found of;
    ts_law law, good;
    find(&of, NULL);
    assert_int_equal(ts_law_fit(&good, &of.boundaries, all, x, CURVES, NULL), TS_OK);
    find(&of, (double[]){1, 2, 2, 1});
    assert_int_equal(ts_law_fit(&law, &of.boundaries, all, x, CURVES, NULL), TS_OK);
    assert_true(law.widened && law.p < 0.05);
    assert_close((law.exponent_high - law.exponent_low) / (good.exponent_high - good.exponent_low),
                 sqrt(law.statistic / 2), 1e-9);
    find(&of, (double[]){2, 2, 2, 2}); /* a common error is no reason */
    assert_int_equal(ts_law_fit(&law, &of.boundaries, all, x, CURVES, NULL), TS_OK);
    assert_false(law.widened);
    assert_close(law.factor, 0.02, 1e-12);
}

static void what_it_is_held_against_is_positive_and_differs(void **state) {
    (void)state;
    found of;
    ts_law law;
    ts_error error = {0};
    find(&of, NULL);
    assert_int_equal(ts_law_fit(&law, &of.boundaries, all, (double[]){0, 1, 2, 3}, CURVES, &error), TS_INVALID);
    assert_string_equal(error.message, "a power law is held against 0; it must be positive");
    assert_int_equal(ts_law_fit(&law, &of.boundaries, all, (double[]){3, 3, 3, 3}, CURVES, &error), TS_INVALID);
    assert_string_equal(error.message, "a power law is held against 3 alone; it needs two values");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_exact_law_is_found),
        cmocka_unit_test(curves_without_a_boundary_are_left_out),
        cmocka_unit_test(a_law_that_does_not_hold_is_widened),
        cmocka_unit_test(what_it_is_held_against_is_positive_and_differs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
