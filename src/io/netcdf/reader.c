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
static ts_answer ask_for(ts_reader *reader, ts_asked_kind kind, const ts_reader_part *part) {
    ts_answer given = {.code = NC_EINTERNAL};
    ts_question question = {.kind = (int32_t)kind, .dimension_count = part->count};
    if (reader->status != TS_OK)
        return given;
    strncpy(question.name, part->name, sizeof question.name - 1);
    for (int d = 0; d < part->count; d++) {
        question.dimensions[d] = part->dimensions[d];
        question.start[d] = part->start[d];
        question.count[d] = part->length[d];
    }
    if (!ts_child_send(reader->child.channel, &question, sizeof question))
        lose(reader);
    else if (!receive(reader, &given, sizeof given))
        given.code = NC_EINTERNAL;
    return given;
}

static ts_answer ask(ts_reader *reader, ts_asked_kind kind, const char *name) {
    return ask_for(reader, kind, &(ts_reader_part){.name = name});
}

/* A code that was not expected. */
static void refuse(ts_reader *reader, const char *what, const char *name, int code) {
    if (code == NC_ENOMEM)
        ts_reader_no_memory(reader);
    else if (code != NC_NOERR)
        ts_reader_damaged(reader, what, name, nc_strerror(code));
}

bool ts_reader_has(ts_reader *reader, const char *name) {
    return ask(reader, TS_ASK_ATTRIBUTE, name).code == NC_NOERR;
}

bool ts_reader_has_dimension(ts_reader *reader, const char *name) {
    return ask(reader, TS_ASK_DIMENSION, name).code == NC_NOERR;
}

bool ts_reader_has_variable(ts_reader *reader, const char *name) {
    return ask(reader, TS_ASK_VARIABLE, name).code == NC_NOERR;
}

/* Numbers of an attribute, up to `room`, each of 8 bytes. Returns how many there are; 0 after a failure. */
static size_t get_numbers(ts_reader *reader, ts_asked_kind kind, const char *name, void *values, size_t room) {
    uint64_t all[TS_MOST_NUMBERS];
    const ts_answer given = ask(reader, kind, name);
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
    const ts_answer given = ask(reader, TS_ASK_TEXT, name);
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
    const ts_answer given = ask(reader, TS_ASK_DIMENSION, name);
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

/* Length of a dimension that was asked for; 0: it is not known. */
static size_t length_of(const ts_reader *reader, int dimension) {
    for (size_t k = 0; k < reader->dimension_count; k++)
        if (reader->dimension[k].id == dimension)
            return reader->dimension[k].length;
    return 0;
}

/* How many values a part has, whatever the child says. */
static uint64_t values_of(const ts_reader_part *part) {
    uint64_t total = 1;
    for (int d = 0; d < part->count; d++)
        total *= part->length[d];
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

/* Receive the values of a part, which has been asked for and of which `given` tells the length. */
static bool receive_values(ts_reader *reader, const ts_reader_part *part, ts_answer given, size_t value_size,
                           char *values) {
    const uint64_t total = values_of(part);
    for (uint64_t got = 0; reader->status == TS_OK && got < total; got += given.length) {
        if (!receive(reader, &given, sizeof given))
            break;
        refuse(reader, "variable", part->name,
               given.length == 0 || given.length > total - got ? NC_EDIMSIZE : given.code);
        if (reader->status == TS_OK && !receive(reader, values + got * value_size, given.length * value_size))
            break;
    }
    return reader->status == TS_OK;
}

/* What the child says of a part before its values. */
static ts_answer ask_for_values(ts_reader *reader, ts_asked_kind kind, const ts_reader_part *part) {
    const ts_answer given = ask_for(reader, kind, part);
    refuse(reader, "variable", part->name,
           given.code == NC_NOERR && given.length != values_of(part) ? NC_EDIMSIZE : given.code);
    return given;
}

static bool get_part(ts_reader *reader, ts_asked_kind kind, const ts_reader_part *part, size_t value_size,
                     void *values) {
    return receive_values(reader, part, ask_for_values(reader, kind, part), value_size, values);
}

bool ts_reader_part_values(ts_reader *reader, const ts_reader_part *part, double *values) {
    return get_part(reader, TS_ASK_VALUES, part, sizeof *values, values);
}

bool ts_reader_part_whole(ts_reader *reader, const ts_reader_part *part, int64_t *values) {
    return get_part(reader, TS_ASK_WHOLE, part, sizeof *values, values);
}

bool ts_reader_part_bytes(ts_reader *reader, const ts_reader_part *part, int8_t *values) {
    return get_part(reader, TS_ASK_BYTES, part, sizeof *values, values);
}

static void *get_values(ts_reader *reader, ts_asked_kind kind, const char *name, const int *dimensions, int count,
                        size_t value_size) {
    size_t start[TS_ASKED_DIMENSIONS] = {0}, length[TS_ASKED_DIMENSIONS];
    const ts_reader_part all = {name, dimensions, start, length, count};
    for (int d = 0; d < count; d++)
        length[d] = length_of(reader, dimensions[d]);
    const ts_answer given = ask_for_values(reader, kind, &all);
    void *values = reader->status == TS_OK ? make_room(reader, values_of(&all), value_size) : NULL;
    if (values && receive_values(reader, &all, given, value_size, values))
        return values;
    free(values);
    return NULL;
}

double *ts_reader_values(ts_reader *reader, const char *name, const int *dimensions, int count) {
    return get_values(reader, TS_ASK_VALUES, name, dimensions, count, sizeof(double));
}

int64_t *ts_reader_whole(ts_reader *reader, const char *name, const int *dimensions, int count) {
    return get_values(reader, TS_ASK_WHOLE, name, dimensions, count, sizeof(int64_t));
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
