#include "simulated.h"

#include "backend/cuda/gpu.h"
#include "backend/cuda/slots.h"
#include "issue_rates.h"

#include <math.h>
#include <stdlib.h>

/* What stands behind a ts_gpu. */
typedef struct simulated {
    sim_device device;
    double host;       /* time of the host thread */
    double last_given; /* when it last had a new job for the device */
    uint64_t rounds, collected;
    int waves[TS_STREAMS]; /* of each stream */
    uint8_t *runs;
} simulated;

struct ts_wave {
    ts_gpu *gpu;
    ts_shape shape;
    ts_slots slots;
    sim_launch launch;
    int stream;
    uint64_t submitted_chunk;
    double submitted_at;
    bool running, advanced, ending;
};

/* ---- the device */

bool ts_device_open(ts_gpu *gpu) {
    return gpu->device != NULL;
}

void ts_device_close(ts_gpu *gpu) {
    (void)gpu;
}

bool ts_device_out_of_memory(ts_gpu *gpu, const char *tried) {
    (void)gpu, (void)tried;
    return false;
}

double ts_device_seconds(const ts_gpu *gpu) {
    const simulated *simulation = gpu->device;
    return simulation->host;
}

void ts_device_wait(ts_gpu *gpu) {
    simulated *simulation = gpu->device;
    if (simulation->device.launches_done > simulation->collected || sim_device_run_launch(&simulation->device))
        simulation->host = fmax(simulation->host, simulation->device.now);
}

/* ---- its waves */

ts_wave *ts_wave_create(ts_gpu *gpu, size_t list, uint64_t slots) {
    simulated *simulation = gpu->device;
    ts_wave *wave = calloc(1, sizeof *wave);
    if (!wave)
        return NULL;
    wave->gpu = gpu;
    wave->shape = gpu->jobs->list[list].shape;
    wave->launch.block_memory = ts_shape_block_memory(wave->shape);
    wave->launch.rates = bench_issue_rates(wave->shape);
    for (int i = 1; i < TS_STREAMS; i++)
        if (simulation->waves[i] < simulation->waves[wave->stream])
            wave->stream = i;
    simulation->waves[wave->stream]++;
    wave->launch.queue = wave->stream % simulation->device.model.queues;
    const double resident =
        sim_resident(&simulation->device.model, wave->launch.block_memory) * (double)gpu->multiprocessors;
    const uint32_t count = ts_slots_wanted(slots, resident);
    wave->launch.instructions = malloc(count * sizeof *wave->launch.instructions);
    if (ts_slots_create(&wave->slots, gpu, count, resident) && wave->launch.instructions)
        return wave;
    ts_wave_destroy(wave);
    return NULL;
}

void ts_wave_destroy(ts_wave *wave) {
    if (!wave)
        return;
    ((simulated *)wave->gpu->device)->waves[wave->stream]--;
    ts_slots_free(&wave->slots);
    free(wave->launch.instructions);
    free(wave);
}

ts_slots *ts_wave_slots(ts_wave *wave) {
    return &wave->slots;
}

bool ts_wave_running(const ts_wave *wave) {
    return wave->running;
}

bool ts_wave_submit(ts_wave *wave, bool ending) {
    simulated *simulation = wave->gpu->device;
    const sim_model *model = &simulation->device.model;
    ts_slots *slots = &wave->slots;
    simulation->rounds++;
    simulation->host += model->round_seconds + model->slot_seconds * slots->count;
    wave->submitted_at = simulation->host;
    wave->submitted_chunk = slots->chunk;
    wave->ending = ending;
    wave->advanced = ts_slots_active(slots) > 0 && !ending;
    wave->launch.count = 0;
    if (wave->advanced)
        ts_slots_go_on(slots);
    for (uint32_t slot = 0; wave->advanced && slot < slots->count; slot++)
        if (slots->left[slot] > 0) {
            const uint64_t steps = ts_slots_steps(slots, slot, slots->chunk);
            const ts_job *job = &slots->job[slot];
            const double all = (double)wave->gpu->plan->cells[job->cell].steps;
            wave->launch.instructions[wave->launch.count++] = job->cost / all * (double)steps;
        }
    if (slots->fresh_count > 0)
        simulation->last_given = simulation->host;
    slots->fresh_count = 0;
    sim_device_run(&simulation->device, simulation->host);
    sim_device_launch(&simulation->device, &wave->launch);
    wave->running = true;
    for (uint32_t i = 0; i < slots->ended_count; i++) {
        const ts_job *job = &slots->ended_job[i];
        for (uint32_t r = job->first; simulation->runs && r < job->first + job->count; r++)
            simulation->runs[(size_t)job->cell * wave->gpu->plan->replicates + r]++;
    }
    slots->ended_count = 0;
    return true;
}

bool ts_wave_poll(ts_wave *wave, bool *done) {
    simulated *simulation = wave->gpu->device;
    sim_device_run(&simulation->device, simulation->host);
    *done = sim_launch_done(&wave->launch);
    return true;
}

void ts_wave_collect(ts_wave *wave) {
    ts_slots *slots = &wave->slots;
    simulated *simulation = wave->gpu->device;
    bool full = false;
    simulation->collected++;
    wave->running = false;
    for (uint32_t slot = 0; wave->advanced && slot < slots->count; slot++)
        if (slots->left[slot] > 0) {
            const uint64_t chunk = wave->submitted_chunk, steps = ts_slots_steps(slots, slot, chunk);
            full |= ts_slots_advance(slots, slot, chunk, steps, slots->job[slot].count);
        }
    if (wave->ending)
        ts_slots_abandon(slots);
    if (full)
        ts_slots_adapt(slots, wave->submitted_chunk, ts_device_seconds(wave->gpu) - wave->submitted_at);
}

/* ---- a run */

/* All devices of it. Jobs are those of each process, which has one device or all of them. */
typedef struct sim_party {
    ts_gpu *gpus;           /* [count] */
    simulated *simulations; /* [count] */
    bool *ended;            /* [count] */
    size_t count;
    ts_run_options options;
    ts_monitor monitor;
    ts_error error;
} sim_party;

static bool create_party(sim_party *party, const ts_plan *plan, const sim_model *model, const double *speed,
                         uint8_t *runs) {
    party->gpus = calloc(party->count, sizeof *party->gpus);
    party->simulations = calloc(party->count, sizeof *party->simulations);
    party->ended = calloc(party->count, sizeof *party->ended);
    bool fine = party->gpus && party->simulations && party->ended;
    ts_monitor_begin(&party->monitor, &party->options, (ts_progress){0}, NULL);
    for (size_t i = 0; fine && i < party->count; i++) {
        sim_model own = *model;
        own.clock *= speed ? speed[i] : 1;
        fine = sim_device_create(&party->simulations[i].device, &own);
        party->simulations[i].runs = runs;
        party->gpus[i] = (ts_gpu){.index = (int)i,
                                  .multiprocessors = model->multiprocessors,
                                  .plan = plan,
                                  .options = &party->options,
                                  .monitor = &party->monitor,
                                  .error = &party->error,
                                  .device = &party->simulations[i]};
    }
    return fine;
}

static void free_party(sim_party *party) {
    for (size_t i = 0; party->gpus && party->simulations && i < party->count; i++) {
        if (party->gpus[i].jobs)
            ts_gpu_end(&party->gpus[i]);
        sim_device_free(&party->simulations[i].device);
    }
    free(party->ended);
    free(party->simulations);
    free(party->gpus);
}

/* The device whose host thread is the next to do something; NULL: all have ended. */
static ts_gpu *next_gpu(const sim_party *party) {
    ts_gpu *next = NULL;
    for (size_t i = 0; i < party->count; i++)
        if (!party->ended[i] && (!next || ts_device_seconds(&party->gpus[i]) < ts_device_seconds(next)))
            next = &party->gpus[i];
    return next;
}

static bool run_all(const sim_party *party, double *seconds) {
    *seconds = 0;
    for (size_t i = 0; i < party->count; i++)
        if (!ts_gpu_begin(&party->gpus[i]))
            return false;
    for (ts_gpu *gpu; (gpu = next_gpu(party));) {
        const ts_turn turn = ts_gpu_turn(gpu);
        if (turn == TS_TURN_FAILED)
            return false;
        party->ended[gpu - party->gpus] = turn == TS_TURN_ENDED;
        if (turn == TS_TURN_WAITS)
            ts_device_wait(gpu);
        *seconds = fmax(*seconds, ts_device_seconds(gpu));
    }
    return true;
}

static sim_report report_of(const simulated *simulation, double seconds) {
    const sim_model *model = &simulation->device.model;
    return (sim_report){
        .seconds = simulation->host,
        .issued = simulation->device.instructions / (seconds * model->clock * SIM_SCHEDULERS * model->multiprocessors),
        .occupied = simulation->device.scheduler_seconds / (seconds * SIM_SCHEDULERS * model->multiprocessors),
        .working = simulation->device.working_seconds / seconds,
        .tail = simulation->host - simulation->last_given,
        .rounds = simulation->rounds,
    };
}

bool sim_run(const ts_plan *plan, const sim_model *model, int devices, sim_report *report, uint8_t *runs) {
    sim_party party = {.count = (size_t)devices};
    ts_jobs jobs;
    double seconds;
    bool fine = create_party(&party, plan, model, NULL, runs);
    fine = ts_jobs_create(&jobs, plan, (uint32_t)devices, 0, model->shared_memory) && fine;
    for (int i = 0; fine && i < devices; i++) {
        party.gpus[i].number = (uint32_t)i;
        party.gpus[i].jobs = &jobs;
    }
    if (fine)
        ts_gpu_share(party.gpus, (size_t)devices);
    fine = fine && run_all(&party, &seconds);
    for (int i = 0; fine && i < devices; i++)
        report[i] = report_of(&party.simulations[i], seconds);
    free_party(&party);
    ts_jobs_free(&jobs);
    return fine;
}

static bool take(void *context, size_t range) {
    bool *taken = context;
    const bool is_free = !taken[range];
    taken[range] = true;
    return is_free;
}

bool sim_run_processes(const ts_plan *plan, const sim_model *model, size_t processes, const double *speed,
                       double *seconds, uint8_t *runs) {
    sim_party party = {.count = processes};
    bool *taken = calloc(ts_plan_ranges(plan), sizeof *taken);
    ts_jobs *jobs = calloc(processes, sizeof *jobs);
    const ts_claims claims = {take, taken, (uint32_t)processes};
    ts_plan shared = *plan;
    shared.claims = &claims;
    bool fine = create_party(&party, &shared, model, speed, runs) && taken && jobs;
    for (size_t i = 0; fine && i < processes; i++) {
        fine = ts_jobs_create(&jobs[i], &shared, 1, 0, model->shared_memory);
        party.gpus[i].jobs = fine ? &jobs[i] : NULL;
        if (fine)
            ts_gpu_share(&party.gpus[i], 1);
    }
    fine = fine && run_all(&party, seconds);
    free_party(&party);
    for (size_t i = 0; jobs && i < processes; i++)
        ts_jobs_free(&jobs[i]);
    free(jobs);
    free(taken);
    return fine;
}
