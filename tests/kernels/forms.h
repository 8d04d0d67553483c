/* What the tests of the forms of a step share: a network in the order of its positions, and compared with a plain one.
 */
#ifndef TS_TESTS_KERNELS_FORMS_H
#define TS_TESTS_KERNELS_FORMS_H

#include "support.h"

/* The positions of a network, into position[m], and the numbers of its neurons in ascending order, into order[m]. */
static inline void order_network(const ts_cell *cell, const test_network *network, int64_t *position, uint32_t *order) {
    for (uint32_t j = 0; j < cell->neurons; j++) {
        position[j] = ts_position(&network->neurons, j);
        uint32_t k = j;
        for (; k > 0 && position[order[k - 1]] > position[j]; k--)
            order[k] = order[k - 1];
        order[k] = j;
    }
}

/* `a` is the plain training of `network`; `b` is the other one, with its positions and weights in order of neurons. */
static inline void assert_same_training(const ts_cell *cell, const test_network *network, const ts_training *a,
                                        const ts_training *b, const int64_t *position, const int64_t *weight) {
    assert_memory_equal(a, b, sizeof *a);
    for (uint32_t j = 0; j < cell->neurons; j++) {
        assert_int_equal(position[j], ts_position(&network->neurons, j));
        assert_int_equal(weight[j], network->weight[j]);
    }
}

/* Neurons anywhere, some of them outside of [0,1]. */
static inline void place_neurons(const ts_cell *cell, test_network *network, test_random *random) {
    network_clear(network);
    for (uint32_t j = 0; j < cell->neurons; j++) {
        const double weight = random_between(random, -2, 2); /* one number a statement: every compiler, the same test */
        network_set(network, j, random_between(random, -0.1, 1.1), weight);
    }
}

/* The step of a training whose residual is known, or that it diverges. Returns whether the weights are to be examined
 * before: then examine_training follows. */
static inline bool judge_residual(const ts_cell *cell, ts_training *training, int64_t residual, ts_update *update) {
    training->halted = !ts_residual_in_range(cell, residual);
    *update = training->halted ? (ts_update){0, 0} : ts_update_of(cell, (int32_t)residual);
    return !training->halted && !ts_drift_in_range(cell, training, update->gradient);
}

/* `range`: of the weights alone. */
static inline void examine_training(const ts_cell *cell, ts_training *training, ts_range range) {
    ts_range_add(&range, training->bias);
    training->drift = 0;
    training->halted = !ts_weights_in_range(cell, range);
}

#endif
