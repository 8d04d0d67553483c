/* Configuration files for tests: a folder of their own, the least file and edits of it, and what a refusal says. */
#ifndef TS_TESTS_IO_CONFIG_CONFIGURATIONS_H
#define TS_TESTS_IO_CONFIG_CONFIGURATIONS_H

#include "io/config/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define SECTIONS "title, seed, dynamics, target, network, sgd, sweep, observe, success, theory, output"
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* The least that a configuration needs. Line numbers in messages are those of this text. */
static const char least[] = "seed: 42\n"                                                        /* 1 */
                            "target: {base: 1, jumps: [{at: 0.2, by: 4}, {at: 0.5, by: -4}]}\n" /* 2 */
                            "network: {eta: 4.0e-3}\n"                                          /* 3 */
                            "sgd:\n"                                                            /* 4 */
                            "  h: 1.0e-4\n"                                                     /* 5 */
                            "  horizon: {slow_time: 0.5}\n"                                     /* 6 */
                            "sweep:\n"                                                          /* 7 */
                            "  epsilon: {values: [0.01, 0.1, 1]}\n"                             /* 8 */
                            "  neurons: {values: [4, 8]}\n"                                     /* 9 */
                            "  replicates: 3\n";                                                /* 10 */

static char source_folder[4096];
static char test_folder[] = "/tmp/test-config-XXXXXX";

static inline int enter_test_folder(void **state) {
    (void)state;
    return !getcwd(source_folder, sizeof source_folder) || !mkdtemp(test_folder) || chdir(test_folder) != 0;
}

static inline int leave_test_folder(void **state) {
    (void)state;
    (void)unlink("x.yaml");
    return chdir("/") != 0 || rmdir(test_folder) != 0;
}

static inline void write_file(const char *text, size_t length) {
    FILE *file = fopen("x.yaml", "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

/* Write the least configuration with its first `from` replaced by `to`; without `from`, write `to` alone. */
static inline void write_edited(const char *from, const char *to) {
    char text[sizeof least + 4096];
    const char *place = from ? strstr(least, from) : NULL;
    if (!from) {
        snprintf(text, sizeof text, "%s", to);
    } else {
        assert_non_null(place);
        snprintf(text, sizeof text, "%.*s%s%s", (int)(place - least), least, to, place + strlen(from));
    }
    write_file(text, strlen(text));
}

static inline ts_config load_with(const char *const *assignments, size_t count) {
    ts_config config;
    ts_error error = {0};
    ts_status status = ts_config_load(&config, "x.yaml", assignments, count, &error);
    assert_string_equal(error.message, "");
    assert_int_equal(status, TS_OK);
    return config;
}

static inline ts_config load_least_with(const char *assignment) {
    write_edited(NULL, least);
    return load_with(&assignment, 1);
}

static inline void check_refused(const char *path, const char *const *assignments, size_t count, const char *message) {
    ts_config config;
    ts_error error = {0};
    ts_status status = ts_config_load(&config, path, assignments, count, &error);
    assert_string_equal(error.message, message);
    assert_int_equal(status, TS_INVALID);
    assert_null(config.title);
    assert_null(config.text);
    for (int p = 0; p < TS_PARAMETER_COUNT; p++)
        assert_null(config.settings.axis[p].values);
    assert_null(config.settings.observe);
}

/* What the sentence begins with, where its end is that of ts_settings_validate(). */
static inline void check_refused_like(const char *assignment, const char *beginning) {
    ts_config config;
    ts_error error = {0};
    ts_status status = ts_config_load(&config, "x.yaml", &assignment, assignment ? 1 : 0, &error);
    error.message[strlen(beginning)] = '\0';
    assert_string_equal(error.message, beginning);
    assert_int_equal(status, TS_INVALID);
}

#endif
