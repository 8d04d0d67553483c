/* timescape boundary, and plot --boundary: what is printed, saved and drawn, and what is refused. */
#include "program.h"

/* A border between success and failure within half a second. */
static const char crossing[] = "title: \"A \\\"border\\\"\"\n"
                               "seed: 42\n"
                               "target: {base: 1, jumps: [{at: 0.3, by: 2}, {at: 0.7, by: -1}]}\n"
                               "network: {eta: 2.0e-2}\n"
                               "sgd: {horizon: {slow_time: 0.3, min_fast_time: 20}}\n"
                               "sweep:\n"
                               "  epsilon: {log: {from: 5.0e-3, to: 0.5, count: 6}}\n"
                               "  neurons: {values: [6, 12, 24]}\n"
                               "  h: {values: [2.0e-3]}\n"
                               "  noise: {values: [0.5]}\n"
                               "  replicates: 40\n"
                               "success: {unexplained_variance: 0.02}\n";

#define RUN_CROSSING "$TIMESCAPE run crossing.yaml -o a.nc --quiet"

static void run_crossing(const char *more) {
    char command[512];
    write_file("crossing.yaml", crossing, strlen(crossing));
    snprintf(command, sizeof command, RUN_CROSSING " %s", more);
    const outcome *found = shell(command);
    if (found->status != 0)
        fail_msg("%s", found->text);
}

static void assert_says(const char *command, const char *words) {
    const outcome *found = shell(command);
    if (found->status != 0 || !strstr(found->text, words))
        fail_msg("%s: status %d, '%s' does not say '%s'", command, found->status, found->text, words);
}

/* Every line is short enough for a terminal. */
static void assert_narrow(const char *text, size_t columns) {
    for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1)
        if (strcspn(line, "\n") > columns)
            fail_msg("a line of more than %zu characters: %s", columns, line);
}

static void a_table_has_a_line_for_each_curve_and_the_law(void **state) {
    (void)state;
    run_crossing("");
    const outcome *found = shell("$TIMESCAPE boundary a.nc");
    assert_int_equal(found->status, 0);
    assert_memory_equal(found->text, "A \"border\"\n", 11);
    const char *const words[] = {"epsilon_c: where the success rate is 0.5 (a run with theory: true would hold it",
                                 "success by the loss: unexplained variance at most 0.02; randomness common",
                                 "        m  epsilon_c  95 per cent interval\n        6     0.",
                                 "\n       24     0.",
                                 "law: epsilon_c = 0.",
                                 " m^",
                                 "; from 3 curves",
                                 "with 1 degree of freedom, p = "};
    for (size_t k = 0; k < sizeof words / sizeof words[0]; k++)
        if (!strstr(found->text, words[k]))
            fail_msg("'%s' does not say '%s'", found->text, words[k]);
    assert_narrow(found->text, 79);
    assert_says("$TIMESCAPE boundary a.nc --criterion positions --level 0.3", "success by the positions");
    assert_says("$TIMESCAPE boundary a.nc --at neurons=12",
                "at m = 12, h = 0.002, noise = 0.5\n\n  epsilon_c  95 per cent interval\n");
    assert_says("$TIMESCAPE boundary a.nc --help", "--unexplained-variance=Q");
    assert_says("$TIMESCAPE --help", "  boundary  where success ends");
}

static void curves_without_a_boundary_say_why(void **state) {
    (void)state;
    run_crossing("--set 'sweep.epsilon={values: [0.3, 1]}' --set sgd.horizon='{steps: 50}'");
    const outcome *found = shell("$TIMESCAPE boundary a.nc");
    assert_int_equal(found->status, 0);
    assert_non_null(strstr(found->text, ": every rate is under the level"));
    assert_non_null(strstr(found->text, "no law against neurons: 0 boundaries were found, and two are needed"));
    assert_narrow(found->text, 79);
    run_crossing("--set 'sweep.epsilon={values: [0.3]}' --set 'sweep.neurons={values: [6]}'");
    assert_says("$TIMESCAPE boundary a.nc", "none: fewer than two values of epsilon have trainings");
    assert_null(strstr(shell("$TIMESCAPE boundary a.nc")->text, "law"));
}

/* With noise 0, at which no power law has a value. */
static void a_law_leaves_out_0(void **state) {
    (void)state;
    run_crossing("--set 'sweep.noise={values: [0, 0.5, 1]}' --set 'sweep.neurons={values: [12]}'");
    const outcome *found = shell("$TIMESCAPE boundary a.nc");
    assert_int_equal(found->status, 0);
    assert_non_null(strstr(found->text, "from 2 curves"));
    assert_non_null(strstr(found->text, "the boundary at 0 is in no law"));
    assert_narrow(found->text, 79);
}

static const char check_json[] =
    "import json, math, sys\n"
    "def no(text): raise ValueError(text)\n"
    "d = json.load(sys.stdin, parse_constant=no)\n"
    "assert d['file'] == 'a.nc' and d['title'] == 'A \"border\"' and d['complete'] is True, d\n"
    "assert d['level'] == 0.5 and d['of_limit'] is False and d['criterion'] == 'loss', d\n"
    "assert d['randomness'] == 'common' and d['curve'] in ('logistic', 'low_tail', 'high_tail'), d\n"
    "assert [c['at'] for c in d['curves']] == [{'neurons': m, 'h': 0.002, 'noise': 0.5} for m in (6, 12, 24)], d\n"
    "for c in d['curves']:\n"
    "    assert c['state'] == 'found' and c['low'] < c['epsilon'] < c['high'] and 0 <= c['p'] <= 1, c\n"
    "    assert c['steepness'] > 0 and c['freedom'] > 0 and c['fits'] in (True, False), c\n"
    "law, = d['laws']\n"
    "assert law['against'] == 'neurons' and law['at'] == {'h': 0.002, 'noise': 0.5} and law['curves'] == 3 and "
    "law['freedom'] == 1, law\n"
    "assert law['exponent_low'] < law['exponent'] < law['exponent_high'], law\n"
    "assert law['factor_low'] < law['factor'] < law['factor_high'] and law['widened'] in (True, False), law\n";

static const char check_open_json[] =
    "import json, sys\n"
    "def no(text): raise ValueError(text)\n"
    "d = json.load(sys.stdin, parse_constant=no)\n"
    "c, = d['curves']\n"
    "assert c['state'] == 'no_data' and c['epsilon'] is None and c['high'] is None and c['fits'] is None, c\n"
    "assert d['laws'] == [], d\n";

static void json_is_one_whole_document(void **state) {
    (void)state;
    write_file("check.py", check_json, strlen(check_json));
    write_file("open.py", check_open_json, strlen(check_open_json));
    run_crossing("");
    assert_says("$TIMESCAPE boundary a.nc --json | $PYTHON check.py && echo good", "good");
    run_crossing("--set 'sweep.epsilon={values: [0.3]}' --set 'sweep.neurons={values: [6]}'");
    assert_says("mv a.nc 'a\"\\b.nc' && $TIMESCAPE boundary 'a\"\\b.nc' --json | $PYTHON open.py && echo good", "good");
}

static const char check_saved[] =
    "import sys, xarray\n"
    "d = xarray.open_dataset('a.nc')\n"
    "b = d.boundary_epsilon\n"
    "assert b.dims == ('neurons', 'h', 'noise') and b.dtype == float and b.attrs['units'] == '1', b\n"
    "assert ((d.boundary_epsilon_low < b) & (b < d.boundary_epsilon_high)).all(), d\n"
    "assert b.attrs['level'] == float(sys.argv[1]) and b.attrs['criterion'] == sys.argv[2], b\n"
    "assert b.attrs['law'].startswith('epsilon_c = 0.') and ' m^' in b.attrs['law'], b\n"
    "assert (d.outcome == 1).sum('replicate').equals(d.success_count.astype(int)), d\n";

static void boundaries_are_saved_in_the_file(void **state) {
    (void)state;
    write_file("check.py", check_saved, strlen(check_saved));
    run_crossing("");
    const int before = entries();
    assert_says("$TIMESCAPE boundary a.nc --save", "law: ");
    assert_says("$PYTHON check.py 0.5 loss && echo good", "good");
    assert_says("chmod 604 a.nc && $TIMESCAPE boundary a.nc --save --criterion positions --level 0.4", "law: ");
    assert_says("$PYTHON check.py 0.4 positions && stat -c %a a.nc", "604");
    assert_says("ln -s a.nc b.nc && $TIMESCAPE boundary b.nc --save --json && readlink b.nc && rm b.nc", "a.nc");
    assert_int_equal(entries(), before);
    assert_says("chmod 444 a.nc && md5sum a.nc >sum && echo good", "good");
    assert_refused("$TIMESCAPE boundary a.nc --save", 2, "timescape: cannot write a.nc: it is write-protected");
    assert_says("md5sum -c sum", "OK");
}

static void another_threshold_needs_kept_trainings(void **state) {
    (void)state;
    run_crossing("");
    assert_refused("$TIMESCAPE boundary a.nc --unexplained-variance 0.1", 2,
                   "timescape: a.nc does not have the losses of its trainings, which another unexplained variance "
                   "needs: a run with output: {keep_trainings: true} keeps them");
    assert_says("$TIMESCAPE boundary a.nc --unexplained-variance 0.02", "law: ");
    run_crossing("--set output.keep_trainings=true --set theory=true");
    assert_says("$TIMESCAPE boundary a.nc --unexplained-variance 0.1",
                "where the success rate is 0.5 (that of the limit is not known at\nanother unexplained variance)");
}

static void bad_input_gets_a_sentence(void **state) {
    (void)state;
    static const struct {
        const char *arguments, *message;
    } cases[] = {
        {"", "the result file is missing"},
        {"a.nc b.nc", "one result file at a time; found 'b.nc' after 'a.nc'"},
        {"none.nc", "timescape: cannot read none.nc: No such file or directory"},
        {"good.yaml", "timescape: good.yaml is not a netCDF file, or damaged"},
        {"trace.nc", "timescape: trace.nc is a trace; boundaries are those of a sweep"},
        {"a.nc --level 1", "--level: found '1', allowed are numbers above 0 and below 1"},
        {"a.nc --level nan", "--level: found 'nan', allowed are"},
        {"a.nc --criterion hope", "--criterion: found 'hope', allowed are loss and positions"},
        {"a.nc --unexplained-variance 0", "--unexplained-variance: found '0', allowed are"},
        {"a.nc --against hope", "--against: found 'hope', allowed are epsilon, neurons, h, noise, eta"},
        {"a.nc --against epsilon", "--against: found epsilon, allowed are the axes of the result other than epsilon: "
                                   "neurons"},
        {"a.nc --against h", "--against: found h, allowed are the axes of the result other than epsilon: neurons"},
        {"a.nc --at neurons=9 --against neurons", "--against: found neurons, of which there is one value here"},
        {"a.nc --at neurons", "--at: found 'neurons', needed is AXIS=VALUE"},
        {"a.nc --at neurons=5", "--at: found neurons=5, the result has 2 values, the nearest is 4"},
        {"a.nc --at epsilon=1", "--at: found epsilon, allowed are the axes"},
        {"a.nc --save --at neurons=9", "--save writes the boundaries at all values of the axes; it does not go with"},
        {"old.nc",
         "timescape: old.nc does not tell how each of its trainings ended: it is older than that, and has to"},
        {"relu.nc --criterion positions",
         "timescape: relu.nc does not tell what the positions say: it is of rectified"},
    };
    static const char make_old[] = "import netCDF4\nwith netCDF4.Dataset('old.nc', 'a') as f:\n"
                                   "    f.renameVariable('outcome', 'other')\n";
    write_file("old.py", make_old, strlen(make_old));
    assert_int_equal(shell("$TIMESCAPE run good.yaml -o a.nc --quiet && cp a.nc old.nc && $PYTHON old.py")->status, 0);
    assert_int_equal(shell("$TIMESCAPE run good.yaml -o relu.nc --quiet --set network='{activation: relu}'")->status,
                     0);
    assert_int_equal(
        shell("$TIMESCAPE trace good.yaml -o trace.nc --quiet --at epsilon=1 --at neurons=4 --times 5")->status, 0);
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        char command[512];
        snprintf(command, sizeof command, "$TIMESCAPE boundary %s", cases[k].arguments);
        assert_refused(command, 2, cases[k].message);
    }
}

static void pictures_have_the_boundary(void **state) {
    (void)state;
    run_crossing("");
    assert_says("$TIMESCAPE plot a.nc --boundary -o a.svg && grep -c 'law: ' a.svg", "1");
    assert_says("$TIMESCAPE plot a.nc --boundary --level 0.3 --criterion positions --x neurons --y epsilon -o a.svg && "
                "grep -c 'where the success rate is 0.3' a.svg",
                "1");
    assert_refused("$TIMESCAPE plot a.nc --boundary --kind slice -o b.svg", 2,
                   "timescape: --boundary has no effect on a picture of kind slice: success takes it");
    assert_refused("$TIMESCAPE plot a.nc --boundary --terminal", 2, "'timescape boundary' prints more");
    assert_refused("$TIMESCAPE plot a.nc --level 0.3 -o b.svg", 2, "--level has no effect without --boundary");
    assert_refused("$TIMESCAPE plot a.nc --boundary --level 2 -o b.svg", 2, "--level: found '2', allowed are numbers");
    assert_refused("$TIMESCAPE plot a.nc --boundary --unexplained-variance 0.1 -o b.svg", 2, "keep_trainings: true");
    run_crossing("--set 'sweep.h={values: [1.0e-3, 2.0e-3]}' --set 'observe={steps: {values: [100]}}'");
    assert_refused("$TIMESCAPE plot a.nc --boundary -o b.svg", 2, "choose one with --at h=0.001");
    assert_refused("$TIMESCAPE plot a.nc --boundary --x h --y neurons --at epsilon=0.5 -o b.svg", 2,
                   "timescape: --boundary lies along epsilon, which is no axis of this picture");
    assert_refused("$TIMESCAPE plot a.nc --boundary --at h=0.001 --observation 0 -o b.svg", 2,
                   "timescape: --boundary is where trainings end; it does not go with --observation");
    assert_says("$TIMESCAPE plot a.nc --boundary --y h --at neurons=12 -o a.svg && grep -c 'h^-' a.svg", "1");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        in_folder(a_table_has_a_line_for_each_curve_and_the_law),
        in_folder(curves_without_a_boundary_say_why),
        in_folder(a_law_leaves_out_0),
        in_folder(json_is_one_whole_document),
        in_folder(boundaries_are_saved_in_the_file),
        in_folder(another_threshold_needs_kept_trainings),
        in_folder(bad_input_gets_a_sentence),
        in_folder(pictures_have_the_boundary),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
