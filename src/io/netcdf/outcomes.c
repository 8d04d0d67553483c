/* Variables of a result file over cells and replicates that every sweep has: how each training ended. What is estimated
 * of several cells together needs them, because trainings of the same replicate may depend on each other. */
#include "io/netcdf/parts.h"
#include "model/classify.h"
#include "sweep/sweep.h"

#include <stdlib.h>

#define CHUNK_BYTES ((size_t)1 << 18) /* compressed together */

/* What a variable says of a training by its mark. */
typedef signed char get_value(uint8_t mark);

static signed char outcome_of(uint8_t mark) {
    return (signed char)ts_mark_outcome(mark);
}

static signed char position_success_of(uint8_t mark) {
    return (signed char)((mark & TS_MARK_POSITION_SUCCESS) != 0);
}

static signed char limit_success_of(uint8_t mark) {
    return (signed char)((mark & TS_MARK_LIMIT_SUCCESS) != 0);
}

/* The values of replicates first .. first + count - 1 of a cell. A sweep that did not run has no marks. */
static void fetch(const ts_writer *writer, get_value *get, size_t cell, size_t first, size_t count,
                  signed char *values) {
    const uint8_t *marks = ts_sweep_marks(writer->sweep, cell);
    for (size_t k = 0; k < count; k++)
        values[k] = get(marks ? marks[first + k] : 0);
}

/* Of four thousand million replicates that were asked for, or may have been needed, those that no cell has are not
 * written. Kept trainings are over all of them. */
static size_t count_replicates(const ts_writer *writer) {
    size_t most = 1;
    if (writer->settings->keep_trainings)
        return (size_t)writer->settings->replicates;
    for (size_t cell = 0; cell < ts_sweep_cell_count(writer->sweep); cell++) {
        const size_t last = writer->sweep->results.reach ? writer->sweep->results.reach[cell] : 0;
        most = last > most ? last : most;
    }
    return most;
}

/* Write what every training has. Returns the variable. */
static int write_marks(ts_writer *writer, const char *name, size_t replicates, get_value *get, const char *long_name) {
    const size_t piece = replicates < CHUNK_BYTES ? replicates : CHUNK_BYTES;
    const int variable = ts_writer_cells(writer, name, NC_BYTE, &writer->replicate, 1, long_name);
    signed char *values = ts_writer_memory(writer, piece, sizeof *values);
    ts_writer_compress_cells(writer, variable, CHUNK_BYTES / piece, &piece, 1);
    for (size_t cell = 0; cell < ts_sweep_cell_count(writer->sweep); cell++)
        for (size_t first = 0; first < replicates && ts_writer_works(writer); first += piece) {
            const size_t count = replicates - first < piece ? replicates - first : piece;
            fetch(writer, get, cell, first, count, values);
            ts_writer_cell(writer, variable, cell, &first, &count, 1, values);
        }
    free(values);
    return variable;
}

void ts_write_outcomes(ts_writer *writer) {
    const size_t replicates = writer->replicates = count_replicates(writer);
    ts_writer_index(writer, "replicate", replicates, "number of a training in its cell", &writer->replicate);
    const int outcome = write_marks(writer, "outcome", replicates, outcome_of, "how a training ended");
    ts_writer_outcome_flags(writer, outcome);
    if (ts_covered_count(writer->settings) > 0) {
        const int success = write_marks(
            writer, "position_success", replicates, position_success_of,
            "did a training end in success by its positions, whatever its weights? 0 where it did not finish");
        ts_writer_yes_or_no(writer, success);
    }
    if (writer->settings->theory) {
        const int success =
            write_marks(writer, "limit_success", replicates, limit_success_of,
                        "is the limit epsilon -> 0 of the start of a training a success at the slow time at which "
                        "the training ends? 0 where that is not known");
        ts_writer_yes_or_no(writer, success);
    }
}
