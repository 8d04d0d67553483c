/* What happens to a run that is disturbed: signals, readers that go away, limits of the process. Finished work is
 * written, and the exit status says what happened. */
#include "cli/program.h"

/* Trainings of some milliseconds, and enough of them for an hour. */
#define LONG_RUN "--threads 1 --set sgd.horizon.steps=20000 --set sweep.replicates=10000000"
#define LONG_TRACE                                                                                                     \
    "--epsilon 0.1 --neurons 9 --replicates 0 --times 2001 --set sgd.horizon.steps=1000000000 --threads 1"

static void signals_that_warn_write_what_is_finished(void **state) {
    (void)state;
    static const char *const signals[] = {"INT", "TERM", "HUP", "XCPU", "USR2"};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        char command[256];
        snprintf(command, sizeof command, AT_WORK("kill -%s $$", "$TIMESCAPE run good.yaml -q -o %s.nc " LONG_RUN),
                 signals[i], signals[i]);
        const outcome *found = shell(command);
        assert_int_equal(found->status, TS_INTERRUPTED);
        assert_non_null(strstr(found->text, "timescape: stopping; what is finished is going to be written\n"));
        snprintf(command, sizeof command, "$TIMESCAPE plot --terminal %s.nc", signals[i]);
        assert_int_equal(shell(command)->status, TS_OK);
    }
}

/* A key that bounces, and `timeout`, which sends two, do not lose what the first signal saves. */
static void signals_at_once_are_one_wish(void **state) {
    (void)state;
    const outcome *found = shell(AT_WORK("kill -INT $$; sleep 0.05; kill -INT $$; kill -TERM $$",
                                         "$TIMESCAPE run good.yaml -q -o twice.nc " LONG_RUN));
    assert_int_equal(found->status, TS_INTERRUPTED);
    assert_int_equal(shell("$TIMESCAPE plot --terminal twice.nc")->status, TS_OK);
}

/* What a scheduler sends some minutes before the end, or a person who is about to pull the plug. */
static void a_wish_for_a_checkpoint_does_not_stop(void **state) {
    (void)state;
    const outcome *found = shell(
        AT_WORK("kill -USR1 $$; until test -s asked.nc.checkpoint || ! kill -0 $$; do sleep 0.1; done; kill -KILL $$",
                "$TIMESCAPE run good.yaml -o asked.nc " LONG_RUN) "; true");
    assert_null(strstr(found->text, "timescape: stopping"));
    found = shell(AT_WORK("kill -USR1 $$; sleep 2; kill -INT $$", "$TIMESCAPE run good.yaml -o asked.nc " LONG_RUN));
    assert_int_equal(found->status, TS_INTERRUPTED);
    assert_non_null(strstr(found->text, "going on from asked.nc.checkpoint: "));
    assert_non_null(strstr(found->text, "timescape: checkpoint: "));
}

/* `timescape ... | head`, and `tee` that dies of the same Ctrl-C. */
static void a_reader_that_goes_away_loses_nothing(void **state) {
    (void)state;
    static const struct {
        const char *what, *file;
        int status;
    } cases[] = {
        {"$TIMESCAPE run good.yaml -o run.nc", "run.nc", TS_OK},
        {AT_WORK("kill -INT $$", "$TIMESCAPE run good.yaml -o stopped.nc " LONG_RUN), "stopped.nc", TS_INTERRUPTED},
        {"$TIMESCAPE trace good.yaml -o trace.nc --epsilon 0.1 --neurons 9", "trace.nc", TS_OK},
        {AT_WORK("kill -INT $$", "$TIMESCAPE trace good.yaml -o part.nc " LONG_TRACE), "part.nc", TS_INTERRUPTED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char command[512], status[32];
        snprintf(command, sizeof command,
                 "(sleep 0.2; %s; echo $? >status.txt) 2>&1 | true; sleep 0.3; "
                 "until test -s status.txt; do sleep 0.1; done; cat status.txt; rm status.txt",
                 cases[i].what);
        snprintf(status, sizeof status, "%d\n", cases[i].status);
        assert_string_equal(shell(command)->text, status);
        snprintf(command, sizeof command, "$TIMESCAPE plot --terminal %s", cases[i].file);
        assert_int_equal(shell(command)->status, TS_OK);
    }
}

static void the_message_comes_behind_the_file(void **state) {
    (void)state;
    const outcome *found = shell(AT_WORK("kill -INT $$", "$TIMESCAPE trace good.yaml -q -o part.nc " LONG_TRACE));
    assert_int_equal(found->status, TS_INTERRUPTED);
    assert_non_null(strstr(found->text, "are in part.nc"));
}

static void threads_are_what_the_environment_allows(void **state) {
    (void)state;
    static const char *const settings[] = {"OMP_NUM_THREADS=1", "OMP_THREAD_LIMIT=1", "OMP_MAX_ACTIVE_LEVELS=0"};
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        char command[128];
        snprintf(command, sizeof command, "%s $TIMESCAPE run good.yaml -o threads.nc", settings[i]);
        assert_non_null(strstr(shell(command)->text, " with 1 thread, "));
    }
    assert_non_null(
        strstr(shell("OMP_NUM_THREADS=3 $TIMESCAPE run good.yaml -o threads.nc")->text, " with 3 threads, "));
    assert_non_null(strstr(shell("OMP_NUM_THREADS=1 $TIMESCAPE run good.yaml -o threads.nc --threads 2")->text,
                           " with 2 threads, "));
    const outcome *found =
        shell("taskset -c 0 true 2>/dev/null && taskset -c 0 $TIMESCAPE info || echo 'processors  1'");
    assert_non_null(strstr(found->text, "processors  1"));
}

static void a_small_stack_is_refused(void **state) {
    (void)state;
    assert_refused("ulimit -s 64; exec $TIMESCAPE run good.yaml", TS_FAILED,
                   "the limit of the stack is 64 KiB, needed are 1024");
    assert_refused("OMP_STACKSIZE=16k exec $TIMESCAPE run good.yaml --threads 2", TS_FAILED,
                   " KiB, needed are 256: see OMP_STACKSIZE"); /* LLVM's OpenMP gives a little more than asked for */
    assert_int_equal(shell("ulimit -s 1024; exec $TIMESCAPE run good.yaml -q")->status, TS_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        in_folder(signals_that_warn_write_what_is_finished),
        in_folder(signals_at_once_are_one_wish),
        in_folder(a_wish_for_a_checkpoint_does_not_stop),
        in_folder(a_reader_that_goes_away_loses_nothing),
        in_folder(the_message_comes_behind_the_file),
        in_folder(threads_are_what_the_environment_allows),
        in_folder(a_small_stack_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
