/* Running a sweep: progress, stopping, options, backends. */
#include "support.h"

#include <unistd.h>

static const double epsilons[] = {0.1, 1};
static const double counts[] = {4, 9};

static ts_settings settings_of(uint64_t steps) {
    ts_settings settings = paper_settings();
    settings.h = 1e-4;
    settings.steps = steps;
    settings.replicates = 6;
    settings.keep_trainings = true;
    set_axes(&settings, epsilons, 2, counts, 2);
    return settings;
}

typedef struct watch {
    int calls;
    uint64_t stop_after; /* trainings; 0: never */
    ts_progress last;
} watch;

static bool look(void *context, const ts_progress *progress) {
    watch *w = context;
    assert_true(progress->training_steps_done >= w->last.training_steps_done);
    assert_true(progress->trainings_done <= progress->trainings_total);
    w->calls++;
    w->last = *progress;
    return w->stop_after == 0 || progress->trainings_done < w->stop_after;
}

static void progress_ends_at_the_totals(void **state) {
    (void)state;
    const ts_settings settings = settings_of(1000);
    ts_sweep *sweep = create_sweep(&settings);
    watch w = {0};
    ts_run_report report;
    const ts_run_options options = {.backend = "cpu", .threads = 2, .on_progress = look, .context = &w};
    assert_int_equal(ts_sweep_run(sweep, &options, &report, NULL), TS_OK);
    assert_true(w.calls >= 1);
    assert_int_equal(w.last.trainings_done, 24);
    assert_true(w.last.training_steps_done == 24000 && w.last.training_steps_total == 24000);
    assert_true(report.neuron_steps == 1000.0 * 12 * (4 + 9));
    assert_string_equal(report.backend, "cpu");
    ts_sweep_destroy(sweep);
}

static void stopping_keeps_what_is_finished(void **state) {
    (void)state;
    const ts_settings settings = settings_of(3000000); /* some tenths of a second each */
    ts_sweep *sweep = create_sweep(&settings);
    watch w = {.stop_after = 2};
    const ts_run_options options = {.threads = 2, .chunk_steps = 10000, .on_progress = look, .context = &w};
    assert_int_equal(ts_sweep_run(sweep, &options, NULL, NULL), TS_INTERRUPTED);
    uint64_t finished = 0;
    bool unfinished_is_refused = false;
    for (size_t cell = 0; cell < ts_sweep_cell_count(sweep); cell++) {
        finished += ts_sweep_summary(sweep, cell).trainings;
        for (uint64_t r = 0; r < 6; r++)
            unfinished_is_refused |= ts_sweep_training(sweep, cell, r, NULL, NULL, NULL, NULL, NULL) == TS_FAILED;
    }
    assert_true(finished >= 2 && finished < 24);
    assert_true(unfinished_is_refused);
    ts_sweep_destroy(sweep);
}

static bool stop_at_once(void *context, const ts_progress *progress) {
    (void)context;
    (void)progress;
    return false;
}

/* Steps and losses of wide networks take seconds each; nobody waits for them. On every thread one is at work when the
 * wish comes. */
static void stopping_does_not_wait_for_one_step_or_loss(void **state) {
    (void)state;
    static const double epsilon = 1;
    static const uint32_t neurons = 4096;
    for (int i = 0; i < 3; i++) {
        ts_settings settings = ts_settings_default();
        settings.dynamics = i == 0 ? TS_DYNAMICS_GRADIENT_FLOW : TS_DYNAMICS_SGD;
        settings.eta = 0.5;
        settings.h = 1e-4;
        settings.steps = i == 0 ? 1000 : 1;
        settings.replicates = 100;
        settings.keep_trainings = true;
        set_axes(&settings, &epsilon, 1, &(double){neurons}, 1);
        ts_sweep *sweep = create_sweep(&settings);
        ts_run_report report;
        const ts_run_options options = {
            .backend = i == 1 ? "cpu" : "reference", .threads = 2, .on_progress = stop_at_once};
        assert_int_equal(ts_sweep_run(sweep, &options, &report, NULL), TS_INTERRUPTED);
        uint64_t kept = 0;
        for (uint64_t r = 0; r < settings.replicates; r++)
            kept += ts_sweep_training(sweep, 0, r, NULL, NULL, NULL, NULL, NULL) == TS_OK;
        assert_true(kept < settings.replicates);
        assert_int_equal(kept, report.trainings);
        assert_int_equal(kept, ts_sweep_summary(sweep, 0).trainings);
        assert_true(report.seconds < 15); /* 1000 steps or 100 losses take minutes */
        ts_sweep_destroy(sweep);
    }
}

static void wrong_options_are_refused(void **state) {
    (void)state;
    const ts_settings settings = settings_of(10);
    const struct {
        ts_run_options options;
        ts_status status;
        const char *message;
    } cases[] = {
        {{.lane_group = 3}, TS_INVALID, "lane group: found 3, allowed are 1, 2, 4, 8, 16, 32, 64 and 128"},
        {{.lane_group = 256}, TS_INVALID, "lane group: found 256"},
        {{.threads = -1}, TS_INVALID, "threads: found -1"},
        {{.backend = "abacus"}, TS_INVALID, "no backend is named 'abacus'"},
        {{.instructions = "mmx"}, TS_INVALID, "instructions: found 'mmx', on this processor there are auto, "},
        {{.instructions = ""}, TS_INVALID, "instructions: found ''"},
        {{.algorithm = "quick"}, TS_INVALID, "algorithm: found 'quick', there are auto, dense and sorted"},
        {{.instructions = "portable", .algorithm = "sorted"}, TS_INVALID, "algorithm: sorted needs vectors"},
        {{.algorithm = "sorted", .lane_group = 2}, TS_INVALID, "algorithm: sorted needs vectors"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ts_sweep *sweep = create_sweep(&settings);
        ts_error error = {0};
        assert_int_equal(ts_sweep_run(sweep, &cases[i].options, NULL, &error), cases[i].status);
        assert_non_null(strstr(error.message, cases[i].message));
        ts_sweep_destroy(sweep);
    }
}

/* Each thread says how long it worked: not longer than the run, and some time altogether; not more than the processors
 * have, when threads wait for one. */
static void busy_times_lie_within_the_run(void **state) {
    (void)state;
    const char *const backends[] = {"cpu", "reference"};
    for (int i = 0; i < 2; i++) {
        const ts_settings settings = settings_of(3000);
        ts_sweep *sweep = create_sweep(&settings);
        ts_run_report report;
        const ts_run_options options = {.backend = backends[i], .threads = 3};
        assert_int_equal(ts_sweep_run(sweep, &options, &report, NULL), TS_OK);
        assert_int_equal(report.threads, 3);
        double sum = 0;
        for (int t = 0; t < report.threads; t++) {
            assert_true(report.busy_seconds[t] >= 0 && report.busy_seconds[t] <= report.seconds);
            sum += report.busy_seconds[t];
        }
        assert_true(sum > 0);
        ts_sweep_destroy(sweep);
    }
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    ts_settings settings = settings_of(20000);
    settings.replicates = 2000;
    ts_sweep *sweep = create_sweep(&settings);
    ts_run_report report;
    const ts_run_options crowd = {.backend = "cpu", .threads = 8 * (int)processors};
    assert_int_equal(ts_sweep_run(sweep, &crowd, &report, NULL), TS_OK);
    double sum = 0;
    for (int t = 0; t < report.threads; t++)
        sum += report.busy_seconds[t];
    assert_true(sum > 0 && sum <= 1.2 * (double)processors * report.seconds);
    ts_sweep_destroy(sweep);
}

static void the_report_names_the_instructions(void **state) {
    (void)state;
    const ts_settings settings = settings_of(10);
    for (size_t i = 0; ts_instructions_name(i); i++) {
        ts_sweep *sweep = create_sweep(&settings);
        ts_run_report report;
        const ts_run_options options = {.backend = "cpu", .instructions = ts_instructions_name(i)};
        assert_int_equal(ts_sweep_run(sweep, &options, &report, NULL), TS_OK);
        assert_string_equal(report.instructions, ts_instructions_name(i));
        ts_sweep_destroy(sweep);
    }
    ts_sweep *sweep = create_sweep(&settings);
    ts_run_report report;
    assert_int_equal(ts_sweep_run(sweep, &(ts_run_options){.backend = "reference"}, &report, NULL), TS_OK);
    assert_string_equal(report.instructions, "");
    ts_sweep_destroy(sweep);
}

static void too_much_memory_is_refused_in_words(void **state) {
    (void)state;
    ts_settings settings = settings_of(10);
    settings.replicates = TS_MAX_REPLICATES;
    ts_sweep *sweep = create_sweep(&settings);
    ts_error error = {0};
    assert_int_equal(ts_sweep_run(sweep, NULL, NULL, &error), TS_FAILED);
    assert_non_null(strstr(error.message, "GiB of memory, "));
    ts_sweep_destroy(sweep);
}

static void auto_says_why_it_is_not_cuda(void **state) {
    (void)state;
    char reason[128];
    const char *chosen = ts_backend_choose("auto", reason, sizeof reason);
    assert_non_null(chosen);
    if (strcmp(chosen, "cuda") != 0)
        assert_true(strlen(reason) > 0);
    assert_string_equal(ts_backend_choose("reference", reason, sizeof reason), "reference");
    assert_int_equal(strlen(reason), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(progress_ends_at_the_totals),
        cmocka_unit_test(stopping_keeps_what_is_finished),
        cmocka_unit_test(stopping_does_not_wait_for_one_step_or_loss),
        cmocka_unit_test(busy_times_lie_within_the_run),
        cmocka_unit_test(the_report_names_the_instructions),
        cmocka_unit_test(wrong_options_are_refused),
        cmocka_unit_test(too_much_memory_is_refused_in_words),
        cmocka_unit_test(auto_says_why_it_is_not_cuda),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
