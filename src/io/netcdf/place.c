#include "io/netcdf/place.h"

#include "base/fail.h"
#include "io/lock.h"
#include "io/netcdf/reader.h"
#include "io/text.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define NAMES 1000 /* tried before giving up */

/* What is read of a result that is there. */
typedef struct standing {
    ts_result_extent extent;
    char *configuration;
} standing;

/* Trainings of a sweep that finished. */
static double finished(ts_reader *reader) {
    int over[TS_PARAMETER_COUNT];
    ts_parameter unused[TS_PARAMETER_COUNT];
    size_t length[TS_PARAMETER_COUNT], cells = 1;
    const size_t axes = ts_reader_axes(reader, over, unused, length);
    for (size_t k = 0; k < axes; k++)
        cells *= length[k];
    double *trainings = ts_reader_values(reader, "trainings", over, (int)axes), sum = 0;
    for (size_t cell = 0; trainings && cell < cells; cell++)
        sum += trainings[cell];
    free(trainings);
    return sum;
}

/* False: the file is no result of timescape, or cannot be read. Free found->configuration in any case. */
static bool look_at(standing *found, int file) {
    char path[64];
    int unused;
    ts_error unseen;
    ts_reader reader;
    *found = (standing){0};
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    if (ts_reader_open(&reader, path, &unseen) != TS_OK)
        return false;
    free(ts_reader_string(&reader, "timescape_version"));
    found->configuration = ts_reader_string(&reader, "configuration");
    found->extent.configuration = found->configuration;
    found->extent.complete = ts_reader_number(&reader, "complete") != 0;
    ts_result_amount *amount = &found->extent.amount;
    amount->is_trace = ts_reader_has_dimension(&reader, "training");
    if (amount->is_trace)
        amount->values = (double)ts_reader_dimension(&reader, "training", TS_MAX_TRACED, &unused) *
                         (double)ts_reader_dimension(&reader, "time", TS_MAX_TRACE_TIMES, &unused);
    else
        amount->values = finished(&reader);
    ts_reader_close(&reader);
    return reader.status == TS_OK;
}

static const char *no_result(int file) {
    standing found;
    const bool ours = look_at(&found, file);
    free(found.configuration);
    if (!ours && flock(file, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return "another program has it open for writing";
    return ours ? NULL : "it exists and is no result file";
}

/* Is all there that `old` has, as far as can be told by counting? */
static bool has_as_much(const ts_result_amount *made, const ts_result_amount *old) {
    return made->is_trace == old->is_trace && made->values >= old->values;
}

static bool may_follow(const ts_result_extent *made, const ts_result_extent *old) {
    if (made->complete)
        return old->complete || has_as_much(&made->amount, &old->amount);
    return !old->complete && has_as_much(&made->amount, &old->amount) &&
           strcmp(made->configuration, old->configuration) == 0;
}

/* May `made` take the place of what stands under this name? */
static bool may_replace(const ts_target *target, const char *name, const ts_result_extent *made,
                        const struct stat *found) {
    standing old;
    if (!S_ISREG(found->st_mode) || ts_target_protection(target->folder, name, found))
        return false;
    if (found->st_size == 0)
        return true;
    const int file = openat(target->folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    const bool may = file >= 0 && look_at(&old, file) && may_follow(made, &old.extent);
    if (file >= 0) {
        free(old.configuration);
        close(file);
    }
    return may;
}

/* The n-th name for a result, none of which is too long: a.nc, a-2.nc, a-3.nc; where it is unfinished a.nc,
 * a.partial.nc, a.partial-2.nc. */
static void name_for(char name[NAME_MAX + 1], const char *asked, bool complete, int n) {
    char ending[32] = "";
    const char *dot = strrchr(asked, '.');
    size_t stem = dot && strcmp(dot, ".nc") == 0 ? (size_t)(dot - asked) : strlen(asked);
    if (complete)
        snprintf(ending, sizeof ending, "-%d.nc", n + 1);
    else if (n == 1)
        strcpy(ending, ".partial.nc");
    else
        snprintf(ending, sizeof ending, ".partial-%d.nc", n);
    if (stem + strlen(ending) > NAME_MAX)
        stem = NAME_MAX - strlen(ending);
    while (stem > 0 && ((unsigned char)asked[stem] & 0xc0) == 0x80)
        stem--; /* not through a character */
    if (n == 0)
        snprintf(name, NAME_MAX + 1, "%s", asked);
    else
        snprintf(name, NAME_MAX + 1, "%.*s%s", (int)stem, asked, ending);
}

/* Give the temporary file this name, if that is free or what stands there may be replaced. Returns 0 or an errno;
 * EEXIST: it is taken. */
static int take_name(ts_target *target, int temporary, const ts_result_extent *made, const char *name) {
    struct stat found;
    if (fstatat(target->folder, name, &found, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? ts_target_name_new(target, name) : errno;
    if (!may_replace(target, name, made, &found))
        return EEXIST;
    ts_target_inherit(temporary, &found);
    const int code = ts_target_name_over(target, name);
    return code == EPERM || code == EACCES || code == EBUSY || code == EISDIR ? EEXIST : code;
}

int ts_result_settle(ts_target *target, int temporary, const ts_result_extent *made, char name[NAME_MAX + 1]) {
    int code = EEXIST;
    for (int n = 0; code == EEXIST && n < NAMES; n++) {
        ts_lock lock = TS_NO_LOCK;
        name_for(name, target->name, made->complete, n);
        if (n > 0 && !ts_lock_name(&lock, target->folder, name))
            continue; /* another run is about to write there */
        code = take_name(target, temporary, made, name);
        ts_lock_release(&lock);
    }
    return code;
}

static ts_status refuse_shorter(const ts_target *target, const ts_result_amount *planned, ts_error *error) {
    standing old;
    ts_status status = TS_OK;
    const int file = openat(target->folder, target->name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return TS_OK;
    if (look_at(&old, file) && !old.extent.complete && !has_as_much(planned, &old.extent.amount))
        status = ts_fail(error, TS_INVALID, "",
                         "cannot write %s: it holds an unfinished %s with more in it than this one will have; remove "
                         "it, or choose another name with -o",
                         ts_text_path(target->path), old.extent.amount.is_trace ? "trace" : "result");
    free(old.configuration);
    close(file);
    return status;
}

ts_status ts_result_check_path(const char *path, const char *configuration_path, const ts_result_amount *planned,
                               ts_error *error) {
    ts_target target;
    struct stat configuration;
    ts_status status = ts_target_find(&target, path, TS_INVALID, error);
    if (status == TS_OK && target.exists && configuration_path && stat(configuration_path, &configuration) == 0 &&
        target.found.st_dev == configuration.st_dev && target.found.st_ino == configuration.st_ino)
        status =
            ts_fail(error, TS_INVALID, "", "cannot write %s: it is the configuration file; choose another name with -o",
                    ts_text_path(path));
    if (status == TS_OK)
        status = ts_target_may_replace(&target, no_result, TS_INVALID, error);
    if (status == TS_OK && target.exists && planned)
        status = refuse_shorter(&target, planned, error);
    if (status == TS_OK)
        status = ts_target_try(&target, error);
    ts_target_free(&target);
    return status;
}
