/* The dense algorithm: one training a lane, every step goes over all neurons. The neurons in transition, few and far
 * between, are taken out one by one (docs/performance.md). */
#include "backend/cpu/cpu.h"
#include "backend/cpu/learning.h"
#include "backend/cpu/sampling.h"
#include "model/step.h"

#include <string.h>

#define GROUPS 2 /* of lanes, so that one is not idle while the other waits */
#define BATCH (GROUPS * TS_LANES32)
#define BLOCK 4    /* neurons */
#define MOVING 128 /* neurons in transition that are listed at a time */

/* A neuron in transition, of the training in `lane`. */
typedef struct moving_neuron {
    uint32_t lane;
    uint32_t neuron;
    int32_t phase;
} moving_neuron;

/* Numbers of the trainings of a group, by part and place of the lane (vector.h). */
typedef struct lane_numbers {
    int64_t of[2][TS_LANES64];
} lane_numbers;

typedef struct dense_group {
    lane_numbers replicate, bias, drift;  /* as in ts_training */
    lane_numbers running;                 /* -1, or 0 where there is no training or it diverged */
    uint64_t halted_at[TS_LANES32];       /* steps done, by those that diverged until then */
    lane_numbers label[2];                /* of an even step and the next, unit 2^-24 */
    int32_t point[2][TS_LANES32];         /* x, unit 2^-30 */
    lane_numbers sum, gradient, velocity; /* of the step at hand */
    int32_t edge[TS_LANES32];             /* x + eta / 2, unit 2^-30 */
    int32_t *position_high;               /* [m][lanes] unit 2^-30 */
    uint32_t *position_low;               /* [m][lanes] unit 2^-62 */
    int64_t *weight;                      /* [m][2][lanes / 2] unit 2^-48 */
    moving_neuron moving[MOVING + BLOCK * TS_LANES32];
    uint32_t moving_count;
    uint16_t near[TS_MAX_NEURONS / BLOCK]; /* by block: bits of the lanes with a neuron in transition */
    uint32_t scanned;                      /* blocks that were looked at for `moving` */
    bool all_listed;                       /* one list held all of the step at hand */
} dense_group;

typedef struct dense_state {
    ts_sampling sampling;
    ts_learning learning;
    dense_group group[GROUPS];
    uint64_t step;
    uint32_t count;
} dense_state;

/* Whole blocks; places without a neuron are like neurons with weight 0 to the right of every sample. */
static uint32_t blocks_of(const ts_cell *cell) {
    return (cell->neurons + BLOCK - 1) / BLOCK;
}

static size_t state_size(const ts_cell *cell) {
    const size_t neuron = BATCH * (sizeof(int32_t) + sizeof(uint32_t) + sizeof(int64_t));
    return sizeof(dense_state) + blocks_of(cell) * BLOCK * neuron;
}

static double step_cost(const ts_cell *cell) {
    const uint32_t trainings = BATCH;
    return trainings * (0.1 * (cell->neurons + 30.0) + 8.0 * cell->neurons * cell->width * 0x1p-30);
}

static size_t weight_place(uint32_t neuron, uint32_t lane) {
    return (size_t)neuron * TS_LANES32 + TS_PART(lane) * TS_LANES64 + TS_PLACE(lane);
}

static int64_t *lane_number(lane_numbers *numbers, uint32_t lane) {
    return &numbers->of[TS_PART(lane)][TS_PLACE(lane)];
}

static int64_t number_of(const lane_numbers *numbers, uint32_t lane) {
    return numbers->of[TS_PART(lane)][TS_PLACE(lane)];
}

static void start(const ts_run_options *options, ts_batch batch, void *memory) {
    (void)options;
    dense_state *state = memory;
    const size_t places = (size_t)blocks_of(batch.cell) * BLOCK * TS_LANES32; /* of a group */
    memset(memory, 0, state_size(batch.cell));
    state->sampling = ts_sampling_of(batch.cell);
    state->learning = ts_learning_of(batch.cell);
    state->step = batch.step;
    state->count = batch.count;
    int64_t *weight = (int64_t *)(void *)(state + 1);
    int32_t *position_high = (int32_t *)(weight + GROUPS * places);
    uint32_t *position_low = (uint32_t *)(position_high + GROUPS * places);
    for (uint32_t g = 0; g < GROUPS; g++) {
        state->group[g].weight = weight + g * places;
        state->group[g].position_high = position_high + g * places;
        state->group[g].position_low = position_low + g * places;
    }
    for (size_t place = 0; place < GROUPS * places; place++)
        position_high[place] = INT32_MAX;
}

static void write_training(ts_batch batch, void *memory, uint32_t i, const ts_standing *standing) {
    dense_group *group = &((dense_state *)memory)->group[i / TS_LANES32];
    const uint32_t lane = i % TS_LANES32;
    for (uint32_t j = 0; j < batch.cell->neurons; j++) {
        group->position_high[j * TS_LANES32 + lane] = (int32_t)(standing->position[j] >> 32);
        group->position_low[j * TS_LANES32 + lane] = (uint32_t)standing->position[j];
        group->weight[weight_place(j, lane)] = standing->weight[j];
    }
    *lane_number(&group->replicate, lane) = standing->training.replicate;
    *lane_number(&group->bias, lane) = standing->training.bias;
    *lane_number(&group->drift, lane) = standing->training.drift;
    *lane_number(&group->running, lane) = standing->training.halted ? 0 : -1;
    group->halted_at[lane] = standing->training.step;
}

/* ---- one step of a group */

static inline void draw(const ts_sampling *sampling, dense_group *group, uint64_t step) {
    ts_sample_lanes sample[2][2];
    for (int part = 0; part < 2; part++)
        ts_draw_lanes(sampling, ts_load64(group->replicate.of[part]), step / 2, sample[part]);
    for (int half = 0; half < 2; half++) {
        ts_store32(group->point[half], ts_join32(sample[0][half].point, sample[1][half].point));
        for (int part = 0; part < 2; part++)
            ts_store64(group->label[half].of[part], sample[part][half].label);
    }
}

static uint32_t groups_of(const dense_state *state) {
    return (state->count + TS_LANES32 - 1) / TS_LANES32; /* that have trainings */
}

static void draw_all(dense_state *state) {
    for (uint32_t g = 0; g < groups_of(state); g++)
        draw(&state->sampling, &state->group[g], state->step);
}

/* Lanes whose offset lies in 0 .. last. */
static inline unsigned lanes_near(ts_v32 offset, ts_v32 last) {
    return ts_bits32(ts_min_unsigned32(offset, last) == offset);
}

/* a_0 plus the weights of the neurons that are on. Notes in which blocks and lanes there are neurons in transition;
 * returns whether there are any. */
static inline bool forward(const ts_cell *cell, dense_group *group, ts_v32 edge) {
    const ts_v32 last = ts_all32(cell->width - 1); /* of the offsets in transition */
    const uint32_t blocks = blocks_of(cell);
    const int32_t *high = group->position_high;
    const int64_t *weight = group->weight;
    ts_v64 sum0 = ts_load64(group->bias.of[0]), sum1 = ts_load64(group->bias.of[1]);
    unsigned any = 0;
    for (uint32_t b = 0; b < blocks; b++) {
        ts_v32 near = ts_all32(-1);
#pragma GCC unroll 4
        for (int j = 0; j < BLOCK; j++, high += TS_LANES32, weight += TS_LANES32) {
            const ts_v32 offset = edge - ts_load32(high);
            const ts_mask32 on = ts_greater32(offset, last);
            near = ts_min_unsigned32(near, offset);
            sum0 = ts_add_where(sum0, on, 0, ts_load64(weight));
            sum1 = ts_add_where(sum1, on, 1, ts_load64(weight + TS_LANES64));
        }
        const unsigned lanes = lanes_near(near, last);
        group->near[b] = (uint16_t)lanes;
        any |= lanes;
    }
    ts_store64(group->sum.of[0], sum0);
    ts_store64(group->sum.of[1], sum1);
    ts_store32(group->edge, edge);
    return any;
}

/* List the neurons of a block that are in transition. */
static uint32_t list_block(const ts_cell *cell, const dense_group *group, uint32_t b, moving_neuron *moving) {
    uint32_t count = 0;
    for (unsigned lanes = group->near[b]; lanes; lanes &= lanes - 1) {
        const uint32_t lane = (uint32_t)__builtin_ctz(lanes);
        for (uint32_t j = b * BLOCK; j < (b + 1) * BLOCK; j++) {
            const int32_t offset = group->edge[lane] - group->position_high[j * TS_LANES32 + lane];
            if (ts_in_transition(offset, cell->width))
                moving[count++] = (moving_neuron){lane, j, ts_transition_phase(cell, offset)};
        }
    }
    return count;
}

/* List neurons in transition from block group->scanned on, until all were looked at or the list is full. */
static void list_moving(const ts_cell *cell, dense_group *group) {
    const uint32_t blocks = blocks_of(cell);
    uint32_t b = group->scanned;
    group->moving_count = 0;
    for (; b < blocks && group->moving_count < MOVING; b++)
        if (group->near[b])
            group->moving_count += list_block(cell, group, b, group->moving + group->moving_count);
    group->scanned = b;
}

/* Their a_j sigma_j, too. */
static void add_transitions(const ts_cell *cell, dense_group *group) {
    group->scanned = 0;
    group->all_listed = true;
    do {
        list_moving(cell, group);
        group->all_listed &= group->scanned == blocks_of(cell);
        for (uint32_t k = 0; k < group->moving_count; k++) {
            const moving_neuron *moving = &group->moving[k];
            const int64_t weight = group->weight[weight_place(moving->neuron, moving->lane)];
            *lane_number(&group->sum, moving->lane) += ts_multiply_unit(weight, ts_sigma(moving->phase));
        }
    } while (group->scanned < blocks_of(cell));
}

/* Examine the weights when their growth is no longer bounded. Returns false when they left the range. */
static bool examine_weights(const ts_cell *cell, dense_group *group, uint32_t lane) {
    ts_range range = {0, 0};
    ts_range_add(&range, *lane_number(&group->bias, lane));
    for (uint32_t j = 0; j < cell->neurons; j++)
        ts_range_add(&range, group->weight[weight_place(j, lane)]);
    *lane_number(&group->drift, lane) = 0;
    return ts_weights_in_range(cell, range);
}

/* Lanes whose residual or growth of the weights needs a look; those that diverge stop running. */
static void look_at_lanes(const ts_cell *cell, dense_group *group, uint64_t step, int part, unsigned out_of_range,
                          unsigned drifted) {
    for (uint32_t lane = 0; lane < TS_LANES32; lane++) {
        int64_t *running = lane_number(&group->running, lane);
        if ((int)TS_PART(lane) != part || !*running)
            continue;
        const unsigned bit = 1U << TS_PLACE(lane);
        if (!(out_of_range & bit || (drifted & bit && !examine_weights(cell, group, lane))))
            continue;
        *running = 0;
        group->halted_at[lane] = step;
    }
}

static inline void learn(const ts_cell *cell, const ts_learning *learning, dense_group *group, uint64_t step) {
    for (int part = 0; part < 2; part++) {
        const ts_update_lanes update =
            ts_update_lanes_of(learning, ts_load64(group->label[step % 2].of[part]), ts_load64(group->sum.of[part]),
                               ts_load64(group->drift.of[part]), 0);
        if (ts_any64(update.out_of_range | update.drifted))
            look_at_lanes(cell, group, step, part, ts_bits64(update.out_of_range), ts_bits64(update.drifted));
        const ts_v64 gradient = update.gradient & ts_load64(group->running.of[part]);
        ts_store64(group->gradient.of[part], gradient);
        ts_store64(group->velocity.of[part], update.velocity);
        ts_store64(group->bias.of[part], ts_load64(group->bias.of[part]) + gradient);
        ts_store64(group->drift.of[part], ts_load64(group->drift.of[part]) + ts_absolute_lanes(gradient));
    }
}

/* The weights of the neurons that are on grow by G. */
static inline void backward(const ts_cell *cell, dense_group *group) {
    const ts_v32 from = ts_load32(group->edge) - (cell->width - 1); /* on: position < from */
    const ts_v64 gradient0 = ts_load64(group->gradient.of[0]), gradient1 = ts_load64(group->gradient.of[1]);
    const int32_t *high = group->position_high;
    int64_t *weight = group->weight;
    for (uint32_t b = blocks_of(cell); b > 0; b--) {
#pragma GCC unroll 4
        for (int j = 0; j < BLOCK; j++, high += TS_LANES32, weight += TS_LANES32) {
            const ts_mask32 on = ts_greater32(from, ts_load32(high));
            ts_store64(weight, ts_add_where(ts_load64(weight), on, 0, gradient0));
            ts_store64(weight + TS_LANES64, ts_add_where(ts_load64(weight + TS_LANES64), on, 1, gradient1));
        }
    }
}

static void move(const ts_cell *cell, dense_group *group, const moving_neuron *moving) {
    if (!*lane_number(&group->running, moving->lane))
        return;
    const uint32_t place = moving->neuron * TS_LANES32 + moving->lane;
    const ts_update update = {*lane_number(&group->gradient, moving->lane),
                              (int32_t)*lane_number(&group->velocity, moving->lane)};
    int64_t *weight = &group->weight[weight_place(moving->neuron, moving->lane)];
    ts_neurons neurons = {group->position_high, group->position_low, NULL};
    const int64_t position = ts_position(&neurons, place);
    ts_set_position(&neurons, place, ts_moved_position(cell, position, *weight, moving->phase, update));
    *weight += ts_multiply_unit(update.gradient, ts_sigma(moving->phase));
}

static void move_transitions(const ts_cell *cell, dense_group *group) {
    if (!group->all_listed)
        group->scanned = 0;
    do {
        if (!group->all_listed)
            list_moving(cell, group);
        for (uint32_t k = 0; k < group->moving_count; k++)
            move(cell, group, &group->moving[k]);
    } while (group->scanned < blocks_of(cell));
}

/* Steps of all groups take turns: what one has to wait for, the others fill. */
static inline void step_groups(const ts_cell *cell, dense_state *state) {
    const uint32_t groups = groups_of(state);
    bool near[GROUPS];
    for (uint32_t g = 0; g < groups; g++) {
        dense_group *group = &state->group[g];
        if (state->step % 2 == 0)
            draw(&state->sampling, group, state->step);
        near[g] = forward(cell, group, ts_load32(group->point[state->step % 2]) + cell->half_width);
    }
    for (uint32_t g = 0; g < groups; g++)
        if (near[g])
            add_transitions(cell, &state->group[g]);
    for (uint32_t g = 0; g < groups; g++) {
        learn(cell, &state->learning, &state->group[g], state->step);
        backward(cell, &state->group[g]); /* before a neuron moves: who is on is asked of the positions */
        if (near[g])
            move_transitions(cell, &state->group[g]);
    }
    state->step++;
}

static uint32_t running_count(const dense_state *state) {
    int64_t running = 0;
    for (uint32_t g = 0; g < GROUPS; g++)
        for (int part = 0; part < 2; part++)
            running -= ts_sum64(ts_load64(state->group[g].running.of[part]));
    return (uint32_t)running;
}

static uint64_t advance(const ts_plan *plan, ts_batch batch, void *memory, uint64_t steps) {
    (void)plan;
    dense_state *state = memory;
    uint64_t done = 0;
    uint32_t running = running_count(state);
    if (state->step % 2 != 0) /* where trainings were resumed, nobody drew the block that this step shares */
        draw_all(state);
    for (uint64_t p = 0; p < steps && running > 0; p++) {
        step_groups(batch.cell, state);
        running = running_count(state);
        done += running;
    }
    return done;
}

static bool diverged(const void *memory, uint32_t i) {
    return !number_of(&((const dense_state *)memory)->group[i / TS_LANES32].running, i % TS_LANES32);
}

static void read_training(ts_batch batch, const void *memory, uint32_t i, ts_standing *standing) {
    const dense_group *group = &((const dense_state *)memory)->group[i / TS_LANES32];
    const uint32_t lane = i % TS_LANES32;
    const ts_neurons neurons = {group->position_high, group->position_low, group->weight};
    for (uint32_t j = 0; j < batch.cell->neurons; j++) {
        standing->position[j] = ts_position(&neurons, j * TS_LANES32 + lane);
        standing->weight[j] = group->weight[weight_place(j, lane)];
    }
    standing->training.bias = number_of(&group->bias, lane);
    standing->training.drift = number_of(&group->drift, lane);
    standing->training.halted = diverged(memory, i) ? TS_HALTED_DIVERGED : TS_NOT_HALTED;
    standing->training.step = diverged(memory, i) ? group->halted_at[lane] : ((const dense_state *)memory)->step;
}

TS_VECTOR_METHOD(ts_dense, BATCH, TS_LANES32);
