/* Histogram bins, Wilson intervals and quantiles. */
#include "base/order.h"
#include "estimate/rate.h"
#include "support.h"

static const double epsilon = 0.3;
static const double eight = 8;

static ts_settings settings_with(uint64_t replicates, bool keep) {
    ts_settings settings = paper_settings();
    settings.h = 1e-3;
    settings.steps = 3000;
    settings.replicates = replicates;
    settings.keep_trainings = keep;
    set_axes(&settings, &epsilon, 1, &eight, 1);
    return settings;
}

static void bins_cover_every_loss(void **state) {
    (void)state;
    assert_int_equal(ts_loss_bin_count(), 642);
    assert_int_equal(ts_loss_bin(0), 0);
    assert_int_equal(ts_loss_bin((1 << 22) - 1), 0);
    assert_int_equal(ts_loss_bin(1 << 22), 1);
    assert_int_equal(ts_loss_bin((INT64_C(1) << 62) - 1), 640);
    assert_int_equal(ts_loss_bin(INT64_C(1) << 62), 641);
    assert_int_equal(ts_loss_bin(INT64_MAX), 641);
    assert_true(ts_loss_bin_low(1) == 0x1p-22 && ts_loss_bin_low(641) == 0x1p18 && isinf(ts_loss_bin_low(642)));
    test_random random = {7};
    for (int i = 0; i < 100000; i++) {
        const int64_t loss = (int64_t)(random_word(&random) >> (1 + random_word(&random) % 60));
        const int bin = ts_loss_bin(loss);
        const double value = ldexp((double)loss, -44);
        /* a loss of more than 53 bits may round up to the edge above it */
        assert_true(value >= ts_loss_bin_low((size_t)bin) && value <= ts_loss_bin_low((size_t)bin + 1));
    }
}

/* Wilson intervals of 95 per cent from the literature (Newcombe 1998, method 3). */
static void intervals_are_wilsons(void **state) {
    (void)state;
    const struct {
        uint64_t count, total;
        double low, high;
    } known[] = {{81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0, 0.1611}, {1, 29, 0.0061, 0.1718}};
    const ts_settings settings = settings_with(1, false);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        ts_sweep *sweep = run_sweep(&settings, NULL);
        sweep->results.statistics[0].outcome_count[TS_OUTCOME_SUCCESS] = known[i].count;
        sweep->results.statistics[0].outcome_count[TS_OUTCOME_FAILURE] = known[i].total - known[i].count;
        const ts_cell_summary summary = ts_sweep_summary(sweep, 0);
        assert_close(summary.success_low, known[i].low, 5e-5);
        assert_close(summary.success_high, known[i].high, 5e-5);
        ts_sweep_destroy(sweep);
    }
}

static void quantiles_and_means_are_those_of_the_trainings(void **state) {
    (void)state;
    const ts_settings kept = settings_with(101, true), counted = settings_with(101, false);
    ts_sweep *exact = run_sweep(&kept, NULL), *binned = run_sweep(&counted, NULL);
    double loss[101], sum = 0;
    for (uint64_t r = 0; r < 101; r++) {
        assert_int_equal(ts_sweep_training(exact, 0, r, NULL, NULL, NULL, &loss[r], NULL), TS_OK);
        sum += loss[r];
    }
    qsort(loss, 101, sizeof *loss, ts_compare_doubles);
    const ts_cell_summary a = ts_sweep_summary(exact, 0), b = ts_sweep_summary(binned, 0);
    assert_true(ts_sweep_quantiles_are_exact(exact) && !ts_sweep_quantiles_are_exact(binned));
    assert_true(a.loss_q05 == loss[5] && a.loss_q25 == loss[25] && a.loss_median == loss[50]);
    assert_true(a.loss_q75 == loss[75] && a.loss_q95 == loss[95]);
    assert_close(a.loss_mean, sum / 101, 1e-12);
    assert_true(a.loss_mean == b.loss_mean);
    const double found[] = {b.loss_q05, b.loss_q25, b.loss_median, b.loss_q75, b.loss_q95};
    const int rank[] = {5, 25, 50, 75, 95};
    for (int i = 0; i < 5; i++)
        assert_close(found[i] / loss[rank[i]], 1, 0.07);
    ts_sweep_destroy(exact);
    ts_sweep_destroy(binned);
}

/* The first bin reaches from 0 to 2^-22: what is in it is told by the sum. */
static void losses_of_zero_have_quantiles_of_zero(void **state) {
    (void)state;
    ts_settings settings = ts_settings_default();
    settings.eta = 0.01;
    settings.h = 1e-2;
    settings.steps = 100;
    settings.replicates = 16;
    set_axes(&settings, &epsilon, 1, &eight, 1);
    ts_sweep *sweep = run_sweep(&settings, NULL); /* target 0, no noise */
    ts_cell_summary summary = ts_sweep_summary(sweep, 0);
    assert_true(summary.trainings == 16 && summary.loss_mean == 0);
    assert_true(summary.loss_q05 == 0 && summary.loss_median == 0 && summary.loss_q95 == 0);
    const ts_cell *cell = &sweep->cells[0];
    ts_statistics *statistics = &sweep->results.statistics[0];
    *statistics = (ts_statistics){0};
    for (int i = 0; i < 100; i++) /* 2^-24 to 2^-24 100 / 128, all in the first bin */
        ts_statistics_count(statistics, cell, 7, TS_OUTCOME_SUCCESS, &(ts_measurement){.loss = (1 << 20) - (i << 13)});
    summary = ts_sweep_summary(sweep, 0);
    assert_true(summary.loss_median > 0.9 * summary.loss_mean && summary.loss_median < 1.1 * summary.loss_mean);
    assert_true(summary.loss_q95 < 2 * summary.loss_mean);
    for (int i = 0; i < 10; i++) /* one large loss says nothing about the small ones */
        ts_statistics_count(statistics, cell, 7, TS_OUTCOME_FAILURE, &(ts_measurement){.loss = INT64_C(1) << 44});
    summary = ts_sweep_summary(sweep, 0);
    assert_true(summary.loss_median > 0 && summary.loss_median < 0x1p-22 && summary.loss_q95 > 0.9);
    ts_sweep_destroy(sweep);
}

static void sums_of_two_shards_are_the_sum_of_the_whole(void **state) {
    (void)state;
    const ts_settings settings = settings_with(8, true);
    ts_sweep *whole = run_sweep(&settings, NULL);
    ts_statistics sum = {0};
    const ts_kept *kept = whole->results.kept;
    for (uint64_t r = 0; r < 8; r++) {
        const ts_measurement measurement = {kept->loss[r], kept->position_loss[r], kept->missed[r]};
        ts_statistics_count(&sum, &whole->cells[0], whole->cells[0].steps, kept->outcome[r], &measurement);
    }
    assert_memory_equal(&sum, &whole->results.statistics[0], sizeof sum);
    ts_sweep_destroy(whole);
}

/* A success, a failure whose weights tremble, two that miss jumps, and one that diverged. */
static void positions_tell_failures_apart(void **state) {
    (void)state;
    const ts_settings settings = settings_with(5, false);
    ts_sweep *sweep = run_sweep(&settings, NULL);
    const ts_cell *cell = &sweep->cells[0];
    const int64_t small = cell->success_loss, large = small + 1, bin = ts_loss_bin(large);
    ts_statistics *statistics = &sweep->results.statistics[0];
    *statistics = (ts_statistics){0};
    ts_statistics_count(statistics, cell, 7, TS_OUTCOME_SUCCESS, &(ts_measurement){small, 0, 1});
    ts_statistics_count(statistics, cell, 7, TS_OUTCOME_FAILURE, &(ts_measurement){large, small, 0});
    ts_statistics_count(statistics, cell, 7, TS_OUTCOME_FAILURE, &(ts_measurement){large, large, 1});
    ts_statistics_count(statistics, cell, 7, TS_OUTCOME_FAILURE, &(ts_measurement){large, large, 5});
    ts_statistics_count(statistics, cell, 7, TS_OUTCOME_DIVERGED, &(ts_measurement){0, 0, 0});
    const ts_cell_summary summary = ts_sweep_summary(sweep, 0);
    assert_int_equal(summary.training_steps, 5 * 7);
    assert_int_equal(summary.success_count, 1);
    assert_int_equal(summary.failure_count, 3);
    assert_int_equal(summary.covered_failure_count, 1);
    assert_int_equal(summary.diverged_count, 1);
    assert_int_equal(summary.position_success_count, 2);
    double rate, low, high;
    ts_rate_interval(2, 5, &rate, &low, &high);
    assert_true(summary.position_success_rate == rate && summary.position_success_low == low);
    assert_true(summary.position_success_high == high);
    assert_int_equal(ts_sweep_position_histogram(sweep, 0)[bin], ts_loss_bin(small) == bin ? 3 : 2);
    assert_int_equal(ts_sweep_position_histogram(sweep, 0)[0], 1);
    uint64_t covered[6];
    assert_int_equal(ts_covered_count(&settings), 6);
    assert_int_equal(ts_covered_lowest(&settings), 0);
    ts_sweep_covered(sweep, 0, covered);
    assert_memory_equal(covered, ((uint64_t[]){1, 0, 0, 0, 2, 1}), sizeof covered);
    ts_sweep_destroy(sweep);
}

static void positions_are_those_of_the_trainings(void **state) {
    (void)state;
    const ts_settings settings = settings_with(40, true);
    ts_sweep *sweep = run_sweep(&settings, NULL);
    static uint64_t histogram[TS_BIN_COUNT];
    uint64_t covered[6] = {0}, counts[6], failures = 0, successes = 0;
    for (uint64_t r = 0; r < 40; r++) {
        double loss;
        size_t jumps;
        ts_outcome outcome;
        assert_int_equal(ts_sweep_training(sweep, 0, r, NULL, NULL, NULL, NULL, &outcome), TS_OK);
        assert_int_equal(ts_sweep_training_positions(sweep, 0, r, &loss, &jumps), TS_OK);
        assert_int_equal(ts_sweep_training_positions(sweep, 0, r, NULL, NULL), TS_OK);
        const int64_t units = (int64_t)ldexp(loss, TS_LOSS_BITS);
        assert_true(units == sweep->results.kept[0].position_loss[r]);
        histogram[ts_loss_bin(units)]++;
        covered[jumps]++;
        successes += units <= sweep->cells[0].success_loss;
        failures += outcome == TS_OUTCOME_FAILURE && jumps == 5;
    }
    ts_sweep_covered(sweep, 0, counts);
    assert_memory_equal(counts, covered, sizeof covered);
    assert_memory_equal(ts_sweep_position_histogram(sweep, 0), histogram, sizeof histogram);
    assert_int_equal(ts_sweep_summary(sweep, 0).position_success_count, successes);
    assert_int_equal(ts_sweep_summary(sweep, 0).covered_failure_count, failures);
    assert_true(covered[5] < 40 && covered[0] < 40);
    assert_int_equal(ts_sweep_training_positions(sweep, 0, 40, NULL, NULL), TS_INVALID);
    ts_sweep_destroy(sweep);
}

/* 90 jumps: what misses 64 or more of them is in one place. */
static void many_missed_jumps_are_counted_together(void **state) {
    (void)state;
    ts_settings settings = settings_with(3, false);
    settings.dimension = 3;
    settings.jump_count = 30;
    for (size_t k = 0; k < 30; k++) {
        settings.jump_at[k] = (double)(k + 1) / 31;
        settings.jump_by[k] = 0.1;
    }
    ts_sweep *sweep = run_sweep(&settings, NULL);
    ts_statistics *statistics = &sweep->results.statistics[0];
    *statistics = (ts_statistics){0};
    for (uint32_t missed = 62; missed < 67; missed++)
        ts_statistics_count(statistics, &sweep->cells[0], 7, TS_OUTCOME_FAILURE, &(ts_measurement){.missed = missed});
    uint64_t covered[65];
    assert_int_equal(ts_covered_count(&settings), 65);
    assert_int_equal(ts_covered_lowest(&settings), 90 - 64);
    ts_sweep_covered(sweep, 0, covered);
    assert_true(covered[0] == 3 && covered[1] == 1 && covered[2] == 1 && covered[3] == 0);
    ts_sweep_destroy(sweep);
}

static void rectified_linear_units_have_no_jumps_to_cover(void **state) {
    (void)state;
    ts_settings settings = settings_with(4, true);
    settings.activation = TS_ACTIVATION_RELU;
    settings.eta = 0;
    ts_sweep *sweep = run_sweep(&settings, NULL);
    const ts_cell_summary summary = ts_sweep_summary(sweep, 0);
    assert_int_equal(summary.trainings, 4);
    assert_true(summary.position_success_count == 0 && isnan(summary.position_success_rate));
    assert_int_equal(summary.covered_failure_count, 0);
    assert_int_equal(ts_covered_count(&settings), 0);
    for (size_t bin = 0; bin < ts_loss_bin_count(); bin++)
        assert_int_equal(ts_sweep_position_histogram(sweep, 0)[bin], 0);
    assert_int_equal(ts_sweep_training_positions(sweep, 0, 0, NULL, NULL), TS_INVALID);
    ts_sweep_destroy(sweep);
}

static void a_sweep_that_has_not_run_has_no_trainings(void **state) {
    (void)state;
    const ts_settings settings = settings_with(4, true);
    ts_sweep *sweep = create_sweep(&settings);
    const ts_cell_summary summary = ts_sweep_summary(sweep, 0);
    assert_int_equal(summary.trainings, 0);
    assert_true(isnan(summary.success_rate) && isnan(summary.loss_median));
    assert_int_equal(ts_sweep_training(sweep, 0, 0, NULL, NULL, NULL, NULL, NULL), TS_INVALID);
    assert_true(summary.position_success_count == 0 && isnan(summary.position_success_rate));
    assert_int_equal(ts_sweep_training_positions(sweep, 0, 0, NULL, NULL), TS_INVALID);
    assert_int_equal(ts_sweep_position_histogram(sweep, 0)[0], 0);
    ts_sweep_destroy(sweep);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bins_cover_every_loss),
        cmocka_unit_test(intervals_are_wilsons),
        cmocka_unit_test(quantiles_and_means_are_those_of_the_trainings),
        cmocka_unit_test(losses_of_zero_have_quantiles_of_zero),
        cmocka_unit_test(sums_of_two_shards_are_the_sum_of_the_whole),
        cmocka_unit_test(positions_tell_failures_apart),
        cmocka_unit_test(positions_are_those_of_the_trainings),
        cmocka_unit_test(many_missed_jumps_are_counted_together),
        cmocka_unit_test(rectified_linear_units_have_no_jumps_to_cover),
        cmocka_unit_test(a_sweep_that_has_not_run_has_no_trainings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
