#include "io/page.h"

#include "io/gnuplot.h"
#include "io/text.h"

#include <string.h>

/* Sizes in points. */
#define MARGIN 12.0
#define TITLE_LINE 18.0
#define LEGEND_LINE 14.0
#define CAPTION_LINE 11.0
#define AXIS_LABELS 40.0 /* ticks and title of the axis below the plot */
#define LEGEND_CHARACTER 5.3
#define SYMBOL_WIDTH 22.0

#define TITLE_CHARACTERS 64
#define TITLE_LINES 2
#define CAPTION_CHARACTERS 124

double ts_page_across(double points) {
    return points / TS_PAGE_WIDTH;
}

double ts_page_up(double points) {
    return points / TS_PAGE_HEIGHT;
}

/* Print text line by line from `top` (points) downward, at most `lines` lines. Returns how many there were. With `look`
 * NULL nothing is printed. */
static int print_lines(FILE *script, const char *text, size_t characters, int lines, double top, double line_height,
                       const char *look) {
    int line = 0;
    while (*text != '\0' && line < lines) {
        const char *next;
        size_t bytes = ts_text_line(text, characters, &next);
        if (look != NULL) {
            fputs("set label ", script);
            ts_gnuplot_string(script, text, bytes);
            /* What does not fit ends in dots. */
            fprintf(script, "%s at screen %.5f,%.5f noenhanced front %s\n",
                    line + 1 == lines && *next != '\0' ? ".' …'" : "", look[0] == 'c' ? 0.5 : ts_page_across(MARGIN),
                    ts_page_up(top - (line + 0.5) * line_height), look);
        }
        line++;
        text = next;
    }
    return line;
}

void ts_page_text(FILE *script, const char *text, double x, double y, const char *look) {
    fputs("set label ", script);
    ts_gnuplot_string(script, text, strlen(text));
    fprintf(script, " at screen %.5f,%.5f noenhanced front %s\n", x, y, look);
}

static int print_title(FILE *script, const ts_page *page, const char *look) {
    return print_lines(script, page->title, TITLE_CHARACTERS, TITLE_LINES, TS_PAGE_HEIGHT - MARGIN, TITLE_LINE, look);
}

/* Returns the height of the caption in points. */
static double print_caption(FILE *script, const ts_page *page) {
    static const char look[] = "left font ',8' textcolor rgb '#666666'";
    const char *note = page->note != NULL ? page->note : "";
    int lines = print_lines(script, page->caption, CAPTION_CHARACTERS, 6, 0, 0, NULL) +
                print_lines(script, note, CAPTION_CHARACTERS, 2, 0, 0, NULL);
    double height = lines * CAPTION_LINE, top = MARGIN + height;
    int first = print_lines(script, page->caption, CAPTION_CHARACTERS, 6, top, CAPTION_LINE, look);
    print_lines(script, note, CAPTION_CHARACTERS, 2, top - first * CAPTION_LINE, CAPTION_LINE, look);
    return height;
}

static void print_line(FILE *script, double from, double to, double y, const char *look) {
    fprintf(script, "set arrow from screen %.5f,%.5f to screen %.5f,%.5f nohead front %s\n", from, y, to, y, look);
}

static void print_point(FILE *script, double x, double y, int type, const char *look) {
    fprintf(script, "set label '' at screen %.5f,%.5f front point pt %d %s\n", x, y, type, look);
}

static void print_rectangle(FILE *script, double from, double to, double low, double high, const char *look) {
    fprintf(script, "set object rectangle from screen %.5f,%.5f to screen %.5f,%.5f front %s\n", from, low, to, high,
            look);
}

/* Symbols look like what the pictures draw. `x` is the left end and `y` the middle, in points. */
static void print_symbol(FILE *script, const ts_legend_item *item, double x, double y) {
    double from = ts_page_across(x), to = ts_page_across(x + SYMBOL_WIDTH - 6), centre = (from + to) / 2,
           middle = ts_page_up(y);
    double low = ts_page_up(y - 4.5), high = ts_page_up(y + 4.5);
    switch (item->symbol) {
    case TS_SYMBOL_CONTOUR:
        print_line(script, from, to, middle, "lc rgb '#000000' lw 3.6");
        print_line(script, from, to, middle, "lc rgb '#ffffff' lw 1.8");
        break;
    case TS_SYMBOL_DOT:
        print_point(script, centre, middle, TS_POINT_DISC, "ps 0.6 lc rgb '#000000'");
        print_point(script, centre, middle, TS_POINT_DISC, "ps 0.35 lc rgb '#ffffff'");
        break;
    case TS_SYMBOL_CROSS:
        print_point(script, centre, middle, TS_POINT_CROSS, "ps 0.8 lw 1.5 lc rgb '#000000'");
        break;
    case TS_SYMBOL_EMPTY:
        print_rectangle(script, from, to, low, high, "fs solid noborder fc rgb '#dddddd'");
        print_rectangle(script, from, to, low, high,
                        "fs transparent pattern 4 border lc rgb '#777777' fc rgb '#777777'");
        break;
    case TS_SYMBOL_BOX:
        print_rectangle(script, from, to, low, high, "fs solid border lc rgb '#1f4e79' fc rgb '#bdd7ee'");
        print_line(script, from, to, middle, "lc rgb '#b2182b' lw 2");
        break;
    case TS_SYMBOL_LINE:
        print_line(script, from, to, middle, item->look);
        break;
    case TS_SYMBOL_TICK:
        fprintf(script, "set arrow from screen %.5f,%.5f to screen %.5f,%.5f nohead front %s\n", centre, low, centre,
                high, item->look);
        break;
    }
}

/* Items stand side by side and go on in the next line where they do not fit. Returns the height in points. */
static double print_legend(FILE *script, const ts_page *page, double top) {
    double x = page->left * TS_PAGE_WIDTH, start = x, y = top - LEGEND_LINE / 2;
    for (size_t k = 0; k < page->item_count; k++) {
        const char *text = page->items[k].text;
        double width = SYMBOL_WIDTH + LEGEND_CHARACTER * (double)ts_text_width(text, strlen(text));
        if (x > start && x + width > TS_PAGE_WIDTH - MARGIN) {
            x = start;
            y -= LEGEND_LINE;
        }
        print_symbol(script, &page->items[k], x, y);
        ts_page_text(script, text, ts_page_across(x + SYMBOL_WIDTH), ts_page_up(y), "left font ',9.5'");
        x += width + 16;
    }
    return page->item_count > 0 ? top - y + LEGEND_LINE / 2 : 0;
}

void ts_page_panel(FILE *script, double left, double right, double bottom, double top) {
    fprintf(script, "set lmargin at screen %.5f\nset rmargin at screen %.5f\n", left, right);
    fprintf(script, "set bmargin at screen %.5f\nset tmargin at screen %.5f\n", bottom, top);
}

void ts_page_printed(FILE *script) {
    fputs("unset label\nunset arrow\nunset object\n", script);
}

void ts_page_begin(FILE *script, ts_page *page) {
    page->left = ts_page_across(66);
    double title = print_title(script, page, "center font ',14'") * TITLE_LINE;
    double caption = print_caption(script, page);
    double legend = print_legend(script, page, TS_PAGE_HEIGHT - MARGIN - title - 4);
    page->top = 1 - ts_page_up(MARGIN + title + 4 + legend + 6);
    page->bottom = ts_page_up(MARGIN + caption + AXIS_LABELS + 4);
    ts_page_panel(script, page->left, page->right, page->bottom, page->top);
    ts_page_text(script, page->x_title, (page->left + page->right) / 2, page->bottom - ts_page_up(33), "center");
    ts_page_text(script, page->y_title, ts_page_across(MARGIN + 4), (page->bottom + page->top) / 2, "center rotate");
    fputs("unset key\nset border 15 front lw 1\n", script);
}
