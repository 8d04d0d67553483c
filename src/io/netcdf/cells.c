/* Variables of a result file over the grid of cells. */
#include "io/netcdf/parts.h"
#include "model/grid.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One field of ts_cell_summary. NC_INT64 and NC_UINT64 stand for a uint64_t there, NC_DOUBLE for a double; counts stay
 * below 2^63. */
typedef struct cell_field {
    const char *name;
    size_t offset;
    nc_type type;
    const char *long_name;
} cell_field;

#define FIELD(name) #name, offsetof(ts_cell_summary, name)
static const cell_field cell_fields[] = {
    {FIELD(success_rate), NC_DOUBLE, "share of the finished trainings that ended in success"},
    {FIELD(success_low), NC_DOUBLE, "success rate, lower end of the Wilson 95 per cent interval"},
    {FIELD(success_high), NC_DOUBLE, "success rate, upper end of the Wilson 95 per cent interval"},
    {FIELD(trainings), NC_INT64, "number of finished trainings"},
    {FIELD(success_count), NC_INT64, "number of trainings that ended in success"},
    {FIELD(failure_count), NC_INT64, "number of trainings that ended in failure"},
    {FIELD(diverged_count), NC_INT64, "number of trainings that diverged"},
    {FIELD(steps), NC_INT64, "steps of each training up to its horizon"},
    {FIELD(training_steps), NC_INT64,
     "steps that the finished trainings did in all, until they stopped, diverged or came to their horizon"},
    {FIELD(loss_mean), NC_DOUBLE, "mean of the final loss over trainings that did not diverge"},
    {FIELD(loss_median), NC_DOUBLE, "median of the final loss over trainings that did not diverge"},
    {FIELD(loss_q05), NC_DOUBLE, "5 per cent quantile of the final loss over trainings that did not diverge"},
    {FIELD(loss_q25), NC_DOUBLE, "25 per cent quantile of the final loss over trainings that did not diverge"},
    {FIELD(loss_q75), NC_DOUBLE, "75 per cent quantile of the final loss over trainings that did not diverge"},
    {FIELD(loss_q95), NC_DOUBLE, "95 per cent quantile of the final loss over trainings that did not diverge"},
    {FIELD(loss_sum_high), NC_UINT64, "sum of the final losses, high part: sum = (high 2^32 + low) 2^-44"},
    {FIELD(loss_sum_low), NC_UINT64, "sum of the final losses, low part: sum = (high 2^32 + low) 2^-44"},
};
/* Of networks of steps. */
static const cell_field position_fields[] = {
    {FIELD(position_success_rate), NC_DOUBLE,
     "share of the finished trainings that ended in success by their positions, whatever their weights"},
    {FIELD(position_success_low), NC_DOUBLE,
     "success rate by the positions, lower end of the Wilson 95 per cent interval"},
    {FIELD(position_success_high), NC_DOUBLE,
     "success rate by the positions, upper end of the Wilson 95 per cent interval"},
    {FIELD(position_success_count), NC_INT64,
     "number of trainings that ended in success by their positions, whatever their weights"},
    {FIELD(covered_failure_count), NC_INT64,
     "number of trainings that ended in failure with a neuron within eta/2 of every jump"},
};
/* With starts of the limit beyond those of the trainings. */
static const cell_field controlled_fields[] = {
    {FIELD(success_rate_controlled), NC_DOUBLE, "success rate with the limit epsilon -> 0 as control variate"},
    {FIELD(success_rate_controlled_low), NC_DOUBLE,
     "success rate with the limit as control variate, lower end of the 95 per cent interval"},
    {FIELD(success_rate_controlled_high), NC_DOUBLE,
     "success rate with the limit as control variate, upper end of the 95 per cent interval"},
    {FIELD(position_success_rate_controlled), NC_DOUBLE,
     "success rate by the positions with the limit epsilon -> 0 as control variate"},
    {FIELD(position_success_rate_controlled_low), NC_DOUBLE,
     "success rate by the positions with the limit as control variate, lower end of the 95 per cent interval"},
    {FIELD(position_success_rate_controlled_high), NC_DOUBLE,
     "success rate by the positions with the limit as control variate, upper end of the 95 per cent interval"},
};
/* Of a sweep with theory. A training and its limit agree when both are a success or neither is. */
static const cell_field limit_fields[] = {
    {FIELD(limit_agreement_count), NC_INT64,
     "number of finished trainings that ended as the limit epsilon -> 0 of their start at the same slow time"},
    {FIELD(limit_agreement), NC_DOUBLE,
     "share of the finished trainings that ended as the limit epsilon -> 0 of their start at the same slow time"},
    {FIELD(limit_end_success_count), NC_INT64,
     "number of starts from which the limit is a success at the slow time at which the trainings of the cell end"},
    {FIELD(limit_end_success_rate), NC_DOUBLE,
     "share of the starts from which the limit is a success at the slow time at which the trainings of the cell end"},
    {FIELD(limit_end_success_low), NC_DOUBLE,
     "success rate of the limit at the end of the trainings, lower end of the Wilson 95 per cent interval"},
    {FIELD(limit_end_success_high), NC_DOUBLE,
     "success rate of the limit at the end of the trainings, upper end of the Wilson 95 per cent interval"},
};
#undef FIELD
#define COUNT(fields) (sizeof(fields) / sizeof(fields)[0])

static bool is_quantile(const char *name) {
    return strcmp(name, "loss_median") == 0 || strncmp(name, "loss_q", 6) == 0;
}

/* The values of a parameter along its axis, or its one value. Neurons are written as integers: they have an axis. */
static void write_parameter(ts_writer *writer, ts_parameter parameter) {
    const ts_parameter_row *row = &ts_parameters[parameter];
    const ts_settings *settings = writer->settings;
    const size_t length = ts_grid_length(settings, parameter);
    char long_name[96];
    snprintf(long_name, sizeof long_name, "%s%s", row->long_name,
             parameter == TS_PARAMETER_NEURONS && settings->dimension > 1 ? " of each coordinate" : "");
    const bool has_axis = settings->axis[parameter].count > 0;
    const int variable = ts_writer_variable(writer, row->name, row->is_whole ? NC_INT : NC_DOUBLE, has_axis,
                                            &writer->of_parameter[parameter], long_name);
    double *values = ts_writer_memory(writer, length, sizeof *values);
    int *whole = ts_writer_memory(writer, length, sizeof *whole);
    for (size_t i = 0; values && whole && i < length; i++) {
        values[i] = ts_grid_value(settings, parameter, i);
        whole[i] = (int)values[i];
    }
    ts_writer_values(writer, variable, row->is_whole ? (void *)whole : (void *)values);
    free(whole);
    free(values);
}

/* Loss that transitions of each width leave; where there is but one, it is an attribute. */
static void write_loss_floor(ts_writer *writer) {
    const ts_sweep_axis eta = writer->settings->axis[TS_PARAMETER_ETA];
    double *values = ts_writer_memory(writer, eta.count, sizeof *values);
    for (size_t i = 0; values && i < eta.count; i++) {
        ts_settings settings = *writer->settings;
        settings.eta = eta.values[i];
        values[i] = ts_loss_floor(&settings);
    }
    const int variable =
        ts_writer_variable(writer, "loss_floor", NC_DOUBLE, 1, &writer->of_parameter[TS_PARAMETER_ETA],
                           "loss that the best network of this eta has by the width of its transitions");
    ts_writer_values(writer, variable, values);
    free(values);
}

/* What has one value for all cells is a coordinate without a dimension, which xarray finds by an attribute of the file.
 */
static void write_coordinates(ts_writer *writer) {
    char scalars[64] = "";
    const bool relu = writer->settings->activation == TS_ACTIVATION_RELU;
    for (int p = 0; p < TS_PARAMETER_COUNT; p++) {
        const size_t used = strlen(scalars);
        if (p == TS_PARAMETER_ETA && relu)
            continue;
        write_parameter(writer, (ts_parameter)p);
        if (writer->settings->axis[p].count == 0)
            snprintf(scalars + used, sizeof scalars - used, "%s%s", used > 0 ? " " : "", ts_parameters[p].name);
    }
    if (scalars[0])
        ts_writer_text(writer, NC_GLOBAL, "coordinates", scalars);
    if (writer->settings->axis[TS_PARAMETER_ETA].count > 0)
        write_loss_floor(writer);
}

/* The coordinate of a bin is its lower edge, so that a search for the last coordinate not above a loss finds its bin.
 */
static void write_loss_bins(ts_writer *writer) {
    static const char *const names[] = {"loss_bin", "loss_bin_low", "loss_bin_high"};
    static const char *const long_names[] = {"bin of the final loss, named by its lower edge",
                                             "lower edge of the bin, which belongs to it",
                                             "upper edge of the bin, which does not belong to it"};
    size_t count = ts_loss_bin_count();
    double *edges = ts_writer_memory(writer, count + 1, sizeof *edges);
    for (size_t bin = 0; edges && bin <= count; bin++)
        edges[bin] = ts_loss_bin_low(bin);
    for (size_t k = 0; edges && k < 3; k++) {
        int variable = ts_writer_variable(writer, names[k], NC_DOUBLE, 1, &writer->loss_bin, long_names[k]);
        ts_writer_values(writer, variable, edges + (k == 2));
    }
    free(edges);
}

/* Write one field of all summaries [cells]; `values` [cells] is room for 8 bytes each. */
static void write_field(ts_writer *writer, const cell_field *field, const ts_cell_summary *summaries, size_t cells,
                        uint64_t *values) {
    int variable = ts_writer_cells(writer, field->name, field->type, NULL, 0, field->long_name);
    if (field->type == NC_DOUBLE)
        ts_writer_missing_is_nan(writer, variable);
    if (is_quantile(field->name))
        ts_writer_text(writer, variable, "quantile_source",
                       ts_sweep_quantiles_are_exact(writer->sweep) ? "trainings" : "histogram");
    for (size_t cell = 0; cell < cells; cell++)
        memcpy(&values[cell], (const char *)&summaries[cell] + field->offset, sizeof values[cell]);
    ts_writer_values(writer, variable, values);
}

static void write_fields(ts_writer *writer, const cell_field *fields, size_t count, const ts_cell_summary *summaries,
                         size_t cells, uint64_t *values) {
    for (size_t k = 0; k < count; k++)
        write_field(writer, &fields[k], summaries, cells, values);
}

static void write_summaries(ts_writer *writer) {
    size_t cells = ts_sweep_cell_count(writer->sweep);
    ts_cell_summary *summaries = ts_writer_memory(writer, cells, sizeof *summaries);
    uint64_t *values = ts_writer_memory(writer, cells, sizeof *values);
    if (summaries && values) {
        for (size_t cell = 0; cell < cells; cell++) {
            summaries[cell] = ts_sweep_summary(writer->sweep, cell);
            writer->amount.values += (double)summaries[cell].trainings;
        }
        const ts_settings *settings = writer->settings;
        write_fields(writer, cell_fields, COUNT(cell_fields), summaries, cells, values);
        if (ts_covered_count(settings) > 0)
            write_fields(writer, position_fields, COUNT(position_fields), summaries, cells, values);
        if (settings->theory && settings->limit_starts > 0)
            write_fields(writer, controlled_fields, COUNT(controlled_fields), summaries, cells, values);
        if (settings->theory)
            write_fields(writer, limit_fields, COUNT(limit_fields), summaries, cells, values);
    }
    free(values);
    free(summaries);
}

/* Put the counts of a cell into counts[bins]. */
typedef void get_counts(const ts_sweep *sweep, size_t cell, uint64_t *counts);

static void get_losses(const ts_sweep *sweep, size_t cell, uint64_t *counts) {
    memcpy(counts, ts_sweep_histogram(sweep, cell), ts_loss_bin_count() * sizeof *counts);
}

static void get_position_losses(const ts_sweep *sweep, size_t cell, uint64_t *counts) {
    memcpy(counts, ts_sweep_position_histogram(sweep, cell), ts_loss_bin_count() * sizeof *counts);
}

/* Write how many trainings of each cell are in each of `bins` along the dimension `bin`. Returns the variable. */
static int write_histogram(ts_writer *writer, const char *name, int bin, size_t bins, get_counts *get,
                           const char *long_name) {
    const int variable = ts_writer_cells(writer, name, NC_INT64, &bin, 1, long_name);
    const size_t start = 0;
    uint64_t *counts = ts_writer_memory(writer, bins, sizeof *counts);
    ts_writer_compress_cells(writer, variable, HISTOGRAM_CHUNK_BYTES / (bins * sizeof *counts), &bins, 1);
    for (size_t cell = 0; cell < ts_sweep_cell_count(writer->sweep) && ts_writer_works(writer); cell++) {
        get(writer->sweep, cell, counts);
        ts_writer_cell(writer, variable, cell, &start, &bins, 1, counts);
    }
    free(counts);
    return variable;
}

static void write_loss_histogram(ts_writer *writer, const char *name, get_counts *get, const char *long_name) {
    const int variable = write_histogram(writer, name, writer->loss_bin, ts_loss_bin_count(), get, long_name);
    ts_writer_text(writer, variable, "coordinates", "loss_bin_low loss_bin_high");
}

/* Of networks of steps: the trainings by their covered jumps, of which `count` numbers are told apart. */
static void write_covered_jumps(ts_writer *writer, size_t count) {
    const size_t lowest = ts_covered_lowest(writer->settings);
    ts_writer_dimension(writer, "covered", count, &writer->covered);
    const int variable = ts_writer_variable(writer, "covered", NC_INT, 1, &writer->covered,
                                            lowest > 0 ? "jumps with a neuron within eta/2, or fewer for the first"
                                                       : "jumps with a neuron within eta/2");
    int *numbers = ts_writer_memory(writer, count, sizeof *numbers);
    for (size_t k = 0; numbers && k < count; k++)
        numbers[k] = (int)(lowest + k);
    ts_writer_values(writer, variable, numbers);
    free(numbers);
    write_histogram(writer, "covered_jumps", writer->covered, count, ts_sweep_covered,
                    "number of trainings that did not diverge by jumps with a neuron within eta/2");
}

void ts_write_cells(ts_writer *writer) {
    write_coordinates(writer);
    write_summaries(writer);
}

void ts_write_histograms(ts_writer *writer) {
    const size_t covered = ts_covered_count(writer->settings);
    write_loss_bins(writer);
    write_loss_histogram(writer, "loss_histogram", get_losses,
                         "number of trainings that did not diverge by final loss");
    if (covered == 0)
        return;
    write_loss_histogram(writer, "position_loss_histogram", get_position_losses,
                         "number of trainings that did not diverge by final position loss");
    write_covered_jumps(writer, covered);
}
