/* timescape plot: result file in, picture out. */
#include "base/fail.h"
#include "cli/cli.h"
#include "io/boundary/study.h"
#include "io/picture/file.h"
#include "io/picture/picture.h"

#include <argp.h>
#include <limits.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

typedef struct plot_arguments {
    const char *input;
    const char *output;
    const char *kind, *criterion;
    double unexplained_variance; /* 0: that of the file */
    size_t observation;          /* 1 + its number; 0: the end */
    ts_slice slice;
    bool has_neurons, has_slice; /* is --neurons, or any of the options of a slice, given? */
    int replicate;               /* -1: not given */
    bool terminal, boundary;
    double level; /* 0: not given */
} plot_arguments;

enum {
    OPTION_KIND = 256,
    OPTION_CRITERION,
    OPTION_VARIANCE,
    OPTION_OBSERVATION,
    OPTION_X,
    OPTION_Y,
    OPTION_AT,
    OPTION_NEURONS,
    OPTION_REPLICATE,
    OPTION_BOUNDARY,
    OPTION_LEVEL,
    OPTION_TERMINAL
};

static const struct argp_option plot_options[] = {
    {"output", 'o', "FILE", 0,
     "Picture; .png, .svg or .pdf, or .gif for an animation; default: FILE.nc with the ending .png or .gif", 0},
    {"kind", OPTION_KIND, "KIND", 0,
     "Of a result, success (default): success rate over two axes; slice: over one axis, with intervals, a curve for "
     "each value of the other; outcomes: how the trainings end, in shares, over one axis; loss: box plot of the final "
     "loss over one axis; time-to-success: when half of the trainings have been one, and animation: the phase diagram "
     "in "
     "motion, after a run with observe; agreement: how many trainings end as their limit epsilon -> 0, after a run "
     "with theory: true. Of a trace, "
     "functions (default): target, network and limit at three times; loss: against steps; positions: over slow time; "
     "sketch: the model at the end, with the names of its parts; animation: functions and positions in motion",
     0},
    {"criterion", OPTION_CRITERION, "loss|positions", 0,
     "Of a result: what a success is, a small loss (default), or positions with which the best weights would have one",
     0},
    {"unexplained-variance", OPTION_VARIANCE, "Q", 0,
     "Of a result: count as success what leaves no more than this share of the variance unexplained, instead of what "
     "the run was told; from the histograms of the loss",
     0},
    {"observation", OPTION_OBSERVATION, "K", 0,
     "Of a result with observe: what was seen at observation K, counted from 0, instead of the end", 0},
    {"x", OPTION_X, "AXIS", 0,
     "Axis of a result to draw across: epsilon, neurons, h, noise or eta; default: epsilon, or the first one that has "
     "several values",
     0},
    {"y", OPTION_Y, "AXIS", 0, "Axis to draw upright; default: neurons, or the next one that has several values", 0},
    {"at", OPTION_AT, "AXIS=VALUE", 0,
     "Value on an axis that is not drawn, as in --at h=1e-4; may be repeated. Of --kind loss and outcomes also the "
     "value of the upright axis to draw; default: the largest",
     0},
    {"neurons", OPTION_NEURONS, "M", 0, "The same as --at neurons=M, and --kind loss where no kind is given", 0},
    {"replicate", OPTION_REPLICATE, "R", 0,
     "Training of a trace to draw, of every kind but loss, which shows all; default: the first", 0},
    {"boundary", OPTION_BOUNDARY, NULL, 0,
     "Of kind success, over epsilon: the boundary of 'timescape boundary' with its intervals and its law, instead of "
     "the line of 50 per cent",
     0},
    {"level", OPTION_LEVEL, "P", 0,
     "With --boundary: where the success rate is P times that of the limit; default: 0.5", 0},
    {"terminal", OPTION_TERMINAL, NULL, 0,
     "Print the picture as text instead of drawing it; of a trace, a summary, which has no --kind", 0},
    {0},
};

static error_t parse_plot(int key, char *argument, struct argp_state *state) {
    plot_arguments *arguments = state->input;
    switch (key) {
    case 'o':
        arguments->output = argument;
        return 0;
    case OPTION_KIND:
        arguments->kind = argument;
        return 0;
    case OPTION_CRITERION:
        arguments->criterion = argument;
        arguments->has_slice = true;
        return 0;
    case OPTION_VARIANCE:
        arguments->unexplained_variance = ts_parse_variance(state, argument);
        arguments->has_slice = true;
        return 0;
    case OPTION_OBSERVATION:
        arguments->observation =
            1 + (size_t)ts_parse_whole(state, "--observation", argument, 0, TS_MAX_OBSERVATIONS - 1);
        arguments->has_slice = true;
        return 0;
    case OPTION_X:
        arguments->slice.x = (int)ts_parse_parameter(state, "--x", argument);
        arguments->has_slice = true;
        return 0;
    case OPTION_Y:
        arguments->slice.y = (int)ts_parse_parameter(state, "--y", argument);
        arguments->has_slice = true;
        return 0;
    case OPTION_AT:
        ts_parse_at(state, argument, arguments->slice.at);
        arguments->has_slice = true;
        return 0;
    case OPTION_NEURONS:
        arguments->slice.at[TS_PARAMETER_NEURONS] = ts_parse_whole(state, "--neurons", argument, 1, TS_MAX_NEURONS);
        arguments->has_neurons = true;
        return 0;
    case OPTION_REPLICATE:
        arguments->replicate = ts_parse_whole(state, "--replicate", argument, 0, INT_MAX);
        return 0;
    case OPTION_BOUNDARY:
        arguments->boundary = true;
        arguments->has_slice = true;
        return 0;
    case OPTION_LEVEL:
        arguments->level = ts_parse_level(state, argument);
        return 0;
    case OPTION_TERMINAL:
        arguments->terminal = true;
        return 0;
    case ARGP_KEY_ARG:
        if (arguments->input)
            argp_error(state, "one result file at a time; found '%s' after '%s'", argument, arguments->input);
        arguments->input = argument;
        return 0;
    case ARGP_KEY_END:
        if (!arguments->input)
            argp_error(state, "the result file is missing");
        if (arguments->terminal && arguments->output)
            argp_error(state, "--terminal prints to standard output; it does not go with --output");
        if (arguments->terminal && arguments->boundary)
            argp_error(state, "--boundary is for drawn pictures; as text, 'timescape boundary' prints more");
        if (arguments->level > 0 && !arguments->boundary)
            argp_error(state, "--level has no effect without --boundary");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* The input's name with another ending. The caller frees it. */
static char *default_picture(const char *input, const char *ending) {
    const char *dot = strrchr(input, '.');
    const int length = dot && strcmp(dot, ".nc") == 0 ? (int)(dot - input) : (int)strlen(input);
    char *path;
    return asprintf(&path, "%.*s%s", length, input, ending) < 0 ? NULL : path;
}

/* The boundaries for each value of the axis that is drawn beside that of epsilon. */
static ts_status study_boundary(const plot_arguments *arguments, const ts_result *result, ts_study *study,
                                ts_error *error) {
    ts_slice slice = arguments->slice;
    ts_study_options options = ts_study_default();
    const ts_status status = ts_slice_resolve(&slice, result, error);
    if (status != TS_OK)
        return status;
    const int other = slice.x == TS_PARAMETER_EPSILON ? slice.y : slice.x;
    memcpy(options.at, slice.at, sizeof options.at);
    options.at[TS_PARAMETER_EPSILON] = NAN;
    options.criterion = arguments->criterion;
    options.unexplained_variance = arguments->unexplained_variance;
    if (arguments->level > 0)
        options.level = arguments->level;
    for (size_t k = 0; k < result->axis_count; k++)
        if ((int)result->axis[k].parameter == other && result->axis[k].count > 1)
            options.against = other;
    return ts_study_make(study, result, arguments->input, &options, error);
}

static ts_status plot_sweep(const plot_arguments *arguments, const char *output, ts_error *error) {
    const char *kind = arguments->has_neurons && !arguments->kind ? "loss" : arguments->kind;
    ts_result result = {0};
    ts_study study = {0};
    const ts_picture_options options = {.kind = kind,
                                        .observation = arguments->observation,
                                        .criterion = arguments->criterion,
                                        .boundary = arguments->boundary ? &study : NULL,
                                        .slice = &arguments->slice};
    ts_status status = ts_result_read(&result, arguments->input, error);
    if (status == TS_OK && arguments->boundary && (!kind || strcmp(kind, "success") == 0))
        status = study_boundary(arguments, &result, &study, error);
    if (status == TS_OK && arguments->unexplained_variance > 0)
        status = ts_result_reclassify(&result, arguments->input, arguments->unexplained_variance, error);
    if (status == TS_OK && arguments->terminal)
        status = ts_picture_print(stdout, &result, &options, ts_terminal_columns(stdout) - 1,
                                  ts_terminal_colour(stdout), error);
    else if (status == TS_OK)
        status = ts_picture_draw(&result, &options, output, error);
    ts_study_free(&study);
    ts_result_free(&result);
    return status;
}

static ts_status plot_trace(const plot_arguments *arguments, const char *output, ts_error *error) {
    const ts_picture_trace_options options = {.kind = arguments->kind, .replicate = arguments->replicate};
    ts_recording file = {0};
    ts_status status = ts_recording_read(&file, arguments->input, error);
    if (status == TS_OK && arguments->terminal)
        status = ts_picture_print_trace(stdout, &file, &options, ts_terminal_columns(stdout) - 1,
                                        ts_terminal_colour(stdout), error);
    else if (status == TS_OK)
        status = ts_picture_draw_trace(&file, &options, output, error);
    ts_recording_free(&file);
    return status;
}

/* An option that the other kind of file has. */
static ts_status check_options(const plot_arguments *arguments, bool is_trace, ts_error *error) {
    const char *option = is_trace && arguments->has_neurons ? "--neurons is for results of sweeps"
                         : is_trace && arguments->has_slice ? "--criterion, --unexplained-variance, --observation, "
                                                              "--x, --y, --at and --boundary are for results of sweeps"
                         : !is_trace && arguments->replicate >= 0 ? "--replicate is for traces"
                                                                  : NULL;
    if (!option)
        return TS_OK;
    return ts_fail(error, TS_INVALID, "", "%s, %s is none", option, arguments->input);
}

static ts_status plot(const plot_arguments *arguments, ts_error *error) {
    bool is_trace = false;
    ts_status status = ts_recording_recognise(arguments->input, &is_trace, error);
    if (status == TS_OK)
        status = check_options(arguments, is_trace, error);
    if (status != TS_OK)
        return status;
    const char *ending = is_trace ? ts_picture_trace_ending(arguments->kind) : ts_picture_ending(arguments->kind);
    char *output = arguments->output ? strdup(arguments->output) : default_picture(arguments->input, ending);
    if (!output)
        return TS_FAILED;
    if (!arguments->terminal)
        status = ts_file_check(output, error);
    if (status == TS_OK)
        status = is_trace ? plot_trace(arguments, output, error) : plot_sweep(arguments, output, error);
    if (status == TS_OK && !arguments->terminal)
        printf("%s\n", output);
    free(output);
    return status;
}

int ts_cli_plot(int argc, char **argv) {
    static const struct argp argp = {
        plot_options,
        parse_plot,
        "FILE.nc",
        "Draw a result file of 'timescape run' or 'timescape trace'."
        "\vPictures are drawn by gnuplot, which is found by PATH. It may take as long as it works: it is ended, with "
        "an "
        "error, only after 2 minutes in which it neither reads, writes, nor uses the processor. It ends with timescape "
        "plot, and nothing but the picture is written.",
        NULL,
        NULL,
        NULL};
    plot_arguments arguments = {.slice = ts_slice_default(), .replicate = -1};
    argp_parse(&argp, argc, argv, 0, NULL, &arguments);
    signal(SIGCHLD, SIG_DFL); /* whoever started this process may have it ignored; gnuplot's end would not be seen */
    ts_error error = {.message = "not enough memory"};
    const ts_status status = plot(&arguments, &error);
    if (status != TS_OK)
        ts_print_error(&error);
    return (int)status;
}
