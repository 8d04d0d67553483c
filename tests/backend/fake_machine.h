/* The files in which Linux tells a process about its machine and its container, in a folder of their own. */
#ifndef TS_TESTS_BACKEND_FAKE_MACHINE_H
#define TS_TESTS_BACKEND_FAKE_MACHINE_H

#include "support.h"

#include <ftw.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

static char fake_root[64];

static inline int fake_begin(void **state) {
    (void)state;
    strcpy(fake_root, "/tmp/timescape-machine-XXXXXX");
    return !mkdtemp(fake_root);
}

static inline int fake_remove(const char *path, const struct stat *found, int kind, struct FTW *where) {
    (void)found;
    (void)kind;
    (void)where;
    return remove(path);
}

static inline int fake_end(void **state) {
    (void)state;
    return nftw(fake_root, fake_remove, 8, FTW_DEPTH | FTW_PHYS);
}

/* Write a file below the root, with the folders that it needs. */
static inline void fake_file(const char *name, const char *text) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", fake_root, name);
    for (char *slash = strchr(path + strlen(fake_root) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(path, 0700);
        *slash = '/';
    }
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

#define in_fake_machine(test) cmocka_unit_test_setup_teardown(test, fake_begin, fake_end)

#endif
