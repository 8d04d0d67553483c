/* Every instruction set that this processor has, and both algorithms, give the bits of the plain loop over src/model.
 */
#include "backend/random_settings.h"
#include "backend/same.h"
#include "support.h"

#define MANY 1200 /* configurations */

typedef struct configuration {
    ts_settings settings;
    double epsilon;
    double neurons;
    uint64_t chunk_steps;
} configuration;

/* What the configurations are meant to bring about. */
typedef struct events {
    int diverged, crossed, outside, equal, single;
} events;

static uint32_t random_neurons(test_random *random) {
    switch (random_word(random) % 8) {
    case 0:
        return 1 + (uint32_t)(random_word(random) % 9);
    case 1:
        return 1 + (uint32_t)(random_word(random) % 600);
    default:
        return 1 + (uint32_t)(random_word(random) % 80);
    }
}

static void random_configuration(configuration *c, test_random *random) {
    c->settings = random_settings(random);
    ts_settings *settings = &c->settings;
    settings->replicates = 1 + random_word(random) % 20;
    settings->steps = 1 + random_word(random) % 250;
    settings->keep_trainings = true;
    c->epsilon = pow(10, random_between(random, -5, 0.5));
    c->neurons = random_neurons(random);
    c->chunk_steps = random_word(random) % 3 ? 0 : 1 + random_word(random) % 20;
    set_axes(settings, &c->epsilon, 1, &c->neurons, 1);
}

static void count_events(events *seen, const ts_sweep *sweep) {
    const ts_kept *kept = &sweep->results.kept[0];
    const uint32_t m = sweep->cells[0].neurons;
    seen->diverged += sweep->results.statistics[0].outcome_count[TS_OUTCOME_DIVERGED] > 0;
    seen->single += m == 1;
    for (size_t i = 0; i < sweep->settings.replicates * m; i++) {
        seen->outside += kept->position[i] < 0 || kept->position[i] > INT64_C(1) << TS_POSITION_BITS;
        if (i % m == 0)
            continue;
        seen->crossed += kept->position[i - 1] > kept->position[i];
        seen->equal += kept->position[i - 1] >> 32 == kept->position[i] >> 32;
    }
}

/* All instruction sets and both algorithms on one configuration. */
static void assert_sets_change_nothing(const configuration *c, const ts_sweep *portable) {
    static const char *const algorithms[] = {"dense", "sorted"};
    for (size_t i = 0; strcmp(ts_instructions_name(i), "portable") != 0; i++)
        for (int k = 0; k < 2; k++) {
            const ts_run_options options = {.backend = "cpu",
                                            .threads = 1,
                                            .instructions = ts_instructions_name(i),
                                            .algorithm = algorithms[k],
                                            .chunk_steps = c->chunk_steps};
            ts_sweep *sweep = run_sweep(&c->settings, &options);
            assert_same_sweep(portable, sweep);
            ts_sweep_destroy(sweep);
        }
}

static void every_set_has_the_same_bits(void **state) {
    (void)state;
    const ts_run_options plain = {.backend = "cpu", .threads = 1, .instructions = "portable"};
    events seen = {0};
    test_random random = {0x9E3779B97F4A7C15};
    for (int index = 0; index < MANY; index++) {
        configuration c;
        random_configuration(&c, &random);
        ts_sweep *portable = run_sweep(&c.settings, &plain);
        assert_sets_change_nothing(&c, portable);
        count_events(&seen, portable);
        ts_sweep_destroy(portable);
    }
    assert_true(seen.diverged > 20 && seen.crossed > 100 && seen.outside > 20 && seen.equal > 20 && seen.single > 20);
}

static void wide_networks_have_the_same_bits(void **state) {
    (void)state;
    const uint32_t counts[] = {512, 513, 1024, 4095, 4096};
    const double epsilon = 1;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        ts_settings settings = paper_settings();
        set_axes(&settings, &epsilon, 1, &(double){counts[i]}, 1);
        settings.h = 1e-4;
        settings.steps = 3000;
        settings.replicates = 5;
        settings.keep_trainings = true;
        ts_sweep *left = run_sweep(&settings, &(ts_run_options){.backend = "cpu", .instructions = "portable"});
        for (size_t set = 0; strcmp(ts_instructions_name(set), "portable") != 0; set++)
            for (int sorted = 0; sorted <= 1; sorted++) {
                const ts_run_options options = {.backend = "cpu",
                                                .instructions = ts_instructions_name(set),
                                                .algorithm = sorted ? "sorted" : "dense"};
                ts_sweep *right = run_sweep(&settings, &options);
                assert_same_sweep(left, right);
                ts_sweep_destroy(right);
            }
        ts_sweep_destroy(left);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_set_has_the_same_bits),
        cmocka_unit_test(wide_networks_have_the_same_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
