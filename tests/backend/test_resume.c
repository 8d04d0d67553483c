/* A training that is stopped and gone on with ends with the bits of one that was never stopped. */
#include "backend/random_settings.h"
#include "backend/same.h"
#include "backend/stops.h"

#define MANY 30     /* configurations */
#define FEW_FLOWS 6 /* whose steps have expectations: each is as long as many of the others */

typedef struct configuration {
    ts_settings settings;
    double epsilon;
    double neurons;
} configuration;

static void random_configuration(configuration *c, test_random *random) {
    c->settings = random_settings(random);
    ts_settings *settings = &c->settings;
    settings->replicates = 1 + random_word(random) % 20;
    settings->steps = 1 + random_word(random) % 250;
    settings->keep_trainings = true;
    c->epsilon = pow(10, random_between(random, -5, 0.5));
    c->neurons = 1 + (uint32_t)(random_word(random) % (random_word(random) % 4 ? 60 : 600));
    set_axes(settings, &c->epsilon, 1, &c->neurons, 1);
}

/* Run the trainings of the sweep's only cell up to `steps`, from `resume` (NULL: their start). */
static void advance_to(ts_sweep *sweep, uint64_t steps, const ts_run_options *options, const uint32_t *replicate,
                       const ts_state *resume, ts_state *state) {
    ts_error error = {0};
    if (advance_sweep(sweep, steps, options, replicate, resume, state, &error) != TS_OK)
        fail_msg("%s", error.message);
}

static ts_sweep *create_with_results(const ts_settings *settings) {
    ts_sweep *sweep = create_sweep(settings);
    ts_error error = {0};
    assert_int_equal(ts_results_create(&sweep->results, sweep, true, &error), TS_OK);
    return sweep;
}

static void assert_stops_change_nothing(const ts_run_options *ways, size_t count, int many, bool flow) {
    test_random random = {0x2545F4914F6CDD1D};
    int diverged = 0;
    for (int index = 0; index < many; index++) {
        configuration c;
        random_configuration(&c, &random);
        c.settings.dynamics = flow ? TS_DYNAMICS_GRADIENT_FLOW : TS_DYNAMICS_SGD;
        if (index % 3 == 0) { /* may diverge on the way */
            c.settings.h = random_between(&random, 0.05, 3);
            c.settings.start_weight = 0; /* large ones are for smaller steps */
            c.settings.noise = 20;
        }
        ts_sweep *whole = run_sweep(&c.settings, &(ts_run_options){.backend = ways[0].backend, .threads = 1});
        ts_sweep *parts = create_sweep(&c.settings);
        ts_error error = {0};
        if (run_with_stops(parts, ways, count, &random, &error) != TS_OK)
            fail_msg("%s", error.message);
        assert_same_sweep(whole, parts);
        diverged += whole->results.statistics[0].outcome_count[TS_OUTCOME_DIVERGED] > 0;
        ts_sweep_destroy(whole);
        ts_sweep_destroy(parts);
    }
    assert_true(diverged > many / 50);
}

static void reference_goes_on_with_the_same_bits(void **state) {
    (void)state;
    const ts_run_options way = {.backend = "reference", .threads = 1};
    assert_stops_change_nothing(&way, 1, MANY, false);
    assert_stops_change_nothing(&way, 1, FEW_FLOWS, true);
}

/* Every stretch may be run by another method of the cpu backend: the state says all that any of them needs. */
static void every_method_goes_on_where_another_stopped(void **state) {
    (void)state;
    ts_run_options ways[16];
    size_t count = 0;
    for (size_t i = 0; ts_instructions_name(i); i++) {
        const ts_run_options way = {.backend = "cpu", .threads = 1, .instructions = ts_instructions_name(i)};
        ways[count] = ways[count + 1] = way;
        ways[count++].algorithm = "dense";
        if (strcmp(way.instructions, "portable") == 0)
            continue;
        ways[count++].algorithm = "sorted";
        assert_stops_change_nothing(&ways[count - 2], 1, MANY, false);
        assert_stops_change_nothing(&ways[count - 1], 1, MANY, false);
    }
    ways[count++] = (ts_run_options){.backend = "cpu", .threads = 2, .chunk_steps = 3};
    ways[count++] = (ts_run_options){.backend = "cpu", .threads = 2, .lane_group = 8};
    assert_stops_change_nothing(ways, count, MANY, false);
}

/* Replicates by their numbers, in any order, begin and end as they do in the whole sweep. */
static void replicates_are_known_by_their_numbers(void **state) {
    (void)state;
    const uint32_t chosen[] = {11, 0, 7, 6};
    const double epsilon = 0.3;
    const uint32_t neurons[] = {20, 300};
    const char *const backends[] = {"cpu", "reference"};
    for (int k = 0; k < 4; k++) {
        ts_settings settings = paper_settings();
        set_axes(&settings, &epsilon, 1, &(double){neurons[k / 2]}, 1);
        settings.h = 1e-2;
        settings.steps = 333;
        settings.replicates = 12;
        settings.keep_trainings = true;
        const ts_run_options options = {.backend = backends[k % 2]};
        ts_sweep *all = run_sweep(&settings, &options);
        settings.replicates = 4;
        ts_sweep *some = create_with_results(&settings);
        ts_state at = state_create(4, (size_t)settings.axis[TS_PARAMETER_NEURONS].values[0]);
        advance_to(some, 100, &options, chosen, NULL, &at);
        advance_to(some, settings.steps, &options, chosen, &at, &at);
        const ts_kept *a = all->results.kept, *b = some->results.kept;
        const size_t m = (size_t)settings.axis[TS_PARAMETER_NEURONS].values[0];
        for (size_t i = 0; i < 4; i++) {
            assert_memory_equal(a->position + chosen[i] * m, b->position + i * m, m * sizeof *a->position);
            assert_memory_equal(a->weight + chosen[i] * m, b->weight + i * m, m * sizeof *a->weight);
            assert_int_equal(a->loss[chosen[i]], b->loss[i]);
            assert_int_equal(a->position_loss[chosen[i]], b->position_loss[i]);
            assert_int_equal(a->missed[chosen[i]], b->missed[i]);
            assert_int_equal(a->bias[chosen[i]], b->bias[i]);
        }
        state_free(&at);
        ts_sweep_destroy(all);
        ts_sweep_destroy(some);
    }
}

/* Trainings that stand at different steps are not put into one batch. */
static void trainings_may_stand_at_different_steps(void **state) {
    (void)state;
    const double epsilon = 1;
    const uint32_t neurons = 20;
    ts_settings settings = paper_settings();
    set_axes(&settings, &epsilon, 1, &(double){neurons}, 1);
    settings.h = 1e-2;
    settings.steps = 400;
    settings.replicates = 40;
    settings.keep_trainings = true;
    for (size_t i = 0; ts_instructions_name(i); i++) {
        const ts_run_options options = {.backend = "cpu", .instructions = ts_instructions_name(i)};
        ts_sweep *whole = run_sweep(&settings, &options);
        ts_sweep *parts = create_with_results(&settings);
        ts_state early = state_create(40, neurons), late = state_create(40, neurons);
        advance_to(parts, 101, &options, NULL, NULL, &early);
        advance_to(parts, 300, &options, NULL, NULL, &late);
        for (size_t r = 0; r < 40; r++) {
            if (r % 16 < 11 && r != 20)
                continue;
            early.step[r] = late.step[r];
            early.bias[r] = late.bias[r];
            early.drift[r] = late.drift[r];
            memcpy(early.position + r * neurons, late.position + r * neurons, neurons * sizeof(ts_number));
            memcpy(early.weight + r * neurons, late.weight + r * neurons, neurons * sizeof(ts_number));
        }
        advance_to(parts, settings.steps, &options, NULL, &early, &early);
        assert_same_sweep(whole, parts);
        state_free(&early);
        state_free(&late);
        ts_sweep_destroy(whole);
        ts_sweep_destroy(parts);
    }
}

/* What the weights have grown by since they were last examined goes along: the examination that ends a training comes
 * at the same step. Low limits stand for weights that no short training reaches. */
static void examinations_come_at_the_same_step(void **state) {
    (void)state;
    const double epsilon = 1;
    const uint32_t neurons = 20;
    ts_settings settings = paper_settings();
    set_axes(&settings, &epsilon, 1, &(double){neurons}, 1);
    settings.h = 1e-3;
    settings.steps = 2000;
    settings.replicates = 12;
    settings.keep_trainings = true;
    for (size_t i = 0; ts_instructions_name(i); i++)
        for (int sorted = 0; sorted <= (strcmp(ts_instructions_name(i), "portable") != 0); sorted++) {
            const ts_run_options options = {
                .backend = "cpu", .instructions = ts_instructions_name(i), .algorithm = sorted ? "sorted" : "dense"};
            ts_sweep *sweeps[2];
            ts_state at = state_create(12, neurons);
            for (int stops = 0; stops < 2; stops++) {
                sweeps[stops] = create_with_results(&settings);
                sweeps[stops]->cells[0].drift_limit = INT64_C(1) << 47;
                sweeps[stops]->cells[0].weight_limit = INT64_C(1) << 48;
                if (stops)
                    for (uint64_t steps = 0; steps < settings.steps; steps += 37)
                        advance_to(sweeps[1], steps, &options, NULL, steps > 0 ? &at : NULL, &at);
                advance_to(sweeps[stops], settings.steps, &options, NULL, stops ? &at : NULL, NULL);
            }
            assert_int_equal(sweeps[0]->results.statistics[0].outcome_count[TS_OUTCOME_DIVERGED], 12);
            assert_same_sweep(sweeps[0], sweeps[1]);
            state_free(&at);
            ts_sweep_destroy(sweeps[0]);
            ts_sweep_destroy(sweeps[1]);
        }
}

/* Numbers of another arithmetic would be taken for others without a word. */
static void states_of_another_arithmetic_are_refused(void **state) {
    (void)state;
    const char *const backends[] = {"cpu", "reference"};
    const char *const sentences[] = {
        "the trainings were begun in fixed point, and the backend reference cannot go on with them: it computes in "
        "float64",
        "the trainings were begun in float64, and the backend cpu cannot go on with them: it computes in fixed point"};
    const double epsilon = 0.3;
    const uint32_t neurons = 20;
    ts_settings settings = paper_settings();
    set_axes(&settings, &epsilon, 1, &(double){neurons}, 1);
    settings.h = 1e-3;
    settings.steps = 20;
    settings.replicates = 3;
    settings.keep_trainings = true;
    for (int k = 0; k < 2; k++) {
        ts_sweep *sweep = create_with_results(&settings);
        ts_state at = state_create(3, neurons);
        ts_error error = {0};
        const ts_run_options other = {.backend = backends[1 - k]};
        advance_to(sweep, 10, &(ts_run_options){.backend = backends[k]}, NULL, NULL, &at);
        assert_int_equal(at.arithmetic, k == 0 ? TS_FIXED_POINT : TS_FLOAT64);
        assert_int_equal(advance_sweep(sweep, 20, &other, NULL, &at, &at, &error), TS_INVALID);
        assert_string_equal(error.message, sentences[k]);
        state_free(&at);
        ts_sweep_destroy(sweep);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_method_goes_on_where_another_stopped),
        cmocka_unit_test(reference_goes_on_with_the_same_bits),
        cmocka_unit_test(replicates_are_known_by_their_numbers),
        cmocka_unit_test(examinations_come_at_the_same_step),
        cmocka_unit_test(trainings_may_stand_at_different_steps),
        cmocka_unit_test(states_of_another_arithmetic_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
