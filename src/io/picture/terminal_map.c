/* The phase diagram, and the agreement with the limit, as text. */
#include "io/picture/kinds.h"
#include "io/picture/terminal.h"
#include "io/text.h"

#include <math.h>

/* How the rows are laid out. */
typedef struct text_grid {
    const ts_result *result;
    const double *values;       /* [cells], between 0 and 1 */
    const double *limit_values; /* [neurons_count] of the limit epsilon -> 0 for a column of its own, or NULL */
    int label_width;            /* of the neuron counts */
    int limit_width;            /* of the column of the limit with the bar behind it */
    int cell_width;             /* 1 or 2: so many characters of `scale` for each cell, else a number */
    size_t stride;              /* every stride-th epsilon is shown */
    bool colour;
} text_grid;

static const char scale[] = " .:-=+*#%@"; /* tenths of the success rate */

#define DIVERGED 'x' /* marks of cells */
#define FEW '*'
#define LIMIT_NAME "-> 0"

static text_grid lay_out(const ts_result *result, const double *values, const double *limit_values, int columns,
                         bool colour) {
    text_grid grid = {.result = result,
                      .values = values,
                      .limit_values = limit_values,
                      .limit_width = limit_values ? 7 : 0,
                      .cell_width = 1,
                      .stride = 1,
                      .colour = colour};
    grid.label_width = snprintf(NULL, 0, "%.0f", result->neurons[result->neurons_count - 1]);
    size_t room = (size_t)(columns - grid.label_width - 2 - grid.limit_width); /* behind the label and " |" */
    if (result->epsilon_count * 7 <= room)
        grid.cell_width = 7;
    else if (result->epsilon_count * 5 <= room)
        grid.cell_width = 5;
    else if (result->epsilon_count * 2 <= room)
        grid.cell_width = 2;
    else
        grid.stride = (result->epsilon_count + room - 1) / room;
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
    for (size_t j = result->neurons_count; j-- > 0;) {
        fprintf(stream, "%*.0f |", grid->label_width, result->neurons[j]);
        if (grid->limit_values) {
            char mark = result->limit_trainings[j] < TS_FEW_TRAININGS ? FEW : ' ';
            print_value(stream, grid, grid->limit_values[j], mark, grid->limit_width - 1);
            fputc('|', stream);
        }
        for (size_t i = 0; i < result->epsilon_count; i += grid->stride)
            print_value(stream, grid, grid->values[i * result->neurons_count + j],
                        mark_of(result, i * result->neurons_count + j), grid->cell_width);
        fputc('\n', stream);
    }
}

static void print_foot(FILE *stream, const text_grid *grid) {
    const ts_result *result = grid->result;
    int shown = (int)((result->epsilon_count + grid->stride - 1) / grid->stride);
    fprintf(stream, "%*s +", grid->label_width, "m");
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
    for (size_t i = 0; is_number(grid) && i < result->epsilon_count; i++) {
        char number[32];
        ts_text_short_number(number, sizeof number, result->epsilon[i], grid->cell_width == 5 ? 1 : 2,
                             (size_t)grid->cell_width - 2);
        fprintf(stream, "%*s ", grid->cell_width - 1, number);
    }
    fputc('\n', stream);
}

static void print_legend(FILE *stream, const text_grid *grid) {
    const ts_result *result = grid->result;
    size_t few = 0, empty = 0, diverged = 0;
    for (size_t cell = 0; cell < result->epsilon_count * result->neurons_count; cell++) {
        few += is_shown(grid->values[cell]) && mark_of(result, cell) == FEW;
        diverged += is_shown(grid->values[cell]) && mark_of(result, cell) == DIVERGED;
        empty += !is_shown(grid->values[cell]);
    }
    char first[32], last[32];
    ts_text_short_number(first, sizeof first, result->epsilon[0], 3, 7);
    ts_text_short_number(last, sizeof last, result->epsilon[result->epsilon_count - 1], 3, 7);
    fprintf(stream, "across: epsilon from %s to %s\n", first, last);
    if (grid->stride > 1)
        fprintf(stream, "        one of %zu values is shown\n", grid->stride);
    fputs("up:     neurons m\n", stream);
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
    const text_grid grid = lay_out(result, result->success_rate, ts_picture_limit(result), columns, colour);
    print_grid(stream, &grid, "success rate in per cent", columns);
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
