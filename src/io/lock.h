/* Only one run at a time makes a result. */
#ifndef TS_IO_LOCK_H
#define TS_IO_LOCK_H

#include <timescape.h>

/* A lock file beside the result that is being made. The lock itself is the system's, which ends it with the process
 * however that ends, and with the processes that it has begun to write the result. */
typedef struct ts_lock {
    int folder, file; /* open; file -1: nothing is locked */
    char name[40];    /* of the lock file, in the folder */
} ts_lock;

#define TS_NO_LOCK ((ts_lock){.folder = -1, .file = -1})

/* Lock `path` until ts_lock_release, and remove what a process that was killed has left of it. Where the file system
 * knows no locks, nothing is locked. Errors: TS_INVALID (another run has it). */
ts_status ts_lock_take(ts_lock *lock, const char *path, ts_error *error);

/* The same for the file `name` in an open folder. False: another run has it. */
bool ts_lock_name(ts_lock *lock, int folder, const char *name);

/* Also of what is not locked. */
void ts_lock_release(ts_lock *lock);

#endif
