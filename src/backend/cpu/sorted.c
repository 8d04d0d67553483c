/* The sorted algorithm: a step finds the neurons that are on as a prefix of the sorted ones and touches O(log m) sums
 * and the neurons in transition (tree.h). Vectors lie along the neurons of one training; the trainings of a batch take
 * turns so that none waits for its own memory and multiplications. */
#include "backend/cpu/cpu.h"
#include "backend/cpu/learning.h"
#include "backend/cpu/sampling.h"
#include "backend/cpu/transition.h"
#include "backend/cpu/tree.h"

#include <string.h>

#define BATCH (TS_LANES64 < 4 ? 4 : TS_LANES64) /* trainings */
#define AHEAD 4                                 /* steps whose samples are drawn at once */

/* What the backward part of a step takes over from the forward part, for a vector of neurons. */
typedef struct kept_shape {
    ts_v64 shape; /* low words: sigma; high words: D / D(0) */
    ts_v64 weight;
} kept_shape;

typedef struct sorted_training {
    ts_tree tree;
    kept_shape *kept; /* [m / lanes + 2] */
    bool diverged;
    uint64_t halted_at; /* steps done, when it did */
    /* the step at hand */
    ts_path path;   /* of the neurons that are on */
    int32_t edge;   /* x + eta / 2, unit 2^-30 */
    uint32_t begin; /* vectors from here ... */
    uint32_t end;   /* ... to here have neurons in transition; they may be out of order until the next step */
} sorted_training;

typedef struct sorted_state {
    ts_sampling sampling;
    ts_learning learning;
    ts_transition transition;
    uint64_t step;
    uint32_t count;
    /* by training, for vectors */
    int64_t replicate[BATCH] __attribute__((aligned(64)));
    int64_t point[AHEAD][BATCH];              /* x, unit 2^-30 */
    int64_t label[AHEAD][BATCH];              /* f*(x) + xi, unit 2^-24 */
    int64_t sum[BATCH];                       /* f(x), unit 2^-48 */
    int64_t bias[BATCH], drift[BATCH];        /* as in ts_training */
    int64_t gradient[BATCH], velocity[BATCH]; /* of the step at hand */
    sorted_training training[BATCH];
} sorted_state;

static size_t align(size_t bytes) {
    return (bytes + 63) / 64 * 64;
}

static size_t kept_size(const ts_cell *cell) {
    return align((cell->neurons / TS_LANES64 + 2) * sizeof(kept_shape));
}

static size_t training_size(const ts_cell *cell) {
    return ts_tree_size(cell->neurons) + kept_size(cell);
}

static size_t state_size(const ts_cell *cell) {
    return align(sizeof(sorted_state)) + BATCH * training_size(cell);
}

static double step_cost(const ts_cell *cell) {
    const uint32_t trainings = BATCH;
    return trainings * (80 + 20 * (double)cell->neurons * cell->width * 0x1p-30);
}

static void start(const ts_run_options *options, ts_batch batch, void *memory) {
    (void)options;
    sorted_state *state = memory;
    memset(state, 0, sizeof *state);
    state->step = batch.step;
    state->count = batch.count;
    state->sampling = ts_sampling_of(batch.cell);
    state->learning = ts_learning_of(batch.cell);
    state->transition = ts_transition_of(batch.cell);
}

static void write_training(ts_batch batch, void *memory, uint32_t i, const ts_standing *standing) {
    sorted_state *state = memory;
    const uint32_t m = batch.cell->neurons;
    char *own = (char *)memory + align(sizeof *state) + i * training_size(batch.cell);
    state->replicate[i] = standing->training.replicate;
    state->bias[i] = standing->training.bias;
    state->drift[i] = standing->training.drift;
    state->training[i].diverged = standing->training.halted;
    state->training[i].halted_at = standing->training.step;
    ts_tree_create(&state->training[i].tree, standing->position, standing->weight, state->bias[i], m, own);
    state->training[i].kept = (kept_shape *)(own + ts_tree_size(m));
}

/* ---- one step */

/* Neurons that moved past a neighbour in the last step go to their places. Only now: the words that the step stored are
 * read together here, for which they must have left the store buffer. */
static inline void restore_order(sorted_training *training, uint32_t depth) {
    ts_tree *tree = &training->tree;
    const uint32_t begin = training->begin, end = training->end;
    if (begin == end)
        return;
    ts_half32 disorder = {0};
    for (uint32_t j = begin; j < end; j += TS_LANES64)
        disorder |= ts_load_half32(tree->high + j - 1) > ts_load_half32(tree->high + j);
    const uint32_t last = (end < tree->neurons ? end : tree->neurons) - 1;
    if (ts_any_half32(disorder) || tree->high[end - 1] > tree->high[end])
        ts_tree_reorder(tree, begin, last);
    else
        ts_tree_set_heads(tree, depth, begin, last);
    training->begin = training->end = 0;
}

/* Samples of the AHEAD steps among which the next one is. */
static void draw(sorted_state *state) {
    const uint64_t first = state->step - state->step % AHEAD;
    for (int v = 0; v < BATCH; v += TS_LANES64)
        for (uint64_t ahead = 0; ahead < AHEAD; ahead += 2) {
            ts_sample_lanes sample[2];
            ts_draw_lanes(&state->sampling, ts_load64(state->replicate + v), (first + ahead) / 2, sample);
            for (uint64_t half = 0; half < 2; half++) {
                ts_store64(state->point[ahead + half] + v, sample[half].point);
                ts_store64(state->label[ahead + half] + v, sample[half].label);
            }
        }
}

static inline void find(const ts_cell *cell, sorted_training *training, int64_t point, uint32_t depth) {
    training->edge = (int32_t)point + cell->half_width;
    ts_tree_find(&training->tree, depth, training->edge - cell->width, &training->path);
}

/* Lanes of the sum of a_j sigma_j over the neurons in transition, from the vector of neuron `count` on. */
static inline ts_v64 forward(const ts_transition *transition, sorted_training *training, uint32_t depth,
                             uint32_t count) {
    const ts_tree *tree = &training->tree;
    const int32_t *high = tree->high;
    const int64_t *stored_weight = tree->weight;
    const int32_t edge = training->edge;
    kept_shape *kept = training->kept;
    ts_v64 sum = {0};
    uint32_t j = count & ~(TS_LANES64 - 1U);
    training->begin = j;
    int64_t waiting = ts_path_waiting(&training->path, depth);
    if (j == training->path.leaf + 8)
        waiting -= ts_tree_step(tree, depth, j);
    for (;;) {
        const ts_lane_shape shape = ts_shape_lanes(transition, edge - ts_widen(high + j));
        const ts_v64 weight = ts_load64(stored_weight + j) + waiting;
        sum += ts_multiply_unit_lanes(weight, shape.sigma);
        *kept++ = (kept_shape){shape.sigma | shape.derivative << 32, weight};
        j += TS_LANES64;
        if (high[j] > edge)
            break;
        if (j % 8 == 0)
            waiting -= ts_tree_step(tree, depth, j);
    }
    training->end = j;
    return sum;
}

/* f(x), unit 2^-48. */
static inline int64_t predict(const ts_transition *transition, sorted_training *training, int64_t bias,
                              uint32_t depth) {
    const uint32_t count = training->path.leaf + training->path.child[0];
    ts_v64 sum = ts_tree_sum(&training->tree, depth, &training->path, bias);
    if (training->tree.high[count] <= training->edge)
        sum += forward(transition, training, depth, count);
    return bias + ts_sum64(sum);
}

/* As ts_moved_position for the lanes in transition, one by one. */
static ts_v64 move_each(const ts_cell *cell, ts_v64 position, ts_v64 weight, ts_v64 offset, ts_update update) {
    for (int i = 0; i < TS_LANES64; i++)
        if (offset[i] >= 0 && offset[i] < cell->width)
            position[i] =
                ts_moved_position(cell, position[i], weight[i], ts_transition_phase(cell, (int32_t)offset[i]), update);
    return position;
}

/* Move the neurons in transition and let their weights grow. Returns the growth in the last leaf of the prefix, which
 * is not in the sums above it yet. */
static inline int64_t backward(const ts_cell *cell, const ts_transition *transition, sorted_training *training,
                               uint32_t depth, ts_update update) {
    ts_tree *tree = &training->tree;
    int32_t *high = tree->high;
    int64_t *stored_weight = tree->weight, *stored_position = tree->position;
    const ts_v64 gradient = ts_all64(update.gradient), velocity = ts_all64(update.velocity);
    const kept_shape *kept = training->kept;
    const uint32_t end = training->end;
    int64_t first_growth = 0;
    ts_v64 leaf_growth = {0};
    for (uint32_t j = training->begin; j < end; kept++) {
        const ts_v64 growth = ts_multiply_unit_lanes(gradient, kept->shape);
        ts_store64(stored_weight + j, ts_load64(stored_weight + j) + growth);
        leaf_growth += growth;
        const ts_v64 slope = ts_multiply_unit_lanes(kept->weight, ts_shift_logical(kept->shape, 32));
        ts_v64 position = ts_load64(stored_position + j), moves;
        if (transition->possible && ts_velocity_lanes(transition, slope, velocity, &moves))
            position -= moves;
        else
            position = move_each(cell, position, kept->weight, training->edge - ts_widen(high + j), update);
        ts_store64(stored_position + j, position);
        ts_store_half32(high + j, ts_high_words(position));
        j += TS_LANES64;
        if (j % 8 != 0 && j != end)
            continue;
        if (j <= training->path.leaf + 8)
            first_growth = ts_sum64(leaf_growth);
        else
            ts_tree_grow(tree, depth, j - 1, ts_sum64(leaf_growth));
        leaf_growth = (ts_v64){0};
    }
    return first_growth;
}

/* Examine the weights when their growth is no longer bounded. Returns false when they left the range. */
static bool examine_weights(const ts_cell *cell, sorted_state *state, uint32_t i) {
    const ts_tree *tree = &state->training[i].tree;
    ts_range range = {0, 0};
    ts_range_add(&range, state->bias[i]);
    int64_t waiting = state->bias[i];
    for (uint32_t j = 0; j < tree->neurons; j++)
        ts_range_add(&range, ts_tree_weight(tree, j, &waiting));
    state->drift[i] = 0;
    return ts_weights_in_range(cell, range);
}

/* Updates of all trainings. Those whose residual or weights leave their range diverge; returns how many. */
static inline uint32_t learn(const ts_cell *cell, sorted_state *state) {
    uint32_t diverged = 0;
    for (uint32_t v = 0; v < BATCH; v += TS_LANES64) {
        const ts_update_lanes update =
            ts_update_lanes_of(&state->learning, ts_load64(state->label[state->step % AHEAD] + v),
                               ts_load64(state->sum + v), ts_load64(state->drift + v), 0);
        ts_store64(state->gradient + v, update.gradient);
        ts_store64(state->velocity + v, update.velocity);
        const unsigned out_of_range = ts_bits64(update.out_of_range), drifted = ts_bits64(update.drifted);
        for (uint32_t i = v; (out_of_range | drifted) >> (i - v) != 0 && i < state->count; i++) {
            if (state->training[i].diverged)
                continue;
            const bool in_range = !(out_of_range >> (i - v) & 1);
            if (in_range && (!(drifted >> (i - v) & 1) || examine_weights(cell, state, i)))
                continue;
            state->training[i].diverged = true;
            state->training[i].halted_at = state->step;
            diverged++;
        }
    }
    return diverged;
}

static inline void apply(const ts_cell *cell, sorted_state *state, uint32_t i, uint32_t depth) {
    sorted_training *training = &state->training[i];
    const ts_update update = {state->gradient[i], (int32_t)state->velocity[i]};
    const int64_t growth = backward(cell, &state->transition, training, depth, update);
    ts_tree_add(&training->tree, depth, &training->path, update.gradient, growth);
    state->bias[i] += update.gradient;
    state->drift[i] += update.gradient < 0 ? -update.gradient : update.gradient;
}

static inline uint64_t advance_depth(const ts_cell *cell, sorted_state *state, uint64_t steps, uint32_t depth) {
    uint32_t running = 0;
    for (uint32_t i = 0; i < state->count; i++)
        running += !state->training[i].diverged;
    uint64_t done = 0;
    if (state->step % AHEAD != 0) /* where trainings were resumed, nobody drew the samples that are left */
        draw(state);
    for (uint64_t p = 0; p < steps && running > 0; p++) {
        if (state->step % AHEAD == 0)
            draw(state);
        for (uint32_t i = 0; i < state->count; i++) {
            if (state->training[i].diverged)
                continue;
            restore_order(&state->training[i], depth);
            find(cell, &state->training[i], state->point[state->step % AHEAD][i], depth);
        }
        for (uint32_t i = 0; i < state->count; i++)
            if (!state->training[i].diverged)
                state->sum[i] = predict(&state->transition, &state->training[i], state->bias[i], depth);
        running -= learn(cell, state);
        for (uint32_t i = 0; i < state->count; i++)
            if (!state->training[i].diverged)
                apply(cell, state, i, depth);
        done += running;
        state->step++;
    }
    return done;
}

/* Apart for every depth, so that the compiler unrolls the walk through the tree. */
static uint64_t advance(const ts_plan *plan, ts_batch batch, void *memory, uint64_t steps) {
    (void)plan;
    sorted_state *state = memory;
    switch (state->training[0].tree.depth) {
    case 0:
        return advance_depth(batch.cell, state, steps, 0);
    case 1:
        return advance_depth(batch.cell, state, steps, 1);
    case 2:
        return advance_depth(batch.cell, state, steps, 2);
    default:
        return advance_depth(batch.cell, state, steps, TS_TREE_DEPTH);
    }
}

static bool diverged(const void *memory, uint32_t i) {
    return ((const sorted_state *)memory)->training[i].diverged;
}

static void read_training(ts_batch batch, const void *memory, uint32_t i, ts_standing *standing) {
    const sorted_state *state = memory;
    const ts_tree *tree = &state->training[i].tree;
    int64_t waiting = state->bias[i];
    for (uint32_t j = 0; j < batch.cell->neurons; j++) {
        standing->position[tree->index[j]] = tree->position[j];
        standing->weight[tree->index[j]] = ts_tree_weight(tree, j, &waiting);
    }
    standing->training.bias = state->bias[i];
    standing->training.drift = state->drift[i];
    standing->training.halted = state->training[i].diverged ? TS_HALTED_DIVERGED : TS_NOT_HALTED;
    standing->training.step = state->training[i].diverged ? state->training[i].halted_at : state->step;
}

TS_VECTOR_METHOD(ts_sorted, BATCH, 4);
