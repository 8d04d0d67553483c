/* The backend cuda: which devices run, and what they leave. */
#include "backend/cuda/gpu.h"
#include "backend/cuda/probe.h"
#include "base/fail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Why none can be used, or TS_OK. Fills index[] and *count. */
static ts_status choose_devices(const ts_run_options *options, int *index, size_t *count, char *reason, size_t size) {
    const ts_cuda_system system = ts_cuda_look();
    const size_t most = *count;
    *count = 0;
    if (!ts_cuda_system_works(&system, reason, size))
        return TS_FAILED;
    char first_reason[256] = "";
    for (int i = 0; options->device_count == 0 && i < system.device_count && *count < most; i++) {
        const ts_cuda_device device = ts_cuda_look_at(i);
        if (ts_cuda_device_works(&device, reason, size))
            index[(*count)++] = i;
        else if (!first_reason[0])
            snprintf(first_reason, sizeof first_reason, "%s", reason);
    }
    for (size_t i = 0; i < options->device_count; i++) {
        const int wanted = options->devices[i];
        if (wanted < 0 || wanted >= system.device_count) {
            snprintf(reason, size, "devices: found %d, on this machine they are numbered from 0 to %d", wanted,
                     system.device_count - 1);
            return TS_INVALID;
        }
        for (size_t k = 0; k < i; k++)
            if (options->devices[k] == wanted) {
                snprintf(reason, size, "devices: found %d twice", wanted);
                return TS_INVALID;
            }
        const ts_cuda_device device = ts_cuda_look_at(wanted);
        if (!ts_cuda_device_works(&device, reason, size))
            return TS_FAILED;
        if (*count < most)
            index[(*count)++] = wanted;
    }
    if (*count == 0)
        snprintf(reason, size, "%s", first_reason);
    else if (size > 0)
        reason[0] = '\0';
    return *count > 0 ? TS_OK : TS_FAILED;
}

bool ts_cuda_works(char *reason, size_t size) {
    int index[1];
    size_t count = 1;
    return choose_devices(&(ts_run_options){0}, index, &count, reason, size) == TS_OK;
}

ts_status ts_cuda_devices(const ts_run_options *options, ts_devices *devices, ts_error *error) {
    devices->count = TS_MAX_DEVICES;
    const ts_status status =
        choose_devices(options, devices->index, &devices->count, error->message, sizeof error->message);
    if (status != TS_OK)
        return status;
    const ts_cuda_device first = ts_cuda_look_at(devices->index[0]);
    if (devices->count == 1)
        snprintf(devices->name, sizeof devices->name, "%s", first.name);
    else
        snprintf(devices->name, sizeof devices->name, "%zu x %s", devices->count, first.name);
    return TS_OK;
}

bool ts_gpu_text(size_t index, char *text, size_t size) {
    const ts_cuda_system system = ts_cuda_look();
    char reason[256];
    if (index >= (size_t)system.device_count)
        return false;
    const ts_cuda_device device = ts_cuda_look_at((int)index);
    if (!ts_cuda_device_works(&device, reason, sizeof reason))
        snprintf(text, size, "%s", reason);
    else
        snprintf(text, size, "%s, compute capability %d.%d, %d multiprocessors, %.1f of %.1f GiB free", device.name,
                 device.major, device.minor, device.multiprocessors, (double)device.free_memory / 0x1p30,
                 (double)device.memory / 0x1p30);
    return true;
}

static void prepare(ts_gpu *gpu, int index, const ts_plan *plan, const ts_run_options *options, ts_monitor *monitor,
                    ts_results *results, ts_jobs *jobs, ts_error *error) {
    const ts_cuda_device device = ts_cuda_look_at(index);
    *gpu = (ts_gpu){
        .index = index,
        .multiprocessors = device.multiprocessors > 0 ? device.multiprocessors : 1,
        .plan = plan,
        .options = options,
        .monitor = monitor,
        .results = results,
        .jobs = jobs,
        .error = error,
    };
    snprintf(gpu->name, sizeof gpu->name, "%s", device.name);
}

/* Each device by a thread of its own. Returns false when one of them failed. */
static bool run_devices(ts_gpu *gpus, int count, ts_monitor *monitor) {
    bool fine = true;
#pragma omp parallel for num_threads(count) schedule(static, 1) reduction(&& : fine)
    for (int i = 0; i < count; i++) {
        fine = ts_gpu_run(&gpus[i]) && fine;
        ts_monitor_busy(monitor, i, gpus[i].busy);
    }
    return fine;
}

ts_status ts_cuda_run(const ts_plan *plan, const ts_run_options *options, ts_monitor *monitor, ts_results *results,
                      ts_error *error) {
    ts_devices devices;
    ts_status status = ts_cuda_devices(options, &devices, error);
    if (status != TS_OK)
        return status;
    ts_gpu *gpus = calloc(devices.count, sizeof *gpus);
    ts_error *errors = calloc(devices.count, sizeof *errors);
    ts_jobs jobs = {0};
    size_t shared_memory = SIZE_MAX; /* of a block, on every device */
    status = TS_FAILED;
    for (size_t i = 0; gpus && errors && i < devices.count; i++) {
        prepare(&gpus[i], devices.index[i], plan, options, monitor, results, &jobs, &errors[i]);
        gpus[i].number = (uint32_t)i;
        const size_t own = ts_cuda_look_at(devices.index[i]).shared_memory;
        shared_memory = own < shared_memory ? own : shared_memory;
    }
    if (!gpus || !errors || !ts_jobs_create(&jobs, plan, (uint32_t)devices.count, options->lane_group, shared_memory)) {
        ts_fail(error, status, "", "not enough memory to order %zu cells", plan->cell_count);
        goto cleanup;
    }
    ts_gpu_share(gpus, devices.count);
    if (run_devices(gpus, (int)devices.count, monitor))
        status = ts_monitor_stopped(monitor) ? TS_INTERRUPTED : TS_OK;
    for (size_t i = 0; status == TS_FAILED && !error->message[0] && i < devices.count; i++)
        *error = errors[i];
cleanup:
    ts_jobs_free(&jobs);
    free(errors);
    free(gpus);
    return status;
}
