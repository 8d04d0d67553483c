/* timescape check: what a configuration would do, without doing it. */
#include "backend/machine.h"
#include "cli/cli.h"
#include "io/netcdf/result.h"
#include "model/grid.h"
#include "sweep/limits.h"

#include <argp.h>
#include <math.h>
#include <stdlib.h>

typedef struct check_arguments {
    const char *config;
    ts_assignments assignments;
    ts_run_options options;
} check_arguments;

enum { OPTION_SET = 256 };

#define SMALL_PART 0.05 /* of the time is not worth a word */

static const struct argp_option check_options[] = {
    {"set", OPTION_SET, "KEY=VALUE", 0, "Change a key of the configuration, e.g. sgd.h=1e-5; may be repeated", 0},
    {0},
};

static error_t parse_check(int key, char *argument, struct argp_state *state) {
    check_arguments *arguments = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &arguments->options;
        return 0;
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

/* A limit takes some tens of microseconds on one thread: next to nothing. */
static void print_limits(const ts_settings *s) {
    const uint64_t starts = ts_limits_starts(s) * ts_grid_length(s, TS_PARAMETER_NEURONS);
    printf("limits      %llu starts (epsilon -> 0)\n", (unsigned long long)starts);
}

static void print_axes(const ts_settings *s) {
    for (int p = 0; p < TS_PARAMETER_COUNT; p++) {
        const ts_sweep_axis *axis = &s->axis[p];
        if (axis->count == 0)
            continue;
        if (axis->count == 1)
            printf("%-11s %g", ts_parameters[p].name, axis->values[0]);
        else
            printf("%-11s %zu values from %g to %g", ts_parameters[p].name, axis->count, axis->values[0],
                   axis->values[axis->count - 1]);
        printf("%s", p == TS_PARAMETER_NEURONS && s->dimension > 1 ? " for each of " : "\n");
        if (p == TS_PARAMETER_NEURONS && s->dimension > 1)
            printf("%zu coordinates\n", s->dimension);
    }
}

static void print_steps(const ts_sweep *sweep, size_t cell) {
    const ts_cell_summary summary = ts_sweep_summary(sweep, cell);
    printf("%.3g at epsilon %g", (double)summary.steps, summary.epsilon);
    if (ts_sweep_settings(sweep)->axis[TS_PARAMETER_H].count > 0)
        printf(", h %g", summary.h);
}

/* Narrow and wide transitions have thresholds of their own: those at this value of eta. */
static void print_success(const ts_settings *s, size_t place) {
    const double variance = ts_target_variance(s);
    ts_settings own = *s;
    own.eta = ts_grid_value(s, TS_PARAMETER_ETA, place);
    const double floor = ts_loss_floor(&own);
    printf("success     loss at most %.4g (floor %.4g + %g of the variance %.4g)",
           floor + s->unexplained_variance * variance, floor, s->unexplained_variance, variance);
    if (s->axis[TS_PARAMETER_ETA].count > 0)
        printf(" at eta %g", own.eta);
    printf("%s\n", s->stop == TS_STOP_NEVER ? "" : " when observed or at the horizon; then a training stops");
}

static void print_observations(const ts_settings *s) {
    static const char *const clocks[] = {
        [TS_CLOCK_STEPS] = "step", [TS_CLOCK_SLOW_TIME] = "slow time", [TS_CLOCK_FAST_TIME] = "fast time"};
    printf("observed    %zu times from %s %g to %g\n", s->observe_count, clocks[s->observe_clock], s->observe[0],
           s->observe[s->observe_count - 1]);
}

/* "1e+06 to 3e+06", or one number. */
static void print_range(double least, double most) {
    if (least < most)
        printf("%.3g to ", least);
    printf("%.3g", most);
}

static void print_trainings(const ts_settings *s, const ts_estimate *estimate, size_t cells) {
    if (s->half_width > 0)
        printf("trainings   %llu to %llu (%llu to %llu in each of %zu cells, for intervals of half width %g)\n",
               (unsigned long long)estimate->least_trainings, (unsigned long long)estimate->trainings,
               (unsigned long long)s->least_replicates, (unsigned long long)s->replicates, cells, s->half_width);
    else
        printf("trainings   %llu (%llu in each of %zu cells)\n", (unsigned long long)estimate->trainings,
               (unsigned long long)s->replicates, cells);
}

static void print_grid(const ts_config *config, const ts_sweep *sweep) {
    const ts_settings *s = ts_sweep_settings(sweep);
    const ts_estimate estimate = ts_sweep_estimate(sweep);
    if (config->title[0])
        printf("%s\n", config->title);
    print_axes(s);
    print_trainings(s, &estimate, ts_sweep_cell_count(sweep));
    if (s->theory)
        print_limits(s);
    printf("steps       ");
    print_steps(sweep, 0);
    printf(", ");
    print_steps(sweep, ts_sweep_cell_count(sweep) - 1);
    printf("\n");
    if (s->observe_count > 0)
        print_observations(s);
    printf("work        ");
    print_range(estimate.least_training_steps, estimate.training_steps);
    printf(" training steps, ");
    print_range(estimate.least_neuron_steps, estimate.neuron_steps);
    printf(" neuron steps\n");
    printf("memory      %.1f MiB%s\n", estimate.memory_bytes / 0x1p20,
           estimate.memory_bytes < ts_machine_memory("") ? "" : ", more than there is");
    if (s->jump_count == 0)
        printf("target      is constant: there is no variance to explain, and only a loss of 0 would be a success\n");
    print_success(s, 0);
    if (ts_grid_length(s, TS_PARAMETER_ETA) > 1)
        print_success(s, ts_grid_length(s, TS_PARAMETER_ETA) - 1);
}

static void print_part(double seconds, double all, const char *what) {
    char duration[32];
    if (!(seconds > SMALL_PART * all))
        return;
    ts_format_duration(duration, sizeof duration, seconds);
    printf(", %s of it for %s", duration, what);
}

/* "about 40 s on this machine (cpu, avx2, 2 threads, measured just now), 38 s of it for the limits" */
static void print_forecast(const ts_forecast *forecast, double writing) {
    char duration[32];
    const double besides = forecast->limit_seconds + writing;
    const double seconds = forecast->training_seconds + besides, least = forecast->least_training_seconds + besides;
    if (isnan(seconds)) {
        printf("time        could not be measured: a single step or loss takes many seconds\n");
        return;
    }
    printf("time        ");
    if (least < seconds) {
        ts_format_duration(duration, sizeof duration, least);
        printf("%s to ", duration);
    }
    ts_format_duration(duration, sizeof duration, seconds);
    printf("%s%s on this machine (%s", least < seconds ? "" : "about ", duration, forecast->backend);
    if (forecast->device[0])
        printf(", %s", forecast->device);
    else
        printf("%s%s, %d thread%s", forecast->instructions[0] ? ", " : "", forecast->instructions, forecast->threads,
               forecast->threads == 1 ? "" : "s");
    printf(", measured just now)");
    print_part(forecast->limit_seconds, seconds, "the limits");
    print_part(writing, seconds, "writing the result");
    printf("\n");
}

static ts_status print_time(const ts_sweep *sweep, ts_run_options *options) {
    ts_error error = {0};
    ts_forecast forecast;
    ts_status status = ts_choose_backend(options, ts_sweep_settings(sweep), false);
    if (status != TS_OK)
        return status;
    status = ts_sweep_forecast(sweep, options, &forecast, &error);
    if (status == TS_OK)
        print_forecast(&forecast, ts_result_writing_seconds(sweep));
    else
        ts_print_error(&error);
    return status;
}

int ts_cli_check(int argc, char **argv) {
    static const struct argp_child children[] = {{&ts_run_options_parser, 0, NULL, 0}, {0}};
    static const struct argp argp = {check_options,
                                     parse_check,
                                     "CONFIG",
                                     "Validate a configuration, or that which is in a result file, and print its grid, "
                                     "steps, memory and the time it would take.",
                                     children,
                                     NULL,
                                     NULL};
    check_arguments arguments = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &arguments);
    ts_config config = {0};
    ts_sweep *sweep = NULL;
    ts_status status = ts_load_sweep(arguments.config, &arguments.assignments, &config, &sweep);
    if (status == TS_OK) {
        print_grid(&config, sweep);
        status = print_time(sweep, &arguments.options);
        ts_sweep_destroy(sweep);
        ts_config_free(&config);
    }
    free(arguments.assignments.item);
    return (int)status;
}
