/* How long a sweep would take on this machine, from a short measurement. */
#ifndef TS_CLI_SPEED_H
#define TS_CLI_SPEED_H

#include <timescape.h>

typedef struct ts_speed {
    double seconds;           /* of the whole sweep; NaN when it could not be measured */
    const char *instructions; /* that would be used; "" where the backend has none (static string) */
    int threads;
    char device[160]; /* of the backend cuda; "" for the others */
} ts_speed;

/* Takes a second or two. Errors: TS_INVALID (options), TS_FAILED (memory). */
ts_status ts_measure_speed(ts_speed *speed, const ts_settings *settings, const ts_run_options *options,
                           ts_error *error);

#endif
