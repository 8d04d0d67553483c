/* The trainings that a thread of a host backend takes with it at a time. Between two stretches of their way each is a
 * ts_standing; for a stretch, those that go on board batches, full ones as long as there are enough of them. So a
 * training that goes no further costs nothing, whichever batch it was in. */
#ifndef TS_BACKEND_PARTY_H
#define TS_BACKEND_PARTY_H

#include "backend/host.h"

typedef struct ts_party {
    const ts_method *method;
    const ts_plan *plan;
    const ts_cell *cell;
    ts_monitor *monitor;
    uint32_t first, count;      /* rows of the plan: members 0 .. count - 1 */
    void *state;                /* of the batch at hand */
    int64_t *position, *weight; /* [count][m] as in a ts_standing */
    ts_training *training;      /* [count] */
    void *scratch;              /* for measuring */
} ts_party;

/* Bytes of a party of so many, which are to be aligned to 64. */
size_t ts_party_size(const ts_method *method, const ts_cell *cell, uint32_t count);

/* Put the party of some rows of a cell of the plan into memory of that size, and its members where the plan resumes
 * them or at their start. */
ts_party ts_party_begin(const ts_method *method, const ts_plan *plan, ts_rows rows, ts_monitor *monitor, void *memory);

ts_standing ts_party_standing(const ts_party *party, uint32_t member);

/* Start a batch of these members [count], which stand at the same step. */
ts_batch ts_party_board(const ts_party *party, const ts_run_options *options, const uint32_t *member, uint32_t count);

/* The members stand where the batch has brought them. */
void ts_party_alight(const ts_party *party, ts_batch batch, const uint32_t *member);

/* False when the run was stopped meanwhile. */
bool ts_party_measure(const ts_party *party, uint32_t member, ts_measurement *measurement);

#endif
