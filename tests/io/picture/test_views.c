/* What a picture of a result can be asked for: a criterion, an observation, another threshold, an axis. */
#include "io/picture/picture.h"

#include "io/picture/kinds.h"
#include "io/picture/svg.h"

#define CELLS 6
#define TRAININGS 5

static const double times[] = {0, 0.05, 0.1, 0.2};
static const double two_eta[] = {4e-3, 0.1};

/* Trainings of which some succeed, some of them on the way. */
static ts_settings watched_settings(void) {
    ts_settings settings = small_settings(true);
    settings.h = 1e-3;
    settings.noise = 0;
    settings.steps = 0;
    settings.slow_time = 0.2;
    settings.unexplained_variance = 0.3;
    settings.observe_clock = TS_CLOCK_SLOW_TIME;
    settings.observe = times;
    settings.observe_count = 4;
    return settings;
}

static ts_sweep *write_watched(const char *path, const ts_settings *settings) {
    ts_sweep *sweep = run_sweep(settings, NULL);
    write_result(path, sweep);
    return sweep;
}

static char *draw(const char *path, ts_result *result, const ts_picture_options *options) {
    size_t size;
    ts_error error = {0};
    if (ts_picture_draw(result, options, path, &error) != TS_OK)
        fail_msg("%s", error.message);
    char *picture = read_file(path, &size);
    if (strstr(path, ".svg"))
        assert_true(assert_texts_on_page(picture) > 10);
    return picture;
}

static void assert_refused(ts_result *result, const ts_picture_options *options, const char *message) {
    ts_error error = {0};
    assert_int_equal(ts_picture_draw(result, options, "/nowhere/a.svg", &error), TS_INVALID);
    assert_string_equal(error.message, message);
}

static void every_kind_is_drawn_by_both_criteria(void **state) {
    test_folder *folder = *state;
    static const struct {
        const char *kind, *criterion, *says;
    } cases[] = {
        {"success", "loss", "success: the loss is at most 1"},
        {"success", "positions", "success by positions: the loss with the best weights for them is at most 1"},
        {"slice", "loss", "bars: 95 per cent Wilson intervals"},
        {"slice", "positions", "success rate by positions"},
        {"outcomes", NULL, "share of the trainings at m = 9"},
        {"loss", NULL, "final loss at m = 9"},
        {"time-to-success", NULL, "median slow time of the first success"},
    };
    const ts_settings settings = watched_settings();
    ts_sweep_destroy(write_watched(path_in(folder, "a.nc"), &settings));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ts_result result = read_result(path_in(folder, "a.nc"));
        char *svg = draw(path_in(folder, "a.svg"), &result,
                         &(ts_picture_options){.kind = cases[i].kind, .criterion = cases[i].criterion});
        if (!strstr(svg, cases[i].says))
            fail_msg("%s by %s does not say '%s'", cases[i].kind, cases[i].criterion, cases[i].says);
        free(svg);
        const ts_picture_options options = {.kind = cases[i].kind, .criterion = cases[i].criterion};
        FILE *nowhere = fopen("/dev/null", "w");
        assert_int_equal(ts_picture_print(nowhere, &result, &options, 80, false, NULL), TS_OK);
        fclose(nowhere);
        ts_result_free(&result);
    }
    ts_result result = read_result(path_in(folder, "a.nc"));
    char *gif = draw(path_in(folder, "a.gif"), &result, &(ts_picture_options){.kind = "animation"});
    assert_memory_equal(gif, "GIF89a", 6);
    free(gif);
    ts_result_free(&result);
}

/* Success by the horizon is not success at the horizon: every picture says which it is. */
static void pictures_say_when_trainings_stop(void **state) {
    test_folder *folder = *state;
    static const struct {
        ts_picture_options options;
        const char *says;
    } cases[] = {
        {{.kind = "success"}, "success rate by the horizon"},
        {{.kind = "success"}, "at one of 4 observations up to slow time 0.2, or at the horizon"},
        {{.kind = "success", .observation = 2}, "success rate until then"},
        {{.kind = "success", .observation = 2}, "at this observation or one before it; seen at slow time 0.05"},
        {{.kind = "success", .criterion = "positions"}, "when the training ends: at its first success by the loss, or"},
        {{.kind = "slice"}, "success rate by the horizon"},
        {{.kind = "outcomes"}, "horizon slow time 0.2 or the first success"},
        {{.kind = "loss"}, "loss at the first success or the horizon at m = 9"},
        {{.kind = "agreement"}, "when both succeed by the horizon or neither does"},
    };
    ts_settings settings = watched_settings();
    settings.stop = TS_STOP_FIRST_SUCCESS;
    settings.theory = true;
    ts_sweep_destroy(write_watched(path_in(folder, "a.nc"), &settings));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ts_result result = read_result(path_in(folder, "a.nc"));
        char *svg = draw(path_in(folder, "a.svg"), &result, &cases[i].options);
        if (!strstr(svg, cases[i].says))
            fail_msg("%s does not say '%s'", cases[i].options.kind, cases[i].says);
        free(svg);
        ts_result_free(&result);
    }
}

/* Where a file has rates with the limit as control variate, pictures of rates show them and say so; but not at an
 * observation or another threshold, for which there are none. */
static void controlled_rates_take_the_place_of_plain_ones(void **state) {
    test_folder *folder = *state;
    static const char control[] = "rates with the limit as control variate";
    static const struct {
        const char *kind, *criterion;
        size_t observation;
        bool is_controlled;
    } cases[] = {
        {"success", NULL, 0, true},      {"success", "positions", 0, true}, {"slice", "loss", 0, true},
        {"slice", "positions", 0, true}, {"success", NULL, 2, false},       {"slice", "positions", 2, false},
        {"outcomes", NULL, 0, false},    {"loss", NULL, 0, false},          {"time-to-success", NULL, 0, false},
    };
    ts_settings settings = watched_settings();
    settings.theory = true;
    settings.limit_starts = 100;
    ts_sweep_destroy(write_watched(path_in(folder, "a.nc"), &settings));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ts_result result = read_result(path_in(folder, "a.nc"));
        for (size_t cell = 0; cell < CELLS; cell++) { /* tell them from the plain ones */
            result.success_rate_controlled[cell] = 0.123;
            result.position_success_rate_controlled[cell] = 0.456;
        }
        const ts_picture_options options = {
            .kind = cases[i].kind, .criterion = cases[i].criterion, .observation = cases[i].observation};
        char *svg = draw(path_in(folder, "a.svg"), &result, &options), *text = NULL;
        size_t size;
        assert_int_equal(cases[i].is_controlled, says(svg, control));
        assert_int_equal(strcmp(cases[i].kind, "slice") == 0 && !cases[i].is_controlled, says(svg, "Wilson"));
        FILE *stream = open_memstream(&text, &size);
        assert_int_equal(ts_picture_print(stream, &result, &options, 120, false, NULL), TS_OK);
        fclose(stream);
        const char *const rate = options.criterion && strcmp(options.criterion, "positions") == 0 ? " 46" : " 12";
        assert_int_equal(cases[i].is_controlled, says(text, control));
        assert_true(!cases[i].is_controlled || says(text, rate));
        free(text);
        free(svg);
        ts_result_free(&result);
    }
    ts_result result = read_result(path_in(folder, "a.nc"));
    assert_int_equal(ts_result_reclassify(&result, path_in(folder, "a.nc"), 0.3, NULL), TS_OK);
    char *svg = draw(path_in(folder, "a.svg"), &result, &(ts_picture_options){.kind = "slice"});
    assert_true(!says(svg, control) && says(svg, "Wilson"));
    free(svg);
    ts_result_free(&result);
}

static void an_observation_takes_the_place_of_the_end(void **state) {
    test_folder *folder = *state;
    const ts_settings settings = watched_settings();
    ts_sweep *sweep = write_watched(path_in(folder, "a.nc"), &settings);
    ts_result result = read_result(path_in(folder, "a.nc"));
    for (size_t k = 0; k < 4; k++) {
        const ts_result at = ts_result_at(&result, k);
        for (size_t cell = 0; cell < CELLS; cell++) {
            const ts_cell_summary seen = ts_sweep_observed(sweep, cell, k);
            assert_true(at.success_rate[cell] == seen.success_rate && at.loss_median[cell] == seen.loss_median);
            assert_true(at.success_count[cell] == (double)seen.success_count);
            assert_true(at.position_success_high[cell] == seen.position_success_high);
            assert_true(at.covered_failure_count[cell] == (double)seen.covered_failure_count);
        }
        assert_null(at.limit_agreement);
    }
    char *svg = draw(path_in(folder, "a.svg"), &result, &(ts_picture_options){.observation = 2});
    assert_non_null(strstr(svg, "; seen at slow time 0.05"));
    free(svg);
    assert_refused(&result, &(ts_picture_options){.observation = 5},
                   "--observation: found 4, the result has 4, counted from 0");
    assert_refused(&result, &(ts_picture_options){.kind = "animation", .observation = 1},
                   "--observation has no effect on a picture of kind animation");
    assert_refused(&result, &(ts_picture_options){.kind = "time-to-success", .criterion = "positions"},
                   "--criterion has no effect on a picture of kind time-to-success, which is by the loss");
    assert_refused(&result, &(ts_picture_options){.criterion = "hope"},
                   "--criterion: found 'hope', allowed are loss and positions");
    free(result.observations.position_success_rate); /* as in a file from which somebody took it */
    result.observations.position_success_rate = NULL;
    assert_refused(&result, &(ts_picture_options){.kind = "animation", .criterion = "positions"},
                   "the result does not say what the positions say: it is of rectified linear units, or of an older "
                   "version");
    ts_result_free(&result);
    ts_sweep_destroy(sweep);
}

/* Counts made anew from a histogram are those of the trainings but for the bin of the threshold, in which they are
 * parts. */
static void another_threshold_counts_anew(void **state) {
    test_folder *folder = *state;
    ts_settings settings = watched_settings();
    settings.axis[TS_PARAMETER_ETA] = (ts_sweep_axis){two_eta, 2};
    settings.target_base = 0;
    ts_sweep *sweep = write_watched(path_in(folder, "a.nc"), &settings);
    static const double wanted[] = {1e-3, 0.05, 0.3, 1};
    double seen_parts = 0;
    for (size_t w = 0; w < 4; w++) {
        ts_result result = read_result(path_in(folder, "a.nc"));
        ts_error error = {0};
        assert_int_equal(ts_result_reclassify(&result, path_in(folder, "a.nc"), wanted[w], &error), TS_OK);
        for (size_t cell = 0; cell < 2 * CELLS; cell++) {
            const ts_settings own = ts_sweep_cell_settings(sweep, cell);
            const double most = ts_loss_floor(&own) + wanted[w] * ts_target_variance(&own);
            double surely = 0, perhaps = 0;
            for (uint64_t r = 0; r < TRAININGS; r++) {
                double loss;
                assert_int_equal(ts_sweep_training(sweep, cell, r, NULL, NULL, NULL, &loss, NULL), TS_OK);
                surely += loss <= most * (1 - 1.0 / 16);
                perhaps += loss <= most * (1 + 1.0 / 16);
            }
            const double count = result.success_count[cell];
            assert_true(count >= surely && count <= perhaps);
            assert_close(result.success_rate[cell], count / TRAININGS, 1e-12);
            assert_true(result.success_low[cell] <= result.success_rate[cell] &&
                        result.success_high[cell] >= result.success_rate[cell]);
            seen_parts += surely > 0 && surely < TRAININGS;
            const double by_positions = result.position_success_count[cell];
            assert_true(w < 3 || by_positions == TRAININGS); /* no positions leave more than the variance */
            if (wanted[w] == settings.unexplained_variance)
                assert_close(count, (double)ts_sweep_summary(sweep, cell).success_count, 1);
        }
        assert_null(result.covered_failure_count);
        assert_null(result.observations.first_success_count);
        for (size_t i = 0; w == 3 && i < 4 * 2 * CELLS; i++)
            assert_true(result.observations.position_success_count[i] == TRAININGS);
        assert_refused(&result, &(ts_picture_options){.kind = "time-to-success"},
                       "first successes are not known at another unexplained variance");
        ts_slice first_eta = ts_slice_default();
        first_eta.at_first = true;
        assert_refused(&result, &(ts_picture_options){.kind = "outcomes", .slice = &first_eta},
                       "what the positions say of this is not known at another unexplained variance");
        ts_result_free(&result);
    }
    assert_true(seen_parts > 0);
    ts_result result = read_result(path_in(folder, "a.nc"));
    ts_error error = {0};
    assert_int_equal(ts_result_reclassify(&result, path_in(folder, "a.nc"), 2, &error), TS_INVALID);
    ts_result_free(&result);
    ts_sweep_destroy(sweep);
}

static void the_median_time_is_when_half_have_been_a_success(void **state) {
    (void)state;
    double time[] = {1, 2, 4}, trainings[] = {4, 4, 5, 0};
    double first[] = {2, 0, 1, 0, 0, 1, 1, 0, 1, 0, 1, 0}; /* [3 observations][4 cells] */
    const ts_result result = {.axis = {{TS_PARAMETER_EPSILON, 2, NULL}, {TS_PARAMETER_NEURONS, 2, NULL}},
                              .axis_count = 2,
                              .trainings = trainings,
                              .observations = {.count = 3, .time = time, .first_success_count = first}};
    assert_true(ts_picture_median_time(&result, 0) == 1);
    assert_true(isnan(ts_picture_median_time(&result, 1)));
    assert_true(ts_picture_median_time(&result, 2) == 4);
    assert_true(isnan(ts_picture_median_time(&result, 3)));
}

static void results_without_what_is_asked_for_say_so(void **state) {
    test_folder *folder = *state;
    ts_settings settings = small_settings(false);
    settings.activation = TS_ACTIVATION_RELU;
    settings.eta = 0;
    ts_sweep_destroy(write_watched(path_in(folder, "a.nc"), &settings));
    ts_result result = read_result(path_in(folder, "a.nc"));
    assert_refused(&result, &(ts_picture_options){.kind = "outcomes"},
                   "the result does not say what the positions say: it is of rectified linear units, or of an older "
                   "version");
    assert_refused(&result, &(ts_picture_options){.criterion = "positions"},
                   "the result does not say what the positions say: it is of rectified linear units, or of an older "
                   "version");
    assert_refused(&result, &(ts_picture_options){.kind = "animation"},
                   "the result was not looked at on the way: a run with observe in the configuration does that");
    ts_result_free(&result);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_kind_is_drawn_by_both_criteria, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(pictures_say_when_trainings_stop, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(controlled_rates_take_the_place_of_plain_ones, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(an_observation_takes_the_place_of_the_end, folder_create, folder_remove),
        cmocka_unit_test_setup_teardown(another_threshold_counts_anew, folder_create, folder_remove),
        cmocka_unit_test(the_median_time_is_when_half_have_been_a_success),
        cmocka_unit_test_setup_teardown(results_without_what_is_asked_for_say_so, folder_create, folder_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
