#include "sweep/observations.h"

#include <stdlib.h>
#include <string.h>

bool ts_observations_create(ts_observations *observations, const ts_settings *settings, const ts_cell *cells,
                            size_t cell_count) {
    const size_t count = settings->observe_count;
    *observations = (ts_observations){.count = count};
    if (count == 0)
        return true;
    observations->time = malloc(count * sizeof *observations->time);
    observations->step = malloc(cell_count * count * sizeof *observations->step);
    if (!observations->time || !observations->step)
        return false;
    memcpy(observations->time, settings->observe, count * sizeof *observations->time);
    for (size_t cell = 0; cell < cell_count; cell++)
        for (size_t k = 0; k < count; k++)
            observations->step[cell * count + k] = (uint64_t)ts_clock_steps(
                settings->observe_clock, observations->time[k], cells[cell].parameter[TS_PARAMETER_H],
                cells[cell].parameter[TS_PARAMETER_EPSILON]);
    return true;
}

void ts_observations_free(ts_observations *observations) {
    free(observations->time);
    free(observations->step);
    *observations = (ts_observations){0};
}
