/* Memory for the results of a run. */
#include "base/fail.h"
#include "sweep/sweep.h"

#include "backend/machine.h"

#include <stdlib.h>
#include <string.h>

static bool allocate_kept(ts_kept *kept, size_t replicates, size_t neurons) {
    kept->position = malloc(replicates * neurons * sizeof *kept->position);
    kept->weight = malloc(replicates * neurons * sizeof *kept->weight);
    kept->bias = malloc(replicates * sizeof *kept->bias);
    kept->loss = malloc(replicates * sizeof *kept->loss);
    kept->position_loss = malloc(replicates * sizeof *kept->position_loss);
    kept->missed = malloc(replicates * sizeof *kept->missed);
    kept->outcome = malloc(replicates * sizeof *kept->outcome);
    if (!kept->position || !kept->weight || !kept->bias || !kept->loss || !kept->position_loss || !kept->missed ||
        !kept->outcome)
        return false;
    memset(kept->outcome, TS_OUTCOME_NONE, replicates * sizeof *kept->outcome);
    return true;
}

/* The kernel promises memory that it does not have, so compare with what there is before asking for it. */
bool ts_fits_in_memory(double bytes) {
    return bytes + TS_RESERVED_BYTES < ts_machine_memory("");
}

ts_status ts_results_create(ts_results *results, const ts_sweep *sweep, bool whole_trainings, ts_error *error) {
    const size_t trainings = sweep->cell_count * sweep->settings.replicates;
    const size_t observed = sweep->cell_count * sweep->observations.count;
    const double not_estimated = whole_trainings && !sweep->settings.keep_trainings ? ts_kept_bytes(sweep) : 0;
    const double bytes = ts_sweep_estimate(sweep).memory_bytes + not_estimated;
    *results = (ts_results){0};
    bool enough = ts_fits_in_memory(bytes);
    if (enough)
        results->statistics = calloc(sweep->cell_count, sizeof *results->statistics);
    enough = enough && results->statistics;
    if (enough && observed > 0) {
        results->observed = calloc(observed, sizeof *results->observed);
        results->first_success = calloc(observed, sizeof *results->first_success);
        enough = results->observed && results->first_success;
    }
    if (enough)
        results->mark = calloc(trainings, sizeof *results->mark);
    enough = enough && results->mark;
    if (enough && whole_trainings) {
        results->kept = calloc(sweep->cell_count, sizeof *results->kept);
        enough = results->kept;
        for (size_t i = 0; enough && i < sweep->cell_count; i++)
            enough = allocate_kept(&results->kept[i], sweep->settings.replicates, sweep->cells[i].neurons);
    }
    if (enough)
        return TS_OK;
    ts_results_free(results, sweep->cell_count);
    return ts_fail(error, TS_FAILED, "", "the results need %.1f GiB of memory, %.1f GiB are there%s", bytes / 0x1p30,
                   ts_machine_memory("") / 0x1p30,
                   sweep->settings.keep_trainings ? "; output.keep_trainings: false needs much less"
                   : observed > 0                 ? "; without observe there would be fewer statistics"
                                                  : "");
}

static void free_trainings(ts_results *results, size_t cell_count) {
    for (size_t i = 0; results->kept && i < cell_count; i++) {
        free(results->kept[i].position);
        free(results->kept[i].weight);
        free(results->kept[i].bias);
        free(results->kept[i].loss);
        free(results->kept[i].position_loss);
        free(results->kept[i].missed);
        free(results->kept[i].outcome);
    }
    free(results->kept);
    results->kept = NULL;
}

void ts_results_free(ts_results *results, size_t cell_count) {
    free_trainings(results, cell_count);
    free(results->mark);
    free(results->statistics);
    free(results->observed);
    free(results->first_success);
    *results = (ts_results){0};
}
