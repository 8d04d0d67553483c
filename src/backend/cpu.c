/* The cpu backend: the fixed-point model, one training a thread. */
#include "backend/host.h"
#include "model/measure.h"
#include "model/step.h"

#include <stdlib.h>
#include <string.h>

typedef struct cpu_state {
    ts_training training;
    ts_neurons neurons; /* arrays behind this struct, in the same memory */
    void *scratch;      /* start: sorting; measure: breakpoints */
} cpu_state;

static size_t cpu_state_size(const ts_cell *cell) {
    const size_t neurons = cell->neurons * (sizeof(int64_t) + sizeof(int32_t) + sizeof(uint32_t));
    return sizeof(cpu_state) + neurons + ts_measure_scratch_size(cell);
}

static int compare_positions(const void *left, const void *right) {
    const int64_t a = *(const int64_t *)left;
    const int64_t b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

static void cpu_start(const ts_plan *plan, const ts_cell *cell, uint32_t replicate, void *memory) {
    (void)plan;
    cpu_state *state = memory;
    const uint32_t m = cell->neurons;
    state->training = ts_training_start(replicate);
    state->neurons.weight = (int64_t *)(state + 1);
    state->neurons.position_high = (int32_t *)(state->neurons.weight + m);
    state->neurons.position_low = (uint32_t *)(state->neurons.position_high + m);
    state->scratch = state->neurons.position_low + m;

    int64_t *position = state->neurons.weight; /* as scratch: the weights start at 0 afterwards */
    for (uint32_t j = 0; j < m; j++)
        position[j] = ts_start_position(cell, replicate, j);
    qsort(position, m, sizeof *position, compare_positions);
    for (uint32_t j = 0; j < m; j++)
        ts_set_position(&state->neurons, j, position[j]);
    memset(state->neurons.weight, 0, m * sizeof *state->neurons.weight);
}

/* Examine the weights when their growth is no longer bounded. Returns false when they left the range. */
static bool examine_weights(const ts_cell *cell, cpu_state *state, uint32_t lanes) {
    ts_range range = {state->training.bias > 0 ? state->training.bias : 0,
                      state->training.bias < 0 ? state->training.bias : 0};
    for (uint32_t lane = 0; lane < lanes; lane++) {
        const ts_range part = ts_weight_range(&state->neurons, lane, lanes, cell->neurons);
        range.positive += part.positive;
        range.negative += part.negative;
    }
    state->training.drift = 0;
    return ts_weights_in_range(cell, range);
}

/* One step by `lanes` lanes. Returns false when the training diverges instead. */
static inline bool step(const ts_cell *cell, cpu_state *state, ts_sample sample, uint32_t lanes) {
    ts_training *training = &state->training;
    const int32_t edge = sample.point + cell->half_width;
    bool near[32];
    int64_t sum = training->bias;
    for (uint32_t lane = 0; lane < lanes; lane++)
        sum += ts_forward(cell, &state->neurons, lane, lanes, cell->neurons, edge, &near[lane]);

    const int64_t residual = ts_residual(cell, sample, sum);
    if (!ts_residual_in_range(cell, residual))
        return false;
    const ts_update update = ts_update_of(cell, residual);
    if (!ts_drift_in_range(cell, training, update) && !examine_weights(cell, state, lanes))
        return false;

    for (uint32_t lane = 0; lane < lanes; lane++)
        ts_backward(cell, &state->neurons, lane, lanes, cell->neurons, edge, near[lane], update);
    ts_finish_step(training, update);
    return true;
}

static inline uint64_t advance_by_lanes(const ts_cell *cell, cpu_state *state, uint64_t steps, uint32_t lanes) {
    ts_training *training = &state->training;
    const uint64_t first = training->step;
    ts_words block = ts_sample_block(cell, training->replicate, first);
    while (training->step - first < steps) {
        if (training->step % 2 == 0)
            block = ts_sample_block(cell, training->replicate, training->step);
        if (!step(cell, state, ts_sample_of(&block, training->step), lanes)) {
            training->diverged = true;
            break;
        }
    }
    return training->step - first;
}

static uint64_t cpu_advance(const ts_plan *plan, const ts_cell *cell, void *memory, uint64_t steps, int lane_group) {
    (void)plan;
    if (lane_group <= 1)
        return advance_by_lanes(cell, memory, steps, 1); /* apart, so that the compiler sees a stride of 1 */
    return advance_by_lanes(cell, memory, steps, (uint32_t)lane_group);
}

static bool cpu_diverged(const void *memory) {
    return ((const cpu_state *)memory)->training.diverged;
}

static int64_t cpu_measure(const ts_plan *plan, const ts_cell *cell, void *memory) {
    (void)plan;
    cpu_state *state = memory;
    return ts_measure_loss(cell, &state->neurons, state->training.bias, state->scratch);
}

static void cpu_keep(const ts_cell *cell, const void *memory, uint32_t replicate, ts_kept *kept) {
    const cpu_state *state = memory;
    const size_t row = (size_t)replicate * cell->neurons;
    for (uint32_t j = 0; j < cell->neurons; j++)
        kept->position[row + j] = ts_position(&state->neurons, j);
    memcpy(kept->weight + row, state->neurons.weight, cell->neurons * sizeof *kept->weight);
    kept->bias[replicate] = state->training.bias;
}

ts_status ts_cpu_run(const ts_plan *plan, const ts_run_options *options, ts_monitor *monitor, ts_results *results,
                     ts_error *error) {
    static const ts_arithmetic cpu = {cpu_state_size, cpu_start, cpu_advance, cpu_diverged, cpu_measure, cpu_keep};
    return ts_host_run(&cpu, plan, options, monitor, results, error);
}
