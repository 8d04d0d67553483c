#include "campaign/together.h"

#include "base/fail.h"
#include "campaign/snapshot.h"

#include <stdlib.h>
#include <string.h>

bool ts_post_records(const ts_post *post, ts_post_kind kind, const ts_records *records) {
    uint8_t *bytes = records->incomplete ? NULL : malloc(TS_POST_HEAD + records->size);
    if (!bytes)
        return false;
    bytes[0] = (uint8_t)kind;
    if (records->size > 0)
        memcpy(bytes + TS_POST_HEAD, records->bytes, records->size);
    post->send(post->context, bytes, TS_POST_HEAD + records->size);
    free(bytes);
    return true;
}

static ts_status restore(ts_sweep *sweep, const uint8_t *bytes, size_t size, ts_error *error) {
    ts_status status = TS_OK;
    ts_record record;
    for (size_t at = 0; status == TS_OK && ts_records_next(bytes, size, &at, &record);)
        status = ts_snapshot_restore(sweep, &record, error);
    return status;
}

ts_status ts_together_begin(ts_sweep *sweep, const ts_post *post, ts_error *error) {
    const bool has_files = sweep->team->rank == 0;
    ts_records records = {0};
    if (has_files) {
        ts_records_put_count(&records, (uint64_t)sweep->arithmetic);
        ts_snapshot_waypoints(sweep, &records);
    }
    ts_status status =
        records.incomplete ? ts_fail(error, TS_FAILED, "", "not enough memory for the trainings on their way") : TS_OK;
    uint8_t *bytes = records.bytes;
    size_t size = records.size;
    status = ts_team_agree(sweep->team, status, error);
    if (status == TS_OK)
        status = post->spread(post->context, &bytes, &size, error);
    if (status == TS_OK && !has_files) {
        sweep->arithmetic = (ts_arithmetic)bytes[0];
        status = restore(sweep, bytes + 1, size - 1, error);
        for (size_t i = 0; i < sweep->underway.count; i++)
            sweep->underway.at[i]->elsewhere = true;
        ts_sweep_settle(sweep);
    }
    if (bytes != records.bytes)
        free(bytes);
    ts_records_free(&records);
    return ts_team_agree(sweep->team, status, error);
}

/* What the others say last; older snapshots of theirs are of no use any more. */
static ts_status take_last(ts_sweep *sweep, const ts_post *post, ts_error *error) {
    ts_status status = TS_OK;
    uint32_t from;
    size_t size;
    for (uint8_t *bytes; (bytes = post->receive(post->context, &from, &size)); free(bytes))
        if (status == TS_OK && bytes[0] == TS_POST_LAST)
            status = restore(sweep, bytes + TS_POST_HEAD, size - TS_POST_HEAD, error);
    return status;
}

ts_status ts_together_end(ts_sweep *sweep, const ts_post *post, ts_status status, ts_error *error) {
    const bool has_files = sweep->team->rank == 0;
    ts_records records = {0};
    ts_team_agree(sweep->team, TS_OK, error); /* nobody sends or takes snapshots any more */
    if (!has_files) {
        ts_snapshot_waypoints(sweep, &records);
        ts_post_records(post, TS_POST_LAST, &records); /* without memory for them they begin anew */
    }
    post->gather(post->context);
    ts_status taken = has_files ? take_last(sweep, post, error) : TS_OK;
    ts_records_free(&records);
    taken = ts_team_agree(sweep->team, taken, error);
    if (taken == TS_OK)
        taken = ts_sweep_unite(sweep, error);
    return taken == TS_OK ? status : taken;
}
