/* timescape VERB ...: finds the verb, which does the rest. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name, *summary;
    ts_verb *verb;
} verbs[] = {
    {"run", "run a sweep and write its result file", ts_cli_run},
    {"trace", "follow a few trainings closely", ts_cli_trace},
    {"plot", "draw a result file or a trace", ts_cli_plot},
    {"boundary", "where success ends along epsilon, with intervals, and how that scales", ts_cli_boundary},
    {"merge", "add results that are parts of one sweep", ts_cli_merge},
    {"check", "validate a configuration; print its grid, memory and time", ts_cli_check},
    {"info", "version, build, vector units and GPUs", ts_cli_info},
};

#define VERB_COUNT (sizeof verbs / sizeof verbs[0])

static void print_usage(FILE *stream) {
    fputs("Usage: timescape VERB [ARGUMENT...]\n"
          "Phase diagrams of convergence for two-layer networks trained by stochastic gradient descent.\n\n",
          stream);
    for (size_t i = 0; i < VERB_COUNT; i++)
        fprintf(stream, "  %-9s %s\n", verbs[i].name, verbs[i].summary);
    fputs("\n'timescape VERB --help' explains a verb. Exit status: 0 done, 1 failed while running,\n"
          "2 wrong usage or configuration, 130 interrupted.\n",
          stream);
}

int main(int argc, char **argv) {
    if (!ts_cli_start())
        return TS_FAILED;
    const char *word = argc > 1 ? argv[1] : "";
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0) {
        print_usage(stdout);
        return ts_cli_end(TS_OK);
    }
    if (strcmp(word, "--version") == 0) {
        printf("timescape %s (%s)\n", ts_version(), ts_commit());
        return ts_cli_end(TS_OK);
    }
    for (size_t i = 0; i < VERB_COUNT; i++)
        if (strcmp(word, verbs[i].name) == 0) {
            char name[32];
            snprintf(name, sizeof name, "timescape %s", word);
            argv[1] = name; /* the name that help and usage errors show */
            return ts_cli_end(verbs[i].verb(argc - 1, argv + 1));
        }
    if (*word)
        fprintf(stderr, "timescape: there is no verb '%s'\n", word);
    print_usage(stderr);
    return TS_INVALID;
}
