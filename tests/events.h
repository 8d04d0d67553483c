/* Positions where something happens, and those beside them. */
#ifndef TS_TESTS_EVENTS_H
#define TS_TESTS_EVENTS_H

#include "model/loss.h"
#include "random.h"

/* A position, unit 2^-30, that meets jumps, the distance of eta/2 from them, another neuron, ends and the outside more
 * often than chance would have it. */
static inline int32_t random_event(test_random *random, const ts_cell *cell, int32_t other) {
    const int32_t jump = cell->jump_count > 0 ? cell->jump_point[random_word(random) % (uint32_t)cell->jump_count] : 0;
    const int32_t near = (int32_t)(random_word(random) % 3) - 1;
    switch (random_word(random) % 8) {
    case 0:
        return jump + near;
    case 1:
        return jump + (random_word(random) % 2 ? 1 : -1) * (cell->half_width + near);
    case 2:
        return other + near;
    case 3:
        return (random_word(random) % 2 ? TS_POINT_ONE : 0) + near;
    case 4:
        return (int32_t)(random_word(random) >> 33) - (1 << 29); /* -1/2 to 3/2 */
    default:
        return (int32_t)(random_word(random) >> 34);
    }
}

#endif
