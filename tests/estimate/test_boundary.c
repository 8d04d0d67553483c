/* Boundaries of success curves: known ones, and what is said where there is none. */
#include "estimate/assess.h"
#include "estimate/boundary.h"
#include "estimate/sweeps.h"
#include "support.h"

#define MOST 16
#define REPLICATES 200

typedef struct line {
    double epsilon[MOST], limit_rate[MOST];
    int8_t success[MOST][REPLICATES], limit_success[MOST][REPLICATES];
    ts_trials trials;
} line;

/* Cells a factor of 2 apart from 1/16 on, with so many successes: the first replicates of each. */
static ts_trials line_of(line *of, size_t cells, const int *successes) {
    memset(of, 0, sizeof *of);
    for (size_t i = 0; i < cells; i++) {
        of->epsilon[i] = ldexp(1, (int)i - 4);
        for (int r = 0; r < successes[i]; r++)
            of->success[i][r] = 1;
    }
    return (ts_trials){
        .cells = cells, .replicates = REPLICATES, .epsilon = of->epsilon, .success = of->success[0], .limit_starts = 0};
}

static ts_boundary boundary_of(const ts_trials *trials, double level, bool common) {
    ts_boundaries found;
    ts_error error = {0};
    if (ts_boundaries_find(&found, trials, 1, level, common, &error) != TS_OK)
        fail_msg("%s", error.message);
    const ts_boundary boundary = found.boundary[0];
    ts_boundaries_free(&found);
    return boundary;
}

static void a_symmetric_curve_has_its_middle(void **state) {
    (void)state;
    line of;
    const ts_trials trials = line_of(&of, 7, (int[]){199, 190, 160, 100, 40, 10, 1});
    for (int common = 0; common < 2; common++) {
        const ts_boundary boundary = boundary_of(&trials, 0.5, common);
        assert_int_equal(boundary.state, TS_BOUNDARY_FOUND);
        assert_close(boundary.epsilon, 0.5, 0.002);
        assert_true(boundary.low < 0.5 && 0.5 < boundary.high && boundary.fits);
        assert_close(boundary.low * boundary.high, 0.25, 0.003);
        assert_close(log(boundary.high / boundary.low), 2 * 1.96 * sqrt(boundary.variance), 0.03);
    }
    /* replicates that succeed in all cells up to theirs depend on each other more than binomial ones */
    assert_true(boundary_of(&trials, 0.5, true).variance > 1.2 * boundary_of(&trials, 0.5, false).variance);
    assert_true(boundary_of(&trials, 0.9, true).epsilon < boundary_of(&trials, 0.1, true).epsilon / 4);
}

static void without_a_boundary_there_is_no_number(void **state) {
    (void)state;
    const struct {
        int successes[6];
        ts_boundary_state state;
        double low, high;
    } cases[] = {
        {{200, 200, 200, 0, 0, 0}, TS_BOUNDARY_BETWEEN, 0.25, 0.5},
        {{200, 200, 190, 0, 0, 0}, TS_BOUNDARY_BETWEEN, 0.25, 0.5},
        {{200, 200, 200, 200, 200, 200}, TS_BOUNDARY_ABOVE, 2, INFINITY},
        {{0, 0, 0, 0, 0, 0}, TS_BOUNDARY_BELOW, 0, 0.0625},
        {{30, 31, 30, 30, 29, 30}, TS_BOUNDARY_BELOW, 0, 0.0625},
        {{170, 171, 170, 170, 169, 170}, TS_BOUNDARY_ABOVE, 2, INFINITY},
        {{20, 50, 90, 110, 150, 180}, TS_BOUNDARY_NOT_FALLING, 0, INFINITY},
        {{100, 101, 100, 99, 100, 100}, TS_BOUNDARY_NOT_FALLING, 0, INFINITY},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        line of;
        const ts_trials trials = line_of(&of, 6, cases[i].successes);
        const ts_boundary boundary = boundary_of(&trials, 0.5, true);
        if (boundary.state != cases[i].state)
            fail_msg("case %d: state %d", (int)i, (int)boundary.state);
        assert_true(isnan(boundary.epsilon) && isnan(boundary.variance));
        if (!(boundary.low >= 0.6 * cases[i].low && boundary.low <= 1.9 * cases[i].low + 1e-9))
            fail_msg("case %d: from %g", (int)i, boundary.low);
        if (isinf(cases[i].high) ? !isinf(boundary.high)
                                 : !(boundary.high >= 0.5 * cases[i].high && boundary.high <= 1.5 * cases[i].high))
            fail_msg("case %d: to %g", (int)i, boundary.high);
        if (boundary.state == TS_BOUNDARY_BETWEEN) {
            assert_int_equal(boundary.first_cell, 2);
            assert_int_equal(boundary.last_cell, 3);
        }
    }
}

static void data_and_hope_are_needed(void **state) {
    (void)state;
    line of;
    ts_trials trials = line_of(&of, 4, (int[]){0, 0, 0, 0});
    trials.limit_rate = of.limit_rate; /* all 0 */
    assert_int_equal(boundary_of(&trials, 0.5, true).state, TS_BOUNDARY_HOPELESS);
    trials = line_of(&of, 1, (int[]){100});
    assert_int_equal(boundary_of(&trials, 0.5, true).state, TS_BOUNDARY_NO_DATA);
    trials = line_of(&of, 4, (int[]){200, 150, 50, 0});
    memset(of.success, -1, sizeof of.success);
    assert_int_equal(boundary_of(&trials, 0.5, true).state, TS_BOUNDARY_NO_DATA);
}

/* Half of the starts are hopeless: what falls are the others, whatever their share. */
static void rates_fall_from_that_of_the_limit(void **state) {
    (void)state;
    line all, half;
    ts_trials of_all = line_of(&all, 6, (int[]){198, 188, 150, 80, 20, 2});
    ts_trials of_half = line_of(&half, 6, (int[]){99, 94, 75, 40, 10, 1});
    for (size_t i = 0; i < 6; i++) {
        half.limit_rate[i] = 0.5;
        memset(half.limit_success[i], 0, REPLICATES);
        memset(half.limit_success[i], 1, REPLICATES / 2);
    }
    of_half.limit_rate = half.limit_rate;
    of_half.limit_success = half.limit_success[0];
    of_half.limit_has_ours = true;
    of_half.limit_starts = REPLICATES;
    const ts_boundary boundary = boundary_of(&of_all, 0.5, true), halved = boundary_of(&of_half, 0.5, true);
    assert_close(halved.epsilon / boundary.epsilon, 1, 1e-6);
    assert_close(halved.variance / boundary.variance, 2, 0.05); /* of half as many trainings */
    of_half.limit_success = NULL;                               /* the rate alone: less is known */
    assert_close(boundary_of(&of_half, 0.5, true).epsilon / boundary.epsilon, 1, 0.02);
    assert_true(boundary_of(&of_half, 0.5, true).variance > halved.variance);
}

/* What the errors of two boundaries have in common by the replicates alone; the last columns are of the shapes. */
static double by_replicates(const ts_boundaries *found, size_t a, size_t b) {
    double sum = 0;
    for (size_t column = 0; column + TS_CURVE_SHAPE_COUNT < found->columns; column++)
        sum += found->influence[a * found->columns + column] * found->influence[b * found->columns + column];
    return sum;
}

/* The variance by influences is that of leaving out one replicate after the other. */
static void influences_are_those_of_the_jackknife(void **state) {
    (void)state;
    const test_design design = {
        .common = true, .curves = 2, .cells = 13, .decades = 3, .replicates = 150, .steepness = 2, .level = 0.5};
    test_sweep sweep;
    test_random random = {4711};
    sweep_create(&sweep, &design);
    sweep_draw(&sweep, &design, &random);
    ts_boundaries found, without;
    assert_int_equal(ts_boundaries_find(&found, sweep.trials, 2, 0.5, true, NULL), TS_OK);
    int8_t *all = malloc(2 * 13 * 150 * 2);
    assert_non_null(all);
    memcpy(all, sweep.memory_int, 2 * 13 * 150 * 2);
    double left[150][2], mean[2] = {0}, sum[3] = {0};
    for (size_t r = 0; r < 150; r++) {
        for (size_t row = 0; row < 2 * 2 * 13; row++)
            sweep.memory_int[row * 150 + r] = -1;
        assert_int_equal(ts_boundaries_find(&without, sweep.trials, 2, 0.5, true, NULL), TS_OK);
        for (size_t c = 0; c < 2; c++) {
            assert_int_equal(without.boundary[c].state, TS_BOUNDARY_FOUND);
            left[r][c] = log(without.boundary[c].epsilon);
            mean[c] += left[r][c] / 150;
        }
        ts_boundaries_free(&without);
        memcpy(sweep.memory_int, all, 2 * 13 * 150 * 2);
    }
    for (size_t r = 0; r < 150; r++)
        for (size_t k = 0; k < 3; k++)
            sum[k] += (left[r][k == 2] - mean[k == 2]) * (left[r][k > 0] - mean[k > 0]) * 149 / 150;
    assert_close(sum[0] / by_replicates(&found, 0, 0), 1, 0.1);
    assert_close(sum[2] / by_replicates(&found, 1, 1), 1, 0.1);
    assert_close(sum[1] / by_replicates(&found, 0, 1), 1, 0.1);
    assert_true(ts_boundary_covariance(&found, 0, 0) >= by_replicates(&found, 0, 0));
    ts_boundaries_free(&found);
    sweep_free(&sweep);
    free(all);
}

static void replicates_may_differ_between_cells(void **state) {
    (void)state;
    line of;
    const ts_trials trials = line_of(&of, 7, (int[]){199, 190, 160, 100, 40, 10, 1});
    for (size_t i = 0; i < 7; i += 2) /* every second cell has a quarter, of the same rate */
        for (size_t r = 0; r < REPLICATES; r++)
            of.success[i][r] = r >= 50 ? -1 : of.success[i][4 * r];
    const ts_boundary boundary = boundary_of(&trials, 0.5, true);
    assert_int_equal(boundary.state, TS_BOUNDARY_FOUND);
    assert_close(boundary.epsilon, 0.5, 0.03);
}

/* A curve that falls at once to a third, stays there and falls again is no curve of these: what is said holds anyway.
 */
/* A limit that nearly always succeeds says next to nothing of a steep curve, and takes next to nothing from it: neither
 * where all of the trainings have such a limit, nor where one has none. */
static void a_limit_near_one_costs_nothing(void **state) {
    (void)state;
    line of;
    ts_trials trials = line_of(&of, 6, (int[]){200, 200, 103, 2, 0, 0});
    const ts_boundary plain = boundary_of(&trials, 0.5, true);
    assert_int_equal(plain.state, TS_BOUNDARY_FOUND);
    for (int hopeless = 0; hopeless < 2; hopeless++) {
        for (size_t i = 0; i < 6; i++) {
            of.limit_rate[i] = 0.998;
            memset(of.limit_success[i], 1, REPLICATES);
            of.limit_success[i][REPLICATES - 1] = (int8_t)!hopeless;
        }
        trials.limit_rate = of.limit_rate;
        trials.limit_success = of.limit_success[0];
        trials.limit_starts = 32768;
        trials.limit_has_ours = true;
        for (int common = 0; common < 2; common++) {
            const ts_boundary boundary = boundary_of(&trials, 0.5, common);
            assert_int_equal(boundary.state, TS_BOUNDARY_FOUND);
            assert_close(boundary.epsilon / plain.epsilon, 1, 0.01);
            assert_close(log(boundary.high / boundary.low) / log(plain.high / plain.low), 1, 0.3);
        }
    }
}

/* No training with a limit that succeeds is no data; hopeless is a limit that never does. */
static void hope_without_trainings_is_no_data(void **state) {
    (void)state;
    line of;
    ts_trials trials = line_of(&of, 3, (int[]){0, 0, 0});
    for (size_t i = 0; i < 3; i++)
        of.limit_rate[i] = 0.1;
    trials.limit_rate = of.limit_rate;
    trials.limit_success = of.limit_success[0];
    trials.limit_starts = 1000;
    assert_int_equal(boundary_of(&trials, 0.5, true).state, TS_BOUNDARY_NO_DATA);
    memset(of.limit_rate, 0, sizeof of.limit_rate);
    assert_int_equal(boundary_of(&trials, 0.5, true).state, TS_BOUNDARY_HOPELESS);
}

static void a_wrong_shape_is_noticed(void **state) {
    (void)state;
    line of;
    const ts_trials trials = line_of(&of, 9, (int[]){199, 198, 120, 80, 78, 76, 74, 20, 0});
    const ts_boundary boundary = boundary_of(&trials, 0.5, true);
    assert_int_equal(boundary.state, TS_BOUNDARY_FOUND);
    assert_false(boundary.fits);
    assert_true(boundary.misfit >= 1 && boundary.low <= 0.25 && boundary.high >= 0.5);
}

/* Rates that jump up and down between none and more than their limit has: a curve through some of them is as steep as
 * can be, and nothing says how far off its crossing is. It is no curve then. */
static void a_curve_has_an_error_or_is_none(void **state) {
    (void)state;
    static const double epsilon[] = {1.96201e-3, 2.05159e-3, 2.48007e-3, 2.77161e-3};
    line of;
    double influence[2 * REPLICATES];
    ts_trials trials = line_of(&of, 4, (int[]){0, 5, 5, 0});
    for (size_t i = 0; i < 4; i++) {
        of.epsilon[i] = epsilon[i];
        of.limit_rate[i] = 0.514924;
        memset(of.success[i] + 7, -1, REPLICATES - 7);
    }
    trials.limit_rate = of.limit_rate;
    trials.limit_starts = 210;
    for (int shape = 0; shape < TS_CURVE_SHAPE_COUNT; shape++) {
        ts_shares shares;
        ts_assess_scratch scratch;
        assert_true(ts_shares_create(&shares, &trials, true));
        assert_true(ts_assess_scratch_create(&scratch, 4, REPLICATES));
        const ts_assessment is = ts_assess(&shares, (ts_curve_shape)shape, 0.52652, 0, 3, &scratch, influence);
        assert_true(!(is.fit.slope > 0) || (is.variance > 0 && is.ratio > 0));
        ts_assess_scratch_free(&scratch);
        ts_shares_free(&shares);
    }
}

static void bad_input_is_refused(void **state) {
    (void)state;
    line of;
    ts_boundaries found;
    ts_error error = {0};
    ts_trials trials = line_of(&of, 3, (int[]){200, 100, 0});
    assert_int_equal(ts_boundaries_find(&found, &trials, 1, 1, true, &error), TS_INVALID);
    assert_string_equal(error.message, "the level of a boundary is 1; it must be between 0 and 1");
    assert_int_equal(ts_boundaries_find(&found, &trials, 1, NAN, true, &error), TS_INVALID);
    of.epsilon[1] = of.epsilon[0];
    assert_int_equal(ts_boundaries_find(&found, &trials, 1, 0.5, true, &error), TS_INVALID);
    of.epsilon[1] = 0.1;
    of.limit_rate[2] = 1.5;
    trials.limit_rate = of.limit_rate;
    assert_int_equal(ts_boundaries_find(&found, &trials, 1, 0.5, true, &error), TS_INVALID);
    assert_int_equal(ts_boundaries_find(&found, NULL, 0, 0.5, true, &error), TS_OK);
    ts_boundaries_free(&found);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_symmetric_curve_has_its_middle),
        cmocka_unit_test(without_a_boundary_there_is_no_number),
        cmocka_unit_test(data_and_hope_are_needed),
        cmocka_unit_test(rates_fall_from_that_of_the_limit),
        cmocka_unit_test(influences_are_those_of_the_jackknife),
        cmocka_unit_test(replicates_may_differ_between_cells),
        cmocka_unit_test(a_limit_near_one_costs_nothing),
        cmocka_unit_test(hope_without_trainings_is_no_data),
        cmocka_unit_test(a_wrong_shape_is_noticed),
        cmocka_unit_test(a_curve_has_an_error_or_is_none),
        cmocka_unit_test(bad_input_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
