/* Pictures: every kind and format, grids of every shape, and failures that leave nothing behind. */
#include "io/picture/axis.h"
#include "io/picture/contour.h"
#include "io/picture/gnuplot.h"
#include "io/picture/picture.h"
#include "io/text.h"

#include "io/picture/svg.h"

static const char *const kinds[] = {"success", "loss", "agreement"};

/* A result made by hand: the rate falls along epsilon and grows along neurons. */
static ts_result make_result(size_t epsilon_count, size_t neurons_count, double trainings) {
    const size_t cells = epsilon_count * neurons_count;
    ts_result result = {.title = strdup("A result"),
                        .configuration = strdup(""),
                        .caption = strdup("first line of the caption\nsecond line"),
                        .axis = {{TS_PARAMETER_EPSILON, epsilon_count, malloc(epsilon_count * sizeof(double))},
                                 {TS_PARAMETER_NEURONS, neurons_count, malloc(neurons_count * sizeof(double))}},
                        .axis_count = 2,
                        .loss_floor = 0.008,
                        .target_variance = 2.2,
                        .unexplained_variance = 0.01,
                        .replicates = 100,
                        .limit_slow_time = NAN,
                        .complete = true};
    double **arrays[] = {&result.trainings,   &result.success_count, &result.diverged_count, &result.success_rate,
                         &result.success_low, &result.success_high,  &result.loss_mean,      &result.loss_median,
                         &result.loss_q05,    &result.loss_q25,      &result.loss_q75,       &result.loss_q95};
    for (size_t k = 0; k < sizeof arrays / sizeof arrays[0]; k++)
        *arrays[k] = calloc(cells, sizeof(double));
    for (size_t i = 0; i < epsilon_count; i++)
        result.axis[0].values[i] = 1e-4 * pow(2, (double)i);
    for (size_t j = 0; j < neurons_count; j++)
        result.axis[1].values[j] = 4 + 3 * (double)j;
    for (size_t cell = 0; cell < cells; cell++) {
        const size_t i = cell / neurons_count, j = cell % neurons_count;
        result.trainings[cell] = trainings;
        result.success_rate[cell] = trainings > 0 ? 1 / (1 + exp((double)i - (double)j)) : NAN;
        const double loss = trainings > 0 ? 0.01 + 0.3 * (1 - result.success_rate[cell]) : NAN;
        result.loss_q05[cell] = 0.9 * loss;
        result.loss_q25[cell] = 0.95 * loss;
        result.loss_median[cell] = loss;
        result.loss_mean[cell] = loss;
        result.loss_q75[cell] = 1.5 * loss;
        result.loss_q95[cell] = 2 * loss;
    }
    return result;
}

/* Give it a limit that agrees with its smaller epsilon. */
static void add_limit(ts_result *result, double slow_time) {
    double **arrays[] = {&result->limit_trainings, &result->limit_success_rate, &result->limit_horizon_success_rate};
    for (size_t k = 0; k < 3; k++)
        *arrays[k] = malloc(result->axis[1].count * sizeof(double));
    result->limit_agreement = malloc(ts_result_cells(result) * sizeof(double));
    result->limit_slow_time = slow_time;
    for (size_t j = 0; j < result->axis[1].count; j++) {
        result->limit_trainings[j] = result->trainings[0];
        result->limit_success_rate[j] = 1 - pow(0.5, (double)j);
        result->limit_horizon_success_rate[j] = isnan(slow_time) ? NAN : 1 - pow(0.6, (double)j);
        for (size_t i = 0; i < result->axis[0].count; i++)
            result->limit_agreement[i * result->axis[1].count + j] = result->trainings[0] > 0 ? exp(-(double)i) : NAN;
    }
}

static void assert_drawn(ts_result *result, const char *kind, const char *path) {
    const ts_picture_options options = {.kind = kind};
    ts_error error = {0};
    if (ts_picture_draw(result, &options, path, &error) != TS_OK)
        fail_msg("%s of %zu x %zu: %s", kind, result->axis[0].count, result->axis[1].count, error.message);
}

static void every_kind_is_drawn_in_every_format(void **state) {
    test_folder *folder = *state;
    static const struct {
        const char *file, *begin, *end;
    } formats[] = {{"a.png", "\x89PNG\r\n", "IEND\xae\x42\x60\x82"},
                   {"a.svg", "<?xml", "</svg>\n\n"},
                   {"a.pdf", "%PDF-", "%%EOF\n"}};
    ts_sweep *sweep = small_sweep_with_theory();
    write_result(path_in(folder, "a.nc"), sweep);
    ts_sweep_destroy(sweep);
    ts_result result = read_result(path_in(folder, "a.nc"));
    for (size_t k = 0; k < 3; k++)
        for (size_t f = 0; f < 3; f++) {
            const char *path = path_in(folder, formats[f].file);
            assert_drawn(&result, kinds[k], path);
            size_t size, end = strlen(formats[f].end);
            char *bytes = read_file(path, &size);
            assert_true(size > 1000);
            assert_memory_equal(bytes, formats[f].begin, strlen(formats[f].begin));
            assert_memory_equal(bytes + size - end, formats[f].end, end);
            free(bytes);
        }
    ts_result_free(&result);
    assert_int_equal(entries(folder, false), 4);
}

static void grids_of_every_shape_are_drawn(void **state) {
    static const size_t shapes[][2] = {{1, 1}, {1, 7}, {7, 1}, {2, 2}, {33, 32}};
    static const double trainings[] = {100, 4, 0};
    const char *path = path_in(*state, "a.svg");
    for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++)
        for (size_t t = 0; t < 3; t++)
            for (size_t k = 0; k < 3; k++) {
                ts_result result = make_result(shapes[s][0], shapes[s][1], trainings[t]);
                add_limit(&result, s % 2 ? 0.25 : NAN);
                assert_drawn(&result, kinds[k], path);
                size_t size;
                char *svg = read_file(path, &size);
                assert_int_equal(k != 1 && t == 1, says(svg, "fewer than 16 trainings finished"));
                assert_int_equal(k != 1 && t == 2, says(svg, "no training finished"));
                assert_int_equal(k == 1 && t == 2, says(svg, "all trainings diverged"));
                assert_int_equal(k == 0 && s % 2 == 1, says(svg, "from the same starts, at slow time 0.25"));
                assert_int_equal(k == 0 && s % 2 == 0, says(svg, "when nothing moves any more"));
                free(svg);
                ts_result_free(&result);
            }
}

static void without_a_limit_there_is_no_band_and_no_agreement(void **state) {
    test_folder *folder = *state;
    ts_result result = make_result(3, 3, 100);
    const ts_picture_options options = {.kind = "agreement"};
    ts_error error = {0};
    assert_int_equal(ts_picture_draw(&result, &options, path_in(folder, "a.svg"), &error), TS_INVALID);
    assert_non_null(strstr(error.message, "theory: true"));
    assert_int_equal(ts_picture_print(stdout, &result, &options, 80, false, &error), TS_INVALID);
    assert_drawn(&result, "success", path_in(folder, "a.svg"));
    size_t size;
    char *svg = read_file(path_in(folder, "a.svg"), &size);
    assert_null(strstr(svg, "two-timescale limit"));
    free(svg);
    ts_result_free(&result);
}

static void text_from_outside_is_drawn_as_it_is(void **state) {
    const char *path = path_in(*state, "a.svg");
    ts_result result = make_result(3, 3, 100);
    free(result.title);
    result.title = strdup("it's `ls` \"q\" {x}^2_3 @m \\n %d <&> ε");
    assert_drawn(&result, "success", path);
    size_t size;
    char *svg = read_file(path, &size);
    if (!strstr(svg, "it's `ls` \"q\" {x}^2_3 @m \\n %d &lt;&amp;> ε"))
        fail_msg("the title is not in the picture");
    free(svg);
    ts_result_free(&result);
}

/* Titles of every kind, and losses with many digits: nothing leaves the page. */
static void no_text_leaves_the_page(void **state) {
    char widest[201];
    memset(widest, 'W', 200);
    widest[200] = '\0';
    const char *const titles[] = {
        "",
        "   ",
        "'Box' derivative",
        "a title that is too long for one line in large type, and breaks before 'an apostrophe' as it happens here",
        widest,
        "\xe6\x95\xb0\xe5\xad\xa6 \xf0\x9f\x98\x80\xf0\x9f\x98\x80 e\xcc\x81 \xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d",
        "&amp; <b> ]]> {/Bold x}_y^z"};
    static const double scales[] = {1, 1.2345e-13, 9.8765e-5, 8.7654e11};
    const char *path = path_in(*state, "a.svg");
    for (size_t t = 0; t < sizeof titles / sizeof titles[0]; t++)
        for (size_t k = 0; k < 3; k++) {
            ts_result result = make_result(4, 5, t % 2 ? 100 : 3);
            const double scale = scales[t % 4];
            free(result.title);
            result.title = strdup(titles[t]);
            result.loss_floor *= scale;
            result.target_variance *= scale;
            for (size_t cell = 0; cell < 20; cell++)
                result.loss_q95[cell] *= scale;
            add_limit(&result, 1.23456e-10);
            assert_drawn(&result, kinds[k], path);
            size_t size;
            char *svg = read_file(path, &size);
            assert_true(assert_texts_on_page(svg) > 10);
            assert_null(strstr(svg, "]]>"));
            free(svg);
            ts_result_free(&result);
        }
}

static char *svg_of(ts_result *result, const char *kind, const char *path) {
    size_t size;
    assert_drawn(result, kind, path);
    return read_file(path, &size);
}

static void a_picture_says_when_everything_diverged(void **state) {
    const char *path = path_in(*state, "a.svg");
    ts_result result = make_result(3, 2, 100);
    char *svg = svg_of(&result, "success", path);
    assert_null(strstr(svg, "diverged"));
    free(svg);
    result.diverged_count[2] = 100; /* one cell */
    svg = svg_of(&result, "success", path);
    assert_non_null(strstr(svg, ">every training diverged<"));
    assert_null(strstr(svg, "textbox)"));
    free(svg);
    for (size_t cell = 0; cell < 6; cell++) {
        result.diverged_count[cell] = 100;
        result.loss_q05[cell] = result.loss_q25[cell] = result.loss_median[cell] = result.loss_q75[cell] =
            result.loss_q95[cell] = result.loss_mean[cell] = NAN;
    }
    svg = svg_of(&result, "success", path);
    assert_non_null(strstr(svg, "textbox)")); /* a message in the plot */
    free(svg);
    svg = svg_of(&result, "loss", path);
    assert_non_null(strstr(svg, "no final loss: all trainings diverged"));
    free(svg);
    ts_result_free(&result);
}

/* Quantiles that were read off the histogram lie within its first bin even then. */
static void a_box_plot_says_when_every_loss_is_0(void **state) {
    const char *path = path_in(*state, "a.svg");
    ts_result result = make_result(3, 1, 100);
    result.loss_mean[1] = 0;
    char *svg = svg_of(&result, "loss", path);
    assert_non_null(strstr(svg, "a loss of 0 is drawn at the foot"));
    assert_null(strstr(svg, "every final loss is 0"));
    free(svg);
    memset(result.loss_mean, 0, 3 * sizeof(double));
    result.loss_floor = result.target_variance = 0;
    svg = svg_of(&result, "loss", path);
    assert_non_null(strstr(svg, "every final loss is 0"));
    free(svg);
    ts_result_free(&result);
}

/* Marks would cover cells as small as these. */
static void small_cells_are_not_hidden_by_marks(void **state) {
    ts_result result = make_result(120, 3, 4);
    char *svg = svg_of(&result, "success", path_in(*state, "a.svg"));
    assert_non_null(strstr(svg, "in 360 of 360 cells: fewer than 16 trainings finished"));
    free(svg);
    ts_result_free(&result);
}

static void nearly_equal_epsilons_have_cells_of_their_own(void **state) {
    ts_result result = make_result(2, 3, 100);
    result.axis[0].values[0] = 0.3;
    result.axis[0].values[1] = nextafter(0.3, 1);
    for (size_t k = 0; k < 2; k++) {
        char *svg = svg_of(&result, kinds[k], path_in(*state, "a.svg"));
        assert_non_null(strstr(svg, ">0.3<"));
        assert_non_null(strstr(svg, ">0.30000000000000004<"));
        assert_non_null(strstr(svg, ", evenly spaced"));
        assert_true(strlen(svg) < 100000);
        free(svg);
    }
    ts_result_free(&result);
}

static void what_can_not_be_drawn_is_refused(void **state) {
    test_folder *folder = *state;
    ts_result result = make_result(3, 3, 100);
    ts_error error = {0};
    ts_picture_options options = {.kind = "surprise"};
    assert_int_equal(ts_picture_draw(&result, &options, path_in(folder, "a.png"), &error), TS_INVALID);
    assert_non_null(strstr(error.message, "surprise"));
    ts_slice slice = ts_slice_default();
    slice.at[TS_PARAMETER_NEURONS] = 5;
    options = (ts_picture_options){.kind = "loss", .slice = &slice};
    assert_int_equal(ts_picture_draw(&result, &options, path_in(folder, "a.png"), &error), TS_INVALID);
    assert_string_equal(error.message, "--at: found neurons=5, the result has 3 values, the nearest is 4");
    assert_int_equal(ts_picture_print(stdout, &result, &options, 80, false, &error), TS_INVALID);
    assert_int_equal(ts_picture_draw(&result, NULL, path_in(folder, "a.jpeg"), &error), TS_INVALID);
    assert_non_null(strstr(error.message, ".png, .svg or .pdf"));
    assert_int_equal(ts_picture_draw(&result, NULL, path_in(folder, "none/a.png"), &error), TS_FAILED);
    assert_non_null(strstr(error.message, "No such file or directory"));
    ts_result_free(&result);
    assert_int_equal(entries(folder, false), 0);
}

static void a_missing_gnuplot_is_named(void **state) {
    test_folder *folder = *state;
    ts_result result = make_result(3, 3, 100);
    ts_error error = {0};
    char *path = strdup(getenv("PATH"));
    setenv("PATH", folder->name, 1);
    const ts_status status = ts_picture_draw(&result, NULL, path_in(folder, "a.png"), &error);
    setenv("PATH", path, 1);
    free(path);
    assert_int_equal(status, TS_FAILED);
    assert_non_null(strstr(error.message, "gnuplot-nox"));
    ts_result_free(&result);
    assert_int_equal(entries(folder, false), 0);
}

static bool print_words(FILE *script, const void *words) {
    fputs(words, script);
    return true;
}

static void the_complaint_of_gnuplot_is_passed_on(void **state) {
    (void)state;
    char *picture;
    size_t size;
    ts_error error = {0};
    assert_int_equal(
        ts_gnuplot_run(print_words, "set terminal svg\nplot nothing_of_that_name\n", 60, &picture, &size, &error),
        TS_FAILED);
    assert_null(picture);
    if (!strstr(error.message, "undefined variable: nothing_of_that_name"))
        fail_msg("%s", error.message);
}

static void a_full_disk_leaves_the_old_picture(void **state) {
    test_folder *folder = *state;
    const char *path = path_in(folder, "a.png");
    write_text(path, "GIF89a, an old one");
    ts_result result = make_result(3, 3, 100);
    /* The least is what LLVM's OpenMP writes to shared memory after each fork. */
    static const rlim_t limits[] = {1024, 8192, 20000};
    for (size_t k = 0; k < 3; k++) {
        ts_error error = {0};
        limit_files(limits[k]);
        const ts_status status = ts_picture_draw(&result, NULL, path, &error);
        limit_files(RLIM_INFINITY);
        assert_int_equal(status, TS_FAILED);
        assert_non_null(strstr(error.message, "File too large"));
        assert_text(path, "GIF89a, an old one");
        assert_int_equal(entries(folder, false), 1);
    }
    ts_result_free(&result);
}

static void a_terminal_gets_plain_lines_that_fit(void **state) {
    (void)state;
    static const size_t shapes[][2] = {{1, 1}, {7, 8}, {13, 3}, {33, 32}, {60, 2}};
    for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++)
        for (int columns = 40; columns <= 120; columns += 40)
            for (size_t k = 0; k < 4; k++) {
                ts_result result = make_result(shapes[s][0], shapes[s][1], 10);
                if (k > 0) /* the phase diagram also without */
                    add_limit(&result, 0.3);
                const ts_picture_options options = {.kind = kinds[k % 3]};
                FILE *stream = tmpfile();
                char line[512];
                assert_int_equal(ts_picture_print(stream, &result, &options, columns, false, NULL), TS_OK);
                rewind(stream);
                while (fgets(line, sizeof line, stream)) {
                    line[strcspn(line, "\n")] = '\0';
                    if ((int)strlen(line) > columns)
                        fail_msg("%zu characters for %d columns: '%s'", strlen(line), columns, line);
                    for (const char *at = line; *at != '\0'; at++)
                        assert_in_range(*at, ' ', '~');
                }
                fclose(stream);
                ts_result_free(&result);
            }
}

static void numbers_of_the_terminal_are_the_rates(void **state) {
    (void)state;
    ts_result result = make_result(2, 2, 100);
    const double rates[4] = {0.9, 1, 0, 0.456};
    memcpy(result.success_rate, rates, sizeof rates);
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    assert_int_equal(ts_picture_print(stream, &result, NULL, 80, false, NULL), TS_OK);
    fclose(stream);
    assert_non_null(strstr(text, "7 |   100     46 \n4 |    90      0 \n"));
    free(text);
    add_limit(&result, NAN);
    stream = open_memstream(&text, &size);
    assert_int_equal(ts_picture_print(stream, &result, NULL, 80, false, NULL), TS_OK);
    fclose(stream);
    assert_non_null(strstr(text, "7 |   50 |   100     46 \n4 |    0 |    90      0 \n"));
    assert_non_null(strstr(text, "-> 0    1e-4"));
    free(text);
    const ts_picture_options agreement = {.kind = "agreement"};
    stream = open_memstream(&text, &size);
    assert_int_equal(ts_picture_print(stream, &result, &agreement, 80, false, NULL), TS_OK);
    fclose(stream);
    assert_non_null(strstr(text, "7 |   100     37 \n4 |   100     37 \n"));
    free(text);
    stream = open_memstream(&text, &size);
    assert_int_equal(ts_picture_print(stream, &result, NULL, 80, true, NULL), TS_OK);
    fclose(stream);
    assert_non_null(strstr(text, "\033[48;5;226m"));
    free(text);
    ts_result_free(&result);
}

static void cells_end_halfway_to_their_neighbours(void **state) {
    (void)state;
    const double values[3] = {0.01, 0.1, 10};
    ts_axis axis;
    assert_true(ts_axis_build(&axis, values, 3, true));
    const double edges[4] = {-2.5, -1.5, 0, 2};
    for (size_t k = 0; k < 4; k++)
        assert_close(axis.edge[k], edges[k], 1e-12);
    ts_axis_free(&axis);
    const double geometric[4] = {4, 8, 16, 32}, even[4] = {4, 14, 24, 34}, narrow[3] = {8, 16, 32};
    assert_true(ts_axis_looks_geometric(geometric, 4));
    assert_false(ts_axis_looks_geometric(even, 4));
    assert_false(ts_axis_looks_geometric(narrow, 3));
}

/* On a plane the contour is the straight line of that value. */
static void the_contour_is_where_the_value_is_met(void **state) {
    (void)state;
    const double values[4] = {1, 2, 3, 4};
    double plane[16];
    ts_axis x, y;
    assert_true(ts_axis_build(&x, values, 4, false) && ts_axis_build(&y, values, 4, false));
    for (size_t cell = 0; cell < 16; cell++)
        plane[cell] = 0.3 * values[cell / 4] + 0.2 * values[cell % 4] - 0.75;
    FILE *stream = tmpfile();
    const size_t segments = ts_contour_print(stream, &x, &y, plane, 0.5);
    assert_int_equal(segments, ts_contour_print(NULL, &x, &y, plane, 0.5));
    assert_true(segments >= 4);
    rewind(stream);
    size_t points = 0, inside = 0;
    char line[128];
    while (fgets(line, sizeof line, stream)) {
        if (line[0] == '\n')
            continue;
        char *rest;
        const double px = strtod(line, &rest), py = strtod(rest, NULL);
        points++;
        if (px < 1 || px > 4 || py < 1 || py > 4)
            continue;
        inside++;
        assert_close(0.3 * px + 0.2 * py - 0.75, 0.5, 1e-6);
    }
    assert_int_equal(points, 2 * segments);
    assert_true(inside >= 6);
    for (size_t cell = 0; cell < 16; cell++)
        plane[cell] = cell % 2 == 0 ? NAN : 1;
    assert_int_equal(ts_contour_print(NULL, &x, &y, plane, 0.5), 0);
    fclose(stream);
    ts_axis_free(&x);
    ts_axis_free(&y);
}

static void text_is_cleaned_and_broken_into_lines(void **state) {
    (void)state;
    char *clean = ts_text_clean("a\tb\xff \xc3\xa9 \xe2\x82 \xed\xa0\x80 \xf0\x9f\x98\x80\n");
    assert_string_equal(clean, "a b? \xc3\xa9 ?? ??? \xf0\x9f\x98\x80\n");
    free(clean);
    const char *next, *text = "one two\xc3\xa9 three\n\nlongword";
    assert_int_equal(ts_text_line(text, 9, ts_text_columns, &next), 9);
    assert_string_equal(next, "three\n\nlongword");
    assert_int_equal(ts_text_line(next, 9, ts_text_columns, &next), 5);
    assert_int_equal(ts_text_line(next, 9, ts_text_columns, &next), 0);
    assert_int_equal(ts_text_line(next, 4, ts_text_columns, &next), 4);
    assert_string_equal(next, "word");
    /* combining characters take no room, East Asian ones that of two, and one character stands in any line */
    assert_int_equal(ts_text_line("e\xcc\x81\xcc\xa3x y", 2, ts_text_columns, &next), 6);
    assert_int_equal(ts_text_line("\xe6\x95\xb0\xe5\xad\xa6", 3, ts_text_columns, &next), 3);
    assert_int_equal(ts_text_line("\xe6\x95\xb0", 1, ts_text_columns, &next), 3);
    assert_close(ts_text_width("mi\xf0\x9f\x98\x80", 6, ts_text_columns), 4, 0);
    assert_true(ts_text_width("m", 1, ts_text_ems) > 3 * ts_text_width("i", 1, ts_text_ems));
    clean = ts_text_clean("\xef\xbf\xbe\xef\xbf\xbd"); /* U+FFFE is no character of XML */
    assert_string_equal(clean, "???\xef\xbf\xbd");
    free(clean);
    char number[32];
    ts_text_number(number, sizeof number, 1e-5, 6);
    assert_string_equal(number, "1e-5");
    ts_text_number(number, sizeof number, 2.5e17, 6);
    assert_string_equal(number, "2.5e17");
    ts_text_short_number(number, sizeof number, 0.0001, 2, 5);
    assert_string_equal(number, "1e-4");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_kind_is_drawn_in_every_format, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(grids_of_every_shape_are_drawn, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(without_a_limit_there_is_no_band_and_no_agreement, folder_create,
                                        folder_remove),
        cmocka_unit_test_setup_teardown(text_from_outside_is_drawn_as_it_is, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(no_text_leaves_the_page, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(a_picture_says_when_everything_diverged, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(a_box_plot_says_when_every_loss_is_0, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(small_cells_are_not_hidden_by_marks, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(nearly_equal_epsilons_have_cells_of_their_own, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(what_can_not_be_drawn_is_refused, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(a_missing_gnuplot_is_named, folder_create, folder_remove),
        cmocka_unit_test(the_complaint_of_gnuplot_is_passed_on),
        cmocka_unit_test_setup_teardown(a_full_disk_leaves_the_old_picture, folder_create, folder_remove),
        cmocka_unit_test(a_terminal_gets_plain_lines_that_fit),
        cmocka_unit_test(numbers_of_the_terminal_are_the_rates),
        cmocka_unit_test(cells_end_halfway_to_their_neighbours),
        cmocka_unit_test(the_contour_is_where_the_value_is_met),
        cmocka_unit_test(text_is_cleaned_and_broken_into_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
