/* xorshift64*: not the generator of the program */
#ifndef TS_TESTS_RANDOM_H
#define TS_TESTS_RANDOM_H

#include <stdint.h>

typedef struct test_random {
    uint64_t state;
} test_random;

static inline uint64_t random_word(test_random *random) {
    random->state ^= random->state >> 12;
    random->state ^= random->state << 25;
    random->state ^= random->state >> 27;
    return random->state * UINT64_C(0x2545f4914f6cdd1d);
}

static inline double random_between(test_random *random, double low, double high) {
    return low + (high - low) * (double)(random_word(random) >> 11) * 0x1p-53;
}

#endif
