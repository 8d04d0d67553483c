#include "mpi/team.h"

#include "base/clock.h"
#include "base/fail.h"

#include <stdlib.h>

#define SEND_INTERVAL 0.5               /* seconds between two reports to process 0, */
#define LOOK_INTERVAL 0.2               /* and between two looks of one that waits for others */
#define LARGEST_PIECE ((size_t)1 << 27) /* elements of one collective call; lengths of MPI are ints */

/* ---- progress and the wish to stop */

static void wish_to_stop(ts_mpi *mpi) {
    if (mpi->link.rank == 0)
        ts_master_stop(&mpi->master);
    else if (!mpi->has_wished)
        ts_link_send(&mpi->link, NULL, 0, 0, TS_TAG_STOP);
    mpi->has_wished = true;
}

/* Are all told to stop? */
static bool is_stopped(ts_mpi *mpi) {
    MPI_Status status;
    if (mpi->link.rank == 0)
        return mpi->master.stopping;
    if (!mpi->is_stopped && ts_link_came(&mpi->link, 0, TS_TAG_STOP, &status)) {
        ts_link_receive(&mpi->link, NULL, 0, 0, TS_TAG_STOP);
        mpi->is_stopped = true;
    }
    return mpi->is_stopped;
}

/* Show, or pass on, the progress of this process. Returns whether it is to go on. */
static bool look(ts_mpi *mpi, const ts_progress *progress) {
    ts_watch *watch = &mpi->watch;
    ts_progress shown = *progress;
    const double now = ts_seconds_now();
    if (mpi->link.rank == 0)
        ts_master_add_progress(&mpi->master, &shown);
    else if (now - watch->sent >= SEND_INTERVAL) {
        ts_link_send(&mpi->link, progress, sizeof *progress, 0, TS_TAG_PROGRESS);
        watch->sent = now;
    }
    if (watch->on_progress && !watch->on_progress(watch->context, &shown))
        wish_to_stop(mpi);
    return !is_stopped(mpi);
}

static bool on_progress(void *context, const ts_progress *progress) {
    ts_mpi *mpi = context;
    mpi->watch.last = *progress;
    mpi->watch.said = ts_seconds_now();
    return look(mpi, progress);
}

/* While this process waits for others its own work stands still, and that of the others is seen. */
static void look_meanwhile(void *context) {
    ts_mpi *mpi = context;
    const double now = ts_seconds_now();
    if (mpi->watch.said == 0 || now - mpi->watch.looked < LOOK_INTERVAL)
        return;
    mpi->watch.looked = now;
    ts_progress progress = mpi->watch.last;
    progress.seconds += now - mpi->watch.said;
    look(mpi, &progress);
}

void ts_mpi_watch(ts_mpi *mpi, ts_run_options *options) {
    mpi->watch = (ts_watch){.on_progress = options->on_progress, .context = options->context};
    options->on_progress = on_progress;
    options->context = mpi;
}

/* ---- what all do together */

static void wait_for(ts_mpi *mpi, MPI_Request *request) {
    const ts_meanwhile meanwhile = {look_meanwhile, mpi};
    ts_link_wait(&mpi->link, request, &meanwhile);
}

static void meet(ts_mpi *mpi) {
    MPI_Request request;
    pthread_mutex_lock(&mpi->link.one);
    MPI_Ibarrier(mpi->link.all, &request);
    pthread_mutex_unlock(&mpi->link.one);
    wait_for(mpi, &request);
}

/* Every process gets what the operation makes of the elements of all. */
static void combine(ts_mpi *mpi, void *elements, size_t count, size_t width, MPI_Datatype type, MPI_Op operation) {
    for (size_t at = 0; at < count; at += LARGEST_PIECE) {
        const size_t length = count - at < LARGEST_PIECE ? count - at : LARGEST_PIECE;
        MPI_Request request;
        pthread_mutex_lock(&mpi->link.one);
        MPI_Iallreduce(MPI_IN_PLACE, (char *)elements + at * width, (int)length, type, operation, mpi->link.all,
                       &request);
        pthread_mutex_unlock(&mpi->link.one);
        wait_for(mpi, &request);
    }
}

static void unite(void *context, uint8_t *bytes, size_t count) {
    combine(context, bytes, count, sizeof *bytes, MPI_UINT8_T, MPI_BOR);
}

static void add(void *context, uint64_t *words, size_t count) {
    combine(context, words, count, sizeof *words, MPI_UINT64_T, MPI_SUM);
}

static void least(void *context, uint32_t *words, size_t count) {
    combine(context, words, count, sizeof *words, MPI_UINT32_T, MPI_MIN);
}

/* Whatever it is that one process cannot go on for, the others need not work for hours before they hear of it. */
static ts_status agree(void *context, ts_status status) {
    static const ts_status by_rank[] = {TS_OK, TS_INTERRUPTED, TS_FAILED, TS_INVALID};
    ts_mpi *mpi = context;
    int32_t worst = mpi->link.rank == 0 && mpi->master.failed ? 2 : 0;
    for (int32_t i = 0; i < 4; i++)
        worst = by_rank[i] == status && i > worst ? i : worst;
    if (worst > 0)
        wish_to_stop(mpi);
    combine(mpi, &worst, 1, sizeof worst, MPI_INT32_T, MPI_MAX);
    return by_rank[worst];
}

/* ---- pieces of work */

/* All have what they were going to take of the last pieces before there are others. */
static void begin(void *context, size_t items) {
    ts_mpi *mpi = context;
    meet(mpi);
    free(mpi->known);
    mpi->known = NULL;
    mpi->known_count = 0;
    if (mpi->link.rank == 0)
        ts_master_offer(&mpi->master, items);
    else
        mpi->known = calloc(items + 1, sizeof *mpi->known);
    meet(mpi);
}

/* The answer to a claim: is it granted, and which pieces have been taken since the last answer? */
static bool hear_answer(ts_mpi *mpi) {
    uint64_t *news = mpi->news;
    const size_t size = ts_link_await(&mpi->link, 0, TS_TAG_ANSWER);
    ts_link_receive(&mpi->link, news, size, 0, TS_TAG_ANSWER);
    const size_t count = size / sizeof *news - 1;
    for (size_t i = 1; mpi->known && i <= count; i++)
        mpi->known[news[i]] = true;
    mpi->known_count += count;
    return news[0];
}

static bool claim(void *context, size_t item) {
    ts_mpi *mpi = context;
    if (mpi->link.rank == 0)
        return ts_master_take(&mpi->master, item);
    if (mpi->known && mpi->known[item])
        return false;
    const uint64_t asked[2] = {item, mpi->known_count};
    ts_link_send(&mpi->link, asked, sizeof asked, 0, TS_TAG_CLAIM);
    return hear_answer(mpi);
}

/* ---- bytes */

/* Nothing at all is the end of what there is. */
static void send_parcel(ts_mpi *mpi, const uint8_t *bytes, uint64_t size) {
    ts_link_send(&mpi->link, &size, sizeof size, 0, TS_TAG_PARCEL);
    for (size_t at = 0; at < size; at += TS_PARCEL_PIECE) {
        const size_t length = size - at < TS_PARCEL_PIECE ? size - at : TS_PARCEL_PIECE;
        ts_link_send(&mpi->link, bytes + at, length, 0, TS_TAG_CONTENT);
    }
}

void ts_mpi_send(ts_mpi *mpi, const void *bytes, size_t size) {
    send_parcel(mpi, bytes, size);
}

uint8_t *ts_mpi_receive(ts_mpi *mpi, int *rank, size_t *size) {
    ts_parcel *parcel = ts_master_parcel(&mpi->master);
    uint8_t *bytes = parcel ? parcel->bytes : NULL;
    if (parcel) {
        *rank = parcel->rank;
        *size = parcel->size;
    }
    free(parcel);
    return bytes;
}

void ts_mpi_gather(ts_mpi *mpi) {
    mpi->ends++;
    if (mpi->link.rank > 0) {
        send_parcel(mpi, NULL, 0);
        return;
    }
    double seconds = 0;
    while (!ts_master_has_ends(&mpi->master, mpi->ends)) {
        look_meanwhile(mpi);
        ts_link_nap(&seconds);
    }
}

static void broadcast(ts_mpi *mpi, void *bytes, size_t size) {
    for (size_t at = 0; at < size; at += LARGEST_PIECE) {
        const size_t length = size - at < LARGEST_PIECE ? size - at : LARGEST_PIECE;
        MPI_Request request;
        pthread_mutex_lock(&mpi->link.one);
        MPI_Ibcast((char *)bytes + at, (int)length, MPI_BYTE, 0, mpi->link.all, &request);
        pthread_mutex_unlock(&mpi->link.one);
        wait_for(mpi, &request);
    }
}

ts_status ts_mpi_spread(ts_mpi *mpi, uint8_t **bytes, size_t *size, ts_error *error) {
    const bool is_source = mpi->link.rank == 0;
    uint64_t length = is_source ? *size : 0;
    broadcast(mpi, &length, sizeof length);
    uint8_t *room = is_source ? *bytes : malloc(length + 1);
    int32_t lacks = !room && length > 0;
    combine(mpi, &lacks, 1, sizeof lacks, MPI_INT32_T, MPI_MAX);
    if (lacks) {
        if (!is_source)
            free(room);
        return ts_fail(error, TS_FAILED, "", "not enough memory on every machine for %llu bytes of process 0",
                       (unsigned long long)length);
    }
    broadcast(mpi, room, length);
    *bytes = room;
    *size = length;
    return TS_OK;
}

/* ---- the team */

ts_status ts_mpi_begin(ts_mpi *mpi, ts_error *error) {
    *mpi = (ts_mpi){0};
    ts_status status = ts_link_open(&mpi->link, error);
    if (status != TS_OK)
        return status;
    mpi->team = (ts_team){mpi, mpi->link.rank, mpi->link.size, begin, claim, unite, add, least, agree};
    int32_t failed = mpi->link.rank == 0 && ts_master_begin(&mpi->master, &mpi->link, error) != TS_OK;
    combine(mpi, &failed, 1, sizeof failed, MPI_INT32_T, MPI_MAX);
    if (!failed)
        return TS_OK;
    ts_link_close(&mpi->link);
    return mpi->link.rank == 0 ? TS_FAILED : ts_fail(error, TS_FAILED, "", "process 0 could not begin");
}

/* The last word of process 0 is that to stop; who has heard it before does not wait for another. */
void ts_mpi_end(ts_mpi *mpi) {
    meet(mpi);
    if (mpi->link.rank == 0)
        ts_master_end(&mpi->master);
    else {
        ts_link_send(&mpi->link, NULL, 0, 0, TS_TAG_LEAVE);
        double seconds = 0;
        while (!is_stopped(mpi))
            ts_link_nap(&seconds);
    }
    free(mpi->known);
    ts_link_close(&mpi->link);
}
