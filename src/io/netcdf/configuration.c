/* The configuration that a result file was made with, to be used again. */
#include "io/netcdf/reader.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* By its first bytes: those of HDF5, or of the older format of netCDF. What is no regular file is not read, since what
 * has been read from a pipe is gone. */
bool ts_result_recognise(const char *path) {
    static const char hdf5[8] = {'\x89', 'H', 'D', 'F', '\r', '\n', '\x1a', '\n'};
    char bytes[sizeof hdf5] = "";
    struct stat found;
    FILE *file = stat(path, &found) == 0 && S_ISREG(found.st_mode) ? fopen(path, "rb") : NULL;
    const size_t size = file ? fread(bytes, 1, sizeof bytes, file) : 0;
    if (file)
        (void)fclose(file);
    return (size == sizeof hdf5 && memcmp(bytes, hdf5, sizeof hdf5) == 0) || (size > 3 && memcmp(bytes, "CDF", 3) == 0);
}

ts_status ts_result_configuration(const char *path, char **text, ts_error *error) {
    ts_reader reader;
    *text = NULL;
    const ts_status status = ts_reader_open(&reader, path, error);
    if (status != TS_OK)
        return status;
    *text = ts_reader_string(&reader, "configuration");
    ts_reader_close(&reader);
    return reader.status;
}
