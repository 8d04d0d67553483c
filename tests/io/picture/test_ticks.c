/* Axes and their ticks, for ranges of every kind. */
#include "io/picture/axis.h"
#include "io/picture/ticks.h"

#include "support.h"

static const ts_tick_room stacked = {.gap = 0.06},
                          side_by_side = {.gap = 0.09, .length = 420, .before = 66, .behind = 22};

/* Few, in order, within the axis; and labels that differ and do not touch. */
static void assert_sound(const ts_ticks *ticks, double low, double high, ts_tick_room room) {
    const ts_tick *before = NULL;
    assert_true(ticks->count <= TS_MOST_TICKS);
    for (size_t k = 0; k < ticks->count; k++) {
        const ts_tick *tick = &ticks->item[k];
        const double hair = 1e-6 * (high - low), scale = room.length / (high - low);
        if (!(tick->at >= low - hair && tick->at <= high + hair))
            fail_msg("from %.17g to %.17g a tick stands at %.17g", low, high, tick->at);
        assert_true(k == 0 || tick->at > ticks->item[k - 1].at);
        if (tick->is_small)
            continue;
        assert_true(tick->width > 0);
        if (before && strcmp(tick->label, before->label) == 0)
            fail_msg("from %.17g to %.17g the label %s stands twice", low, high, tick->label);
        if (before && room.length > 0 && (tick->at - before->at) * scale < (tick->width + before->width) / 2)
            fail_msg("from %.17g to %.17g the labels %s and %s touch", low, high, before->label, tick->label);
        if (room.length > 0)
            assert_true((tick->at - low) * scale + tick->width / 2 <= room.length + room.behind);
        before = tick;
    }
}

/* The time of this test is bounded because the ticks are. */
static void ticks_are_few_for_every_range(void **state) {
    (void)state;
    const double ends[] = {0,         -0.0,      4e-320,    1e-21,    1e-9,  0.3,   nextafter(0.3, 1),
                           0.3000001, 1,         1 + 1e-15, 2,        64,    1e5,   1e17,
                           1e20,      1e308,     -1,        -64,      -1e-9, -1e20, -1e308,
                           NAN,       1e15,      3e15,      0.999,    -9,    -310,  -8.3,
                           INFINITY,  -INFINITY, 123456.7,  123456.8, 308};
    const size_t count = sizeof ends / sizeof ends[0];
    ts_ticks ticks;
    for (size_t a = 0; a < count; a++)
        for (size_t b = 0; b < count; b++)
            for (int across = 0; across < 2; across++) {
                const ts_tick_room room = across ? side_by_side : stacked;
                ts_ticks_linear(&ticks, ends[a], ends[b], room);
                assert_sound(&ticks, ends[a], ends[b], room);
                ts_ticks_logarithmic(&ticks, ends[a], ends[b], room);
                assert_sound(&ticks, ends[a], ends[b], room);
            }
}

static void assert_linear(double low, double high, double gap, const char *expected) {
    char *text = NULL;
    size_t size;
    ts_ticks ticks;
    ts_ticks_linear(&ticks, low, high, (ts_tick_room){.gap = gap});
    FILE *stream = open_memstream(&text, &size);
    ts_ticks_print(stream, "x", &ticks);
    fclose(stream);
    assert_string_equal(text, expected);
    free(text);
}

static void linear_ticks_stand_at_round_values(void **state) {
    (void)state;
    assert_linear(0, 1.75e6, 0.12, "set xtics ('0' 0, '5e5' 500000, '1e6' 1000000, '1.5e6' 1500000)\n");
    assert_linear(0, 0.035, 0.3, "set xtics ('0' 0, '0.02' 0.02)\n");
    assert_linear(-1.2, 5.3, 0.25, "set xtics ('0' 0, '2' 2, '4' 4)\n");
    assert_linear(0, 3, 0.25, "set xtics ('0' 0, '1' 1, '2' 2, '3' 3)\n");
    assert_linear(1, 1, 0.1, "unset xtics\n");
    assert_linear(NAN, 1, 0.1, "unset xtics\n");
}

static void logarithmic_ticks_are_powers_or_round_values(void **state) {
    (void)state;
    ts_ticks ticks;
    ts_ticks_logarithmic(&ticks, -3.2, 0.1, stacked);
    size_t labels = 0;
    for (size_t k = 0; k < ticks.count; k++)
        labels += !ticks.item[k].is_small;
    assert_int_equal(labels, 4);
    assert_int_equal(ticks.count, 4 + 9 + 2 * 8 + 2 + 1 - 1); /* 6e-4.. and 2e-3.. */
    ts_ticks_logarithmic(&ticks, log10(0.002), log10(0.009), stacked);
    assert_false(ticks.item[0].is_small);
    assert_string_equal(ticks.item[0].label, "0.002");
}

/* Cells that could not be seen to scale are evenly spaced, and the labels tell them apart. */
static void values_too_close_are_evenly_spaced(void **state) {
    (void)state;
    const double twins[] = {0.3, nextafter(0.3, 1)}, odd[] = {1e-4, 0.3, 0.30000001, 1}, near[] = {0.3, 0.3001, 0.3002};
    ts_axis axis;
    ts_ticks ticks;
    assert_true(ts_axis_build(&axis, twins, 2, true));
    assert_int_equal(axis.scale, TS_AXIS_EVEN);
    assert_true(ts_axis_high(&axis) - ts_axis_low(&axis) == 2);
    ts_ticks_ratio(&ticks, &axis, side_by_side);
    assert_int_equal(ticks.count, 2);
    assert_string_equal(ticks.item[0].label, "0.3");
    assert_string_equal(ticks.item[1].label, "0.30000000000000004");
    ts_axis_free(&axis);
    assert_true(ts_axis_build(&axis, odd, 4, true));
    assert_int_equal(axis.scale, TS_AXIS_EVEN);
    ts_ticks_ratio(&ticks, &axis, side_by_side);
    assert_int_equal(ticks.count, 4);
    assert_string_equal(ticks.item[2].label, "0.30000001");
    ts_axis_free(&axis);
    assert_true(ts_axis_build(&axis, near, 3, true)); /* these can be seen */
    assert_int_equal(axis.scale, TS_AXIS_LOGARITHMIC);
    ts_ticks_ratio(&ticks, &axis, side_by_side);
    assert_int_equal(ticks.count, 3);
    assert_string_equal(ticks.item[1].label, "0.3001");
    ts_axis_free(&axis);
}

static void many_even_values_stay_to_scale(void **state) {
    (void)state;
    const size_t count = 65536;
    double *values = malloc(count * sizeof *values);
    for (size_t k = 0; k < count; k++)
        values[k] = pow(10, -9 + 11.0 * (double)k / (double)(count - 1));
    ts_axis axis;
    ts_ticks ticks;
    assert_true(ts_axis_build(&axis, values, count, true));
    assert_int_equal(axis.scale, TS_AXIS_LOGARITHMIC);
    ts_ticks_ratio(&ticks, &axis, side_by_side);
    assert_sound(&ticks, ts_axis_low(&axis), ts_axis_high(&axis), side_by_side);
    assert_true(ticks.count >= 5);
    ts_axis_free(&axis);
    free(values);
}

static void a_range_becomes_one_that_can_be_drawn(void **state) {
    (void)state;
    const double ranges[][2] = {{1, 1}, {64, 64 + 1e-13}, {HUGE_VAL, -HUGE_VAL}, {NAN, 1}, {0, 0}, {-1e9, -1e9}};
    for (size_t k = 0; k < sizeof ranges / sizeof ranges[0]; k++) {
        double low = ranges[k][0], high = ranges[k][1];
        ts_axis_widen(&low, &high, 1);
        assert_true(high - low >= 1 && high - low >= 0.9e-6 * fabs(low) && isfinite(low) && isfinite(high));
    }
    double low = 2, high = 5;
    ts_axis_widen(&low, &high, 1);
    assert_true(low == 2 && high == 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ticks_are_few_for_every_range),
        cmocka_unit_test(linear_ticks_stand_at_round_values),
        cmocka_unit_test(logarithmic_ticks_are_powers_or_round_values),
        cmocka_unit_test(values_too_close_are_evenly_spaced),
        cmocka_unit_test(many_even_values_stay_to_scale),
        cmocka_unit_test(a_range_becomes_one_that_can_be_drawn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
