/* What process 0 does for all: it hands out the pieces of work, knows how far everybody is, passes on the wish to stop,
 * and takes what the others send for the checkpoint. A thread of its own waits for what the others say; it works for
 * some microseconds a message, and sleeps else. */
#ifndef TS_MPI_MASTER_H
#define TS_MPI_MASTER_H

#include "mpi/link.h"

#include <stdatomic.h>
#include <stdint.h>

#define TS_MOST_NEWS 8192                 /* pieces that one answer tells of */
#define TS_PARCEL_PIECE ((size_t)1 << 20) /* bytes of a message that is a part of a parcel */

/* Bytes that another process sent; the next one behind it. */
typedef struct ts_parcel {
    struct ts_parcel *next;
    int rank;
    size_t size;
    uint8_t *bytes; /* [size] of its own memory */
} ts_parcel;

typedef struct ts_master {
    ts_link *link;
    pthread_t thread;
    pthread_mutex_t lock; /* of what follows */
    bool *taken;          /* [items] pieces that somebody has */
    uint64_t *order;      /* [taken_count] the same in the order in which they were taken */
    size_t items, taken_count;
    ts_progress *progress; /* [processes] what they said last */
    MPI_Request *stops;    /* [processes] the word that each gets once */
    bool stop_is_said;
    ts_parcel *first, *last;      /* those that nobody has taken yet */
    uint8_t *piece;               /* [TS_PARCEL_PIECE] of the thread alone */
    int ends;                     /* so often has a process said that all its parcels are here */
    int left;                     /* processes that have said their last word */
    atomic_bool stopping, failed; /* no memory */
} ts_master;

/* Begin to listen. Errors: TS_FAILED (memory, threads). */
ts_status ts_master_begin(ts_master *master, ts_link *link, ts_error *error);

/* Wait until all others have left, and stop to listen. */
void ts_master_end(ts_master *master);

/* There are so many pieces now, all free. Nobody may be asking for one meanwhile. */
void ts_master_offer(ts_master *master, size_t items);

/* Is this piece free? Then it is the caller's. */
bool ts_master_take(ts_master *master, size_t item);

/* Add what the others have done to the progress of this process. */
void ts_master_add_progress(ts_master *master, ts_progress *progress);

/* Tell all to stop. */
void ts_master_stop(ts_master *master);

/* The oldest parcel, whose two pieces of memory free() frees; NULL: there is none. */
ts_parcel *ts_master_parcel(ts_master *master);

/* Have all others said `count` times that their parcels are here? */
bool ts_master_has_ends(ts_master *master, int count);

#endif
