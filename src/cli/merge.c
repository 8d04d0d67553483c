/* timescape merge: results of the same configuration in, one result out. */
#include "campaign/merge.h"
#include "cli/cli.h"
#include "cli/job.h"
#include "io/text.h"

#include <argp.h>
#include <stdlib.h>

typedef struct merge_arguments {
    ts_assignments parts; /* paths */
    const char *output;
    bool quiet;
    ts_lock lock; /* on the output */
} merge_arguments;

static const struct argp_option merge_options[] = {
    {"output", 'o', "FILE.nc", 0, "Result file", 0},
    {"quiet", 'q', NULL, 0, "Print errors only", 0},
    {0},
};

static error_t parse_merge(int key, char *argument, struct argp_state *state) {
    merge_arguments *arguments = state->input;
    switch (key) {
    case 'o':
        arguments->output = argument;
        return 0;
    case 'q':
        arguments->quiet = true;
        return 0;
    case ARGP_KEY_ARG:
        ts_assignments_add(&arguments->parts, argument);
        return 0;
    case ARGP_KEY_END:
        if (arguments->parts.count == 0)
            argp_error(state, "the result files are missing");
        if (!arguments->output)
            argp_error(state, "-o is missing: the file to write");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static ts_result_origin origin_of(const ts_merged *merged, const char *command) {
    const bool complete = ts_merged_is_complete(merged);
    const ts_making *making = &merged->making;
    return (ts_result_origin){.title = merged->config.title,
                              .configuration = merged->config.text,
                              .command = command,
                              .backend = making->backend,
                              .complete = complete,
                              .host = making->host,
                              .device = making->device,
                              .instructions = making->instructions,
                              .threads = making->threads,
                              .devices = making->devices,
                              .wall_seconds = making->wall_seconds,
                              .part = complete ? "" : making->part};
}

static void print_merged(const merge_arguments *arguments, const ts_merged *merged, const char *written) {
    char missing[400];
    ts_merged_print_missing(missing, sizeof missing, merged);
    ts_print_moved(arguments->output, written);
    if (!arguments->quiet)
        printf("%s: %llu trainings of %zu file%s; %s\n", written, (unsigned long long)merged->trainings,
               arguments->parts.count, arguments->parts.count == 1 ? "" : "s", missing);
}

static ts_status merge(const merge_arguments *arguments, const char *command, ts_error *error) {
    ts_merged merged = {0};
    char *written = NULL;
    ts_status status = ts_merge_files(&merged, arguments->parts.item, arguments->parts.count, error);
    if (status == TS_OK) {
        const ts_result_origin origin = origin_of(&merged, command);
        status = ts_result_write(arguments->output, merged.sweep, &origin, &written, error);
    }
    if (status == TS_OK && written)
        print_merged(arguments, &merged, written);
    free(written);
    ts_merged_free(&merged);
    return status;
}

int ts_cli_merge(int argc, char **argv) {
    static const struct argp argp = {
        merge_options,
        parse_merge,
        "PART.nc...",
        "Add results of the same configuration, each with other trainings of it, as 'timescape run --shard' makes "
        "them.\vWhat no part has is told, and the result is an unfinished one then. In which order and grouping "
        "results are merged makes no difference.",
        NULL,
        NULL,
        NULL};
    merge_arguments arguments = {.lock = TS_NO_LOCK};
    ts_error error = {.message = "not enough memory"};
    char *command = ts_join_command(argc, argv);
    argp_parse(&argp, argc, argv, 0, NULL, &arguments);
    ts_status status = command ? ts_lock_take(&arguments.lock, arguments.output, &error) : TS_FAILED;
    if (status == TS_OK)
        status = ts_result_check_path(arguments.output, NULL, NULL, &error);
    if (status == TS_OK)
        status = merge(&arguments, command, &error);
    if (status != TS_OK)
        ts_print_error(&error);
    ts_lock_release(&arguments.lock);
    free(arguments.parts.item);
    free(command);
    return (int)status;
}
