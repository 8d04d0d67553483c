#include "cli/checkpoint.h"

#include "cli/progress.h"
#include "io/text.h"

#include <unistd.h>

/* From the keeper's thread, while there may be a moving line on the terminal. */
static void print_news(void *context, bool is_failure, const char *sentence) {
    const ts_cli_checkpoint *checkpoint = context;
    if (is_failure || !checkpoint->quiet)
        fprintf(stderr, "%stimescape: %s\n", !checkpoint->quiet && isatty(STDERR_FILENO) ? "\n" : "", sentence);
}

static void print_limits(const ts_limits *limits) {
    size_t known = 0, all = limits->columns * limits->drawn_starts;
    for (size_t i = 0; limits->first_success && i < all; i++)
        known += limits->first_success[i] != TS_LIMIT_UNKNOWN;
    if (known > 0 && known < all)
        fprintf(stderr, ", %zu of %zu limits", known, all);
}

/* What is there, and how much is left. */
static void print_restored(const ts_cli_checkpoint *checkpoint, const ts_run_options *options, const ts_sweep *sweep) {
    const char *path = ts_text_path(ts_store_path(checkpoint->store));
    ts_progress progress;
    if (!ts_sweep_progress(sweep, options->part, options->parts, &progress))
        return;
    const double total = ts_progress_work(progress.training_steps_total, progress.neuron_steps_total);
    const double before = ts_progress_work(progress.training_steps_before, progress.neuron_steps_before);
    fprintf(stderr, "going on from %s: %llu of %s%llu trainings are there", path,
            (unsigned long long)progress.trainings_before, ts_sweep_settings(sweep)->half_width > 0 ? "at most " : "",
            (unsigned long long)progress.trainings_total);
    if (sweep->underway.count > 0)
        fprintf(stderr, ", %zu on their way", sweep->underway.count);
    print_limits(&sweep->limits);
    if (progress.trainings_before == progress.trainings_total)
        fputs("; the result is yet to be written\n", stderr);
    else
        fprintf(stderr, "; about %.0f %% of the work is left\n", 100 * (1 - before / total));
}

static ts_status open_store(ts_cli_checkpoint *checkpoint, const ts_store_identity *identity, const char *output,
                            ts_error *error) {
    const ts_status status = ts_store_open(&checkpoint->store, output, identity, error);
    return status == TS_OK && checkpoint->fresh ? ts_store_remove(checkpoint->store, error) : status;
}

ts_status ts_cli_checkpoint_open(ts_cli_checkpoint *checkpoint, const ts_cli_job *job, ts_sweep *sweep,
                                 const char *configuration, const char *output) {
    const ts_run_options *options = &job->options;
    const ts_store_identity identity = {configuration, ts_backend_named(options->backend)->arithmetic, options->part,
                                        options->parts};
    ts_error error = {0};
    bool found = false;
    const ts_post *post = checkpoint->crew ? &checkpoint->crew->post : NULL;
    const bool has_files = ts_has_files(checkpoint->crew);
    checkpoint->quiet = job->quiet;
    ts_status status = ts_sweep_prepare(sweep, &error);
    if (status == TS_OK && has_files)
        status = open_store(checkpoint, &identity, output, &error);
    if (status == TS_OK)
        status = ts_keeper_create(&checkpoint->keeper, sweep, checkpoint->store, post, print_news, checkpoint, &error);
    if (status == TS_OK && has_files)
        status = ts_keeper_restore(checkpoint->keeper, identity.arithmetic, &found, &error);
    if (status != TS_OK)
        ts_print_error(&error);
    else if (found && !job->quiet)
        print_restored(checkpoint, options, sweep);
    return status;
}

void ts_cli_checkpoint_close(ts_cli_checkpoint *checkpoint) {
    ts_keeper_destroy(checkpoint->keeper);
    ts_store_close(checkpoint->store);
    checkpoint->keeper = NULL;
    checkpoint->store = NULL;
}

ts_status ts_cli_checkpoint_save(const ts_cli_checkpoint *checkpoint) {
    ts_error error = {0};
    const ts_status status = ts_keeper_save(checkpoint->keeper, &error);
    if (status != TS_OK)
        ts_print_error(&error);
    return status;
}

bool ts_cli_checkpoint_is_there(const ts_cli_checkpoint *checkpoint) {
    return ts_store_is_there(checkpoint->store);
}

void ts_cli_checkpoint_remove(const ts_cli_checkpoint *checkpoint) {
    ts_error error = {0};
    if (ts_store_is_there(checkpoint->store) && ts_store_remove(checkpoint->store, &error) != TS_OK)
        ts_print_error(&error);
}
