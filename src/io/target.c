#include "io/target.h"

#include "base/fail.h"
#include "io/text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEMPORARY_NAMES 100 /* tried before giving up: others at once, or left over from processes that were killed */

/* Open the folder of `file`. It may be one that can be written to and not be read. */
static int open_folder(const char *file) {
    const char *slash = strrchr(file, '/');
    char *folder = slash ? strndup(file, slash == file ? 1 : (size_t)(slash - file)) : strdup(".");
    if (!folder)
        return -1;
    int opened = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (opened < 0 && errno == EACCES)
        opened = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int reason = errno;
    free(folder);
    errno = reason;
    return opened;
}

/* Set target->file, and what stands there. */
static ts_status resolve(ts_target *target, ts_status status, ts_error *error) {
    const char *path = target->path, *shown = ts_text_path(path);
    target->exists = lstat(path, &target->found) == 0;
    if (!target->exists && errno != ENOENT)
        return ts_fail(error, status, "", "cannot write %s: %s", shown, strerror(errno));
    if (target->exists && S_ISLNK(target->found.st_mode)) {
        target->file = realpath(path, NULL);
        if (!target->file || stat(target->file, &target->found) != 0)
            return ts_fail(error, status, "", "cannot write %s: the symbolic link leads nowhere", shown);
    } else {
        target->file = strdup(path);
    }
    if (target->exists && S_ISDIR(target->found.st_mode))
        return ts_fail(error, status, "", "cannot write %s: it is a folder", shown);
    /* A device or pipe would be replaced by the rename instead of being written to. */
    if (target->exists && !S_ISREG(target->found.st_mode))
        return ts_fail(error, status, "", "cannot write %s: it is not a regular file", shown);
    return target->file ? TS_OK : ts_fail(error, TS_FAILED, "", "out of memory");
}

ts_status ts_target_find(ts_target *target, const char *path, ts_status status, ts_error *error) {
    const char *shown = ts_text_path(path);
    *target = (ts_target){.path = path, .folder = -1};
    if (path[0] == '\0')
        return ts_fail(error, status, "", "the name of the output file is empty");
    if (path[strlen(path) - 1] == '/')
        return ts_fail(error, status, "", "cannot write %s: the name of a file is needed, not of a folder", shown);
    ts_status found = resolve(target, status, error);
    if (found != TS_OK)
        return found;
    const char *slash = strrchr(target->file, '/');
    target->name = slash ? slash + 1 : target->file;
    target->folder = open_folder(target->file);
    if (target->folder < 0)
        return ts_fail(error, status, "", "cannot write %s: its folder: %s", shown, strerror(errno));
    return TS_OK;
}

void ts_target_free(ts_target *target) {
    free(target->file);
    if (target->folder >= 0)
        close(target->folder);
    *target = (ts_target){.folder = -1};
}

/* Does the mode let this user write? Of root, the system says that it may write anything. */
static bool mode_lets_write(const struct stat *found) {
    const uid_t user = geteuid();
    if (user == found->st_uid || user == 0)
        return found->st_mode & S_IWUSR;
    gid_t groups[NGROUPS_MAX];
    const int count = getgroups(NGROUPS_MAX, groups);
    bool member = getegid() == found->st_gid;
    for (int g = 0; g < count && !member; g++)
        member = groups[g] == found->st_gid;
    return found->st_mode & (member ? S_IWGRP : S_IWOTH);
}

const char *ts_target_protection(int folder, const char *name, const struct stat *found) {
    struct stat around;
    const uid_t user = geteuid();
    if (!mode_lets_write(found))
        return "it is write-protected";
    if (faccessat(folder, name, W_OK, AT_EACCESS) != 0 && errno != ENOENT)
        return strerror(errno);
    /* Nobody else's file can be replaced in a folder such as /tmp. */
    if (fstat(folder, &around) == 0 && (around.st_mode & S_ISVTX) && user != 0 && user != found->st_uid &&
        user != around.st_uid)
        return "it is another user's, in a folder in which each has his own";
    return NULL;
}

ts_status ts_target_may_replace(const ts_target *target, ts_target_objection *objection, ts_status status,
                                ts_error *error) {
    const char *shown = ts_text_path(target->path);
    if (!target->exists)
        return TS_OK;
    const char *protection = ts_target_protection(target->folder, target->name, &target->found);
    if (protection)
        return ts_fail(error, status, "", "cannot write %s: %s", shown, protection);
    if (target->found.st_size == 0)
        return TS_OK;
    int file = openat(target->folder, target->name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return ts_fail(error, status, "", "cannot write %s: it exists and cannot be read: %s", shown, strerror(errno));
    const char *reason = objection(file);
    close(file);
    return reason ? ts_fail(error, status, "", "cannot write %s: %s", shown, reason) : TS_OK;
}

/* The n-th temporary file of a target. */
static void name_temporary(char *name, size_t size, const char *target, int n) {
    snprintf(name, size, ".timescape-%016" PRIx64 "-%d.tmp", ts_text_hash(target), n);
}

int ts_target_open_temporary(ts_target *target) {
    const mode_t mode = target->exists ? target->found.st_mode & 0777 : 0666;
    for (int attempt = 0; attempt < TEMPORARY_NAMES; attempt++) {
        name_temporary(target->temporary, sizeof target->temporary, target->name, attempt);
        int file = openat(target->folder, target->temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode | S_IWUSR);
        if (file >= 0 || errno != EEXIST) {
            if (file < 0)
                target->temporary[0] = '\0';
            return file;
        }
    }
    target->temporary[0] = '\0';
    return -1;
}

ts_status ts_target_try(ts_target *target, ts_error *error) {
    int file = ts_target_open_temporary(target);
    if (file < 0)
        return ts_fail(error, TS_INVALID, "", "cannot write %s: its folder: %s", ts_text_path(target->path),
                       strerror(errno));
    close(file);
    ts_target_forget(target);
    return TS_OK;
}

void ts_target_inherit(int temporary, const struct stat *old) {
    struct stat now;
    mode_t mode = old->st_mode & 0777;
    /* Only root may give files away, and others only to a group of theirs. */
    if (fchown(temporary, old->st_uid, old->st_gid) != 0 && fchown(temporary, (uid_t)-1, old->st_gid) != 0 &&
        fstat(temporary, &now) == 0 && now.st_gid != old->st_gid)
        mode = (mode & ~(mode_t)S_IRWXG) | ((mode & S_IRWXO) << 3); /* another group gets what everybody has */
    (void)fchmod(temporary, mode);
}

int ts_target_name_new(ts_target *target, const char *name) {
    const int folder = target->folder;
    if (renameat2(folder, target->temporary, folder, name, RENAME_NOREPLACE) == 0) {
        target->temporary[0] = '\0';
        return 0;
    }
    if (errno != EINVAL && errno != ENOSYS)
        return errno;
    /* Some file systems do not have it, most of which have links; and those that have neither have one user. */
    if (linkat(folder, target->temporary, folder, name, 0) == 0) {
        ts_target_forget(target);
        return 0;
    }
    if (errno == EEXIST || faccessat(folder, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
        return EEXIST;
    return ts_target_name_over(target, name);
}

int ts_target_name_over(ts_target *target, const char *name) {
    if (renameat(target->folder, target->temporary, target->folder, name) != 0)
        return errno;
    target->temporary[0] = '\0';
    return 0;
}

void ts_target_sync(const ts_target *target) {
    (void)fsync(target->folder);
}

void ts_target_clean(const ts_target *target) {
    char name[sizeof target->temporary];
    for (int attempt = 0; attempt < TEMPORARY_NAMES; attempt++) {
        name_temporary(name, sizeof name, target->name, attempt);
        unlinkat(target->folder, name, 0);
    }
}

void ts_target_forget(ts_target *target) {
    if (target->temporary[0] != '\0')
        unlinkat(target->folder, target->temporary, 0);
    target->temporary[0] = '\0';
}
