#include "simulated_device.h"

#include <math.h>
#include <stdlib.h>

sim_model sim_model_default(void) {
    return (sim_model){
        .multiprocessors = 132,
        .shared_memory = 227 << 10,
        .blocks = 16, /* of one warp, as many as their registers leave room for */
        .queues = 32,
        .clock = 1.755e9,
        .round_seconds = 100e-6,
        .slot_seconds = 1e-6,
    };
}

int sim_resident(const sim_model *model, size_t block_memory) {
    const size_t blocks = block_memory > 0 ? model->shared_memory / block_memory : SIZE_MAX;
    return blocks < (size_t)model->blocks ? (int)blocks : model->blocks;
}

/* Instructions of one of the warps of a scheduler per second. Warps of several kernels get what they would among their
 * like. */
static double warp_rate(const sim_model *model, const sim_scheduler *s, int warp) {
    const int like = s->warps < SIM_RATES ? s->warps : SIM_RATES;
    const double rate = model->rate > 0 ? model->rate : s->launch[warp]->rates[like - 1];
    return model->clock * rate / s->warps;
}

bool sim_device_create(sim_device *device, const sim_model *model) {
    *device = (sim_device){.model = *model, .leaves = 1};
    while (device->leaves < model->multiprocessors)
        device->leaves *= 2;
    device->multiprocessor = calloc((size_t)device->leaves, sizeof *device->multiprocessor);
    device->first = calloc(2 * (size_t)device->leaves, sizeof *device->first);
    if (!device->multiprocessor || !device->first)
        return false;
    for (int i = 0; i < device->leaves; i++) {
        device->multiprocessor[i].next = INFINITY;
        device->first[device->leaves + i] = i;
    }
    for (int i = device->leaves - 1; i > 0; i--)
        device->first[i] = device->first[2 * i];
    return true;
}

void sim_device_free(sim_device *device) {
    free(device->multiprocessor);
    free(device->first);
}

/* ---- a multiprocessor */

static void update(sim_device *device, int index) {
    sim_multiprocessor *mp = &device->multiprocessor[index];
    for (int i = 0; i < SIM_SCHEDULERS; i++) {
        sim_scheduler *s = &mp->scheduler[i];
        device->scheduler_seconds += s->warps > 0 ? device->now - mp->updated : 0;
        for (int k = 0; k < s->warps; k++) {
            const double done = (device->now - mp->updated) * warp_rate(&device->model, s, k);
            s->left[k] -= done;
            device->instructions += done;
        }
    }
    mp->updated = device->now;
}

/* After its blocks have changed: when does the next one end? */
static void look_ahead(sim_device *device, int index) {
    sim_multiprocessor *mp = &device->multiprocessor[index];
    mp->next = INFINITY;
    for (int i = 0; i < SIM_SCHEDULERS; i++) {
        const sim_scheduler *s = &mp->scheduler[i];
        for (int k = 0; k < s->warps; k++)
            mp->next = fmin(mp->next, mp->updated + fmax(s->left[k], 0) / warp_rate(&device->model, s, k));
    }
    for (int i = (device->leaves + index) / 2; i > 0; i /= 2) {
        const int left = device->first[2 * i], right = device->first[2 * i + 1];
        device->first[i] = device->multiprocessor[left].next <= device->multiprocessor[right].next ? left : right;
    }
}

/* The next block of the launch on this multiprocessor, if there is room. */
static bool place(sim_device *device, int index, sim_launch *launch) {
    sim_multiprocessor *mp = &device->multiprocessor[index];
    if (mp->blocks >= device->model.blocks || mp->shared_memory + launch->block_memory > device->model.shared_memory)
        return false;
    sim_scheduler *least = &mp->scheduler[0];
    for (int i = 1; i < SIM_SCHEDULERS; i++)
        if (mp->scheduler[i].warps < least->warps)
            least = &mp->scheduler[i];
    if (least->warps >= SIM_WARPS)
        return false;
    update(device, index);
    least->left[least->warps] = launch->instructions[launch->dispatched++];
    least->launch[least->warps++] = launch;
    mp->blocks++;
    mp->shared_memory += launch->block_memory;
    device->resident++;
    look_ahead(device, index);
    return true;
}

/* ---- the device */

/* The first launch that has blocks to dispatch and none before it in its queue. */
static sim_launch *next_launch(const sim_device *device) {
    uint64_t occupied = 0; /* queues */
    for (sim_launch *launch = device->queue; launch; launch = launch->next) {
        const uint64_t own = UINT64_C(1) << launch->queue;
        if (!(occupied & own) && launch->dispatched < launch->count)
            return launch;
        occupied |= own;
    }
    return NULL;
}

/* Blocks wherever there is room, one after the other on each multiprocessor. */
static void dispatch(sim_device *device) {
    for (sim_launch *launch; (launch = next_launch(device));) {
        bool placed = false;
        for (int i = 0; i < device->model.multiprocessors && launch->dispatched < launch->count; i++)
            placed |= place(device, i, launch);
        if (!placed)
            return;
    }
}

void sim_device_launch(sim_device *device, sim_launch *launch) {
    sim_launch **end = &device->queue;
    while (*end)
        end = &(*end)->next;
    launch->next = NULL;
    launch->dispatched = launch->ended = 0;
    if (launch->count == 0) {
        device->launches_done++;
        return;
    }
    *end = launch;
    dispatch(device);
}

static void leave(sim_device *device, sim_launch *launch) {
    sim_launch **at = &device->queue;
    while (*at != launch)
        at = &(*at)->next;
    *at = launch->next;
    device->launches_done++;
}

/* The block that ends now on this multiprocessor. Returns true when its launch is done. */
static bool end_block(sim_device *device, int index) {
    sim_multiprocessor *mp = &device->multiprocessor[index];
    sim_scheduler *ending = NULL;
    int warp = 0;
    double least = INFINITY;
    update(device, index);
    for (int i = 0; i < SIM_SCHEDULERS; i++)
        for (int k = 0; k < mp->scheduler[i].warps; k++) {
            sim_scheduler *s = &mp->scheduler[i];
            const double left = s->left[k] / warp_rate(&device->model, s, k);
            if (left < least) {
                least = left;
                ending = s;
                warp = k;
            }
        }
    sim_launch *launch = ending->launch[warp];
    ending->warps--;
    ending->left[warp] = ending->left[ending->warps];
    ending->launch[warp] = ending->launch[ending->warps];
    mp->blocks--;
    mp->shared_memory -= launch->block_memory;
    device->resident--;
    launch->ended++;
    look_ahead(device, index);
    const bool done = sim_launch_done(launch);
    if (done)
        leave(device, launch);
    /* Only here is new room; elsewhere only when another launch is the next one, whose blocks may be smaller. */
    sim_launch *next = next_launch(device);
    const bool placed = !done && next && place(device, index, next);
    if (done || (placed && next->dispatched == next->count))
        dispatch(device);
    return done;
}

static void pass(sim_device *device, double until) {
    if (device->resident > 0)
        device->working_seconds += until - device->now;
    device->now = until;
}

/* Time of the next event, its multiprocessor. */
static double next_event(const sim_device *device, int *index) {
    *index = device->first[1];
    return device->multiprocessor[*index].next;
}

void sim_device_run(sim_device *device, double until) {
    int index;
    for (double next; (next = next_event(device, &index)) <= until;) {
        pass(device, fmax(next, device->now));
        end_block(device, index);
    }
    pass(device, fmax(until, device->now));
}

bool sim_device_run_launch(sim_device *device) {
    int index;
    for (double next; (next = next_event(device, &index)) < INFINITY;) {
        pass(device, fmax(next, device->now));
        if (end_block(device, index))
            return true;
    }
    return false;
}
