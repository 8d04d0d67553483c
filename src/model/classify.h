/* What is measured of a training, how it ended, and the bins that it is counted in (MODEL.md section 5;
 * docs/numerics.md, "Outcome", "Histogram"). */
#ifndef TS_MODEL_CLASSIFY_H
#define TS_MODEL_CLASSIFY_H

#include "model/cell.h"

/* Bins are sixteenths of octaves of the integer loss, from 2^22 (2^-22 in units of L) to 2^62; one bin below, one
 * above. */
enum {
    TS_BIN_FIRST_OCTAVE = 22,
    TS_BIN_LAST_OCTAVE = 61,
    TS_BINS_PER_OCTAVE = 16,
    TS_BIN_COUNT = (TS_BIN_LAST_OCTAVE - TS_BIN_FIRST_OCTAVE + 1) * TS_BINS_PER_OCTAVE + 2
};

#define TS_MOST_MISSED 64 /* jumps that are told apart by their number; more count as so many */

/* What is measured of a network. */
typedef struct ts_measurement {
    int64_t loss;          /* unit 2^-44 */
    int64_t position_loss; /* L(u), unit 2^-44: the loss that the best weights would leave in the two-timescale limit */
    uint32_t missed;       /* jumps of all coordinates, d n, that have no neuron within eta/2 */
} ts_measurement;

TS_FUNCTION ts_outcome ts_classify(const ts_cell *cell, bool diverged, int64_t loss) {
    if (diverged)
        return TS_OUTCOME_DIVERGED;
    return loss <= cell->success_loss ? TS_OUTCOME_SUCCESS : TS_OUTCOME_FAILURE;
}

/* Does the target have jumps that positions can be held against? Its corners, for rectified linear units, are none. */
TS_FUNCTION bool ts_has_jumps(const ts_cell *cell) {
    return cell->activation == TS_ACTIVATION_STEP;
}

TS_FUNCTION uint32_t ts_missed_bin(uint32_t missed) {
    return missed < TS_MOST_MISSED ? missed : TS_MOST_MISSED;
}

/* Of a training that did not diverge: would the best weights make it a success? */
TS_FUNCTION bool ts_position_success(const ts_cell *cell, const ts_measurement *measurement) {
    return measurement->position_loss <= cell->success_loss;
}

/* The marks of a training that ended so. */
TS_FUNCTION uint8_t ts_mark_of(const ts_cell *cell, ts_outcome outcome, const ts_measurement *measurement) {
    if (outcome == TS_OUTCOME_DIVERGED)
        return TS_MARK_FINISHED | TS_MARK_DIVERGED;
    const bool by_positions = ts_has_jumps(cell) && ts_position_success(cell, measurement);
    return (uint8_t)(TS_MARK_FINISHED | (outcome == TS_OUTCOME_SUCCESS ? TS_MARK_SUCCESS : 0) |
                     (by_positions ? TS_MARK_POSITION_SUCCESS : 0));
}

TS_FUNCTION ts_outcome ts_mark_outcome(uint8_t mark) {
    return !(mark & TS_MARK_FINISHED) ? TS_OUTCOME_NONE
           : mark & TS_MARK_DIVERGED  ? TS_OUTCOME_DIVERGED
           : mark & TS_MARK_SUCCESS   ? TS_OUTCOME_SUCCESS
                                      : TS_OUTCOME_FAILURE;
}

TS_FUNCTION int ts_highest_bit(int64_t v) {
#ifdef __CUDA_ARCH__
    return 63 - __clzll(v);
#else
    return 63 - __builtin_clzll((unsigned long long)v);
#endif
}

/* loss >= 0 */
TS_FUNCTION int ts_loss_bin(int64_t loss) {
    if (loss < INT64_C(1) << TS_BIN_FIRST_OCTAVE)
        return 0;
    const int octave = ts_highest_bit(loss);
    if (octave > TS_BIN_LAST_OCTAVE)
        return TS_BIN_COUNT - 1;
    const int sixteenth = (int)(loss >> (octave - 4) & (TS_BINS_PER_OCTAVE - 1));
    return 1 + (octave - TS_BIN_FIRST_OCTAVE) * TS_BINS_PER_OCTAVE + sixteenth;
}

#endif
