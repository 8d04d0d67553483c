#include "mpi/link.h"

#include "base/fail.h"

#include <time.h>

/* Who is asked often answers at once; who is not costs a thousandth of a processor or two. */
#define SHORTEST_NAP 20e-6
#define NAP_GROWTH 1.1
#define LONGEST_NAP 5e-3

void ts_link_nap(double *seconds) {
    const double longer = *seconds > 0 ? *seconds * NAP_GROWTH : SHORTEST_NAP;
    *seconds = longer < LONGEST_NAP ? longer : LONGEST_NAP;
    nanosleep(&(struct timespec){.tv_nsec = (long)(1e9 * *seconds)}, NULL);
}

ts_status ts_link_open(ts_link *link, ts_error *error) {
    int level;
    *link = (ts_link){.size = 1};
    MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &level);
    if (level < MPI_THREAD_SERIALIZED) {
        MPI_Finalize();
        return ts_fail(error, TS_FAILED, "",
                       "this MPI is for programs of one thread alone (it has no MPI_THREAD_SERIALIZED)");
    }
    MPI_Comm_dup(MPI_COMM_WORLD, &link->all);
    MPI_Comm_rank(link->all, &link->rank);
    MPI_Comm_size(link->all, &link->size);
    pthread_mutex_init(&link->one, NULL);
    return TS_OK;
}

void ts_link_close(ts_link *link) {
    pthread_mutex_destroy(&link->one);
    MPI_Comm_free(&link->all);
    MPI_Finalize();
}

void ts_link_wait(ts_link *link, MPI_Request *request, const ts_meanwhile *meanwhile) {
    double seconds = 0;
    for (int done = 0;;) {
        pthread_mutex_lock(&link->one);
        MPI_Test(request, &done, MPI_STATUS_IGNORE);
        pthread_mutex_unlock(&link->one);
        if (done)
            return;
        if (meanwhile)
            meanwhile->look(meanwhile->context);
        ts_link_nap(&seconds);
    }
}

void ts_link_send(ts_link *link, const void *bytes, size_t size, int to, ts_tag tag) {
    MPI_Request request;
    pthread_mutex_lock(&link->one);
    MPI_Isend(bytes, (int)size, MPI_BYTE, to, (int)tag, link->all, &request);
    pthread_mutex_unlock(&link->one);
    ts_link_wait(link, &request, NULL);
}

bool ts_link_came(ts_link *link, int from, int tag, MPI_Status *status) {
    int came;
    pthread_mutex_lock(&link->one);
    MPI_Iprobe(from, tag, link->all, &came, status);
    pthread_mutex_unlock(&link->one);
    return came;
}

size_t ts_link_await(ts_link *link, int from, ts_tag tag) {
    MPI_Status status;
    double seconds = 0;
    int size;
    while (!ts_link_came(link, from, (int)tag, &status))
        ts_link_nap(&seconds);
    MPI_Get_count(&status, MPI_BYTE, &size);
    return (size_t)size;
}

void ts_link_receive(ts_link *link, void *bytes, size_t size, int from, ts_tag tag) {
    MPI_Request request;
    pthread_mutex_lock(&link->one);
    MPI_Irecv(bytes, (int)size, MPI_BYTE, from, (int)tag, link->all, &request);
    pthread_mutex_unlock(&link->one);
    ts_link_wait(link, &request, NULL);
}
