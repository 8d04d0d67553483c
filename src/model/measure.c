#include "model/measure.h"

#include "model/loss.h"

#include <stdlib.h>

size_t ts_measure_scratch_size(const ts_cell *cell) {
    return cell->neurons * sizeof(ts_measured_neuron) + (cell->neurons + 1) * sizeof(int64_t);
}

static int compare_neurons(const void *left, const void *right) {
    const int32_t a = ((const ts_measured_neuron *)left)->start;
    const int32_t b = ((const ts_measured_neuron *)right)->start;
    return (a > b) - (a < b);
}

int64_t ts_measure_loss(const ts_cell *cell, const ts_neurons *neurons, int64_t bias, void *scratch) {
    ts_measured_neuron *sorted = scratch;
    int64_t *on_sum = (int64_t *)(sorted + cell->neurons);
    for (uint32_t j = 0; j < cell->neurons; j++)
        sorted[j] = (ts_measured_neuron){neurons->weight[j], neurons->position_high[j] - cell->half_width};
    qsort(sorted, cell->neurons, sizeof *sorted, compare_neurons);
    on_sum[0] = bias;
    for (uint32_t j = 0; j < cell->neurons; j++)
        on_sum[j + 1] = on_sum[j] + sorted[j].weight;

    const ts_measured_network network = {sorted, on_sum};
    int64_t loss = 0;
    for (uint32_t b = 0; b < ts_breakpoint_count(cell); b++)
        loss += ts_breakpoint_loss(cell, &network, b);
    return loss;
}
