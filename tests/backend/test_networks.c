/* Networks of rectified linear units and of several coordinates, whole trainings: cpu against reference, and the same
 * bits for every thread count, chunk length, lane group and stop. */
#include "backend/random_settings.h"
#include "backend/same.h"
#include "backend/stops.h"

#define MANY 40

static double epsilons[2];
static const double counts[] = {1, 4, 11};

static ts_settings configuration(int index) {
    test_random random = {(uint64_t)index * 77 + 1};
    ts_settings settings = random_settings(&random);
    epsilons[0] = pow(10, random_between(&random, -5, 0));
    epsilons[1] = epsilons[0] * random_between(&random, 1.1, 20);
    random_other_network(&settings, &random);
    settings.steps = 200;
    settings.replicates = 5;
    settings.keep_trainings = true;
    set_axes(&settings, epsilons, 2, counts, 3);
    return settings;
}

static void assert_options_change_nothing(const ts_run_options *options, size_t count) {
    for (int index = 0; index < MANY; index++) {
        const ts_settings settings = configuration(index);
        ts_sweep *first = run_sweep(&settings, &options[0]);
        for (size_t i = 1; i < count; i++) {
            ts_sweep *other = run_sweep(&settings, &options[i]);
            assert_same_sweep(first, other);
            ts_sweep_destroy(other);
        }
        ts_sweep_destroy(first);
    }
}

static void options_change_nothing(void **state) {
    (void)state;
    const ts_run_options options[] = {
        {.backend = "cpu", .threads = 1},      {.backend = "cpu", .threads = 7},
        {.backend = "cpu", .chunk_steps = 1},  {.backend = "cpu", .chunk_steps = 13},
        {.backend = "cpu", .lane_group = 4},   {.backend = "cpu", .lane_group = 32},
        {.backend = "cpu", .lane_group = 128}, {.backend = "cpu", .algorithm = "dense"},
    };
    assert_options_change_nothing(options, sizeof options / sizeof *options);
}

static void instruction_sets_change_nothing(void **state) {
    (void)state;
    ts_run_options options[8];
    size_t count = 0;
    for (; ts_instructions_name(count); count++)
        options[count] = (ts_run_options){.backend = "cpu", .instructions = ts_instructions_name(count)};
    assert_true(count >= 2);
    assert_options_change_nothing(options, count);
}

static void stops_change_nothing(void **state) {
    (void)state;
    const ts_run_options ways[] = {{.backend = "cpu"}, {.backend = "cpu", .lane_group = 8}};
    test_random random = {9};
    for (int index = 0; index < MANY; index++) {
        const ts_settings settings = configuration(index);
        ts_error error = {0};
        ts_sweep *whole = run_sweep(&settings, &ways[0]), *parts = create_sweep(&settings);
        assert_int_equal(run_with_stops(parts, ways, 2, &random, &error), TS_OK);
        assert_same_sweep(whole, parts);
        ts_sweep_destroy(whole);
        ts_sweep_destroy(parts);
    }
}

static void configurations_do_exercise_the_model(void **state) {
    (void)state;
    int diverged = 0, finished = 0, relu = 0, several = 0, drawn = 0;
    for (int index = 0; index < MANY; index++) {
        const ts_settings settings = configuration(index);
        ts_sweep *sweep = run_sweep(&settings, NULL);
        for (size_t i = 0; i < sweep->cell_count; i++) {
            diverged += sweep->results.statistics[i].outcome_count[TS_OUTCOME_DIVERGED] > 0;
            finished += sweep->results.statistics[i].outcome_count[TS_OUTCOME_DIVERGED] < 5;
        }
        relu += settings.activation == TS_ACTIVATION_RELU;
        several += settings.dimension > 4;
        drawn += settings.start_weight > 0;
        ts_sweep_destroy(sweep);
    }
    assert_true(diverged > 3 && finished > 3 && relu > 3 && relu < MANY - 3 && several > 3 && drawn > 3);
}

/* Positions, weights, biases and losses to 6 digits over a short horizon. */
static void assert_agreement(const ts_settings *settings) {
    const uint32_t m = (uint32_t)settings->dimension * (uint32_t)settings->axis[TS_PARAMETER_NEURONS].values[0];
    double *a = calloc(4, m * sizeof *a);
    assert_non_null(a);
    ts_sweep *cpu = run_sweep(settings, &(ts_run_options){.backend = "cpu"});
    ts_sweep *reference = run_sweep(settings, &(ts_run_options){.backend = "reference"});
    uint32_t seen_missed = 0;
    for (uint64_t r = 0; r < settings->replicates; r++) {
        double bias[2], loss[2];
        assert_int_equal(ts_sweep_training(cpu, 0, r, a, a + m, &bias[0], &loss[0], NULL), TS_OK);
        assert_int_equal(ts_sweep_training(reference, 0, r, a + 2 * m, a + 3 * m, &bias[1], &loss[1], NULL), TS_OK);
        for (uint32_t j = 0; j < 2 * m; j++)
            assert_close(a[j], a[2 * m + j], 1e-6);
        assert_close(bias[0], bias[1], 1e-6);
        assert_close(loss[0], loss[1], 1e-6);
        const ts_kept *x = cpu->results.kept, *y = reference->results.kept;
        assert_close(ldexp((double)(x->position_loss[r] - y->position_loss[r]), -TS_LOSS_BITS), 0, 1e-5);
        assert_int_equal(x->missed[r], y->missed[r]);
        seen_missed += y->missed[r];
    }
    assert_int_equal(seen_missed > 0, settings->activation == TS_ACTIVATION_STEP);
    free(a);
    ts_sweep_destroy(cpu);
    ts_sweep_destroy(reference);
}

/* The targets of the paper's appendix. */
static ts_settings appendix(ts_activation activation, size_t dimension) {
    static const double at[3] = {0.3, 0.5, 0.7}, slope[3] = {1, -2, 3}, jump[3] = {1, 1, 1};
    const bool relu = activation == TS_ACTIVATION_RELU;
    ts_settings settings = ts_settings_default();
    settings.seed = 11;
    settings.activation = activation;
    settings.dimension = dimension;
    settings.jump_count = 3;
    memcpy(settings.jump_at, at, sizeof at);
    memcpy(settings.jump_by, relu ? slope : jump, sizeof jump);
    settings.eta = relu ? 0 : 4e-3;
    settings.start_weight = 3;
    settings.noise = 0.5;
    settings.replicates = 6;
    settings.keep_trainings = true;
    return settings;
}

static void agrees_with_the_reference(void **state) {
    (void)state;
    const double fast = 0.3, slow = 1e-4;
    const uint32_t twenty = 20, five = 5;
    ts_settings relu = appendix(TS_ACTIVATION_RELU, 1), wide_relu = appendix(TS_ACTIVATION_RELU, 4);
    ts_settings two = appendix(TS_ACTIVATION_STEP, 2), ten = appendix(TS_ACTIVATION_STEP, 10);
    relu.h = wide_relu.h = 1e-3;
    relu.steps = wide_relu.steps = 5000;
    two.h = ten.h = 1e-4;
    two.steps = ten.steps = 3000;
    set_axes(&relu, &fast, 1, &(double){twenty}, 1);
    set_axes(&wide_relu, &fast, 1, &(double){five}, 1);
    set_axes(&two, &slow, 1, &(double){twenty}, 1);
    set_axes(&ten, &slow, 1, &(double){five}, 1);
    assert_agreement(&relu);
    assert_agreement(&wide_relu);
    assert_agreement(&two);
    assert_agreement(&ten);
}

/* Weights beyond what sums of 64 bits hold end a training on both, and in the same step at the residual's limit. */
static void diverges_like_the_reference(void **state) {
    (void)state;
    const double epsilon = 1e-3;
    const uint32_t m = 30;
    ts_settings settings = appendix(TS_ACTIVATION_RELU, 3);
    settings.h = 2;
    settings.steps = 500;
    set_axes(&settings, &epsilon, 1, &(double){m}, 1);
    ts_sweep *cpu = run_sweep(&settings, &(ts_run_options){.backend = "cpu"});
    ts_sweep *reference = run_sweep(&settings, &(ts_run_options){.backend = "reference"});
    assert_int_equal(ts_sweep_summary(cpu, 0).diverged_count, 6);
    assert_int_equal(ts_sweep_summary(reference, 0).diverged_count, 6);
    ts_sweep_destroy(cpu);
    ts_sweep_destroy(reference);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_change_nothing),    cmocka_unit_test(instruction_sets_change_nothing),
        cmocka_unit_test(stops_change_nothing),      cmocka_unit_test(configurations_do_exercise_the_model),
        cmocka_unit_test(agrees_with_the_reference), cmocka_unit_test(diverges_like_the_reference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
