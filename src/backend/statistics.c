#include "backend/statistics.h"

void ts_statistics_count(ts_statistics *statistics, ts_outcome outcome, int64_t loss) {
    statistics->outcome_count[outcome]++;
    if (outcome == TS_OUTCOME_DIVERGED)
        return;
    statistics->loss_sum_high += (uint64_t)loss >> 32;
    statistics->loss_sum_low += (uint32_t)loss;
    statistics->histogram[ts_loss_bin(loss)]++;
}

void ts_statistics_add(ts_statistics *sum, const ts_statistics *part) {
    for (int i = 0; i < 3; i++)
        sum->outcome_count[i] += part->outcome_count[i];
    sum->loss_sum_high += part->loss_sum_high;
    sum->loss_sum_low += part->loss_sum_low;
    for (int bin = 0; bin < TS_BIN_COUNT; bin++)
        sum->histogram[bin] += part->histogram[bin];
}
