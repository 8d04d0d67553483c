/* timescape run: configuration in, result file out. */
#include "backend/range.h"
#include "cli/checkpoint.h"
#include "cli/job.h"
#include "cli/progress.h"
#include "cli/reuse.h"
#include "cli/summary.h"

#include <argp.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct run_arguments {
    ts_cli_job job;
    ts_cli_checkpoint checkpoint;
    ts_assignments reuse; /* paths */
} run_arguments;

enum { OPTION_FRESH = 256, OPTION_CHECKPOINT_EVERY, OPTION_SHARD };

static const struct argp_option run_options[] = {
    {"fresh", OPTION_FRESH, NULL, 0, "Begin anew, and discard the checkpoint of a run that was stopped", 0},
    {"checkpoint-every", OPTION_CHECKPOINT_EVERY, "SECONDS", 0,
     "Keep what is done, and where trainings stand, so often in FILE.nc.checkpoint, from which the same command goes "
     "on; "
     "default: 30",
     0},
    {"shard", OPTION_SHARD, "I/N", 0, "Do only the I-th of N parts of the sweep, which cost the same", 0},
    {0},
};

#define LEAST_SECONDS 0.1
#define MOST_SECONDS 86400.0

static double parse_seconds(const struct argp_state *state, const char *text) {
    char *end;
    const double value = strtod(text, &end);
    if (end == text || *end || !(value >= LEAST_SECONDS && value <= MOST_SECONDS))
        argp_error(state, "--checkpoint-every: found '%s', allowed are seconds from %g to %g", text, LEAST_SECONDS,
                   MOST_SECONDS);
    return value;
}

/* A whole number that is not signed, up to `most`; 0: there is none. */
static uint32_t parse_part(const char *text, char **end, uint32_t most) {
    const bool is_number = *text >= '0' && *text <= '9';
    const unsigned long value = is_number ? strtoul(text, end, 10) : 0;
    return value <= most ? (uint32_t)value : 0;
}

static void parse_shard(const struct argp_state *state, const char *text, ts_run_options *options) {
    const char *slash = strchr(text, '/');
    char *first_end = NULL, *second_end = NULL;
    options->parts = slash ? parse_part(slash + 1, &second_end, TS_MAX_PARTS) : 0;
    options->part = parse_part(text, &first_end, options->parts);
    if (options->part == 0 || first_end != slash || *second_end)
        argp_error(state, "--shard: found '%s', allowed is I/N with whole numbers, 1 <= I <= N <= %d", text,
                   TS_MAX_PARTS);
}

static error_t parse_run(int key, char *argument, struct argp_state *state) {
    run_arguments *arguments = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &arguments->job;
        state->child_inputs[1] = &arguments->reuse;
        return 0;
    case OPTION_FRESH:
        arguments->checkpoint.fresh = true;
        return 0;
    case OPTION_CHECKPOINT_EVERY:
        arguments->checkpoint.every = parse_seconds(state, argument);
        return 0;
    case OPTION_SHARD:
        parse_shard(state, argument, &arguments->job.options);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- the run */

/* What a run is made of. */
typedef struct run {
    const ts_cli_job *job;
    ts_cli_checkpoint *checkpoint;
    const ts_assignments *reuse;
    ts_sweep *sweep;
    const ts_config *config;
    const char *output, *command;
    ts_run_report report;
} run;

static ts_status run_with_progress(run *of) {
    ts_keeper *keeper = of->checkpoint->keeper;
    ts_error error = {0};
    ts_run_options options = of->job->options;
    ts_progress_line line = ts_progress_begin(of->job->quiet, keeper);
    options.on_progress = ts_progress_show;
    options.context = &line;
    ts_status status = ts_keeper_begin(keeper, of->checkpoint->every, &error);
    if (status == TS_OK)
        status = ts_sweep_run(of->sweep, &options, &of->report, &error);
    ts_keeper_end(keeper);
    ts_progress_end(&line);
    of->report.seconds -= line.suspended;
    if (status != TS_OK && status != TS_INTERRUPTED)
        ts_print_error(&error);
    return status;
}

static uint64_t finished(const ts_sweep *sweep) {
    uint64_t count = 0;
    for (size_t cell = 0; cell < ts_sweep_cell_count(sweep); cell++)
        count += ts_sweep_summary(sweep, cell).trainings;
    return count;
}

/* *written is the path of the file, which the caller frees. */
static ts_status write_result(const run *of, bool complete, char **written) {
    TS_RANGE_PUSH("write");
    char part[TS_PART_BYTES];
    const ts_result_origin origin =
        ts_cli_origin(of->config, of->command, &of->job->options, &of->report, complete, part);
    ts_error error = {0};
    const ts_status status = ts_result_write(of->output, of->sweep, &origin, written, &error);
    TS_RANGE_POP();
    if (status != TS_OK)
        ts_print_error(&error);
    return status;
}

/* The trainings that have finished, where the run ended with `status`, which is returned. What goes on from here is
 * kept first. */
static ts_status write_unfinished(const run *of, ts_status status) {
    const char *what = status == TS_INTERRUPTED ? "interrupted" : "failed";
    const uint64_t trainings = finished(of->sweep);
    const bool kept = ts_cli_checkpoint_save(of->checkpoint) == TS_OK && ts_cli_checkpoint_is_there(of->checkpoint);
    const char *goes_on = kept ? "; the same command goes on from here" : "";
    if (trainings == 0) {
        fprintf(stderr, "timescape: %s before a training was finished; nothing was written%s\n", what, goes_on);
        return status;
    }
    char *path = NULL;
    const ts_status written = write_result(of, false, &path);
    if (written == TS_OK && path)
        fprintf(stderr, "timescape: %s; the %llu trainings (of %s%llu) that were finished are in %s%s\n", what,
                (unsigned long long)trainings, ts_sweep_settings(of->sweep)->half_width > 0 ? "at most " : "",
                (unsigned long long)ts_sweep_estimate(of->sweep).trainings, path, goes_on);
    if (written == TS_OK && path && !of->job->quiet)
        ts_print_summary(path, &of->report);
    free(path);
    return written == TS_OK ? status : written;
}

/* A run of seconds has no checkpoint, and needs none, unless its result cannot be written. */
static ts_status write_finished(const run *of) {
    char *written = NULL;
    bool kept = ts_cli_checkpoint_is_there(of->checkpoint) && ts_cli_checkpoint_save(of->checkpoint) == TS_OK;
    const ts_status status = write_result(of, true, &written);
    if (status == TS_OK) {
        ts_cli_checkpoint_remove(of->checkpoint);
        if (written)
            ts_print_moved(of->output, written);
        if (written && !of->job->quiet)
            ts_print_summary(written, &of->report);
    } else {
        kept = kept || ts_cli_checkpoint_save(of->checkpoint) == TS_OK;
    }
    if (status != TS_OK && kept)
        fprintf(stderr, "timescape: all trainings are in %s; the same command only writes the result\n",
                ts_store_path(of->checkpoint->store));
    free(written);
    return status;
}

static ts_status run_sweep(run *of, ts_cli_job *job) {
    const ts_result_amount planned = {.values = (double)ts_sweep_estimate(of->sweep).trainings};
    ts_status status = ts_cli_job_prepare(job, of->output, &planned, ts_sweep_settings(of->sweep));
    if (status == TS_OK)
        status = ts_cli_checkpoint_open(of->checkpoint, job, of->sweep, of->config->text, of->output);
    if (status == TS_OK)
        status = ts_cli_reuse(job, of->reuse, of->sweep);
    if (status != TS_OK)
        return status;
    status = run_with_progress(of);
    if (status == TS_OK)
        return write_finished(of);
    if (status == TS_INTERRUPTED || (status == TS_FAILED && ts_sweep_has_begun(of->sweep)))
        return write_unfinished(of, status);
    return status;
}

int ts_cli_run(int argc, char **argv) {
    static const struct argp_child children[] = {
        {&ts_cli_job_parser, 0, NULL, 0}, {&ts_cli_reuse_parser, 0, NULL, 0}, {0}};
    static const struct argp argp = {
        run_options,
        parse_run,
        "CONFIG",
        "Run the sweep that CONFIG describes, a YAML file or a result whose configuration is to be run again, and "
        "write its result file.\vProgress goes to standard error. Ctrl-C stops "
        "the run; trainings that are finished by then are written, and the same command goes on from there, as it does "
        "after a crash. SIGUSR1 asks for a checkpoint.",
        children,
        NULL,
        NULL};
    run_arguments arguments = {.job = {.lock = TS_NO_LOCK}, .checkpoint = {.every = TS_CHECKPOINT_EVERY}};
    ts_cli_job *job = &arguments.job;
    char *command = ts_join_command(argc, argv);
    argp_parse(&argp, argc, argv, 0, NULL, &arguments);

    ts_config config = {0};
    ts_sweep *sweep = NULL;
    TS_RANGE_PUSH("configuration");
    ts_status status = ts_load_sweep(job->config, &job->assignments, &config, &sweep);
    TS_RANGE_POP();
    if (status == TS_OK) {
        char *output = ts_cli_job_output(job, ".nc");
        run of = {job, &arguments.checkpoint, &arguments.reuse, sweep, &config, output, command, {0}};
        status = output && command ? run_sweep(&of, job) : TS_FAILED;
        ts_cli_checkpoint_close(&arguments.checkpoint);
        free(output);
        ts_sweep_destroy(sweep);
        ts_config_free(&config);
    }
    free(command);
    free(arguments.reuse.item);
    ts_cli_job_end(job);
    return (int)status;
}
