/* The command line: one file per verb, and what they share. */
#ifndef TS_CLI_CLI_H
#define TS_CLI_CLI_H

#include "io/config/config.h"

#include <stdio.h>

/* A verb parses its own arguments (argv[0] is "timescape VERB") and returns the exit status. */
typedef int ts_verb(int argc, char **argv);

ts_verb ts_cli_run, ts_cli_trace, ts_cli_plot, ts_cli_boundary, ts_cli_merge, ts_cli_check, ts_cli_info;

/* What a program does before its verb; prints what is wrong. And what it does with the exit status of the verb. */
bool ts_cli_start(void);
int ts_cli_end(int status);

/* --set assignments as they come; the strings belong to argv. */
typedef struct ts_assignments {
    const char **item; /* [count] */
    size_t count;
} ts_assignments;

/* Add one; ends the program when there is no memory left. */
void ts_assignments_add(ts_assignments *assignments, const char *text);

/* A whole number from `low` to `high`, the argument of `option`; wrong usage ends the program with status 2. */
struct argp_state;
int ts_parse_whole(const struct argp_state *state, const char *option, const char *text, int low, int high);

/* The arguments of --unexplained-variance and --level: numbers above 0 and up to 1, or below it. */
double ts_parse_variance(const struct argp_state *state, const char *text);
double ts_parse_level(const struct argp_state *state, const char *text);

/* A value of a parameter, the argument of `option`. NAME=VALUE goes into at[] by the name, and a name alone is the
 * parameter of an axis. */
void ts_parse_value(const struct argp_state *state, const char *option, ts_parameter parameter, const char *text,
                    double at[TS_PARAMETER_COUNT]);
void ts_parse_at(const struct argp_state *state, const char *text, double at[TS_PARAMETER_COUNT]);
ts_parameter ts_parse_parameter(const struct argp_state *state, const char *option, const char *text);

/* How a sweep is run: --backend, --threads, --instructions, --algorithm. Child of a verb's parser; its input is a
 * ts_run_options. */
struct argp;
extern const struct argp ts_run_options_parser;

/* Replace the backend asked for by the one that this machine has for these settings; prints what is wrong with it or
 * with options that it does not have, and, if `explain` is set, why "auto" is not CUDA. */
ts_status ts_choose_backend(ts_run_options *options, const ts_settings *settings, bool explain);

/* Print "timescape: message" to standard error. */
void ts_print_error(const ts_error *error);

/* Load a configuration, or that which is in a result file, with assignments. On success *config is the caller's. */
ts_status ts_load_config(const char *path, const ts_assignments *assignments, ts_config *config, ts_error *error);

/* The same, and lay out its sweep; prints what is wrong. On success both belong to the caller. */
ts_status ts_load_sweep(const char *path, const ts_assignments *assignments, ts_config *config, ts_sweep **sweep);

/* "0.14 s", "4.1 s", "41 s", "3 min 20 s", "2 h 5 min", "12 days" */
void ts_format_duration(char *text, size_t size, double seconds);

/* Width of the terminal behind `stream`, however narrow; 80 when it is none. */
int ts_terminal_width(FILE *stream);

/* The same for a table or picture, which needs some room. */
int ts_terminal_columns(FILE *stream);

/* Has whoever read `stream` stopped reading (the other end of a pipe was closed)? */
bool ts_reader_is_gone(FILE *stream);

/* Is `stream` a terminal that wants colours? */
bool ts_terminal_colour(FILE *stream);

#endif
