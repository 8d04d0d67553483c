/* Which backend a request means on this machine. */
#include "backend/backend.h"

#include <stdio.h>
#include <string.h>

static const ts_backend backends[] = {
    {"cpu", ts_cpu_run, ts_cpu_forecast},
    {"reference", ts_reference_run, ts_reference_forecast},
#ifdef TIMESCAPE_HAS_CUDA
    {"cuda", ts_cuda_run, ts_cuda_forecast},
#endif
};

#define BACKEND_COUNT (sizeof backends / sizeof backends[0])

#ifndef TIMESCAPE_HAS_CUDA
bool ts_cuda_works(char *reason, size_t reason_size) {
    snprintf(reason, reason_size, "this build has no CUDA backend");
    return false;
}

ts_status ts_cuda_devices(const ts_run_options *options, ts_devices *devices, ts_error *error) {
    (void)options;
    (void)devices;
    ts_cuda_works(error->message, sizeof error->message);
    return TS_FAILED;
}

bool ts_gpu_text(size_t index, char *text, size_t size) {
    (void)index;
    (void)text;
    (void)size;
    return false;
}
#endif

const char *ts_backend_choose(const char *requested, char *reason, size_t reason_size) {
    if (reason_size > 0)
        reason[0] = '\0';
    const bool automatic = !requested || strcmp(requested, "auto") == 0;
    if (automatic || strcmp(requested, "cuda") == 0) {
        char why[256];
        if (ts_cuda_works(why, sizeof why))
            return "cuda";
        snprintf(reason, reason_size, "%s%s", automatic ? "running on the CPU: " : "", why);
        return automatic ? "cpu" : NULL;
    }
    for (size_t i = 0; i < BACKEND_COUNT; i++)
        if (strcmp(requested, backends[i].name) == 0)
            return backends[i].name;
    snprintf(reason, reason_size, "no backend is named '%s'; there are auto, cpu, cuda and reference", requested);
    return NULL;
}

ts_status ts_backend_for(const ts_settings *settings, const char *requested, const char **backend, char *reason,
                         size_t reason_size) {
    const bool automatic = !requested || strcmp(requested, "auto") == 0;
    const bool flow = settings->dynamics == TS_DYNAMICS_GRADIENT_FLOW;
    if (flow && automatic) {
        *backend = "reference";
        snprintf(reason, reason_size, "running on the backend reference, which alone has gradient_flow");
        return TS_OK;
    }
    const bool known = automatic || ts_backend_named(requested) || strcmp(requested, "cuda") == 0;
    if (flow && known && strcmp(requested, "reference") != 0) {
        snprintf(reason, reason_size,
                 "the backend %s has no dynamics gradient_flow: it is computed by the backend reference alone",
                 requested);
        return TS_INVALID;
    }
    *backend = ts_backend_choose(requested, reason, reason_size);
    return *backend ? TS_OK : known ? TS_FAILED : TS_INVALID; /* a machine without, or no such name */
}

const ts_backend *ts_backend_named(const char *name) {
    for (size_t i = 0; i < BACKEND_COUNT; i++)
        if (strcmp(name, backends[i].name) == 0)
            return &backends[i];
    return NULL;
}
