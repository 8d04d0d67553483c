/* How the loop of the host backends cuts cells into batches: seen by a method that trains nothing and takes notes. */
#include "backend/host.h"
#include "support.h"

#include <stdatomic.h>

#define MOST 512

/* Batches in the order of their start. */
static ts_batch noted[MOST];
static atomic_int noted_count;

static double step_cost(const ts_cell *cell) {
    return cell->neurons;
}

static size_t state_size(const ts_cell *cell) {
    (void)cell;
    return 64;
}

static size_t no_scratch(const ts_cell *cell) {
    (void)cell;
    return 0;
}

static void start(const ts_run_options *options, ts_batch batch, void *state) {
    (void)options;
    (void)state;
    noted[atomic_fetch_add(&noted_count, 1)] = batch;
}

static void draw(const ts_plan *plan, const ts_cell *cell, ts_standing *standing) {
    (void)plan;
    (void)cell;
    (void)standing;
}

static void write_training(ts_batch batch, void *state, uint32_t i, const ts_standing *standing) {
    (void)batch;
    (void)state;
    (void)i;
    (void)standing;
}

static uint64_t advance(const ts_plan *plan, ts_batch batch, void *state, uint64_t steps) {
    (void)plan;
    (void)state;
    return steps * batch.count;
}

static bool diverged(const void *state, uint32_t i) {
    (void)state;
    (void)i;
    return false;
}

static void read_training(ts_batch batch, const void *state, uint32_t i, ts_standing *standing) {
    (void)batch;
    (void)state;
    (void)i;
    (void)standing;
}

static bool measure(const ts_plan *plan, ts_batch batch, const ts_standing *standing, void *scratch,
                    ts_measurement *measurement) {
    (void)plan;
    (void)batch;
    (void)standing;
    (void)scratch;
    *measurement = (ts_measurement){0};
    return true;
}

static const ts_host_arithmetic arithmetic = {.draw = draw, .scratch_size = no_scratch, .measure = measure};
static const ts_method method = {.arithmetic = &arithmetic,
                                 .width = 16,
                                 .least = 4,
                                 .step_cost = step_cost,
                                 .state_size = state_size,
                                 .start = start,
                                 .write = write_training,
                                 .advance = advance,
                                 .diverged = diverged,
                                 .read = read_training};

static const ts_method *choose(const ts_run_options *options, const ts_cell *cell) {
    (void)options;
    (void)cell;
    return &method;
}

static void run(size_t cell_count, uint32_t replicates, int threads) {
    static const double ratios[] = {0.1, 0.2, 0.3};
    static const double sizes[] = {5};
    ts_settings settings = paper_settings();
    settings.h = 1e-3;
    settings.steps = 10;
    settings.replicates = replicates;
    set_axes(&settings, ratios, cell_count, sizes, 1);
    ts_sweep *sweep = create_sweep(&settings);
    const ts_plan plan = {
        .settings = &settings, .cells = sweep->cells, .cell_count = cell_count, .replicates = replicates};
    const ts_run_options options = {.threads = threads};
    double busy[64] = {0};
    ts_monitor monitor;
    ts_results results = {0};
    ts_error error = {0};
    assert_int_equal(ts_results_create(&results, sweep, false, &error), TS_OK);
    ts_monitor_begin(&monitor, &options, (ts_progress){0}, busy);
    noted_count = 0;
    assert_int_equal(ts_host_run(choose, &plan, &options, &monitor, &results, &error), TS_OK);
    uint64_t trainings = 0;
    for (size_t i = 0; i < cell_count; i++)
        trainings += results.statistics[i].outcome_count[TS_OUTCOME_FAILURE] +
                     results.statistics[i].outcome_count[TS_OUTCOME_SUCCESS];
    assert_int_equal(trainings, cell_count * replicates);
    ts_results_free(&results, cell_count);
    ts_sweep_destroy(sweep);
}

static void many_trainings_fill_the_batches(void **state) {
    (void)state;
    run(3, 40, 2);
    assert_int_equal(noted_count, 9); /* of 16, 16 and 8 */
    run(1, 64, 4);
    assert_int_equal(noted_count, 4);
}

static void few_trainings_have_a_batch_for_each_thread(void **state) {
    (void)state;
    run(1, 20, 4);
    assert_int_equal(noted_count, 4);
    for (int i = 0; i < 4; i++)
        assert_int_equal(noted[i].count, 5);
    run(3, 8, 3);
    assert_int_equal(noted_count, 3);
}

static void a_batch_is_not_cut_below_what_makes_it_faster(void **state) {
    (void)state;
    run(1, 20, 16);
    assert_int_equal(noted_count, 5);
    run(1, 3, 2);
    assert_int_equal(noted_count, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_trainings_fill_the_batches),
        cmocka_unit_test(few_trainings_have_a_batch_for_each_thread),
        cmocka_unit_test(a_batch_is_not_cut_below_what_makes_it_faster),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
