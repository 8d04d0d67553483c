#include "backend/party.h"
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

/* ---- how trainings stand when they are looked at */

typedef struct look {
    ts_outcome outcome;
    ts_measurement measurement;
    uint64_t steps; /* done until then */
} look;

/* A party on its way through its looks. */
typedef struct journey {
    const ts_queued_cell *queued;
    const ts_plan *plan;
    const ts_run_options *options;
    ts_party party;
    uint32_t *going; /* [going_count] members that are not halted, ascending */
    uint32_t going_count;
    look *looks;    /* [looks][party.count] */
    uint64_t chunk; /* steps of the next one */
    double done;    /* steps of all trainings together */
} journey;

/* Measure a member where it stands. Returns false when the run was stopped before that. */
static bool measure(const journey *way, uint32_t i, look *found) {
    const ts_training *training = &way->party.training[i];
    found->steps = training->step;
    if (!ts_party_measure(&way->party, i, &found->measurement))
        return false;
    const bool diverged = training->halted == TS_HALTED_DIVERGED;
    found->outcome = ts_classify(way->party.cell, diverged, found->measurement.loss);
    return true;
}

/* ---- a stretch of the way */

/* Advance a batch to a step, or until all have diverged. Returns false when the run was stopped before the last step.
 */
static bool advance_batch(journey *way, ts_batch batch, uint64_t target) {
    const ts_method *method = way->queued->method;
    void *state = way->party.state;
    const bool is_fixed = way->options->chunk_steps > 0;
    bool diverged = false; /* are there none that did not? */
    for (uint64_t step = batch.step; step < target && !diverged;) {
        const uint64_t left = target - step, steps = left < way->chunk ? left : way->chunk;
        const double began = ts_seconds_now();
        const uint64_t advanced = method->advance(way->plan, batch, state, steps);
        diverged = all_diverged(method, batch, state);
        step += steps;
        way->done += (double)advanced;
        const bool cut_off = advanced < steps && !diverged;
        const bool goes_on = ts_monitor_advance(batch.monitor, advanced, batch.cell->neurons);
        if (cut_off || (!goes_on && !diverged && step < batch.cell->steps))
            return false;
        if (!is_fixed && steps == way->chunk) /* a shorter one says little about long ones */
            way->chunk = next_chunk(steps, ts_seconds_now() - began);
    }
    return true;
}

/* Members that go on together from the given one on: as many as a batch takes of those that stand at the same step. */
static uint32_t batch_count(const journey *way, uint32_t from) {
    const ts_training *training = way->party.training;
    const uint64_t step = training[way->going[from]].step;
    uint32_t count = 1;
    while (count < way->queued->width && from + count < way->going_count &&
           training[way->going[from + count]].step == step)
        count++;
    return count;
}

static void list_going(journey *way) {
    way->going_count = 0;
    for (uint32_t i = 0; i < way->party.count; i++)
        if (way->party.training[i].halted == TS_NOT_HALTED)
            way->going[way->going_count++] = i;
}

/* All that go on advance to a step. Returns false when the run was stopped before the last step. */
static bool advance_to(journey *way, uint64_t target) {
    for (uint32_t from = 0, count; from < way->going_count; from += count) {
        const uint32_t *member = &way->going[from];
        count = batch_count(way, from);
        const ts_batch batch = ts_party_board(&way->party, way->options, member, count);
        if (!advance_batch(way, batch, target))
            return false;
        ts_party_alight(&way->party, batch, member);
    }
    list_going(way);
    return true;
}

/* ---- all of it */

/* One of the looks on the way. Those that diverged are not measured, and those that have stopped are as they were when
 * they did. */
static bool observe(journey *way, look *found) {
    for (uint32_t i = 0; i < way->party.count; i++) {
        ts_training *training = &way->party.training[i];
        if (training->halted == TS_HALTED_DIVERGED)
            found[i] = (look){.outcome = TS_OUTCOME_DIVERGED, .steps = training->step};
        else if (training->halted == TS_HALTED_SUCCESS)
            found[i] = *(&found[i] - way->party.count);
        else if (!measure(way, i, &found[i]))
            return false;
        else if (way->plan->stops && found[i].outcome == TS_OUTCOME_SUCCESS)
            training->halted = TS_HALTED_SUCCESS;
    }
    list_going(way);
    return true;
}

static bool advance_to_end(journey *way) {
    const size_t cell = way->queued->index, count = way->party.count;
    double all = 0; /* steps, if every training that goes on does so to its end */
    for (uint32_t i = 0; i < way->going_count; i++)
        all += (double)(way->party.cell->steps - way->party.training[way->going[i]].step);
    for (size_t k = 0; k < way->plan->observations; k++) {
        const uint64_t step = ts_plan_look(way->plan, cell, k);
        look *found = &way->looks[k * count];
        if (k > 0 && step == ts_plan_look(way->plan, cell, k - 1))
            memcpy(found, found - count, count * sizeof *found);
        else if (!advance_to(way, step) || !observe(way, found))
            return false;
    }
    if (!advance_to(way, way->party.cell->steps))
        return false;
    ts_monitor_finish(way->party.monitor, 0, all - way->done, way->party.cell->neurons);
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
    saved->step[row] = standing->training.step;
    saved->bias[row].fixed = standing->training.bias;
    saved->drift[row] = standing->training.drift;
    saved->diverged[row] = standing->training.halted == TS_HALTED_DIVERGED;
}

/* Put outcome, measurement and state of a member at its end where they are wanted. Returns false when the run was
 * stopped before it was measured. */
static bool store(const journey *way, ts_results *results, uint32_t i, look *end) {
    const ts_queued_cell *queued = way->queued;
    const ts_cell *cell = way->party.cell;
    const uint32_t row = way->party.first + i;
    const ts_standing standing = ts_party_standing(&way->party, i);
    if (standing.training.halted == TS_HALTED_SUCCESS)
        *end = *(end - way->party.count);
    else if (!measure(way, i, end))
        return false;
    ts_results_mark(results, way->plan, queued->index, row, ts_mark_of(cell, end->outcome, &end->measurement));
    if (results->kept)
        keep(queued->method->arithmetic, cell->neurons, &standing, end, row, &results->kept[queued->index]);
    if (results->state)
        save(cell, &standing, row, &results->state[queued->index]);
    return true;
}

static void count(const journey *way, uint32_t i, ts_results *results) {
    const ts_cell *cell = way->party.cell;
    const size_t observations = way->plan->observations, first = way->queued->index * observations;
    const look *seen = &way->looks[i], *end = &seen[observations * way->party.count];
    bool has_succeeded = false;
    for (size_t k = 0; k < observations; k++, seen += way->party.count) {
        const bool succeeds = seen->outcome == TS_OUTCOME_SUCCESS;
        ts_statistics_count(&results->observed[first + k], cell, seen->steps, seen->outcome, &seen->measurement);
        results->first_success[first + k] += succeeds && !has_succeeded;
        has_succeeded |= succeeds;
    }
    ts_statistics_count(&results->statistics[way->queued->index], cell, end->steps, end->outcome, &end->measurement);
}

/* All threads count into the same cells: once for a party, since short trainings would wait for each other. A training
 * counts when its party has ended, also for what was seen of it before: that of a run that was stopped is none. */
static void run_party(journey *way, ts_results *results) {
    const uint64_t fixed = way->options->chunk_steps;
    look *ends = &way->looks[way->plan->observations * way->party.count];
    uint32_t stored = 0;
    way->chunk =
        fixed > 0 ? fixed : (uint64_t)fmax(FIRST_CHUNK_COST / way->queued->method->step_cost(way->party.cell), 1);
    list_going(way);
    if (!advance_to_end(way))
        return;
    while (stored < way->party.count && store(way, results, stored, &ends[stored]))
        stored++;
#pragma omp critical(ts_statistics)
    for (uint32_t i = 0; i < stored; i++)
        count(way, i, results);
    ts_monitor_finish(way->party.monitor, stored, 0, way->party.cell->neurons);
}

/* Memory of a thread, for the largest party. */
typedef struct thread_memory {
    void *party;
    look *looks;
    uint32_t *going;
} thread_memory;

/* A thread that waits for a processor is not busy: its own clock stands still then. */
static void run_thread(ts_queue *queue, const ts_plan *plan, const ts_run_options *options, ts_monitor *monitor,
                       ts_results *results, thread_memory memory) {
    ts_queued_cell queued;
    ts_rows rows;
    while (!ts_monitor_stopped(monitor) && ts_queue_take(queue, &queued, &rows)) {
        const double began = ts_seconds_of(CLOCK_THREAD_CPUTIME_ID);
        journey way = {.queued = &queued,
                       .plan = plan,
                       .options = options,
                       .party =
                           ts_party_begin(queued.method, plan, &plan->cells[queued.index], rows, monitor, memory.party),
                       .going = memory.going,
                       .looks = memory.looks};
        run_party(&way, results);
        ts_monitor_busy(monitor, omp_get_thread_num(), ts_seconds_of(CLOCK_THREAD_CPUTIME_ID) - began);
    }
}

ts_status ts_host_run(ts_method_choice *choose, const ts_plan *plan, const ts_run_options *options, ts_monitor *monitor,
                      ts_results *results, ts_error *error) {
    atomic_bool out_of_memory = false;
    ts_queue queue;
    if (!ts_queue_create(&queue, choose, plan, options))
        return ts_fail(error, TS_FAILED, "", "not enough memory to order %zu cells", plan->cell_count);
    const int threads = ts_thread_count(options, queue.parties); /* a thread without work would wait busily */
    const size_t party_size = (queue.party_size + 63) / 64 * 64, most = queue.most_of_party;
    const size_t looks_size = ts_plan_looks(plan) * most * sizeof(look), going_size = most * sizeof(uint32_t);
#pragma omp parallel num_threads(threads)
    {
        const thread_memory memory = {aligned_alloc(64, party_size), malloc(looks_size), malloc(going_size)};
        if (!memory.party || !memory.looks || !memory.going)
            out_of_memory = true;
#pragma omp barrier
        if (!out_of_memory)
            run_thread(&queue, plan, options, monitor, results, memory);
        free(memory.going);
        free(memory.looks);
        free(memory.party);
    }
    const size_t size = party_size + looks_size + going_size;
    ts_queue_free(&queue);
    if (out_of_memory)
        return ts_fail(error, TS_FAILED, "", "not enough memory for %d threads of %zu bytes each", threads, size);
    return ts_monitor_stopped(monitor) ? TS_INTERRUPTED : TS_OK;
}
