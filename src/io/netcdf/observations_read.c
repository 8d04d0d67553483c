/* What a result file says of trainings on their way. */
#include "base/words.h"
#include "io/netcdf/reader.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    size_t offset; /* of the array in ts_result_observations */
} arrays[] = {
#define ARRAY(name) offsetof(ts_result_observations, name)
    {"observed_steps", ARRAY(steps)},
    {"observed_success_count", ARRAY(success_count)},
    {"observed_diverged_count", ARRAY(diverged_count)},
    {"observed_success_rate", ARRAY(success_rate)},
    {"observed_success_low", ARRAY(success_low)},
    {"observed_success_high", ARRAY(success_high)},
    {"observed_loss_mean", ARRAY(loss_mean)},
    {"observed_loss_median", ARRAY(loss_median)},
    {"observed_loss_q05", ARRAY(loss_q05)},
    {"observed_loss_q25", ARRAY(loss_q25)},
    {"observed_loss_q75", ARRAY(loss_q75)},
    {"observed_loss_q95", ARRAY(loss_q95)},
    {"first_success_count", ARRAY(first_success_count)},
    /* not of rectified linear units */
    {"observed_position_success_count", ARRAY(position_success_count)},
    {"observed_position_success_rate", ARRAY(position_success_rate)},
    {"observed_position_success_low", ARRAY(position_success_low)},
    {"observed_position_success_high", ARRAY(position_success_high)},
    {"observed_covered_failure_count", ARRAY(covered_failure_count)},
#undef ARRAY
};

#define ARRAY_COUNT (sizeof arrays / sizeof arrays[0])
#define FIRST_OF_POSITIONS 13 /* of the arrays */

static double **array(ts_result_observations *observations, size_t k) {
    void *member = (char *)observations + arrays[k].offset;
    return member;
}

/* On the clock that was asked for; ascending. */
static void read_times(ts_reader *reader, ts_result_observations *observations, int dimension) {
    char *word = ts_reader_string(reader, "observe");
    const int clock = word ? ts_words_find(ts_words_clock, word) : -1;
    free(word);
    if (reader->status == TS_OK && clock < 0)
        ts_reader_damaged(reader, "attribute", "observe", "not a clock");
    observations->clock = clock < 0 ? TS_CLOCK_STEPS : (ts_clock)clock;
    const char *name = clock == TS_CLOCK_STEPS ? "step" : ts_words_clock[observations->clock];
    observations->time = ts_reader_values(reader, name, &dimension, 1);
    for (size_t k = 0; reader->status == TS_OK && k < observations->count; k++)
        if (!(observations->time[k] >= 0 && isfinite(observations->time[k])) ||
            (k > 0 && !(observations->time[k] > observations->time[k - 1])))
            ts_reader_damaged(reader, "axis", name, "not ascending from 0");
}

void ts_reader_observations(ts_reader *reader, const int *cell_dimensions, int count,
                            ts_result_observations *observations) {
    int dimensions[1 + TS_PARAMETER_COUNT];
    if (!ts_reader_has_dimension(reader, "observation"))
        return;
    observations->count = ts_reader_dimension(reader, "observation", TS_MAX_OBSERVATIONS, &dimensions[0]);
    memcpy(dimensions + 1, cell_dimensions, (size_t)count * sizeof *dimensions);
    read_times(reader, observations, dimensions[0]);
    for (size_t k = 0; k < ARRAY_COUNT; k++)
        if (k < FIRST_OF_POSITIONS || ts_reader_has_variable(reader, arrays[k].name))
            *array(observations, k) = ts_reader_values(reader, arrays[k].name, dimensions, 1 + count);
}

double **ts_result_observed(ts_result_observations *observations, size_t k) {
    for (size_t i = 0; i < ARRAY_COUNT; i++)
        if (*array(observations, i) && k-- == 0)
            return array(observations, i);
    return NULL;
}

void ts_result_observations_free(ts_result_observations *observations) {
    for (size_t k = 0; k < ARRAY_COUNT; k++)
        free(*array(observations, k));
    free(observations->time);
    *observations = (ts_result_observations){0};
}
