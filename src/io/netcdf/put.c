/* libnetcdf writes a file in a process of its own: when a disk fills up, HDF5 says nothing about why, cannot close the
 * file any more, and may crash. */
#include "io/netcdf/put.h"

#include "base/fail.h"
#include "io/child.h"
#include "io/netcdf/place.h"
#include "io/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROBE 65536 /* bytes that a file which has room can grow by */

/* A file that is being made. */
typedef struct making {
    ts_target target;
    int temporary; /* open */
    ts_writer writer;
    const ts_result_origin *origin;
    ts_result_fill *fill;
    const void *content;
} making;

/* How it went; what the child sends. */
typedef struct ending {
    int netcdf_code; /* of the first call that failed; NC_NOERR: none */
    int system_code; /* an errno; 0: none */
    char name[NAME_MAX + 1];
} ending;

static int unwritten(int file) {
    const char bytes[PROBE] = {0};
    if (lseek(file, 0, SEEK_END) < 0)
        return errno;
    for (size_t done = 0; done < sizeof bytes;) {
        const ssize_t written = write(file, bytes, sizeof bytes - done);
        if (written < 0 && errno != EINTR)
            return errno;
        done += written > 0 ? (size_t)written : 0;
    }
    return fsync(file) == 0 ? 0 : errno;
}

/* The name of the temporary file means much to netCDF if its folder has a name such as "a:b" or "x\y"; an open folder
 * has none. */
static void write_content(making *file) {
    char path[128];
    snprintf(path, sizeof path, "/proc/self/fd/%d/%s", file->target.folder, file->target.temporary);
    if (ts_writer_create(&file->writer, path, 0)) {
        file->fill(&file->writer, file->origin, file->content);
        if (ts_writer_works(&file->writer))
            ts_writer_close(&file->writer);
    }
}

/* Nobody else knows the temporary file, so HDF5 need not lock it, which some file systems cannot. */
static ending make(making *file) {
    ending end = {0};
    const char *locking = getenv("HDF5_USE_FILE_LOCKING");
    char *wish = locking ? strdup(locking) : NULL;
    setenv("HDF5_USE_FILE_LOCKING", "FALSE", 1);
    write_content(file);
    if (wish)
        setenv("HDF5_USE_FILE_LOCKING", wish, 1);
    else
        unsetenv("HDF5_USE_FILE_LOCKING");
    free(wish);
    end.netcdf_code = file->writer.code;
    if (end.netcdf_code == NC_NOERR && fsync(file->temporary) != 0)
        end.system_code = errno;
    if (end.netcdf_code != NC_NOERR || end.system_code != 0)
        return end;
    const ts_result_extent made = {file->writer.amount, file->origin->complete,
                                   file->origin->configuration ? file->origin->configuration : ""};
    end.system_code = ts_result_settle(&file->target, file->temporary, &made, end.name);
    ts_target_sync(&file->target);
    return end;
}

/* When the parent is gone, the result is finished all the same. */
static int make_in_child(void *context, int channel) {
    making *file = context;
    file->writer.is_child = true;
    const ending end = make(file);
    (void)ts_child_send(channel, &end, sizeof end);
    return EXIT_SUCCESS;
}

static ts_status refuse(const making *file, const char *reason, ts_error *error) {
    return ts_fail(error, TS_FAILED, "", "cannot write %s: %s", ts_text_path(file->target.path), reason);
}

/* Why netCDF failed, or the child, for `reason`: it is a full disk if the file cannot grow by other means either. */
static ts_status refuse_unwritten(const making *file, const char *reason, ts_error *error) {
    const int code = unwritten(file->temporary);
    return refuse(file, code != 0 ? strerror(code) : reason, error);
}

static ts_status check_ending(const making *file, const ending *end, ts_error *error) {
    if (end->netcdf_code != NC_NOERR)
        return refuse_unwritten(file, nc_strerror(end->netcdf_code), error);
    if (end->system_code == EEXIST)
        return refuse(file, "its name is taken, and so are those beside it", error);
    return end->system_code == 0 ? TS_OK : refuse(file, strerror(end->system_code), error);
}

static ts_status make_apart(making *file, ending *end, ts_error *error) {
    ts_child child;
    char reason[160] = "it could not be written";
    if (ts_child_start(&child, make_in_child, file, (ts_child_limits){0}) != 0)
        *end = make(file); /* a system that has no more processes is no reason to lose the result */
    else {
        const bool whole = ts_child_receive(child.channel, end, sizeof *end);
        if (ts_child_end(&child, reason, sizeof reason) != EXIT_SUCCESS || !whole)
            return refuse_unwritten(file, reason, error);
    }
    return check_ending(file, end, error);
}

/* The path of the file that has this name now. NULL: no memory. */
static char *path_of(const ts_target *target, const char *name) {
    char *path;
    if (strcmp(name, target->name) == 0)
        return strdup(target->path);
    return asprintf(&path, "%.*s%s", (int)(target->name - target->file), target->file, name) < 0 ? NULL : path;
}

ts_status ts_result_put(const char *path, const ts_writer *writer, const ts_result_origin *origin, ts_result_fill *fill,
                        const void *content, char **written, ts_error *error) {
    making file = {.writer = *writer, .origin = origin, .fill = fill, .content = content, .temporary = -1};
    ending end = {0};
    ts_status status = ts_target_find(&file.target, path, TS_FAILED, error);
    if (status == TS_OK) {
        file.temporary = ts_target_open_temporary(&file.target);
        status = file.temporary >= 0 ? make_apart(&file, &end, error) : refuse(&file, strerror(errno), error);
    }
    if (file.temporary >= 0)
        close(file.temporary);
    if (status == TS_OK && written)
        *written = path_of(&file.target, end.name);
    ts_target_forget(&file.target);
    ts_target_free(&file.target);
    return status;
}
