/* Under which names results come to stand, and what stays in its place. */
#include "io/files.h"
#include "io/lock.h"

#include <limits.h>
#include <sys/file.h>
#include <sys/wait.h>

/* Write a result, and return the name that it has in the folder; the next call overwrites it. */
static const char *put(test_folder *folder, const char *name, const ts_sweep *sweep, const char *configuration,
                       bool complete) {
    static char found[300];
    char path[400], *written = NULL;
    ts_error error = {0};
    ts_result_origin origin = small_origin;
    origin.configuration = configuration;
    origin.complete = complete;
    snprintf(path, sizeof path, "%s/%s", folder->name, name);
    if (ts_result_write(path, sweep, &origin, &written, &error) != TS_OK)
        fail_msg("%s", error.message);
    assert_memory_equal(written, folder->name, strlen(folder->name));
    snprintf(found, sizeof found, "%s", written + strlen(folder->name) + 1);
    free(written);
    return found;
}

static void assert_check(const char *path, double planned, const char *reason) {
    ts_error error = {0};
    const ts_result_amount amount = {.values = planned};
    const ts_status status = ts_result_check_path(path, NULL, &amount, &error);
    assert_int_equal(status, reason ? TS_INVALID : TS_OK);
    if (reason && !strstr(error.message, reason))
        fail_msg("'%s' does not say '%s'", error.message, reason);
}

static void files_of_others_stay(void **state) {
    test_folder *folder = *state;
    ts_sweep *sweep = small_sweep(false);
    write_text(path_in(folder, "a.nc"), "theirs");
    assert_check(path_in(folder, "a.nc"), 30, "it exists and is no result file");
    assert_string_equal(put(folder, "a.nc", sweep, "x", true), "a-2.nc");
    write_text(path_in(folder, "b.nc"), "");
    assert_check(path_in(folder, "b.nc"), 30, NULL); /* nothing is lost */
    assert_string_equal(put(folder, "b.nc", sweep, "x", true), "b.nc");
    assert_int_equal(mkdir(path_in(folder, "c.partial.nc"), 0700), 0);
    write_text(path_in(folder, "c.nc"), "theirs");
    write_text(path_in(folder, "c.partial-2.nc"), "theirs");
    assert_string_equal(put(folder, "c.nc", sweep, "x", false), "c.partial-3.nc");
    assert_text(path_in(folder, "a.nc"), "theirs");
    assert_text(path_in(folder, "c.nc"), "theirs");
    assert_text(path_in(folder, "c.partial-2.nc"), "theirs");
    ts_sweep_destroy(sweep);
}

static unsigned mode_of(const char *path) {
    struct stat found;
    assert_int_equal(stat(path, &found), 0);
    return found.st_mode & 0777;
}

static void modes_stay_and_protect(void **state) {
    test_folder *folder = *state;
    ts_sweep *sweep = small_sweep(false);
    put(folder, "a.nc", sweep, "x", true);
    const char *path = path_in(folder, "a.nc");
    static const mode_t modes[] = {0600, 0640, 0666, 0755};
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        assert_int_equal(chmod(path, modes[i]), 0);
        assert_string_equal(put(folder, "a.nc", sweep, "x", true), "a.nc");
        assert_int_equal(mode_of(path), modes[i]);
    }
    assert_int_equal(chmod(path, 0444), 0);
    assert_check(path, 30, "it is write-protected");
    assert_string_equal(put(folder, "a.nc", sweep, "x", true), "a-2.nc");
    assert_int_equal(mode_of(path), 0444);
    ts_sweep_destroy(sweep);
}

static void more_is_not_replaced_by_less(void **state) {
    test_folder *folder = *state;
    ts_sweep *some = small_sweep(false), *more, *none;
    ts_settings settings = small_settings(false);
    none = create_sweep(&settings);
    settings.replicates = 7;
    more = run_sweep(&settings, NULL);
    assert_string_equal(put(folder, "a.nc", some, "x", false), "a.nc");
    assert_string_equal(put(folder, "a.nc", none, "x", false), "a.partial.nc");
    assert_string_equal(put(folder, "a.nc", none, "x", false), "a.partial.nc");   /* with as much */
    assert_string_equal(put(folder, "a.nc", none, "y", false), "a.partial-2.nc"); /* other trainings */
    assert_string_equal(put(folder, "a.nc", more, "x", false), "a.nc");
    assert_check(path_in(folder, "a.nc"), 30, "it holds an unfinished result with more in it");
    assert_check(path_in(folder, "a.nc"), 42, NULL);
    assert_string_equal(put(folder, "a.nc", some, "x", true), "a-2.nc");
    assert_string_equal(put(folder, "a.nc", more, "y", true), "a.nc");
    assert_string_equal(put(folder, "a.nc", more, "y", false), "a.partial-2.nc"); /* what is finished stays, */
    assert_string_equal(put(folder, "a.nc", none, "x", true), "a.nc");            /* unless by what is finished */
    ts_sweep_destroy(none);
    ts_sweep_destroy(some);
    ts_sweep_destroy(more);
}

static void names_beside_are_not_too_long(void **state) {
    test_folder *folder = *state;
    ts_sweep *sweep = small_sweep(false);
    char name[NAME_MAX + 1];
    memset(name, 'a', sizeof name - 1);
    strcpy(name + NAME_MAX - 3, ".nc");
    name[NAME_MAX - 12] = '\xc3'; /* two bytes of one character, */
    name[NAME_MAX - 11] = '\xa9'; /* not to be cut in two */
    assert_string_equal(put(folder, name, sweep, "x", true), name);
    const char *beside = put(folder, name, sweep, "x", false);
    assert_string_equal(beside + strlen(beside) - 12, "a.partial.nc");
    assert_int_equal(strlen(beside), NAME_MAX - 12 + 11);
    ts_sweep_destroy(sweep);
}

static void names_mean_nothing_but_themselves(void **state) {
    test_folder *folder = *state;
    static const char *const names[] = {"a\\b.nc",     "c:d.nc",         "http:x.nc", "file:y.nc", "a%20b#frag.nc",
                                        "[mode=x]",    "p.nc#mode=zarr", "-x.nc",     " blank ",   "q?a=b&c.nc",
                                        "\xff\xfe.nc", "new\nline.nc",   "$HOME~.nc", "*.nc",      "s3:y"};
    ts_sweep *sweep = small_sweep(false);
    char path[160];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_string_equal(put(folder, names[i], sweep, "x", true), names[i]);
        assert_int_equal(access(path_in(folder, names[i]), R_OK), 0);
        ts_result result = read_result(path_in(folder, names[i]));
        ts_result_free(&result);
        snprintf(path, sizeof path, "/%s", path_in(folder, names[i])); /* //tmp/... */
        result = read_result(path);
        ts_result_free(&result);
    }
    /* The folder is a name, too. */
    assert_int_equal(mkdir(path_in(folder, "a:b\\c"), 0700), 0);
    assert_string_equal(put(folder, "a:b\\c/x.nc", sweep, "x", true), "a:b\\c/x.nc");
    ts_result result = read_result(path_in(folder, "a:b\\c/x.nc"));
    ts_result_free(&result);
    assert_int_equal(unlink(path_in(folder, "a:b\\c/x.nc")), 0);
    assert_int_equal(entries(folder, false), 1 + sizeof names / sizeof names[0]);
    ts_sweep_destroy(sweep);
}

static void one_run_has_a_name_at_a_time(void **state) {
    test_folder *folder = *state;
    ts_lock first, second, other;
    ts_error error = {0};
    const char *path = path_in(folder, "a.nc");
    assert_int_equal(ts_lock_take(&first, path, &error), TS_OK);
    assert_int_equal(ts_lock_take(&second, path, &error), TS_INVALID);
    assert_non_null(strstr(error.message, "another run of timescape does so now (process "));
    ts_lock_release(&second); /* of nothing */
    assert_int_equal(ts_lock_take(&other, path_in(folder, "b.nc"), &error), TS_OK);
    ts_lock_release(&other);
    ts_lock_release(&first);
    assert_int_equal(entries(folder, false), 0);
    assert_int_equal(ts_lock_take(&second, path, &error), TS_OK);
    ts_lock_release(&second);
}

/* As a run that is killed leaves it: the file stays, the lock does not. */
static void a_lock_ends_with_its_process(void **state) {
    test_folder *folder = *state;
    ts_lock lock;
    ts_error error = {0};
    const char *path = path_in(folder, "a.nc");
    const pid_t run = fork();
    if (run == 0) {
        if (ts_lock_take(&lock, path, &error) == TS_OK)
            raise(SIGKILL);
        _exit(1);
    }
    int status;
    assert_int_equal(waitpid(run, &status, 0), run);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(entries(folder, false), 1);
    assert_int_equal(ts_lock_take(&lock, path, &error), TS_OK);
    ts_lock_release(&lock);
    assert_int_equal(entries(folder, false), 0);
}

static void what_another_program_writes_is_left_alone(void **state) {
    test_folder *folder = *state;
    ts_sweep *sweep = small_sweep(false);
    put(folder, "a.nc", sweep, "x", true);
    const char *path = path_in(folder, "a.nc");
    const int file = open(path, O_RDWR);
    assert_int_equal(flock(file, LOCK_EX), 0);
    ts_error error = {0};
    ts_result result;
    assert_int_equal(ts_result_read(&result, path, &error), TS_INVALID);
    assert_non_null(strstr(error.message, "another program has it open for writing"));
    assert_check(path, 30, "another program has it open for writing");
    assert_string_equal(put(folder, "a.nc", sweep, "x", true), "a-2.nc");
    assert_int_equal(flock(file, LOCK_SH), 0); /* for reading */
    result = read_result(path);
    ts_result_free(&result);
    close(file);
    ts_sweep_destroy(sweep);
}

/* More than netCDF keeps of an attribute in memory. */
static void texts_may_be_long(void **state) {
    test_folder *folder = *state;
    ts_sweep *sweep = small_sweep(false);
    const size_t size = 3 << 20;
    char *text = malloc(size + 1);
    memset(text, 'x', size);
    text[size] = '\0';
    ts_result_origin origin = small_origin;
    origin.configuration = origin.command = text;
    assert_int_equal(ts_result_write(path_in(folder, "a.nc"), sweep, &origin, NULL, NULL), TS_OK);
    ts_result result = read_result(path_in(folder, "a.nc"));
    assert_string_equal(result.configuration, text);
    ts_result_free(&result);
    free(text);
    ts_sweep_destroy(sweep);
}

#define in_folder(test) cmocka_unit_test_setup_teardown(test, folder_create, folder_remove)

int main(void) {
    const struct CMUnitTest tests[] = {
        in_folder(files_of_others_stay),
        in_folder(modes_stay_and_protect),
        in_folder(more_is_not_replaced_by_less),
        in_folder(names_beside_are_not_too_long),
        in_folder(names_mean_nothing_but_themselves),
        in_folder(one_run_has_a_name_at_a_time),
        in_folder(a_lock_ends_with_its_process),
        in_folder(what_another_program_writes_is_left_alone),
        in_folder(texts_may_be_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
