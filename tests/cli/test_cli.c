/* The command line as a person meets it: exit status, message, and that nothing is left behind when it refuses. */
#include "cli/program.h"

static void replace_in_good(const char *from, const char *to) {
    char text[2048];
    const char *at = strstr(good, from);
    assert_non_null(at);
    const int length = snprintf(text, sizeof text, "%.*s%s%s", (int)(at - good), good, to, at + strlen(from));
    write_file("bad.yaml", text, (size_t)length);
}

static void bad_configurations_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *from, *to, *message;
    } cases[] = {
        {"seed: 42", "seed: 42\nsede: 1", "unknown key"},
        {"seed: 42\n", "", "seed"},
        {"eta: 4.0e-3", "eta: wide", "bad.yaml:3: network.eta"},
        {"eta: 4.0e-3", "eta: [1, 2]", "network.eta"},
        {"eta: 4.0e-3", "eta: .nan", "network.eta"},
        {"eta: 4.0e-3", "eta: 0", "network.eta"},
        {"eta: 4.0e-3", "eta: 4.0e-3, init: sideways", "network.init"},
        {"h: 1.0e-3", "h: .inf", "sgd.h"},
        {"h: 1.0e-3", "h: -1", "bad.yaml:4: sgd.h"},
        {"h: 1.0e-3", "h: 100", "sgd.h"},
        {"noise: 1", "noise: -1", "sgd.noise"},
        {"steps: 300", "steps: 72057594037927937", "sgd.horizon"},
        {"steps: 300", "slow_time: 1.0e+30", "sgd.horizon"},
        {"steps: 300", "steps: 300, slow_time: 1", "sgd.horizon"},
        {"values: [0.1, 1]", "values: []", "sweep.epsilon"},
        {"values: [0.1, 1]", "values: [1, 0.1]", "sweep.epsilon"},
        {"values: [0.1, 1]", "values: [0.1, 0.1]", "sweep.epsilon"},
        {"values: [0.1, 1]", "values: [0, 1]", "sweep.epsilon"},
        {"values: [0.1, 1]", "log: {from: 0.1, to: 1, count: 1000000000}", "sweep.epsilon"},
        {"values: [4, 9]", "values: [4, 5000]", "sweep.neurons"},
        {"values: [0.1, 1]}, neurons: {values: [4, 9]}",
         "linear: {from: 0.1, to: 1, count: 40000}}, neurons: {linear: {from: 1, to: 3000, count: 3000}}",
         "cells, allowed are at most 65536"},
        {"replicates: 5", "replicates: -5", "sweep.replicates"},
        {"replicates: 5", "replicates: 0", "sweep.replicates"},
        {"at: 0.3", "at: 0.8", "target.jumps[1].at"},
        {"at: 0.3", "at: 0", "target.jumps[0].at"},
        {"at: 0.7", "at: 0.301", "at least eta"},
        {"by: 2", "by: 200", "target.jumps[0].by"},
        {"seed: 42", "seed: 42\n  : : [", "bad.yaml:"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        replace_in_good(cases[i].from, cases[i].to);
        assert_refused("$TIMESCAPE run bad.yaml -o bad.nc", TS_INVALID, cases[i].message);
        assert_refused("$TIMESCAPE check bad.yaml", TS_INVALID, cases[i].message);
    }
}

static void files_that_are_no_configuration_are_refused(void **state) {
    (void)state;
    assert_int_equal(mkdir("folder", 0700), 0);
    write_file("binary.yaml",
               "\x7f"
               "ELF\0\1\2\3",
               8);
    write_file("empty.yaml", "", 0);
    assert_refused("$TIMESCAPE run missing.yaml", TS_INVALID, "missing.yaml");
    assert_refused("$TIMESCAPE run folder", TS_INVALID, "folder");
    assert_refused("$TIMESCAPE run binary.yaml", TS_INVALID, "binary.yaml");
    assert_refused("$TIMESCAPE run empty.yaml", TS_INVALID, "empty.yaml");
}

static void bad_arguments_are_refused(void **state) {
    (void)state;
    assert_int_equal(mkdir("folder", 0700), 0);
    assert_refused("$TIMESCAPE", TS_INVALID, "Usage");
    assert_refused("$TIMESCAPE dance", TS_INVALID, "there is no verb 'dance'");
    assert_refused("$TIMESCAPE run", TS_INVALID, "the configuration file is missing");
    assert_refused("$TIMESCAPE run good.yaml other.yaml", TS_INVALID, "one configuration file at a time");
    assert_refused("$TIMESCAPE run good.yaml --fast", TS_INVALID, "fast");
    assert_refused("$TIMESCAPE run good.yaml --threads 0", TS_INVALID, "--threads: found '0'");
    assert_refused("$TIMESCAPE run good.yaml --threads two", TS_INVALID, "--threads: found 'two'");
    assert_refused("$TIMESCAPE run good.yaml --backend abacus", TS_INVALID, "no backend is named 'abacus'");
    assert_refused("$TIMESCAPE run good.yaml --instructions mmx", TS_INVALID, "instructions: found 'mmx'");
    assert_refused("$TIMESCAPE check good.yaml --instructions mmx", TS_INVALID, "instructions: found 'mmx'");
    assert_refused("$TIMESCAPE run good.yaml --algorithm quick", TS_INVALID, "algorithm: found 'quick'");
    assert_refused("$TIMESCAPE check good.yaml --algorithm quick", TS_INVALID, "algorithm: found 'quick'");
    assert_refused("$TIMESCAPE run good.yaml --backend reference --algorithm dense", TS_INVALID,
                   "--algorithm is for the cpu backend");
    assert_refused("$TIMESCAPE run good.yaml --backend cpu --devices 0", TS_INVALID,
                   "--devices is for the cuda backend");
    assert_refused("$TIMESCAPE run good.yaml --devices 0,", TS_INVALID, "--devices: found '0,'");
    assert_refused("$TIMESCAPE run good.yaml --devices -1", TS_INVALID, "--devices: found '-1'");
    assert_refused("$TIMESCAPE run good.yaml --devices a", TS_INVALID, "--devices: found 'a'");
    assert_refused("$TIMESCAPE run good.yaml --set sgd.hh=1", TS_INVALID, "sgd.hh");
    assert_refused("$TIMESCAPE run good.yaml --set sgd.h", TS_INVALID, "--set");
    assert_refused("$TIMESCAPE run good.yaml --set sgd.h=-1", TS_INVALID, "--set");
    assert_refused("$TIMESCAPE run good.yaml -o nowhere/x.nc", TS_INVALID, "nowhere");
    assert_refused("$TIMESCAPE run good.yaml -o /proc/x.nc", TS_INVALID, "/proc");
    assert_refused("$TIMESCAPE run good.yaml -o folder", TS_INVALID, "folder");
    assert_refused("$TIMESCAPE run good.yaml -o good.yaml", TS_INVALID, "good.yaml");
    assert_refused("$TIMESCAPE run good.yaml -o ./good.yaml", TS_INVALID, "good.yaml");
    write_file("other.yaml", good, strlen(good));
    assert_refused("$TIMESCAPE run good.yaml -o other.yaml", TS_INVALID, "it exists and is no result file");
    char long_name[400];
    snprintf(long_name, sizeof long_name, "$TIMESCAPE run good.yaml -o %0300d.nc", 1);
    assert_refused(long_name, TS_INVALID, "File name too long");
    assert_refused("$TIMESCAPE plot missing.nc", TS_INVALID, "missing.nc");
    assert_refused("$TIMESCAPE plot good.yaml", TS_INVALID, "good.yaml");
}

static void run_writes_a_file_and_a_table(void **state) {
    (void)state;
    const outcome *found = shell("$TIMESCAPE run good.yaml 2>error.txt");
    assert_int_equal(found->status, TS_OK);
    assert_non_null(strstr(found->text, "training steps/s"));
    assert_non_null(strstr(found->text, " on cpu ("));
    assert_non_null(strstr(found->text, "busy "));
    assert_non_null(strstr(found->text, "good.nc"));
    assert_int_equal(access("good.nc", R_OK), 0);
    assert_int_equal(shell("test ! -s error.txt || ! grep -v 'running on the CPU' error.txt")->status, 0);
    assert_string_equal(shell("$TIMESCAPE run good.yaml -q -o quiet.nc")->text, "");
    assert_int_equal(shell("$TIMESCAPE run good.yaml -o other.nc --backend reference --set sweep.replicates=2")->status,
                     0);
    assert_non_null(strstr(shell("$TIMESCAPE plot --terminal good.nc")->text, "0.1"));
    assert_int_equal(shell("$TIMESCAPE plot good.nc && head -c 4 good.png | grep -q PNG")->status, 0);
    assert_int_equal(shell("$TIMESCAPE plot good.nc --kind loss --neurons 9 -o loss.svg")->status, 0);
    assert_refused("$TIMESCAPE plot good.nc --kind loss --neurons 5", TS_INVALID, "5");
    assert_non_null(strstr(shell("$TIMESCAPE run good.yaml -o wild.nc --set sgd.h=10 --set sgd.noise=30")->text,
                           "20 of 20 trainings diverged"));
    assert_refused("$TIMESCAPE plot good.nc --kind sculpture", TS_INVALID, "sculpture");
    assert_refused("$TIMESCAPE plot good.nc --terminal --at epsilon=0.1", TS_INVALID,
                   "--at: found epsilon, which is an axis of the picture");
    assert_refused("$TIMESCAPE plot good.nc --kind success --y neurons --neurons 9", TS_INVALID,
                   "--at: found neurons, which is an axis of the picture");
    assert_int_equal(shell("$TIMESCAPE plot good.nc --kind slice --criterion positions -o slice.svg")->status, TS_OK);
    assert_int_equal(shell("$TIMESCAPE plot good.nc --kind outcomes --terminal --neurons 4")->status, TS_OK);
    assert_int_equal(shell("$TIMESCAPE plot good.nc --unexplained-variance 0.5 --terminal")->status, TS_OK);
    assert_refused("$TIMESCAPE plot good.nc --unexplained-variance 0", TS_INVALID,
                   "allowed are numbers above 0 and up");
    assert_refused("$TIMESCAPE plot good.nc --observation 0", TS_INVALID, "found 0, the result has 0, counted from 0");
    assert_refused("$TIMESCAPE plot good.nc --observation -1", TS_INVALID, "--observation: found '-1'");
    assert_refused("$TIMESCAPE plot good.nc --kind animation", TS_INVALID, "was not looked at on the way");
    assert_refused("$TIMESCAPE plot good.nc --criterion hope", TS_INVALID, "allowed are loss and positions");
    assert_refused("$TIMESCAPE plot good.nc --x h", TS_INVALID,
                   "--x: the result has no axis h, it has epsilon, neurons");
    assert_refused("$TIMESCAPE plot good.nc --x neurons --y neurons", TS_INVALID, "found neurons twice");
    assert_refused("$TIMESCAPE plot good.nc --x width", TS_INVALID,
                   "--x: found 'width', allowed are epsilon, neurons, h, noise, eta");
    assert_refused("$TIMESCAPE plot good.nc --at 0.1", TS_INVALID, "--at: found '0.1', needed is AXIS=VALUE");
    assert_refused("$TIMESCAPE plot good.nc --at epsilon=-1", TS_INVALID, "allowed are numbers above 0");
    assert_int_equal(shell("$TIMESCAPE plot good.nc --terminal --neurons 9")->status, TS_OK);
    assert_refused("$TIMESCAPE plot good.nc -o picture.bmp", TS_INVALID, "bmp");
    assert_refused("$TIMESCAPE plot good.nc --kind agreement", TS_INVALID, "theory: true");
    found = shell("$TIMESCAPE run good.yaml -o limit.nc --set theory=true");
    assert_non_null(strstr(found->text, "the two-timescale limit from the same starts"));
    assert_int_equal(shell("$TIMESCAPE plot limit.nc --kind agreement -o agreement.svg")->status, TS_OK);
    found = shell("$TIMESCAPE run good.yaml -o controlled.nc --set theory.starts=50");
    assert_non_null(strstr(found->text, "the two-timescale limit from 50 starts"));
    assert_non_null(strstr(found->text, "rates with the limit as control variate"));
}

static void observations_go_from_the_command_line_into_the_file(void **state) {
    (void)state;
    const outcome *found = shell("$TIMESCAPE check good.yaml --set 'observe={slow_time: {values: [0.01, 0.03]}}'");
    assert_int_equal(found->status, TS_OK);
    assert_non_null(strstr(found->text, "observed    2 times from slow time 0.01 to 0.03\n"));
    assert_refused(
        "$TIMESCAPE run good.yaml --set 'observe={slow_time: {values: [0.01, 0.05]}}'", TS_INVALID,
        "observe.slow_time: found 0.05, which is step 500 at epsilon = 0.1 and h = 0.001, where trainings end at 300");
    assert_int_equal(shell("$TIMESCAPE run good.yaml --quiet --set 'observe={fast_time: {values: [0.1]}}' -o x.nc && "
                           "$TIMESCAPE trace good.yaml --quiet --set 'observe={fast_time: {values: [0.1]}}' "
                           "--epsilon 1 --neurons 4 --replicates 0..1 --times 3 -o t.nc && "
                           "grep -q observed_success_count x.nc && ! grep -q observed_success_count t.nc")
                         ->status,
                     0);
}

static void check_and_info_explain(void **state) {
    (void)state;
    const outcome *found = shell("$TIMESCAPE check good.yaml --set sweep.replicates=7");
    assert_int_equal(found->status, TS_OK);
    assert_non_null(strstr(found->text, "28 (7 in each of 4 cells)"));
    assert_non_null(strstr(found->text, "time"));
    assert_null(strstr(found->text, "limits"));
    found = shell("$TIMESCAPE check good.yaml --set theory=true --set sweep.replicates=7");
    assert_non_null(strstr(found->text, "limits      14 starts"));
    found = shell("$TIMESCAPE check good.yaml --set theory.starts=100 --set sweep.replicates=7");
    assert_non_null(strstr(found->text, "limits      200 starts"));
    found = shell("$TIMESCAPE check good.yaml --set theory.starts=10 --set sweep.replicates=7 --set "
                  "sweep.randomness=independent");
    assert_non_null(strstr(found->text, "limits      28 starts"));
    found = shell("$TIMESCAPE info");
    assert_int_equal(found->status, TS_OK);
    assert_non_null(strstr(found->text, ts_version()));
    assert_non_null(strstr(found->text, "portable"));
    assert_non_null(strstr(found->text, "arithmetic  version 2\n"));
    found = shell("$TIMESCAPE check good.yaml --instructions portable --threads 1");
    assert_non_null(strstr(found->text, "(cpu, portable, 1 thread, measured just now)"));
    assert_non_null(strstr(shell("$TIMESCAPE run --help")->text, "--backend"));
    assert_non_null(strstr(shell("$TIMESCAPE --version")->text, ts_version()));
}

/* A limit on the size of files stands for a full disk. `ulimit -f` counts blocks of 512 bytes (dash) or 1024 (bash).
 * LLVM's OpenMP wants a file of 1 KiB for itself when a program starts, so the limits begin above that. */
static void a_full_disk_leaves_no_partial_file(void **state) {
    (void)state;
    for (int blocks = 4; blocks <= 16; blocks *= 2) {
        char command[128];
        snprintf(command, sizeof command, "ulimit -f %d; exec $TIMESCAPE run good.yaml -q -o full.nc", blocks);
        assert_refused(command, TS_FAILED, "full.nc");
    }
    assert_int_equal(shell("$TIMESCAPE run good.yaml -q -o good.nc")->status, TS_OK);
    assert_refused("ulimit -f 8; exec $TIMESCAPE plot good.nc -o full.png", TS_FAILED, "full.png");
}

static void interruption_writes_what_is_finished(void **state) {
    (void)state;
    const outcome *found = shell(AT_WORK("kill -INT $$", "$TIMESCAPE run good.yaml -o none.nc --set "
                                                         "sgd.horizon.steps=72057594037927936"));
    assert_int_equal(found->status, TS_INTERRUPTED);
    assert_non_null(strstr(found->text, "nothing was written"));
    assert_int_equal(access("none.nc", F_OK), -1);
    found = shell(AT_WORK("kill -INT $$", "$TIMESCAPE run good.yaml -o part.nc --threads 1 "
                                          "--set sgd.horizon.steps=20000 --set sweep.replicates=1000000"));
    assert_int_equal(found->status, TS_INTERRUPTED);
    assert_non_null(strstr(found->text, "that were finished are in part.nc"));
    assert_int_equal(shell("$TIMESCAPE plot --terminal part.nc")->status, TS_OK);
    /* an older result stays, and a hang-up is an interrupt, too */
    assert_int_equal(shell("$TIMESCAPE run good.yaml -q -o whole.nc && cp whole.nc copy.nc")->status, TS_OK);
    found = shell(AT_WORK("kill -HUP $$", "$TIMESCAPE run good.yaml -o whole.nc --threads 1 "
                                          "--set sgd.horizon.steps=20000 --set sweep.replicates=1000000"));
    assert_int_equal(found->status, TS_INTERRUPTED);
    assert_non_null(strstr(found->text, "are in whole.partial.nc"));
    assert_int_equal(shell("cmp whole.nc copy.nc")->status, 0);
}

/* Stopping is quick however many trainings are left. */
static void interruption_leaves_the_rest_alone(void **state) {
    (void)state;
    const outcome *found = shell(AT_WORK("kill -TERM $$; for i in $(seq 400); do sleep 0.05; kill -0 $$ || exit; "
                                         "done; kill -KILL $$",
                                         "$TIMESCAPE run good.yaml -q -o many.nc "
                                         "--set sgd.horizon.steps=100000 --set sweep.replicates=4294967295"));
    assert_int_equal(found->status, TS_INTERRUPTED);
}

/* gnuplot does not need a place for temporary files, hangs where it will, and leaves nothing when it is interrupted. */
static void plot_depends_on_little(void **state) {
    (void)state;
    static const char idle[] = "#!/bin/sh\nexec sleep 100\n";
    assert_int_equal(shell("$TIMESCAPE run good.yaml -q")->status, TS_OK);
    assert_string_equal(shell("TMPDIR=/nowhere $TIMESCAPE plot good.nc")->text, "good.png\n");
    assert_string_equal(shell("(trap '' CHLD; exec $TIMESCAPE plot good.nc)")->text, "good.png\n");
    assert_string_equal(shell("exec <&- 2>&-; $TIMESCAPE plot good.nc")->text, "good.png\n");
    write_file("gnuplot", idle, strlen(idle));
    assert_int_equal(chmod("gnuplot", 0700), 0);
    static const char *const signals[] = {"INT", "TERM", "KILL"};
    for (size_t k = 0; k < 3; k++) {
        char command[160];
        snprintf(command, sizeof command,
                 "ulimit -c 0; PATH=$PWD:$PATH timeout --preserve-status -s %s 0.5 $TIMESCAPE plot good.nc -o x.png",
                 signals[k]);
        const int before = entries();
        assert_true(shell(command)->status > 128);
        assert_int_equal(entries(), before);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        in_folder(plot_depends_on_little),
        in_folder(bad_configurations_are_refused),
        in_folder(files_that_are_no_configuration_are_refused),
        in_folder(bad_arguments_are_refused),
        in_folder(run_writes_a_file_and_a_table),
        in_folder(observations_go_from_the_command_line_into_the_file),
        in_folder(check_and_info_explain),
        in_folder(a_full_disk_leaves_no_partial_file),
        in_folder(interruption_writes_what_is_finished),
        in_folder(interruption_leaves_the_rest_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
