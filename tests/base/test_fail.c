/* How a failure is explained. */
#include "base/fail.h"
#include "support.h"

static void the_status_comes_back_with_the_key_and_the_sentence(void **state) {
    (void)state;
    ts_error error = {.key = "of before", .message = "of before"};
    assert_int_equal(ts_fail(&error, TS_INVALID, "network.eta", "found %g, allowed are %s", 0.5, "none"), TS_INVALID);
    assert_string_equal(error.key, "network.eta");
    assert_string_equal(error.message, "found 0.5, allowed are none");
    assert_int_equal(ts_fail(&error, TS_FAILED, "", "not enough memory"), TS_FAILED);
    assert_string_equal(error.key, "");
    assert_string_equal(error.message, "not enough memory");
}

static void nobody_needs_to_listen(void **state) {
    (void)state;
    assert_int_equal(ts_fail(NULL, TS_FAILED, "key", "%d", 1), TS_FAILED);
}

static void what_is_too_long_is_cut_off_within_its_room(void **state) {
    (void)state;
    struct {
        ts_error error;
        char behind;
    } found = {.behind = 'x'};
    ts_fail(&found.error, TS_INVALID, "", "%2000d", 1);
    assert_int_equal(strlen(found.error.message), sizeof found.error.message - 1);
    char key[1000];
    memset(key, 'k', sizeof key - 1);
    key[sizeof key - 1] = '\0';
    ts_fail(&found.error, TS_INVALID, key, "sentence");
    assert_int_equal(strlen(found.error.key), sizeof found.error.key - 1);
    assert_string_equal(found.error.message, "sentence");
    assert_int_equal(found.behind, 'x');
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_status_comes_back_with_the_key_and_the_sentence),
        cmocka_unit_test(nobody_needs_to_listen),
        cmocka_unit_test(what_is_too_long_is_cut_off_within_its_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
