/* The machine that the benchmark runs on. */
#ifndef TS_BENCH_MACHINE_H
#define TS_BENCH_MACHINE_H

typedef struct bench_machine {
    char processor[128]; /* as it names itself, or "unknown" */
    int cores, threads;  /* of the whole machine */
    int available;       /* threads that this process may use */
    double load;         /* processes that wanted to run in the last minute: others disturb a measurement */
} bench_machine;

bench_machine bench_machine_now(void);

#endif
