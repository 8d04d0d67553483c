/* Targets and starts of every kind, the awkward ones above all: no limit hangs, leaves its range or raises its loss. */
#include "oracle.h"
#include "theory/state.h"

/* Jumps anywhere, or evenly spread with heights that often cancel. */
static ts_settings any_target(test_random *random) {
    ts_settings settings = ts_settings_default();
    const bool even = random_word(random) % 3 == 0;
    const size_t most = random_word(random) % 10 == 0 ? TS_MAX_JUMPS : 7;
    double place = 0;
    for (size_t k = 0; k < most; k++) {
        place += even ? 1.0 / 8 : pow(10, random_between(random, -5, 0)) + 1e-5;
        if (place >= 1)
            break;
        settings.jump_at[k] = place;
        const double size = even ? (double)(1 + random_word(random) % 2) : pow(10, random_between(random, -1.5, 1.5));
        settings.jump_by[k] = random_word(random) % 2 ? size : -size;
        settings.jump_count = k + 1;
    }
    return settings;
}

static double any_position(test_random *random, const ts_settings *settings, int kind, uint32_t j, uint32_t m) {
    const double place = random_between(random, 0, 1);
    const double jump = settings->jump_count ? settings->jump_at[random_word(random) % settings->jump_count] : 0.5;
    const double near = jump + random_between(random, -0.5, 0.5) * pow(10, -17 * random_between(random, 0, 1));
    switch (kind) {
    case 0: /* in a cluster */
        return 0.5 + 1e-6 * place;
    case 1: /* on jumps */
        return jump;
    case 2: /* anywhere near a jump, down to the last bit */
        return fmin(fmax(near, 0), 1);
    case 3: /* several at a place, ends included */
        return floor(place * 9) / 8;
    case 4:
        return (j + 0.5) / m;
    default:
        return place;
    }
}

static void check_state(const ts_limit *limit, double before) {
    const double *position = ts_limit_positions(limit);
    const double loss = ts_limit_loss(limit);
    assert_true(loss >= 0 &&
                loss <= before * (1 + 1e-12) + 1e-13 * ts_cell_loss(&limit->target, 0, limit->target.jump_count, 0, 1));
    for (uint32_t j = 0; j < limit->m; j++)
        assert_true(position[j] >= 0 && position[j] <= 1 && (j == 0 || position[j] >= position[j - 1]));
    for (uint32_t j = 0; j <= limit->m; j++)
        assert_true(limit->left[j] <= limit->right[j] && limit->right[j] <= limit->left[j + 1]);
}

static void run_any(test_random *random, bool general_only) {
    const ts_settings settings = any_target(random);
    const int kind = (int)(random_word(random) % 6);
    const uint32_t m = 1 + (uint32_t)(random_word(random) % (random_word(random) % 20 == 0 ? 300 : 20));
    double u[300];
    for (uint32_t j = 0; j < m; j++)
        u[j] = any_position(random, &settings, kind, j, m);
    ts_limit *limit = begin_limit(&settings, u, m);
    if (general_only)
        ts_limit_use_general_solver(limit);
    double time = 0, step = 1e-4 / (1 + 1e13 * limit->rest_speed), loss = ts_limit_loss(limit);
    for (int i = 0; i < 40; i++, step *= 1.4) {
        time += step;
        advance_limit(limit, i < 39 ? time : INFINITY);
        check_state(limit, loss);
        loss = ts_limit_loss(limit);
    }
    double velocity[300];
    ts_limit_velocities(limit, velocity);
    for (uint32_t j = 0; j < m; j++)
        assert_true(fabs(velocity[j]) <= 1.001 * limit->rest_speed);
    assert_true(limit->segment_count < 20000);
    ts_limit_destroy(limit);
}

static void any_start_comes_to_rest(void **state) {
    (void)state;
    test_random random = {4096};
    for (int i = 0; i < 6000; i++)
        run_any(&random, i % 2 == 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(any_start_comes_to_rest)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
