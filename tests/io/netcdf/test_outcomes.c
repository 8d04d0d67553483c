/* How each training ended is in every result file, as the sweep marked it. */
#include "io/files.h"
#include "sweep/sweep.h"

#include <netcdf.h>

#define CELLS 6

static void check(int code) {
    if (code != NC_NOERR)
        fail_msg("%s", nc_strerror(code));
}

/* Is it there? Then its values [cells][replicates], which the caller frees. */
static signed char *bytes_of(const char *path, const char *name, size_t count) {
    int file, variable;
    signed char *values = NULL;
    check(nc_open(path, NC_NOWRITE, &file));
    if (nc_inq_varid(file, name, &variable) == NC_NOERR) {
        nc_type type;
        size_t meanings = 0;
        check(nc_inq_vartype(file, variable, &type));
        assert_int_equal(type, NC_BYTE);
        check(nc_inq_attlen(file, variable, "flag_values", &meanings));
        assert_int_equal(meanings, strstr(name, "success") ? 2 : 4);
        assert_int_not_equal(nc_inq_attid(file, variable, "_FillValue", &(int){0}), NC_NOERR);
        values = malloc(count);
        check(nc_get_var_schar(file, variable, values));
    }
    check(nc_close(file));
    return values;
}

/* A sweep that ran, with a mark of every kind. */
static ts_sweep *marked_sweep(ts_settings *settings) {
    static const uint8_t kinds[] = {0,
                                    TS_MARK_LIMIT_SUCCESS, /* and not finished */
                                    TS_MARK_FINISHED,
                                    TS_MARK_FINISHED | TS_MARK_SUCCESS,
                                    TS_MARK_FINISHED | TS_MARK_SUCCESS | TS_MARK_POSITION_SUCCESS,
                                    TS_MARK_FINISHED | TS_MARK_POSITION_SUCCESS | TS_MARK_LIMIT_SUCCESS,
                                    TS_MARK_FINISHED | TS_MARK_DIVERGED};
    ts_sweep *sweep = run_sweep(settings, NULL);
    const size_t count = ts_sweep_cell_count(sweep) * (size_t)settings->replicates;
    for (size_t k = 0; k < count; k++)
        sweep->results.mark[k] = kinds[(k + k / 5) % sizeof kinds];
    sweep->results.mark[settings->replicates - 1] = TS_MARK_FINISHED; /* so that all replicates are in the file */
    return sweep;
}

static size_t length_of(const char *path, const char *dimension) {
    int file, id;
    size_t length;
    check(nc_open(path, NC_NOWRITE, &file));
    check(nc_inq_dimid(file, dimension, &id));
    check(nc_inq_dimlen(file, id, &length));
    check(nc_close(file));
    return length;
}

/* The file has so many replicates, and those behind them did not finish. */
static void check_marks(const char *path, const ts_sweep *sweep, size_t replicates) {
    assert_int_equal(length_of(path, "replicate"), replicates);
    for (size_t cell = 0; ts_sweep_marks(sweep, 0) && cell < ts_sweep_cell_count(sweep); cell++)
        for (size_t r = replicates; r < ts_sweep_settings(sweep)->replicates; r++)
            assert_false(ts_sweep_marks(sweep, cell)[r] & TS_MARK_FINISHED);
    const size_t count = ts_sweep_cell_count(sweep) * replicates;
    signed char *outcome = bytes_of(path, "outcome", count), *limit = bytes_of(path, "limit_success", count),
                *positions = bytes_of(path, "position_success", count);
    for (size_t cell = 0; cell < ts_sweep_cell_count(sweep); cell++)
        for (size_t r = 0; r < replicates; r++) {
            const uint8_t *marks = ts_sweep_marks(sweep, cell);
            const uint8_t mark = marks ? marks[r] : 0;
            const size_t k = cell * replicates + r;
            assert_int_equal(outcome[k], !(mark & TS_MARK_FINISHED) ? -1
                                         : mark & TS_MARK_DIVERGED  ? 2
                                                                    : (mark & TS_MARK_SUCCESS) != 0);
            assert_int_equal(positions[k], (mark & TS_MARK_POSITION_SUCCESS) != 0);
            assert_true(!limit || limit[k] == ((mark & TS_MARK_LIMIT_SUCCESS) != 0));
        }
    assert_int_equal(!limit, !ts_sweep_settings(sweep)->theory);
    free(outcome);
    free(positions);
    free(limit);
}

static void outcomes_are_the_marks_of_the_sweep(void **state) {
    const char *path = path_in(*state, "result.nc");
    ts_settings settings = small_settings(false);
    settings.theory = true;
    settings.replicates = 13;
    ts_sweep *sweep = marked_sweep(&settings);
    write_result(path, sweep);
    check_marks(path, sweep, 13);
    for (size_t k = 0; k < CELLS * (size_t)13; k++) /* two cells got as far as replicates 4 and 7 */
        if (k / 13 == 5 ? k % 13 >= 8 : k / 13 == 1 ? k % 13 >= 5 : true)
            sweep->results.mark[k] = 0;
    sweep->results.mark[5 * 13 + 7] = TS_MARK_FINISHED | TS_MARK_SUCCESS;
    for (size_t cell = 0; cell < ts_sweep_cell_count(sweep); cell++)
        sweep->results.reach[cell] = 8;
    write_result(path, sweep);
    check_marks(path, sweep, 8);
    ts_sweep_destroy(sweep);
}

static void a_sweep_that_did_not_run_has_no_outcomes(void **state) {
    const char *path = path_in(*state, "result.nc");
    ts_settings settings = small_settings(false);
    settings.theory = true;
    ts_sweep *sweep = create_sweep(&settings);
    write_result(path, sweep);
    check_marks(path, sweep, 1);
    ts_sweep_destroy(sweep);
}

static void kept_trainings_have_the_same_outcome(void **state) {
    const char *path = path_in(*state, "result.nc");
    ts_sweep *sweep = small_sweep(true);
    write_result(path, sweep);
    ts_sweep_destroy(sweep);
    assert_int_equal(length_of(path, "replicate"), 5);
    signed char *outcome = bytes_of(path, "outcome", CELLS * 5), *status = bytes_of(path, "status", CELLS * 5);
    assert_memory_equal(outcome, status, CELLS * 5);
    free(outcome);
    free(status);
}

/* What is not there is not in the file, instead of being wrong in it. */
static void units_without_jumps_and_sweeps_without_theory_have_fewer(void **state) {
    const char *path = path_in(*state, "result.nc");
    ts_settings settings = small_settings(false);
    settings.activation = TS_ACTIVATION_RELU;
    settings.eta = 0;
    ts_sweep *sweep = run_sweep(&settings, NULL);
    write_result(path, sweep);
    ts_sweep_destroy(sweep);
    signed char *outcome = bytes_of(path, "outcome", CELLS * 5);
    assert_non_null(outcome);
    for (size_t k = 0; k < CELLS * 5; k++)
        assert_in_range(outcome[k], 0, 2);
    free(outcome);
    assert_null(bytes_of(path, "position_success", CELLS * 5));
    assert_null(bytes_of(path, "limit_success", CELLS * 5));
}

/* Chunks are of some size, whatever the axes are like; and more replicates than a chunk has are written in pieces. */
static void chunks_hold_many_trainings(void **state) {
    static const double one[] = {4}, epsilon[] = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7};
    static const uint64_t replicates[] = {7, 1000, 300000};
    const char *path = path_in(*state, "result.nc");
    for (size_t i = 0; i < 3; i++) {
        ts_settings settings = small_settings(false);
        size_t chunk[3];
        int file, variable, storage;
        set_axes(&settings, epsilon, i < 2 ? 7 : 1, one, 1);
        settings.steps = 1;
        settings.replicates = replicates[i];
        ts_sweep *sweep = marked_sweep(&settings);
        write_result(path, sweep);
        check_marks(path, sweep, (size_t)replicates[i]);
        ts_sweep_destroy(sweep);
        check(nc_open(path, NC_NOWRITE, &file));
        check(nc_inq_varid(file, "outcome", &variable));
        check(nc_inq_var_chunking(file, variable, &storage, chunk));
        check(nc_close(file));
        assert_int_equal(storage, NC_CHUNKED);
        assert_true(chunk[0] == (i < 2 ? 7 : 1) && chunk[1] == 1);
        assert_int_equal(chunk[2], i < 2 ? replicates[i] : 1 << 18);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(outcomes_are_the_marks_of_the_sweep, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(a_sweep_that_did_not_run_has_no_outcomes, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(kept_trainings_have_the_same_outcome, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(units_without_jumps_and_sweeps_without_theory_have_fewer, folder_create,
                                        folder_remove),
        cmocka_unit_test_setup_teardown(chunks_hold_many_trainings, folder_create, folder_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
