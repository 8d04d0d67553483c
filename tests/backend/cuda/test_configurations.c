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

/* Count each kernel that cells of the sweep meet, and the sweep where they are several. */
static void count_met(const ts_sweep *sweep, const advance_kernel *kernel, long met[KERNELS], long *several) {
    bool ran[KERNELS] = {false};
    int count = 0;
    for (size_t cell = 0; cell < sweep->cell_count; cell++) {
        const size_t i = kernel_of(ts_shape_choose(&sweep->cells[cell], (int)kernel->lanes, SHARED_MEMORY));
        assert_in_range(i, 0, KERNELS - 1);
        count += !ran[i];
        met[i] += !ran[i];
        ran[i] = true;
    }
    *several += count > 1;
}

/* Lay out so many configurations of each of three seeds. */
static void lay_out(bool small, long count, long met[KERNELS], long *several) {
    for (uint64_t seed = 1; seed <= 3; seed++)
        for (long number = 0; number < count; number++) {
            const advance_kernel *kernel = &advance_kernels[(size_t)number % KERNELS];
            test_random random = parity_random(seed, number);
            parity_axes axes;
            const ts_settings settings = parity_settings(kernel, small, &random, &axes);
            ts_sweep *sweep = NULL;
            ts_error error = {0};
            if (ts_sweep_create(&sweep, &settings, &error) != TS_OK)
                fail_msg("configuration %ld of seed %d: %s %s", number, (int)seed, error.key, error.message);
            count_met(sweep, kernel, met, several);
            ts_sweep_destroy(sweep);
        }
}

static void configurations_are_accepted(void **state) {
    (void)state;
    long met[KERNELS] = {0}, several = 0;
    lay_out(false, 2000, met, &several);
    lay_out(true, 2000, met, &several);
}

static void each_kernel_is_met_in_every_quick_set(void **state) {
    (void)state;
    for (int small = 0; small < 2; small++) {
        long met[KERNELS] = {0}, several = 0;
        lay_out(small != 0, 60, met, &several);
        assert_true(several >= 9);
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
