/* What the trainings of a cell cost on a host backend: some of them are run, and their results thrown away. */
#ifndef TS_BACKEND_PILOT_H
#define TS_BACKEND_PILOT_H

#include "backend/queue.h"

typedef struct ts_pilot {
    const ts_plan *plan;
    const ts_run_options *options;
    int threads;
    ts_monitor *monitor; /* may give up what takes too long */
} ts_pilot;

/* Times are those of one thread while all are at work; NaN where nothing could be seen. */
typedef struct ts_pilot_costs {
    double start;  /* seconds of a batch */
    double step;   /* seconds of a batch */
    double finish; /* seconds of a training */
    double hazard; /* part of the trainings that diverges in a step */
} ts_pilot_costs;

/* Run batches of the cell on all threads for about `seconds` (a single step or loss may take longer), and as long for
 * their losses if these are asked for. False: no memory. */
bool ts_pilot_cell(ts_pilot *pilot, const ts_queued_cell *queued, double seconds, bool with_losses,
                   ts_pilot_costs *costs);

#endif
