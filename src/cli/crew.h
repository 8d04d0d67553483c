/* The processes that do a run together, as the command line sees them. */
#ifndef TS_CLI_CREW_H
#define TS_CLI_CREW_H

#include "campaign/together.h"

typedef struct ts_cli_crew {
    ts_team *team; /* member 0 has the files and speaks; it is left to itself in what only it does */
    ts_post post;
    void *context; /* first argument of the others */
    /* Take this process's part of its machine, and say who is there. Prints what is wrong. */
    ts_status (*take_place)(void *context, const ts_settings *settings, ts_run_options *options, bool quiet);
    /* The progress and the wish to stop are those of all. */
    void (*watch)(void *context, ts_run_options *options);
} ts_cli_crew;

/* timescape run, by a crew (NULL: alone). The exit status of member 0 is that of the run. */
int ts_cli_run_by(int argc, char **argv, const ts_cli_crew *crew);

/* As argp_parse. Of a crew all parse the same arguments, and one says what is wrong with them. */
struct argp;
void ts_crew_parse(const ts_cli_crew *crew, const struct argp *argp, int argc, char **argv, void *input);

/* Let the process that has the files do something first, and the others when that went well: what is wrong for all is
 * said once. */
ts_status ts_crew_in_turn(const ts_cli_crew *crew, ts_status (*deed)(void *context), void *context);

/* Print an error, unless another process of the crew says why. */
void ts_crew_print_error(const ts_cli_crew *crew, const ts_error *error);

/* Does this process have the files? */
static inline bool ts_has_files(const ts_cli_crew *crew) {
    return !crew || crew->team->rank == 0;
}

/* What all of a crew agree on; for one alone, the status. */
static inline ts_status ts_crew_agree(const ts_cli_crew *crew, ts_status status) {
    return ts_team_agree(crew ? crew->team : NULL, status, NULL);
}

#endif
