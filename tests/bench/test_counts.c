/* Instruction counts out of files, for rows of both backends. */
#include "bench/throughput.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static double look_up(const char *text, const bench_row *row) {
    FILE *file = tmpfile();
    assert_non_null(file);
    fputs(text, file);
    const double found = bench_look_up_instructions(file, row);
    fclose(file);
    return found;
}

static const char of_processor[] = "# eta 4e-3; columns:\n"
                                   "avx2       dense       20    0.004       136.16     6.808\n"
                                   "avx2       sorted      20    0.004       237.34\n"
                                   "avx2       dense       20    0.01        150.00\n"
                                   "avx2       dense       64    0.004\n";

static void a_row_of_the_processor_needs_all_four_words(void **state) {
    (void)state;
    bench_row row = {.backend = "cpu", .instructions = "avx2", .algorithm = "sorted", .neurons = 20, .eta = 4e-3};
    assert_true(look_up(of_processor, &row) == 237.34);
    row.algorithm = "dense";
    assert_true(look_up(of_processor, &row) == 136.16);
    row.eta = 1e-2;
    assert_true(look_up(of_processor, &row) == 150);
    row.eta = 2e-2;
    assert_true(isnan(look_up(of_processor, &row)));
    row.eta = 4e-3;
    row.neurons = 64; /* its line is cut off */
    assert_true(isnan(look_up(of_processor, &row)));
    row.neurons = 20;
    row.instructions = "avx512";
    assert_true(isnan(look_up(of_processor, &row)));
}

static void a_row_of_a_gpu_has_counts_of_a_neuron_step(void **state) {
    (void)state;
    static const char text[] = "m  instructions\n20 11.5 further words\n256 9\n1024 many\n";
    bench_row row = {.backend = "cuda", .instructions = "", .algorithm = "auto", .neurons = 20, .eta = 4e-3};
    assert_true(look_up(text, &row) == 11.5 * 20);
    row.neurons = 256;
    assert_true(look_up(text, &row) == 9 * 256);
    row.neurons = 1024;
    assert_true(isnan(look_up(text, &row)));
    row.neurons = 32;
    assert_true(isnan(look_up(text, &row)));
    assert_true(isnan(look_up("", &row)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_of_the_processor_needs_all_four_words),
        cmocka_unit_test(a_row_of_a_gpu_has_counts_of_a_neuron_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
