/* Colours over two axes: the phase diagram with its edge epsilon -> 0, and the agreement with
 * that limit. */
#include "io/picture/boundary.h"
#include "io/picture/contour.h"
#include "io/picture/kinds.h"
#include "io/picture/page.h"
#include "io/picture/parameter.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#define BESIDE 89.28     /* points right of the plot, of which the colour box */
#define COLOUR_BOX 14.4  /* begins so far from the plot, */
#define COLOUR_NAME 72.0 /* and its name stands here */
#define TIME_NAME 6.0    /* and so far behind it where powers of ten are before it */
#define LAP 0.001        /* share of the axis by which cells lie over each other */

#define LEAST_MARKED 0.011 /* share of the axis that a cell has at least where cells are marked */

#define BAND_WIDTH 0.055 /* share of the axis of the band of the limit, left of the smallest epsilon, */
#define BAND_GAP 0.012   /* and of the gap between the two */

/* A value for each cell, in colours: between 0 and 1, or a time. */
typedef struct heat_map {
    const ts_result *result;
    bool is_time;                          /* in logarithms, the least in the colour of a success */
    double least, most;                    /* of the times */
    const char *empty_text;                /* what it means that a cell has no value */
    const double *values;                  /* [cells] */
    const double *limit_values;            /* [neurons] for the band, or NULL */
    const char *title, *value_name, *note; /* the note may be NULL */
    bool has_contour;                      /* at 0.5 */
    const ts_study *boundary;              /* to be drawn instead of it; NULL: none */
    ts_axis x, y;
    double low, band_high;   /* of the horizontal axis and of the band that begins there; without one they are equal */
    ts_boundary_marks marks; /* of the boundary */
    size_t contour_segments, empty_cells, few_cells, diverged_cells;
    double mark_size; /* of dots and crosses, in gnuplot's unit; 0: they would cover the cells */
} heat_map;

static bool is_empty(const heat_map *map, size_t cell) {
    return !(map->result->trainings[cell] > 0) || isnan(map->values[cell]);
}

static bool is_few(const heat_map *map, size_t cell) {
    return !is_empty(map, cell) && map->result->trainings[cell] < TS_FEW_TRAININGS;
}

/* A mark fits into the smallest cell. */
static double mark_size(const heat_map *map) {
    double share = 1;
    const ts_axis *axes[] = {&map->x, &map->y};
    for (size_t a = 0; a < 2; a++)
        for (size_t k = 0; k < axes[a]->count; k++)
            share =
                fmin(share, (axes[a]->edge[k + 1] - axes[a]->edge[k]) / (ts_axis_high(axes[a]) - ts_axis_low(axes[a])));
    return share < LEAST_MARKED ? 0 : fmin(0.6, 18 * share);
}

static bool map_build(heat_map *map) {
    const ts_result *result = map->result;
    if (!ts_picture_axis(&map->x, &result->axis[0]) || !ts_picture_axis(&map->y, &result->axis[1]))
        return false;
    if (map->boundary)
        map->marks = ts_boundary_marks_print(NULL, map->boundary, result, &map->x, &map->y);
    else if (map->has_contour)
        map->contour_segments = ts_contour_print(NULL, &map->x, &map->y, map->values, 0.5);
    for (size_t cell = 0; cell < ts_result_cells(result); cell++) {
        map->empty_cells += is_empty(map, cell);
        map->few_cells += is_few(map, cell);
        map->diverged_cells += ts_picture_all_diverged(result, cell);
    }
    map->mark_size = mark_size(map);
    map->low = map->band_high = ts_axis_low(&map->x);
    if (map->limit_values) {
        double share = (ts_axis_high(&map->x) - map->low) / (1 - BAND_WIDTH - BAND_GAP);
        map->band_high -= BAND_GAP * share;
        map->low = map->band_high - BAND_WIDTH * share;
    }
    return true;
}

/* The high edge of cell k, moved a hair under its neighbours, which are drawn later: no seam shows between them, nor
 * the paper through cells that are narrower than a pixel. */
static double lapped_edge(const ts_axis *axis, size_t k) {
    double low = ts_axis_low(axis), high = ts_axis_high(axis);
    return fmin(axis->edge[k + 1] + LAP * (high - low), high);
}

/* One line a cell: centre, its four edges, rate. */
static void print_cells(FILE *script, const heat_map *map, bool empty) {
    const ts_axis *x = &map->x, *y = &map->y;
    fprintf(script, "$%s << EOD\n", empty ? "empty" : "cells");
    for (size_t i = 0; i < x->count; i++)
        for (size_t j = 0; j < y->count; j++) {
            size_t cell = i * y->count + j;
            if (is_empty(map, cell) != empty)
                continue;
            double right = empty ? x->edge[i + 1] : lapped_edge(x, i);
            double upper = empty ? y->edge[j + 1] : lapped_edge(y, j);
            fprintf(script, "%.9g %.9g %.9g %.9g %.9g %.9g %.9g\n", x->centre[i], y->centre[j], x->edge[i], right,
                    y->edge[j], upper, empty ? 0 : map->values[cell]);
        }
    fputs("EOD\n", script);
}

static void print_few(FILE *script, const heat_map *map) {
    fputs("$few << EOD\n", script);
    for (size_t i = 0; i < map->x.count; i++)
        for (size_t j = 0; j < map->y.count; j++)
            if (is_few(map, i * map->y.count + j))
                fprintf(script, "%.9g %.9g\n", map->x.centre[i], map->y.centre[j]);
    for (size_t j = 0; map->limit_values && j < map->y.count; j++)
        if (map->result->limit_trainings[j] < TS_FEW_TRAININGS)
            fprintf(script, "%.9g %.9g\n", (map->low + map->band_high) / 2, map->y.centre[j]);
    fputs("EOD\n", script);
}

static void print_diverged(FILE *script, const heat_map *map) {
    fputs("$diverged << EOD\n", script);
    for (size_t i = 0; i < map->x.count; i++)
        for (size_t j = 0; j < map->y.count; j++)
            if (ts_picture_all_diverged(map->result, i * map->y.count + j))
                fprintf(script, "%.9g %.9g\n", map->x.centre[i], map->y.centre[j]);
    fputs("EOD\n", script);
}

/* The band, in the columns of print_cells. */
static void print_band(FILE *script, const heat_map *map) {
    const ts_axis *y = &map->y;
    fputs("$band << EOD\n", script);
    for (size_t j = 0; map->limit_values && j < y->count; j++)
        if (!isnan(map->limit_values[j]))
            fprintf(script, "%.9g %.9g %.9g %.9g %.9g %.9g %.9g\n", (map->low + map->band_high) / 2, y->centre[j],
                    map->low, map->band_high, y->edge[j], lapped_edge(y, j), map->limit_values[j]);
    fputs("EOD\n", script);
}

static void print_data(FILE *script, const heat_map *map) {
    print_cells(script, map, false);
    print_cells(script, map, true);
    print_few(script, map);
    print_diverged(script, map);
    print_band(script, map);
    fputs("$contour << EOD\n", script);
    if (map->contour_segments > 0)
        ts_contour_print(script, &map->x, &map->y, map->values, 0.5);
    fputs("EOD\n", script);
    if (map->boundary)
        ts_boundary_marks_print(script, map->boundary, map->result, &map->x, &map->y);
}

/* Below the band, on the line of the axis title: beside the ticks of epsilon there is no room. */
static void print_band_name(FILE *script, const heat_map *map, const ts_page *page) {
    double middle = (map->band_high - map->low) / 2 / (ts_axis_high(&map->x) - map->low);
    ts_page_text(script, "ε → 0", page->left + middle * (page->right - page->left),
                 page->bottom - 33.0 / TS_PAGE_HEIGHT, "center");
    fprintf(script, "set arrow from graph %.5f,0 to graph %.5f,-0.045 nohead front lc rgb '#000000' lw 1\n", middle,
            middle);
}

/* Of cells that are too small for a mark the legend tells the number; `words` has room for that. */
static void add_marks(ts_page *page, const heat_map *map, size_t cells, ts_symbol symbol, const char *what,
                      char words[96]) {
    if (cells == 0)
        return;
    if (map->mark_size > 0)
        snprintf(words, 96, "%s", what);
    else
        snprintf(words, 96, "in %zu of %zu cells: %s", cells, map->x.count * map->y.count, what);
    page->items[page->item_count++] = (ts_legend_item){map->mark_size > 0 ? symbol : TS_SYMBOL_NONE, words, NULL};
}

typedef struct legend_words {
    char few[96], diverged[96], law[128];
} legend_words;

static void add_legend(ts_page *page, const heat_map *map, legend_words *words) {
    if (map->contour_segments > 0)
        page->items[page->item_count++] = (ts_legend_item){TS_SYMBOL_CONTOUR, "50 per cent success", NULL};
    if (map->boundary)
        ts_boundary_marks_legend(page, map->boundary, &map->marks, words->law, sizeof words->law);
    add_marks(page, map, map->few_cells, TS_SYMBOL_DOT, "fewer than 16 trainings finished", words->few);
    add_marks(page, map, map->diverged_cells, TS_SYMBOL_LIGHT_CROSS, "every training diverged", words->diverged);
    if (map->empty_cells > 0)
        page->items[page->item_count++] = (ts_legend_item){TS_SYMBOL_EMPTY, map->empty_text, NULL};
}

/* Early is yellow, as success is. */
static void print_time_colours(FILE *script, const heat_map *map) {
    ts_ticks ticks;
    ts_ticks_logarithmic(&ticks, map->least, map->most, (ts_tick_room){.gap = 0.08});
    fprintf(script, "set palette negative\nset cbrange [%.9g:%.9g]\nset cbtics scale 0.5\n", map->least, map->most);
    ts_ticks_print(script, "cb", &ticks);
}

static void print_colour_box(FILE *script, const heat_map *map, const ts_page *page) {
    /* The palette is viridis (matplotlib, CC0) at nine points: even in lightness, and safe for colour-blind readers. */
    fputs("set palette defined (0 '#440154', 1 '#472d7b', 2 '#3b528b', 3 '#2c728e', 4 '#21918c', 5 '#28ae80', 6 "
          "'#5ec962', "
          "7 '#addc30', 8 '#fde725')\n",
          script);
    fprintf(script, "set colorbox vertical user origin screen %.5f,%.5f size screen 0.022,%.5f\n",
            page->right + ts_page_across(COLOUR_BOX), page->bottom, page->top - page->bottom);
    if (map->is_time)
        print_time_colours(script, map);
    else
        fputs("set cbrange [0:1]\nset cbtics 0,0.2,1 format '%.1f' scale 0.5\n", script);
    ts_page_upright(script, map->value_name, page->right + ts_page_across(COLOUR_NAME + (map->is_time ? TIME_NAME : 0)),
                    page->bottom, page->top);
}

/* A picture without a single training to judge by says so where it would be. */
static void print_message(FILE *script, const heat_map *map, const ts_page *page) {
    size_t cells = map->x.count * map->y.count;
    const char *message = NULL;
    if (map->empty_cells == cells)
        message = map->empty_text;
    else if (map->diverged_cells + map->empty_cells == cells)
        message = map->empty_cells > 0 ? "every training that finished diverged" : "every training diverged";
    if (message)
        ts_page_message(script, message, page->left, page->right, page->bottom, page->top);
}

static void print_axes(FILE *script, const heat_map *map, const ts_page *page, const ts_ticks *up) {
    const ts_axis *x = &map->x, *y = &map->y;
    ts_ticks ticks;
    fprintf(script, "set xrange [%.9g:%.9g]\nset yrange [%.9g:%.9g]\n", map->low, ts_axis_high(x), ts_axis_low(y),
            ts_axis_high(y));
    fputs("set tics out nomirror scale 0.7,0.4\n", script);
    ts_picture_ticks(&ticks, x, &map->result->axis[0], ts_page_room(page, 0.09));
    ts_ticks_print(script, "x", &ticks);
    ts_ticks_print(script, "y", up);
}

static void print_page(FILE *script, const heat_map *map) {
    const ts_result *result = map->result;
    ts_ticks up;
    legend_words words;
    char limit[128], note[1024], x_title[96], y_title[96], boundary[384] = "";
    ts_picture_axis_title(x_title, sizeof x_title, &map->x, &result->axis[0]);
    ts_picture_axis_title(y_title, sizeof y_title, &map->y, &result->axis[1]);
    ts_picture_limit_text(limit, sizeof limit, result);
    if (map->boundary)
        ts_boundary_marks_text(boundary, sizeof boundary, map->boundary, &map->marks);
    snprintf(note, sizeof note, "%s%s%s%s%s", map->note ? map->note : "", boundary[0] ? "\n" : "", boundary,
             map->limit_values ? "\nε → 0: " : "", map->limit_values ? limit : "");
    ts_picture_ticks(&up, &map->y, &result->axis[1], (ts_tick_room){.gap = 0.05});
    ts_page page = {.title = ts_page_title(result->title, map->title),
                    .caption = result->caption,
                    .note = note,
                    .x_title = x_title,
                    .y_title = y_title,
                    .y_labels = ts_ticks_width(&up),
                    .beside = BESIDE};
    add_legend(&page, map, &words);
    ts_page_begin(script, &page);
    print_colour_box(script, map, &page);
    if (map->limit_values)
        print_band_name(script, map, &page);
    print_axes(script, map, &page, &up);
    print_message(script, map, &page);
}

static void print_plot(FILE *script, const heat_map *map) {
    const char *before = "plot ";
    if (map->empty_cells < map->x.count * map->y.count) {
        fprintf(script, "%s$cells using 1:2:3:4:5:6:7 notitle with boxxyerror fs solid noborder fc palette", before);
        before = ", ";
    }
    if (map->limit_values && !isnan(map->limit_values[0])) {
        fprintf(script, "%s$band using 1:2:3:4:5:6:7 notitle with boxxyerror fs solid noborder fc palette", before);
        before = ", ";
    }
    if (map->empty_cells > 0) {
        fprintf(script, "%s$empty using 1:2:3:4:5:6 notitle with boxxyerror fs solid noborder fc rgb '#dddddd'",
                before);
        fputs(", $empty using 1:2:3:4:5:6 notitle with boxxyerror fs transparent pattern 4 noborder fc rgb '#777777'",
              script);
    }
    double size = map->mark_size;
    if (map->few_cells > 0 && size > 0) {
        fprintf(script, ", $few using 1:2 notitle with points pt %d ps %.3f lc rgb '#000000'", TS_POINT_DISC, size);
        fprintf(script, ", $few using 1:2 notitle with points pt %d ps %.3f lc rgb '#ffffff'", TS_POINT_DISC,
                0.6 * size);
    }
    if (map->diverged_cells > 0 && size > 0) {
        fprintf(script, ", $diverged using 1:2 notitle with points pt %d ps %.3f lw 3 lc rgb '#000000'", TS_POINT_CROSS,
                size);
        fprintf(script, ", $diverged using 1:2 notitle with points pt %d ps %.3f lw 1.2 lc rgb '#ffffff'",
                TS_POINT_CROSS, size);
    }
    if (map->contour_segments > 0) {
        fputs(", $contour using 1:2 notitle with lines lc rgb '#000000' lw 3.6", script);
        fputs(", $contour using 1:2 notitle with lines lc rgb '#ffffff' lw 1.8", script);
    }
    if (map->boundary)
        ts_boundary_marks_plot(script, &map->marks);
    fputs("\n", script);
}

static bool draw(FILE *script, heat_map *map) {
    bool built = map_build(map);
    if (built) {
        print_data(script, map);
        print_page(script, map);
        print_plot(script, map);
    }
    ts_axis_free(&map->x);
    ts_axis_free(&map->y);
    return built;
}

#define NONE_FINISHED "no training finished"

bool ts_picture_success(FILE *script, const void *view) {
    const ts_result_view *of = view;
    char note[384];
    snprintf(note, sizeof note, "%s%s", of->success.note, of->success.control);
    heat_map map = {.result = of->result,
                    .values = of->success.rate,
                    .limit_values = ts_picture_limit(of->result),
                    .title = "Phase diagram of convergence",
                    .value_name = of->success.name,
                    .note = note,
                    .empty_text = NONE_FINISHED,
                    .has_contour = true,
                    .boundary = of->boundary};
    return draw(script, &map);
}

bool ts_picture_agreement(FILE *script, const void *view) {
    const ts_result *result = ((const ts_result_view *)view)->result;
    heat_map map = {.result = result,
                    .values = result->limit_agreement,
                    .title = "Agreement with the limit ε → 0",
                    .value_name = "share of trainings that end as their limit",
                    .note = result->stops
                                ? "a training ends as its limit when both succeed by the horizon or neither does: a "
                                  "training stops when it does, and the loss of the limit ε → 0 never rises"
                                : "a training ends as its limit when both succeed or neither does; the limit ε → 0 "
                                  "from the same start, at the same slow time",
                    .empty_text = NONE_FINISHED};
    return draw(script, &map);
}

/* ---- on the way */

bool ts_picture_time_to_success(FILE *script, const void *view) {
    const ts_result *result = ((const ts_result_view *)view)->result;
    const ts_result_observations *seen = &result->observations;
    const size_t cells = ts_result_cells(result), first = seen->time[0] == 0 && seen->count > 1;
    double *values = malloc(cells * sizeof *values);
    char note[576], start[64], end[64];
    ts_picture_time_text(start, sizeof start, result, 0);
    ts_picture_time_text(end, sizeof end, result, seen->count - 1);
    snprintf(note, sizeof note,
             "%s; a cell has the first of %zu observations, from %s to %s, by which half of its trainings had been a "
             "success",
             ((const ts_result_view *)view)->success.note, seen->count, start, end);
    heat_map map = {.result = result,
                    .is_time = true,
                    .least = log10(fmax(seen->time[first], DBL_MIN)),
                    .most = log10(fmax(seen->time[seen->count - 1], DBL_MIN)),
                    .values = values,
                    .title = "Time to success",
                    .value_name = seen->clock == TS_CLOCK_STEPS       ? "median step of the first success"
                                  : seen->clock == TS_CLOCK_SLOW_TIME ? "median slow time of the first success"
                                                                      : "median fast time of the first success",
                    .note = note,
                    .empty_text = "fewer than half by the last observation"};
    double earliest = INFINITY, latest = -INFINITY;
    for (size_t cell = 0; values && cell < cells; cell++) {
        if (!(result->trainings[cell] > 0))
            map.empty_text = "fewer than half by the last observation, or none finished";
        const double time = ts_picture_median_time(result, cell);
        values[cell] = isnan(time) ? NAN : fmax(log10(time), map.least); /* a time of 0 is at the foot of the scale */
        earliest = fmin(earliest, values[cell]);
        latest = fmax(latest, values[cell]);
    }
    if (earliest < latest) { /* the colours are for what there is */
        map.least = earliest;
        map.most = latest;
    }
    ts_axis_widen(&map.least, &map.most, 0.1);
    const bool drawn = values && draw(script, &map);
    free(values);
    return drawn;
}

/* One frame: the success rate at an observation or, behind the last one, at the end. */
static bool print_frame(FILE *script, const ts_result_view *view, size_t k) {
    const ts_result *whole = view->result;
    const bool is_end = k == whole->observations.count;
    const ts_result at = is_end ? *whole : ts_result_at(whole, k);
    char when[64] = "the end", note[448];
    ts_success success;
    if (ts_picture_set_success(&success, &at, view->criterion, NULL) != TS_OK)
        return false;
    if (!is_end)
        ts_picture_time_text(when, sizeof when, whole, k);
    snprintf(note, sizeof note, "seen at %s; %s%s", when, success.note, success.control);
    heat_map map = {.result = &at,
                    .values = success.rate,
                    .title = "Phase diagram of convergence",
                    .value_name = success.name,
                    .note = note,
                    .empty_text = NONE_FINISHED,
                    .has_contour = true};
    const bool drawn = draw(script, &map);
    ts_page_printed(script);
    return drawn;
}

bool ts_picture_rising(FILE *script, const void *view) {
    const ts_result_view *of = view;
    bool drawn = true;
    for (size_t k = 0; drawn && k <= of->result->observations.count; k++)
        drawn = print_frame(script, of, k);
    return drawn;
}
