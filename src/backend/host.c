#include "backend/queue.h"
#include "base/clock.h"
#include "base/fail.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>

/* A look at the clock, at the progress and at the wish to stop comes about every CHUNK_SECONDS. The first chunk of a
 * batch is so long in steps of one neuron, some milliseconds; the others follow from the time of the one before. */
#define CHUNK_SECONDS 0.04
#define FIRST_CHUNK_COST 3e6
#define LARGEST_CHANGE 4 /* of the length of a chunk from one to the next */

/* Steps of the next chunk, after one of `steps` that took so long. */
static uint64_t next_chunk(uint64_t steps, double seconds) {
    const double change = fmin(fmax(CHUNK_SECONDS / fmax(seconds, 1e-9), 1.0 / LARGEST_CHANGE), LARGEST_CHANGE);
    return (uint64_t)fmin(fmax((double)steps * change, 1), 0x1p62);
}

static bool all_diverged(const ts_method *method, ts_batch batch, const void *state) {
    for (uint32_t i = 0; i < batch.count; i++)
        if (!method->diverged(state, i))
            return false;
    return true;
}

/* Advance to the end of the horizon. Returns false when the run was stopped before. */
static bool advance_to_end(const ts_method *method, const ts_plan *plan, ts_batch batch, const ts_run_options *options,
                           void *state) {
    const uint64_t steps_to_do = batch.cell->steps - batch.step, fixed = options->chunk_steps;
    const double all = (double)steps_to_do * batch.count;
    uint64_t chunk = fixed > 0 ? fixed : (uint64_t)fmax(FIRST_CHUNK_COST / method->step_cost(batch.cell), 1);
    double done = 0;
    bool ended = false;
    for (uint64_t left = steps_to_do; !ended;) {
        const uint64_t steps = left < chunk ? left : chunk;
        const double began = ts_seconds_now();
        const uint64_t advanced = method->advance(plan, batch, state, steps);
        const bool diverged = all_diverged(method, batch, state), cut_off = advanced < steps && !diverged;
        done += (double)advanced;
        left -= steps;
        ended = !cut_off && (left == 0 || diverged);
        if (cut_off || (!ts_monitor_advance(batch.monitor, advanced, batch.cell->neurons) && !ended))
            return false;
        if (fixed == 0)
            chunk = next_chunk(steps, ts_seconds_now() - began);
    }
    ts_monitor_finish(batch.monitor, 0, all - done, batch.cell->neurons);
    return true;
}

/* How a training of a batch ended. */
typedef struct ending {
    ts_outcome outcome;
    int64_t loss;
} ending;

/* Put loss, outcome and state of training i where they are wanted. Returns false when the run was stopped before its
 * loss was known. */
static bool store(const ts_queued_cell *queued, const ts_plan *plan, ts_batch batch, ts_results *results, void *state,
                  uint32_t i, ending *end) {
    const ts_method *method = queued->method;
    const uint32_t row = batch.first + i;
    ts_kept *kept = results->kept ? &results->kept[queued->index] : NULL;
    end->loss = method->finish(plan, batch, state, i, kept);
    if (end->loss < 0)
        return false;
    end->outcome = ts_classify(batch.cell, method->diverged(state, i), end->loss);
    if (results->outcome)
        results->outcome[queued->index * plan->replicates + row] = (int8_t)end->outcome;
    if (kept) {
        kept->loss[row] = end->loss;
        kept->outcome[row] = (int8_t)end->outcome;
    }
    if (results->state) {
        ts_state *saved = &results->state[queued->index];
        method->save(plan, batch, state, i, saved);
        saved->step[row] = batch.cell->steps;
    }
    return true;
}

/* All threads count into the same cells: once for a batch, since short trainings would wait for each other. */
static void run_batch(const ts_queued_cell *queued, const ts_plan *plan, ts_batch batch, const ts_run_options *options,
                      ts_results *results, void *state) {
    ending ends[TS_MOST_OF_BATCH];
    uint32_t stored = 0;
    queued->method->start(plan, options, batch, state);
    if (!advance_to_end(queued->method, plan, batch, options, state))
        return;
    while (stored < batch.count && store(queued, plan, batch, results, state, stored, &ends[stored]))
        stored++;
#pragma omp critical(ts_statistics)
    for (uint32_t i = 0; i < stored; i++)
        ts_statistics_count(&results->statistics[queued->index], ends[i].outcome, ends[i].loss);
    ts_monitor_finish(batch.monitor, stored, 0, batch.cell->neurons);
}

/* A thread that waits for a processor is not busy: its own clock stands still then. */
static void run_thread(ts_queue *queue, const ts_plan *plan, const ts_run_options *options, ts_monitor *monitor,
                       ts_results *results, void *state) {
    ts_queued_cell queued;
    ts_batch batch;
    while (!ts_monitor_stopped(monitor) && ts_queue_take(queue, plan, &queued, &batch)) {
        const double began = ts_seconds_of(CLOCK_THREAD_CPUTIME_ID);
        batch.monitor = monitor;
        run_batch(&queued, plan, batch, options, results, state);
        ts_monitor_busy(monitor, omp_get_thread_num(), ts_seconds_of(CLOCK_THREAD_CPUTIME_ID) - began);
    }
}

ts_status ts_host_run(ts_method_choice *choose, const ts_plan *plan, const ts_run_options *options, ts_monitor *monitor,
                      ts_results *results, ts_error *error) {
    atomic_bool out_of_memory = false;
    ts_queue queue;
    if (!ts_queue_create(&queue, choose, plan, options))
        return ts_fail(error, TS_FAILED, "", "not enough memory to order %zu cells", plan->cell_count);
    const int threads = ts_thread_count(options, queue.batches); /* a thread without a batch would wait busily */
#pragma omp parallel num_threads(threads)
    {
        void *state = aligned_alloc(64, (queue.state_size + 63) / 64 * 64);
        if (!state)
            out_of_memory = true;
#pragma omp barrier
        if (!out_of_memory)
            run_thread(&queue, plan, options, monitor, results, state);
        free(state);
    }
    const size_t size = queue.state_size;
    ts_queue_free(&queue);
    if (out_of_memory)
        return ts_fail(error, TS_FAILED, "", "not enough memory for %d threads of %zu bytes each", threads, size);
    return ts_monitor_stopped(monitor) ? TS_INTERRUPTED : TS_OK;
}
