/* What the members of a team have, brought together. */
#include "base/fail.h"
#include "sweep/sweep.h"

#include <stdlib.h>
#include <string.h>

ts_status ts_team_agree(const ts_team *team, ts_status status, ts_error *error) {
    const ts_status agreed = team ? team->agree(team->context, status) : status;
    const bool is_fine = status == TS_OK || status == TS_INTERRUPTED;
    if (is_fine && agreed != TS_OK && agreed != TS_INTERRUPTED)
        return ts_fail(error, agreed, "", "%s", TS_TEAM_FAILED);
    return agreed;
}

/* ---- which trainings there are */

#define PIECE 8192 /* numbers that are brought together at a time */

/* How far the marks of each cell reach in any member. */
static void share_reach(const ts_team *team, uint32_t *reach, size_t cells) {
    uint32_t below[PIECE];
    for (size_t first = 0; first < cells; first += PIECE) {
        const size_t count = cells - first < PIECE ? cells - first : PIECE;
        for (size_t i = 0; i < count; i++)
            below[i] = ~reach[first + i];
        team->least(team->context, below, count);
#pragma omp critical(ts_statistics)
        for (size_t i = 0; i < count; i++)
            reach[first + i] = ~below[i];
    }
}

#define MARKS 65536 /* that are shared at a time */

/* A place among the marks of all cells, as far as they reach. */
typedef struct place {
    size_t cell;
    uint32_t row;
} place;

/* The mark at a place, which goes on to the next one; NULL behind the last. */
static uint8_t *next_mark(const ts_sweep *sweep, place *at) {
    while (at->cell < sweep->cell_count && at->row == sweep->results.reach[at->cell])
        *at = (place){at->cell + 1, 0};
    if (at->cell == sweep->cell_count)
        return NULL;
    return sweep->results.mark + at->cell * sweep->settings.replicates + at->row++;
}

/* Of the members' own trainings, some at a time, in a copy: somebody may be looking at the marks. */
static bool share_marks(ts_sweep *sweep, place *at) {
    uint8_t all[MARKS], *mark;
    size_t count = 0;
    place again = *at;
    while (count < MARKS && (mark = next_mark(sweep, at)))
        all[count++] = *mark & TS_MARK_ELSEWHERE ? 0 : *mark;
    sweep->team->unite(sweep->team->context, all, count);
#pragma omp critical(ts_statistics)
    for (size_t i = 0; i < count; i++) {
        mark = next_mark(sweep, &again);
        if ((all[i] & TS_MARK_FINISHED) && !(*mark & TS_MARK_FINISHED))
            *mark = (uint8_t)((*mark & TS_MARK_LIMIT_SUCCESS) | all[i] | TS_MARK_ELSEWHERE);
    }
    return count == MARKS;
}

void ts_sweep_share(ts_sweep *sweep) {
    place at = {0, 0};
    if (!sweep->team)
        return;
    share_reach(sweep->team, sweep->results.reach, sweep->cell_count);
    while (share_marks(sweep, &at))
        continue;
}

/* ---- what is known of them */

_Static_assert(sizeof(ts_statistics) % sizeof(uint64_t) == 0, "statistics are words");

static void add_statistics(const ts_team *team, ts_statistics *statistics, size_t count) {
    team->add(team->context, (uint64_t *)(void *)statistics, count * (sizeof *statistics / sizeof(uint64_t)));
    if (team->rank != 0)
        memset(statistics, 0, count * sizeof *statistics);
}

/* Numbers that all members but one have 0 for. */
static void add_words(const ts_team *team, int64_t *words, size_t count) {
    team->add(team->context, (uint64_t *)words, count);
}

static void add_missed(const ts_team *team, uint32_t *missed, size_t count) {
    uint64_t word[PIECE];
    for (size_t first = 0; first < count; first += PIECE) {
        const size_t of_piece = count - first < PIECE ? count - first : PIECE;
        for (size_t i = 0; i < of_piece; i++)
            word[i] = missed[first + i];
        team->add(team->context, word, of_piece);
        for (size_t i = 0; i < of_piece; i++)
            missed[first + i] = (uint32_t)word[i];
    }
}

static void forget(ts_kept *kept, size_t row, size_t m) {
    memset(kept->position + row * m, 0, m * sizeof *kept->position);
    memset(kept->weight + row * m, 0, m * sizeof *kept->weight);
    kept->bias[row] = kept->loss[row] = kept->position_loss[row] = 0;
    kept->missed[row] = 0;
}

/* Rows of trainings that a member has not run are 0 there. */
static void unite_kept(const ts_sweep *sweep, size_t cell) {
    const ts_team *team = sweep->team;
    ts_kept *kept = &sweep->results.kept[cell];
    const uint8_t *mark = sweep->results.mark + cell * sweep->settings.replicates;
    const size_t rows = sweep->results.reach[cell], m = sweep->cells[cell].neurons;
    for (size_t r = 0; r < rows; r++)
        if (mark[r] & TS_MARK_ELSEWHERE)
            forget(kept, r, m);
    add_words(team, kept->position, rows * m);
    add_words(team, kept->weight, rows * m);
    add_words(team, kept->bias, rows);
    add_words(team, kept->loss, rows);
    add_words(team, kept->position_loss, rows);
    add_missed(team, kept->missed, rows);
    for (size_t r = 0; r < rows; r++)
        kept->outcome[r] = (int8_t)ts_mark_outcome(mark[r]);
}

static void forget_state(ts_state *state, size_t row, size_t m) {
    memset(&state->position[row * m], 0, m * sizeof *state->position);
    memset(&state->weight[row * m], 0, m * sizeof *state->weight);
    memset(&state->bias[row], 0, sizeof *state->bias);
    state->drift[row] = 0;
    state->step[row] = 0;
}

/* As those. Doubles add up as words, too, since all but one are 0. */
static void unite_states(const ts_sweep *sweep, size_t cell) {
    const ts_team *team = sweep->team;
    ts_state *state = &sweep->results.state[cell];
    const size_t rows = sweep->results.reach[cell], m = sweep->cells[cell].neurons;
    const uint8_t *mark = sweep->results.mark + cell * sweep->settings.replicates;
    for (size_t r = 0; r < rows; r++)
        if (mark[r] & TS_MARK_ELSEWHERE)
            forget_state(state, r, m);
    add_words(team, &state->position->fixed, rows * m);
    add_words(team, &state->weight->fixed, rows * m);
    add_words(team, &state->bias->fixed, rows);
    add_words(team, state->drift, rows);
    team->add(team->context, state->step, rows);
    for (size_t r = 0; r < rows; r++)
        state->diverged[r] = mark[r] & TS_MARK_DIVERGED;
}

/* Member 0 has all trainings now, and the others have none. */
static void settle_marks(ts_sweep *sweep) {
    place at = {0, 0};
    for (uint8_t *mark; (mark = next_mark(sweep, &at));)
        if (sweep->team->rank == 0)
            *mark &= (uint8_t)~TS_MARK_ELSEWHERE;
        else if (*mark & TS_MARK_FINISHED)
            *mark |= TS_MARK_ELSEWHERE;
}

ts_status ts_sweep_unite(ts_sweep *sweep, ts_error *error) {
    const ts_team *team = sweep->team;
    ts_results *results = &sweep->results;
    const size_t cells = sweep->cell_count, observed = cells * sweep->observations.count;
    ts_sweep_share(sweep);
    const ts_status status = ts_team_agree(team, ts_results_grow(results, sweep, results->reach, error), error);
    if (status != TS_OK)
        return status;
    add_statistics(team, results->statistics, cells);
    if (observed > 0) {
        add_statistics(team, results->observed, observed);
        team->add(team->context, results->first_success, observed);
        if (team->rank != 0)
            memset(results->first_success, 0, observed * sizeof *results->first_success);
    }
    for (size_t cell = 0; results->kept && cell < cells; cell++)
        unite_kept(sweep, cell);
    for (size_t cell = 0; results->state && cell < cells; cell++)
        unite_states(sweep, cell);
    settle_marks(sweep);
    ts_sweep_settle(sweep);
    return TS_OK;
}
