#include "io/netcdf/parts.h"
#include "io/netcdf/put.h"

static void fill(ts_writer *writer, const ts_result_origin *origin, const void *content) {
    (void)content; /* the sweep, which the writer has */
    ts_writer_dimension(writer, "epsilon", writer->settings->epsilon_count, &writer->epsilon);
    ts_writer_dimension(writer, "neurons", writer->settings->neurons_count, &writer->neurons);
    ts_writer_dimension(writer, "loss_bin", ts_loss_bin_count(), &writer->loss_bin);
    ts_write_attributes(writer, origin);
    ts_write_cells(writer);
    if (writer->settings->theory)
        ts_write_limits(writer);
    if (writer->settings->observe_count > 0)
        ts_write_observations(writer);
    if (writer->settings->keep_trainings)
        ts_write_trainings(writer);
}

ts_status ts_result_write(const char *path, const ts_sweep *sweep, const ts_result_origin *origin, char **written,
                          ts_error *error) {
    const ts_writer writer = {.sweep = sweep, .settings = ts_sweep_settings(sweep)};
    return ts_result_put(path, &writer, origin, fill, sweep, written, error);
}
