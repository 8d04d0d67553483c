/* Vectors of integers, as long as the instruction set that this file is compiled for has them.
 *
 * Types and most operators are the vector extension of GCC and Clang; here stand the operations that it cannot express
 * well. A comparison gives a mask: -1 where it holds, 0 elsewhere. */
#ifndef TS_BACKEND_CPU_VECTOR_H
#define TS_BACKEND_CPU_VECTOR_H

#include <stdbool.h>
#include <stdint.h>

#if defined(__AVX512F__) || defined(__AVX2__)
#include <immintrin.h>
#elif defined(__SSE2__)
#include <emmintrin.h>
#endif

#if defined(__AVX512F__)
#define TS_VECTOR_BYTES 64
#elif defined(__AVX2__)
#define TS_VECTOR_BYTES 32
#else
#define TS_VECTOR_BYTES 16
#endif

#define TS_LANES32 (TS_VECTOR_BYTES / 4)
#define TS_LANES64 (TS_VECTOR_BYTES / 8)

/* Every object of a file that is compiled for several instruction sets has the name of the set at its end. */
#define TS_JOIN_NAMES(name, set) name##_##set
#define TS_JOIN(name, set) TS_JOIN_NAMES(name, set)
#define TS_NAME(name) TS_JOIN(name, TS_INSTRUCTIONS)

typedef int32_t ts_v32 __attribute__((vector_size(TS_VECTOR_BYTES)));
typedef uint32_t ts_vu32 __attribute__((vector_size(TS_VECTOR_BYTES)));
typedef int64_t ts_v64 __attribute__((vector_size(TS_VECTOR_BYTES)));
typedef uint64_t ts_vu64 __attribute__((vector_size(TS_VECTOR_BYTES)));
typedef int32_t ts_half32 __attribute__((vector_size(TS_VECTOR_BYTES / 2))); /* as many lanes as a ts_v64 */

static inline ts_v32 ts_all32(int32_t value) {
    return value - (ts_v32){0};
}

static inline ts_v64 ts_all64(int64_t value) {
    return value - (ts_v64){0};
}

/* Memory of any alignment. */
static inline ts_v32 ts_load32(const int32_t *from) {
    ts_v32 v;
    __builtin_memcpy(&v, from, sizeof v);
    return v;
}

static inline ts_v64 ts_load64(const int64_t *from) {
    ts_v64 v;
    __builtin_memcpy(&v, from, sizeof v);
    return v;
}

static inline void ts_store32(int32_t *to, ts_v32 v) {
    __builtin_memcpy(to, &v, sizeof v);
}

static inline void ts_store64(int64_t *to, ts_v64 v) {
    __builtin_memcpy(to, &v, sizeof v);
}

static inline ts_half32 ts_load_half32(const int32_t *from) {
    ts_half32 v;
    __builtin_memcpy(&v, from, sizeof v);
    return v;
}

static inline void ts_store_half32(int32_t *to, ts_half32 v) {
    __builtin_memcpy(to, &v, sizeof v);
}

/* Product of the low 32 bits of each 64-bit lane, signed. */
static inline ts_v64 ts_multiply_low(ts_v64 a, ts_v64 b) {
#if defined(__AVX512F__)
    return (ts_v64)_mm512_mul_epi32((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
    return (ts_v64)_mm256_mul_epi32((__m256i)a, (__m256i)b);
#else
    return (ts_v64){(int64_t)(int32_t)a[0] * (int32_t)b[0], (int64_t)(int32_t)a[1] * (int32_t)b[1]};
#endif
}

/* The same, unsigned. */
static inline ts_v64 ts_multiply_low_unsigned(ts_v64 a, ts_v64 b) {
#if defined(__AVX512F__)
    return (ts_v64)_mm512_mul_epu32((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
    return (ts_v64)_mm256_mul_epu32((__m256i)a, (__m256i)b);
#elif defined(__SSE2__)
    return (ts_v64)_mm_mul_epu32((__m128i)a, (__m128i)b);
#else
    return (ts_v64){(int64_t)((uint64_t)(uint32_t)a[0] * (uint32_t)b[0]),
                    (int64_t)((uint64_t)(uint32_t)a[1] * (uint32_t)b[1])};
#endif
}

static inline ts_v64 ts_shift_logical(ts_v64 v, int n) {
    return (ts_v64)((ts_vu64)v >> n);
}

/* R(v, n) of docs/numerics.md for |v| < 2^62. */
static inline ts_v64 ts_round_shift_lanes(ts_v64 v, int n) {
    const int64_t offset = INT64_C(1) << 62; /* makes it positive: a logical shift will do */
    return ts_shift_logical(v + ts_all64(offset + (INT64_C(1) << (n - 1))), n) - ts_all64(offset >> n);
}

/* a where the mask is set, b elsewhere. */
static inline ts_v64 ts_select64(ts_v64 mask, ts_v64 a, ts_v64 b) {
#if defined(__AVX2__) && !defined(__AVX512F__)
    return (ts_v64)_mm256_blendv_epi8((__m256i)b, (__m256i)a, (__m256i)mask);
#else
    return (a & mask) | (b & ~mask);
#endif
}

/* Bit i is set where lane i of the mask is. */
static inline unsigned ts_bits32(ts_v32 mask) {
#if defined(__AVX512F__)
    return _mm512_movepi32_mask((__m512i)mask);
#elif defined(__AVX2__)
    return (unsigned)_mm256_movemask_ps((__m256)mask);
#elif defined(__SSE2__)
    return (unsigned)_mm_movemask_ps((__m128)mask);
#else
    unsigned bits = 0;
    for (int i = 0; i < TS_LANES32; i++)
        bits |= (unsigned)(mask[i] & 1) << i;
    return bits;
#endif
}

static inline unsigned ts_bits64(ts_v64 mask) {
#if defined(__AVX512F__)
    return _mm512_movepi64_mask((__m512i)mask);
#elif defined(__AVX2__)
    return (unsigned)_mm256_movemask_pd((__m256d)mask);
#elif defined(__SSE2__)
    return (unsigned)_mm_movemask_pd((__m128d)mask);
#else
    return (unsigned)(mask[0] & 1) | (unsigned)(mask[1] & 1) << 1;
#endif
}

static inline bool ts_any_half32(ts_half32 mask) {
#if defined(__AVX2__) && !defined(__AVX512F__)
    return !_mm_testz_si128((__m128i)mask, (__m128i)mask);
#endif
    int32_t any = 0;
    for (int i = 0; i < TS_LANES64; i++)
        any |= mask[i];
    return any;
}

/* As many 32-bit numbers as a ts_v64 has lanes, with their sign. */
static inline ts_v64 ts_widen(const int32_t *from) {
#if defined(__AVX512F__)
    return (ts_v64)_mm512_cvtepi32_epi64(_mm256_loadu_si256((const __m256i *)from));
#elif defined(__AVX2__)
    return (ts_v64)_mm256_cvtepi32_epi64(_mm_loadu_si128((const __m128i *)from));
#else
    return __builtin_convertvector(ts_load_half32(from), ts_v64);
#endif
}

/* The high words of all lanes. */
static inline ts_half32 ts_high_words(ts_v64 v) {
#if defined(__AVX512F__)
    return (ts_half32)_mm512_cvtepi64_epi32(_mm512_srli_epi64((__m512i)v, 32));
#elif defined(__AVX2__)
    const __m256i odd_words = _mm256_setr_epi32(1, 3, 5, 7, 1, 3, 5, 7);
    return (ts_half32)_mm256_castsi256_si128(_mm256_permutevar8x32_epi32((__m256i)v, odd_words));
#else
    return __builtin_convertvector(v >> 32, ts_half32);
#endif
}

/* How many of 8 numbers are at most `limit`. */
static inline uint32_t ts_count_at_most(const int32_t *numbers, int32_t limit) {
#if defined(__AVX2__)
    const __m256i larger = _mm256_cmpgt_epi32(_mm256_loadu_si256((const __m256i *)numbers), _mm256_set1_epi32(limit));
    return 8 - (uint32_t)__builtin_popcount((unsigned)_mm256_movemask_ps((__m256)larger));
#else
    typedef int32_t four __attribute__((vector_size(16)));
    four low, high;
    __builtin_memcpy(&low, numbers, sizeof low);
    __builtin_memcpy(&high, numbers + 4, sizeof high);
    const four minus = (low <= limit) + (high <= limit);
    return (uint32_t) - (minus[0] + minus[1] + minus[2] + minus[3]);
#endif
}

/* Is a bit set in any lane? */
static inline bool ts_any64(ts_v64 v) {
#if defined(__AVX512F__)
    return _mm512_test_epi64_mask((__m512i)v, (__m512i)v);
#elif defined(__AVX2__)
    return !_mm256_testz_si256((__m256i)v, (__m256i)v);
#else
    return v[0] | v[1];
#endif
}

/* A vector whose lanes have the sum `value`. */
static inline ts_v64 ts_first64(int64_t value) {
    return (ts_v64){value};
}

/* Sum of all lanes. */
static inline int64_t ts_sum64(ts_v64 v) {
#if defined(__AVX512F__)
    return _mm512_reduce_add_epi64((__m512i)v);
#elif defined(__AVX2__)
    const __m128i pair = _mm_add_epi64(_mm256_castsi256_si128((__m256i)v), _mm256_extracti128_si256((__m256i)v, 1));
    return _mm_cvtsi128_si64(_mm_add_epi64(pair, _mm_unpackhi_epi64(pair, pair)));
#else
    return v[0] + v[1];
#endif
}

/* ---- 32-bit lanes and their two parts of 64-bit lanes. Lane i of a ts_v32 belongs to lane TS_PLACE(i) of part
 * TS_PART(i), in the order that costs nothing to widen a mask. */

#if defined(__AVX512F__)
#define TS_PART(i) ((i) / TS_LANES64)
#define TS_PLACE(i) ((i) % TS_LANES64)
typedef __mmask16 ts_mask32;
#else
#define TS_PART(i) ((i) % 2)
#define TS_PLACE(i) ((i) / 2)
typedef ts_v32 ts_mask32;
#endif

/* The low words of two parts. */
static inline ts_v32 ts_join32(ts_v64 part0, ts_v64 part1) {
#if defined(__AVX512F__)
    const __m512i low = _mm512_castsi256_si512(_mm512_cvtepi64_epi32((__m512i)part0));
    return (ts_v32)_mm512_inserti64x4(low, _mm512_cvtepi64_epi32((__m512i)part1), 1);
#else
    return (ts_v32)((part0 & UINT32_MAX) | part1 << 32);
#endif
}

static inline ts_mask32 ts_greater32(ts_v32 a, ts_v32 b) {
#if defined(__AVX512F__)
    return _mm512_cmpgt_epi32_mask((__m512i)a, (__m512i)b);
#else
    return a > b;
#endif
}

/* sum + value in the lanes of the part where the mask is set. */
static inline ts_v64 ts_add_where(ts_v64 sum, ts_mask32 mask, int part, ts_v64 value) {
#if defined(__AVX512F__)
    return (ts_v64)_mm512_mask_add_epi64((__m512i)sum, (__mmask8)(mask >> (8 * part)), (__m512i)sum, (__m512i)value);
#elif defined(__AVX2__)
    const __m256i wide = part ? _mm256_shuffle_epi32((__m256i)mask, 0xf5) : _mm256_shuffle_epi32((__m256i)mask, 0xa0);
    return sum + (value & (ts_v64)wide);
#elif defined(__SSE2__)
    const __m128i wide = part ? _mm_shuffle_epi32((__m128i)mask, 0xf5) : _mm_shuffle_epi32((__m128i)mask, 0xa0);
    return sum + (value & (ts_v64)wide);
#else
    const ts_v64 wide = {mask[part], mask[part + 2]};
    return sum + (value & wide);
#endif
}

static inline ts_v32 ts_min_unsigned32(ts_v32 a, ts_v32 b) {
#if defined(__AVX512F__)
    return (ts_v32)_mm512_min_epu32((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
    return (ts_v32)_mm256_min_epu32((__m256i)a, (__m256i)b);
#else
    const ts_v32 smaller = (ts_v32)((ts_vu32)a < (ts_vu32)b);
    return (a & smaller) | (b & ~smaller);
#endif
}

#endif
