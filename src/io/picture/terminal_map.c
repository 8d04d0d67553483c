/* The phase diagram, and the agreement with the limit, as text. */
#include "io/picture/kinds.h"
#include "io/picture/terminal.h"
#include "io/text.h"
#include "model/grid.h"

#include <math.h>
#include <string.h>

/* How the rows are laid out. */
typedef struct text_grid {
    const ts_result *result;
    const double *values;       /* [cells], between 0 and 1 */
    const double *limit_values; /* [neurons] of the limit epsilon -> 0 for a column of its own, or NULL */
    int label_width;            /* of the values upright */
    int limit_width;            /* of the column of the limit with the bar behind it */
    int cell_width;             /* 1 or 2: so many characters of `scale` for each cell, else a number */
    size_t stride;              /* every stride-th value across is shown */
    bool colour;
} text_grid;

#define UP_DIGITS 5 /* of the values upright */

static const char scale[] = " .:-=+*#%@"; /* tenths of the success rate */

#define DIVERGED 'x' /* marks of cells */
#define FEW '*'
#define LIMIT_NAME "-> 0"

static const char *short_name(const ts_result_axis *axis) {
    return axis->parameter == TS_PARAMETER_NEURONS ? "m" : ts_parameters[axis->parameter].name;
}

static text_grid lay_out(const ts_result *result, const double *values, const double *limit_values, int columns,
                         bool colour) {
    text_grid grid = {.result = result,
                      .values = values,
                      .limit_values = limit_values,
                      .limit_width = limit_values ? 7 : 0,
                      .cell_width = 1,
                      .stride = 1,
                      .colour = colour};
    const ts_result_axis *across = &result->axis[0], *up = &result->axis[1];
    grid.label_width = (int)strlen(short_name(up));
    for (size_t j = 0; j < up->count; j++) {
        char label[32];
        ts_text_number(label, sizeof label, up->values[j], UP_DIGITS);
        grid.label_width = (int)strlen(label) > grid.label_width ? (int)strlen(label) : grid.label_width;
    }
    size_t room = (size_t)(columns - grid.label_width - 2 - grid.limit_width); /* behind the label and " |" */
    if (across->count * 7 <= room)
        grid.cell_width = 7;
    else if (across->count * 5 <= room)
        grid.cell_width = 5;
    else if (across->count * 2 <= room)
        grid.cell_width = 2;
    else
        grid.stride = (across->count + room - 1) / room;
    return grid;
}

/* Nine colours of a 256-colour terminal near to those of the picture, with white type on the dark ones. */
static void begin_colour(FILE *stream, double rate) {
    static const int background[] = {53, 54, 60, 24, 30, 36, 77, 148, 226};
    int k = (int)lround(rate * 8);
    fprintf(stream, "\033[48;5;%dm\033[38;5;%dm", background[k], k < 4 ? 231 : 16);
}

static bool is_number(const text_grid *grid) {
    return grid->cell_width > 2;
}

static bool is_shown(double rate) {
    return rate >= 0 && rate <= 1;
}

/* A value in `width` characters, as a number with a mark behind it; where there is a mark for the scale, too, it is
 * that instead. */
static void print_value(FILE *stream, const text_grid *grid, double value, char mark, int width) {
    bool coloured = grid->colour && is_shown(value);
    bool number = width > 2;
    if (coloured)
        begin_colour(stream, value);
    if (!is_shown(value) && number)
        fprintf(stream, "%*s ", width - 1, "?");
    else if (!is_shown(value))
        ts_terminal_repeat(stream, '?', width);
    else if (!number && mark == DIVERGED)
        ts_terminal_repeat(stream, DIVERGED, width);
    else if (!number)
        ts_terminal_repeat(stream, scale[value < 1 ? (int)(value * 10) : 9], width);
    else
        fprintf(stream, "%*.0f%c", width - 1, 100 * value, mark);
    if (coloured)
        fputs("\033[0m", stream);
}

static char mark_of(const ts_result *result, size_t cell) {
    if (ts_picture_all_diverged(result, cell))
        return DIVERGED;
    return result->trainings[cell] < TS_FEW_TRAININGS ? FEW : ' ';
}

static void print_rows(FILE *stream, const text_grid *grid) {
    const ts_result *result = grid->result;
    const ts_result_axis *up = &result->axis[1];
    for (size_t j = up->count; j-- > 0;) {
        char label[32];
        ts_text_number(label, sizeof label, up->values[j], UP_DIGITS);
        fprintf(stream, "%*s |", grid->label_width, label);
        if (grid->limit_values) {
            char mark = result->limit_trainings[j] < TS_FEW_TRAININGS ? FEW : ' ';
            print_value(stream, grid, grid->limit_values[j], mark, grid->limit_width - 1);
            fputc('|', stream);
        }
        for (size_t i = 0; i < result->axis[0].count; i += grid->stride)
            print_value(stream, grid, grid->values[i * up->count + j], mark_of(result, i * up->count + j),
                        grid->cell_width);
        fputc('\n', stream);
    }
}

static void print_foot(FILE *stream, const text_grid *grid) {
    const ts_result_axis *across = &grid->result->axis[0];
    int shown = (int)((across->count + grid->stride - 1) / grid->stride);
    fprintf(stream, "%*s +", grid->label_width, short_name(&grid->result->axis[1]));
    if (grid->limit_values) {
        ts_terminal_repeat(stream, '-', grid->limit_width - 1);
        fputc('+', stream);
    }
    ts_terminal_repeat(stream, '-', shown * grid->cell_width);
    fputc('\n', stream);
    if (!is_number(grid) && !grid->limit_values)
        return;
    fprintf(stream, "%*s", grid->label_width + 2, "");
    if (grid->limit_values)
        fprintf(stream, "%*s%s", grid->limit_width - 2, LIMIT_NAME, is_number(grid) ? "  " : "");
    for (size_t i = 0; is_number(grid) && i < across->count; i++) {
        char number[32];
        ts_text_short_number(number, sizeof number, across->values[i], grid->cell_width == 5 ? 1 : 2,
                             (size_t)grid->cell_width - 2);
        fprintf(stream, "%*s ", grid->cell_width - 1, number);
    }
    fputc('\n', stream);
}

static void print_legend(FILE *stream, const text_grid *grid) {
    const ts_result *result = grid->result;
    const ts_result_axis *across = &result->axis[0], *up = &result->axis[1];
    size_t few = 0, empty = 0, diverged = 0;
    for (size_t cell = 0; cell < ts_result_cells(result); cell++) {
        few += is_shown(grid->values[cell]) && mark_of(result, cell) == FEW;
        diverged += is_shown(grid->values[cell]) && mark_of(result, cell) == DIVERGED;
        empty += !is_shown(grid->values[cell]);
    }
    char first[32], last[32];
    ts_text_short_number(first, sizeof first, across->values[0], 3, 7);
    ts_text_short_number(last, sizeof last, across->values[across->count - 1], 3, 7);
    fprintf(stream, "across: %s from %s to %s\n", ts_parameters[across->parameter].name, first, last);
    if (grid->stride > 1)
        fprintf(stream, "        one of %zu values is shown\n", grid->stride);
    fprintf(stream, "up:     %s%s\n", ts_parameters[up->parameter].name,
            up->parameter == TS_PARAMETER_NEURONS ? " m" : "");
    if (!is_number(grid))
        fprintf(stream, "scale:  0 \"%s\" 100 per cent\n", scale);
    if (few > 0 && is_number(grid))
        fprintf(stream, "*:      fewer than %d trainings finished\n", TS_FEW_TRAININGS);
    if (diverged > 0)
        fputs("x:      every training diverged\n", stream);
    if (empty > 0)
        fputs("?:      no training finished\n", stream);
}

static void print_limit_legend(FILE *stream, const ts_result *result, int columns) {
    char limit[128], line[160];
    ts_picture_limit_text(limit, sizeof limit, result);
    snprintf(line, sizeof line, LIMIT_NAME ":   %s", limit);
    ts_terminal_text(stream, line, columns);
}

static void print_grid(FILE *stream, const text_grid *grid, const char *what, int columns) {
    ts_terminal_text(stream, grid->result->title, columns);
    ts_terminal_text(stream, what, columns);
    fputc('\n', stream);
    print_rows(stream, grid);
    print_foot(stream, grid);
    print_legend(stream, grid);
    if (grid->limit_values)
        print_limit_legend(stream, grid->result, columns);
    ts_terminal_text(stream, grid->result->caption, columns);
}

void ts_picture_print_success(FILE *stream, const ts_result_view *view, int columns, bool colour) {
    const ts_result *result = view->result;
    if (columns < TS_TERMINAL_MIN_COLUMNS)
        columns = TS_TERMINAL_MIN_COLUMNS;
    char what[64], note[320];
    snprintf(what, sizeof what, "%s in per cent", view->success.name);
    snprintf(note, sizeof note, "%s%s", view->success.note, view->success.control);
    const text_grid grid = lay_out(result, view->success.rate, ts_picture_limit(result), columns, colour);
    print_grid(stream, &grid, what, columns);
    ts_terminal_text(stream, note, columns);
}

void ts_picture_print_agreement(FILE *stream, const ts_result_view *view, int columns, bool colour) {
    const ts_result *result = view->result;
    if (columns < TS_TERMINAL_MIN_COLUMNS)
        columns = TS_TERMINAL_MIN_COLUMNS;
    const text_grid grid = lay_out(result, result->limit_agreement, NULL, columns, colour);
    print_grid(stream, &grid,
               "trainings that end as their limit epsilon -> 0 (in success or not) at the same slow time, in per cent",
               columns);
}
