#include "backend/cuda/shape.h"

#include "model/blocked.h"
#include "model/dealt.h"
#include "model/ranked.h"

#define WARP 32
#define FEWEST_SLOTS 3         /* that a multiprocessor should hold, or trainings get more lanes */
#define RESERVE_OF_RANKED 1792 /* shared memory of a block beside its neurons: the kernel's own, and the system's */
#define RESERVE_OF_BLOCKED 4352
_Static_assert(sizeof(ts_cell) + 1024 <= RESERVE_OF_RANKED, "the cell, and what the system takes");
_Static_assert(sizeof(ts_cell) + WARP * sizeof(ts_blocked_sums) + 1024 <= RESERVE_OF_BLOCKED, "the sums, too");

#define OFTEN_IN_TRANSITION 0.2 /* from so many on, batches are short */

static uint32_t round_up(uint32_t count, uint32_t unit) {
    return (count + unit - 1) / unit * unit;
}

/* Neurons in transition at a sample, on average. */
static double in_transition(const ts_cell *cell) {
    return cell->neurons * (double)cell->width * 0x1p-30;
}

static uint32_t most_neurons(uint32_t lanes) {
    return lanes == 1 ? TS_RANKED_MOST : ts_blocked_most(lanes);
}

static ts_shape dealt_shape(const ts_cell *cell, uint32_t lanes) {
    return (ts_shape){lanes, TS_DEALT_BATCH, round_up(cell->neurons + 1, 8 * lanes) - 1, WARP / lanes};
}

static ts_shape shape_of(const ts_cell *cell, uint32_t lanes) {
    const uint32_t m = cell->neurons;
    if (lanes == 1)
        return (ts_shape){1, in_transition(cell) < OFTEN_IN_TRANSITION ? 8 : 4, round_up(m, m > 32 ? 8 : 4), WARP};
    return (ts_shape){lanes, 0, round_up(m, TS_BLOCKED_ROWS * lanes), WARP / lanes};
}

ts_shape ts_shape_choose(const ts_cell *cell, int lane_group, size_t shared_memory) {
    static const uint32_t lanes[] = {1, 4, 8, 16};
    if (lane_group > 1)
        return dealt_shape(cell, (uint32_t)lane_group);
    for (size_t i = 0; i < sizeof lanes / sizeof *lanes; i++) {
        const ts_shape shape = shape_of(cell, lanes[i]);
        if ((int)lanes[i] >= lane_group && cell->neurons <= most_neurons(lanes[i]) &&
            FEWEST_SLOTS * ts_shape_block_memory(shape) <= shared_memory)
            return shape;
    }
    return shape_of(cell, WARP);
}

bool ts_shape_equal(ts_shape a, ts_shape b) {
    return a.lanes == b.lanes && a.batch == b.batch && a.row == b.row;
}

size_t ts_shape_shared_memory(ts_shape shape) {
    return shape.lanes == 1  ? ts_ranked_size(shape.row, WARP)
           : shape.batch > 0 ? ts_dealt_size(shape.row, shape.lanes, WARP)
                             : ts_blocked_size(shape.row, shape.lanes, WARP);
}

size_t ts_shape_block_memory(ts_shape shape) {
    return ts_shape_shared_memory(shape) + (shape.lanes == 1 ? RESERVE_OF_RANKED : RESERVE_OF_BLOCKED);
}

/* Lines through what sass-report.sh says (docs/performance.md, "On a GPU"). */
double ts_shape_step_cost(ts_shape shape, const ts_cell *cell) {
    return shape.lanes == 1 ? 110 + 6.7 * cell->neurons : 1250 + 10 * in_transition(cell);
}
