/* Results that grow out of others, parts that become one, and a result that is run again: as a person does it. */
#include "cli/program.h"

/* Every variable of two results is the same, byte by byte. */
#define SAME                                                                                                           \
    "same() { $PYTHON -c 'import sys, netCDF4\n"                                                                       \
    "a, b = (netCDF4.Dataset(path) for path in sys.argv[1:])\n"                                                        \
    "for f in (a, b): f.set_auto_mask(False)\n"                                                                        \
    "assert list(a.variables) == list(b.variables)\n"                                                                  \
    "assert all(a[v][...].tobytes() == b[v][...].tobytes() for v in a.variables)' \"$@\"; }; "

/* An attribute of a result. */
#define ATTRIBUTE                                                                                                      \
    "attribute() { $PYTHON -c 'import sys, netCDF4\n"                                                                  \
    "print(\"[%s]\" % netCDF4.Dataset(sys.argv[1]).getncattr(sys.argv[2]))' \"$@\"; }; "

static void assert_says(const char *command, const char *text) {
    const outcome *found = shell(command);
    if (found->status != TS_OK || !strstr(found->text, text))
        fail_msg("%s: status %d, '%s'; expected '%s'", command, found->status, found->text, text);
}

static void a_result_grows(void **state) {
    (void)state;
    assert_says("$TIMESCAPE run good.yaml -q -o a.nc && $TIMESCAPE run good.yaml --set sweep.replicates=9 --set "
                "'sweep.epsilon={values: [0.1, 0.5, 1]}' -q -o fresh.nc",
                "");
    /* cells with fewer replicates than are asked for are taken, and only the others are run */
    assert_says("$TIMESCAPE run good.yaml --set sweep.replicates=9 --set 'sweep.epsilon={values: [0.1, 0.5, 1]}' "
                "--reuse a.nc -o b.nc",
                "a.nc: 20 trainings are taken over\n");
    assert_says(SAME "same b.nc fresh.nc && echo alike", "alike");
    assert_says("$TIMESCAPE run good.yaml --set seed=1 --reuse a.nc --reuse b.nc -o c.nc",
                "a.nc: not taken over: 20 that have another seed\nb.nc: not taken over: 36 that have another seed, 18 "
                "that have another epsilon\n");
    assert_says("$TIMESCAPE run good.yaml --reuse a.nc -q -o d.nc && echo done", "done\n");
    assert_refused("$TIMESCAPE run good.yaml --reuse good.yaml -q -o e.nc", TS_INVALID,
                   "good.yaml is not a netCDF file, or damaged");
    assert_refused("$TIMESCAPE run good.yaml --reuse none.nc -q -o e.nc", TS_INVALID, "cannot read none.nc");
    assert_refused("$TIMESCAPE run good.yaml --reuse a.nc --shard 1/2 -q -o e.nc", TS_INVALID,
                   "they would count twice");
}

static void parts_become_one(void **state) {
    (void)state;
    assert_says("$TIMESCAPE run good.yaml --set sweep.replicates=40 -q -o all.nc && for i in 1 2 3; do $TIMESCAPE run "
                "good.yaml --set sweep.replicates=40 --shard $i/3 -q -o part$i.nc || exit 1; done; $TIMESCAPE merge "
                "part3.nc part1.nc -o some.nc",
                "some.nc: ");
    assert_says(ATTRIBUTE "attribute part2.nc part; attribute part2.nc complete; attribute some.nc part",
                "[2 of 3]\n[0]\n[1 of 3, 3 of 3]\n");
    assert_says("$TIMESCAPE plot some.nc --terminal", "only part 1 of 3, 3 of 3");
    assert_says("$TIMESCAPE merge part2.nc some.nc -o merged.nc", "trainings of 2 files; nothing is missing\n");
    assert_says(SAME ATTRIBUTE "same merged.nc all.nc && attribute merged.nc complete", "[1]\n");
    /* no part takes the place of the whole */
    assert_says("$TIMESCAPE run good.yaml --set sweep.replicates=40 --shard 1/3 -q -o all.nc; ls", "all.partial.nc");
    assert_refused("$TIMESCAPE merge part1.nc some.nc -o x.nc", TS_INVALID, "part1.nc and some.nc both have replicate");
    assert_says("$TIMESCAPE run good.yaml -q -o other.nc", "");
    assert_refused("$TIMESCAPE merge part1.nc other.nc -o other.nc", TS_INVALID,
                   "sweep.replicates: 40 in part1.nc, 5 in other.nc");
    assert_refused("$TIMESCAPE merge part1.nc", TS_INVALID, "-o is missing");
    assert_refused("$TIMESCAPE merge -o x.nc", TS_INVALID, "the result files are missing");
    assert_refused("$TIMESCAPE merge part1.nc part2.nc -o good.yaml", TS_INVALID, "good.yaml");
}

static void a_result_is_run_again(void **state) {
    (void)state;
    assert_says("$TIMESCAPE run good.yaml -q -o a.nc --set output.keep_states=true && mv a.nc a.yaml && $TIMESCAPE run "
                "a.yaml -q -o b.nc && " SAME "same a.yaml b.nc && echo alike",
                "alike");
    assert_says("$TIMESCAPE check b.nc --set sweep.replicates=6", "trainings   24 (6 in each");
    assert_says("$TIMESCAPE run b.nc --set sgd.horizon.steps=500 --reuse b.nc -o long.nc && $TIMESCAPE run b.nc --set "
                "sgd.horizon.steps=500 -q -o fresh.nc && " SAME "same long.nc fresh.nc",
                "b.nc: 20 trainings go on from their end\n");
    assert_refused("$TIMESCAPE run b.nc", TS_INVALID, "choose another name with -o");
    assert_refused("$TIMESCAPE run b.nc --set sgd.x=1 -o c.nc", TS_INVALID, "--set sgd.x=1: unknown key");
    assert_refused("head -c 100 b.nc > c.nc; $TIMESCAPE check c.nc; e=$?; rm c.nc; exit $e", TS_INVALID, "c.nc");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        in_folder(a_result_grows),
        in_folder(parts_become_one),
        in_folder(a_result_is_run_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
