/* Positions of all neurons of one training over slow time, with the paths of the limit and the jumps of the target. */
#include "io/picture/trace/parts.h"

#include <math.h>

#define MOST_POINTS 400000 /* of all paths together */
#define OUTSIDE 0.03       /* of [0,1] that is shown on both sides */

/* Of all neurons up to time `last`. */
static void print_paths(FILE *script, const ts_recording_view *view, const ts_time_axis *times, const char *name,
                        const double *positions, size_t last) {
    const ts_trace_data *data = &view->file->data;
    const size_t stride = ts_view_stride(data->times, 2 + MOST_POINTS / data->neurons);
    fprintf(script, "$%s << EOD\n", name);
    for (size_t j = 0; j < data->neurons; j++) {
        for (size_t k = times->first; k <= last; k++)
            if (k % stride == 0 || k == last)
                fprintf(script, "%.9g %.9g\n", ts_view_time(times, data->slow_time[k]),
                        positions[ts_view_at(data, view->training, k, data->neurons) + j]);
        fputs("\n", script);
    }
    fputs("EOD\n", script);
}

/* Where the paths of a training that diverged end. */
static void print_ends(FILE *script, const ts_recording_view *view, const ts_time_axis *times) {
    const ts_trace_data *data = &view->file->data;
    const size_t last = ts_view_last(data, view->training);
    const double *positions = data->position + ts_view_at(data, view->training, last, data->neurons);
    fputs("$ends << EOD\n", script);
    for (size_t j = 0; last >= times->first && j < data->neurons; j++)
        fprintf(script, "%.9g %.9g\n", ts_view_time(times, data->slow_time[last]), positions[j]);
    fputs("EOD\n", script);
}

static void print_axes(FILE *script, const ts_recording *file, const ts_time_axis *times, const ts_page *page) {
    fprintf(script, "set yrange [%g:%g]\nset tics out nomirror scale 0.7,0.4\n", -OUTSIDE, 1 + OUTSIDE);
    ts_view_print_time_axis(script, times, "x", ts_page_room(page, 0.1));
    fputs("set ytics 0,0.1,1 format '%g'\n", script);
    for (size_t k = 0; k < file->jump_count; k++)
        fprintf(script, "set arrow from graph 0, first %.9g to graph 1, first %.9g nohead back " TS_LOOK_JUMP "\n",
                file->jump_at[k], file->jump_at[k]);
}

bool ts_picture_positions(FILE *script, const void *picture) {
    const ts_recording_view *view = picture;
    const ts_trace_data *data = &view->file->data;
    const size_t last = ts_view_last(data, view->training);
    const bool diverged = last + 1 < data->times;
    char note[160];
    ts_view_name(note, sizeof note, view);
    const ts_time_axis times = ts_view_time_axis(data->slow_time, data->times);
    print_paths(script, view, &times, "network", data->position, last);
    print_paths(script, view, &times, "limit", data->limit_position, data->times - 1);
    print_ends(script, view, &times);
    ts_page page = ts_view_page(view, "Positions over time");
    page.items[0] = (ts_legend_item){TS_SYMBOL_LINE, "jumps of the target", TS_LOOK_JUMP};
    page.item_count = 3;
    if (diverged)
        page.items[page.item_count++] = (ts_legend_item){TS_SYMBOL_CROSS, "diverged", NULL};
    page.note = note;
    page.x_title = "slow time";
    page.y_title = "position of a neuron";
    ts_page_begin(script, &page);
    print_axes(script, view->file, &times, &page);
    if (diverged && last == 0)
        ts_page_message(script, note, page.left, page.right, page.bottom, page.top);
    fputs("plot $network using 1:2 notitle with lines " TS_LOOK_NETWORK
          ", $limit using 1:2 notitle with lines " TS_LOOK_LIMIT,
          script);
    if (diverged)
        fprintf(script, ", $ends using 1:2 notitle with points pt %d ps 0.6 lw 1.5 lc rgb '#000000'", TS_POINT_CROSS);
    fputs("\n", script);
    return true;
}
