/* The rounds of a wave: what is launched and copied for it, and what becomes of its results. */
#include "backend/cuda/wave.h"
#include "backend/range.h"

#include <string.h>

ts_slots *ts_wave_slots(ts_wave *wave) {
    return &wave->slots;
}

bool ts_wave_running(const ts_wave *wave) {
    return wave->running;
}

/* ---- to the device */

bool ts_wave_copy_to(ts_wave *wave, void *device, const void *host, size_t bytes) {
    return ts_gpu_check(wave->gpu, cudaMemcpyAsync(device, host, bytes, cudaMemcpyHostToDevice, wave->stream),
                        "copying to the device");
}

bool ts_wave_copy_from(ts_wave *wave, void *host, const void *device, size_t bytes) {
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
           ts_wave_copy_from(wave, wave->training + first, memory->training + first,
                             job->count * sizeof *wave->training) &&
           ts_wave_copy_from(wave, wave->measurement + first, memory->measurement + last_look,
                             job->count * sizeof *wave->measurement);
}

static bool copy_marks(ts_wave *wave, uint32_t slot, const ts_job *job) {
    const size_t first = (size_t)slot * wave->shape.trainings;
    return ts_wave_copy_from(wave, wave->mark + first, wave->memory.mark + first, job->count * sizeof *wave->mark);
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
        ts_wave_copy_to(wave, memory->look, wave->look, count * sizeof *wave->look) &&
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
    if (!ts_wave_copy_to(wave, memory->ended, wave->ended, count * sizeof *wave->ended) ||
        !ts_gpu_check(wave->gpu, cudaMemsetAsync(memory->statistics, 0, statistics, wave->stream), clearing) ||
        !ts_gpu_check(wave->gpu, cudaMemsetAsync(memory->first_success, 0, first, wave->stream), clearing))
        return false;
    TS_RANGE_PUSH("reduce");
    bool fine =
        ts_gpu_check(wave->gpu, ts_launch_reduce(wave->shape, memory, count, wave->stream), "launching reduce_kernel");
    TS_RANGE_POP();
    TS_RANGE_PUSH("copy");
    fine = fine && ts_wave_copy_from(wave, wave->statistics, memory->statistics, statistics) &&
           ts_wave_copy_from(wave, wave->first_success, memory->first_success, first);
    for (uint32_t i = 0; fine && wave->mark && i < count; i++)
        fine = copy_marks(wave, wave->ended[i].slot, &wave->slots.ended_job[i]) &&
               (!wave->keeps || copy_kept(wave, wave->ended[i].slot, &wave->slots.ended_job[i]));
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
}

/* What is new of them. */
static bool submit_slots(ts_wave *wave) {
    if (wave->slots.fresh_count == 0 && wave->slots.seen_count == 0)
        return true;
    ts_slots_go_on(&wave->slots);
    describe_slots(wave);
    return ts_wave_copy_to(wave, wave->memory.slot, wave->slot, wave->slots.count * sizeof *wave->slot);
}

_Static_assert(sizeof *((ts_wave_memory *)0)->order == sizeof *((ts_resumed *)0)->order, "an order is copied as it is");

/* Where the trainings of a slot begin, when that is for the host to say. */
static bool submit_resumed(ts_wave *wave, uint32_t slot) {
    const ts_wave_memory *memory = &wave->memory;
    const ts_job *job = &wave->slots.job[slot];
    const uint32_t trainings = wave->shape.trainings;
    const size_t first = (size_t)slot * trainings, row = first * wave->row, neurons = job->count * wave->row;
    const size_t look = first * memory->looks, looks = (memory->looks - 1) * (size_t)trainings;
    const ts_resumed from = {wave->resumed.training + first, wave->resumed.position + row, wave->resumed.weight + row,
                             wave->resumed.order + row, wave->resumed.measurement + look};
    ts_resume_job(wave->gpu->plan, job, trainings, wave->row, from);
    return ts_wave_copy_to(wave, memory->position + row, from.position, neurons * sizeof *memory->position) &&
           ts_wave_copy_to(wave, memory->weight + row, from.weight, neurons * sizeof *memory->weight) &&
           ts_wave_copy_to(wave, memory->order + row, from.order, neurons * sizeof *memory->order) &&
           ts_wave_copy_to(wave, memory->training + first, from.training, job->count * sizeof *memory->training) &&
           (looks == 0 ||
            ts_wave_copy_to(wave, memory->measurement + look, from.measurement, looks * sizeof *memory->measurement));
}

static bool submit_start(ts_wave *wave) {
    const ts_wave_memory *memory = &wave->memory;
    uint32_t count = 0; /* that are drawn on the device */
    bool fine = true;
    TS_RANGE_PUSH("start");
    for (uint32_t i = 0; fine && i < wave->slots.fresh_count; i++) {
        const uint32_t slot = wave->slots.fresh[i];
        if (wave->slots.job[slot].resumed)
            fine = submit_resumed(wave, slot);
        else
            wave->fresh[count++] = slot;
    }
    if (fine && count > 0)
        fine = ts_wave_copy_to(wave, memory->fresh, wave->fresh, count * sizeof *wave->fresh) &&
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
        ts_wave_copy_from(wave, wave->progress, memory->progress, slots * sizeof *wave->progress);
    TS_RANGE_POP();
    return fine;
}

bool ts_wave_submit(ts_wave *wave, bool ending) {
    wave->reduced = wave->slots.ended_count > 0;
    wave->ending = ending;
    wave->advanced = ts_slots_active(&wave->slots) > 0 && !ending;
    wave->submitted_chunk = wave->slots.chunk;
    wave->submitted_at = ts_device_seconds(wave->gpu);
    if (!submit_measure(wave) || (wave->reduced && !submit_reduce(wave)) || !ts_wave_submit_states(wave, ending))
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

bool ts_wave_has_passed(ts_wave *wave, cudaEvent_t event, bool *done) {
    const cudaError_t status = cudaEventQuery(event);
    *done = status == cudaSuccess;
    if (status == cudaErrorNotReady) {
        cudaGetLastError();
        return true;
    }
    return ts_gpu_check(wave->gpu, status, "waiting for the device");
}

bool ts_wave_poll(ts_wave *wave, bool *done) {
    return ts_wave_poll_states(wave) && ts_wave_has_passed(wave, wave->finished, done);
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

/* What is wanted of the trainings of a slot besides their counts and marks. */
static void keep_rows(const ts_wave *wave, uint32_t slot, const ts_job *job) {
    const ts_results *results = wave->gpu->results;
    const ts_cell *cell = &wave->gpu->plan->cells[job->cell];
    for (uint32_t i = 0; i < job->count; i++) {
        const size_t from = (size_t)slot * wave->shape.trainings + i, to = job->first + i;
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
    for (size_t k = 0; k < observations; k++) {
        ts_statistics_add(&results->observed[cell * observations + k], &statistics[k]);
        results->first_success[cell * observations + k] += first[k];
    }
    ts_statistics_add(&results->statistics[cell], &statistics[observations]);
}

static void mark_rows(const ts_wave *wave, uint32_t slot, const ts_job *job) {
    for (uint32_t i = 0; i < job->count; i++)
        ts_results_mark(wave->gpu->results, wave->gpu->plan, job->cell, job->first + i,
                        wave->mark[(size_t)slot * wave->shape.trainings + i]);
}

/* Whoever looks at marks and sums meanwhile sees a training in both or in none, and what is kept of those with a mark.
 */
static void collect_ended(ts_wave *wave) {
    const ts_gpu *gpu = wave->gpu;
    const ts_slots *slots = &wave->slots;
    for (uint32_t i = 0; wave->keeps && i < slots->ended_count; i++)
        keep_rows(wave, wave->ended[i].slot, &slots->ended_job[i]);
#pragma omp critical(ts_statistics)
    {
        for (uint32_t entry = 0; entry < wave->entry_count; entry++)
            add_entry(wave, entry);
        for (uint32_t i = 0; wave->mark && i < slots->ended_count; i++)
            mark_rows(wave, wave->ended[i].slot, &slots->ended_job[i]);
    }
    for (uint32_t i = 0; i < slots->ended_count; i++) {
        const ts_job *job = &slots->ended_job[i];
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
    ts_wave_collect_states(wave);
    if (wave->advanced)
        ts_monitor_chunk(wave->gpu->monitor, seconds);
    if (wave->reduced)
        collect_ended(wave);
    if (wave->advanced && collect_progress(wave) && wave->gpu->options->chunk_steps == 0)
        ts_slots_adapt(&wave->slots, wave->submitted_chunk, seconds);
    if (wave->ending)
        ts_slots_abandon(&wave->slots);
}
