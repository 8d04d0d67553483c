#include "configurations.h"

#include "tests/axes.h"
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
static void choose_eta(ts_settings *settings, const advance_kernel *kernel, test_random *random, double *neurons) {
    if (kernel->form == TS_FORM_RANKED) { /* so many that the batches are as short as they should be */
        const double in_transition = kernel->batch == 8 ? 0.15 : random_between(random, 0.21, 2);
        settings->eta = fmin(fmax(in_transition / *neurons, 1e-5), 0.49);
        *neurons = kernel->batch == 8 ? *neurons : (uint32_t)fmax(*neurons, 0.21 / settings->eta);
    } else if (kernel->form == TS_FORM_DEALT) /* at most as many as there are lanes for */
        settings->eta = fmin(fmax(random_between(random, 0, 0.38) * kernel->lanes / *neurons, 1e-5), 0.0199);
    else
        settings->eta = random_between(random, 0.021, 0.49);
    settings->jump_count = 0;
    random_target(settings, random);
}

test_random parity_random(uint64_t seed, long number) {
    test_random random = {(seed * UINT64_C(0x9E3779B97F4A7C15)) ^ (((uint64_t)number + 1) << 32)};
    for (int i = 0; i < 8; i++)
        random_word(&random); /* until neighbours have nothing in common */
    return random;
}

ts_settings parity_settings(const advance_kernel *kernel, bool small, test_random *random, double epsilon[2],
                            double neurons[1]) {
    ts_settings settings = random_settings(random);
    neurons[0] = neurons_of(kernel, random, small);
    if (kernel->form == TS_FORM_PLAIN) {
        random_other_network(&settings, random);
        const uint32_t dimension = (uint32_t)settings.dimension, most = TS_MAX_NEURONS / dimension;
        neurons[0] = ceil(neurons[0] / dimension);
        neurons[0] = neurons[0] < most ? neurons[0] : most;
    }
    if (kernel->form != TS_FORM_PLAIN)
        choose_eta(&settings, kernel, random, &neurons[0]);
    if (kernel->form != TS_FORM_PLAIN) /* or it would be for the plain form */
        settings.start_weight = fmin(settings.start_weight, 64.0 / neurons[0]);
    if (settings.start_weight > 0) /* as the ranges of the numbers want it of large ones */
        settings.h = fmin(settings.h, 0.125);
    epsilon[0] = pow(10, random_between(random, -5, 0));
    epsilon[1] = epsilon[0] * random_between(random, 1.1, 5);
    settings.keep_trainings = true;
    settings.replicates = 1 + random_word(random) % (small ? 64 / kernel->lanes + 1 : 100);
    const double work = (small ? 3e5 : 5e7) / (2.0 * (double)settings.replicates * (neurons[0] + 20));
    const uint64_t most = work < 30 ? 30 : work > (small ? 300 : 4000) ? (small ? 300 : 4000) : (uint64_t)work;
    settings.steps = 1 + random_word(random) % most;
    set_axes(&settings, epsilon, 1 + random_word(random) % 2, neurons, 1);
    return settings;
}
