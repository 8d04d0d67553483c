#include "estimate/errors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of the trainings of a cell; NULL where they are of no use. */
static const int8_t *limits_of(const ts_trials *trials, size_t row) {
    return trials->limit_success && trials->limit_rate ? trials->limit_success + row * trials->replicates : NULL;
}

/* Trainings whose limit is not known, where others' are, belong to no stratum. */
static bool is_counted(const int8_t *success, const int8_t *limit, size_t r) {
    return success[r] >= 0 && (!limit || limit[r] >= 0);
}

/* Trainings of a cell: count[x][y] with x of the limit (0 where it is not known) and y of the training. */
static void count_outcomes(const ts_trials *trials, size_t row, double count[2][2]) {
    const int8_t *success = trials->success + row * trials->replicates;
    const int8_t *limit = limits_of(trials, row);
    memset(count, 0, 4 * sizeof(double));
    for (size_t r = 0; r < trials->replicates; r++)
        if (is_counted(success, limit, r))
            count[limit && limit[r] > 0][success[r] > 0]++;
}

/* The share is that of the rate in the rate of the limit, so that only trainings that can succeed are trials: post-
 * stratified by the limit, mu p1 + (1 - mu) p0 over mu. One that is cut off at 1 does not move with a small error of
 * what it is made of. False: there is nothing to be learnt from the cell. */
static bool stratified_share(ts_curve_cell *cell, ts_cell_errors *errors, double count[2][2]) {
    const double n0 = count[0][0] + count[0][1], n1 = count[1][0] + count[1][1];
    const double mu = errors->limit_rate;
    if (n1 <= 0)
        return false;
    errors->mean[1] = count[1][1] / n1;
    errors->mean[0] = n0 > 0 ? count[0][1] / n0 : 0;
    errors->weight[1] = 1 / n1;
    errors->weight[0] = n0 > 0 ? (1 - mu) / (mu * n0) : 0;
    const double share = errors->mean[1] + (1 - mu) / mu * errors->mean[0];
    errors->of_limit = (errors->mean[1] - errors->mean[0] - share) / mu;
    if (share >= 1)
        errors->weight[0] = errors->weight[1] = errors->of_limit = 0;
    cell->trials = n1;
    cell->share = fmin(share, 1);
    cell->scale = 1;
    return true;
}

static void plain_share(ts_curve_cell *cell, ts_cell_errors *errors, double count[2][2], bool limit_is_known) {
    const double n = count[0][0] + count[0][1] + count[1][0] + count[1][1];
    const double rate = (count[0][1] + count[1][1]) / n;
    errors->mean[0] = errors->mean[1] = rate;
    errors->weight[0] = errors->weight[1] = 1 / n;
    errors->of_limit = limit_is_known ? -fmin(rate / errors->limit_rate, 1) : 0;
    cell->trials = n;
    cell->share = rate;
    cell->scale = errors->limit_rate;
}

static double variance_of(const ts_shares *shares, const ts_cell_errors *errors, double count[2][2]) {
    double variance = 0;
    for (int x = 0; x < 2; x++)
        variance += errors->weight[x] * errors->weight[x] * (count[x][0] + count[x][1]) * errors->mean[x] *
                    (1 - errors->mean[x]);
    if (shares->trials->limit_rate && shares->trials->limit_starts > 0)
        variance += errors->of_limit * errors->of_limit * errors->limit_rate * (1 - errors->limit_rate) /
                    shares->trials->limit_starts;
    return variance;
}

static void add_cell(ts_shares *shares, size_t row) {
    const ts_trials *trials = shares->trials;
    ts_curve_cell *cell = &shares->cell[shares->count];
    ts_cell_errors *errors = &shares->errors[shares->count];
    double count[2][2];
    count_outcomes(trials, row, count);
    *errors = (ts_cell_errors){.row = row, .limit_rate = trials->limit_rate ? trials->limit_rate[row] : 1};
    cell->x = log(trials->epsilon[row]);
    if (count[0][0] + count[0][1] + count[1][0] + count[1][1] <= 0)
        return;
    shares->has_trainings = true;
    shares->has_hope |= errors->limit_rate > 0;
    if (!(errors->limit_rate > 0))
        return;
    if (trials->limit_success && trials->limit_rate) {
        if (!stratified_share(cell, errors, count))
            return;
    } else
        plain_share(cell, errors, count, trials->limit_rate);
    errors->variance = variance_of(shares, errors, count);
    shares->count++;
}

static void find_starts(ts_shares *shares) {
    const ts_trials *trials = shares->trials;
    memset(shares->start, -1, trials->replicates);
    if (trials->limit_success)
        for (size_t row = trials->cells; row-- > 0;)
            for (size_t r = 0; r < trials->replicates; r++)
                if (trials->limit_success[row * trials->replicates + r] >= 0)
                    shares->start[r] = trials->limit_success[row * trials->replicates + r];
    for (size_t r = 0; r < trials->replicates; r++)
        shares->known_starts += shares->start[r] >= 0;
    shares->other_starts = trials->limit_starts - (trials->limit_has_ours ? shares->known_starts : 0);
    shares->other_starts = fmax(shares->other_starts, 0);
}

bool ts_shares_create(ts_shares *shares, const ts_trials *trials, bool common) {
    *shares = (ts_shares){.trials = trials, .common = common};
    shares->cell = calloc(trials->cells + 1, sizeof *shares->cell);
    shares->errors = calloc(trials->cells + 1, sizeof *shares->errors);
    shares->start = malloc(trials->replicates + 1);
    if (!shares->cell || !shares->errors || !shares->start)
        return false;
    find_starts(shares);
    for (size_t row = 0; row < trials->cells; row++)
        add_cell(shares, row);
    return true;
}

void ts_shares_free(ts_shares *shares) {
    free(shares->cell);
    free(shares->errors);
    free(shares->start);
    *shares = (ts_shares){0};
}

/* ---- influence */

size_t ts_shares_columns(size_t replicates) {
    return 2 * replicates;
}

static void add_trainings(const ts_shares *shares, const ts_cell_errors *errors, double coefficient,
                          double *influence) {
    const ts_trials *trials = shares->trials;
    const int8_t *success = trials->success + errors->row * trials->replicates;
    const int8_t *limit = limits_of(trials, errors->row);
    for (size_t r = 0; r < trials->replicates; r++)
        if (is_counted(success, limit, r)) {
            const int x = limit && limit[r] > 0;
            influence[2 * r] += coefficient * errors->weight[x] * ((success[r] > 0) - errors->mean[x]);
        }
}

/* The error of the limit's rate: starts that have trainings have a part in it each, and those that have none together
 * have the covariance of as many. */
static void add_limit(const ts_shares *shares, const ts_cell_errors *errors, double coefficient, double *influence) {
    const ts_trials *trials = shares->trials;
    const int8_t *limit = trials->limit_success + errors->row * trials->replicates;
    const double each = coefficient * errors->of_limit / trials->limit_starts;
    const double ours = trials->limit_has_ours ? each : 0;
    const double others = each * sqrt(shares->other_starts / shares->known_starts);
    for (size_t r = 0; r < trials->replicates; r++) {
        const int start = limit[r] >= 0 ? limit[r] : shares->start[r];
        if (start < 0)
            continue;
        const double error = (start > 0) - errors->limit_rate;
        influence[2 * r] += ours * error;
        influence[2 * r + 1] += others * error;
    }
}

void ts_share_influence(const ts_shares *shares, size_t i, double coefficient, double *influence) {
    const ts_cell_errors *errors = &shares->errors[i];
    add_trainings(shares, errors, coefficient, influence);
    if (errors->of_limit != 0 && shares->known_starts > 0 && shares->trials->limit_starts > 0)
        add_limit(shares, errors, coefficient, influence);
}

double ts_shares_variance(const ts_shares *shares, size_t first, size_t last, const double *coefficient,
                          const double *variance, const double *influence) {
    double sum = 0, of_limit = 0;
    for (size_t i = first; i <= last; i++) {
        const ts_cell_errors *errors = &shares->errors[i];
        const double square = coefficient[i] * coefficient[i];
        sum +=
            square * (shares->common ? fmax(variance[i] - errors->variance, 0) : fmax(variance[i], errors->variance));
        of_limit += coefficient[i] * errors->of_limit * sqrt(errors->limit_rate * (1 - errors->limit_rate));
    }
    if (!shares->common)
        return sum;
    for (size_t column = 0; column < ts_shares_columns(shares->trials->replicates); column++)
        sum += influence[column] * influence[column];
    if (!(shares->known_starts > 0) && shares->trials->limit_starts > 0) /* one error for all cells */
        sum += of_limit * of_limit / shares->trials->limit_starts;
    return sum;
}
