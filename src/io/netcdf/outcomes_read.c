#include "io/netcdf/outcomes.h"

#include "base/fail.h"
#include "base/words.h"
#include "io/netcdf/reader.h"
#include "io/text.h"
#include "model/grid.h"

#include <math.h>
#include <netcdf.h>
#include <stdlib.h>
#include <string.h>

/* What is being read, and over which dimensions: those of the cells and, behind them, the replicates. */
typedef struct reading {
    ts_reader reader;
    const ts_result *result;
    ts_result_outcomes *outcomes;
    int dimensions[TS_PARAMETER_COUNT + 1];
    int count; /* of them */
    bool by_positions;
    double unexplained_variance;
} reading;

static ts_status refuse(reading *of, const char *reason) {
    return of->reader.status =
               ts_fail(of->reader.error, TS_INVALID, "", "%s %s", ts_text_path(of->reader.path), reason);
}

static size_t trainings(const reading *of) {
    return ts_result_cells(of->result) * of->outcomes->replicates;
}

/* Bytes over cells and replicates, which are from `least` to `most`. */
static int8_t *read_bytes(reading *of, const char *name, int least, int most) {
    int8_t *bytes = ts_reader_bytes(&of->reader, name, of->dimensions, of->count);
    for (size_t k = 0; bytes && k < trainings(of); k++)
        if (bytes[k] < least || bytes[k] > most) {
            ts_reader_damaged(&of->reader, "variable", name, nc_strerror(NC_ERANGE));
            break;
        }
    return bytes;
}

/* By the loss at another threshold, which the trainings of a cell share; losses are whole numbers of 2^-44. */
static void judge_losses(const reading *of, const double *loss) {
    const size_t replicates = of->outcomes->replicates;
    for (size_t cell = 0; cell < ts_result_cells(of->result); cell++) {
        const double most =
            ts_result_loss_floor(of->result, cell) + of->unexplained_variance * of->result->target_variance;
        const double threshold = ldexp(floor(ldexp(most, 44)), -44);
        for (size_t k = cell * replicates; k < (cell + 1) * replicates; k++)
            if (of->outcomes->success[k] >= 0)
                of->outcomes->success[k] = (int8_t)(loss[k] <= threshold); /* NaN, of one that diverged, is none */
    }
}

static void read_losses(reading *of) {
    const char *name = of->by_positions ? "final_position_loss" : "final_loss";
    if (!ts_reader_has_variable(&of->reader, name)) {
        refuse(of, "does not have the losses of its trainings, which another unexplained variance needs: a run with "
                   "output: {keep_trainings: true} keeps them");
        return;
    }
    double *loss = ts_reader_values(&of->reader, name, of->dimensions, of->count);
    if (loss)
        judge_losses(of, loss);
    free(loss);
}

/* Successes among the trainings that are there. */
static void read_success(reading *of) {
    ts_result_outcomes *outcomes = of->outcomes;
    outcomes->success = read_bytes(of, "outcome", TS_OUTCOME_NONE, TS_OUTCOME_DIVERGED);
    if (!outcomes->success)
        return;
    if (of->unexplained_variance != of->result->unexplained_variance) {
        read_losses(of);
        return;
    }
    int8_t *success = of->by_positions ? read_bytes(of, "position_success", 0, 1) : NULL;
    for (size_t k = 0; of->reader.status == TS_OK && k < trainings(of); k++) {
        const bool succeeds = success ? success[k] == 1 : outcomes->success[k] == TS_OUTCOME_SUCCESS;
        if (outcomes->success[k] != TS_OUTCOME_NONE)
            outcomes->success[k] = (int8_t)succeeds;
    }
    free(success);
}

/* Rates of a run that was stopped before it had any are none. */
static bool are_known(const double *rate, size_t cells) {
    for (size_t cell = 0; cell < cells; cell++)
        if (isnan(rate[cell]))
            return false;
    return true;
}

static void read_limits(reading *of) {
    ts_result_outcomes *outcomes = of->outcomes;
    double *rate = ts_reader_values(&of->reader, "limit_end_success_rate", of->dimensions, of->count - 1);
    if (!rate || !are_known(rate, ts_result_cells(of->result))) {
        free(rate);
        return;
    }
    outcomes->limit_rate = rate;
    outcomes->limit_success = read_bytes(of, "limit_success", 0, 1);
    for (size_t k = 0; of->reader.status == TS_OK && k < trainings(of); k++)
        if (outcomes->success[k] < 0)
            outcomes->limit_success[k] = -1;
    outcomes->limit_starts = ts_reader_values(&of->reader, "limit_trainings", &of->dimensions[TS_PARAMETER_NEURONS], 1);
}

static void read_randomness(reading *of) {
    char *word = ts_reader_string(&of->reader, "randomness");
    const int randomness = word ? ts_words_find(ts_words_randomness, word) : -1;
    free(word);
    if (of->reader.status == TS_OK && randomness < 0)
        ts_reader_damaged(&of->reader, "attribute", "randomness", "not a randomness");
    of->outcomes->common = randomness == TS_RANDOMNESS_COMMON;
}

/* Files that have the rates of the limit at the ends of the trainings have its successes there, too. */
static void read_all(reading *of) {
    ts_parameter parameter[TS_PARAMETER_COUNT];
    size_t length[TS_PARAMETER_COUNT];
    ts_reader *reader = &of->reader;
    if (!ts_reader_has_variable(reader, "outcome") && reader->status == TS_OK) {
        refuse(of, "does not tell how each of its trainings ended: it is older than that, and has to be made anew");
        return;
    }
    if (of->by_positions && !ts_reader_has_variable(reader, "position_success") && reader->status == TS_OK) {
        refuse(of, "does not tell what the positions say: it is of rectified linear units");
        return;
    }
    of->count = (int)ts_reader_axes(reader, of->dimensions, parameter, length);
    for (int k = 0; k < of->count; k++)
        if (length[k] != of->result->axis[k].count) /* another file has taken its place */
            ts_reader_damaged(reader, "axis", ts_parameters[parameter[k]].name, nc_strerror(NC_EDIMSIZE));
    of->outcomes->replicates = ts_reader_dimension(reader, "replicate", TS_MAX_REPLICATES, &of->dimensions[of->count]);
    of->count++;
    read_randomness(of);
    read_success(of);
    if (of->unexplained_variance == of->result->unexplained_variance &&
        ts_reader_has_variable(reader, "limit_end_success_rate"))
        read_limits(of);
}

ts_status ts_result_outcomes_read(ts_result_outcomes *outcomes, const ts_result *result, const char *path,
                                  bool by_positions, double unexplained_variance, ts_error *error) {
    reading of = {.result = result,
                  .outcomes = outcomes,
                  .by_positions = by_positions,
                  .unexplained_variance = unexplained_variance};
    *outcomes = (ts_result_outcomes){0};
    const ts_status status = ts_reader_open(&of.reader, path, error);
    if (status != TS_OK)
        return status;
    read_all(&of);
    ts_reader_close(&of.reader);
    if (of.reader.status != TS_OK)
        ts_result_outcomes_free(outcomes);
    return of.reader.status;
}

void ts_result_outcomes_free(ts_result_outcomes *outcomes) {
    free(outcomes->success);
    free(outcomes->limit_success);
    free(outcomes->limit_rate);
    free(outcomes->limit_starts);
    *outcomes = (ts_result_outcomes){0};
}
