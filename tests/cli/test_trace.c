/* timescape trace, and timescape plot of what it leaves, as a person meets them. */
#include "cli/program.h"

/* One cell, so that nothing has to be chosen. */
#define ONE "--set 'sweep.epsilon={values: [0.1]}' --set 'sweep.neurons={values: [9]}' "

static void bad_arguments_are_refused(void **state) {
    (void)state;
    assert_refused("$TIMESCAPE trace", TS_INVALID, "the configuration file is missing");
    assert_refused("$TIMESCAPE trace good.yaml other.yaml", TS_INVALID, "one configuration file at a time");
    assert_refused("$TIMESCAPE trace missing.yaml", TS_INVALID, "missing.yaml");
    assert_refused("$TIMESCAPE trace good.yaml --fast", TS_INVALID, "fast");
    assert_refused("$TIMESCAPE trace good.yaml --set sgd.h=-1", TS_INVALID, "--set sgd.h=-1");
    assert_refused("$TIMESCAPE trace good.yaml --times 1", TS_INVALID, "--times: found '1'");
    assert_refused("$TIMESCAPE trace good.yaml --times many", TS_INVALID, "--times: found 'many'");
    assert_refused("$TIMESCAPE trace good.yaml --times 100002", TS_INVALID, "--times: found '100002'");
    assert_refused("$TIMESCAPE trace good.yaml " ONE "--times 302", TS_INVALID,
                   "times: found 302, allowed are whole numbers from 2 to 301 for trainings of 300 steps");
    static const char *const lists[] = {"",    ",",   "1,",    ",1",  "-1",      "a",          "3..1",
                                        "1..", "..2", "1...3", "1.5", "0..5000", "4294967295", "99999999999999999999",
                                        "1 2"};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        char command[128], message[64];
        snprintf(command, sizeof command, "$TIMESCAPE trace good.yaml --replicates '%s'", lists[i]);
        snprintf(message, sizeof message, "--replicates: found '%s'", lists[i]);
        assert_refused(command, TS_INVALID, message);
    }
    assert_refused("$TIMESCAPE trace good.yaml " ONE "--replicates 0..3,5", TS_INVALID,
                   "--replicates: found 5, the configuration has 5 replicates, counted from 0");
    assert_refused("$TIMESCAPE trace good.yaml " ONE "--replicates 1,0..2", TS_INVALID, "found 1 twice");
    assert_refused("$TIMESCAPE trace good.yaml " ONE "-o good.yaml", TS_INVALID, "it is the configuration file");
    assert_refused("$TIMESCAPE trace good.yaml " ONE "-o nowhere/x.nc", TS_INVALID, "nowhere");
    assert_refused("$TIMESCAPE trace good.yaml " ONE "--backend abacus", TS_INVALID, "no backend is named 'abacus'");
    assert_refused("$TIMESCAPE trace good.yaml " ONE "--backend cpu --devices 0", TS_INVALID,
                   "--devices is for the cuda backend");
    assert_refused("$TIMESCAPE trace good.yaml " ONE "--backend reference --algorithm dense", TS_INVALID,
                   "--algorithm is for the cpu backend");
    assert_refused("$TIMESCAPE trace good.yaml " ONE "--backend cpu --instructions mmx", TS_INVALID,
                   "instructions: found 'mmx'");
}

static void one_cell_must_be_chosen(void **state) {
    (void)state;
    assert_refused("$TIMESCAPE trace good.yaml", TS_INVALID,
                   "the configuration has 2 values of epsilon from 0.1 to 1: choose one with --at epsilon=0.1");
    assert_refused("$TIMESCAPE trace good.yaml --epsilon 1", TS_INVALID,
                   "the configuration has 2 values of neurons from 4 to 9: choose one with --at neurons=4");
    assert_refused("$TIMESCAPE trace good.yaml --neurons 9 --epsilon 0.5", TS_INVALID,
                   "epsilon: found 0.5, the configuration has 2 values, the nearest is 0.1");
    assert_refused("$TIMESCAPE trace good.yaml --neurons 5 --epsilon 1", TS_INVALID,
                   "neurons: found 5, the configuration has 2 values, the nearest is 4");
    assert_refused("$TIMESCAPE trace good.yaml " ONE "--epsilon 0.2", TS_INVALID, "has 1 value, the nearest is 0.1");
    assert_refused("$TIMESCAPE trace good.yaml --epsilon 0", TS_INVALID, "--epsilon: found '0'");
    assert_refused("$TIMESCAPE trace good.yaml --epsilon 1e-310", TS_INVALID, "--epsilon: found '1e-310'");
    assert_refused("$TIMESCAPE trace good.yaml --epsilon nan", TS_INVALID, "--epsilon: found 'nan'");
    assert_refused("$TIMESCAPE trace good.yaml --epsilon 1x", TS_INVALID, "--epsilon: found '1x'");
    assert_refused("$TIMESCAPE trace good.yaml --neurons 0", TS_INVALID, "--neurons: found '0'");
    assert_int_equal(shell("$TIMESCAPE trace good.yaml --epsilon 0.1001 --neurons 9")->status, TS_OK);
    assert_int_equal(access("good.trace.nc", R_OK), 0);
}

static void trace_writes_a_file_and_a_table(void **state) {
    (void)state;
    const outcome *found = shell("$TIMESCAPE trace good.yaml " ONE "2>error.txt");
    assert_int_equal(found->status, TS_OK);
    assert_non_null(strstr(found->text, "replicate   outcome      loss     limit"));
    assert_non_null(strstr(found->text, "        3   failure"));
    assert_null(strstr(found->text, "        4   failure")); /* four by default */
    assert_non_null(strstr(found->text, "training steps/s"));
    assert_non_null(strstr(found->text, "\ngood.trace.nc\n"));
    assert_int_equal(shell("test ! -s error.txt || ! grep -v 'running on the CPU' error.txt")->status, 0);
    assert_string_equal(shell("$TIMESCAPE trace good.yaml " ONE "-q -o quiet.nc --replicates 4,0..1 --times 2")->text,
                        "");
    found = shell("$TIMESCAPE plot --terminal quiet.nc");
    assert_non_null(strstr(found->text, "        4   failure"));
    assert_null(strstr(found->text, "        2   failure"));
    found = shell("$TIMESCAPE trace good.yaml " ONE "-o few.nc --set sweep.replicates=2 --set sgd.horizon.steps=3");
    assert_int_equal(found->status, TS_OK); /* as many trainings and times as there are */
    assert_non_null(strstr(found->text, "step 3"));
    found = shell("$TIMESCAPE trace good.yaml " ONE "-o flow.nc --set dynamics=gradient_flow");
    assert_int_equal(found->status, TS_OK);
    assert_non_null(strstr(found->text, "population gradient descent"));
    assert_non_null(strstr(found->text, "on reference"));
    assert_refused("$TIMESCAPE trace good.yaml " ONE "--set dynamics=gradient_flow --backend cpu", TS_INVALID,
                   "the backend cpu has no dynamics gradient_flow");
    assert_refused("$TIMESCAPE run good.yaml --set dynamics=gradient_flow --backend cuda", TS_INVALID,
                   "the backend cuda has no dynamics gradient_flow");
}

static void times_and_functions_are_chosen(void **state) {
    (void)state;
    assert_refused("$TIMESCAPE trace good.yaml " ONE "--times log:x", TS_INVALID,
                   "--times: found 'log:x', allowed are whole numbers from 2 to 100001, or log:N with one of them");
    assert_refused("$TIMESCAPE trace good.yaml " ONE "--times 1", TS_INVALID, "--times: found '1'");
    assert_refused("$TIMESCAPE trace good.yaml " ONE "--times 5k", TS_INVALID, "--times: found '5k'");
    assert_int_equal(shell("$TIMESCAPE trace good.yaml " ONE "-q -o log.nc --times log:9 --no-functions")->status,
                     TS_OK);
    assert_int_equal(access("log.nc", R_OK), 0);
    assert_int_equal(shell("$TIMESCAPE plot log.nc -o log.svg")->status, TS_OK); /* the first kind without functions */
    assert_int_equal(shell("grep -q 'success below' log.svg")->status, TS_OK);
    assert_int_equal(shell("$TIMESCAPE plot log.nc --kind positions -o positions.svg")->status, TS_OK);
    assert_int_equal(shell("$TIMESCAPE plot log.nc --terminal")->status, TS_OK);
    assert_refused("$TIMESCAPE plot log.nc --kind functions -o functions.svg", TS_INVALID,
                   "the picture shows functions, and the trace has none of them: it was made with --no-functions");
    assert_refused("$TIMESCAPE plot log.nc -o log.gif", TS_INVALID, "the trace has none of them");
    assert_int_equal(access("log.gif", F_OK), -1);
}

/* The same bits as a run, through the files and Python. */
static void a_trace_ends_as_a_run(void **state) {
    (void)state;
    static const char script[] =
        "import xarray as xr\n"
        "for backend in ('cpu', 'reference'):\n"
        "    run, trace = xr.open_dataset(backend + '.nc'), xr.open_dataset(backend + '.trace.nc')\n"
        "    run, end = run.sel(epsilon=0.1, neurons=9), trace.isel(time=-1)\n"
        "    run = run.sel(replicate=end.replicate)\n"
        "    for name in ('loss', 'position', 'weight', 'bias'):\n"
        "        assert run['final_' + name].values.tobytes() == end[name].values.tobytes(), name\n"
        "    assert (run.status.values == end.status.values).all()\n"
        "print('the same bits')\n";
    write_file("compare.py", script, strlen(script));
    assert_int_equal(shell("for b in cpu reference; do $TIMESCAPE run good.yaml -q --backend $b -o $b.nc --set "
                           "'output={keep_trainings: true}' && $TIMESCAPE trace good.yaml -q --backend $b "
                           "-o $b.trace.nc --epsilon 0.1 --neurons 9 --replicates 3,0,4 --times 17 || exit 1; done")
                         ->status,
                     TS_OK);
    assert_string_equal(shell("$PYTHON compare.py")->text, "the same bits\n");
}

static void pictures_of_traces_are_drawn(void **state) {
    (void)state;
    assert_int_equal(shell("$TIMESCAPE trace good.yaml " ONE "-q --times 4")->status, TS_OK);
    assert_string_equal(shell("$TIMESCAPE plot good.trace.nc && head -c 4 good.trace.png | grep -c PNG")->text,
                        "good.trace.png\n1\n");
    assert_string_equal(shell("$TIMESCAPE plot good.trace.nc --kind animation && head -c 3 good.trace.gif")->text,
                        "good.trace.gif\nGIF");
    assert_int_equal(shell("$TIMESCAPE plot good.trace.nc --kind loss -o loss.svg")->status, TS_OK);
    assert_int_equal(shell("$TIMESCAPE plot good.trace.nc --kind positions --replicate 2 -o u.pdf")->status, TS_OK);
    assert_refused("$TIMESCAPE plot good.trace.nc --replicate 4", TS_INVALID, "the trace has no replicate 4");
    assert_refused("$TIMESCAPE plot good.trace.nc --replicate x", TS_INVALID, "--replicate: found 'x'");
    assert_refused("$TIMESCAPE plot good.trace.nc --kind success", TS_INVALID,
                   "a trace has no picture of kind 'success'");
    assert_refused("$TIMESCAPE plot good.trace.nc --kind loss -o loss.gif", TS_INVALID, ".png, .svg or .pdf");
    assert_refused("$TIMESCAPE plot good.trace.nc --kind animation -o x.png", TS_INVALID, ".gif");
    assert_refused("$TIMESCAPE plot good.trace.nc --kind loss --replicate 2", TS_INVALID,
                   "--replicate has no effect on a picture of kind loss: functions, positions, sketch and animation");
    assert_refused("$TIMESCAPE plot good.trace.nc --terminal --kind positions", TS_INVALID,
                   "--kind has no effect with --terminal on a trace");
    assert_refused("$TIMESCAPE plot good.trace.nc --terminal --replicate 2", TS_INVALID,
                   "--replicate has no effect with --terminal on a trace");
    assert_refused("$TIMESCAPE plot good.trace.nc --neurons 9", TS_INVALID, "--neurons is for results of sweeps");
    assert_int_equal(shell("$TIMESCAPE run good.yaml -q")->status, TS_OK);
    assert_refused("$TIMESCAPE plot good.nc --replicate 1", TS_INVALID, "--replicate is for traces");
    assert_refused("$TIMESCAPE plot good.nc --kind positions", TS_INVALID,
                   "it is success, slice, outcomes, loss, time-to-success, animation or agreement");
    assert_refused("$TIMESCAPE plot good.nc -o x.gif", TS_INVALID, ".png, .svg or .pdf");
}

static void help_explains(void **state) {
    (void)state;
    const outcome *found = shell("$TIMESCAPE trace --help");
    assert_int_equal(found->status, TS_OK);
    static const char *const words[] = {"--replicates", "--times", "--epsilon", "--neurons", "--output", "--set",
                                        "--backend",    "--quiet", "--threads", "--devices", "CONFIG"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strstr(found->text, words[i]))
            fail_msg("'%s' is not in the help", words[i]);
    assert_non_null(strstr(shell("$TIMESCAPE --help")->text, "trace"));
    assert_non_null(strstr(shell("$TIMESCAPE run --help")->text, "--devices"));
    assert_non_null(strstr(shell("$TIMESCAPE plot --help")->text, "--replicate"));
}

static void a_full_disk_leaves_no_partial_file(void **state) {
    (void)state;
    assert_refused("ulimit -f 8; exec $TIMESCAPE trace good.yaml " ONE "-q -o full.nc", TS_FAILED, "full.nc");
}

static void interruption_writes_what_is_recorded(void **state) {
    (void)state;
    const outcome *found = shell(AT_WORK("kill -INT $$", "$TIMESCAPE trace good.yaml " ONE "-o none.nc --times 2 --set "
                                                         "sgd.horizon.steps=72057594037927936"));
    assert_int_equal(found->status, TS_INTERRUPTED);
    assert_non_null(strstr(found->text, "nothing was written"));
    assert_int_equal(access("none.nc", F_OK), -1);
    /* some of 2,000 stretches of 500,000 steps */
    found = shell(AT_WORK("kill -INT $$", "$TIMESCAPE trace good.yaml " ONE
                                          "-o part.nc --replicates 0 --times 2001 --set sgd.horizon.steps=1000000000"));
    assert_int_equal(found->status, TS_INTERRUPTED);
    assert_non_null(strstr(found->text, "interrupted; the "));
    assert_non_null(strstr(found->text, "are in part.nc"));
    found = shell("$TIMESCAPE plot --terminal part.nc");
    assert_int_equal(found->status, TS_OK);
    assert_non_null(strstr(found->text, "interrupted"));
    assert_int_equal(
        shell("$TIMESCAPE plot part.nc -o part.svg && $TIMESCAPE plot part.nc --kind loss -o loss.svg")->status, TS_OK);
    /* an older trace stays */
    assert_int_equal(shell("$TIMESCAPE trace good.yaml " ONE "-q -o whole.nc && cp whole.nc copy.nc")->status, TS_OK);
    found = shell(AT_WORK("kill -TERM $$",
                          "$TIMESCAPE trace good.yaml " ONE
                          "-q -o whole.nc --replicates 0 --times 2001 --set sgd.horizon.steps=1000000000"));
    assert_int_equal(found->status, TS_INTERRUPTED);
    assert_int_equal(shell("cmp whole.nc copy.nc")->status, 0);
    assert_int_equal(access("whole.partial.nc", R_OK), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        in_folder(bad_arguments_are_refused),
        in_folder(one_cell_must_be_chosen),
        in_folder(trace_writes_a_file_and_a_table),
        in_folder(times_and_functions_are_chosen),
        in_folder(a_trace_ends_as_a_run),
        in_folder(pictures_of_traces_are_drawn),
        in_folder(help_explains),
        in_folder(a_full_disk_leaves_no_partial_file),
        in_folder(interruption_writes_what_is_recorded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
