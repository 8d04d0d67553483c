/* A trace as text: one line for each training, with the course of its loss. */
#include "io/picture/terminal.h"
#include "io/picture/trace/parts.h"
#include "io/text.h"

#include <math.h>
#include <string.h>

#define NUMBERS_WIDTH 41 /* columns before the course: replicate, outcome, loss, limit */
#define MOST_TRAININGS 40
#define MAX_COURSE 160

static const char scale[] = " .:-=+*#%@"; /* from the lowest loss to the highest, by their logarithms */

/* The course of a loss in characters, over equal parts of the time. */
typedef struct text_course {
    int width;
    double low, high; /* decimal logarithms */
    bool has_gaps;    /* is there no loss at some times? */
    bool colour;
} text_course;

static text_course lay_out(const ts_trace_data *data, int columns, bool colour) {
    text_course course = {.low = HUGE_VAL, .high = -HUGE_VAL, .colour = colour};
    course.width = columns < NUMBERS_WIDTH ? 0 : columns - NUMBERS_WIDTH;
    course.width = course.width < MAX_COURSE ? course.width : MAX_COURSE;
    for (size_t at = 0; at < data->trainings * data->times; at++) {
        course.has_gaps = course.has_gaps || isnan(data->loss[at]);
        if (data->loss[at] > 0 && isfinite(data->loss[at])) {
            course.low = fmin(course.low, log10(data->loss[at]));
            course.high = fmax(course.high, log10(data->loss[at]));
        }
    }
    return course;
}

static char level_of(const text_course *course, double loss) {
    if (isnan(loss))
        return '?';
    const double share = loss > 0 ? (log10(loss) - course->low) / (course->high - course->low) : 0;
    return scale[share > 0 ? (int)fmin(share * 10, 9) : 0];
}

static const char *outcome_name(ts_outcome outcome) {
    return outcome == TS_OUTCOME_SUCCESS    ? "success"
           : outcome == TS_OUTCOME_DIVERGED ? "diverged"
           : outcome == TS_OUTCOME_FAILURE  ? "failure"
                                            : "not run";
}

static void print_training(FILE *stream, const ts_trace_data *data, const text_course *course, size_t i) {
    char loss[32] = "-", limit[32], line[MAX_COURSE + 1];
    const double *losses = data->loss + ts_view_at(data, i, 0, 1);
    const size_t last = data->times - 1;
    if (!isnan(losses[last]))
        ts_text_number(loss, sizeof loss, losses[last], 3);
    ts_text_number(limit, sizeof limit, data->limit_loss[ts_view_at(data, i, last, 1)], 3);
    for (int c = 0; c < course->width; c++) {
        const size_t k = course->width > 1 ? last * (size_t)c / (size_t)(course->width - 1) : last;
        line[c] = level_of(course, losses[k]);
    }
    line[course->width] = '\0';
    fprintf(stream, "%9u %9s %9s %9s", data->replicate[i], outcome_name(data->outcome[i]), loss, limit);
    fprintf(stream, "%s%s%s%s\n", course->colour ? "\033[38;5;33m" : "", course->width > 0 ? "  " : "", line,
            course->colour ? "\033[0m" : "");
}

static void print_legend(FILE *stream, const ts_recording *file, const text_course *course) {
    const ts_trace_data *data = &file->data;
    char low[32], high[32], slow[32], step[32], floor[32];
    ts_text_number(slow, sizeof slow, data->slow_time[data->times - 1], 3);
    ts_text_number(step, sizeof step, (double)data->step[data->times - 1], 4);
    fprintf(stream, "to:     slow time %s, step %s\n", slow, step);
    if (course->low < HUGE_VAL) {
        ts_text_number(low, sizeof low, pow(10, course->low), 3);
        ts_text_number(high, sizeof high, pow(10, course->high), 3);
        fprintf(stream, "loss:   from %s \"%s\" to %s\n", low, scale, high);
    } else {
        fputs("loss:   0 as long as there is one\n", stream);
    }
    if (course->has_gaps)
        fputs("?:      diverged\n", stream);
    ts_text_number(floor, sizeof floor, file->loss_floor, 3);
    fprintf(stream, "floor:  %s, a neuron on each jump\n", floor);
}

void ts_picture_print_summary(FILE *stream, const ts_recording *file, int columns, bool colour) {
    const ts_trace_data *data = &file->data;
    if (columns < TS_TERMINAL_MIN_COLUMNS)
        columns = TS_TERMINAL_MIN_COLUMNS;
    const text_course course = lay_out(data, columns, colour);
    ts_terminal_text(stream, file->title, columns);
    fprintf(stream, "%9s %9s %9s %9s%s%.*s\n", "replicate", "outcome", "loss", "limit", course.width > 0 ? "  " : "",
            course.width, "loss over time");
    for (size_t i = 0; i < data->trainings && i < MOST_TRAININGS; i++)
        print_training(stream, data, &course, i);
    if (data->trainings > MOST_TRAININGS)
        fprintf(stream, "          and %zu more\n", data->trainings - MOST_TRAININGS);
    print_legend(stream, file, &course);
    ts_terminal_text(stream, file->caption, columns);
}
