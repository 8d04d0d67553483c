#include "campaign/join.h"

#include <string.h>

static uint8_t *marks_of(const ts_sweep *sweep, size_t cell) {
    return sweep->results.mark ? sweep->results.mark + cell * sweep->settings.replicates : NULL;
}

ts_overlap ts_join_overlap(const ts_sweep *from, size_t i, const ts_sweep *to, size_t j) {
    const uint8_t *mark = marks_of(from, i), *other = marks_of(to, j);
    ts_overlap found = {0};
    for (uint32_t r = 0; mark && r < from->results.reach[i]; r++) {
        if (!(mark[r] & TS_MARK_FINISHED))
            continue;
        found.trainings++;
        if (r >= to->settings.replicates)
            found.beyond++;
        else if (other && other[r] & TS_MARK_FINISHED) {
            found.first = found.common == 0 ? r : found.first;
            found.last = r;
            found.common++;
        }
    }
    return found;
}

static void copy_kept(const ts_kept *from, size_t row, size_t m, ts_kept *to) {
    memcpy(to->position + row * m, from->position + row * m, m * sizeof *to->position);
    memcpy(to->weight + row * m, from->weight + row * m, m * sizeof *to->weight);
    to->bias[row] = from->bias[row];
    to->loss[row] = from->loss[row];
    to->position_loss[row] = from->position_loss[row];
    to->missed[row] = from->missed[row];
    to->outcome[row] = from->outcome[row];
}

static void copy_state(const ts_state *from, size_t row, size_t m, ts_state *to) {
    memcpy(to->position + row * m, from->position + row * m, m * sizeof *to->position);
    memcpy(to->weight + row * m, from->weight + row * m, m * sizeof *to->weight);
    to->step[row] = from->step[row];
    to->bias[row] = from->bias[row];
    to->drift[row] = from->drift[row];
    to->diverged[row] = from->diverged[row];
    to->arithmetic = from->arithmetic;
}

static void add_observed(ts_sweep *to, size_t j, const ts_sweep *from, size_t i) {
    const size_t count = to->observations.count;
    for (size_t k = 0; k < count; k++) {
        ts_statistics_add(&to->results.observed[j * count + k], &from->results.observed[i * count + k]);
        to->results.first_success[j * count + k] += from->results.first_success[i * count + k];
    }
}

void ts_join_cell(ts_sweep *to, size_t j, const ts_sweep *from, size_t i) {
    const uint8_t *mark = marks_of(from, i);
    uint8_t *joined = marks_of(to, j);
    const size_t m = to->cells[j].neurons;
    ts_statistics_add(&to->results.statistics[j], &from->results.statistics[i]);
    add_observed(to, j, from, i);
    for (size_t r = 0; r < from->results.reach[i]; r++) {
        if (!(mark[r] & TS_MARK_FINISHED))
            continue;
        joined[r] |= (uint8_t)(mark[r] & ~TS_MARK_LIMIT_SUCCESS);
        if (to->results.kept)
            copy_kept(&from->results.kept[i], r, m, &to->results.kept[j]);
        if (to->results.state)
            copy_state(&from->results.state[i], r, m, &to->results.state[j]);
    }
    if (from->results.reach[i] > to->results.reach[j])
        to->results.reach[j] = from->results.reach[i];
    to->arithmetic = from->arithmetic;
}
