/* Pictures of traces. */
#include "io/picture/picture.h"
#include "io/picture/svg.h"
#include "io/picture/trace/parts.h"
#include "io/recordings.h"

static const char *const still_kinds[] = {"functions", "loss", "positions", "sketch"};
#define STILL_KINDS (sizeof still_kinds / sizeof still_kinds[0])

static void assert_drawn(const ts_recording *file, const char *kind, int64_t replicate, const char *path) {
    const ts_picture_trace_options options = {.kind = kind, .replicate = replicate};
    ts_error error = {0};
    if (ts_picture_draw_trace(file, &options, path, &error) != TS_OK)
        fail_msg("%s: %s", kind ? kind : "no kind", error.message);
}

static void assert_begins(const char *path, const char *begin) {
    size_t size;
    char *bytes = read_file(path, &size);
    assert_true(size > 1000);
    assert_memory_equal(bytes, begin, strlen(begin));
    free(bytes);
}

static void every_kind_is_drawn_in_every_format(void **state) {
    test_folder *folder = *state;
    static const char *const files[] = {"a.png", "a.svg", "a.pdf"}, *const begins[] = {"\x89PNG", "<?xml", "%PDF-"};
    const ts_settings settings = trace_settings();
    ts_recording file = trace_file(path_in(folder, "a.nc"), &settings, chosen, 3, 8);
    for (size_t f = 0; f < 3; f++)
        for (size_t k = 0; k < STILL_KINDS; k++) {
            assert_drawn(&file, still_kinds[k], strcmp(still_kinds[k], "loss") == 0 ? -1 : 4,
                         path_in(folder, files[f]));
            assert_begins(path_in(folder, files[f]), begins[f]);
        }
    assert_drawn(&file, "animation", -1, path_in(folder, "a.gif"));
    assert_begins(path_in(folder, "a.gif"), "GIF89a");
    assert_drawn(&file, NULL, -1, path_in(folder, "b.gif")); /* what else can move */
    assert_begins(path_in(folder, "b.gif"), "GIF89a");
    assert_drawn(&file, NULL, -1, path_in(folder, "b.svg"));
    size_t size;
    char *svg = read_file(path_in(folder, "b.svg"), &size);
    assert_non_null(strstr(svg, "replicate 3"));
    assert_non_null(strstr(svg, "two-timescale limit"));
    free(svg);
    ts_recording_free(&file);
}

static size_t count_of(const char *text, const char *word) {
    size_t count = 0;
    for (const char *at = strstr(text, word); at; at = strstr(at + strlen(word), word))
        count++;
    return count;
}

/* How often a script of gnuplot prints the name `letter`_`index`. */
static size_t names_of(const char *script, const char *letter, size_t index) {
    char name[64];
    snprintf(name, sizeof name, "{/:Italic %s}_{%zu}'", letter, index);
    return count_of(script, name);
}

/* Two neurons at one place have one name, that of the larger weight; those outside of [0,1] and small weights have
 * none. An arrow leads from the level left of its neuron to that right of it. */
static void a_sketch_names_what_can_be_seen(void **state) {
    static const uint32_t six = 6;
    static const double position[] = {0.1, 0.3, 0.301, 0.6, 0.9, 1.2}, weight[] = {0.01, 3, 1, -2, 0.5, 4};
    ts_settings settings = trace_settings();
    set_axes(&settings, &one_epsilon, 1, &(double){six}, 1);
    ts_recording file = trace_file(path_in(*state, "a.nc"), &settings, chosen, 1, 4);
    memcpy(file.data.position + 3 * six, position, sizeof position);
    memcpy(file.data.weight + 3 * six, weight, sizeof weight);
    file.data.bias[3] = 1;
    for (size_t at = 0; at < 4 * file.data.points; at++)
        file.data.function[at] = 1; /* the range is that of the target, 0 to 5 */
    char *script = NULL;
    size_t size;
    FILE *stream = open_memstream(&script, &size);
    assert_true(ts_picture_sketch(stream, &(ts_recording_view){.file = &file}));
    fclose(stream);
    const size_t u[] = {0, 1, 1, 0, 1, 1, 0}, a[] = {1, 0, 1, 0, 1, 1, 0}; /* there is no u_0; a_0 is the bias */
    for (size_t j = 0; j <= six; j++) {
        assert_int_equal(names_of(script, "u", j), u[j]);
        assert_int_equal(names_of(script, "a", j), a[j]);
    }
    for (size_t k = 1; k <= file.jump_count; k++)
        assert_int_equal(names_of(script, "v", k), 1);
    assert_int_equal(count_of(script, ",1.01 to first 0.314,4.01 head"), 1);
    assert_int_equal(count_of(script, ",5.01 to first 0.614,3.01 head"), 1);
    free(script);
    ts_recording_free(&file);
}

/* Blocks of a GIF: as many frames as times. */
static void an_animation_has_a_frame_for_each_time(void **state) {
    test_folder *folder = *state;
    const ts_settings settings = trace_settings();
    ts_recording file = trace_file(path_in(folder, "a.nc"), &settings, chosen, 1, 5);
    assert_drawn(&file, "animation", -1, path_in(folder, "a.gif"));
    size_t size, frames = 0;
    char *gif = read_file(path_in(folder, "a.gif"), &size);
    for (size_t at = 0; at + 3 < size; at++)
        frames += memcmp(gif + at, "\x21\xf9\x04", 3) == 0; /* graphic control extensions */
    assert_int_equal(frames, 5);
    free(gif);
    ts_recording_free(&file);
}

/* Diverged trainings, one neuron, two times, a target without jumps, many trainings. */
static void traces_of_every_shape_are_drawn(void **state) {
    const char *path = path_in(*state, "a.nc");
    static const uint32_t many[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    static const double alone = 1;
    for (int shape = 0; shape < 4; shape++) {
        ts_settings settings = trace_settings();
        size_t count = 1, times = 2;
        if (shape == 0) {
            settings.h = 10;
            settings.noise = 30;
            times = 20;
        } else if (shape == 1) {
            set_axes(&settings, &one_epsilon, 1, &alone, 1);
        } else if (shape == 2) {
            settings.jump_count = 0;
            settings.target_base = 0;
            settings.noise = 0;
            times = 3;
        } else {
            count = 10;
            times = 301;
        }
        ts_recording file = trace_file(path, &settings, many, count, times);
        assert_true((file.data.outcome[0] == TS_OUTCOME_DIVERGED) == (shape == 0));
        char picture[160];
        snprintf(picture, sizeof picture, "%s.svg", path);
        for (size_t k = 0; k < STILL_KINDS; k++)
            assert_drawn(&file, still_kinds[k], -1, picture);
        assert_drawn(&file, "functions", -1, picture);
        size_t size;
        char *svg = read_file(picture, &size);
        assert_int_equal(shape == 0, says(svg, "diverged"));
        free(svg);
        snprintf(picture, sizeof picture, "%s.gif", path);
        if (shape < 2)
            assert_drawn(&file, "animation", -1, picture);
        ts_recording_free(&file);
    }
}

static void what_can_not_be_drawn_is_refused(void **state) {
    test_folder *folder = *state;
    const ts_settings settings = trace_settings();
    ts_recording file = trace_file(path_in(folder, "a.nc"), &settings, chosen, 3, 4);
    static const struct {
        const char *kind;
        int64_t replicate;
        const char *path, *message;
    } cases[] = {
        {"surprise", -1, "a.png", "surprise"},
        {"success", -1, "a.png", "a trace has no picture of kind 'success'"},
        {"functions", 7, "a.png", "no replicate 7: it has 3"},
        {"loss", 4, "a.png",
         "--replicate has no effect on a picture of kind loss: functions, positions, sketch and animation take it"},
        {"functions", -1, "a.gif", ".png, .svg or .pdf"},
        {"animation", -1, "a.png", "must end in .gif"},
        {NULL, -1, "a.jpeg", ".png, .svg or .pdf"},
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        const ts_picture_trace_options options = {.kind = cases[c].kind, .replicate = cases[c].replicate};
        ts_error error = {0};
        assert_int_equal(ts_picture_draw_trace(&file, &options, path_in(folder, cases[c].path), &error), TS_INVALID);
        if (!strstr(error.message, cases[c].message))
            fail_msg("'%s' does not say '%s'", error.message, cases[c].message);
    }
    assert_int_equal(entries(folder, false), 1);
    ts_recording_free(&file);
}

static void text_from_outside_is_drawn_as_it_is(void **state) {
    const ts_settings settings = trace_settings();
    ts_recording file = trace_file(path_in(*state, "a.nc"), &settings, chosen, 1, 4);
    free(file.title);
    file.title = strdup("it's `ls` {x}^2_3 @m \\n %d ε");
    const char *path = path_in(*state, "a.svg");
    for (size_t k = 0; k < STILL_KINDS; k++) {
        size_t size;
        assert_drawn(&file, still_kinds[k], -1, path);
        char *svg = read_file(path, &size);
        assert_non_null(strstr(svg, "it's `ls` {x}^2_3 @m \\n %d ε"));
        free(svg);
    }
    ts_recording_free(&file);
}

static void as_text_there_is_one_summary(void **state) {
    const ts_settings settings = trace_settings();
    ts_recording file = trace_file(path_in(*state, "a.nc"), &settings, chosen, 1, 4);
    const ts_picture_trace_options with_kind = {.kind = "loss", .replicate = -1}, with_replicate = {.replicate = 4};
    ts_error error = {0};
    assert_int_equal(ts_picture_print_trace(stdout, &file, &with_kind, 80, false, &error), TS_INVALID);
    assert_non_null(strstr(error.message, "--kind has no effect with --terminal on a trace"));
    assert_int_equal(ts_picture_print_trace(stdout, &file, &with_replicate, 80, false, &error), TS_INVALID);
    assert_non_null(strstr(error.message, "--replicate has no effect with --terminal on a trace"));
    ts_recording_free(&file);
}

/* Times and losses with many digits, and the floor of the loss at the margin. */
static void no_text_leaves_the_page(void **state) {
    static const double scales[] = {1, 1.2345e-13, 8.7654e11};
    const char *path = path_in(*state, "a.nc");
    char picture[160];
    snprintf(picture, sizeof picture, "%s.svg", path);
    for (size_t s = 0; s < 3; s++) {
        const ts_settings settings = trace_settings();
        ts_recording file = trace_file(path, &settings, chosen, 3, 8);
        file.loss_floor = 0.000857123 * scales[s];
        for (size_t k = 0; k < file.data.times; k++)
            file.data.slow_time[k] *= scales[s];
        for (size_t at = 0; at < 3 * file.data.times * file.data.points; at++)
            file.data.function[at] *= scales[s];
        for (size_t at = 0; at < 3 * file.data.times; at++)
            file.data.loss[at] *= scales[s];
        free(file.title);
        file.title = strdup("''WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW");
        for (size_t k = 0; k < STILL_KINDS; k++) {
            size_t size;
            assert_drawn(&file, still_kinds[k], -1, picture);
            char *svg = read_file(picture, &size);
            assert_true(assert_texts_on_page(svg) > 10);
            free(svg);
        }
        ts_recording_free(&file);
    }
}

static char *svg_of(const ts_recording *file, const char *kind, const char *path) {
    size_t size;
    assert_drawn(file, kind, -1, path);
    return read_file(path, &size);
}

/* All of them before the second recorded time, then one of three later. */
static void a_picture_says_what_diverged(void **state) {
    const char *path = path_in(*state, "a.nc");
    char picture[160];
    snprintf(picture, sizeof picture, "%s.svg", path);
    const ts_settings settings = trace_settings();
    ts_recording file = trace_file(path, &settings, chosen, 3, 8);
    const size_t times = file.data.times;
    char *svg = svg_of(&file, "loss", picture);
    assert_null(strstr(svg, "diverged"));
    free(svg);
    for (size_t k = 5; k < times; k++)
        file.data.loss[k] = NAN;
    svg = svg_of(&file, "loss", picture);
    assert_non_null(strstr(svg, "diverged (1 of 3)"));
    assert_null(strstr(svg, "every training"));
    free(svg);
    for (size_t k = 0; k < STILL_KINDS; k++) {
        svg = svg_of(&file, still_kinds[k], picture);
        assert_non_null(strstr(svg, k == 1 ? "diverged (1 of 3)" : "replicate 3, which diverged between step "));
        free(svg);
    }
    for (size_t at = 0; at < 3 * times; at++)
        file.data.loss[at] = at % times == 0 ? 1 : NAN;
    svg = svg_of(&file, "loss", picture);
    assert_non_null(strstr(svg, "diverged (3 of 3)"));
    assert_non_null(strstr(svg, "every training diverged before step"));
    free(svg);
    svg = svg_of(&file, "functions", picture);
    assert_int_equal(count_of(svg, ">diverged</text>"), 4); /* in two panels, each over its white box */
    free(svg);
    memset(file.data.loss, 0, 3 * times * sizeof(double));
    memset(file.data.limit_loss, 0, 3 * times * sizeof(double));
    svg = svg_of(&file, "loss", picture);
    assert_non_null(strstr(svg, "every loss is 0"));
    assert_null(strstr(svg, "diverged"));
    free(svg);
    ts_recording_free(&file);
}

/* The script holds each path once, however many frames there are. */
static void the_script_of_an_animation_grows_with_the_paths_alone(void **state) {
    const ts_settings settings = trace_settings();
    ts_recording file = trace_file(path_in(*state, "a.nc"), &settings, chosen, 1, 60);
    char *script = NULL;
    size_t size;
    FILE *stream = open_memstream(&script, &size);
    assert_true(ts_picture_animation(stream, &(ts_recording_view){.file = &file, .moves = true}));
    fclose(stream);
    assert_int_equal(count_of(script, "$network << EOD"), 1);
    assert_int_equal(count_of(script, "$limit << EOD"), 1);
    assert_int_equal(count_of(script, "every ::::59 "), 2);
    free(script);
    ts_recording_free(&file);
}

static void a_terminal_gets_plain_lines_that_fit(void **state) {
    const char *path = path_in(*state, "a.nc");
    ts_settings settings = trace_settings();
    for (int wild = 0; wild < 2; wild++) {
        settings.h = wild ? 10 : 1e-3;
        ts_recording file = trace_file(path, &settings, chosen, 3, 20);
        for (int columns = 40; columns <= 240; columns += 40) {
            FILE *stream = tmpfile();
            char line[512];
            int trainings = 0;
            assert_int_equal(ts_picture_print_trace(stream, &file, NULL, columns, false, NULL), TS_OK);
            rewind(stream);
            while (fgets(line, sizeof line, stream)) {
                line[strcspn(line, "\n")] = '\0';
                if ((int)strlen(line) > columns)
                    fail_msg("%zu characters for %d columns: '%s'", strlen(line), columns, line);
                for (const char *at = line; *at != '\0'; at++)
                    assert_in_range(*at, ' ', '~');
                trainings += says(line, wild ? " diverged " : " failure ");
            }
            assert_int_equal(trainings, 3);
            fclose(stream);
        }
        ts_recording_free(&file);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_kind_is_drawn_in_every_format, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(a_sketch_names_what_can_be_seen, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(an_animation_has_a_frame_for_each_time, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(traces_of_every_shape_are_drawn, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(what_can_not_be_drawn_is_refused, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(text_from_outside_is_drawn_as_it_is, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(as_text_there_is_one_summary, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(no_text_leaves_the_page, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(a_picture_says_what_diverged, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(the_script_of_an_animation_grows_with_the_paths_alone, folder_create,
                                        folder_remove),
        cmocka_unit_test_setup_teardown(a_terminal_gets_plain_lines_that_fit, folder_create, folder_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
