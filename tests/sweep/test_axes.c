/* A sweep over all parameters: each cell is that of a sweep without the further axes. */
#include "support.h"

#include "model/grid.h"

#define CELLS 32
#define OBSERVATIONS 3

static const double slow_times[OBSERVATIONS] = {0, 0.002, 0.01};
static const double two[TS_PARAMETER_COUNT][2] = {{0.02, 0.5}, {3, 12}, {1e-3, 4e-3}, {0, 0.7}, {4e-3, 0.1}};

static ts_settings five_axes(ts_randomness randomness) {
    ts_settings settings = paper_settings();
    settings.slow_time = 0.01;
    settings.steps = 0;
    settings.replicates = 3;
    settings.randomness = randomness;
    settings.keep_trainings = true;
    settings.theory = true;
    settings.observe_clock = TS_CLOCK_SLOW_TIME;
    settings.observe = slow_times;
    settings.observe_count = OBSERVATIONS;
    settings.h = settings.noise = settings.eta = NAN; /* are not looked at */
    for (int p = 0; p < TS_PARAMETER_COUNT; p++)
        settings.axis[p] = (ts_sweep_axis){two[p], 2};
    return settings;
}

static void assert_same_cell(const ts_sweep *all, size_t cell, const ts_sweep *one) {
    const ts_kept *a = &all->results.kept[cell], *b = &one->results.kept[0];
    const size_t m = one->cells[0].neurons, count = 3;
    assert_int_equal(all->cells[cell].steps, one->cells[0].steps);
    assert_memory_equal(a->position, b->position, count * m * sizeof *a->position);
    assert_memory_equal(a->weight, b->weight, count * m * sizeof *a->weight);
    assert_memory_equal(a->loss, b->loss, count * sizeof *a->loss);
    assert_memory_equal(a->position_loss, b->position_loss, count * sizeof *a->position_loss);
    assert_memory_equal(a->missed, b->missed, count * sizeof *a->missed);
    assert_memory_equal(a->outcome, b->outcome, count);
    assert_memory_equal(&all->results.statistics[cell], &one->results.statistics[0], sizeof(ts_statistics));
    assert_memory_equal(&all->results.observed[cell * OBSERVATIONS], one->results.observed,
                        OBSERVATIONS * sizeof(ts_statistics));
    assert_memory_equal(&all->results.first_success[cell * OBSERVATIONS], one->results.first_success,
                        OBSERVATIONS * sizeof(uint64_t));
    for (size_t k = 0; k < OBSERVATIONS; k++)
        assert_int_equal(ts_sweep_observed(all, cell, k).steps, ts_sweep_observed(one, 0, k).steps);
    assert_int_equal(ts_sweep_summary(all, cell).limit_agreement_count, ts_sweep_summary(one, 0).limit_agreement_count);
}

static void a_cell_depends_on_its_own_parameters_alone(const char *backend, ts_randomness randomness) {
    const ts_settings settings = five_axes(randomness);
    const ts_run_options options = {.backend = backend};
    ts_sweep *all = run_sweep(&settings, &options);
    assert_int_equal(ts_sweep_cell_count(all), CELLS);
    for (size_t cell = 0; cell < CELLS; cell++) {
        const size_t place[TS_PARAMETER_COUNT] = {cell / 16, cell / 8 % 2, cell / 4 % 2, cell / 2 % 2, cell % 2};
        assert_int_equal(ts_sweep_cell(all, place), cell);
        ts_settings own = settings;
        set_axes(&own, &two[0][place[0]], 1, &two[1][place[1]], 1);
        for (int p = 2; p < TS_PARAMETER_COUNT; p++)
            own.axis[p] = (ts_sweep_axis){0};
        own.h = two[TS_PARAMETER_H][place[2]];
        own.noise = two[TS_PARAMETER_NOISE][place[3]];
        own.eta = two[TS_PARAMETER_ETA][place[4]];
        const ts_cell_summary summary = ts_sweep_summary(all, cell);
        assert_true(summary.h == own.h && summary.noise == own.noise && summary.eta == own.eta);
        assert_true(summary.epsilon == two[0][place[0]] && summary.neurons == two[1][place[1]]);
        ts_sweep *one = run_sweep(&own, &options);
        assert_same_cell(all, cell, one);
        ts_sweep_destroy(one);
        const ts_settings found = ts_sweep_cell_settings(all, cell);
        one = run_sweep(&found, &options);
        assert_same_cell(all, cell, one);
        ts_sweep_destroy(one);
    }
    ts_sweep_destroy(all);
}

static void of_the_cpu(void **state) {
    (void)state;
    a_cell_depends_on_its_own_parameters_alone("cpu", TS_RANDOMNESS_COMMON);
    a_cell_depends_on_its_own_parameters_alone("cpu", TS_RANDOMNESS_INDEPENDENT);
}

static void of_the_reference(void **state) {
    (void)state;
    a_cell_depends_on_its_own_parameters_alone("reference", TS_RANDOMNESS_COMMON);
}

/* Cells that differ in one parameter alone have random numbers of their own. */
static void independent_cells_differ_by_every_parameter(void **state) {
    (void)state;
    const ts_settings settings = five_axes(TS_RANDOMNESS_INDEPENDENT);
    ts_sweep *sweep = create_sweep(&settings);
    for (size_t a = 0; a < CELLS; a++)
        for (size_t b = 0; b < a; b++)
            assert_true(sweep->cells[a].salt != sweep->cells[b].salt);
    ts_sweep_destroy(sweep);
}

static void assert_refused(const ts_settings *settings, const char *key, const char *message) {
    ts_error error = {0};
    assert_int_equal(ts_settings_validate(settings, &error), TS_INVALID);
    assert_string_equal(error.key, key);
    if (!strstr(error.message, message))
        fail_msg("%s: '%s' does not say '%s'", key, error.message, message);
}

static void every_value_of_an_axis_is_checked(void **state) {
    (void)state;
    static const struct {
        ts_parameter parameter;
        double values[2];
        const char *key, *message;
    } bad[] = {
        {TS_PARAMETER_H, {1e-3, 17}, "sweep.h", "found 17, allowed are numbers from 1e-12 to 16"},
        {TS_PARAMETER_H, {1e-3, 1e-3}, "sweep.h", "found 0.001 after 0.001"},
        {TS_PARAMETER_H, {1e-12, 1e-3}, "sgd.horizon", "steps at epsilon = 1e-09 and h = 1e-12"},
        {TS_PARAMETER_NOISE, {0, 64}, "sweep.noise", "found 64, allowed are 0 and numbers from"},
        {TS_PARAMETER_ETA, {4e-3, 0.2}, "target.jumps[1].at", "two jumps must be at least eta = 0.2 apart"},
        {TS_PARAMETER_ETA, {0, 0.1}, "sweep.eta", "found 0, allowed are numbers from 1e-05 to 0.5"},
        {TS_PARAMETER_NEURONS, {3, 4.5}, "sweep.neurons", "found 4.5, allowed are whole numbers from 1 to 4096"},
    };
    static const double small[] = {1e-9, 1};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ts_settings settings = five_axes(TS_RANDOMNESS_COMMON);
        settings.slow_time = 1;
        if (strcmp(bad[i].key, "sgd.horizon") == 0)
            settings.axis[TS_PARAMETER_EPSILON].values = small;
        settings.axis[bad[i].parameter].values = bad[i].values;
        assert_refused(&settings, bad[i].key, bad[i].message);
    }
    ts_settings settings = five_axes(TS_RANDOMNESS_COMMON);
    settings.theory = false;
    settings.activation = TS_ACTIVATION_RELU;
    assert_refused(&settings, "sweep.eta", "but the activation relu has no width");
    settings = five_axes(TS_RANDOMNESS_COMMON);
    for (int p = 0; p < TS_PARAMETER_COUNT; p++)
        settings.axis[p].count = 100; /* of which there are but two: they are not read */
    assert_refused(&settings, "sweep", "found 100 x 100 x 100 x 100 x 100 cells, allowed are at most 65536");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_the_cpu),
        cmocka_unit_test(of_the_reference),
        cmocka_unit_test(independent_cells_differ_by_every_parameter),
        cmocka_unit_test(every_value_of_an_axis_is_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
