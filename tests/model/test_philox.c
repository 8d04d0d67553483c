/* Philox: published known answers, and the layout of counters and keys by words worked out with a separate program. */
#include "support.h"

#include "model/philox.h"
#include "model/streams.h"

static void assert_words(ts_words words, uint32_t w0, uint32_t w1, uint32_t w2, uint32_t w3) {
    const uint32_t expected[4] = {w0, w1, w2, w3};
    assert_memory_equal(words.word, expected, sizeof expected);
}

static void gives_the_published_answers(void **state) {
    (void)state;
    const uint32_t all = 0xffffffff;
    assert_words(ts_philox(0, 0, 0, 0, 0, 0), 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
    assert_words(ts_philox(all, all, all, all, all, all), 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
    assert_words(ts_philox(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0), 0xd16cfe09,
                 0x94fdcceb, 0x5001e420, 0x24126ea1);
}

static void lays_out_counter_and_key(void **state) {
    (void)state;
    assert_words(ts_random_block(42, 0, 0, TS_STREAM_POSITIONS, 0), 0x97907da9, 0xecba94ea, 0x07dea2c9, 0x1d9cc73d);
    assert_words(ts_random_block(42, 0, 7, TS_STREAM_SAMPLES, 12345), 0xce159956, 0xf5c7a34e, 0x44d10ec0, 0xfc8ca454);
    assert_words(ts_random_block(UINT64_C(0x123456789abcdef0), 0xdeadbeef, 0xffffffff, TS_STREAM_SAMPLES,
                                 UINT64_C(0xa1b2c3d4e5f6)),
                 0x107ff174, 0xe4dda3b7, 0xf8f97fbe, 0x3e1cd6ac);
    assert_words(ts_random_block(1, 2, 3, TS_STREAM_POSITIONS, UINT64_C(1) << 55), 0xbfc5db0e, 0x50317d0d, 0xf73e901d,
                 0x0c1a5a0f);
}

static void serves_two_steps_from_a_block(void **state) {
    (void)state;
    const ts_cell cell = {.seed = 42};
    const ts_words block = ts_sample_block(&cell, 7, 24691); /* block 12345 */
    assert_int_equal(ts_sample_of(&block, 24690).point, 0xce159956u >> 2);
    assert_int_equal(ts_sample_of(&block, 24690).noise, (int32_t)0xf5c7a34e);
    assert_int_equal(ts_sample_of(&block, 24691).point, 0x44d10ec0u >> 2);
    assert_int_equal(ts_sample_of(&block, 24691).noise, (int32_t)0xfc8ca454);
}

static void salts_cells_apart(void **state) {
    (void)state;
    assert_int_equal(ts_cell_salt((double[]){0.1, 20, 1e-5, 1, 4e-3}), 0xcb15b19e);
    assert_int_equal(ts_cell_salt((double[]){1, 4, 1e-3, 0, 4e-3}), 0x9dc54f18);
    assert_int_equal(ts_cell_salt((double[]){1, 4, 1e-3, -0.0, 4e-3}), 0x9dc54f18);
    assert_int_equal(ts_cell_salt((double[]){1e-3, 4096, 1e-3, 0.5, 0}), 0x03f6b7c2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_published_answers),
        cmocka_unit_test(lays_out_counter_and_key),
        cmocka_unit_test(serves_two_steps_from_a_block),
        cmocka_unit_test(salts_cells_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
