/* A run on a GPU that may fail at any call: it gives the right results, or a clear error and nothing wrong among the
 * trainings that were finished by then, nor among those that were on their way, of which somebody has asked where they
 * stand: another backend goes on with them to the right results. Which call fails is for the emulator to say
 * (faults.sh); without a fault this is one more comparison. Exit status: 0 right or a clear error, 1 anything wrong. */
#include "sweep/sweep.h"
#include "tests/axes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static ts_settings small_sweep(void) {
    static const double epsilon[] = {0.01, 0.1, 1};
    static const double neurons[] = {3, 20, 70};
    static const double times[] = {0.05, 0.1};
    ts_settings settings = ts_settings_default();
    settings.seed = 11;
    settings.target_base = 1;
    settings.jump_count = 1;
    settings.jump_at[0] = 0.4;
    settings.jump_by[0] = 2;
    settings.eta = 0.05;
    settings.noise = 1;
    settings.h = 0.01;
    settings.slow_time = 0.003;
    settings.min_fast_time = 0.2;
    set_axes(&settings, epsilon, 3, neurons, 3);
    settings.replicates = 40;
    settings.keep_trainings = true;
    settings.observe_clock = TS_CLOCK_FAST_TIME;
    settings.observe = times;
    settings.observe_count = 2;
    return settings;
}

/* Is row r of both the same training? */
static bool same_training(const ts_kept *a, const ts_kept *b, size_t r, size_t m) {
    return a->outcome[r] == b->outcome[r] && a->loss[r] == b->loss[r] && a->bias[r] == b->bias[r] &&
           a->position_loss[r] == b->position_loss[r] && a->missed[r] == b->missed[r] &&
           memcmp(a->weight + r * m, b->weight + r * m, m * sizeof *a->weight) == 0 &&
           memcmp(a->position + r * m, b->position + r * m, m * sizeof *a->position) == 0;
}

static uint64_t counted_in(const ts_statistics *statistics) {
    return statistics->outcome_count[0] + statistics->outcome_count[1] + statistics->outcome_count[2];
}

/* The finished trainings of a cell were seen at each observation; when they are all, as in `right`. */
static bool seen_as_ended(const ts_sweep *run, const ts_sweep *right, size_t cell) {
    const size_t count = right->observations.count;
    const uint64_t ended = counted_in(&run->results.statistics[cell]);
    bool fine = true;
    for (size_t k = cell * count; k < (cell + 1) * count; k++) {
        const ts_results *a = &run->results, *b = &right->results;
        fine = fine && counted_in(&a->observed[k]) == ended;
        if (ended == right->settings.replicates)
            fine = fine && a->first_success[k] == b->first_success[k] &&
                   memcmp(&a->observed[k], &b->observed[k], sizeof *a->observed) == 0;
    }
    return fine;
}

/* The finished trainings of `run` are those of `right`, and its statistics count them and no others. */
static bool consistent(const ts_sweep *run, const ts_sweep *right, uint64_t *finished) {
    bool fine = true;
    for (size_t cell = 0; cell < right->cell_count; cell++) {
        ts_statistics counted = {0};
        const ts_kept *kept = &run->results.kept[cell], *expected = &right->results.kept[cell];
        for (size_t r = 0; r < right->settings.replicates; r++) {
            if (kept->outcome[r] == TS_OUTCOME_NONE)
                continue;
            fine = fine && same_training(kept, expected, r, right->cells[cell].neurons);
            const ts_measurement measurement = {kept->loss[r], kept->position_loss[r], kept->missed[r]};
            ts_statistics_count(&counted, &run->cells[cell], run->cells[cell].steps, (ts_outcome)kept->outcome[r],
                                &measurement);
            ++*finished;
        }
        fine = fine && memcmp(&counted, &run->results.statistics[cell], sizeof counted) == 0;
        fine = fine && seen_as_ended(run, right, cell);
    }
    return fine;
}

/* Is what was begun there the same as `right` when the processors have done the rest? */
static bool ends_right(ts_sweep *run, const ts_sweep *right) {
    const size_t seen = right->cell_count * right->observations.count;
    uint64_t finished = 0;
    return ts_sweep_run(run, &(ts_run_options){.backend = "cpu"}, NULL, NULL) == TS_OK &&
           consistent(run, right, &finished) && finished == right->cell_count * right->settings.replicates &&
           memcmp(run->results.observed, right->results.observed, seen * sizeof *right->results.observed) == 0;
}

int main(void) {
    const ts_settings settings = small_sweep();
    ts_sweep *right = NULL, *run = NULL;
    ts_error error = {0};
    if (ts_sweep_create(&right, &settings, &error) != TS_OK || ts_sweep_create(&run, &settings, &error) != TS_OK ||
        ts_sweep_run(right, &(ts_run_options){.backend = "cpu"}, NULL, &error) != TS_OK) {
        printf("wrong: the comparison could not begin: %s\n", error.message);
        return 1;
    }
    const ts_run_options options = {.backend = "cuda", .chunk_steps = 10};
    atomic_store(&run->reached.asked, 1);
    const ts_status status = ts_sweep_run(run, &options, NULL, &error);
    const uint64_t all = right->cell_count * settings.replicates;
    uint64_t finished = 0;
    const bool began = run->results.statistics; /* a device that cannot be used is found before */
    const bool fine = (!began || consistent(run, right, &finished)) && ends_right(run, right);
    ts_sweep_destroy(right);
    ts_sweep_destroy(run);
    if (!fine) {
        printf("wrong: a finished training, or a count, is not the right one\n");
        return 1;
    }
    if (status == TS_OK && finished == all) {
        printf("right\n");
        return 0;
    }
    if (status != TS_FAILED || strncmp(error.message, "GPU ", 4) != 0) {
        printf("wrong: status %d with %llu of %llu trainings and the message '%s'\n", (int)status,
               (unsigned long long)finished, (unsigned long long)all, error.message);
        return 1;
    }
    printf("error after %llu trainings: %s\n", (unsigned long long)finished, error.message);
    return 0;
}
