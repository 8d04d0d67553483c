/* The time to success as text: one line for each value upright, the largest first. */
#include "io/picture/kinds.h"
#include "io/picture/terminal.h"
#include "io/text.h"
#include "model/grid.h"

#include <math.h>

#define WIDTH 9 /* of a column */

static void print_number(FILE *stream, double value) {
    char number[32];
    ts_text_number(number, sizeof number, value, 3);
    fprintf(stream, "%*s", WIDTH, number);
}

static void print_time(FILE *stream, const ts_result *result, size_t cell) {
    const double time = ts_picture_median_time(result, cell);
    if (isnan(time))
        fprintf(stream, "%*s", WIDTH, result->trainings[cell] > 0 ? "-" : "?");
    else
        print_number(stream, time);
}

void ts_picture_print_time_to_success(FILE *stream, const ts_result_view *view, int columns, bool colour) {
    (void)colour;
    const ts_result *result = view->result;
    const ts_result_axis *across = &result->axis[0], *up = &result->axis[1];
    const size_t room = columns > 3 * WIDTH ? (size_t)columns / WIDTH - 1 : 2;
    const size_t stride = (across->count + room - 1) / room;
    char last[64], line[160];
    ts_terminal_text(stream, result->title, columns);
    ts_terminal_text(stream, "time by which half of the trainings had been a success", columns);
    fputc('\n', stream);
    for (size_t j = up->count; j-- > 0;) {
        print_number(stream, up->values[j]);
        for (size_t i = 0; i < across->count; i += stride)
            print_time(stream, result, i * up->count + j);
        fputc('\n', stream);
    }
    fprintf(stream, "%*s", WIDTH, "");
    for (size_t i = 0; i < across->count; i += stride)
        print_number(stream, across->values[i]);
    ts_picture_time_text(last, sizeof last, result, result->observations.count - 1);
    fprintf(stream, "\nacross: %s", ts_parameters[across->parameter].name);
    if (stride > 1)
        fprintf(stream, ", one of %zu values is shown", stride);
    fprintf(stream, "; up: %s\n", ts_parameters[up->parameter].name);
    snprintf(line, sizeof line, "-: not half of them until %s", last);
    ts_terminal_text(stream, line, columns);
    if (!result->complete)
        ts_terminal_text(stream, "?: no training finished", columns);
    ts_terminal_text(stream, view->success.note, columns);
    ts_terminal_text(stream, result->caption, columns);
}
