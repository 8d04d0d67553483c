/* The start condition of the paper's theorem: at least two neurons in every piece of the target (MODEL.md section 4;
 * docs/theory.md section 5). It is sufficient for the limit to succeed, not necessary. */
#ifndef TS_THEORY_START_CONDITION_H
#define TS_THEORY_START_CONDITION_H

#include <timescape.h>

/* Probability that the start of a network of m neurons meets the condition, 0 <= m <= TS_MAX_NEURONS: for `init:
 * uniform` m! times the coefficient of z^m in the product over the pieces of exp(p z) - 1 - p z, where p is the length
 * of a piece; for `init: stratified` a sum over neurons and pieces; for `init: equispaced` 0 or 1. `settings` are
 * validated ones. */
double ts_start_condition_probability(const ts_settings *settings, uint32_t m);

/* The same for all networks of 0 .. most neurons, in the time that the last of them takes; probability [most + 1]. */
void ts_start_condition_probabilities(const ts_settings *settings, uint32_t most, double *probability);

#endif
