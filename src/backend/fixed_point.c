/* The start and the end of a training in the integers of the model. */
#include "backend/host.h"
#include "base/order.h"
#include "model/measure.h"

#include <stdlib.h>

static void draw(const ts_plan *plan, const ts_cell *cell, ts_standing *standing) {
    (void)plan;
    for (uint32_t j = 0; j < cell->neurons; j++) {
        standing->position[j] = ts_start_position(cell, standing->training.replicate, j);
        standing->weight[j] = ts_start_weight(cell, standing->training.replicate, j);
    }
    for (uint32_t first = 0; first < cell->neurons; first += cell->of_coordinate)
        qsort(standing->position + first, cell->of_coordinate, sizeof *standing->position, ts_compare_int64);
}

/* The high words of the positions stand behind what measuring needs. */
static size_t scratch_size(const ts_cell *cell) {
    return ts_measure_scratch_size(cell) + cell->neurons * sizeof(int32_t);
}

static bool measure(const ts_plan *plan, ts_batch batch, const ts_standing *standing, void *scratch,
                    ts_measurement *measurement) {
    (void)plan;
    const ts_cell *cell = batch.cell;
    int32_t *high = (int32_t *)(void *)((char *)scratch + ts_measure_scratch_size(cell));
    for (uint32_t j = 0; j < cell->neurons; j++)
        high[j] = (int32_t)(standing->position[j] >> 32);
    const ts_neurons neurons = {.position_high = high, .weight = standing->weight};
    return ts_measure(cell, &neurons, standing->training.bias, scratch, ts_monitor_complete, batch.monitor,
                      measurement);
}

static int64_t as_it_is(int64_t word) {
    return word;
}

const ts_host_arithmetic ts_host_fixed_point = {
    .draw = draw,
    .scratch_size = scratch_size,
    .measure = measure,
    .position = as_it_is,
    .weight = as_it_is,
};
