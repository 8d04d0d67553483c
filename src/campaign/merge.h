/* Several results of the same configuration, each with some of its trainings, made one. */
#ifndef TS_CAMPAIGN_MERGE_H
#define TS_CAMPAIGN_MERGE_H

#include "campaign/making.h"
#include "io/config/config.h"
#include "sweep/portion.h"
#include "sweep/sweep.h"

/* What several files have together: the same in whatever order and grouping they come. */
typedef struct ts_merged {
    ts_config config; /* titles and ways of writing may differ between the files: the first text in order */
    ts_sweep *sweep;  /* prepared, and filled */
    ts_making making;
    ts_ranges missing;  /* what would be run next; none: it is complete, unless the limits are not known */
    bool lacks_limits;  /* it is to have limits, and no file has them */
    uint64_t trainings; /* finished */
} ts_merged;

/* Errors: TS_INVALID (a file that is no result, or damaged; different configurations, arithmetics or limits; trainings
 * that two files have), TS_FAILED (memory). On success *merged is the caller's until ts_merged_free. */
ts_status ts_merge_files(ts_merged *merged, const char *const *paths, size_t count, ts_error *error);
void ts_merged_free(ts_merged *merged); /* an empty one is allowed */

/* Is nothing missing? */
bool ts_merged_is_complete(const ts_merged *merged);

/* What is missing, in words. */
void ts_merged_print_missing(char *text, size_t size, const ts_merged *merged);

#endif
