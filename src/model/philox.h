/* Philox4x32-10 by counter: Random123 on the host, cuRAND's device header under nvcc. Both give the same words. */
#ifndef TS_MODEL_PHILOX_H
#define TS_MODEL_PHILOX_H

#include "model/fixed.h"

#ifdef __CUDACC__
#define QUALIFIERS                                                                                                     \
    static __forceinline__ __host__ __device__ /* cuRAND's own word; by default it is for devices only                 \
                                                */
#include <curand_philox4x32_x.h>
#else
#include <Random123/philox.h>
#endif

typedef struct ts_words {
    uint32_t word[4];
} ts_words;

TS_FUNCTION ts_words ts_philox(uint32_t c0, uint32_t c1, uint32_t c2, uint32_t c3, uint32_t k0, uint32_t k1) {
#ifdef __CUDACC__
    const uint4 r = curand_Philox4x32_10(make_uint4(c0, c1, c2, c3), make_uint2(k0, k1));
    const ts_words words = {{r.x, r.y, r.z, r.w}};
#else
    const philox4x32_ctr_t counter = {{c0, c1, c2, c3}};
    const philox4x32_key_t key = {{k0, k1}};
    const philox4x32_ctr_t r = philox4x32_R(10, counter, key);
    const ts_words words = {{r.v[0], r.v[1], r.v[2], r.v[3]}};
#endif
    return words;
}

/* Block `block` (below 2^56) of `stream` for one replicate of a cell (MODEL.md section 6). */
TS_FUNCTION ts_words ts_random_block(uint64_t seed, uint32_t salt, uint32_t replicate, int stream, uint64_t block) {
    return ts_philox((uint32_t)block, replicate, salt, (uint32_t)stream << 24 | (uint32_t)(block >> 32 & 0xffffff),
                     (uint32_t)seed, (uint32_t)(seed >> 32));
}

#endif
