/* What the verbs share. */
#include "cli/cli.h"
#include "io/netcdf/result.h"
#include "model/grid.h"

#include <argp.h>
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define LEAST_COLUMNS 20

void ts_assignments_add(ts_assignments *assignments, const char *text) {
    const char **grown = realloc(assignments->item, (assignments->count + 1) * sizeof *grown);
    if (!grown) {
        fputs("timescape: not enough memory for the command line\n", stderr);
        exit(TS_FAILED);
    }
    assignments->item = grown;
    assignments->item[assignments->count++] = text;
}

int ts_parse_whole(const struct argp_state *state, const char *option, const char *text, int low, int high) {
    char *end;
    errno = 0;
    const long value = strtol(text, &end, 10);
    if (errno || end == text || *end || value < low || value > high)
        argp_error(state, "%s: found '%s', allowed are whole numbers from %d to %d", option, text, low, high);
    return (int)value;
}

double ts_parse_variance(const struct argp_state *state, const char *text) {
    char *end;
    const double value = strtod(text, &end);
    if (end == text || *end || !(value > 0 && value <= 1))
        argp_error(state, "--unexplained-variance: found '%s', allowed are numbers above 0 and up to 1", text);
    return value;
}

double ts_parse_level(const struct argp_state *state, const char *text) {
    char *end;
    const double value = strtod(text, &end);
    if (end == text || *end || !(value > 0 && value < 1))
        argp_error(state, "--level: found '%s', allowed are numbers above 0 and below 1", text);
    return value;
}

void ts_parse_value(const struct argp_state *state, const char *option, ts_parameter parameter, const char *text,
                    double at[TS_PARAMETER_COUNT]) {
    char *end;
    errno = 0; /* of what is too large, or nearer to 0 than a double can be */
    const double value = strtod(text, &end);
    const bool may_be_0 = parameter == TS_PARAMETER_NOISE;
    if (errno || end == text || *end || !isfinite(value) || !(value > 0 || (may_be_0 && value == 0)))
        argp_error(state, "%s: found '%s', allowed are numbers above 0%s", option, text, may_be_0 ? " and 0" : "");
    at[parameter] = value;
}

ts_parameter ts_parse_parameter(const struct argp_state *state, const char *option, const char *text) {
    const int found = ts_parameter_find(text);
    char names[96] = "";
    for (int p = 0; p < TS_PARAMETER_COUNT; p++) {
        const size_t length = strlen(names);
        snprintf(names + length, sizeof names - length, "%s%s", p > 0 ? ", " : "", ts_parameters[p].name);
    }
    if (found < 0)
        argp_error(state, "%s: found '%s', allowed are %s", option, text, names);
    return (ts_parameter)found;
}

void ts_parse_at(const struct argp_state *state, const char *text, double at[TS_PARAMETER_COUNT]) {
    const char *equals = strchr(text, '=');
    char name[16];
    snprintf(name, sizeof name, "%.*s", equals ? (int)(equals - text) : (int)strlen(text), text);
    if (!equals)
        argp_error(state, "--at: found '%s', needed is AXIS=VALUE, as in --at h=1e-4", text);
    else
        ts_parse_value(state, "--at", ts_parse_parameter(state, "--at", name), equals + 1, at);
}

void ts_print_error(const ts_error *error) {
    fprintf(stderr, "timescape: %s\n", error->message);
}

ts_status ts_load_config(const char *path, const ts_assignments *assignments, ts_config *config, ts_error *error) {
    char *text;
    if (!ts_result_recognise(path))
        return ts_config_load(config, path, assignments->item, assignments->count, error);
    ts_status status = ts_result_configuration(path, &text, error);
    if (status == TS_OK)
        status = ts_config_load_text(config, path, text, strlen(text), assignments->item, assignments->count, error);
    free(text);
    return status;
}

ts_status ts_load_sweep(const char *path, const ts_assignments *assignments, ts_config *config, ts_sweep **sweep) {
    ts_error error = {0};
    ts_status status = ts_load_config(path, assignments, config, &error);
    if (status == TS_OK) {
        status = ts_sweep_create(sweep, &config->settings, &error);
        if (status != TS_OK)
            ts_config_free(config);
    }
    if (status != TS_OK)
        ts_print_error(&error);
    return status;
}

void ts_format_duration(char *text, size_t size, double seconds) {
    if (seconds < 0.995) {
        snprintf(text, size, "%.2f s", seconds);
    } else if (seconds < 9.95) {
        snprintf(text, size, "%.1f s", seconds);
    } else if (seconds < 59.5) {
        snprintf(text, size, "%.0f s", seconds);
    } else if (seconds < 3600) {
        snprintf(text, size, "%d min %d s", (int)seconds / 60, (int)seconds % 60);
    } else if (seconds < 86400 * 2) {
        snprintf(text, size, "%d h %d min", (int)seconds / 3600, (int)seconds % 3600 / 60);
    } else {
        snprintf(text, size, "%.0f days", seconds / 86400);
    }
}

int ts_terminal_width(FILE *stream) {
    struct winsize size;
    return ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

int ts_terminal_columns(FILE *stream) {
    const int width = ts_terminal_width(stream);
    return width > LEAST_COLUMNS ? width : LEAST_COLUMNS;
}

bool ts_reader_is_gone(FILE *stream) {
    struct pollfd end = {.fd = fileno(stream), .events = POLLOUT};
    return poll(&end, 1, 0) == 1 && end.revents & POLLERR;
}

bool ts_terminal_colour(FILE *stream) {
    const char *terminal = getenv("TERM");
    const char *no_colour = getenv("NO_COLOR");
    if (no_colour && *no_colour)
        return false;
    return isatty(fileno(stream)) && terminal && strcmp(terminal, "dumb") != 0;
}
