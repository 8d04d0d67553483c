/* timescape plot: result file in, picture out. */
#include "cli/cli.h"
#include "io/picture.h"

#include <argp.h>
#include <stdlib.h>
#include <string.h>

typedef struct plot_arguments {
    const char *input;
    const char *output;
    ts_picture_options picture;
    bool terminal;
} plot_arguments;

enum { OPTION_KIND = 256, OPTION_NEURONS, OPTION_TERMINAL };

static const struct argp_option plot_options[] = {
    {"output", 'o', "FILE", 0, "Picture; .png, .svg or .pdf; default: FILE.nc with the ending .png", 0},
    {"kind", OPTION_KIND, "KIND", 0,
     "success (default): success rate over epsilon and m; loss: box plot of the final loss over epsilon; agreement: "
     "how many trainings end as their limit epsilon -> 0, after a run with theory: true",
     0},
    {"neurons", OPTION_NEURONS, "M", 0, "Neuron count for --kind loss, which it implies; default: the largest", 0},
    {"terminal", OPTION_TERMINAL, NULL, 0, "Print the picture as text instead of drawing it", 0},
    {0},
};

static error_t parse_plot(int key, char *argument, struct argp_state *state) {
    plot_arguments *arguments = state->input;
    switch (key) {
    case 'o':
        arguments->output = argument;
        return 0;
    case OPTION_KIND:
        arguments->picture.kind = argument;
        return 0;
    case OPTION_NEURONS:
        arguments->picture.neurons = ts_parse_whole(state, "--neurons", argument, 1, TS_MAX_NEURONS);
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
        if (arguments->picture.neurons > 0 && !arguments->picture.kind)
            arguments->picture.kind = "loss";
        if (arguments->terminal && arguments->output)
            argp_error(state, "--terminal prints to standard output; it does not go with --output");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* The input's name with the ending .png. The caller frees it. */
static char *default_picture(const char *input) {
    const char *ending = strrchr(input, '.');
    const int length = ending && strcmp(ending, ".nc") == 0 ? (int)(ending - input) : (int)strlen(input);
    char *path;
    return asprintf(&path, "%.*s.png", length, input) < 0 ? NULL : path;
}

static ts_status draw(const plot_arguments *arguments, const ts_result *result, ts_error *error) {
    if (arguments->terminal)
        return ts_picture_print(stdout, result, &arguments->picture, ts_terminal_columns(stdout) - 1,
                                ts_terminal_colour(stdout), error);
    char *output = arguments->output ? strdup(arguments->output) : default_picture(arguments->input);
    if (!output)
        return TS_FAILED;
    const ts_status status = ts_picture_draw(result, &arguments->picture, output, error);
    if (status == TS_OK)
        printf("%s\n", output);
    free(output);
    return status;
}

int ts_cli_plot(int argc, char **argv) {
    static const struct argp argp = {plot_options, parse_plot, "FILE.nc", "Draw a result file of 'timescape run'.",
                                     NULL,         NULL,       NULL};
    plot_arguments arguments = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &arguments);
    ts_result result = {0};
    ts_error error = {.message = "not enough memory"};
    ts_status status = ts_result_read(&result, arguments.input, &error);
    if (status == TS_OK)
        status = draw(&arguments, &result, &error);
    if (status != TS_OK)
        ts_print_error(&error);
    ts_result_free(&result);
    return (int)status;
}
