/* Files of traces. */
#include "io/recordings.h"

#include <netcdf.h>

static void assert_same_values(const double *a, const double *b, size_t count) {
    for (size_t k = 0; k < count; k++)
        assert_true(a[k] == b[k] || (isnan(a[k]) && isnan(b[k])));
}

static void reading_gives_back_what_the_trace_holds(void **state) {
    const char *path = path_in(*state, "trace.nc");
    ts_trace *trace = small_trace();
    write_trace(path, trace);
    ts_recording file = read_trace(path);
    const ts_trace_data *a = ts_trace_result(trace), *b = &file.data;
    assert_true(b->trainings == 3 && b->times == 8 && b->neurons == 9 && b->points == a->points);
    assert_true(b->epsilon == 0.1 && file.eta == 4e-3 && file.complete);
    assert_true(file.jump_count == 5 && file.jump_at[4] == 0.8);
    assert_true(file.loss_floor == ts_loss_floor(ts_trace_settings(trace)));
    for (size_t i = 0; i < 3; i++)
        assert_true(b->replicate[i] == chosen[i] && b->outcome[i] == a->outcome[i]);
    for (size_t k = 0; k < 8; k++)
        assert_int_equal(b->step[k], a->step[k]);
    const size_t states = 3 * 8;
    assert_same_values(a->slow_time, b->slow_time, 8);
    assert_same_values(a->fast_time, b->fast_time, 8);
    assert_same_values(a->x, b->x, a->points);
    assert_same_values(a->target, b->target, a->points);
    assert_same_values(a->loss, b->loss, states);
    assert_same_values(a->bias, b->bias, states);
    assert_same_values(a->limit_loss, b->limit_loss, states);
    assert_same_values(a->position, b->position, states * 9);
    assert_same_values(a->weight, b->weight, states * 9);
    assert_same_values(a->limit_position, b->limit_position, states * 9);
    assert_same_values(a->function, b->function, states * a->points);
    assert_same_values(a->limit_function, b->limit_function, states * a->points);
    assert_string_equal(file.title, small_origin.title);
    assert_string_equal(
        file.caption,
        "target 1, jumps +4 at 0.2, -4 at 0.35, +2 at 0.5, -2 at 0.65, +4 at 0.8; eta = 0.004, start uniform, "
        "h = 0.001\nnoise 1, derivative exact, horizon 300 steps; epsilon = 0.1, m = 9, randomness common, seed 42");
    ts_recording_free(&file);
    ts_trace_destroy(trace);
}

static void check(int code) {
    if (code != NC_NOERR)
        fail_msg("%s", nc_strerror(code));
}

static void every_variable_has_units_and_a_long_name(void **state) {
    const char *path = path_in(*state, "trace.nc");
    ts_trace *trace = small_trace();
    write_trace(path, trace);
    ts_trace_destroy(trace);
    int file, count;
    check(nc_open(path, NC_NOWRITE, &file));
    check(nc_inq_nvars(file, &count));
    assert_int_equal(count, 18);
    for (int variable = 0; variable < count; variable++) {
        size_t length = 0;
        check(nc_inq_attlen(file, variable, "units", &length));
        assert_int_equal(length, 1);
        check(nc_inq_attlen(file, variable, "long_name", &length));
        assert_true(length >= 4);
    }
    check(nc_close(file));
}

static void a_full_disk_leaves_the_old_file_and_nothing_else(void **state) {
    test_folder *folder = *state;
    const char *path = path_in(folder, "trace.nc");
    ts_trace *trace = small_trace();
    write_trace(path, trace);
    struct stat whole;
    assert_int_equal(stat(path, &whole), 0);
    const rlim_t limits[] = {0, 4096, (rlim_t)whole.st_size - 1};
    write_text(path, "old");
    for (size_t k = 0; k < sizeof limits / sizeof limits[0]; k++) {
        ts_error error = {0};
        limit_files(limits[k]);
        const ts_status status = ts_recording_write(path, trace, &small_origin, NULL, &error);
        limit_files(RLIM_INFINITY);
        assert_int_equal(status, TS_FAILED);
        assert_non_null(strstr(error.message, "File too large"));
        assert_text(path, "old");
        assert_int_equal(entries(folder, false), 1);
    }
    ts_trace_destroy(trace);
}

/* After two and a half of a thousand stretches, or a little later. */
static bool stop_soon(void *context, const ts_progress *progress) {
    (void)context;
    return progress->training_steps_done < 0.0025 * progress->training_steps_total;
}

static void an_interrupted_trace_has_the_times_before(void **state) {
    const char *path = path_in(*state, "trace.nc");
    ts_settings settings = trace_settings();
    settings.steps = 1000000000;
    ts_trace *trace = NULL;
    const ts_trace_options choice = {.replicate = chosen, .count = 3, .times = 1001};
    assert_int_equal(ts_trace_create(&trace, &settings, &choice, NULL), TS_OK);
    const ts_run_options options = {.chunk_steps = 1000, .on_progress = stop_soon};
    assert_int_equal(ts_trace_run(trace, &options, NULL, NULL), TS_INTERRUPTED);
    ts_result_origin origin = small_origin;
    origin.complete = false;
    assert_int_equal(ts_recording_write(path, trace, &origin, NULL, NULL), TS_OK);
    ts_recording file = read_trace(path);
    const ts_trace_data *data = ts_trace_result(trace);
    assert_in_range(file.data.times, 3, 1000);
    assert_int_equal(file.data.times, data->times);
    assert_same_values(file.data.loss, data->loss, 3 * data->times);
    assert_same_values(file.data.limit_function, data->limit_function, 3 * data->times * data->points);
    assert_false(file.complete);
    assert_non_null(strstr(file.caption, "interrupted"));
    ts_recording_free(&file);
    ts_trace_destroy(trace);
}

static void assert_not_read(const char *path, const char *reason) {
    ts_error error = {0};
    ts_recording file;
    assert_int_equal(ts_recording_read(&file, path, &error), TS_INVALID);
    if (!strstr(error.message, reason))
        fail_msg("'%s' does not say '%s'", error.message, reason);
    assert_null(file.data.loss);
}

static void other_files_are_told_apart(void **state) {
    test_folder *folder = *state;
    bool is_trace = false;
    ts_error error = {0};
    ts_trace *trace = small_trace();
    write_trace(path_in(folder, "trace.nc"), trace);
    ts_trace_destroy(trace);
    assert_int_equal(ts_recording_recognise(path_in(folder, "trace.nc"), &is_trace, &error), TS_OK);
    assert_true(is_trace);
    ts_sweep *sweep = small_sweep(true);
    write_result(path_in(folder, "sweep.nc"), sweep);
    ts_sweep_destroy(sweep);
    assert_int_equal(ts_recording_recognise(path_in(folder, "sweep.nc"), &is_trace, &error), TS_OK);
    assert_false(is_trace);
    assert_not_read(path_in(folder, "sweep.nc"), "axis training");
    assert_not_read(path_in(folder, "none.nc"), "No such file");
    assert_int_equal(ts_recording_recognise(path_in(folder, "none.nc"), &is_trace, &error), TS_INVALID);
    write_text(path_in(folder, "text.nc"), "this is no netCDF file\n");
    assert_not_read(path_in(folder, "text.nc"), "not a netCDF file");
    assert_int_equal(ts_recording_recognise(path_in(folder, "text.nc"), &is_trace, &error), TS_INVALID);
    ts_result result;
    assert_int_equal(ts_result_read(&result, path_in(folder, "trace.nc"), &error), TS_INVALID);
}

static void assert_nonsense(const char *path, const ts_trace *trace, const char *name) {
    write_trace(path, trace);
    assert_not_read(path, name);
}

static void nonsense_in_a_file_is_found(void **state) {
    const char *path = path_in(*state, "trace.nc");
    ts_trace *trace = small_trace();
    const ts_trace_data *data = ts_trace_result(trace);
    double *const lines[] = {data->slow_time, data->fast_time, data->x};
    const char *const names[] = {"slow_time", "fast_time", "x"};
    const double wrong[] = {NAN, -1, 7};
    for (size_t l = 0; l < 3; l++)
        for (size_t w = 0; w < 3; w++) {
            const double right = lines[l][1];
            lines[l][1] = wrong[w];
            assert_nonsense(path, trace, names[l]);
            lines[l][1] = right;
        }
    data->step[1] = data->step[3];
    assert_nonsense(path, trace, "step");
    data->step[1] = 43;
    data->outcome[1] = (ts_outcome)9;
    assert_nonsense(path, trace, "status");
    ts_trace_destroy(trace);
}

static void cut_files_are_refused(void **state) {
    const char *path = path_in(*state, "trace.nc");
    ts_trace *trace = small_trace();
    write_trace(path, trace);
    ts_trace_destroy(trace);
    struct stat whole;
    assert_int_equal(stat(path, &whole), 0);
    for (int eighth = 4; eighth >= 0; eighth--) {
        assert_int_equal(truncate(path, whole.st_size * eighth / 8), 0);
        assert_not_read(path, "damaged");
    }
}

/* With the name of a file: write a small trace there, for open_recording_in_xarray.py. */
int main(int argument_count, char **arguments) {
    if (argument_count == 2) {
        ts_trace *trace = small_trace();
        const ts_status status = ts_recording_write(arguments[1], trace, &small_origin, NULL, NULL);
        ts_trace_destroy(trace);
        return (int)status;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reading_gives_back_what_the_trace_holds, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(every_variable_has_units_and_a_long_name, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(a_full_disk_leaves_the_old_file_and_nothing_else, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(an_interrupted_trace_has_the_times_before, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(other_files_are_told_apart, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(nonsense_in_a_file_is_found, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(cut_files_are_refused, folder_create, folder_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
