/* The neurons of one training sorted by position, under a tree of sums (MODEL.md section 7).
 *
 * The neurons that are on are the first n ones, so a step adds the same G to the first n weights and asks for their
 * sum. 8 neurons are a leaf. With n = 8 b + r a step adds G to r weights of leaf b, and notes it at that leaf for all
 * leaves before it: d_b += G. The weight of a neuron is then the one that is stored with it, w_j, plus what waits above
 * its leaf l, the sum of d_s over s > l. Since a_0 grows by the same G in every step, the sum of all d is a_0, and
 *
 *     sum of the first n weights = sum over s < b of (S_s + 8 s d_s) + sum over the r of w_j + n T - r d_b,
 *     T = a_0 - sum over s < b of d_s,
 *
 * where S_s is the sum of the stored weights of leaf s. So two sums over the leaves before b are all that is needed:
 * of S_s + 8 s d_s (`sum`) and of d_s (`added`), each under a tree in which a node has 8 children; and a step changes
 * one entry of each per level. Everything is taken modulo 2^64: single numbers may wrap, true weights and sums do not.
 *
 * Child c of node n of level k stands above the leaves that begin with 8^(k-1) (8 n + c). Places without a neuron are
 * like neurons with weight 0 to the right of every sample. */
#ifndef TS_BACKEND_CPU_TREE_H
#define TS_BACKEND_CPU_TREE_H

#include "backend/cpu/vector.h"

#include <stddef.h>

#define TS_TREE_DEPTH 3 /* 8^(3 + 1) = TS_MAX_NEURONS */

/* The numbers of the 8 children of a node; of the leaves themselves at level 1. */
typedef struct ts_node {
    int64_t sum[8];   /* sum of S_s + 8 s d_s over the leaves s below */
    int64_t added[8]; /* sum of d_s */
    int32_t head[8];  /* position of the first neuron below, unit 2^-30; INT32_MIN for child 0, which needs none */
} ts_node;

typedef struct ts_tree {
    int32_t *high;     /* [m + padding] high words of the positions, unit 2^-30, ascending; high[-1] is INT32_MIN */
    int64_t *position; /* [m + padding] unit 2^-62 */
    int64_t *weight;   /* [m + padding] unit 2^-48: w_j */
    uint16_t *index;   /* [m + padding] place in the order of start positions */
    ts_node *level[TS_TREE_DEPTH + 1]; /* [nodes] for levels 1 .. depth; one node at level `depth` */
    uint32_t neurons;
    uint32_t depth;
} ts_tree;

/* Where the first n neurons end: in or behind child[k] of node[k] at level k, and behind child[0] = r neurons of the
 * leaf that begins with the neuron `leaf` = 8 b. */
typedef struct ts_path {
    ts_node *node[TS_TREE_DEPTH + 1];
    uint32_t child[TS_TREE_DEPTH + 1];
    uint32_t leaf;
    int64_t from_leaf; /* T; set by ts_tree_sum */
} ts_path;

/* Masks of the first 0 .. 8 of 8 lanes. */
static const int64_t ts_first_lanes[9][8] __attribute__((aligned(64))) = {
    {0},
    {-1},
    {-1, -1},
    {-1, -1, -1},
    {-1, -1, -1, -1},
    {-1, -1, -1, -1, -1},
    {-1, -1, -1, -1, -1, -1},
    {-1, -1, -1, -1, -1, -1, -1},
    {-1, -1, -1, -1, -1, -1, -1, -1},
};

/* The prefix of neurons at or left of `point`. */
static inline void ts_tree_find(const ts_tree *tree, uint32_t depth, int32_t point, ts_path *path) {
    uint32_t place = 0; /* among the nodes of a level */
    for (uint32_t k = depth; k >= 1; k--) {
        ts_node *node = tree->level[k] + place;
        path->node[k] = node;
        path->child[k] = ts_count_at_most(node->head, point) - 1;
        place = place * 8 + path->child[k];
    }
    path->leaf = place * 8;
    path->child[0] = ts_count_at_most(tree->high + path->leaf, point);
}

/* What waits above the leaf of the path, after ts_tree_sum. */
static inline int64_t ts_path_waiting(const ts_path *path, uint32_t depth) {
    return depth == 0 ? 0 : path->from_leaf - path->node[1]->added[path->child[1]];
}

/* The lanes of a vector whose sum is that of the first n weights. */
static inline ts_v64 ts_tree_sum(const ts_tree *tree, uint32_t depth, ts_path *path, int64_t bias) {
    ts_v64 sum = {0}, added = {0};
    for (uint32_t k = 1; k <= depth; k++) {
        const ts_node *node = path->node[k];
        const int64_t *mask = ts_first_lanes[path->child[k]];
        for (int v = 0; v < 8; v += TS_LANES64) {
            sum += ts_load64(node->sum + v) & ts_load64(mask + v);
            added += ts_load64(node->added + v) & ts_load64(mask + v);
        }
    }
    const int64_t *mask = ts_first_lanes[path->child[0]];
    for (int v = 0; v < 8; v += TS_LANES64)
        sum += ts_load64(tree->weight + path->leaf + v) & ts_load64(mask + v);
    if (depth == 0)
        return sum;
    path->from_leaf = bias - ts_sum64(added);
    const int64_t count = path->leaf + path->child[0];
    return sum + ts_first64(count * path->from_leaf - path->child[0] * path->node[1]->added[path->child[1]]);
}

/* Add G to the first n weights. The stored weights of the last leaf grew by `leaf_growth` besides. */
static inline void ts_tree_add(ts_tree *tree, uint32_t depth, const ts_path *path, int64_t gradient,
                               int64_t leaf_growth) {
    int64_t *weight = tree->weight + path->leaf;
    const int64_t *mask = ts_first_lanes[path->child[0]];
    for (int v = 0; v < 8; v += TS_LANES64)
        ts_store64(weight + v, ts_load64(weight + v) + (ts_all64(gradient) & ts_load64(mask + v)));
    const int64_t growth = gradient * (path->leaf + path->child[0]) + leaf_growth; /* of S_b + 8 b d_b */
    for (uint32_t k = 1; k <= depth; k++) {
        path->node[k]->sum[path->child[k]] += growth;
        path->node[k]->added[path->child[k]] += gradient;
    }
}

/* Child of level k above neuron j. */
static inline ts_node *ts_tree_node(const ts_tree *tree, uint32_t k, uint32_t j) {
    return &tree->level[k][j >> (3 * k + 3)];
}

static inline uint32_t ts_tree_child(uint32_t k, uint32_t j) {
    return j >> (3 * k) & 7;
}

/* d of the leaf of neuron j: how much less waits above it than above the leaf before. */
static inline int64_t ts_tree_step(const ts_tree *tree, uint32_t depth, uint32_t j) {
    return depth == 0 ? 0 : ts_tree_node(tree, 1, j)->added[ts_tree_child(1, j)];
}

/* The weight of neuron j. To be called for j = 0, 1, ...; *waiting is a_0 at first. */
static inline int64_t ts_tree_weight(const ts_tree *tree, uint32_t j, int64_t *waiting) {
    if (tree->depth == 0)
        return tree->weight[j];
    if (j % 8 == 0)
        *waiting = (int64_t)((uint64_t)*waiting - (uint64_t)ts_tree_step(tree, tree->depth, j));
    return (int64_t)((uint64_t)tree->weight[j] + (uint64_t)*waiting);
}

/* The stored weights of the leaf of neuron j grew by `change`. */
static inline void ts_tree_grow(ts_tree *tree, uint32_t depth, uint32_t j, int64_t change) {
    for (uint32_t k = 1; k <= depth; k++) {
        int64_t *sum = &ts_tree_node(tree, k, j)->sum[ts_tree_child(k, j)];
        *sum = (int64_t)((uint64_t)*sum + (uint64_t)change);
    }
}

/* Leaves from that of neuron `first` to that of neuron `last` have new first neurons. A leaf that begins the first
 * child of a node is known by the head of the node above it. */
static inline void ts_tree_set_heads(ts_tree *tree, uint32_t depth, uint32_t first, uint32_t last) {
    for (uint32_t j = first & ~7U; j <= last; j += 8) {
        uint32_t k = 1;
        while (k <= depth && ts_tree_child(k, j) == 0)
            k++;
        if (k <= depth)
            ts_tree_node(tree, k, j)->head[ts_tree_child(k, j)] = tree->high[j];
    }
}

/* Bytes of a tree for m neurons, a multiple of 64. */
size_t ts_tree_size(uint32_t neurons);

/* Lay out a tree in `memory` (aligned to 64 bytes) for positions, unit 2^-62, in any order, weights, unit 2^-48, and a
 * bias a_0. */
void ts_tree_create(ts_tree *tree, const int64_t *positions, const int64_t *weights, int64_t bias, uint32_t neurons,
                    void *memory);

/* The neurons first .. last have new positions: bring all into order again. */
void ts_tree_reorder(ts_tree *tree, uint32_t first, uint32_t last);

#endif
