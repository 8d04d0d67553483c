/* Number formats and the few integer operations on them (docs/numerics.md, "Formats" and "Notation").
 *
 * Every quantity of a training is an integer; the scale is part of its name here. Only products round, each once, so
 * sums may be taken in any order. Right shifts of negative numbers are arithmetic on every compiler we support. */
#ifndef TS_MODEL_FIXED_H
#define TS_MODEL_FIXED_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __CUDACC__
#define TS_FUNCTION static inline __host__ __device__
#else
#define TS_FUNCTION static inline
#endif

#ifdef __CUDA_ARCH__
#define TS_UNROLL _Pragma("unroll") /* keeps the arrays of a lane in registers */
#define TS_UNROLL_BY_4 _Pragma("unroll 4")
#define TS_ROLLED _Pragma("unroll 1") /* a loop that runs rarely */
#else
#define TS_UNROLL
#define TS_UNROLL_BY_4
#define TS_ROLLED
#endif

#define TS_POSITION_BITS 62 /* position u:             int64, unit 2^-62 */
#define TS_POINT_BITS 30    /* sample point x, widths: int32, unit 2^-30 (the high word of a position) */
#define TS_WEIGHT_BITS 48   /* weights a, gradients G: int64, unit 2^-48 */
#define TS_VALUE_BITS 24    /* target, noise, residual: unit 2^-24 */
#define TS_UNIT_BITS 30     /* activation, derivative: int32, unit 2^-30, from 0 to 2^30 */
#define TS_LOSS_BITS 44     /* loss L:                 int64, unit 2^-44 */

/* Positions stay between -1/2 and 3/2: a neuron out there never moves again (MODEL.md section 7). */
#define TS_POSITION_LOW (-(INT64_C(1) << 61))
#define TS_POSITION_HIGH (INT64_C(3) << 61)

/* value = multiplier * 2^-shift; the multiplier is 0 or from 2^30 to 2^31 - 1 */
typedef struct ts_factor {
    int32_t multiplier;
    int32_t shift;
    int64_t half; /* 2^(shift - 1), or 0 for shift < 1 */
} ts_factor;

/* Products of words: one instruction of a GPU each, which its compiler does not always find. */
TS_FUNCTION int64_t ts_multiply_signed(int32_t a, int32_t b) {
#ifdef __CUDA_ARCH__
    int64_t product;
    asm("mul.wide.s32 %0, %1, %2;" : "=l"(product) : "r"(a), "r"(b));
    return product;
#else
    return (int64_t)a * b;
#endif
}

TS_FUNCTION uint64_t ts_multiply_unsigned(uint32_t a, uint32_t b) {
#ifdef __CUDA_ARCH__
    uint64_t product;
    asm("mul.wide.u32 %0, %1, %2;" : "=l"(product) : "r"(a), "r"(b));
    return product;
#else
    return (uint64_t)a * b;
#endif
}

/* sum + value where a > b, else sum, modulo 2^64: a GPU's compiler would first select the words of value. */
TS_FUNCTION uint64_t ts_add_above(uint64_t sum, uint64_t value, uint32_t a, uint32_t b) {
#ifdef __CUDA_ARCH__
    uint32_t low = (uint32_t)sum, high = (uint32_t)(sum >> 32);
    asm("{\n\t.reg .pred above;\n\t"
        "setp.gt.u32 above, %4, %5;\n\t"
        "@above add.cc.u32 %0, %0, %2;\n\t"
        "@above addc.u32 %1, %1, %3;\n\t}"
        : "+r"(low), "+r"(high)
        : "r"((uint32_t)value), "r"((uint32_t)(value >> 32)), "r"(a), "r"(b));
    return (uint64_t)high << 32 | low;
#else
    return a > b ? sum + value : sum;
#endif
}

/* R(v, n): v / 2^n rounded to the nearest integer, halves up. 1 <= n <= 62 and |v| <= 2^63 - 2^(n-1). */
TS_FUNCTION int64_t ts_round_shift(int64_t v, int n) {
    return (int64_t)((uint64_t)v + (UINT64_C(1) << (n - 1))) >> n;
}

/* R(v factor, 30) of the exact product, for 0 <= factor < 2^31. For factors up to 2^30 never larger in magnitude than
 * v, else |v| factor has to stay below 2^93. */
TS_FUNCTION int64_t ts_multiply_unit(int64_t v, int32_t factor) {
    const int64_t high = ts_multiply_signed((int32_t)(v >> 32), factor);
    const int64_t low = (int64_t)ts_multiply_unsigned((uint32_t)v, (uint32_t)factor);
    return high * 4 + ts_round_shift(low, TS_UNIT_BITS);
}

/* R(v factor, n) of the exact product, -20 <= n <= 94 (n <= 0: multiplied by 2^-n), saturated to the range of int64. */
TS_FUNCTION int64_t ts_multiply_saturated(int64_t v, int32_t factor, int n) {
    const int64_t low = (int64_t)(uint32_t)v * factor;
    const int64_t high = (v >> 32) * factor + (low >> 32); /* the product is high 2^32 + the low word of low */
    if (n > 32)
        return ts_round_shift(high, n - 32);
    const int64_t limit = n < 32 ? INT64_C(1) << (31 + n) : INT64_MAX; /* beyond it the result leaves int64 */
    if (high >= limit - 1)
        return INT64_MAX;
    if (high < -limit)
        return INT64_MIN;
    const int64_t fraction = (int64_t)(uint32_t)low;
    return high * (INT64_C(1) << (32 - n)) + (n > 0 ? ts_round_shift(fraction, n) : fraction << -n);
}

/* R(v multiplier, shift), 1 <= shift <= 62. */
TS_FUNCTION int64_t ts_apply(ts_factor factor, int32_t v) {
    return (ts_multiply_signed(v, factor.multiplier) + factor.half) >> factor.shift;
}

/* Index of the lowest bit of a mask that is not 0. */
TS_FUNCTION int ts_lowest_bit(uint32_t mask) {
#ifdef __CUDA_ARCH__
    return __ffs((int)mask) - 1;
#else
    return __builtin_ctz(mask);
#endif
}

TS_FUNCTION int64_t ts_clamp(int64_t v, int64_t low, int64_t high) {
    return v < low ? low : v > high ? high : v;
}

#endif
