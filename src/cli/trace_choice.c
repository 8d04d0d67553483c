#include "cli/trace_choice.h"

#include "base/fail.h"
#include "model/grid.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Read a number of a replicate and go past it. */
static bool read_number(const char **text, uint64_t *number) {
    char *end;
    errno = 0;
    if (!isdigit((unsigned char)**text))
        return false;
    *number = strtoull(*text, &end, 10);
    *text = end;
    return errno == 0 && *number < TS_MAX_REPLICATES;
}

bool ts_trace_choice_list(ts_trace_choice *choice, const char *text) {
    choice->count = 0;
    for (;; text++) {
        uint64_t first, last;
        if (!read_number(&text, &first))
            return false;
        last = first;
        if (text[0] == '.' && text[1] == '.') {
            text += 2;
            if (!read_number(&text, &last) || last < first)
                return false;
        }
        if (last - first >= TS_MAX_TRACED - choice->count)
            return false;
        for (uint64_t number = first; number <= last; number++)
            choice->replicate[choice->count++] = (uint32_t)number;
        if (*text == '\0')
            return true;
        if (*text != ',')
            return false;
    }
}

bool ts_trace_choice_times(ts_trace_choice *choice, const char *text) {
    const char *const log = "log:";
    uint64_t times;
    choice->log_times = strncmp(text, log, strlen(log)) == 0;
    text += choice->log_times ? strlen(log) : 0;
    if (!read_number(&text, &times) || *text || times < 2 || times > TS_MAX_TRACE_TIMES)
        return false;
    choice->times = times;
    return true;
}

__attribute__((format(printf, 2, 3))) static ts_status refuse(ts_error *error, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    ts_fail_list(error, TS_INVALID, "", format, arguments);
    va_end(arguments);
    return TS_INVALID;
}

static ts_status choose_value(const ts_trace_choice *choice, const ts_settings *settings, ts_parameter parameter,
                              size_t *place, ts_error *error) {
    const char *name = ts_parameters[parameter].name;
    const size_t count = ts_grid_length(settings, parameter);
    const double least = ts_grid_value(settings, parameter, 0), most = ts_grid_largest(settings, parameter),
                 wanted = choice->at[parameter];
    const double *values = settings->axis[parameter].count > 0 ? settings->axis[parameter].values : &least;
    *place = 0;
    if (isnan(wanted) && count > 1)
        return refuse(error, "the configuration has %zu values of %s from %g to %g: choose one with --at %s=%g", count,
                      name, least, most, name, least);
    if (isnan(wanted) || ts_grid_find(parameter, values, count, wanted, place))
        return TS_OK;
    return refuse(error, "%s: found %.10g, the configuration has %zu value%s, the nearest is %.10g", name, wanted,
                  count, count == 1 ? "" : "s", values[*place]);
}

static ts_status choose_cell(const ts_trace_choice *choice, ts_settings *settings, ts_error *error) {
    size_t place[TS_PARAMETER_COUNT];
    ts_status status = TS_OK;
    for (int p = 0; status == TS_OK && p < TS_PARAMETER_COUNT; p++)
        status = choose_value(choice, settings, (ts_parameter)p, &place[p], error);
    if (status == TS_OK)
        *settings = ts_grid_settings(settings, ts_grid_cell(settings, place));
    return status;
}

static ts_status choose_replicates(ts_trace_choice *choice, const ts_settings *settings, ts_error *error) {
    const uint64_t there = settings->replicates;
    const bool listed = choice->count > 0;
    for (uint32_t r = 0; !listed && r < TS_DEFAULT_TRACED && r < there; r++)
        choice->replicate[choice->count++] = r;
    for (size_t i = 0; i < choice->count; i++)
        if (choice->replicate[i] >= there)
            return refuse(error, "--replicates: found %u, the configuration has %llu replicate%s, counted from 0",
                          choice->replicate[i], (unsigned long long)there, there == 1 ? "" : "s");
    return TS_OK;
}

ts_status ts_trace_choice_resolve(ts_trace_choice *choice, ts_settings *settings, ts_error *error) {
    ts_status status = choose_cell(choice, settings, error);
    if (status == TS_OK)
        status = choose_replicates(choice, settings, error);
    if (status == TS_OK && choice->times == 0)
        choice->times = (size_t)fmin(ts_horizon_steps(settings, ts_grid_value(settings, TS_PARAMETER_EPSILON, 0)) + 1,
                                     TS_DEFAULT_TIMES);
    return status;
}
