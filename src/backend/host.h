/* The loop over trainings that the host backends share: threads, chunks, progress, statistics. */
#ifndef TS_BACKEND_HOST_H
#define TS_BACKEND_HOST_H

#include "backend/backend.h"

/* One arithmetic for a training. `state` is memory of state_size() bytes, aligned for any type, used by one thread. */
typedef struct ts_arithmetic {
    size_t (*state_size)(const ts_cell *cell);
    void (*start)(const ts_plan *plan, const ts_cell *cell, uint32_t replicate, void *state);
    /* Do up to `steps` steps; fewer when the training diverges. Returns those done. */
    uint64_t (*advance)(const ts_plan *plan, const ts_cell *cell, void *state, uint64_t steps, int lane_group);
    bool (*diverged)(const void *state);
    /* Loss, unit 2^-44. */
    int64_t (*measure)(const ts_plan *plan, const ts_cell *cell, void *state);
    /* Copy the state into row `replicate` of `kept`. */
    void (*keep)(const ts_cell *cell, const void *state, uint32_t replicate, ts_kept *kept);
} ts_arithmetic;

ts_status ts_host_run(const ts_arithmetic *arithmetic, const ts_plan *plan, const ts_run_options *options,
                      ts_monitor *monitor, ts_results *results, ts_error *error);

#endif
