/* Variables of a result file with which its trainings can go on: the words of a ts_state, to the last bit. */
#include "io/netcdf/parts.h"
#include "model/training.h"
#include "sweep/sweep.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK_BYTES (1U << 20) /* of the largest variable; one chunk is filled and written at a time */

/* Netcdf ids of the variables, and room for `rows` replicates of one cell, each with as many neurons as the largest
 * network of the sweep. What there is not is 0. */
typedef struct kept_states {
    int position_id, weight_id, bias_id, drift_id, step_id, halted_id;
    size_t rows, neurons;
    int64_t *position, *weight;   /* [rows][neurons] */
    int64_t *bias, *drift, *step; /* [rows] */
    signed char *halted;          /* [rows] */
} kept_states;

static void states_free(kept_states *kept) {
    free(kept->position);
    free(kept->weight);
    free(kept->bias);
    free(kept->drift);
    free(kept->step);
    free(kept->halted);
}

static bool states_allocate(kept_states *kept, ts_writer *writer) {
    kept->neurons = writer->neurons;
    kept->rows = CHUNK_BYTES / (kept->neurons * sizeof(int64_t));
    if (kept->rows < 1)
        kept->rows = 1;
    if (kept->rows > writer->replicates)
        kept->rows = writer->replicates;
    kept->position = ts_writer_memory(writer, kept->rows * kept->neurons, sizeof *kept->position);
    kept->weight = ts_writer_memory(writer, kept->rows * kept->neurons, sizeof *kept->weight);
    kept->bias = ts_writer_memory(writer, kept->rows, sizeof *kept->bias);
    kept->drift = ts_writer_memory(writer, kept->rows, sizeof *kept->drift);
    kept->step = ts_writer_memory(writer, kept->rows, sizeof *kept->step);
    kept->halted = ts_writer_memory(writer, kept->rows, sizeof *kept->halted);
    return ts_writer_works(writer);
}

/* A variable over cells and replicates and, with `per_neuron`, neurons. */
static int define_state(ts_writer *writer, const kept_states *kept, const char *name, nc_type type, bool per_neuron,
                        const char *long_name) {
    const int further[2] = {writer->replicate, writer->neuron};
    const size_t chunk[2] = {kept->rows, kept->neurons};
    const int variable = ts_writer_cells(writer, name, type, further, per_neuron ? 2 : 1, long_name);
    ts_writer_compress_cells(writer, variable, 1, chunk, per_neuron ? 2 : 1);
    return variable;
}

/* The backend reference computes in float64: then the words are the bits of doubles. */
static void define_variables(ts_writer *writer, kept_states *kept) {
    const bool fixed = writer->sweep->arithmetic == TS_FIXED_POINT;
    kept->position_id = define_state(writer, kept, "state_position", NC_INT64, true,
                                     fixed ? "position of a neuron at the end of a training, in units of 2^-62"
                                           : "position of a neuron at the end of a training, the bits of a float64");
    kept->weight_id = define_state(writer, kept, "state_weight", NC_INT64, true,
                                   fixed ? "weight of a neuron at the end of a training, in units of 2^-48"
                                         : "weight of a neuron at the end of a training, the bits of a float64");
    kept->bias_id = define_state(writer, kept, "state_bias", NC_INT64, false,
                                 fixed ? "bias at the end of a training, in units of 2^-48"
                                       : "bias at the end of a training, the bits of a float64");
    kept->drift_id = define_state(
        writer, kept, "state_drift", NC_INT64, false,
        "sum of the sizes of the changes of the bias since the weights were last examined, in units of 2^-48");
    kept->step_id = define_state(writer, kept, "state_step", NC_INT64, false, "steps that a training has done");
    kept->halted_id =
        define_state(writer, kept, "state_halted", NC_BYTE, false, "did a training end before its horizon, and why?");
    ts_writer_halted_flags(writer, kept->halted_id);
}

static void fetch_row(const ts_writer *writer, kept_states *kept, size_t cell, size_t replicate, size_t row) {
    const ts_state *state = &writer->sweep->results.state[cell];
    const ts_cell *of = &writer->sweep->cells[cell];
    const size_t m = of->neurons, from = replicate * m, to = row * kept->neurons;
    memcpy(kept->position + to, state->position + from, m * sizeof *kept->position);
    memcpy(kept->weight + to, state->weight + from, m * sizeof *kept->weight);
    kept->bias[row] = state->bias[replicate].fixed;
    kept->drift[row] = state->drift[replicate];
    kept->step[row] = (int64_t)state->step[replicate];
    kept->halted[row] = (signed char)(state->diverged[replicate]           ? TS_HALTED_DIVERGED
                                      : state->step[replicate] < of->steps ? TS_HALTED_SUCCESS
                                                                           : TS_NOT_HALTED);
}

/* Fetch replicates first .. first + count - 1 of a cell: those of them that have finished. */
static void fetch_rows(const ts_writer *writer, kept_states *kept, size_t cell, size_t first, size_t count) {
    const uint8_t *mark = ts_sweep_marks(writer->sweep, cell);
    memset(kept->position, 0, count * kept->neurons * sizeof *kept->position);
    memset(kept->weight, 0, count * kept->neurons * sizeof *kept->weight);
    for (size_t row = 0; row < count; row++) {
        kept->bias[row] = kept->drift[row] = kept->step[row] = 0;
        kept->halted[row] = TS_NOT_HALTED;
        if (mark && mark[first + row] & TS_MARK_FINISHED)
            fetch_row(writer, kept, cell, first + row, row);
    }
}

/* Replicates first .. first + count - 1 of a cell, which were fetched. */
static void write_rows(ts_writer *writer, const kept_states *kept, size_t cell, size_t first, size_t count) {
    const size_t start[2] = {first, 0}, counts[2] = {count, kept->neurons};
    ts_writer_cell(writer, kept->position_id, cell, start, counts, 2, kept->position);
    ts_writer_cell(writer, kept->weight_id, cell, start, counts, 2, kept->weight);
    ts_writer_cell(writer, kept->bias_id, cell, start, counts, 1, kept->bias);
    ts_writer_cell(writer, kept->drift_id, cell, start, counts, 1, kept->drift);
    ts_writer_cell(writer, kept->step_id, cell, start, counts, 1, kept->step);
    ts_writer_cell(writer, kept->halted_id, cell, start, counts, 1, kept->halted);
}

static void write_cell(ts_writer *writer, kept_states *kept, size_t cell) {
    for (size_t first = 0; first < writer->replicates && ts_writer_works(writer); first += kept->rows) {
        const size_t left = writer->replicates - first, rows = left < kept->rows ? left : kept->rows;
        fetch_rows(writer, kept, cell, first, rows);
        write_rows(writer, kept, cell, first, rows);
    }
}

void ts_write_states(ts_writer *writer) {
    kept_states kept = {0};
    if (states_allocate(&kept, writer)) {
        define_variables(writer, &kept);
        for (size_t cell = 0; cell < ts_sweep_cell_count(writer->sweep); cell++)
            write_cell(writer, &kept, cell);
    }
    states_free(&kept);
}
