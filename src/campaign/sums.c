/* The statistics of cells, and the marks of their trainings, from a result file: each sum is held against the others.
 */
#include "campaign/filling.h"
#include "model/classify.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#define MARKS_AT_ONCE ((size_t)1 << 20)

/* A variable over cells that is a member of ts_statistics. */
typedef struct sum_field {
    const char *name;
    size_t offset;
    bool is_of_positions;
} sum_field;

#define OF(member) offsetof(ts_statistics, member)
static const sum_field sum_fields[] = {
    {"success_count", OF(outcome_count[TS_OUTCOME_SUCCESS]), false},
    {"failure_count", OF(outcome_count[TS_OUTCOME_FAILURE]), false},
    {"diverged_count", OF(outcome_count[TS_OUTCOME_DIVERGED]), false},
    {"training_steps", OF(training_steps), false},
    {"loss_sum_high", OF(loss_sum_high), false},
    {"loss_sum_low", OF(loss_sum_low), false},
    {"position_success_count", OF(position_success_count), true},
    {"covered_failure_count", OF(covered_failure_count), true},
};
#undef OF
#define FIELD_COUNT (sizeof sum_fields / sizeof sum_fields[0])

static bool has_positions(const ts_filling *of) {
    return of->covered_count > 0;
}

/* The name of a variable at observations. */
static const char *name_at(size_t observation, const char *name, char text[64]) {
    snprintf(text, 64, "observed_%s", name);
    return observation == TS_NO_OBSERVATION ? name : text;
}

/* One number of a cell, or of each of `bins` along a dimension. */
static bool read_counts(const ts_filling *of, const char *name, size_t observation, size_t cell, int bin, size_t bins,
                        uint64_t *counts) {
    char text[64];
    ts_filling_part part = ts_filling_cell(of, name_at(observation, name, text), observation, cell);
    if (bin >= 0)
        ts_filling_along(&part, bin, 0, bins);
    if (!ts_filling_whole(of, &part, (int64_t *)counts))
        return false;
    for (size_t k = 0; k < bins; k++)
        if (counts[k] > INT64_MAX)
            ts_filling_refuse(of, part.name, "found a negative number");
    return of->reader->status == TS_OK;
}

/* In the file the covered jumps are counted, in a sweep those that are missed. */
static bool read_missed(const ts_filling *of, size_t observation, size_t cell, ts_statistics *statistics) {
    uint64_t counts[TS_MOST_MISSED + 1];
    const size_t count = of->covered_count;
    if (!read_counts(of, "covered_jumps", observation, cell, of->covered, count, counts))
        return false;
    for (size_t missed = 0; missed < count; missed++)
        statistics->missed_count[missed] = counts[count - 1 - missed];
    return true;
}

static bool read_statistics(const ts_filling *of, size_t observation, size_t cell, ts_statistics *statistics) {
    for (size_t k = 0; k < FIELD_COUNT; k++) {
        uint64_t *member = (uint64_t *)(void *)((char *)statistics + sum_fields[k].offset);
        if ((!sum_fields[k].is_of_positions || has_positions(of)) &&
            !read_counts(of, sum_fields[k].name, observation, cell, -1, 1, member))
            return false;
    }
    return read_counts(of, "loss_histogram", observation, cell, of->loss_bin, TS_BIN_COUNT, statistics->histogram) &&
           (!has_positions(of) || (read_counts(of, "position_loss_histogram", observation, cell, of->loss_bin,
                                               TS_BIN_COUNT, statistics->position_histogram) &&
                                   read_missed(of, observation, cell, statistics)));
}

/* ---- do they agree? */

static uint64_t sum_of(const uint64_t *counts, size_t count) {
    uint64_t sum = 0;
    for (size_t k = 0; k < count; k++)
        sum += counts[k];
    return sum;
}

#define SLACK 1e-9 /* of sums that are compared in doubles */

/* Do the losses of a histogram add up to the sum? The last bin has no end. */
static bool losses_agree(const ts_statistics *of) {
    const double sum = ldexp(ldexp((double)of->loss_sum_high, 32) + (double)of->loss_sum_low, -44);
    double least = 0, most = 0;
    for (size_t bin = 0; bin < TS_BIN_COUNT; bin++)
        if (of->histogram[bin] > 0) {
            least += (double)of->histogram[bin] * ts_loss_bin_low(bin);
            most += (double)of->histogram[bin] * ts_loss_bin_low(bin + 1);
        }
    return sum >= least * (1 - SLACK) && sum <= most * (1 + SLACK);
}

/* Trainings that have not diverged have done all `steps`, unless they stop. */
static bool steps_agree(const ts_filling *of, const ts_statistics *statistics, uint64_t finite, uint64_t trainings,
                        uint64_t steps) {
    const double done = (double)statistics->training_steps;
    const bool stops = of->sweep->settings.stop == TS_STOP_FIRST_SUCCESS;
    return done <= (double)trainings * (double)steps * (1 + SLACK) &&
           (stops || done >= (double)finite * (double)steps * (1 - SLACK));
}

/* What is wrong with statistics of so many trainings after `steps` steps; NULL: nothing. */
static const char *fault_of(const ts_filling *of, const ts_statistics *statistics, uint64_t trainings, uint64_t steps) {
    const uint64_t *outcomes = statistics->outcome_count;
    const uint64_t finite = outcomes[TS_OUTCOME_SUCCESS] + outcomes[TS_OUTCOME_FAILURE];
    if (finite + outcomes[TS_OUTCOME_DIVERGED] != trainings)
        return "success_count";
    if (sum_of(statistics->histogram, TS_BIN_COUNT) != finite)
        return "loss_histogram";
    if (!losses_agree(statistics) || statistics->loss_sum_low > finite * UINT32_MAX)
        return "loss_sum_high";
    if (!steps_agree(of, statistics, finite, trainings, steps))
        return "training_steps";
    if (!has_positions(of))
        return NULL;
    if (sum_of(statistics->position_histogram, TS_BIN_COUNT) != finite)
        return "position_loss_histogram";
    if (sum_of(statistics->missed_count, TS_MOST_MISSED + 1) != finite)
        return "covered_jumps";
    return statistics->position_success_count > finite ? "position_success_count"
           : statistics->covered_failure_count > outcomes[TS_OUTCOME_FAILURE] ||
                   statistics->covered_failure_count > statistics->missed_count[0]
               ? "covered_failure_count"
               : NULL;
}

/* Statistics of a cell, of so many trainings after so many steps. */
static bool fill_statistics(const ts_filling *of, size_t observation, size_t cell, uint64_t trainings, uint64_t steps,
                            ts_statistics *statistics) {
    uint64_t written;
    char text[64];
    if (!read_statistics(of, observation, cell, statistics) ||
        !read_counts(of, "steps", observation, cell, -1, 1, &written))
        return false;
    const char *fault = written != steps ? "steps" : fault_of(of, statistics, trainings, steps);
    if (fault)
        ts_filling_refuse(of, name_at(observation, fault, text), "does not agree with the others");
    return !fault;
}

/* ---- marks */

/* Bytes of replicates first .. first + count - 1 of a cell, from 0 or `least` to `most`. */
static bool read_bytes(const ts_filling *of, const char *name, size_t cell, size_t first, size_t count, int least,
                       int most, int8_t *bytes) {
    ts_filling_part part = ts_filling_rows(of, name, cell, first, count);
    if (!ts_filling_bytes(of, &part, bytes))
        return false;
    for (size_t r = 0; r < count; r++)
        if (bytes[r] < least || bytes[r] > most) {
            ts_filling_refuse(of, name, "found a number that it cannot be");
            return false;
        }
    return true;
}

static uint8_t mark_of(int8_t outcome) {
    return (uint8_t)(outcome == TS_OUTCOME_NONE       ? 0
                     : outcome == TS_OUTCOME_DIVERGED ? TS_MARK_FINISHED | TS_MARK_DIVERGED
                     : outcome == TS_OUTCOME_SUCCESS  ? TS_MARK_FINISHED | TS_MARK_SUCCESS
                                                      : TS_MARK_FINISHED);
}

/* Add a mark where a variable says so. `bytes` [count] is room. */
static bool add_mark(const ts_filling *of, const char *name, size_t cell, size_t first, size_t count, uint8_t bit,
                     uint8_t *mark, int8_t *bytes) {
    if (!read_bytes(of, name, cell, first, count, 0, 1, bytes))
        return false;
    for (size_t r = 0; r < count; r++)
        mark[r] |= bytes[r] ? bit : 0;
    return true;
}

/* Marks of replicates first .. first + count - 1 of a cell. */
static bool read_marks(const ts_filling *of, size_t cell, size_t first, size_t count, uint8_t *mark, int8_t *bytes) {
    if (!read_bytes(of, "outcome", cell, first, count, TS_OUTCOME_NONE, TS_OUTCOME_DIVERGED, bytes))
        return false;
    for (size_t r = 0; r < count; r++)
        mark[r] = mark_of(bytes[r]);
    return (!has_positions(of) ||
            add_mark(of, "position_success", cell, first, count, TS_MARK_POSITION_SUCCESS, mark, bytes)) &&
           (!of->sweep->settings.theory ||
            add_mark(of, "limit_success", cell, first, count, TS_MARK_LIMIT_SUCCESS, mark, bytes));
}

/* Do the marks of a cell count as its statistics do? */
static bool marks_agree(const ts_filling *of, const ts_statistics *statistics, const uint8_t *mark) {
    uint64_t outcomes[3] = {0}, by_positions = 0;
    for (size_t r = 0; r < of->replicates; r++) {
        const ts_outcome outcome = ts_mark_outcome(mark[r]);
        const bool position_success = mark[r] & TS_MARK_POSITION_SUCCESS;
        if (outcome != TS_OUTCOME_NONE)
            outcomes[outcome]++;
        by_positions += position_success;
        if (position_success && (outcome == TS_OUTCOME_NONE || outcome == TS_OUTCOME_DIVERGED))
            return false;
    }
    for (int k = 0; k < 3; k++)
        if (outcomes[k] != statistics->outcome_count[k])
            return false;
    return by_positions == statistics->position_success_count;
}

/* ---- a cell */

static bool fill_marks(const ts_filling *of, size_t cell, int8_t *bytes) {
    uint8_t *mark = of->sweep->results.mark + cell * of->sweep->settings.replicates;
    for (size_t first = 0; first < of->replicates; first += MARKS_AT_ONCE) {
        const size_t left = of->replicates - first, count = left < MARKS_AT_ONCE ? left : MARKS_AT_ONCE;
        if (!read_marks(of, cell, first, count, mark + first, bytes))
            return false;
        for (size_t r = first; r < first + count; r++)
            if (mark[r] & TS_MARK_FINISHED)
                of->sweep->results.reach[cell] = (uint32_t)r + 1;
    }
    if (marks_agree(of, &of->sweep->results.statistics[cell], mark))
        return true;
    ts_filling_refuse(of, "outcome", "does not agree with the counts of its cell");
    return false;
}

static bool fill_observed(const ts_filling *of, size_t cell, uint64_t trainings) {
    const ts_observations *observations = &of->sweep->observations;
    const size_t first = cell * observations->count;
    uint64_t successes = 0;
    for (size_t k = 0; k < observations->count; k++) {
        uint64_t *count = &of->sweep->results.first_success[first + k];
        const ts_filling_part part = ts_filling_cell(of, "first_success_count", k, cell);
        if (!fill_statistics(of, k, cell, trainings, observations->step[first + k],
                             &of->sweep->results.observed[first + k]) ||
            !ts_filling_whole(of, &part, (int64_t *)count))
            return false;
        if (*count > trainings - successes) {
            ts_filling_refuse(of, "first_success_count", "more than there are trainings");
            return false;
        }
        successes += *count;
    }
    return true;
}

bool ts_filling_sums(ts_filling *of) {
    int8_t *bytes = malloc(of->replicates < MARKS_AT_ONCE ? of->replicates : MARKS_AT_ONCE);
    bool fine = bytes;
    if (!bytes)
        ts_reader_no_memory(of->reader);
    for (size_t cell = 0; fine && cell < of->sweep->cell_count; cell++) {
        uint64_t trainings;
        fine = read_counts(of, "trainings", TS_NO_OBSERVATION, cell, -1, 1, &trainings) &&
               fill_statistics(of, TS_NO_OBSERVATION, cell, trainings, of->sweep->cells[cell].steps,
                               &of->sweep->results.statistics[cell]) &&
               fill_marks(of, cell, bytes) && fill_observed(of, cell, trainings);
    }
    free(bytes);
    return fine;
}
