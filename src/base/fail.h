/* How a call explains its failure: the one place that fills a ts_error. */
#ifndef TS_BASE_FAIL_H
#define TS_BASE_FAIL_H

#include <stdarg.h>
#include <timescape.h>

/* Put the configuration key at fault ("network.eta", or "" for none) and one formatted sentence into *error (NULL is
 * allowed), and return `status`. */
__attribute__((format(printf, 4, 5))) ts_status ts_fail(ts_error *error, ts_status status, const char *key,
                                                        const char *format, ...);

/* The same for functions that have a list of arguments themselves. */
__attribute__((format(printf, 4, 0))) ts_status ts_fail_list(ts_error *error, ts_status status, const char *key,
                                                             const char *format, va_list arguments);

#endif
