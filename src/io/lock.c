#include "io/lock.h"

#include "base/fail.h"
#include "io/target.h"
#include "io/text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define ATTEMPTS 100 /* to lock a file that another run is just removing */

/* The lock file, made if need be. Another user's can perhaps only be read, which is enough for most file systems. */
static int open_lock(const ts_lock *lock) {
    int file = openat(lock->folder, lock->name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (file < 0 && errno == EACCES)
        file = openat(lock->folder, lock->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    return file;
}

/* Is the file that was locked still the one of that name? Whoever had it before removes it. */
static bool is_current(const ts_lock *lock) {
    struct stat opened, named;
    return fstat(lock->file, &opened) == 0 && fstatat(lock->folder, lock->name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

/* For those who are refused. */
static void sign(const ts_lock *lock) {
    char host[65] = "";
    (void)gethostname(host, sizeof host - 1);
    if (ftruncate(lock->file, 0) == 0)
        (void)dprintf(lock->file, "process %ld on %s\n", (long)getpid(), host);
}

/* One attempt: locked, or taken by another, or neither (no locks here, or one more attempt is due). */
static void try_lock(ts_lock *lock, bool *taken, bool *again) {
    lock->file = open_lock(lock);
    if (lock->file < 0)
        return;
    const bool locked = flock(lock->file, LOCK_EX | LOCK_NB) == 0;
    *taken = !locked && errno == EWOULDBLOCK;
    if (locked && is_current(lock)) {
        sign(lock);
        return;
    }
    *again = locked;
    if (!locked && !*taken)
        unlinkat(lock->folder, lock->name, 0);
    close(lock->file);
    lock->file = -1;
}

bool ts_lock_name(ts_lock *lock, int folder, const char *name) {
    bool taken = false, again = true;
    *lock = (ts_lock){.folder = fcntl(folder, F_DUPFD_CLOEXEC, 0), .file = -1};
    snprintf(lock->name, sizeof lock->name, ".timescape-%016" PRIx64 ".lock", ts_text_hash(name));
    for (int attempt = 0; attempt < ATTEMPTS && again; attempt++) {
        again = false;
        try_lock(lock, &taken, &again);
    }
    if (!taken && !again)
        return true;
    close(lock->folder);
    lock->folder = -1;
    return false;
}

/* What the other run has written of itself, or nothing. */
static void read_signature(const ts_lock *lock, int folder, char *text, size_t size) {
    int file = openat(folder, lock->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    const ssize_t got = file >= 0 ? read(file, text, size - 1) : 0;
    text[got > 0 ? got : 0] = '\0';
    text[strcspn(text, "\n")] = '\0';
    if (file >= 0)
        close(file);
}

ts_status ts_lock_take(ts_lock *lock, const char *path, ts_error *error) {
    ts_target target;
    char owner[128] = "";
    *lock = TS_NO_LOCK;
    ts_status status = ts_target_find(&target, path, TS_INVALID, error);
    if (status == TS_OK && !ts_lock_name(lock, target.folder, target.name)) {
        read_signature(lock, target.folder, owner, sizeof owner);
        status = ts_fail(error, TS_INVALID, "", "cannot write %s: another run of timescape does so now%s%s%s",
                         ts_text_path(path), owner[0] != '\0' ? " (" : "", owner, owner[0] != '\0' ? ")" : "");
    }
    if (status == TS_OK && lock->file >= 0)
        ts_target_clean(&target);
    ts_target_free(&target);
    return status;
}

void ts_lock_release(ts_lock *lock) {
    if (lock->file >= 0) {
        unlinkat(lock->folder, lock->name, 0); /* before others can lock it */
        close(lock->file);
    }
    if (lock->folder >= 0)
        close(lock->folder);
    *lock = TS_NO_LOCK;
}
