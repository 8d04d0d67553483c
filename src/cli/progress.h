/* Progress of a run on standard error: one moving line on a terminal, sparse lines elsewhere. */
#ifndef TS_CLI_PROGRESS_H
#define TS_CLI_PROGRESS_H

#include "campaign/keeper.h"

#include <timescape.h>

typedef struct ts_progress_line {
    bool quiet;
    bool terminal;     /* is standard error one? */
    ts_keeper *keeper; /* of the checkpoints, or NULL */
    double next_line;  /* seconds at which the next sparse line is due */
    size_t shown;      /* characters of the moving line */
    double looked;     /* when the last report came, by the monotonic clock */
    double reported;   /* what it said of the time since the run began */
    double suspended;  /* seconds of that in which the process was stopped (Ctrl-Z) */
} ts_progress_line;

/* From here to ts_progress_end an interrupt (Ctrl-C, SIGTERM, SIGHUP, and what schedulers send as a warning: SIGXCPU,
 * SIGUSR2, and SIGUSR1 where there is no keeper) asks the run to stop, and is acknowledged at once; afterwards one that
 * is the first does nothing any more. One that comes half a second after the first, or later, ends the program with
 * TS_INTERRUPTED, whatever it is doing. SIGUSR1 asks the keeper for a checkpoint. */
ts_progress_line ts_progress_begin(bool quiet, ts_keeper *keeper);

/* Work in units that cost about the same for few and for many neurons. */
double ts_progress_work(double training_steps, double neuron_steps);

/* For ts_run_options.on_progress; `context` is a ts_progress_line. */
bool ts_progress_show(void *context, const ts_progress *progress);

/* Clears the line. */
void ts_progress_end(ts_progress_line *line);

#endif
