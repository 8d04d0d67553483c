/* Where the processes of an MPI job run, and what of its machine each of them takes. */
#ifndef TS_MPI_PLACE_H
#define TS_MPI_PLACE_H

#include "mpi/team.h"

typedef struct ts_mpi_place {
    uint64_t processes, machines;
    uint64_t threads;           /* of the processes without a device, together */
    uint64_t devices;           /* GPUs of all processes together */
    uint64_t without_device;    /* processes that run on processors while others have devices */
    int device[TS_MAX_DEVICES]; /* [own_devices] of this process, which its options name */
    size_t own_devices;
} ts_mpi_place;

/* Give this process its part of its machine, in `options`: processors, where neither they nor OpenMP say how many
 * threads there are to be, and of a backend with devices those that it can use. Processes without a device run on the
 * processors or, where the options name the backend, share the devices with others. `place` stays as long as `options`
 * is used. All processes do this. Errors: as ts_backend_for and ts_backend_prepare, and TS_FAILED (memory). */
ts_status ts_mpi_share_machine(ts_mpi *mpi, const ts_settings *settings, ts_run_options *options, ts_mpi_place *place,
                               ts_error *error);

#endif
