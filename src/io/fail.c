#include "io/fail.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define SHOWN_PATH 300 /* bytes; leaves room for the reason in ts_error.message */

ts_status ts_io_fail(ts_error *error, ts_status status, const char *format, ...) {
    if (error) {
        va_list arguments;
        va_start(arguments, format);
        error->key[0] = '\0';
        vsnprintf(error->message, sizeof error->message, format, arguments);
        va_end(arguments);
    }
    return status;
}

const char *ts_io_shown_path(const char *path) {
    size_t length = strlen(path);
    return length > SHOWN_PATH ? path + length - SHOWN_PATH : path;
}
