/* The configurations of timescape_parity: a run on a GPU is too dear to find out that one of them is refused. */
#include "backend/cuda/configurations.h"

#include "support.h"
#include "sweep/sweep.h"

#define SHARED_MEMORY ((size_t)227 << 10) /* of a block of an H100, at most */

static size_t kernel_of(ts_shape shape) {
    size_t i = 0;
    while (i < KERNELS && (advance_kernels[i].form != shape.form || advance_kernels[i].lanes != shape.lanes ||
                           advance_kernels[i].batch != shape.batch))
        i++;
    return i;
}

/* Lay out so many configurations of each of three seeds; met[] counts the kernels. */
static void lay_out(bool small, long count, long met[KERNELS]) {
    for (uint64_t seed = 1; seed <= 3; seed++)
        for (long number = 0; number < count; number++) {
            const advance_kernel *kernel = &advance_kernels[(size_t)number % KERNELS];
            test_random random = parity_random(seed, number);
            double epsilon[2];
            double neurons[1];
            const ts_settings settings = parity_settings(kernel, small, &random, epsilon, neurons);
            ts_sweep *sweep = NULL;
            ts_error error = {0};
            if (ts_sweep_create(&sweep, &settings, &error) != TS_OK)
                fail_msg("configuration %ld of seed %d: %s %s", number, (int)seed, error.key, error.message);
            const ts_shape shape = ts_shape_choose(&sweep->cells[0], (int)kernel->lanes, SHARED_MEMORY);
            const size_t ran = kernel_of(shape);
            assert_in_range(ran, 0, KERNELS - 1);
            met[ran]++;
            ts_sweep_destroy(sweep);
        }
}

static void configurations_are_accepted(void **state) {
    (void)state;
    long met[KERNELS] = {0};
    lay_out(false, 2000, met);
    lay_out(true, 2000, met);
}

static void each_kernel_is_met_in_every_quick_set(void **state) {
    (void)state;
    for (int small = 0; small < 2; small++) {
        long met[KERNELS] = {0};
        lay_out(small != 0, 60, met);
        for (size_t i = 0; i < KERNELS; i++)
            assert_true(met[i] >= 3);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(configurations_are_accepted),
        cmocka_unit_test(each_kernel_is_met_in_every_quick_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
