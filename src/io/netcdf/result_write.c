#include "io/netcdf/parts.h"
#include "io/netcdf/put.h"
#include "model/grid.h"

/* Dimensions are the axes that the sweep has. */
static void define_axes(ts_writer *writer) {
    for (int p = 0; p < TS_PARAMETER_COUNT; p++) {
        const size_t length = writer->settings->axis[p].count;
        writer->of_parameter[p] = -1;
        if (length == 0)
            continue;
        ts_writer_dimension(writer, ts_parameters[p].name, length, &writer->of_parameter[p]);
        writer->axis[writer->axis_count] = writer->of_parameter[p];
        writer->length[writer->axis_count++] = length;
    }
}

/* From what is looked at first to what there is most of: where the cells are, their rates and statistics; histograms;
 * single trainings. */
static void fill(ts_writer *writer, const ts_result_origin *origin, const void *content) {
    const ts_settings *settings = writer->settings;
    (void)content; /* the sweep, which the writer has */
    define_axes(writer);
    ts_writer_dimension(writer, "loss_bin", ts_loss_bin_count(), &writer->loss_bin);
    ts_write_attributes(writer, origin);
    ts_write_cells(writer);
    if (settings->theory)
        ts_write_limits(writer);
    if (settings->observe_count > 0)
        ts_write_observations(writer);
    ts_write_histograms(writer);
    if (settings->observe_count > 0)
        ts_write_observed_histograms(writer);
    ts_write_outcomes(writer);
    if (settings->keep_trainings || settings->keep_states)
        ts_write_neurons(writer);
    if (settings->keep_trainings)
        ts_write_trainings(writer);
    if (settings->keep_states)
        ts_write_states(writer);
}

ts_status ts_result_write(const char *path, const ts_sweep *sweep, const ts_result_origin *origin, char **written,
                          ts_error *error) {
    const ts_writer writer = {.sweep = sweep, .settings = ts_sweep_settings(sweep)};
    return ts_result_put(path, &writer, origin, fill, sweep, written, error);
}
