#include "sweep/rounds.h"

#include "base/fail.h"
#include "estimate/rate.h"

#include <math.h>
#include <stdlib.h>

/* ---- how precise a rate is */

/* What the marks of some trainings of a cell say. */
typedef struct tally {
    uint64_t trainings, successes; /* finished ones, and those of them that are successes */
    ts_limit_table beside_limit;
} tally;

static tally tally_of(const uint8_t *mark, uint32_t count, uint8_t success) {
    tally found = {0};
    for (uint32_t r = 0; r < count; r++) {
        const bool finished = mark[r] & TS_MARK_FINISHED, succeeds = mark[r] & success;
        found.trainings += finished;
        found.successes += finished && succeeds;
        found.beside_limit.count[(mark[r] & TS_MARK_LIMIT_SUCCESS) != 0][succeeds] += finished;
    }
    return found;
}

/* Of the interval of a success rate: the controlled one where there is one. */
static double half_width(const ts_sweep *sweep, size_t cell, const tally *of) {
    const ts_limits *limits = &sweep->limits;
    double rate, low, high;
    if (sweep->settings.limit_starts > 0)
        ts_rate_controlled(of->beside_limit.count, limits->end_success_count[cell], limits->starts, &rate, &low, &high);
    else
        ts_rate_interval((double)of->successes, (double)of->trainings, &rate, &low, &high);
    return (high - low) / 2;
}

/* How many times too wide the interval of a cell is by its first `count` trainings; at most 1: it is fine. Of no
 * others, so that it does not matter which there are besides. */
static double excess(const ts_sweep *sweep, size_t cell, uint32_t count) {
    const ts_criterion by = sweep->settings.criterion;
    const uint8_t *mark = sweep->results.mark + cell * sweep->settings.replicates;
    const tally by_loss = tally_of(mark, count, TS_MARK_SUCCESS);
    const tally by_positions = tally_of(mark, count, TS_MARK_POSITION_SUCCESS);
    const double loss = by != TS_CRITERION_POSITIONS ? half_width(sweep, cell, &by_loss) : 0;
    const double positions = by != TS_CRITERION_LOSS ? half_width(sweep, cell, &by_positions) : 0;
    return fmax(loss, positions) / sweep->settings.half_width;
}

/* ---- rounds */

#define MARGIN 1.05      /* most cells are done with what they are thought to need and a little more, */
#define LEAST_GROWTH 8   /* and those that are not get at least this part of what they have: no endless small rounds */
#define LARGEST_GROWTH 2 /* times what a cell has: more its interval cannot foretell */
#define FULL 32          /* trainings come in these: a warp of a GPU, lanes of a vector */

/* What a cell with `count` trainings is to have, when its interval is so many times too wide. */
static uint32_t wanted(uint32_t count, double excess, uint64_t most) {
    const double needed = ceil(MARGIN * count * excess * excess), least = count + ceil((double)count / LEAST_GROWTH);
    const double in_full = ceil(fmax(needed, least) / FULL) * FULL;
    return (uint32_t)fmin(fmin(in_full, LARGEST_GROWTH * (double)count), (double)most);
}

/* As `wanted`, after all rounds, as far as that can be told. */
static uint32_t expected(uint32_t count, double excess, uint64_t most) {
    return (uint32_t)fmin(fmax(MARGIN * count * excess * excess, count), (double)most);
}

/* What a round is made of. */
typedef struct course {
    ts_sweep *sweep;
    ts_execution *execution;
    const ts_portion *portions; /* [cell_count] */
    uint32_t *wanted; /* [cell_count] trainings that each cell is to have by the end of the round, the first so many */
} course;

/* From what each cell wanted in the last round to what it wants in the next one, and what is going to be done in all as
 * far as that can be told. Returns whether any wants more. */
static bool next_round(const course *of, ts_progress *total) {
    const ts_sweep *sweep = of->sweep;
    const uint64_t most = sweep->settings.replicates;
    bool any = false;
    *total = (ts_progress){0};
    for (size_t i = 0; i < sweep->cell_count; i++) {
        const uint32_t count = of->wanted[i];
        const bool ours = ts_portion_rows(&of->portions[i], (uint32_t)most) > 0;
        const double wide = ours && count > 0 && count < most ? excess(sweep, i, count) : 0;
        const uint32_t next = count == 0 && ours ? (uint32_t)ts_least_replicates(&sweep->settings)
                              : wide > 1         ? wanted(count, wide, most)
                                                 : count;
        const uint32_t in_all = wide > 1 ? expected(count, wide, most) : next;
        const double trainings = ts_portion_rows(&of->portions[i], in_all > next ? in_all : next);
        const double steps = trainings * (double)sweep->cells[i].steps;
        of->wanted[i] = next;
        any |= next > count;
        total->trainings_total += (uint64_t)trainings;
        total->training_steps_total += steps;
        total->neuron_steps_total += steps * sweep->cells[i].neurons;
    }
    return any;
}

static bool claim(void *context, size_t range) {
    const ts_team *team = context;
    return team->claim(team->context, range);
}

/* Run what is missing of a round. Others of a team do their part of it, and all get to know which trainings there are.
 */
static ts_status run_round(const course *of, ts_error *error) {
    ts_sweep *sweep = of->sweep;
    ts_team *team = sweep->team;
    const ts_claims claims = {claim, team, team ? (uint32_t)team->size : 1};
    ts_plan plan = ts_sweep_plan(sweep);
    ts_ranges ranges = {0};
    ts_status status = ts_results_grow(&sweep->results, sweep, of->wanted, error);
    if (status == TS_OK &&
        !ts_ranges_missing(&ranges, sweep, of->portions, of->wanted, team ? (uint32_t)team->size : 0))
        status = ts_fail(error, TS_FAILED, "", "not enough memory for the rounds of %zu cells", sweep->cell_count);
    status = ts_team_agree(sweep->team, status, error);
    if (status != TS_OK)
        goto cleanup;
    plan.ranges = ranges.range;
    plan.range_count = ranges.count;
    plan.claims = team ? &claims : NULL;
    plan.underway = &sweep->underway;
    if (team)
        team->begin(team->context, ranges.count);
    if (ranges.count > 0) {
        ts_results results = sweep->results;
        results.underway = &sweep->reached;
        status = ts_execution_run(of->execution, &plan, &results, error);
    }
    status = ts_team_agree(team, status, error); /* before all else: who has failed stops the others */
    ts_sweep_share(sweep);
cleanup:
    ts_ranges_free(&ranges);
    return status;
}

ts_status ts_rounds_run(ts_sweep *sweep, ts_execution *execution, const ts_portion *portions, ts_error *error) {
    course of = {sweep, execution, portions, calloc(sweep->cell_count, sizeof *of.wanted)};
    ts_progress total;
    ts_status status = TS_OK;
    if (!of.wanted)
        status = ts_fail(error, TS_FAILED, "", "not enough memory for the rounds of %zu cells", sweep->cell_count);
    status = ts_team_agree(sweep->team, status, error);
    while (status == TS_OK && next_round(&of, &total)) {
        ts_monitor_expect(&execution->monitor, total);
        status = run_round(&of, error);
    }
    free(of.wanted);
    return status;
}

bool ts_rounds_missing(ts_ranges *ranges, ts_sweep *sweep) {
    ts_portion *all = ts_portions_create(sweep, 0, 0);
    const course of = {sweep, NULL, all, calloc(sweep->cell_count, sizeof *of.wanted)};
    bool enough = all && of.wanted;
    ts_progress unused;
    *ranges = (ts_ranges){0};
    while (enough && ranges->count == 0 && next_round(&of, &unused)) {
        ts_ranges_free(ranges);
        enough = ts_ranges_missing(ranges, sweep, all, of.wanted, UINT32_MAX);
    }
    free(of.wanted);
    free(all);
    return enough;
}
