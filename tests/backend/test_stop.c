/* Trainings that stop at their first success: each ends as it was at the first observation at which it is one, and is
 * counted so ever after, whoever runs it, in whatever company and in whatever pieces. */
#include "random_settings.h"
#include "same.h"
#include "support.h"

static const double epsilon[] = {0.05, 1};
static const double neurons[] = {3, 20, 130};

/* Trainings of which some succeed soon: a target with one jump, and many neurons. */
static ts_settings easy_settings(uint64_t steps, uint64_t replicates) {
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
    settings.replicates = replicates;
    settings.unexplained_variance = 0.1;
    settings.keep_trainings = true;
    settings.stop = TS_STOP_FIRST_SUCCESS;
    set_axes(&settings, epsilon, 2, neurons, 3);
    return settings;
}

static void observe_steps(ts_settings *settings, const double *steps, size_t count) {
    settings->observe_clock = TS_CLOCK_STEPS;
    settings->observe = steps;
    settings->observe_count = count;
}

/* ---- what is right, from trainings that end at each of the observations; those in steps, from step 1 on */

enum { MOST_LOOKS = 12 };

typedef struct expectation {
    ts_sweep *ended[MOST_LOOKS]; /* [looks] the last one at the horizon */
    size_t looks;
} expectation;

static expectation expect(const ts_settings *settings, const ts_run_options *options) {
    expectation e = {.looks = settings->observe_count + 1};
    for (size_t k = 0; k < e.looks; k++) {
        ts_settings shorter = *settings;
        shorter.observe_count = 0;
        shorter.stop = TS_STOP_NEVER;
        shorter.steps = k < settings->observe_count ? (uint64_t)settings->observe[k] : settings->steps;
        e.ended[k] = run_sweep(&shorter, options);
    }
    return e;
}

static void forget(expectation *e) {
    for (size_t k = 0; k < e->looks; k++)
        ts_sweep_destroy(e->ended[k]);
}

/* The look at which a training stops, or its end. */
static size_t last_look(const expectation *e, size_t cell, uint64_t r) {
    size_t k = 0;
    while (k + 1 < e->looks && e->ended[k]->results.kept[cell].outcome[r] != TS_OUTCOME_SUCCESS)
        k++;
    return k;
}

static void assert_training(const ts_sweep *sweep, const ts_sweep *ended, size_t cell, uint64_t r) {
    const ts_kept *a = &sweep->results.kept[cell], *b = &ended->results.kept[cell];
    const size_t m = sweep->cells[cell].neurons;
    assert_memory_equal(a->position + r * m, b->position + r * m, m * sizeof *a->position);
    assert_memory_equal(a->weight + r * m, b->weight + r * m, m * sizeof *a->weight);
    assert_true(a->bias[r] == b->bias[r] && a->loss[r] == b->loss[r] && a->position_loss[r] == b->position_loss[r]);
    assert_true(a->missed[r] == b->missed[r] && a->outcome[r] == b->outcome[r]);
    assert_int_equal(ts_sweep_marks(sweep, cell)[r], ts_sweep_marks(ended, cell)[r]);
}

static void assert_statistics(ts_statistics found, ts_statistics expected) {
    if (expected.outcome_count[TS_OUTCOME_DIVERGED] > 0) { /* when, an end does not tell */
        assert_true(found.training_steps < expected.training_steps);
        found.training_steps = expected.training_steps;
    }
    assert_memory_equal(&found, &expected, sizeof found);
}

/* Returns how many stopped before their end. */
static uint64_t assert_right(const ts_sweep *sweep, const expectation *e) {
    uint64_t stopped = 0;
    for (size_t cell = 0; cell < sweep->cell_count; cell++) {
        ts_statistics seen[MOST_LOOKS] = {{.training_steps = 0}};
        uint64_t first[MOST_LOOKS] = {0};
        for (uint64_t r = 0; r < sweep->settings.replicates; r++) {
            const size_t last = last_look(e, cell, r);
            assert_training(sweep, e->ended[last], cell, r);
            first[last] += last + 1 < e->looks;
            stopped += last + 1 < e->looks;
            for (size_t k = 0; k < e->looks; k++) {
                const ts_sweep *at = e->ended[k < last ? k : last];
                const ts_kept *kept = &at->results.kept[cell];
                const ts_measurement measurement = {kept->loss[r], kept->position_loss[r], kept->missed[r]};
                ts_statistics_count(&seen[k], &sweep->cells[cell], at->cells[cell].steps, (ts_outcome)kept->outcome[r],
                                    &measurement);
            }
        }
        for (size_t k = 0; k + 1 < e->looks; k++) {
            assert_statistics(sweep->results.observed[cell * (e->looks - 1) + k], seen[k]);
            assert_int_equal(ts_sweep_first_success(sweep, cell, k), first[k]);
        }
        assert_statistics(sweep->results.statistics[cell], seen[e->looks - 1]);
    }
    return stopped;
}

enum { TIMES = 8 };
static const double times[TIMES] = {1, 2, 63, 64, 500, 501, 900, 1500};

static void a_training_ends_as_it_was_at_its_first_success(void **state) {
    (void)state;
    const char *const backends[] = {"cpu", "reference"};
    for (size_t i = 0; i < 2; i++) {
        ts_settings settings = easy_settings(1700, 21);
        observe_steps(&settings, times, TIMES);
        set_axes(&settings, epsilon, 2, neurons, 3 - i);
        const ts_run_options options = {.backend = backends[i], .chunk_steps = i == 0 ? 0 : 7};
        expectation e = expect(&settings, &options);
        ts_sweep *sweep = run_sweep(&settings, &options);
        assert_true(assert_right(sweep, &e) > 5);
        ts_sweep_destroy(sweep);
        forget(&e);
    }
}

static void of_gradient_flow_too(void **state) {
    (void)state;
    ts_settings settings = easy_settings(400, 5);
    settings.dynamics = TS_DYNAMICS_GRADIENT_FLOW;
    settings.h = 0.02;
    set_axes(&settings, epsilon, 1, neurons + 1, 1);
    const double few[] = {1, 30, 90, 200};
    observe_steps(&settings, few, 4);
    expectation e = expect(&settings, NULL);
    ts_sweep *sweep = run_sweep(&settings, NULL);
    assert_true(assert_right(sweep, &e) > 0);
    ts_sweep_destroy(sweep);
    forget(&e);
}

/* Random networks of all kinds, of which some diverge and others do neither. */
static void of_every_network(void **state) {
    (void)state;
    test_random random = {91};
    uint64_t diverged = 0, stopped = 0;
    for (int i = 0; i < 40; i++) {
        ts_settings settings = random_settings(&random);
        if (i % 3 == 0)
            random_other_network(&settings, &random);
        if (i % 2)
            settings.h = 0.1 + 0.9 * random_between(&random, 0, 1);
        settings.unexplained_variance = 0.9;
        settings.steps = 10 + random_word(&random) % 200;
        settings.replicates = 30;
        settings.keep_trainings = true;
        const double m = 1 + (double)(random_word(&random) % (i % 3 ? 60 : 20));
        set_axes(&settings, epsilon, 1 + random_word(&random) % 2, &m, 1);
        double few[4] = {1, 3, (double)settings.steps - 2, (double)settings.steps};
        observe_steps(&settings, few, 3 + random_word(&random) % 2);
        settings.stop = TS_STOP_FIRST_SUCCESS;
        if (ts_settings_validate(&settings, NULL) != TS_OK)
            continue;
        expectation e = expect(&settings, NULL);
        const ts_run_options options = {.threads = 1 + i % 2,
                                        .chunk_steps = random_word(&random) % 2 ? 1 + random_word(&random) % 50 : 0};
        ts_sweep *sweep = run_sweep(&settings, &options);
        stopped += assert_right(sweep, &e) > 0;
        diverged += sweep->results.statistics[0].outcome_count[TS_OUTCOME_DIVERGED] > 0;
        ts_sweep_destroy(sweep);
        forget(&e);
    }
    assert_true(stopped > 9 && diverged > 5);
}

/* A trace follows a training behind its first success; until then, it is the same. */
static void traces_go_through_the_same_states(void **state) {
    (void)state;
    enum { POINTS = 21, TRAININGS = 17, M = 20 };
    ts_settings settings = easy_settings(4000, TRAININGS);
    double steps[POINTS];
    uint32_t replicate[TRAININGS];
    set_axes(&settings, epsilon + 1, 1, neurons + 1, 1);
    for (uint32_t r = 0; r < TRAININGS; r++)
        replicate[r] = r;
    for (size_t k = 0; k < POINTS; k++)
        steps[k] = 200.0 * (double)k;
    observe_steps(&settings, steps, POINTS);
    ts_trace *trace = NULL;
    const ts_trace_options choice = {.replicate = replicate, .count = TRAININGS, .times = POINTS, .no_functions = true};
    assert_int_equal(ts_trace_create(&trace, &settings, &choice, NULL), TS_OK);
    assert_int_equal(ts_trace_run(trace, NULL, NULL, NULL), TS_OK);
    const ts_trace_data *data = ts_trace_result(trace);
    assert_int_equal(data->times, POINTS);
    assert_int_equal(data->step[POINTS - 1], 4000);
    ts_sweep *sweep = run_sweep(&settings, NULL);
    const double success = ts_loss_floor(&settings) + settings.unexplained_variance * ts_target_variance(&settings);
    uint64_t done = 0, lost_again = 0;
    for (size_t r = 0; r < TRAININGS; r++) {
        double position[M], weight[M], bias, loss;
        ts_outcome outcome;
        size_t k = 0;
        while (k + 1 < POINTS && !(data->loss[r * POINTS + k] <= success))
            k++;
        assert_int_equal(ts_sweep_training(sweep, 0, r, position, weight, &bias, &loss, &outcome), TS_OK);
        assert_memory_equal(position, data->position + (r * POINTS + k) * M, sizeof position);
        assert_memory_equal(weight, data->weight + (r * POINTS + k) * M, sizeof weight);
        assert_true(bias == data->bias[r * POINTS + k] && loss == data->loss[r * POINTS + k]);
        assert_int_equal(outcome, loss <= success);
        done += data->step[k];
        lost_again += outcome == TS_OUTCOME_SUCCESS && !(data->loss[r * POINTS + POINTS - 1] <= success);
    }
    assert_true(done < 4000 * TRAININGS);
    assert_true(lost_again > 0); /* at their horizon they are none any more */
    assert_int_equal(ts_sweep_summary(sweep, 0).training_steps, done);
    ts_sweep_destroy(sweep);
    ts_trace_destroy(trace);
}

/* ---- who runs them */

static void assert_same_results(const ts_sweep *a, const ts_sweep *b) {
    const size_t seen = a->cell_count * a->observations.count;
    assert_same_sweep(a, b);
    assert_memory_equal(a->results.observed, b->results.observed, seen * sizeof *a->results.observed);
    assert_memory_equal(a->results.first_success, b->results.first_success, seen * sizeof *a->results.first_success);
    assert_memory_equal(a->results.mark, b->results.mark, a->cell_count * a->settings.replicates);
}

/* Many observations, each with other trainings that stop: those that go on change company all the time. Enough
 * trainings for those of several batches to go on in fewer. */
static void it_does_not_matter_in_which_company(void **state) {
    (void)state;
    enum { MANY = 60 };
    double many[MANY];
    for (size_t k = 0; k < MANY; k++)
        many[k] = 7.0 * (double)(k * k) / 17 + (double)k;
    for (size_t k = 0; k < MANY; k++)
        many[k] = floor(many[k]);
    for (int kind = 0; kind < 3; kind++) {
        ts_settings settings = easy_settings(1500, kind == 0 ? 300 : 90);
        settings.unexplained_variance = 0.2;
        set_axes(&settings, epsilon + 1, 1, neurons, 2);
        if (kind == 1) { /* some diverge */
            settings.h = 0.09;
            settings.noise = 8;
            settings.unexplained_variance = 0.9;
        }
        if (kind == 2) {
            settings.activation = TS_ACTIVATION_RELU;
            settings.eta = 0;
            settings.h = 0.02;
            settings.unexplained_variance = 0.03;
        }
        observe_steps(&settings, many, MANY);
        ts_sweep *expected = run_sweep(&settings, &(ts_run_options){.threads = 1, .instructions = "portable"});
        const ts_cell_summary few_of = ts_sweep_summary(expected, 0), many_of = ts_sweep_summary(expected, 1);
        assert_in_range(few_of.success_count + many_of.success_count, 20, 2 * settings.replicates - 20);
        assert_true(kind != 1 || many_of.diverged_count > 0);
        const char *instructions;
        for (size_t set = 0; (instructions = ts_instructions_name(set)); set++)
            for (int i = 0; i < 4; i++) {
                const bool has_choice = strcmp(instructions, "portable") != 0;
                const ts_run_options options = {.instructions = instructions,
                                                .algorithm = !has_choice ? NULL
                                                             : i % 2     ? "sorted"
                                                                         : "dense",
                                                .lane_group = i == 3 && !has_choice ? 4 : 0,
                                                .threads = 1 + i,
                                                .chunk_steps = (const uint64_t[]){0, 1, 61, 10000}[i]};
                ts_sweep *sweep = run_sweep(&settings, &options);
                assert_same_results(expected, sweep);
                ts_sweep_destroy(sweep);
            }
        ts_sweep_destroy(expected);
    }
}

/* ---- what they cost */

/* Success at step 0: there is nothing to do. */
static void a_start_may_be_a_success(void **state) {
    (void)state;
    ts_settings settings = easy_settings(1000, 40);
    settings.target_base = -1; /* the mean is 0, and so is the network: the loss is the variance */
    settings.unexplained_variance = 1;
    const double few[] = {0, 10};
    observe_steps(&settings, few, 2);
    ts_sweep *sweep = run_sweep(&settings, NULL);
    for (size_t cell = 0; cell < sweep->cell_count; cell++) {
        const ts_cell_summary end = ts_sweep_summary(sweep, cell), seen = ts_sweep_observed(sweep, cell, 1);
        assert_int_equal(end.training_steps, 0);
        assert_int_equal(end.success_count, 40);
        assert_int_equal(seen.training_steps, 0);
        assert_int_equal(seen.success_count, 40);
        assert_int_equal(end.steps, 1000);
    }
    ts_sweep_destroy(sweep);
}

/* The steps of a training that diverges are those before it did. */
static void divergence_ends_the_count(void **state) {
    (void)state;
    const char *const algorithms[] = {"dense", "sorted"};
    ts_settings settings = easy_settings(3000, 1);
    settings.stop = TS_STOP_NEVER;
    settings.h = 0.3;
    settings.noise = 20;
    set_axes(&settings, epsilon + 1, 1, neurons + 1, 1);
    for (int i = 0; i < 3; i++) {
        const ts_run_options options = {.backend = i < 2 ? "cpu" : "reference",
                                        .algorithm = i < 2 ? algorithms[i] : NULL};
        settings.steps = 3000;
        ts_sweep *sweep = run_sweep(&settings, &options);
        const uint64_t done = ts_sweep_summary(sweep, 0).training_steps;
        assert_int_equal(ts_sweep_summary(sweep, 0).diverged_count, 1);
        assert_in_range(done, 1, 2999);
        ts_sweep_destroy(sweep);
        for (uint64_t more = 0; more < 2; more++) {
            settings.steps = done + more;
            sweep = run_sweep(&settings, &options);
            assert_int_equal(ts_sweep_summary(sweep, 0).diverged_count, more);
            assert_int_equal(ts_sweep_summary(sweep, 0).training_steps, done);
            ts_sweep_destroy(sweep);
        }
    }
}

static bool keep_progress(void *context, const ts_progress *progress) {
    *(ts_progress *)context = *progress;
    return true;
}

/* All work is accounted for: what was done, and what those that stopped did not have to do. */
static void progress_is_complete_at_the_end(void **state) {
    (void)state;
    ts_settings settings = easy_settings(1700, 40);
    observe_steps(&settings, times, TIMES);
    ts_sweep *sweep = create_sweep(&settings);
    ts_progress last = {0};
    ts_run_report report;
    const ts_run_options options = {.on_progress = keep_progress, .context = &last};
    assert_int_equal(ts_sweep_run(sweep, &options, &report, NULL), TS_OK);
    uint64_t done = 0;
    for (size_t cell = 0; cell < sweep->cell_count; cell++)
        done += ts_sweep_summary(sweep, cell).training_steps;
    assert_true(last.training_steps_done == last.training_steps_total);
    assert_true(last.neuron_steps_done == last.neuron_steps_total);
    assert_int_equal(last.trainings_done, last.trainings_total);
    assert_true(report.training_steps == (double)done && report.training_steps < last.training_steps_total);
    ts_sweep_destroy(sweep);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_training_ends_as_it_was_at_its_first_success),
        cmocka_unit_test(of_gradient_flow_too),
        cmocka_unit_test(of_every_network),
        cmocka_unit_test(traces_go_through_the_same_states),
        cmocka_unit_test(it_does_not_matter_in_which_company),
        cmocka_unit_test(a_start_may_be_a_success),
        cmocka_unit_test(divergence_ends_the_count),
        cmocka_unit_test(progress_is_complete_at_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
