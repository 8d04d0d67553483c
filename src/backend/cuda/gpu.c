/* One device and the thread that drives it. */
#include "backend/cuda/gpu.h"
#include "backend/cuda/slots.h"

#include <math.h>
#include <stdlib.h>

/* Work on the device at a time, in fillings of it: while one wave's last blocks run, those of the next are there. More
 * would make long trainings wait for short ones (docs/performance.md, "Packing"). */
#define FILLINGS 1.5
#define WAVES_OF_A_LIST 2 /* one runs while the host looks after the other */

struct ts_list_waves {
    ts_wave *wave[WAVES_OF_A_LIST];
};

/* ---- handing out jobs */

static uint32_t active(ts_wave *wave) {
    return ts_slots_active(ts_wave_slots(wave));
}

/* The one with less work of those that may get more; NULL and *missing >= 0: one could be created there. */
static ts_wave *open_wave(const ts_list_waves *waves, int *missing) {
    ts_wave *best = NULL;
    *missing = -1;
    for (int i = 0; i < WAVES_OF_A_LIST; i++) {
        ts_wave *wave = waves->wave[i];
        if (!wave)
            *missing = *missing < 0 ? i : *missing;
        else if (!ts_wave_running(wave) && ts_wave_slots(wave)->free_count > 0 &&
                 (!best || active(wave) < active(best)))
            best = wave;
    }
    return best;
}

static bool is_idle(ts_wave *wave) {
    return !ts_wave_running(wave) && active(wave) == 0 && ts_wave_slots(wave)->ended_count == 0;
}

static void free_idle_waves(const ts_gpu *gpu, ts_list_waves *all) {
    for (size_t list = 0; list < gpu->jobs->list_count; list++)
        for (int i = 0; i < WAVES_OF_A_LIST; i++)
            if (all[list].wave[i] && is_idle(all[list].wave[i])) {
                ts_wave_destroy(all[list].wave[i]);
                all[list].wave[i] = NULL;
            }
}

/* Has a list's second wave a stream of its own, after one for the first wave of each list? */
static bool stream_left(const ts_gpu *gpu) {
    size_t streams = 0;
    for (size_t list = 0; list < gpu->jobs->list_count; list++) {
        size_t waves = 0;
        for (int i = 0; i < WAVES_OF_A_LIST; i++)
            waves += gpu->waves[list].wave[i] != NULL;
        streams += waves > 0 || ts_jobs_left(gpu->jobs, list) == 0 ? waves : 1;
    }
    return streams < TS_STREAMS;
}

/* NULL without an error: there is no memory for it while others work. */
static ts_wave *create_wave(ts_gpu *gpu, size_t list, ts_list_waves *all) {
    const uint64_t parts = (uint64_t)WAVES_OF_A_LIST * gpu->jobs->devices * ts_plan_members(gpu->plan);
    const uint64_t slots = ts_jobs_left(gpu->jobs, list) / parts + 1;
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
static bool give_job(ts_gpu *gpu, size_t list, ts_list_waves *all, bool *given) {
    int missing;
    ts_wave *wave = open_wave(&all[list], &missing);
    ts_job job;
    *given = false;
    const bool first = !all[list].wave[0] && !all[list].wave[1];
    if (missing >= 0 && (first || ((!wave || active(wave) > 0) && stream_left(gpu)))) {
        ts_wave *created = create_wave(gpu, list, all);
        if (!created && gpu->error->message[0])
            return false;
        all[list].wave[missing] = created;
        wave = created ? created : wave;
    }
    const double limit = gpu->held > 0 ? gpu->share - gpu->held : INFINITY;
    *given = wave && ts_jobs_take(gpu->jobs, list, gpu->number, limit, &job);
    if (*given)
        ts_slots_add(ts_wave_slots(wave), &job);
    return true;
}

static bool fill(ts_gpu *gpu) {
    bool any_active = false;
    for (size_t list = 0; list < gpu->jobs->list_count; list++) {
        int missing;
        gpu->open[list] = open_wave(&gpu->waves[list], &missing) || missing >= 0;
        for (int i = 0; i < WAVES_OF_A_LIST; i++)
            any_active |= gpu->waves[list].wave[i] && active(gpu->waves[list].wave[i]) > 0;
    }
    if (!any_active)
        gpu->held = gpu->occupied = 0; /* without what rounding left */
    while (gpu->occupied < FILLINGS) {
        const size_t list = ts_jobs_longest(gpu->jobs, gpu->number, gpu->open);
        bool given;
        if (list == gpu->jobs->list_count)
            break;
        if (!give_job(gpu, list, gpu->waves, &given))
            return false;
        gpu->open[list] = given;
    }
    return true;
}

/* ---- a turn */

/* Take the results of all waves that the device is done with. */
static bool collect(ts_gpu *gpu, bool *any, bool *running) {
    for (size_t list = 0; list < gpu->jobs->list_count; list++)
        for (int i = 0; i < WAVES_OF_A_LIST; i++) {
            ts_wave *wave = gpu->waves[list].wave[i];
            bool done = false;
            if (!wave || !ts_wave_running(wave))
                continue;
            if (!ts_wave_poll(wave, &done))
                return false;
            if (done)
                ts_wave_collect(wave);
            *any |= done;
            *running |= !done;
        }
    return true;
}

static bool submit(ts_gpu *gpu, bool ending, bool *running) {
    for (size_t list = 0; list < gpu->jobs->list_count; list++)
        for (int i = 0; i < WAVES_OF_A_LIST; i++) {
            ts_wave *wave = gpu->waves[list].wave[i];
            if (!wave)
                continue;
            if (!ts_wave_running(wave) && !is_idle(wave) && !ts_wave_submit(wave, ending))
                return false;
            *running |= ts_wave_running(wave);
            if (is_idle(wave) && ts_jobs_left(gpu->jobs, list) == 0) {
                ts_wave_destroy(wave); /* its memory is for others */
                gpu->waves[list].wave[i] = NULL;
            }
        }
    return true;
}

ts_turn ts_gpu_turn(ts_gpu *gpu) {
    bool any = false, was_running = false, running = false;
    if (!collect(gpu, &any, &was_running))
        return TS_TURN_FAILED;
    if (was_running && !any)
        return TS_TURN_WAITS;
    const bool ending = ts_monitor_stopped(gpu->monitor) || gpu->jobs->cancelled;
    if (any)
        gpu->busy += ts_device_seconds(gpu) - gpu->busy_from;
    gpu->busy_from = ts_device_seconds(gpu);
    if (!ending && !fill(gpu))
        return TS_TURN_FAILED;
    if (!was_running) /* the device had nothing to do while the waves were filled */
        gpu->busy_from = ts_device_seconds(gpu);
    if (!submit(gpu, ending, &running))
        return TS_TURN_FAILED;
    return running ? TS_TURN_WAITS : TS_TURN_ENDED;
}

/* ---- all turns */

void ts_gpu_share(ts_gpu *gpus, size_t count) {
    const double parts = (double)count * ts_plan_members(gpus[0].plan);
    for (size_t i = 0; i < count; i++)
        gpus[i].share = parts == 1 ? INFINITY : gpus[i].jobs->cost / parts;
}

bool ts_gpu_begin(ts_gpu *gpu) {
    gpu->waves = calloc(gpu->jobs->list_count, sizeof *gpu->waves);
    gpu->open = calloc(gpu->jobs->list_count, sizeof *gpu->open);
    return gpu->waves && gpu->open ? ts_device_open(gpu) : ts_device_out_of_memory(gpu, "preparing waves");
}

void ts_gpu_end(ts_gpu *gpu) {
    for (size_t list = 0; gpu->waves && list < gpu->jobs->list_count; list++)
        for (int i = 0; i < WAVES_OF_A_LIST; i++)
            ts_wave_destroy(gpu->waves[list].wave[i]);
    ts_device_close(gpu);
    free(gpu->waves);
    free(gpu->open);
}

bool ts_gpu_run(ts_gpu *gpu) {
    ts_turn turn = ts_gpu_begin(gpu) ? ts_gpu_turn(gpu) : TS_TURN_FAILED;
    while (turn == TS_TURN_WAITS) {
        ts_device_wait(gpu);
        turn = ts_gpu_turn(gpu);
    }
    if (turn == TS_TURN_FAILED)
        ts_jobs_cancel(gpu->jobs);
    ts_gpu_end(gpu);
    return turn == TS_TURN_ENDED;
}
