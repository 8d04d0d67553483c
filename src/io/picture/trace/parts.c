#include "io/picture/trace/parts.h"
#include "io/picture/axis.h"
#include "io/text.h"

#include <math.h>

#define ROW 0.045 /* height of a row of neurons, as a share of the range of the functions */

const char *ts_view_limit_look(const ts_recording_view *view) {
    return view->moves ? TS_LOOK_WIDE_LIMIT : TS_LOOK_LIMIT;
}

ts_time_axis ts_view_time_axis(const double *time, size_t times) {
    const double end = time[times - 1];
    const bool is_log = times > 3 && time[times / 2] < end / 4; /* half of the times are in the first quarter */
    ts_time_axis axis = {.is_log = is_log, .first = is_log};
    axis.low = ts_view_time(&axis, time[axis.first]);
    axis.high = ts_view_time(&axis, end);
    return axis;
}

double ts_view_time(const ts_time_axis *axis, double time) {
    return axis->is_log ? log10(time) : time;
}

void ts_view_print_time_axis(FILE *script, const ts_time_axis *axis, const char *name, ts_tick_room room) {
    ts_ticks ticks;
    fprintf(script, "set %srange [%.17g:%.17g]\n", name, axis->low, axis->high);
    if (axis->is_log)
        ts_ticks_logarithmic(&ticks, axis->low, axis->high, room);
    else
        ts_ticks_linear(&ticks, axis->low, axis->high, room);
    ts_ticks_print(script, name, &ticks);
}

size_t ts_view_at(const ts_trace_data *data, size_t i, size_t k, size_t width) {
    return (i * data->times + k) * width;
}

size_t ts_view_stride(size_t times, size_t most) {
    return times > most ? (times + most - 1) / most : 1;
}

static void widen(ts_function_range *range, const double *values, size_t count) {
    for (size_t p = 0; p < count; p++)
        if (isfinite(values[p])) {
            range->low = fmin(range->low, values[p]);
            range->high = fmax(range->high, values[p]);
        }
}

ts_function_range ts_view_function_range(const ts_recording_view *view, const size_t *shown, size_t count) {
    const ts_trace_data *data = &view->file->data;
    ts_function_range range = {.low = HUGE_VAL, .high = -HUGE_VAL};
    widen(&range, data->target, data->points);
    for (size_t s = 0; s < count; s++) {
        const size_t at = ts_view_at(data, view->training, shown[s], data->points);
        widen(&range, data->function + at, data->points);
        widen(&range, data->limit_function + at, data->points);
    }
    ts_axis_widen(&range.low, &range.high, range.high > range.low ? 0 : 1);
    const double height = range.high - range.low;
    range.row_height = ROW * height;
    range.network_row = range.low - 2.2 * range.row_height;
    range.limit_row = range.network_row - 1.3 * range.row_height;
    range.low = range.limit_row - range.row_height;
    range.high += 0.06 * height;
    return range;
}

static void print_neurons(FILE *script, const char *name, const double *position, size_t count) {
    fprintf(script, "$%s << EOD\n", name);
    for (size_t j = 0; j < count; j++)
        if (position[j] >= 0 && position[j] <= 1)
            fprintf(script, "%.7g\n", position[j]);
    fputs("-1\nEOD\n", script); /* a block may not be empty; this one is off the page */
}

/* Is value p the same as its two neighbours? A line needs no point there. */
static bool is_level(const double *values, size_t p, size_t count) {
    return p > 0 && p + 1 < count && values[p] == values[p - 1] && values[p] == values[p + 1];
}

void ts_view_print_function(FILE *script, const ts_recording_view *view, size_t k, const ts_function_range *range) {
    const ts_trace_data *data = &view->file->data;
    const size_t at = ts_view_at(data, view->training, k, data->points);
    const size_t neurons = ts_view_at(data, view->training, k, data->neurons);
    fputs("$f << EOD\n", script);
    for (size_t p = 0; p < data->points; p++)
        if (!is_level(data->target, p, data->points) || !is_level(data->function + at, p, data->points) ||
            !is_level(data->limit_function + at, p, data->points))
            fprintf(script, "%.10g %.6g %.6g %.6g\n", data->x[p], data->target[p], data->function[at + p],
                    data->limit_function[at + p]);
    fputs("EOD\n", script);
    /* the last places of a network that diverged stay in the trace, but it is no more */
    const bool diverged = k > ts_view_last(data, view->training);
    print_neurons(script, "u", data->position + neurons, diverged ? 0 : data->neurons);
    print_neurons(script, "v", data->limit_position + neurons, data->neurons);
    /* dashes lie on the line of the network, a wide line below it */
    const char *limit = ", $f using 1:4 notitle with lines ", *look = ts_view_limit_look(view);
    fputs("plot $f using 1:2 notitle with lines " TS_LOOK_TARGET, script);
    if (view->moves)
        fprintf(script, "%s%s", limit, look);
    fputs(", $f using 1:3 notitle with lines " TS_LOOK_NETWORK, script);
    if (!view->moves)
        fprintf(script, "%s%s", limit, look);
    fprintf(script, ", $u using 1:(%.6g):(0):(%.6g) notitle with vectors nohead lc rgb '" TS_COLOUR_NETWORK "' lw 1.2",
            range->network_row, range->row_height);
    fprintf(script, ", $v using 1:(%.6g):(0):(%.6g) notitle with vectors nohead lc rgb '" TS_COLOUR_LIMIT "' lw 1.2\n",
            range->limit_row, range->row_height);
}

void ts_view_describe(char *text, size_t size, const ts_recording_view *view, size_t k) {
    const ts_trace_data *data = &view->file->data;
    const size_t at = ts_view_at(data, view->training, k, 1);
    char slow[32], step[32], loss[32], limit[32];
    ts_text_number(slow, sizeof slow, data->slow_time[k], 3);
    ts_text_number(step, sizeof step, (double)data->step[k], 4);
    ts_text_number(loss, sizeof loss, data->loss[at], 3);
    ts_text_number(limit, sizeof limit, data->limit_loss[at], 3);
    if (isnan(data->loss[at]))
        snprintf(text, size, "slow time %s, step %s: diverged; loss of the limit %s", slow, step, limit);
    else
        snprintf(text, size, "slow time %s, step %s: loss %s, of the limit %s", slow, step, loss, limit);
}

size_t ts_view_last(const ts_trace_data *data, size_t i) {
    size_t k = data->times - 1;
    while (k > 0 && isnan(data->loss[ts_view_at(data, i, k, 1)]))
        k--;
    return k;
}

void ts_view_describe_end(char *text, size_t size, const ts_trace_data *data, size_t i) {
    const size_t last = ts_view_last(data, i);
    char before[32], after[32];
    ts_text_number(before, sizeof before, (double)data->step[last], 4);
    ts_text_number(after, sizeof after, (double)data->step[last + 1 < data->times ? last + 1 : last], 4);
    snprintf(text, size, "diverged between step %s and step %s", before, after);
}

void ts_view_name(char *text, size_t size, const ts_recording_view *view) {
    const ts_trace_data *data = &view->file->data;
    char end[96];
    ts_view_describe_end(end, sizeof end, data, view->training);
    const bool diverged = ts_view_last(data, view->training) + 1 < data->times;
    snprintf(text, size, "replicate %u%s%s", data->replicate[view->training], diverged ? ", which " : "",
             diverged ? end : "");
}

ts_page ts_view_page(const ts_recording_view *view, const char *kind) {
    ts_page page = {.title = ts_page_title(view->file->title, kind),
                    .caption = view->file->caption,
                    .beside = 22,
                    .has_entities = view->moves};
    page.items[page.item_count++] = (ts_legend_item){TS_SYMBOL_LINE, "target", TS_LOOK_TARGET};
    page.items[page.item_count++] = (ts_legend_item){TS_SYMBOL_LINE, "network", TS_LOOK_NETWORK};
    page.items[page.item_count++] = (ts_legend_item){TS_SYMBOL_LINE, "two-timescale limit", ts_view_limit_look(view)};
    page.items[page.item_count++] = (ts_legend_item){TS_SYMBOL_TICK, "neurons (below: of the limit)", TS_LOOK_NETWORK};
    return page;
}
