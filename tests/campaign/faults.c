/* Loaded before the C library (LD_PRELOAD): the n-th operation on a file of a folder fails.
 *
 * FAULT_FOLDER  the folder
 * FAULT_NUMBER  n; operations are writes, syncs, changes of length and of name
 * FAULT_KIND    EIO, ENOSPC, or SHORT (a write that does half of it); "EIO forever": all from the n-th on
 * FAULT_REPORT  a file that is made when it happens */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_int operations;

/* The C library's own function of this name. */
#define REAL(name, type)                                                                                               \
    static type *real;                                                                                                 \
    if (!real) {                                                                                                       \
        void *found = dlsym(RTLD_NEXT, name);                                                                          \
        memcpy(&real, &found, sizeof real);                                                                            \
    }

static const char *setting(const char *name) {
    const char *value = getenv(name);
    return value ? value : "";
}

static bool is_of_folder(int file) {
    char link[64], path[PATH_MAX];
    const char *folder = setting("FAULT_FOLDER");
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    const ssize_t length = readlink(link, path, sizeof path - 1);
    path[length > 0 ? length : 0] = '\0';
    return folder[0] != '\0' && strncmp(path, folder, strlen(folder)) == 0;
}

static void report(void) {
    const int file = open(setting("FAULT_REPORT"), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (file >= 0)
        close(file);
}

/* Is this the one that fails? Then it is told what goes wrong. */
static bool fails(int file, bool *is_short) {
    const char *kind = setting("FAULT_KIND");
    const int number = atoi(setting("FAULT_NUMBER"));
    if (!is_of_folder(file))
        return false;
    const int now = atomic_fetch_add(&operations, 1) + 1;
    if (now < number || (now > number && !strstr(kind, "forever")))
        return false;
    report();
    *is_short = strcmp(kind, "SHORT") == 0;
    errno = strncmp(kind, "ENOSPC", 6) == 0 ? ENOSPC : EIO;
    return true;
}

typedef ssize_t write_function(int file, const void *bytes, size_t size);
typedef ssize_t pwrite_function(int file, const void *bytes, size_t size, off_t at);
typedef int file_function(int file);
typedef int truncate_function(int file, off_t size);
typedef int rename_function(int from_folder, const char *from, int to_folder, const char *to, unsigned flags);

ssize_t write(int file, const void *bytes, size_t size) {
    bool is_short = false;
    REAL("write", write_function)
    if (!fails(file, &is_short))
        return real(file, bytes, size);
    return is_short && size > 1 ? real(file, bytes, size / 2) : -1;
}

static ssize_t pwrite_with(pwrite_function *real, int file, const void *bytes, size_t size, off_t at) {
    bool is_short = false;
    if (!fails(file, &is_short))
        return real(file, bytes, size, at);
    return is_short && size > 1 ? real(file, bytes, size / 2, at) : -1;
}

ssize_t pwrite(int file, const void *bytes, size_t size, off_t at) {
    REAL("pwrite", pwrite_function)
    return pwrite_with(real, file, bytes, size, at);
}

ssize_t pwrite64(int file, const void *bytes, size_t size, off_t at) {
    REAL("pwrite64", pwrite_function)
    return pwrite_with(real, file, bytes, size, at);
}

int fsync(int file) {
    bool unused;
    REAL("fsync", file_function)
    return fails(file, &unused) ? -1 : real(file);
}

int fdatasync(int file) {
    bool unused;
    REAL("fdatasync", file_function)
    return fails(file, &unused) ? -1 : real(file);
}

int ftruncate(int file, off_t size) {
    bool unused;
    REAL("ftruncate", truncate_function)
    return fails(file, &unused) ? -1 : real(file, size);
}

int ftruncate64(int file, off_t size) {
    bool unused;
    REAL("ftruncate64", truncate_function)
    return fails(file, &unused) ? -1 : real(file, size);
}

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags) {
    bool unused;
    REAL("renameat2", rename_function)
    return fails(to_folder, &unused) ? -1 : real(from_folder, from, to_folder, to, flags);
}

int renameat(int from_folder, const char *from, int to_folder, const char *to) {
    return renameat2(from_folder, from, to_folder, to, 0);
}
