#include "io/file.h"

#include "io/fail.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEMPORARY_NAMES                                                                                                \
    100 /* tried before giving up; others can only be left over from a process killed while writing */

/* Where the bytes go: the file itself and its folder, links resolved. */
typedef struct output {
    char *file;
    char *folder;
    char *temporary;
} output;

static void target_free(output *target) {
    free(target->file);
    free(target->folder);
    free(target->temporary);
    *target = (output){0};
}

static char *folder_of(const char *file) {
    const char *slash = strrchr(file, '/');
    if (slash == NULL)
        return strdup(".");
    return slash == file ? strdup("/") : strndup(file, (size_t)(slash - file));
}

/* Fill *target, or explain with `status` why `path` can not be a file of ours. */
static ts_status target_find(output *target, const char *path, ts_status status, ts_error *error) {
    const char *shown = ts_io_shown_path(path);
    *target = (output){0};
    if (path[0] == '\0')
        return ts_io_fail(error, status, "the name of the output file is empty");
    if (path[strlen(path) - 1] == '/')
        return ts_io_fail(error, status, "cannot write %s: the name of a file is needed, not of a folder", shown);
    struct stat found;
    bool exists = lstat(path, &found) == 0;
    if (!exists && errno != ENOENT)
        return ts_io_fail(error, status, "cannot write %s: %s", shown, strerror(errno));
    if (exists && S_ISLNK(found.st_mode)) {
        target->file = realpath(path, NULL);
        if (target->file == NULL || stat(target->file, &found) != 0)
            return ts_io_fail(error, status, "cannot write %s: the symbolic link leads nowhere", shown);
    } else {
        target->file = strdup(path);
    }
    if (exists && S_ISDIR(found.st_mode))
        return ts_io_fail(error, status, "cannot write %s: it is a folder", shown);
    /* A device or pipe would be replaced by the rename instead of being written to. */
    if (exists && !S_ISREG(found.st_mode))
        return ts_io_fail(error, status, "cannot write %s: it is not a regular file", shown);
    target->folder = target->file != NULL ? folder_of(target->file) : NULL;
    if (target->folder == NULL)
        return ts_io_fail(error, TS_FAILED, "out of memory");
    return TS_OK;
}

/* Create a file of a new name in the target's folder, with the permissions of any new file. -1 and errno on failure. */
static int temporary_open(output *target) {
    size_t size = strlen(target->folder) + 64;
    target->temporary = malloc(size);
    if (target->temporary == NULL)
        return -1;
    for (int attempt = 0; attempt < TEMPORARY_NAMES; attempt++) {
        snprintf(target->temporary, size, "%s/.timescape-%ld-%d.tmp", target->folder, (long)getpid(), attempt);
        int file = open(target->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (file >= 0 || errno != EEXIST)
            return file;
    }
    return -1;
}

static bool write_all(int file, const char *bytes, size_t size) {
    while (size > 0) {
        ssize_t written = write(file, bytes, size < SSIZE_MAX ? size : SSIZE_MAX);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        bytes += written;
        size -= (size_t)written;
    }
    return true;
}

/* Make the rename itself durable. The file is whole and in its place by now, so a folder that can not be synced (some
 * network file systems) is no failure. */
static void sync_folder(const char *folder) {
    int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file >= 0) {
        (void)fsync(file);
        close(file);
    }
}

static ts_status replace_target(output *target, const char *path, const void *bytes, size_t size, ts_error *error) {
    int file = temporary_open(target);
    if (file < 0)
        return ts_io_fail(error, TS_FAILED, "cannot write %s: %s", ts_io_shown_path(path), strerror(errno));
    bool written = write_all(file, bytes, size) && fsync(file) == 0;
    int reason = errno;
    if (close(file) != 0 && written) {
        written = false;
        reason = errno;
    }
    if (written && rename(target->temporary, target->file) != 0) {
        written = false;
        reason = errno;
    }
    if (!written) {
        unlink(target->temporary);
        return ts_io_fail(error, TS_FAILED, "cannot write %s: %s", ts_io_shown_path(path), strerror(reason));
    }
    sync_folder(target->folder);
    return TS_OK;
}

ts_status ts_file_replace(const char *path, const void *bytes, size_t size, ts_error *error) {
    output target;
    ts_status status = target_find(&target, path, TS_FAILED, error);
    if (status == TS_OK)
        status = replace_target(&target, path, bytes, size, error);
    target_free(&target);
    return status;
}

ts_status ts_file_check(const char *path, ts_error *error) {
    output target;
    struct stat found;
    const char *shown = ts_io_shown_path(path);
    ts_status status = target_find(&target, path, TS_INVALID, error);
    if (status == TS_OK && stat(target.folder, &found) != 0)
        status = ts_io_fail(error, TS_INVALID, "cannot write %s: its folder: %s", shown, strerror(errno));
    if (status == TS_OK && !S_ISDIR(found.st_mode))
        status = ts_io_fail(error, TS_INVALID, "cannot write %s: its folder: %s", shown, strerror(ENOTDIR));
    if (status == TS_OK) {
        int file = temporary_open(&target);
        if (file < 0) {
            status = ts_io_fail(error, TS_INVALID, "cannot write %s: its folder: %s", shown, strerror(errno));
        } else {
            close(file);
            unlink(target.temporary);
        }
    }
    target_free(&target);
    return status;
}
