/* What the repeats of a row come to, as columns: one list of them for people, for CSV and for JSON. */
#ifndef TS_BENCH_SUMMARY_H
#define TS_BENCH_SUMMARY_H

#include "throughput.h"

typedef struct bench_summary {
    const bench_row *row;
    double seconds, step_seconds; /* medians */
    double least_step_seconds, most_step_seconds;
    double busy;
    double clock, simple; /* the greatest rates that were measured */
    double instructions;  /* of a neuron step */
    double cycles;        /* of a neuron step */
    double joules;        /* of the GPU's board, a repeat */
} bench_summary;

bench_summary bench_summarise(const bench_result *result, const bench_row *row);

/* In which of the two tables for people a column stands. */
typedef enum bench_table { BENCH_NO_TABLE = 0, BENCH_PROCESSOR = 1, BENCH_GPU = 2, BENCH_BOTH = 3 } bench_table;

typedef struct bench_column {
    const char *key;
    bench_table table;
    const char *heading[2];                 /* two lines, in the tables for people */
    int digits;                             /* significant ones */
    double (*value)(const bench_summary *); /* not finite where unknown */
} bench_column;

/* All columns; [*count]. Their order is that of a CSV file: new ones come last. */
const bench_column *bench_columns(size_t *count);

/* Simple instructions in a cycle of one thread; of a GPU, of all lanes. */
double bench_width(const bench_summary *summary);

#endif
