/* State of one training: positions and weights by neuron, and what there is once. */
#ifndef TS_MODEL_TRAINING_H
#define TS_MODEL_TRAINING_H

#include "model/cell.h"
#include "model/philox.h"
#include "model/streams.h"

/* The neurons that one lane owns, or all of them. Order: by coordinate, then ascending start position; it never
 * changes. A position is kept as two words because the step compares high words only and needs the low ones in
 * transitions alone. */
typedef struct ts_neurons {
    int32_t *position_high; /* [count] unit 2^-30 */
    uint32_t *position_low; /* [count] unit 2^-62 */
    int64_t *weight;        /* [count] unit 2^-48 */
} ts_neurons;

/* Does a training do no more steps, and why? */
typedef enum ts_halt {
    TS_NOT_HALTED = 0,
    TS_HALTED_DIVERGED,
    TS_HALTED_SUCCESS /* at an observation, where the plan ends trainings at their first success */
} ts_halt;

typedef struct ts_training {
    uint64_t step; /* steps done */
    int64_t bias;  /* a_0, unit 2^-48 */
    int64_t drift; /* sum of |G| since the weights were last examined, unit 2^-48 */
    uint32_t replicate;
    uint32_t halted; /* a ts_halt; else it is frozen at `step`. 32 bits, as all that a kernel keeps in registers */
} ts_training;

TS_FUNCTION ts_training ts_training_start(uint32_t replicate) {
    const ts_training training = {0, 0, 0, replicate, 0};
    return training;
}

TS_FUNCTION int64_t ts_position(const ts_neurons *neurons, uint32_t j) {
    return (int64_t)((uint64_t)(uint32_t)neurons->position_high[j] << 32 | neurons->position_low[j]);
}

TS_FUNCTION void ts_set_position(const ts_neurons *neurons, uint32_t j, int64_t position) {
    neurons->position_high[j] = (int32_t)(position >> 32);
    neurons->position_low[j] = (uint32_t)position;
}

/* Are these starts drawn? Else all replicates begin alike. */
TS_FUNCTION bool ts_init_is_drawn(ts_init init) {
    return init != TS_INIT_EQUISPACED;
}

/* The place r 2^-33 within the j-th of m equal parts of [0,1), 0 < r < 2^33, unit 2^-62 and a multiple of 2^-51. The
 * quotient rounds down by less than the 2^18 / m that r adds at least, so it stays in its part. */
TS_FUNCTION int64_t ts_position_in_part(uint32_t j, uint32_t m, uint64_t r) {
    return (int64_t)(((((uint64_t)j << 33) + r) << 18) / m << 11);
}

/* Start position of the j-th draw of a replicate, unit 2^-62, before the m of a coordinate are sorted (MODEL.md
 * sections 2 and 6). */
TS_FUNCTION int64_t ts_start_position(const ts_cell *cell, uint32_t replicate, uint32_t j) {
    const uint32_t m = cell->of_coordinate;
    if (!ts_init_is_drawn((ts_init)cell->init))
        return ts_position_in_part(j % m, m, UINT64_C(1) << 32);
    const ts_words words = ts_random_block(cell->seed, cell->salt, replicate, TS_STREAM_POSITIONS, j / 4);
    const uint64_t r = 2 * (uint64_t)words.word[j % 4] + 1; /* unit 2^-33 */
    return cell->init == TS_INIT_STRATIFIED ? ts_position_in_part(j % m, m, r) : (int64_t)(r << 29);
}

/* Start weight of neuron j, unit 2^-48. */
TS_FUNCTION int64_t ts_start_weight(const ts_cell *cell, uint32_t replicate, uint32_t j) {
    if (cell->start_weight.multiplier == 0)
        return 0;
    const ts_words words = ts_random_block(cell->seed, cell->salt, replicate, TS_STREAM_WEIGHTS, j / 4);
    return ts_apply(cell->start_weight, (int32_t)(words.word[j % 4] >> 1));
}

#endif
