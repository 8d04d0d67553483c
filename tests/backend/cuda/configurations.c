#include "configurations.h"

#include "tests/backend/random_settings.h"

const advance_kernel advance_kernels[KERNELS] = {
    {TS_FORM_RANKED, 1, 8, 128},    {TS_FORM_RANKED, 1, 4, 128},  {TS_FORM_DEALT, 4, 8, 256},
    {TS_FORM_DEALT, 8, 8, 512},     {TS_FORM_DEALT, 16, 8, 1024}, {TS_FORM_DEALT, 32, 8, 2048},
    {TS_FORM_BLOCKED, 4, 0, 64},    {TS_FORM_BLOCKED, 8, 0, 256}, {TS_FORM_BLOCKED, 16, 0, 1024},
    {TS_FORM_BLOCKED, 32, 0, 4096}, {TS_FORM_PLAIN, 4, 0, 256},   {TS_FORM_PLAIN, 8, 0, 256},
    {TS_FORM_PLAIN, 16, 0, 1024},   {TS_FORM_PLAIN, 32, 0, 4096},
};

const char *form_name(ts_form form) {
    static const char *const names[] = {"ranked", "dealt", "blocked", "plain"};
    return names[form];
}

/* Neuron counts at both ends of what a kernel is for, at the ends of its blocks, and between. */
static uint32_t neurons_of(const advance_kernel *kernel, test_random *random, bool small) {
    const uint32_t small_most = kernel->lanes == 1 ? 64 : 400; /* a device without much shared memory, too */
    const uint32_t most = small && kernel->most_neurons > small_most ? small_most : kernel->most_neurons;
    const uint32_t count = 1 + (uint32_t)(random_word(random) % most);
    const uint32_t whole = (count + kernel->lanes - 1) / kernel->lanes * kernel->lanes;
    switch (random_word(random) % 8) {
    case 0:
        return small && (kernel->lanes == 1 || kernel->lanes == 32) ? most : kernel->most_neurons;
    case 1:
        return 1 + (uint32_t)(random_word(random) % 4);
    case 2:
        return whole < most ? whole : most;
    case 3:
        return whole < most ? whole + 1 : most;
    default:
        return count;
    }
}

/* Transitions as the backend gives them to this kernel. */
static double eta_of(const advance_kernel *kernel, test_random *random, double *neurons) {
    if (kernel->form == TS_FORM_RANKED) { /* so many that the batches are as short as they should be */
        const double in_transition = kernel->batch == 8 ? 0.15 : random_between(random, 0.21, 2);
        const double eta = fmin(fmax(in_transition / *neurons, 1e-5), 0.49);
        *neurons = kernel->batch == 8 ? *neurons : (uint32_t)fmax(*neurons, 0.21 / eta);
        return eta;
    }
    if (kernel->form == TS_FORM_DEALT) /* at most as many as there are lanes for */
        return fmin(fmax(random_between(random, 0, 0.38) * kernel->lanes / *neurons, 1e-5), 0.0199);
    return random_between(random, 0.021, 0.49);
}

/* Which parameters besides epsilon have two values: one or two of half the configurations. */
static void choose_axes(test_random *random, bool chosen[TS_PARAMETER_COUNT]) {
    const uint64_t count = random_word(random) % 2 ? 0 : 1 + random_word(random) % 2;
    for (int p = 0; p < TS_PARAMETER_COUNT; p++)
        chosen[p] = false;
    for (uint64_t i = 0; i < count; i++)
        chosen[TS_PARAMETER_NEURONS + random_word(random) % (TS_PARAMETER_COUNT - 1)] = true;
}

/* A second value, above the first one; at most so much, and equal where there is none. */
static double second_value(test_random *random, double first, double most) {
    return fmax(first, fmin(first * pow(10, random_between(random, 0.05, 1.5)), most));
}

/* A second network size: one below the first, or one above that the device has room for. */
static void choose_sizes(const ts_settings *settings, bool small, test_random *random, double neurons[2]) {
    const double most = fmin(small ? 400 : TS_MAX_NEURONS, TS_MAX_NEURONS / (double)settings->dimension);
    neurons[1] = floor(second_value(random, neurons[0], most));
    if (random_word(random) % 2) {
        neurons[1] = neurons[0];
        neurons[0] = 1 + (double)(random_word(random) % (uint64_t)neurons[1]);
    }
}

/* Width, activation and target, and a network size that suits them. Jumps are as far apart as the largest eta wants. */
static void choose_network(ts_settings *settings, const advance_kernel *kernel, test_random *random, bool two_etas,
                           parity_axes *axes) {
    double *neurons = axes->of[TS_PARAMETER_NEURONS], *eta = axes->of[TS_PARAMETER_ETA];
    eta[0] = kernel->form == TS_FORM_PLAIN ? settings->eta : eta_of(kernel, random, &neurons[0]);
    eta[1] = two_etas ? second_value(random, eta[0], 0.49) : eta[0];
    settings->eta = eta[1];
    settings->jump_count = 0;
    if (kernel->form == TS_FORM_PLAIN)
        random_other_network(settings, random);
    else
        random_target(settings, random);
    if (settings->activation == TS_ACTIVATION_RELU)
        eta[0] = eta[1] = 0;
    settings->eta = eta[0];
    if (kernel->form == TS_FORM_PLAIN) {
        const uint32_t dimension = (uint32_t)settings->dimension, most = TS_MAX_NEURONS / dimension;
        neurons[0] = fmin(ceil(neurons[0] / dimension), most);
    }
}

test_random parity_random(uint64_t seed, long number) {
    test_random random = {(seed * UINT64_C(0x9E3779B97F4A7C15)) ^ (((uint64_t)number + 1) << 32)};
    for (int i = 0; i < 8; i++)
        random_word(&random); /* until neighbours have nothing in common */
    return random;
}

/* The axes that were chosen, where there are two values. Returns the number of cells. */
static size_t set_parity_axes(ts_settings *settings, const bool chosen[TS_PARAMETER_COUNT], const parity_axes *axes) {
    size_t cells = 1;
    for (int p = 0; p < TS_PARAMETER_COUNT; p++) {
        const bool has_two = chosen[p] && axes->of[p][1] > axes->of[p][0];
        if (has_two || p == TS_PARAMETER_EPSILON || p == TS_PARAMETER_NEURONS)
            settings->axis[p] = (ts_sweep_axis){axes->of[p], has_two ? 2 : 1};
        cells *= has_two ? 2 : 1;
    }
    return cells;
}

ts_settings parity_settings(const advance_kernel *kernel, bool small, test_random *random, parity_axes *axes) {
    ts_settings settings = random_settings(random);
    double *epsilon = axes->of[TS_PARAMETER_EPSILON], *neurons = axes->of[TS_PARAMETER_NEURONS];
    double *h = axes->of[TS_PARAMETER_H], *noise = axes->of[TS_PARAMETER_NOISE];
    bool chosen[TS_PARAMETER_COUNT];
    *axes = (parity_axes){{{0}}};
    choose_axes(random, chosen);
    neurons[0] = neurons_of(kernel, random, small);
    choose_network(&settings, kernel, random, chosen[TS_PARAMETER_ETA], axes);
    if (chosen[TS_PARAMETER_NEURONS])
        choose_sizes(&settings, small, random, neurons);
    const double most_neurons = fmax(neurons[0], neurons[1]);
    if (kernel->form != TS_FORM_PLAIN) /* or it would be for the plain form */
        settings.start_weight = fmin(settings.start_weight, 64.0 / most_neurons);
    if (settings.start_weight > 0) /* as the ranges of the numbers want it of large ones */
        settings.h = fmin(settings.h, 0.125);
    h[0] = settings.h;
    h[1] = second_value(random, h[0], settings.start_weight > 0 ? 0.125 : 0.25);
    noise[0] = settings.noise;
    noise[1] = noise[0] + random_between(random, 0.1, 3);
    epsilon[0] = pow(10, random_between(random, -5, 0));
    epsilon[1] = epsilon[0] * random_between(random, 1.1, 5);
    chosen[TS_PARAMETER_EPSILON] = random_word(random) % 2;
    const double cells = (double)set_parity_axes(&settings, chosen, axes);
    settings.keep_trainings = true;
    const double replicates = (small ? 64.0 / kernel->lanes + 1 : 100) * 2 / fmax(cells, 2);
    settings.replicates = 1 + random_word(random) % (uint64_t)fmax(replicates, 2);
    const double work = (small ? 2.5e5 : 5e7) / (fmax(cells, 2) * (double)settings.replicates * (most_neurons + 20));
    const uint64_t most = work < 30 ? 30 : work > (small ? 300 : 4000) ? (small ? 300 : 4000) : (uint64_t)work;
    settings.steps = 1 + random_word(random) % most;
    return settings;
}
