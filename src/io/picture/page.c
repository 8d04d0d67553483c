#include "io/picture/page.h"

#include "io/picture/gnuplot.h"
#include "io/text.h"

#include <math.h>
#include <string.h>

/* Sizes in points. */
#define MARGIN 12.0
#define FONT 11.0
#define LEGEND_LINE 14.0
#define LEGEND_FONT 9.5
#define CAPTION_LINE 11.0
#define CAPTION_FONT 8.0
#define AXIS_LABELS 40.0     /* ticks and title of the axis below the plot */
#define Y_TITLE 16.0         /* middle of the title of the vertical axis, from the edge of the page */
#define LEAST_LEFT 66.0      /* left of the plot */
#define BEFORE_Y_LABELS 27.0 /* from the edge of the page: the title; */
#define BEHIND_Y_LABELS 11.0 /* and from them to the plot: ticks */
#define BESIDE 7.0           /* between the plot and a text beside it */
#define SYMBOL_WIDTH 22.0
#define LEGEND_GAP 16.0

#define CAPTION_LINES 6
#define NOTE_LINES 4

/* Lines of type: the first of these sizes with which the text fits. */
typedef struct type_size {
    double font, height; /* points, of the type and of a line */
    int lines;           /* at most */
} type_size;

static const type_size title_sizes[] = {{14, 18, 2}, {10.5, 13.5, 4}, {8, 10, 6}};

#define TITLE_SIZES (sizeof title_sizes / sizeof title_sizes[0])

double ts_page_across(double points) {
    return points / TS_PAGE_WIDTH;
}

double ts_page_up(double points) {
    return points / TS_PAGE_HEIGHT;
}

const char *ts_page_title(const char *title, const char *otherwise) {
    return ts_text_is_blank(title) ? otherwise : title;
}

static double points_of(const char *text, double font) {
    return font * ts_text_width(text, strlen(text), ts_text_ems);
}

/* Bytes of the next line that fits between the margins. */
static size_t next_line(const char *text, double font, const char **next) {
    return ts_text_line(text, (TS_PAGE_WIDTH - 2 * MARGIN) / font, ts_text_ems, next);
}

static int count_lines(const char *text, double font) {
    int lines = 0;
    for (; *text != '\0'; lines++)
        next_line(text, font, &text);
    return lines;
}

/* A string constant. Where the format reads entities an ampersand is written as one. */
static void print_string(FILE *script, const ts_page *page, const char *text, size_t bytes) {
    for (;;) {
        const char *ampersand = page->has_entities ? memchr(text, '&', bytes) : NULL;
        if (!ampersand)
            break;
        size_t part = (size_t)(ampersand + 1 - text);
        ts_gnuplot_string(script, text, part);
        fputs(".'amp;'.", script);
        text += part;
        bytes -= part;
    }
    ts_gnuplot_string(script, text, bytes);
}

/* Print text line by line from `top` (points) downward, in the middle of the page or from its left margin. What does
 * not fit into the lines of `size` ends in dots. Returns the height in points. */
static double print_lines(FILE *script, const ts_page *page, const char *text, type_size size, double top,
                          const char *look) {
    int line = 0;
    while (*text != '\0' && line < size.lines) {
        const char *next;
        size_t bytes = next_line(text, size.font, &next);
        line++;
        fputs("set label ", script);
        print_string(script, page, text, bytes);
        fprintf(script, "%s at screen %.5f,%.5f noenhanced front %s font ',%g'\n",
                line == size.lines && *next != '\0' ? ".' …'" : "", look[0] == 'c' ? 0.5 : ts_page_across(MARGIN),
                ts_page_up(top - (line - 0.5) * size.height), look, size.font);
        text = next;
    }
    return line * size.height;
}

void ts_page_text(FILE *script, const char *text, double x, double y, const char *look) {
    fputs("set label ", script);
    ts_gnuplot_string(script, text, strlen(text));
    fprintf(script, " at screen %.5f,%.5f noenhanced front %s\n", x, y, look);
}

double ts_page_beside_width(const char *text) {
    return BESIDE + points_of(text, LEGEND_FONT) + MARGIN;
}

void ts_page_beside(FILE *script, const ts_page *page, const char *text, double y) {
    ts_page_text(script, text, page->right + ts_page_across(BESIDE), y, "left font ',9.5' textcolor rgb '#333333'");
}

void ts_page_upright(FILE *script, const char *text, double x, double low, double high) {
    char look[48];
    double room = (high - low) * TS_PAGE_HEIGHT + 2 * MARGIN, length = points_of(text, FONT);
    snprintf(look, sizeof look, "center rotate font ',%.3g'", length > room ? FONT * room / length : FONT);
    ts_page_text(script, text, x, (low + high) / 2, look);
}

void ts_page_message(FILE *script, const char *text, double left, double right, double low, double high) {
    char look[64];
    double room = (right - left) * TS_PAGE_WIDTH, length = points_of(text, FONT);
    snprintf(look, sizeof look, "center boxed textcolor rgb '#b2182b' font ',%.3g'",
             length > room ? FONT * room / length : FONT);
    fputs("set style textbox opaque noborder fillcolor rgb '#ffffff' margins 2,2\n", script);
    ts_page_text(script, text, (left + right) / 2, (low + high) / 2, look);
}

ts_tick_room ts_page_room(const ts_page *page, double gap) {
    return (ts_tick_room){.gap = gap,
                          .length = (page->right - page->left) * TS_PAGE_WIDTH,
                          .before = page->left * TS_PAGE_WIDTH,
                          .behind = (1 - page->right) * TS_PAGE_WIDTH};
}

/* Returns the height of the title in points. */
static double print_title(FILE *script, const ts_page *page) {
    size_t k = 0;
    while (k + 1 < TITLE_SIZES && count_lines(page->title, title_sizes[k].font) > title_sizes[k].lines)
        k++;
    return print_lines(script, page, page->title, title_sizes[k], TS_PAGE_HEIGHT - MARGIN, "center");
}

/* Returns the height of the caption in points. */
static double print_caption(FILE *script, const ts_page *page) {
    static const char look[] = "left textcolor rgb '#666666'";
    const char *note = page->note ? page->note : "";
    const type_size caption_size = {CAPTION_FONT, CAPTION_LINE, CAPTION_LINES},
                    note_size = {CAPTION_FONT, CAPTION_LINE, NOTE_LINES};
    int caption_lines = count_lines(page->caption, CAPTION_FONT), note_lines = count_lines(note, CAPTION_FONT);
    int lines = (caption_lines < CAPTION_LINES ? caption_lines : CAPTION_LINES) +
                (note_lines < NOTE_LINES ? note_lines : NOTE_LINES);
    double height = lines * CAPTION_LINE, top = MARGIN + height;
    top -= print_lines(script, page, page->caption, caption_size, top, look);
    print_lines(script, page, note, note_size, top, look);
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
    case TS_SYMBOL_NONE:
        break;
    case TS_SYMBOL_CONTOUR:
        print_line(script, from, to, middle, "lc rgb '#000000' lw 3.6");
        print_line(script, from, to, middle, "lc rgb '#ffffff' lw 1.8");
        break;
    case TS_SYMBOL_DASHES:
        print_line(script, from, to, middle, "lc rgb '#000000' lw 3.6");
        print_line(script, from, to, middle, "lc rgb '#ffffff' lw 1.8 dt (6,4)");
        break;
    case TS_SYMBOL_INTERVAL:
        print_point(script, centre, middle, TS_POINT_DISC, "ps 0.8 lc rgb '#000000'");
        print_point(script, centre, middle, TS_POINT_DISC, "ps 0.5 lc rgb '#ffffff'");
        for (int side = -1; side <= 1; side += 2) { /* lines would lie over the dot */
            const double end = side < 0 ? from : to, beside = centre + side * ts_page_across(3);
            print_line(script, beside, end, middle, "lc rgb '#000000' lw 3.6");
            print_line(script, beside, end, middle, "lc rgb '#ffffff' lw 1.8");
        }
        break;
    case TS_SYMBOL_DOT:
        print_point(script, centre, middle, TS_POINT_DISC, "ps 0.6 lc rgb '#000000'");
        print_point(script, centre, middle, TS_POINT_DISC, "ps 0.35 lc rgb '#ffffff'");
        break;
    case TS_SYMBOL_CROSS:
        print_point(script, centre, middle, TS_POINT_CROSS, "ps 0.8 lw 1.5 lc rgb '#000000'");
        break;
    case TS_SYMBOL_LIGHT_CROSS:
        print_point(script, centre, middle, TS_POINT_CROSS, "ps 0.8 lw 3 lc rgb '#000000'");
        print_point(script, centre, middle, TS_POINT_CROSS, "ps 0.8 lw 1.2 lc rgb '#ffffff'");
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
    case TS_SYMBOL_AREA:
        print_rectangle(script, from, to, low, high, item->look);
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
        double symbol = page->items[k].symbol != TS_SYMBOL_NONE ? SYMBOL_WIDTH : 0;
        double width = symbol + points_of(text, LEGEND_FONT);
        if (x > start && x + width > TS_PAGE_WIDTH - MARGIN) {
            x = start;
            y -= LEGEND_LINE;
        }
        print_symbol(script, &page->items[k], x, y);
        ts_page_text(script, text, ts_page_across(x + symbol), ts_page_up(y), "left font ',9.5'");
        x += width + LEGEND_GAP;
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
    page->left = ts_page_across(fmax(LEAST_LEFT, BEFORE_Y_LABELS + page->y_labels + BEHIND_Y_LABELS));
    page->right = 1 - ts_page_across(page->beside);
    double title = print_title(script, page);
    double caption = print_caption(script, page);
    double legend = print_legend(script, page, TS_PAGE_HEIGHT - MARGIN - title - 4);
    page->top = 1 - ts_page_up(MARGIN + title + 4 + legend + 6);
    page->bottom = ts_page_up(MARGIN + caption + AXIS_LABELS + 4);
    ts_page_panel(script, page->left, page->right, page->bottom, page->top);
    ts_page_text(script, page->x_title, (page->left + page->right) / 2, page->bottom - ts_page_up(33), "center");
    ts_page_upright(script, page->y_title, ts_page_across(Y_TITLE), page->bottom, page->top);
    fputs("unset key\nset border 15 front lw 1\n", script);
}
