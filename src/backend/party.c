#include "backend/party.h"

static size_t aligned(size_t bytes) {
    return (bytes + 63) / 64 * 64;
}

size_t ts_party_size(const ts_method *method, const ts_cell *cell, uint32_t count) {
    return aligned(method->state_size(cell)) + 2 * (size_t)count * cell->neurons * sizeof(int64_t) +
           count * sizeof(ts_training) + aligned(method->arithmetic->scratch_size(cell));
}

ts_party ts_party_begin(const ts_method *method, const ts_plan *plan, ts_rows rows, ts_monitor *monitor, void *memory) {
    const ts_cell *cell = &plan->cells[rows.cell];
    const size_t neurons = (size_t)rows.count * cell->neurons;
    ts_party party = {.method = method,
                      .plan = plan,
                      .cell = cell,
                      .monitor = monitor,
                      .first = rows.first,
                      .count = rows.count,
                      .state = memory};
    party.position = (int64_t *)(void *)((char *)memory + aligned(method->state_size(cell)));
    party.weight = party.position + neurons;
    party.training = (ts_training *)(void *)(party.weight + neurons);
    party.scratch = party.training + rows.count;
    for (uint32_t i = 0; i < rows.count; i++) {
        ts_standing standing = ts_party_standing(&party, i);
        ts_standing_begin(method->arithmetic, plan, rows.cell, rows.first + i, &standing);
        party.training[i] = standing.training;
    }
    return party;
}

ts_standing ts_party_standing(const ts_party *party, uint32_t member) {
    const size_t first = (size_t)member * party->cell->neurons;
    return (ts_standing){
        .training = party->training[member], .position = party->position + first, .weight = party->weight + first};
}

ts_batch ts_party_board(const ts_party *party, const ts_run_options *options, const uint32_t *member, uint32_t count) {
    const ts_batch batch = {
        .cell = party->cell, .count = count, .step = party->training[member[0]].step, .monitor = party->monitor};
    party->method->start(options, batch, party->state);
    for (uint32_t i = 0; i < count; i++) {
        const ts_standing standing = ts_party_standing(party, member[i]);
        party->method->write(batch, party->state, i, &standing);
    }
    return batch;
}

void ts_party_alight(const ts_party *party, ts_batch batch, const uint32_t *member) {
    for (uint32_t i = 0; i < batch.count; i++) {
        ts_standing standing = ts_party_standing(party, member[i]);
        party->method->read(batch, party->state, i, &standing);
        party->training[member[i]] = standing.training;
    }
}

bool ts_party_measure(const ts_party *party, uint32_t member, ts_measurement *measurement) {
    const ts_standing standing = ts_party_standing(party, member);
    const ts_batch alone = {.cell = party->cell, .count = 1, .step = standing.training.step, .monitor = party->monitor};
    return party->method->arithmetic->measure(party->plan, alone, &standing, party->scratch, measurement);
}
