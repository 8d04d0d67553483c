/* Target, network and limit at the start, in the middle and at the end of one training, one below the other. */
#include "io/picture/trace/parts.h"

#include <math.h>

#define GAP 20.0 /* points between two panels: the line that describes the lower one */

static size_t choose_times(size_t times, size_t shown[3]) {
    if (times < 3) {
        for (size_t s = 0; s < times; s++)
            shown[s] = s;
        return times;
    }
    shown[0] = 0;
    shown[1] = (times - 1) / 2;
    shown[2] = times - 1;
    return 3;
}

static void print_axes(FILE *script, const ts_function_range *range, const ts_ticks *levels, bool last) {
    fprintf(script, "set xrange [0:1]\nset yrange [%.9g:%.9g]\n", range->low, range->high);
    fputs("set tics out nomirror scale 0.5,0.3\n", script);
    fprintf(script, "set xtics 0,0.1,1 format '%s'\n", last ? "%g" : "");
    ts_ticks_print(script, "y", levels);
}

/* Bottom of panel s of `count`, counted from above, and its height. */
static double panel_bottom(const ts_page *page, size_t s, size_t count, double *height) {
    const double gap = ts_page_up(GAP);
    *height = (page->top - page->bottom + gap) / (double)count - gap;
    return page->bottom + (double)(count - 1 - s) * (*height + gap);
}

bool ts_picture_functions(FILE *script, const void *picture) {
    const ts_recording_view *view = picture;
    size_t shown[3];
    const size_t count = choose_times(view->file->data.times, shown);
    const ts_function_range range = ts_view_function_range(view, shown, count);
    char note[160], text[160];
    double height;
    ts_ticks levels;
    ts_ticks_linear(&levels, range.low, range.high, (ts_tick_room){.gap = 0.25});
    ts_view_name(note, sizeof note, view);
    ts_page page = ts_view_page(view, "Network and limit");
    page.note = note;
    page.x_title = "x";
    page.y_title = "f(x)";
    page.y_labels = ts_ticks_width(&levels);
    ts_page_begin(script, &page);
    page.top -= ts_page_up(GAP - 6);
    for (size_t s = 0; s < count; s++) {
        const double bottom = panel_bottom(&page, s, count, &height);
        ts_view_describe(text, sizeof text, view, shown[s]);
        ts_page_text(script, text, page.left, bottom + height + ts_page_up(7), "left font ',9'");
    }
    fputs("set multiplot\n", script);
    for (size_t s = 0; s < count; s++) {
        const double bottom = panel_bottom(&page, s, count, &height);
        ts_page_panel(script, page.left, page.right, bottom, bottom + height);
        print_axes(script, &range, &levels, s + 1 == count);
        if (shown[s] > ts_view_last(&view->file->data, view->training))
            ts_page_message(script, "diverged", page.left, page.right, bottom, bottom + height);
        ts_view_print_function(script, view, shown[s], &range);
        ts_page_printed(script);
    }
    fputs("unset multiplot\n", script);
    return true;
}
