/* The shares that a curve is fitted to, and the part that every replicate has in their errors (docs/statistics.md
 * section 4). */
#ifndef TS_ESTIMATE_ERRORS_H
#define TS_ESTIMATE_ERRORS_H

#include "estimate/curve.h"

/* Error of the share of one cell: each training adds weight[x] (y - mean[x]), x its limit and y itself (x is 0 where
 * limits are not known), and the success rate of the limit adds of_limit times its own error. */
typedef struct ts_cell_errors {
    size_t row; /* of the cell in ts_trials */
    double weight[2], mean[2];
    double of_limit, limit_rate;
    double variance; /* of the share, the limit's part included */
} ts_cell_errors;

/* The cells of a curve that can tell anything of it. */
typedef struct ts_shares {
    const ts_trials *trials;
    bool common;
    ts_curve_cell *cell;    /* [count] */
    ts_cell_errors *errors; /* [count] */
    size_t count;
    bool has_trainings, has_hope; /* are there any, and may the limit succeed of some? */
    int8_t
        *start; /* [replicates] is the limit from this start a success, by the first cell that knows; -1: none does */
    double known_starts; /* of them */
    double other_starts; /* of the limit: those without trainings */
} ts_shares;

/* Of one curve. False: out of memory; free it all the same. */
bool ts_shares_create(ts_shares *shares, const ts_trials *trials, bool common);
void ts_shares_free(ts_shares *shares);

/* Columns of influence of a set whose curves have so many replicates. Two for each: one for its trainings, and one for
 * its share of the starts of the limit that have no trainings, whose errors are taken to go together as those of the
 * known starts do. */
size_t ts_shares_columns(size_t replicates);

/* Add to influence [ts_shares_columns(replicates)] what each column has in the error of coefficient times the share of
 * cell i. */
void ts_share_influence(const ts_shares *shares, size_t i, double coefficient, double *influence);

/* Variance of the sum of coefficient [count] times share over the cells from `first` to `last`, inclusive, of which
 * `influence` is the sum of the influences: by these where cells depend on each other, and by the model where that says
 * more: a cell without a failure has a spread, too. variance [count] is that of the shares by the model. */
double ts_shares_variance(const ts_shares *shares, size_t first, size_t last, const double *coefficient,
                          const double *variance, const double *influence);

#endif
