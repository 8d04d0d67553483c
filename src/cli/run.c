/* timescape run: configuration in, result file out. */
#include "backend/range.h"
#include "cli/cli.h"
#include "cli/progress.h"
#include "cli/summary.h"
#include "io/result.h"

#include <argp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct run_arguments {
    const char *config;
    const char *output;
    ts_assignments assignments;
    ts_run_options options;
    int devices[TS_MAX_DEVICES];
    bool quiet;
} run_arguments;

enum { OPTION_SET = 256, OPTION_DEVICES };

static const struct argp_option run_options[] = {
    {"output", 'o', "FILE.nc", 0, "Result file; default: the name of CONFIG with the ending .nc, in this folder", 0},
    {"set", OPTION_SET, "KEY=VALUE", 0, "Change a key of the configuration, e.g. sgd.h=1e-5; may be repeated", 0},
    {"devices", OPTION_DEVICES, "LIST", 0, "GPUs to use, e.g. 0,1; default: all", 0},
    {"quiet", 'q', NULL, 0, "Print errors only", 0},
    {0},
};

/* "0,1" */
static void parse_devices(run_arguments *arguments, const struct argp_state *state, const char *list) {
    size_t count = 0;
    for (const char *at = list;; at++) {
        char *end;
        const long index = strtol(at, &end, 10);
        if (end == at || (*end && *end != ',') || *at == '-' || index > 4095 || count == TS_MAX_DEVICES) {
            argp_error(state, "--devices: found '%s', allowed are numbers of GPUs with commas between, as in 0,1",
                       list);
            return;
        }
        arguments->devices[count++] = (int)index;
        at = end;
        if (!*at)
            break;
    }
    arguments->options.devices = arguments->devices;
    arguments->options.device_count = count;
}

static error_t parse_run(int key, char *argument, struct argp_state *state) {
    run_arguments *arguments = state->input;
    switch (key) {
    case 'o':
        arguments->output = argument;
        return 0;
    case 'q':
        arguments->quiet = true;
        return 0;
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &arguments->options;
        return 0;
    case OPTION_SET:
        ts_assignments_add(&arguments->assignments, argument);
        return 0;
    case OPTION_DEVICES:
        parse_devices(arguments, state, argument);
        return 0;
    case ARGP_KEY_ARG:
        if (arguments->config)
            argp_error(state, "one configuration file at a time; found '%s' after '%s'", argument, arguments->config);
        arguments->config = argument;
        return 0;
    case ARGP_KEY_END:
        if (!arguments->config)
            argp_error(state, "the configuration file is missing");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* The name of the configuration with the ending .nc, in the current folder. The caller frees it. */
static char *default_output(const char *config) {
    const char *slash = strrchr(config, '/');
    const char *name = slash ? slash + 1 : config;
    const char *dot = strrchr(name, '.');
    const int length = dot && dot > name ? (int)(dot - name) : (int)strlen(name);
    char *path;
    return asprintf(&path, "%.*s.nc", length, name) < 0 ? NULL : path;
}

static char *join_command(int argc, char **argv) {
    size_t size = 1;
    for (int i = 0; i < argc; i++)
        size += strlen(argv[i]) + 1;
    char *command = calloc(size, 1);
    for (int i = 0; command && i < argc; i++) {
        strcat(command, argv[i]);
        if (i + 1 < argc)
            strcat(command, " ");
    }
    return command;
}

static ts_status choose_backend(run_arguments *arguments, const ts_settings *settings) {
    const ts_status status = ts_choose_backend(&arguments->options, settings, !arguments->quiet);
    if (status != TS_OK || arguments->options.device_count == 0 || strcmp(arguments->options.backend, "cuda") == 0)
        return status;
    fprintf(stderr, "timescape: --devices is for the cuda backend, this run is on '%s'\n", arguments->options.backend);
    return TS_INVALID;
}

static ts_status run_with_progress(const run_arguments *arguments, ts_sweep *sweep, ts_run_report *report) {
    ts_error error = {0};
    ts_run_options options = arguments->options;
    ts_progress_line line = ts_progress_begin(arguments->quiet);
    options.on_progress = ts_progress_show;
    options.context = &line;
    const ts_status status = ts_sweep_run(sweep, &options, report, &error);
    ts_progress_end(&line);
    if (status != TS_OK && status != TS_INTERRUPTED)
        ts_print_error(&error);
    return status;
}

static ts_status write_result(const char *path, const ts_sweep *sweep, const ts_config *config, const char *command,
                              const ts_run_report *report, bool complete) {
    TS_RANGE_PUSH("write");
    const ts_result_origin origin = {config->title, config->text, command, report->backend, complete};
    ts_error error = {0};
    const ts_status status = ts_result_write(path, sweep, &origin, &error);
    TS_RANGE_POP();
    if (status != TS_OK)
        ts_print_error(&error);
    return status;
}

/* Where an unfinished run is written: `output`, or beside it when an older result stands there. The caller frees it.
 */
static char *partial_output(const char *output) {
    if (access(output, F_OK) != 0)
        return strdup(output);
    const char *ending = strrchr(output, '.');
    const int length = ending && strcmp(ending, ".nc") == 0 ? (int)(ending - output) : (int)strlen(output);
    char *path;
    return asprintf(&path, "%.*s.partial.nc", length, output) < 0 ? NULL : path;
}

/* The trainings that were finished before the run ended with `status`, which is returned. */
static ts_status write_unfinished(ts_status status, const char *output, const ts_sweep *sweep, const ts_config *config,
                                  const char *command, const run_arguments *arguments, const ts_run_report *report) {
    const char *what = status == TS_INTERRUPTED ? "interrupted" : "failed";
    if (report->trainings == 0) {
        fprintf(stderr, "timescape: %s before a training was finished; nothing was written\n", what);
        return status;
    }
    char *path = partial_output(output);
    const ts_status written = path ? write_result(path, sweep, config, command, report, false) : TS_FAILED;
    if (written == TS_OK)
        fprintf(stderr, "timescape: %s; the %llu trainings (of %llu) that were finished are in %s\n", what,
                (unsigned long long)report->trainings, (unsigned long long)ts_sweep_estimate(sweep).trainings, path);
    if (written == TS_OK && !arguments->quiet)
        ts_print_summary(path, report);
    free(path);
    return written == TS_OK ? status : written;
}

static ts_status run_sweep(run_arguments *arguments, ts_sweep *sweep, const ts_config *config, const char *output,
                           const char *command) {
    ts_error error = {0};
    ts_status status = ts_result_check_path(output, arguments->config, &error);
    if (status != TS_OK) {
        ts_print_error(&error);
        return status;
    }
    status = choose_backend(arguments, ts_sweep_settings(sweep));
    if (status != TS_OK)
        return status;
    ts_run_report report = {0};
    status = run_with_progress(arguments, sweep, &report);
    if (status == TS_INTERRUPTED || (status == TS_FAILED && report.trainings > 0))
        return write_unfinished(status, output, sweep, config, command, arguments, &report);
    if (status == TS_OK)
        status = write_result(output, sweep, config, command, &report, true);
    if (status == TS_OK && !arguments->quiet)
        ts_print_summary(output, &report);
    return status;
}

int ts_cli_run(int argc, char **argv) {
    static const struct argp_child children[] = {{&ts_run_options_parser, 0, NULL, 0}, {0}};
    static const struct argp argp = {
        run_options,
        parse_run,
        "CONFIG",
        "Run the sweep that CONFIG describes and write its result file.\vProgress goes to standard error. Ctrl-C stops "
        "the run; trainings that are finished by then are written.",
        children,
        NULL,
        NULL};
    run_arguments arguments = {0};
    char *command = join_command(argc, argv);
    argp_parse(&argp, argc, argv, 0, NULL, &arguments);

    ts_config config = {0};
    ts_sweep *sweep = NULL;
    TS_RANGE_PUSH("configuration");
    ts_status status = ts_load_sweep(arguments.config, &arguments.assignments, &config, &sweep);
    TS_RANGE_POP();
    if (status == TS_OK) {
        char *output = arguments.output ? strdup(arguments.output) : default_output(arguments.config);
        status = output && command ? run_sweep(&arguments, sweep, &config, output, command) : TS_FAILED;
        free(output);
        ts_sweep_destroy(sweep);
        ts_config_free(&config);
    }
    free(command);
    free(arguments.assignments.item);
    return (int)status;
}
