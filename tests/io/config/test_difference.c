/* Where two configurations differ: which key, with both values, whatever way they are written in. */
#include "io/config/configurations.h"

/* The least configuration with assignments. */
static ts_config load_edited(const char *const *assignments, size_t count) {
    ts_config config;
    ts_error error = {0};
    if (ts_config_load_text(&config, "x.yaml", least, strlen(least), assignments, count, &error) != TS_OK)
        fail_msg("%s", error.message);
    return config;
}

static void the_same_settings_may_be_written_in_many_ways(void **state) {
    (void)state;
    static const char *const same[][2] = {
        {"title=one", "title=another"},
        {"sgd.h=1e-4", "sgd.h=0.0001"},
        {"sweep.epsilon={log: {from: 0.01, to: 1, count: 3}}", "sweep.epsilon={values: [1e-2, 1e-1, 1.0]}"},
        {"theory=false", "output={keep_trainings: false}"},
        {"sweep.replicates=3.0", "sgd.noise=0"},
    };
    for (size_t i = 0; i < COUNT(same); i++) {
        char difference[200] = "";
        ts_config a = load_edited(&same[i][0], 1), b = load_edited(&same[i][1], 1);
        if (ts_config_difference(a.text, b.text, difference, sizeof difference))
            fail_msg("%s and %s: %s", same[i][0], same[i][1], difference);
        ts_config_free(&a);
        ts_config_free(&b);
    }
}

static void the_first_key_that_differs_is_named(void **state) {
    (void)state;
    static const char *const different[][3] = {
        {"seed=42", "seed=18446744073709551615", "seed: 42 there, 18446744073709551615 here"},
        {"dynamics=sgd", "dynamics=gradient_flow", "dynamics: sgd there, gradient_flow here"},
        {"target.base=0.1", "target.base=0.10000000000000002", "target.base: 0.1 there, 0.10000000000000002 here"},
        {"target.jumps=[]", "target.jumps=[{at: 0.5, by: 1}]", "target.jumps: 0 entries there, 1 entries here"},
        {"target.jumps[1].by=-3", "target.jumps[1].by=3", "target.jumps[1].by: -3 there, 3 here"},
        {"target.dimension=1", "target.dimension=2", "target.dimension: 1 there, 2 here"},
        {"network.init=stratified", "network.init=uniform", "network.init: stratified there, uniform here"},
        {"sgd.h=1e-4", "sgd.h=1e-5", "sgd.h: 0.0001 there, 1e-5 here"},
        {"sgd.horizon={steps: 10}", "sgd.horizon={steps: 11}", "sgd.horizon.steps: 10 there, 11 here"},
        {"sgd.horizon={slow_time: 1}", "sgd.horizon={slow_time: 1, min_fast_time: 2}",
         "sgd.horizon.min_fast_time: 0 there, 2 here"},
        {"sweep.replicates=64", "sweep.replicates=200", "sweep.replicates: 64 there, 200 here"},
        {"sweep.replicates={at_least: 2, at_most: 9, half_width: 0.1}", "sweep.replicates=9",
         "sweep.replicates.at_least: 2 there, 0 here"},
        {"sweep.neurons={values: [4]}", "sweep.neurons={values: [4, 8]}",
         "sweep.neurons: 1 value there, 2 values here"},
        {"sweep.neurons={values: [4, 7]}", "sweep.neurons={values: [4, 8]}", "sweep.neurons, value 1: 7 there, 8 here"},
        {"sweep.randomness=independent", "sweep.randomness=common", "sweep.randomness: independent there, common here"},
        {"observe={slow_time: {values: [0.1]}}", "theory=false", "observe: slow_time there, nothing here"},
        {"observe={slow_time: {values: [0.1]}}", "observe={slow_time: {values: [0.2]}}",
         "observe.slow_time, value 0: 0.1 there, 0.2 here"},
        {"theory=true", "theory=false", "theory: true there, false here"},
        {"theory={starts: 100}", "theory=true", "theory.starts: 100 there, 0 here"},
        {"success.unexplained_variance=0.02", "theory=false", "success.unexplained_variance: 0.02 there, 0.01 here"},
        {"output.keep_trainings=true", "theory=false", "output.keep_trainings: true there, false here"},
    };
    for (size_t i = 0; i < COUNT(different); i++) {
        char difference[200] = "";
        ts_config a = load_edited(&different[i][0], 1), b = load_edited(&different[i][1], 1);
        assert_true(ts_config_difference(a.text, b.text, difference, sizeof difference));
        assert_string_equal(difference, different[i][2]);
        ts_config_free(&a);
        ts_config_free(&b);
    }
}

static void what_cannot_be_read_differs(void **state) {
    (void)state;
    char difference[200] = "";
    assert_true(ts_config_difference("seed: x", least, difference, sizeof difference));
    assert_string_equal(difference,
                        "the configuration there:1: seed: found x, allowed is a whole number from 0 to 2^64 - 1");
    assert_false(ts_config_difference(least, least, difference, sizeof difference));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_settings_may_be_written_in_many_ways),
        cmocka_unit_test(the_first_key_that_differs_is_named),
        cmocka_unit_test(what_cannot_be_read_differs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
