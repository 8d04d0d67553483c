/* What a ts_sweep is made of. */
#ifndef TS_SWEEP_SWEEP_H
#define TS_SWEEP_SWEEP_H

#include "backend/backend.h"
#include "sweep/limits.h"
#include "sweep/observations.h"
#include "sweep/team.h"

struct ts_sweep {
    ts_settings settings; /* whose axes lie in `values`, and whose times in `observations` */
    double *values;       /* of all axes, one after the other */
    ts_cell *cells;       /* [cell_count] in the order of model/grid.h */
    size_t cell_count;
    ts_observations observations;
    /* What there is of it: finished trainings, by cell in the order of `cells`, with the sums over just these; their
     * limits; and others that are on their way. Empty before ts_sweep_prepare. A run does what is missing. */
    ts_results results;
    ts_limits limits;
    ts_underway underway;     /* settled, where the next run goes on */
    ts_underway reached;      /* where trainings have got to since the run began, which fills it from its threads */
    ts_arithmetic arithmetic; /* of the trainings that there are */
    double *busy_seconds;     /* [threads] of its last run; NULL before */
    ts_team *team;            /* others that run it, too; NULL: none */
};

/* Make room for what there will be of it, if that has not been done. Errors: TS_FAILED (memory). */
ts_status ts_sweep_prepare(ts_sweep *sweep, ts_error *error);

/* Is any training of it finished or on its way? */
bool ts_sweep_has_begun(const ts_sweep *sweep);

/* A training that another member of the team has finished: it is in none of the sums here. There are no such marks
 * without a team, nor on member 0 after ts_sweep_unite. */
#define TS_MARK_ELSEWHERE 128

/* All members of the team (if there is one) get to know which trainings any of them has, and how these ended. */
void ts_sweep_share(ts_sweep *sweep);

/* After a run by a team: what its members have comes to member 0, and the others have none of it. Where trainings stand
 * that are on their way is not among it. Nobody else looks at the sweep meanwhile. Errors: TS_FAILED (memory), on all
 * of them. */
ts_status ts_sweep_unite(ts_sweep *sweep, ts_error *error);

/* After trainings or limits have come to it by other means than a run: sums that follow from them. */
void ts_sweep_settle(ts_sweep *sweep);

/* How much a part of a sweep is (ts_run_options), and what of it is there, as a run would report before it does
 * anything. False: no memory. */
bool ts_sweep_progress(const ts_sweep *sweep, uint32_t part, uint32_t parts, ts_progress *progress);

/* The plan that runs all trainings of a sweep. */
ts_plan ts_sweep_plan(const ts_sweep *sweep);

/* Memory for what a run leaves; freed by ts_results_free. With `whole_trainings` it keeps the final states of the
 * trainings, those that every cell has, and where the settings ask for it all that their next steps would depend on. */
ts_status ts_results_create(ts_results *results, const ts_sweep *sweep, bool whole_trainings, ts_error *error);

/* Make room for the final states of the first count[cell_count] rows of each cell, where trainings or their states are
 * kept. */
ts_status ts_results_grow(ts_results *results, const ts_sweep *sweep, const uint32_t *count, ts_error *error);
void ts_results_free(ts_results *results, size_t cell_count);

/* Room for the states of `rows` trainings of so many neurons, no less than there was; new ones are 0. False: no memory.
 */
bool ts_state_grow(ts_state *state, size_t rows, size_t neurons);
void ts_state_free(ts_state *state);

/* Kept free for the program itself, for the work of its threads and for writing the results. */
#define TS_RESERVED_BYTES 0x1p26

/* Is there so much memory for the results of a run? */
bool ts_fits_in_memory(double bytes);

/* Bytes of what a run leaves, but for the final states of its trainings; of those of so many trainings of a cell where
 * they are kept; and of all that is kept of so many in each cell, by the settings. */
double ts_results_bytes(const ts_sweep *sweep);
double ts_kept_bytes(const ts_cell *cell, uint64_t replicates);
double ts_all_kept_bytes(const ts_sweep *sweep, uint64_t replicates);

/* Trainings that every cell of these settings has. */
static inline uint64_t ts_least_replicates(const ts_settings *settings) {
    return settings->half_width > 0 ? settings->least_replicates : settings->replicates;
}

#endif
