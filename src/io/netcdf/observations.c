/* Variables of a result file over observations and cells: the statistics of trainings on their way. */
#include "base/words.h"
#include "io/netcdf/parts.h"
#include "sweep/sweep.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLOCKS 3

/* ---- when they are */

static const struct {
    const char *name, *long_name;
} coordinates[CLOCKS] = {
    [TS_CLOCK_STEPS] = {"step", "steps of a training until the observation"},
    [TS_CLOCK_SLOW_TIME] = {"slow_time", "slow time epsilon h p of the observation, with p the steps until then"},
    [TS_CLOCK_FAST_TIME] = {"fast_time", "fast time h p of the observation, with p the steps until then"},
};

/* The time of an observation as a cell has it; on the clock that was asked for, what was asked for. */
static double time_in_cell(const ts_writer *writer, ts_clock clock, size_t cell, size_t k) {
    const ts_settings *settings = writer->settings;
    const double *parameter = writer->sweep->cells[cell].parameter;
    const double step = (double)writer->sweep->observations.step[cell * settings->observe_count + k];
    return clock == settings->observe_clock ? settings->observe[k]
           : clock == TS_CLOCK_STEPS        ? step
           : clock == TS_CLOCK_FAST_TIME    ? parameter[TS_PARAMETER_H] * step
                                            : parameter[TS_PARAMETER_EPSILON] * parameter[TS_PARAMETER_H] * step;
}

/* Fill in the times [observe_count] on this clock. False: they depend on the cell. */
static bool fill_times(const ts_writer *writer, ts_clock clock, size_t cells, double *times) {
    for (size_t k = 0; k < writer->settings->observe_count; k++) {
        times[k] = time_in_cell(writer, clock, 0, k);
        for (size_t cell = 1; cell < cells; cell++)
            if (time_in_cell(writer, clock, cell, k) != times[k])
                return false;
    }
    return true;
}

/* Coordinates on all clocks on which an observation is at one time, or, without `writes`, only what they are: `names`
 * gets theirs, as the conventions want it. */
static void put_times(ts_writer *writer, bool writes, char *names, size_t size) {
    const size_t count = writer->settings->observe_count, cells = ts_sweep_cell_count(writer->sweep);
    double *times = ts_writer_memory(writer, count, sizeof *times);
    names[0] = '\0';
    for (int clock = 0; times && clock < CLOCKS; clock++) {
        if (!fill_times(writer, (ts_clock)clock, cells, times))
            continue;
        if (writes) {
            const int variable = ts_writer_variable(writer, coordinates[clock].name, NC_DOUBLE, 1, &writer->observation,
                                                    coordinates[clock].long_name);
            ts_writer_values(writer, variable, times);
        }
        const size_t length = strlen(names);
        snprintf(names + length, size - length, "%s%s", length > 0 ? " " : "", coordinates[clock].name);
    }
    free(times);
}

/* ---- what was seen */

/* One field of ts_cell_summary. NC_INT64 and NC_UINT64 stand for a uint64_t there, NC_DOUBLE for a double. */
typedef struct observed_field {
    const char *name;
    size_t offset;
    nc_type type;
    const char *long_name;
} observed_field;

#define FIELD(name) "observed_" #name, offsetof(ts_cell_summary, name)
static const observed_field fields[] = {
    {FIELD(steps), NC_INT64, "steps of each training until the observation"},
    {FIELD(training_steps), NC_INT64, "steps that the finished trainings had done in all until the observation"},
    {FIELD(success_count), NC_INT64, "number of finished trainings that were a success at the observation"},
    {FIELD(failure_count), NC_INT64, "number of finished trainings that were no success at the observation"},
    {FIELD(diverged_count), NC_INT64, "number of finished trainings that had diverged before the observation"},
    {FIELD(success_rate), NC_DOUBLE, "share of the finished trainings that were a success at the observation"},
    {FIELD(success_low), NC_DOUBLE, "observed success rate, lower end of the Wilson 95 per cent interval"},
    {FIELD(success_high), NC_DOUBLE, "observed success rate, upper end of the Wilson 95 per cent interval"},
    {FIELD(loss_sum_high), NC_UINT64, "sum of the losses at the observation, high part: sum = (high 2^32 + low) 2^-44"},
    {FIELD(loss_sum_low), NC_UINT64, "sum of the losses at the observation, low part: sum = (high 2^32 + low) 2^-44"},
    {FIELD(loss_mean), NC_DOUBLE, "mean of the loss at the observation over trainings that had not diverged"},
    {FIELD(loss_median), NC_DOUBLE, "median of the loss at the observation over trainings that had not diverged"},
    {FIELD(loss_q05), NC_DOUBLE, "5 per cent quantile of the loss at the observation"},
    {FIELD(loss_q25), NC_DOUBLE, "25 per cent quantile of the loss at the observation"},
    {FIELD(loss_q75), NC_DOUBLE, "75 per cent quantile of the loss at the observation"},
    {FIELD(loss_q95), NC_DOUBLE, "95 per cent quantile of the loss at the observation"},
};
/* Not of rectified linear units. */
static const observed_field position_fields[] = {
    {FIELD(position_success_count), NC_INT64,
     "number of finished trainings whose positions were a success at the observation"},
    {FIELD(position_success_rate), NC_DOUBLE,
     "share of the finished trainings whose positions were a success at the observation"},
    {FIELD(position_success_low), NC_DOUBLE,
     "observed success rate of the positions, lower end of the Wilson 95 per cent interval"},
    {FIELD(position_success_high), NC_DOUBLE,
     "observed success rate of the positions, upper end of the Wilson 95 per cent interval"},
    {FIELD(covered_failure_count), NC_INT64,
     "number of finished trainings that were no success at the observation and had a neuron at every jump"},
};
#undef FIELD
#define FIELD_COUNT (sizeof fields / sizeof fields[0])
#define POSITION_FIELD_COUNT (sizeof position_fields / sizeof position_fields[0])

#define NO_BINS (-1)

/* A variable over observations and cells, and over the dimension `bin` unless it is NO_BINS. */
static int define(ts_writer *writer, const char *name, nc_type type, int bin, const char *long_name,
                  const char *times) {
    int dimensions[TS_PARAMETER_COUNT + 2] = {writer->observation};
    char all_coordinates[128];
    memcpy(dimensions + 1, writer->axis, (size_t)writer->axis_count * sizeof *dimensions);
    dimensions[1 + writer->axis_count] = bin;
    const int variable =
        ts_writer_variable(writer, name, type, 1 + writer->axis_count + (bin != NO_BINS), dimensions, long_name);
    if (type == NC_DOUBLE)
        ts_writer_missing_is_nan(writer, variable);
    snprintf(all_coordinates, sizeof all_coordinates, "%s%s", times,
             bin == writer->loss_bin ? " loss_bin_low loss_bin_high" : "");
    ts_writer_text(writer, variable, "coordinates", all_coordinates);
    return variable;
}

/* One value a cell, of observation k. */
static void put_cells(ts_writer *writer, int variable, size_t k, const void *values) {
    size_t start[1 + TS_PARAMETER_COUNT] = {k}, count[1 + TS_PARAMETER_COUNT] = {1};
    memcpy(count + 1, writer->length, (size_t)writer->axis_count * sizeof *count);
    ts_writer_part(writer, variable, start, count, values);
}

/* Fields of the summaries [cells] at observation k. */
static void put_fields(ts_writer *writer, const observed_field *field, size_t count, const int *variables, size_t k,
                       const ts_cell_summary *summaries, size_t cells, uint64_t *values) {
    for (size_t i = 0; i < count; i++) {
        for (size_t cell = 0; cell < cells; cell++)
            memcpy(&values[cell], (const char *)&summaries[cell] + field[i].offset, sizeof values[cell]);
        put_cells(writer, variables[i], k, values);
    }
}

/* `summaries` and `values` are room for the cells. */
static void write_statistics(ts_writer *writer, size_t cells, const char *times, ts_cell_summary *summaries,
                             uint64_t *values) {
    int variables[FIELD_COUNT], position_variables[POSITION_FIELD_COUNT];
    const size_t positions = writer->settings->activation == TS_ACTIVATION_STEP ? POSITION_FIELD_COUNT : 0;
    for (size_t i = 0; i < FIELD_COUNT; i++)
        variables[i] = define(writer, fields[i].name, fields[i].type, NO_BINS, fields[i].long_name, times);
    for (size_t i = 0; i < positions; i++)
        position_variables[i] = define(writer, position_fields[i].name, position_fields[i].type, NO_BINS,
                                       position_fields[i].long_name, times);
    const int first =
        define(writer, "first_success_count", NC_INT64, NO_BINS,
               "number of finished trainings that were a success at this observation for the first time", times);
    for (size_t k = 0; k < writer->settings->observe_count && ts_writer_works(writer); k++) {
        for (size_t cell = 0; cell < cells; cell++)
            summaries[cell] = ts_sweep_observed(writer->sweep, cell, k);
        put_fields(writer, fields, FIELD_COUNT, variables, k, summaries, cells, values);
        put_fields(writer, position_fields, positions, position_variables, k, summaries, cells, values);
        for (size_t cell = 0; cell < cells; cell++)
            values[cell] = ts_sweep_first_success(writer->sweep, cell, k);
        put_cells(writer, first, k, values);
    }
}

/* Put the counts of a cell at observation k into counts[bins]. */
typedef void get_counts(const ts_sweep *sweep, size_t cell, size_t k, uint64_t *counts);

static void get_losses(const ts_sweep *sweep, size_t cell, size_t k, uint64_t *counts) {
    memcpy(counts, ts_sweep_observed_histogram(sweep, cell, k), ts_loss_bin_count() * sizeof *counts);
}

static void get_position_losses(const ts_sweep *sweep, size_t cell, size_t k, uint64_t *counts) {
    memcpy(counts, ts_sweep_observed_position_histogram(sweep, cell, k), ts_loss_bin_count() * sizeof *counts);
}

/* How many trainings of each cell are in each of `bins` along the dimension `bin`. */
static void write_histogram(ts_writer *writer, const char *name, int bin, size_t bins, get_counts *get,
                            const char *long_name, const char *times) {
    const size_t last = (size_t)writer->axis_count, cells = ts_sweep_cell_count(writer->sweep);
    const int variable = define(writer, name, NC_INT64, bin, long_name, times);
    uint64_t *counts = ts_writer_memory(writer, bins, sizeof *counts);
    size_t at_once = HISTOGRAM_CHUNK_BYTES / (bins * sizeof *counts);
    size_t start[TS_PARAMETER_COUNT + 2] = {0}, chunk[TS_PARAMETER_COUNT + 2] = {0}, count[TS_PARAMETER_COUNT + 2];
    for (size_t d = 0; d <= last; d++)
        chunk[d] = count[d] = 1;
    chunk[last] = at_once < writer->length[last - 1] ? at_once : writer->length[last - 1];
    chunk[last + 1] = count[last + 1] = bins;
    ts_writer_compress(writer, variable, chunk);
    for (size_t k = 0; k < writer->settings->observe_count; k++)
        for (size_t cell = 0; cell < cells && ts_writer_works(writer); cell++) {
            start[0] = k;
            ts_writer_place(writer, cell, start + 1);
            get(writer->sweep, cell, k, counts);
            ts_writer_part(writer, variable, start, count, counts);
        }
    free(counts);
}

void ts_write_observed_histograms(ts_writer *writer) {
    char times[64];
    put_times(writer, false, times, sizeof times);
    write_histogram(writer, "observed_loss_histogram", writer->loss_bin, ts_loss_bin_count(), get_losses,
                    "number of trainings that had not diverged by their loss at the observation", times);
    if (ts_covered_count(writer->settings) == 0)
        return;
    write_histogram(writer, "observed_position_loss_histogram", writer->loss_bin, ts_loss_bin_count(),
                    get_position_losses,
                    "number of trainings that had not diverged by their position loss at the observation", times);
    write_histogram(writer, "observed_covered_jumps", writer->covered, ts_covered_count(writer->settings),
                    ts_sweep_observed_covered,
                    "number of trainings that had not diverged by jumps with a neuron within eta/2 at the observation",
                    times);
}

void ts_write_observations(ts_writer *writer) {
    const ts_settings *settings = writer->settings;
    const size_t cells = ts_sweep_cell_count(writer->sweep);
    ts_cell_summary *summaries = ts_writer_memory(writer, cells, sizeof *summaries);
    uint64_t *values = ts_writer_memory(writer, cells, sizeof *values);
    char times[64];
    if (summaries && values) {
        ts_writer_index(writer, "observation", settings->observe_count, "number of a time at which trainings were seen",
                        &writer->observation);
        ts_writer_text(writer, NC_GLOBAL, "observe", ts_words_clock[settings->observe_clock]);
        put_times(writer, true, times, sizeof times);
        write_statistics(writer, cells, times, summaries, values);
    }
    free(values);
    free(summaries);
}
