/* Dealing out what a machine has to the processes on it. */
#ifndef TS_MPI_DEAL_H
#define TS_MPI_DEAL_H

#include <stdbool.h>
#include <stddef.h>

/* What each process can use: sees[processes][things]. */
typedef struct ts_sight {
    const bool *sees;
    size_t processes, things;
} ts_sight;

/* Give each thing to the process that has the fewest so far of those that can use it, the first of these. So N things
 * that all can use go round, and those that one process alone can use are its own. owner[things] is the process, or
 * `processes` of a thing that none can use; count[processes] things of each. */
void ts_deal(const ts_sight *sight, size_t *owner, size_t *count);

#endif
