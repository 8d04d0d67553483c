/* timescape run: configuration in, result file out. */
#include "backend/range.h"
#include "cli/job.h"
#include "cli/progress.h"
#include "cli/summary.h"

#include <argp.h>
#include <stdlib.h>

static ts_status run_with_progress(const ts_cli_job *job, ts_sweep *sweep, ts_run_report *report) {
    ts_error error = {0};
    ts_run_options options = job->options;
    ts_progress_line line = ts_progress_begin(job->quiet);
    options.on_progress = ts_progress_show;
    options.context = &line;
    const ts_status status = ts_sweep_run(sweep, &options, report, &error);
    ts_progress_end(&line);
    report->seconds -= line.suspended;
    if (status != TS_OK && status != TS_INTERRUPTED)
        ts_print_error(&error);
    return status;
}

/* *written is the path of the file, which the caller frees. */
static ts_status write_result(const char *path, const ts_sweep *sweep, const ts_config *config, const char *command,
                              const ts_run_report *report, bool complete, char **written) {
    TS_RANGE_PUSH("write");
    const ts_result_origin origin = ts_cli_origin(config, command, report, complete);
    ts_error error = {0};
    const ts_status status = ts_result_write(path, sweep, &origin, written, &error);
    TS_RANGE_POP();
    if (status != TS_OK)
        ts_print_error(&error);
    return status;
}

/* The trainings that were finished before the run ended with `status`, which is returned. */
static ts_status write_unfinished(ts_status status, const char *output, const ts_sweep *sweep, const ts_config *config,
                                  const char *command, const ts_cli_job *job, const ts_run_report *report) {
    const char *what = status == TS_INTERRUPTED ? "interrupted" : "failed";
    if (report->trainings == 0) {
        fprintf(stderr, "timescape: %s before a training was finished; nothing was written\n", what);
        return status;
    }
    char *path = NULL;
    const ts_status written = write_result(output, sweep, config, command, report, false, &path);
    if (written == TS_OK && path)
        fprintf(stderr, "timescape: %s; the %llu trainings (of %s%llu) that were finished are in %s\n", what,
                (unsigned long long)report->trainings, ts_sweep_settings(sweep)->half_width > 0 ? "at most " : "",
                (unsigned long long)ts_sweep_estimate(sweep).trainings, path);
    if (written == TS_OK && path && !job->quiet)
        ts_print_summary(path, report);
    free(path);
    return written == TS_OK ? status : written;
}

static ts_status run_sweep(ts_cli_job *job, ts_sweep *sweep, const ts_config *config, const char *output,
                           const char *command) {
    const ts_result_amount planned = {.values = (double)ts_sweep_estimate(sweep).trainings};
    ts_status status = ts_cli_job_prepare(job, output, &planned, ts_sweep_settings(sweep));
    if (status != TS_OK)
        return status;
    ts_run_report report = {0};
    status = run_with_progress(job, sweep, &report);
    if (status == TS_INTERRUPTED || (status == TS_FAILED && report.trainings > 0))
        return write_unfinished(status, output, sweep, config, command, job, &report);
    char *written = NULL;
    if (status == TS_OK)
        status = write_result(output, sweep, config, command, &report, true, &written);
    if (status == TS_OK && written)
        ts_print_moved(output, written);
    if (status == TS_OK && written && !job->quiet)
        ts_print_summary(written, &report);
    free(written);
    return status;
}

static error_t parse_run(int key, char *argument, struct argp_state *state) {
    (void)argument;
    if (key != ARGP_KEY_INIT)
        return ARGP_ERR_UNKNOWN;
    state->child_inputs[0] = state->input;
    return 0;
}

int ts_cli_run(int argc, char **argv) {
    static const struct argp_child children[] = {{&ts_cli_job_parser, 0, NULL, 0}, {0}};
    static const struct argp argp = {
        NULL,
        parse_run,
        "CONFIG",
        "Run the sweep that CONFIG describes and write its result file.\vProgress goes to standard error. Ctrl-C stops "
        "the run; trainings that are finished by then are written.",
        children,
        NULL,
        NULL};
    ts_cli_job job = {.lock = TS_NO_LOCK};
    char *command = ts_join_command(argc, argv);
    argp_parse(&argp, argc, argv, 0, NULL, &job);

    ts_config config = {0};
    ts_sweep *sweep = NULL;
    TS_RANGE_PUSH("configuration");
    ts_status status = ts_load_sweep(job.config, &job.assignments, &config, &sweep);
    TS_RANGE_POP();
    if (status == TS_OK) {
        char *output = ts_cli_job_output(&job, ".nc");
        status = output && command ? run_sweep(&job, sweep, &config, output, command) : TS_FAILED;
        free(output);
        ts_sweep_destroy(sweep);
        ts_config_free(&config);
    }
    free(command);
    ts_cli_job_end(&job);
    return (int)status;
}
