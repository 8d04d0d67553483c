/* Trainings dealt out to the lanes of a group, in batches, end as those of the plain loop, for every size of the group.
 * What the lanes of kernels/advance_dealt.cu tell each other goes through arrays here. */
#include "backend/random_settings.h"
#include "forms.h"

#include "kernels/dealt_batch.h"

#define MOST_LANES 32
#define TRAININGS 2 /* that share the memory, as on a device; the second one is looked at */
#define MOST_NEURONS 1100

typedef struct group {
    ts_dealt net;
    ts_training training;
    ts_dealt_own own[MOST_LANES];
    ts_dealt_chain chain[MOST_LANES];
    ts_dealt_sums memory[128 * 1024 / sizeof(ts_dealt_sums)]; /* aligned as the arrays have to be */
    uint32_t low[MOST_NEURONS], order[MOST_NEURONS];
} group;

/* What the trainings went through, so that a comparison that saw nothing fails. */
typedef struct coverage {
    int diverged, crossed, outside, whole, cut_by_moves, cut_by_room, alone;
    test_seen plain;
} coverage;

static void settle(group *g) {
    ts_dealt_sums base = {(uint64_t)g->training.bias, (uint64_t)g->training.bias};
    for (uint32_t lane = 0; lane < g->net.lanes; lane++) {
        const ts_dealt_sums sum = ts_dealt_settle(&g->net, lane);
        *ts_dealt_base(&g->net, ts_dealt_first(&g->net, lane)) = base;
        base.value += g->net.rows * base.weight + sum.value;
        base.weight += sum.weight;
    }
}

static ts_range range_of(const group *g) {
    ts_range range = {0, 0};
    for (uint32_t lane = 0; lane < g->net.lanes; lane++) {
        const ts_range part = ts_dealt_range(&g->net, lane);
        range.positive += part.positive;
        range.negative += part.negative;
    }
    return range;
}

/* The next step, alone. */
static void step(const ts_cell *cell, group *g, ts_dealt_sample sample) {
    const ts_words block = ts_sample_block(cell, g->training.replicate, g->training.step);
    uint64_t sum = ts_dealt_output(&g->net, sample.place);
    uint32_t count = 0;
    for (uint32_t lane = 0; lane < g->net.lanes; lane++)
        sum += ts_dealt_any_output(cell, &g->net, lane, sample, &count);
    const int64_t residual =
        ts_residual(ts_missing(ts_label(cell, ts_sample_of(&block, g->training.step)), (int64_t)sum), 0);
    ts_update update;
    if (judge_residual(cell, &g->training, residual, &update))
        examine_training(cell, &g->training, range_of(g));
    if (g->training.halted)
        return;
    const uint32_t first = sample.reach - 1;
    for (uint32_t k = first + count; k-- > first;)
        ts_dealt_any_learn(cell, &g->net, k, ts_dealt_weight(&g->net, ts_dealt_place(&g->net, k)), sample.edge, update);
    ts_dealt_add(&g->net, sample.place, (uint64_t)update.gradient);
    ts_finish_step(&g->training, update.gradient);
    ts_dealt_sort(cell, &g->net, first, first + count);
}

/* Deals out the events of the samples. Returns the first step that there is no room for. */
static uint32_t deal(const ts_cell *cell, group *g, uint32_t *events) {
    uint32_t end = TS_DEALT_BATCH, before[TS_DEALT_BATCH];
    *events = 0;
    for (uint32_t lane = 0; lane < g->net.lanes; lane++) {
        const uint32_t room = ts_dealt_show(&g->net, &g->own[lane], lane, *events);
        end = room < end ? room : end;
        for (int j = 0; j < TS_DEALT_OWN; j++)
            *events += g->own[lane].events[j];
    }
    for (int i = 0; i < TS_DEALT_BATCH; i++)
        before[i] = (uint32_t)g->net.sample[i].residual;
    const uint32_t room = TS_DEALT_SLOTS * g->net.lanes;
    *events = *events < room ? *events : room;
    for (uint32_t e = 0; e < *events; e++) {
        const uint32_t slot = ts_dealt_slot(&g->net, e % g->net.lanes, e / g->net.lanes);
        g->net.change[slot].low = g->low[ts_dealt_take(cell, &g->net, before, e, slot)];
    }
    for (uint32_t e = *events; e < *events + g->net.lanes; e++)
        g->net.event[ts_dealt_slot(&g->net, e % g->net.lanes, e / g->net.lanes)].word = TS_DEALT_NO_EVENT;
    return end;
}

/* The steps from `first` on. Returns the first one whose residual is out of range, at most `stop`. */
static uint32_t do_steps(const ts_cell *cell, group *g, uint32_t first, uint32_t stop) {
    for (uint32_t lane = 0; lane < g->net.lanes; lane++)
        g->chain[lane] = ts_dealt_begin(&g->net, &g->own[lane], lane, ts_dealt_slot(&g->net, lane, 0), stop);
    for (int i = 0; i < TS_DEALT_BATCH; i++) {
        uint64_t sum = 0;
        for (uint32_t lane = 0; lane < g->net.lanes; lane++)
            sum += ts_dealt_share(&g->net, &g->own[lane], &g->chain[lane], i);
        for (uint32_t lane = 0; lane < g->net.lanes; lane++)
            ts_dealt_learn(cell, &g->net, &g->own[lane], &g->chain[lane], lane, i, first, sum);
    }
    return g->chain[0].done;
}

/* Events of a lane that came up. */
static uint32_t events_of(const group *g, uint32_t lane) {
    const uint32_t columns = g->net.stride / (uint32_t)sizeof(int32_t);
    return (g->chain[lane].slot - ts_dealt_slot(&g->net, lane, 0)) / columns;
}

static uint32_t move(const ts_cell *cell, group *g, uint32_t done) {
    int32_t edge[TS_DEALT_BATCH];
    for (int i = 0; i < TS_DEALT_BATCH; i++)
        edge[i] = g->net.sample[i].edge;
    for (uint32_t lane = 0; lane < g->net.lanes; lane++)
        for (uint32_t s = 0; s < events_of(g, lane); s++) {
            const uint32_t concerned = ts_dealt_move(cell, &g->net, ts_dealt_slot(&g->net, lane, s), edge);
            done = concerned < done ? concerned : done;
        }
    return done;
}

static void apply(const ts_cell *cell, group *g, uint32_t done) {
    uint32_t lowest = UINT32_MAX, highest = 0;
    for (uint32_t lane = 0; lane < g->net.lanes; lane++) {
        const ts_range sums = ts_dealt_gains(&g->net, &g->own[lane], lane, done);
        g->training.bias += sums.positive + sums.negative;
        g->training.drift += sums.positive - sums.negative;
        for (uint32_t s = 0; s < events_of(g, lane); s++)
            if (g->net.event[ts_dealt_slot(&g->net, lane, s)].word >> 16 < done)
                ts_dealt_apply(&g->net, ts_dealt_slot(&g->net, lane, s));
    }
    for (uint32_t lane = 0; lane < g->net.lanes; lane++)
        for (uint32_t s = 0; s < events_of(g, lane); s++) {
            const uint32_t slot = ts_dealt_slot(&g->net, lane, s), k = (g->net.event[slot].word & 0xffff) - 1;
            if (ts_dealt_disordered(&g->net, g->net.change[slot].place)) {
                lowest = k < lowest ? k : lowest;
                highest = k > highest ? k : highest;
            }
        }
    if (lowest <= highest)
        ts_dealt_sort(cell, &g->net, lowest, highest + 1);
}

static void advance(const ts_cell *cell, group *g, uint64_t end, coverage *seen) {
    const uint32_t first = (uint32_t)g->training.step % 2, stop = ts_dealt_stop(cell, &g->training, end);
    uint32_t events;
    for (uint32_t lane = 0; lane < g->net.lanes; lane++)
        ts_dealt_draw(cell, &g->net, g->training.replicate, g->training.step - first, lane, first, stop, &g->own[lane]);
    const uint32_t room = deal(cell, g, &events), most = room < stop ? room : stop;
    const uint32_t in_range = do_steps(cell, g, first, most), done = move(cell, g, in_range);
    apply(cell, g, done);
    g->training.step += done > first ? done - first : 0;
    if (done <= first)
        step(cell, g, g->net.sample[first]);
    settle(g);
    seen->whole += done == TS_DEALT_BATCH && events > 0;
    seen->cut_by_moves += done > first && done < in_range;
    seen->cut_by_room += done > first && room < stop && done == room;
    seen->alone += done <= first;
}

static void load(const ts_cell *cell, const test_network *network, group *g, uint32_t lanes) {
    static int64_t position[TS_MAX_NEURONS];
    order_network(cell, network, position, g->order);
    const uint32_t most = cell->neurons + 3; /* there may be room for more */
    assert_true(ts_dealt_size(most, lanes, TRAININGS * lanes) <= sizeof g->memory);
    g->net = ts_dealt_in(g->memory, most, cell->neurons, lanes, TRAININGS * lanes, lanes, g->low, g->order);
    for (uint32_t lane = 0; lane < lanes; lane++)
        ts_dealt_load(cell, &g->net, &g->training, lane, position, network->weight);
    settle(g);
}

static void assert_same(const ts_cell *cell, const test_network *network, const ts_training *a, const group *g) {
    static int64_t position[TS_MAX_NEURONS], weight[TS_MAX_NEURONS];
    for (uint32_t lane = 0; lane < g->net.lanes; lane++)
        ts_dealt_store(cell, &g->net, lane, position, weight);
    assert_same_training(cell, network, a, &g->training, position, weight);
}

/* Settings with so many neurons in transition, on average, that most batches have some, and some more than room. */
static ts_settings settings_of(test_random *random, uint32_t lanes, uint32_t m) {
    ts_settings settings = random_settings(random);
    settings.eta = fmin(fmax(random_between(random, 0, 0.75) * lanes / m, 1e-5), 0.49);
    settings.jump_count = 0;
    random_target(&settings, random);
    settings.steps = 1 + random_word(random) % 200;
    return settings;
}

static void compare(uint32_t lanes, int trial, test_random *random, coverage *seen) {
    static test_network network;
    static group g;
    const uint32_t m = trial % 3 == 0 ? 1 + (uint32_t)trial % 33
                                      : 1 + (uint32_t)(random_word(random) % (lanes < 8 ? 500 : MOST_NEURONS - 3));
    const ts_settings settings = settings_of(random, lanes, m);
    ts_cell cell = ts_cell_of(&settings, pow(10, random_between(random, -4, 0.3)), m);
    if (trial % 4 == 0) { /* limits that a short training meets */
        cell.drift_limit = (int64_t)(1 + random_word(random) % 3) * cell.gradient_limit;
        cell.weight_limit = cell.drift_limit / 20;
    }
    place_neurons(&cell, &network, random);
    ts_training training;
    memset(&training, 0, sizeof training);
    training.replicate = (uint32_t)trial;
    training.bias = llrint(ldexp(random_between(random, -2, 2), TS_WEIGHT_BITS));
    training.step = random_word(random) % 2 ? 0 : random_word(random) % settings.steps;
    g.training = training;
    load(&cell, &network, &g, lanes);
    while (g.training.step < cell.steps && !g.training.halted) {
        const uint64_t left = cell.steps - g.training.step, most = 1 + random_word(random) % 20;
        advance(&cell, &g, g.training.step + (most < left ? most : left), seen);
        while ((training.step < g.training.step || g.training.halted) && !training.halted) {
            const ts_words block = ts_sample_block(&cell, training.replicate, training.step);
            training.halted =
                !network_step(&cell, &network, &training, ts_sample_of(&block, training.step), &seen->plain);
        }
        assert_same(&cell, &network, &training, &g);
    }
    seen->diverged += training.halted != 0;
    for (uint32_t j = 0; j < m; j++) {
        seen->outside += network.high[j] < 0 || network.high[j] > 1 << 30;
        seen->crossed += g.order[j] > j;
    }
}

static void every_group_steps_as_the_plain_loop(void **state) {
    (void)state;
    test_random random = {123};
    static const uint32_t lanes[] = {4, 8, 16, MOST_LANES};
    for (size_t i = 0; i < sizeof lanes / sizeof *lanes; i++) {
        coverage seen = {0};
        for (int trial = 0; trial < 120; trial++)
            compare(lanes[i], trial, &random, &seen);
        assert_true(seen.diverged > 5);
        assert_true(seen.plain.examined > 5);
        assert_true(seen.plain.in_transition > 1000);
        assert_true(seen.crossed > 5);
        assert_true(seen.outside > 5);
        assert_true(seen.whole > 50);
        assert_true(seen.cut_by_moves > 50);
        assert_true(seen.cut_by_room > 5);
        assert_true(seen.alone > 50);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_group_steps_as_the_plain_loop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
