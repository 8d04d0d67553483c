/* Usage: timescape_parity [--configurations N] [--seed S] [--devices LIST] [--small]
 *
 * Runs random configurations on the backends cpu and cuda and compares every statistic and every kept value by memcmp;
 * then once more with stops at random steps, from each of which either backend goes on, and as a trace. Every kernel is
 * forced in turn, with random chunk lengths. A program of its own, without CMocka, so that a machine with nothing but a
 * compiler and a GPU can run it. --small keeps the work fit for an emulator. Exit status: 0 all equal, 1 a difference
 * or a failed run, 2 wrong usage. */
#include "backend/cuda/shape.h"
#include "backend/random_settings.h"
#include "backend/stops.h"
#include "model/plain.h"
#include "sweep/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_DEVICES 16

typedef struct arguments {
    long configurations;
    uint64_t seed;
    int device[MOST_DEVICES];
    size_t device_count;
    bool small;
} arguments;

static bool parse_devices(arguments *a, const char *text) {
    for (const char *at = text; a->device_count < MOST_DEVICES; at++) {
        char *end;
        a->device[a->device_count++] = (int)strtol(at, &end, 10);
        if (end == at || (*end && *end != ','))
            return false;
        at = end;
        if (!*at)
            return true;
    }
    return false;
}

static bool parse(arguments *a, int argc, char **argv) {
    *a = (arguments){.configurations = 200, .seed = 1};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--small") == 0) {
            a->small = true;
            continue;
        }
        if (i + 1 >= argc)
            return false;
        const char *value = argv[i + 1];
        char *end = NULL;
        if (strcmp(argv[i], "--configurations") == 0)
            a->configurations = strtol(value, &end, 10);
        else if (strcmp(argv[i], "--seed") == 0)
            a->seed = strtoull(value, &end, 10);
        else if (strcmp(argv[i], "--devices") != 0 || !parse_devices(a, value))
            return false;
        if (end && (end == value || *end))
            return false;
        i++;
    }
    return a->configurations > 0 && a->seed > 0;
}

/* ---- one configuration */

/* The kernels: lanes that share a training, and samples of a batch. */
typedef struct advance_kernel {
    ts_form form;
    uint32_t lanes, batch, most_neurons;
} advance_kernel;

static const advance_kernel kernels[] = {
    {TS_FORM_RANKED, 1, 8, 128},    {TS_FORM_RANKED, 1, 4, 128},  {TS_FORM_DEALT, 4, 8, 256},
    {TS_FORM_DEALT, 8, 8, 512},     {TS_FORM_DEALT, 16, 8, 1024}, {TS_FORM_DEALT, 32, 8, 2048},
    {TS_FORM_BLOCKED, 4, 0, 64},    {TS_FORM_BLOCKED, 8, 0, 256}, {TS_FORM_BLOCKED, 16, 0, 1024},
    {TS_FORM_BLOCKED, 32, 0, 4096}, {TS_FORM_PLAIN, 4, 0, 256},   {TS_FORM_PLAIN, 8, 0, 256},
    {TS_FORM_PLAIN, 16, 0, 1024},   {TS_FORM_PLAIN, 32, 0, 4096},
};
#define KERNELS (sizeof kernels / sizeof *kernels)

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
static void choose_eta(ts_settings *settings, const advance_kernel *kernel, test_random *random, uint32_t *neurons) {
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

static ts_settings configuration(const arguments *a, const advance_kernel *kernel, test_random *random, double *epsilon,
                                 uint32_t *neurons) {
    ts_settings settings = random_settings(random);
    neurons[0] = neurons_of(kernel, random, a->small);
    if (kernel->form == TS_FORM_PLAIN) {
        random_other_network(&settings, random);
        neurons[0] = (neurons[0] + (uint32_t)settings.dimension - 1) / (uint32_t)settings.dimension;
    }
    if (kernel->form != TS_FORM_PLAIN)
        choose_eta(&settings, kernel, random, &neurons[0]);
    if (kernel->form != TS_FORM_PLAIN) /* or it would be for the plain form */
        settings.start_weight = fmin(settings.start_weight, 64.0 / neurons[0]);
    epsilon[0] = pow(10, random_between(random, -5, 0));
    epsilon[1] = epsilon[0] * random_between(random, 1.1, 5);
    settings.keep_trainings = true;
    settings.replicates = 1 + random_word(random) % (a->small ? 64 / kernel->lanes + 1 : 100);
    const double work = (a->small ? 3e5 : 5e7) / (2.0 * (double)settings.replicates * (neurons[0] + 20));
    const uint64_t most = work < 30 ? 30 : work > (a->small ? 300 : 4000) ? (a->small ? 300 : 4000) : (uint64_t)work;
    settings.steps = 1 + random_word(random) % most;
    settings.epsilon = epsilon;
    settings.epsilon_count = 1 + random_word(random) % 2;
    settings.neurons = neurons;
    settings.neurons_count = 1;
    return settings;
}

/* What the configurations are meant to bring about. */
typedef struct coverage {
    long kernel_runs[KERNELS], diverged, crossed, outside, odd_replicates, whole_chunks, exact, uniform, common,
        noiseless;
    long largest_pieces, single_piece;
    uint32_t fewest_neurons, most_neurons;
} coverage;

static void count_coverage(coverage *seen, size_t kernel, const ts_sweep *sweep, const ts_run_options *options) {
    const ts_settings *s = &sweep->settings;
    const uint32_t m = sweep->cells[0].neurons, of_coordinate = sweep->cells[0].of_coordinate;
    seen->kernel_runs[kernel]++;
    seen->odd_replicates += s->replicates % 2 == 1;
    seen->whole_chunks += options->chunk_steps == 0;
    seen->exact += s->derivative == TS_DERIVATIVE_EXACT;
    seen->uniform += s->init == TS_INIT_UNIFORM;
    seen->common += s->randomness == TS_RANDOMNESS_COMMON;
    seen->noiseless += s->noise == 0;
    seen->single_piece += s->jump_count == 0;
    seen->largest_pieces =
        (long)s->jump_count + 1 > seen->largest_pieces ? (long)s->jump_count + 1 : seen->largest_pieces;
    seen->most_neurons = m > seen->most_neurons ? m : seen->most_neurons;
    seen->fewest_neurons = seen->fewest_neurons == 0 || m < seen->fewest_neurons ? m : seen->fewest_neurons;
    for (size_t cell = 0; cell < sweep->cell_count; cell++) {
        const ts_kept *kept = &sweep->results.kept[cell];
        bool crossed = false, outside = false;
        seen->diverged += sweep->results.statistics[cell].outcome_count[TS_OUTCOME_DIVERGED] > 0;
        for (size_t i = 0; i < s->replicates * m; i++) {
            outside |= kept->position[i] < 0 || kept->position[i] > INT64_C(1) << TS_POSITION_BITS;
            crossed |= i % of_coordinate > 0 && kept->position[i - 1] > kept->position[i];
        }
        seen->crossed += crossed;
        seen->outside += outside;
    }
}

static const char *difference(const ts_sweep *a, const ts_sweep *b) {
    for (size_t cell = 0; cell < a->cell_count; cell++) {
        const ts_kept *x = &a->results.kept[cell], *y = &b->results.kept[cell];
        const size_t r = a->settings.replicates, m = a->cells[cell].neurons;
        if (memcmp(x->outcome, y->outcome, r) != 0)
            return "outcome";
        if (memcmp(x->bias, y->bias, r * sizeof *x->bias) != 0)
            return "bias";
        if (memcmp(x->weight, y->weight, r * m * sizeof *x->weight) != 0)
            return "weight";
        if (memcmp(x->position, y->position, r * m * sizeof *x->position) != 0)
            return "position";
        if (memcmp(x->loss, y->loss, r * sizeof *x->loss) != 0)
            return "loss";
        if (memcmp(&a->results.statistics[cell], &b->results.statistics[cell], sizeof(ts_statistics)) != 0)
            return "statistics";
    }
    return NULL;
}

/* The kernel that ran a cell on a device of today; on one with little shared memory it may have been another. */
static size_t kernel_of(const ts_cell *cell, const ts_run_options *options) {
    const ts_shape shape = ts_shape_choose(cell, options->lane_group, SIZE_MAX);
    size_t i = 0;
    while (kernels[i].form != shape.form || kernels[i].lanes != shape.lanes || kernels[i].batch != shape.batch)
        i++;
    return i;
}

/* For some, limits that trainings of a few steps reach: weights are examined often, and found too large. As ever, no
 * gradient is above the limit of the drift. */
static void lower_limits(ts_sweep *sweep, bool low) {
    for (size_t i = 0; low && i < sweep->cell_count; i++) {
        ts_cell *cell = &sweep->cells[i];
        cell->residual_limit = cell->residual_limit < INT64_C(1) << 30 ? cell->residual_limit : INT64_C(1) << 30;
        cell->residual_range = 2 * (uint64_t)cell->residual_limit;
        cell->gradient_limit =
            ts_round_shift(cell->residual_limit * cell->gradient.multiplier, cell->gradient.shift) + 1;
        cell->drift_limit = cell->gradient_limit + cell->gradient_limit / 8;
        cell->weight_limit = cell->drift_limit / 8;
    }
}

/* The same trainings with stops: each stretch on the backend cuda, or on the cpu. */
static const char *compare_stops(const ts_settings *settings, const ts_run_options *options, const ts_sweep *whole,
                                 bool low, test_random *random, ts_error *error) {
    const ts_run_options ways[] = {*options, *options, {.backend = "cpu", .threads = 1}};
    ts_sweep *parts = NULL;
    const char *found = error->message;
    if (ts_sweep_create(&parts, settings, error) != TS_OK)
        return found;
    lower_limits(parts, low);
    if (run_with_stops(parts, ways, sizeof ways / sizeof *ways, random, error) == TS_OK)
        found = difference(whole, parts) ? "with stops" : NULL;
    ts_sweep_destroy(parts);
    return found;
}

/* Is training i of a trace at its end as replicate r of the first cell of a sweep? */
static bool same_end(const ts_trace *trace, size_t i, const ts_sweep *sweep, size_t r) {
    const ts_kept *x = &trace->sweep->results.kept[0], *y = &sweep->results.kept[0];
    const size_t m = sweep->cells[0].neurons;
    return x->outcome[i] == y->outcome[r] && x->loss[i] == y->loss[r] && x->bias[i] == y->bias[r] &&
           memcmp(x->position + i * m, y->position + r * m, m * sizeof *x->position) == 0 &&
           memcmp(x->weight + i * m, y->weight + r * m, m * sizeof *x->weight) == 0;
}

/* A trace of some replicates, named out of order, on the backend cuda. */
static const char *compare_trace(const ts_settings *settings, const ts_run_options *options, const ts_sweep *whole,
                                 bool low, test_random *random, ts_error *error) {
    ts_settings cell = *settings;
    cell.epsilon_count = 1;
    const uint32_t last = (uint32_t)settings->replicates - 1, replicate[2] = {last, last / 2};
    const size_t count = last > 0 ? 2 : 1;
    const uint64_t most = settings->steps < 9 ? settings->steps : 9;
    ts_trace *trace = NULL;
    const char *found = error->message;
    if (ts_trace_create(&trace, &cell, replicate, count, 2 + random_word(random) % most, error) != TS_OK)
        return found;
    lower_limits(trace->sweep, low);
    if (ts_trace_run(trace, options, NULL, error) == TS_OK) {
        found = NULL;
        for (size_t i = 0; i < count; i++)
            found = same_end(trace, i, whole, replicate[i]) ? found : "a trace";
    }
    ts_trace_destroy(trace);
    return found;
}

/* Returns what is different or went wrong, NULL when the backends agree. */
static const char *compare(const ts_settings *settings, const ts_run_options *options, coverage *seen,
                           test_random *random, ts_error *error) {
    ts_sweep *cpu = NULL, *cuda = NULL;
    const char *found = error->message;
    const bool low = random_word(random) % 3 == 0;
    const bool created =
        ts_sweep_create(&cpu, settings, error) == TS_OK && ts_sweep_create(&cuda, settings, error) == TS_OK;
    if (created) {
        lower_limits(cpu, low);
        lower_limits(cuda, low);
    }
    if (created && ts_sweep_run(cpu, &(ts_run_options){.backend = "cpu"}, NULL, error) == TS_OK &&
        ts_sweep_run(cuda, options, NULL, error) == TS_OK) {
        found = difference(cpu, cuda);
        if (!found)
            found = compare_stops(settings, options, cpu, low, random, error);
        if (!found && cpu->cells[0].activation == TS_ACTIVATION_STEP && settings->dimension == 1)
            found = compare_trace(settings, options, cpu, low, random, error);
        count_coverage(seen, kernel_of(&cpu->cells[0], options), cpu, options);
    }
    ts_sweep_destroy(cpu);
    ts_sweep_destroy(cuda);
    return found;
}

/* Outcomes alone, without the trainings that they are of: as many end where the limit says. */
static const char *compare_with_limit(const ts_settings *settings, const ts_run_options *options, ts_error *error) {
    ts_settings with_limit = *settings;
    with_limit.theory = true;
    with_limit.keep_trainings = false;
    ts_sweep *cpu = NULL, *cuda = NULL;
    const char *found = error->message;
    if (ts_sweep_create(&cpu, &with_limit, error) == TS_OK && ts_sweep_create(&cuda, &with_limit, error) == TS_OK &&
        ts_sweep_run(cpu, &(ts_run_options){.backend = "cpu"}, NULL, error) == TS_OK &&
        ts_sweep_run(cuda, options, NULL, error) == TS_OK) {
        found = NULL;
        for (size_t i = 0; i < cpu->cell_count; i++)
            if (ts_sweep_summary(cpu, i, 0).limit_agreement_count != ts_sweep_summary(cuda, i, 0).limit_agreement_count)
                found = "agreement with the limit";
    }
    ts_sweep_destroy(cpu);
    ts_sweep_destroy(cuda);
    return found;
}

/* ---- all of them */

static int run(const arguments *a, coverage *seen) {
    test_random random = {a->seed * UINT64_C(0x9E3779B97F4A7C15)};
    int differences = 0;
    for (long i = 0; i < a->configurations; i++) {
        const advance_kernel *kernel = &kernels[(size_t)i % KERNELS];
        double epsilon[2];
        uint32_t neurons[1];
        const ts_settings settings = configuration(a, kernel, &random, epsilon, neurons);
        const ts_run_options options = {
            .backend = "cuda",
            .lane_group = (int)kernel->lanes,
            .chunk_steps = random_word(&random) % 3 ? 1 + random_word(&random) % (settings.steps + 1) : 0,
            .devices = a->device,
            .device_count = a->device_count,
        };
        ts_error error = {0};
        const char *found = compare(&settings, &options, seen, &random, &error);
        if (!found && i % 8 == 0 && kernel->form != TS_FORM_PLAIN)
            found = compare_with_limit(&settings, &options, &error);
        if (!found)
            continue;
        differences++;
        printf("configuration %ld of seed %llu (m = %u, dimension %zu%s, form %d, %u lanes, batches of %u, %llu steps, "
               "%llu replicates): %s\n",
               i, (unsigned long long)a->seed, neurons[0], settings.dimension,
               settings.activation == TS_ACTIVATION_RELU ? ", ReLU" : "", (int)kernel->form, kernel->lanes,
               kernel->batch, (unsigned long long)settings.steps, (unsigned long long)settings.replicates, found);
    }
    return differences;
}

/* Runs that would prove little must not pass. */
static bool covers(const arguments *a, const coverage *seen) {
    bool fine = seen->diverged > 0 && seen->crossed > 0 && seen->outside > 0 && seen->noiseless > 0;
    for (size_t i = 0; i < KERNELS && a->configurations >= 60; i++)
        if (seen->kernel_runs[i] < a->configurations / 20) {
            printf("only %ld configurations ran in form %d on %u lanes in batches of %u\n", seen->kernel_runs[i],
                   (int)kernels[i].form, kernels[i].lanes, kernels[i].batch);
            fine = false;
        }
    return fine || a->configurations < 60;
}

int main(int argc, char **argv) {
    arguments a;
    coverage seen = {0};
    if (!parse(&a, argc, argv)) {
        fputs("Usage: timescape_parity [--configurations N] [--seed S] [--devices LIST] [--small]\n", stderr);
        return TS_INVALID;
    }
    char text[256], reason[256];
    if (!ts_backend_choose("cuda", reason, sizeof reason)) {
        printf("parity: not run: %s\n", reason);
        return TS_FAILED;
    }
    for (size_t i = 0; ts_gpu_text(i, text, sizeof text); i++)
        printf("GPU %zu: %s\n", i, text);
    const int differences = run(&a, &seen);
    const bool covered = covers(&a, &seen);
    printf(
        "parity: %ld configurations, %d differ. m from %u to %u, up to %ld pieces (%ld constant), %ld with exact "
        "derivative, %ld with uniform start, %ld with common randomness, %ld without noise, %ld with an odd number of "
        "replicates, %ld with chunks by the clock; cells with diverged trainings %ld, with crossings %ld, with "
        "neurons outside %ld\n",
        a.configurations, differences, seen.fewest_neurons, seen.most_neurons, seen.largest_pieces, seen.single_piece,
        seen.exact, seen.uniform, seen.common, seen.noiseless, seen.odd_replicates, seen.whole_chunks, seen.diverged,
        seen.crossed, seen.outside);
    return differences == 0 && covered ? TS_OK : TS_FAILED;
}
