/* The options of how a sweep is run. None of them changes a result of the backend cpu. */
#include "backend/backend.h"
#include "cli/cli.h"

#include <argp.h>

enum { OPTION_BACKEND = 256, OPTION_THREADS, OPTION_INSTRUCTIONS, OPTION_ALGORITHM };

static const struct argp_option run_options[] = {
    {"backend", OPTION_BACKEND, "NAME", 0, "auto (default), %s", 0},
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

/* The names of the backends are for the table of them to say. */
static char *filter_help(int key, const char *text, void *input) {
    (void)input;
    char names[128], *help;
    if (key != OPTION_BACKEND)
        return (char *)text;
    ts_backend_list(TS_HAS_ANY, " or ", names, sizeof names);
    return asprintf(&help, text, names) < 0 ? NULL : help;
}

const struct argp ts_run_options_parser = {run_options, parse, NULL, NULL, NULL, filter_help, NULL};

/* An option that not every backend has. */
typedef struct owned_option {
    const char *name;
    unsigned taken; /* TS_TAKES_ */
    bool given;
} owned_option;

static ts_status refuse_options(const ts_run_options *options, const ts_backend *backend) {
    const owned_option owned[] = {
        {"instructions", TS_TAKES_INSTRUCTIONS, options->instructions},
        {"algorithm", TS_TAKES_ALGORITHM, options->algorithm},
        {"devices", TS_TAKES_DEVICES, options->device_count > 0},
    };
    for (size_t i = 0; i < sizeof owned / sizeof owned[0]; i++)
        if (owned[i].given && !(backend->options & owned[i].taken)) {
            fprintf(stderr, "timescape: --%s is for the %s backend, this run is on '%s'\n", owned[i].name,
                    ts_backend_taking(owned[i].taken)->name, backend->name);
            return TS_INVALID;
        }
    return TS_OK;
}

ts_status ts_choose_backend(ts_run_options *options, const ts_settings *settings, bool explain) {
    ts_error reason = {0};
    const char *backend;
    const ts_status status =
        ts_backend_for(settings, options->backend, &backend, reason.message, sizeof reason.message);
    if (status != TS_OK) {
        ts_print_error(&reason);
        return status;
    }
    if (reason.message[0] && explain)
        fprintf(stderr, "%s\n", reason.message);
    options->backend = backend;
    return refuse_options(options, ts_backend_named(backend));
}
