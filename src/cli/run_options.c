/* The options of how a sweep is run. None of them changes a result of the backend cpu. */
#include "cli/cli.h"

#include <argp.h>
#include <string.h>

enum { OPTION_BACKEND = 256, OPTION_THREADS, OPTION_INSTRUCTIONS, OPTION_ALGORITHM };

static const struct argp_option run_options[] = {
    {"backend", OPTION_BACKEND, "NAME", 0, "auto (default), cpu, cuda or reference", 0},
    {"threads", OPTION_THREADS, "N", 0, "Host threads; default: one for each processor", 0},
    {"instructions", OPTION_INSTRUCTIONS, "SET", 0,
     "Instruction set of the backend cpu, one of those that timescape info lists; default: the best", 0},
    {"algorithm", OPTION_ALGORITHM, "NAME", 0,
     "Algorithm of the backend cpu: dense (a step costs O(m)), sorted (O(log m + m eta)) or auto (default: the faster)",
     0},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state) {
    ts_run_options *chosen = state->input;
    switch (key) {
    case OPTION_BACKEND:
        chosen->backend = argument;
        return 0;
    case OPTION_THREADS:
        chosen->threads = ts_parse_whole(state, "--threads", argument, 1, 4096);
        return 0;
    case OPTION_INSTRUCTIONS:
        chosen->instructions = argument;
        return 0;
    case OPTION_ALGORITHM:
        chosen->algorithm = argument;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp ts_run_options_parser = {run_options, parse, NULL, NULL, NULL, NULL, NULL};

ts_status ts_choose_backend(ts_run_options *options, const ts_settings *settings, bool explain) {
    ts_error reason = {0};
    const char *backend;
    const ts_status status =
        ts_backend_for(settings, options->backend, &backend, reason.message, sizeof reason.message);
    if (status != TS_OK) {
        ts_print_error(&reason);
        return status;
    }
    if ((options->instructions || options->algorithm) && strcmp(backend, "cpu") != 0) {
        fprintf(stderr, "timescape: --%s is for the cpu backend, this run is on '%s'\n",
                options->instructions ? "instructions" : "algorithm", backend);
        return TS_INVALID;
    }
    if (reason.message[0] && explain)
        fprintf(stderr, "%s\n", reason.message);
    options->backend = backend;
    return TS_OK;
}
