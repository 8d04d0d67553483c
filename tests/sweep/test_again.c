/* A run that was stopped goes on when it is run again; a sweep that is done in parts, or of which some is there
 * already, ends in the same bits as one that is done at once. */
#include "backend/same.h"
#include "support.h"
#include "sweep/portion.h"
#include "sweep/short_trainings.h"

static const double ratios[] = {0.02, 0.1}, sizes[] = {5, 12};
static const double times[] = {0.005, 0.02, 0.02000001, 0.04};

static const double steps[] = {0, 300, 1000, 3000};

static ts_settings plain(void) {
    ts_settings settings = paper_settings();
    settings.h = 5e-4;
    settings.slow_time = 0.05;
    settings.steps = 0;
    settings.unexplained_variance = 0.5; /* short trainings succeed now and then */
    settings.replicates = 20;
    settings.keep_trainings = true;
    set_axes(&settings, ratios, 2, sizes, 2);
    return settings;
}

static ts_settings observed(void) {
    ts_settings settings = plain();
    settings.observe_clock = TS_CLOCK_SLOW_TIME;
    settings.observe = times;
    settings.observe_count = 4;
    return settings;
}

static ts_settings stopping(void) {
    ts_settings settings = observed();
    settings.stop = TS_STOP_FIRST_SUCCESS;
    return settings;
}

static ts_settings diverging(void) {
    ts_settings settings = observed();
    settings.h = 0.02;
    settings.slow_time = 0;
    settings.steps = 3000;
    settings.noise = 4;
    settings.observe_clock = TS_CLOCK_STEPS;
    settings.observe = steps;
    return settings;
}

static ts_settings with_limits(void) {
    ts_settings settings = observed();
    settings.theory = true;
    settings.limit_starts = 300;
    return settings;
}

static ts_settings in_rounds(void) {
    ts_settings settings = with_limits();
    settings.replicates = 70;
    settings.least_replicates = 8;
    settings.half_width = 0.12;
    settings.limit_starts = 0;
    return settings;
}

static ts_settings (*const kinds[])(void) = {plain, observed, stopping, diverging, with_limits, in_rounds};
#define KINDS (sizeof kinds / sizeof *kinds)

static void assert_same(const ts_sweep *a, const ts_sweep *b) {
    const size_t observations = a->settings.observe_count, replicates = a->settings.replicates;
    for (size_t i = 0; i < a->cell_count; i++) {
        assert_same_cell(a, i, b, i, ts_sweep_summary(a, i).trainings);
        assert_memory_equal(ts_sweep_marks(a, i), ts_sweep_marks(b, i), replicates);
        const ts_cell_summary left = ts_sweep_summary(a, i), right = ts_sweep_summary(b, i);
        const size_t from = offsetof(ts_cell_summary, h); /* behind the first two, between which there is a gap */
        assert_true(left.epsilon == right.epsilon && left.neurons == right.neurons);
        assert_memory_equal((const char *)&left + from, (const char *)&right + from, sizeof left - from);
    }
    assert_memory_equal(a->results.statistics, b->results.statistics, a->cell_count * sizeof(ts_statistics));
    if (observations > 0) {
        const size_t observed_cells = a->cell_count * observations;
        assert_memory_equal(a->results.observed, b->results.observed, observed_cells * sizeof(ts_statistics));
        assert_memory_equal(a->results.first_success, b->results.first_success, observed_cells * sizeof(uint64_t));
    }
}

/* Stops at a report, of which there is one after each chunk. */
typedef struct stopper {
    int reports_left;
    double done, before;
} stopper;

static bool stop_after_some(void *context, const ts_progress *progress) {
    stopper *of = context;
    assert_true(progress->training_steps_done >= progress->training_steps_before);
    of->done = progress->training_steps_done;
    of->before = progress->training_steps_before;
    return --of->reports_left > 0;
}

/* Run until nothing is missing, stopped now and then. Returns how often it was stopped. */
static int run_with_interruptions(ts_sweep *sweep, const ts_run_options *ways, size_t count, int reports) {
    int stops = 0;
    ts_status status = TS_INTERRUPTED;
    double reached = 0;
    while (status == TS_INTERRUPTED) {
        stopper of = {.reports_left = reports};
        ts_run_options options = ways[(size_t)stops % count];
        options.report_seconds = 1e-9;
        options.on_progress = stop_after_some;
        options.context = &of;
        ts_error error = {0};
        status = ts_sweep_run(sweep, &options, NULL, &error);
        if (status != TS_OK && status != TS_INTERRUPTED)
            fail_msg("%s", error.message);
        assert_true(of.before >= reached); /* nothing that was done is done again */
        reached = of.before;
        stops += status == TS_INTERRUPTED;
        if (stops > 2000)
            fail_msg("%g of %g done", of.done, of.before);
    }
    assert_int_equal(sweep->underway.count, 0);
    return stops;
}

static void stopped_runs_go_on_to_the_same_bits(void **state) {
    (void)state;
    const ts_run_options ways[] = {
        {.backend = "cpu", .threads = 1, .chunk_steps = 40, .instructions = "portable"},
        {.backend = "cpu", .threads = 2, .chunk_steps = 7, .instructions = "portable"},
        {.backend = "cpu", .threads = 1, .chunk_steps = 23, .instructions = "baseline", .algorithm = "sorted"},
        {.backend = "cpu", .threads = 3, .chunk_steps = 100, .algorithm = "dense"},
    };
    int all_stops = 0;
    for (size_t k = 0; k < KINDS; k++) {
        const ts_settings settings = kinds[k]();
        ts_sweep *whole = run_sweep(&settings, NULL), *again = create_sweep(&settings);
        all_stops += run_with_interruptions(again, ways, 4, 60);
        assert_same(whole, again);
        ts_sweep_destroy(whole);
        ts_sweep_destroy(again);
    }
    assert_true(all_stops > 10 * (int)KINDS);
}

static void doubles_go_on_too(void **state) {
    (void)state;
    ts_settings settings = observed();
    settings.replicates = 16;
    const ts_run_options reference = {.backend = "reference", .threads = 1, .chunk_steps = 10};
    ts_sweep *whole = run_sweep(&settings, &reference), *again = create_sweep(&settings);
    assert_true(run_with_interruptions(again, &reference, 1, 100) > 10);
    assert_same(whole, again);
    ts_sweep_destroy(again);
    ts_error error = {0};
    assert_int_equal(ts_sweep_run(whole, &(ts_run_options){.backend = "cpu"}, NULL, &error), TS_INVALID);
    assert_non_null(strstr(error.message, "float64"));
    ts_sweep_destroy(whole);
}

static void what_is_done_is_not_done_again(void **state) {
    (void)state;
    const ts_settings settings = plain();
    ts_sweep *sweep = run_sweep(&settings, NULL), *once = run_sweep(&settings, NULL);
    ts_run_report report;
    assert_int_equal(ts_sweep_run(sweep, NULL, &report, NULL), TS_OK);
    assert_int_equal(report.trainings, 0);
    assert_true(report.training_steps == 0);
    assert_same(sweep, once);
    ts_sweep_destroy(sweep);
    ts_sweep_destroy(once);
}

/* Somebody who asks where trainings stand, while they run, gets places from which others can go on. */
static bool ask(void *context, const ts_progress *progress) {
    ts_sweep *sweep = context;
    atomic_fetch_add(&sweep->reached.asked, 1);
    return progress->training_steps_done < 0.2 * progress->training_steps_total;
}

static void asking_changes_nothing(void **state) {
    (void)state;
    const ts_settings settings = stopping();
    ts_sweep *whole = run_sweep(&settings, NULL), *asked = create_sweep(&settings);
    const ts_run_options options = {.backend = "cpu",
                                    .threads = 1,
                                    .instructions = "portable",
                                    .chunk_steps = 5,
                                    .report_seconds = 1e-9,
                                    .on_progress = ask,
                                    .context = asked};
    assert_int_equal(ts_sweep_run(asked, &options, NULL, NULL), TS_INTERRUPTED);
    assert_true(asked->underway.count > 0);
    for (size_t i = 1; i < asked->underway.count; i++) {
        const ts_waypoint *a = asked->underway.at[i - 1], *b = asked->underway.at[i];
        assert_true(a->cell < b->cell || (a->cell == b->cell && a->row < b->row));
    }
    assert_int_equal(ts_sweep_run(asked, NULL, NULL, NULL), TS_OK);
    assert_same(whole, asked);
    ts_sweep_destroy(whole);
    ts_sweep_destroy(asked);
}

/* ---- parts */

static double cost(const ts_sweep *sweep, const ts_portion *portions, uint32_t rows) {
    double sum = 0;
    for (size_t i = 0; i < sweep->cell_count; i++)
        sum += ts_portion_rows(&portions[i], rows) * (double)sweep->cells[i].steps * (sweep->cells[i].neurons + 16);
    return sum;
}

static void check_parts(const ts_settings *settings, uint32_t parts, double tolerance) {
    ts_sweep *sweep = create_sweep(settings);
    const size_t rows = settings->replicates, trainings = sweep->cell_count * rows;
    uint8_t *seen = calloc(trainings, 1);
    double most = 0, all = 0;
    for (uint32_t part = 1; part <= parts; part++) {
        ts_portion *portions = ts_portions_create(sweep, part, parts);
        for (size_t i = 0; i < sweep->cell_count; i++)
            for (int k = 0; k < 2; k++)
                for (uint32_t r = 0; r < portions[i].count[k]; r++)
                    seen[i * rows + portions[i].first[k] + r]++;
        const double of_part = cost(sweep, portions, (uint32_t)rows);
        all += of_part;
        most = of_part > most ? of_part : most;
        free(portions);
    }
    for (size_t k = 0; k < trainings; k++)
        assert_int_equal(seen[k], 1);
    if (!(most <= (1 + tolerance) * all / parts))
        fail_msg("%u parts: the dearest costs %.3f of the mean", parts, most * parts / all);
    free(seen);
    ts_sweep_destroy(sweep);
}

static void parts_leave_nothing_out_and_cost_the_same(void **state) {
    (void)state;
    ts_settings settings = plain();
    settings.keep_trainings = false;
    settings.replicates = 40;
    for (uint32_t parts = 1; parts <= 9; parts++)
        check_parts(&settings, parts, 0.1);
    check_parts(&settings, 64, 1);
    check_parts(&settings, 1000, 1000); /* more than trainings */
    settings.replicates = 1000;
    for (uint32_t parts = 2; parts <= 64; parts *= 2)
        check_parts(&settings, parts, 0.05);
    settings = in_rounds();
    check_parts(&settings, 3, 2);
}

static void parts_add_up(void **state) {
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        const ts_settings settings = kinds[k]();
        ts_sweep *whole = run_sweep(&settings, NULL), *sum = create_sweep(&settings);
        uint64_t trainings = 0;
        for (uint32_t part = 3; part >= 1; part--) {
            const ts_run_options options = {.backend = "cpu", .threads = 2, .part = part, .parts = 3};
            ts_run_report report;
            assert_int_equal(ts_sweep_run(sum, &options, &report, NULL), TS_OK);
            trainings += report.trainings;
        }
        uint64_t all = 0;
        for (size_t i = 0; i < whole->cell_count; i++)
            all += ts_sweep_summary(whole, i).trainings;
        assert_int_equal(trainings, all);
        assert_same(whole, sum);
        ts_sweep_destroy(whole);
        ts_sweep_destroy(sum);
    }
}

static void parts_that_are_none_are_refused(void **state) {
    (void)state;
    const ts_settings settings = plain();
    const uint32_t wrong[][2] = {{0, 3}, {4, 3}, {1, 0}, {1, TS_MAX_PARTS + 1}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        ts_sweep *sweep = create_sweep(&settings);
        ts_error error = {0};
        const ts_run_options options = {.part = wrong[i][0], .parts = wrong[i][1]};
        assert_int_equal(ts_sweep_run(sweep, &options, NULL, &error), TS_INVALID);
        assert_non_null(strstr(error.message, "part: found"));
        ts_sweep_destroy(sweep);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stopped_runs_go_on_to_the_same_bits),
        cmocka_unit_test(doubles_go_on_too),
        cmocka_unit_test(what_is_done_is_not_done_again),
        cmocka_unit_test(asking_changes_nothing),
        cmocka_unit_test(parts_leave_nothing_out_and_cost_the_same),
        cmocka_unit_test(parts_add_up),
        cmocka_unit_test(parts_that_are_none_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
