#include "io/netcdf/serve.h"

#include "io/child.h"

#include <netcdf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATIENCE 20U                   /* seconds of processor time for one answer, or a piece of one */
#define PIECE_VALUES ((size_t)1 << 22) /* of a variable, read and sent at a time */
#define NONE (-1)

/* What cannot be sent any more has nobody to read it. */
static void put(int channel, const void *bytes, size_t size) {
    if (!ts_child_send(channel, bytes, size))
        _Exit(EXIT_FAILURE);
}

static void answer(int channel, int code, int id, size_t length) {
    const ts_answer given = {.code = code, .id = id, .length = length};
    put(channel, &given, sizeof given);
}

static void answer_dimension(int file, int channel, const char *name) {
    int id = NONE;
    size_t length = 0;
    int code = nc_inq_dimid(file, name, &id);
    if (code == NC_NOERR)
        code = nc_inq_dimlen(file, id, &length);
    answer(channel, code, id, length);
}

/* Length of a global attribute, which must hold text or numbers as asked. A netCDF status. */
static int measure_attribute(int file, const char *name, bool text, nc_type *type, size_t *length) {
    int code = nc_inq_att(file, NC_GLOBAL, name, type, length);
    if (code == NC_NOERR && (*type > NC_STRING || (*type == NC_CHAR || *type == NC_STRING) != text))
        code = NC_EBADTYPE;
    if (code == NC_NOERR && ((*type == NC_STRING && *length != 1) || *length > (text ? TS_MOST_TEXT : TS_MOST_NUMBERS)))
        code = NC_EBADTYPE;
    return code;
}

/* Programs that copy a file store text as NC_CHAR or as NC_STRING. */
static void answer_text(int file, int channel, const char *name) {
    nc_type type;
    size_t length = 0;
    char *text = NULL;
    int code = measure_attribute(file, name, true, &type, &length);
    if (code == NC_NOERR && type == NC_STRING) {
        code = nc_get_att_string(file, NC_GLOBAL, name, &text);
        length = code == NC_NOERR && text ? strlen(text) : 0;
        if (length > TS_MOST_TEXT)
            code = NC_EBADTYPE;
    } else if (code == NC_NOERR) {
        text = calloc(length + 1, 1);
        code = text ? nc_get_att_text(file, NC_GLOBAL, name, text) : NC_ENOMEM;
    }
    answer(channel, code, NONE, length);
    if (code == NC_NOERR && length > 0)
        put(channel, text, length);
    free(text);
}

/* Numbers as doubles or as whole ones; both have 8 bytes. */
static void answer_numbers(int file, int channel, const char *name, bool whole) {
    nc_type type;
    size_t length = 0;
    union {
        double number;
        unsigned long long count;
    } *values = calloc(TS_MOST_NUMBERS, sizeof *values);
    int code = values ? measure_attribute(file, name, false, &type, &length) : NC_ENOMEM;
    if (code == NC_NOERR)
        code = whole ? nc_get_att_ulonglong(file, NC_GLOBAL, name, &values->count)
                     : nc_get_att_double(file, NC_GLOBAL, name, &values->number);
    answer(channel, code, NONE, length);
    if (code == NC_NOERR)
        put(channel, values, length * sizeof *values);
    free(values);
}

/* What is asked for of a variable, and the pieces in which it is read: `rows` entries along its dimension `cut`, all of
 * those behind it. */
typedef struct pieces {
    int id, dimensions, cut;
    size_t first[TS_ASKED_DIMENSIONS], length[TS_ASKED_DIMENSIONS]; /* along each dimension */
    size_t width;                                                   /* values behind an entry of dimension `cut` */
    size_t rows, total;
} pieces;

/* Is there so much of a dimension? A netCDF status. */
static int measure_dimension(int file, const ts_question *question, int d, pieces *of) {
    size_t length = 0;
    const int code = nc_inq_dimlen(file, question->dimensions[d], &length);
    of->first[d] = question->start[d];
    of->length[d] = question->count[d];
    if (code == NC_NOERR && (of->length[d] == 0 || of->length[d] > length || of->first[d] > length - of->length[d] ||
                             of->total > SIZE_MAX / sizeof(double) / of->length[d]))
        return NC_EDIMSIZE;
    return code;
}

static int measure_variable(int file, const ts_question *question, pieces *of) {
    int found_count = 0, found[NC_MAX_VAR_DIMS];
    int code = nc_inq_varid(file, question->name, &of->id);
    if (code == NC_NOERR)
        code = nc_inq_var(file, of->id, NULL, NULL, &found_count, found, NULL);
    if (code == NC_NOERR && (found_count != question->dimension_count || found_count > TS_ASKED_DIMENSIONS))
        code = NC_EDIMSIZE;
    of->dimensions = found_count;
    of->total = 1;
    for (int d = 0; code == NC_NOERR && d < found_count; d++) {
        code = found[d] == question->dimensions[d] ? measure_dimension(file, question, d, of) : NC_EDIMSIZE;
        of->total *= code == NC_NOERR ? of->length[d] : 1;
    }
    return code;
}

static void cut(pieces *of) {
    of->width = of->total;
    of->cut = -1;
    do {
        of->cut++;
        of->width /= of->dimensions > 0 ? of->length[of->cut] : 1;
    } while (of->cut + 1 < of->dimensions && of->width > PIECE_VALUES);
    const size_t rows = PIECE_VALUES / of->width;
    const size_t all = of->dimensions > 0 ? of->length[of->cut] : 1;
    of->rows = rows < 1 ? 1 : rows < all ? rows : all;
}

/* Where the piece that begins with value `first` lies. Returns how many values it has. */
static size_t place(const pieces *of, size_t first, size_t *start, size_t *count) {
    size_t row = first / of->width, size = 1;
    for (int d = of->dimensions - 1; d >= 0; d--) {
        const bool is_whole = d > of->cut;
        start[d] = is_whole ? 0 : row % of->length[d];
        count[d] = is_whole ? of->length[d] : 1;
        row /= is_whole ? 1 : of->length[d];
        if (d == of->cut) {
            const size_t left = of->length[d] - start[d];
            count[d] = left < of->rows ? left : of->rows;
        }
        start[d] += of->first[d];
        size *= count[d];
    }
    return size;
}

static int get_piece(int file, int variable, const size_t *start, const size_t *count, ts_asked_kind kind,
                     void *values) {
    return kind == TS_ASK_BYTES   ? nc_get_vara_schar(file, variable, start, count, values)
           : kind == TS_ASK_WHOLE ? nc_get_vara_longlong(file, variable, start, count, values)
                                  : nc_get_vara_double(file, variable, start, count, values);
}

static void answer_values(int file, int channel, const ts_question *question) {
    const ts_asked_kind kind = (ts_asked_kind)question->kind;
    const size_t value_size = kind == TS_ASK_BYTES ? 1 : sizeof(double);
    pieces of = {0};
    void *values = NULL;
    int code = measure_variable(file, question, &of);
    if (code == NC_NOERR) {
        cut(&of);
        values = malloc(of.rows * of.width * value_size);
        code = values ? NC_NOERR : NC_ENOMEM;
    }
    answer(channel, code, NONE, of.total);
    for (size_t first = 0, size; code == NC_NOERR && first < of.total; first += size) {
        size_t start[TS_ASKED_DIMENSIONS], count[TS_ASKED_DIMENSIONS];
        size = place(&of, first, start, count);
        ts_child_allow(PATIENCE);
        code = get_piece(file, of.id, start, count, kind, values);
        answer(channel, code, NONE, size);
        if (code == NC_NOERR)
            put(channel, values, size * value_size);
    }
    free(values);
}

static void answer_question(int file, int channel, const ts_question *question) {
    int unused;
    switch ((ts_asked_kind)question->kind) {
    case TS_ASK_DIMENSION:
        answer_dimension(file, channel, question->name);
        break;
    case TS_ASK_VARIABLE:
        answer(channel, nc_inq_varid(file, question->name, &unused), NONE, 0);
        break;
    case TS_ASK_ATTRIBUTE:
        answer(channel, nc_inq_att(file, NC_GLOBAL, question->name, NULL, NULL), NONE, 0);
        break;
    case TS_ASK_TEXT:
        answer_text(file, channel, question->name);
        break;
    case TS_ASK_NUMBERS:
    case TS_ASK_COUNTS:
        answer_numbers(file, channel, question->name, question->kind == TS_ASK_COUNTS);
        break;
    case TS_ASK_VALUES:
    case TS_ASK_WHOLE:
    case TS_ASK_BYTES:
        answer_values(file, channel, question);
        break;
    }
}

/* The name of a file can mean much to netCDF (a place on the network, a disk of Windows); that of an open one does not.
 * HDF5 is not to lock it: the parent has done so, and there are file systems on which HDF5's way fails. */
int ts_reader_serve(void *context, int channel) {
    char path[64];
    int file;
    ts_question question;
    snprintf(path, sizeof path, "/proc/self/fd/%d", *(const int *)context);
    setenv("HDF5_USE_FILE_LOCKING", "FALSE", 1);
    ts_child_allow(PATIENCE);
    const int code = nc_open(path, NC_NOWRITE, &file);
    answer(channel, code, NONE, 0);
    while (code == NC_NOERR && ts_child_receive(channel, &question, sizeof question)) {
        ts_child_allow(PATIENCE);
        answer_question(file, channel, &question);
    }
    return EXIT_SUCCESS; /* without closing the file, which is one more chance to crash */
}
