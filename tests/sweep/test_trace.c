/* A trace ends with the bits of a sweep, whatever is looked at on the way. */
#include "backend/random_settings.h"
#include "support.h"
#include "sweep/trace.h"
#include "theory/limit.h"

#define MANY 15 /* configurations */

typedef struct configuration {
    ts_settings settings;
    double epsilon;
    double neurons;
} configuration;

static void random_configuration(configuration *c, test_random *random) {
    c->settings = random_settings(random);
    c->settings.replicates = 10 + random_word(random) % 10;
    c->settings.steps = 1 + random_word(random) % 400;
    c->settings.keep_trainings = true;
    c->epsilon = pow(10, random_between(random, -4, 0.5));
    c->neurons = 1 + (uint32_t)(random_word(random) % (random_word(random) % 4 ? 40 : 400));
    set_axes(&c->settings, &c->epsilon, 1, &c->neurons, 1);
}

static ts_trace *create_trace(const ts_settings *settings, const uint32_t *replicate, size_t count, size_t times) {
    const ts_trace_options options = {.replicate = replicate, .count = count, .times = times};
    ts_trace *trace = NULL;
    ts_error error = {0};
    if (ts_trace_create(&trace, settings, &options, &error) != TS_OK)
        fail_msg("%s: %s", error.key, error.message);
    return trace;
}

static ts_trace *run_trace(const ts_settings *settings, const uint32_t *replicate, size_t count, size_t times,
                           const ts_run_options *options) {
    ts_trace *trace = create_trace(settings, replicate, count, times);
    ts_error error = {0};
    if (ts_trace_run(trace, options, NULL, &error) != TS_OK)
        fail_msg("%s", error.message);
    return trace;
}

/* The last time of training i is replicate r of the sweep: the very integers, and the doubles made of them. */
static void assert_same_end(const ts_trace *trace, size_t i, const ts_sweep *sweep, uint64_t r) {
    const ts_kept *a = &trace->sweep->results.kept[0], *b = &sweep->results.kept[0];
    const size_t m = sweep->cells[0].neurons;
    assert_memory_equal(a->position + i * m, b->position + r * m, m * sizeof *a->position);
    assert_memory_equal(a->weight + i * m, b->weight + r * m, m * sizeof *a->weight);
    assert_memory_equal(a->bias + i, b->bias + r, sizeof *a->bias);
    assert_memory_equal(a->loss + i, b->loss + r, sizeof *a->loss);
    assert_memory_equal(a->position_loss + i, b->position_loss + r, sizeof *a->position_loss);
    assert_int_equal(a->missed[i], b->missed[r]);
    assert_int_equal(a->outcome[i], b->outcome[r]);

    const ts_trace_data *data = ts_trace_result(trace);
    const size_t end = i * data->times + data->times - 1;
    double position[TS_MAX_NEURONS], weight[TS_MAX_NEURONS], bias, loss;
    ts_outcome outcome;
    assert_int_equal(ts_sweep_training(sweep, 0, r, position, weight, &bias, &loss, &outcome), TS_OK);
    assert_memory_equal(data->position + end * m, position, m * sizeof *position);
    assert_memory_equal(data->weight + end * m, weight, m * sizeof *weight);
    assert_memory_equal(&data->bias[end], &bias, sizeof bias);
    assert_true(data->loss[end] == loss || (isnan(loss) && isnan(data->loss[end])));
    assert_int_equal(data->outcome[i], outcome);
}

static void assert_traces_are_sweeps(const ts_run_options *options, ts_dynamics dynamics) {
    test_random random = {0x9E3779B97F4A7C15};
    const uint32_t replicate[] = {9, 0, 4, 3, 5};
    int diverged = 0;
    for (int index = 0; index < MANY; index++) {
        configuration c;
        random_configuration(&c, &random);
        c.settings.dynamics = dynamics;
        if (index % 3 == 0) {
            c.settings.h = random_between(&random, 0.05, 3);
            c.settings.noise = 20;
        }
        const uint64_t most = c.settings.steps + 1 < 40 ? c.settings.steps + 1 : 40;
        const size_t times = index % 7 ? 2 + (size_t)(random_word(&random) % (most - 1)) : (size_t)c.settings.steps + 1;
        ts_sweep *sweep = run_sweep(&c.settings, &(ts_run_options){.backend = options->backend, .threads = 1});
        ts_trace *trace = run_trace(&c.settings, replicate, 5, times, options);
        for (size_t i = 0; i < 5; i++) {
            assert_same_end(trace, i, sweep, replicate[i]);
            diverged += trace->data.outcome[i] == TS_OUTCOME_DIVERGED;
        }
        ts_trace_destroy(trace);
        ts_sweep_destroy(sweep);
    }
    assert_true(diverged > 3);
}

static void traces_of_cpu_are_sweeps(void **state) {
    (void)state;
    for (size_t i = 0; ts_instructions_name(i); i++) {
        ts_run_options options = {
            .backend = "cpu", .instructions = ts_instructions_name(i), .algorithm = "dense", .threads = 1};
        assert_traces_are_sweeps(&options, TS_DYNAMICS_SGD);
        options.algorithm = "sorted";
        options.chunk_steps = 5;
        if (strcmp(ts_instructions_name(i), "portable") != 0)
            assert_traces_are_sweeps(&options, TS_DYNAMICS_SGD);
    }
}

static void traces_of_reference_are_sweeps(void **state) {
    (void)state;
    const ts_run_options options = {.backend = "reference", .threads = 1};
    assert_traces_are_sweeps(&options, TS_DYNAMICS_SGD);
    assert_traces_are_sweeps(&options, TS_DYNAMICS_GRADIENT_FLOW);
}

static const double small_epsilon = 0.1;
static const double small_count = 20;
static const uint32_t four[] = {0, 1, 2, 3};

static ts_settings small_settings(uint64_t steps) {
    ts_settings settings = paper_settings();
    set_axes(&settings, &small_epsilon, 1, &small_count, 1);
    settings.h = 1e-3;
    settings.steps = steps;
    settings.replicates = 4;
    settings.keep_trainings = true;
    return settings;
}

/* Every recorded time, not the last one alone, is the end of a sweep of so many steps. */
static void every_time_is_the_end_of_a_shorter_sweep(void **state) {
    (void)state;
    ts_settings settings = small_settings(1000);
    ts_trace *trace = run_trace(&settings, four, 4, 8, NULL);
    const ts_trace_data *data = ts_trace_result(trace);
    for (size_t k = 0; k < data->times; k++) {
        if (data->step[k] == 0)
            continue; /* no sweep has 0 steps */
        settings.steps = data->step[k];
        ts_sweep *sweep = run_sweep(&settings, NULL);
        for (size_t i = 0; i < 4; i++) {
            double position[20], loss;
            ts_sweep_training(sweep, 0, i, position, NULL, NULL, &loss, NULL);
            assert_memory_equal(position, data->position + (i * data->times + k) * 20, sizeof position);
            assert_true(loss == data->loss[i * data->times + k]);
        }
        ts_sweep_destroy(sweep);
    }
    ts_trace_destroy(trace);
}

static void times_are_equally_spaced_whole_steps(void **state) {
    (void)state;
    static const struct {
        uint64_t steps;
        size_t times;
        uint64_t step[5]; /* the first ones */
    } cases[] = {
        {100, 5, {0, 25, 50, 75, 100}},
        {10, 5, {0, 3, 5, 8, 10}},
        {4, 5, {0, 1, 2, 3, 4}},
        {1, 2, {0, 1}},
        {UINT64_C(1) << 56, 5, {0, UINT64_C(1) << 54, UINT64_C(1) << 55, UINT64_C(3) << 54, UINT64_C(1) << 56}},
        {(UINT64_C(1) << 56) - 1, 100001, {0, 720575940379, 1441151880759, 2161727821138, 2882303761517}},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        const ts_settings settings = small_settings(cases[c].steps);
        ts_trace *trace = create_trace(&settings, four, 1, cases[c].times);
        const size_t times = cases[c].times;
        const ts_trace_data *data = ts_trace_result(trace);
        for (size_t k = 0; k < times && k < 5; k++)
            assert_int_equal(data->step[k], cases[c].step[k]);
        for (size_t k = 1; k < times; k++)
            assert_true(data->step[k] > data->step[k - 1]);
        assert_int_equal(data->step[times - 1], cases[c].steps);
        assert_true(data->fast_time[times - 1] == settings.h * (double)cases[c].steps);
        assert_close(data->slow_time[1], 0.1 * data->fast_time[1], 1e-15 * data->fast_time[1]);
        ts_trace_destroy(trace);
    }
}

/* The function is that of the network: its squared distance to the target integrates to the loss. */
static void functions_fit_positions_weights_and_loss(void **state) {
    (void)state;
    ts_settings settings = small_settings(4000);
    settings.eta = 0.05;
    ts_trace *trace = run_trace(&settings, four, 2, 5, NULL);
    const ts_trace_data *data = ts_trace_result(trace);
    for (size_t at = 0; at < 2 * 5; at++) {
        const double *f = data->function + at * data->points;
        double loss = 0;
        for (size_t p = 0; p + 1 < data->points; p++) {
            const double low = f[p] - data->target[p], high = f[p + 1] - data->target[p + 1];
            loss += (data->x[p + 1] - data->x[p]) * (low * low + low * high + high * high) / 3;
        }
        assert_close(loss, data->loss[at], 2e-3 * data->loss[at]);
        double end = data->bias[at];
        for (size_t j = 0; j < 20; j++)
            end += data->position[at * 20 + j] <= 1 - settings.eta / 2 ? data->weight[at * 20 + j] : 0;
        if (data->position[at * 20 + 19] <= 1 - settings.eta / 2)
            assert_close(f[data->points - 1], end, 1e-12);
    }
    ts_trace_destroy(trace);
}

static void points_show_jumps_and_transitions(void **state) {
    (void)state;
    const double widths[] = {1e-5, 4e-3, 0.3, 0.02};
    for (int w = 0; w < 4; w++) {
        ts_settings settings = small_settings(10);
        settings.eta = widths[w];
        settings.jump_count = w == 2 ? 1 : 5;
        if (w == 3) /* a jump nearer to 0 than a sample can be, and not left of it */
            settings.jump_at[0] = 2e-10;
        size_t count;
        double *x = ts_trace_points(&settings, &count);
        assert_non_null(x);
        assert_true(x[0] == 0 && x[count - 1] == 1);
        assert_true(count >= 501 && count <= 2001 + 10);
        double *target = malloc(count * sizeof *target);
        ts_trace_target(&settings, x, count, target);
        for (size_t p = 1; p < count; p++) {
            assert_true(x[p] > x[p - 1]);
            assert_true(x[p] - x[p - 1] <= fmax(settings.eta / 4, 1.0 / 2000) * (1 + 1e-12));
        }
        for (size_t k = 0; k < settings.jump_count; k++) {
            size_t p = 0;
            while (x[p] < settings.jump_at[k])
                p++;
            assert_true(x[p] == settings.jump_at[k] && x[p] - x[p - 1] <= 1e-9);
            assert_close(target[p] - target[p - 1], settings.jump_by[k], 1e-12);
        }
        free(target);
        free(x);
    }
}

/* The limit begins where the training does, is the same whenever it is looked at, and at small epsilon the training
 * follows it. */
static void the_limit_stands_beside(void **state) {
    (void)state;
    ts_settings settings = small_settings(0);
    const double epsilon = 2e-5;
    set_axes(&settings, &epsilon, 1, &small_count, 1);
    settings.noise = 0;
    settings.slow_time = 0.02;
    ts_trace *trace = run_trace(&settings, four, 4, 11, NULL), *coarse = run_trace(&settings, four, 4, 3, NULL);
    const ts_trace_data *data = ts_trace_result(trace), *few = ts_trace_result(coarse);
    for (size_t i = 0; i < 4; i++) {
        for (size_t j = 0; j < 20; j++) {
            const size_t end = (i * 11 + 10) * 20 + j;
            assert_true(data->limit_position[(i * 11) * 20 + j] == data->position[(i * 11) * 20 + j]);
            assert_true(data->limit_position[end] == few->limit_position[(i * 3 + 2) * 20 + j]);
            assert_close(data->position[end], data->limit_position[end], 0.02);
        }
        for (size_t k = 0; k < 11; k++) {
            const size_t at = i * 11 + k;
            assert_true(k == 0 || data->limit_loss[at] <= data->limit_loss[at - 1]);
            double loss = 0; /* both functions are constant between points, but for those next to a neuron */
            for (size_t p = 0; p + 1 < data->points; p++) {
                const double r = data->limit_function[at * data->points + p] - data->target[p];
                loss += (data->x[p + 1] - data->x[p]) * r * r;
            }
            assert_close(loss, data->limit_loss[at], 0.05);
        }
    }
    ts_trace_destroy(trace);
    ts_trace_destroy(coarse);
}

static void a_diverged_training_has_no_loss_from_then_on(void **state) {
    (void)state;
    ts_settings settings = small_settings(2000);
    settings.h = 0.5;
    settings.noise = 30;
    ts_trace *trace = run_trace(&settings, four, 4, 101, NULL);
    const ts_trace_data *data = ts_trace_result(trace);
    bool any = false;
    for (size_t i = 0; i < 4; i++) {
        const size_t end = i * 101 + 100;
        if (data->outcome[i] != TS_OUTCOME_DIVERGED)
            continue;
        any = true;
        size_t first = i * 101;
        while (!isnan(data->loss[first]))
            first++;
        assert_true(first > i * 101);
        for (size_t at = first; at <= end; at++) {
            assert_true(isnan(data->loss[at]) && isnan(data->function[at * data->points]));
            assert_memory_equal(data->position + at * 20, data->position + end * 20, 20 * sizeof(double));
            assert_memory_equal(data->weight + at * 20, data->weight + end * 20, 20 * sizeof(double));
        }
    }
    assert_true(any);
    ts_trace_destroy(trace);
}

typedef struct stop_wish {
    ts_progress last;
} stop_wish;

static bool stop_soon(void *context, const ts_progress *progress) {
    stop_wish *stopper = context;
    stopper->last = *progress;
    return progress->training_steps_done < 0.0025 * progress->training_steps_total;
}

/* What was recorded before is as if nobody had stopped it, in arrays that have closed up. The wish comes after two and
 * a half of a thousand stretches, or a little later. */
static void an_interruption_keeps_the_times_before(void **state) {
    (void)state;
    ts_settings settings = small_settings(1000000000);
    stop_wish stopper = {0};
    const ts_run_options options = {.chunk_steps = 1000, .on_progress = stop_soon, .context = &stopper};
    ts_trace *trace = create_trace(&settings, four, 4, 1001);
    ts_error error = {0};
    assert_int_equal(ts_trace_run(trace, &options, NULL, &error), TS_INTERRUPTED);
    assert_non_null(strstr(error.message, "of 1001 times"));
    const ts_trace_data *data = ts_trace_result(trace);
    assert_in_range(data->times, 3, 1000);
    assert_int_equal(stopper.last.trainings_total, 4);
    assert_int_equal(stopper.last.trainings_done, 0);
    settings.steps = data->step[data->times - 1];
    ts_trace *whole = run_trace(&settings, four, 4, data->times, NULL);
    const ts_trace_data *all = ts_trace_result(whole);
    for (size_t i = 0; i < 4; i++) {
        const size_t a = i * data->times;
        assert_memory_equal(data->loss + a, all->loss + a, data->times * sizeof(double));
        assert_memory_equal(data->position + a * 20, all->position + a * 20, data->times * 20 * sizeof(double));
        assert_memory_equal(data->limit_position + a * 20, all->limit_position + a * 20,
                            data->times * 20 * sizeof(double));
        assert_memory_equal(data->function + a * data->points, all->function + a * data->points,
                            data->times * data->points * sizeof(double));
    }
    ts_trace_destroy(trace);
    ts_trace_destroy(whole);
}

/* Many limits at many times take a while, too. */
static void a_wish_to_stop_reaches_the_limits(void **state) {
    (void)state;
    const ts_settings settings = small_settings(10);
    const ts_run_options options = {0};
    ts_trace *trace = run_trace(&settings, four, 4, 3, &options);
    ts_monitor monitor;
    ts_error error = {0};
    ts_monitor_begin(&monitor, &options, (ts_progress){0}, NULL);
    assert_int_equal(ts_trace_add_limits(trace, &options, &monitor, &error), TS_OK);
    monitor.stop = true;
    assert_int_equal(ts_trace_add_limits(trace, &options, &monitor, &error), TS_INTERRUPTED);
    ts_trace_destroy(trace);
}

static void assert_refused(const ts_settings *settings, const uint32_t *replicate, size_t count, size_t times,
                           const char *message) {
    const ts_trace_options options = {.replicate = replicate, .count = count, .times = times};
    ts_trace *trace;
    ts_error error = {0};
    assert_int_equal(ts_trace_create(&trace, settings, &options, &error), TS_INVALID);
    assert_null(trace);
    if (!strstr(error.message, message))
        fail_msg("'%s' does not say '%s'", error.message, message);
}

static void log_times_are_ever_further_apart(void **state) {
    (void)state;
    static const struct {
        uint64_t steps;
        size_t times;
    } cases[] = {{1, 2}, {2, 2}, {2, 3}, {10, 11}, {10, 10}, {1000, 5}, {1000, 101}, {12345, 700}};
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        const ts_settings settings = small_settings(cases[c].steps);
        const size_t times = cases[c].times;
        const ts_trace_options options = {.replicate = four, .count = 1, .times = times, .log_times = true};
        ts_trace *trace = NULL;
        assert_int_equal(ts_trace_create(&trace, &settings, &options, NULL), TS_OK);
        const uint64_t *step = ts_trace_result(trace)->step;
        assert_int_equal(step[0], 0);
        assert_int_equal(step[times - 1], cases[c].steps);
        for (size_t k = 1; k < times; k++) {
            const double wanted =
                k + 1 < times ? pow((double)cases[c].steps, (double)(k - 1) / (double)(times - 2)) : 0;
            assert_true(step[k] > step[k - 1]);
            if ((double)k < wanted - 1 && wanted < (double)(cases[c].steps - times))
                assert_close((double)step[k], wanted, 0.5 + 1e-6);
        }
        ts_trace_destroy(trace);
    }
}

/* The same trainings at the same steps, whatever the times and whether functions are recorded. */
static void what_is_looked_at_changes_nothing(void **state) {
    (void)state;
    const ts_settings settings = small_settings(500);
    ts_trace *whole = run_trace(&settings, four, 4, 501, NULL);
    const ts_trace_options choice = {
        .replicate = four, .count = 4, .times = 23, .log_times = true, .no_functions = true};
    ts_trace *trace = NULL;
    assert_int_equal(ts_trace_create(&trace, &settings, &choice, NULL), TS_OK);
    const ts_run_options options = {.threads = 3};
    assert_int_equal(ts_trace_run(trace, &options, NULL, NULL), TS_OK);
    const ts_trace_data *all = ts_trace_result(whole), *some = ts_trace_result(trace);
    const size_t m = all->neurons;
    assert_null(some->function);
    assert_null(some->limit_function);
    assert_int_equal(some->times, 23);
    for (size_t i = 0; i < 4; i++)
        for (size_t k = 0; k < some->times; k++) {
            const size_t here = i * some->times + k, there = i * all->times + some->step[k];
            assert_true(some->loss[here] == all->loss[there] && some->bias[here] == all->bias[there]);
            assert_close(some->limit_loss[here], all->limit_loss[there], 1e-9);
            assert_memory_equal(some->position + here * m, all->position + there * m, m * sizeof(double));
            assert_memory_equal(some->weight + here * m, all->weight + there * m, m * sizeof(double));
        }
    ts_trace_destroy(whole);
    ts_trace_destroy(trace);
}

static void what_makes_no_trace_is_refused(void **state) {
    (void)state;
    const ts_settings settings = small_settings(10);
    const uint32_t twice[] = {1, 5, 1};
    assert_refused(&settings, four, 0, 3, "replicates: found 0");
    assert_refused(&settings, twice, 3, 3, "found 1 twice");
    assert_refused(&settings, four, 4, 1, "times: found 1, allowed are whole numbers from 2 to 11");
    assert_refused(&settings, four, 4, 12, "times: found 12, allowed are whole numbers from 2 to 11");
    ts_settings bad = settings;
    bad.eta = NAN;
    assert_refused(&bad, four, 4, 3, "found nan");
    const double two[] = {0.1, 1};
    set_axes(&bad, two, 2, &small_count, 1);
    assert_refused(&bad, four, 4, 3, "found 2 values of epsilon");
    bad = settings;
    bad.dimension = 2;
    assert_refused(&bad, four, 4, 3, "target.dimension: found 2, a trace is of networks in one dimension");
    bad.activation = TS_ACTIVATION_RELU;
    bad.eta = 0;
    assert_refused(&bad, four, 4, 3, "network.activation: found relu, a trace is of networks of steps");
    ts_trace *trace = run_trace(&settings, four, 1, 2, NULL);
    assert_int_equal(ts_trace_run(trace, NULL, NULL, NULL), TS_INVALID);
    ts_trace_destroy(trace);
    trace = create_trace(&settings, four, 1, 2);
    ts_error error = {0};
    assert_int_equal(ts_trace_run(trace, &(ts_run_options){.backend = "abacus"}, NULL, &error), TS_INVALID);
    assert_int_equal(ts_trace_run(trace, NULL, NULL, &error), TS_OK);
    ts_trace_destroy(trace);
    ts_trace_destroy(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(traces_of_cpu_are_sweeps),
        cmocka_unit_test(traces_of_reference_are_sweeps),
        cmocka_unit_test(every_time_is_the_end_of_a_shorter_sweep),
        cmocka_unit_test(times_are_equally_spaced_whole_steps),
        cmocka_unit_test(functions_fit_positions_weights_and_loss),
        cmocka_unit_test(points_show_jumps_and_transitions),
        cmocka_unit_test(the_limit_stands_beside),
        cmocka_unit_test(a_diverged_training_has_no_loss_from_then_on),
        cmocka_unit_test(an_interruption_keeps_the_times_before),
        cmocka_unit_test(a_wish_to_stop_reaches_the_limits),
        cmocka_unit_test(log_times_are_ever_further_apart),
        cmocka_unit_test(what_is_looked_at_changes_nothing),
        cmocka_unit_test(what_makes_no_trace_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
