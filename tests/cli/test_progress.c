/* The line of progress: how wide it is, what it says of the time left, and what a suspension does to that. */
#include "cli/program.h"
#include "cli/progress.h"

#include "cli/cli.h"

#include <pty.h>
#include <time.h>

static ts_progress progress_at(double part, double seconds) {
    return (ts_progress){.trainings_done = (uint64_t)(1000 * part),
                         .trainings_total = 1000,
                         .training_steps_done = 1e6 * part,
                         .training_steps_total = 1e6,
                         .neuron_steps_done = 2e7 * part,
                         .neuron_steps_total = 2e7,
                         .seconds = seconds};
}

/* What `print` writes to standard error when that is a terminal of so many columns. */
static void on_terminal(unsigned short columns, void print(void), char *text, size_t size) {
    const struct winsize window = {.ws_row = 24, .ws_col = columns};
    int terminal;
    const pid_t child = forkpty(&terminal, NULL, NULL, &window);
    assert_true(child >= 0);
    if (child == 0) {
        print();
        _exit(0);
    }
    size_t length = 0;
    for (ssize_t got = 1; got > 0 && length + 1 < size; length += got > 0 ? (size_t)got : 0)
        got = read(terminal, text + length, size - 1 - length);
    text[length] = '\0';
    int state;
    assert_int_equal(waitpid(child, &state, 0), child);
    if (!WIFEXITED(state) || WEXITSTATUS(state) != 0)
        fail_msg("state %x after %s", (unsigned)state, text);
    close(terminal);
}

static void show_some(void) {
    ts_progress_line line = ts_progress_begin(false, NULL);
    for (int k = 1; k < 10; k++) {
        const ts_progress progress = progress_at(0.1 * k, 1000.0 * k);
        ts_progress_show(&line, &progress);
    }
    ts_progress_end(&line);
}

/* A line that reaches the right margin would make a terminal scroll. */
static void the_line_fits_every_terminal(void **state) {
    (void)state;
    static const unsigned short widths[] = {200, 80, 60, 40, 20, 15, 8, 5, 1};
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        char text[8192];
        on_terminal(widths[i], show_some, text, sizeof text);
        size_t column = 0, widest = 0;
        for (const char *at = text; *at; at++) {
            assert_true(*at != '\n');
            column = *at == '\r' ? 0 : column + 1;
            widest = column > widest ? column : widest;
        }
        assert_true(widest < widths[i] || (widest == 0 && widths[i] == 1));
        assert_true((strstr(text, " 50 %") != NULL) == (widths[i] > 5));
        assert_true((strstr(text, "16 min 40 s left") != NULL) == (widths[i] >= 40));
        assert_true((strstr(text, "500 of 1000 trainings") != NULL) == (widths[i] >= 60));
        assert_true((strstr(text, "training steps/s") != NULL) == (widths[i] >= 80));
    }
}

static void show_limits(void) {
    ts_progress_line line = ts_progress_begin(false, NULL);
    ts_progress progress = progress_at(0, 3);
    progress.limits_done = 25;
    progress.limits_total = 100;
    ts_progress_show(&line, &progress);
    ts_progress_end(&line);
}

static void limits_are_shown_while_they_are_computed(void **state) {
    (void)state;
    char text[1024];
    on_terminal(100, show_limits, text, sizeof text);
    assert_non_null(strstr(text, " 25 %  9.0 s left  25 of 100 limits"));
    assert_null(strstr(text, "trainings"));
}

static void sleep_for(double seconds) {
    const struct timespec time = {(time_t)seconds, (long)(1e9 * (seconds - floor(seconds)))};
    nanosleep(&time, NULL);
}

/* Time in which the process was stopped is none in which it worked. */
static void a_suspension_does_not_count(void **state) {
    (void)state;
    ts_progress_line line = ts_progress_begin(true, NULL);
    ts_progress progress = progress_at(0.1, 1);
    ts_progress_show(&line, &progress);
    raise(SIGCONT); /* a scheduler sends it to processes that run, too */
    sleep_for(0.1);
    ts_progress_show(&line, &progress);
    assert_true(line.suspended == 0);
    sleep_for(1.5);
    raise(SIGCONT);
    progress = progress_at(0.2, 3.6);
    ts_progress_show(&line, &progress);
    assert_true(line.suspended >= 1.5 && line.suspended < 10);
    const double before = line.suspended;
    ts_progress_show(&line, &progress);
    assert_true(line.suspended == before);
    progress = progress_at(0, 0.1); /* the trainings begin, after the limits */
    ts_progress_show(&line, &progress);
    assert_true(line.suspended == 0);
    ts_progress_end(&line);
}

static void interrupt(void) {
    signal(SIGINT, SIG_DFL); /* the test before has ignored them at its end */
    signal(SIGTERM, SIG_DFL);
    ts_progress_line line = ts_progress_begin(false, NULL);
    const ts_progress progress = progress_at(0.5, 100);
    bool fine = ts_progress_show(&line, &progress);
    raise(SIGINT);
    fine = fine && !ts_progress_show(&line, &progress);
    raise(SIGINT); /* of somebody impatient */
    raise(SIGTERM);
    fine = fine && !ts_progress_show(&line, &progress);
    ts_progress_end(&line);
    raise(SIGINT); /* still the same wish */
    _exit(fine ? 0 : 1);
}

static void an_interrupt_is_acknowledged_once(void **state) {
    (void)state;
    char text[1024];
    on_terminal(100, interrupt, text, sizeof text);
    const char *first = strstr(text, "\ntimescape: stopping; what is finished is going to be written\r\n");
    assert_non_null(first);
    assert_string_equal(strchr(first + 1, '\n') + 1, "");
}

/* Status of a process in which two signals came at such a distance. */
static int insist(double seconds) {
    signal(SIGTERM, SIG_DFL);
    const pid_t child = fork();
    if (child == 0) {
        ts_progress_line line = ts_progress_begin(true, NULL);
        ts_progress_end(&line); /* the result is being written */
        raise(SIGTERM);
        sleep_for(seconds);
        raise(SIGTERM);
        _exit(0);
    }
    int state;
    assert_int_equal(waitpid(child, &state, 0), child);
    assert_true(WIFEXITED(state));
    return WEXITSTATUS(state);
}

static void a_second_signal_ends_at_once_also_while_the_result_is_written(void **state) {
    (void)state;
    assert_int_equal(insist(0), 0);
    assert_int_equal(insist(0.6), TS_INTERRUPTED);
}

static void show_what_was_there(void) {
    ts_progress_line line = ts_progress_begin(false, NULL);
    ts_progress progress = progress_at(0.6, 100);
    progress.trainings_before = 500;
    progress.training_steps_before = 5e5;
    progress.neuron_steps_before = 1e7;
    ts_progress_show(&line, &progress);
    ts_progress_end(&line);
}

/* The percentage is of all, and the speed of this run. */
static void what_was_there_before_says_nothing_of_the_speed(void **state) {
    (void)state;
    char text[1024];
    on_terminal(100, show_what_was_there, text, sizeof text);
    assert_non_null(strstr(text, " 60 %  6 min 40 s left  600 of 1000 trainings  1e+03 training steps/s"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_line_fits_every_terminal),
        cmocka_unit_test(limits_are_shown_while_they_are_computed),
        cmocka_unit_test(a_suspension_does_not_count),
        cmocka_unit_test(an_interrupt_is_acknowledged_once),
        cmocka_unit_test(a_second_signal_ends_at_once_also_while_the_result_is_written),
        cmocka_unit_test(what_was_there_before_says_nothing_of_the_speed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
