/* A sweep that is run again and again: each run is stopped at some report, shared with others who claim a part of it,
 * and done in one of several ways, until nothing is missing. No CMocka, for programs that have none. */
#ifndef TS_TESTS_BACKEND_AGAIN_H
#define TS_TESTS_BACKEND_AGAIN_H

#include "random.h"
#include "sweep/rounds.h"

#include <stdlib.h>
#include <string.h>

#define MOST_RUNS 12

/* What became of the runs of a sweep. */
typedef struct again {
    long stops;
    long waypoints, seen; /* trainings that went on from where they stood, and those that had been seen on their way */
    long apart;           /* neighbours that did, of which one had been seen more often */
    bool asked_twice;     /* was a range claimed more than once in a run? */
} again;

/* A run, and when it is stopped. Somebody reports after every chunk of a slot or batch. */
typedef struct run_of_again {
    ts_sweep *sweep;
    ts_monitor *monitor;
    test_random *random;
    long reports, ask_at, stop_at; /* 0: never */
    size_t told;                   /* waypoints that there were when it was stopped */
    uint8_t *claimed;              /* [ranges] of its only round */
    again *all;
} run_of_again;

static inline bool report_of_again(void *context, const ts_progress *progress) {
    (void)progress;
    run_of_again *of = context;
    of->reports++;
    of->monitor->reported = 0; /* long ago: the next report is due */
    if (of->reports == of->ask_at)
        atomic_fetch_add(&of->sweep->reached.asked, 1);
#pragma omp critical(ts_underway)
    if (of->reports == of->stop_at)
        of->told = of->sweep->reached.count;
    return of->reports != of->stop_at;
}

/* The others of the team are nobody: what they claim is left for another run. */
static inline void begin_alone(void *context, size_t items) {
    run_of_again *of = context;
    free(of->claimed);
    of->claimed = calloc(items > 0 ? items : 1, 1);
}

static inline bool claim_some(void *context, size_t item) {
    run_of_again *of = context;
    of->all->asked_twice |= of->claimed[item]++ > 0;
    return random_word(of->random) % 2;
}

static inline void unite_alone(void *context, uint8_t *bytes, size_t count) {
    (void)context, (void)bytes, (void)count;
}

static inline void least_alone(void *context, uint32_t *words, size_t count) {
    (void)context, (void)words, (void)count;
}

static inline ts_status agree_alone(void *context, ts_status status) {
    (void)context;
    return status;
}

/* As after a crash: of the waypoints there are those that had been told when it was stopped. */
static inline void forget_stop(run_of_again *of) {
    ts_underway *reached = &of->sweep->reached;
    while (reached->count > of->told)
        free(reached->at[--reached->count]);
}

static inline ts_status run_once(run_of_again *of, ts_run_options options, bool crashes, ts_error *error) {
    ts_sweep *sweep = of->sweep;
    ts_execution execution;
    options.on_progress = report_of_again;
    options.context = of;
    ts_status status = ts_sweep_prepare(sweep, error);
    if (status == TS_OK)
        status = ts_execution_create(&execution, &sweep->settings, &options, sweep->settings.replicates, error);
    if (status != TS_OK)
        return status;
    ts_portion *portions = ts_portions_create(sweep, 0, 0);
    ts_execution_begin(&execution, (ts_progress){0});
    of->monitor = &execution.monitor;
    execution.monitor.reported = 0;
    of->all->waypoints += (long)sweep->underway.count;
    for (size_t i = 0; i < sweep->underway.count; i++) {
        const ts_waypoint *point = sweep->underway.at[i],
                          *next = sweep->underway.at[i + (i + 1 < sweep->underway.count)];
        of->all->seen += point->looks > 0;
        of->all->apart += point->cell == next->cell && point->looks != next->looks;
    }
    status = ts_rounds_run(sweep, &execution, portions, error);
    of->all->stops += status == TS_INTERRUPTED;
    if (status == TS_INTERRUPTED && crashes)
        forget_stop(of);
    ts_sweep_settle(sweep);
    ts_execution_end(&execution);
    free(execution.busy_seconds);
    free(portions);
    return status == TS_INTERRUPTED ? TS_OK : status;
}

static inline bool nothing_is_missing(const ts_sweep *sweep) {
    for (size_t i = 0; i < sweep->cell_count; i++)
        if (ts_sweep_summary(sweep, i).trainings < sweep->settings.replicates)
            return false;
    return true;
}

/* Run a sweep, each time in one of `ways` [count] with chunks of its own. The last time it is left to end. */
static inline ts_status run_again(ts_sweep *sweep, const ts_run_options *ways, size_t count, test_random *random,
                                  again *all, ts_error *error) {
    ts_status status = TS_OK;
    for (int run = 1; status == TS_OK && (run == 1 || !nothing_is_missing(sweep)); run++) {
        const bool last = run == MOST_RUNS;
        run_of_again of = {.sweep = sweep, .random = random, .all = all};
        ts_team team = {.context = &of,
                        .size = 2,
                        .begin = begin_alone,
                        .claim = claim_some,
                        .unite = unite_alone,
                        .least = least_alone,
                        .agree = agree_alone};
        ts_run_options options = ways[random_word(random) % count];
        options.chunk_steps = 1 + random_word(random) % (sweep->cells[0].steps / 6 + 1);
        of.stop_at = last || random_word(random) % 8 == 0 ? 0 : 1 + (long)(random_word(random) % 12);
        of.ask_at = of.stop_at > 1 && random_word(random) % 2 ? 1 + (long)(random_word(random) % 6) : 0;
        sweep->team = !last && random_word(random) % 3 == 0 ? &team : NULL;
        status = run_once(&of, options, of.ask_at > 0, error);
        sweep->team = NULL;
        free(of.claimed);
    }
    return status;
}

/* Of one that has been stopped, the waypoints of each third row go to another one. */
static inline void move_waypoints(ts_underway *from, uint32_t third, ts_underway *to) {
    for (size_t i = 0; i < from->count; i++)
        if (from->at[i]->row % 3 == third)
            ts_underway_put(to, from->at[i]);
        else
            free(from->at[i]);
    from->count = 0;
}

/* Run a sweep whose trainings stand at all kinds of steps: some where a run on the processors was stopped early, some
 * where it was stopped late, some at their start. `stopped`: the same sweep twice, not run. */
static inline ts_status run_apart(ts_sweep *sweep, ts_sweep *stopped[2], ts_run_options way, test_random *random,
                                  again *all, ts_error *error) {
    ts_status status = ts_sweep_prepare(sweep, error);
    for (uint32_t k = 0; status == TS_OK && k < 2; k++) {
        run_of_again of = {.sweep = stopped[k], .random = random, .all = all};
        of.stop_at = 1 + (long)(random_word(random) % 3) + 5 * k;
        const ts_run_options cpu = {.backend = "cpu", .threads = 1, .chunk_steps = sweep->cells[0].steps / 12 + 1};
        status = run_once(&of, cpu, false, error);
        move_waypoints(&stopped[k]->underway, k, &sweep->underway);
    }
    ts_sweep_settle(sweep);
    run_of_again of = {.sweep = sweep, .random = random, .all = all};
    return status == TS_OK ? run_once(&of, way, false, error) : status;
}

#endif
