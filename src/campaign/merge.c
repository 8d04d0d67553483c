#include "campaign/merge.h"

#include "base/fail.h"
#include "campaign/holding.h"
#include "campaign/join.h"
#include "io/text.h"
#include "model/grid.h"
#include "sweep/rounds.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Files that are being merged: the first `done` are in `merged`, and `holding` is what the next one has. */
typedef struct merging {
    ts_merged *merged;
    const char *const *paths; /* [count] */
    size_t count, done;
    ts_holding holding;
    ts_error *error;
} merging;

/* `path` as it stands in a message about two files. */
#define SHOWN 100

static void show(char text[SHOWN], const char *path) {
    const char *shown = ts_text_path(path);
    ts_text_show(text, SHOWN, shown, strlen(shown));
}

/* "epsilon = 0.1, neurons = 4" */
static void print_cell(char *text, size_t size, const ts_settings *settings, size_t cell) {
    size_t place[TS_PARAMETER_COUNT];
    ts_grid_place(settings, cell, place);
    text[0] = '\0';
    for (int p = 0; p < TS_PARAMETER_COUNT; p++) {
        const size_t length = strlen(text);
        char number[32];
        if (settings->axis[p].count == 0)
            continue;
        ts_text_number(number, sizeof number, settings->axis[p].values[place[p]], 6);
        snprintf(text + length, size - length, "%s%s = %s", length > 0 ? ", " : "", ts_parameters[p].name, number);
    }
}

/* "replicate 3", "replicates 3 to 7" */
static void print_replicates(char *text, size_t size, uint32_t first, uint32_t last) {
    if (first == last)
        snprintf(text, size, "replicate %" PRIu32, first);
    else
        snprintf(text, size, "replicates %" PRIu32 " to %" PRIu32, first, last);
}

/* ---- do they belong together? */

static ts_status check_version(const merging *of) {
    char path[SHOWN];
    show(path, of->paths[of->done]);
    if (of->holding.sweep)
        return TS_OK;
    return ts_fail(of->error, TS_INVALID, "",
                   "%s was computed with version %llu of the arithmetic, this program has version %d", path,
                   (unsigned long long)of->holding.arithmetic_version, TS_ARITHMETIC_VERSION);
}

static ts_status check_configuration(const merging *of) {
    char first[SHOWN], next[SHOWN], in_first[SHOWN + 4], in_next[SHOWN + 4], difference[400];
    const ts_sweep *a = of->merged->sweep, *b = of->holding.sweep;
    show(first, of->paths[0]);
    show(next, of->paths[of->done]);
    snprintf(in_first, sizeof in_first, "in %s", first);
    snprintf(in_next, sizeof in_next, "in %s", next);
    if (ts_settings_difference(&a->settings, in_first, &b->settings, in_next, difference, sizeof difference))
        return ts_fail(of->error, TS_INVALID, "", "the configurations differ: %s", difference);
    if (a->arithmetic != b->arithmetic)
        return ts_fail(of->error, TS_INVALID, "", "%s was computed in %s, %s in %s: they do not add up", first,
                       ts_arithmetic_words[a->arithmetic], next, ts_arithmetic_words[b->arithmetic]);
    return TS_OK;
}

/* The first file that has any of the trainings `first` to `last` of a cell that the next file has, too. */
static const char *find_owner(const merging *of, size_t cell) {
    for (size_t k = 0; k < of->done; k++) {
        ts_holding other;
        ts_error unseen;
        if (ts_holding_read(&other, of->paths[k], &unseen) != TS_OK)
            continue;
        const bool has = other.sweep && ts_join_overlap(of->holding.sweep, cell, other.sweep, cell).common > 0;
        ts_holding_free(&other);
        if (has)
            return of->paths[k];
    }
    return of->paths[0]; /* it has been changed meanwhile */
}

static ts_status check_overlap(const merging *of) {
    size_t cells = 0, first = 0;
    for (size_t i = of->merged->sweep->cell_count; i-- > 0;)
        if (ts_join_overlap(of->holding.sweep, i, of->merged->sweep, i).common > 0) {
            first = i;
            cells++;
        }
    if (cells == 0)
        return TS_OK;
    const ts_overlap overlap = ts_join_overlap(of->holding.sweep, first, of->merged->sweep, first);
    char owner[SHOWN], next[SHOWN], cell[120], replicates[64], more[64] = "";
    show(owner, find_owner(of, first));
    show(next, of->paths[of->done]);
    print_cell(cell, sizeof cell, &of->merged->sweep->settings, first);
    print_replicates(replicates, sizeof replicates, overlap.first, overlap.last);
    if (cells > 1)
        snprintf(more, sizeof more, ", and trainings of %zu more cell%s", cells - 1, cells == 2 ? "" : "s");
    return ts_fail(of->error, TS_INVALID, "", "%s and %s both have %s%s of the cell at %s%s: they would count twice",
                   owner, next, overlap.common <= overlap.last - overlap.first ? "some of " : "", replicates, cell,
                   more);
}

/* ---- adding */

static bool same_limits(const ts_sweep *a, const ts_sweep *b) {
    const size_t columns = a->limits.columns * sizeof(uint64_t), cells = a->cell_count * sizeof(uint64_t);
    return memcmp(a->limits.success_count, b->limits.success_count, columns) == 0 &&
           memcmp(a->limits.horizon_success_count, b->limits.horizon_success_count, columns) == 0 &&
           memcmp(a->limits.end_success_count, b->limits.end_success_count, cells) == 0;
}

/* Each file has all limits, unless its run was stopped before it knew them. */
static ts_status add_limits(const merging *of) {
    ts_sweep *to = of->merged->sweep;
    const ts_sweep *from = of->holding.sweep;
    const size_t trainings = to->cell_count * to->settings.replicates;
    char path[SHOWN];
    show(path, of->paths[of->done]);
    for (size_t k = 0; k < trainings; k++)
        to->results.mark[k] |= from->results.mark[k] & TS_MARK_LIMIT_SUCCESS;
    if (from->limits.starts == 0)
        return TS_OK;
    if (to->limits.starts > 0)
        return same_limits(to, from)
                   ? TS_OK
                   : ts_fail(of->error, TS_INVALID, "",
                             "%s has other limits than the files before it: one of them is damaged", path);
    to->limits.starts = from->limits.starts;
    memcpy(to->limits.success_count, from->limits.success_count, to->limits.columns * sizeof(uint64_t));
    memcpy(to->limits.horizon_success_count, from->limits.horizon_success_count, to->limits.columns * sizeof(uint64_t));
    memcpy(to->limits.end_success_count, from->limits.end_success_count, to->cell_count * sizeof(uint64_t));
    return TS_OK;
}

/* Of two ways to write the same configuration, the first in order. */
static void choose_text(merging *of) {
    if (strcmp(of->holding.config.text, of->merged->config.text) >= 0)
        return;
    const ts_config chosen = of->holding.config;
    of->holding.config = of->merged->config;
    of->merged->config = chosen;
}

static ts_status add_trainings(merging *of) {
    ts_sweep *to = of->merged->sweep;
    ts_status status = ts_results_grow(&to->results, to, of->holding.sweep->results.reach, of->error);
    if (status == TS_OK && to->settings.theory)
        status = add_limits(of);
    if (status == TS_OK && !ts_making_add(&of->merged->making, &of->holding.making))
        status = ts_fail(of->error, TS_FAILED, "", "not enough memory to merge results");
    for (size_t i = 0; status == TS_OK && i < to->cell_count; i++)
        ts_join_cell(to, i, of->holding.sweep, i);
    of->merged->trainings += of->holding.trainings;
    return status;
}

/* The first file is what the others are added to. */
static void begin(merging *of) {
    ts_merged *merged = of->merged;
    merged->config = of->holding.config;
    merged->sweep = of->holding.sweep;
    merged->making = of->holding.making;
    merged->trainings = of->holding.trainings;
    of->holding = (ts_holding){0};
}

static ts_status add_file(merging *of) {
    ts_status status = ts_holding_read(&of->holding, of->paths[of->done], of->error);
    if (status == TS_OK)
        status = check_version(of);
    if (status == TS_OK && of->done == 0) {
        begin(of);
    } else if (status == TS_OK) {
        status = check_configuration(of);
        if (status == TS_OK)
            status = check_overlap(of);
        if (status == TS_OK)
            status = add_trainings(of);
        if (status == TS_OK)
            choose_text(of);
    }
    ts_holding_free(&of->holding);
    of->done++;
    return status;
}

ts_status ts_merge_files(ts_merged *merged, const char *const *paths, size_t count, ts_error *error) {
    merging of = {.merged = merged, .paths = paths, .count = count, .error = error};
    ts_status status = TS_OK;
    *merged = (ts_merged){0};
    while (status == TS_OK && of.done < count)
        status = add_file(&of);
    if (status == TS_OK) {
        ts_sweep_settle(merged->sweep);
        merged->lacks_limits = merged->sweep->settings.theory && merged->sweep->limits.starts == 0;
        if (!merged->lacks_limits && !ts_rounds_missing(&merged->missing, merged->sweep))
            status = ts_fail(error, TS_FAILED, "", "not enough memory to merge results");
    }
    if (status != TS_OK)
        ts_merged_free(merged);
    return status;
}

void ts_merged_free(ts_merged *merged) {
    ts_ranges_free(&merged->missing);
    ts_sweep_destroy(merged->sweep);
    ts_config_free(&merged->config);
    ts_making_free(&merged->making);
    *merged = (ts_merged){0};
}

/* ---- what is missing */

bool ts_merged_is_complete(const ts_merged *merged) {
    return merged->missing.count == 0 && !merged->lacks_limits;
}

void ts_merged_print_missing(char *text, size_t size, const ts_merged *merged) {
    uint64_t trainings = 0;
    size_t cells = 0;
    char cell[120], replicates[64];
    for (size_t k = 0; k < merged->missing.count; k++) {
        trainings += merged->missing.range[k].count;
        cells += k == 0 || merged->missing.range[k].cell != merged->missing.range[k - 1].cell;
    }
    if (merged->lacks_limits)
        snprintf(text, size, "the limits are missing");
    else if (trainings == 0)
        snprintf(text, size, "nothing is missing");
    else {
        const ts_rows *first = &merged->missing.range[0];
        print_cell(cell, sizeof cell, &merged->sweep->settings, first->cell);
        print_replicates(replicates, sizeof replicates, first->first, first->first + first->count - 1);
        snprintf(text, size, "%llu training%s of %zu cell%s %s missing, the first are %s at %s",
                 (unsigned long long)trainings, trainings == 1 ? "" : "s", cells, cells == 1 ? "" : "s",
                 trainings == 1 ? "is" : "are", replicates, cell);
    }
}
