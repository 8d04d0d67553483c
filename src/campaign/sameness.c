#include "campaign/sameness.h"

#include <stddef.h>
#include <string.h>

/* A member that must be equal, and the key that it comes from. */
typedef struct member {
    size_t offset, size;
    const char *key;
} member;

#define MEMBER(type, name, key)                                                                                        \
    { offsetof(type, name), sizeof(((type *)0)->name), key }

/* Of the settings: what a ts_cell does not have, and what it has in units that the backend reference does not use. */
static const member of_settings[] = {
    MEMBER(ts_settings, dynamics, "dynamics"),
    MEMBER(ts_settings, target_base, "target.base"),
    MEMBER(ts_settings, jump_count, "target.jumps"),
    MEMBER(ts_settings, start_weight, "network.start_weight"),
    MEMBER(ts_settings, unexplained_variance, "success.unexplained_variance"),
    MEMBER(ts_settings, stop, "success.stop"),
};

/* Of a cell: all but the steps. */
#define CELL(name, key) MEMBER(ts_cell, name, key)
static const member of_cells[] = {
    CELL(seed, "seed"),
    CELL(parameter, "sweep"),
    CELL(neurons, "sweep.neurons"),
    CELL(of_coordinate, "sweep.neurons"),
    CELL(dimension, "target.dimension"),
    CELL(activation, "network.activation"),
    CELL(salt, "sweep.randomness"),
    CELL(init, "network.init"),
    CELL(derivative, "sgd.derivative"),
    CELL(half_width, "network.eta"),
    CELL(width, "network.eta"),
    CELL(width_shift, "network.eta"),
    CELL(inverse_width, "network.eta"),
    CELL(start_weight, "network.start_weight"),
    CELL(noise, "sgd.noise"),
    CELL(residual_shift, "network.start_weight"),
    CELL(gradient, "sgd.h"),
    CELL(velocity, "sgd.h"),
    CELL(residual_limit, "sgd.h"),
    CELL(residual_range, "sgd.h"),
    CELL(gradient_limit, "sgd.h"),
    CELL(drift_limit, "sgd.h"),
    CELL(weight_limit, "sgd.h"),
    CELL(neuron_search, "sweep.neurons"),
    CELL(jump_search, "target.jumps"),
    CELL(jump_count, "target.jumps"),
    CELL(jump_point, "target.jumps"),
    CELL(level, "target"),
    CELL(slope, "target"),
    CELL(success_loss, "success.unexplained_variance"),
};
#undef CELL
#undef MEMBER

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* The key of the first member that differs; NULL: none does. */
static const char *find_difference(const member *members, size_t count, const void *a, const void *b) {
    for (size_t k = 0; k < count; k++)
        if (memcmp((const char *)a + members[k].offset, (const char *)b + members[k].offset, members[k].size) != 0)
            return members[k].key;
    return NULL;
}

static bool same_jumps(const ts_settings *a, const ts_settings *b) {
    const size_t bytes = a->jump_count * sizeof(double);
    return memcmp(a->jump_at, b->jump_at, bytes) == 0 && memcmp(a->jump_by, b->jump_by, bytes) == 0;
}

/* Is a training of both seen after the same steps? */
static bool same_looks(const ts_observations *a, size_t i, const ts_observations *b, size_t j) {
    const size_t count = a->count;
    return count == b->count && memcmp(a->step + i * count, b->step + j * count, count * sizeof *a->step) == 0;
}

const char *ts_sameness_difference(const ts_sweep *a, size_t i, const ts_sweep *b, size_t j) {
    const ts_settings *settings = &a->settings;
    const char *key = find_difference(of_cells, COUNT(of_cells), &a->cells[i], &b->cells[j]);
    if (!key)
        key = find_difference(of_settings, COUNT(of_settings), settings, &b->settings);
    if (!key && !same_jumps(settings, &b->settings))
        key = "target.jumps";
    const bool is_looked_at = settings->stop == TS_STOP_FIRST_SUCCESS || b->observations.count > 0;
    if (!key && is_looked_at && !same_looks(&a->observations, i, &b->observations, j))
        key = "observe";
    return key ? key : a->cells[i].steps != b->cells[j].steps ? TS_HORIZON_KEY : NULL;
}
