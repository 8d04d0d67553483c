/* Where records of a sweep are kept: the checkpoint, a file beside the result. SQLite writes it, all of a snapshot or
 * nothing, so that neither the end of a process nor that of a machine leaves half of one. Only one process at a time
 * has it: who holds the lock of the result (io/lock.h). */
#ifndef TS_CAMPAIGN_STORE_H
#define TS_CAMPAIGN_STORE_H

#include "campaign/records.h"

#include "backend/backend.h"

/* Whose records they are. What belongs to another sweep, or was computed by other numbers, is refused. */
typedef struct ts_store_identity {
    const char *configuration; /* as YAML; the caller's, as long as the store is there */
    ts_arithmetic arithmetic;
    uint32_t part, parts; /* of ts_run_options */
} ts_store_identity;

typedef struct ts_store ts_store;

/* The checkpoint of the result `output`, phase.nc.checkpoint for phase.nc; makes and reads no file. On success *store
 * is the caller's until ts_store_close. Errors: TS_INVALID (no place for a file), TS_FAILED (memory). */
ts_status ts_store_open(ts_store **store, const char *output, const ts_store_identity *identity, ts_error *error);
void ts_store_close(ts_store *store); /* NULL is allowed */

/* Its path, as the user would write it. */
const char *ts_store_path(const ts_store *store);

/* Gets a record that is there, of a part (below). What it returns other than TS_OK ends the reading. */
typedef ts_status ts_store_visit(void *context, const ts_record *record, ts_error *error);

/* Hand all records to `visit`, those of cells before those of what is in them; *found says whether there is a
 * checkpoint. Errors: TS_INVALID (damaged, of another sweep, of another version, no checkpoint at all, write-protected,
 * or refused by `visit`), TS_FAILED (it cannot be read). Nothing is changed then. */
ts_status ts_store_load(ts_store *store, ts_store_visit *visit, void *context, bool *found, ts_error *error);

/* Is there a file, which this store has read or written? */
bool ts_store_is_there(const ts_store *store);

/* Is all there still that was read and written, so that what is new can join it? Else the next snapshot has to be a
 * whole one (ts_snapshot_forget). */
bool ts_store_holds(ts_store *store);

/* Write a snapshot: begin, put its pieces, commit. Parts are of the processes that run a sweep together, process 0
 * having part 0; each has its own records, and all of them are there only once. A snapshot takes the place of all the
 * waypoints of its part; a whole one of everything in it. What was read belongs to part 0 from then on, whosever it
 * was: the first snapshot of part 0 after that has to be a whole one where there were other parts (ts_store_holds says
 * so), and removes them. After a failure, which begin and put remember until commit tells of it, nothing is changed.
 * Errors: TS_FAILED. */
#define TS_STORE_ALL UINT32_MAX /* part 0, of a process that has what all parts have, in place of all of them */
void ts_store_begin(ts_store *store, uint32_t part, bool whole);
void ts_store_put(ts_store *store, const ts_records *records);
ts_status ts_store_commit(ts_store *store, ts_error *error);

/* It is needed no more, or never was: remove the file. Errors: TS_INVALID (it is write-protected), TS_FAILED. */
ts_status ts_store_remove(ts_store *store, ts_error *error);

#endif
