/* The generator of the device is that of the host: cuRAND's Philox, compiled for the host, against Random123's. */
#include "support.h"

void philox_of_curand(const uint32_t *counter, const uint32_t *key, uint32_t *word);

static void gives_the_words_of_random123(void **state) {
    (void)state;
    test_random random = {3};
    for (int i = 0; i < 100000; i++) {
        uint32_t counter[4], key[2], word[4];
        for (int k = 0; k < 4; k++)
            counter[k] = (uint32_t)(random_word(&random) >> (i % 32));
        for (int k = 0; k < 2; k++)
            key[k] = (uint32_t)(random_word(&random) >> (i % 32));
        philox_of_curand(counter, key, word);
        const ts_words expected = ts_philox(counter[0], counter[1], counter[2], counter[3], key[0], key[1]);
        assert_memory_equal(word, expected.word, sizeof word);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_words_of_random123),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
