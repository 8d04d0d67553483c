#include "clock.h"

#include "base/clock.h"

#include <math.h>
#include <omp.h>
#include <stdint.h>

#define ROUNDS 40000 /* of 100 dependent additions (1 ms at 4 GHz), and of 200 independent ones */

typedef int32_t vector __attribute__((vector_size(16)));

/* The addend is a register: newer processors add small constants without executing anything. */
#if defined(__x86_64__)
#define CHAIN ".rept 100\n\tadd %[one], %[a]\n\t.endr"
#define BESIDE                                                                                                         \
    ".rept 25\n\t"                                                                                                     \
    "add %[one], %[a]\n\tpaddd %[ones], %[w]\n\tadd %[one], %[b]\n\tpaddd %[ones], %[x]\n\t"                           \
    "add %[one], %[c]\n\tpaddd %[ones], %[y]\n\tadd %[one], %[d]\n\tpaddd %[ones], %[z]\n\t"                           \
    ".endr"
#define IN_VECTOR "x"
#elif defined(__aarch64__)
#define CHAIN ".rept 100\n\tadd %[a], %[a], %[one]\n\t.endr"
#define BESIDE                                                                                                         \
    ".rept 25\n\t"                                                                                                     \
    "add %[a], %[a], %[one]\n\tadd %[w].4s, %[w].4s, %[ones].4s\n\t"                                                   \
    "add %[b], %[b], %[one]\n\tadd %[x].4s, %[x].4s, %[ones].4s\n\t"                                                   \
    "add %[c], %[c], %[one]\n\tadd %[y].4s, %[y].4s, %[ones].4s\n\t"                                                   \
    "add %[d], %[d], %[one]\n\tadd %[z].4s, %[z].4s, %[ones].4s\n\t"                                                   \
    ".endr"
#define IN_VECTOR "w"
#endif

#ifdef CHAIN
/* Seconds of 100 ROUNDS additions, each of which waits for the one before. */
static double time_chain(void) {
    const uint64_t one = 1;
    uint64_t a = 0;
    const double began = ts_seconds_now();
    for (int i = 0; i < ROUNDS; i++)
        __asm__ volatile(CHAIN : [a] "+r"(a) : [one] "r"(one) : "cc");
    return ts_seconds_now() - began;
}

/* Seconds of 200 ROUNDS additions in eight chains, four scalar and four of vectors. */
static double time_beside(void) {
    const uint64_t one = 1;
    const vector ones = {1, 1, 1, 1};
    uint64_t a = 0, b = 0, c = 0, d = 0;
    vector w = ones, x = ones, y = ones, z = ones;
    const double began = ts_seconds_now();
    for (int i = 0; i < ROUNDS; i++)
        __asm__ volatile(BESIDE
                         : [a] "+r"(a), [b] "+r"(b), [c] "+r"(c), [d] "+r"(d), [w] "+" IN_VECTOR(w),
                           [x] "+" IN_VECTOR(x), [y] "+" IN_VECTOR(y), [z] "+" IN_VECTOR(z)
                         : [one] "r"(one), [ones] IN_VECTOR(ones)
                         : "cc");
    return ts_seconds_now() - began;
}

bench_rate bench_measure_rate(int threads) {
    double clock = 0, simple = 0;
#pragma omp parallel num_threads(threads) reduction(+ : clock, simple)
    {
        clock += 100.0 * ROUNDS / time_chain();
        simple += 200.0 * ROUNDS / time_beside();
    }
    return (bench_rate){clock / threads, simple};
}
#else
bench_rate bench_measure_rate(int threads) {
    (void)threads;
    return (bench_rate){NAN, NAN};
}
#endif
