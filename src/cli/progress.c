#include "cli/progress.h"

#include "cli/cli.h"

#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FIRST_LINE 10.0   /* seconds until the first sparse line; */
#define LINE_GROWTH 1.5   /* each further one comes at this multiple of the time of the one before, */
#define LONGEST_GAP 600.0 /* but no later than this after it */

/* A second signal this soon after the first is the same wish: `timeout`, for one, sends two. */
#define SAME_WISH 1 /* seconds */

static const int wishes[] = {SIGINT, SIGTERM, SIGHUP};
#define SIGNAL_COUNT (sizeof wishes / sizeof wishes[0])

static volatile sig_atomic_t interrupted;
static volatile time_t interrupted_at;

static void on_interrupt(int signal_number) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (interrupted && now.tv_sec - interrupted_at > SAME_WISH) {
        signal(signal_number, SIG_DFL);
        raise(signal_number);
    } else if (!interrupted) {
        interrupted_at = now.tv_sec;
        interrupted = 1;
    }
}

ts_progress_line ts_progress_begin(bool quiet) {
    interrupted = 0;
    for (size_t i = 0; i < SIGNAL_COUNT; i++)
        if (signal(wishes[i], on_interrupt) == SIG_IGN)
            signal(wishes[i], SIG_IGN); /* as under nohup */
    return (ts_progress_line){quiet, isatty(STDERR_FILENO), FIRST_LINE, 0};
}

/* Work in units that cost about the same for few and for many neurons. */
static double work(double training_steps, double neuron_steps) {
    return neuron_steps + 16 * training_steps;
}

static void format_line(char *text, size_t size, const ts_progress *progress) {
    const double total = work(progress->training_steps_total, progress->neuron_steps_total);
    const double done = work(progress->training_steps_done, progress->neuron_steps_done);
    const double part = total > 0 ? done / total : 1;
    char left[32] = "?";
    if (done > 0)
        ts_format_duration(left, sizeof left, progress->seconds * (total - done) / done);
    snprintf(text, size, "%3.0f %%  %llu of %llu trainings  %.2g training steps/s  %s left", 100 * part,
             (unsigned long long)progress->trainings_done, (unsigned long long)progress->trainings_total,
             progress->seconds > 0 ? progress->training_steps_done / progress->seconds : 0, left);
}

bool ts_progress_show(void *context, const ts_progress *progress) {
    ts_progress_line *line = context;
    char text[160];
    const bool due = line->terminal || progress->seconds >= line->next_line;
    if (!line->quiet && due) {
        format_line(text, sizeof text, progress);
        const size_t length = strlen(text);
        if (line->terminal)
            fprintf(stderr, "\r%s%*s", text, (int)(line->shown > length ? line->shown - length : 0), "");
        else
            fprintf(stderr, "%s\n", text);
        line->shown = length;
        line->next_line +=
            line->next_line * (LINE_GROWTH - 1) < LONGEST_GAP ? line->next_line * (LINE_GROWTH - 1) : LONGEST_GAP;
    }
    return !interrupted;
}

void ts_progress_end(ts_progress_line *line) {
    if (line->terminal && line->shown > 0)
        fprintf(stderr, "\r%*s\r", (int)line->shown, "");
    for (size_t i = 0; i < SIGNAL_COUNT; i++)
        signal(wishes[i], SIG_IGN); /* nothing may stop the writing of the result, which comes now */
}
