/* The processor's own counters of instructions and cycles, where the kernel lets them be read. */
#ifndef TS_BENCH_COUNTERS_H
#define TS_BENCH_COUNTERS_H

#include <stddef.h>

typedef struct bench_counts {
    double instructions, cycles; /* of this process in user mode, all threads; NaN where unknown */
} bench_counts;

typedef struct bench_counters {
    int instructions, cycles; /* file descriptors, -1: not counted */
} bench_counters;

/* Count from here on, in this thread and in those that it starts later. `why` gets one sentence when that fails, else
 * it becomes empty. */
bench_counters bench_counters_open(char *why, size_t size);
bench_counts bench_counters_read(const bench_counters *counters);
void bench_counters_close(bench_counters *counters);

#endif
