/* SGD at a small stepsize ratio follows the limit. */
#include "oracle.h"
#include "theory/start.h"

#define REPLICATES 24

static const double small_ratio[] = {2e-5};
static const uint32_t twenty[] = {20};

/* The quick version of the paper's two-timescale experiment (MODEL.md section 3), without the noise of the labels: at
 * this h it would move the losses by more than what is compared. */
static ts_settings two_timescale(void) {
    ts_settings settings = paper_settings();
    settings.derivative = TS_DERIVATIVE_BOX;
    settings.noise = 0;
    settings.h = 1e-3;
    settings.slow_time = 0.035;
    settings.replicates = REPLICATES;
    settings.keep_trainings = true;
    set_axes(&settings, small_ratio, 1, twenty, 1);
    return settings;
}

/* From starts that meet the condition of the paper and from those that do not, to success and to failure. SGD ends
 * above the limit by the loss of transitions that are not sharp, 0.008 where each jump has its neuron. */
static void it_follows_the_limit_from_every_start(void **state) {
    (void)state;
    const ts_settings settings = two_timescale();
    ts_sweep *sweep = run_sweep(&settings, NULL);
    int covered = 0, failed = 0;
    for (uint32_t r = 0; r < REPLICATES; r++) {
        double u[20] = {0}, loss;
        ts_limit_start(&sweep->cells[0], r, u);
        ts_limit *limit = begin_limit(&settings, u, 20);
        advance_limit(limit, 0.035);
        assert_int_equal(ts_sweep_training(sweep, 0, 0, r, NULL, NULL, NULL, &loss, NULL), TS_OK);
        assert_close(loss, ts_limit_loss(limit), is_covered(&settings, u, 20) ? 0.02 : 0.03);
        covered += is_covered(&settings, u, 20);
        failed += ts_limit_loss(limit) > 0.04;
        ts_limit_destroy(limit);
    }
    assert_true(covered >= 4 && failed >= 4);
    ts_sweep_destroy(sweep);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(it_follows_the_limit_from_every_start)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
