#include "io/picture/levels.h"

#include "io/text.h"

#include <math.h>

#define GAP 0.03 /* share of the page between the two names at least */

static void set_level(double *level, char name[64], const char *word, double loss) {
    char number[32];
    ts_text_number(number, sizeof number, loss, 3);
    snprintf(name, 64, "%s %s", word, number);
    *level = log10(loss);
}

ts_levels ts_levels_of(double loss_floor, double success_loss) {
    ts_levels levels = {.floor = NAN, .success = NAN};
    if (loss_floor > 0)
        set_level(&levels.floor, levels.floor_name, "loss floor", loss_floor);
    if (success_loss > fmax(loss_floor, 0))
        set_level(&levels.success, levels.success_name, "success below", success_loss);
    return levels;
}

double ts_levels_beside(const ts_levels *levels) {
    return fmax(ts_page_beside_width(levels->floor_name), ts_page_beside_width(levels->success_name));
}

static void print_level(FILE *script, const ts_page *page, const char *name, double level, double y,
                        const char *dashes) {
    if (isnan(level))
        return;
    fprintf(script,
            "set arrow from graph 0, first %.9g to graph 1, first %.9g nohead back lc rgb '#555555' lw 1 dt %s\n",
            level, level, dashes);
    ts_page_beside(script, page, name, y);
}

void ts_levels_print(FILE *script, const ts_page *page, const ts_levels *levels, double low, double high) {
    const double scale = (page->top - page->bottom) / (high - low);
    double below = page->bottom + scale * (levels->floor - low);
    double above = page->bottom + scale * (levels->success - low);
    if (above - below < GAP) { /* not where one of them is missing */
        const double middle = (above + below) / 2;
        below = middle - GAP / 2;
        above = middle + GAP / 2;
    }
    print_level(script, page, levels->floor_name, levels->floor, below, "(2,3)");
    print_level(script, page, levels->success_name, levels->success, above, "(8,5)");
}
