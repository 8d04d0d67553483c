/* Lanes that share a training in blocks end it as the plain loop does, for every size of the group. What the lanes of
 * kernels/advance_blocked.cu tell each other goes through arrays here. */
#include "backend/random_settings.h"
#include "forms.h"

#include "kernels/blocked.h"

#define MOST_LANES 32
#define MOST_PLACES (TS_MAX_NEURONS + 3 * MOST_LANES * TS_BLOCKED_ROWS)
#define STEPS 40

typedef struct group {
    ts_blocked net;
    ts_blocked_sums own[MOST_LANES];
    ts_training training;
    int32_t high[MOST_PLACES];
    uint64_t weight[MOST_PLACES];
    uint32_t low[TS_MAX_NEURONS];
    uint32_t order[TS_MAX_NEURONS];
} group;

typedef struct coverage {
    int diverged, sorted, outside, stretches;
    test_seen plain;
} coverage;

static uint64_t lazy_of(const group *g, uint32_t block) {
    return ts_blocked_lazy(&g->own[block % g->net.lanes], block / g->net.lanes);
}

/* As in the kernel: place, weight, whether it is in transition. */
typedef struct looked_at {
    uint32_t place;
    uint64_t weight;
    int32_t high;
    bool moving;
} looked_at;

static looked_at look(const ts_cell *cell, const group *g, uint32_t place, int32_t edge) {
    const uint32_t last = ts_blocked_places(cell->neurons, g->net.lanes) - 1;
    looked_at seen = {place < last ? place : last, 0, 0, false};
    seen.high = g->net.high[ts_blocked_at(&g->net, seen.place)];
    seen.moving = seen.high <= edge;
    seen.weight =
        g->net.weight[ts_blocked_at(&g->net, seen.place)] + lazy_of(g, ts_blocked_block_of(seen.place, g->net.lanes));
    return seen;
}

static ts_range range_of(const ts_cell *cell, const group *g) {
    ts_range range = {0, 0};
    for (uint32_t lane = 0; lane < g->net.lanes; lane++) {
        const ts_range part = ts_blocked_range(cell, &g->net, lane);
        range.positive += part.positive;
        range.negative += part.negative;
    }
    return range;
}

static void move(const ts_cell *cell, group *g, looked_at seen, int32_t edge, ts_update update) {
    const uint32_t lanes = g->net.lanes, block = ts_blocked_block_of(seen.place, lanes);
    const uint64_t part = ts_blocked_move(cell, &g->net, seen.place, seen.weight, edge, update);
    ts_blocked_add(&g->own[block % lanes], block / lanes, part);
    ts_blocked_end(&g->own[block % lanes], block / lanes,
                   g->net.high[ts_blocked_at(&g->net, (block + 1) * lanes * TS_BLOCKED_ROWS - 1)]);
}

static void group_step(const ts_cell *cell, group *g, ts_sample sample, coverage *seen) {
    const uint32_t lanes = g->net.lanes;
    const int32_t edge = sample.point + cell->half_width, last_on = edge - cell->width;
    static looked_at moving[MOST_PLACES];
    ts_blocked_on on[MOST_LANES];
    uint32_t full = 0, on_count = 0, moving_count = 0;
    uint64_t sum = 0;
    for (uint32_t lane = 0; lane < lanes; lane++)
        full += ts_blocked_full(&g->own[lane], last_on);
    for (uint32_t lane = 0; lane < lanes; lane++) {
        const uint32_t at = full * TS_BLOCKED_ROWS * g->net.stride + lane;
        on[lane] = ts_blocked_look(&g->net, at, lazy_of(g, full), last_on);
        on_count += on[lane].count;
        sum += on[lane].sum + ts_blocked_sum(&g->own[lane], lane, lanes, full);
    }
    const uint32_t rank = full * lanes * TS_BLOCKED_ROWS + on_count;
    for (;; moving_count++) {
        moving[moving_count] = look(cell, g, rank + moving_count, edge);
        if (!moving[moving_count].moving)
            break;
        sum += ts_blocked_output(cell, moving[moving_count].weight, moving[moving_count].high, edge);
    }
    seen->stretches += moving_count > lanes;
    const int64_t residual = ts_residual(ts_missing(ts_label(cell, sample), g->training.bias + (int64_t)sum), 0);
    ts_update update;
    if (judge_residual(cell, &g->training, residual, &update))
        examine_training(cell, &g->training, range_of(cell, g));
    if (g->training.halted)
        return;
    for (uint32_t lane = 0; lane < lanes; lane++) {
        ts_blocked_learn(&g->own[lane], lane, lanes, full, (uint64_t)update.gradient);
        ts_blocked_learn_on(&g->net, full * TS_BLOCKED_ROWS * g->net.stride + lane, on[lane].count,
                            (uint64_t)update.gradient);
    }
    ts_blocked_add(&g->own[full % lanes], full / lanes, on_count * (uint64_t)update.gradient);
    ts_finish_step(&g->training, update.gradient);
    bool disordered = false;
    for (uint32_t i = 0; i < moving_count; i++)
        move(cell, g, moving[i], edge, update);
    for (uint32_t i = 0; i < moving_count; i++)
        disordered |= ts_blocked_disordered(&g->net, moving[i].place);
    if (disordered)
        ts_blocked_sort(cell, &g->net, rank, rank + moving_count);
    seen->sorted += disordered;
}

static void load(const ts_cell *cell, const test_network *network, group *g, uint32_t lanes) {
    static int64_t position[TS_MAX_NEURONS];
    order_network(cell, network, position, g->order);
    g->net = (ts_blocked){g->high, g->weight, g->low, g->order, g->own, lanes, lanes};
    assert_true(ts_blocked_size(cell->neurons, lanes, lanes) <= sizeof g->high + sizeof g->weight);
    for (uint32_t lane = 0; lane < lanes; lane++)
        ts_blocked_load(cell, &g->net, lane, position, network->weight);
    for (uint32_t lane = 0; lane < lanes; lane++)
        ts_blocked_sum_up(cell, &g->net, lane, &g->own[lane]);
}

static void assert_same(const ts_cell *cell, const test_network *network, const ts_training *a, const group *g) {
    static int64_t position[TS_MAX_NEURONS], weight[TS_MAX_NEURONS];
    for (uint32_t lane = 0; lane < g->net.lanes; lane++)
        ts_blocked_store(cell, &g->net, lane, position, weight);
    assert_same_training(cell, network, a, &g->training, position, weight);
}

static void compare(uint32_t lanes, test_random *random, coverage *seen) {
    static test_network network;
    static group g;
    ts_settings settings = random_settings(random);
    settings.steps = STEPS;
    const uint32_t limit = ts_blocked_most(lanes), most = limit < TS_MAX_NEURONS ? limit : TS_MAX_NEURONS;
    const uint32_t m = random_word(random) % 4 ? 1 + (uint32_t)(random_word(random) % most) : most;
    ts_cell cell = ts_cell_of(&settings, pow(10, random_between(random, -4, 0.3)), m);
    if (random_word(random) % 4 == 0) { /* limits that a short training meets */
        cell.drift_limit = cell.gradient_limit;
        cell.weight_limit = cell.drift_limit / 20;
    }
    place_neurons(&cell, &network, random);
    memset(&g.training, 0, sizeof g.training);
    ts_training training = g.training;
    load(&cell, &network, &g, lanes);
    while (training.step < STEPS && !training.halted) {
        const int32_t point = (int32_t)(random_word(random) >> 34);
        const ts_sample sample = {point, (int32_t)random_word(random)};
        training.halted = !network_step(&cell, &network, &training, sample, &seen->plain);
        group_step(&cell, &g, sample, seen);
        assert_same(&cell, &network, &training, &g);
    }
    seen->diverged += training.halted != 0;
    for (uint32_t j = 0; j < m; j++)
        seen->outside += network.high[j] < 0 || network.high[j] > 1 << 30;
}

static void every_group_steps_as_the_plain_loop(void **state) {
    (void)state;
    test_random random = {78};
    static const uint32_t lanes[] = {4, 8, 16, MOST_LANES};
    for (size_t i = 0; i < sizeof lanes / sizeof *lanes; i++) {
        coverage seen = {0};
        for (int trial = 0; trial < 60; trial++)
            compare(lanes[i], &random, &seen);
        assert_true(seen.diverged > 0);
        assert_true(seen.plain.examined > 0);
        assert_true(seen.sorted > 10);
        assert_true(seen.outside > 0);
        assert_true(seen.stretches > 10);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_group_steps_as_the_plain_loop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
