#include "io/picture/boundary.h"

#include <math.h>

#define INSET 0.005    /* share of the axis by which bars stay away from the frame */
#define CAP 0.22       /* half of the stroke across the end of a bar, as a share of its row */
#define MOST_CAP 0.012 /* and at most, as a share of the axis */
#define MOST_SIZE 0.8  /* of a point, */
#define LEAST_SIZE 0.5 /* and where there are many: bars are to be seen beside them */
#define MANY_ROWS 13.0
#define LAW_POINTS 200 /* of the line of a law */

/* Where things are drawn. */
typedef struct drawing {
    FILE *stream; /* NULL: nothing is */
    const ts_study *study;
    const ts_axis *along, *rows; /* epsilon, and the other axis */
    bool is_upright;             /* does epsilon lie upright? */
} drawing;

static void print_point(const drawing *of, double epsilon, double row) {
    if (of->stream)
        fprintf(of->stream, "%.9g %.9g\n", of->is_upright ? row : epsilon, of->is_upright ? epsilon : row);
}

static void print_segment(const drawing *of, double epsilon, double row, double other_epsilon, double other_row) {
    print_point(of, epsilon, row);
    print_point(of, other_epsilon, other_row);
    if (of->stream)
        fputc('\n', of->stream);
}

static double inset(const ts_axis *axis) {
    return INSET * (ts_axis_high(axis) - ts_axis_low(axis));
}

static bool is_inside(const ts_axis *axis, double place) {
    return place >= ts_axis_low(axis) + inset(axis) && place <= ts_axis_high(axis) - inset(axis);
}

/* A stroke across the end of the bar of row k. */
static void print_cap(const drawing *of, double epsilon, size_t k) {
    const ts_axis *rows = of->rows;
    const double half =
        fmin(CAP * (rows->edge[k + 1] - rows->edge[k]), MOST_CAP * (ts_axis_high(rows) - ts_axis_low(rows)));
    print_segment(of, epsilon, rows->centre[k] - half, epsilon, rows->centre[k] + half);
}

/* The interval of row k, as far as it is on the axis. An end that is not has no stroke across. */
static bool print_bar(const drawing *of, size_t k) {
    const ts_boundary *found = &of->study->found.boundary[k];
    const ts_axis *along = of->along;
    if (found->state != TS_BOUNDARY_FOUND && found->state != TS_BOUNDARY_BETWEEN)
        return false;
    const double low = found->low > 0 ? ts_axis_place(along, found->low) : -INFINITY;
    const double high = isfinite(found->high) ? ts_axis_place(along, found->high) : INFINITY;
    const double from = fmax(low, ts_axis_low(along) + inset(along)),
                 to = fmin(high, ts_axis_high(along) - inset(along));
    if (!(from < to))
        return false;
    print_segment(of, from, of->rows->centre[k], to, of->rows->centre[k]);
    if (from == low)
        print_cap(of, from, k);
    if (to == high)
        print_cap(of, to, k);
    return true;
}

static size_t print_bars(const drawing *of) {
    size_t bars = 0;
    for (size_t k = 0; k < of->rows->count; k++)
        bars += print_bar(of, k);
    return bars;
}

static size_t print_points(const drawing *of) {
    size_t points = 0;
    for (size_t k = 0; k < of->rows->count; k++) {
        const ts_boundary *found = &of->study->found.boundary[k];
        const double place = found->state == TS_BOUNDARY_FOUND ? ts_axis_place(of->along, found->epsilon) : NAN;
        if (!is_inside(of->along, place))
            continue;
        print_point(of, place, of->rows->centre[k]);
        points++;
    }
    return points;
}

/* Is the boundary of this row one that the law was fitted to? */
static bool is_in_law(const drawing *of, size_t k) {
    const ts_boundary *found = &of->study->found.boundary[k];
    return found->state == TS_BOUNDARY_FOUND && isfinite(found->variance) && of->rows->value[k] > 0;
}

/* The law from the first row that it was fitted to to the last. Returns how many points of it there are to be seen. */
static size_t print_law(const drawing *of) {
    const ts_axis *rows = of->rows;
    size_t points = 0, first = 0, last = rows->count - 1;
    if (of->study->law_count != 1 || !ts_study_has_law(&of->study->law[0].law))
        return 0;
    const ts_law *law = &of->study->law[0].law;
    const size_t parts = 1 + LAW_POINTS / rows->count;
    while (first < last && !is_in_law(of, first))
        first++;
    while (last > first && !is_in_law(of, last))
        last--;
    for (size_t i = first * parts; i <= last * parts; i++) {
        const size_t k = i / parts;
        const double share = (double)(i % parts) / (double)parts;
        const double value =
            i % parts == 0 ? rows->value[k] : (1 - share) * rows->value[k] + share * rows->value[k + 1];
        const double place = ts_axis_place(of->along, law->factor * pow(value, law->exponent));
        if (value > 0 && is_inside(of->along, place)) {
            print_point(of, place, ts_axis_place(rows, value));
            points++;
        } else if (of->stream)
            fputc('\n', of->stream); /* the line has a gap */
    }
    return points;
}

/* A block of data with what `print` prints. */
static size_t print_block(const drawing *of, const char *name, size_t (*print)(const drawing *of)) {
    if (of->stream)
        fprintf(of->stream, "$%s << EOD\n", name);
    const size_t count = print(of);
    if (of->stream)
        fputs("EOD\n", of->stream);
    return count;
}

ts_boundary_marks ts_boundary_marks_print(FILE *stream, const ts_study *study, const ts_result *result,
                                          const ts_axis *x, const ts_axis *y) {
    const bool is_upright = result->axis[0].parameter != TS_PARAMETER_EPSILON;
    const drawing of = {stream, study, is_upright ? y : x, is_upright ? x : y, is_upright};
    return (ts_boundary_marks){.bars = print_block(&of, "bars", print_bars),
                               .points = print_block(&of, "points", print_points),
                               .law = print_block(&of, "law", print_law),
                               .size = fmax(LEAST_SIZE, fmin(MOST_SIZE, MANY_ROWS / (double)of.rows->count))};
}

/* White with a black edge, which is seen on dark and light cells. */
void ts_boundary_marks_plot(FILE *script, const ts_boundary_marks *marks) {
    if (marks->law > 1) {
        fputs(", $law using 1:2 notitle with lines lc rgb '#000000' lw 3.6", script);
        fputs(", $law using 1:2 notitle with lines lc rgb '#ffffff' lw 1.8 dt (6,4)", script);
    }
    if (marks->bars > 0) {
        fputs(", $bars using 1:2 notitle with lines lc rgb '#000000' lw 3.6", script);
        fputs(", $bars using 1:2 notitle with lines lc rgb '#ffffff' lw 1.8", script);
    }
    if (marks->points > 0) {
        fprintf(script, ", $points using 1:2 notitle with points pt %d ps %.3g lc rgb '#000000'", TS_POINT_DISC,
                marks->size);
        fprintf(script, ", $points using 1:2 notitle with points pt %d ps %.3g lc rgb '#ffffff'", TS_POINT_DISC,
                0.6 * marks->size);
    }
}

void ts_boundary_marks_legend(ts_page *page, const ts_study *study, const ts_boundary_marks *marks, char *law,
                              size_t size) {
    char words[96];
    if (marks->bars > 0 || marks->points > 0)
        page->items[page->item_count++] = (ts_legend_item){TS_SYMBOL_INTERVAL, "ε_c with 95 per cent interval", NULL};
    if (marks->law <= 1)
        return;
    ts_study_law_text(words, sizeof words, study, &study->law[0].law, false);
    snprintf(law, size, "law: ε_c = %s", words);
    page->items[page->item_count++] = (ts_legend_item){TS_SYMBOL_DASHES, law, NULL};
}

void ts_boundary_marks_text(char *text, size_t size, const ts_study *study, const ts_boundary_marks *marks) {
    char level[160], exponent[128] = "", misfit[48] = "";
    const ts_law *law = study->law_count == 1 ? &study->law[0].law : NULL;
    ts_study_level_text(level, sizeof level, study, false);
    if (marks->law > 1 && law->widened)
        snprintf(misfit, sizeof misfit, "; it does not fit, p = %.2g", law->p);
    if (marks->law > 1)
        snprintf(exponent, sizeof exponent, "; exponent of the law %.3g to %.3g%s", law->exponent_low,
                 law->exponent_high, misfit);
    snprintf(text, size, "ε_c: %s%s%s", level, exponent,
             marks->bars == 0 && marks->points == 0 ? "; no row has one" : "");
}
