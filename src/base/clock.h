/* The clocks of this machine, in seconds. */
#ifndef TS_BASE_CLOCK_H
#define TS_BASE_CLOCK_H

#include <time.h>

static inline double ts_seconds_of(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Of the clock that nobody sets: differences count, not the value. May be called by the handler of a signal. */
static inline double ts_seconds_now(void) {
    return ts_seconds_of(CLOCK_MONOTONIC);
}

#endif
