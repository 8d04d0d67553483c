/* Positions of all neurons of one training over slow time, with the paths of the limit and the jumps of the target. */
#include "io/axis.h"
#include "io/picture_trace.h"

#include <math.h>

#define MOST_POINTS 400000 /* of all paths together */
#define OUTSIDE 0.03       /* of [0,1] that is shown on both sides */

static void print_paths(FILE *script, const ts_trace_view *view, const char *name, const double *positions) {
    const ts_trace_data *data = &view->file->data;
    const size_t stride = ts_trace_stride(data->times, 2 + MOST_POINTS / data->neurons);
    fprintf(script, "$%s << EOD\n", name);
    for (size_t j = 0; j < data->neurons; j++) {
        for (size_t k = 0; k < data->times; k++)
            if (k % stride == 0 || k + 1 == data->times)
                fprintf(script, "%.9g %.9g\n", data->slow_time[k],
                        positions[ts_trace_at(data, view->training, k, data->neurons) + j]);
        fputs("\n", script);
    }
    fputs("EOD\n", script);
}

bool ts_picture_positions(FILE *script, const void *picture) {
    const ts_trace_view *view = picture;
    const ts_trace_file *file = view->file;
    const double end = file->data.slow_time[file->data.times - 1];
    char note[64];
    snprintf(note, sizeof note, "replicate %u", file->data.replicate[view->training]);
    print_paths(script, view, "network", file->data.position);
    print_paths(script, view, "limit", file->data.limit_position);
    ts_page page = ts_trace_page(view, "Positions over time");
    page.items[0] = (ts_legend_item){TS_SYMBOL_LINE, "jumps of the target", TS_LOOK_JUMP};
    page.item_count = 3;
    page.note = note;
    page.x_title = "slow time";
    page.y_title = "position of a neuron";
    ts_page_begin(script, &page);
    fprintf(script, "set xrange [0:%.9g]\nset yrange [%g:%g]\n", end, -OUTSIDE, 1 + OUTSIDE);
    fputs("set tics out nomirror scale 0.7,0.4\n", script);
    ts_axis_print_linear_ticks(script, "x", 0, end, 0.1);
    fputs("set ytics 0,0.1,1 format '%g'\n", script);
    for (size_t k = 0; k < file->jump_count; k++)
        fprintf(script, "set arrow from graph 0, first %.9g to graph 1, first %.9g nohead back " TS_LOOK_JUMP "\n",
                file->jump_at[k], file->jump_at[k]);
    fputs("plot $network using 1:2 notitle with lines " TS_LOOK_NETWORK
          ", $limit using 1:2 notitle with lines " TS_LOOK_LIMIT "\n",
          script);
    return true;
}
