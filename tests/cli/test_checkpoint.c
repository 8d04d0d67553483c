/* The checkpoint of a run as a person meets it: the same command goes on, what does not fit is refused, and what cannot
 * be written does not end the work. That the data are the same to the last bit is tests/campaign/crash.py's. */
#include "cli/program.h"

/* Some seconds of one thread, and trainings that never end. */
#define SECONDS "--threads 1 --set sgd.horizon.steps=100000 --set sweep.replicates=400 --checkpoint-every 0.1"
#define ENDLESS "--threads 1 --set sgd.horizon.steps=1000000000000 --set sweep.replicates=1 --checkpoint-every 0.1"
#define UNTIL_KEPT "until test -s a.nc.checkpoint || ! kill -0 $$; do sleep 0.05; done; "

static void assert_says(const outcome *found, int status, const char *words) {
    if (found->status != status || !strstr(found->text, words))
        fail_msg("status %d, '%s'; expected %d, '%s'", found->status, found->text, status, words);
}

static void a_killed_run_goes_on(void **state) {
    (void)state;
    shell(AT_WORK(UNTIL_KEPT "kill -KILL $$", "$TIMESCAPE run good.yaml -q -o a.nc " SECONDS) "; true");
    assert_int_equal(access("a.nc", F_OK), -1);
    const outcome *found = shell("$TIMESCAPE run good.yaml -o a.nc " SECONDS);
    assert_says(found, TS_OK, "going on from a.nc.checkpoint: ");
    assert_non_null(strstr(found->text, "of 1600 trainings are there, "));
    assert_non_null(strstr(found->text, "% of the work is left\n"));
    assert_int_equal(entries(), 2); /* the configuration and the result */
    found = shell("$TIMESCAPE run good.yaml -o a.nc " SECONDS);
    assert_int_equal(found->status, TS_OK);
    assert_null(strstr(found->text, "going on"));
}

static void a_run_of_seconds_leaves_nothing_else(void **state) {
    (void)state;
    assert_int_equal(shell("$TIMESCAPE run good.yaml -q -o a.nc")->status, TS_OK);
    assert_int_equal(entries(), 2);
}

static void what_has_begun_is_kept_when_nothing_has_finished(void **state) {
    (void)state;
    const outcome *found = shell(AT_WORK("kill -TERM $$", "$TIMESCAPE run good.yaml -q -o a.nc " ENDLESS));
    assert_says(found, TS_INTERRUPTED, "nothing was written; the same command goes on from here");
    assert_int_equal(entries(), 2); /* the configuration and the checkpoint */
    found = shell(AT_WORK("kill -TERM $$", "$TIMESCAPE run good.yaml -o a.nc " ENDLESS));
    assert_says(found, TS_INTERRUPTED, "going on from a.nc.checkpoint: 0 of 4 trainings are there, ");
}

static void what_does_not_fit_is_refused_and_stays(void **state) {
    (void)state;
    shell(AT_WORK("kill -TERM $$", "$TIMESCAPE run good.yaml -q -o a.nc " ENDLESS));
    assert_int_equal(shell("cp a.nc.checkpoint before && cp a.nc.checkpoint b.nc.checkpoint")->status, 0);
    assert_refused(
        "$TIMESCAPE run good.yaml -o a.nc " ENDLESS " --set seed=43", TS_INVALID,
        "cannot go on from a.nc.checkpoint: it is of another configuration (seed: 42 there, 43 here); --fresh");
    assert_refused("$TIMESCAPE run good.yaml -o a.nc " ENDLESS " --backend reference", TS_INVALID,
                   "computed in fixed point, and this run computes in float64; --fresh");
    assert_refused("$TIMESCAPE run good.yaml -o a.nc " ENDLESS " --shard 1/2", TS_INVALID,
                   "it is of the whole sweep, and this run of part 1 of 2; --fresh");
    assert_refused("truncate -s 6000 b.nc.checkpoint; $TIMESCAPE run good.yaml -o b.nc " ENDLESS, TS_INVALID,
                   "cannot go on from b.nc.checkpoint: it is damaged (");
    assert_refused(
        "echo words >b.nc.checkpoint; $TIMESCAPE run good.yaml -o b.nc " ENDLESS, TS_INVALID,
        "cannot go on from b.nc.checkpoint: it is no checkpoint of timescape; --fresh begins anew without it");
    assert_refused("chmod 444 a.nc.checkpoint; $TIMESCAPE run good.yaml -o a.nc " ENDLESS, TS_INVALID,
                   "cannot go on from a.nc.checkpoint: it is write-protected");
    assert_refused("$TIMESCAPE run good.yaml -o a.nc --fresh", TS_INVALID,
                   "cannot remove a.nc.checkpoint: it is write-protected");
    assert_int_equal(shell("cmp before a.nc.checkpoint && chmod 644 a.nc.checkpoint")->status, 0);
    const outcome *found = shell("$TIMESCAPE run good.yaml -o a.nc --fresh");
    assert_int_equal(found->status, TS_OK);
    assert_null(strstr(found->text, "going on"));
    assert_int_equal(access("a.nc.checkpoint", F_OK), -1);
}

static void of_two_at_once_one_goes_on(void **state) {
    (void)state;
    shell(AT_WORK("kill -TERM $$", "$TIMESCAPE run good.yaml -q -o a.nc " ENDLESS));
    const outcome *found =
        shell(AT_WORK("($TIMESCAPE run good.yaml -q -o a.nc " ENDLESS "; echo $?) >second.txt 2>&1; kill -TERM $$",
                      "$TIMESCAPE run good.yaml -o a.nc " ENDLESS) "; echo status $?; cat second.txt");
    assert_non_null(strstr(found->text, "going on from a.nc.checkpoint: "));
    assert_non_null(strstr(found->text, "status 130\n"));
    assert_non_null(strstr(found->text, "cannot write a.nc: another run of timescape does so now (process "));
    assert_non_null(strstr(found->text, ")\n2\n"));
}

/* The folder is another one when the result is to be written. */
static void a_result_that_cannot_be_written_is_not_lost(void **state) {
    (void)state;
    assert_int_equal(mkdir("d", 0777), 0);
    const outcome *found = shell(AT_WORK("until test -s d/a.nc.checkpoint || ! kill -0 $$; do sleep 0.05; done; mv d e",
                                         "$TIMESCAPE run good.yaml -q -o d/a.nc " SECONDS));
    assert_says(found, TS_FAILED, "timescape: cannot write d/a.nc: its folder: No such file or directory\n");
    assert_non_null(strstr(found->text, "timescape: all trainings are in d/a.nc.checkpoint; the same command only "
                                        "writes the result\n"));
    assert_int_equal(rename("e", "d"), 0);
    found = shell("$TIMESCAPE run good.yaml -o d/a.nc " SECONDS);
    assert_says(found, TS_OK, "1600 of 1600 trainings are there; the result is yet to be written\n");
    assert_null(strstr(found->text, "nan"));
    assert_int_equal(shell("ls -A d | wc -l | grep -qx 1")->status, 0);
}

/* A file that may not grow stands for a disk that is full. */
static void a_full_disk_does_not_end_the_work(void **state) {
    (void)state;
    const outcome *found =
        shell(AT_WORK(UNTIL_KEPT "prlimit --pid $$ --fsize=3000", "$TIMESCAPE run good.yaml -q -o a.nc " SECONDS));
    assert_says(found, TS_FAILED, "cannot write a.nc.checkpoint: File too large; the run goes on, and tries again\n");
    assert_null(strstr(strstr(found->text, "tries again") + 1, "tries again"));
    assert_non_null(strstr(found->text, "timescape: cannot write a.nc: File too large\n"));
    found = shell("$TIMESCAPE run good.yaml -o a.nc " SECONDS);
    assert_says(found, TS_OK, "going on from a.nc.checkpoint: ");
    assert_int_equal(entries(), 2);
}

static void options_that_are_none_are_refused(void **state) {
    (void)state;
    static const char *const shards[] = {"0/3",
                                         "4/3",
                                         "1/",
                                         "/3",
                                         "1",
                                         "1/3x",
                                         "x1/3",
                                         "-1/3",
                                         "1/-3",
                                         "1/65537",
                                         "+1/3",
                                         "1 /3",
                                         "99999999999999999999/3"};
    static const char *const seconds[] = {"0", "0.05", "86401", "x", "1s", "nan", ""};
    char command[160];
    for (size_t i = 0; i < sizeof shards / sizeof *shards; i++) {
        snprintf(command, sizeof command, "$TIMESCAPE run good.yaml --shard '%s'", shards[i]);
        assert_refused(command, TS_INVALID, "allowed is I/N with whole numbers, 1 <= I <= N <= 65536");
    }
    for (size_t i = 0; i < sizeof seconds / sizeof *seconds; i++) {
        snprintf(command, sizeof command, "$TIMESCAPE run good.yaml --checkpoint-every '%s'", seconds[i]);
        assert_refused(command, TS_INVALID, "allowed are seconds from 0.1 to 86400");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        in_folder(a_killed_run_goes_on),
        in_folder(a_run_of_seconds_leaves_nothing_else),
        in_folder(what_has_begun_is_kept_when_nothing_has_finished),
        in_folder(what_does_not_fit_is_refused_and_stays),
        in_folder(of_two_at_once_one_goes_on),
        in_folder(a_result_that_cannot_be_written_is_not_lost),
        in_folder(a_full_disk_does_not_end_the_work),
        in_folder(options_that_are_none_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
