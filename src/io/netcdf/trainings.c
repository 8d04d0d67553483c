/* Variables of a result file over single trainings. */
#include "io/netcdf/parts.h"
#include "model/grid.h"

#include <math.h>
#include <stdlib.h>

#define CHUNK_BYTES (1U << 20) /* of the largest variable; one chunk is filled and written at a time */

/* Netcdf ids of the variables, and room for `rows` replicates of one cell. A row has as many neurons as the largest
 * network of the sweep, those of one coordinate after those of the other; smaller networks leave NaN behind their own.
 */
typedef struct kept_trainings {
    int position_id, weight_id, bias_id, loss_id, status_id;
    int position_loss_id, covered_id; /* of networks of steps */
    size_t rows, neurons;
    double *position, *weight; /* [rows][neurons] */
    double *bias, *loss;       /* [rows] */
    signed char *status;       /* [rows] */
    double *position_loss;     /* [rows] */
    int *covered;              /* [rows] -1: none to be told */
} kept_trainings;

static void kept_free(kept_trainings *kept) {
    free(kept->position);
    free(kept->weight);
    free(kept->bias);
    free(kept->loss);
    free(kept->status);
    free(kept->position_loss);
    free(kept->covered);
}

static bool kept_allocate(kept_trainings *kept, ts_writer *writer) {
    const ts_settings *settings = writer->settings;
    kept->neurons = writer->neurons;
    kept->rows = CHUNK_BYTES / (kept->neurons * sizeof(double));
    if (kept->rows < 1)
        kept->rows = 1;
    if (kept->rows > settings->replicates)
        kept->rows = (size_t)settings->replicates;
    kept->position = ts_writer_memory(writer, kept->rows * kept->neurons, sizeof(double));
    kept->weight = ts_writer_memory(writer, kept->rows * kept->neurons, sizeof(double));
    kept->bias = ts_writer_memory(writer, kept->rows, sizeof(double));
    kept->loss = ts_writer_memory(writer, kept->rows, sizeof(double));
    kept->status = ts_writer_memory(writer, kept->rows, 1);
    kept->position_loss = ts_writer_memory(writer, kept->rows, sizeof(double));
    kept->covered = ts_writer_memory(writer, kept->rows, sizeof(int));
    return ts_writer_works(writer);
}

/* A variable over cells and replicates and, with `per_neuron`, neurons. */
static int define_kept(ts_writer *writer, const kept_trainings *kept, const char *name, nc_type type, bool per_neuron,
                       const char *long_name) {
    const int further[2] = {writer->replicate, writer->neuron};
    const size_t chunk[2] = {kept->rows, kept->neurons};
    int variable = ts_writer_cells(writer, name, type, further, per_neuron ? 2 : 1, long_name);
    if (type == NC_DOUBLE)
        ts_writer_missing_is_nan(writer, variable);
    ts_writer_compress_cells(writer, variable, 1, chunk, per_neuron ? 2 : 1);
    return variable;
}

static void define_variables(ts_writer *writer, kept_trainings *kept) {
    kept->position_id =
        define_kept(writer, kept, "final_position", NC_DOUBLE, true, "position of a neuron at the end of a training");
    kept->weight_id =
        define_kept(writer, kept, "final_weight", NC_DOUBLE, true, "weight of a neuron at the end of a training");
    kept->bias_id = define_kept(writer, kept, "final_bias", NC_DOUBLE, false, "bias at the end of a training");
    kept->loss_id =
        define_kept(writer, kept, "final_loss", NC_DOUBLE, false, "loss at the end of a training that did not diverge");
    kept->status_id = define_kept(writer, kept, "status", NC_BYTE, false, "how a training ended");
    ts_writer_outcome_flags(writer, kept->status_id);
    if (ts_covered_count(writer->settings) == 0)
        return;
    kept->position_loss_id = define_kept(writer, kept, "final_position_loss", NC_DOUBLE, false,
                                         "loss that the positions leave at the end of a training that did not diverge");
    kept->covered_id = define_kept(
        writer, kept, "final_covered_jumps", NC_INT, false,
        "jumps with a neuron within eta/2 at the end of a training; -1 where it diverged or did not finish");
}

/* Fetch replicates first .. first + count - 1 of a cell. */
static void fetch_rows(const ts_writer *writer, kept_trainings *kept, size_t cell, size_t first, size_t count) {
    for (size_t k = 0; k < count * kept->neurons; k++)
        kept->position[k] = kept->weight[k] = NAN;
    for (size_t row = 0; row < count; row++) {
        size_t at = row * kept->neurons;
        ts_outcome outcome;
        bool finished = ts_sweep_training(writer->sweep, cell, first + row, &kept->position[at], &kept->weight[at],
                                          &kept->bias[row], &kept->loss[row], &outcome) == TS_OK;
        if (!finished)
            kept->bias[row] = kept->loss[row] = NAN;
        kept->status[row] = (signed char)(finished ? outcome : TS_OUTCOME_NONE);
        size_t covered = 0;
        kept->position_loss[row] = NAN;
        ts_sweep_training_positions(writer->sweep, cell, first + row, &kept->position_loss[row], &covered);
        kept->covered[row] = isnan(kept->position_loss[row]) ? -1 : (int)covered;
    }
}

/* Replicates first .. first + count - 1 of a cell, which were fetched. */
static void write_rows(ts_writer *writer, const kept_trainings *kept, size_t cell, size_t first, size_t count) {
    const size_t start[2] = {first, 0}, counts[2] = {count, kept->neurons};
    ts_writer_cell(writer, kept->position_id, cell, start, counts, 2, kept->position);
    ts_writer_cell(writer, kept->weight_id, cell, start, counts, 2, kept->weight);
    ts_writer_cell(writer, kept->bias_id, cell, start, counts, 1, kept->bias);
    ts_writer_cell(writer, kept->loss_id, cell, start, counts, 1, kept->loss);
    ts_writer_cell(writer, kept->status_id, cell, start, counts, 1, kept->status);
    if (ts_covered_count(writer->settings) == 0)
        return;
    ts_writer_cell(writer, kept->position_loss_id, cell, start, counts, 1, kept->position_loss);
    ts_writer_cell(writer, kept->covered_id, cell, start, counts, 1, kept->covered);
}

static void write_cell(ts_writer *writer, kept_trainings *kept, size_t cell) {
    size_t replicates = (size_t)writer->settings->replicates;
    for (size_t first = 0; first < replicates && ts_writer_works(writer); first += kept->rows) {
        size_t rows = replicates - first < kept->rows ? replicates - first : kept->rows;
        fetch_rows(writer, kept, cell, first, rows);
        write_rows(writer, kept, cell, first, rows);
    }
}

/* How the neurons of a network are numbered. */
static const char *by_position(const ts_writer *writer) {
    return writer->settings->dimension > 1 ? "number of a neuron by coordinate, then by ascending start position"
                                           : "number of a neuron by ascending start position";
}

void ts_write_neurons(ts_writer *writer) {
    const ts_settings *settings = writer->settings;
    writer->neurons = settings->dimension * (size_t)ts_grid_largest(settings, TS_PARAMETER_NEURONS);
    ts_writer_index(writer, "neuron", writer->neurons, by_position(writer), &writer->neuron);
}

void ts_write_trainings(ts_writer *writer) {
    kept_trainings kept = {0};
    if (kept_allocate(&kept, writer)) {
        define_variables(writer, &kept);
        for (size_t cell = 0; cell < ts_sweep_cell_count(writer->sweep); cell++)
            write_cell(writer, &kept, cell);
    }
    kept_free(&kept);
}
