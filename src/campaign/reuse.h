/* Trainings that another result has already: they come to a sweep before it runs, and the run does the rest. */
#ifndef TS_CAMPAIGN_REUSE_H
#define TS_CAMPAIGN_REUSE_H

#include "sweep/sweep.h"

#define TS_REUSE_REASONS 16

/* Why trainings of a file are of no use to a sweep. */
typedef struct ts_reuse_reason {
    char words[160]; /* "have another seed" */
    uint64_t trainings;
} ts_reuse_reason;

/* What became of the trainings of a file. Those that the sweep had before are in none of the numbers. */
typedef struct ts_reuse {
    uint64_t taken;    /* finished ones */
    uint64_t going_on; /* that ended at a shorter horizon, and go on from there */
    ts_reuse_reason reason[TS_REUSE_REASONS];
    size_t reasons;
} ts_reuse;

/* Put the finished trainings of the result file at `path` into a sweep that is to be run in an arithmetic: those of
 * cells that are the same to the last setting on which a training depends. Where only the horizon of the sweep is
 * longer, they go on from their end, if the file has kept their states (output.keep_states). Cells come whole or not at
 * all, since nothing can be taken off a sum. Errors: TS_INVALID (not a result, damaged), TS_FAILED (memory); the sweep
 * has none of them then. */
ts_status ts_reuse_file(ts_sweep *sweep, ts_arithmetic arithmetic, const char *path, ts_reuse *reuse, ts_error *error);

/* What became of them, in a sentence without a full stop. */
void ts_reuse_print(char *text, size_t size, const ts_reuse *reuse);

#endif
