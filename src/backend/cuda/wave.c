#include "backend/cuda/cuda.h"
#include "backend/cuda/resume.h"
#include "backend/cuda/slots.h"
#include "backend/range.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCRATCH_BLOCKS 8 /* blocks for each multiprocessor that start or measure */

#define MAX_ARRAYS 24

struct ts_wave {
    ts_gpu *gpu;
    ts_shape shape;
    ts_slots slots;
    uint32_t neurons; /* the most of any training */
    size_t row;       /* neurons that a training has room for */
    size_t entries;   /* of the statistics: as many cells can end in a round */
    ts_wave_memory memory;
    void *device_array[MAX_ARRAYS], *host_array[MAX_ARRAYS]; /* what to free */
    int device_arrays, host_arrays;
    int stream_number; /* -1: none */
    cudaStream_t stream;
    cudaEvent_t finished;
    bool has_event;

    /* Mirrors of the arrays of `memory`, pinned. */
    ts_slot *slot; /* [slots] */
    uint32_t *fresh;
    ts_look *look;
    ts_ended *ended;
    ts_slot_progress *progress;
    ts_statistics *statistics;  /* [entries][looks] */
    uint64_t *first_success;    /* as statistics */
    int64_t *position, *weight; /* only when trainings or their states are kept */
    ts_training *training;
    ts_measurement *measurement;
    uint8_t *mark;
    ts_resumed resumed; /* [slots][trainings] where fresh ones begin; only when the plan resumes them */

    uint32_t *entry_cell; /* [entry_count] which cell has it in this round */
    uint32_t *cell_entry; /* [cell_count] which entry a cell has, where entry_cell says the same */
    uint32_t entry_count;
    bool running, reduced, advanced; /* what was submitted */
    uint64_t submitted_chunk;
    double submitted_at;
};

/* ---- memory */

static bool on_device(ts_wave *wave, void *pointer, size_t bytes, cudaError_t *status) {
    void *memory = NULL;
    *status = cudaMalloc(&memory, bytes);
    if (*status != cudaSuccess)
        return false;
    wave->device_array[wave->device_arrays++] = memory;
    memcpy(pointer, &memory, sizeof memory);
    return true;
}

static bool on_host(ts_wave *wave, void *pointer, size_t bytes, cudaError_t *status) {
    void *memory = NULL;
    *status = cudaMallocHost(&memory, bytes);
    if (*status != cudaSuccess)
        return false;
    wave->host_array[wave->host_arrays++] = memory;
    memset(memory, 0, bytes);
    memcpy(pointer, &memory, sizeof memory);
    return true;
}

static bool allocate_device(ts_wave *wave, cudaError_t *status) {
    const size_t slots = wave->slots.count, trainings = slots * wave->shape.trainings;
    const size_t looks = wave->memory.looks, counts = wave->entries * looks;
    ts_wave_memory *memory = &wave->memory;
    memory->scratch_blocks = (uint32_t)(SCRATCH_BLOCKS * wave->gpu->multiprocessors);
    if (memory->scratch_blocks > trainings)
        memory->scratch_blocks = (uint32_t)trainings;
    const size_t scratch = memory->scratch_blocks * ts_scratch_size(wave->neurons);
    return on_device(wave, &memory->slot, slots * sizeof *memory->slot, status) &&
           on_device(wave, &memory->fresh, slots * sizeof *memory->fresh, status) &&
           on_device(wave, &memory->look, slots * sizeof *memory->look, status) &&
           on_device(wave, &memory->ended, slots * sizeof *memory->ended, status) &&
           on_device(wave, &memory->progress, slots * sizeof *memory->progress, status) &&
           on_device(wave, &memory->training, trainings * sizeof *memory->training, status) &&
           on_device(wave, &memory->position, trainings * wave->row * sizeof *memory->position, status) &&
           on_device(wave, &memory->weight, trainings * wave->row * sizeof *memory->weight, status) &&
           on_device(wave, &memory->order, trainings * wave->row * sizeof *memory->order, status) &&
           on_device(wave, &memory->low, trainings * wave->row * sizeof *memory->low, status) &&
           on_device(wave, &memory->measurement, trainings * looks * sizeof *memory->measurement, status) &&
           on_device(wave, &memory->mark, trainings * sizeof *memory->mark, status) &&
           on_device(wave, &memory->statistics, counts * sizeof *memory->statistics, status) &&
           on_device(wave, &memory->first_success, counts * sizeof *memory->first_success, status) &&
           on_device(wave, &memory->scratch, scratch, status);
}

static bool allocate_host(ts_wave *wave, cudaError_t *status) {
    const size_t slots = wave->slots.count, trainings = slots * wave->shape.trainings;
    const size_t counts = wave->entries * wave->memory.looks;
    bool enough = on_host(wave, &wave->slot, slots * sizeof *wave->slot, status) &&
                  on_host(wave, &wave->fresh, slots * sizeof *wave->fresh, status) &&
                  on_host(wave, &wave->look, slots * sizeof *wave->look, status) &&
                  on_host(wave, &wave->ended, slots * sizeof *wave->ended, status) &&
                  on_host(wave, &wave->progress, slots * sizeof *wave->progress, status) &&
                  on_host(wave, &wave->statistics, counts * sizeof *wave->statistics, status) &&
                  on_host(wave, &wave->first_success, counts * sizeof *wave->first_success, status);
    if (enough && wave->gpu->plan->resume)
        enough = on_host(wave, &wave->resumed.position, trainings * wave->row * sizeof *wave->position, status) &&
                 on_host(wave, &wave->resumed.weight, trainings * wave->row * sizeof *wave->weight, status) &&
                 on_host(wave, &wave->resumed.order, trainings * wave->row * sizeof *wave->resumed.order, status) &&
                 on_host(wave, &wave->resumed.training, trainings * sizeof *wave->training, status);
    if (enough && (wave->gpu->results->kept || wave->gpu->results->state))
        enough = on_host(wave, &wave->position, trainings * wave->row * sizeof *wave->position, status) &&
                 on_host(wave, &wave->weight, trainings * wave->row * sizeof *wave->weight, status) &&
                 on_host(wave, &wave->training, trainings * sizeof *wave->training, status) &&
                 on_host(wave, &wave->measurement, trainings * sizeof *wave->measurement, status);
    if (enough && (wave->position || wave->gpu->results->mark))
        enough = on_host(wave, &wave->mark, trainings * sizeof *wave->mark, status);
    return enough;
}

static void release(ts_wave *wave) {
    while (wave->device_arrays > 0)
        cudaFree(wave->device_array[--wave->device_arrays]);
    while (wave->host_arrays > 0)
        cudaFreeHost(wave->host_array[--wave->host_arrays]);
    free(wave->entry_cell);
    free(wave->cell_entry);
    wave->entry_cell = wave->cell_entry = NULL;
    ts_slots_free(&wave->slots);
}

static bool allocate_entries(ts_wave *wave) {
    const size_t slots = wave->slots.count, cells = wave->gpu->plan->cell_count;
    wave->entries = slots < cells ? slots : cells;
    wave->entry_cell = malloc(wave->entries * sizeof *wave->entry_cell);
    wave->cell_entry = calloc(cells, sizeof *wave->cell_entry);
    return wave->entry_cell && wave->cell_entry;
}

/* With half as many slots as long as there is no memory for more. */
static bool allocate(ts_wave *wave, uint32_t slots, double resident) {
    cudaError_t status = cudaSuccess;
    for (; slots > 0; slots /= 2) {
        if (!ts_slots_create(&wave->slots, wave->gpu, slots, resident) || !allocate_entries(wave))
            status = cudaErrorMemoryAllocation;
        else if (allocate_device(wave, &status) && allocate_host(wave, &status))
            return true;
        release(wave);
        cudaGetLastError();
        if (status != cudaErrorMemoryAllocation)
            break;
    }
    return ts_gpu_check(wave->gpu, status, "allocating memory for trainings");
}

ts_wave *ts_wave_create(ts_gpu *gpu, size_t list, uint64_t slots) {
    ts_wave *wave = calloc(1, sizeof *wave);
    if (!wave) {
        ts_gpu_check(gpu, cudaErrorMemoryAllocation, "allocating a wave");
        return NULL;
    }
    wave->gpu = gpu;
    wave->stream_number = -1;
    wave->shape = gpu->jobs->list[list].shape;
    wave->neurons = gpu->jobs->list[list].neurons;
    wave->row = wave->shape.row;
    wave->memory.row = wave->shape.row;
    wave->memory.looks = (uint32_t)ts_plan_looks(gpu->plan);
    wave->memory.stops = gpu->plan->stops;
    int blocks = 0;
    if (!ts_gpu_check(gpu, ts_advance_occupancy(wave->shape, &blocks), "looking for the advance kernel"))
        goto failed;
    const double resident = (blocks > 0 ? blocks : 1) * (double)gpu->multiprocessors;
    if (!allocate(wave, ts_slots_wanted(slots, resident), resident))
        goto failed;
    ts_device *device = gpu->device;
    wave->memory.cell = device->cell;
    wave->memory.replicate = device->replicate;
    wave->memory.look_step = device->look_step;
    wave->stream_number = ts_device_take_stream(device);
    wave->stream = device->stream[wave->stream_number];
    wave->has_event =
        ts_gpu_check(gpu, cudaEventCreateWithFlags(&wave->finished, cudaEventDisableTiming), "creating an event");
    if (!wave->has_event)
        goto failed;
    return wave;
failed:
    ts_wave_destroy(wave);
    return NULL;
}

void ts_wave_destroy(ts_wave *wave) {
    if (!wave)
        return;
    if (wave->stream_number >= 0) {
        cudaStreamSynchronize(wave->stream);
        ((ts_device *)wave->gpu->device)->waves[wave->stream_number]--;
    }
    if (wave->has_event)
        cudaEventDestroy(wave->finished);
    release(wave);
    free(wave);
}

ts_slots *ts_wave_slots(ts_wave *wave) {
    return &wave->slots;
}

bool ts_wave_running(const ts_wave *wave) {
    return wave->running;
}

/* ---- to the device */

static bool copy_to(ts_wave *wave, void *device, const void *host, size_t bytes) {
    return ts_gpu_check(wave->gpu, cudaMemcpyAsync(device, host, bytes, cudaMemcpyHostToDevice, wave->stream),
                        "copying to the device");
}

static bool copy_from(ts_wave *wave, void *host, const void *device, size_t bytes) {
    return ts_gpu_check(wave->gpu, cudaMemcpyAsync(host, device, bytes, cudaMemcpyDeviceToHost, wave->stream),
                        "copying from the device");
}

/* The final states of the trainings of a slot. */
static bool copy_kept(ts_wave *wave, uint32_t slot, const ts_job *job) {
    const size_t first = (size_t)slot * wave->shape.trainings, pitch = wave->row * sizeof(int64_t);
    const size_t width = wave->gpu->plan->cells[job->cell].neurons * sizeof(int64_t);
    const ts_wave_memory *memory = &wave->memory;
    const size_t last_look = ((size_t)slot * memory->looks + memory->looks - 1) * wave->shape.trainings;
    const char *tried = "copying trainings from the device";
    return ts_gpu_check(wave->gpu,
                        cudaMemcpy2DAsync(wave->position + first * wave->row, pitch,
                                          memory->position + first * wave->row, pitch, width, job->count,
                                          cudaMemcpyDeviceToHost, wave->stream),
                        tried) &&
           ts_gpu_check(wave->gpu,
                        cudaMemcpy2DAsync(wave->weight + first * wave->row, pitch, memory->weight + first * wave->row,
                                          pitch, width, job->count, cudaMemcpyDeviceToHost, wave->stream),
                        tried) &&
           copy_from(wave, wave->training + first, memory->training + first, job->count * sizeof *wave->training) &&
           copy_from(wave, wave->measurement + first, memory->measurement + last_look,
                     job->count * sizeof *wave->measurement);
}

static bool copy_marks(ts_wave *wave, uint32_t slot, const ts_job *job) {
    const size_t first = (size_t)slot * wave->shape.trainings;
    return copy_from(wave, wave->mark + first, wave->memory.mark + first, job->count * sizeof *wave->mark);
}

/* The looks that trainings have come to, on their way unless that is over, and at their end. Returns how many. */
static uint32_t list_looks(ts_wave *wave) {
    const ts_slots *slots = &wave->slots;
    uint32_t count = 0;
    for (uint32_t i = 0; wave->advanced && i < slots->seen_count; i++)
        wave->look[count++] = (ts_look){slots->seen[i], slots->look[slots->seen[i]]};
    for (uint32_t i = 0; i < slots->ended_count; i++)
        wave->look[count++] = (ts_look){slots->ended[i], wave->memory.looks - 1};
    return count;
}

static bool submit_measure(ts_wave *wave) {
    const ts_wave_memory *memory = &wave->memory;
    const uint32_t count = list_looks(wave);
    if (count == 0)
        return true;
    TS_RANGE_PUSH("measure");
    const bool fine =
        copy_to(wave, memory->look, wave->look, count * sizeof *wave->look) &&
        ts_gpu_check(wave->gpu, ts_launch_measure(wave->shape, memory, count, wave->neurons, wave->stream),
                     "launching measure_kernel");
    TS_RANGE_POP();
    return fine;
}

/* One entry of the statistics for each cell among the ended. */
static void assign_entries(ts_wave *wave) {
    wave->entry_count = 0;
    for (uint32_t i = 0; i < wave->slots.ended_count; i++) {
        const uint32_t cell = wave->slots.ended_job[i].cell;
        uint32_t *entry = &wave->cell_entry[cell];
        if (*entry >= wave->entry_count || wave->entry_cell[*entry] != cell) {
            *entry = wave->entry_count++;
            wave->entry_cell[*entry] = cell;
        }
        wave->ended[i] = (ts_ended){wave->slots.ended[i], *entry};
    }
}

static bool submit_reduce(ts_wave *wave) {
    const ts_wave_memory *memory = &wave->memory;
    const uint32_t count = wave->slots.ended_count;
    assign_entries(wave);
    const size_t counts = (size_t)wave->entry_count * memory->looks;
    const size_t statistics = counts * sizeof *wave->statistics, first = counts * sizeof *wave->first_success;
    const char *clearing = "clearing counts";
    if (!copy_to(wave, memory->ended, wave->ended, count * sizeof *wave->ended) ||
        !ts_gpu_check(wave->gpu, cudaMemsetAsync(memory->statistics, 0, statistics, wave->stream), clearing) ||
        !ts_gpu_check(wave->gpu, cudaMemsetAsync(memory->first_success, 0, first, wave->stream), clearing))
        return false;
    TS_RANGE_PUSH("reduce");
    bool fine =
        ts_gpu_check(wave->gpu, ts_launch_reduce(wave->shape, memory, count, wave->stream), "launching reduce_kernel");
    TS_RANGE_POP();
    TS_RANGE_PUSH("copy");
    fine = fine && copy_from(wave, wave->statistics, memory->statistics, statistics) &&
           copy_from(wave, wave->first_success, memory->first_success, first);
    for (uint32_t i = 0; fine && wave->mark && i < count; i++)
        fine = copy_marks(wave, wave->ended[i].slot, &wave->slots.ended_job[i]) &&
               (!wave->position || copy_kept(wave, wave->ended[i].slot, &wave->slots.ended_job[i]));
    TS_RANGE_POP();
    return fine;
}

/* The host's arrays of the wave as the device is to see them. */
static void describe_slots(ts_wave *wave) {
    for (uint32_t slot = 0; slot < wave->slots.count; slot++) {
        const ts_job *job = &wave->slots.job[slot];
        wave->slot[slot] = (ts_slot){0};
        if (wave->slots.left[slot] > 0)
            wave->slot[slot] = (ts_slot){job->cell, job->first, job->count,
                                         ts_plan_look(wave->gpu->plan, job->cell, wave->slots.look[slot])};
    }
    memcpy(wave->fresh, wave->slots.fresh, wave->slots.fresh_count * sizeof *wave->fresh);
}

/* What is new of them. */
static bool submit_slots(ts_wave *wave) {
    if (wave->slots.fresh_count == 0 && wave->slots.seen_count == 0)
        return true;
    ts_slots_go_on(&wave->slots);
    describe_slots(wave);
    return copy_to(wave, wave->memory.slot, wave->slot, wave->slots.count * sizeof *wave->slot);
}

_Static_assert(sizeof *((ts_wave_memory *)0)->order == sizeof *((ts_resumed *)0)->order, "an order is copied as it is");

/* Where the trainings of a slot go on. */
static bool submit_resumed(ts_wave *wave, uint32_t slot) {
    const ts_wave_memory *memory = &wave->memory;
    const ts_job *job = &wave->slots.job[slot];
    const size_t first = (size_t)slot * wave->shape.trainings, row = first * wave->row,
                 neurons = job->count * wave->row;
    const ts_resumed from = {wave->resumed.training + first, wave->resumed.position + row, wave->resumed.weight + row,
                             wave->resumed.order + row};
    ts_resume_job(wave->gpu->plan, job, wave->row, from);
    return copy_to(wave, memory->position + row, from.position, neurons * sizeof *memory->position) &&
           copy_to(wave, memory->weight + row, from.weight, neurons * sizeof *memory->weight) &&
           copy_to(wave, memory->order + row, from.order, neurons * sizeof *memory->order) &&
           copy_to(wave, memory->training + first, from.training, job->count * sizeof *memory->training);
}

static bool submit_start(ts_wave *wave) {
    const ts_wave_memory *memory = &wave->memory;
    const uint32_t count = wave->slots.fresh_count;
    bool fine = true;
    TS_RANGE_PUSH("start");
    for (uint32_t i = 0; fine && wave->gpu->plan->resume && i < count; i++)
        fine = submit_resumed(wave, wave->fresh[i]);
    if (fine && !wave->gpu->plan->resume)
        fine = copy_to(wave, memory->fresh, wave->fresh, count * sizeof *wave->fresh) &&
               ts_gpu_check(wave->gpu, ts_launch_start(wave->shape, memory, count, wave->neurons, wave->stream),
                            "launching start_kernel");
    TS_RANGE_POP();
    return fine;
}

static bool submit_advance(ts_wave *wave) {
    const ts_wave_memory *memory = &wave->memory;
    const uint32_t slots = wave->slots.count;
    TS_RANGE_PUSH("advance chunk");
    const bool fine =
        ts_gpu_check(wave->gpu, ts_launch_advance(wave->shape, memory, slots, wave->slots.chunk, wave->stream),
                     "launching advance_kernel") &&
        copy_from(wave, wave->progress, memory->progress, slots * sizeof *wave->progress);
    TS_RANGE_POP();
    return fine;
}

bool ts_wave_submit(ts_wave *wave, bool ending) {
    wave->reduced = wave->slots.ended_count > 0;
    wave->advanced = ts_slots_active(&wave->slots) > 0 && !ending;
    wave->submitted_chunk = wave->slots.chunk;
    wave->submitted_at = ts_device_seconds(wave->gpu);
    if (!submit_measure(wave) || (wave->reduced && !submit_reduce(wave)))
        return false;
    if (wave->advanced && !submit_slots(wave))
        return false;
    if (wave->advanced && wave->slots.fresh_count > 0 && !submit_start(wave))
        return false;
    if (wave->advanced && !submit_advance(wave))
        return false;
    if (wave->advanced)
        wave->slots.fresh_count = 0;
    wave->running = ts_gpu_check(wave->gpu, cudaEventRecord(wave->finished, wave->stream), "recording an event");
    return wave->running;
}

/* ---- from the device */

bool ts_wave_poll(ts_wave *wave, bool *done) {
    const cudaError_t status = cudaEventQuery(wave->finished);
    *done = status == cudaSuccess;
    if (status == cudaErrorNotReady) {
        cudaGetLastError();
        return true;
    }
    return ts_gpu_check(wave->gpu, status, "waiting for the device");
}

/* The training at place `from` of the mirrors ended: put it into row `to`. */
static void keep_training(const ts_wave *wave, size_t from, ts_kept *kept, size_t to, size_t m) {
    memcpy(kept->position + to * m, wave->position + from * wave->row, m * sizeof *kept->position);
    memcpy(kept->weight + to * m, wave->weight + from * wave->row, m * sizeof *kept->weight);
    kept->bias[to] = wave->training[from].bias;
    kept->loss[to] = wave->measurement[from].loss;
    kept->position_loss[to] = wave->measurement[from].position_loss;
    kept->missed[to] = wave->measurement[from].missed;
    kept->outcome[to] = (int8_t)ts_mark_outcome(wave->mark[from]);
}

static void save_training(const ts_wave *wave, size_t from, const ts_cell *cell, ts_state *state, size_t to) {
    const size_t m = cell->neurons;
    memcpy(state->position + to * m, wave->position + from * wave->row, m * sizeof *state->position);
    memcpy(state->weight + to * m, wave->weight + from * wave->row, m * sizeof *state->weight);
    state->step[to] = wave->training[from].step;
    state->bias[to].fixed = wave->training[from].bias;
    state->drift[to] = wave->training[from].drift;
    state->diverged[to] = wave->training[from].halted == TS_HALTED_DIVERGED;
}

static void keep_rows(const ts_wave *wave, uint32_t slot, const ts_job *job) {
    const ts_results *results = wave->gpu->results;
    const ts_cell *cell = &wave->gpu->plan->cells[job->cell];
    for (uint32_t i = 0; i < job->count; i++) {
        const size_t from = (size_t)slot * wave->shape.trainings + i, to = job->first + i;
        ts_results_mark(results, wave->gpu->plan, job->cell, to, wave->mark[from]);
        if (results->kept)
            keep_training(wave, from, &results->kept[job->cell], to, cell->neurons);
        if (results->state)
            save_training(wave, from, cell, &results->state[job->cell], to);
    }
}

/* All looks at the trainings of a cell that ended. */
static void add_entry(const ts_wave *wave, uint32_t entry) {
    const ts_results *results = wave->gpu->results;
    const size_t cell = wave->entry_cell[entry], observations = wave->gpu->plan->observations;
    const ts_statistics *statistics = &wave->statistics[(size_t)entry * wave->memory.looks];
    const uint64_t *first = &wave->first_success[(size_t)entry * wave->memory.looks];
#pragma omp critical(ts_statistics)
    {
        for (size_t k = 0; k < observations; k++) {
            ts_statistics_add(&results->observed[cell * observations + k], &statistics[k]);
            results->first_success[cell * observations + k] += first[k];
        }
        ts_statistics_add(&results->statistics[cell], &statistics[observations]);
    }
}

static void collect_ended(ts_wave *wave) {
    const ts_gpu *gpu = wave->gpu;
    const ts_slots *slots = &wave->slots;
    for (uint32_t entry = 0; entry < wave->entry_count; entry++)
        add_entry(wave, entry);
    for (uint32_t i = 0; i < slots->ended_count; i++) {
        const ts_job *job = &slots->ended_job[i];
        if (wave->mark)
            keep_rows(wave, wave->ended[i].slot, job);
        ts_monitor_finish(gpu->monitor, job->count, job->training_steps - slots->ended_done[i],
                          gpu->plan->cells[job->cell].neurons);
    }
    wave->slots.ended_count = 0;
}

static bool collect_progress(ts_wave *wave) {
    bool full = false;
    for (uint32_t slot = 0; slot < wave->slots.count; slot++) {
        if (wave->slots.left[slot] == 0)
            continue;
        const ts_slot_progress *progress = &wave->progress[slot];
        const uint32_t cell = wave->slots.job[slot].cell;
        ts_monitor_advance(wave->gpu->monitor, progress->steps, wave->gpu->plan->cells[cell].neurons);
        full |= ts_slots_advance(&wave->slots, slot, wave->submitted_chunk, progress->steps, progress->alive);
    }
    return full;
}

void ts_wave_collect(ts_wave *wave) {
    const double seconds = ts_device_seconds(wave->gpu) - wave->submitted_at;
    wave->running = false;
    if (wave->advanced)
        ts_monitor_chunk(wave->gpu->monitor, seconds);
    if (wave->reduced)
        collect_ended(wave);
    if (wave->advanced && collect_progress(wave) && wave->gpu->options->chunk_steps == 0)
        ts_slots_adapt(&wave->slots, wave->submitted_chunk, seconds);
}
