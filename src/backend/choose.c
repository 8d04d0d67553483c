/* Which backend a request means on this machine. */
#include "backend/backend.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    ts_backend_run *run;
} backends[] = {{"cpu", ts_cpu_run}, {"reference", ts_reference_run}};

#define BACKEND_COUNT (sizeof backends / sizeof backends[0])

static const char no_cuda[] = "this build has no CUDA backend";

const char *ts_backend_choose(const char *requested, char *reason, size_t reason_size) {
    if (reason_size > 0)
        reason[0] = '\0';
    if (!requested || strcmp(requested, "auto") == 0) {
        snprintf(reason, reason_size, "running on the CPU: %s", no_cuda);
        return "cpu";
    }
    for (size_t i = 0; i < BACKEND_COUNT; i++)
        if (strcmp(requested, backends[i].name) == 0)
            return backends[i].name;
    if (strcmp(requested, "cuda") == 0)
        snprintf(reason, reason_size, "%s", no_cuda);
    else
        snprintf(reason, reason_size, "no backend is named '%s'; there are auto, cpu, cuda and reference", requested);
    return NULL;
}

ts_backend_run *ts_backend_named(const char *name) {
    for (size_t i = 0; i < BACKEND_COUNT; i++)
        if (strcmp(name, backends[i].name) == 0)
            return backends[i].run;
    return NULL;
}
