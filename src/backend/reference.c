/* The reference backend: MODEL.md sections 1, 2 and 5 in float64, one line after the other. Slow, and meant to be read.
 *
 * It draws the same random words as the other backends. Only the results are converted to their integer formats. It is
 * the one that has `dynamics: gradient_flow`, too. */
#include "backend/forecast.h"
#include "backend/population.h"
#include "base/order.h"
#include "model/philox.h"
#include "model/streams.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define INTERVALS_AT_A_TIME 16 /* between two questions whether to go on */

typedef struct reference_network {
    double *position; /* [m] u_j */
    double *weight;   /* [m] a_j */
    double bias;      /* a_0 */
} reference_network;

typedef struct reference_state {
    uint64_t step;
    uint32_t replicate;
    bool diverged;
    bool stopped; /* in the middle of a step, which was not done */
    reference_network network;
    ts_population population;
} reference_state;

static size_t reference_state_size(const ts_cell *cell) {
    return sizeof(reference_state) + cell->neurons * (5 * sizeof(double) + sizeof(uint32_t));
}

static void reference_start(const ts_run_options *options, ts_batch batch, void *memory) {
    (void)options; /* sums of doubles have one order: no lanes */
    reference_state *state = memory;
    const uint32_t m = batch.cell->neurons;
    *state = (reference_state){.step = batch.step};
    state->network.position = (double *)(state + 1);
    state->network.weight = state->network.position + m;
    state->population.activation = state->network.weight + m;
    state->population.derivative = state->population.activation + m;
    state->population.before = state->population.derivative + m;
    state->population.order = (uint32_t *)(state->population.before + m);
    state->population.go_on = ts_monitor_go_on;
    for (uint32_t j = 0; j < m; j++)
        state->population.order[j] = j;
}

/* Doubles go into the words of a ts_standing as they are. */
static void load(const ts_cell *cell, const ts_standing *standing, reference_network *network) {
    memcpy(network->position, standing->position, cell->neurons * sizeof *network->position);
    memcpy(network->weight, standing->weight, cell->neurons * sizeof *network->weight);
    memcpy(&network->bias, &standing->training.bias, sizeof network->bias);
}

static void reference_write(ts_batch batch, void *memory, uint32_t i, const ts_standing *standing) {
    (void)i; /* batches of one training */
    reference_state *state = memory;
    state->replicate = standing->training.replicate;
    state->diverged = standing->training.halted;
    state->step = standing->training.step;
    load(batch.cell, standing, &state->network);
}

static void reference_read(ts_batch batch, const void *memory, uint32_t i, ts_standing *standing) {
    (void)i;
    const reference_state *state = memory;
    memcpy(standing->position, state->network.position, batch.cell->neurons * sizeof *standing->position);
    memcpy(standing->weight, state->network.weight, batch.cell->neurons * sizeof *standing->weight);
    memcpy(&standing->training.bias, &state->network.bias, sizeof standing->training.bias);
    standing->training.drift = 0; /* no integers, no limit on their sums */
    standing->training.halted = state->diverged ? TS_HALTED_DIVERGED : TS_NOT_HALTED;
    standing->training.step = state->step;
}

/* ---- section 1: network and target */

/* The width of a neuron: sigma and D are functions of z = (x - u) / width. */
static double width(const ts_cell *cell) {
    return cell->activation == TS_ACTIVATION_RELU ? 1 : cell->parameter[TS_PARAMETER_ETA];
}

/* What one coordinate adds to the target; the base not included. */
static double target(const ts_settings *settings, double x) {
    const bool relu = settings->activation == TS_ACTIVATION_RELU;
    double value = 0;
    for (size_t k = 0; k < settings->jump_count; k++)
        if (settings->jump_at[k] <= x)
            value += settings->jump_by[k] * (relu ? x - settings->jump_at[k] : 1);
    return value;
}

static double sigma(ts_activation kind, double z) {
    if (kind == TS_ACTIVATION_RELU)
        return fmax(z, 0);
    if (z <= -0.5)
        return 0;
    if (z >= 0.5)
        return 1;
    return z < 0 ? 4 * pow(z + 0.5, 3) : 1 - 4 * pow(0.5 - z, 3);
}

static double derivative(const ts_settings *settings, double z) {
    if (settings->activation == TS_ACTIVATION_RELU)
        return z > 0;
    if (fabs(z) >= 0.5)
        return 0;
    return settings->derivative == TS_DERIVATIVE_BOX ? 1 : 12 * (0.5 - fabs(z)) * (0.5 - fabs(z));
}

/* What the neurons of coordinate c add to the network. */
static double neurons_at(const ts_settings *settings, const ts_cell *cell, const reference_network *network, uint32_t c,
                         double x) {
    const uint32_t m = cell->of_coordinate;
    double f = 0;
    for (uint32_t j = c * m; j < (c + 1) * m; j++)
        f += network->weight[j] * sigma(settings->activation, (x - network->position[j]) / width(cell));
    return f;
}

/* ---- section 2: stochastic gradient descent, with the random words of section 6 */

static ts_words random_block(const ts_cell *cell, uint32_t replicate, int stream, uint64_t block) {
    return ts_random_block(cell->seed, cell->salt, replicate, stream, block);
}

/* That of neuron j of the m of a coordinate, for which `word` was drawn. */
static double start_position(ts_init init, uint32_t j, uint32_t m, uint32_t word) {
    const double uniform = (word + 0.5) * 0x1p-32;
    switch (init) {
    case TS_INIT_EQUISPACED:
        return (j + 0.5) / m;
    case TS_INIT_STRATIFIED:
        return (j + uniform) / m;
    default:
        return uniform;
    }
}

static void reference_draw(const ts_plan *plan, const ts_cell *cell, ts_standing *standing) {
    const uint32_t m = cell->of_coordinate, replicate = standing->training.replicate;
    for (uint32_t j = 0; j < cell->neurons; j++) {
        const ts_words for_position = random_block(cell, replicate, TS_STREAM_POSITIONS, j / 4);
        const ts_words for_weight = random_block(cell, replicate, TS_STREAM_WEIGHTS, j / 4);
        const double weight = plan->settings->start_weight * (for_weight.word[j % 4] >> 1) * 0x1p-31;
        const double position = start_position(plan->settings->init, j % m, m, for_position.word[j % 4]);
        memcpy(&standing->weight[j], &weight, sizeof weight);
        memcpy(&standing->position[j], &position, sizeof position);
    }
    for (uint32_t c = 0; c < cell->dimension; c++)
        qsort(standing->position + c * m, m, sizeof(double), ts_compare_doubles);
}

/* The coordinates of the sample at hand, uniform on [0,1). Returns the noise. */
static double draw_sample(const ts_cell *cell, const reference_state *state, double *x) {
    const uint64_t p = state->step, blocks = (cell->dimension + 2) / 4; /* ceil((d - 1) / 4) */
    const ts_words words = random_block(cell, state->replicate, TS_STREAM_SAMPLES, p / 2);
    const uint32_t *word = words.word + (p % 2 ? 2 : 0);
    x[0] = (word[0] >> 2) * 0x1p-30;
    for (uint32_t k = 1; k < cell->dimension; k++) {
        const ts_words further = random_block(cell, state->replicate, TS_STREAM_COORDINATES, p * blocks + (k - 1) / 4);
        x[k] = (further.word[(k - 1) % 4] >> 2) * 0x1p-30;
    }
    return cell->parameter[TS_PARAMETER_NOISE] * (int32_t)word[1] * 0x1p-31;
}

/* One step. Returns false when the residual leaves the range of the fixed-point backends: the training diverges. */
static bool reference_step(const ts_settings *settings, const ts_cell *cell, reference_state *state) {
    const double h = cell->parameter[TS_PARAMETER_H], epsilon = cell->parameter[TS_PARAMETER_EPSILON],
                 eta = width(cell);
    reference_network *network = &state->network;
    double x[TS_MAX_DIMENSION];
    double r = settings->target_base + draw_sample(cell, state, x) - network->bias;
    for (uint32_t c = 0; c < cell->dimension; c++)
        r += target(settings, x[c]) - neurons_at(settings, cell, network, c, x[c]);
    if (!(fabs(r) <= ldexp((double)cell->residual_limit, cell->residual_shift - TS_VALUE_BITS)))
        return false;

    for (uint32_t j = 0; j < cell->neurons; j++) {
        const double z = (x[j / cell->of_coordinate] - network->position[j]) / eta;
        const double a = network->weight[j];
        network->weight[j] += 2 * h * r * sigma(settings->activation, z);
        network->position[j] -= 2 * h * epsilon * r * a * derivative(settings, z) / eta;
        if (settings->activation == TS_ACTIVATION_RELU) /* a step out there never moves again */
            network->position[j] = fmin(fmax(network->position[j], -0.5), 1.5);
    }
    network->bias += 2 * h * r;
    state->step++;
    return true;
}

/* One step of population gradient descent: the expectations of the products in place of one sample of them. When the
 * run is stopped it is not done. */
static bool population_step(const ts_settings *settings, const ts_cell *cell, reference_state *state) {
    reference_network *network = &state->network;
    ts_population *mean = &state->population;
    const uint32_t m = cell->neurons;
    const double h = cell->parameter[TS_PARAMETER_H], epsilon = cell->parameter[TS_PARAMETER_EPSILON],
                 eta = width(cell);
    const double limit = ldexp((double)cell->residual_limit, cell->residual_shift - TS_VALUE_BITS);

    if (!ts_population_measure(mean, settings, eta, m, network->position, network->weight, network->bias)) {
        state->stopped = true;
        return true;
    }
    bool in_range = fabs(mean->residual) <= limit;
    for (uint32_t j = 0; j < m; j++)
        in_range = in_range && fabs(mean->activation[j]) <= limit;
    if (!in_range)
        return false;

    for (uint32_t j = 0; j < m; j++) {
        const double a = network->weight[j];
        network->weight[j] += 2 * h * mean->activation[j];
        network->position[j] -= 2 * h * epsilon * a * mean->derivative[j] / eta;
    }
    network->bias += 2 * h * mean->residual;
    state->step++;
    return true;
}

static uint64_t reference_advance(const ts_plan *plan, ts_batch batch, void *memory, uint64_t steps) {
    reference_state *state = memory;
    const uint64_t first = state->step;
    const bool population = plan->settings->dynamics == TS_DYNAMICS_GRADIENT_FLOW;
    state->population.context = batch.monitor;
    while (!state->diverged && !state->stopped && state->step - first < steps)
        state->diverged = !(population ? population_step(plan->settings, batch.cell, state)
                                       : reference_step(plan->settings, batch.cell, state));
    return state->step - first;
}

static bool reference_diverged(const void *memory, uint32_t i) {
    (void)i; /* batches of one training */
    return ((const reference_state *)memory)->diverged;
}

/* ---- section 5: the exact loss */

/* Along coordinate c, into point[]: up to 3 m + jumps + 2. */
static size_t breakpoints(const ts_settings *settings, const ts_cell *cell, const reference_network *network,
                          uint32_t c, double *point) {
    const bool relu = settings->activation == TS_ACTIVATION_RELU;
    const uint32_t m = cell->of_coordinate;
    size_t count = 0;
    point[count++] = 0;
    point[count++] = 1;
    for (size_t k = 0; k < settings->jump_count; k++)
        point[count++] = settings->jump_at[k];
    for (uint32_t j = c * m; j < (c + 1) * m; j++)
        for (int part = relu ? 0 : -1; part <= (relu ? 0 : 1); part++)
            point[count++] = fmin(fmax(network->position[j] + part * cell->parameter[TS_PARAMETER_ETA] / 2, 0), 1);
    qsort(point, count, sizeof *point, ts_compare_doubles);
    return count;
}

/* Integrals over [0,1] of g^2 and of g, where g is f* - f along coordinate c. Between neighbouring breakpoints it is a
 * cubic: four Gauss nodes integrate its square exactly. False when the run was stopped meanwhile. */
static bool integrate(const ts_settings *settings, const ts_cell *cell, const reference_network *network, uint32_t c,
                      double *point, ts_monitor *monitor, double *square, double *mean) {
    static const double node[4] = {-0.861136311594052575, -0.339981043584856265, 0.339981043584856265,
                                   0.861136311594052575};
    static const double node_weight[4] = {0.347854845137453857, 0.652145154862546143, 0.652145154862546143,
                                          0.347854845137453857};
    const size_t count = breakpoints(settings, cell, network, c, point);
    const double constant = c == 0 ? settings->target_base - network->bias : 0;
    *square = *mean = 0;
    for (size_t i = 0; i + 1 < count; i++) {
        if (i % INTERVALS_AT_A_TIME == INTERVALS_AT_A_TIME - 1 && !ts_monitor_complete(monitor))
            return false;
        const double middle = (point[i] + point[i + 1]) / 2;
        const double half = (point[i + 1] - point[i]) / 2;
        for (int q = 0; q < 4 && half > 0; q++) {
            const double x = middle + half * node[q];
            const double g = constant + target(settings, x) - neurons_at(settings, cell, network, c, x);
            *square += half * node_weight[q] * g * g;
            *mean += half * node_weight[q] * g;
        }
    }
    return true;
}

/* Coordinates are independent: the variances of their parts add up, and so do the means. -1 when the run was stopped
 * meanwhile. */
static double loss(const ts_settings *settings, const ts_cell *cell, const reference_network *network, double *point,
                   ts_monitor *monitor) {
    double variance = 0, sum_of_means = 0;
    for (uint32_t c = 0; c < cell->dimension; c++) {
        double square, mean;
        if (!integrate(settings, cell, network, c, point, monitor, &square, &mean))
            return -1;
        if (cell->dimension == 1)
            return square;
        variance += square - mean * mean;
        sum_of_means += mean;
    }
    return variance + sum_of_means * sum_of_means;
}

/* ---- docs/theory.md section 1: what the positions leave, whatever the weights are */

/* Where piece k of the target lies in [begin, end): its length there. */
static double length_of_piece(const ts_settings *settings, size_t k, double begin, double end) {
    const double from = k > 0 ? settings->jump_at[k - 1] : 0;
    const double to = k < settings->jump_count ? settings->jump_at[k] : 1;
    return fmax(fmin(to, end) - fmax(from, begin), 0);
}

/* V_j of the cell [begin, end), begin < end; the base does not matter to it. */
static double rest_of_cell(const ts_settings *settings, double begin, double end) {
    double average = 0, rest = 0, level = 0;
    for (size_t k = 0; k <= settings->jump_count; k++) {
        average += level * length_of_piece(settings, k, begin, end) / (end - begin);
        level += k < settings->jump_count ? settings->jump_by[k] : 0;
    }
    level = 0;
    for (size_t k = 0; k <= settings->jump_count; k++) {
        rest += (level - average) * (level - average) * length_of_piece(settings, k, begin, end);
        level += k < settings->jump_count ? settings->jump_by[k] : 0;
    }
    return rest;
}

/* L(u) of the positions along coordinate c. `point` has room for m + 2. */
static double position_loss(const ts_settings *settings, const ts_cell *cell, const reference_network *network,
                            uint32_t c, double *point) {
    const uint32_t m = cell->of_coordinate;
    double sum = 0;
    point[0] = 0;
    point[1] = 1;
    for (uint32_t j = 0; j < m; j++)
        point[j + 2] = fmin(fmax(network->position[c * m + j], 0), 1);
    qsort(point, m + 2, sizeof *point, ts_compare_doubles);
    for (uint32_t j = 0; j <= m; j++)
        sum += point[j] < point[j + 1] ? rest_of_cell(settings, point[j], point[j + 1]) : 0;
    return sum;
}

/* Jumps of coordinate c without a neuron within eta/2. */
static uint32_t missed_jumps(const ts_settings *settings, const ts_cell *cell, const reference_network *network,
                             uint32_t c) {
    const uint32_t m = cell->of_coordinate;
    uint32_t missed = 0;
    for (size_t k = 0; k < settings->jump_count; k++) {
        bool covered = false;
        for (uint32_t j = c * m; j < (c + 1) * m; j++)
            covered = covered || fabs(network->position[j] - settings->jump_at[k]) <= width(cell) / 2;
        missed += !covered;
    }
    return missed;
}

/* ---- results in the formats of the other backends */

static int64_t fixed(double value, int bits, double low, double high) {
    return llrint(ldexp(fmin(fmax(value, low), high), bits));
}

static double double_of(int64_t word) {
    double value;
    memcpy(&value, &word, sizeof value);
    return value;
}

static int64_t fixed_position(int64_t word) {
    return fixed(double_of(word), TS_POSITION_BITS, -0.5, 1.5);
}

static int64_t fixed_weight(int64_t word) {
    return fixed(double_of(word), TS_WEIGHT_BITS, -0x1p14, 0x1p14);
}

/* A network and its breakpoints. */
static size_t reference_scratch_size(const ts_cell *cell) {
    return (5 * (size_t)cell->neurons + TS_MAX_JUMPS + 2) * sizeof(double);
}

static bool reference_measure(const ts_plan *plan, ts_batch batch, const ts_standing *standing, void *scratch,
                              ts_measurement *measurement) {
    const ts_settings *settings = plan->settings;
    reference_network network = {.position = scratch};
    network.weight = network.position + batch.cell->neurons;
    load(batch.cell, standing, &network);
    double *point = network.weight + batch.cell->neurons;
    const double measured = loss(settings, batch.cell, &network, point, batch.monitor);
    if (measured < 0)
        return false;
    *measurement = (ts_measurement){.loss = fixed(measured, TS_LOSS_BITS, 0, 0x1p18)};
    double rest = 0;
    for (uint32_t c = 0; settings->activation == TS_ACTIVATION_STEP && c < batch.cell->dimension; c++) {
        rest += position_loss(settings, batch.cell, &network, c, point);
        measurement->missed += missed_jumps(settings, batch.cell, &network, c);
    }
    measurement->position_loss = fixed(rest, TS_LOSS_BITS, 0, 0x1p18);
    return true;
}

static const ts_host_arithmetic doubles = {
    .draw = reference_draw,
    .scratch_size = reference_scratch_size,
    .measure = reference_measure,
    .position = fixed_position,
    .weight = fixed_weight,
};

static double reference_step_cost(const ts_cell *cell) {
    return 10 * (cell->neurons + 16.0);
}

/* Between all breakpoints, with the transitions that overlap there. */
static double population_step_cost(const ts_cell *cell) {
    const double m = cell->neurons;
    return 100 * (m + 16) * (1 + m * cell->width * 0x1p-30);
}

#define METHOD(cost)                                                                                                   \
    {                                                                                                                  \
        .arithmetic = &doubles, .width = 1, .least = 1, .step_cost = (cost), .state_size = reference_state_size,       \
        .start = reference_start, .write = reference_write, .advance = reference_advance,                              \
        .diverged = reference_diverged, .read = reference_read,                                                        \
    }
static const ts_method reference = METHOD(reference_step_cost), population = METHOD(population_step_cost);
#undef METHOD

static const ts_method *choose_reference(const ts_run_options *options, const ts_cell *cell) {
    (void)options;
    (void)cell;
    return &reference;
}

static const ts_method *choose_population(const ts_run_options *options, const ts_cell *cell) {
    (void)options;
    (void)cell;
    return &population;
}

static ts_method_choice *choice_for(const ts_plan *plan) {
    return plan->settings->dynamics == TS_DYNAMICS_GRADIENT_FLOW ? choose_population : choose_reference;
}

static ts_status prepare(const ts_run_options *options, uint64_t trainings, ts_placement *placement, ts_error *error) {
    (void)error;
    *placement = (ts_placement){.options = options, .instructions = "", .threads = ts_thread_count(options, trainings)};
    return TS_OK;
}

static ts_status forecast(const ts_plan *plan, const ts_placement *placement, double patience, double *seconds,
                          ts_error *error) {
    return ts_host_forecast(choice_for(plan), plan, placement->options, patience, seconds, error);
}

static ts_status run(const ts_plan *plan, const ts_placement *placement, ts_monitor *monitor, ts_results *results,
                     ts_error *error) {
    return ts_host_run(choice_for(plan), plan, placement->options, monitor, results, error);
}

const ts_backend ts_backend_reference = {
    .name = "reference",
    .place = "the backend reference",
    .preference = 0,
    .width = 1,
    .dynamics = TS_HAS_SGD | TS_HAS_GRADIENT_FLOW,
    .arithmetic = TS_FLOAT64,
    .works = ts_works_everywhere,
    .prepare = prepare,
    .run = run,
    .forecast = forecast,
};
