#include "io/fail.h"
#include "io/result_reader.h"

#include <errno.h>
#include <math.h>
#include <netcdf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void damaged(ts_result_reader *reader, const char *what, const char *name, const char *reason) {
    if (reader->status == TS_OK)
        reader->status = ts_io_fail(reader->error, TS_INVALID, "%s is not a result of timescape, or damaged: %s %s: %s",
                                    ts_io_shown_path(reader->path), what, name, reason);
}

static void no_memory(ts_result_reader *reader) {
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
        damaged(reader, "attribute", name, nc_strerror(code));
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
        damaged(reader, "attribute", name, nc_strerror(code));
    return value;
}

uint64_t ts_result_count(ts_result_reader *reader, const char *name) {
    unsigned long long value = 0;
    size_t length = attribute_length(reader, name, false);
    int code = length == 1 ? nc_get_att_ulonglong(reader->file, NC_GLOBAL, name, &value) : NC_EBADTYPE;
    if (code != NC_NOERR)
        damaged(reader, "attribute", name, nc_strerror(code));
    return value;
}

size_t ts_result_numbers(ts_result_reader *reader, const char *name, double *values, size_t room) {
    if (!ts_result_has(reader, name))
        return 0;
    size_t length = attribute_length(reader, name, false);
    int code = length <= room ? nc_get_att_double(reader->file, NC_GLOBAL, name, values) : NC_EBADTYPE;
    if (code != NC_NOERR)
        damaged(reader, "attribute", name, nc_strerror(code));
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
        no_memory(reader);
    if (code != NC_NOERR)
        damaged(reader, "attribute", name, nc_strerror(code));
    return text;
}

/* A dimension and its coordinate variable, which must ascend and be positive. */
static double *read_axis(ts_result_reader *reader, const char *name, int *dimension, size_t *count) {
    int variable, dimension_count = 0, over = -1;
    if (reader->status != TS_OK)
        return NULL;
    int code = nc_inq_dimid(reader->file, name, dimension);
    if (code == NC_NOERR)
        code = nc_inq_dimlen(reader->file, *dimension, count);
    if (code == NC_NOERR)
        code = nc_inq_varid(reader->file, name, &variable);
    if (code == NC_NOERR)
        code = nc_inq_varndims(reader->file, variable, &dimension_count);
    if (code == NC_NOERR && dimension_count == 1)
        code = nc_inq_vardimid(reader->file, variable, &over);
    if (code == NC_NOERR && (over != *dimension || *count == 0 || *count > TS_MAX_CELLS))
        code = NC_EDIMSIZE;
    double *values = code == NC_NOERR ? malloc(*count * sizeof *values) : NULL;
    if (code == NC_NOERR && values == NULL)
        no_memory(reader);
    if (values != NULL)
        code = nc_get_var_double(reader->file, variable, values);
    if (code != NC_NOERR)
        damaged(reader, "axis", name, nc_strerror(code));
    for (size_t at = 0; reader->status == TS_OK && at < *count; at++)
        if (!(values[at] > (at > 0 ? values[at - 1] : 0) && isfinite(values[at])))
            damaged(reader, "axis", name, "not positive and ascending");
    return values;
}

/* A variable over `dimensions` (epsilon, neurons) as doubles [cells]. */
static double *read_cells(ts_result_reader *reader, const char *name, const int dimensions[2], size_t cells) {
    int variable, dimension_count = 0, over[2] = {-1, -1};
    if (reader->status != TS_OK)
        return NULL;
    int code = nc_inq_varid(reader->file, name, &variable);
    if (code == NC_NOERR)
        code = nc_inq_varndims(reader->file, variable, &dimension_count);
    if (code == NC_NOERR && dimension_count == 2)
        code = nc_inq_vardimid(reader->file, variable, over);
    if (code == NC_NOERR && (over[0] != dimensions[0] || over[1] != dimensions[1]))
        code = NC_EDIMSIZE;
    double *values = code == NC_NOERR ? malloc(cells * sizeof *values) : NULL;
    if (code == NC_NOERR && values == NULL)
        no_memory(reader);
    if (values != NULL)
        code = nc_get_var_double(reader->file, variable, values);
    if (code != NC_NOERR)
        damaged(reader, "variable", name, nc_strerror(code));
    return values;
}

static void read_grid(ts_result_reader *reader, ts_result *result) {
    int dimensions[2], bins;
    result->epsilon = read_axis(reader, "epsilon", &dimensions[0], &result->epsilon_count);
    result->neurons = read_axis(reader, "neurons", &dimensions[1], &result->neurons_count);
    if (reader->status == TS_OK && (nc_inq_dimid(reader->file, "loss_bin", &bins) != NC_NOERR ||
                                    nc_inq_dimlen(reader->file, bins, &result->bin_count) != NC_NOERR))
        damaged(reader, "axis", "loss_bin", nc_strerror(NC_EBADDIM));
    size_t cells = result->epsilon_count * result->neurons_count;
    if (cells > TS_MAX_CELLS)
        damaged(reader, "axis", "epsilon", "too many cells");
    result->trainings = read_cells(reader, "trainings", dimensions, cells);
    result->success_count = read_cells(reader, "success_count", dimensions, cells);
    result->diverged_count = read_cells(reader, "diverged_count", dimensions, cells);
    result->success_rate = read_cells(reader, "success_rate", dimensions, cells);
    result->success_low = read_cells(reader, "success_low", dimensions, cells);
    result->success_high = read_cells(reader, "success_high", dimensions, cells);
    result->loss_mean = read_cells(reader, "loss_mean", dimensions, cells);
    result->loss_median = read_cells(reader, "loss_median", dimensions, cells);
    result->loss_q05 = read_cells(reader, "loss_q05", dimensions, cells);
    result->loss_q25 = read_cells(reader, "loss_q25", dimensions, cells);
    result->loss_q75 = read_cells(reader, "loss_q75", dimensions, cells);
    result->loss_q95 = read_cells(reader, "loss_q95", dimensions, cells);
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
    result->caption = ts_result_caption(reader);
}

ts_status ts_result_read(ts_result *result, const char *path, ts_error *error) {
    ts_result_reader reader = {.path = path, .error = error};
    const char *shown = ts_io_shown_path(path);
    struct stat found;
    *result = (ts_result){0};
    /* Asking the system first gives its reason, and keeps netCDF from taking the name for an address on the network. */
    if (stat(path, &found) != 0)
        return ts_io_fail(error, TS_INVALID, "cannot read %s: %s", shown, strerror(errno));
    if (!S_ISREG(found.st_mode))
        return ts_io_fail(error, TS_INVALID, "cannot read %s: it is not a regular file", shown);
    int code = nc_open(path, NC_NOWRITE, &reader.file);
    if (code > 0)
        return ts_io_fail(error, TS_INVALID, "cannot read %s: %s", shown, strerror(code));
    if (code != NC_NOERR)
        return ts_io_fail(error, TS_INVALID, "%s is not a netCDF file, or damaged", shown);

    free(ts_result_string(&reader, "timescape_version"));
    read_grid(&reader, result);
    read_attributes(&reader, result);
    nc_close(reader.file);
    if (reader.status != TS_OK)
        ts_result_free(result);
    return reader.status;
}

void ts_result_free(ts_result *result) {
    double *arrays[] = {result->epsilon,        result->neurons,      result->trainings,   result->success_count,
                        result->diverged_count, result->success_rate, result->success_low, result->success_high,
                        result->loss_mean,      result->loss_median,  result->loss_q05,    result->loss_q25,
                        result->loss_q75,       result->loss_q95};
    for (size_t at = 0; at < sizeof arrays / sizeof arrays[0]; at++)
        free(arrays[at]);
    free(result->title);
    free(result->configuration);
    free(result->caption);
    *result = (ts_result){0};
}
