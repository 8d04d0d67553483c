/* The box plot of the final loss as text: one line for each value of the first axis. */
#include "io/picture/kinds.h"
#include "io/picture/parameter.h"
#include "io/picture/terminal.h"
#include "io/text.h"
#include "model/grid.h"

#include <math.h>
#include <string.h>

#define NUMBERS_WIDTH 28 /* columns before the bar: value, success rate, median */
#define MAX_BAR 160

/* The logarithmic axis of the bars. */
typedef struct text_bar {
    int width;               /* characters, at most MAX_BAR */
    double low, high;        /* decimal logarithms at the first and last character */
    double floor, threshold; /* losses */
    bool colour;
} text_bar;

static void widen(text_bar *bar, double loss) {
    if (loss > 0 && isfinite(loss)) {
        bar->low = fmin(bar->low, log10(loss));
        bar->high = fmax(bar->high, log10(loss));
    }
}

static text_bar lay_out(const ts_result *result, size_t row, int columns, bool colour) {
    text_bar bar = {.width = columns - NUMBERS_WIDTH, .low = INFINITY, .high = -INFINITY, .colour = colour};
    if (bar.width > MAX_BAR)
        bar.width = MAX_BAR;
    bar.floor = ts_picture_loss_floor(result, row);
    bar.threshold = bar.floor + result->unexplained_variance * result->target_variance;
    widen(&bar, bar.floor);
    widen(&bar, bar.threshold);
    for (size_t i = 0; i < result->axis[0].count; i++) {
        widen(&bar, ts_picture_quantile(result, result->loss_q05, i * result->axis[1].count + row));
        widen(&bar, ts_picture_quantile(result, result->loss_q95, i * result->axis[1].count + row));
    }
    if (!(bar.low < bar.high)) {
        bar.low = isfinite(bar.low) ? bar.low - 0.5 : -1;
        bar.high = bar.low + 1;
    }
    return bar;
}

/* The character of a loss; a loss of 0 is at the left end. */
static int place(const text_bar *bar, double loss) {
    if (!(loss > 0))
        return 0;
    double share = (log10(loss) - bar->low) / (bar->high - bar->low);
    return (int)lround(fmin(fmax(share, 0), 1) * (bar->width - 1));
}

static void print_bar(FILE *stream, const text_bar *bar, const ts_result *result, size_t cell) {
    char line[MAX_BAR + 1];
    memset(line, ' ', (size_t)bar->width);
    line[bar->width] = '\0';
    if (bar->floor > 0)
        line[place(bar, bar->floor)] = ':';
    if (bar->threshold > bar->floor)
        line[place(bar, bar->threshold)] = '!';
    if (!isnan(result->loss_median[cell])) {
        int low = place(bar, ts_picture_quantile(result, result->loss_q25, cell)),
            high = place(bar, ts_picture_quantile(result, result->loss_q75, cell));
        for (int k = place(bar, ts_picture_quantile(result, result->loss_q05, cell));
             k <= place(bar, ts_picture_quantile(result, result->loss_q95, cell)); k++)
            line[k] = '-';
        for (int k = low; k <= high; k++)
            line[k] = '=';
        line[low] = '[';
        line[high] = ']';
        line[place(bar, ts_picture_quantile(result, result->loss_median, cell))] = '|';
    }
    fprintf(stream, "%s%s%s\n", bar->colour ? "\033[38;5;33m" : "", line, bar->colour ? "\033[0m" : "");
}

static void print_row(FILE *stream, const text_bar *bar, const ts_result *result, size_t i, size_t cell) {
    char value[32], median[32] = "-", rate[32] = "-";
    ts_text_number(value, sizeof value, result->axis[0].values[i], 3);
    if (!isnan(result->success_rate[cell]))
        snprintf(rate, sizeof rate, "%.0f %%", 100 * result->success_rate[cell]);
    if (!isnan(result->loss_median[cell]))
        ts_text_number(median, sizeof median, ts_picture_quantile(result, result->loss_median, cell), 3);
    fprintf(stream, "%8s %7s %9s  ", value, rate, median);
    print_bar(stream, bar, result, cell);
}

/* The losses at the two ends, below the bars. */
static void print_scale(FILE *stream, const text_bar *bar) {
    char low[32], high[32];
    ts_text_number(low, sizeof low, pow(10, bar->low), 3);
    ts_text_number(high, sizeof high, pow(10, bar->high), 3);
    int room = bar->width - (int)strlen(low) - (int)strlen(high);
    fprintf(stream, "%*s%s%*s%s\n", NUMBERS_WIDTH, "", low, room > 1 ? room : 1, "", high);
}

static void print_legend(FILE *stream, const text_bar *bar, const ts_result *result, size_t row, int columns) {
    char floor[32], threshold[32];
    bool is_missing = false, is_zero = false;
    for (size_t i = 0; i < result->axis[0].count; i++) {
        size_t cell = i * result->axis[1].count + row;
        is_missing = is_missing || isnan(result->loss_median[cell]);
        is_zero = is_zero || ts_picture_quantile(result, result->loss_q05, cell) == 0;
    }
    ts_text_number(floor, sizeof floor, bar->floor, 3);
    ts_text_number(threshold, sizeof threshold, bar->threshold, 3);
    ts_terminal_text(stream, "[=|=] quartiles and median, --- from 5 to 95 per cent, logarithmic scale", columns);
    if (is_missing)
        ts_terminal_text(stream, "no bar: all trainings diverged or did not finish", columns);
    if (is_zero)
        ts_terminal_text(stream, "a loss of 0 is at the left end, off the scale", columns);
    if (!isnan(bar->floor))
        fprintf(stream, ": loss floor %s\n! success below %s\n", floor, threshold);
    fprintf(stream, "quantiles %s\n", result->exact_quantiles ? "of the trainings" : "read off the histogram");
}

void ts_picture_print_loss(FILE *stream, const ts_result_view *view, int columns, bool colour) {
    const ts_result *result = view->result;
    size_t row = view->row;
    char value[48];
    if (columns < TS_TERMINAL_MIN_COLUMNS)
        columns = TS_TERMINAL_MIN_COLUMNS;
    text_bar bar = lay_out(result, row, columns, colour);
    ts_terminal_text(stream, result->title, columns);
    ts_picture_value_text(value, sizeof value, &result->axis[1], row, 6, true);
    fprintf(stream, "%s at %s\n\n", ts_picture_loss_name(result), value);
    fprintf(stream, "%8s %7s %9s\n", ts_parameters[result->axis[0].parameter].name, "success", "median");
    for (size_t i = 0; i < result->axis[0].count; i++)
        print_row(stream, &bar, result, i, i * result->axis[1].count + row);
    print_scale(stream, &bar);
    print_legend(stream, &bar, result, row, columns);
    ts_terminal_text(stream, result->caption, columns);
}
