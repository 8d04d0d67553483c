/* Large files; and files with wrong bytes in them, on some of which libnetcdf crashes: what is read is a result or a
 * sentence. */
#include "io/files.h"
#include "io/netcdf/reader.h"
#include "io/netcdf/recording.h"

#include <netcdf.h>

static uint64_t first_seed = 0, last_seed = 150;
static const double one_epsilon = 0.1;
static const uint32_t one_count = 9;

static char *read_bytes(const char *path, size_t *size) {
    struct stat found;
    assert_int_equal(stat(path, &found), 0);
    *size = (size_t)found.st_size;
    char *bytes = malloc(*size);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fread(bytes, 1, *size, file), *size);
    fclose(file);
    return bytes;
}

static void write_bytes(const char *path, const char *bytes, size_t size) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

static size_t below(test_random *random, size_t end) {
    return (size_t)(random_word(random) >> 11) % end;
}

/* Change one to eight bytes, half of the time some next to each other; every eighth file is cut, too. */
static void damage(char *bytes, size_t *size, test_random *random) {
    const size_t changes = 1 + below(random, 8);
    const bool together = below(random, 2) == 0;
    size_t at = below(random, *size);
    for (size_t k = 0; k < changes; k++) {
        bytes[at] = (char)below(random, 256);
        at = together ? (at + 1) % *size : below(random, *size);
    }
    if (below(random, 8) == 0)
        *size = 1 + below(random, *size);
}

static void assert_sentence(ts_status status, const ts_error *error) {
    if (status == TS_OK)
        return;
    assert_true(status == TS_INVALID || status == TS_FAILED);
    assert_in_range(strlen(error->message), 10, sizeof error->message - 1);
    assert_null(strchr(error->message, '\n'));
}

static void read_any(const char *path) {
    ts_error error = {0};
    bool is_trace = false;
    ts_status status = ts_recording_recognise(path, &is_trace, &error);
    if (status == TS_OK && is_trace) {
        ts_recording trace;
        status = ts_recording_read(&trace, path, &error);
        ts_recording_free(&trace);
    } else if (status == TS_OK) {
        ts_result result;
        status = ts_result_read(&result, path, &error);
        ts_result_free(&result);
    }
    assert_sentence(status, &error);
}

/* Files `first` to `last` - 1 that are made of the one at `path`. */
static void read_damaged(test_folder *folder, const char *path, uint64_t first, uint64_t last) {
    size_t size;
    char *good = read_bytes(path, &size);
    char *bytes = malloc(size);
    for (uint64_t seed = first; seed < last; seed++) {
        test_random random = {(seed + 1) * UINT64_C(0x9e3779b97f4a7c15)};
        size_t length = size;
        memcpy(bytes, good, size);
        damage(bytes, &length, &random);
        write_bytes(path_in(folder, "damaged.nc"), bytes, length);
        read_any(path_in(folder, "damaged.nc"));
    }
    free(bytes);
    free(good);
}

static void damaged_results_are_read_or_refused(void **state) {
    char path[160];
    snprintf(path, sizeof path, "%s", path_in(*state, "good.nc"));
    ts_sweep *sweep = small_sweep_with_theory();
    write_result(path, sweep);
    ts_sweep_destroy(sweep);
    read_damaged(*state, path, first_seed, last_seed);
}

static void damaged_traces_are_read_or_refused(void **state) {
    char path[160];
    const uint32_t replicates[] = {0, 3};
    ts_settings settings = small_settings(false);
    const ts_trace_options options = {.replicate = replicates, .count = 2, .times = 6};
    ts_trace *trace = NULL;
    snprintf(path, sizeof path, "%s", path_in(*state, "good.nc"));
    set_axes(&settings, &one_epsilon, 1, &(double){one_count}, 1);
    assert_int_equal(ts_trace_create(&trace, &settings, &options, NULL), TS_OK);
    assert_int_equal(ts_trace_run(trace, NULL, NULL, NULL), TS_OK);
    assert_int_equal(ts_recording_write(path, trace, &small_origin, NULL, NULL), TS_OK);
    ts_trace_destroy(trace);
    read_damaged(*state, path, first_seed, last_seed);
}

/* Larger than what the process that reads sends at a time, and cut within the second dimension. */
static void large_variables_come_in_pieces(void **state) {
    enum { ROWS = 2, COLUMNS = 5, WIDTH = 1000003 };
    static const size_t lengths[3] = {ROWS, COLUMNS, WIDTH}, size = (size_t)ROWS * COLUMNS * WIDTH;
    static const char *const names[3] = {"a", "b", "c"};
    const char *path = path_in(*state, "large.nc");
    int file, variable, dimensions[3], code = nc_create(path, NC_NETCDF4, &file);
    signed char *bytes = malloc(size);
    for (size_t at = 0; at < size; at++)
        bytes[at] = (signed char)(at % 113);
    for (int d = 0; d < 3; d++)
        code |= nc_def_dim(file, names[d], lengths[d], &dimensions[d]);
    code |= nc_def_var(file, "values", NC_BYTE, 3, dimensions, &variable);
    code |= nc_put_var_schar(file, variable, bytes);
    assert_int_equal(code | nc_close(file), NC_NOERR);
    ts_reader reader;
    ts_error error = {0};
    int over[3];
    assert_int_equal(ts_reader_open(&reader, path, &error), TS_OK);
    for (size_t d = 0; d < 3; d++)
        assert_int_equal(ts_reader_dimension(&reader, names[d], SIZE_MAX, &over[d]), lengths[d]);
    double *values = ts_reader_values(&reader, "values", over, 3);
    assert_non_null(values);
    size_t wrong = 0;
    for (size_t at = 0; at < size; at++)
        wrong += values[at] != bytes[at];
    assert_int_equal(wrong, 0);
    ts_reader_close(&reader);
    free(values);
    free(bytes);
}

/* Whole numbers of 64 bits, of which a double does not have all digits, from the middle of a variable. */
static void parts_are_read_to_the_last_digit(void **state) {
    enum { ROWS = 4, COLUMNS = 6 };
    const char *path = path_in(*state, "parts.nc");
    int file, variable, dimensions[2], code = nc_create(path, NC_NETCDF4, &file);
    long long values[ROWS * COLUMNS];
    for (int at = 0; at < ROWS * COLUMNS; at++)
        values[at] = (INT64_C(1) << 61) * (at % 2 == 0 ? 1 : -1) + at;
    code |= nc_def_dim(file, "a", ROWS, &dimensions[0]) | nc_def_dim(file, "b", COLUMNS, &dimensions[1]);
    code |= nc_def_var(file, "values", NC_INT64, 2, dimensions, &variable);
    code |= nc_put_var_longlong(file, variable, values);
    assert_int_equal(code | nc_close(file), NC_NOERR);
    ts_reader reader;
    ts_error error = {0};
    int over[2];
    assert_int_equal(ts_reader_open(&reader, path, &error), TS_OK);
    assert_int_equal(ts_reader_dimension(&reader, "a", SIZE_MAX, &over[0]), ROWS);
    assert_int_equal(ts_reader_dimension(&reader, "b", SIZE_MAX, &over[1]), COLUMNS);
    int64_t *all = ts_reader_whole(&reader, "values", over, 2), some[2 * 3];
    assert_non_null(all);
    assert_memory_equal(all, values, sizeof values);
    const ts_reader_part part = {"values", over, (const size_t[]){1, 3}, (const size_t[]){2, 3}, 2};
    assert_true(ts_reader_part_whole(&reader, &part, some));
    for (int at = 0; at < 6; at++)
        assert_true(some[at] == values[(1 + at / 3) * COLUMNS + 3 + at % 3]);
    const ts_reader_part behind = {"values", over, (const size_t[]){3, 3}, (const size_t[]){2, 3}, 2};
    assert_false(ts_reader_part_whole(&reader, &behind, some));
    assert_int_equal(reader.status, TS_INVALID);
    ts_reader_close(&reader);
    free(all);
}

/* With two numbers: other files than those of every day, for a long search. */
int main(int argument_count, char **arguments) {
    if (argument_count == 3) {
        first_seed = strtoull(arguments[1], NULL, 10);
        last_seed = strtoull(arguments[2], NULL, 10);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(large_variables_come_in_pieces, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(parts_are_read_to_the_last_digit, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(damaged_results_are_read_or_refused, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(damaged_traces_are_read_or_refused, folder_create, folder_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
