/* The boundary in a phase diagram: what is drawn of which row, on axes of every kind, and that it stays on them. */
#include "io/picture/boundary.h"

#include "io/graded.h"
#include "io/picture/parameter.h"
#include "io/picture/picture.h"
#include "io/picture/svg.h"

#define MOST_ROWS 40

/* A study made by hand, of rows of a result whose axes are epsilon and one other. */
typedef struct made {
    ts_result result;
    ts_study study;
    ts_study_law law;
    ts_boundary boundary[MOST_ROWS];
    double rows[MOST_ROWS], epsilon[64];
    ts_axis along, across;
} made;

/* Rows of `parameter` from `first` on, `step` apart; epsilon is `factor` times as large in each column. */
static void make(made *m, ts_parameter parameter, size_t rows, double first, double step, size_t columns, double factor,
                 bool is_upright) {
    *m = (made){0};
    for (size_t k = 0; k < rows; k++)
        m->rows[k] = first + step * (double)k;
    for (size_t i = 0; i < columns; i++)
        m->epsilon[i] = 1e-3 * pow(factor, (double)i);
    m->result.axis_count = 2;
    m->result.axis[is_upright] = (ts_result_axis){TS_PARAMETER_EPSILON, columns, m->epsilon};
    m->result.axis[!is_upright] = (ts_result_axis){parameter, rows, m->rows};
    assert_true(ts_picture_axis(&m->along, &m->result.axis[is_upright]));
    assert_true(ts_picture_axis(&m->across, &m->result.axis[!is_upright]));
    m->study.level = 0.5;
    m->study.axis[0] = m->result.axis[!is_upright];
    m->study.axis_count = 1;
    m->study.law = &m->law;
    m->study.law_count = 1;
    m->study.found = (ts_boundaries){.count = rows, .boundary = m->boundary};
    for (size_t k = 0; k < rows; k++)
        m->boundary[k] = (ts_boundary){.state = TS_BOUNDARY_NO_DATA, .epsilon = NAN, .high = INFINITY};
}

static void forget(made *m) {
    ts_axis_free(&m->along);
    ts_axis_free(&m->across);
}

/* All numbers that are printed lie on the axes. Returns the text, which the caller frees. */
static char *print(made *m, bool is_upright, ts_boundary_marks *marks) {
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    const ts_axis *x = is_upright ? &m->across : &m->along, *y = is_upright ? &m->along : &m->across;
    *marks = ts_boundary_marks_print(stream, &m->study, &m->result, x, y);
    fclose(stream);
    const ts_boundary_marks counted = ts_boundary_marks_print(NULL, &m->study, &m->result, x, y);
    assert_memory_equal(&counted, marks, sizeof counted);
    for (char *line = text; *line != '\0'; line = strchr(line, '\n') + 1) {
        char *end;
        const double a = strtod(line, &end);
        if (end == line)
            continue; /* a gap, or the name of a block */
        const double b = strtod(end, NULL);
        assert_true(a > ts_axis_low(x) && a < ts_axis_high(x) && b > ts_axis_low(y) && b < ts_axis_high(y));
    }
    return text;
}

static size_t lines_of(const char *text, const char *block) {
    size_t lines = 0;
    const char *at = strstr(text, block);
    assert_non_null(at);
    for (at = strchr(at, '\n') + 1; strncmp(at, "EOD", 3) != 0; at = strchr(at, '\n') + 1)
        lines += *at != '\n';
    return lines;
}

static void rows_have_what_is_known_of_them(void **state) {
    (void)state;
    for (int is_upright = 0; is_upright < 2; is_upright++) {
        made m;
        ts_boundary_marks marks;
        make(&m, TS_PARAMETER_NEURONS, 7, 4, 3, 5, 3, is_upright); /* epsilon from 0.001 to 0.081 */
        m.boundary[0] = (ts_boundary){.state = TS_BOUNDARY_FOUND, .epsilon = 0.01, .low = 0.008, .high = 0.02};
        m.boundary[1] = (ts_boundary){.state = TS_BOUNDARY_BETWEEN, .epsilon = NAN, .low = 0.003, .high = 0.009};
        m.boundary[2] = (ts_boundary){.state = TS_BOUNDARY_ABOVE, .epsilon = NAN, .low = 0.05, .high = INFINITY};
        m.boundary[3] = (ts_boundary){.state = TS_BOUNDARY_BELOW, .epsilon = NAN, .low = 0, .high = 0.002};
        m.boundary[4] = (ts_boundary){.state = TS_BOUNDARY_FOUND, .epsilon = 0.02, .low = 0, .high = INFINITY};
        m.boundary[5] = (ts_boundary){.state = TS_BOUNDARY_FOUND, .epsilon = 1, .low = 0.5, .high = 2}; /* elsewhere */
        m.law.law = (ts_law){.curves = 3, .factor = 1e-3, .exponent = 1};
        char *text = print(&m, is_upright, &marks);
        assert_int_equal(marks.bars, 3);
        assert_int_equal(marks.points, 2);
        assert_int_equal(lines_of(text, "$bars"), 6 + 6 + 2); /* a bar without ends has no strokes across */
        assert_int_equal(lines_of(text, "$points"), 2);
        char point[64];
        snprintf(point, sizeof point, is_upright ? "\n4 %.9g\n" : "\n%.9g 4\n", -2.0);
        assert_non_null(strstr(text, point));
        assert_true(marks.law > 50 && lines_of(text, "$law") == marks.law);
        free(text);
        m.law.law.factor = 10; /* nowhere to be seen */
        text = print(&m, is_upright, &marks);
        assert_int_equal(marks.law, 0);
        free(text);
        m.law.law = (ts_law){.curves = 1, .factor = NAN, .exponent = NAN};
        text = print(&m, is_upright, &marks);
        assert_int_equal(marks.law, 0);
        free(text);
        forget(&m);
    }
}

/* One row or many, one column or many, values that cannot be told apart, a value of 0. */
static void it_stays_on_axes_of_every_kind(void **state) {
    (void)state;
    static const struct {
        ts_parameter parameter;
        size_t rows;
        double first, step;
        size_t columns;
        double factor;
    } cases[] = {{TS_PARAMETER_NEURONS, 1, 24, 0, 1, 1},         {TS_PARAMETER_NEURONS, 1, 24, 0, 9, 2},
                 {TS_PARAMETER_NEURONS, 32, 4, 2, 33, 1.2},      {TS_PARAMETER_NOISE, 5, 0, 0.5, 6, 3},
                 {TS_PARAMETER_H, 3, 1e-3, 1e-12, 4, 1 + 1e-12}, {TS_PARAMETER_ETA, 40, 1e-3, 1e-3, 60, 1.01},
                 {TS_PARAMETER_H, 2, 1e-4, 9e-4, 2, 1000}};
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++)
        for (int is_upright = 0; is_upright < 2; is_upright++) {
            made m;
            ts_boundary_marks marks;
            make(&m, cases[c].parameter, cases[c].rows, cases[c].first, cases[c].step, cases[c].columns,
                 cases[c].factor, is_upright);
            const double last = m.epsilon[cases[c].columns - 1], middle = sqrt(1e-3 * last);
            for (size_t k = 0; k < cases[c].rows; k++)
                m.boundary[k] = (ts_boundary){.state = TS_BOUNDARY_FOUND,
                                              .epsilon = middle,
                                              .low = 0.9 * middle,
                                              .high = k % 2 ? 10 : 1.1 * middle};
            m.law.law = (ts_law){.curves = 2, .factor = middle, .exponent = 0};
            char *text = print(&m, is_upright, &marks);
            assert_int_equal(marks.bars, cases[c].rows);
            assert_int_equal(marks.points, cases[c].rows);
            assert_true(marks.law > 0 || cases[c].first == 0);
            free(text);
            forget(&m);
        }
}

/* ---- whole pictures */

static char *draw(const char *path, const char *picture, const ts_slice *slice, double level) {
    ts_result result = read_result(path);
    ts_study study;
    ts_error error = {0};
    ts_study_options options = ts_study_default();
    options.level = level;
    if (ts_study_make(&study, &result, path, &options, &error) != TS_OK)
        fail_msg("%s", error.message);
    const ts_picture_options asked = {.boundary = &study, .slice = slice};
    if (ts_picture_draw(&result, &asked, picture, &error) != TS_OK)
        fail_msg("%s", error.message);
    size_t size;
    char *svg = read_file(picture, &size);
    assert_true(assert_texts_on_page(svg) > 10);
    ts_study_free(&study);
    ts_result_free(&result);
    return svg;
}

static void the_boundary_takes_the_place_of_the_line_of_half_success(void **state) {
    test_folder *folder = *state;
    char picture[160];
    snprintf(picture, sizeof picture, "%s/a.svg", folder->name);
    const char *path = path_in(folder, "a.nc");
    ts_settings settings = graded_settings();
    ts_sweep *sweep = graded_sweep(settings, rate_by_law, 1);
    write_result(path, sweep);
    ts_sweep_destroy(sweep);
    ts_slice slice = ts_slice_default();
    for (int is_upright = 0; is_upright < 2; is_upright++) {
        slice.x = is_upright ? TS_PARAMETER_NEURONS : TS_PARAMETER_EPSILON;
        char *svg = draw(path, picture, &slice, is_upright ? 0.3 : 0.5);
        assert_null(strstr(svg, "50 per cent success"));
        assert_non_null(strstr(svg, "ε_c with 95 per cent interval"));
        assert_non_null(strstr(svg, "law: ε_c = 0.0"));
        assert_non_null(strstr(svg, is_upright ? "ε_c: where the success rate is 0.3 (a run with theory: true"
                                               : "ε_c: where the success rate is 0.5 (a run with theory: true"));
        assert_non_null(strstr(svg, "; exponent of the law "));
        free(svg);
    }
    set_axes(&settings, graded_epsilon + 6, 1, graded_neurons, 3); /* too little for a boundary */
    sweep = graded_sweep(settings, rate_by_law, 1);
    write_result(path, sweep);
    ts_sweep_destroy(sweep);
    slice = ts_slice_default();
    char *svg = draw(path, picture, &slice, 0.5);
    assert_null(strstr(svg, "ε_c with"));
    assert_non_null(strstr(svg, "; no row has one"));
    free(svg);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_have_what_is_known_of_them),
        cmocka_unit_test(it_stays_on_axes_of_every_kind),
        cmocka_unit_test_setup_teardown(the_boundary_takes_the_place_of_the_line_of_half_success, folder_create,
                                        folder_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
