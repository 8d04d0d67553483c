/* The backend cuda: which devices run, and what they leave. */
#include "backend/cuda/backend.h"
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
    char why[256];
    const bool works = choose_devices(&(ts_run_options){0}, index, &count, why, sizeof why) == TS_OK;
    if (!works)
        snprintf(reason, size, "%s", why);
    return works;
}

ts_status ts_cuda_prepare(const ts_run_options *options, uint64_t trainings, ts_placement *placement, ts_error *error) {
    (void)trainings;
    char reason[sizeof error->message];
    *placement = (ts_placement){.options = options, .instructions = "", .device_count = TS_MAX_DEVICES};
    const ts_status status =
        choose_devices(options, placement->device, &placement->device_count, reason, sizeof reason);
    if (status != TS_OK)
        return ts_fail(error, status, "", "%s", reason);
    placement->threads = (int)placement->device_count;
    const ts_cuda_device first = ts_cuda_look_at(placement->device[0]);
    if (placement->device_count == 1)
        snprintf(placement->device_name, sizeof placement->device_name, "%s", first.name);
    else
        snprintf(placement->device_name, sizeof placement->device_name, "%zu x %s", placement->device_count,
                 first.name);
    return TS_OK;
}

bool ts_cuda_device_text(size_t index, char *text, size_t size) {
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

void ts_cuda_identify(int device, uint8_t identity[TS_IDENTITY]) {
    memcpy(identity, ts_cuda_look_at(device).identity, TS_IDENTITY);
}

static void describe(ts_gpu *gpu, int index, const ts_plan *plan, const ts_run_options *options, ts_monitor *monitor,
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

ts_status ts_cuda_run(const ts_plan *plan, const ts_placement *placement, ts_monitor *monitor, ts_results *results,
                      ts_error *error) {
    const ts_run_options *options = placement->options;
    const size_t devices = placement->device_count;
    ts_gpu *gpus = calloc(devices, sizeof *gpus);
    ts_error *errors = calloc(devices, sizeof *errors);
    ts_jobs jobs = {0};
    size_t shared_memory = SIZE_MAX; /* of a block, on every device */
    ts_status status = TS_FAILED;
    for (size_t i = 0; gpus && errors && i < devices; i++) {
        describe(&gpus[i], placement->device[i], plan, options, monitor, results, &jobs, &errors[i]);
        gpus[i].number = (uint32_t)i;
        const size_t own = ts_cuda_look_at(placement->device[i]).shared_memory;
        shared_memory = own < shared_memory ? own : shared_memory;
    }
    if (!gpus || !errors || !ts_jobs_create(&jobs, plan, (uint32_t)devices, options->lane_group, shared_memory)) {
        ts_fail(error, status, "", "not enough memory to order %zu cells", plan->cell_count);
        goto cleanup;
    }
    ts_gpu_share(gpus, devices);
    if (run_devices(gpus, (int)devices, monitor))
        status = ts_monitor_stopped(monitor) ? TS_INTERRUPTED : TS_OK;
    for (size_t i = 0; status == TS_FAILED && !error->message[0] && i < devices; i++)
        *error = errors[i];
cleanup:
    ts_jobs_free(&jobs);
    free(errors);
    free(gpus);
    return status;
}
