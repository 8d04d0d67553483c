/* Trainings on their way: where they stand between two steps, and what was seen of them until then. Whoever runs them
 * puts this here when he is asked for it and when a run is stopped; the next run goes on from there. */
#ifndef TS_BACKEND_UNDERWAY_H
#define TS_BACKEND_UNDERWAY_H

#include "backend/seen.h"

#include <stdatomic.h>

/* Where one training stands. One block of memory, which free() frees. */
typedef struct ts_waypoint {
    uint32_t cell, row;         /* of the plan */
    uint32_t neurons, looks;    /* lengths of what follows */
    bool elsewhere;             /* another process has it, too, and keeps it */
    ts_training training;       /* one that has diverged, too */
    int64_t *position, *weight; /* [neurons] in the words of a ts_state */
    ts_seen *seen;              /* [looks] the first so many of its looks, which have been taken */
} ts_waypoint;

/* Zeros but for the lengths; NULL: no memory. */
ts_waypoint *ts_waypoint_create(uint32_t neurons, uint32_t looks);

typedef struct ts_underway {
    ts_waypoint **at;  /* [count] its own */
    size_t count;      /* of them */
    size_t room;       /* for so many */
    atomic_uint asked; /* so often has somebody asked where trainings stand now: who sees that it has grown, says it */
} ts_underway;

/* From any thread. The waypoint is no longer the caller's; where there is no memory for it, or it is NULL, it is
 * forgotten, and its training begins anew. */
void ts_underway_put(ts_underway *underway, ts_waypoint *waypoint);

/* Leave the latest waypoint of each training, ascending by cell and row, and none of those that have finished by their
 * marks [cells][replicates] (NULL: none has). From any thread, but then nobody may look for one. */
void ts_underway_settle(ts_underway *underway, const uint8_t *mark, size_t replicates);

/* Append all of `from`, which is empty afterwards. They count as later ones. */
void ts_underway_append(ts_underway *underway, ts_underway *from);

/* Of what has been settled. NULL (also for underway = NULL): the training is at its start. */
const ts_waypoint *ts_underway_find(const ts_underway *underway, size_t cell, uint32_t row);

void ts_underway_free(ts_underway *underway);

#endif
