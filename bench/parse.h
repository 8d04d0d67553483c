/* Numbers on the command lines of the benchmarks. */
#ifndef TS_BENCH_PARSE_H
#define TS_BENCH_PARSE_H

#include <argp.h>
#include <stdbool.h>

/* The number that `text` is; ends the program through argp_error where it is none, or not one from `low` to `high`. */
double bench_parse_number(const struct argp_state *state, const char *option, const char *text, double low, double high,
                          bool whole);

/* Parse a command line that has options alone, into what `parse_option` takes for its input. Ends the program with
 * TS_INVALID where something is wrong. */
void bench_parse(const char *about, const struct argp_option *entries, argp_parser_t parse_option, int argc,
                 char **argv, void *input);

#endif
