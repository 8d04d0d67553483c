/* Where the trainings of a plan begin. */
#include "backend/host.h"

#include <string.h>

/* Where the plan resumes a training. */
static void resume(const ts_plan *plan, size_t cell, uint32_t row, ts_standing *standing) {
    const ts_state *from = &plan->resume[cell];
    const size_t m = plan->cells[cell].neurons;
    ts_training *training = &standing->training;
    memcpy(standing->position, from->position + row * m, m * sizeof *standing->position);
    memcpy(standing->weight, from->weight + row * m, m * sizeof *standing->weight);
    training->step = from->step[row];
    training->bias = from->bias[row].fixed;
    training->drift = from->drift[row];
    training->halted = from->diverged[row] ? TS_HALTED_DIVERGED : TS_NOT_HALTED;
}

static void go_on(const ts_waypoint *from, ts_standing *standing) {
    memcpy(standing->position, from->position, from->neurons * sizeof *standing->position);
    memcpy(standing->weight, from->weight, from->neurons * sizeof *standing->weight);
    standing->training = from->training;
}

void ts_standing_begin(const ts_host_arithmetic *arithmetic, const ts_plan *plan, size_t cell, uint32_t row,
                       ts_standing *standing) {
    const ts_waypoint *waypoint = ts_underway_find(plan->underway, cell, row);
    standing->training = ts_training_start(plan->replicate ? plan->replicate[row] : row);
    if (waypoint)
        go_on(waypoint, standing);
    else if (plan->resume)
        resume(plan, cell, row, standing);
    else
        arithmetic->draw(plan, &plan->cells[cell], standing);
}
