#include "backend/cpu/instructions.h"

#include <stddef.h>
#include <string.h>

extern const ts_method ts_dense_baseline, ts_sorted_baseline;

#if defined(__x86_64__)
extern const ts_method ts_dense_avx2, ts_sorted_avx2, ts_plain_avx2;
extern const ts_method ts_dense_avx512, ts_sorted_avx512, ts_plain_avx512;

static bool has_avx2(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
           __builtin_cpu_supports("popcnt");
}

static bool has_avx512(void) {
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
}
#endif

static bool always(void) {
    return true;
}

static const struct {
    ts_instructions set;
    bool (*available)(void);
} sets[] = {
#if defined(__x86_64__)
    {{"avx512", &ts_dense_avx512, &ts_sorted_avx512, 100, 150, &ts_plain_avx512}, has_avx512},
    {{"avx2", &ts_dense_avx2, &ts_sorted_avx2, 64, 30, &ts_plain_avx2}, has_avx2},
#endif
    {{"baseline", &ts_dense_baseline, &ts_sorted_baseline, 28, 30, &ts_portable}, always},
    {{"portable", &ts_portable, NULL, 0, 0, &ts_portable}, always},
};

#define SET_COUNT (sizeof sets / sizeof sets[0])

const ts_instructions *ts_instructions_at(size_t index) {
    for (size_t i = 0; i < SET_COUNT; i++)
        if (sets[i].available() && index-- == 0)
            return &sets[i].set;
    return NULL;
}

const ts_instructions *ts_instructions_named(const char *name) {
    if (ts_is_auto(name))
        return ts_instructions_at(0);
    for (size_t i = 0; i < SET_COUNT; i++)
        if (sets[i].available() && strcmp(sets[i].set.name, name) == 0)
            return &sets[i].set;
    return NULL;
}
