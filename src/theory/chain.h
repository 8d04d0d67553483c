/* The neurons that have no exact solution, as a system of ordinary differential equations (MODEL.md section 4).
 *
 * Only cells that hold a jump move their neurons, so the system is small whatever m is. Its formulas hold until the
 * next event: a neuron reaches an end of its piece, or a neuron that stands on a jump is pulled off it. */
#ifndef TS_THEORY_CHAIN_H
#define TS_THEORY_CHAIN_H

#include "theory/staircase.h"

#define TS_CHAIN_CELLS TS_MAX_JUMPS
#define TS_CHAIN_MOVERS (2 * TS_MAX_JUMPS)

/* Cells and neurons are known by their index here; a cell -1 is one without a jump, a neuron -1 does not move. */
typedef struct ts_chain_cell {
    int first, last; /* pieces */
    int low_mover, high_mover;
    double low, high; /* where that neuron is, if it does not move */
} ts_chain_cell;

typedef struct ts_chain_neuron {
    uint32_t neuron; /* its number in the limit */
    int left_cell, right_cell;
    double left_level, right_level; /* of the target, left and right of it; equal where it moves */
    double low, high;               /* of a mover: the ends of its piece; infinite where these are the ends of [0,1] */
} ts_chain_neuron;

typedef struct ts_chain {
    int cell_count, mover_count, stander_count;
    ts_chain_cell cell[TS_CHAIN_CELLS];
    ts_chain_neuron mover[TS_CHAIN_MOVERS];
    ts_chain_neuron stander[TS_CHAIN_CELLS + 1]; /* between two of the cells, or at an end of a run of them */
    double rest_speed;                           /* a stander stays until it is pulled faster than this */
} ts_chain;

/* Velocities [mover_count] at positions u [mover_count]. Returns false where a cell would have a negative length. */
bool ts_chain_velocities(const ts_chain *chain, const ts_staircase *target, const double *u, double *velocity);

/* How far the neuron that is farthest beyond an event is beyond it (movers: position, standers: velocity); at most 0
 * before the next event. *neuron gets its number in the limit. */
double ts_chain_overshoot(const ts_chain *chain, const ts_staircase *target, const double *u, uint32_t *neuron);

/* Number of a neuron that is at an end of its piece and moves out of it; 0 when there is none. */
uint32_t ts_chain_blocked(const ts_chain *chain, const ts_staircase *target, const double *u);

/* One step: from u [mover_count] towards the time *step, which is made shorter until the error of every position is
 * below the tolerance, and up to the first event on the way. The end goes to `end`, *step becomes the time to it,
 * *next the step to try after it. Returns the number of the neuron of the event, or 0. */
uint32_t ts_chain_step(const ts_chain *chain, const ts_staircase *target, const double *u, double *step, double *next,
                       double *end);

/* Positions at a time within a step that ts_chain_step has found. */
void ts_chain_within(const ts_chain *chain, const ts_staircase *target, const double *u, double step, double *end);

#endif
