/* Small sweeps of every kind that there is something different to be kept of. */
#ifndef TS_TESTS_CAMPAIGN_SWEEPS_H
#define TS_TESTS_CAMPAIGN_SWEEPS_H

#include "backend/same.h"
#include "support.h"

static const double ratios[] = {0.02, 0.1}, sizes[] = {5, 12};
static const double times[] = {0.005, 0.02, 0.02000001, 0.04};

#ifdef __SANITIZE_ADDRESS__ /* which takes its time */
#define REPLICATES 5
#else
#define REPLICATES 20
#endif

static inline ts_settings kept(void) {
    ts_settings settings = paper_settings();
    settings.h = 5e-4;
    settings.slow_time = 0.05;
    settings.steps = 0;
    settings.unexplained_variance = 0.5; /* short trainings succeed now and then */
    settings.replicates = REPLICATES;
    settings.keep_trainings = true;
    set_axes(&settings, ratios, 2, sizes, 2);
    return settings;
}

static inline ts_settings stopping(void) {
    ts_settings settings = kept();
    settings.observe_clock = TS_CLOCK_SLOW_TIME;
    settings.observe = times;
    settings.observe_count = 4;
    settings.stop = TS_STOP_FIRST_SUCCESS;
    return settings;
}

static inline ts_settings in_rounds(void) {
    ts_settings settings = stopping();
    settings.stop = TS_STOP_NEVER;
    settings.theory = true;
    settings.replicates = 2 * REPLICATES;
    settings.least_replicates = REPLICATES / 2;
    settings.half_width = 0.12;
    return settings;
}

static inline ts_settings with_states(void) {
    ts_settings settings = in_rounds();
    settings.theory = false;
    settings.keep_states = true;
    return settings;
}

static ts_settings (*const kinds[])(void) = {kept, stopping, in_rounds, with_states};
#define KINDS (sizeof kinds / sizeof *kinds)

static inline void assert_same_state(const ts_state *a, const ts_state *b, size_t rows, size_t m) {
    assert_int_equal(a->arithmetic, b->arithmetic);
    assert_memory_equal(a->step, b->step, rows * sizeof *a->step);
    assert_memory_equal(a->position, b->position, rows * m * sizeof *a->position);
    assert_memory_equal(a->weight, b->weight, rows * m * sizeof *a->weight);
    assert_memory_equal(a->bias, b->bias, rows * sizeof *a->bias);
    assert_memory_equal(a->drift, b->drift, rows * sizeof *a->drift);
    assert_memory_equal(a->diverged, b->diverged, rows * sizeof *a->diverged);
}

static inline void assert_same(const ts_sweep *a, const ts_sweep *b) {
    const size_t observed = a->cell_count * a->observations.count;
    for (size_t i = 0; i < a->cell_count; i++) {
        const ts_cell_summary left = ts_sweep_summary(a, i), right = ts_sweep_summary(b, i);
        const size_t from = offsetof(ts_cell_summary, h); /* behind the first two, between which there is a gap */
        assert_true(left.epsilon == right.epsilon && left.neurons == right.neurons);
        assert_memory_equal((const char *)&left + from, (const char *)&right + from, sizeof left - from);
        assert_memory_equal(ts_sweep_marks(a, i), ts_sweep_marks(b, i), a->settings.replicates);
        assert_same_cell(a, i, b, i, left.trainings);
        if (a->results.state)
            assert_same_state(&a->results.state[i], &b->results.state[i], left.trainings, a->cells[i].neurons);
    }
    assert_memory_equal(a->results.statistics, b->results.statistics, a->cell_count * sizeof(ts_statistics));
    if (observed > 0) {
        assert_memory_equal(a->results.observed, b->results.observed, observed * sizeof(ts_statistics));
        assert_memory_equal(a->results.first_success, b->results.first_success, observed * sizeof(uint64_t));
    }
}

static inline bool stop_after_some(void *context, const ts_progress *progress) {
    int *reports_left = context;
    (void)progress;
    return --*reports_left > 0;
}

/* Run until that many reports have come, or to the end. */
static inline ts_status run_some(ts_sweep *sweep, int reports) {
    const ts_run_options options = {.backend = "cpu",
                                    .threads = 2,
                                    .chunk_steps = 20,
                                    .report_seconds = 1e-9, /* after each chunk */
                                    .on_progress = stop_after_some,
                                    .context = &reports};
    ts_error error = {0};
    const ts_status status = ts_sweep_run(sweep, &options, NULL, &error);
    if (status != TS_OK && status != TS_INTERRUPTED)
        fail_msg("%s", error.message);
    return status;
}

static inline ts_sweep *prepare_sweep(const ts_settings *settings) {
    ts_sweep *sweep = create_sweep(settings);
    assert_int_equal(ts_sweep_prepare(sweep, NULL), TS_OK);
    return sweep;
}

#endif
