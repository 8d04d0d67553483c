#include "campaign/beside.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* SQLite's own way to a full path follows links, which would turn /proc/self/fd/5 into a path of any length, of which
 * it takes 512 bytes; and it needs a folder that can be read. This one leaves names as they are. */
static sqlite3_vfs beside;

static int full_path(sqlite3_vfs *system, const char *name, int size, char *path) {
    (void)system;
    return snprintf(path, (size_t)size, "%s", name) < size ? SQLITE_OK : SQLITE_CANTOPEN;
}

static void register_beside(void) {
    const sqlite3_vfs *system = sqlite3_vfs_find("unix-none"); /* without locks */
    if (!system)
        return;
    beside = *system;
    beside.zName = "timescape-beside";
    beside.xFullPathname = full_path;
    sqlite3_vfs_register(&beside, 0);
}

int ts_open_beside(int folder, const char *name, int flags, sqlite3 **database) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    char path[320]; /* a name has 255 bytes at most */
    pthread_once(&once, register_beside);
    snprintf(path, sizeof path, "/proc/self/fd/%d/%s", folder, name);
    return sqlite3_open_v2(path, database, flags | SQLITE_OPEN_FULLMUTEX, "timescape-beside");
}
