/* Records: what is written is what is read, whatever it is; what is cut off or damaged is noticed. */
#include "campaign/records.h"

#include "random.h"
#include "support.h"

static void assert_counts_return(const uint64_t *value, size_t count) {
    ts_records records = {0};
    ts_record record;
    size_t at = 0;
    uint64_t *read = malloc((count + 1) * sizeof *read);
    ts_records_begin(&records, TS_RECORD_CELL, 7, UINT64_C(1) << 40);
    ts_records_put_counts(&records, value, count);
    ts_records_put_word(&records, 0x0123456789abcdef);
    ts_records_put_bytes(&records, (const uint8_t *)"end", 3);
    ts_records_end(&records);
    assert_true(ts_records_next(records.bytes, records.size, &at, &record));
    assert_true(record.kind == TS_RECORD_CELL && record.cell == 7 && record.first == UINT64_C(1) << 40);
    ts_reading reading = ts_record_read(&record);
    ts_reading_counts(&reading, read, count);
    assert_memory_equal(read, value, count * sizeof *read);
    assert_true(ts_reading_word(&reading) == 0x0123456789abcdef);
    assert_false(ts_reading_ends(&reading));
    assert_memory_equal(ts_reading_bytes(&reading, 3), "end", 3);
    assert_true(ts_reading_ends(&reading));
    assert_null(ts_reading_bytes(&reading, 1));
    assert_false(ts_reading_ends(&reading));
    assert_false(ts_records_next(records.bytes, records.size, &at, &record));
    free(read);
    ts_records_free(&records);
}

static void numbers_return(void **state) {
    (void)state;
    const uint64_t few[] = {0, 0, 1, 127, 128, 16383, 16384, UINT32_MAX, UINT64_MAX, 0, 3, 0};
    uint64_t many[1000];
    test_random random = {11};
    for (size_t count = 0; count <= sizeof few / sizeof *few; count++)
        assert_counts_return(few, count);
    for (int round = 0; round < 20; round++) {
        for (size_t i = 0; i < 1000; i++)
            many[i] = random_word(&random) % 3 ? 0 : random_word(&random) >> random_word(&random) % 64;
        assert_counts_return(many, 1000);
    }
}

/* The bytes are the same on every machine, and stay: there are checkpoints of them. */
static void bytes_are_as_they_are(void **state) {
    (void)state;
    static const uint8_t expected[] = {3, 0, 0,  0, 2, 1,    0,    0,    5,    0,    0,    0,   0, 0,
                                       0, 0, 16, 0, 0, 0,    0,    0,    0,    0,    0,    2,   4, 0xac,
                                       2, 0, 0,  9, 0, 0xef, 0xcd, 0xab, 0x89, 0x67, 0x45, 0x23};
    const uint64_t counts[] = {0, 0, 0, 4, 300, 0, 9};
    ts_records records = {0};
    ts_records_begin(&records, TS_RECORD_WAYPOINT, 258, 5);
    ts_records_put_counts(&records, counts, 7);
    ts_records_put_word(&records, 0x23456789abcdef00);
    ts_records_end(&records);
    assert_int_equal(records.size, sizeof expected);
    assert_memory_equal(records.bytes, expected, sizeof expected);
    ts_records_free(&records);
}

static void many_records_follow_each_other(void **state) {
    (void)state;
    ts_records records = {0}, copy = {0};
    ts_record record;
    size_t at = 0, count = 0;
    for (uint32_t i = 0; i < 1000; i++) {
        ts_records_begin(&records, TS_RECORD_KEPT, i, i);
        for (uint32_t k = 0; k < i % 50; k++)
            ts_records_put_word(&records, i);
        ts_records_end(&records);
    }
    for (; ts_records_next(records.bytes, records.size, &at, &record); count++) {
        assert_true(record.cell == count && record.size == 8 * (count % 50));
        ts_records_add(&copy, &record);
    }
    assert_int_equal(count, 1000);
    assert_true(copy.count == records.count && copy.size == records.size);
    assert_memory_equal(copy.bytes, records.bytes, records.size);
    for (size_t cut = 1; cut < 300; cut++) { /* what is cut off is no record */
        size_t found = 0;
        for (at = 0; ts_records_next(records.bytes, records.size - cut, &at, &record);)
            found++;
        assert_true(found < 1000 && at <= records.size - cut);
    }
    ts_records_free(&records);
    ts_records_free(&copy);
}

static void more_than_there_is_fails(void **state) {
    (void)state;
    static const uint8_t zeros[] = {0, 200, 1},
                         endless[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    uint64_t value[100];
    ts_reading reading = {.at = zeros, .end = zeros + 3};
    ts_reading_counts(&reading, value, 100); /* 201 zeros */
    assert_true(reading.failed && value[0] == 0);
    reading = (ts_reading){.at = endless, .end = endless + 11};
    assert_true(ts_reading_count(&reading) == 0 && reading.failed);
    reading = (ts_reading){.at = zeros + 1, .end = zeros + 3};
    assert_true(ts_reading_length(&reading, 1) == 0 && reading.failed); /* a length of 200, and nothing behind it */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_return),
        cmocka_unit_test(bytes_are_as_they_are),
        cmocka_unit_test(many_records_follow_each_other),
        cmocka_unit_test(more_than_there_is_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
