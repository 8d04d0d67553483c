#include "backend/cpu/tree.h"

#define FRONT 16 /* places before the first neuron: one is used, and those behind it stay aligned to 64 bytes */

/* Whole leaves, and as many places again as a walk along the neurons may look ahead. */
static size_t places_of(uint32_t neurons) {
    return ((size_t)neurons + 7) / 8 * 8 + 16;
}

static size_t nodes_of(uint32_t neurons, uint32_t level) {
    const uint32_t covered = 8U << (3 * level); /* neurons below one node */
    return (neurons + covered - 1) / covered;
}

static size_t aligned(size_t bytes) {
    return (bytes + 63) / 64 * 64;
}

static uint32_t depth_of(uint32_t neurons) {
    uint32_t depth = 0;
    while (neurons > 8U << (3 * depth))
        depth++;
    return depth;
}

size_t ts_tree_size(uint32_t neurons) {
    const size_t places = places_of(neurons);
    size_t size = aligned((places + FRONT) * sizeof(int32_t)) + 2 * aligned(places * sizeof(int64_t)) +
                  aligned(places * sizeof(uint16_t));
    for (uint32_t k = 1; k <= depth_of(neurons); k++)
        size += aligned(nodes_of(neurons, k) * sizeof(ts_node));
    return size;
}

static void *take(char **memory, size_t bytes) {
    char *taken = *memory;
    *memory += aligned(bytes);
    return taken;
}

static void create_level(ts_tree *tree, uint32_t k, char **memory) {
    const size_t nodes = nodes_of(tree->neurons, k);
    tree->level[k] = take(memory, nodes * sizeof(ts_node));
    for (size_t n = 0; n < nodes; n++) {
        ts_node *node = &tree->level[k][n];
        *node = (ts_node){.head = {INT32_MIN}};
        for (size_t c = 1; c < 8; c++) {
            const size_t first = (8 * n + c) << (3 * k);
            node->head[c] = first < tree->neurons ? tree->high[first] : INT32_MAX;
        }
    }
}

/* Nothing waits above any leaf when all of a_0 stands at the first one, above which no leaf begins: d_0 = a_0. */
static void set_sums(ts_tree *tree, int64_t bias) {
    for (uint32_t k = 1; k <= tree->depth; k++)
        tree->level[k]->added[0] = bias;
    for (uint32_t j = 0; j < tree->neurons; j++)
        ts_tree_grow(tree, tree->depth, j, tree->weight[j]);
}

void ts_tree_create(ts_tree *tree, const int64_t *positions, const int64_t *weights, int64_t bias, uint32_t neurons,
                    void *memory) {
    char *free_memory = memory;
    const size_t places = places_of(neurons);
    *tree = (ts_tree){.neurons = neurons, .depth = depth_of(neurons)};
    tree->position = take(&free_memory, places * sizeof *tree->position);
    tree->weight = take(&free_memory, places * sizeof *tree->weight);
    tree->high = (int32_t *)take(&free_memory, (places + FRONT) * sizeof *tree->high) + FRONT;
    tree->index = take(&free_memory, places * sizeof *tree->index);
    tree->high[-1] = INT32_MIN;
    for (size_t j = 0; j < places; j++) {
        tree->position[j] = j < neurons ? positions[j] : INT64_MAX;
        tree->high[j] = (int32_t)(tree->position[j] >> 32);
        tree->weight[j] = j < neurons ? weights[j] : 0;
        tree->index[j] = (uint16_t)j;
    }
    for (uint32_t k = 1; k <= tree->depth; k++)
        create_level(tree, k, &free_memory);
    set_sums(tree, bias);
    ts_tree_reorder(tree, 0, neurons - 1);
}

/* Exchange the neurons j and j + 1. Each takes its true weight along. */
static void swap(ts_tree *tree, uint32_t j) {
    const int64_t position = tree->position[j];
    tree->position[j] = tree->position[j + 1];
    tree->position[j + 1] = position;
    const uint16_t index = tree->index[j];
    tree->index[j] = tree->index[j + 1];
    tree->index[j + 1] = index;
    const int32_t high = tree->high[j];
    tree->high[j] = tree->high[j + 1];
    tree->high[j + 1] = high;

    /* the one that goes to the left leaf finds more waiting above it */
    const uint64_t step = (j + 1) % 8 == 0 ? (uint64_t)ts_tree_step(tree, tree->depth, j + 1) : 0;
    const uint64_t left = (uint64_t)tree->weight[j], right = (uint64_t)tree->weight[j + 1];
    tree->weight[j] = (int64_t)(right - step);
    tree->weight[j + 1] = (int64_t)(left + step);
    if ((j + 1) % 8 == 0) {
        ts_tree_grow(tree, tree->depth, j, (int64_t)(right - step - left));
        ts_tree_grow(tree, tree->depth, j + 1, (int64_t)(left + step - right));
    }
}

void ts_tree_reorder(ts_tree *tree, uint32_t first, uint32_t last) {
    const int32_t *high = tree->high;
    uint32_t lowest = first;
    uint32_t j = first > 0 ? first : 1;
    for (; j < tree->neurons && (j <= last || high[j - 1] > high[j]); j++)
        for (uint32_t i = j; i > 0 && high[i - 1] > high[i]; i--) {
            swap(tree, i - 1);
            lowest = i - 1 < lowest ? i - 1 : lowest;
        }
    ts_tree_set_heads(tree, tree->depth, lowest, j - 1);
}
