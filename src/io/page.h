/* The page around a plot: title above, legend below it, the plot, and the setting in small grey type at the foot. */
#ifndef TS_IO_PAGE_H
#define TS_IO_PAGE_H

#include <stddef.h>
#include <stdio.h>

/* Every format has the same page, in points; sizes of type and lines are in points too. */
#define TS_PAGE_WIDTH 576
#define TS_PAGE_HEIGHT 432

#define TS_LEGEND_ITEMS 4
#define TS_POINT_CROSS 2 /* gnuplot's numbers of its points */
#define TS_POINT_DISC 7

typedef enum ts_symbol { TS_SYMBOL_CONTOUR, TS_SYMBOL_DOT, TS_SYMBOL_CROSS, TS_SYMBOL_EMPTY, TS_SYMBOL_BOX } ts_symbol;

typedef struct ts_legend_item {
    ts_symbol symbol;
    const char *text;
} ts_legend_item;

typedef struct ts_page {
    const char *title;   /* valid UTF-8 */
    const char *caption; /* valid UTF-8, may have several lines */
    const char *note;    /* one more line of the caption, or NULL */
    const char *x_title, *y_title;
    ts_legend_item items[TS_LEGEND_ITEMS];
    size_t item_count;
    double right;             /* right end of the plot as a share of the page; what is beyond belongs to the picture */
    double left, bottom, top; /* the other ends, set by ts_page_begin */
} ts_page;

/* Print gnuplot commands that lay out the page, and set left, bottom and top. */
void ts_page_begin(FILE *script, ts_page *page);

/* Print a line of text at a place in shares of the page; `look` is gnuplot's options of a label. */
void ts_page_text(FILE *script, const char *text, double x, double y, const char *look);

#endif
