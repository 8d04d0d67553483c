/* The processes of an MPI job as a team that runs one sweep (sweep/team.h). */
#ifndef TS_MPI_TEAM_H
#define TS_MPI_TEAM_H

#include "mpi/master.h"
#include "sweep/team.h"

/* What a process does for the progress of all. */
typedef struct ts_watch {
    bool (*on_progress)(void *context, const ts_progress *progress); /* the caller's, or NULL */
    void *context;
    ts_progress last; /* what this process said last, */
    double said;      /* when that was, */
    double sent;      /* and when it was sent to process 0; seconds of the monotonic clock */
    double looked;    /* when it was last asked while it waited for others */
} ts_watch;

typedef struct ts_mpi {
    ts_link link;
    ts_team team;
    ts_master master;   /* of process 0 */
    bool *known;        /* [items] of the others: pieces that are known to be taken; NULL: no memory for that */
    size_t known_count; /* so many of the taken ones are known, in the order of process 0 */
    uint64_t news[1 + TS_MOST_NEWS]; /* scratch of a claim */
    bool has_wished;                 /* this process has told process 0 to stop */
    bool is_stopped;                 /* process 0 has told this one to stop */
    int ends;                        /* calls of ts_mpi_gather */
    ts_watch watch;
} ts_mpi;

/* Begin MPI and make a team of all its processes. `mpi` stays where it is. Errors: TS_FAILED. */
ts_status ts_mpi_begin(ts_mpi *mpi, ts_error *error);

/* End MPI. All processes do that, and none ends before all have come here. */
void ts_mpi_end(ts_mpi *mpi);

/* Wrap on_progress: on process 0 it is told of the work of all, and the wish of any process to stop is one for all.
 * A team that was stopped stays so. */
void ts_mpi_watch(ts_mpi *mpi, ts_run_options *options);

/* Send bytes (at least one) to process 0, from one thread at a time of any other. */
void ts_mpi_send(ts_mpi *mpi, const void *bytes, size_t size);

/* On process 0: the oldest bytes [size] that another one has sent, and which; the caller's, by free(). NULL: there are
 * none. From any thread. */
uint8_t *ts_mpi_receive(ts_mpi *mpi, int *rank, size_t *size);

/* All processes call this when they have sent what they had to send; then all of it has come to process 0. */
void ts_mpi_gather(ts_mpi *mpi);

/* All processes get the bytes of process 0, which are its caller's; elsewhere *bytes is set, and the caller's by
 * free(). Errors: TS_FAILED (memory), then on all of them. */
ts_status ts_mpi_spread(ts_mpi *mpi, uint8_t **bytes, size_t *size, ts_error *error);

#endif
