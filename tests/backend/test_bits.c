/* The signature of the program: the same bits for every thread count, chunk length, lane group and grid. */
#include "backend/same.h"
#include "support.h"

#define MANY 9 /* configurations */

static const double two_epsilons[] = {0.05, 1};
static const double three_counts[] = {1, 7, 40};

/* Configurations that differ in everything that the step branches on. */
static ts_settings configuration(int index) {
    ts_settings settings = paper_settings();
    set_axes(&settings, two_epsilons, 2, three_counts, 3);
    settings.h = index % 3 == 2 ? 0.02 : 1e-3;
    settings.steps = 700 + (uint64_t)index;
    settings.replicates = 5;
    settings.keep_trainings = true;
    settings.derivative = index % 2 ? TS_DERIVATIVE_BOX : TS_DERIVATIVE_EXACT;
    settings.init = (ts_init)(index / 2 % (TS_INIT_STRATIFIED + 1));
    settings.randomness = index / 4 % 2 ? TS_RANDOMNESS_INDEPENDENT : TS_RANDOMNESS_COMMON;
    settings.noise = index % 5 == 4 ? 0 : 1;
    settings.eta = index % 4 == 3 ? 0.1 : 4e-3;
    if (index == 8) { /* some diverge */
        settings.h = 0.15;
        settings.noise = 20;
    }
    return settings;
}

static void assert_option_changes_nothing(const ts_run_options *options, size_t count) {
    for (int index = 0; index < MANY; index++) {
        const ts_settings settings = configuration(index);
        ts_sweep *plain = run_sweep(&settings, &(ts_run_options){.backend = "cpu", .threads = 1});
        for (size_t i = 0; i < count; i++) {
            ts_sweep *other = run_sweep(&settings, &options[i]);
            assert_same_sweep(plain, other);
            ts_sweep_destroy(other);
        }
        ts_sweep_destroy(plain);
    }
}

static void threads_change_nothing(void **state) {
    (void)state;
    const ts_run_options options[] = {
        {.backend = "cpu", .threads = 2}, {.backend = "cpu", .threads = 3}, {.backend = "cpu", .threads = 8}};
    assert_option_changes_nothing(options, 3);
}

static void chunks_change_nothing(void **state) {
    (void)state;
    const ts_run_options options[] = {{.backend = "cpu", .chunk_steps = 1},
                                      {.backend = "cpu", .chunk_steps = 2},
                                      {.backend = "cpu", .chunk_steps = 7},
                                      {.backend = "cpu", .chunk_steps = 1000}};
    assert_option_changes_nothing(options, 4);
}

static void lane_groups_change_nothing(void **state) {
    (void)state;
    ts_run_options options[6];
    for (int i = 0; i < 6; i++)
        options[i] = (ts_run_options){.backend = "cpu", .lane_group = 1 << i};
    assert_option_changes_nothing(options, 6);
}

static void configurations_do_exercise_the_model(void **state) {
    (void)state;
    bool diverged = false, finished = false, moved = false;
    for (int index = 0; index < MANY; index++) {
        const ts_settings settings = configuration(index);
        ts_sweep *sweep = run_sweep(&settings, &(ts_run_options){.backend = "cpu"});
        for (size_t i = 0; i < sweep->cell_count; i++) {
            diverged |= sweep->results.statistics[i].outcome_count[TS_OUTCOME_DIVERGED] > 0;
            finished |= sweep->results.statistics[i].outcome_count[TS_OUTCOME_DIVERGED] < 5;
            moved |= sweep->results.kept[i].position[0] != ts_start_position(&sweep->cells[i], 0, 0);
        }
        ts_sweep_destroy(sweep);
    }
    assert_true(diverged && finished && moved);
}

/* Reversed grids cannot be asked for (axes ascend), so a grid with other neighbours on both sides stands for them. */
static void grid_and_replicates_change_nothing(void **state) {
    (void)state;
    for (int index = 0; index < MANY; index++) {
        ts_settings settings = configuration(index);
        ts_sweep *grid = run_sweep(&settings, NULL);
        const double wider_epsilons[] = {0.01, 0.05, 0.5, 1, 2};
        const double wider_counts[] = {1, 2, 7, 30, 40, 41};
        set_axes(&settings, wider_epsilons, 5, wider_counts, 6);
        settings.replicates = 9;
        ts_sweep *wider = run_sweep(&settings, NULL);
        set_axes(&settings, &two_epsilons[0], 1, &(double){three_counts[1]}, 1);
        settings.replicates = 5;
        ts_sweep *alone = run_sweep(&settings, NULL);

        assert_same_cell(grid, 0 * 3 + 0, wider, 1 * 6 + 0, 5);
        assert_same_cell(grid, 0 * 3 + 1, wider, 1 * 6 + 2, 5);
        assert_same_cell(grid, 1 * 3 + 2, wider, 3 * 6 + 4, 5);
        assert_same_cell(grid, 0 * 3 + 1, alone, 0, 5);
        ts_sweep_destroy(grid);
        ts_sweep_destroy(wider);
        ts_sweep_destroy(alone);
    }
}

/* The order in which a backend meets the cells: a plan of the same cells backwards. */
static void reversed_plan_changes_nothing(void **state) {
    (void)state;
    for (int index = 0; index < MANY; index++) {
        const ts_settings settings = configuration(index);
        ts_sweep *forward = run_sweep(&settings, NULL);
        ts_sweep *backward = create_sweep(&settings);
        for (size_t i = 0; i < backward->cell_count; i++)
            backward->cells[i] = forward->cells[forward->cell_count - 1 - i];
        assert_int_equal(ts_sweep_run(backward, NULL, NULL, NULL), TS_OK);
        for (size_t i = 0; i < forward->cell_count; i++)
            assert_same_cell(forward, i, backward, forward->cell_count - 1 - i, settings.replicates);
        ts_sweep_destroy(forward);
        ts_sweep_destroy(backward);
    }
}

static void randomness_is_common_or_independent(void **state) {
    (void)state;
    ts_settings settings = configuration(0);
    settings.steps = 1;
    const double epsilons[] = {1e-9, 2e-9}; /* positions as at the start */
    const uint32_t count = 12;
    set_axes(&settings, epsilons, 2, &(double){count}, 1);
    for (int independent = 0; independent <= 1; independent++) {
        settings.randomness = independent ? TS_RANDOMNESS_INDEPENDENT : TS_RANDOMNESS_COMMON;
        ts_sweep *sweep = run_sweep(&settings, NULL);
        const int difference =
            memcmp(sweep->results.kept[0].position, sweep->results.kept[1].position, 12 * sizeof(int64_t));
        assert_int_equal(difference != 0, independent);
        ts_sweep_destroy(sweep);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(chunks_change_nothing),
        cmocka_unit_test(lane_groups_change_nothing),
        cmocka_unit_test(configurations_do_exercise_the_model),
        cmocka_unit_test(grid_and_replicates_change_nothing),
        cmocka_unit_test(reversed_plan_changes_nothing),
        cmocka_unit_test(randomness_is_common_or_independent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
