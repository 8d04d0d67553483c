#include "campaign/keeper.h"

#include "base/clock.h"
#include "base/fail.h"
#include "campaign/snapshot.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATIENCE 1.0       /* seconds for trainings to say where they stand, */
#define PATIENCE_PART 0.25 /* or this part of the interval: they look several times a second whether somebody asks */
#define DEAREST 0.01       /* part of the time of a processor that checkpoints may take */

struct ts_keeper {
    ts_sweep *sweep;
    ts_store *store;     /* NULL: the snapshots go to the process that has it */
    const ts_post *post; /* NULL: there are no others */
    double seconds;      /* between two checkpoints */
    ts_keeper_news *news;
    void *context;
    ts_snapshot snapshot;
    ts_records records;
    pthread_t thread;
    sem_t bell;         /* rings when one of these is set */
    atomic_bool wanted; /* a checkpoint, now */
    atomic_bool ending;
    uint8_t *letter; /* [size] from `sender`, not written yet; NULL: there is none */
    uint32_t sender;
    size_t size;
    bool has_sent; /* the last snapshot had something in it */
    bool lost;     /* it could not be sent */
    bool failing;  /* the last one could not be written */
    bool running;  /* the thread */
};

/* ---- one checkpoint */

static bool is_anything(const ts_snapshot *snapshot) {
    return snapshot->trainings > 0 || snapshot->waypoints > 0 || snapshot->limits_all > 0;
}

/* Write what this process has, piece by piece; nothing where nobody has anything. `part`: of ts_store_begin. */
static ts_status write_own(ts_keeper *keeper, uint32_t part, ts_error *error) {
    ts_snapshot *snapshot = &keeper->snapshot;
    const bool whole = part == TS_STORE_ALL || !ts_store_holds(keeper->store);
    if (whole)
        ts_snapshot_forget(snapshot, keeper->sweep);
    bool more = ts_snapshot_take(snapshot, keeper->sweep, &keeper->records);
    if (!more && whole && !is_anything(snapshot) && !keeper->letter)
        return TS_OK;
    ts_store_begin(keeper->store, part, whole);
    ts_store_put(keeper->store, &keeper->records);
    while (more) {
        more = ts_snapshot_take(snapshot, keeper->sweep, &keeper->records);
        ts_store_put(keeper->store, &keeper->records);
    }
    return ts_store_commit(keeper->store, error);
}

/* ---- those of other processes */

static void open_letter(ts_keeper *keeper) {
    if (keeper->post && !keeper->letter)
        keeper->letter = keeper->post->receive(keeper->post->context, &keeper->sender, &keeper->size);
}

/* What others have sent; a letter stays until it is written. */
static ts_status write_letters(ts_keeper *keeper, ts_error *error) {
    ts_status status = TS_OK;
    for (; status == TS_OK && keeper->letter; open_letter(keeper)) {
        const ts_records records = {.bytes = keeper->letter + TS_POST_HEAD, .size = keeper->size - TS_POST_HEAD};
        ts_store_begin(keeper->store, keeper->sender, keeper->letter[0] == TS_POST_WHOLE);
        ts_store_put(keeper->store, &records);
        status = ts_store_commit(keeper->store, error);
        if (status != TS_OK)
            break;
        free(keeper->letter);
        keeper->letter = NULL;
    }
    return status;
}

/* All pieces of a snapshot in one letter to member 0, which has nothing to be told where it is as it was. */
static ts_status send_snapshot(ts_keeper *keeper, ts_error *error) {
    ts_records all = {0};
    ts_record record;
    const ts_post_kind kind = keeper->lost ? TS_POST_WHOLE : TS_POST_CHANGES;
    if (keeper->lost)
        ts_snapshot_forget(&keeper->snapshot, keeper->sweep);
    for (bool more = true; more;) {
        more = ts_snapshot_take(&keeper->snapshot, keeper->sweep, &keeper->records);
        for (size_t at = 0; ts_records_next(keeper->records.bytes, keeper->records.size, &at, &record);)
            ts_records_add(&all, &record);
        all.incomplete |= keeper->records.incomplete;
    }
    if (all.count > 0 || keeper->lost || keeper->has_sent)
        keeper->lost = !ts_post_records(keeper->post, kind, &all);
    keeper->has_sent = all.count > 0;
    ts_records_free(&all);
    return keeper->lost ? ts_fail(error, TS_FAILED, "", "not enough memory for a checkpoint") : TS_OK;
}

static ts_status write_all(ts_keeper *keeper, ts_error *error) {
    if (!keeper->store)
        return send_snapshot(keeper, error);
    open_letter(keeper);
    const ts_status status = write_own(keeper, 0, error);
    return status == TS_OK ? write_letters(keeper, error) : status;
}

/* Nobody is left who has anything but this process. */
ts_status ts_keeper_save(ts_keeper *keeper, ts_error *error) {
    free(keeper->letter);
    keeper->letter = NULL;
    return write_own(keeper, keeper->post ? TS_STORE_ALL : 0, error);
}

/* ---- what is there */

static ts_status restore(void *context, const ts_record *record, ts_error *error) {
    return ts_snapshot_restore(context, record, error);
}

ts_status ts_keeper_restore(ts_keeper *keeper, ts_arithmetic arithmetic, bool *found, ts_error *error) {
    ts_sweep *sweep = keeper->sweep;
    ts_status status = ts_store_load(keeper->store, restore, sweep, found, error);
    if (status != TS_OK || !*found)
        return status;
    sweep->arithmetic = arithmetic;
    status = ts_snapshot_restored(sweep, error);
    if (status == TS_OK)
        ts_snapshot_assume(&keeper->snapshot, sweep);
    return status;
}

/* ---- the thread */

static void tell(const ts_keeper *keeper, bool is_failure, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void tell(const ts_keeper *keeper, bool is_failure, const char *format, ...) {
    char sentence[640];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    if (keeper->news)
        keeper->news(keeper->context, is_failure, sentence);
}

/* Say what is worth it. */
static void report(ts_keeper *keeper, ts_status status, bool asked_for, const ts_error *error) {
    const char *path = keeper->store ? ts_store_path(keeper->store) : "the checkpoint";
    const bool failed = status != TS_OK;
    if (failed && (!keeper->failing || asked_for))
        tell(keeper, true, "%s; the run goes on, and tries again", error->message);
    else if (!failed && keeper->failing)
        tell(keeper, false, "%s is written again", path);
    else if (!failed && asked_for)
        tell(keeper, false, "checkpoint: %llu trainings and %llu on their way are in %s",
             (unsigned long long)keeper->snapshot.trainings, (unsigned long long)keeper->snapshot.waypoints, path);
    keeper->failing = failed;
}

/* Sleep until a time of the monotonic clock, or until the bell rings. */
static void sleep_until(ts_keeper *keeper, double when) {
    const struct timespec time = {(time_t)when, (long)(1e9 * (when - floor(when)))};
    while (sem_clockwait(&keeper->bell, CLOCK_MONOTONIC, &time) != 0 && errno == EINTR)
        continue;
}

/* Let the trainings say where they stand, and give them a moment; an end of the run is not waited for. */
static void ask_trainings(ts_keeper *keeper) {
    const double until = ts_seconds_now() + fmin(PATIENCE, PATIENCE_PART * keeper->seconds);
    atomic_fetch_add(&keeper->sweep->reached.asked, 1);
    while (!keeper->ending && ts_seconds_now() < until)
        sleep_until(keeper, until);
}

/* Returns when the next one is due. */
static double make_checkpoint(ts_keeper *keeper, bool asked_for) {
    const double due = ts_seconds_now() + keeper->seconds;
    ts_error error = {0};
    ask_trainings(keeper);
    if (keeper->ending)
        return due;
    const double began = ts_seconds_of(CLOCK_THREAD_CPUTIME_ID);
    const ts_status status = write_all(keeper, &error);
    report(keeper, status, asked_for, &error);
    const double earliest = ts_seconds_now() + (ts_seconds_of(CLOCK_THREAD_CPUTIME_ID) - began) / DEAREST;
    return fmax(due, earliest);
}

static void *keep(void *context) {
    ts_keeper *keeper = context;
    double due = ts_seconds_now() + keeper->seconds;
    while (!keeper->ending) {
        if (!keeper->wanted)
            sleep_until(keeper, due);
        const bool asked_for = atomic_exchange(&keeper->wanted, false);
        if (!keeper->ending && (asked_for || ts_seconds_now() >= due))
            due = make_checkpoint(keeper, asked_for);
    }
    return NULL;
}

/* Signals are for the threads that there were before. */
static int start_thread(ts_keeper *keeper) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int code = pthread_create(&keeper->thread, NULL, keep, keeper);
    if (code == 0)
        pthread_setname_np(keeper->thread, "checkpoints"); /* for those who look who takes what time */
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return code;
}

ts_status ts_keeper_begin(ts_keeper *keeper, double seconds, ts_error *error) {
    keeper->seconds = seconds;
    keeper->wanted = keeper->ending = false;
    const int code = start_thread(keeper);
    keeper->running = code == 0;
    return code == 0 ? TS_OK : ts_fail(error, TS_FAILED, "", "checkpoints cannot be made: %s", strerror(code));
}

void ts_keeper_ask(ts_keeper *keeper) {
    keeper->wanted = true;
    sem_post(&keeper->bell);
}

void ts_keeper_end(ts_keeper *keeper) {
    if (!keeper->running)
        return;
    keeper->ending = true;
    sem_post(&keeper->bell);
    pthread_join(keeper->thread, NULL);
    keeper->running = false;
}

/* ---- a keeper */

ts_status ts_keeper_create(ts_keeper **result, ts_sweep *sweep, ts_store *store, const ts_post *post,
                           ts_keeper_news *news, void *context, ts_error *error) {
    ts_keeper *keeper = calloc(1, sizeof *keeper);
    *result = keeper;
    if (!keeper || !ts_snapshot_create(&keeper->snapshot, sweep)) {
        free(keeper);
        *result = NULL;
        return ts_fail(error, TS_FAILED, "", "not enough memory for checkpoints");
    }
    keeper->sweep = sweep;
    keeper->store = store;
    keeper->post = post;
    keeper->news = news;
    keeper->context = context;
    sem_init(&keeper->bell, 0, 0);
    return TS_OK;
}

void ts_keeper_destroy(ts_keeper *keeper) {
    if (!keeper)
        return;
    ts_keeper_end(keeper);
    ts_snapshot_free(&keeper->snapshot);
    ts_records_free(&keeper->records);
    free(keeper->letter);
    sem_destroy(&keeper->bell);
    free(keeper);
}
