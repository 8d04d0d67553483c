#include "backend/cuda/slots.h"

#include <stdlib.h>

#define CHUNK_SECONDS 0.25 /* a chunk is to take */
#define FIRST_CHUNK 1024   /* steps, before anything was measured */
#define LARGEST_GROWTH 4   /* of a chunk after the one before */
#define MOST_FILLINGS 8    /* slots of a wave: so many times what the device runs at a time; for short trainings */

uint32_t ts_slots_wanted(uint64_t jobs, double resident) {
    const double most = MOST_FILLINGS * resident;
    return jobs < 1 ? 1 : (double)jobs < most ? (uint32_t)jobs : (uint32_t)most;
}

bool ts_slots_create(ts_slots *slots, ts_gpu *gpu, uint32_t count, double resident) {
    *slots = (ts_slots){.gpu = gpu, .count = count, .portion = 1 / resident, .free_count = count};
    slots->chunk = gpu->options->chunk_steps > 0 ? gpu->options->chunk_steps : FIRST_CHUNK;
    slots->job = malloc(count * sizeof *slots->job);
    slots->left = calloc(count, sizeof *slots->left);
    slots->done = calloc(count, sizeof *slots->done);
    slots->look = calloc(count, sizeof *slots->look);
    slots->until = calloc(count, sizeof *slots->until);
    slots->seen = malloc(count * sizeof *slots->seen);
    slots->free_slot = malloc(count * sizeof *slots->free_slot);
    slots->fresh = malloc(count * sizeof *slots->fresh);
    slots->ended = malloc(count * sizeof *slots->ended);
    slots->ended_job = malloc(count * sizeof *slots->ended_job);
    slots->ended_done = malloc(count * sizeof *slots->ended_done);
    if (!slots->job || !slots->left || !slots->done || !slots->look || !slots->until || !slots->seen ||
        !slots->free_slot || !slots->fresh || !slots->ended || !slots->ended_job || !slots->ended_done)
        return false;
    for (uint32_t slot = 0; slot < count; slot++)
        slots->free_slot[slot] = count - 1 - slot;
    return true;
}

void ts_slots_free(ts_slots *slots) {
    free(slots->job);
    free(slots->left);
    free(slots->done);
    free(slots->look);
    free(slots->until);
    free(slots->seen);
    free(slots->free_slot);
    free(slots->fresh);
    free(slots->ended);
    free(slots->ended_job);
    free(slots->ended_done);
    *slots = (ts_slots){0};
}

uint32_t ts_slots_active(const ts_slots *slots) {
    return slots->count - slots->free_count;
}

/* Part of the device that a job occupies; trainings that end or are looked at before a chunk is over do so for a part
 * of the time. */
static double portion(const ts_slots *slots, const ts_job *job) {
    const double part = (double)job->steps / ((double)ts_plan_looks(slots->gpu->plan) * (double)slots->chunk);
    return slots->portion * (part < 1 ? part : 1);
}

/* Steps done by the training of a slot that is furthest behind. */
static uint64_t steps_done(const ts_slots *slots, uint32_t slot) {
    const uint64_t steps = slots->gpu->plan->cells[slots->job[slot].cell].steps;
    return slots->left[slot] < steps ? steps - slots->left[slot] : 0;
}

/* The next look is this one, or the last one at the same step, or one further on for trainings that have passed it. */
static void aim(ts_slots *slots, uint32_t slot, size_t look) {
    const ts_plan *plan = slots->gpu->plan;
    const uint32_t cell = slots->job[slot].cell;
    const uint64_t done = steps_done(slots, slot);
    while (look < plan->observations && ts_plan_look(plan, cell, look) < done)
        look++;
    const uint64_t step = ts_plan_look(plan, cell, look);
    while (look < plan->observations && ts_plan_look(plan, cell, look + 1) == step)
        look++;
    slots->look[slot] = (uint32_t)look;
    slots->until[slot] = look < plan->observations ? step - done : slots->left[slot];
}

void ts_slots_add(ts_slots *slots, const ts_job *job) {
    const uint32_t slot = slots->free_slot[--slots->free_count];
    slots->job[slot] = *job;
    slots->left[slot] = job->steps > 0 ? job->steps : 1; /* a job without steps ends like others */
    slots->done[slot] = 0;
    aim(slots, slot, 0);
    slots->fresh[slots->fresh_count++] = slot;
    slots->gpu->held += job->cost;
    slots->gpu->occupied += portion(slots, job);
}

static void free_slot(ts_slots *slots, uint32_t slot) {
    slots->gpu->held -= slots->job[slot].cost;
    slots->gpu->occupied -= portion(slots, &slots->job[slot]);
    slots->left[slot] = 0;
    slots->free_slot[slots->free_count++] = slot;
}

static void end_slot(ts_slots *slots, uint32_t slot) {
    const uint32_t i = slots->ended_count++;
    slots->ended[i] = slot;
    slots->ended_job[i] = slots->job[slot];
    slots->ended_done[i] = slots->done[slot];
    free_slot(slots, slot);
}

void ts_slots_abandon(ts_slots *slots) {
    for (uint32_t slot = 0; slot < slots->count; slot++)
        if (slots->left[slot] > 0)
            free_slot(slots, slot);
    slots->fresh_count = slots->seen_count = 0;
}

uint64_t ts_slots_steps(const ts_slots *slots, uint32_t slot, uint64_t chunk) {
    return slots->until[slot] < chunk ? slots->until[slot] : chunk;
}

bool ts_slots_underway(const ts_slots *slots, uint32_t slot) {
    return slots->left[slot] > 0 && slots->left[slot] < slots->job[slot].steps;
}

/* When no training did a step, the one that was furthest behind has halted, and the others are where it was to come. */
bool ts_slots_advance(ts_slots *slots, uint32_t slot, uint64_t chunk, uint64_t steps, uint32_t alive) {
    const uint64_t went = steps > 0 ? ts_slots_steps(slots, slot, chunk) : slots->until[slot];
    slots->left[slot] -= went;
    slots->until[slot] -= went;
    slots->done[slot] += (double)steps;
    if (slots->left[slot] == 0 || alive == 0)
        end_slot(slots, slot);
    else if (slots->until[slot] == 0)
        slots->seen[slots->seen_count++] = slot;
    return went == chunk;
}

void ts_slots_go_on(ts_slots *slots) {
    for (uint32_t i = 0; i < slots->seen_count; i++)
        aim(slots, slots->seen[i], slots->look[slots->seen[i]] + 1);
    slots->seen_count = 0;
}

void ts_slots_adapt(ts_slots *slots, uint64_t chunk, double seconds) {
    const double ratio = CHUNK_SECONDS / (seconds > 1e-9 ? seconds : 1e-9);
    const double growth = ratio > LARGEST_GROWTH ? LARGEST_GROWTH : ratio;
    const double steps = (double)chunk * growth;
    double before = 0, after = 0; /* occupied; both depend on the chunk */
    for (uint32_t slot = 0; slot < slots->count; slot++)
        before += slots->left[slot] > 0 ? portion(slots, &slots->job[slot]) : 0;
    slots->chunk = steps < 1 ? 1 : steps > 0x1p40 ? UINT64_C(1) << 40 : (uint64_t)steps;
    for (uint32_t slot = 0; slot < slots->count; slot++)
        after += slots->left[slot] > 0 ? portion(slots, &slots->job[slot]) : 0;
    slots->gpu->occupied += after - before;
}
