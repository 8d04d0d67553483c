/* The exact solution for a jump that is alone between two neurons, both with a cell without jumps at their other side
 * (MODEL.md section 4; docs/theory.md section 5). */
#ifndef TS_THEORY_ISOLATED_H
#define TS_THEORY_ISOLATED_H

#include <stdbool.h>

/* Distances of the jump to the left and to the right neuron at slow time 0. A side that does not move is an end of
 * [0,1], or a neuron that stands on the next jump. At least one side moves, and a side that does not is above 0. */
typedef struct ts_isolated {
    double x, y;
    double strength; /* D^2 */
    bool left_moves, right_moves;
} ts_isolated;

/* Is it the left neuron that reaches the jump? (Where both do at once, too.) */
bool ts_isolated_left_arrives(const ts_isolated *jump);

/* Slow time until one of the neurons reaches the jump. */
double ts_isolated_duration(const ts_isolated *jump);

/* The two distances at a slow time from 0 to the duration; beyond it, those at the duration. */
void ts_isolated_at(const ts_isolated *jump, double slow_time, double *x, double *y);

#endif
