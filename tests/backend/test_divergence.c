/* Settings that blow up end as `diverged`: counted, in the same step everywhere, and nothing wraps on the way. */
#include "support.h"

static const double one = 1;

static ts_settings wild_settings(double h, double noise, const double *m) {
    ts_settings settings = paper_settings();
    settings.h = h;
    settings.noise = noise;
    settings.steps = 2000;
    settings.replicates = 16;
    settings.keep_trainings = true;
    set_axes(&settings, &one, 1, m, 1);
    return settings;
}

static void is_counted_and_has_no_loss(void **state) {
    (void)state;
    const uint32_t m = 20;
    const double neurons = m;
    const ts_settings settings = wild_settings(10, 30, &neurons);
    const char *const backends[] = {"cpu", "reference"};
    for (int i = 0; i < 2; i++) {
        ts_sweep *sweep = run_sweep(&settings, &(ts_run_options){.backend = backends[i]});
        const ts_cell_summary summary = ts_sweep_summary(sweep, 0);
        assert_int_equal(summary.diverged_count, 16);
        assert_int_equal(summary.trainings, 16);
        assert_int_equal(summary.success_count + summary.failure_count, 0);
        assert_true(isnan(summary.loss_mean) && isnan(summary.loss_median));
        assert_true(summary.success_rate == 0);
        double loss, weight[20];
        ts_outcome outcome;
        assert_int_equal(ts_sweep_training(sweep, 0, 3, NULL, weight, NULL, &loss, &outcome), TS_OK);
        assert_true(isnan(loss) && outcome == TS_OUTCOME_DIVERGED);
        ts_sweep_destroy(sweep);
    }
}

/* The step at which each training stops, seen through the state it is left in. */
static void stops_at_the_same_step_everywhere(void **state) {
    (void)state;
    const uint32_t counts[] = {1, 20, 300};
    const double stepsizes[] = {10, 0.5, 0.06};
    for (int i = 0; i < 3; i++) {
        const double neurons = counts[i];
        const ts_settings settings = wild_settings(stepsizes[i], 30, &neurons);
        ts_sweep *plain = run_sweep(&settings, &(ts_run_options){.threads = 1});
        assert_true(ts_sweep_summary(plain, 0).diverged_count > 0);
        const ts_run_options options[] = {{.chunk_steps = 1}, {.chunk_steps = 3, .lane_group = 8}, {.lane_group = 32}};
        for (int k = 0; k < 3; k++) {
            ts_sweep *other = run_sweep(&settings, &options[k]);
            const ts_kept *a = plain->results.kept, *b = other->results.kept;
            assert_memory_equal(a->outcome, b->outcome, 16);
            assert_memory_equal(a->bias, b->bias, 16 * sizeof *a->bias);
            assert_memory_equal(a->weight, b->weight, 16 * counts[i] * sizeof *a->weight);
            assert_memory_equal(a->position, b->position, 16 * counts[i] * sizeof *a->position);
            ts_sweep_destroy(other);
        }
        ts_sweep_destroy(plain);
    }
}

/* Weights that grow without a large residual: the examination finds them before a sum can leave 64 bits. */
static void examination_ends_a_training_whose_weights_grow(void **state) {
    (void)state;
    const uint32_t m = 2;
    const double neurons = m;
    const ts_settings settings = wild_settings(1e-3, 0, &neurons);
    ts_cell cell = ts_cell_of(&settings, 1, m);
    test_network network;
    network_clear(&network);
    network_set(&network, 0, 0.3, 10000);
    network_set(&network, 1, 0.6, -10000);
    ts_range range = ts_weight_range(&network.neurons, 0, 1, m);
    assert_true(ts_weights_in_range(&cell, range));
    network_set(&network, 1, 0.6, -20000);
    range = ts_weight_range(&network.neurons, 0, 1, m);
    assert_false(ts_weights_in_range(&cell, range));
    range = ts_weight_range(&network.neurons, 0, 2, m);
    assert_true(ts_weights_in_range(&cell, range)); /* the lane with the positive one alone */

    /* the limits leave room: what one step may add, and what may come between two examinations, fits into 64 bits */
    ts_training training = ts_training_start(0);
    const ts_update largest = ts_update_of(&cell, (int32_t)cell.residual_limit);
    assert_true(ts_drift_in_range(&cell, &training, largest.gradient));
    training.drift = cell.drift_limit;
    assert_false(ts_drift_in_range(&cell, &training, largest.gradient));
    for (uint32_t count = 1; count <= TS_MAX_NEURONS; count *= 2)
        for (double h = 1e-12; h <= 16; h *= 10) {
            ts_settings any = settings;
            any.h = h;
            cell = ts_cell_of(&any, 1, count);
            assert_true(cell.residual_limit > 0);
            const ts_update update = ts_update_of(&cell, (int32_t)cell.residual_limit);
            assert_true(update.gradient <= (INT64_C(1) << 62) / (count + 1));
            assert_true(cell.drift_limit == ((INT64_C(1) << 62) - (INT64_C(1) << 57)) / (count + 1));
            assert_true(cell.weight_limit == INT64_C(1) << 62);
        }
}

static ts_sweep *run_with_limits(const ts_settings *settings, int64_t drift_limit, int64_t weight_limit, uint64_t chunk,
                                 int group) {
    ts_sweep *sweep = create_sweep(settings);
    sweep->cells[0].drift_limit = drift_limit;
    sweep->cells[0].weight_limit = weight_limit;
    assert_int_equal(ts_sweep_run(sweep, &(ts_run_options){.chunk_steps = chunk, .lane_group = group}, NULL, NULL),
                     TS_OK);
    return sweep;
}

/* No setting drives the weights to 16384 quickly, so lower limits stand for it. The growth of the weights triggers an
 * examination, that ends the training, and every lane group and chunk length stops it in the same state. */
static void examination_ends_trainings_in_the_same_state_everywhere(void **state) {
    (void)state;
    const uint32_t m = 20;
    const double neurons = m;
    const ts_settings settings = wild_settings(1e-3, 1, &neurons);
    const int64_t drift_limit = INT64_C(1) << 47, weight_limit = INT64_C(1) << 48; /* 1/2 and 1 in units of f */
    ts_sweep *plain = run_with_limits(&settings, drift_limit, weight_limit, 0, 1);
    const ts_kept *a = plain->results.kept;
    assert_int_equal(plain->results.statistics[0].outcome_count[TS_OUTCOME_DIVERGED], 16);
    for (uint64_t r = 0; r < 16; r++) { /* it stopped behind the limit, and not far behind */
        ts_range range = {0, 0};
        for (uint32_t j = 0; j <= m; j++) {
            const int64_t weight = j < m ? a->weight[r * m + j] : a->bias[r];
            range.positive += weight > 0 ? weight : 0;
            range.negative += weight < 0 ? weight : 0;
        }
        assert_true(range.positive > weight_limit || range.negative < -weight_limit);
        assert_true(range.positive < 32 * weight_limit && range.negative > -32 * weight_limit);
    }
    for (int group = 1; group <= 32; group *= 2)
        for (uint64_t chunk = 1; chunk <= 1000; chunk *= 10) {
            ts_sweep *other = run_with_limits(&settings, drift_limit, weight_limit, chunk, group);
            const ts_kept *b = other->results.kept;
            assert_memory_equal(a->weight, b->weight, 16 * m * sizeof *a->weight);
            assert_memory_equal(a->position, b->position, 16 * m * sizeof *a->position);
            assert_memory_equal(a->bias, b->bias, 16 * sizeof *a->bias);
            ts_sweep_destroy(other);
        }
    /* with the limit out of reach, or the growth never large enough to look, they go on to the end */
    ts_sweep *within = run_with_limits(&settings, drift_limit, INT64_C(1) << 62, 0, 1);
    ts_sweep *unexamined = run_with_limits(&settings, INT64_C(1) << 61, 0, 0, 1);
    assert_int_equal(within->results.statistics[0].outcome_count[TS_OUTCOME_DIVERGED], 0);
    assert_int_equal(unexamined->results.statistics[0].outcome_count[TS_OUTCOME_DIVERGED], 0);
    assert_memory_equal(within->results.kept->bias, unexamined->results.kept->bias, 16 * sizeof *a->bias);
    ts_sweep_destroy(plain);
    ts_sweep_destroy(within);
    ts_sweep_destroy(unexamined);
}

/* An examination that finds nothing leaves no trace: cells that are told to examine at every step end with the same
 * bits. */
static void examination_changes_no_bits(void **state) {
    (void)state;
    const uint32_t m = 20;
    const double neurons = m;
    const ts_settings settings = wild_settings(1e-3, 1, &neurons);
    ts_sweep *plain = run_sweep(&settings, NULL);
    for (int group = 1; group <= 32; group *= 2) {
        ts_sweep *examined = create_sweep(&settings);
        examined->cells[0].drift_limit = 0;
        assert_int_equal(ts_sweep_run(examined, &(ts_run_options){.lane_group = group}, NULL, NULL), TS_OK);
        const ts_kept *a = plain->results.kept, *b = examined->results.kept;
        assert_memory_equal(a->weight, b->weight, 16 * m * sizeof *a->weight);
        assert_memory_equal(a->position, b->position, 16 * m * sizeof *a->position);
        assert_memory_equal(a->outcome, b->outcome, 16);
        ts_sweep_destroy(examined);
    }
    ts_sweep_destroy(plain);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_counted_and_has_no_loss),
        cmocka_unit_test(stops_at_the_same_step_everywhere),
        cmocka_unit_test(examination_changes_no_bits),
        cmocka_unit_test(examination_ends_trainings_in_the_same_state_everywhere),
        cmocka_unit_test(examination_ends_a_training_whose_weights_grow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
