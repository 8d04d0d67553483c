/* The phase diagram as text. */
#include "io/picture_terminal.h"

#include "io/picture_kinds.h"
#include "io/text.h"

#include <math.h>

/* How the rows are laid out. */
typedef struct text_grid {
    const ts_result *result;
    int label_width; /* of the neuron counts */
    int cell_width;  /* 1 or 2: so many characters of `scale` for each cell, else a number */
    size_t stride;   /* every stride-th epsilon is shown */
    bool colour;
} text_grid;

static const char scale[] = " .:-=+*#%@"; /* tenths of the success rate */

void ts_terminal_text(FILE *stream, const char *text, int columns) {
    while (*text != '\0') {
        const char *next;
        size_t bytes = ts_text_line(text, (size_t)columns, &next);
        fprintf(stream, "%.*s\n", (int)bytes, text);
        text = next;
    }
}

void ts_terminal_repeat(FILE *stream, char character, int count) {
    for (int k = 0; k < count; k++)
        fputc(character, stream);
}

static text_grid lay_out(const ts_result *result, int columns, bool colour) {
    text_grid grid = {.result = result, .cell_width = 1, .stride = 1, .colour = colour};
    grid.label_width = snprintf(NULL, 0, "%.0f", result->neurons[result->neurons_count - 1]);
    size_t room = (size_t)(columns - grid.label_width - 2); /* behind the label and " |" */
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

static void print_cell(FILE *stream, const text_grid *grid, size_t cell) {
    double rate = grid->result->success_rate[cell];
    bool coloured = grid->colour && is_shown(rate);
    bool few = grid->result->trainings[cell] < TS_FEW_TRAININGS;
    if (coloured)
        begin_colour(stream, rate);
    if (!is_shown(rate) && is_number(grid))
        fprintf(stream, "%*s ", grid->cell_width - 1, "?");
    else if (!is_shown(rate))
        ts_terminal_repeat(stream, '?', grid->cell_width);
    else if (!is_number(grid))
        ts_terminal_repeat(stream, scale[rate < 1 ? (int)(rate * 10) : 9], grid->cell_width);
    else
        fprintf(stream, "%*.0f%c", grid->cell_width - 1, 100 * rate, few ? '*' : ' ');
    if (coloured)
        fputs("\033[0m", stream);
}

static void print_rows(FILE *stream, const text_grid *grid) {
    const ts_result *result = grid->result;
    for (size_t j = result->neurons_count; j-- > 0;) {
        fprintf(stream, "%*.0f |", grid->label_width, result->neurons[j]);
        for (size_t i = 0; i < result->epsilon_count; i += grid->stride)
            print_cell(stream, grid, i * result->neurons_count + j);
        fputc('\n', stream);
    }
}

static void print_foot(FILE *stream, const text_grid *grid) {
    const ts_result *result = grid->result;
    int shown = (int)((result->epsilon_count + grid->stride - 1) / grid->stride);
    fprintf(stream, "%*s +", grid->label_width, "m");
    ts_terminal_repeat(stream, '-', shown * grid->cell_width);
    fputc('\n', stream);
    if (!is_number(grid))
        return;
    fprintf(stream, "%*s", grid->label_width + 2, "");
    for (size_t i = 0; i < result->epsilon_count; i++) {
        char number[32];
        ts_text_short_number(number, sizeof number, result->epsilon[i], grid->cell_width == 5 ? 1 : 2,
                             (size_t)grid->cell_width - 2);
        fprintf(stream, "%*s ", grid->cell_width - 1, number);
    }
    fputc('\n', stream);
}

static void print_legend(FILE *stream, const text_grid *grid) {
    const ts_result *result = grid->result;
    size_t few = 0, empty = 0;
    for (size_t cell = 0; cell < result->epsilon_count * result->neurons_count; cell++) {
        few += is_shown(result->success_rate[cell]) && result->trainings[cell] < TS_FEW_TRAININGS;
        empty += !is_shown(result->success_rate[cell]);
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
    if (empty > 0)
        fputs("?:      no training finished\n", stream);
}

void ts_picture_print_success(FILE *stream, const ts_result *result, int columns, bool colour) {
    if (columns < TS_TERMINAL_MIN_COLUMNS)
        columns = TS_TERMINAL_MIN_COLUMNS;
    text_grid grid = lay_out(result, columns, colour);
    ts_terminal_text(stream, result->title, columns);
    fputs("success rate in per cent\n\n", stream);
    print_rows(stream, &grid);
    print_foot(stream, &grid);
    print_legend(stream, &grid);
    ts_terminal_text(stream, result->caption, columns);
}
