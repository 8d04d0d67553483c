/* Which backend a request means, in the words that the user gets. */
#include "backend/backend.h"
#include "support.h"

static const char *const all[] = {"cpu", "cuda", "reference"};

static bool works(const char *name) {
    char reason[256];
    return ts_backend_named(name)->works(reason, sizeof reason);
}

static void every_name_finds_its_backend(void **state) {
    (void)state;
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(ts_backend_named(all[i])->name, all[i]);
    assert_null(ts_backend_named("auto"));
    char names[64];
    assert_int_equal(ts_backend_list(TS_HAS_ANY, " or ", names, sizeof names), 3);
    assert_string_equal(names, "cpu, cuda or reference");
    assert_int_equal(ts_backend_list(TS_HAS_GRADIENT_FLOW, " or ", names, sizeof names), 1);
    assert_string_equal(names, "reference");
    char little[8];
    ts_backend_list(TS_HAS_ANY, " or ", little, sizeof little);
    assert_string_equal(little, "cpu, cu");
}

/* "auto" would not know which of the two to take. */
static void no_two_are_preferred_alike(void **state) {
    (void)state;
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < i; k++)
            assert_int_not_equal(ts_backend_named(all[i])->preference, ts_backend_named(all[k])->preference);
}

static void what_works_can_do_all_that_is_asked_of_it(void **state) {
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        const ts_backend *backend = ts_backend_named(all[i]);
        if (!works(all[i]))
            continue;
        assert_true(backend->prepare && backend->run && backend->forecast);
        assert_int_equal(!!backend->device_text, !!(backend->options & TS_TAKES_DEVICES));
    }
}

static void one_that_does_not_work_says_why(void **state) {
    (void)state;
    char why[256] = "", reason[256] = "of before";
    const char *chosen = "of before";
    ts_settings settings = ts_settings_default();
    if (ts_backend_cuda.works(why, sizeof why)) {
        assert_string_equal(ts_backend_choose(NULL, reason, sizeof reason), "cuda");
        assert_string_equal(reason, "");
        return;
    }
    assert_null(ts_backend_choose("cuda", reason, sizeof reason));
    assert_string_equal(reason, why);
    assert_int_equal(ts_backend_for(&settings, "cuda", &chosen, reason, sizeof reason), TS_FAILED);
    assert_null(chosen);
    assert_string_equal(reason, why);
    char fallback[300];
    snprintf(fallback, sizeof fallback, "running on the CPU: %s", why);
    assert_string_equal(ts_backend_choose("auto", reason, sizeof reason), "cpu");
    assert_string_equal(reason, fallback);
    assert_int_equal(ts_backend_for(&settings, NULL, &chosen, reason, sizeof reason), TS_OK);
    assert_string_equal(chosen, "cpu");
    assert_string_equal(reason, fallback);
}

static void a_name_that_there_is_not_is_refused(void **state) {
    (void)state;
    char reason[256];
    const char *chosen;
    ts_settings settings = ts_settings_default();
    const char *sentence = "no backend is named 'abacus'; there are auto, cpu, cuda and reference";
    assert_null(ts_backend_choose("abacus", reason, sizeof reason));
    assert_string_equal(reason, sentence);
    for (int flow = 0; flow < 2; flow++) {
        settings.dynamics = flow ? TS_DYNAMICS_GRADIENT_FLOW : TS_DYNAMICS_SGD;
        assert_int_equal(ts_backend_for(&settings, "abacus", &chosen, reason, sizeof reason), TS_INVALID);
        assert_string_equal(reason, sentence);
    }
    assert_null(ts_backend_choose("abacus", NULL, 0)); /* nobody asks why */
}

static void dynamics_are_looked_for(void **state) {
    (void)state;
    char reason[256];
    const char *chosen;
    ts_settings settings = ts_settings_default();
    settings.dynamics = TS_DYNAMICS_GRADIENT_FLOW;
    assert_int_equal(ts_backend_for(&settings, "auto", &chosen, reason, sizeof reason), TS_OK);
    assert_string_equal(chosen, "reference");
    assert_string_equal(reason, "running on the backend reference, which alone has gradient_flow");
    assert_int_equal(ts_backend_for(&settings, "reference", &chosen, reason, sizeof reason), TS_OK);
    assert_string_equal(reason, "");
    assert_int_equal(ts_backend_for(&settings, "cuda", &chosen, reason, sizeof reason), TS_INVALID);
    assert_string_equal(
        reason, "the backend cuda has no dynamics gradient_flow: it is computed by the backend reference alone");
    assert_null(chosen);
}

static void an_option_has_its_backend(void **state) {
    (void)state;
    assert_ptr_equal(ts_backend_taking(TS_TAKES_INSTRUCTIONS), &ts_backend_cpu);
    assert_ptr_equal(ts_backend_taking(TS_TAKES_ALGORITHM), &ts_backend_cpu);
    assert_ptr_equal(ts_backend_taking(TS_TAKES_DEVICES), &ts_backend_cuda);
    assert_int_equal(ts_backend_reference.options, 0);
}

static void a_placement_says_what_runs_where(void **state) {
    (void)state;
    ts_error error = {0};
    ts_placement placement;
    const ts_run_options options = {.threads = 3, .instructions = "portable"};
    assert_int_equal(ts_backend_cpu.prepare(&options, 2, &placement, &error), TS_OK);
    assert_ptr_equal(placement.options, &options);
    assert_string_equal(placement.instructions, "portable");
    assert_int_equal(placement.threads, 2); /* trainings */
    assert_int_equal(placement.device_count, 0);
    assert_string_equal(placement.device_name, "");
    assert_int_equal(ts_backend_reference.prepare(&options, 9, &placement, &error), TS_OK);
    assert_string_equal(placement.instructions, "");
    assert_int_equal(placement.threads, 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_name_finds_its_backend),
        cmocka_unit_test(no_two_are_preferred_alike),
        cmocka_unit_test(what_works_can_do_all_that_is_asked_of_it),
        cmocka_unit_test(one_that_does_not_work_says_why),
        cmocka_unit_test(a_name_that_there_is_not_is_refused),
        cmocka_unit_test(dynamics_are_looked_for),
        cmocka_unit_test(an_option_has_its_backend),
        cmocka_unit_test(a_placement_says_what_runs_where),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
