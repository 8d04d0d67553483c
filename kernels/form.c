#include "kernels/form.h"

#include "kernels/blocked.h"
#include "kernels/dealt.h"
#include "kernels/ranked.h"

#define WARP 32
/* Shared memory of a block beside its neurons: the kernel's own, and the system's. */
#define RESERVE 2048
#define RESERVE_OF_BLOCKED 4608
#define RESERVE_OF_PLAIN 3584
_Static_assert(sizeof(ts_cell) + 1024 <= RESERVE, "the cell, and what the system takes");
_Static_assert(sizeof(ts_cell) + WARP * sizeof(ts_blocked_sums) + 1024 <= RESERVE_OF_BLOCKED, "the sums, too");
_Static_assert(sizeof(ts_cell) + (4 * WARP + WARP / 4 * TS_MAX_DIMENSION) * sizeof(int32_t) + 1024 <= RESERVE_OF_PLAIN,
               "the cell and the random numbers");

bool ts_shape_equal(ts_shape a, ts_shape b) {
    return a.form == b.form && a.lanes == b.lanes && a.batch == b.batch && a.row == b.row;
}

size_t ts_shape_shared_memory(ts_shape shape) {
    switch (shape.form) {
    case TS_FORM_RANKED:
        return ts_ranked_size(shape.row, WARP);
    case TS_FORM_DEALT:
        return ts_dealt_size(shape.row, shape.lanes, WARP);
    case TS_FORM_BLOCKED:
        return ts_blocked_size(shape.row, shape.lanes, WARP);
    case TS_FORM_PLAIN:
        /* weights and high words of the positions; of large networks the low words lie elsewhere */
        return (size_t)shape.row * shape.trainings * (shape.lanes == WARP ? 12 : 16);
    }
    return 0;
}

size_t ts_shape_block_memory(ts_shape shape) {
    return ts_shape_shared_memory(shape) + (shape.form == TS_FORM_BLOCKED ? RESERVE_OF_BLOCKED
                                            : shape.form == TS_FORM_PLAIN ? RESERVE_OF_PLAIN
                                                                          : RESERVE);
}
