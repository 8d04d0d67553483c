/* How fast the processor is while the benchmark runs: measured, since no table of processors knows it. */
#ifndef TS_BENCH_CLOCK_H
#define TS_BENCH_CLOCK_H

typedef struct bench_rate {
    double clock;  /* cycles per second: a chain of dependent additions takes one each. Mean over the threads */
    double simple; /* simple instructions per second, all threads together: independent additions, half of them
                    * scalar and half of them of vectors. No program issues instructions faster */
} bench_rate;

/* Keeps `threads` threads busy for about 2 ms. NaN on a processor for which the instructions are not written here. */
bench_rate bench_measure_rate(int threads);

#endif
