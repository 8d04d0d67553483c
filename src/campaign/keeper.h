/* Looks after the checkpoint of a sweep while it runs. */
#ifndef TS_CAMPAIGN_KEEPER_H
#define TS_CAMPAIGN_KEEPER_H

#include "campaign/store.h"
#include "campaign/together.h"
#include "sweep/sweep.h"

typedef struct ts_keeper ts_keeper;

/* What a keeper has to say, from its own thread: that a checkpoint was written which somebody had asked for, that one
 * could not be written (once, however often it is tried again), and that this is over. */
typedef void ts_keeper_news(void *context, bool is_failure, const char *sentence);

/* For a sweep that has been prepared, and a store that nobody else uses as long as the keeper is there. Of a team,
 * member 0 has the store, and `post` brings it what the others have: their keepers have no store (NULL). Without a team
 * `post` is NULL. All are the caller's. Errors: TS_FAILED. */
ts_status ts_keeper_create(ts_keeper **keeper, ts_sweep *sweep, ts_store *store, const ts_post *post,
                           ts_keeper_news *news, void *context, ts_error *error);
void ts_keeper_destroy(ts_keeper *keeper); /* NULL is allowed */

/* Give the sweep the trainings and the limits that are in the store, if it *found any. They were computed in this
 * arithmetic, which is that of the store. Errors: as ts_store_load. */
ts_status ts_keeper_restore(ts_keeper *keeper, ts_arithmetic arithmetic, bool *found, ts_error *error);

/* Begin a thread that writes a checkpoint every `seconds`, until ts_keeper_end. It spends no more than a hundredth of
 * the time of one processor on it: where a checkpoint takes long, the next one comes later. Errors: TS_FAILED. */
ts_status ts_keeper_begin(ts_keeper *keeper, double seconds, ts_error *error);
void ts_keeper_end(ts_keeper *keeper);

/* While the thread runs: a checkpoint is wanted now. From any thread. */
void ts_keeper_ask(ts_keeper *keeper);

/* Write a checkpoint of the sweep, which does not run, nor the thread; makes no file where there is nothing to be kept.
 * It has all that there is, and takes the place of all that was written before. Errors: TS_FAILED. */
ts_status ts_keeper_save(ts_keeper *keeper, ts_error *error);

#endif
