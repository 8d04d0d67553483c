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

/* ---- how trainings stand when they are looked at */

typedef struct look {
    ts_outcome outcome;
    ts_measurement measurement;
} look;

/* A batch on its way through its looks. */
typedef struct journey {
    const ts_queued_cell *queued;
    const ts_plan *plan;
    const ts_run_options *options;
    ts_batch batch;
    void *memory; /* of the batch */
    look *looks;  /* [looks][batch.count] */
    uint64_t step;
    uint64_t chunk; /* steps of the next one */
    double done;    /* steps of all trainings together */
    bool diverged;  /* are there none that did not? */
} journey;

/* Measure training i; standing is where it stands. Returns false when the run was stopped before that. */
static bool measure(journey *way, uint32_t i, ts_standing *standing, look *found) {
    if (!ts_batch_measure(way->queued->method, way->plan, way->batch, way->memory, i, standing, &found->measurement))
        return false;
    found->outcome = ts_classify(way->batch.cell, standing->training.diverged, found->measurement.loss);
    return true;
}

/* Advance to a step, or until all have diverged. Returns false when the run was stopped before the last step. */
static bool advance_to(journey *way, uint64_t target) {
    const ts_method *method = way->queued->method;
    const ts_cell *cell = way->batch.cell;
    const bool is_fixed = way->options->chunk_steps > 0;
    while (way->step < target && !way->diverged) {
        const uint64_t left = target - way->step, steps = left < way->chunk ? left : way->chunk;
        const double began = ts_seconds_now();
        const uint64_t advanced = method->advance(way->plan, way->batch, way->memory, steps);
        way->diverged = all_diverged(method, way->batch, way->memory);
        way->step += steps;
        way->done += (double)advanced;
        const bool cut_off = advanced < steps && !way->diverged;
        const bool goes_on = ts_monitor_advance(way->batch.monitor, advanced, cell->neurons);
        if (cut_off || (!goes_on && !way->diverged && way->step < cell->steps))
            return false;
        if (!is_fixed && steps == way->chunk) /* a shorter one says little about long ones */
            way->chunk = next_chunk(steps, ts_seconds_now() - began);
    }
    return true;
}

/* One of the looks on the way, of all trainings. Those that diverged are not measured. */
static bool observe(journey *way, look *found) {
    ts_standing standing;
    for (uint32_t i = 0; i < way->batch.count; i++)
        if (way->queued->method->diverged(way->memory, i))
            found[i] = (look){.outcome = TS_OUTCOME_DIVERGED};
        else if (!measure(way, i, &standing, &found[i]))
            return false;
    return true;
}

static bool advance_to_end(journey *way) {
    const size_t cell = way->queued->index, count = way->batch.count;
    const double all = (double)(way->batch.cell->steps - way->batch.step) * (double)count;
    for (size_t k = 0; k < way->plan->observations; k++) {
        const uint64_t step = ts_plan_look(way->plan, cell, k);
        look *found = &way->looks[k * count];
        if (k > 0 && step == ts_plan_look(way->plan, cell, k - 1))
            memcpy(found, found - count, count * sizeof *found);
        else if (!advance_to(way, step) || !observe(way, found))
            return false;
    }
    if (!advance_to(way, way->batch.cell->steps))
        return false;
    ts_monitor_finish(way->batch.monitor, 0, all - way->done, way->batch.cell->neurons);
    return true;
}

/* ---- how trainings end */

static void keep(const ts_host_arithmetic *arithmetic, size_t m, const ts_standing *standing, const look *end,
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

/* Put outcome, measurement and state of training i at its end where they are wanted. Returns false when the run was
 * stopped before it was measured. */
static bool store(journey *way, ts_results *results, uint32_t i, look *end) {
    const ts_queued_cell *queued = way->queued;
    const uint32_t row = way->batch.first + i;
    ts_standing standing;
    if (!measure(way, i, &standing, end))
        return false;
    ts_results_mark(results, way->plan, queued->index, row,
                    ts_mark_of(way->batch.cell, end->outcome, &end->measurement));
    if (results->kept)
        keep(queued->method->arithmetic, way->batch.cell->neurons, &standing, end, row, &results->kept[queued->index]);
    if (results->state)
        save(way->batch.cell, &standing, row, &results->state[queued->index]);
    return true;
}

static void count(const journey *way, uint32_t i, ts_results *results) {
    const size_t observations = way->plan->observations, first = way->queued->index * observations;
    const look *seen = &way->looks[i], *end = &seen[observations * way->batch.count];
    bool has_succeeded = false;
    for (size_t k = 0; k < observations; k++, seen += way->batch.count) {
        const bool succeeds = seen->outcome == TS_OUTCOME_SUCCESS;
        ts_statistics_count(&results->observed[first + k], way->batch.cell, seen->outcome, &seen->measurement);
        results->first_success[first + k] += succeeds && !has_succeeded;
        has_succeeded |= succeeds;
    }
    ts_statistics_count(&results->statistics[way->queued->index], way->batch.cell, end->outcome, &end->measurement);
}

/* All threads count into the same cells: once for a batch, since short trainings would wait for each other. A training
 * counts when it has ended, also for what was seen of it before: that of a run that was stopped is none. */
static void run_batch(journey *way, ts_results *results) {
    const ts_method *method = way->queued->method;
    const uint64_t fixed = way->options->chunk_steps;
    look *ends = &way->looks[way->plan->observations * way->batch.count];
    uint32_t stored = 0;
    ts_batch_start(method, way->plan, way->options, way->batch, way->memory);
    way->step = way->batch.step;
    way->chunk = fixed > 0 ? fixed : (uint64_t)fmax(FIRST_CHUNK_COST / method->step_cost(way->batch.cell), 1);
    way->diverged = all_diverged(method, way->batch, way->memory);
    if (!advance_to_end(way))
        return;
    while (stored < way->batch.count && store(way, results, stored, &ends[stored]))
        stored++;
#pragma omp critical(ts_statistics)
    for (uint32_t i = 0; i < stored; i++)
        count(way, i, results);
    ts_monitor_finish(way->batch.monitor, stored, 0, way->batch.cell->neurons);
}

/* A thread that waits for a processor is not busy: its own clock stands still then. */
static void run_thread(ts_queue *queue, const ts_plan *plan, const ts_run_options *options, ts_monitor *monitor,
                       ts_results *results, void *memory, look *looks) {
    ts_queued_cell queued;
    ts_batch batch;
    while (!ts_monitor_stopped(monitor) && ts_queue_take(queue, plan, &queued, &batch)) {
        const double began = ts_seconds_of(CLOCK_THREAD_CPUTIME_ID);
        batch.monitor = monitor;
        journey way = {
            .queued = &queued, .plan = plan, .options = options, .batch = batch, .memory = memory, .looks = looks};
        run_batch(&way, results);
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
    const size_t looks_size = ts_plan_looks(plan) * TS_MOST_OF_BATCH * sizeof(look);
#pragma omp parallel num_threads(threads)
    {
        void *memory = aligned_alloc(64, aligned(queue.batch_size));
        look *looks = malloc(looks_size);
        if (!memory || !looks)
            out_of_memory = true;
#pragma omp barrier
        if (!out_of_memory)
            run_thread(&queue, plan, options, monitor, results, memory, looks);
        free(looks);
        free(memory);
    }
    const size_t size = queue.batch_size + looks_size;
    ts_queue_free(&queue);
    if (out_of_memory)
        return ts_fail(error, TS_FAILED, "", "not enough memory for %d threads of %zu bytes each", threads, size);
    return ts_monitor_stopped(monitor) ? TS_INTERRUPTED : TS_OK;
}
