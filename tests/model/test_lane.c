/* The logic of the kernels on the host: lanes with neurons of their own, of every compiled shape, give the steps of the
 * plain loop. */
#include "backend/random_settings.h"
#include "support.h"

#include "backend/cuda/shape_list.h"
#include "model/lane.h"

#define STEPS 60

typedef struct lane {
    int32_t high[TS_LANE_MAX_OWN];
    uint32_t low[TS_LANE_MAX_OWN];
    int64_t weight[TS_LANE_MAX_OWN];
} lane;

static ts_neurons neurons_of(lane *l) {
    return (ts_neurons){l->high, l->low, l->weight};
}

/* Lane l of a group of `lanes` owns the neurons l, l + lanes, ... */
static void deal(const ts_cell *cell, const test_network *network, lane *lanes, uint32_t count, int own) {
    for (uint32_t l = 0; l < count; l++)
        for (int i = 0; i < own; i++) {
            const ts_neurons neurons = neurons_of(&lanes[l]);
            const uint32_t j = l + (uint32_t)i * count;
            ts_lane_idle(&neurons, i);
            if (j >= cell->neurons)
                continue;
            lanes[l].high[i] = network->high[j];
            lanes[l].low[i] = network->low[j];
            lanes[l].weight[i] = network->weight[j];
        }
}

static void assert_dealt(const ts_cell *cell, const test_network *network, const lane *lanes, uint32_t count) {
    for (uint32_t j = 0; j < cell->neurons; j++) {
        const lane *l = &lanes[j % count];
        assert_int_equal(l->high[j / count], network->high[j]);
        assert_int_equal(l->low[j / count], network->low[j]);
        assert_int_equal(l->weight[j / count], network->weight[j]);
    }
}

/* The same step by the plain functions and by the lanes. Returns false when the residual leaves its range. */
static bool step_both(const ts_cell *cell, test_network *network, lane *lanes, uint32_t count, int own,
                      ts_sample sample, int *moved) {
    const int32_t edge = sample.point + cell->half_width;
    bool near;
    uint32_t moving[TS_MAX_LANES];
    const int64_t sum = ts_forward(cell, &network->neurons, 0, 1, cell->neurons, edge, &near);
    int64_t lane_sum = 0;
    for (uint32_t l = 0; l < count; l++) {
        const ts_neurons neurons = neurons_of(&lanes[l]);
        lane_sum += ts_lane_forward(cell, &neurons, own, edge, &moving[l]);
        *moved += moving[l] != 0;
    }
    assert_int_equal(sum, lane_sum);
    const int64_t residual = ts_residual(ts_label(cell, sample), network->bias + sum);
    if (!ts_residual_in_range(cell, residual))
        return false;
    const ts_update update = ts_update_of(cell, residual);
    ts_backward(cell, &network->neurons, 0, 1, cell->neurons, edge, near, update);
    network->bias += update.gradient;
    for (uint32_t l = 0; l < count; l++) {
        const ts_neurons neurons = neurons_of(&lanes[l]);
        ts_lane_backward(cell, &neurons, own, edge, moving[l], update);
    }
    return true;
}

static int compare_shape(uint32_t count, int own, test_random *random) {
    static lane lanes[TS_MAX_LANES];
    static test_network network;
    ts_settings settings = random_settings(random);
    settings.steps = STEPS;
    const uint32_t most = count * (uint32_t)own;
    const uint32_t m = random_word(random) % 3 ? 1 + (uint32_t)(random_word(random) % most) : most;
    const ts_cell cell = ts_cell_of(&settings, pow(10, random_between(random, -4, 0.3)), m);
    int moved = 0;
    network_clear(&network);
    for (uint32_t j = 0; j < m; j++)
        network_set(&network, j, random_between(random, -0.1, 1.1), random_between(random, -2, 2));
    deal(&cell, &network, lanes, count, own);
    for (int p = 0; p < STEPS; p++) {
        const ts_sample sample = {(int32_t)(random_word(random) >> 34), (int32_t)random_word(random)};
        if (!step_both(&cell, &network, lanes, count, own, sample, &moved))
            break;
    }
    assert_dealt(&cell, &network, lanes, count);
    return moved;
}

static void every_shape_steps_as_the_plain_loop(void **state) {
    (void)state;
#define SHAPE(LANES, OWN) {LANES, OWN},
    static const int shapes[][2] = {TS_THREAD_SHAPES(SHAPE) TS_GROUP_SHAPES(SHAPE) TS_BLOCK_SHAPES(SHAPE)};
    test_random random = {77};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        int moved = 0;
        for (int trial = 0; trial < 12; trial++)
            moved += compare_shape((uint32_t)shapes[i][0], shapes[i][1], &random);
        assert_true(moved > 0);
    }
}

static void idle_neurons_never_count(void **state) {
    (void)state;
    ts_settings settings = paper_settings();
    settings.eta = 0.5;
    settings.steps = 1;
    const ts_cell cell = ts_cell_of(&settings, 1, 1);
    lane l;
    const ts_neurons neurons = neurons_of(&l);
    ts_lane_idle(&neurons, 0);
    uint32_t moving;
    l.weight[0] = 1;
    assert_int_equal(ts_lane_forward(&cell, &neurons, 1, (1 << TS_POINT_BITS) - 1 + cell.half_width, &moving), 0);
    assert_int_equal(moving, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_shape_steps_as_the_plain_loop),
        cmocka_unit_test(idle_neurons_never_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
