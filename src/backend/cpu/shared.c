/* The start and the end of a training, the same for all methods. */
#include "backend/cpu/cpu.h"
#include "model/measure.h"

#include <stdlib.h>
#include <string.h>

static int compare_positions(const void *left, const void *right) {
    const int64_t a = *(const int64_t *)left;
    const int64_t b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

ts_training ts_begin_training(const ts_plan *plan, ts_batch batch, uint32_t i, int64_t *position, int64_t *weight) {
    const ts_cell *cell = batch.cell;
    const uint32_t m = cell->neurons;
    const ts_state *resume = ts_batch_resume(plan, batch);
    ts_training training = ts_training_start(ts_batch_replicate(plan, batch, i));
    if (resume) {
        const size_t row = batch.first + i;
        memcpy(position, resume->position + row * m, m * sizeof *position);
        memcpy(weight, resume->weight + row * m, m * sizeof *weight);
        training.step = batch.step;
        training.bias = resume->bias[row].fixed;
        training.drift = resume->drift[row];
        training.diverged = resume->diverged[row];
        return training;
    }
    for (uint32_t j = 0; j < m; j++) {
        position[j] = ts_start_position(cell, training.replicate, j);
        weight[j] = ts_start_weight(cell, training.replicate, j);
    }
    for (uint32_t first = 0; first < m; first += cell->of_coordinate)
        qsort(position + first, cell->of_coordinate, sizeof *position, compare_positions);
    return training;
}

size_t ts_finished_size(const ts_cell *cell) {
    const size_t start = cell->neurons * sizeof(int64_t), measure = ts_measure_scratch_size(cell);
    return cell->neurons * (sizeof(int64_t) + sizeof(int32_t) + sizeof(uint32_t)) + (start > measure ? start : measure);
}

ts_neurons ts_finished_neurons(const ts_cell *cell, void *memory) {
    int64_t *weight = memory;
    int32_t *high = (int32_t *)(weight + cell->neurons);
    return (ts_neurons){high, (uint32_t *)(high + cell->neurons), weight};
}

/* Put the neurons into arrays of [m]. */
static void copy_neurons(const ts_neurons *neurons, uint32_t m, int64_t *position, int64_t *weight) {
    for (uint32_t j = 0; j < m; j++)
        position[j] = ts_position(neurons, j);
    memcpy(weight, neurons->weight, m * sizeof *weight);
}

int64_t ts_finish_training(ts_batch batch, void *memory, int64_t bias, uint32_t i, ts_kept *kept) {
    const ts_cell *cell = batch.cell;
    const size_t m = cell->neurons, row = batch.first + i;
    const ts_neurons neurons = ts_finished_neurons(cell, memory);
    if (kept) {
        copy_neurons(&neurons, cell->neurons, kept->position + row * m, kept->weight + row * m);
        kept->bias[row] = bias;
    }
    return ts_measure_loss(cell, &neurons, bias, neurons.position_low + m, ts_monitor_complete, batch.monitor);
}

void ts_save_training(const ts_cell *cell, const ts_neurons *neurons, const ts_training *training, uint32_t row,
                      ts_state *saved) {
    const size_t m = cell->neurons;
    copy_neurons(neurons, cell->neurons, &saved->position[row * m].fixed, &saved->weight[row * m].fixed);
    saved->bias[row].fixed = training->bias;
    saved->drift[row] = training->drift;
    saved->diverged[row] = training->diverged;
}
