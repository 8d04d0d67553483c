/* The parts of timescape_throughput: options in, rows measured, tables out. */
#ifndef TS_BENCH_THROUGHPUT_H
#define TS_BENCH_THROUGHPUT_H

#include "clock.h"
#include "counters.h"
#include "device.h"
#include "parse.h"

#include <stdio.h>
#include <string.h>
#include <timescape.h>

#define BENCH_REPEATS 99 /* measurements of one row */

/* A row is measured for every combination of the values of the lists. */
typedef struct bench_options {
    const char *backend;
    bench_names instructions, algorithm;
    bench_numbers threads;    /* 0: one for each processor */
    bench_numbers replicates; /* of each cell; 0: enough to fill the vectors of every thread, or the GPU */
    bench_numbers lane_group; /* 0: chosen by the backend */
    bench_numbers cells, epsilon, eta, neurons;
    double h, noise;
    uint64_t seed;
    int device;             /* of the backend cuda */
    uint64_t steps;         /* 0: from slow_time, or so that one repeat takes `wanted_seconds` */
    double slow_time;       /* horizon; 0: not given */
    double wanted_seconds;  /* 0: half a second, 2 on a GPU, which is driven in parts of a quarter */
    int repeat;             /* 1 .. BENCH_REPEATS */
    const char *counts;     /* file of instruction counts, or NULL */
    const char *json, *csv; /* files, "-" for standard output, or NULL */
    const char *states;     /* file for final states instead of measurements, or NULL */
} bench_options;

typedef struct bench_row {
    const char *backend, *instructions; /* as asked for; "auto" becomes the one that was used */
    const char *algorithm;
    int threads, lane_group;
    uint64_t replicates, steps;
    size_t cells;
    double epsilon, eta;
    uint32_t neurons;

    double training_steps;                 /* of one repeat, without the single steps below */
    double seconds[BENCH_REPEATS];         /* [repeat] wall time: starts, steps and losses */
    double step_seconds[BENCH_REPEATS];    /* [repeat] the same less that of trainings of a single step: steps alone */
    double busy[BENCH_REPEATS];            /* [repeat] part of the time that the threads worked, on average */
    bench_rate rate[BENCH_REPEATS];        /* [repeat] of the processor, just before; of a GPU, meanwhile */
    bench_counts counted[BENCH_REPEATS];   /* [repeat] as `step_seconds`; NaN on a GPU */
    double instructions_per_training_step; /* by counter, else from the file of counts, else NaN */
    double joules[BENCH_REPEATS];          /* [repeat] of the GPU's whole board, over `seconds`; NaN where unknown */
    double neuron_steps;                   /* of one repeat, those that took `seconds` and `joules` */
} bench_row;

/* Parse the command line; ends the program with one sentence and status 2 when it is wrong. */
void bench_options_parse(bench_options *options, int argc, char **argv);

/* What counts and looks while a row runs. */
typedef struct bench_instruments {
    bench_counters counters;
    bench_device device; /* its index is -1 where the processor is measured */
} bench_instruments;

/* What a run of the benchmark found. */
typedef struct bench_result {
    const bench_options *options;
    const bench_device *device; /* as in bench_instruments */
    const char *uncounted;      /* why the processor's counters cannot be read, or "" */
    bench_row *rows;            /* [count] */
    size_t count;
} bench_result;

/* Choose what was left open in the row, and find out whether it can run. */
ts_status bench_prepare(const bench_options *options, bench_row *row, const bench_instruments *instruments,
                        ts_error *error);

/* Measure the row once more: fills what it has of this repeat. */
ts_status bench_measure(const bench_options *options, bench_row *row, const bench_instruments *instruments, int repeat,
                        ts_error *error);

/* Train the row once, for its steps, and write the final state of each training as a line of numbers, "nan" where it
 * diverged: loss, bias, positions [m], weights [m]. */
ts_status bench_write_states(const bench_options *options, const bench_row *row, FILE *stream, ts_error *error);

/* Instructions of a training step of the row from a file of counts; NaN where it has none.
 * Of the backend cpu: lines "instructions algorithm m eta count ..." of tools/instruction-count.sh, for a training
 * step. Of the backend cuda: lines "m count ...", lane instructions of a neuron step (those of a warp x 32 / its neuron
 * steps). Other lines say nothing. */
double bench_look_up_instructions(FILE *counts, const bench_row *row);

void bench_print_text(FILE *stream, const bench_result *result);
void bench_print_csv(FILE *stream, const bench_result *result);
void bench_print_json(FILE *stream, const bench_result *result);

/* Median of value [count], at most BENCH_REPEATS; NaN when one is. */
double bench_median(const double *value, int count);

static inline bool bench_on_gpu(const bench_row *row) {
    return strcmp(row->backend, "cuda") == 0;
}

#endif
