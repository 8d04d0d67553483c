/* How long a sweep would take: there is an answer for every sweep, it grows with the work, and asking changes nothing.
 * That it is right is for bench/forecast.py: tests do not time. */
#include "support.h"

static const double epsilons[] = {0.1, 100};
static const double counts[] = {20, 300};

static ts_settings settings_of(uint64_t steps, uint64_t replicates) {
    ts_settings settings = paper_settings();
    settings.h = 1e-4;
    settings.steps = steps;
    settings.replicates = replicates;
    set_axes(&settings, epsilons, 2, counts, 1);
    return settings;
}

static ts_forecast forecast_of(const ts_settings *settings, const ts_run_options *options) {
    ts_sweep *sweep = create_sweep(settings);
    ts_forecast forecast;
    ts_error error = {0};
    if (ts_sweep_forecast(sweep, options, &forecast, &error) != TS_OK)
        fail_msg("%s", error.message);
    ts_sweep_destroy(sweep);
    return forecast;
}

static double seconds_of(const ts_settings *settings) {
    const ts_forecast forecast = forecast_of(settings, &(ts_run_options){.threads = 2});
    assert_true(isfinite(forecast.training_seconds) && forecast.training_seconds > 0);
    assert_true(isfinite(forecast.limit_seconds) && (forecast.limit_seconds > 0) == settings->theory);
    return forecast.training_seconds + forecast.limit_seconds;
}

static void every_sweep_has_an_answer(void **state) {
    (void)state;
    ts_settings settings = settings_of(1000, 10);
    settings.axis[TS_PARAMETER_NEURONS].count = 2;
    seconds_of(&settings);
    settings.axis[TS_PARAMETER_NEURONS].count = 1;
    settings.replicates = 1;
    settings.steps = 1;
    seconds_of(&settings);
    settings.steps = TS_MAX_STEPS;
    assert_true(seconds_of(&settings) > 1e6);
    settings.h = 16; /* all diverge, at the first steps */
    assert_true(seconds_of(&settings) < 1e3);
    settings = settings_of(0, 100);
    settings.slow_time = 1;
    settings.theory = true;
    seconds_of(&settings);
    settings.randomness = TS_RANDOMNESS_INDEPENDENT;
    seconds_of(&settings);
    settings.init = TS_INIT_STRATIFIED;
    seconds_of(&settings);
    settings.init = TS_INIT_EQUISPACED;
    seconds_of(&settings);
    settings = settings_of(100, 10);
    settings.dynamics = TS_DYNAMICS_GRADIENT_FLOW;
    settings.eta = 0.1;
    settings.jump_count = 1;
    seconds_of(&settings);
    settings = settings_of(100, 10);
    settings.activation = TS_ACTIVATION_RELU;
    settings.eta = 0;
    settings.dimension = 3;
    seconds_of(&settings);
}

/* By a factor that no noise of a machine covers. */
static void more_work_takes_longer(void **state) {
    (void)state;
    const ts_settings settings = settings_of(20000, 100);
    const double seconds = seconds_of(&settings);
    ts_settings more = settings;
    more.steps *= 1000;
    assert_true(seconds_of(&more) > 50 * seconds);
    more = settings;
    more.replicates *= 1000;
    assert_true(seconds_of(&more) > 50 * seconds);
    more = settings;
    more.theory = true;
    more.replicates = 1000000;
    const ts_forecast all = forecast_of(&more, NULL);
    more.replicates = 1000;
    const ts_forecast some = forecast_of(&more, NULL);
    assert_true(all.limit_seconds > 50 * some.limit_seconds);
}

/* A loss on the way takes as long as the one at the end: here as long as hundreds of steps. */
static void observations_take_their_time(void **state) {
    (void)state;
    double times[200];
    for (int k = 0; k < 200; k++)
        times[k] = k;
    ts_settings settings = settings_of(200, 100);
    const double alone = seconds_of(&settings);
    settings.observe_clock = TS_CLOCK_STEPS;
    settings.observe = times;
    settings.observe_count = 200;
    assert_true(seconds_of(&settings) > 4 * alone);
}

static void it_says_what_would_run(void **state) {
    (void)state;
    const ts_settings settings = settings_of(100, 10);
    ts_forecast forecast =
        forecast_of(&settings, &(ts_run_options){.backend = "cpu", .instructions = "portable", .threads = 1});
    assert_string_equal(forecast.backend, "cpu");
    assert_string_equal(forecast.instructions, "portable");
    assert_int_equal(forecast.threads, 1);
    assert_string_equal(forecast.device, "");
    forecast = forecast_of(&settings, &(ts_run_options){.backend = "reference"});
    assert_string_equal(forecast.backend, "reference");
    assert_string_equal(forecast.instructions, "");
    ts_sweep *sweep = create_sweep(&settings);
    ts_error error = {0};
    assert_int_equal(ts_sweep_forecast(sweep, &(ts_run_options){.backend = "abacus"}, &forecast, &error), TS_INVALID);
    assert_non_null(strstr(error.message, "no backend is named 'abacus'"));
    ts_sweep_destroy(sweep);
}

static bool never_called(void *context, const ts_progress *progress) {
    (void)context;
    (void)progress;
    fail_msg("a forecast reports no progress");
    return true;
}

static void asking_changes_nothing(void **state) {
    (void)state;
    ts_settings settings = settings_of(2000, 20);
    settings.theory = true;
    ts_sweep *plain = run_sweep(&settings, NULL), *asked = create_sweep(&settings);
    ts_forecast forecast;
    assert_int_equal(ts_sweep_forecast(asked, &(ts_run_options){.on_progress = never_called}, &forecast, NULL), TS_OK);
    assert_int_equal(ts_sweep_run(asked, NULL, NULL, NULL), TS_OK);
    assert_int_equal(ts_sweep_forecast(asked, NULL, &forecast, NULL), TS_OK);
    for (size_t i = 0; i < 2; i++) {
        const ts_cell_summary a = ts_sweep_summary(plain, i), b = ts_sweep_summary(asked, i);
        assert_true(a.trainings == 20 && b.trainings == 20 && a.success_count == b.success_count);
        assert_true(a.loss_sum_high == b.loss_sum_high && a.loss_sum_low == b.loss_sum_low);
        assert_true(a.limit_agreement_count == b.limit_agreement_count);
    }
    ts_sweep_destroy(asked);
    ts_sweep_destroy(plain);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sweep_has_an_answer),    cmocka_unit_test(more_work_takes_longer),
        cmocka_unit_test(observations_take_their_time), cmocka_unit_test(it_says_what_would_run),
        cmocka_unit_test(asking_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
