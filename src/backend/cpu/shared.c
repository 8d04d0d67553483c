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

void ts_draw_positions(const ts_cell *cell, uint32_t replicate, int64_t *position) {
    for (uint32_t j = 0; j < cell->neurons; j++)
        position[j] = ts_start_position(cell, replicate, j);
    qsort(position, cell->neurons, sizeof *position, compare_positions);
}

size_t ts_finished_size(const ts_cell *cell) {
    return cell->neurons * (sizeof(int64_t) + sizeof(int32_t) + sizeof(uint32_t)) + ts_measure_scratch_size(cell);
}

ts_neurons ts_finished_neurons(const ts_cell *cell, void *memory) {
    int64_t *weight = memory;
    int32_t *high = (int32_t *)(weight + cell->neurons);
    return (ts_neurons){high, (uint32_t *)(high + cell->neurons), weight};
}

int64_t ts_finish_training(const ts_cell *cell, void *memory, int64_t bias, uint32_t replicate, ts_kept *kept) {
    const uint32_t m = cell->neurons;
    const ts_neurons neurons = ts_finished_neurons(cell, memory);
    if (kept) {
        const size_t row = (size_t)replicate * m;
        for (uint32_t j = 0; j < m; j++)
            kept->position[row + j] = ts_position(&neurons, j);
        memcpy(kept->weight + row, neurons.weight, m * sizeof *neurons.weight);
        kept->bias[replicate] = bias;
    }
    return ts_measure_loss(cell, &neurons, bias, neurons.position_low + m);
}
