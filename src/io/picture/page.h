/* The page around a plot: title above, legend below it, the plot, and the setting in small grey type at the foot. */
#ifndef TS_IO_PICTURE_PAGE_H
#define TS_IO_PICTURE_PAGE_H

#include "io/picture/ticks.h"

#include <stdio.h>

/* Every format has the same page, in points; sizes of type and lines are in points too. */
#define TS_PAGE_WIDTH 576
#define TS_PAGE_HEIGHT 432

#define TS_LEGEND_ITEMS 9
#define TS_POINT_CROSS 2 /* gnuplot's numbers of its points */
#define TS_POINT_DISC 7

typedef enum ts_symbol {
    TS_SYMBOL_NONE, /* text alone */
    TS_SYMBOL_CONTOUR,
    TS_SYMBOL_DASHES,   /* a line in black and white */
    TS_SYMBOL_INTERVAL, /* a dot in the middle of a bar */
    TS_SYMBOL_DOT,
    TS_SYMBOL_CROSS,
    TS_SYMBOL_LIGHT_CROSS, /* on dark cells */
    TS_SYMBOL_EMPTY,
    TS_SYMBOL_BOX,
    TS_SYMBOL_AREA, /* a rectangle */
    TS_SYMBOL_LINE, /* across */
    TS_SYMBOL_TICK  /* upright */
} ts_symbol;

typedef struct ts_legend_item {
    ts_symbol symbol;
    const char *text;
    const char *look; /* of a line, tick or area, in gnuplot's words */
} ts_legend_item;

typedef struct ts_page {
    const char *title;   /* valid UTF-8 */
    const char *caption; /* valid UTF-8, may have several lines */
    const char *note;    /* some more lines of the caption, or NULL */
    const char *x_title, *y_title;
    ts_legend_item items[TS_LEGEND_ITEMS];
    size_t item_count;
    double
        y_labels;  /* points that the tick labels of the vertical axis take (ts_ticks_width); there is room for some */
    double beside; /* points right of the plot that belong to the picture */
    bool has_entities;               /* does the format read "&lt;" as "<" (GIF)? */
    double left, right, bottom, top; /* ends of the plot as shares of the page, set by ts_page_begin */
} ts_page;

/* `title`, or `otherwise` where there is nothing to be seen of it. */
const char *ts_page_title(const char *title, const char *otherwise);

/* Print gnuplot commands that lay out the page, and set left, right, bottom and top. Whatever is longer than it should
 * be is set smaller, broken into lines, or cut with dots: nothing leaves the page. */
void ts_page_begin(FILE *script, ts_page *page);

/* Begin a plot of its own between these ends, in shares of the page. */
void ts_page_panel(FILE *script, double left, double right, double bottom, double top);

/* Points right of the plot that a line of text needs there, the margin included; and print it at a height in shares of
 * the page. */
double ts_page_beside_width(const char *text);
void ts_page_beside(FILE *script, const ts_page *page, const char *text, double y);

/* Print text upright at `x`, centred between two heights, in shares of the page; smaller where it is too long. */
void ts_page_upright(FILE *script, const char *text, double x, double low, double high);

/* Print text in the middle of a plot or panel that has nothing, or less than one would expect, to show. */
void ts_page_message(FILE *script, const char *text, double left, double right, double low, double high);

/* The room that labels of the horizontal axis have, at least `gap` apart. */
ts_tick_room ts_page_room(const ts_page *page, double gap);

/* What was printed on the page so far belongs to the plot before, and is not drawn again. */
void ts_page_printed(FILE *script);

/* Points as a share of the width or height of the page. */
double ts_page_across(double points);
double ts_page_up(double points);

/* Print a line of text at a place in shares of the page; `look` is gnuplot's options of a label. */
void ts_page_text(FILE *script, const char *text, double x, double y, const char *look);

#endif
