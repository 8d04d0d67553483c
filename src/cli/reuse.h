/* --reuse FILE.nc: results that a run takes trainings from. */
#ifndef TS_CLI_REUSE_H
#define TS_CLI_REUSE_H

#include "cli/job.h"

/* --reuse, which may be repeated. Child of a verb's parser; its input is a ts_assignments, which gets the paths. */
struct argp;
extern const struct argp ts_cli_reuse_parser;

/* Put what these files have into a sweep that is to be run as the job says, and say in a line for each what that was.
 * Prints what is wrong. */
ts_status ts_cli_reuse(const ts_cli_job *job, const ts_assignments *paths, ts_sweep *sweep);

#endif
