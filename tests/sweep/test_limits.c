/* The limit of every training of a sweep: counted right, on any number of threads, and what SGD comes to as epsilon
 * falls. */
#include "estimate/rate.h"
#include "support.h"
#include "sweep/short_trainings.h"
#include "theory/limit.h"
#include "theory/start.h"
#include "theory/start_condition.h"

static const double ratios[] = {0.05, 0.3, 1};
static const double sizes[] = {4, 10, 20};

/* Cells end at slow times 0.05, 0.3 and 1 by min_fast_time; the horizon's own is 0.02. */
static ts_settings settings_with_theory(ts_randomness randomness, ts_init init) {
    ts_settings settings = paper_settings();
    settings.h = 1e-3;
    settings.slow_time = 0.02;
    settings.min_fast_time = 1;
    settings.replicates = 24;
    settings.randomness = randomness;
    settings.init = init;
    settings.theory = true;
    set_axes(&settings, ratios, 3, sizes, 3);
    return settings;
}

static bool limit_succeeds(const ts_settings *settings, const ts_cell *cell, uint32_t replicate, double slow_time) {
    double position[2 * 20], loss = 0;
    ts_limit_start(cell, replicate, position);
    for (uint32_t first = 0; first < cell->neurons; first += cell->of_coordinate) {
        ts_limit *limit;
        assert_int_equal(ts_limit_create(&limit, settings, position + first, cell->of_coordinate, NULL), TS_OK);
        assert_int_equal(ts_limit_advance(limit, slow_time, NULL), TS_OK);
        loss += ts_limit_loss(limit);
        ts_limit_destroy(limit);
    }
    return loss <= settings->unexplained_variance * ts_target_variance(settings);
}

/* A start of the limit: replicate of a cell. */
typedef struct drawn_start {
    ts_cell cell;
    uint32_t replicate;
} drawn_start;

/* The starts of the networks of one size: those of their trainings and, up to limit_starts, further ones. Returns how
 * many they are. */
static size_t starts_of(const ts_sweep *sweep, double size, drawn_start *starts) {
    const ts_settings *settings = ts_sweep_settings(sweep);
    const bool common = settings->randomness == TS_RANDOMNESS_COMMON;
    ts_cell cell = {.of_coordinate = 0};
    size_t count = 0, extra = 0;
    for (size_t i = 0; i < sweep->cell_count; i++) {
        if (sweep->cells[i].of_coordinate != size || (common && count > 0))
            continue;
        cell = sweep->cells[i];
        for (uint32_t r = 0; r < settings->replicates; r++)
            starts[count++] = (drawn_start){cell, r};
    }
    cell.salt = 0;
    if (common)
        extra = settings->replicates;
    for (; count < settings->limit_starts; count++, extra++)
        starts[count] = (drawn_start){cell, (uint32_t)extra};
    return count;
}

#define MOST_STARTS 512

static double share_of_successes(const ts_settings *settings, const drawn_start *starts, size_t count,
                                 double slow_time) {
    size_t successes = 0;
    for (size_t k = 0; k < count; k++)
        successes += limit_succeeds(settings, &starts[k].cell, starts[k].replicate, slow_time);
    return (double)successes / (double)count;
}

static void check_columns(const ts_sweep *sweep) {
    static drawn_start starts[MOST_STARTS];
    const ts_settings *settings = ts_sweep_settings(sweep);
    for (size_t j = 0; j < settings->axis[TS_PARAMETER_NEURONS].count; j++) {
        const double size = settings->axis[TS_PARAMETER_NEURONS].values[j];
        const size_t count = starts_of(sweep, size, starts);
        const ts_limit_summary limit = ts_sweep_limit(sweep, j);
        assert_int_equal(limit.neurons, size);
        if (settings->init != TS_INIT_EQUISPACED)
            assert_int_equal(limit.limit_trainings, count);
        assert_true(limit.limit_trainings >= settings->limit_starts && limit.limit_trainings >= settings->replicates);
        assert_close(limit.limit_success_rate, share_of_successes(settings, starts, count, INFINITY), 1e-12);
        if (settings->steps == 0)
            assert_close(limit.limit_horizon_success_rate,
                         share_of_successes(settings, starts, count, settings->slow_time), 1e-12);
        assert_true(limit.limit_success_low <= limit.limit_success_rate && limit.limit_success_high <= 1);
        const double of_one = ts_start_condition_probability(settings, (uint32_t)size);
        assert_close(limit.start_condition_probability, pow(of_one, (double)settings->dimension), 1e-13);
        for (size_t i = 0; i < sweep->cell_count; i++) {
            const ts_cell_summary summary = ts_sweep_summary(sweep, i);
            if (summary.neurons != size)
                continue;
            const double slow_time = (double)summary.steps * summary.h * summary.epsilon;
            assert_close(summary.limit_end_success_rate, share_of_successes(settings, starts, count, slow_time), 1e-12);
            assert_close(summary.limit_end_success_rate,
                         (double)summary.limit_end_success_count / (double)limit.limit_trainings, 1e-15);
            assert_true(summary.limit_end_success_low <= summary.limit_end_success_rate &&
                        summary.limit_end_success_high >= summary.limit_end_success_rate);
        }
    }
}

static void check_controlled(const ts_cell_summary *summary, const ts_limit_table *by_loss,
                             const ts_limit_table *by_positions, uint64_t starts) {
    double loss[3], positions[3];
    ts_rate_controlled(by_loss->count, summary->limit_end_success_count, starts, &loss[0], &loss[1], &loss[2]);
    ts_rate_controlled(by_positions->count, summary->limit_end_success_count, starts, &positions[0], &positions[1],
                       &positions[2]);
    assert_true(summary->success_rate_controlled == loss[0] && summary->success_rate_controlled_low == loss[1] &&
                summary->success_rate_controlled_high == loss[2]);
    assert_true(summary->position_success_rate_controlled == positions[0] &&
                summary->position_success_rate_controlled_low == positions[1] &&
                summary->position_success_rate_controlled_high == positions[2]);
}

/* The trainings of a cell beside their limits; `twin` kept them. */
static void check_cell(const ts_sweep *sweep, const ts_sweep *twin, size_t i) {
    const ts_settings *settings = ts_sweep_settings(sweep);
    const ts_cell_summary summary = ts_sweep_summary(sweep, i), kept = ts_sweep_summary(twin, i);
    const double slow_time = (double)summary.steps * summary.h * summary.epsilon;
    const double most = ldexp((double)sweep->cells[i].success_loss, -TS_LOSS_BITS);
    const uint8_t *marks = ts_sweep_marks(sweep, i);
    ts_limit_table by_loss = {{{0}}}, by_positions = {{{0}}};
    for (uint32_t r = 0; r < settings->replicates; r++) {
        ts_outcome outcome;
        double position_loss;
        assert_int_equal(ts_sweep_training(twin, i, r, NULL, NULL, NULL, NULL, &outcome), TS_OK);
        assert_int_equal(ts_sweep_training_positions(twin, i, r, &position_loss, NULL), TS_OK);
        const bool limit = limit_succeeds(settings, &sweep->cells[i], r, slow_time);
        by_loss.count[limit][outcome == TS_OUTCOME_SUCCESS]++;
        by_positions.count[limit][position_loss <= most]++;
        assert_int_equal(limit, (marks[r] & TS_MARK_LIMIT_SUCCESS) != 0);
    }
    const uint64_t agreeing = by_loss.count[0][0] + by_loss.count[1][1];
    assert_int_equal(summary.limit_agreement_count, agreeing);
    assert_int_equal(kept.limit_agreement_count, agreeing);
    assert_close(summary.limit_agreement, (double)agreeing / (double)settings->replicates, 1e-15);
    assert_int_equal(summary.success_count, kept.success_count);
    if (settings->limit_starts > 0)
        check_controlled(&summary, &by_loss, &by_positions, ts_sweep_limit(sweep, 0).limit_trainings);
    else
        assert_true(isnan(summary.success_rate_controlled) && isnan(summary.position_success_rate_controlled_high));
}

/* Compare a sweep that kept nothing but its statistics with its twin that kept all trainings. */
static void check_counts(const ts_settings *settings, const ts_run_options *options) {
    ts_settings keeping = *settings;
    keeping.keep_trainings = true;
    ts_sweep *sweep = run_sweep(settings, options), *twin = run_sweep(&keeping, options);
    check_columns(sweep);
    for (size_t i = 0; i < sweep->cell_count; i++)
        check_cell(sweep, twin, i);
    assert_int_equal(ts_sweep_training(sweep, 0, 0, NULL, NULL, NULL, NULL, NULL), TS_INVALID);
    ts_sweep_destroy(sweep);
    ts_sweep_destroy(twin);
}

static void counts_are_those_of_the_limits_one_by_one(void **state) {
    (void)state;
    const char *const backends[] = {"cpu", "reference"};
    for (int randomness = TS_RANDOMNESS_COMMON; randomness <= TS_RANDOMNESS_INDEPENDENT; randomness++)
        for (int init = TS_INIT_UNIFORM; init <= TS_INIT_STRATIFIED; init++)
            for (int i = 0; i < 2; i++) {
                const ts_settings settings = settings_with_theory((ts_randomness)randomness, (ts_init)init);
                const ts_run_options options = {.backend = backends[i], .threads = 1 + 2 * i};
                check_counts(&settings, &options);
            }
}

/* More starts than trainings, or fewer, which changes nothing. */
static void more_starts_than_trainings_are_followed(void **state) {
    (void)state;
    static const uint64_t starts[] = {10, 40, 100};
    for (int randomness = TS_RANDOMNESS_COMMON; randomness <= TS_RANDOMNESS_INDEPENDENT; randomness++)
        for (int init = TS_INIT_UNIFORM; init <= TS_INIT_STRATIFIED; init++)
            for (size_t i = 0; i < 3; i++) {
                ts_settings settings = settings_with_theory((ts_randomness)randomness, (ts_init)init);
                settings.h = 4e-3;
                settings.limit_starts = starts[i];
                check_counts(&settings, &(ts_run_options){.backend = "cpu"});
            }
}

/* Rows of a column that do not lie beside each other, and that end at several times. */
static void further_axes_have_starts_of_their_own(void **state) {
    (void)state;
    static const double widths[] = {5e-3, 1e-2}, noises[] = {0, 1};
    for (int randomness = TS_RANDOMNESS_COMMON; randomness <= TS_RANDOMNESS_INDEPENDENT; randomness++)
        for (int in_steps = 0; in_steps < 2; in_steps++) {
            ts_settings settings = settings_with_theory((ts_randomness)randomness, TS_INIT_UNIFORM);
            settings.axis[TS_PARAMETER_H] = (ts_sweep_axis){widths, 2};
            settings.axis[TS_PARAMETER_NOISE] = (ts_sweep_axis){noises, 2};
            settings.replicates = 8;
            settings.limit_starts = 100;
            if (in_steps) {
                settings.slow_time = settings.min_fast_time = 0;
                settings.steps = 100;
            }
            check_counts(&settings, &(ts_run_options){.backend = "cpu"});
        }
}

static void limits_of_coordinates_add_up(void **state) {
    (void)state;
    ts_settings settings = settings_with_theory(TS_RANDOMNESS_COMMON, TS_INIT_UNIFORM);
    settings.dimension = 2;
    check_counts(&settings, &(ts_run_options){.backend = "cpu"});
    settings.limit_starts = 60;
    settings.randomness = TS_RANDOMNESS_INDEPENDENT;
    settings.replicates = 5;
    check_counts(&settings, &(ts_run_options){.backend = "cpu"});
}

/* So many that a start is not looked at at each of them. */
static void limits_are_seen_at_any_number_of_times(void **state) {
    (void)state;
    static const double twelve[] = {12};
    double epsilons[700];
    static const size_t counts[] = {255, 256, 257, 700};
    for (size_t i = 0; i < 700; i++)
        epsilons[i] = 1e-3 * (double)(i + 1);
    for (size_t k = 0; k < 4; k++) {
        ts_settings settings = settings_with_theory(TS_RANDOMNESS_INDEPENDENT, TS_INIT_UNIFORM);
        settings.h = 0.05;
        settings.slow_time = 1e-6; /* so that all end at different times */
        settings.replicates = 1;
        settings.limit_starts = 300;
        set_axes(&settings, epsilons, counts[k], twelve, 1);
        ts_sweep *sweep = run_sweep(&settings, &(ts_run_options){.backend = "cpu"});
        const uint64_t starts = ts_sweep_limit(sweep, 0).limit_trainings;
        assert_int_equal(starts, counts[k] < 300 ? 300 : counts[k]);
        uint64_t before = 0;
        for (size_t i = 0; i < counts[k]; i++) {
            const ts_cell_summary summary = ts_sweep_summary(sweep, i);
            const double slow_time = (double)summary.steps * summary.h * summary.epsilon;
            const bool limit = limit_succeeds(&settings, &sweep->cells[i], 0, slow_time);
            assert_int_equal(limit, (ts_sweep_marks(sweep, i)[0] & TS_MARK_LIMIT_SUCCESS) != 0);
            assert_true(summary.limit_end_success_count >= before);
            before = summary.limit_end_success_count;
            if (i % 100 == 3) {
                static drawn_start of[MOST_STARTS * 2];
                const size_t all = starts_of(sweep, 12, of);
                assert_int_equal(all, starts);
                assert_close(summary.limit_end_success_rate, share_of_successes(&settings, of, all, slow_time), 1e-12);
            }
        }
        assert_true(before > starts / 4 && ts_sweep_summary(sweep, 0).limit_end_success_count < starts / 4);
        ts_sweep_destroy(sweep);
    }
}

/* ---- what the limit tells of rates */

#define SET 64  /* trainings */
#define SETS 40 /* none of which has a training of another */

/* Squared errors of rates from few trainings of a cell, and how often the interval holds the rate of all. */
typedef struct errors {
    double plain, controlled;
    int held;
} errors;

/* The rate from the first `count` of the marks, and the ends of its interval. */
static ts_limit_table estimate(const ts_sweep *sweep, size_t cell, const uint8_t *marks, size_t count, uint8_t success,
                               double rate[3]) {
    const uint64_t successes = ts_sweep_summary(sweep, cell).limit_end_success_count,
                   starts = ts_sweep_limit(sweep, 0).limit_trainings;
    ts_limit_table table = {{{0}}};
    for (size_t r = 0; r < count; r++)
        table.count[(marks[r] & TS_MARK_LIMIT_SUCCESS) != 0][(marks[r] & success) != 0]++;
    const ts_limit_table *counted = &table;
    ts_rate_controlled(counted->count, successes, starts, &rate[0], &rate[1], &rate[2]);
    assert_true(rate[0] >= 0 && rate[0] <= 1 && rate[1] <= rate[0] && rate[0] <= rate[2]);
    return table;
}

static errors errors_of(const ts_sweep *sweep, size_t cell, uint8_t success, double truth) {
    errors of = {0};
    for (size_t k = 0; k < SETS; k++) {
        double rate[3];
        const uint8_t *marks = ts_sweep_marks(sweep, cell) + k * SET;
        (void)estimate(sweep, cell, marks, 3, success, rate); /* few: it is a rate */
        const ts_limit_table table = estimate(sweep, cell, marks, SET, success, rate);
        const double plain = (double)(table.count[0][1] + table.count[1][1]) / SET;
        of.plain += (plain - truth) * (plain - truth);
        of.controlled += (rate[0] - truth) * (rate[0] - truth);
        of.held += rate[1] <= truth && truth <= rate[2];
    }
    return of;
}

/* Cells from those that end as their limits to those that never do, with rates from 0 to nearly 1. */
static void rates_come_closer_where_trainings_end_as_their_limits(void **state) {
    (void)state;
    static const double from_small_to_large[] = {1e-3, 1e-2, 1}, few[] = {1, 2, 4};
    ts_settings settings = short_trainings();
    settings.replicates = 60 * SET;
    settings.limit_starts = 20000;
    set_axes(&settings, from_small_to_large, 3, few, 3);
    ts_sweep *sweep = run_sweep(&settings, NULL);
    int better = 0;
    for (size_t cell = 0; cell < 9; cell++)
        for (int by_positions = 0; by_positions < 2; by_positions++) {
            const ts_cell_summary summary = ts_sweep_summary(sweep, cell);
            const double truth = by_positions ? summary.position_success_rate : summary.success_rate;
            const errors of = errors_of(sweep, cell, by_positions ? TS_MARK_POSITION_SUCCESS : TS_MARK_SUCCESS, truth);
            printf("epsilon %g, m %u: rate %.3f, agreement %.3f, mean squared errors %.2e and %.2e, held %d\n",
                   summary.epsilon, summary.neurons, truth, summary.limit_agreement, of.plain / SETS,
                   of.controlled / SETS, of.held);
            assert_true(of.controlled <= 1.2 * of.plain);
            assert_true(of.held >= 34); /* 38 are 95 per cent */
            if (summary.limit_agreement > 0.9 && truth > 0.02) {
                better++;
                /* where hardly any limit fails, a set of 64 says little of the trainings whose limit does */
                assert_true(of.controlled < (truth < 0.9 ? 0.4 : 0.8) * of.plain);
            }
        }
    assert_int_equal(better, 4);
    ts_sweep_destroy(sweep);
}

/* MODEL.md section 4: the limit is what SGD comes to; also with several coordinates and start weights, of which it does
 * not know. */
static void assert_agreement_rises(size_t dimension, double start_weight) {
    static const double falling[] = {5e-5, 3e-4, 1e-3, 1e-2};
    static const double twelve[] = {12};
    ts_settings settings = paper_settings();
    settings.h = 2e-3;
    settings.noise = 0;
    settings.slow_time = 0.1;
    settings.replicates = 32;
    settings.theory = true;
    settings.dimension = dimension;
    settings.start_weight = start_weight;
    set_axes(&settings, falling, 4, twelve, 1);
    ts_sweep *sweep = run_sweep(&settings, NULL);
    double agreement[4];
    for (size_t i = 0; i < 4; i++)
        agreement[i] = ts_sweep_summary(sweep, i).limit_agreement;
    printf("agreement %g %g %g %g\n", agreement[0], agreement[1], agreement[2], agreement[3]);
    for (size_t i = 1; i < 4; i++)
        assert_true(agreement[i] <= agreement[i - 1]);
    assert_true(agreement[0] >= 0.96 && agreement[3] < 0.5);
    ts_sweep_destroy(sweep);
}

static void agreement_rises_to_one_as_epsilon_falls(void **state) {
    (void)state;
    assert_agreement_rises(1, 0);
    assert_agreement_rises(2, 3);
}

static void a_horizon_in_steps_has_no_slow_time_of_its_own(void **state) {
    (void)state;
    ts_settings settings = settings_with_theory(TS_RANDOMNESS_COMMON, TS_INIT_UNIFORM);
    settings.slow_time = settings.min_fast_time = 0;
    settings.steps = 100;
    ts_sweep *sweep = run_sweep(&settings, NULL);
    const ts_limit_summary limit = ts_sweep_limit(sweep, 2);
    assert_true(limit.limit_horizon_success_count == 0 && isnan(limit.limit_horizon_success_rate));
    assert_true(limit.limit_success_count > 0);
    assert_true(ts_sweep_summary(sweep, 0).limit_agreement == 1); /* neither succeeds in a hundred steps */
    ts_sweep_destroy(sweep);
}

static void a_constant_target_is_a_success_of_the_limit(void **state) {
    (void)state;
    ts_settings settings = settings_with_theory(TS_RANDOMNESS_COMMON, TS_INIT_UNIFORM);
    settings.jump_count = 0;
    ts_sweep *sweep = run_sweep(&settings, NULL);
    const ts_limit_summary limit = ts_sweep_limit(sweep, 0);
    assert_true(limit.limit_success_count == 24 && limit.limit_horizon_success_count == 24);
    assert_true(limit.start_condition_probability == 1);
    ts_sweep_destroy(sweep);
}

static void without_theory_there_is_none(void **state) {
    (void)state;
    ts_settings settings = settings_with_theory(TS_RANDOMNESS_COMMON, TS_INIT_UNIFORM);
    for (int i = 0; i < 2; i++) {
        settings.theory = i == 1;
        ts_sweep *sweep = i == 0 ? run_sweep(&settings, NULL) : create_sweep(&settings);
        const ts_limit_summary limit = ts_sweep_limit(sweep, 1);
        assert_true(limit.neurons == 10 && limit.limit_trainings == 0 && isnan(limit.limit_success_rate));
        assert_true(isnan(limit.start_condition_probability) && isnan(limit.limit_horizon_success_high));
        assert_true(isnan(ts_sweep_summary(sweep, 0).limit_agreement));
        assert_true(isnan(ts_sweep_summary(sweep, 0).limit_end_success_rate));
        assert_true(isnan(ts_sweep_summary(sweep, 0).success_rate_controlled));
        ts_sweep_destroy(sweep);
    }
}

static bool stop_after(void *context, const ts_progress *progress) {
    return progress->trainings_done < *(uint64_t *)context;
}

static void a_stopped_run_counts_what_is_finished(void **state) {
    (void)state;
    ts_settings settings = settings_with_theory(TS_RANDOMNESS_COMMON, TS_INIT_UNIFORM);
    settings.min_fast_time = 100;
    settings.replicates = 1000;
    const uint64_t limits[] = {0, 50};
    for (int i = 0; i < 2; i++) {
        uint64_t limit = limits[i];
        ts_sweep *sweep = create_sweep(&settings);
        ts_run_report report;
        const ts_run_options options = {.backend = "cpu", .on_progress = stop_after, .context = &limit};
        assert_int_equal(ts_sweep_run(sweep, &options, &report, NULL), TS_INTERRUPTED);
        uint64_t trainings = 0;
        for (size_t cell = 0; cell < 9; cell++) {
            const ts_cell_summary summary = ts_sweep_summary(sweep, cell);
            assert_true(summary.limit_agreement_count <= summary.trainings);
            assert_true((summary.trainings == 0) == isnan(summary.limit_agreement));
            trainings += summary.trainings;
        }
        assert_true(trainings == report.trainings && trainings >= limit && trainings < 9000);
        ts_sweep_destroy(sweep);
    }
}

/* The limits come first, and are as quick to stop. */
static void a_stop_among_the_limits_leaves_nothing(void **state) {
    (void)state;
    ts_settings settings = settings_with_theory(TS_RANDOMNESS_COMMON, TS_INIT_UNIFORM);
    settings.replicates = 1000000;
    uint64_t limit = 0;
    ts_sweep *sweep = create_sweep(&settings);
    ts_run_report report;
    ts_error error;
    const ts_run_options options = {.backend = "cpu", .on_progress = stop_after, .context = &limit};
    assert_int_equal(ts_sweep_run(sweep, &options, &report, &error), TS_INTERRUPTED);
    assert_string_equal(error.message, "stopped after 0 of 9000000 trainings");
    assert_true(report.trainings == 0 && ts_sweep_limit(sweep, 0).limit_trainings == 0);
    assert_true(isnan(ts_sweep_summary(sweep, 0).limit_end_success_rate));
    for (size_t cell = 0; cell < 9; cell++)
        for (uint64_t r = 0; r < settings.replicates; r++)
            assert_false(ts_sweep_marks(sweep, cell)[r] & TS_MARK_FINISHED);
    ts_sweep_destroy(sweep);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_those_of_the_limits_one_by_one),
        cmocka_unit_test(more_starts_than_trainings_are_followed),
        cmocka_unit_test(further_axes_have_starts_of_their_own),
        cmocka_unit_test(limits_of_coordinates_add_up),
        cmocka_unit_test(limits_are_seen_at_any_number_of_times),
        cmocka_unit_test(rates_come_closer_where_trainings_end_as_their_limits),
        cmocka_unit_test(agreement_rises_to_one_as_epsilon_falls),
        cmocka_unit_test(a_horizon_in_steps_has_no_slow_time_of_its_own),
        cmocka_unit_test(a_constant_target_is_a_success_of_the_limit),
        cmocka_unit_test(without_theory_there_is_none),
        cmocka_unit_test(a_stopped_run_counts_what_is_finished),
        cmocka_unit_test(a_stop_among_the_limits_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
