#include "io/netcdf/writer.h"

#include "io/child.h"
#include "io/text.h"
#include "model/training.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PATIENCE 600U                 /* seconds of processor time that one call of netCDF may take */
#define DEFLATE 4                     /* zlib level of compressed variables */
#define INDEX_PIECE ((size_t)1 << 12) /* values written at a time, and compressed together where they are more */

static void note(ts_writer *writer, int code) {
    writer->code = code;
    if (writer->is_child)
        ts_child_allow(PATIENCE);
}

/* Call netCDF, unless a call before failed. */
#define TRY(writer, call)                                                                                              \
    do {                                                                                                               \
        if (ts_writer_works(writer))                                                                                   \
            note(writer, call);                                                                                        \
    } while (0)

bool ts_writer_works(const ts_writer *writer) {
    return writer->code == NC_NOERR;
}

bool ts_writer_create(ts_writer *writer, const char *path, int mode) {
    TRY(writer, nc_create(path, NC_NETCDF4 | NC_CLOBBER | mode, &writer->file));
    return ts_writer_works(writer);
}

/* Files of another format that hold the same have to be told that there is something to define; ours need not be. */
bool ts_writer_open(ts_writer *writer, const char *path) {
    TRY(writer, nc_open(path, NC_WRITE, &writer->file));
    const bool is_open = ts_writer_works(writer);
    if (is_open)
        (void)nc_redef(writer->file);
    return is_open;
}

void ts_writer_defined(ts_writer *writer) {
    if (ts_writer_works(writer))
        (void)nc_enddef(writer->file);
}

void ts_writer_close(ts_writer *writer) {
    const int code = nc_close(writer->file);
    TRY(writer, code);
}

void *ts_writer_memory(ts_writer *writer, size_t count, size_t size) {
    void *memory = ts_writer_works(writer) ? malloc(count * size) : NULL;
    if (!memory)
        TRY(writer, NC_ENOMEM);
    return memory;
}

void ts_writer_dimension(ts_writer *writer, const char *name, size_t length, int *dimension) {
    TRY(writer, nc_def_dim(writer->file, name, length, dimension));
}

int ts_writer_find_dimension(ts_writer *writer, const char *name) {
    int dimension = -1;
    TRY(writer, nc_inq_dimid(writer->file, name, &dimension));
    return dimension;
}

int ts_writer_variable(ts_writer *writer, const char *name, nc_type type, int dimension_count, const int *dimensions,
                       const char *long_name) {
    int variable = -1;
    TRY(writer, nc_def_var(writer->file, name, type, dimension_count, dimensions, &variable));
    ts_writer_text(writer, variable, "units", "1"); /* every quantity of the model is dimensionless */
    ts_writer_text(writer, variable, "long_name", long_name);
    return variable;
}

int ts_writer_variable_again(ts_writer *writer, const char *name, nc_type type, int dimension_count,
                             const int *dimensions, const char *long_name) {
    int variable, found_count, found[NC_MAX_VAR_DIMS];
    nc_type found_type;
    if (!ts_writer_works(writer) || nc_inq_varid(writer->file, name, &variable) != NC_NOERR)
        return ts_writer_variable(writer, name, type, dimension_count, dimensions, long_name);
    TRY(writer, nc_inq_var(writer->file, variable, NULL, &found_type, &found_count, found, NULL));
    if (ts_writer_works(writer) && (found_type != type || found_count != dimension_count ||
                                    memcmp(found, dimensions, (size_t)dimension_count * sizeof *found) != 0))
        TRY(writer, NC_ENAMEINUSE);
    return variable;
}

int ts_writer_cells(ts_writer *writer, const char *name, nc_type type, const int *further, int further_count,
                    const char *long_name) {
    int dimensions[TS_WRITER_DIMENSIONS];
    memcpy(dimensions, writer->axis, (size_t)writer->axis_count * sizeof *dimensions);
    for (int k = 0; k < further_count; k++)
        dimensions[writer->axis_count + k] = further[k];
    return ts_writer_variable(writer, name, type, writer->axis_count + further_count, dimensions, long_name);
}

void ts_writer_place(const ts_writer *writer, size_t cell, size_t *place) {
    for (int k = writer->axis_count; k-- > 0; cell /= writer->length[k])
        place[k] = cell % writer->length[k];
}

void ts_writer_cell(ts_writer *writer, int variable, size_t cell, const size_t *start, const size_t *count,
                    int further_count, const void *values) {
    size_t from[TS_WRITER_DIMENSIONS], lengths[TS_WRITER_DIMENSIONS];
    ts_writer_place(writer, cell, from);
    for (int k = 0; k < writer->axis_count; k++)
        lengths[k] = 1;
    for (int k = 0; k < further_count; k++) {
        from[writer->axis_count + k] = start[k];
        lengths[writer->axis_count + k] = count[k];
    }
    ts_writer_part(writer, variable, from, lengths, values);
}

void ts_writer_compress_cells(ts_writer *writer, int variable, size_t cells, const size_t *chunk, int further_count) {
    size_t lengths[TS_WRITER_DIMENSIONS];
    for (int k = writer->axis_count; k-- > 0; cells /= lengths[k])
        lengths[k] = cells < 1 ? 1 : cells > writer->length[k] ? writer->length[k] : cells;
    for (int k = 0; k < further_count; k++)
        lengths[writer->axis_count + k] = chunk[k];
    ts_writer_compress(writer, variable, lengths);
}

void ts_writer_index(ts_writer *writer, const char *name, size_t length, const char *long_name, int *dimension) {
    ts_writer_dimension(writer, name, length, dimension);
    const int variable = ts_writer_variable(writer, name, NC_INT64, 1, dimension, long_name);
    if (length > INDEX_PIECE) {
        const size_t chunk = INDEX_PIECE;
        ts_writer_compress(writer, variable, &chunk);
    }
    int64_t *index = ts_writer_memory(writer, INDEX_PIECE, sizeof *index);
    for (size_t first = 0; ts_writer_works(writer) && first < length; first += INDEX_PIECE) {
        const size_t count = length - first < INDEX_PIECE ? length - first : INDEX_PIECE;
        for (size_t at = 0; at < count; at++)
            index[at] = (int64_t)(first + at);
        ts_writer_part(writer, variable, &first, &count, index);
    }
    free(index);
}

void ts_writer_missing_is_nan(ts_writer *writer, int variable) {
    const double missing = NAN;
    TRY(writer, nc_def_var_fill(writer->file, variable, NC_FILL, &missing));
}

void ts_writer_compress(ts_writer *writer, int variable, const size_t *chunk) {
    TRY(writer, nc_def_var_chunking(writer->file, variable, NC_CHUNKED, chunk));
    TRY(writer, nc_def_var_deflate(writer->file, variable, 1, 1, DEFLATE));
}

static void put_flags(ts_writer *writer, int variable, const signed char *values, size_t count, const char *meanings) {
    TRY(writer, nc_put_att_schar(writer->file, variable, "flag_values", NC_BYTE, count, values));
    ts_writer_text(writer, variable, "flag_meanings", meanings);
}

/* "Not finished" is a flag of its own and not a missing value, so that readers keep the variable an integer. */
void ts_writer_outcome_flags(ts_writer *writer, int variable) {
    static const signed char values[] = {TS_OUTCOME_NONE, TS_OUTCOME_FAILURE, TS_OUTCOME_SUCCESS, TS_OUTCOME_DIVERGED};
    put_flags(writer, variable, values, sizeof values, "not_finished failure success diverged");
}

void ts_writer_halted_flags(ts_writer *writer, int variable) {
    static const signed char values[] = {TS_NOT_HALTED, TS_HALTED_DIVERGED, TS_HALTED_SUCCESS};
    put_flags(writer, variable, values, sizeof values, "went_to_its_horizon diverged stopped_at_success");
}

void ts_writer_yes_or_no(ts_writer *writer, int variable) {
    static const signed char values[] = {0, 1};
    put_flags(writer, variable, values, sizeof values, "no yes");
}

void ts_writer_values(ts_writer *writer, int variable, const void *values) {
    TRY(writer, nc_put_var(writer->file, variable, values));
}

void ts_writer_part(ts_writer *writer, int variable, const size_t *start, const size_t *count, const void *values) {
    TRY(writer, nc_put_vara(writer->file, variable, start, count, values));
}

void ts_writer_text(ts_writer *writer, int variable, const char *name, const char *text) {
    char *clean = ts_text_clean(text);
    TRY(writer, clean ? nc_put_att_text(writer->file, variable, name, strlen(clean), clean) : NC_ENOMEM);
    free(clean);
}

void ts_writer_number_of(ts_writer *writer, int variable, const char *name, double value) {
    TRY(writer, nc_put_att_double(writer->file, variable, name, NC_DOUBLE, 1, &value));
}

void ts_writer_number(ts_writer *writer, const char *name, double value) {
    ts_writer_numbers(writer, name, 1, &value);
}

void ts_writer_numbers(ts_writer *writer, const char *name, size_t count, const double *values) {
    if (count > 0)
        TRY(writer, nc_put_att_double(writer->file, NC_GLOBAL, name, NC_DOUBLE, count, values));
}

void ts_writer_count(ts_writer *writer, const char *name, nc_type type, uint64_t value) {
    const unsigned long long number = value;
    TRY(writer, nc_put_att_ulonglong(writer->file, NC_GLOBAL, name, type, 1, &number));
}
