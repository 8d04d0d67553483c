/* Progress of a run on standard error: one moving line on a terminal, sparse lines elsewhere. */
#ifndef TS_CLI_PROGRESS_H
#define TS_CLI_PROGRESS_H

#include <timescape.h>

typedef struct ts_progress_line {
    bool quiet;
    bool terminal;    /* is standard error one? */
    double next_line; /* seconds at which the next sparse line is due */
    size_t shown;     /* characters of the moving line */
    double looked;    /* when the last report came, by the monotonic clock */
    double reported;  /* what it said of the time since the run began */
    double suspended; /* seconds of that in which the process was stopped (Ctrl-Z) */
} ts_progress_line;

/* From here to ts_progress_end an interrupt (Ctrl-C, SIGTERM, SIGHUP, and what schedulers send as a warning: SIGXCPU,
 * SIGUSR1, SIGUSR2) asks the run to stop, and is acknowledged at once. One that comes when the run has not stopped long
 * after the first ends the program. */
ts_progress_line ts_progress_begin(bool quiet);

/* For ts_run_options.on_progress; `context` is a ts_progress_line. */
bool ts_progress_show(void *context, const ts_progress *progress);

/* Clears the line. Interrupts are ignored from here on: the result is written next. */
void ts_progress_end(ts_progress_line *line);

#endif
