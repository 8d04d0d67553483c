#include "backend/cuda/shape.h"

#include "model/blocked.h"
#include "model/ranked.h"

#define WARP 32
#define FEWEST_LANES 4          /* of those that share a training */
#define FEWEST_SLOTS 3          /* of one training a lane that a multiprocessor should hold */
#define OFTEN_IN_TRANSITION 0.2 /* from so many on, batches are short */

static uint32_t round_up(uint32_t count, uint32_t unit) {
    return (count + unit - 1) / unit * unit;
}

/* Neurons in transition at a sample, on average. */
static double in_transition(const ts_cell *cell) {
    return cell->neurons * (double)cell->width * 0x1p-30;
}

static ts_shape one_lane(const ts_cell *cell) {
    return (ts_shape){1, in_transition(cell) < OFTEN_IN_TRANSITION ? 8 : 4,
                      round_up(cell->neurons, cell->neurons > 32 ? 8 : 4), WARP};
}

ts_shape ts_shape_choose(const ts_cell *cell, int lane_group, size_t shared_memory) {
    const ts_shape one = one_lane(cell);
    if (lane_group <= 1 && FEWEST_SLOTS * (ts_shape_shared_memory(one) + TS_SHAPE_RESERVE) <= shared_memory)
        return one;
    uint32_t lanes = FEWEST_LANES;
    while (lanes < WARP && (lanes < (uint32_t)lane_group || ts_blocked_most(lanes) < cell->neurons))
        lanes *= 2;
    return (ts_shape){lanes, 0, round_up(cell->neurons, TS_BLOCKED_ROWS * lanes), WARP / lanes};
}

bool ts_shape_equal(ts_shape a, ts_shape b) {
    return a.lanes == b.lanes && a.batch == b.batch && a.row == b.row;
}

size_t ts_shape_shared_memory(ts_shape shape) {
    return shape.lanes == 1 ? ts_ranked_size(shape.row, WARP) : ts_blocked_size(shape.row, shape.lanes, WARP);
}

/* Lines through the counts of docs/performance.md, "On a GPU". */
double ts_shape_step_cost(ts_shape shape, const ts_cell *cell) {
    return shape.lanes == 1 ? 180 + 7.5 * cell->neurons : 640 + 20 * in_transition(cell);
}
