/* Trainings in batches, with gains for weights, end as those of the plain loop, step after step. */
#include "backend/random_settings.h"
#include "forms.h"

#include "kernels/ranked.h"

#define COLUMNS 3 /* as a device has 32 */

typedef struct ranked_network {
    ts_ranked net;
    uint64_t memory[COLUMNS * (TS_RANKED_MOST + 1) * 3];
    uint32_t low[TS_RANKED_MOST], order[TS_RANKED_MOST];
} ranked_network;

/* What the trainings went through, so that a comparison that saw nothing fails. */
typedef struct coverage {
    int diverged, crossed, outside;
    test_seen plain;
} coverage;

static void plain_advance(const ts_cell *cell, test_network *network, ts_training *training, uint64_t end,
                          coverage *seen) {
    while (training->step < end && !training->halted) {
        const ts_words block = ts_sample_block(cell, training->replicate, training->step);
        training->halted = !network_step(cell, network, training, ts_sample_of(&block, training->step), &seen->plain);
    }
}

static void assert_same(const ts_cell *cell, const test_network *network, const ts_training *a,
                        const ranked_network *ranked, const ts_training *b) {
    static int64_t position[TS_MAX_NEURONS], weight[TS_MAX_NEURONS];
    ts_ranked_store(cell, &ranked->net, b, position, weight);
    assert_same_training(cell, network, a, b, position, weight);
}

static void compare(const ts_cell *cell, test_network *network, ts_training training, int batch, uint64_t chunk,
                    coverage *seen) {
    static ranked_network ranked;
    static int64_t position[TS_MAX_NEURONS];
    assert_true(ts_ranked_size(cell->neurons, COLUMNS) <= sizeof ranked.memory);
    ranked.net = ts_ranked_in(ranked.memory, cell->neurons, COLUMNS, 1, ranked.low, ranked.order);
    order_network(cell, network, position, ranked.order);
    ts_training other = training;
    ts_ranked_load(cell, &ranked.net, &other, position, network->weight);
    while (training.step < cell->steps && !training.halted) {
        const uint64_t left = cell->steps - training.step, end = training.step + (chunk < left ? chunk : left);
        plain_advance(cell, network, &training, end, seen);
        while (other.step < end && !other.halted)
            ts_ranked_advance(cell, &ranked.net, &other, end, batch);
        assert_same(cell, network, &training, &ranked, &other);
    }
    seen->diverged += training.halted != 0;
    for (uint32_t j = 0; j < cell->neurons; j++) {
        seen->outside += network->high[j] < 0 || network->high[j] > 1 << 30;
        seen->crossed += j > 0 && position[j] > position[j - 1] && network->high[j] < network->high[j - 1];
    }
}

static uint32_t neurons_of_trial(int trial, test_random *random) {
    return trial % 3 == 0 ? 1 + (uint32_t)trial % 33 : 1 + (uint32_t)(random_word(random) % TS_RANKED_MOST);
}

static void batches_are_steps(void **state) {
    (void)state;
    static test_network network;
    test_random random = {91};
    coverage seen = {0};
    for (int trial = 0; trial < 400; trial++) {
        ts_settings settings = random_settings(&random);
        settings.steps = 1 + random_word(&random) % 300;
        const uint32_t m = neurons_of_trial(trial, &random);
        ts_cell cell = ts_cell_of(&settings, pow(10, random_between(&random, -4, 0.3)), m);
        if (trial % 4 == 0) { /* limits that a short training meets */
            cell.drift_limit = (int64_t)(1 + random_word(&random) % 3) * cell.gradient_limit;
            cell.weight_limit = cell.drift_limit / 20;
        }
        place_neurons(&cell, &network, &random);
        if (m > 2)
            network_set(&network, m - 1, 0.5, 1), network_set(&network, 0, 0.5, -1); /* at the same place */
        ts_training training = ts_training_start((uint32_t)trial);
        training.bias = llrint(ldexp(random_between(&random, -2, 2), TS_WEIGHT_BITS));
        training.step = random_word(&random) % 2 ? 0 : random_word(&random) % settings.steps;
        compare(&cell, &network, training, trial % 2 ? 4 : 8, 1 + random_word(&random) % settings.steps, &seen);
    }
    assert_true(seen.diverged > 5);
    assert_true(seen.plain.examined > 5);
    assert_true(seen.crossed > 5);
    assert_true(seen.outside > 5);
    assert_true(seen.plain.in_transition > 1000);
}

/* Ranks and targets are found by searches with a fixed number of steps: all sizes, points at and beside every boundary.
 */
static void searches_find_the_piece(void **state) {
    (void)state;
    for (int jumps = 0; jumps <= TS_MAX_JUMPS; jumps++) {
        ts_settings settings = paper_settings();
        settings.eta = 1e-3;
        settings.h = 1e-3;
        settings.steps = 1;
        settings.jump_count = (size_t)jumps;
        for (int k = 0; k < jumps; k++) {
            settings.jump_at[k] = (k + 1) / 64.0;
            settings.jump_by[k] = 0.5;
        }
        const ts_cell cell = ts_cell_of(&settings, 1, 1);
        assert_int_equal(ts_target(&cell, 0), cell.level[0]);
        for (int k = 0; k < jumps; k++) {
            assert_int_equal(ts_target(&cell, cell.jump_point[k] - 1), cell.level[k]);
            assert_int_equal(ts_target(&cell, cell.jump_point[k]), cell.level[k + 1]);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batches_are_steps),
        cmocka_unit_test(searches_find_the_piece),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
