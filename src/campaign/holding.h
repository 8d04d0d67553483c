/* What a result file holds, as a sweep in memory: its settings, and the trainings that have finished with their exact
 * sums, as if they had just been run. */
#ifndef TS_CAMPAIGN_HOLDING_H
#define TS_CAMPAIGN_HOLDING_H

#include "campaign/making.h"
#include "io/config/config.h"
#include "sweep/sweep.h"

typedef struct ts_holding {
    ts_config config;
    ts_sweep *sweep;    /* NULL where the arithmetic of the file has another version than that of this program */
    uint64_t trainings; /* finished */
    uint64_t arithmetic_version; /* 0: it does not say */
    ts_making making;
} ts_holding;

/* Read a file, complete or not. All that can be counted twice is compared: the numbers of a file that is damaged are
 * not used. On success *holding is the caller's until ts_holding_free. Errors: TS_INVALID (no such file, not a result
 * of timescape, a trace, damaged), TS_FAILED (memory). */
ts_status ts_holding_read(ts_holding *holding, const char *path, ts_error *error);
void ts_holding_free(ts_holding *holding); /* an empty one is allowed */

#endif
