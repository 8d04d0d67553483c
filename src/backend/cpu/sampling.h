/* The samples of a step, one training a 64-bit lane: the vector form of model/philox.h and of ts_label in model/step.h.
 */
#ifndef TS_BACKEND_CPU_SAMPLING_H
#define TS_BACKEND_CPU_SAMPLING_H

#include "backend/cpu/vector.h"
#include "model/cell.h"
#include "model/streams.h"

/* What all samples of a cell share, in every lane. */
typedef struct ts_sampling {
    ts_v64 key[10][2]; /* round keys of Philox4x32-10 */
    ts_v64 salt;
    ts_v64 jump_point[TS_MAX_JUMPS], jump_height[TS_MAX_JUMPS]; /* [jump_count] units 2^-30 and 2^-24 */
    ts_v64 base;                                                /* level of the first piece, unit 2^-24 */
    ts_v64 noise;                                               /* multiplier */
    int noise_shift;
    int jump_count;
} ts_sampling;

typedef struct ts_sample_lanes {
    ts_v64 point; /* x, unit 2^-30 */
    ts_v64 label; /* f*(x) + xi, unit 2^-24 */
} ts_sample_lanes;

static inline ts_sampling ts_sampling_of(const ts_cell *cell) {
    ts_sampling sampling = {
        .salt = ts_all64(cell->salt),
        .base = ts_all64(cell->level[0]),
        .noise = ts_all64(cell->noise.multiplier),
        .noise_shift = cell->noise.shift,
        .jump_count = cell->jump_count,
    };
    uint32_t key0 = (uint32_t)cell->seed, key1 = (uint32_t)(cell->seed >> 32);
    for (int round = 0; round < 10; round++) {
        sampling.key[round][0] = ts_all64(key0);
        sampling.key[round][1] = ts_all64(key1);
        key0 += 0x9E3779B9;
        key1 += 0xBB67AE85;
    }
    for (int k = 0; k < cell->jump_count; k++) { /* a jump from -64 to 64 needs more than 32 bits */
        sampling.jump_point[k] = ts_all64(cell->jump_point[k]);
        sampling.jump_height[k] = ts_all64((int64_t)cell->level[k + 1] - cell->level[k]);
    }
    return sampling;
}

/* A block of a stream for the replicates in the lanes. The words of Philox stand in the low halves of the lanes; what
 * is in the high halves does not matter. */
static inline void ts_random_lanes(const ts_sampling *sampling, ts_v64 replicate, int stream, uint64_t block,
                                   ts_v64 word[4]) {
    const ts_v64 multiplier0 = ts_all64(0xD2511F53), multiplier1 = ts_all64(0xCD9E8D57);
    word[0] = ts_all64((int64_t)block);
    word[1] = replicate;
    word[2] = sampling->salt;
    word[3] = ts_all64((int64_t)stream << 24 | (int64_t)(block >> 32 & 0xffffff));
#pragma GCC unroll 10
    for (int round = 0; round < 10; round++) {
        const ts_v64 product0 = ts_multiply_low_unsigned(word[0], multiplier0);
        const ts_v64 product1 = ts_multiply_low_unsigned(word[2], multiplier1);
        word[0] = ts_shift_logical(product1, 32) ^ word[1] ^ sampling->key[round][0];
        word[1] = product1;
        word[2] = ts_shift_logical(product0, 32) ^ word[3] ^ sampling->key[round][1];
        word[3] = product0;
    }
}

/* x of a random word, unit 2^-30. */
static inline ts_v64 ts_point_lanes(ts_v64 word) {
    return ts_shift_logical(word << 32, 34);
}

/* xi of a random word, unit 2^-24. */
static inline ts_v64 ts_noise_lanes(const ts_sampling *sampling, ts_v64 word) {
    return ts_round_shift_lanes(ts_multiply_low(word, sampling->noise), sampling->noise_shift);
}

/* Samples of the steps 2 block and 2 block + 1 of the replicates in the lanes. */
static inline void ts_draw_lanes(const ts_sampling *sampling, ts_v64 replicate, uint64_t block,
                                 ts_sample_lanes sample[2]) {
    ts_v64 word[4];
    ts_random_lanes(sampling, replicate, TS_STREAM_SAMPLES, block, word);
    for (int half = 0; half < 2; half++) {
        sample[half].point = ts_point_lanes(word[2 * half]);
        sample[half].label = ts_noise_lanes(sampling, word[2 * half + 1]) + sampling->base;
    }
    for (int k = 0; k < sampling->jump_count; k++)
        for (int half = 0; half < 2; half++)
            sample[half].label += sampling->jump_height[k] & ~(sampling->jump_point[k] > sample[half].point);
}

#endif
