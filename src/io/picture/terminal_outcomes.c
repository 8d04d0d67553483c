/* How trainings end as text: one line for each value of the first axis, in per cent. */
#include "io/picture/kinds.h"
#include "io/picture/parameter.h"
#include "io/picture/terminal.h"
#include "io/text.h"
#include "model/grid.h"

static void print_share(FILE *stream, double count, double all) {
    if (all > 0)
        fprintf(stream, " %8.0f", 100 * count / all);
    else
        fprintf(stream, " %8s", "?");
}

void ts_picture_print_outcomes(FILE *stream, const ts_result_view *view, int columns, bool colour) {
    (void)colour;
    const ts_result *result = view->result;
    const ts_result_axis *across = &result->axis[0];
    char value[48], number[32];
    ts_picture_value_text(value, sizeof value, &result->axis[1], view->row, 6, true);
    ts_terminal_text(stream, result->title, columns);
    fprintf(stream, "how trainings end at %s, in per cent\n\n", value);
    fprintf(stream, "%8s %8s %8s %8s %8s\n", ts_parameters[across->parameter].name, "success", "covered", "missed",
            "diverged");
    for (size_t i = 0; i < across->count; i++) {
        const size_t cell = i * result->axis[1].count + view->row;
        const double all = result->trainings[cell], success = result->success_count[cell],
                     covered = result->covered_failure_count[cell], diverged = result->diverged_count[cell];
        ts_text_number(number, sizeof number, across->values[i], 3);
        fprintf(stream, "%8s", number);
        print_share(stream, success, all);
        print_share(stream, covered, all);
        print_share(stream, all - success - covered - diverged, all);
        print_share(stream, diverged, all);
        fputc('\n', stream);
    }
    ts_terminal_text(stream, view->success.note, columns);
    ts_terminal_text(stream, "covered: no success, although every jump has a neuron within eta/2", columns);
    ts_terminal_text(stream, "missed:  a jump has no neuron", columns);
    ts_terminal_text(stream, result->caption, columns);
}
