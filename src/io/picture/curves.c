/* Success rate over one axis with its intervals: a curve for each value of the other, or for some of them. */
#include "io/picture/kinds.h"
#include "io/picture/page.h"
#include "io/picture/parameter.h"

#include <math.h>

#define MOST_CURVES 6
#define FEWEST_CURVES 4 /* where some are left out */
#define BESIDE 14.0     /* points right of the plot */
#define ASIDE                                                                                                          \
    0.07 /* of the narrowest cell: so far from each other stand the points of curves, so that bars are seen            \
          */

/* In order from dark to light; all are seen on white paper. */
static const char *const colours[MOST_CURVES] = {"#440154", "#443983", "#31688e", "#21918c", "#35b779", "#8fce3d"};

typedef struct curve_plot {
    const ts_result_view *view;
    ts_axis x;
    size_t count, row[MOST_CURVES]; /* [count] places on the other axis */
} curve_plot;

/* All values of the other axis or, where they are too many, some with as many between any two, if that leaves enough;
 * both ends are among them. */
static void choose_rows(curve_plot *plot) {
    const size_t all = plot->view->result->axis[1].count;
    size_t even = MOST_CURVES;
    while (even > FEWEST_CURVES && (all - 1) % (even - 1) != 0)
        even--;
    plot->count = all <= MOST_CURVES ? all : (all - 1) % (even - 1) == 0 ? even : MOST_CURVES;
    for (size_t k = 0; k < plot->count; k++)
        plot->row[k] = plot->count == 1 ? 0 : (k * (all - 1) + (plot->count - 1) / 2) / (plot->count - 1);
}

static size_t cell_of(const curve_plot *plot, size_t i, size_t k) {
    return i * plot->view->result->axis[1].count + plot->row[k];
}

/* How far the points of curve k stand right of their values. */
static double aside(const curve_plot *plot, size_t k) {
    double narrowest = ts_axis_high(&plot->x) - ts_axis_low(&plot->x);
    for (size_t i = 0; i < plot->x.count; i++)
        narrowest = fmin(narrowest, plot->x.edge[i + 1] - plot->x.edge[i]);
    return ASIDE * narrowest * ((double)k - (double)(plot->count - 1) / 2);
}

/* One line a value: place, rate, and the ends of its interval. */
static void print_data(FILE *script, const curve_plot *plot) {
    const ts_success *success = &plot->view->success;
    for (size_t k = 0; k < plot->count; k++) {
        fprintf(script, "$curve%zu << EOD\n", k);
        for (size_t i = 0; i < plot->x.count; i++) {
            const size_t cell = cell_of(plot, i, k);
            if (!isnan(success->rate[cell]))
                fprintf(script, "%.9g %.9g %.9g %.9g\n", plot->x.centre[i] + aside(plot, k), success->rate[cell],
                        success->low[cell], success->high[cell]);
        }
        fputs("nan nan nan nan\nEOD\n", script); /* a block may not be empty */
    }
}

/* Texts of the legend, which must live as long as the page is being printed. */
typedef struct legend_words {
    char text[MOST_CURVES][48], look[MOST_CURVES][48];
} legend_words;

static void add_legend(ts_page *page, const curve_plot *plot, legend_words *words) {
    for (size_t k = 0; k < plot->count; k++) {
        ts_picture_value_text(words->text[k], sizeof words->text[k], &plot->view->result->axis[1], plot->row[k], 4,
                              false);
        snprintf(words->look[k], sizeof words->look[k], "lc rgb '%s' lw 2", colours[k]);
        page->items[page->item_count++] = (ts_legend_item){TS_SYMBOL_LINE, words->text[k], words->look[k]};
    }
}

static void print_page(FILE *script, const curve_plot *plot) {
    const ts_result *result = plot->view->result;
    const ts_success *success = &plot->view->success;
    ts_ticks rates, ticks;
    legend_words words;
    char x_title[96], note[512], some[96] = "";
    ts_picture_axis_title(x_title, sizeof x_title, &plot->x, &result->axis[0]);
    ts_ticks_linear(&rates, 0, 1, (ts_tick_room){.gap = 0.1});
    if (plot->count < result->axis[1].count)
        snprintf(some, sizeof some, "; %zu of %zu values are drawn", plot->count, result->axis[1].count);
    snprintf(note, sizeof note, "%s%s; bars: %s, beside each other where curves meet%s", success->note,
             success->control, success->intervals, some);
    ts_page page = {.title = ts_page_title(result->title, success->name),
                    .caption = result->caption,
                    .note = note,
                    .x_title = x_title,
                    .y_title = success->name,
                    .y_labels = ts_ticks_width(&rates),
                    .beside = BESIDE};
    add_legend(&page, plot, &words);
    ts_page_begin(script, &page);
    fprintf(script, "set xrange [%.9g:%.9g]\nset yrange [-0.02:1.02]\n", ts_axis_low(&plot->x), ts_axis_high(&plot->x));
    fputs("set tics out nomirror scale 0.7,0.4\n", script);
    ts_picture_ticks(&ticks, &plot->x, &result->axis[0], ts_page_room(&page, 0.09));
    ts_ticks_print(script, "x", &ticks);
    ts_ticks_print(script, "y", &rates);
}

static void print_plot(FILE *script, const curve_plot *plot) {
    for (size_t k = 0; k < plot->count; k++) {
        fprintf(script, "%s$curve%zu using 1:2:3:4 notitle with yerrorbars pt %d ps 0.01 lc rgb '%s' lw 1",
                k == 0 ? "plot " : ", ", k, TS_POINT_DISC, colours[k]);
        fprintf(script, ", $curve%zu using 1:2 notitle with linespoints pt %d ps 0.5 lc rgb '%s' lw 2", k,
                TS_POINT_DISC, colours[k]);
    }
    fputs("\n", script);
}

bool ts_picture_curves(FILE *script, const void *view) {
    curve_plot plot = {.view = view};
    if (!ts_picture_axis(&plot.x, &plot.view->result->axis[0]))
        return false;
    choose_rows(&plot);
    print_data(script, &plot);
    print_page(script, &plot);
    print_plot(script, &plot);
    ts_axis_free(&plot.x);
    return true;
}
