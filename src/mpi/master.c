#include "mpi/master.h"

#include "base/fail.h"

#include <stdlib.h>
#include <string.h>

/* ---- pieces of work */

void ts_master_offer(ts_master *master, size_t items) {
    pthread_mutex_lock(&master->lock);
    free(master->taken);
    free(master->order);
    master->taken = calloc(items + 1, sizeof *master->taken);
    master->order = calloc(items + 1, sizeof *master->order);
    master->items = items;
    master->taken_count = 0;
    if (!master->taken || !master->order) {
        master->items = 0; /* nobody gets anything, and the run fails */
        master->failed = true;
    }
    pthread_mutex_unlock(&master->lock);
}

/* Under the lock. */
static bool take(ts_master *master, size_t item) {
    if (item >= master->items || master->taken[item])
        return false;
    master->taken[item] = true;
    master->order[master->taken_count++] = item;
    return true;
}

bool ts_master_take(ts_master *master, size_t item) {
    pthread_mutex_lock(&master->lock);
    const bool free_until_now = take(master, item);
    pthread_mutex_unlock(&master->lock);
    return free_until_now;
}

/* A claim has the piece and how many taken ones the process knows of. The answer has 1 or 0, and the next ones, so that
 * it does not ask for these. */
static void answer(ts_master *master, int rank) {
    uint64_t claim[2] = {0}, news[1 + TS_MOST_NEWS];
    size_t count;
    ts_link_receive(master->link, claim, sizeof claim, rank, TS_TAG_CLAIM);
    pthread_mutex_lock(&master->lock);
    news[0] = take(master, claim[0]);
    const size_t known = claim[1] < master->taken_count ? claim[1] : master->taken_count;
    count = master->taken_count - known < TS_MOST_NEWS ? master->taken_count - known : TS_MOST_NEWS;
    if (count > 0)
        memcpy(news + 1, master->order + known, count * sizeof *news);
    pthread_mutex_unlock(&master->lock);
    ts_link_send(master->link, news, (1 + count) * sizeof *news, rank, TS_TAG_ANSWER);
}

/* ---- progress, and the wish to stop */

static void note_progress(ts_master *master, int rank) {
    ts_progress progress;
    ts_link_receive(master->link, &progress, sizeof progress, rank, TS_TAG_PROGRESS);
    pthread_mutex_lock(&master->lock);
    master->progress[rank] = progress;
    pthread_mutex_unlock(&master->lock);
}

void ts_master_add_progress(ts_master *master, ts_progress *progress) {
    pthread_mutex_lock(&master->lock);
    for (int rank = 1; rank < master->link->size; rank++) {
        const ts_progress *other = &master->progress[rank];
        progress->trainings_done += other->trainings_done;
        progress->training_steps_done += other->training_steps_done;
        progress->neuron_steps_done += other->neuron_steps_done;
        progress->limits_done += other->limits_done;
    }
    pthread_mutex_unlock(&master->lock);
}

/* The word for which each process waits at the latest when it ends. */
static void say_stop(ts_master *master) {
    pthread_mutex_lock(&master->lock);
    const bool is_said = master->stop_is_said;
    master->stop_is_said = true;
    pthread_mutex_unlock(&master->lock);
    ts_link *link = master->link;
    pthread_mutex_lock(&link->one);
    for (int rank = 1; !is_said && rank < link->size; rank++)
        MPI_Isend(NULL, 0, MPI_BYTE, rank, TS_TAG_STOP, link->all, &master->stops[rank]);
    pthread_mutex_unlock(&link->one);
}

void ts_master_stop(ts_master *master) {
    master->stopping = true;
    say_stop(master);
}

/* ---- parcels */

/* Its bytes come next. Where there is no memory for them they are received and forgotten. */
static void receive_parcel(ts_master *master, int rank) {
    uint64_t size = 0;
    ts_link_receive(master->link, &size, sizeof size, rank, TS_TAG_PARCEL);
    ts_parcel *parcel = malloc(sizeof *parcel);
    uint8_t *bytes = malloc(size + 1);
    master->failed |= !parcel || !bytes;
    for (size_t at = 0; at < size; at += TS_PARCEL_PIECE) {
        const size_t length = size - at < TS_PARCEL_PIECE ? size - at : TS_PARCEL_PIECE;
        ts_link_receive(master->link, master->piece, length, rank, TS_TAG_CONTENT);
        if (bytes)
            memcpy(bytes + at, master->piece, length);
    }
    pthread_mutex_lock(&master->lock);
    master->ends += size == 0;
    if (size > 0 && parcel && bytes) {
        *parcel = (ts_parcel){.rank = rank, .size = size, .bytes = bytes};
        *(master->last ? &master->last->next : &master->first) = parcel;
        master->last = parcel;
        parcel = NULL;
        bytes = NULL;
    }
    pthread_mutex_unlock(&master->lock);
    free(parcel);
    free(bytes);
}

ts_parcel *ts_master_parcel(ts_master *master) {
    pthread_mutex_lock(&master->lock);
    ts_parcel *parcel = master->first;
    master->first = parcel ? parcel->next : NULL;
    master->last = master->first ? master->last : NULL;
    pthread_mutex_unlock(&master->lock);
    return parcel;
}

bool ts_master_has_ends(ts_master *master, int count) {
    pthread_mutex_lock(&master->lock);
    const bool has = master->ends >= count * (master->link->size - 1);
    pthread_mutex_unlock(&master->lock);
    return has;
}

/* ---- the thread */

static void serve(ts_master *master, int rank, ts_tag tag) {
    switch (tag) {
    case TS_TAG_CLAIM:
        answer(master, rank);
        break;
    case TS_TAG_STOP:
        ts_link_receive(master->link, NULL, 0, rank, tag);
        ts_master_stop(master);
        break;
    case TS_TAG_PROGRESS:
        note_progress(master, rank);
        break;
    case TS_TAG_PARCEL:
        receive_parcel(master, rank);
        break;
    case TS_TAG_LEAVE:
        ts_link_receive(master->link, NULL, 0, rank, tag);
        master->left++;
        break;
    case TS_TAG_ANSWER:  /* from here, not to here */
    case TS_TAG_CONTENT: /* received with its parcel */
        break;
    }
}

static void *hear(void *context) {
    ts_master *master = context;
    MPI_Status status;
    double seconds = 0;
    while (master->left < master->link->size - 1)
        if (ts_link_came(master->link, MPI_ANY_SOURCE, MPI_ANY_TAG, &status)) {
            serve(master, status.MPI_SOURCE, (ts_tag)status.MPI_TAG);
            seconds = 0;
        } else
            ts_link_nap(&seconds);
    return NULL;
}

static void free_all(ts_master *master) {
    for (ts_parcel *parcel; (parcel = ts_master_parcel(master)); free(parcel))
        free(parcel->bytes);
    pthread_mutex_destroy(&master->lock);
    free(master->taken);
    free(master->order);
    free(master->progress);
    free(master->stops);
    free(master->piece);
}

ts_status ts_master_begin(ts_master *master, ts_link *link, ts_error *error) {
    *master = (ts_master){.link = link};
    pthread_mutex_init(&master->lock, NULL);
    master->progress = calloc((size_t)link->size, sizeof *master->progress);
    master->stops = calloc((size_t)link->size, sizeof *master->stops);
    master->piece = malloc(TS_PARCEL_PIECE);
    if (master->progress && master->stops && master->piece && pthread_create(&master->thread, NULL, hear, master) == 0)
        return TS_OK;
    free_all(master);
    return ts_fail(error, TS_FAILED, "", "not enough memory to listen to %d processes", link->size - 1);
}

void ts_master_end(ts_master *master) {
    say_stop(master);
    pthread_join(master->thread, NULL);
    for (int rank = 1; rank < master->link->size; rank++)
        ts_link_wait(master->link, &master->stops[rank], NULL);
    free_all(master);
}
