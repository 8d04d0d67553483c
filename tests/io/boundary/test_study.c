/* Boundaries of a result file: which trainings make which curve, what can be asked, and what is saved. */
#include "io/boundary/study.h"

#include "io/graded.h"
#include "model/grid.h"

#include <netcdf.h>

#define REPLICATES 200

static void check(int code) {
    if (code != NC_NOERR)
        fail_msg("%s", nc_strerror(code));
}

static ts_study study_of(const char *path, const ts_study_options *options) {
    ts_result result = read_result(path);
    ts_study study;
    ts_error error = {0};
    if (ts_study_make(&study, &result, path, options, &error) != TS_OK)
        fail_msg("%s", error.message);
    ts_result_free(&result); /* the study has all it needs */
    return study;
}

static void write_graded(const char *path, const ts_settings *settings, graded_rate *rate, double limit) {
    ts_sweep *sweep = graded_sweep(*settings, rate, limit);
    write_result(path, sweep);
    ts_sweep_destroy(sweep);
}

/* Is it found, near to what it was made to be, and in its interval? */
static void check_boundary(const ts_study *study, size_t curve, double epsilon) {
    const ts_boundary *found = &study->found.boundary[curve];
    assert_int_equal(found->state, TS_BOUNDARY_FOUND);
    assert_true(found->low < found->epsilon && found->epsilon < found->high);
    if (!(fabs(log(found->epsilon / epsilon)) < 4.5 * sqrt(found->variance) && found->variance < 0.2))
        fail_msg("curve %zu: found %g (%g to %g), made to be %g", curve, found->epsilon, found->low, found->high,
                 epsilon);
}

static void a_boundary_is_found_for_each_value_of_the_other_axis(void **state) {
    const char *path = path_in(*state, "result.nc");
    const ts_settings settings = graded_settings();
    write_graded(path, &settings, rate_by_law, 1);
    ts_study_options options = ts_study_default();
    ts_study study = study_of(path, &options);
    assert_true(study.found.count == 3 && study.found.common && !study.has_limits && !study.has_theory);
    for (size_t j = 0; j < 3; j++)
        check_boundary(&study, j, 3e-3 * graded_neurons[j]);
    assert_int_equal(study.law_count, 1);
    const ts_law law = study.law[0].law;
    assert_true(law.curves == 3 && law.exponent_low < 1 && 1 < law.exponent_high && law.factor_low < 3e-3);
    assert_true(law.exponent_high - law.exponent_low < 0.6);
    ts_study_free(&study);

    options.criterion = "positions"; /* where the square root is one half: 1 / (1 + x^2) = 1 / 4 */
    study = study_of(path, &options);
    check_boundary(&study, 1, sqrt(3) * 3e-3 * graded_neurons[1]);
    ts_study_free(&study);

    options = ts_study_default();
    options.level = 0.2;
    study = study_of(path, &options);
    check_boundary(&study, 1, 2 * 3e-3 * graded_neurons[1]);
    ts_study_free(&study);
}

/* Every axis is somewhere else in the file than next to epsilon. */
static const double three_h[] = {5e-4, 1e-3, 2e-3}, two_eta[] = {4e-3, 1e-2};

static double rate_by_place(const ts_cell_summary *cell) {
    const double centre = 3e-3 * cell->neurons * cell->h / 1e-3 * (cell->eta > 5e-3 ? 2 : 1);
    return 1 / (1 + pow(cell->epsilon / centre, 3));
}

static void curves_are_made_of_their_own_cells(void **state) {
    const char *path = path_in(*state, "result.nc");
    ts_settings settings = graded_settings();
    settings.axis[TS_PARAMETER_H] = (ts_sweep_axis){three_h, 3};
    settings.axis[TS_PARAMETER_ETA] = (ts_sweep_axis){two_eta, 2};
    write_graded(path, &settings, rate_by_place, 1);
    ts_study_options options = ts_study_default();
    options.against = TS_PARAMETER_H;
    ts_study study = study_of(path, &options);
    assert_int_equal(study.found.count, 18);
    for (size_t curve = 0; curve < 18; curve++) {
        size_t place[TS_PARAMETER_COUNT];
        ts_study_place(&study, curve, place);
        assert_int_equal((place[0] * 3 + place[1]) * 2 + place[2], curve);
        check_boundary(&study, curve,
                       3e-3 * graded_neurons[place[0]] * three_h[place[1]] / 1e-3 * (place[2] > 0 ? 2 : 1));
    }
    assert_int_equal(study.law_count, 6); /* neurons by eta */
    for (size_t k = 0; k < 6; k++) {
        assert_int_equal(study.law[k].curve, k / 2 * 6 + k % 2);
        assert_close(study.law[k].law.exponent, 1, 0.25);
    }
    ts_study_free(&study);

    options = ts_study_default();
    options.at[TS_PARAMETER_H] = 2.002e-3; /* rounded for typing */
    options.at[TS_PARAMETER_NEURONS] = 8;
    study = study_of(path, &options);
    assert_int_equal(study.found.count, 2);
    check_boundary(&study, 0, 3e-3 * 8 * 2);
    check_boundary(&study, 1, 3e-3 * 8 * 2 * 2);
    assert_true(study.against == 2 && study.axis[2].parameter == TS_PARAMETER_ETA);
    assert_true(study.axis[1].count == 1 && study.axis[1].values[0] == 2e-3);
    assert_true(study.law_count == 1 && study.law[0].law.curves == 2);
    ts_study_free(&study);
}

static void give_limits(const char *path, double rate) {
    int file, variable, dimensions[2];
    check(nc_open(path, NC_WRITE, &file));
    check(nc_inq_dimid(file, "epsilon", &dimensions[0]));
    check(nc_inq_dimid(file, "neurons", &dimensions[1]));
    if (nc_inq_varid(file, "limit_end_success_rate", &variable) != NC_NOERR)
        check(nc_def_var(file, "limit_end_success_rate", NC_DOUBLE, 2, dimensions, &variable));
    double rates[21];
    for (size_t k = 0; k < 21; k++)
        rates[k] = rate;
    check(nc_put_var_double(file, variable, rates));
    check(nc_close(file));
}

static void the_level_is_a_part_of_the_rate_of_the_limit(void **state) {
    const char *path = path_in(*state, "result.nc");
    ts_settings settings = graded_settings();
    settings.theory = true;
    write_graded(path, &settings, rate_by_law, 0.2);
    give_limits(path, 0.2);
    const ts_study_options options = ts_study_default();
    ts_study study = study_of(path, &options);
    assert_true(study.has_limits && study.has_theory);
    for (size_t j = 0; j < 3; j++)
        check_boundary(&study, j, 3e-3 * graded_neurons[j]);
    char text[160];
    ts_study_level_text(text, sizeof text, &study, true);
    assert_string_equal(text, "where the success rate is half of that of the limit epsilon -> 0");
    ts_study_free(&study);

    give_limits(path, NAN); /* as a run that was stopped before it had them */
    study = study_of(path, &options);
    assert_false(study.has_limits);
    ts_study_level_text(text, sizeof text, &study, true);
    assert_string_equal(text, "where the success rate is 0.5 (the file does not tell that of the limit at the end of "
                              "the trainings)");
    for (size_t j = 0; j < 3; j++)
        assert_int_equal(study.found.boundary[j].state, TS_BOUNDARY_BELOW);
    ts_study_reason(text, sizeof text, &study, 0);
    assert_memory_equal(text, "below 0.00", 10);
    ts_study_free(&study);
}

static double rate_of_1(const ts_cell_summary *cell) {
    return cell->epsilon > 0 ? 1 : NAN;
}

static void what_there_is_no_boundary_of_is_said(void **state) {
    const char *path = path_in(*state, "result.nc");
    ts_settings settings = graded_settings();
    const ts_study_options options = ts_study_default();
    char text[160];
    write_graded(path, &settings, rate_of_1, 1);
    ts_study study = study_of(path, &options);
    assert_int_equal(study.found.boundary[2].state, TS_BOUNDARY_ABOVE);
    ts_study_reason(text, sizeof text, &study, 2);
    assert_non_null(strstr(text, ": no rate has come down to the level"));
    assert_true(study.law_count == 1 && !ts_study_has_law(&study.law[0].law));
    ts_study_free(&study);

    set_axes(&settings, graded_epsilon, 1, graded_neurons, 1); /* one cell */
    write_graded(path, &settings, rate_of_1, 1);
    study = study_of(path, &options);
    assert_true(study.found.count == 1 && study.law_count == 0 && study.against == study.axis_count);
    assert_int_equal(study.found.boundary[0].state, TS_BOUNDARY_NO_DATA);
    ts_study_reason(text, sizeof text, &study, 0);
    assert_string_equal(text, "none: fewer than two values of epsilon have trainings");
    ts_study_free(&study);
}

/* Trainings that are not there count as none: the first 60 of each cell finished. */
static void results_that_are_not_finished_have_boundaries(void **state) {
    const char *path = path_in(*state, "result.nc");
    const ts_settings settings = graded_settings();
    ts_sweep *sweep = graded_sweep(settings, rate_by_law, 1);
    for (size_t k = 0; k < 21 * REPLICATES; k++)
        if (k % REPLICATES >= 60)
            sweep->results.mark[k] = 0;
    write_result(path, sweep);
    ts_sweep_destroy(sweep);
    const ts_study_options options = ts_study_default();
    ts_study study = study_of(path, &options);
    for (size_t j = 0; j < 3; j++) {
        check_boundary(&study, j, 3e-3 * graded_neurons[j]);
        assert_true(study.found.boundary[j].high / study.found.boundary[j].low > 1.2); /* as wide as 60 make it */
    }
    ts_study_free(&study);
}

/* ---- another threshold */

static void check_same(const ts_study *study, const ts_study *other) {
    assert_int_equal(study->found.count, other->found.count);
    for (size_t k = 0; k < study->found.count; k++) {
        const ts_boundary *a = &study->found.boundary[k], *b = &other->found.boundary[k];
        assert_int_equal(a->state, b->state);
        assert_true(a->low == b->low && a->high == b->high);
    }
}

/* A run at one threshold looked at by another one has the boundaries of a run at that. */
static void another_threshold_counts_the_losses_of_the_trainings(void **state) {
    test_folder *folder = *state;
    char strict[160];
    snprintf(strict, sizeof strict, "%s/strict.nc", folder->name);
    const char *path = path_in(folder, "result.nc");
    ts_settings settings = small_settings(true);
    settings.theory = true;
    settings.replicates = 40;
    settings.steps = 2000;
    settings.unexplained_variance = 0.5;
    ts_sweep *sweep = run_sweep(&settings, NULL);
    write_result(path, sweep);
    ts_sweep_destroy(sweep);
    settings.unexplained_variance = 0.3;
    settings.theory = false;
    sweep = run_sweep(&settings, NULL);
    write_result(strict, sweep);
    ts_sweep_destroy(sweep);
    for (int positions = 0; positions < 2; positions++) {
        ts_study_options options = ts_study_default();
        options.criterion = positions ? "positions" : "loss";
        ts_study own = study_of(strict, &options);
        options.unexplained_variance = 0.3;
        ts_study other = study_of(path, &options);
        check_same(&own, &other);
        assert_true(other.has_other_threshold && !other.has_limits && !own.has_other_threshold);
        ts_study_free(&own);
        ts_study_free(&other);
        options.unexplained_variance = 0.5; /* that of the file is none */
        other = study_of(path, &options);
        assert_false(other.has_other_threshold);
        ts_study_free(&other);
    }
}

/* ---- refusals */

static void assert_no_study(const char *path, const ts_study_options *options, const char *message) {
    ts_result result = read_result(path);
    ts_study study;
    ts_error error = {0};
    assert_int_equal(ts_study_make(&study, &result, path, options, &error), TS_INVALID);
    if (!strstr(error.message, message))
        fail_msg("'%s' does not say '%s'", error.message, message);
    assert_null(study.law);
    ts_result_free(&result);
}

/* What trainings that stopped would have become by another threshold, nobody knows, whether their ends are kept or not.
 */
static void trainings_that_stopped_have_one_threshold(void **state) {
    const char *path = path_in(*state, "result.nc");
    static const double steps[] = {1000};
    ts_settings settings = small_settings(true);
    settings.steps = 2000;
    settings.observe_clock = TS_CLOCK_STEPS;
    settings.observe = steps;
    settings.observe_count = 1;
    settings.stop = TS_STOP_FIRST_SUCCESS;
    settings.unexplained_variance = 0.5;
    ts_sweep *sweep = run_sweep(&settings, NULL);
    write_result(path, sweep);
    ts_sweep_destroy(sweep);
    ts_study_options options = ts_study_default();
    options.unexplained_variance = 0.3;
    assert_no_study(path, &options, "the trainings stopped at their first success");
    options.unexplained_variance = 0.5;
    ts_study study = study_of(path, &options);
    ts_study_free(&study);
}

static void what_the_file_does_not_have_is_refused(void **state) {
    const char *path = path_in(*state, "result.nc");
    ts_settings settings = graded_settings();
    write_graded(path, &settings, rate_by_law, 1);
    const ts_study_options good = ts_study_default();
    ts_study_options options = good;
    options.unexplained_variance = 0.2;
    assert_no_study(path, &options, "keep_trainings: true");
    options = good;
    options.criterion = "both";
    assert_no_study(path, &options, "--criterion: found 'both', allowed are loss and positions");
    options = good;
    options.level = NAN;
    assert_no_study(path, &options, "--level: found nan, allowed are numbers above 0 and below 1");
    options = good;
    options.against = TS_PARAMETER_NOISE;
    assert_no_study(path, &options,
                    "--against: found noise, allowed are the axes of the result other than epsilon: neurons");
    options = good;
    options.at[TS_PARAMETER_EPSILON] = 1;
    assert_no_study(path, &options, "--at: found epsilon, allowed are the axes of the result other than epsilon");
    options = good;
    options.at[TS_PARAMETER_NEURONS] = 5;
    assert_no_study(path, &options, "--at: found neurons=5, the result has 3 values, the nearest is 4");
    options.at[TS_PARAMETER_NEURONS] = 8;
    options.against = TS_PARAMETER_NEURONS;
    assert_no_study(path, &options, "--against: found neurons, of which there is one value here; a law needs more");

    settings.activation = TS_ACTIVATION_RELU;
    settings.eta = 0;
    write_graded(path, &settings, rate_by_law, 1);
    options = good;
    options.criterion = "positions";
    assert_no_study(path, &options, "it is of rectified linear units");
    int file, variable;
    check(nc_open(path, NC_WRITE, &file)); /* as files were before outcomes were in them */
    check(nc_inq_varid(file, "outcome", &variable));
    check(nc_rename_var(file, variable, "other"));
    check(nc_close(file));
    assert_no_study(path, &good, "has to be made anew");
}

static void outcomes_out_of_range_are_damage(void **state) {
    const char *path = path_in(*state, "result.nc");
    const ts_settings settings = graded_settings();
    write_graded(path, &settings, rate_by_law, 1);
    int file, variable;
    const size_t at[] = {2, 1, 7};
    const signed char wrong = 3;
    check(nc_open(path, NC_WRITE, &file));
    check(nc_inq_varid(file, "outcome", &variable));
    check(nc_put_var1_schar(file, variable, at, &wrong));
    check(nc_close(file));
    const ts_study_options options = ts_study_default();
    assert_no_study(path, &options, "is not a result of timescape, or damaged: variable outcome");
}

/* ---- in the file */

static void check_saved(const char *path, const ts_study *study, const char *criterion) {
    static const char *const names[] = {"boundary_epsilon", "boundary_epsilon_low", "boundary_epsilon_high"};
    int file, variable;
    double values[3];
    char text[32] = "";
    check(nc_open(path, NC_NOWRITE, &file));
    for (size_t k = 0; k < 3; k++) {
        check(nc_inq_varid(file, names[k], &variable));
        check(nc_get_var_double(file, variable, values));
        for (size_t j = 0; j < 3; j++) {
            const ts_boundary *found = &study->found.boundary[j];
            const double expected = k == 0 ? found->epsilon : k == 1 ? found->low : found->high;
            assert_memory_equal(&values[j], &expected, sizeof expected);
        }
        check(nc_get_att_text(file, variable, "criterion", text));
        assert_memory_equal(text, criterion, strlen(criterion));
        check(nc_get_att_double(file, variable, "level", values));
        assert_true(values[0] == study->level);
    }
    check(nc_close(file));
}

static void boundaries_are_saved_in_the_file_and_replaced(void **state) {
    test_folder *folder = *state;
    const char *path = path_in(folder, "result.nc");
    const ts_settings settings = graded_settings();
    struct stat found;
    ts_error error = {0};
    write_graded(path, &settings, rate_by_law, 1);
    assert_int_equal(chmod(path, 0640), 0);
    ts_study_options options = ts_study_default();
    for (int round = 0; round < 2; round++) {
        options.criterion = round == 0 ? "loss" : "positions";
        options.level = round == 0 ? 0.5 : 0.3;
        ts_study study = study_of(path, &options);
        if (ts_study_save(&study, path, &error) != TS_OK)
            fail_msg("%s", error.message);
        check_saved(path, &study, options.criterion);
        assert_int_equal(stat(path, &found), 0);
        assert_int_equal(found.st_mode & 0777, 0640);
        assert_int_equal(entries(folder, false), 1);
        ts_study again = study_of(path, &options); /* all else is as it was */
        check_same(&study, &again);
        ts_study_free(&again);
        ts_study_free(&study);
    }
}

static void a_full_disk_leaves_the_file_as_it_was(void **state) {
    test_folder *folder = *state;
    const char *path = path_in(folder, "result.nc");
    const ts_settings settings = graded_settings();
    write_graded(path, &settings, rate_by_law, 1);
    struct stat before, after;
    assert_int_equal(stat(path, &before), 0);
    const ts_study_options options = ts_study_default();
    ts_study study = study_of(path, &options);
    const rlim_t limits[] = {0, 4096, (rlim_t)before.st_size - 1, (rlim_t)before.st_size + 8};
    for (size_t k = 0; k < sizeof limits / sizeof limits[0]; k++) {
        ts_error error = {0};
        limit_files(limits[k]);
        const ts_status status = ts_study_save(&study, path, &error);
        limit_files(RLIM_INFINITY);
        assert_int_equal(status, TS_FAILED);
        assert_non_null(strstr(error.message, "File too large"));
        assert_int_equal(stat(path, &after), 0);
        assert_true(after.st_ino == before.st_ino && after.st_size == before.st_size);
        assert_int_equal(entries(folder, false), 1);
    }
    assert_int_equal(ts_study_save(&study, path, NULL), TS_OK);
    ts_study_free(&study);
}

/* A variable of that name that is something else stays what it is. */
static void what_others_have_put_there_stays(void **state) {
    test_folder *folder = *state;
    const char *path = path_in(folder, "result.nc");
    const ts_settings settings = graded_settings();
    write_graded(path, &settings, rate_by_law, 1);
    int file, variable;
    check(nc_open(path, NC_WRITE, &file));
    check(nc_def_var(file, "boundary_epsilon", NC_INT, 0, NULL, &variable));
    check(nc_close(file));
    const ts_study_options options = ts_study_default();
    ts_study study = study_of(path, &options);
    ts_error error = {0};
    assert_int_equal(ts_study_save(&study, path, &error), TS_FAILED);
    assert_non_null(strstr(error.message, "name"));
    assert_int_equal(entries(folder, false), 1);
    ts_study_free(&study);
}

#define test(name) cmocka_unit_test_setup_teardown(name, folder_create, folder_remove)

int main(void) {
    const struct CMUnitTest tests[] = {
        test(a_boundary_is_found_for_each_value_of_the_other_axis),
        test(curves_are_made_of_their_own_cells),
        test(the_level_is_a_part_of_the_rate_of_the_limit),
        test(what_there_is_no_boundary_of_is_said),
        test(results_that_are_not_finished_have_boundaries),
        test(another_threshold_counts_the_losses_of_the_trainings),
        test(trainings_that_stopped_have_one_threshold),
        test(what_the_file_does_not_have_is_refused),
        test(outcomes_out_of_range_are_damage),
        test(boundaries_are_saved_in_the_file_and_replaced),
        test(a_full_disk_leaves_the_file_as_it_was),
        test(what_others_have_put_there_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
