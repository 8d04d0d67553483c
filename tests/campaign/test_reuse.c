/* Trainings of result files come to other sweeps: what these have in the end is what a run of their own would have. */
#include "campaign/reuse.h"
#include "campaign/same_files.h"
#include "io/config/config.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const char campaign[] = "title: A campaign\n"
                               "seed: 42\n"
                               "target: {base: 1, jumps: [{at: 0.3, by: 2}, {at: 0.7, by: -1}]}\n"
                               "network: {eta: 4.0e-3}\n"
                               "sgd: {h: 1.0e-3, noise: 1, horizon: {steps: 60}}\n"
                               "sweep: {epsilon: {values: [0.1, 1]}, neurons: {values: [4, 9]}, replicates: 5}\n";

typedef struct piece {
    ts_config config;
    ts_sweep *sweep;
} piece;

/* The campaign with assignments, separated by semicolons. */
static piece lay_out(const char *assignments) {
    piece made = {0};
    ts_error error = {0};
    const char *assignment[16];
    size_t count = 0;
    char *copy = strdup(assignments), *rest = NULL;
    for (char *word = strtok_r(copy, ";", &rest); word; word = strtok_r(NULL, ";", &rest))
        assignment[count++] = word;
    if (ts_config_load_text(&made.config, "campaign", campaign, strlen(campaign), assignment, count, &error) != TS_OK ||
        ts_sweep_create(&made.sweep, &made.config.settings, &error) != TS_OK)
        fail_msg("%s", error.message);
    free(copy);
    return made;
}

static void clear(piece *made) {
    ts_sweep_destroy(made->sweep);
    ts_config_free(&made->config);
}

/* Run what is missing, and write it. */
static void finish(piece *made, const char *backend, const char *path) {
    ts_error error = {0};
    const ts_run_options options = {.backend = backend};
    ts_run_report report;
    if (ts_sweep_run(made->sweep, &options, &report, &error) != TS_OK)
        fail_msg("%s", error.message);
    const ts_result_origin origin = {
        .title = made->config.title, .configuration = made->config.text, .backend = report.backend, .complete = true};
    if (ts_result_write(path, made->sweep, &origin, NULL, &error) != TS_OK)
        fail_msg("%s", error.message);
}

static void run_fresh(const char *assignments, const char *backend, const char *path) {
    piece made = lay_out(assignments);
    finish(&made, backend, path);
    clear(&made);
}

static ts_reuse take(piece *made, ts_arithmetic arithmetic, const char *path) {
    ts_reuse reuse;
    ts_error error = {0};
    if (ts_reuse_file(made->sweep, arithmetic, path, &reuse, &error) != TS_OK)
        fail_msg("%s", error.message);
    return reuse;
}

/* A file of these assignments is of so much use for others. Where it is of any, the rest is run, and all is as in a
 * fresh run. */
static void check_use(test_folder *folder, const char *from, const char *to, uint64_t taken, uint64_t going_on,
                      const char *said) {
    char old[160], grown[160], fresh[160], text[1000];
    snprintf(old, sizeof old, "%s/old.nc", folder->name);
    snprintf(grown, sizeof grown, "%s/grown.nc", folder->name);
    snprintf(fresh, sizeof fresh, "%s/fresh.nc", folder->name);
    run_fresh(from, "cpu", old);
    piece made = lay_out(to);
    const ts_reuse reuse = take(&made, TS_FIXED_POINT, old);
    ts_reuse_print(text, sizeof text, &reuse);
    assert_string_equal(text, said);
    assert_int_equal(reuse.taken, taken);
    assert_int_equal(reuse.going_on, going_on);
    if (taken + going_on > 0) {
        finish(&made, "cpu", grown);
        run_fresh(to, "cpu", fresh);
        assert_same_files(grown, fresh);
    } else {
        assert_false(ts_sweep_has_begun(made.sweep));
    }
    clear(&made);
    entries(folder, true);
}

static void all_of_a_file_is_taken(void **state) {
    static const char *const same[] = {
        "", /* and a few more settings that a file must give back */
        "theory=true",
        "theory={starts: 40};network.init=stratified",
        "output={keep_trainings: true, keep_states: true}",
        "observe={steps: {values: [0, 20, 40, 60]}};output.keep_trainings=true",
        "observe={steps: {values: [10, 20]}};success.stop=first_success;success.unexplained_variance=1",
        "sgd.h=0.3;sgd.noise=60;output={keep_trainings: true, keep_states: true}", /* trainings diverge */
        "sweep.randomness=independent;target.dimension=3;output.keep_trainings=true",
        "target.jumps=[];output.keep_trainings=true",
        "sweep.replicates={at_least: 5, at_most: 40, half_width: 0.2};output={keep_trainings: true, keep_states: true}",
    };
    for (size_t i = 0; i < COUNT(same); i++) {
        char old[160], again[160];
        snprintf(old, sizeof old, "%s/old.nc", ((test_folder *)*state)->name);
        snprintf(again, sizeof again, "%s/again.nc", ((test_folder *)*state)->name);
        run_fresh(same[i], "cpu", old);
        piece made = lay_out(same[i]);
        const ts_reuse reuse = take(&made, TS_FIXED_POINT, old);
        assert_int_equal(reuse.reasons, 0);
        assert_true(reuse.taken >= 20);
        /* before a run: nothing is missing */
        ts_run_report report;
        assert_int_equal(ts_sweep_run(made.sweep, NULL, &report, NULL), TS_OK);
        assert_int_equal(report.trainings, 0);
        finish(&made, "cpu", again);
        clear(&made);
        assert_same_files(old, again);
    }
}

/* What there is grows step by step, in two ways. */
static void chains_end_in_the_same_bits(void **state) {
    static const char *const replicates[] = {"64", "200", "1000"};
    static const char *const with[] = {"", "output={keep_trainings: true};observe={steps: {values: [30]}};theory=true"};
    for (size_t w = 0; w < COUNT(with); w++) {
        char path[3][160], fresh[160], assignments[200];
        for (size_t i = 0; i < 3; i++) {
            snprintf(path[i], sizeof path[i], "%s/%s.nc", ((test_folder *)*state)->name, replicates[i]);
            snprintf(assignments, sizeof assignments, "sgd.horizon.steps=40;sweep.replicates=%s;%s", replicates[i],
                     with[w]);
            piece made = lay_out(assignments);
            if (i > 0) {
                const ts_reuse reuse = take(&made, TS_FIXED_POINT, path[i - 1]);
                assert_int_equal(reuse.taken, 4 * strtoull(replicates[i - 1], NULL, 10));
                assert_int_equal(reuse.reasons, 0);
                /* a second time it has nothing new, and one that has less has nothing either */
                assert_int_equal(take(&made, TS_FIXED_POINT, path[i - 1]).taken, 0);
                assert_int_equal(take(&made, TS_FIXED_POINT, path[0]).taken, 0);
            }
            finish(&made, "cpu", path[i]);
            clear(&made);
        }
        snprintf(fresh, sizeof fresh, "%s/fresh.nc", ((test_folder *)*state)->name);
        run_fresh(assignments, "cpu", fresh);
        assert_same_files(path[2], fresh);
    }
}

static void grids_that_overlap_have_cells_in_common(void **state) {
    check_use(*state, "sweep.epsilon={values: [0.1, 1]}", "sweep.epsilon={values: [0.01, 0.1, 0.3, 1]}", 20, 0,
              "20 trainings are taken over");
    check_use(*state, "sweep.epsilon={values: [0.05, 0.1, 2]};sweep.neurons={values: [4, 8]}",
              "sweep.epsilon={values: [0.1, 1]};sweep.neurons={values: [4, 9]}", 5, 0,
              "5 trainings are taken over; not taken over: 20 that have another epsilon, 5 that have another neurons");
    /* what has an axis in one of them is one value in the other */
    check_use(*state, "", "sweep.h={values: [5e-4, 1e-3]};sgd={noise: 1, horizon: {steps: 60}}", 20, 0,
              "20 trainings are taken over");
    check_use(*state, "sweep.h={values: [5e-4, 1e-3]};sgd={noise: 1, horizon: {steps: 60}}", "", 20, 0,
              "20 trainings are taken over; not taken over: 20 that have another h");
    check_use(*state, "sweep.epsilon={log: {from: 1e-4, to: 1, count: 3}}",
              "sweep.epsilon={log: {from: 1e-4, to: 1, count: 5}}", 30, 0, "30 trainings are taken over");
}

static void what_differs_is_said(void **state) {
    static const char *const different[][2] = {
        {"seed=43", "seed"},
        {"target.base=2", "target"},
        {"target.jumps[0].at=0.31", "target.jumps"},
        {"target.jumps[1].by=-2", "target"},
        {"target.dimension=2", "sweep.neurons"},
        {"network.eta=5e-3", "eta"},
        {"network.init=equispaced", "network.init"},
        {"network.start_weight=1", "network.start_weight"},
        {"sgd.h=2e-3", "h"},
        {"sgd.noise=2", "noise"},
        {"sgd.derivative=box", "sgd.derivative"},
        {"sweep.randomness=independent", "sweep.randomness"},
        {"success.unexplained_variance=0.02", "success.unexplained_variance"},
        {"sgd.horizon={steps: 61}", "sgd.horizon"},
    };
    for (size_t i = 0; i < COUNT(different); i++) {
        char said[120];
        snprintf(said, sizeof said, "not taken over: 20 that have another %s", different[i][1]);
        check_use(*state, different[i][0], "", 0, 0, said);
    }
    check_use(*state, "observe={steps: {values: [30]}}", "observe={steps: {values: [31]}}", 0, 0,
              "not taken over: 20 that have another observe");
    check_use(*state, "observe={steps: {values: [30]}}", "observe={steps: {values: [30, 40]}}", 0, 0,
              "not taken over: 20 that have another observe");
    check_use(*state, "observe={steps: {values: [30]}}",
              "observe={steps: {values: [30]}};success.stop=first_success;success.unexplained_variance=0.01", 0, 0,
              "not taken over: 20 that have another success.stop");
    /* of what is seen on the way nothing is asked for; limits are computed anew */
    check_use(*state, "observe={steps: {values: [30]}}", "theory=true", 20, 0, "20 trainings are taken over");
    check_use(*state, "", "output.keep_trainings=true", 0, 0,
              "not taken over: 20 that have not kept their final states (output.keep_trainings)");
    check_use(*state, "output.keep_trainings=true", "output.keep_states=true", 0, 0,
              "not taken over: 20 that have not kept their states (output.keep_states)");
    check_use(*state, "sweep.replicates=6", "", 0, 0,
              "not taken over: 24 that are of cells with more replicates than are asked for here, and sums cannot be "
              "taken apart");
}

/* Trainings go on from the ends of shorter ones, some of which have diverged. */
static void a_longer_horizon_goes_on(void **state) {
    check_use(*state, "output.keep_states=true", "sgd.horizon.steps=150", 0, 20, "20 trainings go on from their end");
    check_use(
        *state, "output.keep_states=true;sweep.replicates=9",
        "sgd.horizon.steps=150;sweep.epsilon={values: [0.1, 0.2, 1]};output={keep_trainings: true, keep_states: true}",
        0, 20,
        "20 trainings go on from their end; not taken over: 16 that are more replicates than are asked for here");
    check_use(*state, "output.keep_states=true;sgd.h=0.3;sgd.noise=60",
              "sgd.horizon.steps=150;output.keep_trainings=true;sgd.h=0.3;sgd.noise=60", 0, 20,
              "20 trainings go on from their end");
    check_use(*state, "output.keep_states=true;sweep.neurons={values: [40, 300]};network.eta=4e-2",
              "sgd.horizon.steps=101;sweep.neurons={values: [40, 300]};network.eta=4e-2;sweep.replicates=40", 0, 20,
              "20 trainings go on from their end");
    check_use(*state, "output.keep_states=true;observe={steps: {values: [3]}}", "sgd.horizon.steps=61", 0, 20,
              "20 trainings go on from their end");
    check_use(*state, "", "sgd.horizon.steps=150", 0, 0,
              "not taken over: 20 that have another sgd.horizon, and their states were not kept (output.keep_states)");
    check_use(*state, "output.keep_states=true;observe={steps: {values: [3]}}",
              "sgd.horizon.steps=150;observe={steps: {values: [3]}}", 0, 0,
              "not taken over: 20 that have another sgd.horizon, and what was seen of each on its way is not known");
}

/* Doubles are kept to the last bit, too. */
static void the_reference_goes_on_in_float64(void **state) {
    char old[160], grown[160], fresh[160], text[400];
    test_folder *folder = *state;
    snprintf(old, sizeof old, "%s/old.nc", folder->name);
    snprintf(grown, sizeof grown, "%s/grown.nc", folder->name);
    snprintf(fresh, sizeof fresh, "%s/fresh.nc", folder->name);
    run_fresh("output.keep_states=true", "reference", old);
    run_fresh("sgd.horizon.steps=150;output={keep_states: true, keep_trainings: true}", "reference", fresh);
    piece made = lay_out("sgd.horizon.steps=150;output={keep_states: true, keep_trainings: true}");
    ts_reuse reuse = take(&made, TS_FIXED_POINT, old);
    ts_reuse_print(text, sizeof text, &reuse);
    assert_string_equal(text, "not taken over: 20 that were computed in float64, these are to be in fixed point");
    assert_int_equal(take(&made, TS_FLOAT64, old).going_on, 20);
    finish(&made, "reference", grown);
    clear(&made);
    assert_same_files(grown, fresh);
}

/* A file of an interrupted run has some of its trainings, and cells of which another file has others are whole or are
 * left. */
static void parts_of_cells_are_taken_once(void **state) {
    char part[2][160], whole[160], fresh[160], text[400];
    test_folder *folder = *state;
    snprintf(fresh, sizeof fresh, "%s/fresh.nc", folder->name);
    snprintf(whole, sizeof whole, "%s/whole.nc", folder->name);
    run_fresh("sweep.replicates=70", "cpu", fresh);
    for (uint32_t i = 0; i < 2; i++) {
        piece made = lay_out("sweep.replicates=70");
        const ts_run_options options = {.part = i + 1, .parts = 3};
        const ts_result_origin origin = {.configuration = made.config.text, .backend = "cpu"};
        snprintf(part[i], sizeof part[i], "%s/part%u.nc", folder->name, i);
        assert_int_equal(ts_sweep_run(made.sweep, &options, NULL, NULL), TS_OK);
        assert_int_equal(ts_result_write(part[i], made.sweep, &origin, NULL, NULL), TS_OK);
        clear(&made);
    }
    piece made = lay_out("sweep.replicates=70");
    const ts_reuse first = take(&made, TS_FIXED_POINT, part[0]), second = take(&made, TS_FIXED_POINT, part[1]);
    assert_true(first.taken > 60 && second.taken > 60 && first.taken + second.taken < 280);
    assert_int_equal(first.reasons + second.reasons, 0);
    const ts_reuse third = take(&made, TS_FIXED_POINT, fresh);
    ts_reuse_print(text, sizeof text, &third);
    assert_non_null(strstr(text, "that are of cells of which some trainings are there already"));
    finish(&made, "cpu", whole);
    clear(&made);
    assert_same_files(whole, fresh);
}

/* ---- files that cannot be */

/* Change one number of a variable. */
static void spoil(const char *path, const char *name, const size_t *at, long long value) {
    int file, variable;
    check_nc(nc_open(path, NC_WRITE, &file));
    check_nc(nc_inq_varid(file, name, &variable));
    check_nc(nc_put_var1_longlong(file, variable, at, &value));
    check_nc(nc_close(file));
}

static void numbers_that_do_not_agree_are_refused(void **state) {
    static const struct {
        const char *name;
        size_t at[5];
        long long value;
    } spoiled[] = {
        {"success_count", {1, 1}, 4},
        {"trainings", {0, 1}, 6},
        {"diverged_count", {0, 0}, -1},
        {"steps", {0, 0}, 61},
        {"training_steps", {0, 0}, 299},
        {"training_steps", {0, 0}, 301},
        {"loss_sum_high", {0, 1}, 1},
        {"loss_histogram", {0, 1, 100}, 1},
        {"position_loss_histogram", {0, 1, 100}, 7},
        {"covered_jumps", {0, 1, 0}, 3},
        {"covered_failure_count", {0, 1}, 6},
        {"position_success_count", {0, 1}, 3},
        {"outcome", {1, 0, 3}, 2},
        {"outcome", {1, 0, 3}, 3},
        {"outcome", {1, 0, 3}, -1},
        {"position_success", {1, 0, 3}, 2},
        {"limit_success", {1, 0, 3}, -1},
        {"limit_trainings", {1}, 4},
        {"limit_success_count", {1}, 9},
        {"limit_agreement_count", {1, 1}, 9},
        {"epsilon", {1}, 2},
        {"observed_steps", {1, 0, 1}, 31},
        {"observed_success_count", {1, 0, 1}, 5},
        {"first_success_count", {1, 0, 1}, 6},
        {"observed_loss_histogram", {0, 1, 0, 600}, 2},
        {"final_loss", {0, 1, 2}, -1},
        {"final_position", {0, 1, 2, 3}, 4},
        {"final_covered_jumps", {0, 1, 2}, 3},
        {"state_step", {0, 1, 2}, 59},
        {"state_halted", {0, 1, 2}, 1},
        {"state_drift", {0, 1, 2}, -1},
        {"state_position", {0, 1, 2, 3}, INT64_MAX},
        {"state_weight", {0, 1, 2, 3}, INT64_MAX},
    };
    char good[160], bad[160], command[400];
    test_folder *folder = *state;
    snprintf(good, sizeof good, "%s/good.nc", folder->name);
    snprintf(bad, sizeof bad, "%s/bad.nc", folder->name);
    static const char with[] =
        "theory=true;observe={steps: {values: [0, 30]}};output={keep_trainings: true, keep_states: true}";
    run_fresh(with, "cpu", good);
    snprintf(command, sizeof command, "cp %s %s", good, bad);
    for (size_t i = 0; i < COUNT(spoiled); i++) {
        ts_error error = {0};
        ts_reuse reuse;
        assert_int_equal(system(command), 0);
        spoil(bad, spoiled[i].name, spoiled[i].at, spoiled[i].value);
        piece made = lay_out(with);
        const ts_status status = ts_reuse_file(made.sweep, TS_FIXED_POINT, bad, &reuse, &error);
        if (status != TS_INVALID || !strstr(error.message, "damaged"))
            fail_msg("%s = %lld: status %d, '%s'", spoiled[i].name, spoiled[i].value, (int)status, error.message);
        assert_false(ts_sweep_has_begun(made.sweep));
        clear(&made);
    }
}

/* Change a few bytes of a file. */
static void damage(const char *from, const char *to, test_random *random) {
    static char bytes[1 << 20];
    FILE *file = fopen(from, "rb");
    const size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    assert_in_range(size, 1000, sizeof bytes - 1);
    for (size_t k = 0; k < 4; k++)
        bytes[(random_word(random) >> 11) % size] = (char)(random_word(random) >> 20);
    file = fopen(to, "wb");
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

/* Whatever is wrong with a file, it is taken or there is a sentence, and nothing of it is taken then. */
static void damaged_files_are_taken_or_refused(void **state) {
    char good[160], bad[160];
    test_folder *folder = *state;
    test_random random = {42};
    snprintf(good, sizeof good, "%s/good.nc", folder->name);
    snprintf(bad, sizeof bad, "%s/bad.nc", folder->name);
    run_fresh("theory=true;output={keep_trainings: true, keep_states: true}", "cpu", good);
    int refused = 0;
    for (int i = 0; i < 60; i++) {
        ts_error error = {0};
        ts_reuse reuse;
        damage(good, bad, &random);
        piece made = lay_out("");
        const ts_status status = ts_reuse_file(made.sweep, TS_FIXED_POINT, bad, &reuse, &error);
        refused += status != TS_OK;
        if (status != TS_OK) {
            assert_in_range(strlen(error.message), 10, sizeof error.message - 1);
            assert_false(ts_sweep_has_begun(made.sweep));
        }
        clear(&made);
    }
    assert_in_range(refused, 1, 60);
}

static void other_files_are_refused(void **state) {
    char path[160];
    ts_error error = {0};
    ts_reuse reuse;
    piece made = lay_out("");
    snprintf(path, sizeof path, "%s/a.nc", ((test_folder *)*state)->name);
    assert_int_equal(ts_reuse_file(made.sweep, TS_FIXED_POINT, path, &reuse, &error), TS_INVALID);
    assert_non_null(strstr(error.message, "No such file"));
    write_text(path, "seed: 42\n");
    assert_int_equal(ts_reuse_file(made.sweep, TS_FIXED_POINT, path, &reuse, &error), TS_INVALID);
    assert_non_null(strstr(error.message, "not a netCDF file"));
    clear(&made);
}

static void another_arithmetic_is_told(void **state) {
    char path[160], text[300];
    int file;
    snprintf(path, sizeof path, "%s/a.nc", ((test_folder *)*state)->name);
    run_fresh("", "cpu", path);
    check_nc(nc_open(path, NC_WRITE, &file));
    check_nc(nc_put_att_int(file, NC_GLOBAL, "arithmetic_version", NC_INT, 1, (const int[]){1}));
    check_nc(nc_close(file));
    piece made = lay_out("");
    const ts_reuse reuse = take(&made, TS_FIXED_POINT, path);
    ts_reuse_print(text, sizeof text, &reuse);
    assert_string_equal(text, "not taken over: all, which were computed with version 1 of the arithmetic, this program "
                              "has version 2");
    clear(&made);
}

#define with_folder(test) cmocka_unit_test_setup_teardown(test, folder_create, folder_remove)

int main(void) {
    const struct CMUnitTest tests[] = {
        with_folder(all_of_a_file_is_taken),
        with_folder(chains_end_in_the_same_bits),
        with_folder(grids_that_overlap_have_cells_in_common),
        with_folder(what_differs_is_said),
        with_folder(a_longer_horizon_goes_on),
        with_folder(the_reference_goes_on_in_float64),
        with_folder(parts_of_cells_are_taken_once),
        with_folder(numbers_that_do_not_agree_are_refused),
        with_folder(damaged_files_are_taken_or_refused),
        with_folder(other_files_are_refused),
        with_folder(another_arithmetic_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
