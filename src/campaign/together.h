/* A campaign of several processes, the members of a team (sweep/team.h). Member 0 has the files; the others tell it
 * what they have done: as snapshots for the checkpoint while they run, and all of it at the end. */
#ifndef TS_CAMPAIGN_TOGETHER_H
#define TS_CAMPAIGN_TOGETHER_H

#include "campaign/records.h"
#include "sweep/sweep.h"

/* How bytes get from one to another. */
typedef struct ts_post {
    void *context; /* first argument of all */
    /* Of the others: to member 0, from one thread at a time. */
    void (*send)(void *context, const void *bytes, size_t size);
    /* Of member 0, from any thread: the oldest bytes [size] that came, and from whom; the caller's, by free(). NULL:
     * there are none. */
    uint8_t *(*receive)(void *context, uint32_t *from, size_t *size);
    /* Collective: all that was sent is there. */
    void (*gather)(void *context);
    /* Collective: the others get the bytes of member 0, as their own, by free(). Errors: TS_FAILED, of all. */
    ts_status (*spread)(void *context, uint8_t **bytes, size_t *size, ts_error *error);
} ts_post;

/* What bytes that were sent begin with. */
typedef enum ts_post_kind {
    TS_POST_CHANGES, /* the next snapshot of the sender */
    TS_POST_WHOLE,   /* the same, and none before it counts any more */
    TS_POST_LAST     /* after the run: its trainings on their way */
} ts_post_kind;

#define TS_POST_HEAD 1 /* bytes before the records: the kind */

/* Send records, which may be none. False: there was no memory for that, or for the records. */
bool ts_post_records(const ts_post *post, ts_post_kind kind, const ts_records *records);

/* Before a run, collective: all members know where the trainings stand that member 0 has. Errors: TS_FAILED. */
ts_status ts_together_begin(ts_sweep *sweep, const ts_post *post, ts_error *error);

/* After a run that ended with `status`, collective: member 0 has all that there is, as after a run of its own, and the
 * others have none of it. Returns the status, or TS_FAILED. */
ts_status ts_together_end(ts_sweep *sweep, const ts_post *post, ts_status status, ts_error *error);

#endif
