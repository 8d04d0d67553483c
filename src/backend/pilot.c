#include "backend/pilot.h"

#include "backend/between.h"
#include "backend/party.h"
#include "base/clock.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>

/* In all batches that were measured, and seconds that each kind of work took. */
typedef struct sums {
    double batches, start_seconds, steps, step_seconds, losses, loss_seconds;
    double trained, diverged; /* steps of trainings, and trainings that diverged */
} sums;

static uint32_t count_diverged(const ts_method *method, ts_batch batch, const void *state) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < batch.count; i++)
        count += method->diverged(state, i);
    return count;
}

/* Steps in growing chunks until `seconds` are over. */
static void pilot_steps(const ts_pilot *pilot, const ts_method *method, ts_batch batch, double seconds, void *state,
                        sums *seen) {
    uint64_t chunk = 1, done = 0;
    const double began = ts_seconds_now();
    bool cut_off = false;
    while (!cut_off && done < batch.cell->steps && count_diverged(method, batch, state) < batch.count &&
           ts_seconds_now() - began < seconds) {
        const uint64_t left = batch.cell->steps - done, steps = chunk < left ? chunk : left;
        const uint64_t advanced = method->advance(pilot->plan, batch, state, steps);
        const bool ended = count_diverged(method, batch, state) == batch.count;
        cut_off = advanced < steps && !ended;
        seen->trained += (double)advanced;
        done += ended ? advanced / batch.count + 1 : cut_off ? 0 : steps;
        chunk += done;
    }
    seen->steps += (double)done;
    seen->step_seconds += done > 0 ? ts_seconds_now() - began : 0;
    seen->diverged += count_diverged(method, batch, state);
}

static void pilot_losses(const ts_party *party, double seconds, sums *seen) {
    const double began = ts_seconds_now();
    ts_measurement measurement;
    uint32_t count = 0;
    while (count < party->count && (count == 0 || ts_seconds_now() - began < seconds) &&
           ts_party_measure(party, count, &measurement))
        count++;
    seen->losses += count;
    seen->loss_seconds += count > 0 ? ts_seconds_now() - began : 0;
}

/* Batch after batch of the cell, each with other trainings, for `seconds`; long ones are not gone through to their end.
 */
static void pilot_batches(const ts_pilot *pilot, const ts_queued_cell *queued, ts_rows rows, double seconds,
                          bool with_losses, void *memory, sums *seen) {
    const ts_method *method = queued->method;
    const double began = ts_seconds_now();
    uint32_t member[TS_MOST_OF_BATCH];
    for (uint32_t i = 0; i < rows.count; i++)
        member[i] = i;
    do {
        const double start = ts_seconds_now();
        const ts_party party = ts_party_begin(method, pilot->plan, rows, pilot->monitor, memory);
        const ts_batch batch = ts_party_board(&party, pilot->options, member, rows.count);
        seen->start_seconds += ts_seconds_now() - start;
        seen->batches++;
        pilot_steps(pilot, method, batch, seconds, party.state, seen);
        ts_party_alight(&party, batch, member);
        if (with_losses)
            pilot_losses(&party, seconds, seen);
        rows.first += (uint32_t)pilot->threads * rows.count;
    } while (ts_seconds_now() - began < seconds);
}

static void add(sums *all, const sums *seen) {
    all->batches += seen->batches;
    all->start_seconds += seen->start_seconds;
    all->steps += seen->steps;
    all->step_seconds += seen->step_seconds;
    all->losses += seen->losses;
    all->loss_seconds += seen->loss_seconds;
    all->trained += seen->trained;
    all->diverged += seen->diverged;
}

bool ts_pilot_cell(ts_pilot *pilot, const ts_queued_cell *queued, double seconds, bool with_losses,
                   ts_pilot_costs *found) {
    const ts_cell *cell = &pilot->plan->cells[queued->index];
    const uint32_t count = ts_queued_count(queued);
    sums all = {0};
    bool enough = true;
#pragma omp parallel num_threads(pilot->threads) reduction(&& : enough)
    {
        sums seen = {0};
        const ts_rows rows = {(uint32_t)queued->index, (uint32_t)omp_get_thread_num() * count, count};
        void *memory = aligned_alloc(64, (ts_party_size(queued->method, cell, count) + 63) / 64 * 64);
        enough = memory;
#pragma omp barrier
        if (memory)
            pilot_batches(pilot, queued, rows, seconds, with_losses, memory, &seen);
        free(memory);
#pragma omp critical(ts_pilot)
        add(&all, &seen);
    }
    *found = (ts_pilot_costs){.start = all.start_seconds / all.batches,
                              .step = all.step_seconds / all.steps,
                              .finish = all.loss_seconds / all.losses,
                              .hazard = ts_hazard(all.diverged, all.trained)};
    return enough;
}
