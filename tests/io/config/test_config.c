/* Configuration files: what is read, axes, what --set changes, and the text that is kept. Runs in the source folder. */
#include "io/config/configurations.h"

/* ---- what is read ---- */

static void least_file_leaves_defaults(void **state) {
    (void)state;
    write_edited(NULL, least);
    ts_config config = load_with(NULL, 0);
    const ts_settings *s = &config.settings;
    ts_settings standard = ts_settings_default();
    assert_string_equal(config.title, "");
    assert_int_equal(s->seed, 42);
    assert_true(s->target_base == 1);
    assert_int_equal(s->jump_count, 2);
    assert_true(s->jump_at[0] == 0.2 && s->jump_by[0] == 4 && s->jump_at[1] == 0.5 && s->jump_by[1] == -4);
    assert_true(s->eta == 4e-3 && s->h == 1e-4 && s->slow_time == 0.5);
    assert_true(s->steps == 0 && s->min_fast_time == 0);
    assert_int_equal(s->axis[TS_PARAMETER_EPSILON].count, 3);
    assert_true(s->axis[TS_PARAMETER_EPSILON].values[0] == 0.01 && s->axis[TS_PARAMETER_EPSILON].values[1] == 0.1 &&
                s->axis[TS_PARAMETER_EPSILON].values[2] == 1);
    assert_int_equal(s->axis[TS_PARAMETER_NEURONS].count, 2);
    assert_true(s->axis[TS_PARAMETER_NEURONS].values[0] == 4 && s->axis[TS_PARAMETER_NEURONS].values[1] == 8);
    assert_int_equal(s->replicates, 3);
    assert_true(s->half_width == 0 && s->least_replicates == 0 && s->criterion == TS_CRITERION_LOSS);
    assert_int_equal(s->dynamics, standard.dynamics);
    assert_true(s->noise == standard.noise);
    assert_int_equal(s->init, standard.init);
    assert_int_equal(s->derivative, standard.derivative);
    assert_int_equal(s->randomness, standard.randomness);
    assert_true(s->unexplained_variance == standard.unexplained_variance);
    assert_int_equal(s->stop, TS_STOP_NEVER);
    assert_int_equal(s->keep_trainings, standard.keep_trainings);
    assert_true(!s->theory && !standard.theory && s->limit_starts == 0);
    assert_int_equal(s->observe_count, 0);
    ts_config_free(&config);
}

static void every_optional_key_arrives(void **state) {
    (void)state;
    const char *const assignments[] = {
        "title=Été at 50%",
        "dynamics=gradient_flow",
        "network.init=equispaced",
        "sgd={h: 2e-4, noise: 0.25, derivative: box, horizon: {slow_time: 2, min_fast_time: 7}}",
        "sweep.randomness=independent",
        "success={unexplained_variance: 0.02, stop: first_success}",
        "observe={steps: {values: [3, 5]}}",
        "theory=true",
        "output={keep_trainings: true}",
    };
    write_edited(NULL, least);
    ts_config config = load_with(assignments, COUNT(assignments));
    const ts_settings *s = &config.settings;
    assert_string_equal(config.title, "Été at 50%");
    assert_int_equal(s->dynamics, TS_DYNAMICS_GRADIENT_FLOW);
    assert_int_equal(s->init, TS_INIT_EQUISPACED);
    assert_true(s->h == 2e-4 && s->noise == 0.25 && s->slow_time == 2 && s->min_fast_time == 7);
    assert_int_equal(s->derivative, TS_DERIVATIVE_BOX);
    assert_int_equal(s->randomness, TS_RANDOMNESS_INDEPENDENT);
    assert_true(s->unexplained_variance == 0.02);
    assert_int_equal(s->stop, TS_STOP_FIRST_SUCCESS);
    assert_true(s->keep_trainings && s->theory && s->limit_starts == 0);
    ts_config_free(&config);
}

static void replicates_may_be_a_mapping(void **state) {
    (void)state;
    const char *const assignments[] = {
        "sweep.replicates={at_least: 64, at_most: 4096, half_width: 0.03, criterion: both}",
        "sweep.replicates.at_most=500"};
    write_edited(NULL, least);
    ts_config config = load_with(assignments, COUNT(assignments));
    const ts_settings *s = &config.settings;
    assert_true(s->least_replicates == 64 && s->replicates == 500 && s->half_width == 0.03);
    assert_int_equal(s->criterion, TS_CRITERION_BOTH);
    ts_config_free(&config);
}

/* As in a file, so by assignments: whichever form comes last stands. */
static void a_switch_may_be_a_mapping(void **state) {
    (void)state;
    static const struct {
        const char *file, *assignment; /* "": none */
        bool theory;
        uint64_t starts;
    } cases[] = {
        {"theory: {starts: 32768}", "", true, 32768},
        {"theory:\n  starts: 1e5", "", true, 100000},
        {"theory: true", "theory.starts=100", true, 100},
        {"theory: false", "theory.starts=100", true, 100},
        {"", "theory.starts=100", true, 100},
        {"", "theory={starts: 100}", true, 100},
        {"theory: true", "theory={starts: 100}", true, 100},
        {"theory: {starts: 7}", "theory.starts=100", true, 100},
        {"theory: {starts: 7}", "theory=true", true, 0},
        {"theory: {starts: 7}", "theory=false", false, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char end[64];
        snprintf(end, sizeof end, "replicates: 3\n%s\n", cases[i].file);
        write_edited("replicates: 3\n", end);
        ts_config config = load_with(&cases[i].assignment, cases[i].assignment[0] != '\0');
        assert_true(config.settings.theory == cases[i].theory);
        assert_int_equal(config.settings.limit_starts, cases[i].starts);
        write_edited(NULL, config.text);
        ts_config kept = load_with(NULL, 0);
        assert_true(kept.settings.theory == cases[i].theory && kept.settings.limit_starts == cases[i].starts);
        ts_config_free(&kept);
        ts_config_free(&config);
    }
}

static void observations_are_axes(void **state) {
    (void)state;
    ts_config config = load_least_with("observe={slow_time: {values: [0, 0.1, 0.5]}}");
    assert_int_equal(config.settings.observe_clock, TS_CLOCK_SLOW_TIME);
    assert_int_equal(config.settings.observe_count, 3);
    assert_true(config.settings.observe[0] == 0 && config.settings.observe[1] == 0.1);
    assert_true(config.settings.observe[2] == 0.5);
    ts_config_free(&config);
    config = load_least_with("observe={fast_time: {linear: {from: 0.1, to: 0.3, count: 3}}}");
    assert_int_equal(config.settings.observe_clock, TS_CLOCK_FAST_TIME);
    assert_true(config.settings.observe[1] == 0.2);
    ts_config_free(&config);
    config = load_least_with("observe={steps: {log: {from: 1, to: 1000, count: 6}}}");
    assert_int_equal(config.settings.observe_clock, TS_CLOCK_STEPS);
    const double rounded[] = {1, 4, 16, 63, 251, 1000};
    assert_memory_equal(config.settings.observe, rounded, sizeof rounded);
    ts_config_free(&config);
}

static void other_networks_are_read(void **state) {
    (void)state;
    const char *const assignments[] = {"target.dimension=3", "network={activation: relu, start_weight: 2.5}"};
    write_edited(NULL, least);
    ts_config config = load_with(assignments, COUNT(assignments));
    const ts_settings *s = &config.settings;
    assert_int_equal(s->dimension, 3);
    assert_int_equal(s->activation, TS_ACTIVATION_RELU);
    assert_true(s->start_weight == 2.5 && s->eta == 0);
    ts_config_free(&config);
    config = load_least_with("network.activation=step");
    assert_int_equal(config.settings.activation, TS_ACTIVATION_STEP);
    assert_true(config.settings.dimension == 1 && config.settings.start_weight == 0 && config.settings.eta == 4e-3);
    ts_config_free(&config);
}

static void whole_numbers_may_have_an_exponent(void **state) {
    (void)state;
    const char *const assignments[] = {"sgd.horizon={steps: 1e6}", "sweep.replicates=2.0", "seed=18446744073709551615"};
    write_edited(NULL, least);
    ts_config config = load_with(assignments, COUNT(assignments));
    assert_int_equal(config.settings.steps, 1000000);
    assert_int_equal(config.settings.replicates, 2);
    assert_true(config.settings.seed == UINT64_MAX);
    ts_config_free(&config);
    static const char *const others[] = {"seed=0.5e1", "seed=500e-2", "seed=5.000", "seed=+5", "seed=.5e+1"};
    for (size_t i = 0; i < COUNT(others); i++) {
        config = load_least_with(others[i]);
        assert_int_equal(config.settings.seed, 5);
        ts_config_free(&config);
    }
}

static void target_may_be_constant(void **state) {
    (void)state;
    ts_config config = load_least_with("target.jumps=[]");
    assert_int_equal(config.settings.jump_count, 0);
    ts_config_free(&config);
}

static void byte_order_mark_is_not_text(void **state) {
    (void)state;
    write_edited("seed", "\xef\xbb\xbfseed");
    ts_config config = load_with(NULL, 0);
    assert_int_equal(config.settings.seed, 42);
    ts_config_free(&config);
}

/* ---- axes ---- */

static void log_axis_has_clean_decades(void **state) {
    (void)state;
    ts_config config = load_least_with("sweep.epsilon={log: {from: 1e-4, to: 1, count: 17}}");
    const double *epsilon = config.settings.axis[TS_PARAMETER_EPSILON].values;
    assert_int_equal(config.settings.axis[TS_PARAMETER_EPSILON].count, 17);
    assert_true(epsilon[0] == 1e-4 && epsilon[4] == 1e-3 && epsilon[8] == 1e-2 && epsilon[12] == 1e-1 &&
                epsilon[16] == 1);
    assert_true(epsilon[2] == 0.000316227766016838); /* 1e-4 sqrt(10) to 15 digits */
    ts_config_free(&config);
}

static void ends_of_an_axis_are_exact(void **state) {
    (void)state;
    const char *const kinds[] = {
        "sweep.epsilon={log: {from: 0.00012345678901234567, to: 0.98765432109876543, count: 4}}",
        "sweep.epsilon={linear: {from: 0.00012345678901234567, to: 0.98765432109876543, count: 4}}",
    };
    for (size_t i = 0; i < COUNT(kinds); i++) {
        ts_config config = load_least_with(kinds[i]);
        assert_int_equal(config.settings.axis[TS_PARAMETER_EPSILON].count, 4);
        assert_true(config.settings.axis[TS_PARAMETER_EPSILON].values[0] == 0.00012345678901234567);
        assert_true(config.settings.axis[TS_PARAMETER_EPSILON].values[3] == 0.98765432109876543);
        ts_config_free(&config);
    }
}

static void linear_axis_has_clean_tenths(void **state) {
    (void)state;
    ts_config config = load_least_with("sweep.epsilon={linear: {from: 0.1, to: 0.7, count: 7}}");
    const double expected[] = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7};
    assert_int_equal(config.settings.axis[TS_PARAMETER_EPSILON].count, 7);
    assert_memory_equal(config.settings.axis[TS_PARAMETER_EPSILON].values, expected, sizeof expected);
    ts_config_free(&config);
}

static void axis_may_be_one_point(void **state) {
    (void)state;
    ts_config config = load_least_with("sweep.epsilon={log: {from: 0.5, to: 0.5, count: 1}}");
    assert_int_equal(config.settings.axis[TS_PARAMETER_EPSILON].count, 1);
    assert_true(config.settings.axis[TS_PARAMETER_EPSILON].values[0] == 0.5);
    ts_config_free(&config);
}

static void every_parameter_may_have_an_axis(void **state) {
    (void)state;
    write_edited("network: {eta: 4.0e-3}\nsgd:\n  h: 1.0e-4\n", "sgd:\n");
    const char *const assignments[] = {"sweep.h={log: {from: 1e-5, to: 1e-3, count: 3}}",
                                       "sweep.noise={linear: {from: 0, to: 1, count: 3}}",
                                       "sweep.eta={values: [2e-3, 1e-2]}"};
    ts_config config;
    ts_error error = {0};
    (void)ts_config_load(&config, "x.yaml", assignments, COUNT(assignments), &error);
    assert_string_equal(error.message, "");
    const double h[] = {1e-5, 1e-4, 1e-3}, noise[] = {0, 0.5, 1}, eta[] = {2e-3, 1e-2};
    const ts_sweep_axis *axis = config.settings.axis;
    assert_true(axis[TS_PARAMETER_H].count == 3 && axis[TS_PARAMETER_NOISE].count == 3);
    assert_memory_equal(axis[TS_PARAMETER_H].values, h, sizeof h);
    assert_memory_equal(axis[TS_PARAMETER_NOISE].values, noise, sizeof noise);
    assert_int_equal(axis[TS_PARAMETER_ETA].count, 2);
    assert_memory_equal(axis[TS_PARAMETER_ETA].values, eta, sizeof eta);
    ts_config_free(&config);
}

static void neurons_of_a_range_are_rounded(void **state) {
    (void)state;
    ts_config config = load_least_with("sweep.neurons={log: {from: 4, to: 64, count: 6}}");
    const double expected[] = {4, 7, 12, 21, 37, 64}; /* 4 16^(i/5) is 6.96, 12.13, 21.11, 36.76 between the ends */
    assert_int_equal(config.settings.axis[TS_PARAMETER_NEURONS].count, COUNT(expected));
    assert_memory_equal(config.settings.axis[TS_PARAMETER_NEURONS].values, expected, sizeof expected);
    ts_config_free(&config);
}

/* ---- --set and the text that is kept ---- */

static void later_assignments_win(void **state) {
    (void)state;
    const char *const assignments[] = {
        "sgd.h=1",
        "sgd.h=2e-4",
        "target.jumps=[{at: 0.5, by: 1}]",
        "target.jumps[0].by=3",
        "sweep.neurons.values[1]=5",
        "title=a=b",
    };
    write_edited(NULL, least);
    ts_config config = load_with(assignments, COUNT(assignments));
    assert_true(config.settings.h == 2e-4);
    assert_int_equal(config.settings.jump_count, 1);
    assert_true(config.settings.jump_at[0] == 0.5 && config.settings.jump_by[0] == 3);
    assert_int_equal(config.settings.axis[TS_PARAMETER_NEURONS].values[1], 5);
    assert_string_equal(config.title, "a=b");
    ts_config_free(&config);
}

static void kept_text_gives_the_same_configuration(void **state) {
    (void)state;
    const char *const assignments[] = {"title='it''s: #1 \"quoted\"'", "output.keep_trainings=true", "sgd.h=0.000125",
                                       "sweep.replicates=1e3"};
    write_edited(NULL, least);
    ts_config first = load_with(assignments, COUNT(assignments));
    assert_non_null(strstr(first.text, "h: 0.000125"));
    assert_non_null(strstr(first.text, "replicates: 1000\n"));
    assert_null(strstr(first.text, "1.0e-4"));
    write_edited(NULL, first.text);
    ts_config second = load_with(NULL, 0);
    assert_string_equal(second.title, "it's: #1 \"quoted\"");
    assert_string_equal(second.text, first.text);
    assert_true(second.settings.h == 0.000125);
    assert_int_equal(second.settings.replicates, 1000);
    assert_true(second.settings.keep_trainings);
    ts_config_free(&first);
    ts_config_free(&second);
}

static void shipped_configurations_load(void **state) {
    (void)state;
    const struct {
        const char *name;
        size_t epsilon_count, neurons_count, h_count, jump_count;
        uint64_t replicates;
        double h; /* 0 where it has an axis */
    } shipped[] = {
        {"quickstart", 10, 8, 0, 5, 32, 1e-4},
        {"phase", 33, 32, 0, 5, 2048, 1e-5},
        {"border", 9, 1, 5, 5, 100, 0},
        {"boundary", 11, 6, 0, 5, 512, 1e-5},
        {"paper/varying-epsilon", 3, 1, 0, 5, 256, 1e-5},
        {"paper/two-timescale", 1, 1, 0, 5, 20, 1e-5},
        {"paper/two-timescale-quick", 1, 1, 0, 5, 20, 1e-3},
        {"paper/equal-stepsizes", 1, 1, 0, 5, 20, 1e-5},
        {"paper/relu", 2, 1, 0, 3, 256, 1e-3},
        {"paper/additive-2", 2, 1, 0, 3, 256, 1e-4},
        {"paper/additive-10", 2, 1, 0, 3, 256, 1e-4},
        {"paper/sketch", 1, 1, 0, 3, 1, 1e-3},
    };
    for (size_t i = 0; i < COUNT(shipped); i++) {
        char path[sizeof source_folder + 64];
        snprintf(path, sizeof path, "%s/configs/%s.yaml", source_folder, shipped[i].name);
        ts_config config;
        ts_error error = {0};
        (void)ts_config_load(&config, path, NULL, 0, &error);
        assert_string_equal(error.message, "");
        assert_int_equal(config.settings.axis[TS_PARAMETER_EPSILON].count, shipped[i].epsilon_count);
        assert_int_equal(config.settings.axis[TS_PARAMETER_NEURONS].count, shipped[i].neurons_count);
        assert_int_equal(config.settings.axis[TS_PARAMETER_H].count, shipped[i].h_count);
        assert_int_equal(config.settings.replicates, shipped[i].replicates);
        assert_true(config.settings.h == shipped[i].h);
        assert_int_equal(config.settings.jump_count, shipped[i].jump_count);
        ts_config_free(&config);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(least_file_leaves_defaults),
        cmocka_unit_test(every_optional_key_arrives),
        cmocka_unit_test(replicates_may_be_a_mapping),
        cmocka_unit_test(a_switch_may_be_a_mapping),
        cmocka_unit_test(observations_are_axes),
        cmocka_unit_test(other_networks_are_read),
        cmocka_unit_test(whole_numbers_may_have_an_exponent),
        cmocka_unit_test(target_may_be_constant),
        cmocka_unit_test(byte_order_mark_is_not_text),
        cmocka_unit_test(log_axis_has_clean_decades),
        cmocka_unit_test(ends_of_an_axis_are_exact),
        cmocka_unit_test(linear_axis_has_clean_tenths),
        cmocka_unit_test(axis_may_be_one_point),
        cmocka_unit_test(every_parameter_may_have_an_axis),
        cmocka_unit_test(neurons_of_a_range_are_rounded),
        cmocka_unit_test(later_assignments_win),
        cmocka_unit_test(kept_text_gives_the_same_configuration),
        cmocka_unit_test(shipped_configurations_load),
    };
    return cmocka_run_group_tests(tests, enter_test_folder, leave_test_folder);
}
