/* timescape run: configuration in, result file out. */
#include "backend/range.h"
#include "base/fail.h"
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
    const ts_cli_crew *crew; /* NULL: this process is alone */
    ts_cli_job *job;
    ts_cli_checkpoint *checkpoint;
    const ts_assignments *reuse;
    ts_sweep *sweep;
    ts_config *config;
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
    if (of->crew)
        of->crew->watch(of->crew->context, &options);
    ts_status status = ts_keeper_begin(keeper, of->checkpoint->every, &error);
    status = ts_crew_agree(of->crew, status);
    const bool has_begun = status == TS_OK;
    if (has_begun)
        status = ts_sweep_run(of->sweep, &options, &of->report, &error);
    ts_keeper_end(keeper);
    if (of->crew && has_begun)
        status = ts_together_end(of->sweep, &of->crew->post, status, &error);
    ts_progress_end(&line);
    of->report.seconds -= line.suspended;
    if (status != TS_OK && status != TS_INTERRUPTED)
        ts_crew_print_error(of->crew, &error);
    return status;
}

static uint64_t finished(const ts_sweep *sweep) {
    uint64_t count = 0;
    for (size_t cell = 0; cell < ts_sweep_cell_count(sweep); cell++)
        count += ts_sweep_summary(sweep, cell).trainings;
    return count;
}

/* Trainings that the run is to have done in the end. */
static uint64_t planned(const run *of) {
    const ts_run_options *options = &of->job->options;
    ts_progress progress = {0};
    const bool told = ts_sweep_progress(of->sweep, options->part, options->parts, &progress);
    return told ? progress.trainings_total : ts_sweep_estimate(of->sweep).trainings;
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
                (unsigned long long)planned(of), path, goes_on);
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

static ts_status check_configuration(const run *of, ts_error *error) {
    const ts_cli_crew *crew = of->crew;
    uint8_t *text = (uint8_t *)of->config->text;
    size_t size = strlen(of->config->text);
    ts_status status = crew->post.spread(crew->post.context, &text, &size, error);
    if (status != TS_OK)
        return status;
    const bool differs = strlen(of->config->text) != size || memcmp(of->config->text, text, size) != 0;
    if (text != (uint8_t *)of->config->text)
        free(text);
    if (differs)
        status = ts_fail(error, TS_INVALID, "", "%s: another process of the job has read another configuration there",
                         of->job->config);
    return ts_team_agree(crew->team, status, error);
}

/* All of a crew have read the same configuration, take their places, and know what there is already. */
static ts_status come_together(run *of) {
    ts_error error = {0};
    const ts_cli_crew *crew = of->crew;
    ts_status status = check_configuration(of, &error);
    if (status != TS_OK)
        ts_crew_print_error(crew, &error);
    if (status == TS_OK)
        status = crew->take_place(crew->context, ts_sweep_settings(of->sweep), &of->job->options, of->job->quiet);
    return status;
}

/* What is there already, also in other results, in the process that has the files, and where its trainings stand, in
 * all. */
static ts_status open_checkpoint(run *of) {
    ts_error error = {0};
    of->checkpoint->crew = of->crew;
    ts_status status = ts_cli_checkpoint_open(of->checkpoint, of->job, of->sweep, of->config->text, of->output);
    if (status == TS_OK && ts_has_files(of->crew))
        status = ts_cli_reuse(of->job, of->reuse, of->sweep);
    status = ts_crew_agree(of->crew, status);
    if (status != TS_OK || !of->crew)
        return status;
    of->sweep->team = of->crew->team;
    status = ts_together_begin(of->sweep, &of->crew->post, &error);
    if (status != TS_OK)
        ts_crew_print_error(of->crew, &error);
    return status;
}

static ts_status prepare(void *context) {
    const run *of = context;
    const ts_result_amount planned = {.values = (double)ts_sweep_estimate(of->sweep).trainings};
    return ts_cli_job_prepare(of->job, of->output, &planned, ts_sweep_settings(of->sweep));
}

static ts_status run_sweep(run *of) {
    ts_status status = of->crew ? come_together(of) : TS_OK;
    if (status == TS_OK)
        status = ts_crew_in_turn(of->crew, prepare, of);
    if (status == TS_OK)
        status = open_checkpoint(of);
    if (status != TS_OK)
        return status;
    status = run_with_progress(of);
    if (!ts_has_files(of->crew))
        return status;
    if (status == TS_OK)
        return write_finished(of);
    if (status == TS_INTERRUPTED || (status == TS_FAILED && ts_sweep_has_begun(of->sweep)))
        return write_unfinished(of, status);
    return status;
}

static ts_status load(void *context) {
    run *of = context;
    if (!of->output || !of->command)
        return TS_FAILED;
    TS_RANGE_PUSH("configuration");
    const ts_status status = ts_load_sweep(of->job->config, &of->job->assignments, of->config, &of->sweep);
    TS_RANGE_POP();
    return status;
}

int ts_cli_run(int argc, char **argv) {
    return ts_cli_run_by(argc, argv, NULL);
}

int ts_cli_run_by(int argc, char **argv, const ts_cli_crew *crew) {
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
    ts_crew_parse(crew, &argp, argc, argv, &arguments);
    job->helps = !ts_has_files(crew);
    job->quiet = job->quiet || job->helps;

    ts_config config = {0};
    run of = {.crew = crew,
              .job = job,
              .checkpoint = &arguments.checkpoint,
              .reuse = &arguments.reuse,
              .config = &config,
              .command = command};
    char *output = ts_cli_job_output(job, ".nc");
    of.output = output;
    ts_status status = ts_crew_in_turn(crew, load, &of);
    if (status == TS_OK)
        status = run_sweep(&of);
    ts_cli_checkpoint_close(&arguments.checkpoint);
    ts_sweep_destroy(of.sweep);
    ts_config_free(&config);
    free(output);
    free(command);
    free(arguments.reuse.item);
    ts_cli_job_end(job);
    return (int)status;
}
