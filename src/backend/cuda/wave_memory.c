/* The memory of a wave: on the device, and its mirrors on the host. */
#include "backend/cuda/wave.h"

#include <stdlib.h>
#include <string.h>

#define SCRATCH_BLOCKS 8 /* blocks for each multiprocessor that start or measure */

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

/* Does the plan have trainings that begin elsewhere than at their start? */
static bool resumes(const ts_plan *plan) {
    return plan->resume || (plan->underway && plan->underway->count > 0);
}

/* Those that are not there yet. */
static bool mirror_states(ts_wave *wave, cudaError_t *status) {
    const size_t trainings = (size_t)wave->slots.count * wave->shape.trainings;
    return (wave->position || on_host(wave, &wave->position, trainings * wave->row * sizeof *wave->position, status)) &&
           (wave->weight || on_host(wave, &wave->weight, trainings * wave->row * sizeof *wave->weight, status)) &&
           (wave->training || on_host(wave, &wave->training, trainings * sizeof *wave->training, status));
}

static bool allocate_host(ts_wave *wave, cudaError_t *status) {
    const size_t slots = wave->slots.count, trainings = slots * wave->shape.trainings;
    const size_t looks = wave->memory.looks, counts = wave->entries * looks;
    bool enough = on_host(wave, &wave->slot, slots * sizeof *wave->slot, status) &&
                  on_host(wave, &wave->fresh, slots * sizeof *wave->fresh, status) &&
                  on_host(wave, &wave->look, slots * sizeof *wave->look, status) &&
                  on_host(wave, &wave->ended, slots * sizeof *wave->ended, status) &&
                  on_host(wave, &wave->progress, slots * sizeof *wave->progress, status) &&
                  on_host(wave, &wave->statistics, counts * sizeof *wave->statistics, status) &&
                  on_host(wave, &wave->first_success, counts * sizeof *wave->first_success, status);
    if (enough && resumes(wave->gpu->plan))
        enough = on_host(wave, &wave->resumed.position, trainings * wave->row * sizeof *wave->position, status) &&
                 on_host(wave, &wave->resumed.weight, trainings * wave->row * sizeof *wave->weight, status) &&
                 on_host(wave, &wave->resumed.order, trainings * wave->row * sizeof *wave->resumed.order, status) &&
                 on_host(wave, &wave->resumed.training, trainings * sizeof *wave->training, status) &&
                 on_host(wave, &wave->resumed.measurement, looks * trainings * sizeof *wave->seen, status);
    if (enough && wave->keeps)
        enough = mirror_states(wave, status) &&
                 on_host(wave, &wave->measurement, trainings * sizeof *wave->measurement, status);
    if (enough && (wave->keeps || wave->gpu->results->mark))
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
    wave->position = wave->weight = NULL;
    wave->training = NULL;
    wave->seen = NULL;
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
    wave->keeps = gpu->results->kept || gpu->results->state;
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
    if (ts_gpu_check(gpu, cudaEventCreateWithFlags(&wave->finished, cudaEventDisableTiming), "creating an event"))
        return wave;
failed:
    ts_wave_destroy(wave);
    return NULL;
}

bool ts_wave_mirror_states(ts_wave *wave) {
    const size_t trainings = (size_t)wave->slots.count * wave->shape.trainings, looks = wave->memory.looks;
    cudaError_t status = cudaSuccess;
    return mirror_states(wave, &status) &&
           (wave->seen || looks == 1 || on_host(wave, &wave->seen, trainings * looks * sizeof *wave->seen, &status));
}

void ts_wave_destroy(ts_wave *wave) {
    if (!wave)
        return;
    if (wave->stream_number >= 0) {
        cudaStreamSynchronize(wave->stream);
        ((ts_device *)wave->gpu->device)->waves[wave->stream_number]--;
    }
    if (wave->finished)
        cudaEventDestroy(wave->finished);
    if (wave->told)
        cudaEventDestroy(wave->told);
    release(wave);
    free(wave);
}
