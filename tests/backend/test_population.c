/* Population gradient descent: its step is the mean of the steps of SGD, to rounding against a quadrature of its own
 * and within the standard error against the steps themselves. */
#include "backend/population.h"
#include "backend/random_settings.h"
#include "base/order.h"
#include "support.h"
#include "sweep/execution.h"

#define MOST 60       /* neurons */
#define PARTS 40      /* of an interval between breakpoints, in the quadrature */
#define SAMPLES 60000 /* steps of SGD */

typedef struct small_network {
    uint32_t m;
    double position[MOST], weight[MOST], bias;
} small_network;

typedef struct means {
    double residual, activation[MOST], derivative[MOST];
} means;

static void measure(const ts_settings *settings, const small_network *network, bool backwards, means *found) {
    double before[MOST];
    uint32_t order[MOST];
    ts_population population = {
        .order = order, .activation = found->activation, .derivative = found->derivative, .before = before};
    for (uint32_t j = 0; j < network->m; j++)
        order[j] = backwards ? network->m - 1 - j : j;
    ts_population_measure(&population, settings, settings->eta, network->m, network->position, network->weight,
                          network->bias);
    found->residual = population.residual;
}

/* ---- the same integrals by a composite rule, written from MODEL.md section 1 */

static double sigma(double z) {
    const double low = fmin(fmax(z + 0.5, 0), 0.5), high = fmin(fmax(0.5 - z, 0), 0.5);
    return z < 0 ? 4 * low * low * low : 1 - 4 * high * high * high;
}

static double derivative(ts_derivative kind, double z) {
    const double distance = 0.5 - fabs(z);
    return distance <= 0 ? 0 : kind == TS_DERIVATIVE_BOX ? 1 : 12 * distance * distance;
}

static void add_point(const ts_settings *settings, const small_network *network, double x, double length, means *sum) {
    double r = settings->target_base - network->bias;
    for (size_t k = 0; k < settings->jump_count; k++)
        r += x >= settings->jump_at[k] ? settings->jump_by[k] : 0;
    for (uint32_t j = 0; j < network->m; j++)
        r -= network->weight[j] * sigma((x - network->position[j]) / settings->eta);
    sum->residual += length * r;
    for (uint32_t j = 0; j < network->m; j++) {
        const double z = (x - network->position[j]) / settings->eta;
        sum->activation[j] += length * r * sigma(z);
        sum->derivative[j] += length * r * derivative(settings->derivative, z);
    }
}

static void quadrature(const ts_settings *settings, const small_network *network, means *sum) {
    static const double node[3] = {-0.7745966692414834, 0, 0.7745966692414834}, share[3] = {5, 8, 5}; /* 18ths */
    double point[3 * MOST + TS_MAX_JUMPS + 2] = {0, 1};
    size_t count = 2;
    for (size_t k = 0; k < settings->jump_count; k++)
        point[count++] = settings->jump_at[k];
    for (uint32_t j = 0; j < 3 * network->m; j++)
        point[count++] = fmin(fmax(network->position[j / 3] + ((int)(j % 3) - 1) * settings->eta / 2, 0), 1);
    qsort(point, count, sizeof *point, ts_compare_doubles);
    *sum = (means){0};
    for (size_t i = 0; i + 1 < count; i++)
        for (int part = 0; part < PARTS; part++) {
            const double length = (point[i + 1] - point[i]) / PARTS;
            const double middle = point[i] + (part + 0.5) * length;
            for (int q = 0; q < 3; q++)
                add_point(settings, network, middle + node[q] * length / 2, length * share[q] / 18, sum);
        }
}

/* Some on jumps, some beside or upon each other, some half or all outside. */
static void random_network(small_network *network, const ts_settings *settings, test_random *random) {
    network->m = 1 + (uint32_t)(random_word(random) % MOST);
    network->bias = random_between(random, -3, 3);
    for (uint32_t j = 0; j < network->m; j++) {
        double u = random_between(random, 0, 1);
        switch (random_word(random) % 6) {
        case 0:
            u = settings->jump_count > 0 ? settings->jump_at[random_word(random) % settings->jump_count] : u;
            break;
        case 1:
            u = (random_word(random) % 2 ? 1 : 0) + settings->eta * random_between(random, -1.5, 1.5);
            break;
        case 2:
            u = j > 0 ? network->position[j - 1] + settings->eta * random_between(random, -1, 1) : u;
            break;
        case 3:
            u = j > 0 ? network->position[j - 1] : u;
            break;
        default:
            break;
        }
        network->position[j] = u;
        network->weight[j] = random_word(random) % 8 ? random_between(random, -4, 4) : 0;
    }
}

static void expectations_are_exact(void **state) {
    (void)state;
    test_random random = {0x9E3779B97F4A7C15};
    for (int index = 0; index < 300; index++) {
        ts_settings settings = random_settings(&random);
        small_network network;
        means found, expected, backwards;
        random_network(&network, &settings, &random);
        measure(&settings, &network, false, &found);
        measure(&settings, &network, true, &backwards);
        quadrature(&settings, &network, &expected);
        assert_close(found.residual, expected.residual, 1e-10);
        for (uint32_t j = 0; j < network.m; j++) {
            assert_close(found.activation[j], expected.activation[j], 1e-10);
            assert_close(found.derivative[j], expected.derivative[j], 1e-10);
            assert_true(found.activation[j] == backwards.activation[j]); /* neurons in one place have one order, too */
            assert_true(found.derivative[j] == backwards.derivative[j]);
        }
    }
}

/* ---- steps of the backend */

typedef struct test_rows {
    ts_sweep *sweep;
    ts_state at;
    void *memory[6];
} test_rows;

static test_rows rows_create(const ts_settings *settings, const small_network *network) {
    const size_t count = settings->replicates, m = network->m;
    test_rows rows = {.sweep = create_sweep(settings)};
    const size_t sizes[6] = {count, count * m, count * m, count, count, count};
    for (int i = 0; i < 6; i++)
        rows.memory[i] = calloc(sizes[i], 8);
    rows.at = (ts_state){TS_FLOAT64,     rows.memory[0], rows.memory[1], rows.memory[2],
                         rows.memory[3], rows.memory[4], rows.memory[5], count};
    for (size_t r = 0; r < count; r++) {
        memcpy(rows.at.position + r * m, network->position, m * sizeof(double));
        memcpy(rows.at.weight + r * m, network->weight, m * sizeof(double));
        rows.at.bias[r].real = network->bias;
    }
    ts_error error = {0};
    assert_int_equal(ts_results_create(&rows.sweep->results, rows.sweep, true, &error), TS_OK);
    return rows;
}

/* One step of every row. */
static void rows_step(test_rows *rows) {
    const ts_run_options options = {.backend = "reference", .threads = 1};
    const ts_settings *settings = &rows->sweep->settings;
    ts_execution execution;
    ts_error error = {0};
    assert_int_equal(ts_execution_create(&execution, settings, &options, settings->replicates, &error), TS_OK);
    const ts_plan plan = {.settings = settings,
                          .cells = rows->sweep->cells,
                          .cell_count = 1,
                          .replicates = (uint32_t)settings->replicates,
                          .resume = &rows->at};
    ts_results results = rows->sweep->results;
    results.state = &rows->at;
    ts_execution_begin(&execution, (ts_progress){0});
    assert_int_equal(ts_execution_run(&execution, &plan, &results, &error), TS_OK);
    ts_execution_end(&execution);
    free(execution.busy_seconds);
}

static void rows_free(test_rows *rows) {
    for (int i = 0; i < 6; i++)
        free(rows->memory[i]);
    ts_sweep_destroy(rows->sweep);
}

/* The mean over `stride`-spaced words that began as `begin` is, within four standard errors, what the flow made of it.
 */
static void assert_is_mean(const ts_number *words, size_t stride, double begin, ts_number flow) {
    double sum = 0, squares = 0;
    for (size_t r = 0; r < SAMPLES; r++) {
        const double change = words[r * stride].real - begin;
        sum += change;
        squares += change * change;
    }
    const double mean = sum / SAMPLES, error = sqrt((squares / SAMPLES - mean * mean) / SAMPLES);
    assert_close(flow.real - begin, mean, 4 * error + 1e-15);
}

static void a_step_is_the_mean_step_of_sgd(void **state) {
    (void)state;
    test_random random = {0x2545F4914F6CDD1D};
    /* two that overlap, one on a jump, one half outside, one all outside, one alone */
    const small_network network = {7, {0.3, 0.33, 0.5, -0.01, 1.04, 1.2, 0.7}, {1.5, -2, 0.7, 2, -1, 3, 1}, 0.4};
    for (int kind = 0; kind < 2; kind++) {
        ts_settings settings = paper_settings();
        const double epsilon = 0.7;
        const uint32_t m = network.m;
        set_axes(&settings, &epsilon, 1, &(double){m}, 1);
        settings.seed = random_word(&random);
        settings.eta = 0.1;
        settings.jump_at[2] = 0.5;
        settings.h = 0.01;
        settings.steps = 1;
        settings.derivative = kind == 0 ? TS_DERIVATIVE_EXACT : TS_DERIVATIVE_BOX;
        settings.replicates = SAMPLES;
        test_rows sgd = rows_create(&settings, &network);
        settings.replicates = 1;
        settings.dynamics = TS_DYNAMICS_GRADIENT_FLOW;
        test_rows flow = rows_create(&settings, &network);
        rows_step(&sgd);
        rows_step(&flow);
        for (uint32_t j = 0; j < m; j++) {
            assert_is_mean(sgd.at.weight + j, m, network.weight[j], flow.at.weight[j]);
            assert_is_mean(sgd.at.position + j, m, network.position[j], flow.at.position[j]);
        }
        assert_is_mean(sgd.at.bias, 1, network.bias, flow.at.bias[0]);
        assert_true(flow.at.position[1].real != network.position[1]);
        assert_true(flow.at.position[5].real == network.position[5]);
        rows_free(&sgd);
        rows_free(&flow);
    }
}

/* Without noise the loss of small steps falls, and falls by the square of the gradient. */
static void the_loss_falls_as_the_gradient_says(void **state) {
    (void)state;
    ts_settings settings = paper_settings();
    const double epsilon = 0.01;
    const uint32_t m = 20;
    set_axes(&settings, &epsilon, 1, &(double){m}, 1);
    settings.h = 1e-3;
    settings.dynamics = TS_DYNAMICS_GRADIENT_FLOW;
    settings.replicates = 3;
    settings.keep_trainings = true;
    double before[3] = {INFINITY, INFINITY, INFINITY};
    for (settings.steps = 1; settings.steps <= 4096; settings.steps *= 4) {
        ts_sweep *sweep = run_sweep(&settings, NULL); /* auto is the reference here */
        for (uint64_t r = 0; r < 3; r++) {
            double loss;
            assert_int_equal(ts_sweep_training(sweep, 0, r, NULL, NULL, NULL, &loss, NULL), TS_OK);
            assert_true(loss < before[r]);
            before[r] = loss;
        }
        ts_sweep_destroy(sweep);
    }
}

static void diverges_and_is_counted(void **state) {
    (void)state;
    ts_settings settings = paper_settings();
    const double epsilon = 1;
    const uint32_t m = 20;
    set_axes(&settings, &epsilon, 1, &(double){m}, 1);
    settings.h = 10;
    settings.steps = 1000;
    settings.replicates = 4;
    settings.dynamics = TS_DYNAMICS_GRADIENT_FLOW;
    ts_sweep *sweep = run_sweep(&settings, NULL);
    assert_int_equal(ts_sweep_summary(sweep, 0).diverged_count, 4);
    ts_sweep_destroy(sweep);
}

static void other_backends_refuse(void **state) {
    (void)state;
    ts_settings settings = paper_settings();
    const double epsilon = 1;
    const uint32_t m = 4;
    set_axes(&settings, &epsilon, 1, &(double){m}, 1);
    settings.h = 1e-3;
    settings.steps = 1;
    settings.replicates = 1;
    settings.dynamics = TS_DYNAMICS_GRADIENT_FLOW;
    const char *const others[] = {"cpu", "cuda"};
    for (int i = 0; i < 2; i++) {
        ts_sweep *sweep = create_sweep(&settings);
        ts_error error = {0};
        assert_int_equal(ts_sweep_run(sweep, &(ts_run_options){.backend = others[i]}, NULL, &error), TS_INVALID);
        assert_non_null(strstr(error.message, "gradient_flow"));
        ts_sweep_destroy(sweep);
    }
    settings.dynamics = (ts_dynamics)7;
    ts_error error = {0};
    assert_int_equal(ts_settings_validate(&settings, &error), TS_INVALID);
    assert_string_equal(error.key, "dynamics");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expectations_are_exact),
        cmocka_unit_test(a_step_is_the_mean_step_of_sgd),
        cmocka_unit_test(the_loss_falls_as_the_gradient_says),
        cmocka_unit_test(diverges_and_is_counted),
        cmocka_unit_test(other_backends_refuse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
