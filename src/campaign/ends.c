/* How single trainings ended, from a result file: their final states, and the words with which they can go on. */
#include "campaign/filling.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_BYTES ((size_t)1 << 22) /* of the largest variable, read at a time */

/* Room for `rows` replicates of one cell, each with as many neurons as the largest network of the file. */
typedef struct ends {
    size_t rows;
    double *numbers; /* [rows][neurons], or fewer */
    int64_t *words;  /* the same */
    int8_t *bytes;   /* [rows] */
} ends;

static const uint8_t *marks_of(const ts_filling *of, size_t cell) {
    return of->sweep->results.mark + cell * of->sweep->settings.replicates;
}

/* ---- final states: doubles that are the nearest ones of the integers; these are the nearest ones of the doubles */

static bool to_word(const ts_filling *of, const char *name, double value, int bits, int64_t *word) {
    const double scaled = ldexp(value, bits);
    if (!(fabs(scaled) < 0x1p63)) {
        ts_filling_refuse(of, name, "found a number that it cannot be");
        return false;
    }
    *word = llrint(scaled);
    return true;
}

/* Numbers of the trainings that have finished, of each of their neurons or one of each, from a variable. */
static bool fill_words(const ts_filling *of, const char *name, size_t cell, size_t first, size_t count, bool per_neuron,
                       int bits, ends *room, int64_t *words) {
    const size_t m = per_neuron ? of->sweep->cells[cell].neurons : 1, width = per_neuron ? of->neurons : 1;
    ts_filling_part part = ts_filling_rows(of, name, cell, first, count);
    if (per_neuron)
        ts_filling_along(&part, of->neuron, 0, of->neurons);
    if (!ts_filling_values(of, &part, room->numbers))
        return false;
    for (size_t r = 0; r < count; r++)
        for (size_t j = 0; marks_of(of, cell)[first + r] & TS_MARK_FINISHED && j < m; j++)
            if (!to_word(of, name, room->numbers[r * width + j], bits, &words[(first + r) * m + j]))
                return false;
    return true;
}

/* Losses of the trainings that have finished, which are NaN where they diverged. */
static bool fill_losses(const ts_filling *of, const char *name, size_t cell, size_t first, size_t count, ends *room,
                        int64_t *losses) {
    const ts_filling_part part = ts_filling_rows(of, name, cell, first, count);
    if (!ts_filling_values(of, &part, room->numbers))
        return false;
    for (size_t r = 0; r < count; r++) {
        const uint8_t mark = marks_of(of, cell)[first + r];
        const bool has_loss = mark & TS_MARK_FINISHED && !(mark & TS_MARK_DIVERGED);
        if (has_loss != (room->numbers[r] >= 0)) {
            ts_filling_refuse(of, name, "does not agree with how the trainings ended");
            return false;
        }
        if (has_loss && !to_word(of, name, room->numbers[r], 44, &losses[first + r]))
            return false;
    }
    return true;
}

static bool fill_missed(const ts_filling *of, size_t cell, size_t first, size_t count, ends *room, uint32_t *missed) {
    const ts_settings *settings = &of->sweep->settings;
    const int64_t jumps = (int64_t)(settings->dimension * settings->jump_count);
    ts_filling_part part = ts_filling_rows(of, "final_covered_jumps", cell, first, count);
    if (!ts_filling_whole(of, &part, room->words))
        return false;
    for (size_t r = 0; r < count; r++) {
        const uint8_t mark = marks_of(of, cell)[first + r];
        const bool is_told = mark & TS_MARK_FINISHED && !(mark & TS_MARK_DIVERGED);
        if (is_told ? room->words[r] < 0 || room->words[r] > jumps : room->words[r] != -1) {
            ts_filling_refuse(of, "final_covered_jumps", "does not agree with how the trainings ended");
            return false;
        }
        missed[first + r] = is_told ? (uint32_t)(jumps - room->words[r]) : 0;
    }
    return true;
}

static bool fill_kept(const ts_filling *of, size_t cell, size_t first, size_t count, ends *room) {
    ts_kept *kept = &of->sweep->results.kept[cell];
    for (size_t r = first; r < first + count; r++)
        kept->outcome[r] = (int8_t)ts_mark_outcome(marks_of(of, cell)[r]);
    return fill_words(of, "final_position", cell, first, count, true, 62, room, kept->position) &&
           fill_words(of, "final_weight", cell, first, count, true, 48, room, kept->weight) &&
           fill_words(of, "final_bias", cell, first, count, false, 48, room, kept->bias) &&
           fill_losses(of, "final_loss", cell, first, count, room, kept->loss) &&
           (of->covered_count == 0 ||
            (fill_losses(of, "final_position_loss", cell, first, count, room, kept->position_loss) &&
             fill_missed(of, cell, first, count, room, kept->missed)));
}

/* ---- states, word by word */

static bool read_words(const ts_filling *of, const char *name, size_t cell, size_t first, size_t count, ends *room) {
    const ts_filling_part part = ts_filling_rows(of, name, cell, first, count);
    return ts_filling_whole(of, &part, room->words);
}

static bool fill_numbers(const ts_filling *of, const char *name, size_t cell, size_t first, size_t count, ends *room,
                         ts_number *numbers) {
    const size_t m = of->sweep->cells[cell].neurons;
    ts_filling_part part = ts_filling_rows(of, name, cell, first, count);
    ts_filling_along(&part, of->neuron, 0, of->neurons);
    if (!ts_filling_whole(of, &part, room->words))
        return false;
    for (size_t r = 0; r < count; r++)
        memcpy(&numbers[(first + r) * m], &room->words[r * of->neurons], m * sizeof *numbers);
    return true;
}

#define LEAST_POSITION (-(INT64_C(1) << 61)) /* docs/numerics.md, step 7 */
#define MOST_POSITION (3 * (INT64_C(1) << 61))

/* Is a training where one can be in the integers of the model? Backends trust that no sum leaves 64 bits. */
static bool is_in_range(const ts_cell *cell, const ts_state *state, size_t row) {
    const size_t m = cell->neurons;
    double above = fmax((double)state->bias[row].fixed, 0), below = fmin((double)state->bias[row].fixed, 0);
    for (size_t j = row * m; j < (row + 1) * m; j++) {
        const double weight = (double)state->weight[j].fixed;
        above += fmax(weight, 0);
        below += fmin(weight, 0);
        if (state->position[j].fixed < LEAST_POSITION || state->position[j].fixed > MOST_POSITION)
            return false;
    }
    return above < 0x1p63 && below > -0x1p63 && state->drift[row] >= 0 && state->drift[row] <= cell->drift_limit;
}

static bool is_finite(const ts_cell *cell, const ts_state *state, size_t row) {
    const size_t m = cell->neurons;
    bool finite = isfinite(state->bias[row].real);
    for (size_t j = row * m; finite && j < (row + 1) * m; j++)
        finite = isfinite(state->position[j].real) && isfinite(state->weight[j].real);
    return finite;
}

/* Do steps and state of a training go with how it ended? `halted` is what the file says of that. */
static bool state_agrees(const ts_filling *of, size_t cell, size_t row, int64_t halted) {
    const ts_state *state = &of->sweep->results.state[cell];
    const ts_cell *constants = &of->sweep->cells[cell];
    const uint8_t mark = marks_of(of, cell)[row];
    const bool stops = of->sweep->settings.stop == TS_STOP_FIRST_SUCCESS;
    const bool is_early = state->step[row] < constants->steps, diverged = mark & TS_MARK_DIVERGED;
    if (!(mark & TS_MARK_FINISHED))
        return state->step[row] == 0 && halted == TS_NOT_HALTED;
    if (state->step[row] > constants->steps || (is_early && !diverged && !stops))
        return false;
    if (halted != (diverged ? TS_HALTED_DIVERGED : is_early ? TS_HALTED_SUCCESS : TS_NOT_HALTED))
        return false;
    return state->arithmetic == TS_FIXED_POINT ? is_in_range(constants, state, row)
                                               : diverged || is_finite(constants, state, row);
}

static bool check_states(const ts_filling *of, size_t cell, size_t first, size_t count, const int8_t *halted) {
    for (size_t r = 0; r < count; r++)
        if (!state_agrees(of, cell, first + r, halted[r])) {
            ts_filling_refuse(of, "state_step", "does not agree with how the trainings ended");
            return false;
        }
    return true;
}

static bool fill_states(const ts_filling *of, size_t cell, size_t first, size_t count, ends *room) {
    ts_state *state = &of->sweep->results.state[cell];
    ts_filling_part halted = ts_filling_rows(of, "state_halted", cell, first, count);
    state->arithmetic = of->sweep->arithmetic;
    if (!fill_numbers(of, "state_position", cell, first, count, room, state->position) ||
        !fill_numbers(of, "state_weight", cell, first, count, room, state->weight) ||
        !read_words(of, "state_bias", cell, first, count, room))
        return false;
    memcpy(state->bias + first, room->words, count * sizeof *state->bias);
    if (!read_words(of, "state_drift", cell, first, count, room))
        return false;
    memcpy(state->drift + first, room->words, count * sizeof *state->drift);
    if (!read_words(of, "state_step", cell, first, count, room))
        return false;
    memcpy(state->step + first, room->words, count * sizeof *state->step);
    for (size_t r = first; r < first + count; r++)
        state->diverged[r] = marks_of(of, cell)[r] & TS_MARK_DIVERGED;
    return ts_filling_bytes(of, &halted, room->bytes) && check_states(of, cell, first, count, room->bytes);
}

/* The steps of the trainings are those that their cell has counted. */
static void check_steps(const ts_filling *of, size_t cell, size_t rows) {
    const ts_state *state = &of->sweep->results.state[cell];
    uint64_t steps = 0;
    for (size_t r = 0; r < rows; r++)
        steps += state->step[r];
    if (steps != of->sweep->results.statistics[cell].training_steps)
        ts_filling_refuse(of, "state_step", "does not agree with training_steps");
}

/* ---- all trainings */

static void fill_cell(const ts_filling *of, size_t cell, size_t rows, ends *room) {
    const ts_results *results = &of->sweep->results;
    for (size_t first = 0; of->reader->status == TS_OK && first < rows; first += room->rows) {
        const size_t left = rows - first, count = left < room->rows ? left : room->rows;
        if ((!results->kept || fill_kept(of, cell, first, count, room)) && results->state)
            fill_states(of, cell, first, count, room);
    }
    if (of->reader->status == TS_OK && results->state)
        check_steps(of, cell, rows);
}

static bool allocate(ends *room, const ts_filling *of) {
    const size_t most = ROOM_BYTES / (of->neurons * sizeof(double));
    room->rows = most < 1 ? 1 : most < of->replicates ? most : of->replicates;
    room->numbers = malloc(room->rows * of->neurons * sizeof *room->numbers);
    room->words = malloc(room->rows * of->neurons * sizeof *room->words);
    room->bytes = malloc(room->rows);
    return room->numbers && room->words && room->bytes;
}

static void release(ends *room) {
    free(room->numbers);
    free(room->words);
    free(room->bytes);
}

bool ts_filling_ends(ts_filling *of) {
    ts_sweep *sweep = of->sweep;
    const uint32_t *reach = sweep->results.reach;
    ends room = {0};
    if (!allocate(&room, of))
        ts_reader_no_memory(of->reader);
    else if (ts_results_grow(&sweep->results, sweep, reach, of->reader->error) != TS_OK)
        of->reader->status = TS_FAILED;
    for (size_t cell = 0; of->reader->status == TS_OK && cell < sweep->cell_count; cell++)
        fill_cell(of, cell, reach[cell], &room);
    release(&room);
    return of->reader->status == TS_OK;
}
