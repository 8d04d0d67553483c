#include "cli/trace_choice.h"

#include "base/fail.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A value of epsilon that was rounded for typing, or read off a picture, is meant. */
#define SAME_EPSILON 0.01

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

static ts_status choose_epsilon(const ts_trace_choice *choice, ts_settings *settings, ts_error *error) {
    const size_t count = settings->epsilon_count;
    if (choice->epsilon == 0 && count > 1)
        return refuse(error, "the configuration has %zu values of epsilon from %g to %g: choose one with --epsilon",
                      count, settings->epsilon[0], settings->epsilon[count - 1]);
    size_t nearest = 0;
    for (size_t i = 1; choice->epsilon > 0 && i < count; i++)
        if (fabs(settings->epsilon[i] - choice->epsilon) < fabs(settings->epsilon[nearest] - choice->epsilon))
            nearest = i;
    const double found = settings->epsilon[nearest];
    if (choice->epsilon > 0 && !(fabs(found - choice->epsilon) <= SAME_EPSILON * found))
        return refuse(error, "--epsilon: found %.10g, the configuration has %zu value%s, the nearest is %.10g",
                      choice->epsilon, count, count == 1 ? "" : "s", found);
    settings->epsilon += nearest;
    settings->epsilon_count = 1;
    return TS_OK;
}

static ts_status choose_neurons(const ts_trace_choice *choice, ts_settings *settings, ts_error *error) {
    const size_t count = settings->neurons_count;
    const uint32_t least = settings->neurons[0], most = settings->neurons[count - 1];
    if (choice->neurons == 0 && count > 1)
        return refuse(error, "the configuration has %zu neuron counts from %u to %u: choose one with --neurons", count,
                      least, most);
    size_t at = 0;
    while (choice->neurons > 0 && at < count && settings->neurons[at] != choice->neurons)
        at++;
    if (at == count)
        return refuse(error, "--neurons: found %u, the configuration has %zu count%s from %u to %u", choice->neurons,
                      count, count == 1 ? "" : "s", least, most);
    settings->neurons += at;
    settings->neurons_count = 1;
    return TS_OK;
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
    ts_status status = choose_epsilon(choice, settings, error);
    if (status == TS_OK)
        status = choose_neurons(choice, settings, error);
    if (status == TS_OK)
        status = choose_replicates(choice, settings, error);
    if (status == TS_OK && choice->times == 0)
        choice->times = (size_t)fmin(ts_horizon_steps(settings, settings->epsilon[0]) + 1, TS_DEFAULT_TIMES);
    return status;
}
