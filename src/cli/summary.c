#include "cli/summary.h"

#include "cli/cli.h"
#include "io/netcdf/result.h"
#include "io/picture/picture.h"

#include <math.h>

#define FEW_THREADS 4 /* up to so many are listed one by one */

/* A diverged training looks like a failure in the table. */
static double count_diverged(const ts_result *result) {
    double diverged = 0;
    for (size_t i = 0; result->diverged_count && i < ts_result_cells(result); i++)
        diverged += result->diverged_count[i];
    return diverged;
}

static double count_trainings(const ts_result *result) {
    double trainings = 0;
    for (size_t i = 0; result->trainings && i < ts_result_cells(result); i++)
        trainings += result->trainings[i];
    return trainings;
}

/* Part of the steps up to their horizon that trainings did; NaN where they do not stop before. */
static double part_done(const ts_result *result) {
    double done = 0, all = 0;
    for (size_t i = 0; result->stops && result->training_steps && i < ts_result_cells(result); i++) {
        done += result->training_steps[i];
        all += result->trainings[i] * result->steps[i];
    }
    return done / all;
}

/* Of a result with more than two axes, the first slice. */
static void print_table(const char *path) {
    ts_result result = {0};
    ts_error error = {0};
    ts_slice slice = ts_slice_default();
    const ts_picture_options options = {.slice = &slice};
    slice.at_first = true;
    ts_status status = ts_result_read(&result, path, &error);
    const double diverged = count_diverged(&result), part = part_done(&result);
    if (status == TS_OK) /* the terminal's right margin stays free */
        status = ts_picture_print(stdout, &result, &options, ts_terminal_columns(stdout) - 1,
                                  ts_terminal_colour(stdout), &error);
    if (status == TS_OK && diverged > 0)
        printf("%.0f of %.0f trainings diverged: h, or the noise, is large for them\n", diverged,
               count_trainings(&result));
    if (status == TS_OK && !isnan(part))
        printf("trainings stopped at their first success: %.3g %% of the steps up to their horizon were done\n",
               100 * part);
    if (status != TS_OK)
        ts_print_error(&error);
    ts_result_free(&result);
}

static void print_speed(const ts_run_report *report) {
    char duration[32];
    ts_format_duration(duration, sizeof duration, report->seconds);
    printf("%.3g training steps/s, %.3g neuron steps/s on %s", report->training_steps / report->seconds,
           report->neuron_steps / report->seconds, report->backend);
    if (report->device[0])
        printf(" (%s), %s\n", report->device, duration);
    else
        printf("%s%s%s with %d thread%s, %s\n", report->instructions[0] ? " (" : "", report->instructions,
               report->instructions[0] ? ")" : "", report->threads, report->threads == 1 ? "" : "s", duration);
}

/* "threads busy 99.2 % and 98.7 % of the time": what is missing was spent waiting for work or for the last training. */
static void print_busy(const ts_run_report *report) {
    double least = 100, sum = 0;
    printf("%s%s busy ", report->device[0] ? "GPU" : "thread", report->threads == 1 ? "" : "s");
    for (int i = 0; i < report->threads; i++) {
        const double percent = 100 * report->busy_seconds[i] / report->seconds;
        const char *separator = i == 0 ? "" : i + 1 < report->threads ? ", " : " and ";
        least = percent < least ? percent : least;
        sum += percent;
        if (report->threads <= FEW_THREADS)
            printf("%s%.1f %%", separator, percent);
    }
    if (report->threads > FEW_THREADS)
        printf("%.1f %% on average and at least %.1f %%", sum / report->threads, least);
    printf(" of the time\n");
}

static void print_trace_table(const char *path) {
    ts_recording file = {0};
    ts_error error = {0};
    ts_status status = ts_recording_read(&file, path, &error);
    if (status == TS_OK)
        status = ts_picture_print_trace(stdout, &file, NULL, ts_terminal_columns(stdout) - 1,
                                        ts_terminal_colour(stdout), &error);
    if (status != TS_OK)
        ts_print_error(&error);
    ts_recording_free(&file);
}

void ts_print_trace_summary(const char *path, const ts_run_report *report) {
    print_trace_table(path);
    putchar('\n');
    print_speed(report);
    printf("%s\n", path);
}

void ts_print_summary(const char *path, const ts_run_report *report) {
    print_table(path);
    putchar('\n');
    if (report->training_steps > 0) { /* else all was there before */
        print_speed(report);
        print_busy(report);
    }
    printf("%s\n", path);
}
