/* Trainings on their way in result files: what was seen, and when. */
#include "io/files.h"

#include <netcdf.h>

#define CELLS 6
#define BINS 1000 /* room for them */

static const double slow_times[] = {0.001, 0.0015, 0.003};

static void check(int code) {
    if (code != NC_NOERR)
        fail_msg("%s", nc_strerror(code));
}

static ts_settings observed_settings(ts_clock clock, const double *times, size_t count) {
    ts_settings settings = small_settings(false);
    settings.h = 0.01;
    settings.steps = 0;
    settings.slow_time = 0.003;
    settings.min_fast_time = 1;
    settings.unexplained_variance = 0.5;
    settings.observe_clock = clock;
    settings.observe = times;
    settings.observe_count = count;
    return settings;
}

/* NaN is NaN. */
static bool same(double a, double b) {
    return a == b || (isnan(a) && isnan(b));
}

static void assert_read_back(const ts_sweep *sweep, const ts_result_observations *found) {
    for (size_t k = 0; k < found->count; k++)
        for (size_t cell = 0; cell < CELLS; cell++) {
            const ts_cell_summary seen = ts_sweep_observed(sweep, cell, k);
            const size_t at = k * CELLS + cell;
            assert_true(found->steps[at] == (double)seen.steps);
            assert_true(found->success_count[at] == (double)seen.success_count);
            assert_true(found->diverged_count[at] == (double)seen.diverged_count);
            assert_true(same(found->success_rate[at], seen.success_rate));
            assert_true(same(found->success_low[at], seen.success_low));
            assert_true(same(found->success_high[at], seen.success_high));
            assert_true(same(found->loss_mean[at], seen.loss_mean));
            assert_true(same(found->loss_median[at], seen.loss_median));
            assert_true(same(found->loss_q05[at], seen.loss_q05) && same(found->loss_q25[at], seen.loss_q25));
            assert_true(same(found->loss_q75[at], seen.loss_q75) && same(found->loss_q95[at], seen.loss_q95));
            assert_true(found->position_success_count[at] == (double)seen.position_success_count);
            assert_true(same(found->position_success_rate[at], seen.position_success_rate));
            assert_true(found->covered_failure_count[at] == (double)seen.covered_failure_count);
            assert_true(found->first_success_count[at] == (double)ts_sweep_first_success(sweep, cell, k));
        }
}

static void reading_gives_back_what_was_seen(void **state) {
    const char *path = path_in(*state, "result.nc");
    const ts_settings settings = observed_settings(TS_CLOCK_SLOW_TIME, slow_times, 3);
    for (int run = 0; run < 2; run++) { /* one that has not run has no numbers */
        ts_sweep *sweep = create_sweep(&settings);
        if (run == 1)
            assert_int_equal(ts_sweep_run(sweep, NULL, NULL, NULL), TS_OK);
        write_result(path, sweep);
        ts_result result = read_result(path);
        assert_int_equal(result.observations.count, 3);
        assert_int_equal(result.observations.clock, TS_CLOCK_SLOW_TIME);
        assert_memory_equal(result.observations.time, slow_times, sizeof slow_times);
        assert_read_back(sweep, &result.observations);
        assert_int_equal(isnan(result.observations.success_rate[0]), run == 0);
        ts_result_free(&result);
        ts_sweep_destroy(sweep);
    }
}

/* Of a sweep over h, too: what is left of it at one h is what that has. */
static void a_slice_has_its_own(void **state) {
    const char *path = path_in(*state, "result.nc");
    const double stepsizes[] = {0.005, 0.01};
    ts_settings settings = observed_settings(TS_CLOCK_SLOW_TIME, slow_times, 3);
    settings.axis[TS_PARAMETER_H] = (ts_sweep_axis){stepsizes, 2};
    ts_sweep *sweep = run_sweep(&settings, NULL);
    write_result(path, sweep);
    for (size_t i = 0; i < 2; i++) {
        ts_result result = read_result(path);
        ts_slice slice = ts_slice_default();
        slice.at[TS_PARAMETER_H] = stepsizes[i];
        assert_int_equal(ts_result_slice(&result, &slice, NULL, NULL), TS_OK);
        for (size_t k = 0; k < 3; k++)
            for (size_t cell = 0; cell < CELLS; cell++) {
                const ts_cell_summary seen = ts_sweep_observed(sweep, cell * 2 + i, k);
                assert_true(seen.h == stepsizes[i]);
                assert_true(result.observations.steps[k * CELLS + cell] == (double)seen.steps);
                assert_true(same(result.observations.loss_mean[k * CELLS + cell], seen.loss_mean));
            }
        uint64_t covered[64];
        ts_sweep_covered(sweep, 2 + i, covered);
        for (size_t c = 0; c < result.covered_count; c++)
            assert_true(result.covered_jumps[result.covered_count + c] == (double)covered[c]);
        ts_result_free(&result);
    }
    ts_sweep_destroy(sweep);
}

static void histograms_are_those_of_the_sweep(void **state) {
    const char *path = path_in(*state, "result.nc");
    const double stepsizes[] = {0.005, 0.01};
    ts_settings settings = observed_settings(TS_CLOCK_SLOW_TIME, slow_times, 3);
    settings.axis[TS_PARAMETER_H] = (ts_sweep_axis){stepsizes, 2};
    ts_sweep *sweep = run_sweep(&settings, NULL);
    write_result(path, sweep);
    int file, variable, of_positions, of_jumps;
    check(nc_open(path, NC_NOWRITE, &file));
    check(nc_inq_varid(file, "observed_loss_histogram", &variable));
    check(nc_inq_varid(file, "observed_position_loss_histogram", &of_positions));
    check(nc_inq_varid(file, "observed_covered_jumps", &of_jumps));
    static unsigned long long histogram[BINS];
    const size_t jumps[5] = {1, 1, 1, 1, 6};
    uint64_t covered[6], sum = 0;
    const size_t bins = ts_loss_bin_count(), count[5] = {1, 1, 1, 1, bins};
    assert_true(bins <= BINS);
    for (size_t k = 0; k < 3; k++)
        for (size_t cell = 0; cell < 2 * CELLS; cell++) {
            const size_t start[5] = {k, cell / 4, cell / 2 % 2, cell % 2, 0};
            check(nc_get_vara_ulonglong(file, variable, start, count, histogram));
            assert_memory_equal(histogram, ts_sweep_observed_histogram(sweep, cell, k), bins * sizeof *histogram);
            check(nc_get_vara_ulonglong(file, of_positions, start, count, histogram));
            assert_memory_equal(histogram, ts_sweep_observed_position_histogram(sweep, cell, k),
                                bins * sizeof *histogram);
            check(nc_get_vara_ulonglong(file, of_jumps, start, jumps, histogram));
            ts_sweep_observed_covered(sweep, cell, k, covered);
            assert_memory_equal(histogram, covered, sizeof covered);
            for (size_t j = 0; j < 6; j++)
                sum += covered[j];
        }
    assert_int_equal(sum, 3 * 2 * CELLS * 5); /* every training at every observation */
    check(nc_close(file));
    ts_sweep_destroy(sweep);
}

/* Which of the times the file has, and what every variable says of itself. */
static void assert_times(const char *path, const ts_settings *settings, const char *times) {
    ts_sweep *sweep = run_sweep(settings, NULL);
    write_result(path, sweep);
    int file, variable, count;
    check(nc_open(path, NC_NOWRITE, &file));
    char text[NC_MAX_NAME + 1];
    size_t length = 0;
    check(nc_inq_varid(file, "observed_loss_mean", &variable));
    check(nc_inq_attlen(file, variable, "coordinates", &length));
    assert_int_equal(length, strlen(times));
    check(nc_get_att_text(file, variable, "coordinates", text));
    assert_memory_equal(text, times, length);
    check(nc_inq_nvars(file, &count));
    for (variable = 0; variable < count; variable++) {
        check(nc_inq_attlen(file, variable, "units", &length));
        check(nc_inq_attlen(file, variable, "long_name", &length));
        check(nc_inq_varname(file, variable, text));
        const bool is_time =
            strcmp(text, "slow_time") == 0 || strcmp(text, "fast_time") == 0 || strcmp(text, "step") == 0;
        assert_true(!is_time || strstr(times, text));
    }
    check(nc_close(file));
    ts_result result = read_result(path);
    assert_memory_equal(result.observations.time, settings->observe, settings->observe_count * sizeof(double));
    ts_result_free(&result);
    ts_sweep_destroy(sweep);
}

/* A time that depends on the cell has no place beside the observations. */
static void times_are_those_that_all_cells_share(void **state) {
    const char *path = path_in(*state, "result.nc");
    const double fast[] = {0, 0.25, 0.5}, steps[] = {1, 10, 30};
    ts_settings settings = observed_settings(TS_CLOCK_SLOW_TIME, slow_times, 3);
    assert_times(path, &settings, "slow_time");
    settings = observed_settings(TS_CLOCK_FAST_TIME, fast, 3);
    assert_times(path, &settings, "step fast_time");
    settings = observed_settings(TS_CLOCK_STEPS, steps, 3);
    assert_times(path, &settings, "step fast_time");
    settings.axis[TS_PARAMETER_EPSILON].count = 1;
    assert_times(path, &settings, "step slow_time fast_time");
    const double stepsizes[] = {0.005, 0.01};
    settings.axis[TS_PARAMETER_H] = (ts_sweep_axis){stepsizes, 2};
    assert_times(path, &settings, "step");
}

static void without_observations_nothing_is_said_of_them(void **state) {
    const char *path = path_in(*state, "result.nc");
    ts_sweep *sweep = small_sweep(false);
    write_result(path, sweep);
    ts_sweep_destroy(sweep);
    ts_result result = read_result(path);
    assert_int_equal(result.observations.count, 0);
    assert_null(result.observations.time);
    ts_result_free(&result);
    int file, id;
    check(nc_open(path, NC_NOWRITE, &file));
    assert_int_equal(nc_inq_dimid(file, "observation", &id), NC_EBADDIM);
    assert_int_equal(nc_inq_attid(file, NC_GLOBAL, "observe", &id), NC_ENOTATT);
    check(nc_close(file));
}

static void how_trainings_end_is_said(void **state) {
    const char *path = path_in(*state, "result.nc");
    for (int stops = 0; stops < 2; stops++) {
        ts_settings settings = observed_settings(TS_CLOCK_SLOW_TIME, slow_times, 3);
        settings.stop = stops ? TS_STOP_FIRST_SUCCESS : TS_STOP_NEVER;
        settings.unexplained_variance = 1;
        ts_sweep *sweep = run_sweep(&settings, NULL);
        write_result(path, sweep);
        ts_result result = read_result(path);
        double done = 0, all = 0;
        assert_int_equal(result.stops, stops);
        assert_int_equal(
            strstr(result.caption, ", horizon slow time 0.003, fast time at least 1 or the first success;") != NULL,
            stops);
        for (size_t cell = 0; cell < CELLS; cell++) {
            const ts_cell_summary summary = ts_sweep_summary(sweep, cell);
            assert_true(result.training_steps[cell] == (double)summary.training_steps);
            assert_true(result.steps[cell] == (double)summary.steps);
            done += result.training_steps[cell];
            all += result.steps[cell] * result.trainings[cell];
        }
        assert_true(stops ? done < all : done == all);
        ts_error error = {0};
        assert_int_equal(ts_result_reclassify(&result, path, 0.5, &error), stops ? TS_INVALID : TS_OK);
        assert_int_equal(strstr(error.message, "the trainings stopped at their first success") != NULL, stops);
        ts_result_free(&result);
        ts_sweep_destroy(sweep);
    }
}

static void nonsense_is_refused(void **state) {
    const char *path = path_in(*state, "result.nc");
    const ts_settings settings = observed_settings(TS_CLOCK_SLOW_TIME, slow_times, 3);
    const char *const words[] = {"moon_time", "steps"}; /* no clock; one of which the file has no times */
    for (int i = 0; i < 2; i++) {
        ts_sweep *sweep = run_sweep(&settings, NULL);
        write_result(path, sweep);
        ts_sweep_destroy(sweep);
        int file;
        check(nc_open(path, NC_WRITE, &file));
        check(nc_put_att_text(file, NC_GLOBAL, "observe", strlen(words[i]), words[i]));
        check(nc_close(file));
        ts_error error = {0};
        ts_result result;
        assert_int_equal(ts_result_read(&result, path, &error), TS_INVALID);
        assert_non_null(strstr(error.message, i == 0 ? "observe" : "variable step"));
        assert_null(result.observations.time);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reading_gives_back_what_was_seen, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(a_slice_has_its_own, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(histograms_are_those_of_the_sweep, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(times_are_those_that_all_cells_share, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(without_observations_nothing_is_said_of_them, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(how_trainings_end_is_said, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(nonsense_is_refused, folder_create, folder_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
