/* A plan and the backend that runs it. */
#include "backend/backend.h"
#include "base/fail.h"

const char *const ts_arithmetic_words[] = {[TS_FIXED_POINT] = "fixed point", [TS_FLOAT64] = "float64"};

static ts_status check_states(const ts_backend *backend, const ts_plan *plan, ts_error *error) {
    for (size_t i = 0; plan->resume && i < plan->cell_count; i++)
        if (plan->resume[i].arithmetic != backend->arithmetic)
            return ts_fail(
                error, TS_INVALID, "",
                "the trainings were begun in %s, and the backend %s cannot go on with them: it computes in %s",
                ts_arithmetic_words[plan->resume[i].arithmetic], backend->name,
                ts_arithmetic_words[backend->arithmetic]);
    return TS_OK;
}

uint64_t ts_plan_trainings(const ts_plan *plan) {
    uint64_t trainings = 0;
    for (size_t i = 0; i < ts_plan_ranges(plan); i++)
        trainings += ts_plan_range(plan, i).count;
    return trainings;
}

bool ts_works_everywhere(char *reason, size_t size) {
    (void)reason;
    (void)size;
    return true;
}

/* Whether a training was a success before its plan began, its state does not say. */
static ts_status check_observations(const ts_plan *plan, ts_error *error) {
    if (!plan->resume || plan->observations == 0)
        return TS_OK;
    return ts_fail(error, TS_INVALID, "", "trainings that go on from a state cannot be observed on their way");
}

ts_status ts_backend_run_plan(const ts_backend *backend, const ts_plan *plan, const ts_placement *placement,
                              ts_monitor *monitor, ts_results *results, ts_error *error) {
    ts_status status = check_states(backend, plan, error);
    if (status == TS_OK)
        status = check_observations(plan, error);
    if (status != TS_OK)
        return status;
    for (size_t i = 0; results->state && i < plan->cell_count; i++)
        results->state[i].arithmetic = backend->arithmetic;
    return backend->run(plan, placement, monitor, results, error);
}
