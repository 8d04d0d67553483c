/* libnetcdf writes a file in a process of its own: when a disk fills up, HDF5 says nothing about why, cannot close the
 * file any more, and may crash. */
#include "io/netcdf/put.h"

#include "base/fail.h"
#include "io/child.h"
#include "io/netcdf/place.h"
#include "io/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROBE 65536       /* bytes that a file which has room can grow by */
#define PIECE (1UL << 20) /* bytes that are copied at a time */

/* A file that is being made. */
typedef struct making {
    ts_target target;
    int temporary; /* open */
    int source;    /* open, the file that is being changed; -1: it is a new one */
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

/* Returns 0 or an errno. */
static int write_all(int file, const char *bytes, size_t size) {
    for (size_t done = 0; done < size;) {
        const ssize_t written = write(file, bytes + done, size - done);
        if (written < 0 && errno != EINTR)
            return errno;
        done += written > 0 ? (size_t)written : 0;
    }
    return 0;
}

static int unwritten(int file) {
    const char bytes[PROBE] = {0};
    if (lseek(file, 0, SEEK_END) < 0)
        return errno;
    const int code = write_all(file, bytes, sizeof bytes);
    return code != 0 || fsync(file) == 0 ? code : errno;
}

/* Returns 0 or an errno. */
static int copy(int from, int to) {
    char *bytes = malloc(PIECE);
    int code = bytes ? 0 : ENOMEM;
    ssize_t got = 1;
    while (code == 0 && got > 0) {
        got = read(from, bytes, PIECE);
        if (got < 0 && errno == EINTR)
            got = 1;
        else if (got < 0)
            code = errno;
        else
            code = write_all(to, bytes, (size_t)got);
    }
    free(bytes);
    return code;
}

/* The name of the temporary file means much to netCDF if its folder has a name such as "a:b" or "x\y"; an open folder
 * has none. */
static void write_content(making *file) {
    char path[128];
    snprintf(path, sizeof path, "/proc/self/fd/%d/%s", file->target.folder, file->target.temporary);
    const bool open = file->source < 0 ? ts_writer_create(&file->writer, path, 0) : ts_writer_open(&file->writer, path);
    if (open) {
        file->fill(&file->writer, file->origin, file->content);
        if (ts_writer_works(&file->writer))
            ts_writer_close(&file->writer);
    }
}

/* Give it its name. Returns 0 or an errno. */
static int settle(making *file, char name[NAME_MAX + 1]) {
    if (file->source >= 0) {
        ts_target_inherit(file->temporary, &file->target.found);
        return ts_target_name_over(&file->target, file->target.name);
    }
    const ts_result_extent made = {file->writer.amount, file->origin->complete,
                                   file->origin->configuration ? file->origin->configuration : ""};
    return ts_result_settle(&file->target, file->temporary, &made, name);
}

/* Nobody else knows the temporary file, so HDF5 need not lock it, which some file systems cannot. */
static ending make(making *file) {
    ending end = {.system_code = file->source >= 0 ? copy(file->source, file->temporary) : 0};
    if (end.system_code != 0)
        return end;
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
    end.system_code = settle(file, end.name);
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

static ts_status make_temporary(making *file, ending *end, ts_error *error) {
    file->temporary = ts_target_open_temporary(&file->target);
    return file->temporary >= 0 ? make_apart(file, end, error) : refuse(file, strerror(errno), error);
}

static void clean(making *file) {
    if (file->temporary >= 0)
        close(file->temporary);
    if (file->source >= 0)
        close(file->source);
    ts_target_forget(&file->target);
    ts_target_free(&file->target);
}

ts_status ts_result_put(const char *path, const ts_writer *writer, const ts_result_origin *origin, ts_result_fill *fill,
                        const void *content, char **written, ts_error *error) {
    making file = {
        .writer = *writer, .origin = origin, .fill = fill, .content = content, .temporary = -1, .source = -1};
    ending end = {0};
    ts_status status = ts_target_find(&file.target, path, TS_FAILED, error);
    if (status == TS_OK)
        status = make_temporary(&file, &end, error);
    if (status == TS_OK && written)
        *written = path_of(&file.target, end.name);
    clean(&file);
    return status;
}

ts_status ts_result_change(const char *path, const ts_writer *writer, ts_result_fill *fill, const void *content,
                           ts_error *error) {
    making file = {.writer = *writer, .fill = fill, .content = content, .temporary = -1, .source = -1};
    ending end = {0};
    ts_status status = ts_target_find(&file.target, path, TS_FAILED, error);
    if (status == TS_OK) {
        file.source = openat(file.target.folder, file.target.name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        status = file.source >= 0 ? make_temporary(&file, &end, error) : refuse(&file, strerror(errno), error);
    }
    clean(&file);
    return status;
}
