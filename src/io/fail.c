#include "io/fail.h"

#include "base/fail.h"

#include <string.h>

#define SHOWN_PATH 300 /* bytes; leaves room for the reason in ts_error.message */

ts_status ts_io_fail(ts_error *error, ts_status status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    ts_fail_list(error, status, "", format, arguments);
    va_end(arguments);
    return status;
}

const char *ts_io_shown_path(const char *path) {
    size_t length = strlen(path);
    return length > SHOWN_PATH ? path + length - SHOWN_PATH : path;
}
