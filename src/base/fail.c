#include "base/fail.h"

#include <stdio.h>

ts_status ts_fail_list(ts_error *error, ts_status status, const char *key, const char *format, va_list arguments) {
    if (error) {
        snprintf(error->key, sizeof error->key, "%s", key);
        vsnprintf(error->message, sizeof error->message, format, arguments);
    }
    return status;
}

ts_status ts_fail(ts_error *error, ts_status status, const char *key, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    ts_fail_list(error, status, key, format, arguments);
    va_end(arguments);
    return status;
}
