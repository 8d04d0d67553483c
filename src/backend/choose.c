/* The backends that there are, and which of them a request means on this machine. */
#include "backend/backend.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

/* In the order in which they are named to the user. */
static const ts_backend *const backends[] = {&ts_backend_cpu, &ts_backend_cuda, &ts_backend_reference};

#define BACKEND_COUNT (sizeof backends / sizeof backends[0])

bool ts_is_auto(const char *requested) {
    return !requested || strcmp(requested, "auto") == 0;
}

const ts_backend *ts_backend_named(const char *name) {
    for (size_t i = 0; i < BACKEND_COUNT; i++)
        if (strcmp(name, backends[i]->name) == 0)
            return backends[i];
    return NULL;
}

const ts_backend *ts_backend_taking(unsigned option) {
    for (size_t i = 0; i < BACKEND_COUNT; i++)
        if (backends[i]->options & option)
            return backends[i];
    return NULL;
}

size_t ts_backend_list(unsigned dynamics, const char *last, char *text, size_t size) {
    const char *name[BACKEND_COUNT];
    size_t count = 0, length = 0;
    for (size_t i = 0; i < BACKEND_COUNT; i++)
        if (backends[i]->dynamics & dynamics)
            name[count++] = backends[i]->name;
    text[0] = '\0';
    for (size_t i = 0; i < count && length < size; i++) {
        const char *separator = i == 0 ? "" : i + 1 < count ? ", " : last;
        length += (size_t)snprintf(text + length, size - length, "%s%s", separator, name[i]);
    }
    return count;
}

/* ---- what a request means */

/* The names of the configuration file. */
static const char *name_of(unsigned dynamics) {
    return dynamics == TS_HAS_GRADIENT_FLOW ? "gradient_flow" : "sgd";
}

/* Of those that have any of the dynamics, the most preferred one that is less so than `before`. */
static const ts_backend *next_best(unsigned dynamics, int before) {
    const ts_backend *best = NULL;
    for (size_t i = 0; i < BACKEND_COUNT; i++)
        if (backends[i]->dynamics & dynamics && backends[i]->preference < before &&
            (!best || backends[i]->preference > best->preference))
            best = backends[i];
    return best;
}

/* The best one that works, and why it is not the best of all. */
static ts_status choose_best(unsigned dynamics, const ts_backend **chosen, char *reason, size_t size) {
    const ts_backend *wanted = next_best(dynamics, INT_MAX), *best = wanted;
    char why[256] = "", names[128];
    while (best && !best->works(why, sizeof why))
        best = next_best(dynamics, best->preference);
    *chosen = best;
    if (!best) {
        snprintf(reason, size, "%s", why);
        return TS_FAILED;
    }
    const bool alone = ts_backend_list(dynamics, " and ", names, sizeof names) == 1;
    if (best != wanted)
        snprintf(reason, size, "running on %s: %s", best->place, why);
    else if (best != next_best(TS_HAS_ANY, INT_MAX))
        snprintf(reason, size, "running on %s, which %shas %s", best->place, alone ? "alone " : "", name_of(dynamics));
    return TS_OK;
}

static ts_status choose_named(unsigned dynamics, const char *name, const ts_backend **chosen, char *reason,
                              size_t size) {
    const ts_backend *named = ts_backend_named(name);
    char names[128];
    if (!named) {
        ts_backend_list(TS_HAS_ANY, " and ", names, sizeof names);
        snprintf(reason, size, "no backend is named '%s'; there are auto, %s", name, names);
        return TS_INVALID;
    }
    if (!(named->dynamics & dynamics)) {
        const bool alone = ts_backend_list(dynamics, " and ", names, sizeof names) == 1;
        snprintf(reason, size, "the backend %s has no dynamics %s: it is computed by the backend%s %s%s", name,
                 name_of(dynamics), alone ? "" : "s", names, alone ? " alone" : "");
        return TS_INVALID;
    }
    if (!named->works(reason, size))
        return TS_FAILED;
    *chosen = named;
    return TS_OK;
}

/* The backend that a request means for any of the dynamics; its name goes to *name, or NULL. */
static ts_status choose(unsigned dynamics, const char *requested, const char **name, char *reason, size_t size) {
    const ts_backend *chosen = NULL;
    if (size > 0)
        reason[0] = '\0';
    const ts_status status = ts_is_auto(requested) ? choose_best(dynamics, &chosen, reason, size)
                                                   : choose_named(dynamics, requested, &chosen, reason, size);
    *name = chosen ? chosen->name : NULL;
    return status;
}

const char *ts_backend_choose(const char *requested, char *reason, size_t reason_size) {
    const char *name;
    choose(TS_HAS_ANY, requested, &name, reason, reason_size);
    return name;
}

ts_status ts_backend_for(const ts_settings *settings, const char *requested, const char **backend, char *reason,
                         size_t reason_size) {
    const bool flow = settings->dynamics == TS_DYNAMICS_GRADIENT_FLOW;
    return choose(flow ? TS_HAS_GRADIENT_FLOW : TS_HAS_SGD, requested, backend, reason, reason_size);
}

bool ts_gpu_text(size_t index, char *text, size_t size) {
    const ts_backend *on_devices = ts_backend_taking(TS_TAKES_DEVICES);
    return on_devices->device_text && on_devices->device_text(index, text, size);
}
