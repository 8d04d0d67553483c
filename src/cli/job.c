#include "cli/job.h"

#include <argp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_SET = 256, OPTION_DEVICES };

static const struct argp_option job_options[] = {
    {"output", 'o', "FILE.nc", 0, "Result file; default: named after CONFIG, in this folder", 0},
    {"set", OPTION_SET, "KEY=VALUE", 0, "Change a key of the configuration, e.g. sgd.h=1e-5; may be repeated", 0},
    {"devices", OPTION_DEVICES, "LIST", 0, "GPUs to use, e.g. 0,1; default: all", 0},
    {"quiet", 'q', NULL, 0, "Print errors only", 0},
    {0},
};

/* "0,1" */
static void parse_devices(ts_cli_job *job, const struct argp_state *state, const char *list) {
    size_t count = 0;
    for (const char *at = list;; at++) {
        char *end;
        const long index = strtol(at, &end, 10);
        if (end == at || (*end && *end != ',') || *at == '-' || index > 4095 || count == TS_MAX_DEVICES) {
            argp_error(state, "--devices: found '%s', allowed are numbers of GPUs with commas between, as in 0,1",
                       list);
            return;
        }
        job->devices[count++] = (int)index;
        at = end;
        if (!*at)
            break;
    }
    job->options.devices = job->devices;
    job->options.device_count = count;
}

static error_t parse_job(int key, char *argument, struct argp_state *state) {
    ts_cli_job *job = state->input;
    switch (key) {
    case 'o':
        job->output = argument;
        return 0;
    case 'q':
        job->quiet = true;
        return 0;
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &job->options;
        return 0;
    case OPTION_SET:
        ts_assignments_add(&job->assignments, argument);
        return 0;
    case OPTION_DEVICES:
        parse_devices(job, state, argument);
        return 0;
    case ARGP_KEY_ARG:
        if (job->config)
            argp_error(state, "one configuration file at a time; found '%s' after '%s'", argument, job->config);
        job->config = argument;
        return 0;
    case ARGP_KEY_END:
        if (!job->config)
            argp_error(state, "the configuration file is missing");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child job_children[] = {{&ts_run_options_parser, 0, NULL, 0}, {0}};
const struct argp ts_cli_job_parser = {job_options, parse_job, NULL, NULL, job_children, NULL, NULL};

static ts_status take_output(ts_cli_job *job, const char *output, const ts_result_amount *planned) {
    ts_error error = {0};
    ts_status status = ts_lock_take(&job->lock, output, &error);
    if (status == TS_OK)
        status = ts_result_check_path(output, job->config, planned, &error);
    if (status != TS_OK)
        ts_print_error(&error);
    return status;
}

ts_status ts_cli_job_prepare(ts_cli_job *job, const char *output, const ts_result_amount *planned,
                             const ts_settings *settings) {
    signal(SIGPIPE, SIG_IGN); /* work is not lost because nobody reads any more what is printed about it */
    ts_status status = job->helps ? TS_OK : take_output(job, output, planned);
    if (status == TS_OK)
        status = ts_choose_backend(&job->options, settings, !job->quiet);
    return status;
}

void ts_cli_job_end(ts_cli_job *job) {
    ts_lock_release(&job->lock);
    free(job->assignments.item);
}

ts_result_origin ts_cli_origin(const ts_config *config, const char *command, const ts_run_options *options,
                               const ts_run_report *report, bool complete, char part[TS_PART_BYTES]) {
    const bool has_devices = report->device[0];
    part[0] = '\0';
    if (options->parts > 1)
        snprintf(part, TS_PART_BYTES, "%u of %u", options->part, options->parts);
    return (ts_result_origin){.title = config->title,
                              .configuration = config->text,
                              .command = command,
                              .backend = report->backend,
                              .complete = complete && !part[0],
                              .device = report->device,
                              .instructions = report->instructions,
                              .threads = has_devices ? 0 : report->threads,
                              .devices = has_devices ? report->threads : 0,
                              .wall_seconds = report->seconds,
                              .part = part};
}

void ts_print_moved(const char *output, const char *written) {
    if (strcmp(output, written) != 0)
        fprintf(stderr, "timescape: the result is in %s, because a file has come to %s that is not to be replaced\n",
                written, output);
}

char *ts_cli_job_output(const ts_cli_job *job, const char *ending) {
    if (job->output)
        return strdup(job->output);
    const char *slash = strrchr(job->config, '/');
    const char *name = slash ? slash + 1 : job->config;
    const char *dot = strrchr(name, '.');
    const int length = dot && dot > name ? (int)(dot - name) : (int)strlen(name);
    char *path;
    return asprintf(&path, "%.*s%s", length, name, ending) < 0 ? NULL : path;
}

char *ts_join_command(int argc, char **argv) {
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
