/* Where the trainings of a wave stand, for those who ask: copied to the host between two advances, so that the device
 * need not wait for anybody, and put as waypoints while it goes on. */
#include "backend/cuda/wave.h"

#include <stdlib.h>
#include <string.h>

static bool is_asked(ts_wave *wave, bool ending) {
    const ts_underway *underway = wave->gpu->results->underway;
    const unsigned asked = underway ? atomic_load(&underway->asked) : 0;
    const bool wants = underway && (ending || asked != wave->answered);
    wave->answered = asked;
    return wants;
}

/* ---- from the device */

/* The first slot from there on whose trainings are on their way, or not; the number of slots: none. */
static uint32_t next_slot(const ts_slots *slots, uint32_t from, bool underway) {
    while (from < slots->count && ts_slots_underway(slots, from) != underway)
        from++;
    return from;
}

/* The states of the trainings of slots first .. end - 1. */
static bool copy_states(ts_wave *wave, uint32_t first, uint32_t end) {
    const ts_wave_memory *memory = &wave->memory;
    const size_t from = (size_t)first * wave->shape.trainings, count = (size_t)(end - first) * wave->shape.trainings;
    const size_t row = from * wave->row, neurons = count * wave->row, look = from * memory->looks;
    return ts_wave_copy_from(wave, wave->position + row, memory->position + row, neurons * sizeof *wave->position) &&
           ts_wave_copy_from(wave, wave->weight + row, memory->weight + row, neurons * sizeof *wave->weight) &&
           ts_wave_copy_from(wave, wave->training + from, memory->training + from, count * sizeof *wave->training) &&
           (!wave->seen || ts_wave_copy_from(wave, wave->seen + look, memory->measurement + look,
                                             count * memory->looks * sizeof *wave->seen));
}

/* False: there is no memory for it now. */
static bool prepare(ts_wave *wave) {
    const bool enough = ts_wave_mirror_states(wave) &&
                        (wave->told || cudaEventCreateWithFlags(&wave->told, cudaEventDisableTiming) == cudaSuccess);
    if (!enough)
        cudaGetLastError(); /* it is nobody's error */
    return enough;
}

/* Trainings that were given to their slots just now are where the plan says, and need no waypoint. Without memory for
 * them nobody is told; the next time may have it. */
bool ts_wave_submit_states(ts_wave *wave, bool ending) {
    const ts_slots *slots = &wave->slots;
    uint32_t first = next_slot(slots, 0, true);
    wave->tells = is_asked(wave, ending) && first < slots->count && prepare(wave);
    if (!wave->tells)
        return true;
    for (uint32_t end; first < slots->count; first = next_slot(slots, end, true)) {
        end = next_slot(slots, first, false);
        if (!copy_states(wave, first, end))
            return false;
    }
    return ts_gpu_check(wave->gpu, cudaEventRecord(wave->told, wave->stream), "recording an event");
}

/* ---- to those who asked */

/* The look on the way that measured what look k has to say of a training: the last one at its step, or at that where
 * the training halted before. */
static size_t look_of(const ts_plan *plan, size_t cell, size_t k, const ts_training *training) {
    const uint64_t step = ts_plan_look(plan, cell, k) < training->step ? ts_plan_look(plan, cell, k) : training->step;
    while (k > 0 && ts_plan_look(plan, cell, k) > step)
        k--;
    while (k + 1 < plan->observations && ts_plan_look(plan, cell, k + 1) == step)
        k++;
    return k;
}

/* Looks that have been taken of a training. Its slot is not going to pass the next one before that is taken; it may
 * itself have been further when the slot took it. */
static uint32_t looks_taken(const ts_wave *wave, uint32_t slot, const ts_training *training) {
    const ts_plan *plan = wave->gpu->plan;
    const size_t cell = wave->slots.job[slot].cell;
    const uint64_t next = ts_plan_look(plan, cell, wave->slots.look[slot]);
    const uint64_t behind = training->step > next ? training->step : next;
    uint32_t looks = 0;
    while (looks < plan->observations && ts_plan_look(plan, cell, looks) < behind)
        looks++;
    return looks;
}

static void tell_row(const ts_wave *wave, uint32_t slot, uint32_t i) {
    const ts_plan *plan = wave->gpu->plan;
    const ts_job *job = &wave->slots.job[slot];
    const ts_cell *cell = &plan->cells[job->cell];
    const size_t from = (size_t)slot * wave->shape.trainings + i, bytes = cell->neurons * sizeof(int64_t);
    const ts_training *training = &wave->training[from];
    const uint32_t looks = looks_taken(wave, slot, training);
    ts_waypoint *point = ts_waypoint_create(cell->neurons, looks);
    for (uint32_t k = 0; point && k < looks; k++) {
        const size_t look = (size_t)slot * wave->memory.looks + look_of(plan, job->cell, k, training);
        point->seen[k] =
            ts_seen_at(cell, training, ts_plan_look(plan, job->cell, k), wave->seen[look * wave->shape.trainings + i]);
    }
    if (point) {
        point->cell = job->cell;
        point->row = job->first + i;
        point->training = *training;
        memcpy(point->position, wave->position + from * wave->row, bytes);
        memcpy(point->weight, wave->weight + from * wave->row, bytes);
    }
    ts_underway_put(wave->gpu->results->underway, point);
}

void ts_wave_collect_states(ts_wave *wave) {
    for (uint32_t slot = 0; wave->tells && slot < wave->slots.count; slot++)
        for (uint32_t i = 0; ts_slots_underway(&wave->slots, slot) && i < wave->slots.job[slot].count; i++)
            tell_row(wave, slot, i);
    wave->tells = false;
}

bool ts_wave_poll_states(ts_wave *wave) {
    bool done = false;
    if (wave->tells && !ts_wave_has_passed(wave, wave->told, &done))
        return false;
    if (done)
        ts_wave_collect_states(wave);
    return true;
}
