/* The limit of every training of a sweep: counted right, on any number of threads, and what SGD comes to as epsilon
 * falls. */
#include "support.h"
#include "theory/limit.h"
#include "theory/start.h"
#include "theory/start_condition.h"

static const double ratios[] = {0.05, 0.3, 1};
static const double sizes[] = {4, 10, 20};

/* Cells end at slow times 0.05, 0.3 and 1 by min_fast_time; the horizon's own is 0.02. */
static ts_settings settings_with_theory(ts_randomness randomness, ts_init init) {
    ts_settings settings = paper_settings();
    settings.h = 1e-3;
    settings.slow_time = 0.02;
    settings.min_fast_time = 1;
    settings.replicates = 24;
    settings.randomness = randomness;
    settings.init = init;
    settings.theory = true;
    set_axes(&settings, ratios, 3, sizes, 3);
    return settings;
}

static bool limit_succeeds(const ts_settings *settings, const ts_cell *cell, uint32_t replicate, double slow_time) {
    double position[2 * 20], loss = 0;
    ts_limit_start(cell, replicate, position);
    for (uint32_t first = 0; first < cell->neurons; first += cell->of_coordinate) {
        ts_limit *limit;
        assert_int_equal(ts_limit_create(&limit, settings, position + first, cell->of_coordinate, NULL), TS_OK);
        assert_int_equal(ts_limit_advance(limit, slow_time, NULL), TS_OK);
        loss += ts_limit_loss(limit);
        ts_limit_destroy(limit);
    }
    return loss <= settings->unexplained_variance * ts_target_variance(settings);
}

/* Compare a sweep that kept nothing but its statistics with its twin that kept all trainings. */
static void check_counts(const ts_settings *settings, const ts_run_options *options) {
    ts_settings keeping = *settings;
    keeping.keep_trainings = true;
    ts_sweep *sweep = run_sweep(settings, options), *twin = run_sweep(&keeping, options);
    const size_t rows = settings->randomness == TS_RANDOMNESS_INDEPENDENT ? 3 : 1;
    for (size_t j = 0; j < 3; j++) {
        uint64_t successes = 0, horizon_successes = 0, starts = 0;
        for (size_t i = 0; i < rows; i++)
            for (uint32_t r = 0; r < settings->replicates; r++) {
                starts++;
                successes += limit_succeeds(settings, &sweep->cells[i * 3 + j], r, INFINITY);
                horizon_successes += limit_succeeds(settings, &sweep->cells[i * 3 + j], r, settings->slow_time);
            }
        const ts_limit_summary limit = ts_sweep_limit(sweep, j);
        assert_int_equal(limit.neurons, sizes[j]);
        if (settings->init != TS_INIT_EQUISPACED)
            assert_int_equal(limit.limit_trainings, starts);
        assert_close(limit.limit_success_rate, (double)successes / (double)starts, 1e-12);
        assert_close(limit.limit_horizon_success_rate, (double)horizon_successes / (double)starts, 1e-12);
        assert_true(limit.limit_success_low <= limit.limit_success_rate && limit.limit_success_high <= 1);
        const double of_one = ts_start_condition_probability(settings, (uint32_t)sizes[j]);
        assert_close(limit.start_condition_probability, pow(of_one, (double)settings->dimension), 1e-13);
        for (size_t i = 0; i < 3; i++) {
            const ts_cell *cell = &sweep->cells[i * 3 + j];
            uint64_t agreeing = 0;
            for (uint32_t r = 0; r < settings->replicates; r++) {
                ts_outcome outcome;
                assert_int_equal(ts_sweep_training(twin, i * 3 + j, r, NULL, NULL, NULL, NULL, &outcome), TS_OK);
                const double slow_time = (double)cell->steps * settings->h * ratios[i];
                agreeing += (outcome == TS_OUTCOME_SUCCESS) == limit_succeeds(settings, cell, r, slow_time);
            }
            const ts_cell_summary summary = ts_sweep_summary(sweep, i * 3 + j),
                                  kept = ts_sweep_summary(twin, i * 3 + j);
            assert_int_equal(summary.limit_agreement_count, agreeing);
            assert_int_equal(kept.limit_agreement_count, agreeing);
            assert_close(summary.limit_agreement, (double)agreeing / 24, 1e-15);
            assert_int_equal(summary.success_count, kept.success_count);
        }
    }
    assert_int_equal(ts_sweep_training(sweep, 0, 0, NULL, NULL, NULL, NULL, NULL), TS_INVALID);
    ts_sweep_destroy(sweep);
    ts_sweep_destroy(twin);
}

static void counts_are_those_of_the_limits_one_by_one(void **state) {
    (void)state;
    const char *const backends[] = {"cpu", "reference"};
    for (int randomness = TS_RANDOMNESS_COMMON; randomness <= TS_RANDOMNESS_INDEPENDENT; randomness++)
        for (int init = TS_INIT_UNIFORM; init <= TS_INIT_STRATIFIED; init++)
            for (int i = 0; i < 2; i++) {
                const ts_settings settings = settings_with_theory((ts_randomness)randomness, (ts_init)init);
                const ts_run_options options = {.backend = backends[i], .threads = 1 + 2 * i};
                check_counts(&settings, &options);
            }
}

static void limits_of_coordinates_add_up(void **state) {
    (void)state;
    ts_settings settings = settings_with_theory(TS_RANDOMNESS_COMMON, TS_INIT_UNIFORM);
    settings.dimension = 2;
    check_counts(&settings, &(ts_run_options){.backend = "cpu"});
}

/* MODEL.md section 4: the limit is what SGD comes to; also with several coordinates and start weights, of which it does
 * not know. */
static void assert_agreement_rises(size_t dimension, double start_weight) {
    static const double falling[] = {5e-5, 3e-4, 1e-3, 1e-2};
    static const double twelve[] = {12};
    ts_settings settings = paper_settings();
    settings.h = 2e-3;
    settings.noise = 0;
    settings.slow_time = 0.1;
    settings.replicates = 32;
    settings.theory = true;
    settings.dimension = dimension;
    settings.start_weight = start_weight;
    set_axes(&settings, falling, 4, twelve, 1);
    ts_sweep *sweep = run_sweep(&settings, NULL);
    double agreement[4];
    for (size_t i = 0; i < 4; i++)
        agreement[i] = ts_sweep_summary(sweep, i).limit_agreement;
    printf("agreement %g %g %g %g\n", agreement[0], agreement[1], agreement[2], agreement[3]);
    for (size_t i = 1; i < 4; i++)
        assert_true(agreement[i] <= agreement[i - 1]);
    assert_true(agreement[0] >= 0.96 && agreement[3] < 0.5);
    ts_sweep_destroy(sweep);
}

static void agreement_rises_to_one_as_epsilon_falls(void **state) {
    (void)state;
    assert_agreement_rises(1, 0);
    assert_agreement_rises(2, 3);
}

static void a_horizon_in_steps_has_no_slow_time_of_its_own(void **state) {
    (void)state;
    ts_settings settings = settings_with_theory(TS_RANDOMNESS_COMMON, TS_INIT_UNIFORM);
    settings.slow_time = settings.min_fast_time = 0;
    settings.steps = 100;
    ts_sweep *sweep = run_sweep(&settings, NULL);
    const ts_limit_summary limit = ts_sweep_limit(sweep, 2);
    assert_true(limit.limit_horizon_success_count == 0 && isnan(limit.limit_horizon_success_rate));
    assert_true(limit.limit_success_count > 0);
    assert_true(ts_sweep_summary(sweep, 0).limit_agreement == 1); /* neither succeeds in a hundred steps */
    ts_sweep_destroy(sweep);
}

static void a_constant_target_is_a_success_of_the_limit(void **state) {
    (void)state;
    ts_settings settings = settings_with_theory(TS_RANDOMNESS_COMMON, TS_INIT_UNIFORM);
    settings.jump_count = 0;
    ts_sweep *sweep = run_sweep(&settings, NULL);
    const ts_limit_summary limit = ts_sweep_limit(sweep, 0);
    assert_true(limit.limit_success_count == 24 && limit.limit_horizon_success_count == 24);
    assert_true(limit.start_condition_probability == 1);
    ts_sweep_destroy(sweep);
}

static void without_theory_there_is_none(void **state) {
    (void)state;
    ts_settings settings = settings_with_theory(TS_RANDOMNESS_COMMON, TS_INIT_UNIFORM);
    for (int i = 0; i < 2; i++) {
        settings.theory = i == 1;
        ts_sweep *sweep = i == 0 ? run_sweep(&settings, NULL) : create_sweep(&settings);
        const ts_limit_summary limit = ts_sweep_limit(sweep, 1);
        assert_true(limit.neurons == 10 && limit.limit_trainings == 0 && isnan(limit.limit_success_rate));
        assert_true(isnan(limit.start_condition_probability) && isnan(limit.limit_horizon_success_high));
        assert_true(isnan(ts_sweep_summary(sweep, 0).limit_agreement));
        ts_sweep_destroy(sweep);
    }
}

static bool stop_after(void *context, const ts_progress *progress) {
    return progress->trainings_done < *(uint64_t *)context;
}

static void a_stopped_run_counts_what_is_finished(void **state) {
    (void)state;
    ts_settings settings = settings_with_theory(TS_RANDOMNESS_COMMON, TS_INIT_UNIFORM);
    settings.min_fast_time = 100;
    settings.replicates = 1000;
    const uint64_t limits[] = {0, 50};
    for (int i = 0; i < 2; i++) {
        uint64_t limit = limits[i];
        ts_sweep *sweep = create_sweep(&settings);
        ts_run_report report;
        const ts_run_options options = {.backend = "cpu", .on_progress = stop_after, .context = &limit};
        assert_int_equal(ts_sweep_run(sweep, &options, &report, NULL), TS_INTERRUPTED);
        uint64_t trainings = 0;
        for (size_t cell = 0; cell < 9; cell++) {
            const ts_cell_summary summary = ts_sweep_summary(sweep, cell);
            assert_true(summary.limit_agreement_count <= summary.trainings);
            assert_true((summary.trainings == 0) == isnan(summary.limit_agreement));
            trainings += summary.trainings;
        }
        assert_true(trainings == report.trainings && trainings >= limit && trainings < 9000);
        ts_sweep_destroy(sweep);
    }
}

/* The limits come first, and are as quick to stop. */
static void a_stop_among_the_limits_leaves_nothing(void **state) {
    (void)state;
    ts_settings settings = settings_with_theory(TS_RANDOMNESS_COMMON, TS_INIT_UNIFORM);
    settings.replicates = 1000000;
    uint64_t limit = 0;
    ts_sweep *sweep = create_sweep(&settings);
    ts_run_report report;
    ts_error error;
    const ts_run_options options = {.backend = "cpu", .on_progress = stop_after, .context = &limit};
    assert_int_equal(ts_sweep_run(sweep, &options, &report, &error), TS_INTERRUPTED);
    assert_string_equal(error.message, "stopped after 0 of 9000000 trainings");
    assert_true(report.trainings == 0 && ts_sweep_limit(sweep, 0).limit_trainings == 0);
    ts_sweep_destroy(sweep);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_those_of_the_limits_one_by_one),
        cmocka_unit_test(limits_of_coordinates_add_up),
        cmocka_unit_test(agreement_rises_to_one_as_epsilon_falls),
        cmocka_unit_test(a_horizon_in_steps_has_no_slow_time_of_its_own),
        cmocka_unit_test(a_constant_target_is_a_success_of_the_limit),
        cmocka_unit_test(without_theory_there_is_none),
        cmocka_unit_test(a_stopped_run_counts_what_is_finished),
        cmocka_unit_test(a_stop_among_the_limits_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
