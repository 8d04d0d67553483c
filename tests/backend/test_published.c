/* What the paper shows, in small: equal stepsizes fail, a small ratio succeeds. docs/validation.md has the full runs.
 */
#include "support.h"

static ts_cell_summary varying_epsilon(double epsilon, double h, double slow_time, uint64_t replicates) {
    const uint32_t m = 20;
    ts_settings settings = paper_settings();
    settings.h = h;
    settings.slow_time = slow_time;
    settings.derivative = TS_DERIVATIVE_BOX;
    settings.replicates = replicates;
    settings.keep_trainings = true;
    set_axes(&settings, &epsilon, 1, &(double){m}, 1);
    ts_sweep *sweep = run_sweep(&settings, NULL);
    const ts_cell_summary summary = ts_sweep_summary(sweep, 0);
    ts_sweep_destroy(sweep);
    return summary;
}

static void equal_stepsizes_fail(void **state) {
    (void)state;
    const ts_cell_summary summary = varying_epsilon(1, 1e-5, 3, 64);
    assert_int_equal(summary.steps, 300000);
    assert_int_equal(summary.success_count, 0);
    assert_int_equal(summary.diverged_count, 0);
    assert_true(summary.loss_median > 0.6 && summary.loss_median < 0.9);
}

/* The published setting but for h = 2e-5 and half its time: most trainings have arrived by then. */
static void small_ratio_succeeds(void **state) {
    (void)state;
    const ts_cell_summary summary = varying_epsilon(0.01, 2e-5, 1.5, 24);
    assert_true(summary.success_count >= 20);
    assert_true(summary.loss_median > 0.0088 && summary.loss_median < 0.0115);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_stepsizes_fail),
        cmocka_unit_test(small_ratio_succeeds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
