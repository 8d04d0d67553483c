#include "backend/cuda/shape.h"

#include "kernels/blocked.h"
#include "kernels/dealt.h"
#include "kernels/ranked.h"
#include "model/plain.h"

#include <math.h>

#define WARP 32
/* Slots that a multiprocessor should hold, or trainings get more lanes. */
#define FEWEST_RANKED 4
#define FEWEST_DEALT 4
#define FEWEST_BLOCKED 3
#define FEWEST_PLAIN 3

#define OFTEN_IN_TRANSITION 0.2 /* from so many on, ranked batches are short */
#define WIDE_TRANSITIONS 0.02   /* from such an eta on, samples of a dealt batch are often in each other's way */

static uint32_t round_up(uint32_t count, uint32_t unit) {
    return (count + unit - 1) / unit * unit;
}

static double eta_of(const ts_cell *cell) {
    return (double)cell->width * 0x1p-30;
}

/* Neurons in transition at a sample, on average. */
static double in_transition(const ts_cell *cell) {
    return cell->neurons * eta_of(cell);
}

static ts_shape ranked_shape(const ts_cell *cell) {
    const uint32_t m = cell->neurons;
    return (ts_shape){TS_FORM_RANKED, 1, in_transition(cell) < OFTEN_IN_TRANSITION ? 8 : 4, round_up(m, m > 32 ? 8 : 4),
                      WARP};
}

static ts_shape dealt_shape(const ts_cell *cell, uint32_t lanes) {
    return (ts_shape){TS_FORM_DEALT, lanes, TS_DEALT_BATCH, round_up(cell->neurons + 1, TS_DEALT_STEP * lanes) - 1,
                      WARP / lanes};
}

static ts_shape blocked_shape(const ts_cell *cell, uint32_t lanes) {
    return (ts_shape){TS_FORM_BLOCKED, lanes, 0, round_up(cell->neurons, TS_BLOCKED_ROWS * lanes), WARP / lanes};
}

static ts_shape plain_shape(const ts_cell *cell, uint32_t lanes) {
    return (ts_shape){TS_FORM_PLAIN, lanes, 0, cell->dimension * round_up(cell->of_coordinate, lanes), WARP / lanes};
}

/* The neurons in transition at a sample have a lane each, up to two standard deviations above their average. */
static bool deals_well(const ts_cell *cell, uint32_t lanes) {
    const double mean = in_transition(cell);
    return eta_of(cell) < WIDE_TRANSITIONS && mean + 2 * sqrt(mean) <= lanes;
}

static ts_shape choose_plain(const ts_cell *cell, int lane_group, size_t shared_memory) {
    for (uint32_t lanes = 4; lanes < WARP; lanes *= 2) {
        const ts_shape shape = plain_shape(cell, lanes);
        if ((int)lanes >= lane_group && FEWEST_PLAIN * ts_shape_block_memory(shape) <= shared_memory)
            return shape;
    }
    return plain_shape(cell, WARP);
}

ts_shape ts_shape_choose(const ts_cell *cell, int lane_group, size_t shared_memory) {
    if (!ts_has_fast_forms(cell))
        return choose_plain(cell, lane_group, shared_memory);
    const ts_shape ranked = ranked_shape(cell);
    if (lane_group <= 1 && cell->neurons <= TS_RANKED_MOST &&
        FEWEST_RANKED * ts_shape_block_memory(ranked) <= shared_memory)
        return ranked;
    for (uint32_t lanes = 4; lanes <= WARP; lanes *= 2) {
        const ts_shape shape = dealt_shape(cell, lanes);
        const size_t fewest = lanes < WARP ? FEWEST_DEALT : 1;
        if ((int)lanes >= lane_group && deals_well(cell, lanes) &&
            fewest * ts_shape_block_memory(shape) <= shared_memory)
            return shape;
    }
    for (uint32_t lanes = 4; lanes < WARP; lanes *= 2) {
        const ts_shape shape = blocked_shape(cell, lanes);
        if ((int)lanes >= lane_group && cell->neurons <= ts_blocked_most(lanes) &&
            FEWEST_BLOCKED * ts_shape_block_memory(shape) <= shared_memory)
            return shape;
    }
    return blocked_shape(cell, WARP);
}

/* Lines through what sass-report.sh says (docs/performance.md, "On a GPU"); for dealt steps up to a tenth more, for
 * steps that are done alone and restored order, which it leaves out. */
double ts_shape_step_cost(ts_shape shape, const ts_cell *cell) {
    switch (shape.form) {
    case TS_FORM_RANKED:
        return 110 + 6.7 * cell->neurons;
    case TS_FORM_DEALT:
        return 195 + (0.95 * cell->neurons + 700 * in_transition(cell)) / shape.lanes;
    case TS_FORM_BLOCKED:
        return 1250 + 10 * in_transition(cell);
    case TS_FORM_PLAIN:
        return 450 + 115 * ((double)shape.row / shape.lanes); /* of either activation, from emulated-count.sh */
    }
    return 0;
}
