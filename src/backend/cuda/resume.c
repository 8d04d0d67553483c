#include "backend/cuda/resume.h"

#include "backend/host.h"
#include "model/plain.h"

/* Insertion sort: neurons are nearly in order. */
static void sort_neurons(uint32_t *order, const int64_t *position, size_t m) {
    for (size_t j = 0; j < m; j++) {
        size_t place = j;
        for (; place > 0 && position[order[place - 1]] > position[j]; place--)
            order[place] = order[place - 1];
        order[place] = (uint32_t)j;
    }
}

/* What looks have measured of a training. One of several at the same step says what the others do. */
static void recall(const ts_plan *plan, const ts_waypoint *from, uint32_t trainings, ts_measurement *measurement) {
    const uint32_t looks = from->looks;
    for (size_t k = 0; looks > 0 && k < plan->observations; k++) {
        const bool is_taken = k < looks;
        if (is_taken || ts_plan_look(plan, from->cell, k) == ts_plan_look(plan, from->cell, looks - 1))
            measurement[k * trainings] = from->seen[is_taken ? k : looks - 1].measurement;
    }
}

void ts_resume_job(const ts_plan *plan, const ts_job *job, uint32_t trainings, size_t row, ts_resumed resumed) {
    const ts_cell *cell = &plan->cells[job->cell];
    for (uint32_t i = 0; i < job->count; i++) {
        const ts_waypoint *from = ts_underway_find(plan->underway, job->cell, job->first + i);
        ts_standing standing = {.position = resumed.position + i * row, .weight = resumed.weight + i * row};
        ts_standing_begin(&ts_host_fixed_point, plan, job->cell, job->first + i, &standing);
        resumed.training[i] = standing.training;
        if (ts_has_fast_forms(cell)) /* other kernels keep no order */
            sort_neurons(resumed.order + i * row, standing.position, cell->neurons);
        if (from)
            recall(plan, from, trainings, resumed.measurement + i);
    }
}
