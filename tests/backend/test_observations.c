/* What is seen of trainings on their way: the same as of trainings that end there, whoever runs them and in whatever
 * pieces, and nothing of the end depends on whether somebody looked. */
#include "random_settings.h"
#include "same.h"
#include "support.h"

#define REPLICATES 21

static const double epsilon[] = {0.05, 1};
static const double neurons[] = {3, 20, 130};

/* Trainings of which some succeed soon: a target with one jump, and many neurons. */
static ts_settings easy_settings(uint64_t steps) {
    ts_settings settings = ts_settings_default();
    settings.seed = 7;
    settings.target_base = 1;
    settings.jump_count = 1;
    settings.jump_at[0] = 0.5;
    settings.jump_by[0] = 2;
    settings.eta = 0.05;
    settings.h = 0.004;
    settings.noise = 1;
    settings.steps = steps;
    settings.replicates = REPLICATES;
    settings.unexplained_variance = 0.1;
    settings.keep_trainings = true;
    set_axes(&settings, epsilon, 2, neurons, 3);
    return settings;
}

static void observe_steps(ts_settings *settings, const double *steps, size_t count) {
    settings->observe_clock = TS_CLOCK_STEPS;
    settings->observe = steps;
    settings->observe_count = count;
}

/* Observation k of a sweep is the end of one with that horizon. */
static void assert_seen_as_ended(const ts_sweep *observed, const ts_settings *settings, const ts_run_options *options) {
    const size_t count = observed->observations.count;
    for (size_t k = 0; k < count; k++) {
        const uint64_t step = observed->observations.step[k];
        ts_settings shorter = *settings;
        shorter.observe_count = 0;
        shorter.slow_time = shorter.min_fast_time = 0;
        shorter.steps = step;
        if (step == 0)
            continue; /* there is no such sweep */
        ts_sweep *ended = run_sweep(&shorter, options);
        for (size_t cell = 0; cell < observed->cell_count; cell++) {
            assert_int_equal(observed->observations.step[cell * count + k], step);
            assert_memory_equal(&observed->results.observed[cell * count + k], &ended->results.statistics[cell],
                                sizeof(ts_statistics));
        }
        ts_sweep_destroy(ended);
    }
}

static void assert_seen_alike(const ts_sweep *a, const ts_sweep *b) {
    const size_t count = a->cell_count * a->observations.count;
    assert_memory_equal(a->results.observed, b->results.observed, count * sizeof *a->results.observed);
    assert_memory_equal(a->results.first_success, b->results.first_success, count * sizeof *a->results.first_success);
}

/* Finished trainings are seen once at each time, and succeed for the first time at most once. */
static void assert_adds_up(const ts_sweep *sweep) {
    for (size_t cell = 0; cell < sweep->cell_count; cell++) {
        uint64_t first = 0;
        const uint64_t trainings = ts_sweep_summary(sweep, cell).trainings;
        for (size_t k = 0; k < sweep->observations.count; k++) {
            const ts_cell_summary seen = ts_sweep_observed(sweep, cell, k);
            first += ts_sweep_first_success(sweep, cell, k);
            assert_int_equal(seen.trainings, trainings);
            assert_true(first >= seen.success_count);
        }
        assert_true(first <= trainings);
    }
}

enum { TIMES = 9 };
static const double times[TIMES] = {0, 1, 2, 63, 64, 500, 501, 900, 1500};

static void they_are_what_a_shorter_training_ends_with(void **state) {
    (void)state;
    const char *const backends[] = {"cpu", "reference"};
    ts_settings settings = easy_settings(1500);
    observe_steps(&settings, times, TIMES);
    for (size_t i = 0; i < 2; i++) {
        const ts_run_options options = {.backend = backends[i], .chunk_steps = i == 0 ? 0 : 7};
        ts_sweep *sweep = run_sweep(&settings, &options);
        assert_seen_as_ended(sweep, &settings, &options);
        assert_adds_up(sweep);
        const size_t last = sweep->cell_count - 1; /* some succeed on the way */
        assert_true(ts_sweep_observed(sweep, last, 0).success_count == 0);
        assert_true(ts_sweep_observed(sweep, last, TIMES - 1).success_count > 0);
        ts_sweep_destroy(sweep);
    }
}

static void of_gradient_flow_too(void **state) {
    (void)state;
    ts_settings settings = easy_settings(40);
    settings.dynamics = TS_DYNAMICS_GRADIENT_FLOW;
    settings.h = 0.2;
    settings.replicates = 5;
    set_axes(&settings, epsilon, 2, neurons, 2);
    const double few[] = {1, 7, 40};
    observe_steps(&settings, few, 3);
    ts_sweep *sweep = run_sweep(&settings, NULL);
    assert_seen_as_ended(sweep, &settings, NULL);
    ts_sweep_destroy(sweep);
}

static void nothing_of_the_end_changes(void **state) {
    (void)state;
    ts_settings settings = easy_settings(1500);
    ts_sweep *alone = run_sweep(&settings, NULL);
    observe_steps(&settings, times, TIMES);
    ts_sweep *observed = run_sweep(&settings, NULL);
    assert_same_sweep(alone, observed);
    assert_null(alone->results.observed);
    ts_sweep_destroy(observed);
    ts_sweep_destroy(alone);
}

/* Every method, instruction set, number of threads and length of chunks. */
static void it_does_not_matter_who_looks(void **state) {
    (void)state;
    ts_settings settings = easy_settings(1500);
    set_axes(&settings, epsilon + 1, 1, neurons, 3);
    observe_steps(&settings, times, TIMES);
    ts_sweep *expected = run_sweep(&settings, &(ts_run_options){.threads = 1, .instructions = "portable"});
    const char *instructions;
    for (size_t set = 0; (instructions = ts_instructions_name(set)); set++)
        for (int i = 0; i < 4; i++) {
            const bool has_choice = strcmp(instructions, "portable") != 0;
            const ts_run_options options = {.instructions = instructions,
                                            .algorithm = !has_choice ? NULL
                                                         : i % 2     ? "sorted"
                                                                     : "dense",
                                            .threads = 1 + i,
                                            .chunk_steps = (const uint64_t[]){0, 1, 61, 10000}[i]};
            ts_sweep *sweep = run_sweep(&settings, &options);
            assert_seen_alike(expected, sweep);
            assert_same_sweep(expected, sweep);
            ts_sweep_destroy(sweep);
        }
    ts_sweep_destroy(expected);
}

/* Random networks of all kinds, of which some diverge: a training that has stays so. */
static void random_trainings_are_seen_as_they_end(void **state) {
    (void)state;
    test_random random = {91};
    uint64_t diverged = 0, met = 0;
    for (int i = 0; i < 36; i++) {
        ts_settings settings = random_settings(&random);
        if (i % 3 == 0)
            random_other_network(&settings, &random);
        if (i % 2)
            settings.h = 0.1 + 0.9 * random_between(&random, 0, 1);
        settings.steps = 1 + random_word(&random) % 200;
        settings.replicates = 9;
        const double m = 1 + (double)(random_word(&random) % (i % 3 ? 150 : 20));
        set_axes(&settings, epsilon, 1 + random_word(&random) % 2, &m, 1);
        double few[3] = {(double)(random_word(&random) % settings.steps)};
        few[1] = few[0] + 1 + floor(random_between(&random, 0, (double)settings.steps - few[0] - 1));
        few[2] = (double)settings.steps;
        observe_steps(&settings, few, few[1] < few[2] ? 3 : 2);
        ts_error unseen;
        if (ts_settings_validate(&settings, &unseen) != TS_OK)
            continue;
        met++;
        const ts_run_options options = {.chunk_steps = random_word(&random) % 2 ? 1 + random_word(&random) % 50 : 0};
        ts_sweep *sweep = run_sweep(&settings, &options);
        assert_seen_as_ended(sweep, &settings, NULL);
        assert_adds_up(sweep);
        diverged += ts_sweep_observed(sweep, 0, 1).diverged_count;
        ts_sweep_destroy(sweep);
    }
    assert_true(met > 24 && diverged > 9);
}

/* Two times that are one step in a cell, and are different ones in another. */
static void times_may_be_the_same_step(void **state) {
    (void)state;
    ts_settings settings = easy_settings(0);
    const double close[] = {0.00099, 0.001, 0.00101, 0.06, 0.06001, 0.2};
    const double ratios[] = {0.0005, 1};
    settings.slow_time = 0.2;
    settings.h = 0.002;
    settings.min_fast_time = 1;
    set_axes(&settings, ratios, 2, neurons, 1);
    settings.observe_clock = TS_CLOCK_SLOW_TIME;
    settings.observe = close;
    settings.observe_count = 6;
    ts_sweep *sweep = run_sweep(&settings, NULL);
    const uint64_t *small = sweep->observations.step, *large = small + 6;
    assert_int_equal(small[0], 990);
    assert_int_equal(small[2], 1010);
    assert_int_equal(small[5], sweep->cells[0].steps);
    assert_int_equal(large[0], 0); /* 0.495 */
    assert_int_equal(large[1], 1); /* 0.5 */
    assert_int_equal(large[2], 1);
    assert_int_equal(large[3], large[4]);
    assert_int_equal(large[5], 100);
    assert_int_equal(sweep->cells[1].steps, 500);
    const ts_statistics *seen = sweep->results.observed + 6;
    assert_memory_equal(&seen[3], &seen[4], sizeof *seen);
    assert_int_equal(ts_sweep_first_success(sweep, 1, 4), 0);
    assert_adds_up(sweep);
    ts_sweep_destroy(sweep);
}

/* Each cell has its own h, and so its own steps. */
static void a_time_is_at_the_steps_of_each_cell(void **state) {
    (void)state;
    const double stepsizes[] = {0.001, 0.004}, slow[] = {0.1, 0.2};
    ts_settings settings = easy_settings(0);
    settings.slow_time = 0.4;
    settings.axis[TS_PARAMETER_H] = (ts_sweep_axis){stepsizes, 2};
    set_axes(&settings, epsilon + 1, 1, neurons + 1, 1);
    settings.observe_clock = TS_CLOCK_SLOW_TIME;
    settings.observe = slow;
    settings.observe_count = 2;
    ts_sweep *sweep = run_sweep(&settings, NULL);
    const uint64_t steps[] = {100, 200, 25, 50};
    assert_memory_equal(sweep->observations.step, steps, sizeof steps);
    for (size_t k = 0; k < 2; k++) {
        ts_settings shorter = settings;
        shorter.observe_count = 0;
        shorter.slow_time = slow[k];
        ts_sweep *ended = run_sweep(&shorter, NULL);
        for (size_t cell = 0; cell < 2; cell++)
            assert_memory_equal(&sweep->results.observed[cell * 2 + k], &ended->results.statistics[cell],
                                sizeof(ts_statistics));
        ts_sweep_destroy(ended);
    }
    ts_sweep_destroy(sweep);
}

/* A trace looks at single trainings: whether each is a success at the same steps. */
static void first_successes_are_those_of_the_trainings(void **state) {
    (void)state;
    enum { POINTS = 21 };
    ts_settings settings = easy_settings(4000);
    set_axes(&settings, epsilon + 1, 1, neurons + 1, 1);
    uint32_t replicate[REPLICATES];
    for (uint32_t r = 0; r < REPLICATES; r++)
        replicate[r] = r;
    ts_trace *trace = NULL;
    const ts_trace_options choice = {
        .replicate = replicate, .count = REPLICATES, .times = POINTS, .no_functions = true};
    assert_int_equal(ts_trace_create(&trace, &settings, &choice, NULL), TS_OK);
    assert_int_equal(ts_trace_run(trace, NULL, NULL, NULL), TS_OK);
    const ts_trace_data *data = ts_trace_result(trace);
    const double success = ts_loss_floor(&settings) + settings.unexplained_variance * ts_target_variance(&settings);
    double steps[POINTS];
    uint64_t first[POINTS] = {0}, all[POINTS] = {0}, again = 0;
    for (size_t k = 0; k < POINTS; k++)
        steps[k] = (double)data->step[k];
    for (size_t r = 0; r < REPLICATES; r++) {
        bool before = false;
        for (size_t k = 0; k < POINTS; k++) {
            const bool now = data->loss[r * POINTS + k] <= success;
            all[k] += now;
            first[k] += now && !before;
            again += k > 0 && now && before && !(data->loss[r * POINTS + k - 1] <= success);
            before |= now;
        }
    }
    assert_true(again > 0); /* some come back after they were none: they count the first time only */
    observe_steps(&settings, steps, POINTS);
    ts_sweep *sweep = run_sweep(&settings, NULL);
    for (size_t k = 0; k < POINTS; k++) {
        assert_int_equal(ts_sweep_observed(sweep, 0, k).success_count, all[k]);
        assert_int_equal(ts_sweep_first_success(sweep, 0, k), first[k]);
        assert_true(ts_sweep_observed(sweep, 0, k).steps == data->step[k]);
    }
    ts_sweep_destroy(sweep);
    ts_trace_destroy(trace);
}

static bool stop_soon(void *context, const ts_progress *progress) {
    (void)context;
    return progress->trainings_done == 0;
}

/* Those of a run that was stopped count where they have ended, and nowhere else. */
static void an_unfinished_training_was_not_seen(void **state) {
    (void)state;
    ts_settings settings = easy_settings(300000);
    settings.keep_trainings = false;
    set_axes(&settings, epsilon, 1, neurons + 1, 2);
    const double few[] = {1, 1000};
    observe_steps(&settings, few, 2);
    ts_sweep *sweep = create_sweep(&settings);
    assert_int_equal(ts_sweep_run(sweep, &(ts_run_options){.on_progress = stop_soon}, NULL, NULL), TS_INTERRUPTED);
    assert_true(ts_sweep_summary(sweep, 0).trainings < REPLICATES);
    assert_adds_up(sweep);
    ts_sweep_destroy(sweep);
}

static void before_a_run_there_is_nothing(void **state) {
    (void)state;
    ts_settings settings = easy_settings(1500);
    observe_steps(&settings, times, TIMES);
    ts_sweep *sweep = create_sweep(&settings);
    assert_true(ts_sweep_settings(sweep)->observe != times);
    assert_memory_equal(ts_sweep_settings(sweep)->observe, times, sizeof times);
    assert_int_equal(ts_sweep_observed(sweep, 0, 3).trainings, 0);
    assert_int_equal(ts_sweep_observed(sweep, 0, 3).steps, 63);
    assert_true(isnan(ts_sweep_observed(sweep, 0, 3).loss_mean));
    assert_int_equal(ts_sweep_observed_histogram(sweep, 0, 3)[0], 0);
    assert_int_equal(ts_sweep_first_success(sweep, 0, 3), 0);
    const double bytes = ts_sweep_estimate(sweep).memory_bytes;
    ts_sweep_destroy(sweep);
    settings.observe_count = 0;
    sweep = create_sweep(&settings);
    assert_true(bytes - ts_sweep_estimate(sweep).memory_bytes >= 6 * TIMES * sizeof(ts_statistics));
    ts_sweep_destroy(sweep);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_are_what_a_shorter_training_ends_with),
        cmocka_unit_test(of_gradient_flow_too),
        cmocka_unit_test(nothing_of_the_end_changes),
        cmocka_unit_test(it_does_not_matter_who_looks),
        cmocka_unit_test(random_trainings_are_seen_as_they_end),
        cmocka_unit_test(times_may_be_the_same_step),
        cmocka_unit_test(a_time_is_at_the_steps_of_each_cell),
        cmocka_unit_test(first_successes_are_those_of_the_trainings),
        cmocka_unit_test(an_unfinished_training_was_not_seen),
        cmocka_unit_test(before_a_run_there_is_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
