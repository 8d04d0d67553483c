/* Which trainings of a sweep a run is to do: all of them or, of N parts that together leave nothing out and overlap
 * nowhere, one; and which of these are not there yet. */
#ifndef TS_SWEEP_PORTION_H
#define TS_SWEEP_PORTION_H

#include "sweep/sweep.h"

/* Rows of one cell: one stretch or two. */
typedef struct ts_portion {
    uint32_t first[2], count[2];
} ts_portion;

/* The portions [cell_count] of part `part` of `parts` (1 .. parts; parts = 0: everything). Parts cost the same but for
 * what one piece of a cell costs: whole vectors and warps where there are enough of them. Where the trainings of a cell
 * depend on each other's outcomes (half_width), a cell is one piece. They depend on the settings alone. The caller
 * frees them; NULL: no memory. */
ts_portion *ts_portions_create(const ts_sweep *sweep, uint32_t part, uint32_t parts);

/* Rows of a portion among the first `count` of its cell. */
uint32_t ts_portion_rows(const ts_portion *portion, uint32_t count);

/* Of these, finished ones by the marks [count] of the cell. */
uint64_t ts_portion_finished(const ts_portion *portion, const uint8_t *mark, uint32_t count);

/* Ranges of rows that a run is to do. */
typedef struct ts_ranges {
    ts_rows *range; /* [count] ascending by cell and row */
    size_t count;
} ts_ranges;

/* Rows of the portions [cell_count] among the first wanted[cell_count] of each cell whose trainings have not finished.
 * For a team of `members` (0: there is none) they are cut into pieces of which no one is a large part of what a member
 * has to do, so that one that is slower than the others takes fewer of them, and nobody waits for it for long. False:
 * no memory. */
bool ts_ranges_missing(ts_ranges *ranges, const ts_sweep *sweep, const ts_portion *portions, const uint32_t *wanted,
                       uint32_t members);
void ts_ranges_free(ts_ranges *ranges);

#endif
