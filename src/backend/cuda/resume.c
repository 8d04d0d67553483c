#include "backend/cuda/resume.h"

#include "model/plain.h"

#include <string.h>

/* Insertion sort: neurons are nearly in order. */
static void sort_neurons(uint32_t *order, const int64_t *position, size_t m) {
    for (size_t j = 0; j < m; j++) {
        size_t place = j;
        for (; place > 0 && position[order[place - 1]] > position[j]; place--)
            order[place] = order[place - 1];
        order[place] = (uint32_t)j;
    }
}

void ts_resume_job(const ts_plan *plan, const ts_job *job, size_t row, ts_resumed resumed) {
    const ts_state *state = &plan->resume[job->cell];
    const size_t m = plan->cells[job->cell].neurons;
    for (uint32_t i = 0; i < job->count; i++) {
        const size_t from = job->first + i, to = i * row;
        memcpy(resumed.position + to, state->position + from * m, m * sizeof *resumed.position);
        memcpy(resumed.weight + to, state->weight + from * m, m * sizeof *resumed.weight);
        if (ts_has_fast_forms(&plan->cells[job->cell])) /* other kernels keep no order */
            sort_neurons(resumed.order + to, resumed.position + to, m);
        resumed.training[i] = (ts_training){.step = state->step[from],
                                            .bias = state->bias[from].fixed,
                                            .drift = state->drift[from],
                                            .replicate = plan->replicate ? plan->replicate[from] : (uint32_t)from,
                                            .halted = state->diverged[from] ? TS_HALTED_DIVERGED : TS_NOT_HALTED};
    }
}
