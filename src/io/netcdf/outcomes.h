/* How each training of a result ended, read where that is asked for: there are a thousand times as many as cells. */
#ifndef TS_IO_NETCDF_OUTCOMES_H
#define TS_IO_NETCDF_OUTCOMES_H

#include "io/netcdf/result.h"

typedef struct ts_result_outcomes {
    size_t replicates; /* that there are at most in a cell */
    bool common;       /* does a replicate have the same start and samples in all cells? */
    int8_t *success;   /* [cells][replicates] 1, 0, or -1 where there is no such training */
    /* The limit epsilon -> 0 from the start of each training at the slow time at which the training ends; NULL without
     * theory, and at another threshold. */
    int8_t *limit_success; /* [cells][replicates] as `success` */
    double *limit_rate;    /* [cells] success rate of the limit at that time */
    double *limit_starts;  /* [neurons] that it was counted over */
} ts_result_outcomes;

/* Read the outcomes of a whole result from the file that it was read from. Successes are counted by the losses or by
 * the positions, at this unexplained variance; where that is not the one of the file, the losses of the trainings have
 * to be there, and the limit is not known. On success *outcomes is the caller's until ts_result_outcomes_free.
 * Errors: TS_INVALID (the file does not have what is asked for, or is damaged), TS_FAILED (memory). */
ts_status ts_result_outcomes_read(ts_result_outcomes *outcomes, const ts_result *result, const char *path,
                                  bool by_positions, double unexplained_variance, ts_error *error);
void ts_result_outcomes_free(ts_result_outcomes *outcomes);

#endif
