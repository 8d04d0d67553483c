/* Work in a process of its own: what comes back, and what is said when nothing does. */
#include "io/child.h"
#include "io/files.h"

#include <errno.h>
#include <sys/wait.h>

#define MEGABYTE ((size_t)1 << 20)

static const ts_child_limits no_limits = {0};

static ts_child start(ts_child_work *work, void *context, ts_child_limits limits) {
    ts_child child;
    assert_int_equal(ts_child_start(&child, work, context, limits), 0);
    return child;
}

static void assert_ends(ts_child *child, int status, const char *why) {
    char reason[160] = "";
    assert_int_equal(ts_child_end(child, reason, sizeof reason), status);
    assert_string_equal(reason, why);
}

/* Send back all bytes, each greater by 1. */
static int count_up(void *context, int channel) {
    const size_t size = *(const size_t *)context;
    char *bytes = malloc(size);
    if (!ts_child_receive(channel, bytes, size))
        return 3;
    for (size_t at = 0; at < size; at++)
        bytes[at]++;
    const bool sent = ts_child_send(channel, bytes, size);
    free(bytes);
    return sent ? 42 : 4;
}

static void bytes_go_there_and_back(void **state) {
    (void)state;
    size_t size = 3 * MEGABYTE + 1;
    char *bytes = malloc(size);
    memset(bytes, 'a', size);
    ts_child child = start(count_up, &size, no_limits);
    assert_true(ts_child_send(child.channel, bytes, size));
    assert_true(ts_child_receive(child.channel, bytes, size));
    assert_true(bytes[0] == 'b' && bytes[size - 1] == 'b');
    assert_false(ts_child_receive(child.channel, bytes, 1)); /* there is no more */
    assert_ends(&child, 42, "");
    free(bytes);
}

static void a_child_sees_that_its_parent_asks_no_more(void **state) {
    (void)state;
    size_t size = 1;
    ts_child child = start(count_up, &size, no_limits);
    assert_ends(&child, 3, "");
}

static int crash(void *context, int channel) {
    (void)channel;
    return raise(*(const int *)context);
}

static void a_crash_is_a_sentence(void **state) {
    (void)state;
    int signals[] = {SIGABRT, SIGSEGV, SIGKILL}; /* CMocka handles the second one */
    static const char *const sentences[] = {"its process crashed (Aborted)", "its process crashed (Segmentation fault)",
                                            "its process was killed, perhaps for want of memory"};
    for (size_t i = 0; i < 3; i++) {
        char byte;
        ts_child child = start(crash, &signals[i], no_limits);
        assert_false(ts_child_receive(child.channel, &byte, 1));
        assert_ends(&child, -1, sentences[i]);
    }
}

static int work_for_ever(void *context, int channel) {
    (void)context;
    ts_child_allow(0);
    volatile int going = channel >= 0;
    while (going)
        going = 1;
    return 0;
}

static void work_without_an_end_is_ended(void **state) {
    (void)state;
    ts_child child = start(work_for_ever, NULL, no_limits);
    assert_ends(&child, -1, "it came to no end");
}

static int take_memory(void *context, int channel) {
    (void)channel;
    char *volatile bytes = malloc(*(const size_t *)context); /* that no compiler leaves out */
    const int status = bytes ? 1 : 2;
    free(bytes);
    return status;
}

static void memory_is_limited(void **state) {
    (void)state;
    size_t little = 16 * MEGABYTE, much = 512 * MEGABYTE;
    const ts_child_limits limits = {.memory = 128.0 * (double)MEGABYTE};
    ts_child child = start(take_memory, &little, limits);
    assert_ends(&child, 1, "");
#ifndef __SANITIZE_ADDRESS__ /* which maps terabytes */
    child = start(take_memory, &much, limits);
    assert_ends(&child, 2, "");
#endif
    (void)much;
}

static void signals_of_the_user_do_not_disturb(void **state) {
    (void)state;
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGXCPU, SIGUSR1, SIGUSR2};
    size_t size = 1;
    char byte = 'x';
    ts_child child = start(count_up, &size, no_limits);
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        assert_int_equal(kill(child.process, signals[i]), 0);
    assert_true(ts_child_send(child.channel, &byte, 1));
    assert_true(ts_child_receive(child.channel, &byte, 1));
    assert_ends(&child, 42, "");
}

/* Wait for a byte from a pipe, then give one back. */
static int pass_on(void *context, int channel) {
    const int *ends = context;
    char byte;
    (void)channel;
    return read(ends[0], &byte, 1) == 1 && write(ends[3], &byte, 1) == 1 ? 0 : 1;
}

/* What becomes of a child whose parent is killed: is a byte passed on by it? */
static bool outlives_its_parent(bool ends_soon) {
    int ends[4];
    char byte = 'x';
    assert_int_equal(pipe(ends) | pipe(ends + 2), 0);
    const pid_t parent = fork();
    if (parent == 0) {
        ts_child child;
        if (ts_child_start(&child, pass_on, ends, (ts_child_limits){.ends_soon = ends_soon}) != 0)
            _exit(1);
        raise(SIGKILL);
    }
    close(ends[3]);
    assert_int_equal(waitpid(parent, NULL, 0), parent);
    assert_int_equal(write(ends[1], &byte, 1), 1);
    const bool passed = read(ends[2], &byte, 1) == 1;
    close(ends[0]);
    close(ends[1]);
    close(ends[2]);
    return passed;
}

static void a_child_outlives_its_parent_only_where_it_should(void **state) {
    (void)state;
    assert_true(outlives_its_parent(false));
    assert_false(outlives_its_parent(true));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_go_there_and_back),
        cmocka_unit_test(a_child_sees_that_its_parent_asks_no_more),
        cmocka_unit_test(a_crash_is_a_sentence),
        cmocka_unit_test(work_without_an_end_is_ended),
        cmocka_unit_test(memory_is_limited),
        cmocka_unit_test(signals_of_the_user_do_not_disturb),
        cmocka_unit_test(a_child_outlives_its_parent_only_where_it_should),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
