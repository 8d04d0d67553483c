/* One device and the thread that drives it. */
#include "backend/cuda/cuda.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Work on the device at a time, in fillings of it: while one wave's last blocks run, those of the next are there. */
#define FILLINGS 2.0
#define WAVES_OF_A_LIST 2   /* one runs while the host looks after the other */
#define POLL_INTERVAL 50000 /* nanoseconds */

typedef struct list_waves {
    ts_wave *wave[WAVES_OF_A_LIST];
} list_waves;

bool ts_gpu_check(ts_gpu *gpu, cudaError_t status, const char *tried) {
    if (status == cudaSuccess)
        return true;
    gpu->out_of_memory = status == cudaErrorMemoryAllocation;
    if (!gpu->error->message[0]) /* the first error says most */
        snprintf(gpu->error->message, sizeof gpu->error->message, "GPU %d (%s): %s: %s", gpu->index, gpu->name, tried,
                 cudaGetErrorString(status));
    return false;
}

/* A copy of `bytes` on the device, or NULL with the error set. */
static void *copy_to_device(ts_gpu *gpu, const void *host, size_t bytes) {
    void *memory = NULL;
    if (!ts_gpu_check(gpu, cudaMalloc(&memory, bytes), "allocating memory for the plan"))
        return NULL;
    if (ts_gpu_check(gpu, cudaMemcpy(memory, host, bytes, cudaMemcpyHostToDevice), "copying the plan to the device"))
        return memory;
    cudaFree(memory);
    return NULL;
}

static bool open_device(ts_gpu *gpu) {
    const ts_plan *plan = gpu->plan;
    if (!ts_gpu_check(gpu, cudaSetDevice(gpu->index), "taking the device"))
        return false;
    gpu->cell = copy_to_device(gpu, plan->cells, plan->cell_count * sizeof *gpu->cell);
    if (gpu->cell && plan->replicate)
        gpu->replicate = copy_to_device(gpu, plan->replicate, plan->replicates * sizeof *gpu->replicate);
    return gpu->cell && (gpu->replicate || !plan->replicate);
}

static void close_device(ts_gpu *gpu, list_waves *waves) {
    for (size_t list = 0; waves && list < gpu->jobs->list_count; list++)
        for (int i = 0; i < WAVES_OF_A_LIST; i++)
            ts_wave_destroy(waves[list].wave[i]);
    cudaFree(gpu->cell);
    cudaFree(gpu->replicate);
}

/* ---- handing out jobs */

/* The one with less work of those that may get more; NULL and *missing >= 0: one could be created there. */
static ts_wave *open_wave(const list_waves *waves, int *missing) {
    ts_wave *best = NULL;
    *missing = -1;
    for (int i = 0; i < WAVES_OF_A_LIST; i++) {
        ts_wave *wave = waves->wave[i];
        if (!wave)
            *missing = *missing < 0 ? i : *missing;
        else if (!ts_wave_running(wave) && ts_wave_free(wave) > 0 &&
                 (!best || ts_wave_active(wave) < ts_wave_active(best)))
            best = wave;
    }
    return best;
}

static uint32_t wanted_slots(const ts_gpu *gpu, size_t list) {
    const uint64_t left = ts_jobs_left(gpu->jobs, list);
    const uint64_t slots = (left + WAVES_OF_A_LIST - 1) / WAVES_OF_A_LIST;
    return slots < 1 ? 1 : slots > UINT32_MAX / 2 ? UINT32_MAX / 2 : (uint32_t)slots;
}

static bool is_idle(const ts_wave *wave) {
    return !ts_wave_running(wave) && ts_wave_active(wave) == 0 && ts_wave_ended(wave) == 0;
}

static void free_idle_waves(const ts_gpu *gpu, list_waves *all) {
    for (size_t list = 0; list < gpu->jobs->list_count; list++)
        for (int i = 0; i < WAVES_OF_A_LIST; i++)
            if (all[list].wave[i] && is_idle(all[list].wave[i])) {
                ts_wave_destroy(all[list].wave[i]);
                all[list].wave[i] = NULL;
            }
}

/* NULL without an error: there is no memory for it while others work. */
static ts_wave *create_wave(ts_gpu *gpu, size_t list, list_waves *all) {
    const uint32_t slots = wanted_slots(gpu, list);
    ts_wave *wave = ts_wave_create(gpu, list, slots);
    if (!wave && gpu->out_of_memory) {
        gpu->error->message[0] = '\0';
        free_idle_waves(gpu, all);
        wave = ts_wave_create(gpu, list, slots);
    }
    if (!wave && gpu->out_of_memory && gpu->held > 0)
        gpu->error->message[0] = '\0';
    return wave;
}

/* Give one job of the list to one of its waves. *given is set; false on failure. */
static bool give_job(ts_gpu *gpu, size_t list, list_waves *all, bool *given) {
    int missing;
    ts_wave *wave = open_wave(&all[list], &missing);
    ts_job job;
    *given = false;
    if (missing >= 0 && (!wave || ts_wave_active(wave) > 0)) {
        ts_wave *created = create_wave(gpu, list, all);
        if (!created && gpu->error->message[0])
            return false;
        all[list].wave[missing] = created;
        wave = created ? created : wave;
    }
    const double limit = gpu->held > 0 ? gpu->share - gpu->held : INFINITY;
    *given = wave && ts_jobs_take(gpu->jobs, list, limit, &job);
    if (*given)
        ts_wave_add(wave, &job);
    return true;
}

static bool fill(ts_gpu *gpu, list_waves *waves, bool *open) {
    bool active = false;
    for (size_t list = 0; list < gpu->jobs->list_count; list++) {
        int missing;
        open[list] = open_wave(&waves[list], &missing) || missing >= 0;
        for (int i = 0; i < WAVES_OF_A_LIST; i++)
            active |= waves[list].wave[i] && ts_wave_active(waves[list].wave[i]) > 0;
    }
    if (!active)
        gpu->held = gpu->occupied = 0; /* without what rounding left */
    while (gpu->occupied < FILLINGS) {
        const size_t list = ts_jobs_longest(gpu->jobs, open);
        bool given;
        if (list == gpu->jobs->list_count)
            break;
        if (!give_job(gpu, list, waves, &given))
            return false;
        open[list] = given;
    }
    return true;
}

/* ---- the loop */

static bool any_running(const ts_gpu *gpu, const list_waves *waves) {
    for (size_t list = 0; list < gpu->jobs->list_count; list++)
        for (int i = 0; i < WAVES_OF_A_LIST; i++)
            if (waves[list].wave[i] && ts_wave_running(waves[list].wave[i]))
                return true;
    return false;
}

static bool submit(ts_gpu *gpu, list_waves *waves, bool ending, bool *any) {
    for (size_t list = 0; list < gpu->jobs->list_count; list++)
        for (int i = 0; i < WAVES_OF_A_LIST; i++) {
            ts_wave *wave = waves[list].wave[i];
            if (!wave)
                continue;
            if (!ts_wave_running(wave) && (ts_wave_ended(wave) > 0 || (!ending && ts_wave_active(wave) > 0)) &&
                !ts_wave_submit(wave, ending))
                return false;
            *any |= ts_wave_running(wave);
            if (is_idle(wave) && ts_jobs_left(gpu->jobs, list) == 0) {
                ts_wave_destroy(wave); /* its memory is for others */
                waves[list].wave[i] = NULL;
            }
        }
    return true;
}

/* Wait until the device is done with at least one wave, and take the results of all that it is done with. */
static bool collect(ts_gpu *gpu, list_waves *waves) {
    for (bool any = false; !any;) {
        for (size_t list = 0; list < gpu->jobs->list_count; list++)
            for (int i = 0; i < WAVES_OF_A_LIST; i++) {
                ts_wave *wave = waves[list].wave[i];
                bool done = false;
                if (!wave || !ts_wave_running(wave))
                    continue;
                if (!ts_wave_poll(wave, &done))
                    return false;
                if (done)
                    ts_wave_collect(wave);
                any |= done;
            }
        if (!any)
            nanosleep(&(struct timespec){0, POLL_INTERVAL}, NULL);
    }
    return true;
}

static bool run_jobs(ts_gpu *gpu, list_waves *waves, bool *open) {
    for (bool running = false;;) {
        const bool ending = ts_monitor_stopped(gpu->monitor) || gpu->jobs->cancelled;
        double busy_from = ts_monitor_seconds(gpu->monitor);
        if (!ending && !fill(gpu, waves, open))
            return false;
        if (!running) /* the device had nothing to do while the waves were filled */
            busy_from = ts_monitor_seconds(gpu->monitor);
        running = false;
        if (!submit(gpu, waves, ending, &running))
            return false;
        if (!running)
            return true;
        if (!collect(gpu, waves))
            return false;
        running = any_running(gpu, waves);
        gpu->busy += ts_monitor_seconds(gpu->monitor) - busy_from;
    }
}

bool ts_gpu_run(ts_gpu *gpu) {
    list_waves *waves = calloc(gpu->jobs->list_count, sizeof *waves);
    bool *open = calloc(gpu->jobs->list_count, sizeof *open);
    bool fine = waves && open ? open_device(gpu) : ts_gpu_check(gpu, cudaErrorMemoryAllocation, "preparing waves");
    fine = fine && run_jobs(gpu, waves, open);
    if (!fine)
        ts_jobs_cancel(gpu->jobs);
    close_device(gpu, waves);
    free(waves);
    free(open);
    return fine;
}
