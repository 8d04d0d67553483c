/* Ascending order of numbers, for qsort. */
#ifndef TS_BASE_ORDER_H
#define TS_BASE_ORDER_H

#include <stdint.h>

static inline int ts_compare_doubles(const void *left, const void *right) {
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static inline int ts_compare_int64(const void *left, const void *right) {
    const int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

#endif
