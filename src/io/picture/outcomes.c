/* How the trainings of the cells of one row ended, in shares that add up: a success, no success although every jump has
 * its neuron, a jump without one, diverged. */
#include "io/picture/kinds.h"
#include "io/picture/page.h"
#include "io/picture/parameter.h"

#include <math.h>
#include <stdio.h>

#define BESIDE 14.0 /* points right of the plot */
#define SHARES 4
#define LAP 0.001 /* share of the axis by which columns lie over each other, so that no seam shows */

/* From the foot of the plot upwards. */
static const struct {
    const char *text, *colour;
} kinds[SHARES] = {
    {"success", "#5ec962"},
    {"every jump has a neuron, the loss is too high", "#21918c"},
    {"a jump has no neuron", "#3b528b"},
    {"diverged", "#440154"},
};

typedef struct outcome_plot {
    const ts_result *result;
    size_t row;
    ts_axis x;
    size_t missing;     /* places without a finished training */
    bool found[SHARES]; /* is there any of a kind? */
} outcome_plot;

static size_t cell_of(const outcome_plot *plot, size_t i) {
    return i * plot->result->axis[1].count + plot->row;
}

static void fill_shares(const outcome_plot *plot, size_t cell, double share[SHARES]) {
    const ts_result *result = plot->result;
    const double all = result->trainings[cell], success = result->success_count[cell],
                 diverged = result->diverged_count[cell], covered = result->covered_failure_count[cell];
    share[0] = success / all;
    share[1] = covered / all;
    share[2] = (all - success - diverged - covered) / all;
    share[3] = diverged / all;
}

/* One line a cell: its place, its two sides, and where each share ends. */
static void print_data(FILE *script, outcome_plot *plot) {
    const double lap = LAP * (ts_axis_high(&plot->x) - ts_axis_low(&plot->x));
    fputs("$shares << EOD\n", script);
    for (size_t i = 0; i < plot->x.count; i++) {
        double share[SHARES], sum = 0;
        const size_t cell = cell_of(plot, i);
        if (!(plot->result->trainings[cell] > 0)) {
            plot->missing++;
            continue;
        }
        fill_shares(plot, cell, share);
        fprintf(script, "%.9g %.9g %.9g", plot->x.centre[i], plot->x.edge[i],
                fmin(plot->x.edge[i + 1] + lap, ts_axis_high(&plot->x)));
        for (int k = 0; k < SHARES; k++) {
            plot->found[k] |= share[k] > 0;
            fprintf(script, " %.9g", sum += share[k]);
        }
        fputc('\n', script);
    }
    fputs("nan nan nan nan nan nan nan\nEOD\n", script); /* a block may not be empty */
}

/* Texts of the legend, which must live as long as the page is being printed. */
typedef struct legend_words {
    char look[SHARES][48];
} legend_words;

/* In the order in which they lie above each other. */
static void add_legend(ts_page *page, const outcome_plot *plot, legend_words *words) {
    for (int k = 0; k < SHARES; k++) {
        if (!plot->found[k])
            continue;
        snprintf(words->look[k], sizeof words->look[k], "fs solid noborder fc rgb '%s'", kinds[k].colour);
        page->items[page->item_count++] = (ts_legend_item){TS_SYMBOL_AREA, kinds[k].text, words->look[k]};
    }
}

static void print_page(FILE *script, const outcome_plot *plot, const ts_success *success) {
    const ts_result *result = plot->result;
    ts_ticks shares, ticks;
    legend_words words;
    char value[48], y_title[80], x_title[96], note[512];
    ts_picture_axis_title(x_title, sizeof x_title, &plot->x, &result->axis[0]);
    ts_picture_value_text(value, sizeof value, &result->axis[1], plot->row, 4, false);
    snprintf(y_title, sizeof y_title, "share of the trainings at %s", value);
    snprintf(note, sizeof note, "%s; a jump has a neuron when one is within η/2 of it", success->note);
    ts_ticks_linear(&shares, 0, 1, (ts_tick_room){.gap = 0.1});
    ts_page page = {.title = ts_page_title(result->title, "How trainings end"),
                    .caption = result->caption,
                    .note = note,
                    .x_title = x_title,
                    .y_title = y_title,
                    .y_labels = ts_ticks_width(&shares),
                    .beside = BESIDE};
    add_legend(&page, plot, &words);
    ts_page_begin(script, &page);
    fprintf(script, "set xrange [%.9g:%.9g]\nset yrange [0:1]\n", ts_axis_low(&plot->x), ts_axis_high(&plot->x));
    fputs("set tics out nomirror scale 0.7,0.4\n", script);
    ts_picture_ticks(&ticks, &plot->x, &result->axis[0], ts_page_room(&page, 0.09));
    ts_ticks_print(script, "x", &ticks);
    ts_ticks_print(script, "y", &shares);
    if (plot->missing == plot->x.count)
        ts_page_message(script, "no training finished", page.left, page.right, page.bottom, page.top);
}

/* Each column from the foot of the plot, the largest first: what follows covers its lower part. */
static void print_plot(FILE *script) {
    for (int k = SHARES; k-- > 0;)
        fprintf(script, "%s$shares using 1:(0):2:3:(0):%d notitle with boxxyerror fs solid noborder fc rgb '%s'",
                k + 1 == SHARES ? "plot " : ", ", k + 4, kinds[k].colour);
    fputs("\n", script);
}

bool ts_picture_outcomes(FILE *script, const void *view) {
    const ts_result_view *of = view;
    outcome_plot plot = {.result = of->result, .row = of->row};
    if (!ts_picture_axis(&plot.x, &plot.result->axis[0]))
        return false;
    print_data(script, &plot);
    print_page(script, &plot, &of->success);
    print_plot(script);
    ts_axis_free(&plot.x);
    return true;
}
