#include "mpi/place.h"

#include "backend/backend.h"
#include "backend/processors.h"
#include "base/fail.h"
#include "mpi/deal.h"

#include <math.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#define MOST_PROCESSORS 8192

/* What a process says to the others of its machine. */
typedef struct offer {
    bool processor[MOST_PROCESSORS]; /* may it run on this one? */
    uint64_t device_count;
    int32_t device[TS_MAX_DEVICES];                /* [device_count] their numbers there */
    uint8_t identity[TS_MAX_DEVICES][TS_IDENTITY]; /* [device_count] */
} offer;

/* The processes of one machine. */
typedef struct neighbours {
    size_t rank, count; /* this process among them */
    offer *offers;      /* [count] */
    bool *sees;         /* [count][MOST_PROCESSORS or more] what they see of the things that are dealt */
    size_t *owner;      /* [MOST_PROCESSORS or more] of these */
    size_t *has;        /* [count] things of each */
} neighbours;

/* ---- what this process has to say */

static void look_at_processors(offer *own) {
    cpu_set_t *set = CPU_ALLOC(MOST_PROCESSORS);
    const size_t size = CPU_ALLOC_SIZE(MOST_PROCESSORS);
    if (set && sched_getaffinity(0, size, set) == 0)
        for (size_t i = 0; i < MOST_PROCESSORS; i++)
            own->processor[i] = CPU_ISSET_S(i, size, set);
    CPU_FREE(set);
}

/* The devices that a run of this process alone would take. */
static ts_status look_at_devices(const ts_settings *settings, const ts_run_options *options, offer *own,
                                 ts_error *error) {
    const char *name;
    char reason[sizeof error->message];
    ts_status status = ts_backend_for(settings, options->backend, &name, reason, sizeof reason);
    if (status != TS_OK)
        return ts_fail(error, status, "", "%s", reason);
    const ts_backend *backend = ts_backend_named(name);
    ts_placement placement;
    status = backend->prepare(options, 1, &placement, error);
    for (size_t i = 0; status == TS_OK && backend->identify && i < placement.device_count; i++) {
        own->device[i] = placement.device[i];
        backend->identify(placement.device[i], own->identity[i]);
        own->device_count++;
    }
    return status;
}

/* ---- what all of this machine have */

static void close_neighbours(neighbours *of) {
    free(of->offers);
    free(of->sees);
    free(of->owner);
    free(of->has);
}

static ts_status create_neighbours(neighbours *of, int rank, int count, ts_error *error) {
    const size_t devices = (size_t)count * TS_MAX_DEVICES;
    const size_t things = devices > MOST_PROCESSORS ? devices : MOST_PROCESSORS;
    *of = (neighbours){.rank = (size_t)rank, .count = (size_t)count};
    of->offers = calloc(of->count, sizeof *of->offers);
    of->sees = calloc(of->count * things, sizeof *of->sees);
    of->owner = calloc(things, sizeof *of->owner);
    of->has = calloc(of->count, sizeof *of->has);
    if (of->offers && of->sees && of->owner && of->has)
        return TS_OK;
    close_neighbours(of);
    return ts_fail(error, TS_FAILED, "", "not enough memory for what %d processes share", count);
}

/* Every process of the machine gets to know what the others say. */
static ts_status meet(ts_mpi *mpi, const offer *own, neighbours *found, ts_error *error) {
    ts_link *link = &mpi->link;
    MPI_Comm all;
    int rank, count;
    pthread_mutex_lock(&link->one);
    MPI_Comm_split_type(link->all, MPI_COMM_TYPE_SHARED, link->rank, MPI_INFO_NULL, &all);
    MPI_Comm_rank(all, &rank);
    MPI_Comm_size(all, &count);
    pthread_mutex_unlock(&link->one);
    ts_status status = create_neighbours(found, rank, count, error);
    const bool created = status == TS_OK;
    status = ts_team_agree(&mpi->team, status, error);
    if (status == TS_OK) {
        MPI_Request request;
        pthread_mutex_lock(&link->one);
        MPI_Iallgather(own, (int)sizeof *own, MPI_BYTE, found->offers, (int)sizeof *own, MPI_BYTE, all, &request);
        pthread_mutex_unlock(&link->one);
        ts_link_wait(link, &request, NULL);
    } else if (created)
        close_neighbours(found);
    pthread_mutex_lock(&link->one);
    MPI_Comm_free(&all);
    pthread_mutex_unlock(&link->one);
    return status;
}

/* ---- its part of it */

/* Processors for this process, at least 1. What control groups allow is for all of them together. */
static int own_processors(neighbours *of) {
    const ts_sight sight = {of->sees, of->count, MOST_PROCESSORS};
    for (size_t k = 0; k < of->count; k++)
        memcpy(of->sees + k * MOST_PROCESSORS, of->offers[k].processor, MOST_PROCESSORS * sizeof *of->sees);
    ts_deal(&sight, of->owner, of->has);
    const double allowed = floor(ts_processors_of_groups("") / (double)of->count);
    return (int)fmax(fmin((double)of->has[of->rank], allowed), 1);
}

/* The place of a device among those of the machine, and whose place it has there. */
static size_t place_of(const neighbours *of, size_t process, size_t device, size_t devices) {
    const uint8_t *identity = of->offers[process].identity[device];
    size_t place = 0;
    for (size_t k = 0; k < of->count; k++)
        for (size_t i = 0; i < of->offers[k].device_count; i++, place++)
            if (memcmp(of->offers[k].identity[i], identity, TS_IDENTITY) == 0)
                return place;
    return devices;
}

static void deal_devices(neighbours *of, size_t devices) {
    const ts_sight sight = {of->sees, of->count, devices};
    memset(of->sees, 0, of->count * devices * sizeof *of->sees);
    for (size_t k = 0; k < of->count; k++)
        for (size_t i = 0; i < of->offers[k].device_count; i++)
            of->sees[k * devices + place_of(of, k, i, devices)] = true;
    ts_deal(&sight, of->owner, of->has);
}

/* Those that are dealt to this process; where there are none, with `shares`, one that it has together with others. */
static void own_devices(const neighbours *of, size_t devices, bool shares, ts_mpi_place *place) {
    const offer *own = &of->offers[of->rank];
    size_t before = 0; /* processes that got none, too */
    for (size_t k = 0; k < of->rank; k++)
        before += of->has[k] == 0;
    for (size_t i = 0; i < own->device_count; i++)
        if (of->owner[place_of(of, of->rank, i, devices)] == of->rank)
            place->device[place->own_devices++] = own->device[i];
    if (place->own_devices == 0 && own->device_count > 0 && shares)
        place->device[place->own_devices++] = own->device[before % own->device_count];
}

static void take_part(neighbours *of, ts_run_options *options, ts_mpi_place *place) {
    size_t devices = 0;
    for (size_t k = 0; k < of->count; k++)
        devices += of->offers[k].device_count;
    if (options->threads == 0 && ts_threads_told() == 0)
        options->threads = own_processors(of);
    if (devices > 0) {
        deal_devices(of, devices);
        own_devices(of, devices, !ts_is_auto(options->backend), place);
        options->devices = place->device;
        options->device_count = place->own_devices;
        if (place->own_devices == 0)
            options->backend = ts_backend_cpu.name;
    }
    place->devices = place->own_devices;
    place->without_device = devices > 0 && place->own_devices == 0;
    place->threads = place->own_devices > 0 ? 0 : (uint64_t)ts_thread_count(options, UINT64_MAX);
    place->machines = of->rank == 0;
    place->processes = 1;
}

ts_status ts_mpi_share_machine(ts_mpi *mpi, const ts_settings *settings, ts_run_options *options, ts_mpi_place *place,
                               ts_error *error) {
    neighbours of;
    *place = (ts_mpi_place){0};
    offer *own = calloc(1, sizeof *own);
    ts_status status = own ? TS_OK : ts_fail(error, TS_FAILED, "", "not enough memory for what processes share");
    for (int turn = 0; turn < 2; turn++) { /* what is wrong for all is for process 0 to say */
        if (status == TS_OK && (mpi->link.rank > 0) == turn)
            status = look_at_devices(settings, options, own, error);
        status = ts_team_agree(&mpi->team, status, error);
    }
    if (status == TS_OK)
        look_at_processors(own);
    if (status == TS_OK)
        status = meet(mpi, own, &of, error);
    free(own);
    if (status != TS_OK)
        return status;
    take_part(&of, options, place);
    close_neighbours(&of);
    uint64_t *sums[] = {&place->processes, &place->machines, &place->threads, &place->devices, &place->without_device};
    for (size_t i = 0; i < sizeof sums / sizeof *sums; i++)
        mpi->team.add(mpi->team.context, sums[i], 1);
    return TS_OK;
}
