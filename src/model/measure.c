#include "model/measure.h"

#include "model/positions.h"

#include <stdlib.h>

#define BREAKPOINTS_AT_A_TIME 64 /* between two questions whether to go on */

size_t ts_measure_scratch_size(const ts_cell *cell) {
    return cell->of_coordinate * sizeof(ts_measured_neuron) + (cell->of_coordinate + 1) * sizeof(int64_t);
}

static int compare_neurons(const void *left, const void *right) {
    const int32_t a = ((const ts_measured_neuron *)left)->start;
    const int32_t b = ((const ts_measured_neuron *)right)->start;
    return (a > b) - (a < b);
}

/* The neurons of a coordinate by the start of their transition, and sums of their weights. */
static ts_measured_network sort_network(const ts_cell *cell, const ts_neurons *neurons, uint32_t coordinate,
                                        int64_t bias, void *scratch) {
    const uint32_t m = cell->of_coordinate, first = coordinate * m;
    ts_measured_neuron *sorted = scratch;
    int64_t *on_sum = (int64_t *)(sorted + m);
    for (uint32_t j = 0; j < m; j++)
        sorted[j] =
            (ts_measured_neuron){neurons->weight[first + j], neurons->position_high[first + j] - cell->half_width};
    qsort(sorted, m, sizeof *sorted, compare_neurons);
    on_sum[0] = ts_value_on_the_left(cell, coordinate, bias);
    for (uint32_t j = 0; j < m; j++)
        on_sum[j + 1] = on_sum[j] + sorted[j].weight;
    return (ts_measured_network){sorted, on_sum};
}

/* False when it was told to give up. */
static bool integrate(const ts_cell *cell, const ts_measured_network *network, ts_go_on *go_on, void *context,
                      ts_integrals *sum) {
    *sum = (ts_integrals){0, 0};
    for (uint32_t b = 0; b < ts_breakpoint_count(cell); b++) {
        if (go_on && b % BREAKPOINTS_AT_A_TIME == BREAKPOINTS_AT_A_TIME - 1 && !go_on(context))
            return false;
        const ts_integrals part = ts_breakpoint_integrals(cell, network, b);
        sum->square += part.square;
        sum->mean += part.mean;
    }
    return true;
}

static void add_positions(const ts_cell *cell, const ts_measured_network *network, ts_measurement *measurement) {
    if (!ts_has_jumps(cell))
        return;
    for (uint32_t b = 0; b < ts_position_breakpoint_count(cell); b++)
        measurement->position_loss += ts_position_part(cell, network->neuron, b);
    for (uint32_t k = 0; k < (uint32_t)cell->jump_count; k++)
        measurement->missed += !ts_jump_is_covered(cell, network->neuron, k);
}

bool ts_measure(const ts_cell *cell, const ts_neurons *neurons, int64_t bias, void *scratch, ts_go_on *go_on,
                void *context, ts_measurement *measurement) {
    ts_integrals first = {0, 0};
    ts_loss_sum sum = {0, 0};
    *measurement = (ts_measurement){0};
    for (uint32_t coordinate = 0; coordinate < cell->dimension; coordinate++) {
        const ts_measured_network network = sort_network(cell, neurons, coordinate, bias, scratch);
        ts_integrals integrals;
        if (!integrate(cell, &network, go_on, context, &integrals))
            return false;
        ts_add_coordinate(&sum, integrals);
        first = coordinate == 0 ? integrals : first;
        add_positions(cell, &network, measurement);
    }
    measurement->loss = ts_loss_of(cell, first, sum);
    return true;
}
