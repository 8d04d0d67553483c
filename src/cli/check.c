/* timescape check: what a configuration would do, without doing it. */
#include "cli/cli.h"

#include <argp.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct check_arguments {
    const char *config;
    ts_assignments assignments;
} check_arguments;

enum { OPTION_SET = 256 };

static const struct argp_option check_options[] = {
    {"set", OPTION_SET, "KEY=VALUE", 0, "Change a key of the configuration, e.g. sgd.h=1e-5; may be repeated", 0},
    {0},
};

static error_t parse_check(int key, char *argument, struct argp_state *state) {
    check_arguments *arguments = state->input;
    switch (key) {
    case OPTION_SET:
        ts_assignments_add(&arguments->assignments, argument);
        return 0;
    case ARGP_KEY_ARG:
        if (arguments->config)
            argp_error(state, "one configuration file at a time; found '%s' after '%s'", argument, arguments->config);
        arguments->config = argument;
        return 0;
    case ARGP_KEY_END:
        if (!arguments->config)
            argp_error(state, "the configuration file is missing");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

#define SAMPLE_SECONDS 0.15 /* of measuring for each of two neuron counts */

/* Seconds for one step of one training with `neurons` neurons when all threads work; NaN when it cannot be measured. */
static double measure_step(const ts_settings *settings, const char *backend, uint32_t neurons) {
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    uint64_t steps = 1000;
    for (int attempt = 0; attempt < 20; attempt++, steps *= 4) {
        ts_settings sample = *settings;
        sample.neurons = &neurons;
        sample.neurons_count = 1;
        sample.epsilon_count = 1;
        sample.steps = steps;
        sample.slow_time = sample.min_fast_time = 0;
        sample.replicates = processors > 8 ? 2 * (uint64_t)processors : 16;
        sample.keep_trainings = false;
        ts_sweep *sweep;
        if (ts_sweep_create(&sweep, &sample, NULL) != TS_OK)
            return NAN;
        ts_run_report report = {0};
        const ts_status status = ts_sweep_run(sweep, &(ts_run_options){.backend = backend}, &report, NULL);
        ts_sweep_destroy(sweep);
        if (status != TS_OK)
            return NAN;
        if (report.seconds >= SAMPLE_SECONDS)
            return report.seconds / report.training_steps;
    }
    return NAN;
}

/* The cost of a step is taken as linear in m, measured at both ends of the axis. */
static double estimate_seconds(const ts_settings *settings, const char *backend) {
    const uint32_t few = settings->neurons[0], many = settings->neurons[settings->neurons_count - 1];
    const double cost_few = measure_step(settings, backend, few);
    const double cost_many = many > few ? measure_step(settings, backend, many) : cost_few;
    double seconds = 0;
    for (size_t i = 0; i < settings->epsilon_count; i++)
        for (size_t j = 0; j < settings->neurons_count; j++) {
            const double part = many > few ? (double)(settings->neurons[j] - few) / (many - few) : 0;
            const double cost = cost_few + part * (cost_many - cost_few);
            seconds += cost * ts_horizon_steps(settings, settings->epsilon[i]) * (double)settings->replicates;
        }
    return seconds;
}

static void print_grid(const ts_config *config, const ts_sweep *sweep) {
    const ts_settings *s = ts_sweep_settings(sweep);
    const ts_estimate estimate = ts_sweep_estimate(sweep);
    const double smallest = s->epsilon[0], largest = s->epsilon[s->epsilon_count - 1];
    if (config->title[0])
        printf("%s\n", config->title);
    printf("epsilon     %zu values from %g to %g\n", s->epsilon_count, smallest, largest);
    printf("neurons     %zu values from %u to %u\n", s->neurons_count, s->neurons[0], s->neurons[s->neurons_count - 1]);
    printf("trainings   %llu (%llu in each of %zu cells)\n", (unsigned long long)estimate.trainings,
           (unsigned long long)s->replicates, s->epsilon_count * s->neurons_count);
    printf("steps       %.3g at epsilon %g, %.3g at epsilon %g\n", ts_horizon_steps(s, smallest), smallest,
           ts_horizon_steps(s, largest), largest);
    printf("work        %.3g training steps, %.3g neuron steps\n", estimate.training_steps, estimate.neuron_steps);
    const double memory = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    printf("memory      %.1f MiB%s\n", estimate.memory_bytes / 0x1p20,
           estimate.memory_bytes < memory ? "" : ", more than this machine has");
    if (s->jump_count == 0)
        printf("target      is constant: there is no variance to explain, and only a loss of 0 would be a success\n");
    printf("success     loss at most %.4g (floor %.4g + %g of the variance %.4g)\n",
           ts_loss_floor(s) + s->unexplained_variance * ts_target_variance(s), ts_loss_floor(s),
           s->unexplained_variance, ts_target_variance(s));
}

static void print_time(const ts_settings *settings) {
    ts_error reason = {0};
    const char *backend = ts_backend_choose("auto", reason.message, sizeof reason.message);
    const double seconds = estimate_seconds(settings, backend);
    if (isnan(seconds)) {
        printf("time        could not be measured\n");
        return;
    }
    char duration[32];
    ts_format_duration(duration, sizeof duration, seconds);
    printf("time        about %s on this machine (%s, measured just now)\n", duration, backend);
}

int ts_cli_check(int argc, char **argv) {
    static const struct argp argp = {
        check_options, parse_check,
        "CONFIG",      "Validate a configuration and print its grid, steps, memory and the time it would take.",
        NULL,          NULL,
        NULL};
    check_arguments arguments = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &arguments);
    ts_config config = {0};
    ts_sweep *sweep = NULL;
    const ts_status status = ts_load_sweep(arguments.config, &arguments.assignments, &config, &sweep);
    if (status == TS_OK) {
        print_grid(&config, sweep);
        print_time(ts_sweep_settings(sweep));
        ts_sweep_destroy(sweep);
        ts_config_free(&config);
    }
    free(arguments.assignments.item);
    return (int)status;
}
