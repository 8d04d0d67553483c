/* Two result files that must hold the same: every dimension and every variable, byte by byte. */
#ifndef TS_TESTS_CAMPAIGN_SAME_FILES_H
#define TS_TESTS_CAMPAIGN_SAME_FILES_H

#include "io/files.h"

#include <netcdf.h>

static inline void check_nc(int code) {
    if (code != NC_NOERR)
        fail_msg("%s", nc_strerror(code));
}

static inline void assert_same_dimensions(int a, int b, const char *name_a, const char *name_b) {
    int count_a, count_b;
    check_nc(nc_inq_ndims(a, &count_a));
    check_nc(nc_inq_ndims(b, &count_b));
    assert_int_equal(count_a, count_b);
    for (int d = 0; d < count_a; d++) {
        char name[NC_MAX_NAME + 1];
        size_t length_a, length_b;
        int other;
        check_nc(nc_inq_dim(a, d, name, &length_a));
        check_nc(nc_inq_dimid(b, name, &other));
        check_nc(nc_inq_dimlen(b, other, &length_b));
        if (length_a != length_b)
            fail_msg("%s: %zu in %s, %zu in %s", name, length_a, name_a, length_b, name_b);
    }
}

/* All values of a variable, and how many bytes they are. */
static inline char *variable_bytes(int file, int variable, size_t *bytes) {
    int count, dimensions[NC_MAX_VAR_DIMS];
    nc_type type;
    check_nc(nc_inq_var(file, variable, NULL, &type, &count, dimensions, NULL));
    check_nc(nc_inq_type(file, type, NULL, bytes));
    for (int d = 0; d < count; d++) {
        size_t length;
        check_nc(nc_inq_dimlen(file, dimensions[d], &length));
        *bytes *= length;
    }
    char *values = malloc(*bytes);
    assert_non_null(values);
    check_nc(nc_get_var(file, variable, values));
    return values;
}

/* Names of the files are for messages. */
static inline void assert_same_files(const char *name_a, const char *name_b) {
    int a, b, count_a, count_b;
    check_nc(nc_open(name_a, NC_NOWRITE, &a));
    check_nc(nc_open(name_b, NC_NOWRITE, &b));
    assert_same_dimensions(a, b, name_a, name_b);
    check_nc(nc_inq_nvars(a, &count_a));
    check_nc(nc_inq_nvars(b, &count_b));
    assert_int_equal(count_a, count_b);
    for (int variable = 0; variable < count_a; variable++) {
        char name[NC_MAX_NAME + 1];
        int other;
        size_t bytes_a, bytes_b;
        check_nc(nc_inq_varname(a, variable, name));
        check_nc(nc_inq_varid(b, name, &other));
        char *values_a = variable_bytes(a, variable, &bytes_a), *values_b = variable_bytes(b, other, &bytes_b);
        if (bytes_a != bytes_b || memcmp(values_a, values_b, bytes_a) != 0)
            fail_msg("%s is not the same in %s and %s", name, name_a, name_b);
        free(values_a);
        free(values_b);
    }
    check_nc(nc_close(a));
    check_nc(nc_close(b));
}

#endif
