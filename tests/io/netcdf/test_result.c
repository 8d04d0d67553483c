/* Result files: what is in them, what happens on a full disk, and what is refused. */
#include "io/files.h"

#include <netcdf.h>

static void check(int code) {
    if (code != NC_NOERR)
        fail_msg("%s", nc_strerror(code));
}

static int open_file(const char *path) {
    int file;
    check(nc_open(path, NC_NOWRITE, &file));
    return file;
}

static int find(int file, const char *name) {
    int variable;
    check(nc_inq_varid(file, name, &variable));
    return variable;
}

static void reading_gives_back_what_the_sweep_holds(void **state) {
    const char *path = path_in(*state, "result.nc");
    ts_sweep *sweep = small_sweep(true);
    write_result(path, sweep);
    ts_result result = read_result(path);
    assert_string_equal(result.title, small_origin.title);
    assert_string_equal(result.configuration, small_origin.configuration);
    assert_int_equal(result.axis_count, 2);
    assert_true(result.axis[0].parameter == TS_PARAMETER_EPSILON && result.axis[0].count == 3);
    assert_true(result.axis[1].parameter == TS_PARAMETER_NEURONS && result.axis[1].count == 2);
    assert_int_equal(result.bin_count, ts_loss_bin_count());
    assert_int_equal(result.covered_count, 6);
    assert_true(result.complete && result.exact_quantiles);
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < 2; j++) {
            const size_t k = i * 2 + j;
            const ts_cell_summary cell = ts_sweep_summary(sweep, k);
            assert_true(result.axis[0].values[i] == small_epsilon[i] && result.axis[1].values[j] == small_neurons[j]);
            assert_true(result.trainings[k] == 5 && result.success_count[k] == (double)cell.success_count);
            assert_true(result.diverged_count[k] == (double)cell.diverged_count);
            assert_true(result.success_rate[k] == cell.success_rate && result.success_low[k] == cell.success_low);
            assert_true(result.success_high[k] == cell.success_high && result.loss_mean[k] == cell.loss_mean);
            assert_true(result.loss_median[k] == cell.loss_median && result.loss_q05[k] == cell.loss_q05);
            assert_true(result.loss_q25[k] == cell.loss_q25 && result.loss_q75[k] == cell.loss_q75);
            assert_true(result.loss_q95[k] == cell.loss_q95);
            assert_true(result.position_success_count[k] == (double)cell.position_success_count);
            assert_true(result.position_success_rate[k] == cell.position_success_rate);
            assert_true(result.position_success_low[k] == cell.position_success_low);
            assert_true(result.position_success_high[k] == cell.position_success_high);
            assert_true(result.covered_failure_count[k] == (double)cell.covered_failure_count);
            uint64_t covered[6];
            ts_sweep_covered(sweep, k, covered);
            for (size_t c = 0; c < 6; c++)
                assert_true(result.covered_jumps[k * 6 + c] == (double)covered[c] && result.covered[c] == (double)c);
        }
    assert_true(result.loss_floor == ts_loss_floor(ts_sweep_settings(sweep)));
    assert_true(result.target_variance == ts_target_variance(ts_sweep_settings(sweep)));
    assert_true(result.unexplained_variance == 0.01 && result.replicates == 5);
    assert_string_equal(
        result.caption,
        "target 1, jumps +4 at 0.2, -4 at 0.35, +2 at 0.5, -2 at 0.65, +4 at 0.8; eta = 0.004, start uniform, "
        "h = 0.001\nnoise 1, derivative exact, horizon 300 steps; 5 trainings a cell, randomness common, seed 42");
    ts_result_free(&result);
    ts_sweep_destroy(sweep);
}

static void check_network(const char *path, const ts_settings *settings, size_t neurons, const char *caption) {
    ts_sweep *sweep = run_sweep(settings, NULL);
    write_result(path, sweep);
    ts_result result = read_result(path);
    assert_string_equal(result.caption, caption);
    assert_true(result.loss_floor == ts_loss_floor(settings) && result.target_variance == ts_target_variance(settings));
    ts_result_free(&result);
    const int file = open_file(path);
    int dimension;
    size_t length;
    check(nc_inq_dimid(file, "neuron", &dimension));
    check(nc_inq_dimlen(file, dimension, &length));
    assert_int_equal(length, neurons);
    check(nc_close(file));
    ts_sweep_destroy(sweep);
}

static void other_networks_are_described(void **state) {
    const char *path = path_in(*state, "result.nc");
    ts_settings settings = small_settings(true);
    settings.dimension = 3;
    settings.jump_count = 2;
    check_network(
        path, &settings, 3 * 9,
        "target 1, jumps +4 at 0.2, -4 at 0.35 in each coordinate of dimension 3; eta = 0.004, start uniform, "
        "h = 0.001\nnoise 1, derivative exact, horizon 300 steps; 5 trainings a cell, randomness common, seed 42");
    settings.dimension = 1;
    settings.activation = TS_ACTIVATION_RELU;
    settings.eta = 0;
    settings.start_weight = 3;
    settings.init = TS_INIT_STRATIFIED;
    check_network(
        path, &settings, 9,
        "target 1, changes of slope +4 at 0.2, -4 at 0.35; ReLU, start stratified with weights up to 3, h = 0.001\n"
        "noise 1, horizon 300 steps; 5 trainings a cell, randomness common, seed 42");
}

/* The limit where the trainings of each cell end, which a picture has no use for. */
static void check_end_of_the_limit(const char *path, const ts_sweep *sweep) {
    const int file = open_file(path);
    int variable;
    if (!ts_sweep_settings(sweep)->theory) {
        assert_int_equal(nc_inq_varid(file, "limit_end_success_rate", &variable), NC_ENOTVAR);
        check(nc_close(file));
        return;
    }
    for (size_t k = 0; k < 6; k++) {
        const ts_cell_summary summary = ts_sweep_summary(sweep, k);
        const size_t at[] = {k / 2, k % 2};
        long long count;
        double rate[3];
        check(nc_get_var1_longlong(file, find(file, "limit_end_success_count"), at, &count));
        check(nc_get_var1_double(file, find(file, "limit_end_success_rate"), at, &rate[0]));
        check(nc_get_var1_double(file, find(file, "limit_end_success_low"), at, &rate[1]));
        check(nc_get_var1_double(file, find(file, "limit_end_success_high"), at, &rate[2]));
        assert_int_equal(count, summary.limit_end_success_count);
        assert_true(rate[0] == summary.limit_end_success_rate && rate[1] == summary.limit_end_success_low &&
                    rate[2] == summary.limit_end_success_high);
    }
    check(nc_close(file));
}

static void the_limit_is_read_back_as_it_is(void **state) {
    const char *path = path_in(*state, "result.nc");
    ts_settings settings = small_settings(false);
    for (int i = 0; i < 4; i++) {
        settings.theory = i > 0;
        settings.limit_starts = i < 3 ? 0 : 50;
        settings.steps = i == 1 ? 300 : 0; /* then a slow time */
        settings.slow_time = i == 1 ? 0 : 0.01;
        ts_sweep *sweep = run_sweep(&settings, NULL);
        write_result(path, sweep);
        ts_result result = read_result(path);
        assert_int_equal(isnan(result.limit_slow_time), i < 2);
        assert_true(i < 2 || result.limit_slow_time == 0.01);
        assert_int_equal(!result.limit_agreement, i == 0);
        for (size_t j = 0; i > 0 && j < 2; j++) {
            const ts_limit_summary limit = ts_sweep_limit(sweep, j);
            assert_true(result.limit_trainings[j] == (i < 3 ? 5 : 50) && limit.limit_trainings == (i < 3 ? 5 : 50));
            assert_true(result.limit_success_rate[j] == limit.limit_success_rate);
            assert_int_equal(isnan(result.limit_horizon_success_rate[j]), i == 1);
            assert_true(i == 1 || result.limit_horizon_success_rate[j] == limit.limit_horizon_success_rate);
            for (size_t k = 0; k < 3; k++)
                assert_true(result.limit_agreement[k * 2 + j] == ts_sweep_summary(sweep, k * 2 + j).limit_agreement);
        }
        assert_int_equal(!result.success_rate_controlled, i < 3);
        for (size_t k = 0; i == 3 && k < 6; k++) {
            const ts_cell_summary summary = ts_sweep_summary(sweep, k);
            const double kept[] = {summary.success_rate_controlled,
                                   summary.success_rate_controlled_low,
                                   summary.success_rate_controlled_high,
                                   summary.position_success_rate_controlled,
                                   summary.position_success_rate_controlled_low,
                                   summary.position_success_rate_controlled_high};
            const double read[] = {result.success_rate_controlled[k],
                                   result.success_rate_controlled_low[k],
                                   result.success_rate_controlled_high[k],
                                   result.position_success_rate_controlled[k],
                                   result.position_success_rate_controlled_low[k],
                                   result.position_success_rate_controlled_high[k]};
            assert_memory_equal(kept, read, sizeof kept);
        }
        check_end_of_the_limit(path, sweep);
        ts_result_free(&result);
        ts_sweep_destroy(sweep);
    }
}

static void every_variable_has_units_and_a_long_name(void **state) {
    const char *path = path_in(*state, "result.nc");
    ts_settings settings = small_settings(true);
    settings.theory = true;
    settings.limit_starts = 10;
    ts_sweep *sweep = run_sweep(&settings, NULL);
    write_result(path, sweep);
    ts_sweep_destroy(sweep);
    const int file = open_file(path);
    int count;
    check(nc_inq_nvars(file, &count));
    assert_int_equal(count, 68);
    for (int variable = 0; variable < count; variable++) {
        size_t length = 0;
        check(nc_inq_attlen(file, variable, "units", &length));
        assert_int_equal(length, 1);
        check(nc_inq_attlen(file, variable, "long_name", &length));
        assert_true(length > 5);
    }
    check(nc_close(file));
}

static void sums_and_histograms_are_those_of_the_sweep(void **state) {
    const char *path = path_in(*state, "result.nc");
    ts_sweep *sweep = small_sweep(false);
    write_result(path, sweep);
    const int file = open_file(path);
    const size_t bins = ts_loss_bin_count();
    unsigned long long *histogram = malloc(bins * sizeof *histogram);
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < 2; j++) {
            const ts_cell_summary cell = ts_sweep_summary(sweep, i * 2 + j);
            const size_t start[3] = {i, j, 0}, length[3] = {1, 1, bins};
            unsigned long long high, low;
            check(nc_get_var1_ulonglong(file, find(file, "loss_sum_high"), start, &high));
            check(nc_get_var1_ulonglong(file, find(file, "loss_sum_low"), start, &low));
            assert_true(high == cell.loss_sum_high && low == cell.loss_sum_low);
            check(nc_get_vara_ulonglong(file, find(file, "loss_histogram"), start, length, histogram));
            assert_memory_equal(histogram, ts_sweep_histogram(sweep, i * 2 + j), bins * sizeof *histogram);
            check(nc_get_vara_ulonglong(file, find(file, "position_loss_histogram"), start, length, histogram));
            assert_memory_equal(histogram, ts_sweep_position_histogram(sweep, i * 2 + j), bins * sizeof *histogram);
        }
    free(histogram);
    int dimension;
    assert_int_equal(nc_inq_dimid(file, "neuron", &dimension), NC_EBADDIM);
    check(nc_close(file));
    ts_sweep_destroy(sweep);
}

/* Compare one kept training with the file; `finished` or not. */
static void check_training(int file, const ts_sweep *sweep, size_t i, size_t j, size_t r) {
    const size_t start[4] = {i, j, r, 0}, length[4] = {1, 1, 1, 9};
    double position[9], weight[9], bias, loss, kept_position[9], kept_weight[9], kept_bias, kept_loss;
    double position_loss, kept_position_loss = NAN;
    int covered;
    size_t kept_covered = 0;
    signed char outcome;
    ts_outcome kept_outcome;
    for (size_t k = 0; k < 9; k++)
        kept_position[k] = kept_weight[k] = NAN;
    if (ts_sweep_training(sweep, i * 2 + j, r, kept_position, kept_weight, &kept_bias, &kept_loss, &kept_outcome) !=
        TS_OK) {
        kept_bias = kept_loss = NAN;
        kept_outcome = TS_OUTCOME_NONE;
    }
    ts_sweep_training_positions(sweep, i * 2 + j, r, &kept_position_loss, &kept_covered);
    check(nc_get_var1_double(file, find(file, "final_position_loss"), start, &position_loss));
    check(nc_get_var1_int(file, find(file, "final_covered_jumps"), start, &covered));
    assert_int_equal(isnan(position_loss), isnan(kept_position_loss));
    assert_true(isnan(position_loss) || position_loss == kept_position_loss);
    assert_int_equal(covered, isnan(position_loss) ? -1 : (int)kept_covered);
    check(nc_get_vara_double(file, find(file, "final_position"), start, length, position));
    check(nc_get_vara_double(file, find(file, "final_weight"), start, length, weight));
    check(nc_get_var1_double(file, find(file, "final_bias"), start, &bias));
    check(nc_get_var1_double(file, find(file, "final_loss"), start, &loss));
    check(nc_get_var1_schar(file, find(file, "status"), start, &outcome));
    for (size_t k = 0; k < 9; k++) {
        assert_int_equal(isnan(position[k]), isnan(kept_position[k]));
        assert_true(isnan(position[k]) || (position[k] == kept_position[k] && weight[k] == kept_weight[k]));
    }
    assert_int_equal(outcome, kept_outcome);
    assert_true(bias == kept_bias || (isnan(bias) && isnan(kept_bias)));
    assert_true(loss == kept_loss || (isnan(loss) && isnan(kept_loss)));
}

static void check_trainings(const char *path, const ts_sweep *sweep) {
    const int file = open_file(path);
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < 2; j++)
            for (size_t r = 0; r < 5; r++)
                check_training(file, sweep, i, j, r);
    check(nc_close(file));
}

static void kept_trainings_are_those_of_the_sweep(void **state) {
    const char *path = path_in(*state, "result.nc");
    ts_sweep *sweep = small_sweep(true);
    write_result(path, sweep);
    check_trainings(path, sweep);
    ts_sweep_destroy(sweep);
}

static void a_sweep_that_did_not_run_has_no_numbers(void **state) {
    const char *path = path_in(*state, "result.nc");
    const ts_settings settings = small_settings(true);
    ts_sweep *sweep = create_sweep(&settings);
    write_result(path, sweep);
    check_trainings(path, sweep);
    ts_sweep_destroy(sweep);
    ts_result result = read_result(path);
    assert_true(result.trainings[0] == 0 && isnan(result.success_rate[0]) && isnan(result.loss_median[0]));
    ts_result_free(&result);
}

static bool has_variable(int file, const char *name) {
    int variable;
    return nc_inq_varid(file, name, &variable) == NC_NOERR;
}

/* What is not there is not in the file, instead of being wrong in it. */
static void rectified_linear_units_have_no_jumps_to_cover(void **state) {
    const char *path = path_in(*state, "result.nc");
    ts_settings settings = small_settings(true);
    settings.activation = TS_ACTIVATION_RELU;
    settings.eta = 0;
    ts_sweep *sweep = run_sweep(&settings, NULL);
    write_result(path, sweep);
    ts_sweep_destroy(sweep);
    const int file = open_file(path);
    const char *const names[] = {"position_success_count",  "position_success_rate", "position_success_low",
                                 "position_success_high",   "covered_failure_count", "covered_jumps",
                                 "position_loss_histogram", "final_position_loss",   "final_covered_jumps"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_false(has_variable(file, names[i]));
    check(nc_close(file));
    ts_result result = read_result(path);
    assert_null(result.position_success_rate);
    assert_null(result.covered_jumps);
    assert_int_equal(result.covered_count, 0);
    ts_result_free(&result);
}

/* As files were before positions were measured. */
static void files_that_say_nothing_of_positions_are_read(void **state) {
    const char *path = path_in(*state, "result.nc");
    ts_sweep *sweep = small_sweep(false);
    write_result(path, sweep);
    ts_sweep_destroy(sweep);
    int file;
    check(nc_open(path, NC_WRITE, &file));
    check(nc_rename_var(file, find(file, "position_success_count"), "other"));
    check(nc_close(file));
    ts_result result = read_result(path);
    assert_true(result.trainings[0] == 5 && result.loss_median[0] > 0);
    assert_null(result.position_success_count);
    assert_null(result.covered_failure_count);
    assert_null(result.covered_jumps);
    ts_result_free(&result);
}

/* 69 jumps: the first number stands for all below it, too. */
static void many_jumps_are_told_apart_from_the_last_one_on(void **state) {
    const char *path = path_in(*state, "result.nc");
    ts_settings settings = small_settings(false);
    settings.dimension = 3;
    settings.jump_count = 23;
    for (size_t k = 0; k < 23; k++) {
        settings.jump_at[k] = (double)(k + 1) / 24;
        settings.jump_by[k] = k % 2 ? 1 : -1;
    }
    ts_sweep *sweep = run_sweep(&settings, NULL);
    write_result(path, sweep);
    ts_sweep_destroy(sweep);
    ts_result result = read_result(path);
    assert_int_equal(result.covered_count, 65);
    assert_true(result.covered[0] == 5 && result.covered[64] == 69);
    double trainings = 0;
    for (size_t c = 0; c < 65; c++)
        trainings += result.covered_jumps[c];
    assert_true(trainings == result.trainings[0] - result.diverged_count[0]);
    ts_result_free(&result);
}

/* The bytes of all variables of a file, one after the other. */
static char *all_values(const char *path, size_t *size) {
    const int file = open_file(path);
    int count, dimensions, ids[4];
    char *bytes = NULL;
    *size = 0;
    check(nc_inq_nvars(file, &count));
    for (int variable = 0; variable < count; variable++) {
        nc_type type;
        size_t values = 1, value_size;
        check(nc_inq_var(file, variable, NULL, &type, &dimensions, ids, NULL));
        check(nc_inq_type(file, type, NULL, &value_size));
        for (int d = 0; d < dimensions; d++) {
            size_t length;
            check(nc_inq_dimlen(file, ids[d], &length));
            values *= length;
        }
        bytes = realloc(bytes, *size + values * value_size);
        check(nc_get_var(file, variable, bytes + *size));
        *size += values * value_size;
    }
    check(nc_close(file));
    return bytes;
}

static void the_same_sweep_gives_the_same_bytes(void **state) {
    size_t size[2];
    char *values[2];
    for (int k = 0; k < 2; k++) {
        ts_sweep *sweep = small_sweep(true);
        write_result(path_in(*state, "result.nc"), sweep);
        ts_sweep_destroy(sweep);
        values[k] = all_values(path_in(*state, "result.nc"), &size[k]);
    }
    assert_int_equal(size[0], size[1]);
    assert_memory_equal(values[0], values[1], size[0]);
    free(values[0]);
    free(values[1]);
}

static void a_full_disk_leaves_the_old_file_and_nothing_else(void **state) {
    test_folder *folder = *state;
    const char *path = path_in(folder, "result.nc");
    ts_sweep *sweep = small_sweep(true);
    ts_result_origin old = small_origin;
    old.title = "Old";
    assert_int_equal(ts_result_write(path, sweep, &old, NULL, NULL), TS_OK);
    struct stat whole;
    assert_int_equal(stat(path, &whole), 0);
    const rlim_t limits[] = {0, 1, 4096, (rlim_t)whole.st_size / 2, (rlim_t)whole.st_size - 1};
    for (size_t k = 0; k < sizeof limits / sizeof limits[0]; k++) {
        ts_error error = {0};
        limit_files(limits[k]);
        const ts_status status = ts_result_write(path, sweep, &small_origin, NULL, &error);
        limit_files(RLIM_INFINITY);
        assert_int_equal(status, TS_FAILED);
        assert_non_null(strstr(error.message, path));
        assert_non_null(strstr(error.message, "File too large"));
        ts_result result = read_result(path);
        assert_string_equal(result.title, "Old");
        ts_result_free(&result);
        assert_int_equal(entries(folder, false), 1);
    }
    write_result(path, sweep);
    check_trainings(path, sweep);
    ts_sweep_destroy(sweep);
}

static void a_link_stays_and_its_file_is_replaced(void **state) {
    test_folder *folder = *state;
    char target[160];
    snprintf(target, sizeof target, "%s/target.nc", folder->name);
    ts_sweep *sweep = small_sweep(false);
    ts_result_origin old = small_origin;
    old.title = "Old";
    assert_int_equal(ts_result_write(target, sweep, &old, NULL, NULL), TS_OK);
    const char *link = path_in(folder, "link.nc");
    assert_int_equal(symlink("target.nc", link), 0);
    write_result(link, sweep);
    ts_sweep_destroy(sweep);
    struct stat found;
    assert_int_equal(lstat(link, &found), 0);
    assert_true(S_ISLNK(found.st_mode));
    ts_result result = read_result(target);
    assert_string_equal(result.title, small_origin.title);
    ts_result_free(&result);
    assert_int_equal(entries(folder, false), 2);
}

static void assert_path_refused(const char *path, const char *configuration, const char *reason) {
    ts_error error = {0};
    assert_int_equal(ts_result_check_path(path, configuration, NULL, &error), TS_INVALID);
    if (!strstr(error.message, reason))
        fail_msg("'%s' does not say '%s'", error.message, reason);
}

static void paths_that_can_not_be_written_are_refused(void **state) {
    test_folder *folder = *state;
    char configuration[160], other[160];
    snprintf(configuration, sizeof configuration, "%s/sweep.yaml", folder->name);
    write_text(configuration, "seed: 1\n");
    assert_path_refused("", configuration, "empty");
    assert_path_refused(folder->name, configuration, "it is a folder");
    assert_path_refused(path_in(folder, "none/result.nc"), configuration, "No such file or directory");
    assert_path_refused(path_in(folder, "sweep.yaml/result.nc"), configuration, "Not a directory");
    assert_path_refused("/dev/null", configuration, "not a regular file");
    assert_path_refused("/proc/result.nc", configuration, "its folder");
    assert_path_refused(configuration, configuration, "it is the configuration file");
    snprintf(other, sizeof other, "%s/hard.yaml", folder->name);
    assert_int_equal(link(configuration, other), 0);
    assert_path_refused(other, configuration, "it is the configuration file");
    snprintf(other, sizeof other, "%s/soft.yaml", folder->name);
    assert_int_equal(symlink(configuration, other), 0);
    assert_path_refused(other, configuration, "it is the configuration file");
    snprintf(other, sizeof other, "%s/dangling.nc", folder->name);
    assert_int_equal(symlink("/nowhere/at/all", other), 0);
    assert_path_refused(other, configuration, "leads nowhere");
    assert_int_equal(ts_result_check_path(path_in(folder, "result.nc"), configuration, NULL, NULL), TS_OK);
    assert_int_equal(ts_result_check_path(path_in(folder, "result.nc"), NULL, NULL, NULL), TS_OK);
    assert_int_equal(entries(folder, false), 4);
}

static void assert_not_read(const char *path, const char *reason) {
    ts_error error = {0};
    ts_result result;
    assert_int_equal(ts_result_read(&result, path, &error), TS_INVALID);
    if (!strstr(error.message, reason))
        fail_msg("'%s' does not say '%s'", error.message, reason);
    assert_null(result.axis[0].values);
}

static void files_that_are_no_results_are_refused(void **state) {
    test_folder *folder = *state;
    assert_not_read(path_in(folder, "none.nc"), "No such file or directory");
    assert_not_read(folder->name, "not a regular file");
    write_text(path_in(folder, "text.nc"), "this is no netCDF file\n");
    assert_not_read(path_in(folder, "text.nc"), "not a netCDF file");
    int file, dimension;
    check(nc_create(path_in(folder, "other.nc"), NC_NETCDF4, &file));
    check(nc_def_dim(file, "epsilon", 2, &dimension));
    check(nc_close(file));
    assert_not_read(path_in(folder, "other.nc"), "attribute timescape_version");
    check(nc_open(path_in(folder, "other.nc"), NC_WRITE, &file));
    check(nc_put_att_text(file, NC_GLOBAL, "timescape_version", 3, "0.1"));
    check(nc_close(file));
    assert_not_read(path_in(folder, "other.nc"), "axis neurons");
}

static void cut_files_are_refused(void **state) {
    const char *path = path_in(*state, "result.nc");
    ts_sweep *sweep = small_sweep(true);
    write_result(path, sweep);
    ts_sweep_destroy(sweep);
    struct stat whole;
    assert_int_equal(stat(path, &whole), 0);
    /* The last 64 KiB may be padding. */
    for (int eighth = 4; eighth >= 0; eighth--) {
        assert_int_equal(truncate(path, whole.st_size * eighth / 8), 0);
        assert_not_read(path, "damaged");
    }
}

/* ---- results with more axes */

static const double three_h[] = {5e-4, 1e-3, 2e-3}, two_eta[] = {4e-3, 0.1};

static ts_sweep *sweep_with_four_axes(void) {
    ts_settings settings = small_settings(true);
    settings.theory = true;
    settings.axis[TS_PARAMETER_H] = (ts_sweep_axis){three_h, 3};
    settings.axis[TS_PARAMETER_ETA] = (ts_sweep_axis){two_eta, 2};
    return run_sweep(&settings, NULL);
}

/* The number of a cell by its places on epsilon, neurons, h and eta. */
static size_t cell_at(const ts_sweep *sweep, size_t epsilon, size_t neurons, size_t h, size_t eta) {
    return ts_sweep_cell(sweep, (size_t[]){epsilon, neurons, h, 0, eta});
}

static void every_axis_is_a_dimension(void **state) {
    const char *path = path_in(*state, "result.nc");
    ts_sweep *sweep = sweep_with_four_axes();
    write_result(path, sweep);
    ts_result result = read_result(path);
    assert_int_equal(result.axis_count, 4);
    assert_true(result.axis[2].parameter == TS_PARAMETER_H && result.axis[3].parameter == TS_PARAMETER_ETA);
    assert_memory_equal(result.axis[2].values, three_h, sizeof three_h);
    assert_memory_equal(result.axis[3].values, two_eta, sizeof two_eta);
    assert_int_equal(ts_result_cells(&result), 36);
    for (size_t cell = 0; cell < 36; cell++) {
        const ts_cell_summary summary = ts_sweep_summary(sweep, cell);
        assert_true(result.loss_mean[cell] == summary.loss_mean && result.success_rate[cell] == summary.success_rate);
        assert_true(result.limit_agreement[cell] == summary.limit_agreement);
    }
    assert_true(isnan(result.loss_floor) && result.loss_floors[1] == 25 * result.loss_floors[0]);
    const int file = open_file(path);
    const size_t start[6] = {2, 1, 1, 1, 4, 0}, one[6] = {1, 1, 1, 1, 1, 9},
                 bins[5] = {1, 1, 1, 1, ts_loss_bin_count()};
    double position[9], expected[9], noise;
    unsigned long long *histogram = malloc(bins[4] * sizeof *histogram);
    assert_int_equal(ts_sweep_training(sweep, cell_at(sweep, 2, 1, 1, 1), 4, expected, NULL, NULL, NULL, NULL), TS_OK);
    check(nc_get_vara_double(file, find(file, "final_position"), start, one, position));
    assert_memory_equal(position, expected, sizeof position);
    check(nc_get_vara_ulonglong(file, find(file, "loss_histogram"), (size_t[5]){2, 1, 1, 1, 0}, bins, histogram));
    assert_memory_equal(histogram, ts_sweep_histogram(sweep, cell_at(sweep, 2, 1, 1, 1)), bins[4] * sizeof *histogram);
    check(nc_get_var_double(file, find(file, "noise"), &noise));
    assert_true(noise == 1);
    check(nc_close(file));
    free(histogram);
    ts_result_free(&result);
    ts_sweep_destroy(sweep);
}

static ts_result slice_of(const char *path, const ts_slice *slice, size_t *row) {
    ts_result result = read_result(path);
    ts_error error = {0};
    if (ts_result_slice(&result, slice, row, &error) != TS_OK)
        fail_msg("%s", error.message);
    return result;
}

static void slices_are_where_they_say(void **state) {
    const char *path = path_in(*state, "result.nc");
    ts_sweep *sweep = sweep_with_four_axes();
    write_result(path, sweep);
    ts_slice slice = ts_slice_default();
    slice.x = TS_PARAMETER_H;
    slice.y = TS_PARAMETER_EPSILON;
    slice.at[TS_PARAMETER_NEURONS] = 9;
    slice.at[TS_PARAMETER_ETA] = 0.1002; /* rounded for typing */
    ts_result result = slice_of(path, &slice, NULL);
    assert_true(result.axis_count == 2 && result.axis[0].parameter == TS_PARAMETER_H);
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < 3; j++)
            assert_true(result.loss_mean[i * 3 + j] == ts_sweep_summary(sweep, cell_at(sweep, j, 1, i, 1)).loss_mean);
    ts_settings wide = *ts_sweep_settings(sweep);
    wide.eta = 0.1;
    assert_true(result.loss_floor == ts_loss_floor(&wide));
    assert_non_null(strstr(result.caption, "at neurons = 9, eta = 0.1; target 1"));
    ts_result_free(&result);

    slice = ts_slice_default(); /* the row of the largest network, over the one axis that is left */
    slice.at[TS_PARAMETER_EPSILON] = small_epsilon[1];
    slice.at[TS_PARAMETER_ETA] = two_eta[0];
    size_t row = 99;
    result = slice_of(path, &slice, &row);
    assert_true(result.axis[0].parameter == TS_PARAMETER_H && result.axis[1].parameter == TS_PARAMETER_NEURONS);
    assert_int_equal(row, 1);
    for (size_t i = 0; i < 3; i++)
        assert_true(result.loss_q25[i * 2] == ts_sweep_summary(sweep, cell_at(sweep, 1, 0, i, 0)).loss_q25);
    ts_result_free(&result);
    ts_sweep_destroy(sweep);
}

static void assert_no_slice(const char *path, const ts_slice *slice, const char *message) {
    ts_result result = read_result(path);
    ts_error error = {0};
    assert_int_equal(ts_result_slice(&result, slice, NULL, &error), TS_INVALID);
    assert_string_equal(error.message, message);
    ts_result_free(&result);
}

static void slices_that_are_not_there_are_refused(void **state) {
    const char *path = path_in(*state, "result.nc");
    ts_sweep *sweep = sweep_with_four_axes();
    write_result(path, sweep);
    ts_sweep_destroy(sweep);
    ts_slice slice = ts_slice_default();
    assert_no_slice(path, &slice, "the result has 3 values of h from 0.0005 to 0.002: choose one with --at h=0.0005");
    slice.at[TS_PARAMETER_H] = 1.2e-3;
    assert_no_slice(path, &slice, "--at: found h=0.0012, the result has 3 values, the nearest is 0.001");
    slice.at[TS_PARAMETER_H] = 1e-3;
    slice.at[TS_PARAMETER_NOISE] = 1;
    assert_no_slice(path, &slice, "--at: the result has no axis noise, it has epsilon, neurons, h, eta");
    slice.at[TS_PARAMETER_NOISE] = NAN;
    slice.y = TS_PARAMETER_H;
    slice.at[TS_PARAMETER_ETA] = 0.1;
    slice.at[TS_PARAMETER_NEURONS] = 4;
    assert_no_slice(path, &slice, "--at: found h, which is an axis of the picture");
}

/* With the name of a file: write a small result there, for open_result_in_xarray.py. */
int main(int argument_count, char **arguments) {
    if (argument_count == 2) {
        ts_sweep *sweep = small_sweep_with_theory();
        const ts_status status = ts_result_write(arguments[1], sweep, &small_origin, NULL, NULL);
        ts_sweep_destroy(sweep);
        return (int)status;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reading_gives_back_what_the_sweep_holds, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(other_networks_are_described, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(every_axis_is_a_dimension, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(slices_are_where_they_say, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(slices_that_are_not_there_are_refused, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(the_limit_is_read_back_as_it_is, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(every_variable_has_units_and_a_long_name, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(sums_and_histograms_are_those_of_the_sweep, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(kept_trainings_are_those_of_the_sweep, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(a_sweep_that_did_not_run_has_no_numbers, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(rectified_linear_units_have_no_jumps_to_cover, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(files_that_say_nothing_of_positions_are_read, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(many_jumps_are_told_apart_from_the_last_one_on, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(the_same_sweep_gives_the_same_bytes, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(a_full_disk_leaves_the_old_file_and_nothing_else, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(a_link_stays_and_its_file_is_replaced, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(paths_that_can_not_be_written_are_refused, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(files_that_are_no_results_are_refused, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(cut_files_are_refused, folder_create, folder_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
