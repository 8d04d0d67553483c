/* A folder of its own for each test that writes files, and a small sweep to write. */
#ifndef TS_TESTS_IO_FILES_H
#define TS_TESTS_IO_FILES_H

#include "io/netcdf/result.h"
#include "support.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct test_folder {
    char name[64];
    char path[128]; /* the last one of path_in */
} test_folder;

static inline int folder_create(void **state) {
    test_folder *folder = calloc(1, sizeof *folder);
    snprintf(folder->name, sizeof folder->name, "/tmp/timescape-test-XXXXXX");
    *state = folder;
    return !mkdtemp(folder->name);
}

static inline const char *path_in(test_folder *folder, const char *file) {
    snprintf(folder->path, sizeof folder->path, "%s/%s", folder->name, file);
    return folder->path;
}

/* Number of entries; with `remove_them` they are gone afterwards. */
static inline int entries(const test_folder *folder, bool remove_them) {
    int count = 0;
    DIR *stream = opendir(folder->name);
    assert_non_null(stream);
    for (struct dirent *entry = readdir(stream); entry; entry = readdir(stream)) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        count++;
        if (remove_them)
            assert_int_equal(unlinkat(dirfd(stream), entry->d_name, 0) == 0 ||
                                 unlinkat(dirfd(stream), entry->d_name, AT_REMOVEDIR) == 0,
                             1);
    }
    closedir(stream);
    return count;
}

static inline int folder_remove(void **state) {
    test_folder *folder = *state;
    entries(folder, true);
    const int code = rmdir(folder->name);
    free(folder);
    return code;
}

static inline void write_text(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static inline void assert_text(const char *path, const char *text) {
    char found[64] = "";
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(found, sizeof found, file));
    fclose(file);
    assert_string_equal(found, text);
}

/* Let no file of this process grow beyond `bytes`, as on a full disk; RLIM_INFINITY ends that. */
static inline void limit_files(rlim_t bytes) {
    struct rlimit limit;
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static const double small_epsilon[] = {0.01, 0.1, 1};
static const double small_neurons[] = {4, 9};

static inline ts_settings small_settings(bool keep_trainings) {
    ts_settings settings = paper_settings();
    settings.h = 1e-3;
    settings.steps = 300;
    settings.replicates = 5;
    settings.keep_trainings = keep_trainings;
    set_axes(&settings, small_epsilon, 3, small_neurons, 2);
    return settings;
}

/* The same with its trainings and their limits. */
static inline ts_sweep *small_sweep_with_theory(void) {
    ts_settings settings = small_settings(true);
    settings.theory = true;
    return run_sweep(&settings, NULL);
}

static inline ts_sweep *small_sweep(bool keep_trainings) {
    const ts_settings settings = small_settings(keep_trainings);
    return run_sweep(&settings, NULL);
}

static const ts_result_origin small_origin = {.title = "A small sweep",
                                              .configuration = "title: A small sweep\nseed: 42\n",
                                              .command = "timescape run small.yaml",
                                              .backend = "cpu",
                                              .complete = true};

static inline void write_result(const char *path, const ts_sweep *sweep) {
    ts_error error = {0};
    if (ts_result_write(path, sweep, &small_origin, NULL, &error) != TS_OK)
        fail_msg("%s", error.message);
}

static inline ts_result read_result(const char *path) {
    ts_result result;
    ts_error error = {0};
    if (ts_result_read(&result, path, &error) != TS_OK)
        fail_msg("%s", error.message);
    return result;
}

#endif
