#include "backend/queue.h"
#include "base/clock.h"
#include "base/fail.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

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

/* ---- a batch and its memory */

static size_t aligned(size_t bytes) {
    return (bytes + 63) / 64 * 64;
}

size_t ts_batch_size(const ts_method *method, const ts_cell *cell) {
    return aligned(method->state_size(cell)) + 2 * cell->neurons * sizeof(int64_t) +
           aligned(method->arithmetic->scratch_size(cell));
}

/* The arrays behind the state; what measuring needs is behind them. */
static ts_standing standing_in(void *memory, const ts_method *method, const ts_cell *cell) {
    int64_t *position = (int64_t *)(void *)((char *)memory + aligned(method->state_size(cell)));
    return (ts_standing){.position = position, .weight = position + cell->neurons};
}

static void begin(const ts_plan *plan, ts_batch batch, uint32_t row, ts_standing *standing) {
    const ts_state *resume = ts_batch_resume(plan, batch);
    const size_t m = batch.cell->neurons;
    ts_training *training = &standing->training;
    memcpy(standing->position, resume->position + row * m, m * sizeof *standing->position);
    memcpy(standing->weight, resume->weight + row * m, m * sizeof *standing->weight);
    training->step = batch.step;
    training->bias = resume->bias[row].fixed;
    training->drift = resume->drift[row];
    training->diverged = resume->diverged[row];
}

void ts_batch_start(const ts_method *method, const ts_plan *plan, const ts_run_options *options, ts_batch batch,
                    void *memory) {
    ts_standing standing = standing_in(memory, method, batch.cell);
    method->start(options, batch, memory);
    for (uint32_t i = 0; i < batch.count; i++) {
        standing.training = ts_training_start(ts_batch_replicate(plan, batch, i));
        if (plan->resume)
            begin(plan, batch, batch.first + i, &standing);
        else
            method->arithmetic->draw(plan, batch.cell, &standing);
        method->write(batch, memory, i, &standing);
    }
}

bool ts_batch_measure(const ts_method *method, const ts_plan *plan, ts_batch batch, void *memory, uint32_t i,
                      ts_standing *standing, ts_measurement *measurement) {
    *standing = standing_in(memory, method, batch.cell);
    method->read(batch, memory, i, standing);
    return method->arithmetic->measure(plan, batch, standing, standing->weight + batch.cell->neurons, measurement);
}

/* ---- how trainings end */

typedef struct ending {
    ts_outcome outcome;
    ts_measurement measurement;
} ending;

static void keep(const ts_host_arithmetic *arithmetic, size_t m, const ts_standing *standing, const ending *end,
                 size_t row, ts_kept *kept) {
    for (size_t j = 0; j < m; j++) {
        kept->position[row * m + j] = arithmetic->position(standing->position[j]);
        kept->weight[row * m + j] = arithmetic->weight(standing->weight[j]);
    }
    kept->bias[row] = arithmetic->weight(standing->training.bias);
    kept->loss[row] = end->measurement.loss;
    kept->position_loss[row] = end->measurement.position_loss;
    kept->missed[row] = end->measurement.missed;
    kept->outcome[row] = (int8_t)end->outcome;
}

static void save(const ts_cell *cell, const ts_standing *standing, size_t row, ts_state *saved) {
    const size_t m = cell->neurons;
    memcpy(saved->position + row * m, standing->position, m * sizeof *saved->position);
    memcpy(saved->weight + row * m, standing->weight, m * sizeof *saved->weight);
    saved->step[row] = cell->steps;
    saved->bias[row].fixed = standing->training.bias;
    saved->drift[row] = standing->training.drift;
    saved->diverged[row] = standing->training.diverged;
}

/* Put outcome, measurement and state of training i where they are wanted. Returns false when the run was stopped before
 * it was measured. */
static bool store(const ts_queued_cell *queued, const ts_plan *plan, ts_batch batch, ts_results *results, void *memory,
                  uint32_t i, ending *end) {
    const uint32_t row = batch.first + i;
    ts_standing standing;
    if (!ts_batch_measure(queued->method, plan, batch, memory, i, &standing, &end->measurement))
        return false;
    end->outcome = ts_classify(batch.cell, standing.training.diverged, end->measurement.loss);
    if (results->outcome)
        results->outcome[queued->index * plan->replicates + row] = (int8_t)end->outcome;
    if (results->kept)
        keep(queued->method->arithmetic, batch.cell->neurons, &standing, end, row, &results->kept[queued->index]);
    if (results->state)
        save(batch.cell, &standing, row, &results->state[queued->index]);
    return true;
}

/* All threads count into the same cells: once for a batch, since short trainings would wait for each other. */
static void run_batch(const ts_queued_cell *queued, const ts_plan *plan, ts_batch batch, const ts_run_options *options,
                      ts_results *results, void *memory) {
    ending ends[TS_MOST_OF_BATCH];
    uint32_t stored = 0;
    ts_batch_start(queued->method, plan, options, batch, memory);
    if (!advance_to_end(queued->method, plan, batch, options, memory))
        return;
    while (stored < batch.count && store(queued, plan, batch, results, memory, stored, &ends[stored]))
        stored++;
#pragma omp critical(ts_statistics)
    for (uint32_t i = 0; i < stored; i++)
        ts_statistics_count(&results->statistics[queued->index], batch.cell, ends[i].outcome, &ends[i].measurement);
    ts_monitor_finish(batch.monitor, stored, 0, batch.cell->neurons);
}

/* A thread that waits for a processor is not busy: its own clock stands still then. */
static void run_thread(ts_queue *queue, const ts_plan *plan, const ts_run_options *options, ts_monitor *monitor,
                       ts_results *results, void *memory) {
    ts_queued_cell queued;
    ts_batch batch;
    while (!ts_monitor_stopped(monitor) && ts_queue_take(queue, plan, &queued, &batch)) {
        const double began = ts_seconds_of(CLOCK_THREAD_CPUTIME_ID);
        batch.monitor = monitor;
        run_batch(&queued, plan, batch, options, results, memory);
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
        void *memory = aligned_alloc(64, aligned(queue.batch_size));
        if (!memory)
            out_of_memory = true;
#pragma omp barrier
        if (!out_of_memory)
            run_thread(&queue, plan, options, monitor, results, memory);
        free(memory);
    }
    const size_t size = queue.batch_size;
    ts_queue_free(&queue);
    if (out_of_memory)
        return ts_fail(error, TS_FAILED, "", "not enough memory for %d threads of %zu bytes each", threads, size);
    return ts_monitor_stopped(monitor) ? TS_INTERRUPTED : TS_OK;
}
