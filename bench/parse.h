/* The command lines of the benchmarks: a table of options, each with the place where its value goes. */
#ifndef TS_BENCH_PARSE_H
#define TS_BENCH_PARSE_H

#include <argp.h>
#include <stddef.h>

#define BENCH_LIST 64 /* values of one option */

typedef struct bench_numbers {
    double value[BENCH_LIST]; /* [count] */
    size_t count;
} bench_numbers;

typedef struct bench_names {
    const char *value[BENCH_LIST]; /* [count] */
    size_t count;
} bench_names;

/* What an option stores. All but text and numbers must be whole. */
typedef enum bench_kind {
    BENCH_TEXT,          /* const char * */
    BENCH_NUMBER,        /* double */
    BENCH_INT,           /* int */
    BENCH_UINT64,        /* uint64_t */
    BENCH_SIZE,          /* size_t */
    BENCH_NAMES,         /* bench_names: texts with commas between */
    BENCH_NUMBERS,       /* bench_numbers */
    BENCH_WHOLE_NUMBERS, /* bench_numbers */
} bench_kind;

/* A row of the table; without a name it is a heading. */
typedef struct bench_option {
    const char *name, *argument, *about; /* for --help */
    bench_kind kind;
    size_t place;     /* of the value in what the options are parsed into */
    double low, high; /* allowed numbers */
} bench_option;

typedef struct bench_command {
    const char *about;
    const bench_option *options; /* [count] */
    size_t count;
    void (*check)(const struct argp_state *state, void *into); /* the values together, by argp_error; may be NULL */
} bench_command;

/* Parse a command line that has options alone. Ends the program with one sentence and TS_INVALID where something is
 * wrong. */
void bench_parse(const bench_command *command, int argc, char **argv, void *into);

#endif
