/* How a training ended, and the histogram bin of its loss (MODEL.md section 5; docs/numerics.md, "Outcome",
 * "Histogram"). */
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

TS_FUNCTION ts_outcome ts_classify(const ts_cell *cell, bool diverged, int64_t loss) {
    if (diverged)
        return TS_OUTCOME_DIVERGED;
    return loss <= cell->success_loss ? TS_OUTCOME_SUCCESS : TS_OUTCOME_FAILURE;
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
