/* What the verbs have in common that compute for long and leave a file: arguments, and where the file goes. */
#ifndef TS_CLI_JOB_H
#define TS_CLI_JOB_H

#include "cli/cli.h"
#include "io/lock.h"
#include "io/netcdf/result.h"

typedef struct ts_cli_job {
    const char *config; /* file */
    const char *output; /* file, or NULL: named after the configuration */
    ts_assignments assignments;
    ts_run_options options;
    int devices[TS_MAX_DEVICES];
    bool quiet;
    bool helps;   /* another process writes the file */
    ts_lock lock; /* on the result */
} ts_cli_job;

/* CONFIG, --output, --set, --devices, --quiet and the options of how to run. Child of a verb's parser; its input is a
 * ts_cli_job. */
struct argp;
extern const struct argp ts_cli_job_parser;

/* Before anything is computed: can `output` be written, with what is `planned`, and which backend is it to be (as
 * ts_choose_backend)? No other run writes to `output` until ts_cli_job_end.
 * Prints what is wrong. */
ts_status ts_cli_job_prepare(ts_cli_job *job, const char *output, const ts_result_amount *planned,
                             const ts_settings *settings);
void ts_cli_job_end(ts_cli_job *job);

/* Where the result goes: as asked for, or the name of the configuration with `ending` (".nc") in the current folder.
 * The caller frees it; NULL: no memory. */
char *ts_cli_job_output(const ts_cli_job *job, const char *ending);

#define TS_PART_BYTES 32

/* Where the result of a run comes from. One part of several is not complete. `part` is room for its name, which must
 * live as long. */
ts_result_origin ts_cli_origin(const ts_config *config, const char *command, const ts_run_options *options,
                               const ts_run_report *report, bool complete, char part[TS_PART_BYTES]);

/* Say that a finished result is not at `output`, but at `written`, if that is so: something has come in its way. */
void ts_print_moved(const char *output, const char *written);

/* The command line in one string, for the history of the file. The caller frees it; NULL: no memory. */
char *ts_join_command(int argc, char **argv);

#endif
