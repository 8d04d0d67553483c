/* timescape boundary: result file in, boundaries of success and their laws out. */
#include "base/fail.h"
#include "cli/boundary_tables.h"
#include "cli/cli.h"
#include "io/boundary/study.h"
#include "io/lock.h"
#include "io/netcdf/recording.h"
#include "io/text.h"

#include <argp.h>

typedef struct boundary_arguments {
    const char *input;
    ts_study_options options;
    bool json, saves, has_at;
} boundary_arguments;

enum { OPTION_LEVEL = 256, OPTION_CRITERION, OPTION_VARIANCE, OPTION_AGAINST, OPTION_AT, OPTION_JSON, OPTION_SAVE };

static const struct argp_option boundary_options[] = {
    {"level", OPTION_LEVEL, "P", 0,
     "The boundary is where the success rate is P times that of the limit epsilon -> 0 or, after a run without theory, "
     "P; default: 0.5",
     0},
    {"criterion", OPTION_CRITERION, "loss|positions", 0,
     "What a success is: a small loss (default), or positions with which the best weights would have one", 0},
    {"unexplained-variance", OPTION_VARIANCE, "Q", 0,
     "Count as success what leaves no more than this share of the variance unexplained, instead of what the run was "
     "told; needs a run with keep_trainings",
     0},
    {"against", OPTION_AGAINST, "AXIS", 0,
     "What the boundary is held against in a law: neurons, h, noise or eta; default: neurons, or the first one that "
     "has "
     "several values",
     0},
    {"at", OPTION_AT, "AXIS=VALUE", 0, "Only at this value of an axis, as in --at h=1e-4; may be repeated", 0},
    {"json", OPTION_JSON, NULL, 0, "Print one JSON document instead of tables", 0},
    {"save", OPTION_SAVE, NULL, 0,
     "Write the boundaries into FILE.nc, too, as boundary_epsilon, boundary_epsilon_low and boundary_epsilon_high", 0},
    {0},
};

static error_t parse_boundary(int key, char *argument, struct argp_state *state) {
    boundary_arguments *arguments = state->input;
    ts_study_options *options = &arguments->options;
    switch (key) {
    case OPTION_LEVEL:
        options->level = ts_parse_level(state, argument);
        return 0;
    case OPTION_CRITERION:
        options->criterion = argument;
        return 0;
    case OPTION_VARIANCE:
        options->unexplained_variance = ts_parse_variance(state, argument);
        return 0;
    case OPTION_AGAINST:
        options->against = (int)ts_parse_parameter(state, "--against", argument);
        return 0;
    case OPTION_AT:
        ts_parse_at(state, argument, options->at);
        arguments->has_at = true;
        return 0;
    case OPTION_JSON:
        arguments->json = true;
        return 0;
    case OPTION_SAVE:
        arguments->saves = true;
        return 0;
    case ARGP_KEY_ARG:
        if (arguments->input)
            argp_error(state, "one result file at a time; found '%s' after '%s'", argument, arguments->input);
        arguments->input = argument;
        return 0;
    case ARGP_KEY_END:
        if (!arguments->input)
            argp_error(state, "the result file is missing");
        if (arguments->saves && arguments->has_at)
            argp_error(state, "--save writes the boundaries at all values of the axes; it does not go with --at");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static ts_status check_kind(const char *path, ts_error *error) {
    bool is_trace = false;
    const ts_status status = ts_recording_recognise(path, &is_trace, error);
    if (status != TS_OK || !is_trace)
        return status;
    return ts_fail(error, TS_INVALID, "", "%s is a trace; boundaries are those of a sweep", ts_text_path(path));
}

static ts_status find_boundaries(const boundary_arguments *arguments, ts_error *error) {
    ts_result result = {0};
    ts_study study = {0};
    ts_status status = check_kind(arguments->input, error);
    if (status == TS_OK)
        status = ts_result_read(&result, arguments->input, error);
    if (status == TS_OK)
        status = ts_study_make(&study, &result, arguments->input, &arguments->options, error);
    if (status == TS_OK && arguments->saves)
        status = ts_study_save(&study, arguments->input, error);
    if (status == TS_OK && arguments->json)
        ts_study_print_json(stdout, &study, &result, arguments->input);
    else if (status == TS_OK)
        ts_print_boundary_tables(&study, &result, ts_terminal_columns(stdout) - 1);
    ts_study_free(&study);
    ts_result_free(&result);
    return status;
}

/* What is read must be what is replaced: no run may write there meanwhile. */
static ts_status boundary(const boundary_arguments *arguments, ts_error *error) {
    ts_lock lock = TS_NO_LOCK;
    ts_status status = arguments->saves ? ts_lock_take(&lock, arguments->input, error) : TS_OK;
    if (status == TS_OK && arguments->saves)
        status = ts_result_check_path(arguments->input, NULL, NULL, error);
    if (status == TS_OK)
        status = find_boundaries(arguments, error);
    ts_lock_release(&lock);
    return status;
}

int ts_cli_boundary(int argc, char **argv) {
    static const struct argp argp = {
        boundary_options,
        parse_boundary,
        "FILE.nc",
        "Print where success ends along epsilon in a result file of 'timescape run': a boundary epsilon_c with its 95 "
        "per cent interval for each combination of the values of the other axes, and the law epsilon_c = C x^alpha "
        "along one of these.",
        NULL,
        NULL,
        NULL};
    boundary_arguments arguments = {.options = ts_study_default()};
    argp_parse(&argp, argc, argv, 0, NULL, &arguments);
    ts_error error = {.message = "not enough memory"};
    const ts_status status = boundary(&arguments, &error);
    if (status != TS_OK)
        ts_print_error(&error);
    return (int)status;
}
