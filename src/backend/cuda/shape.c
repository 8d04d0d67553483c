#include "backend/cuda/shape.h"

#include "backend/cuda/shape_list.h"

#define WARP 32
#define LARGEST_OWN 32
#define FEWEST_OWN 4 /* to spread a training over more lanes makes no sense below */

#define SHAPE(LANES, OWN) {LANES, OWN, (LANES) < WARP ? WARP / (LANES) : 1},

static const ts_shape shapes[] = {TS_THREAD_SHAPES(SHAPE) TS_GROUP_SHAPES(SHAPE) TS_BLOCK_SHAPES(SHAPE)};

const ts_shape *ts_shapes(size_t *count) {
    *count = sizeof shapes / sizeof *shapes;
    return shapes;
}

size_t ts_shape_choose(uint32_t m, int lane_group, uint64_t trainings, uint64_t threads) {
    uint32_t lanes = lane_group > 0 ? (uint32_t)lane_group : 1;
    while (lanes * LARGEST_OWN < m)
        lanes *= 2;
    while (lane_group == 0 && lanes < WARP && trainings * lanes < threads / 2 && lanes * FEWEST_OWN < m)
        lanes *= 2;
    size_t i = 0;
    while (shapes[i].lanes != lanes || shapes[i].lanes * shapes[i].own < m)
        i++; /* ends: for every number of lanes there is a shape with LARGEST_OWN */
    return i;
}
