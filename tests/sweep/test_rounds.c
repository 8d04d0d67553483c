/* Cells that get as many trainings as their rates need: the trainings are those of a sweep with so many, and no cell
 * gets more than its interval asks for. */
#include "backend/same.h"
#include "estimate/rate.h"
#include "support.h"
#include "sweep/short_trainings.h"

#include "sweep/execution.h"

#define LEAST 8
#define MOST 100

static const double ratios[] = {0.02, 0.1}, sizes[] = {5, 12};
static const double slow_times[] = {0, 0.02, 0.05};

static ts_settings in_rounds(double half_width) {
    ts_settings settings = paper_settings();
    settings.h = 2e-3;
    settings.slow_time = 0.05;
    settings.steps = 0;
    settings.unexplained_variance = 0.5; /* short trainings succeed now and then */
    settings.replicates = MOST;
    settings.least_replicates = LEAST;
    settings.half_width = half_width;
    settings.theory = true;
    settings.keep_trainings = true;
    settings.observe_clock = TS_CLOCK_SLOW_TIME;
    settings.observe = slow_times;
    settings.observe_count = 3;
    set_axes(&settings, ratios, 2, sizes, 2);
    return settings;
}

/* Trainings of a cell, which are those of the first numbers. */
static uint64_t count_of(const ts_sweep *sweep, size_t cell) {
    const uint64_t count = ts_sweep_summary(sweep, cell).trainings;
    const uint8_t *mark = ts_sweep_marks(sweep, cell);
    for (uint64_t r = 0; r < sweep->settings.replicates; r++)
        assert_int_equal(mark[r] & TS_MARK_FINISHED, r < count);
    return count;
}

static void assert_as_plain(const ts_sweep *sweep, size_t cell, uint64_t count, const ts_run_options *options) {
    ts_settings plain = ts_sweep_cell_settings(sweep, cell);
    plain.replicates = count;
    plain.half_width = 0;
    plain.least_replicates = 0;
    ts_sweep *one = run_sweep(&plain, options);
    assert_same_cell(sweep, cell, one, 0, count);
    assert_memory_equal(&sweep->results.statistics[cell], one->results.statistics, sizeof(ts_statistics));
    assert_memory_equal(&sweep->results.observed[cell * 3], one->results.observed, 3 * sizeof(ts_statistics));
    assert_memory_equal(&sweep->results.first_success[cell * 3], one->results.first_success, 3 * sizeof(uint64_t));
    assert_memory_equal(ts_sweep_marks(sweep, cell), ts_sweep_marks(one, 0), count);
    const ts_cell_summary a = ts_sweep_summary(sweep, cell), b = ts_sweep_summary(one, 0);
    assert_true(a.loss_median == b.loss_median && a.loss_q05 == b.loss_q05 && a.loss_q95 == b.loss_q95);
    assert_int_equal(a.limit_agreement_count, b.limit_agreement_count);
    ts_sweep_destroy(one);
}

static double half_width_of(const ts_sweep *sweep, size_t cell, uint64_t count) {
    uint64_t successes = 0;
    for (uint64_t r = 0; r < count; r++)
        successes += (ts_sweep_marks(sweep, cell)[r] & TS_MARK_SUCCESS) != 0;
    double rate, low, high;
    ts_rate_interval((double)successes, (double)count, &rate, &low, &high);
    return (high - low) / 2;
}

/* docs/numerics.md, "Replicates in rounds" */
static uint64_t count_by_rule(const ts_sweep *sweep, size_t cell) {
    uint64_t count = LEAST;
    while (count < MOST) {
        const double excess = half_width_of(sweep, cell, count) / sweep->settings.half_width;
        if (!(excess > 1))
            return count;
        uint64_t next = count + (count + 7) / 8;
        while ((double)next < 1.05 * (double)count * excess * excess || next % 32 != 0)
            next++;
        next = next < 2 * count ? next : 2 * count;
        count = next < MOST ? next : MOST;
    }
    return count;
}

static void assert_rounds(const ts_settings *settings, const ts_run_options *options) {
    ts_sweep *sweep = run_sweep(settings, options);
    uint64_t fewest = MOST, most = 0;
    for (size_t cell = 0; cell < 4; cell++) {
        const uint64_t count = count_of(sweep, cell);
        fewest = count < fewest ? count : fewest;
        most = count > most ? count : most;
        assert_true(count == MOST || half_width_of(sweep, cell, count) <= settings->half_width);
        assert_int_equal(count, count_by_rule(sweep, cell));
        assert_as_plain(sweep, cell, count, options);
    }
    assert_true(fewest < most);
    ts_sweep_destroy(sweep);
}

static void trainings_are_those_of_a_plain_sweep(void **state) {
    (void)state;
    const ts_settings settings = in_rounds(0.12);
    assert_rounds(&settings, &(ts_run_options){.backend = "cpu", .threads = 1});
    assert_rounds(&settings, &(ts_run_options){.backend = "cpu", .threads = 3});
    assert_rounds(&settings, &(ts_run_options){.backend = "cpu", .algorithm = "sorted", .chunk_steps = 7});
    assert_rounds(&settings, &(ts_run_options){.backend = "reference"});
    ts_settings independent = settings;
    independent.randomness = TS_RANDOMNESS_INDEPENDENT;
    assert_rounds(&independent, &(ts_run_options){.backend = "cpu"});
}

static void how_precise_it_was_decides_by_the_criterion(void **state) {
    (void)state;
    ts_settings settings = in_rounds(0.12);
    uint64_t count[3][4];
    for (int criterion = TS_CRITERION_LOSS; criterion <= TS_CRITERION_BOTH; criterion++) {
        settings.criterion = (ts_criterion)criterion;
        ts_sweep *sweep = run_sweep(&settings, NULL);
        for (size_t cell = 0; cell < 4; cell++)
            count[criterion][cell] = count_of(sweep, cell);
        ts_sweep_destroy(sweep);
    }
    bool differ = false;
    for (size_t cell = 0; cell < 4; cell++) {
        const uint64_t loss = count[TS_CRITERION_LOSS][cell], positions = count[TS_CRITERION_POSITIONS][cell];
        assert_int_equal(count[TS_CRITERION_BOTH][cell], loss > positions ? loss : positions);
        differ |= loss != positions;
    }
    assert_true(differ);
}

static void a_wide_interval_stays_with_the_least_and_a_narrow_one_takes_all(void **state) {
    (void)state;
    const double widths[] = {0.49, 1e-3};
    const uint64_t expected[] = {LEAST, MOST};
    for (size_t i = 0; i < 2; i++) {
        const ts_settings settings = in_rounds(widths[i]);
        ts_sweep *sweep = run_sweep(&settings, NULL);
        for (size_t cell = 0; cell < 4; cell++)
            assert_int_equal(count_of(sweep, cell), expected[i]);
        const ts_estimate estimate = ts_sweep_estimate(sweep);
        assert_true(estimate.least_trainings == 4 * LEAST && estimate.trainings == 4 * MOST);
        assert_close(estimate.least_neuron_steps * MOST, estimate.neuron_steps * LEAST, 1e-6);
        ts_sweep_destroy(sweep);
    }
}

/* Totals that a progress line shows: never below what is done, and at the end what was done. */
static bool watch(void *context, const ts_progress *progress) {
    ts_progress *last = context;
    assert_true(progress->trainings_done <= progress->trainings_total);
    *last = *progress;
    return true;
}

static void progress_ends_with_what_was_run(void **state) {
    (void)state;
    const ts_settings settings = in_rounds(0.12);
    ts_progress last = {0};
    ts_sweep *sweep = run_sweep(&settings, &(ts_run_options){.on_progress = watch, .context = &last});
    uint64_t trainings = 0;
    for (size_t cell = 0; cell < 4; cell++)
        trainings += count_of(sweep, cell);
    assert_true(last.trainings_done == trainings && last.trainings_total == trainings);
    assert_true(last.neuron_steps_done == last.neuron_steps_total);
    ts_sweep_destroy(sweep);
}

static bool stop_in_a_later_round(void *context, const ts_progress *progress) {
    (void)context;
    return progress->trainings_done < 4 * LEAST + 1;
}

static void a_stopped_run_keeps_what_is_finished(void **state) {
    (void)state;
    ts_settings settings = in_rounds(0.01);
    settings.observe_count = 0;
    settings.slow_time = 1;
    settings.replicates = 8000; /* far more than can be run until the first report */
    ts_sweep *sweep = create_sweep(&settings);
    ts_run_report report;
    const ts_run_options options = {.on_progress = stop_in_a_later_round};
    assert_int_equal(ts_sweep_run(sweep, &options, &report, NULL), TS_INTERRUPTED);
    uint64_t finished = 0;
    for (size_t cell = 0; cell < 4; cell++)
        for (uint64_t r = 0; r < settings.replicates; r++) {
            const bool is_there = ts_sweep_marks(sweep, cell)[r] & TS_MARK_FINISHED;
            const ts_status status = ts_sweep_training(sweep, cell, r, NULL, NULL, NULL, NULL, NULL);
            assert_int_equal(status, is_there ? TS_OK : TS_FAILED);
            finished += is_there;
        }
    assert_int_equal(finished, report.trainings);
    assert_true(finished > 4 * LEAST);
    ts_sweep_destroy(sweep);
}

/* A plan may have any rows of a cell, or none. */
static void plans_of_some_rows_add_up(void **state) {
    (void)state;
    ts_settings settings = in_rounds(0.12);
    settings.half_width = 0;
    settings.theory = false;
    settings.replicates = 72;
    const ts_rows parts[4][4] = {{{0, 0, 1}, {1, 0, 30}, {2, 40, 12}, {2, 52, 20}},
                                 {{0, 1, 71}, {2, 0, 40}, {3, 5, 30}, {3, 40, 25}},
                                 {{1, 30, 42}, {3, 65, 7}, {3, 35, 5}},
                                 {{3, 0, 5}}};
    const size_t counts[4] = {4, 4, 3, 1};
    ts_sweep *whole = run_sweep(&settings, NULL), *sum = create_sweep(&settings);
    assert_int_equal(ts_sweep_prepare(sum, NULL), TS_OK);
    for (size_t k = 0; k < 4; k++) {
        const ts_run_options options = {.backend = "cpu", .threads = (int)(1 + k)};
        ts_execution execution;
        ts_plan plan = ts_sweep_plan(sum);
        plan.ranges = parts[k];
        plan.range_count = counts[k];
        assert_int_equal(ts_execution_create(&execution, &settings, &options, ts_plan_trainings(&plan), NULL), TS_OK);
        ts_execution_begin(&execution, (ts_progress){0});
        assert_int_equal(ts_execution_run(&execution, &plan, &sum->results, NULL), TS_OK);
        const ts_run_report report = ts_execution_end(&execution);
        assert_int_equal(report.trainings, ts_plan_trainings(&plan));
        free(execution.busy_seconds);
    }
    assert_same_sweep(whole, sum);
    for (size_t cell = 0; cell < 4; cell++)
        assert_memory_equal(ts_sweep_marks(whole, cell), ts_sweep_marks(sum, cell), 72);
    ts_sweep_destroy(whole);
    ts_sweep_destroy(sum);
}

/* ---- do intervals still hold the truth, when they decide how many trainings there are? */

#define SEEDS 80

static ts_settings quick(void) {
    static const double few_times[] = {0.02, 0.04, 0.06, 0.08, 0.1}, some[] = {2, 4, 8}, two[] = {1e-3, 1e-2};
    ts_settings settings = short_trainings();
    settings.observe_clock = TS_CLOCK_SLOW_TIME;
    settings.observe = few_times;
    settings.observe_count = 5;
    set_axes(&settings, two, 2, some, 3);
    return settings;
}

/* How many of the intervals of SEEDS sweeps hold the rates [6] of many trainings; those of the cell where fewest do. */
static int fewest_held(ts_settings settings, const double *truth, int *all) {
    int held[6] = {0}, fewest = SEEDS;
    settings.least_replicates = 32;
    settings.replicates = 512;
    settings.half_width = 0.06;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        settings.seed = seed;
        ts_sweep *sweep = run_sweep(&settings, NULL);
        for (size_t cell = 0; cell < 6; cell++) {
            const ts_cell_summary of = ts_sweep_summary(sweep, cell);
            const double low = of.success_rate_controlled_low, high = of.success_rate_controlled_high;
            assert_true(of.trainings == 512 || (high - low) / 2 <= settings.half_width);
            held[cell] += low <= truth[cell] && truth[cell] <= high;
        }
        ts_sweep_destroy(sweep);
    }
    *all = 0;
    for (size_t cell = 0; cell < 6; cell++) {
        *all += held[cell];
        fewest = held[cell] < fewest ? held[cell] : fewest;
    }
    return fewest;
}

/* Of 80 intervals of 95 per cent 76 are to be expected, and seldom fewer than 70; of those of a binomial a few less in
 * one cell or another (docs/statistics.md section 1). */
static void assert_held(const ts_settings *settings, const double *truth) {
    int all;
    const int fewest = fewest_held(*settings, truth, &all);
    printf("%.1f per cent of the intervals hold the truth, %.1f in the worst cell\n", 100.0 * all / (6 * SEEDS),
           100.0 * fewest / SEEDS);
    assert_true(fewest >= SEEDS * 86 / 100 && all >= 6 * SEEDS * 93 / 100);
}

/* Replicates by need, the limit as control variate, and trainings that stop, all together. */
static void intervals_hold_the_truth_after_rounds(void **state) {
    (void)state;
    ts_settings settings = quick();
    double truth[6];
    settings.stop = TS_STOP_FIRST_SUCCESS;
    settings.replicates = 10000;
    settings.seed = 12345;
    settings.theory = false;
    ts_sweep *sweep = run_sweep(&settings, NULL);
    for (size_t cell = 0; cell < 6; cell++)
        truth[cell] = ts_sweep_summary(sweep, cell).success_rate;
    ts_sweep_destroy(sweep);
    settings.theory = true;
    settings.limit_starts = 800;
    assert_held(&settings, truth);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trainings_are_those_of_a_plain_sweep),
        cmocka_unit_test(how_precise_it_was_decides_by_the_criterion),
        cmocka_unit_test(a_wide_interval_stays_with_the_least_and_a_narrow_one_takes_all),
        cmocka_unit_test(progress_ends_with_what_was_run),
        cmocka_unit_test(a_stopped_run_keeps_what_is_finished),
        cmocka_unit_test(plans_of_some_rows_add_up),
        cmocka_unit_test(intervals_hold_the_truth_after_rounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
