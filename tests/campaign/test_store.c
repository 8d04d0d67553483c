/* The checkpoint as a file: what is written is there, in parts and after failures; what is another's, or damaged, is
 * refused and stays. */
#include "campaign/store.h"

#include "support.h"

#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <signal.h>

static char folder[64];

static int enter_folder(void **state) {
    (void)state;
    strcpy(folder, "/tmp/timescape-store-XXXXXX");
    return !mkdtemp(folder) || chdir(folder) != 0;
}

static int leave_folder(void **state) {
    (void)state;
    char command[96];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return chdir("/") || system(command);
}

#define in_folder(test) cmocka_unit_test_setup_teardown(test, enter_folder, leave_folder)

static const ts_store_identity plain = {.configuration = "seed: 1\n", .arithmetic = TS_FIXED_POINT};

static ts_store *open_store(const char *output, ts_store_identity identity) {
    ts_store *store;
    ts_error error = {0};
    if (ts_store_open(&store, output, &identity, &error) != TS_OK)
        fail_msg("%s", error.message);
    return store;
}

/* `size` bytes that say which record they are of. */
static void add(ts_records *records, ts_record_kind kind, uint32_t cell, uint64_t first, size_t size, uint8_t salt) {
    ts_records_begin(records, kind, cell, first);
    for (size_t i = 0; i < size; i++) {
        const uint8_t byte = (uint8_t)(kind + 3 * cell + 5 * first + salt + i * i % 251);
        ts_records_put_bytes(records, &byte, 1);
    }
    ts_records_end(records);
}

static ts_status write_one(ts_store *store, uint32_t part, bool whole, ts_record_kind kind, uint32_t cell,
                           uint64_t first, size_t size, uint8_t salt, ts_error *error) {
    ts_records records = {0};
    add(&records, kind, cell, first, size, salt);
    ts_store_begin(store, part, whole);
    ts_store_put(store, &records);
    ts_records_free(&records);
    return ts_store_commit(store, error);
}

/* Everything that is there, one record after the other. */
static ts_status collect(void *context, const ts_record *record, ts_error *error) {
    (void)error;
    ts_records_add(context, record);
    return TS_OK;
}

static bool load(ts_store *store, ts_records *all) {
    ts_error error = {0};
    bool found;
    *all = (ts_records){0};
    if (ts_store_load(store, collect, all, &found, &error) != TS_OK)
        fail_msg("%s", error.message);
    return found;
}

static void assert_holds(const char *output, const ts_records *expected) {
    ts_records all;
    ts_store *store = open_store(output, plain);
    assert_true(load(store, &all));
    assert_int_equal(all.size, expected->size);
    assert_memory_equal(all.bytes, expected->bytes, expected->size);
    ts_records_free(&all);
    ts_store_close(store);
}

static void what_is_written_is_there(void **state) {
    (void)state;
    ts_records expected = {0}, none;
    ts_store *store = open_store("a.nc", plain);
    assert_string_equal(ts_store_path(store), "a.nc.checkpoint");
    assert_false(load(store, &none));
    assert_false(ts_store_holds(store));
    add(&expected, TS_RECORD_CELL, 0, 0, 3, 0);
    add(&expected, TS_RECORD_CELL, 1, 0, 100000, 0);
    add(&expected, TS_RECORD_KEPT, 1, 0, 1, 0);
    add(&expected, TS_RECORD_KEPT, 1, 1, 0, 0);
    add(&expected, TS_RECORD_WAYPOINT, 0, 0, 500, 0);
    add(&expected, TS_RECORD_LIMITS, 3, UINT64_C(1) << 40, 400, 0);
    ts_store_begin(store, 0, true);
    ts_store_put(store, &expected);
    assert_int_equal(ts_store_commit(store, NULL), TS_OK);
    assert_true(ts_store_holds(store) && ts_store_is_there(store));
    ts_store_close(store);
    assert_holds("a.nc", &expected);
    assert_int_equal(access("a.nc.checkpoint-journal", F_OK), -1);
    ts_records_free(&expected);
}

static void a_snapshot_replaces_what_it_has_and_all_waypoints(void **state) {
    (void)state;
    ts_records expected = {0}, changes = {0};
    ts_store *store = open_store("a.nc", plain);
    add(&changes, TS_RECORD_CELL, 0, 0, 300, 0);
    add(&changes, TS_RECORD_CELL, 1, 0, 300, 0);
    add(&changes, TS_RECORD_WAYPOINT, 0, 0, 300, 0);
    add(&changes, TS_RECORD_WAYPOINT, 0, 1, 300, 0);
    ts_store_begin(store, 0, true);
    ts_store_put(store, &changes);
    assert_int_equal(ts_store_commit(store, NULL), TS_OK);
    ts_records_clear(&changes);
    add(&changes, TS_RECORD_CELL, 1, 0, 400, 9);
    add(&changes, TS_RECORD_WAYPOINT, 0, 0, 20, 9);
    ts_store_begin(store, 0, false);
    ts_store_put(store, &changes);
    assert_int_equal(ts_store_commit(store, NULL), TS_OK);
    add(&expected, TS_RECORD_CELL, 0, 0, 300, 0);
    add(&expected, TS_RECORD_CELL, 1, 0, 400, 9);
    add(&expected, TS_RECORD_WAYPOINT, 0, 0, 20, 9);
    assert_holds("a.nc", &expected);
    ts_store_close(store);
    ts_records_free(&expected);
    ts_records_free(&changes);
}

/* Each process has its own part; what was read of all becomes part 0. */
static void parts_become_one(void **state) {
    (void)state;
    ts_records all, expected = {0};
    ts_error error = {0};
    ts_store *store = open_store("a.nc", plain);
    assert_int_equal(write_one(store, 0, true, TS_RECORD_CELL, 0, 0, 300, 1, NULL), TS_OK);
    assert_int_equal(write_one(store, 2, false, TS_RECORD_CELL, 0, 0, 300, 2, NULL), TS_OK);
    assert_int_equal(write_one(store, 1, false, TS_RECORD_CELL, 5, 0, 300, 3, NULL), TS_OK);
    assert_int_equal(write_one(store, 1, true, TS_RECORD_CELL, 6, 0, 300, 3, NULL), TS_OK); /* of that part only */
    ts_store_close(store);
    store = open_store("a.nc", plain);
    assert_true(load(store, &all));
    assert_int_equal(all.count, 3);
    assert_false(ts_store_holds(store));
    assert_int_equal(write_one(store, 1, true, TS_RECORD_CELL, 7, 0, 300, 0, &error), TS_FAILED);
    assert_int_equal(write_one(store, 0, false, TS_RECORD_CELL, 7, 0, 300, 0, &error), TS_FAILED);
    assert_int_equal(write_one(store, 0, true, TS_RECORD_CELL, 7, 0, 300, 0, &error), TS_OK);
    assert_true(ts_store_holds(store));
    assert_int_equal(write_one(store, 1, false, TS_RECORD_CELL, 8, 0, 300, 0, NULL), TS_OK);
    add(&expected, TS_RECORD_CELL, 7, 0, 300, 0);
    add(&expected, TS_RECORD_CELL, 8, 0, 300, 0);
    assert_holds("a.nc", &expected);
    ts_records_free(&all);
    ts_records_free(&expected);
    ts_store_close(store);
}

/* Names mean nothing to SQLite, links lead where they lead, and long names are cut. */
static void any_name_will_do(void **state) {
    (void)state;
    char longest[256] = "", deep[2048] = ".", target[300];
    static const char *const names[] = {"file:a?mode=memory.nc", ":memory:", "a b'\"%#.nc", "x\\y:z.nc", "-o"};
    ts_records expected = {0};
    add(&expected, TS_RECORD_CELL, 0, 0, 300, 0);
    memset(longest, 'n', 255);
    for (int i = 0; i < 30; i++) {
        strcat(deep, "/a folder with a name of some forty characters");
        assert_int_equal(mkdir(deep, 0777), 0);
    }
    strcat(deep, "/a.nc");
    snprintf(target, sizeof target, "%s/a.nc", folder);
    for (size_t i = 0; i < sizeof names / sizeof *names + 2; i++) {
        const char *name = i < sizeof names / sizeof *names ? names[i] : i % 2 ? longest : deep;
        ts_error error = {0};
        ts_store *store = open_store(name, plain);
        ts_store_begin(store, 0, true);
        ts_store_put(store, &expected);
        if (ts_store_commit(store, &error) != TS_OK)
            fail_msg("%s: %s", name, error.message);
        assert_int_equal(access(ts_store_path(store), R_OK), 0);
        ts_store_close(store);
        assert_holds(name, &expected);
    }
    ts_records_free(&expected);
}

static void change(const char *sql) {
    sqlite3 *database;
    assert_int_equal(sqlite3_open("a.nc.checkpoint", &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(database);
}

static void copy(const char *from, const char *to) {
    char command[256];
    snprintf(command, sizeof command, "cp %s %s", from, to);
    assert_int_equal(system(command), 0);
}

static void assert_refused(ts_store_identity identity, ts_status status, const char *sentence) {
    ts_store *store = open_store("a.nc", identity);
    ts_records all = {0};
    ts_error error = {0};
    bool found;
    copy("a.nc.checkpoint", "before");
    assert_int_equal(ts_store_load(store, collect, &all, &found, &error), status);
    if (!strstr(error.message, sentence))
        fail_msg("'%s' for '%s'", error.message, sentence);
    assert_int_equal(system("cmp -s a.nc.checkpoint before"), 0);
    ts_records_free(&all);
    ts_store_close(store);
}

static const char config[] = "seed: %d\ntarget: {base: 1, jumps: [{at: 0.3, by: 2}]}\nnetwork: {eta: 4.0e-3}\n"
                             "sgd: {h: 1.0e-3, noise: 1, horizon: {steps: 300}}\n"
                             "sweep: {epsilon: {values: [1]}, neurons: {values: [4]}, replicates: 5}\n";

static void what_is_of_another_sweep_is_refused(void **state) {
    (void)state;
    char one[512], two[512];
    snprintf(one, sizeof one, config, 1);
    snprintf(two, sizeof two, config, 2);
    ts_store_identity own = plain, other;
    own.configuration = one;
    ts_store *store = open_store("a.nc", own);
    assert_int_equal(write_one(store, 0, true, TS_RECORD_CELL, 0, 0, 300, 0, NULL), TS_OK);
    ts_store_close(store);
    other = own;
    other.configuration = two;
    assert_refused(other, TS_INVALID, "it is of another configuration (seed: 1 there, 2 here); --fresh begins anew");
    other = own;
    other.arithmetic = TS_FLOAT64;
    assert_refused(other, TS_INVALID, "computed in fixed point, and this run computes in float64; --fresh");
    other = own;
    other.part = 2;
    other.parts = 3;
    assert_refused(other, TS_INVALID, "it is of the whole sweep, and this run of part 2 of 3; --fresh");
    change("UPDATE meta SET value = 1 WHERE key = 'arithmetic_version'");
    assert_refused(own, TS_INVALID, "by version 1 of the arithmetic, and this program has version 2; --fresh");
    change("PRAGMA user_version = 77");
    assert_refused(own, TS_INVALID, "another version of timescape wrote it (format 77; this one has format 1)");
    change("PRAGMA application_id = 0");
    assert_refused(own, TS_INVALID, "it is no checkpoint of timescape");
    assert_int_equal(system("echo words >a.nc.checkpoint"), 0);
    assert_refused(own, TS_INVALID, "it is no checkpoint of timescape");
}

/* Cut off anywhere, or with a byte changed anywhere: either it is read as it was, or it is refused. */
static void what_is_damaged_is_refused(void **state) {
    (void)state;
    ts_records expected = {0};
    test_random random = {3};
    int refused = 0;
    for (uint32_t cell = 0; cell < 40; cell++)
        add(&expected, cell < 20 ? TS_RECORD_CELL : TS_RECORD_KEPT, cell, 0, 100 * cell, 0);
    ts_store *store = open_store("a.nc", plain);
    ts_store_begin(store, 0, true);
    ts_store_put(store, &expected);
    assert_int_equal(ts_store_commit(store, NULL), TS_OK);
    ts_store_close(store);
    copy("a.nc.checkpoint", "good");
    struct stat good;
    assert_int_equal(stat("good", &good), 0);
    for (int round = 0; round < 150; round++) {
        ts_records all = {0};
        ts_error error = {0};
        bool found;
        copy("good", "a.nc.checkpoint");
        const off_t at = (off_t)(random_word(&random) % (uint64_t)good.st_size);
        FILE *file = fopen("a.nc.checkpoint", "r+b");
        if (round % 3 == 0) {
            assert_int_equal(ftruncate(fileno(file), 1 + at), 0);
        } else {
            const uint8_t byte = (uint8_t)random_word(&random);
            fseek(file, at, SEEK_SET);
            fwrite(&byte, 1, 1, file);
        }
        fclose(file);
        store = open_store("a.nc", plain);
        const ts_status status = ts_store_load(store, collect, &all, &found, &error);
        if (status == TS_OK) {
            assert_true(found && all.size == expected.size);
            assert_memory_equal(all.bytes, expected.bytes, expected.size);
        } else if (!strstr(error.message, "a.nc.checkpoint: ")) {
            fail_msg("status %d: %s", status, error.message);
        }
        refused += status != TS_OK;
        ts_records_free(&all);
        ts_store_close(store);
    }
    assert_true(refused > 50);
    ts_records_free(&expected);
}

static void files_that_are_not_to_be_touched_are_not(void **state) {
    (void)state;
    ts_error error = {0};
    ts_store *store = open_store("a.nc", plain);
    assert_int_equal(write_one(store, 0, true, TS_RECORD_CELL, 0, 0, 300, 0, NULL), TS_OK);
    assert_int_equal(chmod("a.nc.checkpoint", 0444), 0);
    assert_refused(plain, TS_INVALID, "it is write-protected");
    assert_int_equal(ts_store_remove(store, &error), TS_INVALID);
    assert_string_equal(error.message, "cannot remove a.nc.checkpoint: it is write-protected");
    assert_int_equal(chmod("a.nc.checkpoint", 0644), 0);
    assert_int_equal(ts_store_remove(store, &error), TS_OK);
    assert_int_equal(access("a.nc.checkpoint", F_OK), -1);
    assert_int_equal(ts_store_remove(store, &error), TS_OK);
    ts_store_close(store);
    assert_int_equal(mkdir("a.nc.checkpoint", 0777), 0);
    store = open_store("a.nc", plain);
    ts_records all = {0};
    bool found;
    assert_int_equal(ts_store_load(store, collect, &all, &found, &error), TS_INVALID);
    assert_non_null(strstr(error.message, "it is not a regular file"));
    ts_store_close(store);
}

/* A file that has gone, or another in its place, does not get a part of what was in it. */
static void a_file_that_was_removed_is_written_anew(void **state) {
    (void)state;
    ts_error error = {0};
    ts_records expected = {0};
    ts_store *store = open_store("a.nc", plain);
    assert_int_equal(write_one(store, 0, true, TS_RECORD_CELL, 0, 0, 300, 0, NULL), TS_OK);
    assert_int_equal(unlink("a.nc.checkpoint"), 0);
    assert_false(ts_store_holds(store));
    assert_int_equal(write_one(store, 0, false, TS_RECORD_CELL, 1, 0, 300, 0, &error), TS_FAILED);
    assert_string_equal(error.message, "cannot write a.nc.checkpoint: it has been removed");
    assert_int_equal(write_one(store, 0, true, TS_RECORD_CELL, 1, 0, 300, 0, NULL), TS_OK);
    add(&expected, TS_RECORD_CELL, 1, 0, 300, 0);
    assert_holds("a.nc", &expected);
    assert_int_equal(unlink("a.nc.checkpoint") || system("echo words >a.nc.checkpoint"), 0);
    assert_int_equal(write_one(store, 0, true, TS_RECORD_CELL, 1, 0, 300, 0, &error), TS_FAILED);
    assert_string_equal(error.message, "cannot write a.nc.checkpoint: File exists");
    ts_records_free(&expected);
    ts_store_close(store);
}

/* A file that may not grow stands for a disk that is full. */
static void a_failure_changes_nothing_and_is_over_some_time(void **state) {
    (void)state;
    ts_error error = {0};
    ts_records expected = {0}, larger = {0};
    struct rlimit before, little = {65536, RLIM_INFINITY};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    little.rlim_max = before.rlim_max;
    ts_store *store = open_store("a.nc", plain);
    test_random random = {1};
    add(&expected, TS_RECORD_CELL, 0, 0, 300, 0);
    ts_records_begin(&larger, TS_RECORD_CELL, 0, 0);
    for (int i = 0; i < 20000; i++)
        ts_records_put_word(&larger, random_word(&random));
    ts_records_end(&larger);
    ts_store_begin(store, 0, true);
    ts_store_put(store, &expected);
    assert_int_equal(ts_store_commit(store, NULL), TS_OK);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
    for (int attempt = 0; attempt < 2; attempt++) {
        ts_store_begin(store, 0, false);
        ts_store_put(store, &larger);
        assert_int_equal(ts_store_commit(store, &error), TS_FAILED);
        assert_string_equal(error.message, "cannot write a.nc.checkpoint: File too large");
        assert_false(ts_store_holds(store));
    }
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_holds("a.nc", &expected);
    ts_store_begin(store, 0, true);
    ts_store_put(store, &larger);
    assert_int_equal(ts_store_commit(store, &error), TS_OK);
    assert_true(ts_store_holds(store));
    assert_holds("a.nc", &larger);
    ts_store_close(store);
    ts_records_free(&expected);
    ts_records_free(&larger);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        in_folder(what_is_written_is_there),
        in_folder(a_snapshot_replaces_what_it_has_and_all_waypoints),
        in_folder(parts_become_one),
        in_folder(any_name_will_do),
        in_folder(what_is_of_another_sweep_is_refused),
        in_folder(what_is_damaged_is_refused),
        in_folder(files_that_are_not_to_be_touched_are_not),
        in_folder(a_file_that_was_removed_is_written_anew),
        in_folder(a_failure_changes_nothing_and_is_over_some_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
