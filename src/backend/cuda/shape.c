#include "backend/cuda/shape.h"

#include "model/blocked.h"
#include "model/plain.h"
#include "model/ranked.h"

#define WARP 32
#define FEWEST_SLOTS 3         /* that a multiprocessor should hold, or trainings get more lanes */
#define RESERVE_OF_RANKED 2048 /* shared memory of a block beside its neurons: the kernel's own, and the system's */
#define RESERVE_OF_BLOCKED 4608
#define RESERVE_OF_PLAIN 3584
_Static_assert(sizeof(ts_cell) + 1024 <= RESERVE_OF_RANKED, "the cell, and what the system takes");
_Static_assert(sizeof(ts_cell) + WARP * sizeof(ts_blocked_sums) + 1024 <= RESERVE_OF_BLOCKED, "the sums, too");
_Static_assert(sizeof(ts_cell) + (4 * WARP + WARP / 4 * TS_MAX_DIMENSION) * sizeof(int32_t) + 1024 <= RESERVE_OF_PLAIN,
               "the cell and the random numbers");

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

static ts_shape shape_of(const ts_cell *cell, uint32_t lanes) {
    const uint32_t m = cell->neurons;
    if (!ts_has_fast_forms(cell))
        return (ts_shape){TS_FORM_PLAIN, lanes, 0, cell->dimension * round_up(cell->of_coordinate, lanes),
                          WARP / lanes};
    if (lanes == 1)
        return (ts_shape){TS_FORM_RANKED, 1, in_transition(cell) < OFTEN_IN_TRANSITION ? 8 : 4,
                          round_up(m, m > 32 ? 8 : 4), WARP};
    return (ts_shape){TS_FORM_BLOCKED, lanes, 0, round_up(m, TS_BLOCKED_ROWS * lanes), WARP / lanes};
}

/* Can the kernel with so many lanes do it at all? */
static bool has_kernel(const ts_cell *cell, uint32_t lanes) {
    return ts_has_fast_forms(cell) ? cell->neurons <= most_neurons(lanes) : lanes > 1;
}

ts_shape ts_shape_choose(const ts_cell *cell, int lane_group, size_t shared_memory) {
    static const uint32_t lanes[] = {1, 4, 8, 16};
    for (size_t i = 0; i < sizeof lanes / sizeof *lanes; i++) {
        const ts_shape shape = shape_of(cell, lanes[i]);
        if ((int)lanes[i] >= lane_group && has_kernel(cell, lanes[i]) &&
            FEWEST_SLOTS * ts_shape_block_memory(shape) <= shared_memory)
            return shape;
    }
    return shape_of(cell, WARP);
}

bool ts_shape_equal(ts_shape a, ts_shape b) {
    return a.form == b.form && a.lanes == b.lanes && a.batch == b.batch && a.row == b.row;
}

size_t ts_shape_shared_memory(ts_shape shape) {
    switch (shape.form) {
    case TS_FORM_RANKED:
        return ts_ranked_size(shape.row, WARP);
    case TS_FORM_BLOCKED:
        return ts_blocked_size(shape.row, shape.lanes, WARP);
    case TS_FORM_PLAIN:
        return (size_t)shape.row * shape.trainings * 16; /* weight and both words of the position */
    }
    return 0;
}

static size_t reserve_of(ts_shape shape) {
    return shape.form == TS_FORM_RANKED    ? RESERVE_OF_RANKED
           : shape.form == TS_FORM_BLOCKED ? RESERVE_OF_BLOCKED
                                           : RESERVE_OF_PLAIN;
}

size_t ts_shape_block_memory(ts_shape shape) {
    return ts_shape_shared_memory(shape) + reserve_of(shape);
}

/* Lines through what sass-report.sh says (docs/performance.md, "On a GPU"). */
double ts_shape_step_cost(ts_shape shape, const ts_cell *cell) {
    const double rows = (double)shape.row / shape.lanes;
    switch (shape.form) {
    case TS_FORM_RANKED:
        return 110 + 6.7 * cell->neurons;
    case TS_FORM_BLOCKED:
        return 1250 + 10 * in_transition(cell);
    case TS_FORM_PLAIN:
        return 450 + 115 * rows; /* of either activation, from emulated-count.sh */
    }
    return 0;
}
