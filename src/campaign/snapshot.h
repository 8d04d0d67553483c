/* From a sweep to records, while it runs, and back. A snapshot holds what there is of a sweep: sums and marks of its
 * finished trainings, the final states of those that are kept, the limits that are known, and where the trainings stand
 * that are on their way. Of what ends once, each holds what has changed since the one before. */
#ifndef TS_CAMPAIGN_SNAPSHOT_H
#define TS_CAMPAIGN_SNAPSHOT_H

#include "campaign/records.h"
#include "sweep/sweep.h"

/* What has been taken of a sweep. */
typedef struct ts_snapshot {
    uint64_t *finished;  /* [cell_count] trainings of each cell */
    uint8_t *kept;       /* [cell_count][replicates] whose final states; NULL: none are kept */
    uint64_t *limits;    /* [columns][pieces] limits of each piece of the starts; NULL: there are none */
    size_t at;           /* of the one that is being taken: the next step; 0: none is */
    uint64_t trainings;  /* finished, in the last one that was taken */
    uint64_t waypoints;  /* trainings on their way, in it */
    uint64_t limits_all; /* known, in it */
} ts_snapshot;

/* Of a sweep that has been prepared (ts_sweep_prepare), and of which nothing has been taken. False: no memory. */
bool ts_snapshot_create(ts_snapshot *snapshot, const ts_sweep *sweep);
void ts_snapshot_free(ts_snapshot *snapshot);

/* What has been taken got lost: the next snapshot holds everything. */
void ts_snapshot_forget(ts_snapshot *snapshot, const ts_sweep *sweep);

/* What there is of the sweep, which does not run, has been taken. */
void ts_snapshot_assume(ts_snapshot *snapshot, const ts_sweep *sweep);

/* Take the next snapshot, or go on with it: it comes in several pieces where it is large, so that it never is in memory
 * as a whole. `records` gets the next one, in place of what was there. Returns whether there are more, all of which
 * belong together. May be called by one thread while others run the sweep. */
bool ts_snapshot_take(ts_snapshot *snapshot, ts_sweep *sweep, ts_records *records);

/* Of a sweep that does not run: where the trainings stand that are on their way, in addition to what is in `records`.
 */
void ts_snapshot_waypoints(ts_sweep *sweep, ts_records *records);

/* Add a record of a sweep of the same settings to this one, which has been prepared and does not run. Cells come before
 * their kept trainings. Errors: TS_INVALID (it does not fit, or is there already; the sentence says what of it),
 * TS_FAILED (memory); the sweep is of no use then. */
ts_status ts_snapshot_restore(ts_sweep *sweep, const ts_record *record, ts_error *error);

/* After the last record, and when sweep->arithmetic says what they were computed in: is all there, and what follows
 * from it? Errors: TS_INVALID. */
ts_status ts_snapshot_restored(ts_sweep *sweep, ts_error *error);

#endif
