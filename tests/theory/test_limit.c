/* The two-timescale limit: against gradients, small steps and known answers, from every kind of start. */
#include "oracle.h"
#include "theory/state.h"

static void velocities_are_minus_the_gradient_of_the_loss(void **state) {
    (void)state;
    test_random random = {1};
    for (int i = 0; i < 200; i++) {
        const ts_settings settings = random_target(&random, 6);
        const uint32_t m = 1 + (uint32_t)(random_word(&random) % 12);
        double u[12], velocity[12];
        random_start(&random, u, m);
        ts_limit *limit = begin_limit(&settings, u, m);
        assert_close(ts_limit_loss(limit), oracle_loss(&settings, u, m), 1e-12);
        ts_limit_velocities(limit, velocity);
        for (uint32_t j = 0; j < m; j++) {
            const double place = u[j], delta = 1e-6;
            u[j] = place + delta;
            const double above = oracle_loss(&settings, u, m);
            u[j] = place - delta;
            const double below = oracle_loss(&settings, u, m);
            u[j] = place;
            bool near_to_another = j > 0 && place - u[j - 1] < 1e-4;
            near_to_another |= j + 1 < m && u[j + 1] - place < 1e-4;
            for (size_t k = 0; k < settings.jump_count; k++)
                near_to_another |= fabs(settings.jump_at[k] - place) < 2 * delta;
            if (!near_to_another)
                assert_close(velocity[j], -(above - below) / (2 * delta), 1e-4);
        }
        ts_limit_destroy(limit);
    }
}

/* Any start: neurons pass jumps, stand on them, share cells with several of them. */
static void it_follows_small_steps_along_the_equation(void **state) {
    (void)state;
    test_random random = {12345};
    for (int i = 0; i < 200; i++) {
        const ts_settings settings = random_target(&random, 5);
        const uint32_t m = 1 + (uint32_t)(random_word(&random) % 6);
        double u[6];
        random_start(&random, u, m);
        ts_limit *limit = begin_limit(&settings, u, m);
        for (int time = 1; time <= 5; time++) {
            advance_limit(limit, 0.01 * time);
            oracle_advance(&settings, u, m, 0.01, 1e-5);
            for (uint32_t j = 0; j < m; j++)
                assert_close(ts_limit_positions(limit)[j], u[j], 1e-3);
        }
        ts_limit_destroy(limit);
    }
}

/* The paper's target: one neuron alone, jumps without a neuron between them, neurons that start on a jump. In the
 * middle of three starts one from which both ways lead down: the limit takes the steeper one, the small steps the
 * other. */
static void equispaced_starts_follow_small_steps(void **state) {
    (void)state;
    const ts_settings settings = paper_settings();
    for (uint32_t m = 1; m <= 20; m++) {
        double u[20];
        for (uint32_t j = 0; j < m; j++)
            u[j] = (j + 0.5) / m;
        if (m == 3)
            continue;
        ts_limit *limit = begin_limit(&settings, u, m);
        for (int time = 1; time <= 5; time++) {
            advance_limit(limit, 2e-3 * time);
            oracle_advance(&settings, u, m, 2e-3, 1e-6);
            assert_close(ts_limit_loss(limit), oracle_loss(&settings, u, m), 1e-3);
            for (uint32_t j = 0; j < m; j++)
                assert_close(ts_limit_positions(limit)[j], u[j], 1e-3);
        }
        ts_limit_destroy(limit);
    }
}

static double squared_speed(const ts_limit *limit) {
    double velocity[12], sum = 0;
    ts_limit_velocities(limit, velocity);
    for (uint32_t j = 0; j < limit->m; j++)
        sum += velocity[j] * velocity[j];
    return sum;
}

/* docs/theory.md section 3 */
static void between_events_the_speed_grows_and_the_loss_falls_by_its_square(void **state) {
    (void)state;
    test_random random = {7};
    int without_event = 0;
    for (int i = 0; i < 1000; i++) {
        const ts_settings settings = random_target(&random, 6);
        const uint32_t m = 1 + (uint32_t)(random_word(&random) % 12);
        double u[12];
        uint8_t left[14], right[14];
        random_start(&random, u, m);
        ts_limit *limit = begin_limit(&settings, u, m);
        advance_limit(limit, random_between(&random, 0, 0.01));
        memcpy(left, limit->left, m + 2);
        memcpy(right, limit->right, m + 2);
        const double speed = squared_speed(limit), loss = ts_limit_loss(limit);
        advance_limit(limit, ts_limit_slow_time(limit) + 1e-6);
        if (memcmp(left, limit->left, m + 2) == 0 && memcmp(right, limit->right, m + 2) == 0) {
            without_event++;
            assert_true(squared_speed(limit) >= speed * (1 - 1e-9));
            assert_close((loss - ts_limit_loss(limit)) / 1e-6, speed, 1e-3 * (1e-3 + speed));
        }
        ts_limit_destroy(limit);
    }
    assert_true(without_event > 900);
}

static void weights_reproduce_the_averages_of_the_cells(void **state) {
    (void)state;
    test_random random = {3};
    for (int i = 0; i < 200; i++) {
        const ts_settings settings = random_target(&random, 6);
        const uint32_t m = 1 + (uint32_t)(random_word(&random) % 12);
        double u[12], weight[12], bias;
        random_start(&random, u, m);
        ts_limit *limit = begin_limit(&settings, u, m);
        advance_limit(limit, random_between(&random, 0, 0.03));
        ts_limit_weights(limit, weight, &bias);
        const double *position = ts_limit_positions(limit);
        double value = bias;
        for (uint32_t j = 0; j <= m; j++) {
            const double low = j == 0 ? 0 : position[j - 1], high = j == m ? 1 : position[j];
            value += j == 0 ? 0 : weight[j - 1];
            if (high - low < 1e-9)
                continue;
            assert_close(value, oracle_average(&settings, low, high), 1e-9);
            assert_close(ts_limit_value(limit, low), value, 1e-9);
            assert_close(ts_limit_value(limit, (low + high) / 2), value, 1e-9);
        }
        ts_limit_destroy(limit);
    }
}

/* ---- known answers */

static ts_settings two_jumps(double first, double first_by, double second, double second_by) {
    ts_settings settings = ts_settings_default();
    settings.jump_count = 2;
    settings.jump_at[0] = first;
    settings.jump_by[0] = first_by;
    settings.jump_at[1] = second;
    settings.jump_by[1] = second_by;
    return settings;
}

static void assert_rest(const ts_settings *settings, const double *start, const double *end, uint32_t m, double loss) {
    ts_limit *limit = begin_limit(settings, start, m);
    advance_limit(limit, INFINITY);
    for (uint32_t j = 0; j < m; j++)
        assert_close(ts_limit_positions(limit)[j], end[j], 1e-10);
    assert_close(ts_limit_loss(limit), loss, 1e-10);
    ts_limit_destroy(limit);
}

static void one_neuron_between_two_jumps_takes_one_of_them(void **state) {
    (void)state;
    const ts_settings settings = two_jumps(0.4, 1, 0.6, 1);
    const double start[] = {0.45}, end[] = {0.4};
    assert_rest(&settings, start, end, 1, 0.2 * 4 / 9 + 0.4 / 9); /* the rest has the average 5/3 */
    const double middle[] = {0.5};                                /* as much on both sides: it does not move */
    assert_rest(&settings, middle, middle, 1, 2 * (0.4 / 25 + 0.1 * 16 / 25));
}

static void a_neuron_passes_a_small_jump_on_its_way_to_a_large_one(void **state) {
    (void)state;
    const ts_settings settings = two_jumps(0.5, 1, 0.6, -10);
    const double starts[][1] = {{0.45}, {0.5}}, end[] = {0.6};
    for (int i = 0; i < 2; i++)
        assert_rest(&settings, starts[i], end, 1, 0.5 / 36 + 0.1 * 25 / 36);
}

static void a_neuron_is_pulled_off_its_jump_by_what_others_leave(void **state) {
    (void)state;
    ts_settings settings = ts_settings_default();
    const double at[] = {0.0613684, 0.318896, 0.555719, 0.656845, 0.911335};
    const double by[] = {-0.818991, 0.838284, -2.91807, -2.03238, -1.09995};
    settings.jump_count = 5;
    memcpy(settings.jump_at, at, sizeof at);
    memcpy(settings.jump_by, by, sizeof by);
    double u[3] = {0.219835, 0.901403, 0.945172};
    ts_limit *limit = begin_limit(&settings, u, 3);
    bool stood = false, left = false;
    for (int time = 1; time <= 100; time++) {
        advance_limit(limit, 1e-3 * time);
        oracle_advance(&settings, u, 3, 1e-3, 1e-6);
        for (int j = 0; j < 3; j++)
            assert_close(ts_limit_positions(limit)[j], u[j], 1e-3);
        const bool stands = ts_limit_positions(limit)[1] == at[3];
        left |= stood && !stands;
        stood |= stands;
    }
    assert_true(stood && left);
    ts_limit_destroy(limit);
}

static void neurons_on_one_jump_part(void **state) {
    (void)state;
    /* nothing else pulls them: they stay */
    ts_settings settings = two_jumps(0.5, 1, 0.9, 1);
    settings.jump_count = 1;
    const double alone[] = {0.5, 0.5, 0.5, 0.5};
    assert_rest(&settings, alone, alone, 4, 0);
    /* a jump further right pulls one of them over, whichever of the two is larger */
    for (int k = 0; k < 2; k++) {
        settings = two_jumps(0.5, 1, 0.7, k == 0 ? 0.5 : 5);
        const double end[] = {0.5, 0.7};
        assert_rest(&settings, alone, end, 2, 0);
        const double three[] = {0.5, 0.5, 0.7};
        assert_rest(&settings, alone, three, 3, 0);
    }
    /* jumps on both sides: each loses one to a side, the one in the middle stays */
    settings = two_jumps(0.3, 3, 0.5, 1);
    settings.jump_count = 3;
    settings.jump_at[2] = 0.8;
    settings.jump_by[2] = -3;
    const double spread[] = {0.3, 0.5, 0.8};
    assert_rest(&settings, alone, spread, 3, 0);
    /* also when the jump could hold either of the outer ones */
    const double strong[] = {1, 3, -2};
    memcpy(settings.jump_by, strong, sizeof strong);
    assert_rest(&settings, alone, spread, 3, 0);
    const double weak[] = {3, 1, -3};
    memcpy(settings.jump_by, weak, sizeof weak);
    /* with two only, both are pulled off */
    const double outer[] = {0.3, 0.8};
    assert_rest(&settings, alone, outer, 2, 0.5 * 0.4 * 0.6);
}

static void neurons_at_one_place_inside_a_piece_part(void **state) {
    (void)state;
    const ts_settings settings = two_jumps(0.25, 1, 0.75, -2);
    const double start[] = {0.5, 0.5, 0.5}, end[] = {0.25, 0.5, 0.75};
    assert_rest(&settings, start, end, 3, 0);
}

static void without_a_jump_nothing_moves(void **state) {
    (void)state;
    ts_settings settings = ts_settings_default();
    settings.target_base = 3;
    const double start[] = {0, 0.3, 0.3, 1};
    assert_rest(&settings, start, start, 4, 0);
}

static void neurons_that_start_far_out_come_in(void **state) {
    (void)state;
    const ts_settings settings = two_jumps(0.25, 1, 0.75, -2);
    const double start[] = {0, 1}, end[] = {0.25, 0.75};
    ts_limit *limit = begin_limit(&settings, start, 2);
    advance_limit(limit, INFINITY);
    assert_close(ts_limit_positions(limit)[1], end[1], 1e-10);
    assert_close(ts_limit_positions(limit)[0], end[0], 1e-10);
    assert_true(ts_limit_loss(limit) == 0);
    ts_limit_destroy(limit);
}

/* ---- how it is used */

static void where_one_looks_changes_no_bit(void **state) {
    (void)state;
    test_random random = {11};
    for (int i = 0; i < 200; i++) {
        const ts_settings settings = random_target(&random, 6);
        const uint32_t m = 1 + (uint32_t)(random_word(&random) % 12);
        double u[12], reversed[12];
        random_start(&random, u, m);
        for (uint32_t j = 0; j < m; j++)
            reversed[j] = u[m - 1 - j];
        ts_limit *once = begin_limit(&settings, u, m), *often = begin_limit(&settings, reversed, m);
        for (double time = 0; time < 0.05; time += random_between(&random, 0, 0.01))
            advance_limit(often, time);
        advance_limit(often, 0.05);
        advance_limit(once, 0.05);
        assert_memory_equal(ts_limit_positions(once), ts_limit_positions(often), m * sizeof *u);
        advance_limit(once, INFINITY);
        advance_limit(often, INFINITY);
        assert_memory_equal(ts_limit_positions(once), ts_limit_positions(often), m * sizeof *u);
        assert_true(ts_limit_slow_time(once) == ts_limit_slow_time(often));
        ts_limit_destroy(once);
        ts_limit_destroy(often);
    }
}

/* The same on every machine and by every compiler. The known answer changes with the arithmetic of src/theory alone. */
static void the_bits_are_known(void **state) {
    (void)state;
    test_random random = {77};
    uint64_t hash = UINT64_C(1469598103934665603); /* FNV-1a */
    for (int i = 0; i < 2000; i++) {
        const ts_settings settings = random_target(&random, 8);
        const uint32_t m = 1 + (uint32_t)(random_word(&random) % 20);
        double u[20];
        unsigned char byte[sizeof u];
        random_start(&random, u, m);
        ts_limit *limit = begin_limit(&settings, u, m);
        for (int k = 0; k < 2; k++) {
            advance_limit(limit, k == 0 ? 0.01 : INFINITY);
            memcpy(byte, ts_limit_positions(limit), m * sizeof *u);
            for (size_t b = 0; b < m * sizeof *u; b++)
                hash = (hash ^ byte[b]) * UINT64_C(1099511628211);
        }
        ts_limit_destroy(limit);
    }
    if (hash != UINT64_C(0xa9b442c1f794c390))
        fail_msg("found %016llx", (unsigned long long)hash);
}

static void time_is_shown_and_rest_lasts(void **state) {
    (void)state;
    const ts_settings settings = paper_settings();
    test_random random = {5};
    double u[20], end[20];
    random_start(&random, u, 20);
    ts_limit *limit = begin_limit(&settings, u, 20);
    assert_true(ts_limit_slow_time(limit) == 0);
    advance_limit(limit, 0.001);
    assert_true(ts_limit_slow_time(limit) == 0.001);
    advance_limit(limit, INFINITY);
    const double rest = ts_limit_slow_time(limit);
    assert_true(rest > 0.001 && rest < INFINITY);
    memcpy(end, ts_limit_positions(limit), sizeof end);
    advance_limit(limit, rest + 1);
    assert_true(ts_limit_slow_time(limit) == rest + 1);
    assert_memory_equal(ts_limit_positions(limit), end, sizeof end);
    ts_limit_destroy(limit);
}

static void what_cannot_be_is_refused(void **state) {
    (void)state;
    const ts_settings settings = paper_settings();
    const double wrong[][1] = {{-0.1}, {1.1}, {NAN}}, right[1] = {0.5};
    ts_limit *limit;
    ts_error error;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(ts_limit_create(&limit, &settings, wrong[i], 1, &error), TS_INVALID);
        assert_non_null(strstr(error.message, "allowed are numbers from 0 to 1"));
        assert_null(limit);
    }
    assert_int_equal(ts_limit_create(&limit, &settings, right, 0, NULL), TS_INVALID);
    assert_int_equal(ts_limit_create(&limit, &settings, right, TS_MAX_NEURONS + 1, NULL), TS_INVALID);
    limit = begin_limit(&settings, right, 1);
    advance_limit(limit, 1e-4);
    assert_int_equal(ts_limit_advance(limit, 0.9e-4, &error), TS_INVALID);
    assert_int_equal(ts_limit_advance(limit, NAN, &error), TS_INVALID);
    ts_limit_destroy(limit);
    ts_limit_destroy(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(velocities_are_minus_the_gradient_of_the_loss),
        cmocka_unit_test(it_follows_small_steps_along_the_equation),
        cmocka_unit_test(equispaced_starts_follow_small_steps),
        cmocka_unit_test(between_events_the_speed_grows_and_the_loss_falls_by_its_square),
        cmocka_unit_test(weights_reproduce_the_averages_of_the_cells),
        cmocka_unit_test(one_neuron_between_two_jumps_takes_one_of_them),
        cmocka_unit_test(a_neuron_passes_a_small_jump_on_its_way_to_a_large_one),
        cmocka_unit_test(a_neuron_is_pulled_off_its_jump_by_what_others_leave),
        cmocka_unit_test(neurons_on_one_jump_part),
        cmocka_unit_test(neurons_at_one_place_inside_a_piece_part),
        cmocka_unit_test(without_a_jump_nothing_moves),
        cmocka_unit_test(neurons_that_start_far_out_come_in),
        cmocka_unit_test(where_one_looks_changes_no_bit),
        cmocka_unit_test(the_bits_are_known),
        cmocka_unit_test(time_is_shown_and_rest_lasts),
        cmocka_unit_test(what_cannot_be_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
