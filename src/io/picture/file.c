#include "io/picture/file.h"

#include "base/fail.h"
#include "io/target.h"
#include "io/text.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#define BEGINNING 1024 /* bytes in which an SVG picture must have said that it is one */

static bool begins(const char *text, size_t size, const char *beginning) {
    return size >= strlen(beginning) && memcmp(text, beginning, strlen(beginning)) == 0;
}

static const char *no_picture(int file) {
    char found[BEGINNING];
    const ssize_t got = pread(file, found, sizeof found, 0);
    const size_t size = got > 0 ? (size_t)got : 0;
    const bool is_xml = begins(found, size, "<?xml") || begins(found, size, "<svg") || begins(found, size, "<!--");
    const bool good = begins(found, size, "\x89PNG\r\n\x1a\n") || begins(found, size, "%PDF-") ||
                      begins(found, size, "GIF8") || (is_xml && memmem(found, size, "<svg", 4));
    return good ? NULL : "it exists and is no picture";
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

/* 0 or an errno. */
static int replace_target(ts_target *target, const void *bytes, size_t size) {
    int file = ts_target_open_temporary(target);
    if (file < 0)
        return errno;
    int reason = write_all(file, bytes, size) && fsync(file) == 0 ? 0 : errno;
    if (target->exists)
        ts_target_inherit(file, &target->found);
    if (close(file) != 0 && reason == 0)
        reason = errno;
    if (reason == 0)
        reason = ts_target_name_over(target, target->name);
    if (reason == 0)
        ts_target_sync(target);
    return reason;
}

ts_status ts_file_replace(const char *path, const void *bytes, size_t size, ts_error *error) {
    ts_target target;
    ts_status status = ts_target_find(&target, path, TS_FAILED, error);
    if (status == TS_OK)
        status = ts_target_may_replace(&target, no_picture, TS_FAILED, error);
    const int reason = status == TS_OK ? replace_target(&target, bytes, size) : 0;
    if (reason != 0)
        status = ts_fail(error, TS_FAILED, "", "cannot write %s: %s", ts_text_path(path), strerror(reason));
    ts_target_forget(&target);
    ts_target_free(&target);
    return status;
}

ts_status ts_file_check(const char *path, ts_error *error) {
    ts_target target;
    ts_status status = ts_target_find(&target, path, TS_INVALID, error);
    if (status == TS_OK)
        status = ts_target_may_replace(&target, no_picture, TS_INVALID, error);
    if (status == TS_OK)
        status = ts_target_try(&target, error);
    ts_target_free(&target);
    return status;
}
