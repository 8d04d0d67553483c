/* The phase diagram: success rate over stepsize ratio and neuron count. */
#include "io/axis.h"
#include "io/contour.h"
#include "io/page.h"
#include "io/picture_kinds.h"

#include <math.h>
#include <stdlib.h>

#define PLOT_RIGHT 0.845 /* share of the page; the colour box stands behind */
#define LAP 0.001        /* share of the axis by which cells lie over each other */

/* The two axes and what the legend has to explain. */
typedef struct phase_diagram {
    const ts_result *result;
    ts_axis x, y;
    size_t contour_segments, empty_cells, few_cells;
} phase_diagram;

static bool is_empty(const ts_result *result, size_t cell) {
    return !(result->trainings[cell] > 0) || isnan(result->success_rate[cell]);
}

static bool is_few(const ts_result *result, size_t cell) {
    return !is_empty(result, cell) && result->trainings[cell] < TS_FEW_TRAININGS;
}

static bool diagram_build(phase_diagram *diagram, const ts_result *result) {
    diagram->result = result;
    bool geometric = ts_axis_looks_geometric(result->neurons, result->neurons_count);
    if (!ts_axis_build(&diagram->x, result->epsilon, result->epsilon_count, true) ||
        !ts_axis_build(&diagram->y, result->neurons, result->neurons_count, geometric))
        return false;
    diagram->contour_segments = ts_contour_print(NULL, &diagram->x, &diagram->y, result->success_rate, 0.5);
    for (size_t cell = 0; cell < result->epsilon_count * result->neurons_count; cell++) {
        diagram->empty_cells += is_empty(result, cell);
        diagram->few_cells += is_few(result, cell);
    }
    return true;
}

/* The high edge of cell k, moved a hair under its neighbour, which is drawn later: no seam shows between them. */
static double lapped_edge(const ts_axis *axis, size_t k) {
    if (k + 1 == axis->count)
        return axis->edge[k + 1];
    double hair = LAP * (ts_axis_high(axis) - ts_axis_low(axis));
    return fmin(axis->edge[k + 1] + hair, axis->centre[k + 1]);
}

/* One line a cell: centre, its four edges, rate. */
static void print_cells(FILE *script, const phase_diagram *diagram, bool empty) {
    const ts_axis *x = &diagram->x, *y = &diagram->y;
    fprintf(script, "$%s << EOD\n", empty ? "empty" : "cells");
    for (size_t i = 0; i < x->count; i++)
        for (size_t j = 0; j < y->count; j++) {
            size_t cell = i * y->count + j;
            if (is_empty(diagram->result, cell) != empty)
                continue;
            double right = empty ? x->edge[i + 1] : lapped_edge(x, i);
            double upper = empty ? y->edge[j + 1] : lapped_edge(y, j);
            fprintf(script, "%.9g %.9g %.9g %.9g %.9g %.9g %.9g\n", x->centre[i], y->centre[j], x->edge[i], right,
                    y->edge[j], upper, empty ? 0 : diagram->result->success_rate[cell]);
        }
    fputs("EOD\n", script);
}

static void print_few(FILE *script, const phase_diagram *diagram) {
    fputs("$few << EOD\n", script);
    for (size_t i = 0; i < diagram->x.count; i++)
        for (size_t j = 0; j < diagram->y.count; j++)
            if (is_few(diagram->result, i * diagram->y.count + j))
                fprintf(script, "%.9g %.9g\n", diagram->x.centre[i], diagram->y.centre[j]);
    fputs("EOD\n", script);
}

static void print_data(FILE *script, const phase_diagram *diagram) {
    print_cells(script, diagram, false);
    print_cells(script, diagram, true);
    print_few(script, diagram);
    fputs("$contour << EOD\n", script);
    ts_contour_print(script, &diagram->x, &diagram->y, diagram->result->success_rate, 0.5);
    fputs("EOD\n", script);
}

static void print_page(FILE *script, const phase_diagram *diagram) {
    const ts_result *result = diagram->result;
    ts_page page = {.title = result->title[0] != '\0' ? result->title : "Phase diagram of convergence",
                    .caption = result->caption,
                    .x_title = "stepsize ratio ε (inner/outer)",
                    .y_title = "neurons m",
                    .right = PLOT_RIGHT};
    if (diagram->contour_segments > 0)
        page.items[page.item_count++] = (ts_legend_item){TS_SYMBOL_CONTOUR, "50 per cent success", NULL};
    if (diagram->few_cells > 0)
        page.items[page.item_count++] = (ts_legend_item){TS_SYMBOL_DOT, "fewer than 16 trainings finished", NULL};
    if (diagram->empty_cells > 0)
        page.items[page.item_count++] = (ts_legend_item){TS_SYMBOL_EMPTY, "no training finished", NULL};
    ts_page_begin(script, &page);
    /* The palette is viridis (matplotlib, CC0) at nine points: even in lightness, and safe for colour-blind readers. */
    fputs("set palette defined (0 '#440154', 1 '#472d7b', 2 '#3b528b', 3 '#2c728e', 4 '#21918c', 5 '#28ae80', 6 "
          "'#5ec962', "
          "7 '#addc30', 8 '#fde725')\n",
          script);
    fprintf(script, "set colorbox vertical user origin screen %.5f,%.5f size screen 0.022,%.5f\n", PLOT_RIGHT + 0.025,
            page.bottom, page.top - page.bottom);
    fputs("set cbrange [0:1]\nset cbtics 0,0.2,1 format '%.1f' scale 0.5\n", script);
    ts_page_text(script, "success rate", 0.97, (page.bottom + page.top) / 2, "center rotate");
}

static void print_axes(FILE *script, const phase_diagram *diagram) {
    const ts_axis *x = &diagram->x, *y = &diagram->y;
    fprintf(script, "set xrange [%.9g:%.9g]\nset yrange [%.9g:%.9g]\n", ts_axis_low(x), ts_axis_high(x), ts_axis_low(y),
            ts_axis_high(y));
    fputs("set tics out nomirror scale 0.7,0.4\n", script);
    ts_axis_print_epsilon_ticks(script, x);
    ts_axis_print_value_ticks(script, "y", y, 0.05);
}

/* A dot fits into the smallest cell. */
static double dot_size(const phase_diagram *diagram) {
    double share = 1;
    const ts_axis *axes[] = {&diagram->x, &diagram->y};
    for (size_t a = 0; a < 2; a++)
        for (size_t k = 0; k < axes[a]->count; k++)
            share =
                fmin(share, (axes[a]->edge[k + 1] - axes[a]->edge[k]) / (ts_axis_high(axes[a]) - ts_axis_low(axes[a])));
    return fmin(0.6, fmax(0.2, 18 * share));
}

static void print_plot(FILE *script, const phase_diagram *diagram) {
    const char *before = "plot ";
    if (diagram->empty_cells < diagram->x.count * diagram->y.count) {
        fprintf(script, "%s$cells using 1:2:3:4:5:6:7 notitle with boxxyerror fs solid noborder fc palette", before);
        before = ", ";
    }
    if (diagram->empty_cells > 0) {
        fprintf(script, "%s$empty using 1:2:3:4:5:6 notitle with boxxyerror fs solid noborder fc rgb '#dddddd'",
                before);
        fputs(", $empty using 1:2:3:4:5:6 notitle with boxxyerror fs transparent pattern 4 noborder fc rgb '#777777'",
              script);
    }
    if (diagram->few_cells > 0) {
        double size = dot_size(diagram);
        fprintf(script, ", $few using 1:2 notitle with points pt %d ps %.3f lc rgb '#000000'", TS_POINT_DISC, size);
        fprintf(script, ", $few using 1:2 notitle with points pt %d ps %.3f lc rgb '#ffffff'", TS_POINT_DISC,
                0.6 * size);
    }
    if (diagram->contour_segments > 0) {
        fputs(", $contour using 1:2 notitle with lines lc rgb '#000000' lw 3.6", script);
        fputs(", $contour using 1:2 notitle with lines lc rgb '#ffffff' lw 1.8", script);
    }
    fputs("\n", script);
}

bool ts_picture_success(FILE *script, const ts_result *result) {
    phase_diagram diagram = {0};
    bool built = diagram_build(&diagram, result);
    if (built) {
        print_data(script, &diagram);
        print_page(script, &diagram);
        print_axes(script, &diagram);
        print_plot(script, &diagram);
    }
    ts_axis_free(&diagram.x);
    ts_axis_free(&diagram.y);
    return built;
}
