#include "cli/progress.h"

#include "base/clock.h"
#include "cli/cli.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#define FIRST_LINE 10.0   /* seconds until the first sparse line; */
#define LINE_GROWTH 1.5   /* each further one comes at this multiple of the time of the one before, */
#define LONGEST_GAP 600.0 /* but no later than this after it */

/* Signals that come so soon after the first one are the same wish: `timeout` sends two, and a key may bounce. A later
 * one is the wish to end at once. */
#define SAME_WISH 0.5

/* A report comes five times a second. When the process was continued and there was none for so long, it was suspended.
 */
#define SUSPENSION 1.0

static const int wishes[] = {SIGINT, SIGTERM, SIGHUP, SIGXCPU, SIGUSR1, SIGUSR2};
#define SIGNAL_COUNT (sizeof wishes / sizeof wishes[0])

static volatile sig_atomic_t interrupted, continued, on_terminal, running, has_keeper, checkpoints;
static volatile double interrupted_at;

/* A text that begins with the end of a line: on a terminal the moving line stays as it is. */
static void say(const char *text, size_t length) {
    const size_t skipped = on_terminal ? 0 : 1;
    const ssize_t written = write(STDERR_FILENO, text + skipped, length - skipped);
    (void)written; /* there may be nobody left to read it */
}

static void acknowledge(void) {
    static const char stopping[] = "\ntimescape: stopping; what is finished is going to be written\n";
    if (running)
        say(stopping, sizeof stopping - 1);
}

/* Who wants it can have it at once: what is kept by then is as complete as after a crash, and a result that is being
 * written has a process of its own, which goes on. */
static void end_at_once(void) {
    static const char text[] = "\ntimescape: ended before all was written\n";
    say(text, sizeof text - 1);
    _exit(TS_INTERRUPTED);
}

/* What is interrupted may be about to look at errno, which is a thread's own. */
static void on_interrupt(int signal_number) {
    const int error_before = errno; /* NOLINT(bugprone-signal-handler,cert-sig30-c) */
    const double now = ts_seconds_now();
    if (signal_number == SIGUSR1 && has_keeper) {
        checkpoints = 1;
    } else if (!interrupted) {
        interrupted_at = now;
        interrupted = 1;
        acknowledge();
    } else if (now - interrupted_at >= SAME_WISH) {
        end_at_once();
    }
    errno = error_before; /* NOLINT(bugprone-signal-handler,cert-sig30-c) */
}

static void on_continue(int signal_number) {
    (void)signal_number;
    continued = 1;
}

ts_progress_line ts_progress_begin(bool quiet, ts_keeper *keeper) {
    interrupted = continued = checkpoints = 0;
    running = 1;
    has_keeper = keeper ? 1 : 0;
    on_terminal = isatty(STDERR_FILENO);
    for (size_t i = 0; i < SIGNAL_COUNT; i++)
        if (signal(wishes[i], on_interrupt) == SIG_IGN)
            signal(wishes[i], SIG_IGN); /* as under nohup */
    signal(SIGCONT, on_continue);
    return (ts_progress_line){
        .quiet = quiet, .keeper = keeper, .terminal = on_terminal, .next_line = FIRST_LINE, .looked = ts_seconds_now()};
}

double ts_progress_work(double training_steps, double neuron_steps) {
    return neuron_steps + 16 * training_steps;
}

/* Add words to a line of at most `columns` characters, or leave it as it is where they do not fit. */
__attribute__((format(printf, 3, 4))) static void add_words(char *line, size_t columns, const char *format, ...) {
    char words[96];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    if (strlen(line) + strlen(words) <= columns)
        strcat(line, words);
}

/* What matters most comes first; the rest where the terminal is wide enough. */
static void format_line(char *line, size_t columns, const ts_progress *progress, double seconds) {
    const bool limits = progress->limits_done < progress->limits_total;
    const double total = limits ? (double)progress->limits_total
                                : ts_progress_work(progress->training_steps_total, progress->neuron_steps_total);
    const double done = limits ? (double)progress->limits_done
                               : ts_progress_work(progress->training_steps_done, progress->neuron_steps_done);
    const double before = limits ? 0 : ts_progress_work(progress->training_steps_before, progress->neuron_steps_before);
    char left[32] = "?";
    line[0] = '\0';
    if (done > before)
        ts_format_duration(left, sizeof left, seconds * (total - done) / (done - before));
    add_words(line, columns, "%3.0f %%", 100 * (total > 0 ? done / total : 1));
    add_words(line, columns, "  %s left", left);
    if (limits)
        add_words(line, columns, "  %llu of %llu limits", (unsigned long long)progress->limits_done,
                  (unsigned long long)progress->limits_total);
    else
        add_words(line, columns, "  %llu of %llu trainings", (unsigned long long)progress->trainings_done,
                  (unsigned long long)progress->trainings_total);
    if (!limits && seconds > 0)
        add_words(line, columns, "  %.2g training steps/s",
                  (progress->training_steps_done - progress->training_steps_before) / seconds);
}

/* Seconds of work since the run, or its present part, began. */
static double working_seconds(ts_progress_line *line, const ts_progress *progress) {
    const double now = ts_seconds_now();
    if (progress->seconds < line->reported) /* the trainings began, after the limits */
        line->suspended = 0;
    if (continued && now - line->looked > SUSPENSION)
        line->suspended += now - line->looked;
    continued = 0;
    line->looked = now;
    line->reported = progress->seconds;
    return progress->seconds > line->suspended ? progress->seconds - line->suspended : 0;
}

bool ts_progress_show(void *context, const ts_progress *progress) {
    ts_progress_line *line = context;
    const double seconds = working_seconds(line, progress);
    char text[160];
    if (checkpoints && line->keeper) {
        checkpoints = 0;
        ts_keeper_ask(line->keeper);
    }
    const bool due = !interrupted && (line->terminal || seconds >= line->next_line);
    if (!line->quiet && due) {
        const int columns = line->terminal ? ts_terminal_width(stderr) - 1 : 120;
        format_line(text, columns > 0 ? (size_t)columns : 0, progress, seconds);
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
    if (line->terminal && line->shown > 0 && !interrupted)
        fprintf(stderr, "\r%*s\r", (int)line->shown, "");
    running = 0; /* the result is written next, which the first signal does not stop any more */
    signal(SIGCONT, SIG_DFL);
}
