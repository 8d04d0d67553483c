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

/* A party on its way through its looks. */
typedef struct journey {
    const ts_queued_cell *queued;
    const ts_plan *plan;
    const ts_run_options *options;
    ts_party party;
    uint32_t *going; /* [going_count] members that are not halted, ascending */
    uint32_t going_count;
    ts_seen *looks;  /* [looks][party.count] */
    uint32_t *taken; /* [party.count] looks at each that have been taken */
    ts_results *results;
    unsigned answered; /* so often has somebody asked where trainings stand, and been told */
    uint64_t chunk;    /* steps of the next one */
    double done;       /* steps of all trainings together */
} journey;

/* Measure a member where it stands. Returns false when the run was stopped before that. */
static bool measure(const journey *way, uint32_t i, ts_seen *found) {
    const ts_training *training = &way->party.training[i];
    found->steps = training->step;
    if (!ts_party_measure(&way->party, i, &found->measurement))
        return false;
    const bool diverged = training->halted == TS_HALTED_DIVERGED;
    found->outcome = ts_classify(way->party.cell, diverged, found->measurement.loss);
    return true;
}

/* ---- where trainings stand, for those who ask */

static void put_waypoint(const journey *way, uint32_t i, const ts_standing *standing) {
    const uint32_t m = way->party.cell->neurons, looks = way->taken[i];
    ts_waypoint *point = ts_waypoint_create(m, looks);
    if (point) {
        point->cell = way->queued->rows.cell;
        point->row = way->party.first + i;
        point->training = standing->training;
        memcpy(point->position, standing->position, m * sizeof *point->position);
        memcpy(point->weight, standing->weight, m * sizeof *point->weight);
        for (uint32_t k = 0; k < looks; k++)
            point->seen[k] = way->looks[(size_t)k * way->party.count + i];
    }
    ts_underway_put(way->results->underway, point);
}

/* Those of the batch at hand stand where it has brought them. */
static void tell_all(const journey *way, ts_batch batch, const uint32_t *member) {
    for (uint32_t i = 0, of_batch = 0; i < way->party.count; i++) {
        ts_standing standing = ts_party_standing(&way->party, i);
        if (of_batch < batch.count && member[of_batch] == i)
            way->queued->method->read(batch, way->party.state, of_batch++, &standing);
        put_waypoint(way, i, &standing);
    }
}

static void tell_if_asked(journey *way, ts_batch batch, const uint32_t *member) {
    const ts_underway *underway = way->results->underway;
    const unsigned asked = underway ? atomic_load(&underway->asked) : way->answered;
    if (asked != way->answered)
        tell_all(way, batch, member);
    way->answered = asked;
}

/* The run was stopped, and goes on from here another time. */
static void tell_stopped(const journey *way) {
    if (way->results->underway)
        tell_all(way, (ts_batch){0}, NULL);
}

/* ---- a stretch of the way */

/* Advance a batch to a step, or until all have diverged. Returns false when the run was stopped before the last step.
 */
static bool advance_batch(journey *way, ts_batch batch, const uint32_t *member, uint64_t target) {
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
        tell_if_asked(way, batch, member);
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
        const bool there = advance_batch(way, batch, member, target);
        ts_party_alight(&way->party, batch, member);
        if (!there)
            return false;
    }
    list_going(way);
    return true;
}

/* ---- all of it */

/* Look k, on the way. Those that diverged are not measured, and those that have stopped are as they were when they did.
 * A training that goes on from a later place has been seen already. */
static bool observe(journey *way, uint32_t k) {
    ts_seen *found = &way->looks[(size_t)k * way->party.count];
    for (uint32_t i = 0; i < way->party.count; i++) {
        ts_training *training = &way->party.training[i];
        if (way->taken[i] > k)
            continue;
        if (training->halted == TS_HALTED_DIVERGED)
            found[i] = (ts_seen){.outcome = TS_OUTCOME_DIVERGED, .steps = training->step};
        else if (training->halted == TS_HALTED_SUCCESS)
            found[i] = *(&found[i] - way->party.count);
        else if (!measure(way, i, &found[i]))
            return false;
        else if (way->plan->stops && found[i].outcome == TS_OUTCOME_SUCCESS)
            training->halted = TS_HALTED_SUCCESS;
        way->taken[i] = k + 1;
    }
    list_going(way);
    return true;
}

/* Look k comes at the step of the one before. */
static void repeat_look(journey *way, uint32_t k) {
    const size_t count = way->party.count;
    for (size_t i = 0; i < count; i++)
        if (way->taken[i] == k) {
            way->looks[k * count + i] = way->looks[(k - 1) * count + i];
            way->taken[i]++;
        }
}

static bool advance_to_end(journey *way) {
    const size_t cell = way->queued->index;
    double all = 0; /* steps, if every training that goes on does so to its end */
    for (uint32_t i = 0; i < way->going_count; i++)
        all += (double)(way->party.cell->steps - way->party.training[way->going[i]].step);
    for (size_t k = 0; k < way->plan->observations; k++) {
        const uint64_t step = ts_plan_look(way->plan, cell, k);
        if (k > 0 && step == ts_plan_look(way->plan, cell, k - 1))
            repeat_look(way, (uint32_t)k);
        else if (!advance_to(way, step) || !observe(way, (uint32_t)k))
            return false;
    }
    if (!advance_to(way, way->party.cell->steps))
        return false;
    ts_monitor_finish(way->party.monitor, 0, all - way->done, way->party.cell->neurons);
    return true;
}

/* ---- how trainings end */

static void keep(const ts_host_arithmetic *arithmetic, size_t m, const ts_standing *standing, const ts_seen *end,
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
static bool store(const journey *way, ts_results *results, uint32_t i, ts_seen *end) {
    const ts_queued_cell *queued = way->queued;
    const ts_cell *cell = way->party.cell;
    const uint32_t row = way->party.first + i;
    const ts_standing standing = ts_party_standing(&way->party, i);
    if (standing.training.halted == TS_HALTED_SUCCESS)
        *end = *(end - way->party.count);
    else if (!measure(way, i, end))
        return false;
    if (results->kept)
        keep(queued->method->arithmetic, cell->neurons, &standing, end, row, &results->kept[queued->index]);
    if (results->state)
        save(cell, &standing, row, &results->state[queued->index]);
    return true;
}

static void count(const journey *way, uint32_t i, ts_results *results) {
    const ts_cell *cell = way->party.cell;
    const size_t observations = way->plan->observations, first = way->queued->index * observations;
    const ts_seen *seen = &way->looks[i], *end = &seen[observations * way->party.count];
    bool has_succeeded = false;
    for (size_t k = 0; k < observations; k++, seen += way->party.count) {
        const bool succeeds = seen->outcome == TS_OUTCOME_SUCCESS;
        ts_statistics_count(&results->observed[first + k], cell, seen->steps, seen->outcome, &seen->measurement);
        results->first_success[first + k] += succeeds && !has_succeeded;
        has_succeeded |= succeeds;
    }
    ts_statistics_count(&results->statistics[way->queued->index], cell, end->steps, end->outcome, &end->measurement);
    ts_results_mark(results, way->plan, way->queued->index, way->party.first + i,
                    ts_mark_of(cell, end->outcome, &end->measurement));
}

/* What has been seen already of those that go on from where they stood. */
static void recall_looks(journey *way) {
    for (uint32_t i = 0; i < way->party.count; i++) {
        const ts_waypoint *from = ts_underway_find(way->plan->underway, way->queued->index, way->party.first + i);
        way->taken[i] = from ? from->looks : 0;
        for (uint32_t k = 0; k < way->taken[i]; k++)
            way->looks[(size_t)k * way->party.count + i] = from->seen[k];
    }
}

/* All threads count into the same cells: once for a party, since short trainings would wait for each other. A training
 * counts when its party has ended, also for what was seen of it before: that of a run that was stopped is none. */
static void run_party(journey *way) {
    const uint64_t fixed = way->options->chunk_steps;
    ts_seen *ends = &way->looks[way->plan->observations * way->party.count];
    uint32_t stored = 0;
    way->chunk =
        fixed > 0 ? fixed : (uint64_t)fmax(FIRST_CHUNK_COST / way->queued->method->step_cost(way->party.cell), 1);
    recall_looks(way);
    list_going(way);
    if (!advance_to_end(way)) {
        tell_stopped(way);
        return;
    }
    while (stored < way->party.count && store(way, way->results, stored, &ends[stored]))
        stored++;
#pragma omp critical(ts_statistics)
    for (uint32_t i = 0; i < stored; i++)
        count(way, i, way->results);
    if (stored < way->party.count)
        tell_stopped(way);
    ts_monitor_finish(way->party.monitor, stored, 0, way->party.cell->neurons);
}

/* Memory of a thread, for the largest party. */
typedef struct thread_memory {
    void *party;
    ts_seen *looks;
    uint32_t *going, *taken;
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
                       .party = ts_party_begin(queued.method, plan, rows, monitor, memory.party),
                       .going = memory.going,
                       .taken = memory.taken,
                       .looks = memory.looks,
                       .results = results,
                       .answered = results->underway ? atomic_load(&results->underway->asked) : 0};
        run_party(&way);
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
    const size_t looks_size = ts_plan_looks(plan) * most * sizeof(ts_seen), list_size = most * sizeof(uint32_t);
#pragma omp parallel num_threads(threads)
    {
        const thread_memory memory = {aligned_alloc(64, party_size), malloc(looks_size), malloc(list_size),
                                      malloc(list_size)};
        if (!memory.party || !memory.looks || !memory.going || !memory.taken)
            out_of_memory = true;
#pragma omp barrier
        if (!out_of_memory)
            run_thread(&queue, plan, options, monitor, results, memory);
        free(memory.taken);
        free(memory.going);
        free(memory.looks);
        free(memory.party);
    }
    const size_t size = party_size + looks_size + 2 * list_size;
    ts_queue_free(&queue);
    if (out_of_memory)
        return ts_fail(error, TS_FAILED, "", "not enough memory for %d threads of %zu bytes each", threads, size);
    return ts_monitor_stopped(monitor) ? TS_INTERRUPTED : TS_OK;
}
