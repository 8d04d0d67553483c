#include "io/result.h"

#include "io/child.h"
#include "io/result_writer.h"

#include <math.h>
#include <stdlib.h>

#define PATIENCE 600U          /* seconds of processor time that one call of netCDF may take */
#define INDEX_PIECE (1U << 16) /* values written at a time */

void ts_result_note(ts_result_writer *writer, int code) {
    if (writer->code == NC_NOERR)
        writer->code = code;
    if (writer->is_child)
        ts_child_allow(PATIENCE);
}

int ts_result_variable(ts_result_writer *writer, const char *name, nc_type type, int dimension_count,
                       const int *dimensions, const char *long_name) {
    int variable = -1;
    if (writer->code == NC_NOERR)
        ts_result_note(writer, nc_def_var(writer->file, name, type, dimension_count, dimensions, &variable));
    ts_result_text(writer, variable, "units", "1"); /* every quantity of the model is dimensionless */
    ts_result_text(writer, variable, "long_name", long_name);
    return variable;
}

void ts_result_missing_is_nan(ts_result_writer *writer, int variable) {
    if (writer->code == NC_NOERR) {
        double missing = NAN;
        ts_result_note(writer, nc_def_var_fill(writer->file, variable, NC_FILL, &missing));
    }
}

void ts_result_compress(ts_result_writer *writer, int variable, const size_t *chunk) {
    if (writer->code == NC_NOERR)
        ts_result_note(writer, nc_def_var_chunking(writer->file, variable, NC_CHUNKED, chunk));
    if (writer->code == NC_NOERR)
        ts_result_note(writer, nc_def_var_deflate(writer->file, variable, 1, 1, TS_RESULT_DEFLATE));
}

/* "Not finished" is a flag of its own and not a missing value, so that readers keep the variable an integer. */
void ts_result_outcome_flags(ts_result_writer *writer, int variable) {
    static const signed char values[] = {TS_OUTCOME_NONE, TS_OUTCOME_FAILURE, TS_OUTCOME_SUCCESS, TS_OUTCOME_DIVERGED};
    if (writer->code == NC_NOERR)
        ts_result_note(writer, nc_put_att_schar(writer->file, variable, "flag_values", NC_BYTE, sizeof values, values));
    ts_result_text(writer, variable, "flag_meanings", "not_finished failure success diverged");
}

void ts_result_define_index(ts_result_writer *writer, const char *name, size_t size, const char *long_name,
                            int *dimension) {
    if (writer->code == NC_NOERR)
        ts_result_note(writer, nc_def_dim(writer->file, name, size, dimension));
    int variable = ts_result_variable(writer, name, NC_INT64, 1, dimension, long_name);
    long long *index = malloc(INDEX_PIECE * sizeof *index);
    if (index == NULL)
        ts_result_note(writer, NC_ENOMEM);
    for (size_t first = 0; writer->code == NC_NOERR && first < size; first += INDEX_PIECE) {
        const size_t count = size - first < INDEX_PIECE ? size - first : INDEX_PIECE;
        for (size_t at = 0; at < count; at++)
            index[at] = (long long)first + (long long)at;
        ts_result_note(writer, nc_put_vara_longlong(writer->file, variable, &first, &count, index));
    }
    free(index);
}

static void write_dimensions(ts_result_writer *writer) {
    ts_result_note(writer, nc_def_dim(writer->file, "epsilon", writer->settings->epsilon_count, &writer->epsilon));
    ts_result_note(writer, nc_def_dim(writer->file, "neurons", writer->settings->neurons_count, &writer->neurons));
    ts_result_note(writer, nc_def_dim(writer->file, "loss_bin", ts_loss_bin_count(), &writer->loss_bin));
}

static void fill(ts_result_writer *writer, const ts_result_origin *origin, const void *content) {
    (void)content; /* the sweep, which the writer has */
    write_dimensions(writer);
    ts_result_write_attributes(writer, origin);
    ts_result_write_cells(writer);
    if (writer->settings->theory)
        ts_result_write_limits(writer);
    if (writer->settings->keep_trainings)
        ts_result_write_trainings(writer);
}

ts_status ts_result_write(const char *path, const ts_sweep *sweep, const ts_result_origin *origin, char **written,
                          ts_error *error) {
    const ts_result_writer writer = {.sweep = sweep, .settings = ts_sweep_settings(sweep)};
    return ts_result_put(path, &writer, origin, fill, sweep, written, error);
}
