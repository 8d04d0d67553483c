/* Tails of the distributions that statistics are held against. */
#ifndef TS_ESTIMATE_TAIL_H
#define TS_ESTIMATE_TAIL_H

#include <stddef.h>

/* 97.5 per cent quantile of the normal distribution, for intervals of 95 per cent */
#define TS_NORMAL_QUANTILE 1.959963984540054

/* Probability that a chi-square with so many degrees of freedom is `statistic` or larger; NaN with 0 of them. */
double ts_chi_square_tail(double statistic, size_t freedom);

#endif
