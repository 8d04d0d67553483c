/* Progress of a run on standard error: one moving line on a terminal, sparse lines elsewhere. */
#ifndef TS_CLI_PROGRESS_H
#define TS_CLI_PROGRESS_H

#include <timescape.h>

typedef struct ts_progress_line {
    bool quiet;
    bool terminal;    /* is standard error one? */
    double next_line; /* seconds at which the next sparse line is due */
    size_t shown;     /* characters of the moving line */
} ts_progress_line;

/* From here to ts_progress_end an interrupt (Ctrl-C, SIGTERM, SIGHUP) asks the run to stop; a second one ends the
 * program. */
ts_progress_line ts_progress_begin(bool quiet);

/* For ts_run_options.on_progress; `context` is a ts_progress_line. */
bool ts_progress_show(void *context, const ts_progress *progress);

/* Clears the line. Interrupts are ignored from here on: the result is written next. */
void ts_progress_end(ts_progress_line *line);

#endif
