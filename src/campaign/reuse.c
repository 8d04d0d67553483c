#include "campaign/reuse.h"

#include "base/fail.h"
#include "campaign/holding.h"
#include "campaign/join.h"
#include "campaign/sameness.h"
#include "io/text.h"
#include "model/grid.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what cannot be used */

static void note(ts_reuse *reuse, uint64_t trainings, const char *words) {
    size_t k = 0;
    while (k < reuse->reasons && strcmp(reuse->reason[k].words, words) != 0)
        k++;
    if (k == TS_REUSE_REASONS)
        k--; /* there are not so many */
    if (k == reuse->reasons) {
        snprintf(reuse->reason[k].words, sizeof reuse->reason[k].words, "%s", words);
        reuse->reasons++;
    }
    reuse->reason[k].trainings += trainings;
}

static void note_key(ts_reuse *reuse, uint64_t trainings, const char *key) {
    char words[160];
    snprintf(words, sizeof words, "have another %s", key);
    note(reuse, trainings, words);
}

/* ---- which cells are meant */

/* Of a file beside a sweep: for each parameter, the place on the axis of the sweep of each value of the file. */
typedef struct matching {
    ts_sweep *sweep;
    const ts_sweep *file;
    size_t *place[TS_PARAMETER_COUNT]; /* [length in the file]; SIZE_MAX: the sweep does not have the value */
    ts_reuse *reuse;
} matching;

static bool match_values(matching *of, ts_parameter parameter) {
    const ts_settings *file = &of->file->settings, *sweep = &of->sweep->settings;
    const size_t count = ts_grid_length(file, parameter), most = ts_grid_length(sweep, parameter);
    size_t *place = of->place[parameter] = malloc(count * sizeof *place), next = 0;
    for (size_t i = 0; place && i < count; i++) { /* both ascend */
        const double value = ts_grid_value(file, parameter, i);
        while (next < most && ts_grid_value(sweep, parameter, next) < value)
            next++;
        place[i] = next < most && ts_grid_value(sweep, parameter, next) == value ? next : SIZE_MAX;
    }
    return place;
}

/* The cell of the sweep at the same place as cell `i` of the file. False: there is none, and *key is the parameter that
 * has no such value. */
static bool find_cell(const matching *of, size_t i, size_t *cell, const char **key) {
    size_t there[TS_PARAMETER_COUNT], here[TS_PARAMETER_COUNT];
    ts_grid_place(&of->file->settings, i, there);
    for (int p = 0; p < TS_PARAMETER_COUNT; p++) {
        here[p] = of->place[p][there[p]];
        *key = ts_parameters[p].name;
        if (here[p] == SIZE_MAX)
            return false;
    }
    *cell = ts_grid_cell(&of->sweep->settings, here);
    return true;
}

/* ---- what is taken */

typedef enum decision { LEAVE, TAKE, GO_ON } decision;

/* Of a cell of the file that differs from its cell in the sweep by the horizon alone. */
static decision decide_horizon(const matching *of, size_t i, size_t cell, uint64_t trainings) {
    if (of->file->cells[i].steps > of->sweep->cells[cell].steps)
        note_key(of->reuse, trainings, TS_HORIZON_KEY);
    else if (of->sweep->observations.count > 0)
        note(of->reuse, trainings,
             "have another " TS_HORIZON_KEY ", and what was seen of each on its way is not known");
    else if (!of->file->results.state)
        note(of->reuse, trainings,
             "have another " TS_HORIZON_KEY ", and their states were not kept (output.keep_states)");
    else
        return GO_ON;
    return LEAVE;
}

/* Of a cell of the file that is the same as its cell in the sweep. */
static decision decide_same(const matching *of, const ts_overlap *overlap) {
    const ts_results *file = &of->file->results;
    const ts_settings *settings = &of->sweep->settings;
    const uint64_t more = overlap->trainings - overlap->common;
    if (more == 0)
        return LEAVE;
    if (settings->keep_trainings && !file->kept)
        note(of->reuse, more, "have not kept their final states (output.keep_trainings)");
    else if (settings->keep_states && !file->state)
        note(of->reuse, more, "have not kept their states (output.keep_states)");
    else if (overlap->beyond > 0)
        note(of->reuse, more,
             "are of cells with more replicates than are asked for here, and sums cannot be taken apart");
    else if (overlap->common > 0)
        note(of->reuse, more, "are of cells of which some trainings are there already, and sums cannot be taken apart");
    else
        return TAKE;
    return LEAVE;
}

/* What becomes of the trainings of cell `i` of the file, and in which cell of the sweep. */
static decision decide(const matching *of, size_t i, size_t *cell, ts_overlap *overlap) {
    const char *key;
    const bool found = find_cell(of, i, cell, &key);
    *overlap = ts_join_overlap(of->file, i, of->sweep, found ? *cell : 0);
    if (overlap->trainings == 0)
        return LEAVE;
    if (found)
        key = ts_sameness_difference(of->file, i, of->sweep, *cell);
    if (!key)
        return decide_same(of, overlap);
    if (found && strcmp(key, TS_HORIZON_KEY) == 0)
        return decide_horizon(of, i, *cell, overlap->trainings);
    note_key(of->reuse, overlap->trainings, key);
    return LEAVE;
}

/* ---- trainings that go on */

/* One that diverged has ended for good, which is known when its turn comes. */
static ts_waypoint *waypoint_of(const ts_state *state, size_t m, uint32_t cell, uint32_t row) {
    ts_waypoint *point = ts_waypoint_create((uint32_t)m, 0);
    if (!point)
        return NULL;
    point->cell = cell;
    point->row = row;
    point->training = (ts_training){.step = state->step[row],
                                    .bias = state->bias[row].fixed,
                                    .drift = state->drift[row],
                                    .replicate = row,
                                    .halted = state->diverged[row] ? TS_HALTED_DIVERGED : TS_NOT_HALTED};
    memcpy(point->position, state->position + row * m, m * sizeof *point->position);
    memcpy(point->weight, state->weight + row * m, m * sizeof *point->weight);
    return point;
}

/* Trainings of cell `i` of the file stand where they ended. False: no memory. */
static bool go_on(const matching *of, size_t i, size_t cell) {
    ts_sweep *sweep = of->sweep;
    const uint8_t *there = of->file->results.mark + i * of->file->settings.replicates;
    const uint8_t *here = sweep->results.mark + cell * sweep->settings.replicates;
    uint64_t beyond = 0;
    for (uint32_t r = 0; r < of->file->results.reach[i]; r++) {
        const bool is_asked_for = r < sweep->settings.replicates;
        if (!(there[r] & TS_MARK_FINISHED) || (is_asked_for && here[r] & TS_MARK_FINISHED))
            continue;
        beyond += !is_asked_for;
        if (!is_asked_for)
            continue;
        ts_waypoint *point = waypoint_of(&of->file->results.state[i], sweep->cells[cell].neurons, (uint32_t)cell, r);
        if (!point)
            return false;
        ts_underway_put(&sweep->underway, point);
        of->reuse->going_on++;
    }
    if (beyond > 0)
        note(of->reuse, beyond, "are more replicates than are asked for here");
    sweep->arithmetic = of->file->arithmetic;
    return true;
}

/* ---- all of it */

/* What is decided of a cell of the file. */
typedef struct fate {
    decision decision;
    size_t cell;
} fate;

/* Make room for all that is taken before anything is: `reach` [cells of the sweep] is scratch, all 0. */
static ts_status make_room(const matching *of, fate *fates, uint32_t *reach, ts_error *error) {
    for (size_t i = 0; i < of->file->cell_count; i++) {
        ts_overlap overlap;
        fates[i].decision = decide(of, i, &fates[i].cell, &overlap);
        if (fates[i].decision != TAKE)
            continue;
        reach[fates[i].cell] = of->file->results.reach[i];
        of->reuse->taken += overlap.trainings;
    }
    return ts_results_grow(&of->sweep->results, of->sweep, reach, error);
}

static ts_status take_all(const matching *of, ts_error *error) {
    fate *fates = calloc(of->file->cell_count, sizeof *fates);
    uint32_t *reach = calloc(of->sweep->cell_count, sizeof *reach);
    ts_status status = TS_FAILED;
    bool enough = fates && reach;
    if (enough)
        status = make_room(of, fates, reach, error);
    for (size_t i = 0; status == TS_OK && i < of->file->cell_count; i++)
        if (fates[i].decision == TAKE)
            ts_join_cell(of->sweep, fates[i].cell, of->file, i);
    for (size_t i = 0; status == TS_OK && enough && i < of->file->cell_count; i++)
        if (fates[i].decision == GO_ON)
            enough = go_on(of, i, fates[i].cell);
    free(fates);
    free(reach);
    ts_sweep_settle(of->sweep);
    return enough ? status : ts_fail(error, TS_FAILED, "", "not enough memory for the trainings of a result");
}

static ts_status match(matching *of, ts_error *error) {
    bool enough = true;
    for (int p = 0; enough && p < TS_PARAMETER_COUNT; p++)
        enough = match_values(of, (ts_parameter)p);
    const ts_status status =
        enough ? take_all(of, error) : ts_fail(error, TS_FAILED, "", "not enough memory for the trainings of a result");
    for (int p = 0; p < TS_PARAMETER_COUNT; p++)
        free(of->place[p]);
    return status;
}

ts_status ts_reuse_file(ts_sweep *sweep, ts_arithmetic arithmetic, const char *path, ts_reuse *reuse, ts_error *error) {
    ts_holding holding;
    char words[160];
    *reuse = (ts_reuse){0};
    ts_status status = ts_holding_read(&holding, path, error);
    if (status == TS_OK)
        status = ts_sweep_prepare(sweep, error);
    if (status == TS_OK && !holding.sweep) {
        snprintf(words, sizeof words, "were computed with version %llu of the arithmetic, this program has version %d",
                 (unsigned long long)holding.arithmetic_version, TS_ARITHMETIC_VERSION);
        note(reuse, 0, words);
    } else if (status == TS_OK && holding.sweep->arithmetic != arithmetic) {
        snprintf(words, sizeof words, "were computed in %s, these are to be in %s",
                 ts_arithmetic_words[holding.sweep->arithmetic], ts_arithmetic_words[arithmetic]);
        note(reuse, holding.trainings, words);
    } else if (status == TS_OK) {
        matching of = {.sweep = sweep, .file = holding.sweep, .reuse = reuse};
        status = match(&of, error);
    }
    ts_holding_free(&holding);
    return status;
}

/* ---- in words */

static void append(char *text, size_t size, const char *separator, const char *words) {
    const size_t length = strlen(text);
    snprintf(text + length, size - length, "%s%s", length > 0 ? separator : "", words);
}

static void append_count(char *text, size_t size, const char *separator, uint64_t count, const char *words) {
    char part[224];
    snprintf(part, sizeof part, "%llu %s", (unsigned long long)count, words);
    append(text, size, separator, part);
}

void ts_reuse_print(char *text, size_t size, const ts_reuse *reuse) {
    text[0] = '\0';
    if (reuse->taken > 0)
        append_count(text, size, "", reuse->taken,
                     reuse->taken == 1 ? "training is taken over" : "trainings are taken over");
    if (reuse->going_on > 0)
        append_count(text, size, ", ", reuse->going_on,
                     reuse->going_on == 1 ? "training goes on from its end" : "trainings go on from their end");
    if (reuse->reasons == 0 && !text[0])
        append(text, size, "", "has nothing that is missing here");
    for (size_t k = 0; k < reuse->reasons; k++) {
        const ts_reuse_reason *reason = &reuse->reason[k];
        append(text, size, k == 0 ? "; " : ", ", k == 0 ? "not taken over: " : "");
        if (reason->trainings > 0)
            append_count(text, size, "", reason->trainings, "that ");
        else
            append(text, size, "", "all, which ");
        append(text, size, "", reason->words);
    }
}
