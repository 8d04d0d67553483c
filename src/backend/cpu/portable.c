/* The plain loop over src/model, one training at a time, on any machine. A training may be shared by emulated lanes, as
 * the threads of a GPU share it. */
#include "backend/cpu/cpu.h"
#include "model/plain.h"

typedef struct portable_state {
    ts_training training;
    ts_neurons neurons; /* arrays behind this struct, in the same memory */
    uint32_t lanes;
} portable_state;

static double portable_step_cost(const ts_cell *cell) {
    return cell->neurons + 16.0;
}

static size_t portable_state_size(const ts_cell *cell) {
    return sizeof(portable_state) + cell->neurons * (sizeof(int64_t) + sizeof(int32_t) + sizeof(uint32_t));
}

static void portable_start(const ts_run_options *options, ts_batch batch, void *memory) {
    portable_state *state = memory;
    state->lanes = options->lane_group > 1 ? (uint32_t)options->lane_group : 1;
    state->neurons.weight = (int64_t *)(state + 1);
    state->neurons.position_high = (int32_t *)(state->neurons.weight + batch.cell->neurons);
    state->neurons.position_low = (uint32_t *)(state->neurons.position_high + batch.cell->neurons);
}

static void portable_write(ts_batch batch, void *memory, uint32_t i, const ts_standing *standing) {
    (void)i;
    portable_state *state = memory;
    state->training = standing->training;
    for (uint32_t j = 0; j < batch.cell->neurons; j++) {
        ts_set_position(&state->neurons, j, standing->position[j]);
        state->neurons.weight[j] = standing->weight[j];
    }
}

/* The update of a step whose residual is known. Returns false when the training diverges instead. */
static inline bool may_learn(const ts_cell *cell, portable_state *state, int64_t residual, ts_update *update) {
    ts_training *training = &state->training;
    if (!ts_residual_in_range(cell, residual))
        return false;
    *update = ts_update_of(cell, (int32_t)residual);
    if (ts_drift_in_range(cell, training, update->gradient))
        return true;
    ts_range range = ts_weight_range(&state->neurons, 0, 1, cell->neurons);
    ts_range_add(&range, training->bias);
    training->drift = 0;
    return ts_weights_in_range(cell, range);
}

/* One step by `lanes` lanes; `dimension`: that of the cell. Returns false when the training diverges instead. Inlined,
 * so that the compiler sees these numbers. */
__attribute__((always_inline)) static inline bool step(const ts_cell *cell, portable_state *state, ts_sample sample,
                                                       uint32_t lanes, uint32_t dimension) {
    ts_training *training = &state->training;
    const uint32_t m = cell->of_coordinate;
    int32_t point[TS_MAX_DIMENSION];
    bool near[TS_MAX_LANES][TS_MAX_DIMENSION];
    point[0] = sample.point;
    if (dimension > 1)
        ts_further_points(cell, training->replicate, training->step, point);
    int64_t label = ts_noise(cell, sample), sum = training->bias;
    for (uint32_t c = 0; c < dimension; c++)
        label += ts_plain_target(cell, c, point[c]);
    for (uint32_t lane = 0; lane < lanes; lane++)
        for (uint32_t c = 0; c < dimension; c++)
            sum += ts_plain_forward(cell, &state->neurons, c * m + lane, lanes, (c + 1) * m, point[c], &near[lane][c]);
    ts_update update;
    if (!may_learn(cell, state, ts_residual(ts_missing(label, sum), cell->residual_shift), &update))
        return false;
    for (uint32_t lane = 0; lane < lanes; lane++)
        for (uint32_t c = 0; c < dimension; c++)
            ts_plain_backward(cell, &state->neurons, c * m + lane, lanes, (c + 1) * m, point[c], near[lane][c], update);
    ts_finish_step(training, update.gradient);
    return true;
}

static inline uint64_t advance_by_lanes(const ts_cell *cell, portable_state *state, uint64_t steps, uint32_t lanes,
                                        uint32_t dimension) {
    ts_training *training = &state->training;
    const uint64_t first = training->step;
    ts_words block = ts_sample_block(cell, training->replicate, first);
    while (training->step - first < steps) {
        if (training->step % 2 == 0)
            block = ts_sample_block(cell, training->replicate, training->step);
        if (!step(cell, state, ts_sample_of(&block, training->step), lanes, dimension)) {
            training->halted = TS_HALTED_DIVERGED;
            break;
        }
    }
    return training->step - first;
}

static uint64_t portable_advance(const ts_plan *plan, ts_batch batch, void *memory, uint64_t steps) {
    (void)plan;
    portable_state *state = memory;
    if (state->training.halted)
        return 0;
    const uint32_t lanes = state->lanes, dimension = batch.cell->dimension;
    if (lanes == 1 && dimension == 1) /* apart: a stride of 1, and no other coordinates */
        return advance_by_lanes(batch.cell, state, steps, 1, 1);
    return advance_by_lanes(batch.cell, state, steps, lanes, dimension);
}

static bool portable_diverged(const void *memory, uint32_t i) {
    (void)i;
    return ((const portable_state *)memory)->training.halted;
}

static void portable_read(ts_batch batch, const void *memory, uint32_t i, ts_standing *standing) {
    (void)i;
    const portable_state *state = memory;
    standing->training = state->training;
    for (uint32_t j = 0; j < batch.cell->neurons; j++) {
        standing->position[j] = ts_position(&state->neurons, j);
        standing->weight[j] = state->neurons.weight[j];
    }
}

const ts_method ts_portable = {
    .arithmetic = &ts_host_fixed_point,
    .width = 1,
    .least = 1,
    .step_cost = portable_step_cost,
    .state_size = portable_state_size,
    .start = portable_start,
    .write = portable_write,
    .advance = portable_advance,
    .diverged = portable_diverged,
    .read = portable_read,
};
