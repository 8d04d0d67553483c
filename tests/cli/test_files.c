/* Files that are there already, appear meanwhile or are wanted twice, as a person meets them. */
#include "cli/program.h"

#define LONG "--threads 1 --set sgd.horizon.steps=20000 --set sweep.replicates=1000000 "

/* A result of the folder `theirs.nc`, made by another program. */
static void make_foreign_file(void) {
    static const char signature[] = "\x89HDF\r\n\x1a\n and so on";
    write_file("theirs.nc", signature, sizeof signature);
}

static void foreign_files_stay(void **state) {
    (void)state;
    make_foreign_file();
    assert_refused("$TIMESCAPE run good.yaml -o theirs.nc", TS_INVALID,
                   "cannot write theirs.nc: it exists and is no result file");
    assert_refused("$TIMESCAPE trace good.yaml --epsilon 1 --neurons 4 -o theirs.nc", TS_INVALID,
                   "cannot write theirs.nc: it exists and is no result file");
    assert_int_equal(shell("$TIMESCAPE run good.yaml -q && chmod 444 good.nc")->status, TS_OK);
    assert_refused("$TIMESCAPE run good.yaml", TS_INVALID, "cannot write good.nc: it is write-protected");
    assert_int_equal(shell("chmod 600 good.nc && $TIMESCAPE run good.yaml -q")->status, TS_OK);
    assert_string_equal(shell("stat -c %a good.nc")->text, "600\n");
}

static void pictures_replace_pictures_only(void **state) {
    (void)state;
    assert_int_equal(shell("$TIMESCAPE run good.yaml -q && echo words > words.png && : > empty.svg")->status, TS_OK);
    assert_refused("$TIMESCAPE plot good.nc -o words.png", TS_INVALID,
                   "cannot write words.png: it exists and is no picture");
    assert_refused("$TIMESCAPE plot good.nc -o nowhere/a.png", TS_INVALID, "its folder");
    assert_int_equal(shell("$TIMESCAPE plot good.nc -o empty.svg && chmod 600 empty.svg && $TIMESCAPE plot good.nc -o "
                           "empty.svg")
                         ->status,
                     TS_OK);
    assert_string_equal(shell("stat -c %a empty.svg")->text, "600\n");
    assert_int_equal(shell("for e in png pdf; do $TIMESCAPE plot good.nc -o a.$e && $TIMESCAPE plot good.nc -o a.$e || "
                           "exit 1; done")
                         ->status,
                     TS_OK);
    assert_int_equal(shell("chmod 444 a.png")->status, 0);
    assert_refused("$TIMESCAPE plot good.nc -o a.png", TS_INVALID, "cannot write a.png: it is write-protected");
}

/* What came while the run was at work stays, and so does the work. */
static void a_file_that_appears_is_not_overwritten(void **state) {
    (void)state;
    const outcome *found =
        shell(AT_WORK("echo theirs > new.nc; kill -TERM $$", "$TIMESCAPE run good.yaml -q -o new.nc " LONG));
    assert_int_equal(found->status, TS_INTERRUPTED);
    assert_non_null(strstr(found->text, "are in new.partial.nc"));
    assert_string_equal(shell("cat new.nc")->text, "theirs\n");
    /* The first of these has more, and stays. */
    found = shell(AT_WORK("kill -TERM $$",
                          "$TIMESCAPE run good.yaml -q -o new.partial.nc " LONG "--set sgd.horizon.steps=200000"));
    assert_true(found->status == TS_INTERRUPTED || found->status == TS_OK);
    assert_null(strstr(found->text, "are in new.partial.nc\n"));
}

static void two_runs_do_not_write_one_file(void **state) {
    (void)state;
    const outcome *found = shell(AT_WORK("$TIMESCAPE run good.yaml -q -o ./one.nc 2>&1; echo $?; "
                                         "$TIMESCAPE run good.yaml -q -o two.nc 2>&1; echo $?; kill -KILL $$",
                                         "$TIMESCAPE run good.yaml -q -o one.nc " LONG));
    assert_non_null(strstr(found->text, "cannot write ./one.nc: another run of timescape does so now (process "));
    assert_non_null(strstr(found->text, "\n2\n0\n"));
    /* The first one was killed, and nothing is stuck. */
    assert_int_equal(shell("$TIMESCAPE run good.yaml -q -o one.nc")->status, TS_OK);
    assert_string_equal(shell("ls -A")->text, "good.yaml\none.nc\ntwo.nc\n");
}

/* As those that a script makes, with tens of thousands of bytes in one attribute; and Python may add to the file. */
static void configurations_and_command_lines_may_be_long(void **state) {
    (void)state;
    static const char script[] = "import netCDF4\n"
                                 "f = netCDF4.Dataset('long.nc', 'a')\n"
                                 "assert len(f.configuration) > 70000 and len(f.history) > 70000\n"
                                 "f.note = 'x' * 100000\n"
                                 "f.close()\n"
                                 "print('added')\n";
    write_file("add.py", script, strlen(script));
    FILE *file = fopen("command.sh", "w");
    assert_non_null(file);
    fputs("$TIMESCAPE run good.yaml -q -o long.nc --set 'sweep.neurons={values: [4]}' --set sweep.replicates=1 "
          "--set sgd.horizon.steps=1 --set 'sweep.epsilon={values: [1",
          file);
    for (int i = 1; i < 5000; i++)
        fprintf(file, ", 1.%05d00000001", i);
    fputs("]}'\n", file);
    assert_int_equal(fclose(file), 0);
    assert_string_equal(shell(". ./command.sh")->text, "");
    assert_int_equal(shell("$TIMESCAPE plot long.nc --terminal")->status, TS_OK);
    assert_string_equal(shell("$PYTHON add.py")->text, "added\n");
    assert_int_equal(shell("$TIMESCAPE plot long.nc --terminal")->status, TS_OK);
}

static void names_mean_nothing_but_themselves(void **state) {
    (void)state;
    const outcome *found =
        shell("for name in 'a\\b.nc' 'c:d.nc' 'http:x.nc' '-x.nc' ' .nc' '[mode=x].nc' 'a#b%20.nc'; do "
              "$TIMESCAPE run good.yaml -q \"-o$name\" && test -f \"./$name\" && "
              "$TIMESCAPE plot --terminal -- \"$name\" >/dev/null && "
              "$TIMESCAPE plot -o \"./$name.svg\" -- \"$name\" >/dev/null || echo \"$name\"; done");
    assert_string_equal(found->text, "");
}

#ifndef __SANITIZE_ADDRESS__
/* Limits of the process stand for a small machine. Nothing is computed before it is clear that there is room. */
static void memory_is_asked_for_before_the_work(void **state) {
    (void)state;
    assert_refused("ulimit -v 1500000; $TIMESCAPE run good.yaml -q --set sgd.horizon.steps=1000000000 --set "
                   "sweep.replicates=5000000 --set 'output={keep_trainings: true}'",
                   TS_FAILED, "GiB of memory, ");
    assert_refused("ulimit -v 1500000; $TIMESCAPE trace good.yaml -q --epsilon 1 --neurons 9 --times 100001 --set "
                   "sgd.horizon.steps=1000000000 --set sweep.replicates=100 --replicates 0..99",
                   TS_FAILED, "GiB of memory, ");
}
#endif

int main(void) {
    const struct CMUnitTest tests[] = {
        in_folder(foreign_files_stay),
        in_folder(pictures_replace_pictures_only),
        in_folder(a_file_that_appears_is_not_overwritten),
        in_folder(two_runs_do_not_write_one_file),
        in_folder(configurations_and_command_lines_may_be_long),
        in_folder(names_mean_nothing_but_themselves),
#ifndef __SANITIZE_ADDRESS__ /* which maps terabytes */
        in_folder(memory_is_asked_for_before_the_work),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
