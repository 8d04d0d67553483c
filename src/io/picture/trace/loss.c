/* Loss against steps, of all trainings of a trace and of their limits. Losses are drawn by their decimal logarithm. */
#include "io/picture/levels.h"
#include "io/picture/trace/parts.h"
#include "io/text.h"

#include <math.h>
#include <stdlib.h>

#define MOST_POINTS 1500  /* of a curve */
#define FEW 6             /* trainings that have a colour each */
#define TOP_AXIS 22.0     /* points */
#define LEAST_BESIDE 86.4 /* points right of the plot: the name of the upper axis */
#define UPPER_NAME 24.0   /* where it begins */
#define LEAST_SPAN 0.01   /* of the loss, decades: within less, round numbers have many digits */

/* Told apart by colour-blind readers, too (Okabe and Ito). */
static const char *const colours[FEW] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"};

typedef struct loss_picture {
    const ts_recording *file;
    ts_time_axis steps, slow;
    double low, high; /* of the loss, decimal logarithms */
    ts_levels levels;
    size_t diverged; /* trainings, */
    size_t at_start; /* those of them that have a loss at the start alone, */
    size_t zero;     /* and losses that are 0 */
    bool is_empty;   /* is no loss of a training above 0? */
    bool has_axis;   /* is there anything that a logarithmic axis can show? */
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
    picture->is_empty = picture->low > picture->high;
    picture->levels = ts_levels_of(picture->file->loss_floor, picture->file->success_loss);
    picture->low =
        fmin(picture->low, fmin(picture->levels.floor, picture->levels.success)); /* NaN counts for nothing */
    picture->high = fmax(picture->high, picture->levels.success);
    const double low = picture->low;
    widen(picture, data->limit_loss, data->trainings * data->times);
    picture->low = low < HUGE_VAL ? low : picture->low;
    picture->has_axis = picture->low <= picture->high;
    ts_axis_widen(&picture->low, &picture->high, picture->high > picture->low ? LEAST_SPAN : 1);
    const double margin = 0.07 * (picture->high - picture->low);
    picture->low -= 1.5 * margin;
    picture->high += margin;
}

static void set_times(loss_picture *picture) {
    const ts_trace_data *data = &picture->file->data;
    const double last = (double)data->step[data->times - 1];
    picture->slow = picture->steps = ts_view_time_axis(data->slow_time, data->times);
    picture->steps.low = ts_view_time(&picture->steps, (double)data->step[picture->steps.first]);
    picture->steps.high = ts_view_time(&picture->steps, last);
}

static void count_ends(loss_picture *picture) {
    const ts_trace_data *data = &picture->file->data;
    for (size_t i = 0; i < data->trainings; i++) {
        const size_t last = ts_view_last(data, i);
        picture->diverged += last + 1 < data->times;
        picture->at_start += last + 1 < data->times && last == 0;
    }
    for (size_t at = 0; at < data->trainings * data->times; at++)
        picture->zero += data->loss[at] == 0;
}

/* Step and logarithm of the loss; a loss of 0 lies below the axis. */
static void print_curve(FILE *script, const loss_picture *picture, const double *losses) {
    const ts_trace_data *data = &picture->file->data;
    const size_t stride = ts_view_stride(data->times, MOST_POINTS);
    for (size_t k = picture->steps.first; k < data->times; k++)
        if ((k % stride == 0 || k + 1 == data->times) && !isnan(losses[k]))
            fprintf(script, "%.17g %.6g\n", ts_view_time(&picture->steps, (double)data->step[k]),
                    losses[k] > 0 ? log10(losses[k]) : picture->low - 10);
}

/* Where the curves of trainings that diverged end. */
static void print_ends(FILE *script, const loss_picture *picture) {
    const ts_trace_data *data = &picture->file->data;
    fputs("$ends << EOD\n", script);
    for (size_t i = 0; i < data->trainings; i++) {
        const size_t last = ts_view_last(data, i);
        const double loss = data->loss[ts_view_at(data, i, last, 1)];
        if (last >= picture->steps.first && last + 1 < data->times && loss > 0)
            fprintf(script, "%.17g %.6g\n", ts_view_time(&picture->steps, (double)data->step[last]), log10(loss));
    }
    fputs("EOD\n", script);
}

static void print_data(FILE *script, const loss_picture *picture) {
    const ts_trace_data *data = &picture->file->data;
    for (size_t i = 0; i < data->trainings; i++) {
        fprintf(script, "$sgd%zu << EOD\n", i);
        print_curve(script, picture, data->loss + ts_view_at(data, i, 0, 1));
        fprintf(script, "EOD\n$limit%zu << EOD\n", i);
        print_curve(script, picture, data->limit_loss + ts_view_at(data, i, 0, 1));
        fputs("EOD\n", script);
    }
}

/* Looks of the legend, which must live as long as the page is being printed. */
typedef struct legend_words {
    char text[FEW][32], look[FEW][64], diverged[64];
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
    if (picture->diverged == 0)
        return;
    snprintf(words->diverged, sizeof words->diverged, "diverged (%zu of %zu)", picture->diverged, data->trainings);
    page->items[page->item_count++] = (ts_legend_item){TS_SYMBOL_CROSS, words->diverged, NULL};
}

/* Where there is hardly a curve, or none, the picture says why. */
static void print_message(FILE *script, const loss_picture *picture, const ts_page *page) {
    const ts_trace_data *data = &picture->file->data;
    char message[128], step[32];
    ts_text_number(step, sizeof step, (double)data->step[1], 4);
    if (picture->at_start == data->trainings)
        snprintf(message, sizeof message,
                 data->trainings == 1 ? "the training diverged before step %s"
                                      : "every training diverged before step %s",
                 step);
    else if (picture->is_empty)
        snprintf(message, sizeof message, "every loss is 0, which a logarithmic axis does not show");
    else
        return;
    ts_page_message(script, message, page->left, page->right, page->bottom, page->top);
}

static void print_axes(FILE *script, const loss_picture *picture, const ts_page *page, const ts_ticks *losses) {
    ts_tick_room upper = ts_page_room(page, 0.12);
    upper.behind = UPPER_NAME - 4;
    fprintf(script, "set yrange [%.9g:%.9g]\nset tics out nomirror scale 0.7,0.4\n", picture->low, picture->high);
    ts_view_print_time_axis(script, &picture->steps, "x", ts_page_room(page, 0.12));
    ts_view_print_time_axis(script, &picture->slow, "x2", upper);
    ts_ticks_print(script, "y", losses);
}

static void print_page(FILE *script, const loss_picture *picture) {
    const ts_recording *file = picture->file;
    legend_words words;
    ts_ticks losses = {0};
    if (picture->has_axis)
        ts_ticks_logarithmic(&losses, picture->low, picture->high, (ts_tick_room){.gap = 0.06});
    ts_page page = {.title = ts_page_title(file->title, "Loss over time"),
                    .caption = file->caption,
                    .note = picture->zero > 0 ? "a loss of 0 lies below the axis" : NULL,
                    .x_title = "step",
                    .y_title = "loss",
                    .y_labels = ts_ticks_width(&losses),
                    .beside = fmax(LEAST_BESIDE, ts_levels_beside(&picture->levels))};
    add_legend(&page, picture, &words);
    ts_page_begin(script, &page);
    page.top -= ts_page_up(TOP_AXIS);
    ts_page_panel(script, page.left, page.right, page.bottom, page.top);
    ts_page_text(script, "slow time", page.right + ts_page_across(UPPER_NAME), page.top + ts_page_up(15), "left");
    print_axes(script, picture, &page, &losses);
    ts_levels_print(script, &page, &picture->levels, picture->low, picture->high);
    print_message(script, picture, &page);
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
    if (picture->diverged > 0)
        fprintf(script, ", $ends using 1:2 notitle with points pt %d ps %s lc rgb '#000000'", TS_POINT_CROSS,
                is_few(picture) ? "0.8 lw 1.5" : "0.3 lw 0.6");
    fputs("\n", script);
}

bool ts_picture_course(FILE *script, const void *view) {
    loss_picture picture = {.file = ((const ts_recording_view *)view)->file};
    set_times(&picture);
    set_range(&picture);
    count_ends(&picture);
    print_data(script, &picture);
    print_ends(script, &picture);
    print_page(script, &picture);
    print_plot(script, &picture);
    return true;
}
