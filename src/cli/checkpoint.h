/* The checkpoint of timescape run: what is there when it begins, what is kept meanwhile, and what becomes of it. */
#ifndef TS_CLI_CHECKPOINT_H
#define TS_CLI_CHECKPOINT_H

#include "campaign/keeper.h"
#include "cli/crew.h"
#include "cli/job.h"

#define TS_CHECKPOINT_EVERY 30.0 /* seconds, unless the user has another wish */

typedef struct ts_cli_checkpoint {
    double every; /* seconds */
    bool fresh;   /* one that is there is discarded */
    bool quiet;
    const ts_cli_crew *crew; /* NULL: this process is alone */
    ts_store *store;         /* of the process that has the files */
    ts_keeper *keeper;
} ts_cli_checkpoint;

/* Go on from the checkpoint of the result `output`, if there is one, and say so. `every`, `fresh` and `crew` are set;
 * the rest is freed by ts_cli_checkpoint_close, in any case. Prints what is wrong. */
ts_status ts_cli_checkpoint_open(ts_cli_checkpoint *checkpoint, const ts_cli_job *job, ts_sweep *sweep,
                                 const char *configuration, const char *output);
void ts_cli_checkpoint_close(ts_cli_checkpoint *checkpoint);

/* Keep what there is of the sweep, which does not run. Prints what is wrong. */
ts_status ts_cli_checkpoint_save(const ts_cli_checkpoint *checkpoint);

/* Is there one? */
bool ts_cli_checkpoint_is_there(const ts_cli_checkpoint *checkpoint);

/* The result is written: it is needed no more. */
void ts_cli_checkpoint_remove(const ts_cli_checkpoint *checkpoint);

#endif
