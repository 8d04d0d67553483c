/* The trainings along one line of a sweep: all that is estimated of them comes from these arrays. */
#ifndef TS_ESTIMATE_TRIALS_H
#define TS_ESTIMATE_TRIALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One curve: the cells that differ in epsilon alone. Nothing in it is owned. */
typedef struct ts_trials {
    size_t cells;                /* of the curve, */
    size_t replicates;           /* and the most that any of them has: the stride of the arrays over both */
    const double *epsilon;       /* [cells] positive, ascending */
    const int8_t *success;       /* [cells][replicates]: 1, 0, or -1 where there is no such training */
    const int8_t *limit_success; /* the same shape: is the limit from the start of this training a success at the slow
                                    time at which the training ends? 1, 0 or -1 (not known); NULL without limits */
    const double *limit_rate; /* [cells] success rate of the limit at the slow time at which the trainings of the cell
                                 end; NULL: not known, it is taken to be 1 */
    double limit_starts; /* the starts that each limit_rate was counted over (0: it is exact), the same ones for all
                            cells; with independent randomness their error is taken as one of each cell */
    bool limit_has_ours; /* are the starts of the trainings among those? */
} ts_trials;

#endif
