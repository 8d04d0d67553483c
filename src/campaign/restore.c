/* From records back to a sweep: ts_snapshot_restore. Whatever a record says is checked before it is believed. */
#include "base/fail.h"
#include "campaign/snapshot.h"

#include <stdlib.h>
#include <string.h>

#define WORDS_OF_STATISTICS (sizeof(ts_statistics) / sizeof(uint64_t))

static ts_status refuse(ts_error *error, const char *what, uint64_t cell) {
    return ts_fail(error, TS_INVALID, "", "%s of cell %llu do not fit together", what, (unsigned long long)cell);
}

/* ---- trainings that have finished */

/* A cell as it stands in a record. */
typedef struct piece {
    ts_statistics at_end, *observed; /* observed [observations] */
    uint64_t *first_success;         /* [observations] */
    const uint8_t *mark;             /* [reach] */
    size_t reach;
    uint64_t finished;
} piece;

static void read_statistics(ts_reading *reading, ts_statistics *statistics, size_t count) {
    uint64_t words[WORDS_OF_STATISTICS];
    for (size_t k = 0; k < count; k++) {
        ts_reading_counts(reading, words, WORDS_OF_STATISTICS);
        memcpy(&statistics[k], words, sizeof words);
    }
}

static bool read_piece(const ts_record *record, const ts_sweep *sweep, piece *found) {
    const size_t observations = sweep->observations.count;
    ts_reading reading = ts_record_read(record);
    read_statistics(&reading, &found->at_end, 1);
    if (observations > 0) {
        read_statistics(&reading, found->observed, observations);
        ts_reading_counts(&reading, found->first_success, observations);
    }
    found->reach = ts_reading_length(&reading, 1);
    found->mark = ts_reading_bytes(&reading, found->reach);
    return ts_reading_ends(&reading) && found->reach <= sweep->settings.replicates;
}

static uint64_t sum_of(const uint64_t *value, size_t count) {
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += value[i];
    return sum;
}

/* Do the sums over `finished` trainings say so of each of its parts? */
static bool adds_up(const ts_statistics *statistics, uint64_t finished) {
    const uint64_t diverged = statistics->outcome_count[TS_OUTCOME_DIVERGED];
    return sum_of(statistics->outcome_count, 3) == finished && diverged <= finished &&
           sum_of(statistics->histogram, TS_BIN_COUNT) == finished - diverged;
}

/* Do the marks say the same as the sums? */
static bool fits(const piece *found, size_t observations) {
    const uint8_t known = TS_MARK_FINISHED | TS_MARK_SUCCESS | TS_MARK_POSITION_SUCCESS | TS_MARK_DIVERGED;
    uint64_t outcome_count[3] = {0};
    bool fine = true;
    for (size_t r = 0; r < found->reach; r++) {
        const ts_outcome outcome = ts_mark_outcome(found->mark[r]);
        fine = fine && !(found->mark[r] & ~known) && (outcome != TS_OUTCOME_NONE || found->mark[r] == 0);
        if (outcome != TS_OUTCOME_NONE)
            outcome_count[outcome]++;
    }
    for (size_t k = 0; fine && k < observations; k++)
        fine = adds_up(&found->observed[k], found->finished);
    return fine && adds_up(&found->at_end, found->finished) &&
           memcmp(outcome_count, found->at_end.outcome_count, sizeof outcome_count) == 0;
}

static bool overlaps(const uint8_t *mark, const uint8_t *more, size_t count) {
    bool twice = false;
    for (size_t r = 0; r < count; r++)
        twice |= mark[r] & more[r] & TS_MARK_FINISHED;
    return twice;
}

static void add(ts_sweep *sweep, size_t cell, const piece *found) {
    const size_t observations = sweep->observations.count, replicates = sweep->settings.replicates;
    ts_results *results = &sweep->results;
    ts_statistics_add(&results->statistics[cell], &found->at_end);
    for (size_t k = 0; k < observations; k++) {
        ts_statistics_add(&results->observed[cell * observations + k], &found->observed[k]);
        results->first_success[cell * observations + k] += found->first_success[k];
    }
    for (size_t r = 0; r < found->reach; r++)
        results->mark[cell * replicates + r] |= found->mark[r];
    if (found->reach > results->reach[cell])
        results->reach[cell] = (uint32_t)found->reach;
}

static ts_status restore_cell(ts_sweep *sweep, const ts_record *record, piece *found, ts_error *error) {
    const size_t observations = sweep->observations.count, replicates = sweep->settings.replicates;
    if (record->cell >= sweep->cell_count || record->first > 0 || !read_piece(record, sweep, found))
        return refuse(error, "the sums", record->cell);
    found->finished = sum_of(found->at_end.outcome_count, 3);
    if (!fits(found, observations))
        return refuse(error, "the sums and the trainings", record->cell);
    if (overlaps(sweep->results.mark + record->cell * replicates, found->mark, found->reach))
        return ts_fail(error, TS_INVALID, "", "trainings of cell %u are there twice", record->cell);
    add(sweep, record->cell, found);
    return TS_OK;
}

static ts_status restore_sums(ts_sweep *sweep, const ts_record *record, ts_error *error) {
    const size_t observations = sweep->observations.count;
    piece *found = calloc(1, sizeof *found);
    ts_status status = TS_FAILED;
    if (found) {
        found->observed = calloc(observations + 1, sizeof *found->observed);
        found->first_success = calloc(observations + 1, sizeof *found->first_success);
    }
    if (found && found->observed && found->first_success)
        status = restore_cell(sweep, record, found, error);
    else
        ts_fail(error, status, "", "there is not enough memory for the sums of a cell");
    if (found) {
        free(found->observed);
        free(found->first_success);
    }
    free(found);
    return status;
}

/* ---- their final states */

static void read_words(ts_reading *reading, int64_t *value, size_t count) {
    for (size_t i = 0; i < count; i++)
        value[i] = (int64_t)ts_reading_word(reading);
}

/* One row of a cell of `m` neurons. */
static void read_kept(ts_reading *reading, const ts_results *results, size_t cell, size_t r, size_t m) {
    ts_kept *kept = &results->kept[cell];
    read_words(reading, kept->position + r * m, m);
    read_words(reading, kept->weight + r * m, m);
    read_words(reading, &kept->bias[r], 1);
    read_words(reading, &kept->loss[r], 1);
    read_words(reading, &kept->position_loss[r], 1);
    kept->missed[r] = (uint32_t)ts_reading_count(reading);
    kept->outcome[r] = (int8_t)((int64_t)ts_reading_count(reading) - 1);
}

static void read_state(ts_reading *reading, const ts_results *results, size_t cell, size_t r, size_t m) {
    ts_state *state = &results->state[cell];
    state->step[r] = ts_reading_count(reading);
    read_words(reading, &state->position[r * m].fixed, m);
    read_words(reading, &state->weight[r * m].fixed, m);
    read_words(reading, &state->bias[r].fixed, 1);
    read_words(reading, &state->drift[r], 1);
    state->diverged[r] = ts_reading_count(reading) > 0;
}

typedef void read_row(ts_reading *reading, const ts_results *results, size_t cell, size_t r, size_t m);

/* Is there room for all final states of a cell that its marks speak of? */
static bool has_room(const ts_results *results, size_t cell) {
    const uint32_t reach = results->reach[cell];
    return (!results->kept || results->kept[cell].room >= reach) &&
           (!results->state || results->state[cell].room >= reach);
}

/* Rows whose marks are there, as those of all cells are. */
static ts_status restore_rows(ts_sweep *sweep, const ts_record *record, bool wanted, read_row *read, ts_error *error) {
    ts_reading reading = ts_record_read(record);
    const uint64_t count = ts_reading_length(&reading, 1);
    if (!wanted || reading.failed || record->cell >= sweep->cell_count)
        return refuse(error, "the final states", record->cell);
    const uint64_t reach = sweep->results.reach[record->cell];
    if (record->first > reach || count > reach - record->first)
        return refuse(error, "the final states and the trainings", record->cell);
    ts_status status = TS_OK;
    if (!has_room(&sweep->results, record->cell))
        status = ts_results_grow(&sweep->results, sweep, sweep->results.reach, error);
    for (uint64_t r = record->first; status == TS_OK && r < record->first + count; r++)
        read(&reading, &sweep->results, record->cell, r, sweep->cells[record->cell].neurons);
    return status != TS_OK || ts_reading_ends(&reading) ? status : refuse(error, "the final states", record->cell);
}

/* ---- trainings on their way */

static void read_seen(ts_reading *reading, ts_seen *seen) {
    seen->measurement.loss = (int64_t)ts_reading_word(reading);
    seen->measurement.position_loss = (int64_t)ts_reading_word(reading);
    seen->measurement.missed = (uint32_t)ts_reading_count(reading);
    const uint64_t outcome = ts_reading_count(reading);
    reading->failed |= outcome < 1 || outcome > 3 || seen->measurement.loss < 0 || seen->measurement.position_loss < 0;
    seen->outcome = reading->failed ? TS_OUTCOME_NONE : (ts_outcome)((int)outcome - 1);
    seen->steps = ts_reading_count(reading);
}

static void read_training(ts_reading *reading, ts_waypoint *point) {
    read_words(reading, point->position, point->neurons);
    read_words(reading, point->weight, point->neurons);
    for (uint32_t k = 0; k < point->looks; k++)
        read_seen(reading, &point->seen[k]);
}

/* NULL: it does not fit, or (reading->failed is not set) there is no memory. */
static ts_waypoint *read_waypoint(ts_reading *reading, const ts_sweep *sweep) {
    const uint64_t cell = ts_reading_count(reading), row = ts_reading_count(reading);
    const uint64_t neurons = ts_reading_count(reading), looks = ts_reading_count(reading);
    ts_training training = {.step = ts_reading_count(reading)};
    const uint64_t halted = ts_reading_count(reading);
    training.bias = (int64_t)ts_reading_word(reading);
    training.drift = (int64_t)ts_reading_word(reading);
    training.replicate = (uint32_t)row;
    training.halted = (uint32_t)halted;
    reading->failed |= cell >= sweep->cell_count || row >= sweep->settings.replicates ||
                       looks > sweep->observations.count || halted > TS_HALTED_SUCCESS;
    reading->failed =
        reading->failed || neurons != sweep->cells[cell].neurons || training.step > sweep->cells[cell].steps;
    if (reading->failed)
        return NULL;
    ts_waypoint *point = ts_waypoint_create((uint32_t)neurons, (uint32_t)looks);
    if (!point)
        return NULL;
    point->cell = (uint32_t)cell;
    point->row = (uint32_t)row;
    point->training = training;
    read_training(reading, point);
    return point;
}

static ts_status restore_waypoints(ts_sweep *sweep, const ts_record *record, ts_error *error) {
    ts_reading reading = ts_record_read(record);
    while (reading.at < reading.end) {
        ts_waypoint *point = read_waypoint(&reading, sweep);
        if (reading.failed) {
            free(point);
            return ts_fail(error, TS_INVALID, "", "the trainings on their way do not fit the cells");
        }
        ts_underway_put(&sweep->underway, point); /* without memory the training begins anew */
        if (!point)
            return TS_OK;
    }
    return TS_OK;
}

/* ---- limits */

static ts_status restore_limits(ts_sweep *sweep, const ts_record *record, ts_error *error) {
    ts_limits *limits = &sweep->limits;
    ts_reading reading = ts_record_read(record);
    const uint64_t count = ts_reading_length(&reading, 1);
    if (reading.failed || !limits->first_success || record->cell >= limits->columns ||
        record->first > limits->drawn_starts || count > limits->drawn_starts - record->first)
        return ts_fail(error, TS_INVALID, "", "the limits do not fit the starts");
    uint32_t *value = limits->first_success + record->cell * limits->drawn_starts + record->first;
    for (uint64_t i = 0; i < count; i++) {
        const uint64_t shifted = ts_reading_count(&reading);
        reading.failed |= shifted > sweep->cell_count + 3; /* stops: one for each row of cells, and two */
        if (shifted > 0 && !reading.failed)
            value[i] = (uint32_t)(shifted - 1);
    }
    return ts_reading_ends(&reading) ? TS_OK : ts_fail(error, TS_INVALID, "", "the limits are no limits");
}

ts_status ts_snapshot_restore(ts_sweep *sweep, const ts_record *record, ts_error *error) {
    switch (record->kind) {
    case TS_RECORD_CELL:
        return restore_sums(sweep, record, error);
    case TS_RECORD_KEPT:
        return restore_rows(sweep, record, sweep->results.kept, read_kept, error);
    case TS_RECORD_STATE:
        return restore_rows(sweep, record, sweep->results.state, read_state, error);
    case TS_RECORD_WAYPOINT:
        return restore_waypoints(sweep, record, error);
    case TS_RECORD_LIMITS:
        return restore_limits(sweep, record, error);
    default:
        return ts_fail(error, TS_INVALID, "", "there is something of an unknown kind (%u)", record->kind);
    }
}

/* Is the final state there of each training that has finished? A network that is none yet has no outcome, and a state
 * no step. */
static bool has_states(const ts_sweep *sweep, size_t cell) {
    const ts_kept *kept = sweep->results.kept ? &sweep->results.kept[cell] : NULL;
    const ts_state *state = sweep->results.state ? &sweep->results.state[cell] : NULL;
    const uint8_t *mark = sweep->results.mark + cell * sweep->settings.replicates;
    bool all = true;
    for (size_t r = 0; r < sweep->results.reach[cell]; r++) {
        const ts_outcome outcome = ts_mark_outcome(mark[r]);
        if (outcome == TS_OUTCOME_NONE)
            continue;
        all = all && (!kept || (r < kept->room && kept->outcome[r] == outcome));
        all = all && (!state || (r < state->room && state->step[r] > 0 &&
                                 state->diverged[r] == (outcome == TS_OUTCOME_DIVERGED)));
    }
    return all;
}

ts_status ts_snapshot_restored(ts_sweep *sweep, ts_error *error) {
    const bool has_any = sweep->results.kept || sweep->results.state;
    for (size_t cell = 0; has_any && cell < sweep->cell_count; cell++)
        if (!has_states(sweep, cell))
            return refuse(error, "the final states and the trainings", cell);
    for (size_t cell = 0; sweep->results.state && cell < sweep->cell_count; cell++)
        sweep->results.state[cell].arithmetic = sweep->arithmetic;
    ts_sweep_settle(sweep);
    return TS_OK;
}
