/* Memory of running trainings: so much for each, and only for those that run. */
#include "backend/cpu/instructions.h"
#include "support.h"

#include <sys/resource.h>

/* Constants of the cell stand in every lane of a vector. */
#define SHARED_BYTES 24576

static void assert_small(const char *name, const ts_method *method, size_t bytes_per_neuron) {
    const uint32_t counts[] = {1, 2, 7, 20, 64, 100, 1000, 4096};
    const ts_settings settings = paper_settings();
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        const ts_cell cell = ts_cell_of(&settings, 0.1, counts[i]);
        const size_t allowed = SHARED_BYTES + method->width * (512 + bytes_per_neuron * (counts[i] + 1));
        const size_t found = method->state_size(&cell);
        if (found > allowed)
            fail_msg("%s, m = %u: %zu bytes for %u trainings, allowed are %zu", name, counts[i], found, method->width,
                     allowed);
    }
}

static void a_training_takes_few_bytes_for_each_neuron(void **state) {
    (void)state;
    for (size_t i = 0; ts_instructions_at(i); i++) {
        const ts_instructions *set = ts_instructions_at(i);
        assert_small(set->name, set->dense, 16);
        if (set->sorted)
            assert_small(set->name, set->sorted, 48);
    }
}

static long peak_kilobytes(void) {
    struct rusage usage;
    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_maxrss;
}

static bool stop_at_once(void *context, const ts_progress *progress) {
    uint64_t *total = context;
    *total = progress->trainings_total;
    return false;
}

/* All trainings together would take 3.2 GB. A first report comes when some chunks of a single step are done. */
static void a_million_trainings_are_not_all_in_memory(void **state) {
    (void)state;
    ts_settings settings = paper_settings();
    const double epsilon = 0.1;
    const uint32_t neurons = 200;
    set_axes(&settings, &epsilon, 1, &(double){neurons}, 1);
    settings.h = 1e-5;
    settings.steps = 100000000;
    settings.replicates = 1000000;
    for (size_t i = 0; ts_instructions_name(i); i++) {
        uint64_t total = 0;
        ts_sweep *sweep = create_sweep(&settings);
        const long before = peak_kilobytes();
        const ts_run_options options = {.threads = 2,
                                        .chunk_steps = 1,
                                        .instructions = ts_instructions_name(i),
                                        .on_progress = stop_at_once,
                                        .context = &total};
        assert_int_equal(ts_sweep_run(sweep, &options, NULL, NULL), TS_INTERRUPTED);
        assert_int_equal(total, 1000000);
        assert_in_range(peak_kilobytes() - before, 0, 16 * 1024);
        ts_sweep_destroy(sweep);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_training_takes_few_bytes_for_each_neuron),
        cmocka_unit_test(a_million_trainings_are_not_all_in_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
