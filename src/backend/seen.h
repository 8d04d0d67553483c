/* What a look (backend.h) saw of a training. For the host and for devices. */
#ifndef TS_BACKEND_SEEN_H
#define TS_BACKEND_SEEN_H

#include "model/classify.h"
#include "model/training.h"

typedef struct ts_seen {
    ts_measurement measurement; /* zeros of one that had diverged */
    ts_outcome outcome;
    uint64_t steps; /* done until then */
} ts_seen;

/* Had a training halted before it came to this step? It is frozen then, and seen as it was when it halted. */
TS_FUNCTION bool ts_halted_before(const ts_training *training, uint64_t step) {
    return training->halted && training->step < step;
}

/* What the look at a step saw of a training that has come to it or halted before; `measured` of it then. */
TS_FUNCTION ts_seen ts_seen_at(const ts_cell *cell, const ts_training *training, uint64_t step,
                               ts_measurement measured) {
    const bool diverged = ts_halted_before(training, step) && training->halted == TS_HALTED_DIVERGED;
    const ts_measurement none = {0, 0, 0};
    const ts_measurement measurement = diverged ? none : measured;
    const ts_seen seen = {measurement, ts_classify(cell, diverged, measurement.loss),
                          training->step < step ? training->step : step};
    return seen;
}

#endif
