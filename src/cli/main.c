/* timescape VERB ...: finds the verb, which does the rest. */
#include "cli/cli.h"

#include <argp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define LEAST_STACK (1 << 20) /* bytes */

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

/* Output that could not be written (a full disk behind a pipe) is a failure, too; not so for a reader who has seen
 * enough, as `head`. */
static int flushed(int status) {
    if ((fflush(stdout) == 0 && !ferror(stdout)) || ts_reader_is_gone(stdout))
        return status;
    fputs("timescape: standard output could not be written\n", stderr);
    return status == TS_OK ? TS_FAILED : status;
}

/* The system ends a program without a word when its stack runs over, and gives the threads what is allowed to the first
 * one. */
static bool has_stack(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur >= LEAST_STACK)
        return true;
    fprintf(stderr, "timescape: the limit of the stack is %llu KiB, needed are %d: see ulimit -s\n",
            (unsigned long long)limit.rlim_cur / 1024, LEAST_STACK / 1024);
    return false;
}

int main(int argc, char **argv) {
    argp_err_exit_status = TS_INVALID;
    if (!has_stack())
        return TS_FAILED;
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error to report, not a signal to die of */
    signal(SIGCHLD, SIG_DFL); /* who starts this program may have ignored it, and then no child could be waited for */
    setenv("CUDA_DEVICE_MAX_CONNECTIONS", "32", 0); /* CUDA's own default of 8 makes waves wait for each other */
    const char *word = argc > 1 ? argv[1] : "";
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0) {
        print_usage(stdout);
        return flushed(TS_OK);
    }
    if (strcmp(word, "--version") == 0) {
        printf("timescape %s (%s)\n", ts_version(), ts_commit());
        return flushed(TS_OK);
    }
    for (size_t i = 0; i < VERB_COUNT; i++)
        if (strcmp(word, verbs[i].name) == 0) {
            char name[32];
            snprintf(name, sizeof name, "timescape %s", word);
            argv[1] = name; /* the name that help and usage errors show */
            return flushed(verbs[i].verb(argc - 1, argv + 1));
        }
    if (*word)
        fprintf(stderr, "timescape: there is no verb '%s'\n", word);
    print_usage(stderr);
    return TS_INVALID;
}
