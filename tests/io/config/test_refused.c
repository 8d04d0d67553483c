/* Configuration files and assignments that are refused, each with its sentence. */
#include "io/config/configurations.h"

#include <sys/stat.h>

/* ---- files that are refused ---- */

static void unreadable_files_are_refused(void **state) {
    (void)state;
    check_refused("missing.yaml", NULL, 0, "missing.yaml: cannot be read (No such file or directory)");
    check_refused(".", NULL, 0, ".: cannot be read (Is a directory)");
    write_edited(NULL, least);
    assert_int_equal(chmod("x.yaml", 0), 0);
    if (geteuid() != 0) /* root reads it all the same */
        check_refused("x.yaml", NULL, 0, "x.yaml: cannot be read (Permission denied)");
    assert_int_equal(chmod("x.yaml", 0600), 0);
}

static void files_of_the_wrong_size_are_refused(void **state) {
    (void)state;
    const size_t limit = (size_t)1 << 20;
    char *bytes = malloc(limit + 1);
    assert_non_null(bytes);
    memset(bytes, '#', limit + 1);
    write_file(bytes, limit + 1);
    check_refused("x.yaml", NULL, 0, "x.yaml: is larger than 1 MiB, which no configuration is");
    write_file(bytes, limit);
    check_refused("x.yaml", NULL, 0, "x.yaml: is empty, allowed is a configuration");
    free(bytes);
    write_file("", 0);
    check_refused("x.yaml", NULL, 0, "x.yaml: is empty, allowed is a configuration");
    write_file("seed: 1\n\0", 9);
    check_refused("x.yaml", NULL, 0, "x.yaml:2: not a text in UTF-8 (control characters are not allowed)");
}

static void files_that_are_no_configuration_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *from, *to, *message;
    } cases[] = {
        {NULL, "\177ELF", "x.yaml:1: not a text in UTF-8 (control characters are not allowed)"},
        {NULL, "seed: 1\ntitle: \xff\n", "x.yaml:2: not a text in UTF-8 (invalid leading UTF-8 octet)"},
        {"h: 1.0e-4\n", "h: 1.0e-4\n h: 2\n",
         "x.yaml:6: not valid YAML (did not find expected key while parsing a block mapping)"},
        {"{slow_time: 0.5}", "{slow_time: 0.5",
         "x.yaml:7: not valid YAML (did not find expected ',' or '}' while parsing a flow mapping)"},
        {NULL, "seed: 1\n---\nseed: 2\n", "x.yaml:2: found a second YAML document, allowed is one"},
        {"seed: 42", "seed: &a 42",
         "x.yaml:1: found an anchor or alias (a word with '&' or '*'), allowed are values written out"},
        {"h: 1.0e-4", "h: *a",
         "x.yaml:5: found an anchor or alias (a word with '&' or '*'), allowed are values written out"},
        {"h: 1.0e-4", "h: !!float 1", "x.yaml:5: found a tag (a word with '!'), allowed are plain values"},
        {NULL, "\n[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", "x.yaml:2: found too many lists or mappings inside each other"},
        {NULL, "- 1\n", "x.yaml:1: found a list of 1 entry, allowed is a mapping with the keys " SECTIONS},
        {NULL, "~\n", "x.yaml:1: found ~, allowed is a mapping with the keys " SECTIONS},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        write_edited(cases[i].from, cases[i].to);
        check_refused("x.yaml", NULL, 0, cases[i].message);
    }
}

/* ---- keys and values that are refused ---- */

static void keys_are_checked(void **state) {
    (void)state;
    static const struct {
        const char *from, *to, *message;
    } cases[] = {
        {"seed", "sed", "x.yaml:1: sed: unknown key; allowed here: " SECTIONS},
        {"h:", "hh:", "x.yaml:5: sgd.hh: unknown key; allowed here: h, noise, derivative, horizon"},
        {", by: -4", ", bye: -4", "x.yaml:2: target.jumps[1].bye: unknown key; allowed here: at, by"},
        {"h:", "? [1]\n  : 2\n  h:",
         "x.yaml:5: sgd.(a list or mapping as key): unknown key; allowed here: h, noise, derivative, horizon"},
        {"h:", "\"h\\0\":", "x.yaml:5: sgd.h?: unknown key; allowed here: h, noise, derivative, horizon"},
        {"h:", "\"a\\nb\":", "x.yaml:5: sgd.a?b: unknown key; allowed here: h, noise, derivative, horizon"},
        {"  h: 1.0e-4\n", "  h: 1\n  h: 1\n", "x.yaml:6: sgd.h: found a second time, allowed is once"},
        {"seed: 42\n", "", "x.yaml:1: seed: missing; needed is a whole number from 0 to 2^64 - 1"},
        {"  h: 1.0e-4\n", "", "x.yaml:4: sgd.h: missing; needed is a finite decimal number"},
        {", by: -4", "", "x.yaml:2: target.jumps[1].by: missing; needed is a finite decimal number"},
        {", jumps: [{at: 0.2, by: 4}, {at: 0.5, by: -4}]", "",
         "x.yaml:2: target.jumps: missing; needed is a list of 0 to 63 entries"},
        {"  horizon: {slow_time: 0.5}\n", "",
         "x.yaml:4: sgd.horizon: missing; needed is a mapping with the keys steps, slow_time, min_fast_time"},
        {"  replicates: 3\n", "",
         "x.yaml:7: sweep.replicates: missing; needed is a whole number from 0 to 2^64 - 1, or a mapping with the keys "
         "at_least, at_most, half_width, criterion"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        write_edited(cases[i].from, cases[i].to);
        check_refused("x.yaml", NULL, 0, cases[i].message);
    }
}

static void types_are_checked(void **state) {
    (void)state;
    static const struct {
        const char *from, *to, *message;
    } cases[] = {
        {"{eta: 4.0e-3}", "0.5",
         "x.yaml:3: network: found 0.5, allowed is a mapping with the keys eta, activation, init, start_weight"},
        {"{eta: 4.0e-3}", "",
         "x.yaml:3: network: found nothing, allowed is a mapping with the keys eta, activation, init, start_weight"},
        {"[{at: 0.2, by: 4}, {at: 0.5, by: -4}]", "{at: 0.2, by: 4}",
         "x.yaml:2: target.jumps: found a mapping, allowed is a list of 0 to 63 entries"},
        {"{at: 0.5, by: -4}", "0.5", "x.yaml:2: target.jumps[1]: found 0.5, allowed is a mapping with the keys at, by"},
        {"42", "[42]", "x.yaml:1: seed: found a list of 1 entry, allowed is a whole number from 0 to 2^64 - 1"},
        {"42", "", "x.yaml:1: seed: found nothing, allowed is a whole number from 0 to 2^64 - 1"},
        {"{eta: 4.0e-3}", "{activation: sigmoid}",
         "x.yaml:3: network.activation: found sigmoid, allowed is step or relu"},
        {"{eta: 4.0e-3}", "{init: uniform}", "x.yaml:3: network.eta: missing; needed is a finite decimal number"},
        {"{eta: 4.0e-3}", "{eta: 4.0e-3, activation: relu}",
         "x.yaml:3: network.eta: found 4.0e-3, the activation relu has no width: leave it out"},
        {"{eta: 4.0e-3}", "{eta: 4.0e-3, init: random}",
         "x.yaml:3: network.init: found random, allowed is uniform or equispaced or stratified"},
        {"{eta: 4.0e-3}", "{eta: 4.0e-3, init: 1}",
         "x.yaml:3: network.init: found 1, allowed is uniform or equispaced or stratified"},
        {"seed: 42", "seed: 42\ndynamics: flow", "x.yaml:2: dynamics: found flow, allowed is sgd or gradient_flow"},
        {"h:", "derivative: Exact\n  h:", "x.yaml:5: sgd.derivative: found Exact, allowed is exact or box"},
        {"  replicates: 3\n", "  replicates: 3\noutput: {keep_trainings: yes}\n",
         "x.yaml:11: output.keep_trainings: found yes, allowed is true or false"},
        {"  replicates: 3\n", "  replicates: 3\ntheory: limit\n",
         "x.yaml:11: theory: found limit, allowed is true or false, or a mapping with the key starts"},
        {"  replicates: 3\n", "  replicates: 3\noutput: {keep_trainings: 1}\n",
         "x.yaml:11: output.keep_trainings: found 1, allowed is true or false"},
        {"seed: 42", "seed: 42\ntitle: [1]",
         "x.yaml:2: title: found a list of 1 entry, allowed is one line of text of at most 200 bytes"},
        {"seed: 42", "seed: 42\ntitle: |\n  two\n  lines",
         "x.yaml:2: title: found the text 'two?lines?', allowed is one line of text of at most 200 bytes"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        write_edited(cases[i].from, cases[i].to);
        check_refused("x.yaml", NULL, 0, cases[i].message);
    }
}

/* Keys that are one value or a mapping. */
static void either_form_is_checked(void **state) {
    (void)state;
    static const struct {
        const char *theory, *message;
    } cases[] = {
        {"[true]", "theory: found a list of 1 entry, allowed is true or false, or a mapping with the key starts"},
        {"", "theory: found nothing, allowed is true or false, or a mapping with the key starts"},
        {"{}", "theory.starts: missing; needed is a whole number from 0 to 2^64 - 1"},
        {"{start: 5}", "theory.start: unknown key; allowed here: starts"},
        {"{starts: true}", "theory.starts: found true, allowed is a whole number from 0 to 2^64 - 1"},
        {"{starts: {}}", "theory.starts: found a mapping, allowed is a whole number from 0 to 2^64 - 1"},
        {"{starts: 5, starts: 5}", "theory.starts: found a second time, allowed is once"},
        {"{starts: 0}", "theory.starts: found 0, allowed are whole numbers from 1 to 4294967295"},
        {"{starts: 1e10}", "theory.starts: found 10000000000, allowed are whole numbers from 1 to 4294967295"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char end[256], message[256];
        snprintf(end, sizeof end, "replicates: 3\ntheory: %s\n", cases[i].theory);
        snprintf(message, sizeof message, "x.yaml:11: %s", cases[i].message);
        write_edited("replicates: 3\n", end);
        check_refused("x.yaml", NULL, 0, message);
    }
    /* A path leads through the mapping, and not through the value that stands in its place. */
    static const char *const files[] = {"replicates: 3\n", "replicates: 3\ntheory: true\n",
                                        "replicates: 3\ntheory: {starts: 7}\n"};
    static const struct {
        const char *assignment, *message;
    } assigned[] = {
        {"theory.starts=0", "--set theory.starts=0: found 0, allowed are whole numbers from 1 to 4294967295"},
        {"theory.starts=x", "--set theory.starts=x: found x, allowed is a whole number from 0 to 2^64 - 1"},
        {"theory.start=1", "--set theory.start=1: unknown key; allowed here: starts"},
        {"theory[0]=1", "--set theory[0]=1: unknown key; allowed here: starts"},
        {"theory.starts.x=1", "--set theory.starts.x=1: unknown key; allowed here: none, it holds a single value"},
        {"theory={}", "--set theory={}: theory.starts: missing; needed is a whole number from 0 to 2^64 - 1"},
        {"seed.starts=1", "--set seed.starts=1: unknown key; allowed here: none, it holds a single value"},
    };
    for (size_t f = 0; f < COUNT(files); f++)
        for (size_t i = 0; i < COUNT(assigned); i++) {
            write_edited("replicates: 3\n", files[f]);
            check_refused("x.yaml", &assigned[i].assignment, 1, assigned[i].message);
        }
    static const char *const forms[] = {"true", "{starts: 100}"};
    for (size_t i = 0; i < COUNT(forms); i++) {
        char end[64];
        snprintf(end, sizeof end, "activation: relu}\ntheory: %s\n", forms[i]);
        write_edited("eta: 4.0e-3}\n", end);
        check_refused("x.yaml", NULL, 0,
                      "x.yaml:4: theory: found the limit epsilon -> 0, which is not known for the activation relu; "
                      "allowed is false");
    }
}

static void replicates_in_rounds_are_checked(void **state) {
    (void)state;
    static const struct {
        const char *replicates, *message;
    } cases[] = {
        {"[3]", "found a list of 1 entry, allowed is a whole number from 0 to 2^64 - 1, or a mapping with the keys "
                "at_least, at_most, half_width, criterion"},
        {"{at_least: 5, half_width: 0.1}", ".at_most: missing; needed is a whole number from 0 to 2^64 - 1"},
        {"{at_least: 5, at_most: 9}", ".half_width: missing; needed is a finite decimal number"},
        {"{at_least: 5, at_most: 3, half_width: 0.1}",
         ".at_least: found 5, allowed are whole numbers from 1 to at_most, which is 3"},
        {"{at_least: 0, at_most: 3, half_width: 0.1}",
         ".at_least: found 0, allowed are whole numbers from 1 to at_most, which is 3"},
        {"{at_least: 1, at_most: 0, half_width: 0.1}",
         ".at_most: found 0, allowed are whole numbers from 1 to 4294967295"},
        {"{at_least: 1, at_most: 5e9, half_width: 0.1}",
         ".at_most: found 5000000000, allowed are whole numbers from 1 to 4294967295"},
        {"{at_least: 1, at_most: 2, half_width: 0}", ".half_width: found 0, allowed are numbers above 0 and below 0.5"},
        {"{at_least: 1, at_most: 2, half_width: -1}",
         ".half_width: found -1, allowed are numbers above 0 and below 0.5"},
        {"{at_least: 1, at_most: 2, half_width: 0.5}",
         ".half_width: found 0.5, allowed are numbers above 0 and below 0.5"},
        {"{at_least: 1, at_most: 2, half_width: 0.1, criterion: all}",
         ".criterion: found all, allowed is loss or positions or both"},
        {"{at_least: 1, at_most: 2, half_width: 0.1, width: 2}",
         ".width: unknown key; allowed here: at_least, at_most, half_width, criterion"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char edited[128], message[256];
        snprintf(edited, sizeof edited, "replicates: %s\n", cases[i].replicates);
        snprintf(message, sizeof message, "x.yaml:10: sweep.replicates%s%s", cases[i].message[0] == '.' ? "" : ": ",
                 cases[i].message);
        write_edited("replicates: 3\n", edited);
        check_refused("x.yaml", NULL, 0, message);
    }
    write_edited("eta: 4.0e-3}\n", "activation: relu}\n");
    const char *const assignment[] = {"sweep.replicates={at_least: 1, at_most: 2, half_width: 0.1, criterion: both}"};
    check_refused("x.yaml", assignment, 1,
                  "--set sweep.replicates={at_least: 1, at_most: 2, half_width: 0.1, criterion: both}: "
                  "sweep.replicates.criterion: found both, but the activation relu has no jumps that positions can be "
                  "held against: allowed is loss");
}

static void numbers_are_checked(void **state) {
    (void)state;
    static const char *const no_decimals[] = {".nan",  "nan",    "NaN",    ".inf", "-.inf",   "inf", "infinity",
                                              "1e999", "-1e999", "0x1p-4", "1.0e", "1.0e-4x", "1,0", "1_0",
                                              ".",     "e5",     "+-1",    "--1",  "one"};
    static const char *const no_wholes[] = {"-1",
                                            "-0",
                                            "+1x",
                                            "3.5",
                                            "010",
                                            "00",
                                            "0x10",
                                            "0b11",
                                            "1e99",
                                            "1 000",
                                            "3k",
                                            "18446744073709551616",
                                            "99999999999999999999999",
                                            ".nan",
                                            ".inf",
                                            "true"};
    char edited[64];
    char message[200];
    for (size_t i = 0; i < COUNT(no_decimals); i++) {
        snprintf(edited, sizeof edited, "h: %s\n", no_decimals[i]);
        snprintf(message, sizeof message, "x.yaml:5: sgd.h: found %s, allowed is a finite decimal number",
                 no_decimals[i]);
        write_edited("h: 1.0e-4\n", edited);
        check_refused("x.yaml", NULL, 0, message);
    }
    for (size_t i = 0; i < COUNT(no_wholes); i++) {
        snprintf(edited, sizeof edited, "seed: %s\n", no_wholes[i]);
        snprintf(message, sizeof message, "x.yaml:1: seed: found %s, allowed is a whole number from 0 to 2^64 - 1",
                 no_wholes[i]);
        write_edited("seed: 42\n", edited);
        check_refused("x.yaml", NULL, 0, message);
    }
    write_edited("h: 1.0e-4\n", "h: \"1.0e-4\"\n");
    check_refused("x.yaml", NULL, 0, "x.yaml:5: sgd.h: found the text '1.0e-4', allowed is a finite decimal number");
}

/* They would be 0, or have fewer digits than they were given. */
static void numbers_too_close_to_0_are_refused(void **state) {
    (void)state;
    static const char *const numbers[] = {"1e-400", "-1e-400", "0.1e-99999", "4.9e-324", "1.2345678901234567e-310"};
    char assignment[64], message[200];
    write_edited(NULL, least);
    for (size_t i = 0; i < COUNT(numbers); i++) {
        const char *const assignments[] = {assignment};
        snprintf(assignment, sizeof assignment, "sgd.noise=%s", numbers[i]);
        snprintf(message, sizeof message,
                 "--set %s: found %s, too close to 0; allowed is 0, or a number of at least 2.3e-308 in size",
                 assignment, numbers[i]);
        check_refused("x.yaml", assignments, 1, message);
    }
    write_edited("[0.01, 0.1, 1]", "[1e-999, 0.1, 1]");
    check_refused(
        "x.yaml", NULL, 0,
        "x.yaml:8: sweep.epsilon.values[0]: found 1e-999, too close to 0; allowed is 0, or a number of at least "
        "2.3e-308 in size");
    ts_config config = load_least_with("sgd.noise=0.0e-99999");
    assert_true(config.settings.noise == 0);
    ts_config_free(&config);
}

/* As a double, each would be one. */
static void numbers_that_are_nearly_whole_are_refused(void **state) {
    (void)state;
    static const char *const numbers[] = {"1.00000000000000000001", "9007199254740993.0", "10000000000000000001e-19",
                                          "4503599627370496.1", "1e-400"};
    char assignment[64], message[200];
    write_edited(NULL, least);
    for (size_t i = 0; i < COUNT(numbers); i++) {
        const char *const assignments[] = {assignment};
        snprintf(assignment, sizeof assignment, "seed=%s", numbers[i]);
        snprintf(message, sizeof message, "--set %s: found %s, allowed is a whole number from 0 to 2^64 - 1",
                 assignment, numbers[i]);
        check_refused("x.yaml", assignments, 1, message);
    }
}

static void axes_are_checked(void **state) {
    (void)state;
    static const struct {
        const char *from, *to, *message;
    } cases[] = {
        {"{values: [0.01, 0.1, 1]}", "{}",
         "x.yaml:8: sweep.epsilon: found none of values, log and linear, allowed is exactly one"},
        {"{values: [0.01, 0.1, 1]}", "{values: [1], log: {from: 1, to: 2, count: 2}}",
         "x.yaml:8: sweep.epsilon: found 2 of values, log and linear, allowed is exactly one"},
        {"{values: [0.01, 0.1, 1]}", "[1]",
         "x.yaml:8: sweep.epsilon: found a list of 1 entry, allowed is a mapping with the keys values, log, linear"},
        {"[0.01, 0.1, 1]", "[]",
         "x.yaml:8: sweep.epsilon.values: found a list of 0 entries, allowed is a list of 1 to 65536 entries"},
        {"[0.01, 0.1, 1]", "[0.01, x]",
         "x.yaml:8: sweep.epsilon.values[1]: found x, allowed is a finite decimal number"},
        {"[4, 8]", "[4, 8.5]",
         "x.yaml:9: sweep.neurons.values[1]: found 8.5, allowed is a whole number from 1 to 4096"},
        {"[4, 8]", "[0, 8]", "x.yaml:9: sweep.neurons.values[0]: found 0, allowed is a whole number from 1 to 4096"},
        {"[4, 8]", "[4, 5000]",
         "x.yaml:9: sweep.neurons.values[1]: found 5000, allowed is a whole number from 1 to 4096"},
        {"{values: [4, 8]}", "\n    log:\n      from: 4\n      to: 1e30\n      count: 4",
         "x.yaml:12: sweep.neurons.log.to: found 1e30, allowed is a whole number from 1 to 4096"},
        {"{values: [4, 8]}", "{linear: {from: 0.5, to: 10, count: 4}}",
         "x.yaml:9: sweep.neurons.linear.from: found 0.5, allowed is a whole number from 1 to 4096"},
        {"{values: [4, 8]}", "{linear: {from: 4, to: 8, count: 6}}",
         "x.yaml:9: sweep.neurons.linear.count: found 6, allowed is a count at which all rounded values differ (6 "
         "comes twice)"},
        {"values: [0.01, 0.1, 1]", "log: {from: 0, to: 1, count: 3}",
         "x.yaml:8: sweep.epsilon.log.from: found 0, allowed is a number above 0 on a log axis"},
        {"values: [0.01, 0.1, 1]", "log: {from: 1, to: 0.1, count: 3}",
         "x.yaml:8: sweep.epsilon.log.to: found 0.1, allowed is a number above from, which is 1"},
        {"values: [0.01, 0.1, 1]", "log: {from: 0.1, to: 1, count: 0}",
         "x.yaml:8: sweep.epsilon.log.count: found 0, allowed is 2 to 65536 where to is above from"},
        {"values: [0.01, 0.1, 1]", "log: {from: 0.1, to: 1, count: 1}",
         "x.yaml:8: sweep.epsilon.log.count: found 1, allowed is 2 to 65536 where to is above from"},
        {"values: [0.01, 0.1, 1]", "linear: {from: 1, to: 1, count: 2}",
         "x.yaml:8: sweep.epsilon.linear.count: found 2, allowed is 1 where from equals to"},
        {"values: [0.01, 0.1, 1]", "log: {from: 0.1, to: 1, count: 1000000000}",
         "x.yaml:8: sweep.epsilon.log.count: found 1000000000, allowed is 2 to 65536 where to is above from"},
        {"values: [0.01, 0.1, 1]", "log: {from: 0.1, to: 1, count: 40000}",
         "x.yaml:7: sweep: found 40000 x 2 = 80000 cells, allowed are at most 65536"},
        {"replicates: 3\n", "replicates: 3\n  h: {values: [1.0e-3]}\n",
         "x.yaml:11: sweep.h: found beside sgd.h, allowed is one of them"},
        {"replicates: 3\n", "replicates: 3\n  noise: {}\n",
         "x.yaml:11: sweep.noise: found none of values, log and linear, allowed is exactly one"},
        {"replicates: 3\n", "replicates: 3\n  noise: {log: {from: 0, to: 1, count: 3}}\n",
         "x.yaml:11: sweep.noise.log.from: found 0, allowed is a number above 0 on a log axis"},
        {"network: {eta: 4.0e-3}\n", "", "x.yaml:1: network.eta: missing; needed is a finite decimal number"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        write_edited(cases[i].from, cases[i].to);
        check_refused("x.yaml", NULL, 0, cases[i].message);
    }
}

static void horizon_is_checked(void **state) {
    (void)state;
    static const struct {
        const char *to, *message;
    } cases[] = {
        {"{}", "x.yaml:6: sgd.horizon: found neither steps nor slow_time, allowed is exactly one of them"},
        {"{min_fast_time: 5}",
         "x.yaml:6: sgd.horizon: found neither steps nor slow_time, allowed is exactly one of them"},
        {"{steps: 5, slow_time: 1}",
         "x.yaml:6: sgd.horizon: found steps as well as a time, allowed is {steps} or {slow_time, min_fast_time}"},
        {"{steps: 5, min_fast_time: 1}",
         "x.yaml:6: sgd.horizon: found steps as well as a time, allowed is {steps} or {slow_time, min_fast_time}"},
        {"{steps: 0}", "x.yaml:6: sgd.horizon.steps: found 0, allowed is a whole number from 1 to 2^56"},
        {"{slow_time: 0}", "x.yaml:6: sgd.horizon.slow_time: found 0, allowed is a number above 0"},
        {"{slow_time: -1}", "x.yaml:6: sgd.horizon.slow_time: found -1, allowed is a number above 0"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        write_edited("{slow_time: 0.5}", cases[i].to);
        check_refused("x.yaml", NULL, 0, cases[i].message);
    }
}

static void observations_are_checked(void **state) {
    (void)state;
    static const struct {
        const char *observe, *message;
    } cases[] = {
        {"{}", "x.yaml:11: observe: found none of slow_time, fast_time and steps, allowed is exactly one"},
        {"5", "x.yaml:11: observe: found 5, allowed is a mapping with the keys slow_time, fast_time, steps"},
        {"{slow_time: {values: [0.1]}, steps: {values: [1]}}",
         "x.yaml:11: observe: found 2 of slow_time, fast_time and steps, allowed is exactly one"},
        {"{time: {values: [0.1]}}", "x.yaml:11: observe.time: unknown key; allowed here: slow_time, fast_time, steps"},
        {"{slow_time: {values: []}}",
         "x.yaml:11: observe.slow_time.values: found a list of 0 entries, allowed is a list of 1 to 1000 entries"},
        {"{slow_time: {}}",
         "x.yaml:11: observe.slow_time: found none of values, log and linear, allowed is exactly one"},
        {"{slow_time: {values: [0.2, 0.1]}}",
         "x.yaml:11: observe.slow_time: found 0.1 after 0.2, values must be ascending without repetition"},
        {"{slow_time: {values: [-0.2, 0.1]}}",
         "x.yaml:11: observe.slow_time: found -0.2, allowed are finite numbers from 0"},
        {"{slow_time: {values: [0.1, 0.6]}}", "x.yaml:11: observe.slow_time: found 0.6, which is step 600000 at "
                                              "epsilon = 0.01 and h = 0.0001, where trainings end at 500000"},
        {"{fast_time: {values: [0.1, 1]}}", "x.yaml:11: observe.fast_time: found 1, which is step 10000 at epsilon = 1 "
                                            "and h = 0.0001, where trainings end at 5000"},
        {"{steps: {values: [1, 5001]}}", "x.yaml:11: observe.steps: found 5001, which is step 5001 at epsilon = 1 and "
                                         "h = 0.0001, where trainings end at 5000"},
        {"{steps: {values: [1, 2.5]}}",
         "x.yaml:11: observe.steps.values[1]: found 2.5, allowed is a whole number from 0 to 72057594037927936"},
        {"{steps: {linear: {from: 1, to: 3, count: 5}}}", "x.yaml:11: observe.steps.linear.count: found 5, allowed is "
                                                          "a count at which all rounded values differ (2 comes twice)"},
        {"{steps: {log: {from: 0, to: 3, count: 5}}}",
         "x.yaml:11: observe.steps.log.from: found 0, allowed is a number above 0 on a log axis"},
        {"{fast_time: {linear: {from: 0, to: 0.5, count: 1001}}}",
         "x.yaml:11: observe.fast_time.linear.count: found 1001, allowed is 2 to 1000 where to is above from"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char end[256];
        snprintf(end, sizeof end, "replicates: 3\nobserve: %s\n", cases[i].observe);
        write_edited("replicates: 3\n", end);
        check_refused("x.yaml", NULL, 0, cases[i].message);
    }
    write_edited("replicates: 3\n", "replicates: 3\nobserve: {steps: {values: [7]}}\n");
    const char *const second = "observe.slow_time={values: [0.1]}";
    check_refused(
        "x.yaml", &second, 1,
        "--set observe.slow_time={values: [0.1]}: observe: found 2 of slow_time, fast_time and steps, allowed "
        "is exactly one (replace them all, as in --set 'observe={slow_time: ...}')");
    const char *const shorter = "sgd.horizon={steps: 6}";
    check_refused("x.yaml", &shorter, 1,
                  "x.yaml:11: observe.steps: found 7, which is step 7 at epsilon = 0.01 and h = 0.0001, where "
                  "trainings end at 6");
}

/* What ts_settings_validate() refuses gets the line of the key that it names. */
static void validation_names_the_line(void **state) {
    (void)state;
    static const struct {
        const char *from, *to, *beginning;
    } cases[] = {
        {"4.0e-3", "0.7", "x.yaml:3: network.eta: found 0.7"},
        {"4.0e-3", "-1", "x.yaml:3: network.eta: found -1"},
        {"h: 1.0e-4", "h: 0", "x.yaml:5: sgd.h: found 0"},
        {"h: 1.0e-4", "h: 1\n  noise: -1", "x.yaml:6: sgd.noise: found -1"},
        {"{at: 0.2, by: 4}, {at: 0.5", "{at: 0.2, by: 4},\n  {at: 0.1", "x.yaml:3: target.jumps[1].at: found 0.1"},
        {"{at: 0.2, by: 4}, {at: 0.5", "{at: 0.2, by: 4},\n  {at: 0.201", "x.yaml:3: target.jumps[1].at: found 0.201"},
        {"at: 0.5", "at: 1", "x.yaml:2: target.jumps[1].at: found 1"},
        {"at: 0.2", "at: 0", "x.yaml:2: target.jumps[0].at: found 0"},
        {"by: -4", "by: 0", "x.yaml:2: target.jumps[1].by: found 0"},
        {"by: -4", "by: 1e30", "x.yaml:2: target.jumps[1].by: found 1e+30"},
        {"base: 1", "base: 1e9", "x.yaml:2: target.base: found 1000000000"},
        {"[0.01, 0.1, 1]", "[0.1, 0.01]", "x.yaml:8: sweep.epsilon: found 0.01 after 0.1"},
        {"[0.01, 0.1, 1]", "[0.1, 0.1]", "x.yaml:8: sweep.epsilon: found 0.1 after 0.1"},
        {"[0.01, 0.1, 1]", "[-1, 0.1]", "x.yaml:8: sweep.epsilon: found -1"},
        {"[4, 8]", "[8, 4]", "x.yaml:9: sweep.neurons: found 4 after 8"},
        {"[4, 8]", "[8, 8]", "x.yaml:9: sweep.neurons: found 8 after 8"},
        {"replicates: 3", "replicates: 0", "x.yaml:10: sweep.replicates: found 0"},
        {"{slow_time: 0.5}", "{steps: 72057594037927937}", "x.yaml:6: sgd.horizon.steps: found 72057594037927937"},
        {"{slow_time: 0.5}", "{slow_time: 1e15}", "x.yaml:6: sgd.horizon: found"},
        {"{slow_time: 0.5}", "{slow_time: 1, min_fast_time: -1}", "x.yaml:6: sgd.horizon.min_fast_time: found -1"},
        {"replicates: 3\n", "replicates: 3\nsuccess: {unexplained_variance: 0}\n",
         "x.yaml:11: success.unexplained_variance: found 0"},
        {"replicates: 3\n", "replicates: 3\nsuccess: {stop: first_success}\n",
         "x.yaml:11: success.stop: found first_success without observe"},
        {"replicates: 3\n", "replicates: 3\nsuccess: {stop: soon}\n",
         "x.yaml:11: success.stop: found soon, allowed is never or first_success"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        write_edited(cases[i].from, cases[i].to);
        check_refused_like(NULL, cases[i].beginning);
    }
    write_edited(NULL, least);
    check_refused_like("network.eta=0.7", "--set network.eta=0.7: found 0.7");
    check_refused_like("sweep.epsilon={values: [1, 0.1]}", "--set sweep.epsilon={values: [1, 0.1]}: found 0.1 after 1");
    check_refused_like("sweep.neurons.values[0]=9", "--set sweep.neurons.values[0]=9: sweep.neurons: found 8 after 9");
}

static void bad_assignments_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *assignment, *message;
    } cases[] = {
        {"sgd.hh=1", "--set sgd.hh=1: unknown key; allowed here: h, noise, derivative, horizon"},
        {"sgd.h.x=1", "--set sgd.h.x=1: unknown key; allowed here: none, it holds a single value"},
        {"sgd.noise.x=1", "--set sgd.noise.x=1: unknown key; allowed here: none, it holds a single value"},
        {"sgd[0]=1", "--set sgd[0]=1: unknown key; allowed here: h, noise, derivative, horizon"},
        {"sgd..h=1", "--set sgd..h=1: unknown key; allowed here: h, noise, derivative, horizon"},
        {"sgd.=1", "--set sgd.=1: unknown key; allowed here: h, noise, derivative, horizon"},
        {"=1", "--set =1: unknown key; allowed here: " SECTIONS},
        {"", "--set : found no '=', allowed is KEY=VALUE"},
        {"sgd.h", "--set sgd.h: found no '=', allowed is KEY=VALUE"},
        {"target.jumps.at=1", "--set target.jumps.at=1: unknown key; allowed here: an index such as [0]"},
        {"target.jumps[0=1", "--set target.jumps[0=1: unknown key; allowed here: an index such as [0]"},
        {"target.jumps[-1]=1", "--set target.jumps[-1]=1: unknown key; allowed here: an index such as [0]"},
        {"target.jumps[99999999999999999999]=1",
         "--set target.jumps[99999999999999999999]=1: unknown key; allowed here: an index such as [0]"},
        {"target.jumps[2].at=1",
         "--set target.jumps[2].at=1: found index 2, allowed are the 2 entries of the list, from [0]"},
        {"sgd.h=", "--set sgd.h=: found nothing, allowed is a finite decimal number"},
        {"sgd.h=[1", "--set sgd.h=[1: not valid YAML (did not find expected ',' or ']' while parsing a flow sequence)"},
        {"sgd.h=*a",
         "--set sgd.h=*a: found an anchor or alias (a word with '&' or '*'), allowed are values written out"},
        {"sgd.h=\xff", "--set sgd.h=\xff: not a text in UTF-8 (invalid leading UTF-8 octet)"},
        {"sgd={h: 1, h: 2}", "--set sgd={h: 1, h: 2}: sgd.h: found a second time, allowed is once"},
        {"sgd={h: 1}",
         "--set sgd={h: 1}: sgd.horizon: missing; needed is a mapping with the keys steps, slow_time, min_fast_time"},
        {"sgd.horizon.steps=5",
         "--set sgd.horizon.steps=5: sgd.horizon: found steps as well as a time, allowed is {steps} or {slow_time, "
         "min_fast_time} (replace the whole horizon, as in --set 'sgd.horizon={steps: N}')"},
        {"sweep.epsilon.log={from: 1, to: 2, count: 2}",
         "--set sweep.epsilon.log={from: 1, to: 2, count: 2}: sweep.epsilon: found 2 of values, log and linear, "
         "allowed is exactly one (replace the whole axis, as in --set 'sweep.epsilon={values: [...]}')"},
        {"sweep.epsilon.log.count=5",
         "--set sweep.epsilon.log.count=5: sweep.epsilon.log.from: missing; needed is a finite decimal number"},
        {"sweep.neurons={linear: {from: 1, to: 4000, count: 30000}}",
         "--set sweep.neurons={linear: {from: 1, to: 4000, count: 30000}}: sweep: found 3 x 30000 = 90000 cells, "
         "allowed are at most 65536"},
    };
    write_edited(NULL, least);
    for (size_t i = 0; i < COUNT(cases); i++)
        check_refused("x.yaml", &cases[i].assignment, 1, cases[i].message);
}

/* The one at fault is named, not the first, the last, or the file. */
static void the_assignment_at_fault_is_named(void **state) {
    (void)state;
    const char *const assignments[] = {"seed=1", "sgd.h=x", "seed=2"};
    write_edited(NULL, least);
    check_refused("x.yaml", assignments, 3, "--set sgd.h=x: found x, allowed is a finite decimal number");
    const char *const innocent[] = {"sgd.noise=1", "network.init=uniform"};
    write_edited("  h: 1.0e-4\n", "");
    check_refused("x.yaml", innocent, 2, "x.yaml:4: sgd.h: missing; needed is a finite decimal number");
}

static void long_texts_are_cut_between_characters(void **state) {
    (void)state;
    char accents[3001] = ""; /* 1500 characters of two bytes */
    for (size_t i = 0; i + 2 < sizeof accents; i += 2)
        memcpy(accents + i, "é", 3);
    char assignment[3100];
    char message[512];
    snprintf(assignment, sizeof assignment, "title=x%s", accents);
    snprintf(message, sizeof message,
             "--set title=x%.108s...: found x%.58s..., allowed is one line of text of at most 200 bytes", accents,
             accents);
    const char *const assignments[] = {assignment};
    write_edited(NULL, least);
    check_refused("x.yaml", assignments, 1, message);
}

static void error_may_be_null(void **state) {
    (void)state;
    ts_config config;
    assert_int_equal(ts_config_load(&config, "missing.yaml", NULL, 0, NULL), TS_INVALID);
    ts_config_free(&config); /* an empty one */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unreadable_files_are_refused),
        cmocka_unit_test(files_of_the_wrong_size_are_refused),
        cmocka_unit_test(files_that_are_no_configuration_are_refused),
        cmocka_unit_test(keys_are_checked),
        cmocka_unit_test(types_are_checked),
        cmocka_unit_test(either_form_is_checked),
        cmocka_unit_test(replicates_in_rounds_are_checked),
        cmocka_unit_test(numbers_are_checked),
        cmocka_unit_test(numbers_too_close_to_0_are_refused),
        cmocka_unit_test(numbers_that_are_nearly_whole_are_refused),
        cmocka_unit_test(axes_are_checked),
        cmocka_unit_test(horizon_is_checked),
        cmocka_unit_test(observations_are_checked),
        cmocka_unit_test(validation_names_the_line),
        cmocka_unit_test(bad_assignments_are_refused),
        cmocka_unit_test(the_assignment_at_fault_is_named),
        cmocka_unit_test(long_texts_are_cut_between_characters),
        cmocka_unit_test(error_may_be_null),
    };
    return cmocka_run_group_tests(tests, enter_test_folder, leave_test_folder);
}
