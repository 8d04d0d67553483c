#include "io/fail.h"
#include "io/result_reader.h"

#include <errno.h>
#include <math.h>
#include <netcdf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void ts_result_damaged(ts_result_reader *reader, const char *what, const char *name, const char *reason) {
    if (reader->status == TS_OK)
        reader->status = ts_io_fail(reader->error, TS_INVALID, "%s is not a result of timescape, or damaged: %s %s: %s",
                                    ts_io_shown_path(reader->path), what, name, reason);
}

void ts_result_no_memory(ts_result_reader *reader) {
    if (reader->status == TS_OK)
        reader->status = ts_io_fail(reader->error, TS_FAILED, "out of memory");
}

/* Length of a global attribute, which must hold text or numbers as asked; 0 and a failure otherwise. */
static size_t attribute_length(ts_result_reader *reader, const char *name, bool text) {
    nc_type type;
    size_t length = 0;
    if (reader->status != TS_OK)
        return 0;
    int code = nc_inq_att(reader->file, NC_GLOBAL, name, &type, &length);
    if (code == NC_NOERR && (type == NC_CHAR || type == NC_STRING) != text)
        code = NC_EBADTYPE;
    if (code == NC_NOERR && type == NC_STRING && length != 1)
        code = NC_EBADTYPE;
    if (code != NC_NOERR)
        ts_result_damaged(reader, "attribute", name, nc_strerror(code));
    return code == NC_NOERR ? length : 0;
}

bool ts_result_has(const ts_result_reader *reader, const char *name) {
    return reader->status == TS_OK && nc_inq_att(reader->file, NC_GLOBAL, name, NULL, NULL) == NC_NOERR;
}

double ts_result_number(ts_result_reader *reader, const char *name) {
    double value = NAN;
    size_t length = attribute_length(reader, name, false);
    int code = length == 1 ? nc_get_att_double(reader->file, NC_GLOBAL, name, &value) : NC_EBADTYPE;
    if (code != NC_NOERR)
        ts_result_damaged(reader, "attribute", name, nc_strerror(code));
    return value;
}

uint64_t ts_result_count(ts_result_reader *reader, const char *name) {
    unsigned long long value = 0;
    size_t length = attribute_length(reader, name, false);
    int code = length == 1 ? nc_get_att_ulonglong(reader->file, NC_GLOBAL, name, &value) : NC_EBADTYPE;
    if (code != NC_NOERR)
        ts_result_damaged(reader, "attribute", name, nc_strerror(code));
    return value;
}

size_t ts_result_numbers(ts_result_reader *reader, const char *name, double *values, size_t room) {
    if (!ts_result_has(reader, name))
        return 0;
    size_t length = attribute_length(reader, name, false);
    int code = length <= room ? nc_get_att_double(reader->file, NC_GLOBAL, name, values) : NC_EBADTYPE;
    if (code != NC_NOERR)
        ts_result_damaged(reader, "attribute", name, nc_strerror(code));
    return reader->status == TS_OK ? length : 0;
}

/* Programs that copy a file store text as NC_CHAR or as NC_STRING. */
char *ts_result_string(ts_result_reader *reader, const char *name) {
    size_t length = attribute_length(reader, name, true);
    nc_type type;
    if (reader->status != TS_OK || nc_inq_atttype(reader->file, NC_GLOBAL, name, &type) != NC_NOERR)
        return NULL;
    char *text = NULL, *stored = NULL;
    int code = NC_NOERR;
    if (type == NC_STRING) {
        code = nc_get_att_string(reader->file, NC_GLOBAL, name, &stored);
        text = strdup(code == NC_NOERR && stored != NULL ? stored : "");
        if (code == NC_NOERR)
            nc_free_string(1, &stored);
    } else {
        text = calloc(length + 1, 1);
        if (text != NULL && length > 0)
            code = nc_get_att_text(reader->file, NC_GLOBAL, name, text);
    }
    if (text == NULL)
        ts_result_no_memory(reader);
    if (code != NC_NOERR)
        ts_result_damaged(reader, "attribute", name, nc_strerror(code));
    return text;
}

size_t ts_result_dimension(ts_result_reader *reader, const char *name, size_t most, int *dimension) {
    size_t length = 0;
    if (reader->status != TS_OK)
        return 0;
    int code = nc_inq_dimid(reader->file, name, dimension);
    if (code == NC_NOERR)
        code = nc_inq_dimlen(reader->file, *dimension, &length);
    if (code == NC_NOERR && (length == 0 || length > most))
        code = NC_EDIMSIZE;
    if (code != NC_NOERR)
        ts_result_damaged(reader, "axis", name, nc_strerror(code));
    return code == NC_NOERR ? length : 0;
}

/* Does the variable lie over these dimensions? A netCDF status. */
static int check_shape(const ts_result_reader *reader, int variable, const int *dimensions, int count) {
    int found_count, found[NC_MAX_VAR_DIMS];
    int code = nc_inq_var(reader->file, variable, NULL, NULL, &found_count, found, NULL);
    if (code == NC_NOERR && found_count != count)
        code = NC_EDIMSIZE;
    for (int d = 0; code == NC_NOERR && d < count; d++)
        if (found[d] != dimensions[d])
            code = NC_EDIMSIZE;
    return code;
}

double *ts_result_values(ts_result_reader *reader, const char *name, const int *dimensions, int count) {
    int variable;
    size_t size = 1, length = 0;
    double *values = NULL;
    if (reader->status != TS_OK)
        return NULL;
    int code = nc_inq_varid(reader->file, name, &variable);
    if (code == NC_NOERR)
        code = check_shape(reader, variable, dimensions, count);
    for (int d = 0; code == NC_NOERR && d < count; d++) {
        code = nc_inq_dimlen(reader->file, dimensions[d], &length);
        if (code == NC_NOERR && (length == 0 || size > SIZE_MAX / sizeof *values / length))
            code = NC_EDIMSIZE;
        size *= length;
    }
    if (code == NC_NOERR) {
        values = malloc(size * sizeof *values);
        if (values == NULL)
            ts_result_no_memory(reader);
    }
    if (values != NULL)
        code = nc_get_var_double(reader->file, variable, values);
    if (code != NC_NOERR)
        ts_result_damaged(reader, "variable", name, nc_strerror(code));
    return values;
}

/* A dimension and its coordinate variable, which must ascend and be positive. */
static double *read_axis(ts_result_reader *reader, const char *name, int *dimension, size_t *count) {
    *count = ts_result_dimension(reader, name, TS_MAX_CELLS, dimension);
    double *values = ts_result_values(reader, name, dimension, 1);
    for (size_t at = 0; reader->status == TS_OK && at < *count; at++)
        if (!(values[at] > (at > 0 ? values[at - 1] : 0) && isfinite(values[at])))
            ts_result_damaged(reader, "axis", name, "not positive and ascending");
    return values;
}

/* Files of sweeps without theory do not have these. */
static void read_limits(ts_result_reader *reader, ts_result *result, const int dimensions[2]) {
    int variable;
    if (reader->status != TS_OK || nc_inq_varid(reader->file, "limit_agreement", &variable) != NC_NOERR)
        return;
    result->limit_agreement = ts_result_values(reader, "limit_agreement", dimensions, 2);
    result->limit_trainings = ts_result_values(reader, "limit_trainings", &dimensions[1], 1);
    result->limit_success_rate = ts_result_values(reader, "limit_success_rate", &dimensions[1], 1);
    result->limit_horizon_success_rate = ts_result_values(reader, "limit_horizon_success_rate", &dimensions[1], 1);
    if (ts_result_has(reader, "limit_slow_time"))
        result->limit_slow_time = ts_result_number(reader, "limit_slow_time");
}

static void read_grid(ts_result_reader *reader, ts_result *result) {
    int dimensions[2], bins;
    result->epsilon = read_axis(reader, "epsilon", &dimensions[0], &result->epsilon_count);
    result->neurons = read_axis(reader, "neurons", &dimensions[1], &result->neurons_count);
    if (reader->status == TS_OK && (nc_inq_dimid(reader->file, "loss_bin", &bins) != NC_NOERR ||
                                    nc_inq_dimlen(reader->file, bins, &result->bin_count) != NC_NOERR))
        ts_result_damaged(reader, "axis", "loss_bin", nc_strerror(NC_EBADDIM));
    size_t cells = result->epsilon_count * result->neurons_count;
    if (cells > TS_MAX_CELLS)
        ts_result_damaged(reader, "axis", "epsilon", "too many cells");
    result->trainings = ts_result_values(reader, "trainings", dimensions, 2);
    result->success_count = ts_result_values(reader, "success_count", dimensions, 2);
    result->diverged_count = ts_result_values(reader, "diverged_count", dimensions, 2);
    result->success_rate = ts_result_values(reader, "success_rate", dimensions, 2);
    result->success_low = ts_result_values(reader, "success_low", dimensions, 2);
    result->success_high = ts_result_values(reader, "success_high", dimensions, 2);
    result->loss_mean = ts_result_values(reader, "loss_mean", dimensions, 2);
    result->loss_median = ts_result_values(reader, "loss_median", dimensions, 2);
    result->loss_q05 = ts_result_values(reader, "loss_q05", dimensions, 2);
    result->loss_q25 = ts_result_values(reader, "loss_q25", dimensions, 2);
    result->loss_q75 = ts_result_values(reader, "loss_q75", dimensions, 2);
    result->loss_q95 = ts_result_values(reader, "loss_q95", dimensions, 2);
    read_limits(reader, result, dimensions);
}

static void read_attributes(ts_result_reader *reader, ts_result *result) {
    result->title = ts_result_string(reader, "title");
    result->configuration = ts_result_string(reader, "configuration");
    result->loss_floor = ts_result_number(reader, "loss_floor");
    result->target_variance = ts_result_number(reader, "target_variance");
    result->unexplained_variance = ts_result_number(reader, "unexplained_variance");
    result->replicates = ts_result_number(reader, "replicates");
    result->complete = ts_result_number(reader, "complete") != 0;
    char *source = ts_result_string(reader, "quantile_source");
    result->exact_quantiles = source != NULL && strcmp(source, "trainings") == 0;
    free(source);
    char trainings[64];
    snprintf(trainings, sizeof trainings, "%.0f trainings a cell", result->replicates);
    result->caption = ts_result_caption(reader, trainings);
}

ts_status ts_result_open(ts_result_reader *reader, const char *path, ts_error *error) {
    const char *shown = ts_io_shown_path(path);
    struct stat found;
    *reader = (ts_result_reader){.path = path, .error = error};
    /* Asking the system first gives its reason, and keeps netCDF from taking the name for an address on the network. */
    if (stat(path, &found) != 0)
        return ts_io_fail(error, TS_INVALID, "cannot read %s: %s", shown, strerror(errno));
    if (!S_ISREG(found.st_mode))
        return ts_io_fail(error, TS_INVALID, "cannot read %s: it is not a regular file", shown);
    int code = nc_open(path, NC_NOWRITE, &reader->file);
    if (code > 0)
        return ts_io_fail(error, TS_INVALID, "cannot read %s: %s", shown, strerror(code));
    if (code != NC_NOERR)
        return ts_io_fail(error, TS_INVALID, "%s is not a netCDF file, or damaged", shown);
    return TS_OK;
}

ts_status ts_result_read(ts_result *result, const char *path, ts_error *error) {
    ts_result_reader reader;
    *result = (ts_result){.limit_slow_time = NAN};
    ts_status status = ts_result_open(&reader, path, error);
    if (status != TS_OK)
        return status;
    free(ts_result_string(&reader, "timescape_version"));
    read_grid(&reader, result);
    read_attributes(&reader, result);
    nc_close(reader.file);
    if (reader.status != TS_OK)
        ts_result_free(result);
    return reader.status;
}

void ts_result_free(ts_result *result) {
    double *arrays[] = {result->epsilon,
                        result->neurons,
                        result->trainings,
                        result->success_count,
                        result->diverged_count,
                        result->success_rate,
                        result->success_low,
                        result->success_high,
                        result->loss_mean,
                        result->loss_median,
                        result->loss_q05,
                        result->loss_q25,
                        result->loss_q75,
                        result->loss_q95,
                        result->limit_trainings,
                        result->limit_success_rate,
                        result->limit_horizon_success_rate,
                        result->limit_agreement};
    for (size_t at = 0; at < sizeof arrays / sizeof arrays[0]; at++)
        free(arrays[at]);
    free(result->title);
    free(result->configuration);
    free(result->caption);
    *result = (ts_result){0};
}
