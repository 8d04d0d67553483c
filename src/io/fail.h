/* How the functions of this folder explain a failure. */
#ifndef TS_IO_FAIL_H
#define TS_IO_FAIL_H

#include <timescape.h>

/* Put one formatted sentence into *error (NULL is allowed), without a key, and return `status`. */
__attribute__((format(printf, 3, 4))) ts_status ts_io_fail(ts_error *error, ts_status status, const char *format, ...);

/* `path` as it stands in a message: its last part where it is so long that the reason behind it would be cut off. */
const char *ts_io_shown_path(const char *path);

#endif
