/* Where the neurons of a training begin: each way to draw their positions, against its definition in float64. */
#include "support.h"

#include "model/training.h"

static ts_cell cell_of(ts_init init, size_t dimension, uint32_t m) {
    ts_settings settings = paper_settings();
    settings.h = 1e-3;
    settings.steps = 1;
    settings.init = init;
    settings.dimension = dimension;
    return ts_cell_of(&settings, 0.1, m);
}

/* The words that no random number generator gives when one waits for them: the least, the middle and the largest. */
static void a_part_holds_its_position_whatever_is_drawn(void **state) {
    (void)state;
    const uint64_t places[] = {1, 3, (UINT64_C(1) << 32) - 1, (UINT64_C(1) << 32) + 1, (UINT64_C(1) << 33) - 1};
    for (uint32_t m = 1; m <= TS_MAX_NEURONS; m += m < 70 ? 1 : m / 9) {
        int64_t before = -1;
        for (uint32_t j = 0; j < m; j++)
            for (size_t i = 0; i < 5; i++) {
                const int64_t found = ts_position_in_part(j, m, places[i]);
                const double u = ldexp((double)found, -TS_POSITION_BITS);
                assert_true(found > before && found % (1 << 11) == 0 && (int64_t)ldexp(u, TS_POSITION_BITS) == found);
                /* j / m <= u < (j + 1) / m, in whole numbers */
                const uint64_t parts = (uint64_t)(found >> 11) * m >> 51, rest = (uint64_t)(found >> 11) * m << 13;
                assert_true(parts == j && (rest > 0 || m == 1));
                assert_close(u, (j + (double)places[i] * 0x1p-33) / m, 0x1p-51);
                before = found;
            }
    }
    assert_true(ts_position_in_part(TS_MAX_NEURONS - 1, TS_MAX_NEURONS, (UINT64_C(1) << 33) - 1) <
                INT64_C(1) << TS_POSITION_BITS);
}

static void the_draws_of_uniform_are_those_within_the_parts(void **state) {
    (void)state;
    const uint32_t sizes[] = {1, 2, 7, 300};
    for (size_t dimension = 1; dimension <= 3; dimension++)
        for (size_t i = 0; i < 4; i++) {
            const uint32_t m = sizes[i];
            const ts_cell uniform = cell_of(TS_INIT_UNIFORM, dimension, m);
            const ts_cell stratified = cell_of(TS_INIT_STRATIFIED, dimension, m);
            for (uint32_t replicate = 0; replicate < 3; replicate++)
                for (uint32_t j = 0; j < uniform.neurons; j++) {
                    const double drawn = ldexp((double)ts_start_position(&uniform, replicate, j), -TS_POSITION_BITS);
                    const double u = ldexp((double)ts_start_position(&stratified, replicate, j), -TS_POSITION_BITS);
                    assert_true(drawn > 0 && drawn < 1);
                    assert_close(u, (j % m + drawn) / m, 0x1p-51);
                }
        }
}

static void equispaced_positions_are_in_the_middle_of_their_parts(void **state) {
    (void)state;
    const ts_cell cell = cell_of(TS_INIT_EQUISPACED, 2, 40);
    for (uint32_t j = 0; j < 80; j++) {
        const int64_t position = ts_start_position(&cell, j % 5, j);
        assert_close(ldexp((double)position, -TS_POSITION_BITS), (j % 40 + 0.5) / 40, 0x1p-51);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_part_holds_its_position_whatever_is_drawn),
        cmocka_unit_test(the_draws_of_uniform_are_those_within_the_parts),
        cmocka_unit_test(equispaced_positions_are_in_the_middle_of_their_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
