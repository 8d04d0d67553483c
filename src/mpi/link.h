/* What the processes of a job say to each other. MPI is called by several threads of a process here, one at a time:
 * more than that (MPI_THREAD_MULTIPLE) not every MPI has, and some are slower with it. So nobody may wait inside of
 * MPI. He begins what he wants, and asks from time to time whether it is done, with naps in between: whoever waits for
 * a slower process leaves the processors to others. */
#ifndef TS_MPI_LINK_H
#define TS_MPI_LINK_H

#include <mpi.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <timescape.h>

typedef struct ts_link {
    MPI_Comm all; /* the processes; no other messages are on their way among them */
    int rank, size;
    pthread_mutex_t one; /* held around each call of MPI */
} ts_link;

/* What a message is. */
typedef enum ts_tag {
    TS_TAG_CLAIM,    /* to process 0: is this piece mine? */
    TS_TAG_ANSWER,   /* from process 0 */
    TS_TAG_STOP,     /* to process 0: all are to stop; from it, once to each: stop, or all are done */
    TS_TAG_PROGRESS, /* to process 0 */
    TS_TAG_PARCEL,   /* to process 0: the length of what comes next */
    TS_TAG_CONTENT,  /* to process 0: that, in pieces */
    TS_TAG_LEAVE     /* to process 0: the last message */
} ts_tag;

/* Begin MPI (once in the life of a process). Errors: TS_FAILED (this MPI is not for several threads). */
ts_status ts_link_open(ts_link *link, ts_error *error);

/* End MPI. All processes do that. */
void ts_link_close(ts_link *link);

/* What is done meanwhile, again and again; NULL: nothing. */
typedef struct ts_meanwhile {
    void (*look)(void *context);
    void *context;
} ts_meanwhile;

/* Until the request is done. */
void ts_link_wait(ts_link *link, MPI_Request *request, const ts_meanwhile *meanwhile);

/* Until MPI has it on its way. `size` may not exceed TS_LARGEST_MESSAGE. */
#define TS_LARGEST_MESSAGE ((size_t)1 << 28) /* bytes; lengths of MPI are ints */
void ts_link_send(ts_link *link, const void *bytes, size_t size, int to, ts_tag tag);

/* Has a message come? MPI_ANY_SOURCE and MPI_ANY_TAG stand for all. */
bool ts_link_came(ts_link *link, int from, int tag, MPI_Status *status);

/* Until one is there, with its size in bytes. */
size_t ts_link_await(ts_link *link, int from, ts_tag tag);

/* A message of this size, which has come or is going to. */
void ts_link_receive(ts_link *link, void *bytes, size_t size, int from, ts_tag tag);

/* A nap, which is the longer the more of them there were. `*seconds` begins as 0 and is 0 again when something
 * happened. */
void ts_link_nap(double *seconds);

#endif
