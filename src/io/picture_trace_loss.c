/* Loss against steps, of all trainings of a trace and of their limits. Losses are drawn by their decimal logarithm. */
#include "io/axis.h"
#include "io/picture_trace.h"
#include "io/text.h"

#include <math.h>
#include <stdlib.h>

#define MOST_POINTS 1500 /* of a curve */
#define FEW 6            /* trainings that have a colour each */
#define TOP_AXIS 22.0    /* points */

/* Told apart by colour-blind readers, too (Okabe and Ito). */
static const char *const colours[FEW] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"};

typedef struct loss_picture {
    const ts_trace_file *file;
    double low, high; /* of the loss, decimal logarithms */
    double floor;     /* decimal logarithm; not finite when there is none */
} loss_picture;

static bool is_few(const loss_picture *picture) {
    return picture->file->data.trainings <= FEW;
}

static void widen(loss_picture *picture, const double *losses, size_t count) {
    for (size_t at = 0; at < count; at++)
        if (losses[at] > 0 && isfinite(losses[at])) {
            picture->low = fmin(picture->low, log10(losses[at]));
            picture->high = fmax(picture->high, log10(losses[at]));
        }
}

/* The limit may reach a loss of 0: the axis ends below the trainings and their floor, and the limit goes down to it. */
static void set_range(loss_picture *picture) {
    const ts_trace_data *data = &picture->file->data;
    picture->low = HUGE_VAL;
    picture->high = -HUGE_VAL;
    widen(picture, data->loss, data->trainings * data->times);
    picture->floor = log10(picture->file->loss_floor);
    if (isfinite(picture->floor))
        picture->low = fmin(picture->low, picture->floor);
    const double low = picture->low;
    widen(picture, data->limit_loss, data->trainings * data->times);
    picture->low = low < HUGE_VAL ? low : picture->low;
    if (!(picture->low < picture->high)) {
        picture->low = isfinite(picture->low) ? picture->low - 0.5 : -1;
        picture->high = picture->low + 1;
    }
    const double margin = 0.07 * (picture->high - picture->low);
    picture->low -= 1.5 * margin;
    picture->high += margin;
}

/* Step and logarithm of the loss; a loss of 0 lies below the axis. */
static void print_curve(FILE *script, const loss_picture *picture, const double *losses) {
    const ts_trace_data *data = &picture->file->data;
    const size_t stride = ts_trace_stride(data->times, MOST_POINTS);
    for (size_t k = 0; k < data->times; k++)
        if ((k % stride == 0 || k + 1 == data->times) && !isnan(losses[k]))
            fprintf(script, "%.17g %.6g\n", (double)data->step[k],
                    losses[k] > 0 ? log10(losses[k]) : picture->low - 10);
}

static void print_data(FILE *script, const loss_picture *picture) {
    const ts_trace_data *data = &picture->file->data;
    for (size_t i = 0; i < data->trainings; i++) {
        fprintf(script, "$sgd%zu << EOD\n", i);
        print_curve(script, picture, data->loss + ts_trace_at(data, i, 0, 1));
        fprintf(script, "EOD\n$limit%zu << EOD\n", i);
        print_curve(script, picture, data->limit_loss + ts_trace_at(data, i, 0, 1));
        fputs("EOD\n", script);
    }
}

static void print_floor(FILE *script, const ts_page *page, const loss_picture *picture) {
    char number[32], text[64];
    if (!isfinite(picture->floor))
        return;
    ts_text_number(number, sizeof number, picture->file->loss_floor, 3);
    snprintf(text, sizeof text, "loss floor %s", number);
    fprintf(script,
            "set arrow from graph 0, first %.9g to graph 1, first %.9g nohead back lc rgb '#555555' lw 1 dt (2,3)\n",
            picture->floor, picture->floor);
    const double share = (picture->floor - picture->low) / (picture->high - picture->low);
    ts_page_text(script, text, page->right + 0.012, page->bottom + share * (page->top - page->bottom),
                 "left font ',9.5' textcolor rgb '#333333'");
}

/* Looks of the legend, which must live as long as the page is being printed. */
typedef struct legend_words {
    char text[FEW][32], look[FEW][64];
} legend_words;

static void add_legend(ts_page *page, const loss_picture *picture, legend_words *words) {
    const ts_trace_data *data = &picture->file->data;
    for (size_t i = 0; is_few(picture) && i < data->trainings; i++) {
        snprintf(words->text[i], sizeof words->text[i], "replicate %u", data->replicate[i]);
        snprintf(words->look[i], sizeof words->look[i], "lc rgb '%s' lw 1.6", colours[i]);
        page->items[page->item_count++] = (ts_legend_item){TS_SYMBOL_LINE, words->text[i], words->look[i]};
    }
    if (!is_few(picture))
        page->items[page->item_count++] = (ts_legend_item){TS_SYMBOL_LINE, "trainings", TS_LOOK_NETWORK};
    page->items[page->item_count++] = (ts_legend_item){
        TS_SYMBOL_LINE, "two-timescale limit", is_few(picture) ? "lc rgb '#000000' lw 1.2 dt (7,4)" : TS_LOOK_LIMIT};
}

static void print_page(FILE *script, const loss_picture *picture) {
    const ts_trace_file *file = picture->file;
    const double last = (double)file->data.step[file->data.times - 1],
                 slow = file->data.slow_time[file->data.times - 1];
    legend_words words;
    ts_page page = {.title = file->title[0] != '\0' ? file->title : "Loss over time",
                    .caption = file->caption,
                    .x_title = "step",
                    .y_title = "loss",
                    .right = 0.85};
    add_legend(&page, picture, &words);
    ts_page_begin(script, &page);
    page.top -= ts_page_up(TOP_AXIS);
    ts_page_panel(script, page.left, page.right, page.bottom, page.top);
    ts_page_text(script, "slow time", page.right + ts_page_across(24), page.top + ts_page_up(15), "left");
    fprintf(script, "set xrange [0:%.17g]\nset x2range [0:%.17g]\nset yrange [%.9g:%.9g]\n", last, slow, picture->low,
            picture->high);
    fputs("set tics out nomirror scale 0.7,0.4\n", script);
    ts_axis_print_linear_ticks(script, "x", 0, last, 0.12);
    ts_axis_print_linear_ticks(script, "x2", 0, slow, 0.12);
    ts_axis_print_log_ticks(script, "y", picture->low, picture->high, 0.06);
    print_floor(script, &page, picture);
}

static void print_plot(FILE *script, const loss_picture *picture) {
    for (size_t i = 0; i < picture->file->data.trainings; i++) {
        const char *before = i == 0 ? "plot " : ", ";
        if (is_few(picture))
            fprintf(script, "%s$limit%zu using 1:2 notitle with lines lc rgb '%s' lw 1.2 dt (7,4)", before, i,
                    colours[i]);
        else
            fprintf(script, "%s$limit%zu using 1:2 notitle with lines lc rgb '#99d55e00' lw 0.6", before, i);
    }
    for (size_t i = 0; i < picture->file->data.trainings; i++)
        fprintf(script, ", $sgd%zu using 1:2 notitle with lines lc rgb '%s' lw %s", i,
                is_few(picture) ? colours[i] : "#990072b2", is_few(picture) ? "1.6" : "0.6");
    fputs("\n", script);
}

bool ts_picture_course(FILE *script, const void *view) {
    loss_picture picture = {.file = ((const ts_trace_view *)view)->file};
    set_range(&picture);
    print_data(script, &picture);
    print_page(script, &picture);
    print_plot(script, &picture);
    return true;
}
