/* The parent's side of reading a file: questions to the process that reads it, and what is made of the answers. */
#include "io/netcdf/reader.h"

#include "backend/machine.h"
#include "base/fail.h"
#include "io/netcdf/serve.h"
#include "io/text.h"
#include "model/grid.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <netcdf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* What libnetcdf may take to read any file of ours: HDF5 holds a chunk twice, and the largest one has 4 GiB. */
#define READING_BYTES 0x1p33
#define MOST_DIMENSIONS (sizeof((ts_reader *)0)->dimension / sizeof(ts_reader_axis))

void ts_reader_damaged(ts_reader *reader, const char *what, const char *name, const char *reason) {
    if (reader->status == TS_OK)
        reader->status =
            ts_fail(reader->error, TS_INVALID, "", "%s is not a result of timescape, or damaged: %s %s: %s",
                    ts_text_path(reader->path), what, name, reason);
}

void ts_reader_no_memory(ts_reader *reader) {
    if (reader->status == TS_OK)
        reader->status =
            ts_fail(reader->error, TS_FAILED, "", "cannot read %s: not enough memory", ts_text_path(reader->path));
}

/* The child does not answer any more. */
static void lose(ts_reader *reader) {
    char reason[160];
    if (ts_child_end(&reader->child, reason, sizeof reason) >= 0)
        strcpy(reason, "its process ended");
    close(reader->file);
    reader->file = -1;
    if (reader->status == TS_OK)
        reader->status = ts_fail(reader->error, TS_INVALID, "", "%s is damaged: when it was read, %s",
                                 ts_text_path(reader->path), reason);
}

static bool receive(ts_reader *reader, void *bytes, size_t size) {
    if (ts_child_receive(reader->child.channel, bytes, size))
        return true;
    lose(reader);
    return false;
}

/* Ask, and get the answer. Its code is NC_NOERR only where reader->status is TS_OK. */
static ts_answer ask(ts_reader *reader, ts_asked_kind kind, const char *name, const int *dimensions, int count) {
    ts_answer given = {.code = NC_EINTERNAL};
    ts_question question = {.kind = (int32_t)kind, .dimension_count = count};
    if (reader->status != TS_OK)
        return given;
    strncpy(question.name, name, sizeof question.name - 1);
    for (int d = 0; d < count; d++)
        question.dimensions[d] = dimensions[d];
    if (!ts_child_send(reader->child.channel, &question, sizeof question))
        lose(reader);
    else if (!receive(reader, &given, sizeof given))
        given.code = NC_EINTERNAL;
    return given;
}

/* A code that was not expected. */
static void refuse(ts_reader *reader, const char *what, const char *name, int code) {
    if (code == NC_ENOMEM)
        ts_reader_no_memory(reader);
    else if (code != NC_NOERR)
        ts_reader_damaged(reader, what, name, nc_strerror(code));
}

bool ts_reader_has(ts_reader *reader, const char *name) {
    return ask(reader, TS_ASK_ATTRIBUTE, name, NULL, 0).code == NC_NOERR;
}

bool ts_reader_has_dimension(ts_reader *reader, const char *name) {
    return ask(reader, TS_ASK_DIMENSION, name, NULL, 0).code == NC_NOERR;
}

bool ts_reader_has_variable(ts_reader *reader, const char *name) {
    return ask(reader, TS_ASK_VARIABLE, name, NULL, 0).code == NC_NOERR;
}

/* Numbers of an attribute, up to `room`, each of 8 bytes. Returns how many there are; 0 after a failure. */
static size_t get_numbers(ts_reader *reader, ts_asked_kind kind, const char *name, void *values, size_t room) {
    uint64_t all[TS_MOST_NUMBERS];
    const ts_answer given = ask(reader, kind, name, NULL, 0);
    int code = given.code;
    if (code == NC_NOERR && given.length > TS_MOST_NUMBERS)
        code = NC_EBADTYPE;
    if (code == NC_NOERR && !receive(reader, all, given.length * sizeof *all))
        return 0;
    if (code == NC_NOERR && given.length > room)
        code = NC_EBADTYPE;
    refuse(reader, "attribute", name, code);
    if (code != NC_NOERR)
        return 0;
    memcpy(values, all, given.length * sizeof *all);
    return given.length;
}

double ts_reader_number(ts_reader *reader, const char *name) {
    double value = NAN;
    if (get_numbers(reader, TS_ASK_NUMBERS, name, &value, 1) != 1)
        refuse(reader, "attribute", name, NC_EBADTYPE);
    return value;
}

uint64_t ts_reader_count(ts_reader *reader, const char *name) {
    uint64_t value = 0;
    if (get_numbers(reader, TS_ASK_COUNTS, name, &value, 1) != 1)
        refuse(reader, "attribute", name, NC_EBADTYPE);
    return value;
}

size_t ts_reader_numbers(ts_reader *reader, const char *name, double *values, size_t room) {
    return ts_reader_has(reader, name) ? get_numbers(reader, TS_ASK_NUMBERS, name, values, room) : 0;
}

char *ts_reader_string(ts_reader *reader, const char *name) {
    const ts_answer given = ask(reader, TS_ASK_TEXT, name, NULL, 0);
    const int code = given.code == NC_NOERR && given.length > TS_MOST_TEXT ? NC_EBADTYPE : given.code;
    refuse(reader, "attribute", name, code);
    char *text = code == NC_NOERR ? calloc(given.length + 1, 1) : NULL;
    if (code == NC_NOERR && !text)
        ts_reader_no_memory(reader);
    if (!text || receive(reader, text, given.length))
        return text;
    free(text);
    return NULL;
}

size_t ts_reader_dimension(ts_reader *reader, const char *name, size_t most, int *dimension) {
    const ts_answer given = ask(reader, TS_ASK_DIMENSION, name, NULL, 0);
    const bool good = given.code == NC_NOERR && given.length > 0 && given.length <= most;
    *dimension = given.id;
    refuse(reader, "axis", name, given.code);
    if (!good || reader->dimension_count == MOST_DIMENSIONS) {
        refuse(reader, "axis", name, NC_EDIMSIZE);
        return 0;
    }
    reader->dimension[reader->dimension_count++] = (ts_reader_axis){given.id, given.length};
    return given.length;
}

/* How many values a variable over these dimensions must have, whatever the child says. 0: one of them is not known. */
static uint64_t values_over(const ts_reader *reader, const int *dimensions, int count) {
    uint64_t total = 1;
    for (int d = 0; d < count; d++) {
        size_t k = 0;
        while (k < reader->dimension_count && reader->dimension[k].id != dimensions[d])
            k++;
        total *= k < reader->dimension_count ? reader->dimension[k].length : 0;
    }
    return total;
}

static void *make_room(ts_reader *reader, uint64_t count, size_t value_size) {
    const double bytes = (double)count * (double)value_size;
    void *values = bytes < ts_machine_memory("") ? malloc((size_t)count * value_size) : NULL;
    if (!values && reader->status == TS_OK)
        reader->status = ts_fail(reader->error, TS_FAILED, "", "cannot read %s: it needs %.1f GiB of memory",
                                 ts_text_path(reader->path), bytes / 0x1p30);
    return values;
}

size_t ts_reader_axes(ts_reader *reader, int dimension[TS_PARAMETER_COUNT], ts_parameter parameter[TS_PARAMETER_COUNT],
                      size_t length[TS_PARAMETER_COUNT]) {
    size_t count = 0, cells = 1;
    for (int p = 0; p < TS_PARAMETER_COUNT; p++) {
        const ts_parameter_row *row = &ts_parameters[p];
        if (row->key && !ts_reader_has_dimension(reader, row->name))
            continue;
        length[count] = ts_reader_dimension(reader, row->name, TS_MAX_CELLS, &dimension[count]);
        parameter[count] = (ts_parameter)p;
        cells *= length[count++]; /* both are at most TS_MAX_CELLS */
        if (cells > TS_MAX_CELLS)
            ts_reader_damaged(reader, "axis", row->name, "too many cells");
        if (reader->status != TS_OK)
            return 0;
    }
    return count;
}

static void *get_values(ts_reader *reader, ts_asked_kind kind, const char *name, const int *dimensions, int count,
                        size_t value_size) {
    ts_answer given = ask(reader, kind, name, dimensions, count);
    const uint64_t total = values_over(reader, dimensions, count);
    refuse(reader, "variable", name, given.code == NC_NOERR && given.length != total ? NC_EDIMSIZE : given.code);
    char *values = reader->status == TS_OK ? make_room(reader, total, value_size) : NULL;
    for (uint64_t got = 0; values && reader->status == TS_OK && got < total; got += given.length) {
        if (!receive(reader, &given, sizeof given))
            break;
        refuse(reader, "variable", name, given.length == 0 || given.length > total - got ? NC_EDIMSIZE : given.code);
        if (reader->status == TS_OK && !receive(reader, values + got * value_size, given.length * value_size))
            break;
    }
    if (reader->status == TS_OK)
        return values;
    free(values);
    return NULL;
}

double *ts_reader_values(ts_reader *reader, const char *name, const int *dimensions, int count) {
    return get_values(reader, TS_ASK_VALUES, name, dimensions, count, sizeof(double));
}

int8_t *ts_reader_bytes(ts_reader *reader, const char *name, const int *dimensions, int count) {
    return get_values(reader, TS_ASK_BYTES, name, dimensions, count, 1);
}

/* Does the user let HDF5 read what others have locked? */
static bool locks_are_off(void) {
    const char *wish = getenv("HDF5_USE_FILE_LOCKING");
    return wish && (strcmp(wish, "FALSE") == 0 || strcmp(wish, "0") == 0);
}

/* Open the file, and lock it as HDF5 does. Asking the system first gives its reason. */
static ts_status open_file(ts_reader *reader) {
    const char *shown = ts_text_path(reader->path);
    struct stat found;
    if (stat(reader->path, &found) != 0)
        return ts_fail(reader->error, TS_INVALID, "", "cannot read %s: %s", shown, strerror(errno));
    if (!S_ISREG(found.st_mode))
        return ts_fail(reader->error, TS_INVALID, "", "cannot read %s: it is not a regular file", shown);
    reader->file = open(reader->path, O_RDONLY | O_CLOEXEC);
    if (reader->file < 0)
        return ts_fail(reader->error, TS_INVALID, "", "cannot read %s: %s", shown, strerror(errno));
    if (locks_are_off() || flock(reader->file, LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK)
        return TS_OK; /* some file systems have no locks */
    close(reader->file);
    reader->file = -1;
    return ts_fail(reader->error, TS_INVALID, "", "cannot read %s: another program has it open for writing", shown);
}

ts_status ts_reader_open(ts_reader *reader, const char *path, ts_error *error) {
    const char *shown = ts_text_path(path);
    ts_answer given;
    *reader = (ts_reader){.path = path, .error = error, .file = -1};
    ts_status status = open_file(reader);
    if (status != TS_OK)
        return status;
    const int code = ts_child_start(&reader->child, ts_reader_serve, &reader->file,
                                    (ts_child_limits){.memory = READING_BYTES, .ends_soon = true});
    if (code != 0) {
        close(reader->file);
        return ts_fail(error, TS_FAILED, "", "cannot read %s: no process to read it: %s", shown, strerror(code));
    }
    if (receive(reader, &given, sizeof given) && given.code > 0)
        reader->status = ts_fail(error, TS_INVALID, "", "cannot read %s: %s", shown, strerror(given.code));
    else if (reader->status == TS_OK && given.code == NC_ENOMEM)
        ts_reader_no_memory(reader);
    else if (reader->status == TS_OK && given.code != NC_NOERR)
        reader->status = ts_fail(error, TS_INVALID, "", "%s is not a netCDF file, or damaged", shown);
    if (reader->status != TS_OK)
        ts_reader_close(reader);
    return reader->status;
}

void ts_reader_close(ts_reader *reader) {
    char unused[160];
    if (reader->file < 0)
        return;
    (void)ts_child_end(&reader->child, unused, sizeof unused);
    close(reader->file);
    reader->file = -1;
}
