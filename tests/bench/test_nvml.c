/* Clock, power and energy of a GPU, from two libraries that this test brings. */
#include "bench/nvml.h"

#include <dlfcn.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define ADDRESS "0000:01:00.0"

static const char *full, *little;
static char why[256];

static void values_are_those_of_the_library_in_base_units(void **state) {
    (void)state;
    char version[32];
    bench_nvml nvml = bench_nvml_open(full, ADDRESS, why, sizeof why);
    assert_string_equal(why, "");
    assert_true(bench_nvml_clock(&nvml) == 1755e6);
    assert_true(bench_nvml_greatest_clock(&nvml) == 1980e6);
    assert_true(bench_nvml_power_limit(&nvml) == 700);
    bench_nvml_driver_version(&nvml, version, sizeof version);
    assert_string_equal(version, "580.159.03");
    bench_nvml_close(&nvml);
}

static void energy_between_two_looks_is_exact_for_large_totals(void **state) {
    (void)state;
    bench_nvml nvml = bench_nvml_open(full, ADDRESS, why, sizeof why);
    const double before = bench_nvml_joules(&nvml), after = bench_nvml_joules(&nvml);
    assert_true(before > 5e9);
    assert_true(fabs(after - before - 2.5) < 1e-5);
    bench_nvml_close(&nvml);
}

static void assert_nothing_known(const bench_nvml *nvml) {
    char version[32] = "unchanged";
    assert_true(isnan(bench_nvml_joules(nvml)));
    assert_true(isnan(bench_nvml_clock(nvml)));
    assert_true(isnan(bench_nvml_greatest_clock(nvml)));
    assert_true(isnan(bench_nvml_power_limit(nvml)));
    bench_nvml_driver_version(nvml, version, sizeof version);
    assert_string_equal(version, "");
}

static void what_a_driver_lacks_is_unknown(void **state) {
    (void)state;
    bench_nvml nvml = bench_nvml_open(little, ADDRESS, why, sizeof why);
    assert_string_equal(why, "");
    assert_nothing_known(&nvml);
    bench_nvml_close(&nvml);
}

static void another_gpu_is_not_found(void **state) {
    (void)state;
    bench_nvml nvml = bench_nvml_open(full, "0000:02:00.0", why, sizeof why);
    assert_string_equal(why, "NVML: looking for the GPU by its PCI address: Not Found");
    assert_nothing_known(&nvml);
    bench_nvml_close(&nvml);
}

static void a_missing_library_is_a_reason(void **state) {
    (void)state;
    bench_nvml nvml = bench_nvml_open("libno-such-library.so.1", ADDRESS, why, sizeof why);
    assert_non_null(strstr(why, "NVML cannot be loaded"));
    assert_non_null(strstr(why, "libno-such-library.so.1"));
    assert_nothing_known(&nvml);
    bench_nvml_close(&nvml);
}

static void a_library_of_another_kind_is_a_reason(void **state) {
    (void)state;
    bench_nvml nvml = bench_nvml_open("libm.so.6", ADDRESS, why, sizeof why);
    assert_non_null(strstr(why, "too old"));
    assert_nothing_known(&nvml);
    bench_nvml_close(&nvml);
}

static void every_start_has_its_end(void **state) {
    (void)state;
    void *library = dlopen(full, RTLD_NOW | RTLD_LOCAL); /* keeps it loaded: its counter lives on */
    assert_non_null(library);
    int (*starts)(void);
    void *address = dlsym(library, "fake_nvml_starts");
    assert_non_null(address);
    memcpy(&starts, &address, sizeof address);
    bench_nvml found = bench_nvml_open(full, ADDRESS, why, sizeof why);
    assert_int_equal(starts(), 1);
    bench_nvml lost = bench_nvml_open(full, "0000:02:00.0", why, sizeof why);
    assert_int_equal(starts(), 1);
    bench_nvml_close(&lost);
    bench_nvml_close(&found);
    assert_int_equal(starts(), 0);
    dlclose(library);
}

int main(void) {
    full = getenv("FAKE_NVML");
    little = getenv("LITTLE_FAKE_NVML");
    if (!full || !little)
        return 2;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_those_of_the_library_in_base_units),
        cmocka_unit_test(energy_between_two_looks_is_exact_for_large_totals),
        cmocka_unit_test(what_a_driver_lacks_is_unknown),
        cmocka_unit_test(another_gpu_is_not_found),
        cmocka_unit_test(a_missing_library_is_a_reason),
        cmocka_unit_test(a_library_of_another_kind_is_a_reason),
        cmocka_unit_test(every_start_has_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
