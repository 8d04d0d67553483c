#include "campaign/snapshot.h"

#include <stdlib.h>
#include <string.h>

#define PIECE_BYTES (16UL << 20) /* of one piece of a snapshot, but for what belongs into one */
#define RECORD_BYTES (1UL << 20) /* of records of which there may be many, rather than long ones */
#define PIECE_STARTS (1UL << 16) /* whose limits stand in one record */

static size_t limit_pieces(const ts_limits *limits) {
    return (limits->drawn_starts + PIECE_STARTS - 1) / PIECE_STARTS;
}

bool ts_snapshot_create(ts_snapshot *snapshot, const ts_sweep *sweep) {
    const ts_limits *limits = &sweep->limits;
    const size_t trainings = sweep->cell_count * sweep->settings.replicates;
    *snapshot = (ts_snapshot){.finished = calloc(sweep->cell_count, sizeof *snapshot->finished)};
    bool enough = snapshot->finished;
    if (enough && (sweep->results.kept || sweep->results.state)) {
        snapshot->kept = calloc(trainings, sizeof *snapshot->kept);
        enough = snapshot->kept;
    }
    if (enough && limits->first_success) {
        snapshot->limits = calloc(limits->columns * limit_pieces(limits), sizeof *snapshot->limits);
        enough = snapshot->limits;
    }
    if (!enough)
        ts_snapshot_free(snapshot);
    return enough;
}

void ts_snapshot_free(ts_snapshot *snapshot) {
    free(snapshot->finished);
    free(snapshot->kept);
    free(snapshot->limits);
    *snapshot = (ts_snapshot){0};
}

void ts_snapshot_forget(ts_snapshot *snapshot, const ts_sweep *sweep) {
    const ts_limits *limits = &sweep->limits;
    memset(snapshot->finished, 0, sweep->cell_count * sizeof *snapshot->finished);
    if (snapshot->kept)
        memset(snapshot->kept, 0, sweep->cell_count * sweep->settings.replicates);
    if (snapshot->limits)
        memset(snapshot->limits, 0, limits->columns * limit_pieces(limits) * sizeof *snapshot->limits);
    snapshot->at = 0;
}

/* ---- trainings on their way */

static void put_words(ts_records *records, const int64_t *value, size_t count) {
    for (size_t i = 0; i < count; i++)
        ts_records_put_word(records, (uint64_t)value[i]);
}

static void put_seen(ts_records *records, const ts_seen *seen) {
    ts_records_put_word(records, (uint64_t)seen->measurement.loss);
    ts_records_put_word(records, (uint64_t)seen->measurement.position_loss);
    ts_records_put_count(records, seen->measurement.missed);
    ts_records_put_count(records, (uint64_t)seen->outcome + 1); /* none is -1 */
    ts_records_put_count(records, seen->steps);
}

static void put_waypoint(ts_records *records, const ts_waypoint *point) {
    ts_records_put_count(records, point->cell);
    ts_records_put_count(records, point->row);
    ts_records_put_count(records, point->neurons);
    ts_records_put_count(records, point->looks);
    ts_records_put_count(records, point->training.step);
    ts_records_put_count(records, point->training.halted);
    ts_records_put_word(records, (uint64_t)point->training.bias);
    ts_records_put_word(records, (uint64_t)point->training.drift);
    put_words(records, point->position, point->neurons);
    put_words(records, point->weight, point->neurons);
    for (uint32_t k = 0; k < point->looks; k++)
        put_seen(records, &point->seen[k]);
}

/* Those of one list that have not finished, and are for this process to keep, in records of a bounded length. */
static uint64_t put_list(const ts_sweep *sweep, const ts_underway *list, ts_records *records) {
    const uint64_t replicates = sweep->settings.replicates;
    uint64_t count = 0;
    bool open = false;
    for (size_t i = 0; i < list->count; i++) {
        const ts_waypoint *point = list->at[i];
        if (point->elsewhere || sweep->results.mark[point->cell * replicates + point->row] & TS_MARK_FINISHED)
            continue;
        if (!open)
            ts_records_begin(records, TS_RECORD_WAYPOINT, 0, records->count);
        open = true;
        put_waypoint(records, point);
        count++;
        if (records->size - records->open < RECORD_BYTES)
            continue;
        ts_records_end(records);
        open = false;
    }
    if (open)
        ts_records_end(records);
    return count;
}

/* Those with which the run began, and the later ones of the same trainings, which take their place when both are
 * restored. They come before the cells: of a training that ends meanwhile there are two answers then, of which its end
 * is the right one, and never none. */
static uint64_t take_waypoints(ts_sweep *sweep, ts_records *records) {
    uint64_t count = 0;
#pragma omp critical(ts_statistics)
    {
        ts_underway_settle(&sweep->reached, sweep->results.mark, sweep->settings.replicates);
#pragma omp critical(ts_underway)
        {
            count += put_list(sweep, &sweep->underway, records);
            count += put_list(sweep, &sweep->reached, records);
        }
    }
    return count;
}

void ts_snapshot_waypoints(ts_sweep *sweep, ts_records *records) {
    take_waypoints(sweep, records);
}

/* ---- trainings that have finished */

#define WORDS_OF_STATISTICS (sizeof(ts_statistics) / sizeof(uint64_t))
_Static_assert(sizeof(ts_statistics) == WORDS_OF_STATISTICS * sizeof(uint64_t), "statistics are 64-bit counts");

static uint64_t finished_of(const ts_statistics *statistics) {
    return statistics->outcome_count[0] + statistics->outcome_count[1] + statistics->outcome_count[2];
}

static void put_statistics(ts_records *records, const ts_statistics *statistics, size_t count) {
    uint64_t words[WORDS_OF_STATISTICS];
    for (size_t k = 0; k < count; k++) {
        memcpy(words, &statistics[k], sizeof words);
        ts_records_put_counts(records, words, WORDS_OF_STATISTICS);
    }
}

/* Of the trainings in the sums. The limits have their own records, from which their marks follow. */
static void put_marks(ts_records *records, const uint8_t *mark, size_t count) {
    uint8_t own[1024];
    for (size_t done = 0; done < count;) {
        const size_t some = count - done < sizeof own ? count - done : sizeof own;
        for (size_t r = 0; r < some; r++)
            own[r] = mark[done + r] & TS_MARK_ELSEWHERE ? 0 : mark[done + r] & (uint8_t)~TS_MARK_LIMIT_SUCCESS;
        ts_records_put_bytes(records, own, some);
        done += some;
    }
}

static void put_cell(const ts_sweep *sweep, size_t cell, ts_records *records) {
    const ts_results *results = &sweep->results;
    const size_t observations = sweep->observations.count, reach = results->reach[cell];
    ts_records_begin(records, TS_RECORD_CELL, (uint32_t)cell, 0);
    put_statistics(records, &results->statistics[cell], 1);
    if (observations > 0) {
        put_statistics(records, results->observed + cell * observations, observations);
        ts_records_put_counts(records, results->first_success + cell * observations, observations);
    }
    ts_records_put_count(records, reach);
    put_marks(records, results->mark + cell * sweep->settings.replicates, reach);
    ts_records_end(records);
}

/* Rows first .. end - 1, all of which have finished. */
typedef struct stretch {
    uint32_t cell;
    size_t first, end, neurons;
} stretch;

static void put_kept(const ts_kept *kept, const stretch *of, ts_records *records) {
    const size_t m = of->neurons;
    ts_records_begin(records, TS_RECORD_KEPT, of->cell, of->first);
    ts_records_put_count(records, of->end - of->first);
    for (size_t r = of->first; r < of->end; r++) {
        put_words(records, kept->position + r * m, m);
        put_words(records, kept->weight + r * m, m);
        put_words(records, &kept->bias[r], 1);
        put_words(records, &kept->loss[r], 1);
        put_words(records, &kept->position_loss[r], 1);
        ts_records_put_count(records, kept->missed[r]);
        ts_records_put_count(records, (uint64_t)kept->outcome[r] + 1); /* none is -1 */
    }
    ts_records_end(records);
}

/* Doubles as the words that they are. */
static void put_state(const ts_state *state, const stretch *of, ts_records *records) {
    const size_t m = of->neurons;
    ts_records_begin(records, TS_RECORD_STATE, of->cell, of->first);
    ts_records_put_count(records, of->end - of->first);
    for (size_t r = of->first; r < of->end; r++) {
        ts_records_put_count(records, state->step[r]);
        put_words(records, &state->position[r * m].fixed, m);
        put_words(records, &state->weight[r * m].fixed, m);
        put_words(records, &state->bias[r].fixed, 1);
        put_words(records, &state->drift[r], 1);
        ts_records_put_count(records, state->diverged[r]);
    }
    ts_records_end(records);
}

static bool is_here(uint8_t mark) {
    return (mark & (TS_MARK_FINISHED | TS_MARK_ELSEWHERE)) == TS_MARK_FINISHED;
}

/* Those that have ended since the last time. */
static void take_rows(ts_snapshot *snapshot, const ts_sweep *sweep, size_t cell, ts_records *records) {
    const size_t replicates = sweep->settings.replicates, reach = sweep->results.reach[cell];
    const size_t m = sweep->cells[cell].neurons, most = 1 + RECORD_BYTES / (16 * m + 32);
    const uint8_t *mark = sweep->results.mark + cell * replicates;
    uint8_t *taken = snapshot->kept + cell * replicates;
    for (size_t r = 0; r < reach; r++) {
        stretch of = {(uint32_t)cell, r, r, m};
        for (; of.end < reach && of.end - r < most && is_here(mark[of.end]) && !taken[of.end]; of.end++)
            taken[of.end] = 1;
        if (of.end == r)
            continue;
        if (sweep->results.kept)
            put_kept(&sweep->results.kept[cell], &of, records);
        if (sweep->results.state)
            put_state(&sweep->results.state[cell], &of, records);
        r = of.end - 1;
    }
}

static void take_cell(ts_snapshot *snapshot, const ts_sweep *sweep, size_t cell, ts_records *records) {
#pragma omp critical(ts_statistics)
    {
        const uint64_t count = finished_of(&sweep->results.statistics[cell]);
        snapshot->trainings += count;
        if (count != snapshot->finished[cell]) {
            put_cell(sweep, cell, records);
            if (snapshot->kept)
                take_rows(snapshot, sweep, cell, records);
        }
        snapshot->finished[cell] = count;
    }
}

/* ---- limits */

static uint32_t limit_at(const ts_limits *limits, size_t index) {
    uint32_t value;
#pragma omp atomic read
    value = limits->first_success[index];
    return value;
}

/* The starts of a piece. */
typedef struct starts {
    size_t column, first, count;
} starts;

static starts starts_of(const ts_limits *limits, size_t piece) {
    const size_t pieces = limit_pieces(limits), first = piece % pieces * PIECE_STARTS;
    const size_t left = limits->drawn_starts - first;
    return (starts){piece / pieces, first, left < PIECE_STARTS ? left : PIECE_STARTS};
}

static uint64_t count_known(const ts_limits *limits, const starts *of) {
    uint64_t known = 0;
    for (size_t i = 0; i < of->count; i++)
        known += limit_at(limits, of->column * limits->drawn_starts + of->first + i) != TS_LIMIT_UNKNOWN;
    return known;
}

/* Numbers are one more than they are: those that are not known yet become 0. */
static void take_limits(ts_snapshot *snapshot, const ts_limits *limits, size_t piece, ts_records *records) {
    const starts of = starts_of(limits, piece);
    const uint64_t known = count_known(limits, &of);
    snapshot->limits_all += known;
    if (known == snapshot->limits[piece])
        return;
    snapshot->limits[piece] = known; /* or more by now, and then it is taken again */
    ts_records_begin(records, TS_RECORD_LIMITS, (uint32_t)of.column, of.first);
    ts_records_put_count(records, of.count);
    for (size_t i = 0; i < of.count; i++) {
        const uint32_t value = limit_at(limits, of.column * limits->drawn_starts + of.first + i);
        ts_records_put_count(records, (uint32_t)(value + 1));
    }
    ts_records_end(records);
}

void ts_snapshot_assume(ts_snapshot *snapshot, const ts_sweep *sweep) {
    const ts_limits *limits = &sweep->limits;
    const size_t trainings = sweep->cell_count * sweep->settings.replicates;
    for (size_t cell = 0; cell < sweep->cell_count; cell++)
        snapshot->finished[cell] = finished_of(&sweep->results.statistics[cell]);
    for (size_t i = 0; snapshot->kept && i < trainings; i++)
        snapshot->kept[i] = is_here(sweep->results.mark[i]);
    for (size_t piece = 0; snapshot->limits && piece < limits->columns * limit_pieces(limits); piece++) {
        const starts of = starts_of(limits, piece);
        snapshot->limits[piece] = count_known(limits, &of);
    }
}

/* ---- all of it */

/* Step 0 is the waypoints, then come the cells, then the pieces of the limits. */
bool ts_snapshot_take(ts_snapshot *snapshot, ts_sweep *sweep, ts_records *records) {
    const size_t cells = sweep->cell_count;
    const size_t limits = snapshot->limits ? sweep->limits.columns * limit_pieces(&sweep->limits) : 0;
    ts_records_clear(records);
    if (snapshot->at == 0) {
        snapshot->trainings = snapshot->limits_all = 0;
        snapshot->waypoints = take_waypoints(sweep, records);
        snapshot->at = 1;
    }
    for (; snapshot->at <= cells + limits && records->size < PIECE_BYTES; snapshot->at++)
        if (snapshot->at <= cells)
            take_cell(snapshot, sweep, snapshot->at - 1, records);
        else
            take_limits(snapshot, &sweep->limits, snapshot->at - 1 - cells, records);
    const bool more = snapshot->at <= cells + limits;
    if (!more)
        snapshot->at = 0;
    return more;
}
