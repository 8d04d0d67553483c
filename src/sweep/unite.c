/* What the members of a team have, brought together. */
#include "sweep/sweep.h"

#include <stdlib.h>
#include <string.h>

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

#define PIECE 1024

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

/* Rows of trainings that a member has not run are 0 there. */
static void unite_kept(const ts_sweep *sweep, size_t cell) {
    const ts_team *team = sweep->team;
    ts_kept *kept = &sweep->results.kept[cell];
    const size_t rows = kept->room, m = sweep->cells[cell].neurons;
    const uint8_t *mark = sweep->results.mark + cell * sweep->settings.replicates;
    add_words(team, kept->position, rows * m);
    add_words(team, kept->weight, rows * m);
    add_words(team, kept->bias, rows);
    add_words(team, kept->loss, rows);
    add_words(team, kept->position_loss, rows);
    add_missed(team, kept->missed, rows);
    for (size_t r = 0; r < rows; r++)
        kept->outcome[r] = (int8_t)ts_mark_outcome(mark[r]);
}

/* As those. Doubles add up as words, too, since all but one are 0. */
static void unite_states(const ts_sweep *sweep, size_t cell) {
    const ts_team *team = sweep->team;
    ts_state *state = &sweep->results.state[cell];
    const size_t rows = state->room, m = sweep->cells[cell].neurons;
    const uint8_t *mark = sweep->results.mark + cell * sweep->settings.replicates;
    add_words(team, &state->position->fixed, rows * m);
    add_words(team, &state->weight->fixed, rows * m);
    add_words(team, &state->bias->fixed, rows);
    add_words(team, state->drift, rows);
    team->add(team->context, state->step, rows);
    for (size_t r = 0; r < rows; r++)
        state->diverged[r] = mark[r] & TS_MARK_DIVERGED;
}

void ts_sweep_unite(ts_sweep *sweep) {
    const ts_team *team = sweep->team;
    ts_results *results = &sweep->results;
    const size_t cells = sweep->cell_count, observed = cells * sweep->observations.count;
    team->unite(team->context, results->mark, cells * sweep->settings.replicates);
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
}
