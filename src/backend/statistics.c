#include "backend/statistics.h"

static void count_positions(ts_statistics *statistics, const ts_cell *cell, ts_outcome outcome,
                            const ts_measurement *measurement) {
    statistics->position_success_count += ts_position_success(cell, measurement);
    statistics->covered_failure_count += outcome == TS_OUTCOME_FAILURE && measurement->missed == 0;
    statistics->position_histogram[ts_loss_bin(measurement->position_loss)]++;
    statistics->missed_count[ts_missed_bin(measurement->missed)]++;
}

void ts_statistics_count(ts_statistics *statistics, const ts_cell *cell, uint64_t steps, ts_outcome outcome,
                         const ts_measurement *measurement) {
    statistics->outcome_count[outcome]++;
    statistics->training_steps += steps;
    if (outcome == TS_OUTCOME_DIVERGED)
        return;
    statistics->loss_sum_high += (uint64_t)measurement->loss >> 32;
    statistics->loss_sum_low += (uint32_t)measurement->loss;
    statistics->histogram[ts_loss_bin(measurement->loss)]++;
    if (ts_has_jumps(cell))
        count_positions(statistics, cell, outcome, measurement);
}

void ts_statistics_add(ts_statistics *sum, const ts_statistics *part) {
    for (int i = 0; i < 3; i++)
        sum->outcome_count[i] += part->outcome_count[i];
    sum->training_steps += part->training_steps;
    sum->loss_sum_high += part->loss_sum_high;
    sum->loss_sum_low += part->loss_sum_low;
    sum->position_success_count += part->position_success_count;
    sum->covered_failure_count += part->covered_failure_count;
    for (int bin = 0; bin < TS_BIN_COUNT; bin++) {
        sum->histogram[bin] += part->histogram[bin];
        sum->position_histogram[bin] += part->position_histogram[bin];
    }
    for (int missed = 0; missed <= TS_MOST_MISSED; missed++)
        sum->missed_count[missed] += part->missed_count[missed];
}
