/* One cell of the sweep as the fixed-point model sees it: constants that every training of the cell shares. */
#ifndef TS_MODEL_CELL_H
#define TS_MODEL_CELL_H

#include "model/fixed.h"
#include <timescape.h>

typedef struct ts_cell {
    uint64_t seed;
    uint64_t steps;
    double parameter[TS_PARAMETER_COUNT]; /* as they were set, by ts_parameter */
    uint32_t neurons;                     /* d m: of all coordinates, one after the other */
    uint32_t of_coordinate;               /* m */
    uint32_t dimension;                   /* d */
    int32_t activation;                   /* ts_activation */
    uint32_t salt;                        /* Philox counter word 2: 0, or a hash of the cell's parameters */
    int32_t init;                         /* ts_init */
    int32_t derivative;                   /* ts_derivative */

    int32_t half_width;      /* H = eta / 2, unit 2^-30; 0 for rectified linear units, and so the next three */
    int32_t width;           /* 2 H */
    int32_t width_shift;     /* brings the width into (2^30, 2^31] */
    int32_t inverse_width;   /* floor(2^61 / (width << width_shift)) */
    ts_factor start_weight;  /* of `start_weight` 2^17: 31 random bits -> unit 2^-48 */
    ts_factor noise;         /* s 2^-7:      noise word -> unit 2^-24 */
    int32_t residual_shift;  /* k: residuals have the unit 2^(k - 24); 0 unless start weights are large */
    ts_factor gradient;      /* 2 h 2^24:    residual   -> unit 2^-48; with 2^k, and so the next */
    ts_factor velocity;      /* 2 h epsilon Dmax / eta 2^-10: (residual, weight) -> unit 2^-62 */
    int64_t residual_limit;  /* largest |E| that does not diverge */
    uint64_t residual_range; /* twice that */
    int64_t gradient_limit;  /* largest |G| that such a residual gives */
    int64_t drift_limit;     /* sum of |G| after which the weights are examined */
    int64_t weight_limit;    /* largest sum of the weights of one sign at an examination */
    int64_t success_loss;    /* largest loss that is a success, unit 2^-44 */

    uint32_t neuron_search; /* largest power of two up to `neurons`: where a binary search begins; for d = 1 */
    uint32_t jump_search;   /* largest power of two up to jump_count, 0 for none */
    int32_t jump_count;
    int32_t jump_point[TS_MAX_JUMPS]; /* [jump_count] unit 2^-30, ascending; INT32_MAX beyond */
    int32_t level[TS_MAX_JUMPS + 1];  /* [jump_count + 1] value where each piece begins, unit 2^-24 */
    int32_t
        slope[TS_MAX_JUMPS + 1]; /* [jump_count + 1] of each piece, unit 2^-24; 0 unless of rectified linear units */
} ts_cell;

/* c as multiplier * 2^-shift with a multiplier of 31 bits, rounded to nearest; 0 2^-31 for c = 0. Range: c >= 0. */
ts_factor ts_factor_of(double c);

/* Constants of the cell (epsilon, neurons) of validated settings with no other axes (docs/numerics.md, "Constants of a
 * cell"). */
ts_cell ts_cell_of(const ts_settings *settings, double epsilon, uint32_t neurons);

/* k of these settings for so many neurons in all: start weights may add up to 64 2^k. */
int ts_residual_shift(const ts_settings *settings, size_t neurons);

/* Hash of a cell's parameters, in the order of ts_parameter, for `randomness: independent`. */
uint32_t ts_cell_salt(const double parameter[TS_PARAMETER_COUNT]);

#endif
