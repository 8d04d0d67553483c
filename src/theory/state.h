/* The inside of a ts_limit: where the neurons are, which pieces of the target lie between them, and what moves.
 *
 * Neurons are numbered 1 .. m here; 0 and m + 1 are the ends of [0,1]. Cell j lies between neurons j and j + 1. Which
 * jumps a cell holds is kept in whole numbers (`left`, `right`) and changes by events alone: rounding of a position
 * cannot put a neuron on the wrong side of a jump. Time is cut into segments: a step of the integration or the way to
 * an event, whichever is shorter. What is shown is computed from the segment it lies in. */
#ifndef TS_THEORY_STATE_H
#define TS_THEORY_STATE_H

#include "theory/chain.h"
#include "theory/isolated.h"
#include "theory/limit.h"

#define TS_LIMIT_MAX_SEGMENTS 1000000 /* steps and events of one limit; far beyond what any has been seen to need */

/* An isolated jump on its way. */
typedef struct ts_approach {
    ts_isolated jump; /* distances at `since` */
    uint32_t cell;
    double since, arrival; /* slow time */
} ts_approach;

struct ts_limit {
    ts_staircase target;
    uint32_t m;
    double *u;      /* [m + 2] at `time`; of an approach: at its `since` */
    double *shown;  /* [m + 2] at `slow_time` */
    uint8_t *left;  /* [m + 2] piece left of the neuron */
    uint8_t *right; /* [m + 2] piece right of it: the same one, or the next where it stands on a jump */
    double slow_time;
    double rest_speed; /* slower than this is rounding: such neurons rest */
    bool general_only; /* isolated jumps are integrated like the others */

    /* what moves until the next event */
    bool is_classified;
    ts_chain chain;
    ts_approach approach[TS_MAX_JUMPS]; /* [approach_count] */
    int approach_count;

    /* the present segment, from `time` to `segment_end` (INFINITY when nothing moves) */
    bool is_planned, chain_moves;
    double time, segment_end;
    double chain_u[TS_CHAIN_MOVERS];   /* [chain.mover_count] at `time` */
    double chain_end[TS_CHAIN_MOVERS]; /* [chain.mover_count] at `segment_end` */
    double next_step;                  /* length to try for the next segment */
    uint32_t event_neuron;             /* of the chain, at `segment_end`; 0: none */
    int arriving;                      /* approach that ends at `segment_end`; -1: none */
    uint64_t segment_count;
};

static inline bool ts_limit_stands(const ts_limit *limit, uint32_t j) {
    return limit->left[j] != limit->right[j];
}

/* Does cell j hold a jump? */
static inline bool ts_limit_holds_jump(const ts_limit *limit, uint32_t j) {
    return limit->right[j] != limit->left[j + 1];
}

/* Average of f* over cell j, for `u` [m + 2]. */
static inline double ts_limit_average(const ts_limit *limit, const double *u, uint32_t j) {
    return ts_cell_average(&limit->target, limit->right[j], limit->left[j + 1], u[j], u[j + 1]);
}

/* Put every neuron into its pieces; decides what becomes of neurons that share a place on a jump (docs/theory.md
 * section 4). */
void ts_limit_place(ts_limit *limit);

/* Neuron j stands on a jump: let it go where it is pulled off. With `must_go` it goes to the side that pulls more. */
void ts_limit_settle(ts_limit *limit, uint32_t j, bool must_go);

/* Sort cells with a jump into approaches and the chain. */
void ts_limit_classify(ts_limit *limit);

/* Integrate isolated jumps, too, instead of using their exact solution. Only right after ts_limit_create. */
void ts_limit_use_general_solver(ts_limit *limit);

#endif
