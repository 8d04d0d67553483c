#include "sweep/portion.h"

#include <stdlib.h>

#define LARGEST_PIECE 32  /* rows: a warp, and some vectors */
#define PIECES_OF_PART 16 /* at least, where there are so many rows */

/* ---- what things cost */

/* Of one training, in a unit of its own: a step costs something for each neuron and something by itself. */
static double cost_of(const ts_cell *cell) {
    return (double)cell->steps * (cell->neurons + 16.0);
}

typedef struct costly {
    double cost;
    uint32_t index;
} costly;

/* Dear ones first. */
static int compare_dear(const void *left, const void *right) {
    const costly *a = left, *b = right;
    if (a->cost != b->cost)
        return a->cost < b->cost ? 1 : -1;
    return (a->index > b->index) - (a->index < b->index);
}

static int compare_cheap(const void *left, const void *right) {
    const costly *a = left, *b = right;
    if (a->cost != b->cost)
        return a->cost > b->cost ? 1 : -1;
    return (a->index > b->index) - (a->index < b->index);
}

/* ---- parts */

/* Rows of a piece: as many as leave enough pieces for each part, and none that is a large part of one. */
static uint32_t piece_rows(const ts_sweep *sweep, uint32_t parts) {
    const double rows = (double)sweep->settings.replicates;
    double total = 0, dearest = 0;
    for (size_t i = 0; i < sweep->cell_count; i++) {
        const double cost = cost_of(&sweep->cells[i]);
        total += cost * rows;
        dearest = cost > dearest ? cost : dearest;
    }
    uint32_t piece = LARGEST_PIECE;
    while (piece > 1 && ((double)sweep->cell_count * rows < (double)PIECES_OF_PART * piece * parts ||
                         dearest * piece * PIECES_OF_PART * parts > total))
        piece /= 2;
    return piece;
}

/* Rows [from, to) of a cell in pieces, as far as it has them. */
static void set_stretch(ts_portion *portion, int which, uint64_t from, uint64_t to, uint64_t rows) {
    from = from < rows ? from : rows;
    to = to < rows ? to : rows;
    portion->first[which] = (uint32_t)from;
    portion->count[which] = (uint32_t)(to - from);
}

/* Each part gets equally many pieces of a cell, one after the other; those that are left over go to the parts that
 * cost least so far. `load` [parts]. */
static void deal_cell(ts_portion *portion, uint64_t rows, uint64_t piece, double cost, uint32_t part, uint32_t parts,
                      costly *load) {
    const uint64_t pieces = (rows + piece - 1) / piece, each = pieces / parts, left = pieces % parts;
    set_stretch(portion, 0, each * part * piece, each * (part + 1) * piece, rows);
    set_stretch(portion, 1, 0, 0, rows);
    if (left == 0)
        return;
    qsort(load, parts, sizeof *load, compare_cheap);
    for (uint64_t k = 0; k < left; k++) {
        load[k].cost += cost * (double)piece;
        if (load[k].index == part)
            set_stretch(portion, 1, (each * parts + k) * piece, (each * parts + k + 1) * piece, rows);
    }
}

static bool deal(const ts_sweep *sweep, uint32_t part, uint32_t parts, ts_portion *portions) {
    const uint64_t rows = sweep->settings.replicates;
    const uint64_t piece = sweep->settings.half_width > 0 ? rows : piece_rows(sweep, parts);
    costly *order = malloc(sweep->cell_count * sizeof *order), *load = malloc(parts * sizeof *load);
    const bool enough = order && load;
    for (uint32_t k = 0; enough && k < parts; k++)
        load[k] = (costly){0, k};
    for (size_t i = 0; enough && i < sweep->cell_count; i++)
        order[i] = (costly){cost_of(&sweep->cells[i]), (uint32_t)i};
    if (enough)
        qsort(order, sweep->cell_count, sizeof *order, compare_dear);
    for (size_t i = 0; enough && i < sweep->cell_count; i++)
        deal_cell(&portions[order[i].index], rows, piece, order[i].cost, part, parts, load);
    free(order);
    free(load);
    return enough;
}

ts_portion *ts_portions_create(const ts_sweep *sweep, uint32_t part, uint32_t parts) {
    ts_portion *portions = calloc(sweep->cell_count, sizeof *portions);
    for (size_t i = 0; portions && parts == 0 && i < sweep->cell_count; i++)
        portions[i].count[0] = (uint32_t)sweep->settings.replicates;
    if (portions && parts > 0 && !deal(sweep, part - 1, parts, portions)) {
        free(portions);
        return NULL;
    }
    return portions;
}

/* Those of a stretch among the first `count`. */
static uint32_t stretch_rows(const ts_portion *portion, int which, uint32_t count) {
    const uint32_t first = portion->first[which];
    const uint32_t below = count > first ? count - first : 0;
    return below < portion->count[which] ? below : portion->count[which];
}

uint32_t ts_portion_rows(const ts_portion *portion, uint32_t count) {
    return stretch_rows(portion, 0, count) + stretch_rows(portion, 1, count);
}

uint64_t ts_portion_finished(const ts_portion *portion, const uint8_t *mark, uint32_t count) {
    uint64_t finished = 0;
    for (int which = 0; which < 2; which++)
        for (uint32_t r = 0; r < stretch_rows(portion, which, count); r++)
            finished += mark[portion->first[which] + r] & TS_MARK_FINISHED;
    return finished;
}

/* ---- what is missing */

static bool add_range(ts_ranges *ranges, size_t *room, ts_rows added) {
    if (ranges->count == *room) {
        *room = *room > 0 ? 2 * *room : 64;
        ts_rows *grown = realloc(ranges->range, *room * sizeof *grown);
        if (!grown)
            return false;
        ranges->range = grown;
    }
    ranges->range[ranges->count++] = added;
    return true;
}

/* All that is missing. */
typedef struct amount {
    double rows, cost;
} amount;

static amount missing_amount(const ts_sweep *sweep, const ts_portion *portions, const uint32_t *wanted) {
    amount all = {0};
    for (size_t i = 0; i < sweep->cell_count; i++) {
        const uint8_t *mark = sweep->results.mark + i * sweep->settings.replicates;
        const uint32_t reach = sweep->results.reach[i], there = wanted[i] < reach ? wanted[i] : reach;
        const uint64_t rows = ts_portion_rows(&portions[i], wanted[i]) - ts_portion_finished(&portions[i], mark, there);
        all.rows += (double)rows;
        all.cost += cost_of(&sweep->cells[i]) * (double)rows;
    }
    return all;
}

/* Of a piece of the cell: fewer where its trainings take long, or where there are few trainings at all. */
static uint32_t rows_of_piece(const ts_cell *cell, amount all, const ts_cut *cut) {
    const double pieces = (double)PIECES_OF_PART * cut->members;
    uint32_t least = cut->width, rows = LARGEST_PIECE;
    while (least > 1 && least * pieces > all.rows)
        least /= 2;
    while (rows > least && cost_of(cell) * rows * pieces > all.cost)
        rows /= 2;
    return rows;
}

/* The rows of a stretch that are missing, which are all those that nothing has reached. */
static bool add_missing(ts_ranges *ranges, size_t *room, const ts_sweep *sweep, ts_rows stretch, uint32_t most) {
    const uint8_t *mark = sweep->results.mark + stretch.cell * sweep->settings.replicates;
    const uint32_t end = stretch.first + stretch.count, reach = sweep->results.reach[stretch.cell];
    bool enough = true;
    for (uint32_t row = stretch.first, to; enough && row < end; row = to) {
        const bool missing = !(mark[row] & TS_MARK_FINISHED);
        const uint32_t piece = end - row < most - row % most ? end - row : most - row % most;
        for (to = row + 1; to < row + piece && to < reach && !(mark[to] & TS_MARK_FINISHED) == missing;)
            to++;
        if (to >= reach && missing)
            to = row + piece;
        if (missing)
            enough = add_range(ranges, room, (ts_rows){stretch.cell, row, to - row});
    }
    return enough;
}

bool ts_ranges_missing(ts_ranges *ranges, const ts_sweep *sweep, const ts_portion *portions, const uint32_t *wanted,
                       const ts_cut *cut) {
    const amount all = cut ? missing_amount(sweep, portions, wanted) : (amount){0};
    size_t room = 0;
    bool enough = true;
    *ranges = (ts_ranges){0};
    for (size_t cell = 0; cell < sweep->cell_count; cell++) {
        const uint32_t most = cut ? rows_of_piece(&sweep->cells[cell], all, cut) : UINT32_MAX;
        for (int which = 0; which < 2 && enough; which++) {
            const ts_rows stretch = {(uint32_t)cell, portions[cell].first[which],
                                     stretch_rows(&portions[cell], which, wanted[cell])};
            enough = add_missing(ranges, &room, sweep, stretch, most);
        }
    }
    if (!enough)
        ts_ranges_free(ranges);
    return enough;
}

void ts_ranges_free(ts_ranges *ranges) {
    free(ranges->range);
    *ranges = (ts_ranges){0};
}
