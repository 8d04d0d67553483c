/* Parts of a sweep, merged in any order and grouping, are the sweep; what does not belong together is told. */
#include "campaign/merge.h"
#include "campaign/same_files.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define MOST_PARTS 64

static const char campaign[] = "title: A campaign\n"
                               "seed: 42\n"
                               "target: {base: 1, jumps: [{at: 0.3, by: 2}, {at: 0.7, by: -1}]}\n"
                               "network: {eta: 4.0e-3}\n"
                               "sgd: {h: 1.0e-3, noise: 1, horizon: {steps: 30}}\n"
                               "sweep: {epsilon: {values: [0.1, 1]}, neurons: {values: [4, 9]}, replicates: 33}\n";

static ts_config load(const char *assignment) {
    ts_config config;
    ts_error error = {0};
    if (ts_config_load_text(&config, "campaign", campaign, strlen(campaign), &assignment, assignment ? 1 : 0, &error) !=
        TS_OK)
        fail_msg("%s", error.message);
    return config;
}

/* Run part `part` of `parts` (0 of 0: all of it), which may have nothing to do. */
static void run_part(const char *assignment, uint32_t part, uint32_t parts, const char *host, const char *path) {
    ts_error error = {0};
    ts_sweep *sweep = NULL;
    ts_config config = load(assignment);
    char name[32];
    (void)remove(path); /* an older one with more in it would stay */
    const ts_run_options options = {.part = part, .parts = parts, .threads = 1 + (int)part % 2};
    snprintf(name, sizeof name, "%u of %u", part, parts);
    const ts_result_origin origin = {.title = config.title,
                                     .configuration = config.text,
                                     .backend = "cpu",
                                     .complete = parts == 0,
                                     .host = host,
                                     .instructions = "avx2",
                                     .threads = options.threads,
                                     .wall_seconds = 0.1 * (part + 1),
                                     .part = parts > 0 ? name : ""};
    if (ts_sweep_create(&sweep, &config.settings, &error) != TS_OK ||
        ts_sweep_run(sweep, &options, NULL, &error) != TS_OK ||
        ts_result_write(path, sweep, &origin, NULL, &error) != TS_OK)
        fail_msg("%s", error.message);
    ts_sweep_destroy(sweep);
    ts_config_free(&config);
}

/* Write what is merged. Returns whether it is complete. */
static bool write_merged(const char *const *paths, size_t count, const char *output) {
    ts_merged merged;
    ts_error error = {0};
    if (ts_merge_files(&merged, paths, count, &error) != TS_OK)
        fail_msg("%s", error.message);
    const ts_making *making = &merged.making;
    const bool complete = ts_merged_is_complete(&merged);
    (void)remove(output);
    const ts_result_origin origin = {.title = merged.config.title,
                                     .configuration = merged.config.text,
                                     .backend = making->backend,
                                     .complete = complete,
                                     .host = making->host,
                                     .instructions = making->instructions,
                                     .threads = making->threads,
                                     .wall_seconds = making->wall_seconds,
                                     .part = complete ? "" : making->part};
    if (ts_result_write(output, merged.sweep, &origin, NULL, &error) != TS_OK)
        fail_msg("%s", error.message);
    ts_merged_free(&merged);
    return complete;
}

/* Global attributes must be the same, too, but for those of the moment. */
static void assert_same_attributes(const char *name_a, const char *name_b) {
    int a, b, count_a, count_b;
    check_nc(nc_open(name_a, NC_NOWRITE, &a));
    check_nc(nc_open(name_b, NC_NOWRITE, &b));
    check_nc(nc_inq_natts(a, &count_a));
    check_nc(nc_inq_natts(b, &count_b));
    assert_int_equal(count_a, count_b);
    for (int k = 0; k < count_a; k++) {
        char name[NC_MAX_NAME + 1], bytes[2][4096] = {{0}, {0}};
        size_t length;
        check_nc(nc_inq_attname(a, NC_GLOBAL, k, name));
        if (strcmp(name, "history") == 0 || strcmp(name, "date") == 0)
            continue;
        check_nc(nc_inq_attlen(a, NC_GLOBAL, name, &length));
        assert_true(length * 8 < sizeof bytes[0]);
        check_nc(nc_get_att(a, NC_GLOBAL, name, bytes[0]));
        check_nc(nc_get_att(b, NC_GLOBAL, name, bytes[1]));
        if (memcmp(bytes[0], bytes[1], sizeof bytes[0]) != 0)
            fail_msg("attribute %s: %s, %s", name, bytes[0], bytes[1]);
    }
    check_nc(nc_close(a));
    check_nc(nc_close(b));
}

static const char *in_folder(void **state, const char *name) {
    static char paths[2 * MOST_PARTS][128];
    static size_t next = 0;
    char *path = paths[next++ % COUNT(paths)];
    snprintf(path, sizeof paths[0], "%s/%s", ((test_folder *)*state)->name, name);
    return path;
}

static void check_parts(void **state, uint32_t parts, const char *assignment) {
    const char *whole = in_folder(state, "whole.nc"), *merged = in_folder(state, "merged.nc"), *paths[MOST_PARTS];
    run_part(assignment, 0, 0, "h", whole);
    for (uint32_t k = 0; k < parts; k++) {
        char name[32];
        snprintf(name, sizeof name, "p%u.nc", k);
        paths[k] = in_folder(state, name);
        run_part(assignment, k + 1, parts, "h", paths[k]);
    }
    assert_true(write_merged(paths, parts, merged));
    assert_same_files(whole, merged);
}

static void parts_are_the_whole(void **state) {
    check_parts(state, 1, NULL);
    check_parts(state, 2, "theory={starts: 100}");
    check_parts(state, 3, "theory=true");
    check_parts(state, 7, "theory={starts: 50}");
    check_parts(state, 64, NULL);
}

static void everything_that_is_kept_is_merged(void **state) {
    static const char *const kept[] = {
        "output={keep_trainings: true, keep_states: true}",
        "observe={steps: {values: [0, 10, 30]}}",
        "sweep.replicates={at_least: 8, at_most: 200, half_width: 0.1}",
        "sweep.randomness=independent",
        "sgd={h: 0.3, noise: 60, horizon: {steps: 60}}",
        "network.init=equispaced",
    };
    const char *whole = in_folder(state, "whole.nc"), *merged = in_folder(state, "merged.nc");
    const char *paths[] = {in_folder(state, "a.nc"), in_folder(state, "b.nc"), in_folder(state, "c.nc")};
    for (size_t i = 0; i < COUNT(kept); i++) {
        run_part(kept[i], 0, 0, "h", whole);
        for (uint32_t k = 0; k < 3; k++)
            run_part(kept[i], k + 1, 3, "h", paths[k]);
        assert_false(write_merged(paths, 2, merged));
        assert_true(write_merged(paths, 3, merged));
        assert_same_files(whole, merged);
    }
}

/* Also parts of which some are missing, and which were made on several machines. */
static void order_and_grouping_make_no_difference(void **state) {
    static const char *const hosts[] = {"node10", "node9", "node9", "node2", "node10"};
    const char *part[5], *all = in_folder(state, "all.nc"), *reversed = in_folder(state, "reversed.nc");
    const char *left = in_folder(state, "left.nc"), *right = in_folder(state, "right.nc");
    const char *grouped = in_folder(state, "grouped.nc"), *again = in_folder(state, "again.nc");
    for (uint32_t k = 0; k < 5; k++) {
        char name[32];
        snprintf(name, sizeof name, "p%u.nc", k);
        part[k] = in_folder(state, name);
        run_part(k % 2 ? "title=Another" : "theory=false", k + 1 + (k == 4), 7, hosts[k], part[k]);
    }
    assert_false(write_merged(part, 5, all));
    assert_false(write_merged((const char *[]){part[4], part[2], part[0], part[3], part[1]}, 5, reversed));
    assert_false(write_merged((const char *[]){part[3], part[0]}, 2, left));
    assert_false(write_merged((const char *[]){part[4], part[1]}, 2, right));
    assert_false(write_merged((const char *[]){part[2], right, left}, 3, grouped));
    assert_false(write_merged((const char *[]){grouped}, 1, again));
    const char *const same[] = {reversed, grouped, again};
    for (size_t i = 0; i < COUNT(same); i++) {
        assert_same_files(all, same[i]);
        assert_same_attributes(all, same[i]);
    }
    int file;
    char text[100] = "";
    check_nc(nc_open(all, NC_NOWRITE, &file));
    check_nc(nc_get_att_text(file, NC_GLOBAL, "host", text));
    assert_string_equal(text, "node2, node9, node10");
    memset(text, 0, sizeof text);
    check_nc(nc_get_att_text(file, NC_GLOBAL, "part", text));
    assert_string_equal(text, "1 of 7, 2 of 7, 3 of 7, 4 of 7, 6 of 7");
    check_nc(nc_close(file));
}

static void what_is_missing_is_told(void **state) {
    const char *paths[] = {in_folder(state, "a.nc"), in_folder(state, "b.nc")};
    ts_merged merged;
    char text[400];
    run_part(NULL, 1, 3, "h", paths[0]);
    run_part(NULL, 2, 3, "h", paths[1]);
    assert_int_equal(ts_merge_files(&merged, paths, 2, NULL), TS_OK);
    ts_merged_print_missing(text, sizeof text, &merged);
    assert_false(ts_merged_is_complete(&merged));
    assert_non_null(strstr(text, " of 4 cells are missing, the first are replicate"));
    assert_non_null(strstr(text, "at epsilon = 0.1, neurons = 4"));
    ts_merged_free(&merged);
}

static void check_refused(const char *const *paths, size_t count, const char *sentence) {
    ts_merged merged;
    ts_error error = {0};
    assert_int_equal(ts_merge_files(&merged, paths, count, &error), TS_INVALID);
    if (!strstr(error.message, sentence))
        fail_msg("'%s', expected '%s'", error.message, sentence);
    assert_null(merged.sweep);
    assert_null(merged.config.text);
}

static void what_does_not_belong_together_is_refused(void **state) {
    const char *a = in_folder(state, "a.nc"), *b = in_folder(state, "b.nc"), *c = in_folder(state, "c.nc");
    run_part("output={keep_trainings: true}", 1, 2, "h", a);
    run_part("output={keep_trainings: true}", 2, 2, "h", b);
    check_refused((const char *[]){a, b, a}, 3, "a.nc both have some of replicates 0 to ");
    check_refused((const char *[]){b, a, b}, 3, "they would count twice");
    run_part(NULL, 2, 2, "h", c);
    check_refused((const char *[]){a, c}, 2, "the configurations differ: output.keep_trainings: true in ");
    run_part("sweep.replicates=34", 2, 2, "h", b);
    run_part("sweep.replicates=33", 1, 2, "h", a);
    check_refused((const char *[]){a, b}, 2, "the configurations differ: sweep.replicates: 33 in ");
    write_text(b, "seed: 42\n");
    check_refused((const char *[]){a, b}, 2, "not a netCDF file");
    int file;
    run_part(NULL, 2, 2, "h", b);
    check_nc(nc_open(b, NC_WRITE, &file));
    check_nc(nc_put_att_text(file, NC_GLOBAL, "backend", 9, "reference"));
    check_nc(nc_close(file));
    check_refused((const char *[]){a, b}, 2, "they do not add up");
    check_nc(nc_open(c, NC_WRITE, &file));
    check_nc(nc_put_att_int(file, NC_GLOBAL, "arithmetic_version", NC_INT, 1, (const int[]){1}));
    check_nc(nc_close(file));
    check_refused((const char *[]){a, c}, 2, "version 1 of the arithmetic");
}

#define with_folder(test) cmocka_unit_test_setup_teardown(test, folder_create, folder_remove)

int main(void) {
    const struct CMUnitTest tests[] = {
        with_folder(parts_are_the_whole),
        with_folder(everything_that_is_kept_is_merged),
        with_folder(order_and_grouping_make_no_difference),
        with_folder(what_is_missing_is_told),
        with_folder(what_does_not_belong_together_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
