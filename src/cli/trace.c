/* timescape trace: configuration in, a few trainings followed closely, trace file out. */
#include "cli/job.h"
#include "cli/progress.h"
#include "cli/summary.h"
#include "cli/trace_choice.h"
#include "io/netcdf/recording.h"

#include <argp.h>
#include <math.h>
#include <stdlib.h>

#define FEWEST_TIMES 2 /* that are worth a file */

typedef struct trace_arguments {
    ts_cli_job job;
    ts_trace_choice choice;
} trace_arguments;

enum { OPTION_REPLICATES = 256, OPTION_TIMES, OPTION_NO_FUNCTIONS, OPTION_AT, OPTION_EPSILON, OPTION_NEURONS };

static const struct argp_option trace_options[] = {
    {"replicates", OPTION_REPLICATES, "LIST", 0,
     "Trainings by their numbers, e.g. 7 or 0..3,17; default: the first four", 0},
    {"times", OPTION_TIMES, "N", 0,
     "Look at so many equally spaced steps, start and end included (default: 101), or with log:N at the start and "
     "steps "
     "from the first to the last each of which comes so many times as late as the one before",
     0},
    {"no-functions", OPTION_NO_FUNCTIONS, NULL, 0,
     "Leave out the functions, which are most of a file; pictures of them cannot be drawn then", 0},
    {"at", OPTION_AT, "AXIS=VALUE", 0,
     "Value on an axis of which the configuration has several, as in --at h=1e-4; may be repeated", 0},
    {"epsilon", OPTION_EPSILON, "E", 0, "The same as --at epsilon=E", 0},
    {"neurons", OPTION_NEURONS, "M", 0, "The same as --at neurons=M", 0},
    {0},
};

static error_t parse_trace(int key, char *argument, struct argp_state *state) {
    trace_arguments *arguments = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &arguments->job;
        return 0;
    case OPTION_REPLICATES:
        if (!ts_trace_choice_list(&arguments->choice, argument))
            argp_error(
                state,
                "--replicates: found '%s', allowed are up to %d whole numbers and ranges with commas between, as "
                "in 0..3,17",
                argument, TS_MAX_TRACED);
        return 0;
    case OPTION_TIMES:
        if (!ts_trace_choice_times(&arguments->choice, argument))
            argp_error(state, "--times: found '%s', allowed are whole numbers from 2 to %d, or log:N with one of them",
                       argument, TS_MAX_TRACE_TIMES);
        return 0;
    case OPTION_NO_FUNCTIONS:
        arguments->choice.no_functions = true;
        return 0;
    case OPTION_AT:
        ts_parse_at(state, argument, arguments->choice.at);
        return 0;
    case OPTION_EPSILON:
        ts_parse_value(state, "--epsilon", TS_PARAMETER_EPSILON, argument, arguments->choice.at);
        return 0;
    case OPTION_NEURONS:
        arguments->choice.at[TS_PARAMETER_NEURONS] = ts_parse_whole(state, "--neurons", argument, 1, TS_MAX_NEURONS);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static ts_status run_with_progress(const ts_cli_job *job, ts_trace *trace, ts_run_report *report) {
    ts_error error = {0};
    ts_run_options options = job->options;
    ts_progress_line line = ts_progress_begin(job->quiet, NULL);
    options.on_progress = ts_progress_show;
    options.context = &line;
    const ts_status status = ts_trace_run(trace, &options, report, &error);
    ts_progress_end(&line);
    report->seconds -= line.suspended;
    if (status != TS_OK && status != TS_INTERRUPTED)
        ts_print_error(&error);
    return status;
}

/* *written is the path of the file, which the caller frees. */
static ts_status write_trace(const char *path, const ts_trace *trace, const ts_config *config, const char *command,
                             const ts_run_report *report, bool complete, char **written) {
    char part[TS_PART_BYTES];
    const ts_result_origin origin = ts_cli_origin(config, command, &(ts_run_options){0}, report, complete, part);
    ts_error error = {0};
    const ts_status status = ts_recording_write(path, trace, &origin, written, &error);
    if (status != TS_OK)
        ts_print_error(&error);
    return status;
}

static ts_status write_finished(const char *output, const ts_trace *trace, const ts_config *config, const char *command,
                                const ts_run_report *report, const ts_cli_job *job) {
    char *path = NULL;
    const ts_status status = write_trace(output, trace, config, command, report, true, &path);
    if (status == TS_OK && path)
        ts_print_moved(output, path);
    if (status == TS_OK && path && !job->quiet)
        ts_print_trace_summary(path, report);
    free(path);
    return status;
}

/* The times that were recorded before the run ended with `status`, which is returned. */
static ts_status write_unfinished(ts_status status, const char *output, const ts_trace *trace, const ts_config *config,
                                  const char *command, const ts_run_report *report, const ts_cli_job *job) {
    const char *what = status == TS_INTERRUPTED ? "interrupted" : "failed";
    const ts_trace_data *data = ts_trace_result(trace);
    if (data->times < FEWEST_TIMES) {
        fprintf(stderr, "timescape: %s before a time behind the start was reached; nothing was written\n", what);
        return status;
    }
    char *path = NULL;
    const ts_status written = write_trace(output, trace, config, command, report, false, &path);
    if (written == TS_OK && path)
        fprintf(stderr, "timescape: %s; the %zu times up to step %llu are in %s\n", what, data->times,
                (unsigned long long)data->step[data->times - 1], path);
    if (written == TS_OK && path && !job->quiet)
        ts_print_trace_summary(path, report);
    free(path);
    return written == TS_OK ? status : written;
}

static ts_status run_trace(ts_cli_job *job, ts_trace *trace, size_t times, const ts_config *config, const char *output,
                           const char *command) {
    const ts_result_amount planned = {true, (double)ts_trace_result(trace)->trainings * (double)times};
    ts_status status = ts_cli_job_prepare(job, output, &planned, ts_trace_settings(trace));
    if (status != TS_OK)
        return status;
    ts_run_report report = {0};
    status = run_with_progress(job, trace, &report);
    if (status == TS_OK)
        return write_finished(output, trace, config, command, &report, job);
    if (status == TS_INTERRUPTED || (status == TS_FAILED && ts_trace_result(trace)->times >= FEWEST_TIMES))
        return write_unfinished(status, output, trace, config, command, &report, job);
    return status;
}

/* The configuration, and the trace of the trainings that are chosen from it; prints what is wrong. On success both
 * belong to the caller. */
static ts_status load_trace(trace_arguments *arguments, ts_config *config, ts_trace **trace) {
    const ts_assignments *assignments = &arguments->job.assignments;
    ts_trace_choice *choice = &arguments->choice;
    ts_error error = {0};
    ts_status status = ts_load_config(arguments->job.config, assignments, config, &error);
    if (status == TS_OK) {
        ts_settings settings = config->settings;
        status = ts_trace_choice_resolve(choice, &settings, &error);
        const ts_trace_options options = {.replicate = choice->replicate,
                                          .count = choice->count,
                                          .times = choice->times,
                                          .log_times = choice->log_times,
                                          .no_functions = choice->no_functions};
        if (status == TS_OK)
            status = ts_trace_create(trace, &settings, &options, &error);
        if (status != TS_OK)
            ts_config_free(config);
    }
    if (status != TS_OK)
        ts_print_error(&error);
    return status;
}

int ts_cli_trace(int argc, char **argv) {
    static const struct argp_child children[] = {{&ts_cli_job_parser, 0, NULL, 0}, {0}};
    static const struct argp argp = {
        trace_options,
        parse_trace,
        "CONFIG",
        "Follow a few trainings of CONFIG closely and write loss, positions, weights and functions over time, with the "
        "two-timescale limit beside them.\vThe trainings are those of 'timescape run', to the last bit. Ctrl-C stops "
        "them; the times that were recorded by then are written.",
        children,
        NULL,
        NULL};
    trace_arguments arguments = {.job.lock = TS_NO_LOCK};
    for (int p = 0; p < TS_PARAMETER_COUNT; p++)
        arguments.choice.at[p] = NAN;
    char *command = ts_join_command(argc, argv);
    argp_parse(&argp, argc, argv, 0, NULL, &arguments);

    ts_config config = {0};
    ts_trace *trace = NULL;
    ts_status status = load_trace(&arguments, &config, &trace);
    if (status == TS_OK) {
        char *output = ts_cli_job_output(&arguments.job, ".trace.nc");
        status = output && command ? run_trace(&arguments.job, trace, arguments.choice.times, &config, output, command)
                                   : TS_FAILED;
        free(output);
        ts_trace_destroy(trace);
        ts_config_free(&config);
    }
    free(command);
    ts_cli_job_end(&arguments.job);
    return (int)status;
}
