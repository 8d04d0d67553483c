/* Every setting out of its range is refused with its key and one sentence. */
#include "support.h"

static const double epsilons[] = {0.01, 0.1, 1};
static const double counts[] = {4, 20};

static ts_settings good(void) {
    ts_settings settings = paper_settings();
    settings.h = 1e-4;
    settings.slow_time = 1;
    settings.replicates = 3;
    set_axes(&settings, epsilons, 3, counts, 2);
    return settings;
}

static void assert_refused(const ts_settings *settings, const char *key, const char *message) {
    ts_error error = {0};
    assert_int_equal(ts_settings_validate(settings, &error), TS_INVALID);
    assert_string_equal(error.key, key);
    if (!strstr(error.message, message))
        fail_msg("%s: '%s' does not say '%s'", key, error.message, message);
    ts_sweep *sweep;
    assert_int_equal(ts_sweep_create(&sweep, settings, NULL), TS_INVALID);
    assert_null(sweep);
}

#define REFUSED(member, value, key, message)                                                                           \
    do {                                                                                                               \
        ts_settings bad = good();                                                                                      \
        bad.member = (value);                                                                                          \
        assert_refused(&bad, key, message);                                                                            \
    } while (0)

static void numbers_out_of_range_are_refused(void **state) {
    (void)state;
    const ts_settings settings = good();
    assert_int_equal(ts_settings_validate(&settings, NULL), TS_OK);
    REFUSED(eta, 0, "network.eta", "found 0, allowed are numbers from 1e-05 to 0.5");
    REFUSED(eta, -1, "network.eta", "found -1");
    REFUSED(eta, NAN, "network.eta", "found nan");
    REFUSED(eta, 0.6, "network.eta", "found 0.6");
    REFUSED(h, 0, "sgd.h", "found 0");
    REFUSED(h, -1e-3, "sgd.h", "found -0.001");
    REFUSED(h, INFINITY, "sgd.h", "found inf");
    REFUSED(h, 17, "sgd.h", "allowed are numbers from 1e-12 to 16");
    REFUSED(noise, -1, "sgd.noise", "found -1, allowed are 0 and numbers from");
    REFUSED(noise, 65, "sgd.noise", "found 65");
    REFUSED(noise, NAN, "sgd.noise", "found nan");
    REFUSED(noise, 1e-9, "sgd.noise", "found 1e-09");
    REFUSED(target_base, 1e3, "target.base", "found 1000");
    REFUSED(target_base, NAN, "target.base", "found nan");
    REFUSED(unexplained_variance, 0, "success.unexplained_variance", "found 0");
    REFUSED(unexplained_variance, 1.5, "success.unexplained_variance", "found 1.5");
    REFUSED(stop, TS_STOP_FIRST_SUCCESS, "success.stop", "found first_success without observe");
    REFUSED(stop, (ts_stop)2, "success.stop", "found 2, allowed are never and first_success");
    REFUSED(replicates, 0, "sweep.replicates", "found 0");
    REFUSED(replicates, UINT64_C(1) << 32, "sweep.replicates", "found 4294967296");
}

static void jumps_out_of_place_are_refused(void **state) {
    (void)state;
    REFUSED(jump_at[0], 0, "target.jumps[0].at", "found 0, allowed are numbers between 0 and 1");
    REFUSED(jump_at[4], 1, "target.jumps[4].at", "found 1");
    REFUSED(jump_at[2], NAN, "target.jumps[2].at", "found nan");
    REFUSED(jump_at[2], 0.3, "target.jumps[2].at", "found 0.3 after 0.35, jumps must be in ascending order");
    REFUSED(jump_at[1], 0.203, "target.jumps[1].at", "two jumps must be at least eta = 0.004 apart");
    REFUSED(jump_by[1], 0, "target.jumps[1].by", "found 0");
    REFUSED(jump_by[1], INFINITY, "target.jumps[1].by", "found inf");
    REFUSED(jump_by[1], 63, "target.jumps[1].by", "takes the target to 68");
    REFUSED(jump_count, 64, "target.jumps", "found 64 jumps, allowed are at most 63");
}

static void axes_are_ascending_and_bounded(void **state) {
    (void)state;
    const double falling[] = {1, 0.1}, twice[] = {0.1, 0.1}, nothing[] = {0, 1}, strange[] = {0.1, NAN};
    const double none[] = {0}, many[] = {4097}, repeated[] = {8, 8};
    REFUSED(axis[TS_PARAMETER_EPSILON].count, 0, "sweep.epsilon", "no value");
    REFUSED(axis[TS_PARAMETER_NEURONS].count, 0, "sweep.neurons", "no value");
    const double *const bad_epsilons[] = {falling, twice, nothing, strange};
    const char *const sayings[] = {"found 0.1 after 1", "found 0.1 after 0.1", "found 0", "found nan"};
    for (int i = 0; i < 4; i++) {
        ts_settings bad = good();
        set_axes(&bad, bad_epsilons[i], 2, counts, 2);
        assert_refused(&bad, "sweep.epsilon", sayings[i]);
    }
    ts_settings bad = good();
    set_axes(&bad, epsilons, 3, none, 1);
    assert_refused(&bad, "sweep.neurons", "found 0, allowed are whole numbers from 1 to 4096");
    set_axes(&bad, epsilons, 3, many, 1);
    assert_refused(&bad, "sweep.neurons", "found 4097");
    set_axes(&bad, epsilons, 3, repeated, 2);
    assert_refused(&bad, "sweep.neurons", "found 8 after 8");
    set_axes(&bad, epsilons, 1000000000, counts, 1); /* must be refused before the values are read */
    assert_refused(&bad, "sweep", "found 1000000000 x 1 cells, allowed are at most 65536");
}

static void horizons_are_one_kind_and_countable(void **state) {
    (void)state;
    REFUSED(steps, 100, "sgd.horizon", "both");
    REFUSED(slow_time, 0, "sgd.horizon.slow_time", "found 0");
    REFUSED(slow_time, NAN, "sgd.horizon.slow_time", "found nan");
    REFUSED(min_fast_time, -1, "sgd.horizon.min_fast_time", "found -1");
    REFUSED(slow_time, 1e30, "sgd.horizon", "steps at epsilon = 0.01");
    REFUSED(slow_time, 1e-9, "sgd.horizon", "found 0 steps");
    ts_settings settings = good();
    settings.slow_time = 0;
    settings.steps = TS_MAX_STEPS + 1;
    assert_refused(&settings, "sgd.horizon.steps", "found 72057594037927937");
    settings.steps = TS_MAX_STEPS;
    assert_int_equal(ts_settings_validate(&settings, NULL), TS_OK);
}

static void horizon_is_the_longer_of_two_times(void **state) {
    (void)state;
    ts_settings settings = good();
    settings.min_fast_time = 50;
    assert_true(ts_horizon_steps(&settings, 0.01) == 1e6); /* 1 / (1e-4 0.01) */
    assert_true(ts_horizon_steps(&settings, 1) == 500000); /* 50 / 1e-4 */
}

static void a_target_without_jumps_is_allowed(void **state) {
    (void)state;
    ts_settings settings = good();
    settings.jump_count = 0;
    assert_int_equal(ts_settings_validate(&settings, NULL), TS_OK);
    assert_true(ts_target_variance(&settings) == 0);
}

#define REFUSED_FOR_RELU(member, value, key, message)                                                                  \
    do {                                                                                                               \
        ts_settings bad = good();                                                                                      \
        bad.activation = TS_ACTIVATION_RELU;                                                                           \
        bad.eta = 0;                                                                                                   \
        bad.member = (value);                                                                                          \
        assert_refused(&bad, key, message);                                                                            \
    } while (0)

static void networks_are_bounded(void **state) {
    (void)state;
    ts_settings settings = good();
    settings.activation = TS_ACTIVATION_RELU;
    assert_refused(&settings, "network.eta", "found 0.004, but the activation relu has no width: leave it out");
    settings.eta = 0;
    assert_int_equal(ts_settings_validate(&settings, NULL), TS_OK);
    REFUSED(activation, (ts_activation)7, "network.activation", "found 7, allowed are step and relu");
    REFUSED(dimension, 0, "target.dimension", "found 0, allowed are whole numbers from 1 to 16");
    REFUSED(dimension, 17, "target.dimension", "found 17");
    REFUSED(limit_starts, 0x100000000, "theory.starts",
            "found 4294967296, allowed are whole numbers from 1 to 4294967295");
    REFUSED(start_weight, -1, "network.start_weight", "found -1, allowed are 0 and numbers from 1e-06 to 8192");
    REFUSED(start_weight, NAN, "network.start_weight", "found nan");
    REFUSED(start_weight, 1000, "network.start_weight", "the weights of 20 neurons may add up to more than 8192");
    REFUSED(target_base, 61, "target.jumps[0].by", "found 4, which takes the target to 65; its values may be from");
    REFUSED_FOR_RELU(jump_by[0], 65, "target.jumps[0].by",
                     "takes the slope of the target to 65; allowed are -64 to 64");
    REFUSED_FOR_RELU(target_base, 63.8, "target.jumps[0].by", "found 4, which takes the target to 64.4");
    REFUSED_FOR_RELU(theory, true, "theory", "which is not known for the activation relu; allowed is false");
    REFUSED_FOR_RELU(dynamics, TS_DYNAMICS_GRADIENT_FLOW, "dynamics", "found gradient_flow, which there is not for");
}

static void choices_have_the_values_that_have_words(void **state) {
    (void)state;
    REFUSED(dynamics, (ts_dynamics)2, "dynamics", "found 2, allowed are sgd and gradient_flow");
    REFUSED(init, (ts_init)99, "network.init", "found 99, allowed are uniform, equispaced and stratified");
    REFUSED(init, (ts_init)-1, "network.init", "found -1");
    REFUSED(derivative, (ts_derivative)2, "sgd.derivative", "found 2, allowed are exact and box");
    REFUSED(randomness, (ts_randomness)2, "sweep.randomness", "found 2, allowed are common and independent");
}

static void all_coordinates_together_are_bounded(void **state) {
    (void)state;
    static const double many[] = {257};
    ts_settings settings = good();
    settings.dimension = 16;
    assert_refused(&settings, "target.jumps[0].by", "found 4, which takes the target to 65"); /* 1 + 16 times 4 */
    settings = good();
    settings.dimension = 15;
    assert_int_equal(ts_settings_validate(&settings, NULL), TS_OK);
    settings.steps = TS_MAX_STEPS / 4 + 1;
    settings.slow_time = 0;
    assert_refused(&settings, "sgd.horizon.steps", "allowed are whole numbers from 1 to 18014398509481984");
    settings = good();
    settings.dimension = 15;
    settings.dynamics = TS_DYNAMICS_GRADIENT_FLOW;
    assert_refused(&settings, "dynamics", "found gradient_flow, which there is not for target.dimension above 1");
    settings = good();
    settings.dimension = 16;
    settings.jump_count = 0;
    set_axes(&settings, epsilons, 3, many, 1);
    assert_refused(&settings, "sweep.neurons",
                   "found 257, allowed are whole numbers from 1 to 256 for each coordinate");
}

static void observations_lie_within_the_trainings(void **state) {
    (void)state;
    const double times[] = {0, 0.25, 1}, falling[] = {0.5, 0.25}, strange[] = {NAN}, late[] = {0.5, 1.1},
                 half[] = {1.5};
    ts_settings settings = good();
    settings.observe = times;
    settings.observe_clock = TS_CLOCK_SLOW_TIME;
    settings.observe_count = 3;
    assert_int_equal(ts_settings_validate(&settings, NULL), TS_OK);
    assert_true(ts_clock_steps(TS_CLOCK_SLOW_TIME, 0.25, 1e-4, 0.01) == 250000);
    assert_true(ts_clock_steps(TS_CLOCK_FAST_TIME, 0.25, 1e-4, 0.01) == 2500);
    assert_true(ts_clock_steps(TS_CLOCK_STEPS, 25, 1e-4, 0.01) == 25);
    const struct {
        const double *observe;
        size_t count;
        int clock;
        const char *key, *message;
    } cases[] = {
        {falling, 2, TS_CLOCK_SLOW_TIME, "observe.slow_time", "found 0.25 after 0.5, values must be ascending"},
        {strange, 1, TS_CLOCK_FAST_TIME, "observe.fast_time", "found nan, allowed are finite numbers from 0"},
        {late, 2, TS_CLOCK_SLOW_TIME, "observe.slow_time", "found 1.1, which is step 1100000 at epsilon = 0.01"},
        {late, 2, TS_CLOCK_FAST_TIME, "observe.fast_time", "found 1.1, which is step 11000 at epsilon = 1 and h ="},
        {half, 1, TS_CLOCK_STEPS, "observe.steps", "found 1.5, allowed are whole numbers from 0"},
        {times, 1001, TS_CLOCK_STEPS, "observe.steps", "found 1001 times, allowed are at most 1000"},
        {NULL, 1, TS_CLOCK_STEPS, "observe.steps", "found no value"},
        {times, 3, 7, "observe", "found 7, allowed are steps, slow_time and fast_time"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        settings.observe = cases[i].observe;
        settings.observe_count = cases[i].count;
        settings.observe_clock = (ts_clock)cases[i].clock;
        assert_refused(&settings, cases[i].key, cases[i].message);
    }
    settings.min_fast_time = 1.1; /* enough for the largest epsilon */
    settings.observe_clock = TS_CLOCK_FAST_TIME;
    settings.observe = late;
    settings.observe_count = 2;
    assert_int_equal(ts_settings_validate(&settings, NULL), TS_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_out_of_range_are_refused),
        cmocka_unit_test(jumps_out_of_place_are_refused),
        cmocka_unit_test(axes_are_ascending_and_bounded),
        cmocka_unit_test(horizons_are_one_kind_and_countable),
        cmocka_unit_test(horizon_is_the_longer_of_two_times),
        cmocka_unit_test(a_target_without_jumps_is_allowed),
        cmocka_unit_test(networks_are_bounded),
        cmocka_unit_test(choices_have_the_values_that_have_words),
        cmocka_unit_test(all_coordinates_together_are_bounded),
        cmocka_unit_test(observations_lie_within_the_trainings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
