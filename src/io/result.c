#include "io/result.h"

#include "io/fail.h"
#include "io/file.h"
#include "io/result_writer.h"

#include <math.h>
#include <netcdf_mem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The file is made in memory and its bytes are written by ts_file_replace. HDF5 can not do that safely itself: when the
 * disk fills up it says nothing about why, can not close the file any more and may crash at the end of the process. The
 * image takes the memory of the compressed file, and is handed over without a copy. */
#define FIRST_IMAGE_SIZE (1U << 20)

/* netCDF-4 files begin as HDF5 files do. Nothing else is overwritten: it may be a configuration of somebody's. */
static bool is_result(const char *path) {
    static const char signature[4] = "\x89HDF";
    char found[sizeof signature];
    FILE *file = fopen(path, "rb");
    const bool same =
        file && fread(found, 1, sizeof found, file) == sizeof found && memcmp(found, signature, sizeof found) == 0;
    if (file)
        fclose(file);
    return same;
}

ts_status ts_result_check_path(const char *path, const char *configuration_path, ts_error *error) {
    struct stat output, configuration;
    if (configuration_path != NULL && stat(path, &output) == 0 && stat(configuration_path, &configuration) == 0 &&
        output.st_dev == configuration.st_dev && output.st_ino == configuration.st_ino)
        return ts_io_fail(error, TS_INVALID, "cannot write %s: it is the configuration file", ts_io_shown_path(path));
    if (stat(path, &output) == 0 && S_ISREG(output.st_mode) && output.st_size > 0 && !is_result(path))
        return ts_io_fail(error, TS_INVALID, "cannot write %s: it exists and is no result file",
                          ts_io_shown_path(path));
    return ts_file_check(path, error);
}

void ts_result_note(ts_result_writer *writer, int code) {
    if (writer->code == NC_NOERR)
        writer->code = code;
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
    long long *index = malloc(size * sizeof *index);
    if (index == NULL)
        ts_result_note(writer, NC_ENOMEM);
    for (size_t at = 0; index != NULL && at < size; at++)
        index[at] = (long long)at;
    if (writer->code == NC_NOERR)
        ts_result_note(writer, nc_put_var_longlong(writer->file, variable, index));
    free(index);
}

static void write_dimensions(ts_result_writer *writer) {
    ts_result_note(writer, nc_def_dim(writer->file, "epsilon", writer->settings->epsilon_count, &writer->epsilon));
    ts_result_note(writer, nc_def_dim(writer->file, "neurons", writer->settings->neurons_count, &writer->neurons));
    ts_result_note(writer, nc_def_dim(writer->file, "loss_bin", ts_loss_bin_count(), &writer->loss_bin));
}

ts_status ts_result_begin(ts_result_writer *writer, ts_error *error) {
    int code = nc_create_mem("timescape", NC_NETCDF4 | NC_CLOBBER, FIRST_IMAGE_SIZE, &writer->file);
    if (code != NC_NOERR)
        return ts_io_fail(error, TS_FAILED, "cannot make the result file: %s", nc_strerror(code));
    return TS_OK;
}

ts_status ts_result_end(ts_result_writer *writer, const char *path, ts_error *error) {
    NC_memio image = {0};
    ts_result_note(writer, nc_close_memio(writer->file, &image));
    ts_status status = writer->code == NC_NOERR
                           ? ts_file_replace(path, image.memory, image.size, error)
                           : ts_io_fail(error, TS_FAILED, "cannot make the result file: %s", nc_strerror(writer->code));
    free(image.memory);
    return status;
}

ts_status ts_result_write(const char *path, const ts_sweep *sweep, const ts_result_origin *origin, ts_error *error) {
    ts_result_writer writer = {.sweep = sweep, .settings = ts_sweep_settings(sweep)};
    ts_status status = ts_result_begin(&writer, error);
    if (status != TS_OK)
        return status;
    write_dimensions(&writer);
    ts_result_write_attributes(&writer, origin);
    ts_result_write_cells(&writer);
    if (writer.settings->theory)
        ts_result_write_limits(&writer);
    if (writer.settings->keep_trainings)
        ts_result_write_trainings(&writer);
    return ts_result_end(&writer, path, error);
}
