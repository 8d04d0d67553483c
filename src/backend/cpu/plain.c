/* The plain step of every network (model/plain.h), one training a 64-bit lane: either activation, any number of
 * coordinates. For steps in one dimension dense.c and sorted.c are faster. */
#include "model/plain.h"
#include "backend/cpu/cpu.h"
#include "backend/cpu/learning.h"
#include "backend/cpu/sampling.h"
#include "backend/cpu/transition.h"

#include <string.h>

#define BATCH TS_LANES64

/* A number of each training. */
typedef struct lane_numbers {
    int64_t of[BATCH];
} lane_numbers;

typedef struct plain_state {
    ts_sampling sampling;
    ts_learning learning;
    ts_transition transition;
    lane_numbers replicate, bias, drift;   /* as in ts_training */
    lane_numbers running;                  /* -1, or 0 where there is no training or it diverged */
    lane_numbers first_point[2], noise[2]; /* of an even step and the next, units 2^-30 and 2^-24 */
    lane_numbers point[TS_MAX_DIMENSION];  /* of the step at hand: x, unit 2^-30 */
    lane_numbers *position, *weight;       /* [neurons] units 2^-62 and 2^-48 */
    uint16_t *moving;                      /* [moving_count] neurons that some training has in transition */
    uint32_t moving_count;
    uint64_t step, halted_at[BATCH]; /* steps done, by those that diverged until then */
    uint32_t count;
} plain_state;

static size_t state_size(const ts_cell *cell) {
    return sizeof(plain_state) + cell->neurons * (2 * sizeof(lane_numbers) + sizeof(uint16_t));
}

static double step_cost(const ts_cell *cell) {
    const uint32_t trainings = BATCH;
    return trainings * ((cell->activation == TS_ACTIVATION_RELU ? 2 : 0.6) * cell->neurons + 10.0 * cell->dimension);
}

static ts_v64 load(const lane_numbers *numbers) {
    return ts_load64(numbers->of);
}

static void store(lane_numbers *numbers, ts_v64 v) {
    ts_store64(numbers->of, v);
}

static void start(const ts_run_options *options, ts_batch batch, void *memory) {
    (void)options;
    plain_state *state = memory;
    memset(memory, 0, state_size(batch.cell));
    state->sampling = ts_sampling_of(batch.cell);
    state->learning = ts_learning_of(batch.cell);
    state->transition = ts_transition_of(batch.cell);
    state->position = (lane_numbers *)(state + 1);
    state->weight = state->position + batch.cell->neurons;
    state->moving = (uint16_t *)(void *)(state->weight + batch.cell->neurons);
    state->step = batch.step;
    state->count = batch.count;
}

static void write_training(ts_batch batch, void *memory, uint32_t i, const ts_standing *standing) {
    plain_state *state = memory;
    for (uint32_t j = 0; j < batch.cell->neurons; j++) {
        state->position[j].of[i] = standing->position[j];
        state->weight[j].of[i] = standing->weight[j];
    }
    state->replicate.of[i] = standing->training.replicate;
    state->bias.of[i] = standing->training.bias;
    state->drift.of[i] = standing->training.drift;
    state->running.of[i] = standing->training.halted ? 0 : -1;
    state->halted_at[i] = standing->training.step;
}

/* ---- samples */

/* First coordinates and noise of two steps. */
static void draw_pair(plain_state *state) {
    ts_v64 word[4];
    ts_random_lanes(&state->sampling, load(&state->replicate), TS_STREAM_SAMPLES, state->step / 2, word);
    for (int half = 0; half < 2; half++) {
        store(&state->first_point[half], ts_point_lanes(word[2 * half]));
        store(&state->noise[half], ts_noise_lanes(&state->sampling, word[2 * half + 1]));
    }
}

static void draw_further(const ts_cell *cell, plain_state *state) {
    const uint32_t blocks = ts_coordinate_blocks(cell);
    for (uint32_t q = 0; q < blocks; q++) {
        ts_v64 word[4];
        ts_random_lanes(&state->sampling, load(&state->replicate), TS_STREAM_COORDINATES, state->step * blocks + q,
                        word);
        for (uint32_t k = 4 * q + 1; k < cell->dimension && k <= 4 * q + 4; k++)
            store(&state->point[k], ts_point_lanes(word[(k - 1) % 4]));
    }
}

/* As ts_plain_target, without the base. A jump or a change of slope from -64 to 64 needs more than 32 bits. */
static ts_v64 target(const ts_cell *cell, ts_v64 point) {
    ts_v64 level = {0}, slope = {0}, begin = {0};
    for (int k = 0; k < cell->jump_count; k++) {
        const ts_v64 behind = ~(ts_all64(cell->jump_point[k]) > point);
        level += behind & ((int64_t)cell->level[k + 1] - cell->level[k]);
        slope += behind & ((int64_t)cell->slope[k + 1] - cell->slope[k]);
        begin += behind & (cell->jump_point[k] - (k > 0 ? cell->jump_point[k - 1] : 0));
    }
    if (cell->activation == TS_ACTIVATION_STEP)
        return level;
    return level + ts_round_shift_lanes(ts_multiply_low(slope, point - begin), TS_POINT_BITS);
}

/* f* + xi, unit 2^-24. */
static ts_v64 draw(const ts_cell *cell, plain_state *state) {
    const int half = state->step % 2 != 0;
    if (half == 0)
        draw_pair(state);
    state->point[0] = state->first_point[half];
    draw_further(cell, state);
    ts_v64 label = load(&state->noise[half]) + cell->level[0];
    for (uint32_t c = 0; c < cell->dimension; c++)
        label += target(cell, load(&state->point[c]));
    return label;
}

/* ---- steps. How far x is beyond the beginning of a neuron, in the high words: as offsets of model/activation.h, and
 * exactly their sign. */

static ts_v64 offset_of(ts_v64 edge, const lane_numbers *position) {
    return (edge << 32) - (load(position) & ~(int64_t)UINT32_MAX);
}

static ts_v64 on_from(const ts_cell *cell) {
    return ts_all64(((int64_t)cell->width << 32) - 1); /* on: offset above */
}

/* Sum over the neurons first .. < last, those of one coordinate, which x = edge - eta/2 is for. Lists those that are in
 * transition. */
static ts_v64 steps_forward(const ts_cell *cell, plain_state *state, uint32_t first, uint32_t last, ts_v64 edge) {
    const ts_v64 most = on_from(cell);
    ts_v64 sum = {0};
    for (uint32_t j = first; j < last; j++) {
        const ts_v64 offset = offset_of(edge, &state->position[j]), on = offset > most;
        sum += load(&state->weight[j]) & on;
        if (ts_any64(~(on | (0 > offset)))) {
            const ts_v64 sigma = ts_shape_lanes(&state->transition, offset >> 32).sigma;
            sum += ts_multiply_unit_lanes(load(&state->weight[j]), sigma);
            state->moving[state->moving_count++] = (uint16_t)j;
        }
    }
    return sum;
}

static void steps_backward(const ts_cell *cell, plain_state *state, uint32_t first, uint32_t last, ts_v64 edge,
                           ts_v64 gradient) {
    const ts_v64 most = on_from(cell);
    for (uint32_t j = first; j < last; j++) {
        const ts_v64 on = offset_of(edge, &state->position[j]) > most;
        store(&state->weight[j], load(&state->weight[j]) + (gradient & on));
    }
}

/* As ts_moved_by for the lanes of a mask, one by one. */
static ts_v64 move_each(const ts_cell *cell, ts_v64 position, ts_v64 slope, ts_v64 mask, ts_v64 velocity) {
    for (int i = 0; i < BATCH; i++)
        if (mask[i])
            position[i] = ts_moved_by(cell, position[i], slope[i], (ts_update){0, (int32_t)velocity[i]});
    return position;
}

/* As ts_moved_by where the slope is not 0. */
static ts_v64 moved(const ts_cell *cell, const ts_transition *transition, ts_v64 position, ts_v64 slope,
                    ts_v64 velocity) {
    ts_v64 moves;
    if (!transition->possible || !ts_velocity_lanes(transition, slope, velocity, &moves))
        return move_each(cell, position, slope, ~(slope == 0), velocity);
    position -= moves; /* below 2^59: within int64 */
    const ts_v64 low = ts_all64(TS_POSITION_LOW), high = ts_all64(TS_POSITION_HIGH);
    position = ts_select64(position > high, high, position);
    return ts_select64(low > position, low, position);
}

/* The neurons that are listed: what is not in transition has sigma = 0 and D = 0. */
static void move_listed(const ts_cell *cell, plain_state *state, ts_v64 gradient, ts_v64 velocity) {
    const ts_v64 running = load(&state->running);
    for (uint32_t k = 0; k < state->moving_count; k++) {
        const uint32_t j = state->moving[k];
        const ts_v64 edge = load(&state->point[j / cell->of_coordinate]) + cell->half_width;
        const ts_v64 offset = offset_of(edge, &state->position[j]) >> 32;
        const ts_lane_shape shape = ts_shape_lanes(&state->transition, offset);
        const ts_v64 weight = load(&state->weight[j]);
        /* a neuron that is on in this lane has got its gradient already, and gets 0 here */
        store(&state->weight[j], weight + ts_multiply_unit_lanes(gradient, shape.sigma));
        const ts_v64 slope = ts_multiply_unit_lanes(weight, shape.derivative & running);
        store(&state->position[j], moved(cell, &state->transition, load(&state->position[j]), slope, velocity));
    }
}

/* ---- rectified linear units */

/* x - u where the neuron is on, else 0; unit 2^-30. */
static ts_v64 beyond_of(ts_v64 point, const lane_numbers *position, ts_v64 *on) {
    const ts_v64 offset = offset_of(point, position);
    *on = offset > 0;
    return ts_shift_logical(offset & *on, 32);
}

static ts_v64 relu_forward(plain_state *state, uint32_t first, uint32_t last, ts_v64 point) {
    ts_v64 sum = {0}, on;
    for (uint32_t j = first; j < last; j++)
        sum += ts_multiply_unit_lanes(load(&state->weight[j]), beyond_of(point, &state->position[j], &on));
    return sum;
}

static void relu_backward(const ts_cell *cell, plain_state *state, uint32_t first, uint32_t last, ts_v64 point,
                          ts_v64 gradient, ts_v64 velocity) {
    const ts_v64 running = load(&state->running);
    for (uint32_t j = first; j < last; j++) {
        ts_v64 on;
        const ts_v64 beyond = beyond_of(point, &state->position[j], &on), weight = load(&state->weight[j]);
        store(&state->weight[j], weight + ts_multiply_unit_lanes(gradient, beyond));
        store(&state->position[j],
              moved(cell, &state->transition, load(&state->position[j]), weight & on & running, velocity));
    }
}

/* ---- one step of all trainings */

static ts_v64 forward(const ts_cell *cell, plain_state *state) {
    const uint32_t m = cell->of_coordinate;
    ts_v64 sum = load(&state->bias);
    state->moving_count = 0;
    for (uint32_t c = 0; c < cell->dimension; c++) {
        const ts_v64 point = load(&state->point[c]);
        sum += cell->activation == TS_ACTIVATION_RELU
                   ? relu_forward(state, c * m, (c + 1) * m, point)
                   : steps_forward(cell, state, c * m, (c + 1) * m, point + cell->half_width);
    }
    return sum;
}

static void backward(const ts_cell *cell, plain_state *state, ts_v64 gradient, ts_v64 velocity) {
    const uint32_t m = cell->of_coordinate;
    for (uint32_t c = 0; c < cell->dimension; c++) {
        const ts_v64 point = load(&state->point[c]);
        if (cell->activation == TS_ACTIVATION_RELU)
            relu_backward(cell, state, c * m, (c + 1) * m, point, gradient, velocity);
        else
            steps_backward(cell, state, c * m, (c + 1) * m, point + cell->half_width, gradient);
    }
    move_listed(cell, state, gradient, velocity);
}

/* Examine the weights when their growth is no longer bounded. Returns false when they left the range. */
static bool examine_weights(const ts_cell *cell, plain_state *state, uint32_t i) {
    ts_range range = {0, 0};
    ts_range_add(&range, state->bias.of[i]);
    for (uint32_t j = 0; j < cell->neurons; j++)
        ts_range_add(&range, state->weight[j].of[i]);
    state->drift.of[i] = 0;
    return ts_weights_in_range(cell, range);
}

/* Lanes whose residual or growth of the weights needs a look; those that diverge stop running. */
static void look_at_lanes(const ts_cell *cell, plain_state *state, unsigned out_of_range, unsigned drifted) {
    for (uint32_t i = 0; i < state->count; i++) {
        const bool out = out_of_range >> i & 1;
        if (!state->running.of[i] || !(out || (drifted >> i & 1 && !examine_weights(cell, state, i))))
            continue;
        state->running.of[i] = 0;
        state->halted_at[i] = state->step;
    }
}

static void step(const ts_cell *cell, plain_state *state) {
    const ts_v64 label = draw(cell, state), sum = forward(cell, state);
    const ts_update_lanes update =
        ts_update_lanes_of(&state->learning, label, sum, load(&state->drift), cell->residual_shift);
    if (ts_any64(update.out_of_range | update.drifted))
        look_at_lanes(cell, state, ts_bits64(update.out_of_range), ts_bits64(update.drifted));
    const ts_v64 gradient = update.gradient & load(&state->running);
    backward(cell, state, gradient, update.velocity);
    store(&state->bias, load(&state->bias) + gradient);
    store(&state->drift, load(&state->drift) + ts_absolute_lanes(gradient));
    state->step++;
}

static uint64_t advance(const ts_plan *plan, ts_batch batch, void *memory, uint64_t steps) {
    (void)plan;
    plain_state *state = memory;
    uint64_t done = 0, running = (uint64_t)-ts_sum64(load(&state->running));
    if (state->step % 2 != 0) /* where trainings were resumed, nobody drew the block that this step shares */
        draw_pair(state);
    for (uint64_t p = 0; p < steps && running > 0; p++) {
        step(batch.cell, state);
        running = (uint64_t)-ts_sum64(load(&state->running));
        done += running;
    }
    return done;
}

static bool diverged(const void *memory, uint32_t i) {
    return !((const plain_state *)memory)->running.of[i];
}

static void read_training(ts_batch batch, const void *memory, uint32_t i, ts_standing *standing) {
    const plain_state *state = memory;
    for (uint32_t j = 0; j < batch.cell->neurons; j++) {
        standing->position[j] = state->position[j].of[i];
        standing->weight[j] = state->weight[j].of[i];
    }
    standing->training.bias = state->bias.of[i];
    standing->training.drift = state->drift.of[i];
    standing->training.halted = diverged(memory, i) ? TS_HALTED_DIVERGED : TS_NOT_HALTED;
    standing->training.step = diverged(memory, i) ? state->halted_at[i] : state->step;
}

TS_VECTOR_METHOD(ts_plain, BATCH, BATCH);
