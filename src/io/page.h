/* The page around a plot: title above, legend below it, the plot, and the setting in small grey type at the foot. */
#ifndef TS_IO_PAGE_H
#define TS_IO_PAGE_H

#include <stddef.h>
#include <stdio.h>

/* Every format has the same page, in points; sizes of type and lines are in points too. */
#define TS_PAGE_WIDTH 576
#define TS_PAGE_HEIGHT 432

#define TS_LEGEND_ITEMS 8
#define TS_POINT_CROSS 2 /* gnuplot's numbers of its points */
#define TS_POINT_DISC 7

typedef enum ts_symbol {
    TS_SYMBOL_CONTOUR,
    TS_SYMBOL_DOT,
    TS_SYMBOL_CROSS,
    TS_SYMBOL_EMPTY,
    TS_SYMBOL_BOX,
    TS_SYMBOL_LINE, /* across */
    TS_SYMBOL_TICK  /* upright */
} ts_symbol;

typedef struct ts_legend_item {
    ts_symbol symbol;
    const char *text;
    const char *look; /* of a line or tick, in gnuplot's words */
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

/* Begin a plot of its own between these ends, in shares of the page. */
void ts_page_panel(FILE *script, double left, double right, double bottom, double top);

/* What was printed on the page so far belongs to the plot before, and is not drawn again. */
void ts_page_printed(FILE *script);

/* Points as a share of the width or height of the page. */
double ts_page_across(double points);
double ts_page_up(double points);

/* Print a line of text at a place in shares of the page; `look` is gnuplot's options of a label. */
void ts_page_text(FILE *script, const char *text, double x, double y, const char *look);

#endif
