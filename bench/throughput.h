/* The parts of timescape_throughput: options in, rows measured, tables out. */
#ifndef TS_BENCH_THROUGHPUT_H
#define TS_BENCH_THROUGHPUT_H

#include "clock.h"
#include "counters.h"

#include <stdio.h>
#include <timescape.h>

#define BENCH_LIST 64    /* values of one option */
#define BENCH_REPEATS 99 /* measurements of one row */

typedef struct bench_numbers {
    double value[BENCH_LIST]; /* [count] */
    size_t count;
} bench_numbers;

typedef struct bench_names {
    const char *value[BENCH_LIST]; /* [count] */
    size_t count;
} bench_names;

/* A row is measured for every combination of the values of the lists. */
typedef struct bench_options {
    const char *backend;
    bench_names instructions, algorithm;
    bench_numbers threads;    /* 0: one for each processor */
    bench_numbers replicates; /* of each cell; 0: enough for the vectors of every thread */
    bench_numbers cells, epsilon, eta, neurons;
    double h;
    uint64_t steps;         /* 0: from slow_time, or so that one repeat takes about half a second */
    double slow_time;       /* horizon; 0: not given */
    int repeat;             /* 1 .. BENCH_REPEATS */
    const char *counts;     /* file of instruction counts, or NULL */
    const char *json, *csv; /* files, "-" for standard output, or NULL */
} bench_options;

typedef struct bench_row {
    const char *backend, *instructions; /* as asked for; "auto" becomes the one that was used */
    const char *algorithm;
    int threads;
    uint64_t replicates, steps;
    size_t cells;
    double epsilon, eta;
    uint32_t neurons;

    double training_steps;                 /* of one repeat, without the single steps below */
    double seconds[BENCH_REPEATS];         /* [repeat] wall time: starts, steps and losses */
    double step_seconds[BENCH_REPEATS];    /* [repeat] the same less that of trainings of a single step: steps alone */
    double busy[BENCH_REPEATS];            /* [repeat] part of the time that the threads worked, on average */
    bench_rate rate[BENCH_REPEATS];        /* [repeat] of the processor, just before */
    bench_counts counted[BENCH_REPEATS];   /* [repeat] as `step_seconds` */
    double instructions_per_training_step; /* by counter, else from the file of counts, else NaN */
} bench_row;

/* Parse the command line; ends the program with one sentence and status 2 when it is wrong. */
void bench_parse(bench_options *options, int argc, char **argv);

/* What a run of the benchmark found. */
typedef struct bench_result {
    const bench_options *options;
    const char *uncounted; /* why the processor's counters cannot be read, or "" */
    bench_row *rows;       /* [count] */
    size_t count;
} bench_result;

void bench_print_text(FILE *stream, const bench_result *result);
void bench_print_csv(FILE *stream, const bench_result *result);
void bench_print_json(FILE *stream, const bench_result *result);

/* Median of value [count]; NaN when one is. */
double bench_median(const double *value, int count);

#endif
