/* One training in motion: functions above, and below them on the same axis the paths of the neurons so far. */
#include "io/picture/trace/parts.h"

#include <math.h>
#include <stdlib.h>

#define FRAMES 120       /* about, at most */
#define UPPER_SHARE 0.55 /* of the height */
#define GAP 26.0         /* points between the panels */
#define MOST_POINTS 2000 /* of a path */

typedef struct animation {
    const ts_recording_view *view;
    size_t *shown; /* [frames] times that have a frame */
    size_t frames;
    size_t *point; /* [points] times in the paths, those among them */
    size_t points;
    ts_function_range range;
    ts_ticks levels, times;
} animation;

/* False: no memory. */
static bool choose_times(animation *motion) {
    const size_t times = motion->view->file->data.times;
    const size_t frame_stride = ts_view_stride(times, FRAMES), stride = ts_view_stride(times, MOST_POINTS);
    motion->shown = malloc(times * sizeof *motion->shown);
    motion->point = malloc(times * sizeof *motion->point);
    if (!motion->shown || !motion->point)
        return false;
    for (size_t k = 0; k < times; k++) {
        const bool is_shown = k % frame_stride == 0 || k + 1 == times;
        if (is_shown)
            motion->shown[motion->frames++] = k;
        if (is_shown || k % stride == 0)
            motion->point[motion->points++] = k;
    }
    return true;
}

/* The paths of all neurons: position and slow time, a block for each neuron. */
static void print_paths(FILE *script, const animation *motion, const char *name, const double *positions) {
    const ts_trace_data *data = &motion->view->file->data;
    fprintf(script, "$%s << EOD\n", name);
    for (size_t j = 0; j < data->neurons; j++) {
        for (size_t p = 0; p < motion->points; p++) {
            const size_t k = motion->point[p];
            fprintf(script, "%.7g %.7g\n", positions[ts_view_at(data, motion->view->training, k, data->neurons) + j],
                    data->slow_time[k]);
        }
        fputs("\n", script);
    }
    fputs("EOD\n", script);
}

/* Index of the last point of the paths up to time `last`; time 0 is one. */
static size_t last_point(const animation *motion, size_t last) {
    size_t p = motion->points - 1;
    while (motion->point[p] > last)
        p--;
    return p;
}

static void print_upper(FILE *script, const animation *motion, const ts_page *page, size_t k) {
    const double bottom = page->top - UPPER_SHARE * (page->top - page->bottom);
    ts_page_panel(script, page->left, page->right, bottom, page->top);
    fprintf(script, "set xrange [0:1]\nset yrange [%.9g:%.9g]\n", motion->range.low, motion->range.high);
    fputs("set tics out nomirror scale 0.5,0.3\nset xtics 0,0.1,1 format ''\n", script);
    ts_ticks_print(script, "y", &motion->levels);
    if (k > ts_view_last(&motion->view->file->data, motion->view->training))
        ts_page_message(script, "diverged", page->left, page->right, bottom, page->top);
    ts_view_print_function(script, motion->view, k, &motion->range);
    ts_page_printed(script);
}

static void print_lower(FILE *script, const animation *motion, const ts_page *page, size_t k) {
    const ts_recording *file = motion->view->file;
    const double end = file->data.slow_time[file->data.times - 1];
    const double top = page->top - UPPER_SHARE * (page->top - page->bottom) - ts_page_up(GAP);
    ts_page_panel(script, page->left, page->right, page->bottom, top);
    fprintf(script, "set yrange [%.9g:0]\nset xtics 0,0.1,1 format '%%g'\n", end);
    ts_ticks_print(script, "y", &motion->times);
    for (size_t jump = 0; jump < file->jump_count; jump++)
        fprintf(script, "set arrow from first %.9g, graph 0 to first %.9g, graph 1 nohead back " TS_LOOK_JUMP "\n",
                file->jump_at[jump], file->jump_at[jump]);
    const size_t end_of_network = ts_view_last(&file->data, motion->view->training);
    fprintf(script,
            "plot $limit using 1:2 every ::::%zu notitle with lines %s, $network using 1:2 every ::::%zu notitle with "
            "lines " TS_LOOK_NETWORK "\n",
            last_point(motion, k), ts_view_limit_look(motion->view),
            last_point(motion, k < end_of_network ? k : end_of_network));
    ts_page_printed(script);
}

static void print_frame(FILE *script, const animation *motion, size_t k) {
    char text[160], note[160];
    ts_view_name(note, sizeof note, motion->view);
    ts_page page = ts_view_page(motion->view, "Network and limit");
    ts_view_describe(text, sizeof text, motion->view, k);
    page.note = note;
    page.x_title = "x, position of a neuron";
    page.y_title = "";
    page.y_labels = fmax(ts_ticks_width(&motion->levels), ts_ticks_width(&motion->times));
    ts_page_begin(script, &page);
    page.top -= ts_page_up(14);
    const double middle = page.top - UPPER_SHARE * (page.top - page.bottom);
    ts_page_text(script, text, page.left, page.top + ts_page_up(8), "left font ',9'");
    ts_page_upright(script, "f(x)", ts_page_across(16), middle, page.top);
    ts_page_upright(script, "slow time", ts_page_across(16), page.bottom, middle - ts_page_up(GAP));
    fputs("set multiplot\n", script);
    print_upper(script, motion, &page, k);
    print_lower(script, motion, &page, k);
    fputs("unset multiplot\n", script);
}

bool ts_picture_animation(FILE *script, const void *picture) {
    const ts_recording_view *view = picture;
    const ts_trace_data *data = &view->file->data;
    animation motion = {.view = view};
    const bool chosen = choose_times(&motion);
    if (chosen) {
        motion.range = ts_view_function_range(view, motion.shown, motion.frames);
        ts_ticks_linear(&motion.levels, motion.range.low, motion.range.high, (ts_tick_room){.gap = 0.15});
        ts_ticks_linear(&motion.times, 0, data->slow_time[data->times - 1], (ts_tick_room){.gap = 0.2});
        print_paths(script, &motion, "network", data->position);
        print_paths(script, &motion, "limit", data->limit_position);
    }
    for (size_t s = 0; s < motion.frames; s++)
        print_frame(script, &motion, motion.shown[s]);
    free(motion.shown);
    free(motion.point);
    return chosen;
}
