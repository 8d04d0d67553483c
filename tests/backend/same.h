/* Two sweeps with the same bits: every kept value and every statistic, by memcmp. */
#ifndef TS_TESTS_BACKEND_SAME_H
#define TS_TESTS_BACKEND_SAME_H

#include "support.h"

static inline void assert_same_cell(const ts_sweep *a, size_t cell_a, const ts_sweep *b, size_t cell_b,
                                    size_t replicates) {
    const ts_kept *left = &a->results.kept[cell_a], *right = &b->results.kept[cell_b];
    const size_t m = a->cells[cell_a].neurons;
    assert_int_equal(m, b->cells[cell_b].neurons);
    assert_memory_equal(left->position, right->position, replicates * m * sizeof(int64_t));
    assert_memory_equal(left->weight, right->weight, replicates * m * sizeof(int64_t));
    assert_memory_equal(left->bias, right->bias, replicates * sizeof(int64_t));
    assert_memory_equal(left->loss, right->loss, replicates * sizeof(int64_t));
    assert_memory_equal(left->position_loss, right->position_loss, replicates * sizeof(int64_t));
    assert_memory_equal(left->missed, right->missed, replicates * sizeof(uint32_t));
    assert_memory_equal(left->outcome, right->outcome, replicates);
}

static inline void assert_same_sweep(const ts_sweep *a, const ts_sweep *b) {
    assert_int_equal(a->cell_count, b->cell_count);
    for (size_t i = 0; i < a->cell_count; i++) {
        assert_same_cell(a, i, b, i, a->settings.replicates);
        assert_memory_equal(&a->results.statistics[i], &b->results.statistics[i], sizeof(ts_statistics));
    }
}

#endif
