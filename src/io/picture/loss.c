/* Box plot of the final loss over one axis, at one value of the other. Losses are drawn by their decimal
 * logarithm. */
#include "io/picture/kinds.h"
#include "io/picture/levels.h"
#include "io/picture/page.h"
#include "io/picture/parameter.h"
#include "io/text.h"

#include <math.h>

#define LEAST_BESIDE 132.5 /* points right of the plot: the names of the two horizontal lines */

typedef struct box_plot {
    const ts_result *result;
    size_t row;
    ts_axis x;
    double low, high; /* ends of the loss axis, decimal logarithms */
    ts_levels levels;
    bool is_empty;   /* is there no loss that a logarithmic axis can show? */
    size_t missing;  /* boxes that are not there */
    size_t at_zero;  /* boxes that reach down to a loss of 0, */
    size_t all_zero; /* and those that are nothing else */
} box_plot;

static size_t cell_of(const box_plot *plot, size_t i) {
    return i * plot->result->axis[1].count + plot->row;
}

static double quantile(const box_plot *plot, const double *quantiles, size_t i) {
    return ts_picture_quantile(plot->result, quantiles, cell_of(plot, i));
}

static bool is_missing(const box_plot *plot, size_t i) {
    return isnan(plot->result->loss_median[cell_of(plot, i)]);
}

/* Widen the loss axis to a logarithm of a loss; a loss of 0 has none. */
static void widen(box_plot *plot, double value) {
    if (isfinite(value)) {
        plot->low = fmin(plot->low, value);
        plot->high = fmax(plot->high, value);
    }
}

static bool build(box_plot *plot) {
    const ts_result *result = plot->result;
    if (!ts_picture_axis(&plot->x, &result->axis[0]))
        return false;
    plot->low = INFINITY;
    plot->high = -INFINITY;
    const double floor = ts_picture_loss_floor(result, plot->row);
    plot->levels = ts_levels_of(floor, floor + result->unexplained_variance * result->target_variance);
    widen(plot, plot->levels.floor);
    widen(plot, plot->levels.success);
    for (size_t i = 0; i < plot->x.count; i++) {
        plot->missing += is_missing(plot, i);
        plot->at_zero += quantile(plot, result->loss_q05, i) == 0;
        plot->all_zero += quantile(plot, result->loss_q95, i) == 0;
        widen(plot, log10(quantile(plot, result->loss_q05, i)));
        widen(plot, log10(quantile(plot, result->loss_q95, i)));
    }
    plot->is_empty = plot->low > plot->high;
    if (plot->is_empty)
        plot->low = plot->high = 0;
    double margin = fmax(0.08 * (plot->high - plot->low), 0.1);
    plot->low -= margin;
    plot->high += margin;
    return true;
}

/* A logarithm that can be drawn: a loss of 0 is at the foot of the plot. */
static double drawn(const box_plot *plot, double loss) {
    return loss > 0 ? log10(loss) : plot->low;
}

/* Half of the width of a box: boxes of neighbours stay apart. */
static double half_width(const box_plot *plot) {
    double smallest = ts_axis_high(&plot->x) - ts_axis_low(&plot->x);
    double widest = 0.03 * smallest;
    for (size_t i = 0; i < plot->x.count; i++)
        smallest = fmin(smallest, plot->x.edge[i + 1] - plot->x.edge[i]);
    for (size_t i = 1; i < plot->x.count; i++)
        smallest = fmin(smallest, plot->x.centre[i] - plot->x.centre[i - 1]);
    return fmin(0.35 * smallest, widest);
}

/* One line a box: place, its two sides, and the five quantiles in ascending order. */
static void print_data(FILE *script, const box_plot *plot) {
    const ts_result *result = plot->result;
    double half = half_width(plot);
    fputs("$boxes << EOD\n", script);
    for (size_t i = 0; i < plot->x.count; i++) {
        double x = plot->x.centre[i];
        if (!is_missing(plot, i))
            fprintf(script, "%.9g %.9g %.9g %.9g %.9g %.9g %.9g %.9g\n", x, x - half, x + half,
                    drawn(plot, quantile(plot, result->loss_q05, i)), drawn(plot, quantile(plot, result->loss_q25, i)),
                    drawn(plot, quantile(plot, result->loss_median, i)),
                    drawn(plot, quantile(plot, result->loss_q75, i)), drawn(plot, quantile(plot, result->loss_q95, i)));
    }
    fputs("EOD\n$missing << EOD\n", script);
    for (size_t i = 0; i < plot->x.count; i++)
        if (is_missing(plot, i))
            fprintf(script, "%.9g %.9g\n", plot->x.centre[i], plot->low + 0.04 * (plot->high - plot->low));
    fputs("EOD\n", script);
}

static void add_legend(ts_page *page, const box_plot *plot) {
    if (plot->missing < plot->x.count)
        page->items[page->item_count++] =
            (ts_legend_item){TS_SYMBOL_BOX, "quartiles and median, whiskers at 5 and 95 per cent", NULL};
    if (plot->missing > 0)
        page->items[page->item_count++] =
            (ts_legend_item){TS_SYMBOL_CROSS, "all trainings diverged or did not finish", NULL};
}

/* Where there are only losses of 0, or none, the axis has nothing to tell. */
static void print_axes(FILE *script, const box_plot *plot, const ts_page *page, const ts_ticks *losses) {
    ts_ticks ticks;
    fprintf(script, "set xrange [%.9g:%.9g]\nset yrange [%.9g:%.9g]\n", ts_axis_low(&plot->x), ts_axis_high(&plot->x),
            plot->low, plot->high);
    fputs("set tics out nomirror scale 0.7,0.4\n", script);
    ts_picture_ticks(&ticks, &plot->x, &plot->result->axis[0], ts_page_room(page, 0.09));
    ts_ticks_print(script, "x", &ticks);
    ts_ticks_print(script, "y", losses);
}

static void print_message(FILE *script, const box_plot *plot, const ts_page *page) {
    const char *message = NULL;
    if (plot->missing == plot->x.count)
        message = "no final loss: all trainings diverged or did not finish";
    else if (plot->missing + plot->all_zero == plot->x.count)
        message = "every final loss is 0, which a logarithmic axis does not show";
    if (message)
        ts_page_message(script, message, page->left, page->right, page->bottom, page->top);
}

static void print_page(FILE *script, const box_plot *plot) {
    const ts_result *result = plot->result;
    ts_ticks losses = {0};
    char value[48], loss[96], note[256], x_title[96];
    ts_picture_axis_title(x_title, sizeof x_title, &plot->x, &result->axis[0]);
    ts_picture_value_text(value, sizeof value, &result->axis[1], plot->row, 6, false);
    snprintf(loss, sizeof loss, "%s at %s", ts_picture_loss_name(result), value);
    snprintf(note, sizeof note, "quantiles over the trainings that did not diverge%s%s",
             result->exact_quantiles ? "" : ", read off the histogram of the loss",
             plot->at_zero > 0 ? "; a loss of 0 is drawn at the foot of the plot" : "");
    if (!plot->is_empty)
        ts_ticks_logarithmic(&losses, plot->low, plot->high, (ts_tick_room){.gap = 0.06});
    ts_page page = {.title = ts_page_title(result->title,
                                           result->stops ? "Loss at the first success or the horizon" : "Final loss"),
                    .caption = result->caption,
                    .note = note,
                    .x_title = x_title,
                    .y_title = loss,
                    .y_labels = ts_ticks_width(&losses),
                    .beside = fmax(LEAST_BESIDE, ts_levels_beside(&plot->levels))};
    add_legend(&page, plot);
    ts_page_begin(script, &page);
    print_axes(script, plot, &page, &losses);
    ts_levels_print(script, &page, &plot->levels, plot->low, plot->high);
    print_message(script, plot, &page);
}

static void print_plot(FILE *script, const box_plot *plot) {
    static const char edge[] = "lc rgb '#1f4e79' lw 1.2";
    const char *before = "plot ";
    if (plot->missing < plot->x.count) {
        fprintf(script, "plot $boxes using 1:4:(0):($5-$4) notitle with vectors nohead %s", edge);
        fprintf(script, ", $boxes using 1:7:(0):($8-$7) notitle with vectors nohead %s", edge);
        fprintf(script, ", $boxes using (($1+$2)/2):4:($3-$1):(0) notitle with vectors nohead %s", edge);
        fprintf(script, ", $boxes using (($1+$2)/2):8:($3-$1):(0) notitle with vectors nohead %s", edge);
        fprintf(script, ", $boxes using 1:6:2:3:5:7 notitle with boxxyerror fs solid border lc rgb '#1f4e79' fc rgb "
                        "'#bdd7ee' lw 1.2");
        fputs(", $boxes using 2:6:($3-$2):(0) notitle with vectors nohead lc rgb '#b2182b' lw 2", script);
        before = ", ";
    }
    if (plot->missing > 0)
        fprintf(script, "%s$missing using 1:2 notitle with points pt %d ps 0.8 lw 1.5 lc rgb '#000000'", before,
                TS_POINT_CROSS);
    fputs("\n", script);
}

bool ts_picture_loss(FILE *script, const void *picture) {
    const ts_result_view *view = picture;
    box_plot plot = {.result = view->result, .row = view->row};
    bool built = build(&plot);
    if (built) {
        print_data(script, &plot);
        print_page(script, &plot);
        print_plot(script, &plot);
    }
    ts_axis_free(&plot.x);
    return built;
}
