/* From integer statistics to rates, intervals, means and quantiles. */
#include "base/order.h"
#include "estimate/rate.h"
#include "sweep/sweep.h"

#include <math.h>
#include <stdlib.h>

size_t ts_loss_bin_count(void) {
    return TS_BIN_COUNT;
}

double ts_loss_bin_low(size_t bin) {
    if (bin == 0)
        return 0;
    if (bin >= TS_BIN_COUNT)
        return INFINITY;
    const int octave = TS_BIN_FIRST_OCTAVE + (int)((bin - 1) / TS_BINS_PER_OCTAVE);
    const double sixteenth = (double)((bin - 1) % TS_BINS_PER_OCTAVE);
    return ldexp(1 + sixteenth / TS_BINS_PER_OCTAVE, octave - TS_LOSS_BITS);
}

bool ts_sweep_quantiles_are_exact(const ts_sweep *sweep) {
    return sweep->settings.keep_trainings;
}

/* ---- quantiles: the value at rank q (n - 1) of the sorted losses, linear between neighbours */

/* From `n` losses in ascending order, in units of 2^-44. */
static double quantile_of_losses(const int64_t *sorted, uint64_t n, double q) {
    const double rank = q * (double)(n - 1);
    const uint64_t below = (uint64_t)rank;
    const uint64_t above = below + 1 < n ? below + 1 : below;
    const double low = (double)sorted[below], high = (double)sorted[above];
    return ldexp(low + (rank - (double)below) * (high - low), -TS_LOSS_BITS);
}

/* From the histogram: losses are taken as evenly spread over their bin. Good to one bin, 3 to 6 per cent. The first bin
 * begins at 0, and ends where the `sum` of all losses would be passed: losses of exactly 0 stay that. */
static double quantile_of_histogram(const uint64_t *histogram, uint64_t n, double sum, double q) {
    const double rank = q * (double)(n - 1) + 0.5;
    double before = 0;
    size_t bin = 0;
    while (bin + 1 < TS_BIN_COUNT && before + (double)histogram[bin] < rank)
        before += (double)histogram[bin++];
    const double low = ts_loss_bin_low(bin);
    const double end = bin + 1 < TS_BIN_COUNT ? ts_loss_bin_low(bin + 1) : low;
    const double high = bin == 0 ? fmin(end, 2 * sum / (double)histogram[0]) : end;
    return low + (rank - before) / (double)histogram[bin] * (high - low);
}

/* The losses of the kept trainings of a cell that did not diverge, ascending; `*count` of them. NULL where none are
 * kept, and without memory. */
static int64_t *sorted_losses(const ts_sweep *sweep, size_t cell, uint64_t *count) {
    const uint64_t replicates = sweep->settings.replicates;
    const ts_kept *kept = sweep->results.kept ? &sweep->results.kept[cell] : NULL;
    const uint8_t *mark = ts_sweep_marks(sweep, cell);
    int64_t *losses = kept ? malloc(replicates * sizeof *losses) : NULL;
    *count = 0;
    if (!losses)
        return NULL;
    for (uint64_t r = 0; r < replicates; r++)
        if ((mark[r] & TS_MARK_FINISHED) && !(mark[r] & TS_MARK_DIVERGED))
            losses[(*count)++] = kept->loss[r];
    qsort(losses, *count, sizeof *losses, ts_compare_int64);
    return losses;
}

/* From ascending losses, or from the histogram where these are NULL. */
static void set_quantiles(ts_cell_summary *summary, const ts_statistics *statistics, const int64_t *losses,
                          uint64_t count, uint64_t n) {
    const double levels[5] = {0.05, 0.25, 0.5, 0.75, 0.95};
    double *const values[5] = {&summary->loss_q05, &summary->loss_q25, &summary->loss_median, &summary->loss_q75,
                               &summary->loss_q95};
    for (int i = 0; i < 5; i++)
        *values[i] = n == 0 ? NAN
                     : losses
                         ? quantile_of_losses(losses, count, levels[i])
                         : quantile_of_histogram(statistics->histogram, n, summary->loss_mean * (double)n, levels[i]);
}

static const ts_statistics nothing; /* before a run */

static const ts_statistics *statistics_of(const ts_sweep *sweep, size_t cell) {
    return sweep->results.statistics ? &sweep->results.statistics[cell] : &nothing;
}

/* Where an observation of a cell stands in the arrays over both. */
static size_t observed_index(const ts_sweep *sweep, size_t cell, size_t observation) {
    return cell * sweep->observations.count + observation;
}

static const ts_statistics *observed_of(const ts_sweep *sweep, size_t cell, size_t observation) {
    return sweep->results.statistics ? &sweep->results.observed[observed_index(sweep, cell, observation)] : &nothing;
}

/* Of a cell after so many steps; quantiles from losses [count], which may be NULL. */
static ts_cell_summary summarize(const ts_cell *cell, uint64_t steps, const ts_statistics *statistics,
                                 const int64_t *losses, uint64_t count) {
    ts_cell_summary summary = {
        .epsilon = cell->parameter[TS_PARAMETER_EPSILON],
        .neurons = cell->of_coordinate,
        .h = cell->parameter[TS_PARAMETER_H],
        .noise = cell->parameter[TS_PARAMETER_NOISE],
        .eta = cell->parameter[TS_PARAMETER_ETA],
        .steps = steps,
        .training_steps = statistics->training_steps,
        .success_count = statistics->outcome_count[TS_OUTCOME_SUCCESS],
        .failure_count = statistics->outcome_count[TS_OUTCOME_FAILURE],
        .diverged_count = statistics->outcome_count[TS_OUTCOME_DIVERGED],
        .loss_sum_high = statistics->loss_sum_high,
        .loss_sum_low = statistics->loss_sum_low,
        .position_success_count = statistics->position_success_count,
        .covered_failure_count = statistics->covered_failure_count,
        .limit_agreement = NAN,
        .limit_end_success_rate = NAN,
        .limit_end_success_low = NAN,
        .limit_end_success_high = NAN,
        .success_rate_controlled = NAN,
        .success_rate_controlled_low = NAN,
        .success_rate_controlled_high = NAN,
        .position_success_rate_controlled = NAN,
        .position_success_rate_controlled_low = NAN,
        .position_success_rate_controlled_high = NAN,
    };
    const uint64_t finite = summary.success_count + summary.failure_count; /* trainings that have a loss */
    summary.trainings = finite + summary.diverged_count;
    const double sum = ldexp((double)summary.loss_sum_high, 32) + (double)summary.loss_sum_low;
    summary.loss_mean = finite > 0 ? ldexp(sum / (double)finite, -TS_LOSS_BITS) : NAN;
    ts_rate_interval((double)summary.success_count, (double)summary.trainings, &summary.success_rate,
                     &summary.success_low, &summary.success_high);
    ts_rate_interval((double)summary.position_success_count, ts_has_jumps(cell) ? (double)summary.trainings : 0,
                     &summary.position_success_rate, &summary.position_success_low, &summary.position_success_high);
    set_quantiles(&summary, statistics, losses, count, finite);
    return summary;
}

/* The trainings of a cell beside their limits, and the limit at the slow time at which they end. */
static void set_limit(ts_cell_summary *summary, const ts_sweep *sweep, size_t index) {
    const ts_limits *limits = &sweep->limits;
    const ts_limit_table *by_loss = &limits->by_loss[index], *by_positions = &limits->by_positions[index];
    const uint64_t successes = limits->end_success_count[index];
    summary->limit_agreement_count = by_loss->count[0][0] + by_loss->count[1][1];
    if (summary->trainings > 0)
        summary->limit_agreement = (double)summary->limit_agreement_count / (double)summary->trainings;
    summary->limit_end_success_count = successes;
    ts_rate_interval((double)successes, (double)limits->starts, &summary->limit_end_success_rate,
                     &summary->limit_end_success_low, &summary->limit_end_success_high);
    if (sweep->settings.limit_starts == 0)
        return;
    ts_rate_controlled(by_loss->count, successes, limits->starts, &summary->success_rate_controlled,
                       &summary->success_rate_controlled_low, &summary->success_rate_controlled_high);
    ts_rate_controlled(by_positions->count, successes, limits->starts, &summary->position_success_rate_controlled,
                       &summary->position_success_rate_controlled_low, &summary->position_success_rate_controlled_high);
}

ts_cell_summary ts_sweep_summary(const ts_sweep *sweep, size_t index) {
    const ts_cell *cell = &sweep->cells[index];
    uint64_t count;
    int64_t *losses = sorted_losses(sweep, index, &count);
    ts_cell_summary summary = summarize(cell, cell->steps, statistics_of(sweep, index), losses, count);
    free(losses);
    if (sweep->limits.starts > 0)
        set_limit(&summary, sweep, index);
    return summary;
}

ts_cell_summary ts_sweep_observed(const ts_sweep *sweep, size_t cell, size_t observation) {
    const uint64_t steps = sweep->observations.step[observed_index(sweep, cell, observation)];
    return summarize(&sweep->cells[cell], steps, observed_of(sweep, cell, observation), NULL, 0);
}

const uint64_t *ts_sweep_observed_histogram(const ts_sweep *sweep, size_t cell, size_t observation) {
    return observed_of(sweep, cell, observation)->histogram;
}

const uint64_t *ts_sweep_observed_position_histogram(const ts_sweep *sweep, size_t cell, size_t observation) {
    return observed_of(sweep, cell, observation)->position_histogram;
}

uint64_t ts_sweep_first_success(const ts_sweep *sweep, size_t cell, size_t observation) {
    return sweep->results.statistics ? sweep->results.first_success[observed_index(sweep, cell, observation)] : 0;
}

const uint64_t *ts_sweep_histogram(const ts_sweep *sweep, size_t cell) {
    return statistics_of(sweep, cell)->histogram;
}

const uint64_t *ts_sweep_position_histogram(const ts_sweep *sweep, size_t cell) {
    return statistics_of(sweep, cell)->position_histogram;
}

/* ---- covered jumps: those that are not missed */

static size_t all_jumps(const ts_settings *settings) {
    return settings->dimension * settings->jump_count;
}

size_t ts_covered_count(const ts_settings *settings) {
    return settings->activation == TS_ACTIVATION_STEP ? ts_missed_bin((uint32_t)all_jumps(settings)) + 1 : 0;
}

size_t ts_covered_lowest(const ts_settings *settings) {
    return all_jumps(settings) - ts_missed_bin((uint32_t)all_jumps(settings));
}

static void count_covered(const ts_sweep *sweep, const ts_statistics *statistics, uint64_t *counts) {
    const size_t count = ts_covered_count(&sweep->settings);
    for (size_t missed = 0; missed < count; missed++)
        counts[count - 1 - missed] = statistics->missed_count[missed];
}

void ts_sweep_covered(const ts_sweep *sweep, size_t cell, uint64_t *counts) {
    count_covered(sweep, statistics_of(sweep, cell), counts);
}

void ts_sweep_observed_covered(const ts_sweep *sweep, size_t cell, size_t observation, uint64_t *counts) {
    count_covered(sweep, observed_of(sweep, cell, observation), counts);
}

/* ---- trainings */

const uint8_t *ts_sweep_marks(const ts_sweep *sweep, size_t cell) {
    return sweep->results.mark ? sweep->results.mark + cell * sweep->settings.replicates : NULL;
}

/* Can a training be asked for? TS_FAILED: it did not finish. */
static ts_status find_training(const ts_sweep *sweep, size_t cell, uint64_t replicate) {
    if (!sweep->results.kept || cell >= sweep->cell_count || replicate >= sweep->settings.replicates)
        return TS_INVALID;
    return ts_sweep_marks(sweep, cell)[replicate] & TS_MARK_FINISHED ? TS_OK : TS_FAILED;
}

/* NaN of a training that diverged. */
static double loss_of(const ts_kept *kept, uint64_t replicate, int64_t loss) {
    return kept->outcome[replicate] == TS_OUTCOME_DIVERGED ? NAN : ldexp((double)loss, -TS_LOSS_BITS);
}

ts_status ts_sweep_training_positions(const ts_sweep *sweep, size_t cell, uint64_t replicate, double *position_loss,
                                      size_t *covered) {
    const ts_status status = find_training(sweep, cell, replicate);
    if (status != TS_OK || sweep->settings.activation != TS_ACTIVATION_STEP)
        return status != TS_OK ? status : TS_INVALID;
    const ts_kept *kept = &sweep->results.kept[cell];
    const bool diverged = kept->outcome[replicate] == TS_OUTCOME_DIVERGED;
    if (position_loss)
        *position_loss = loss_of(kept, replicate, kept->position_loss[replicate]);
    if (covered)
        *covered = diverged ? 0 : all_jumps(&sweep->settings) - kept->missed[replicate];
    return TS_OK;
}

ts_status ts_sweep_training(const ts_sweep *sweep, size_t cell, uint64_t replicate, double *position, double *weight,
                            double *bias, double *loss, ts_outcome *outcome) {
    const ts_status status = find_training(sweep, cell, replicate);
    if (status != TS_OK)
        return status;
    const ts_kept *kept = &sweep->results.kept[cell];
    const size_t m = sweep->cells[cell].neurons;
    for (size_t j = 0; position && j < m; j++)
        position[j] = ldexp((double)kept->position[replicate * m + j], -TS_POSITION_BITS);
    for (size_t j = 0; weight && j < m; j++)
        weight[j] = ldexp((double)kept->weight[replicate * m + j], -TS_WEIGHT_BITS);
    if (bias)
        *bias = ldexp((double)kept->bias[replicate], -TS_WEIGHT_BITS);
    if (outcome)
        *outcome = (ts_outcome)kept->outcome[replicate];
    if (loss)
        *loss = loss_of(kept, replicate, kept->loss[replicate]);
    return TS_OK;
}
