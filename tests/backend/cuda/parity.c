/* Usage: timescape_parity [--configurations N] [--seconds S [--least N]] [--only I] [--seed S] [--devices LIST]
 * [--small]
 *
 * Runs random configurations on the backends cpu and cuda and compares every statistic and every kept value by memcmp;
 * then once more with stops at random steps, from each of which either backend goes on; in runs that are stopped, crash
 * or do what they claim, until nothing is missing; and as a trace; and what is measured of networks whose neurons stand
 * where something happens to a loss. Every kernel is forced in turn, with random chunk lengths. A program of its own,
 * without CMocka, so that a machine with nothing but a driver and a GPU can run it. While the GPU has one
 * configuration, the processors do the next ones for the backend cpu.
 *
 * --seconds: stop after so many, but not before the quick set of 42 is done, or the --least. --only: configuration I
 * alone. --small keeps the work fit for an emulator. Exit status: 0 all equal, 1 a difference, a failed run, or kernels
 * that were not met, 2 wrong usage. */
#include "backend/cuda/probe.h"
#include "base/clock.h"
#include "coverage.h"
#include "model/plain.h"
#include "sweep/trace.h"
#include "tests/backend/again.h"
#include "tests/backend/random_settings.h"
#include "tests/backend/stops.h"
#include "tests/events.h"

#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_DEVICES 16
#define AHEAD 32         /* configurations that the processors are ahead of the GPU, at most */
#define REPORT_AFTER 5.0 /* seconds between two lines on how far it has got */

typedef struct arguments {
    long configurations, least, only; /* only: -1 for all */
    double seconds;                   /* 0: no limit */
    uint64_t seed;
    int device[MOST_DEVICES];
    size_t device_count;
    bool small;
} arguments;

static bool parse_devices(arguments *a, const char *text) {
    for (const char *at = text; a->device_count < MOST_DEVICES; at++) {
        char *end;
        a->device[a->device_count++] = (int)strtol(at, &end, 10);
        if (end == at || (*end && *end != ','))
            return false;
        at = end;
        if (!*at)
            return true;
    }
    return false;
}

static bool parse(arguments *a, int argc, char **argv) {
    *a = (arguments){.configurations = 200, .least = QUICK_SET, .only = -1, .seed = 1};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--small") == 0) {
            a->small = true;
            continue;
        }
        if (i + 1 >= argc)
            return false;
        const char *value = argv[i + 1];
        char *end = NULL;
        if (strcmp(argv[i], "--configurations") == 0)
            a->configurations = strtol(value, &end, 10);
        else if (strcmp(argv[i], "--least") == 0)
            a->least = strtol(value, &end, 10);
        else if (strcmp(argv[i], "--only") == 0)
            a->only = strtol(value, &end, 10);
        else if (strcmp(argv[i], "--seconds") == 0)
            a->seconds = strtod(value, &end);
        else if (strcmp(argv[i], "--seed") == 0)
            a->seed = strtoull(value, &end, 10);
        else if (strcmp(argv[i], "--devices") != 0 || !parse_devices(a, value))
            return false;
        if (end && (end == value || *end))
            return false;
        i++;
    }
    return a->configurations > 0 && a->seed > 0 && a->seconds >= 0 && a->only >= -1;
}

/* ---- one configuration */

/* All that is to be compared, and what the backend cpu says to it. */
typedef struct prepared {
    long number;
    const advance_kernel *kernel;
    parity_axes axes;
    double times[RANDOM_OBSERVATIONS];
    ts_settings settings;
    ts_run_options options; /* of the backend cuda */
    bool low;               /* with limits that trainings of a few steps reach */
    test_random random;     /* for the stops */
    again again;            /* what became of them */
    ts_sweep *expected;     /* NULL: it could not be computed */
    ts_sweep *whole;        /* of trainings that stop at their first success, the same to their horizon */
    ts_sweep *with_limit;   /* the same in rounds, with the limit epsilon -> 0 instead of the trainings; of some */
    ts_error error;
    double seconds; /* of a processor for these */
} prepared;

static const char *difference(const ts_sweep *a, const ts_sweep *b) {
    for (size_t cell = 0; cell < a->cell_count; cell++) {
        const ts_kept *x = &a->results.kept[cell], *y = &b->results.kept[cell];
        const size_t r = a->settings.replicates, m = a->cells[cell].neurons;
        if (memcmp(x->outcome, y->outcome, r) != 0)
            return "outcome";
        if (memcmp(x->bias, y->bias, r * sizeof *x->bias) != 0)
            return "bias";
        if (memcmp(x->weight, y->weight, r * m * sizeof *x->weight) != 0)
            return "weight";
        if (memcmp(x->position, y->position, r * m * sizeof *x->position) != 0)
            return "position";
        if (memcmp(x->loss, y->loss, r * sizeof *x->loss) != 0)
            return "loss";
        if (memcmp(x->position_loss, y->position_loss, r * sizeof *x->position_loss) != 0)
            return "position loss";
        if (memcmp(x->missed, y->missed, r * sizeof *x->missed) != 0)
            return "missed jumps";
        if (memcmp(&a->results.statistics[cell], &b->results.statistics[cell], sizeof(ts_statistics)) != 0)
            return "statistics";
        if (memcmp(ts_sweep_marks(a, cell), ts_sweep_marks(b, cell), r) != 0)
            return "marks";
    }
    return NULL;
}

/* What was seen on the way. */
static const char *seen_difference(const ts_sweep *a, const ts_sweep *b) {
    const size_t seen = a->cell_count * a->observations.count;
    const ts_results *x = &a->results, *y = &b->results;
    if (seen > 0 && memcmp(x->observed, y->observed, seen * sizeof *x->observed) != 0)
        return "statistics on the way";
    if (seen > 0 && memcmp(x->first_success, y->first_success, seen * sizeof *x->first_success) != 0)
        return "first successes";
    return NULL;
}

/* For some, limits that trainings of a few steps reach: weights are examined often, and found too large. As ever, no
 * gradient is above the limit of the drift. */
static void lower_limits(ts_sweep *sweep, bool low) {
    for (size_t i = 0; low && i < sweep->cell_count; i++) {
        ts_cell *cell = &sweep->cells[i];
        cell->residual_limit = cell->residual_limit < INT64_C(1) << 30 ? cell->residual_limit : INT64_C(1) << 30;
        cell->residual_range = 2 * (uint64_t)cell->residual_limit;
        cell->gradient_limit =
            ts_round_shift(cell->residual_limit * cell->gradient.multiplier, cell->gradient.shift) + 1;
        cell->drift_limit = cell->gradient_limit + cell->gradient_limit / 8;
        cell->weight_limit = cell->drift_limit / 8;
        cell->success_loss = INT64_C(4) << TS_LOSS_BITS; /* trainings of a few steps come there, too */
    }
}

/* Run the settings on the backend cpu, on one thread. */
static bool run_expected(ts_sweep **sweep, const ts_settings *settings, bool low, ts_error *error) {
    if (ts_sweep_create(sweep, settings, error) != TS_OK)
        return false;
    lower_limits(*sweep, low);
    return ts_sweep_run(*sweep, &(ts_run_options){.backend = "cpu", .threads = 1}, NULL, error) == TS_OK;
}

static ts_settings with_limit_of(const ts_settings *settings) {
    ts_settings with_limit = *settings;
    with_limit.theory = true;
    with_limit.keep_trainings = false;
    with_limit.least_replicates = 1;
    with_limit.half_width = 0.2; /* several rounds */
    return with_limit;
}

/* The number-th configuration of this seed, whatever came before it, and its results on the backend cpu. */
static void prepare(const arguments *a, long number, prepared *p) {
    test_random random = parity_random(a->seed, number);
    *p = (prepared){.number = number, .kernel = &advance_kernels[(size_t)number % KERNELS]};
    p->settings = parity_settings(p->kernel, a->small, &random, &p->axes);
    p->options = (ts_run_options){
        .backend = "cuda",
        .lane_group = (int)p->kernel->lanes,
        .chunk_steps = random_word(&random) % 3 ? 1 + random_word(&random) % (p->settings.steps + 1) : 0,
        .devices = a->device,
        .device_count = a->device_count,
    };
    p->low = random_word(&random) % 3 == 0;
    random_observations(&p->settings, &random, p->times);
    p->random = random;
    const double began = ts_seconds_of(CLOCK_THREAD_CPUTIME_ID);
    bool fine = run_expected(&p->expected, &p->settings, p->low, &p->error);
    if (fine && p->settings.stop == TS_STOP_FIRST_SUCCESS) {
        ts_settings whole = p->settings;
        whole.stop = TS_STOP_NEVER;
        whole.observe_count = 0;
        fine = run_expected(&p->whole, &whole, p->low, &p->error);
    }
    if (fine && number % 8 == 0 && p->kernel->form != TS_FORM_PLAIN) {
        const ts_settings with_limit = with_limit_of(&p->settings);
        fine = run_expected(&p->with_limit, &with_limit, false, &p->error);
    }
    if (!fine) {
        ts_sweep_destroy(p->expected);
        p->expected = NULL;
    }
    p->seconds = ts_seconds_of(CLOCK_THREAD_CPUTIME_ID) - began;
}

static void release(prepared *p) {
    ts_sweep_destroy(p->expected);
    ts_sweep_destroy(p->whole);
    ts_sweep_destroy(p->with_limit);
}

/* The same trainings with stops: each stretch on the backend cuda, or on the cpu. */
static const char *compare_stops(const ts_settings *settings, const ts_run_options *options, const ts_sweep *whole,
                                 bool low, test_random *random, ts_error *error) {
    const ts_run_options ways[] = {*options, *options, {.backend = "cpu"}};
    ts_sweep *parts = NULL;
    const char *found = error->message;
    if (ts_sweep_create(&parts, settings, error) != TS_OK)
        return found;
    lower_limits(parts, low);
    if (run_with_stops(parts, ways, sizeof ways / sizeof *ways, random, error) == TS_OK)
        found = difference(whole, parts) ? "with stops" : NULL;
    ts_sweep_destroy(parts);
    return found;
}

/* The same with runs that end before it is done, each on the backend cuda, or on the cpu. */
static const char *compare_again(prepared *p) {
    const ts_run_options ways[] = {p->options, p->options, {.backend = "cpu", .threads = 1}};
    ts_sweep *parts = NULL;
    const char *found = p->error.message;
    if (ts_sweep_create(&parts, &p->settings, &p->error) != TS_OK)
        return found;
    lower_limits(parts, p->low);
    if (run_again(parts, ways, sizeof ways / sizeof *ways, &p->random, &p->again, &p->error) == TS_OK)
        found = difference(p->expected, parts)        ? "run again"
                : seen_difference(p->expected, parts) ? "on the way, run again"
                : p->again.asked_twice                ? "a range was claimed twice"
                                                      : NULL;
    ts_sweep_destroy(parts);
    return found;
}

/* Is training i of a trace at its end as replicate r of this cell of a sweep? */
static bool same_end(const ts_trace *trace, size_t i, const ts_sweep *sweep, size_t cell, size_t r) {
    const ts_kept *x = &trace->sweep->results.kept[0], *y = &sweep->results.kept[cell];
    const size_t m = sweep->cells[cell].neurons;
    return x->outcome[i] == y->outcome[r] && x->loss[i] == y->loss[r] && x->bias[i] == y->bias[r] &&
           x->position_loss[i] == y->position_loss[r] && x->missed[i] == y->missed[r] &&
           memcmp(x->position + i * m, y->position + r * m, m * sizeof *x->position) == 0 &&
           memcmp(x->weight + i * m, y->weight + r * m, m * sizeof *x->weight) == 0;
}

/* A trace of some replicates of a cell, named out of order, on the backend cuda. */
static const char *compare_trace(const ts_settings *settings, const ts_run_options *options, const ts_sweep *whole,
                                 bool low, test_random *random, ts_error *error) {
    const size_t cell = random_word(random) % whole->cell_count;
    const ts_settings own = ts_sweep_cell_settings(whole, cell);
    const uint32_t last = (uint32_t)settings->replicates - 1, replicate[2] = {last, last / 2};
    const size_t count = last > 0 ? 2 : 1;
    const uint64_t most = settings->steps < 9 ? settings->steps : 9;
    const ts_trace_options choice = {.replicate = replicate,
                                     .count = count,
                                     .times = 2 + random_word(random) % most,
                                     .log_times = random_word(random) % 2,
                                     .no_functions = random_word(random) % 2};
    ts_trace *trace = NULL;
    const char *found = error->message;
    if (ts_trace_create(&trace, &own, &choice, error) != TS_OK)
        return found;
    lower_limits(trace->sweep, low);
    if (ts_trace_run(trace, options, NULL, error) == TS_OK) {
        found = NULL;
        for (size_t i = 0; i < count; i++)
            found = same_end(trace, i, whole, cell, replicate[i]) ? found : "a trace";
    }
    ts_trace_destroy(trace);
    return found;
}

/* Networks without a step to do whose neurons are at jumps, eta/2 from them, at each other, at the ends and outside. */
static void place_at_events(const ts_sweep *sweep, test_random *random, ts_state *state) {
    for (size_t i = 0; i < sweep->cell_count; i++) {
        const ts_cell *cell = &sweep->cells[i];
        int32_t point = 0;
        for (size_t j = 0; j < sweep->settings.replicates * cell->neurons; j++) {
            point = random_event(random, cell, point);
            state[i].position[j].fixed = (int64_t)point * (INT64_C(1) << 32) + (uint32_t)random_word(random);
            state[i].weight[j].fixed = (int64_t)random_word(random) >> 20;
        }
    }
}

static const char *compare_at_events(const ts_settings *settings, const ts_run_options *options, test_random *random,
                                     ts_error *error) {
    ts_sweep *cpu = NULL, *cuda = NULL;
    ts_state state[1 << TS_PARAMETER_COUNT] = {{0}}; /* of a cell each */
    const char *found = error->message;
    if (ts_sweep_create(&cpu, settings, error) == TS_OK && ts_sweep_create(&cuda, settings, error) == TS_OK &&
        ts_results_create(&cpu->results, cpu, true, error) == TS_OK &&
        ts_results_create(&cuda->results, cuda, true, error) == TS_OK) {
        for (size_t i = 0; i < cpu->cell_count; i++)
            state[i] = state_create(settings->replicates, cpu->cells[i].neurons);
        place_at_events(cpu, random, state);
        if (advance_sweep(cpu, 0, &(ts_run_options){.backend = "cpu"}, NULL, state, NULL, error) == TS_OK &&
            advance_sweep(cuda, 0, options, NULL, state, NULL, error) == TS_OK)
            found = difference(cpu, cuda) ? "at events" : NULL;
        for (size_t i = 0; i < cpu->cell_count; i++)
            state_free(&state[i]);
    }
    ts_sweep_destroy(cpu);
    ts_sweep_destroy(cuda);
    return found;
}

/* Outcomes alone, without the trainings that they are of, in rounds: they are the same, and so many end where the limit
 * says. */
static const char *compare_with_limit(const prepared *p, ts_error *error) {
    const ts_settings with_limit = with_limit_of(&p->settings);
    const ts_sweep *cpu = p->with_limit;
    ts_sweep *cuda = NULL;
    const char *found = error->message;
    if (ts_sweep_create(&cuda, &with_limit, error) == TS_OK && ts_sweep_run(cuda, &p->options, NULL, error) == TS_OK) {
        found = NULL;
        for (size_t i = 0; i < cpu->cell_count; i++)
            if (ts_sweep_summary(cpu, i).limit_agreement_count != ts_sweep_summary(cuda, i).limit_agreement_count ||
                memcmp(ts_sweep_marks(cpu, i), ts_sweep_marks(cuda, i), with_limit.replicates) != 0)
                found = "agreement with the limit";
    }
    ts_sweep_destroy(cuda);
    return found;
}

/* Returns what is different or went wrong, NULL when the backends agree. */
static const char *compare(prepared *p) {
    const ts_sweep *cpu = p->expected, *whole = p->whole ? p->whole : cpu;
    ts_sweep *cuda = NULL;
    const char *found = p->error.message;
    if (cpu && ts_sweep_create(&cuda, &p->settings, &p->error) == TS_OK) {
        lower_limits(cuda, p->low);
        if (ts_sweep_run(cuda, &p->options, NULL, &p->error) == TS_OK)
            found = difference(cpu, cuda);
        if (!found)
            found = seen_difference(cpu, cuda);
    }
    ts_sweep_destroy(cuda);
    if (!found)
        found = compare_stops(&p->settings, &p->options, whole, p->low, &p->random, &p->error);
    if (!found)
        found = compare_again(p);
    if (!found && cpu->cells[0].activation == TS_ACTIVATION_STEP && p->settings.dimension == 1)
        found = compare_trace(&p->settings, &p->options, whole, p->low, &p->random, &p->error);
    if (!found)
        found = compare_at_events(&p->settings, &p->options, &p->random, &p->error);
    if (!found && p->with_limit)
        found = compare_with_limit(p, &p->error);
    return found;
}

static void print_difference(const arguments *a, const prepared *p, const char *found) {
    printf("configuration %ld of seed %llu (%zu cells, m from %g, dimension %zu%s, %s, %u lanes, batches of %u, %llu "
           "steps, %llu "
           "replicates): %s\n",
           p->number, (unsigned long long)a->seed, p->expected ? p->expected->cell_count : 0,
           p->axes.of[TS_PARAMETER_NEURONS][0], p->settings.dimension,
           p->settings.activation == TS_ACTIVATION_RELU ? ", ReLU" : "", form_name(p->kernel->form), p->kernel->lanes,
           p->kernel->batch, (unsigned long long)p->settings.steps, (unsigned long long)p->settings.replicates, found);
}

/* ---- all of them */

typedef struct outcome {
    coverage seen;
    long differences;
    double began, reported; /* seconds of the monotonic clock */
    double waited;          /* seconds that the GPU had to wait for the backend cpu */
    double processor;       /* seconds of one processor for what the backend cpu said */
} outcome;

static void report_progress(const arguments *a, outcome *o) {
    const double now = ts_seconds_now();
    if (now - o->reported < REPORT_AFTER)
        return;
    o->reported = now;
    printf("after %.0f s: %ld of %ld configurations, %ld differ\n", now - o->began, o->seen.configurations,
           a->configurations, o->differences);
    fflush(stdout);
}

/* Is there time for one more? */
static bool goes_on(const arguments *a, const outcome *o) {
    return a->seconds == 0 || o->seen.configurations < a->least || ts_seconds_now() - o->began < a->seconds;
}

/* The part of the GPU: compares `count` configurations that are prepared. Returns false when the time is up. */
static bool compare_all(const arguments *a, prepared *p, long count, size_t shared_memory, outcome *o) {
    for (long i = 0; i < count; i++) {
        if (!goes_on(a, o))
            return false;
        const char *found = compare(&p[i]);
        if (p[i].expected)
            count_coverage(&o->seen, p[i].expected, &p[i].options, shared_memory);
        o->seen.run_again += p[i].again.stops > 0;
        o->seen.waypoints += p[i].again.waypoints;
        o->seen.seen_before += p[i].again.seen;
        o->processor += p[i].seconds;
        o->differences += found != NULL;
        if (found)
            print_difference(a, &p[i], found);
        report_progress(a, o);
    }
    return true;
}

/* Configurations from..to, some at a time: while the GPU has some of them, the processors prepare the next ones. */
static void run(const arguments *a, long from, long to, size_t shared_memory, outcome *o) {
    static prepared ring[2][AHEAD];
    long count = 0; /* prepared, in ring[now] */
    bool goes = true;
    o->began = o->reported = ts_seconds_now();
    omp_set_max_active_levels(2); /* a thread for each of several GPUs, too */
#pragma omp parallel
#pragma omp single
    for (int now = 0; goes && (from < to || count > 0); now = !now) {
        const long next = to - from < AHEAD ? to - from : AHEAD;
        for (long i = 0; i < next; i++) {
            prepared *place = &ring[!now][i];
            const long number = from + i;
#pragma omp task firstprivate(place, number) shared(goes)
            {
                if (goes)
                    prepare(a, number, place);
                else
                    *place = (prepared){0};
            }
        }
        goes = compare_all(a, ring[now], count, shared_memory, o);
        const double done = ts_seconds_now();
#pragma omp taskwait
        o->waited += goes ? ts_seconds_now() - done : 0;
        for (long i = 0; i < count; i++)
            release(&ring[now][i]);
        for (long i = 0; !goes && i < next; i++)
            release(&ring[!now][i]);
        from += next;
        count = next;
    }
}

/* The most shared memory that a block may have on all the devices. */
static size_t shared_memory_of(const arguments *a) {
    size_t least = SIZE_MAX;
    const size_t count = a->device_count > 0 ? a->device_count : (size_t)ts_cuda_look().device_count;
    for (size_t i = 0; i < count; i++) {
        const size_t own = ts_cuda_look_at(a->device_count > 0 ? a->device[i] : (int)i).shared_memory;
        least = own < least ? own : least;
    }
    return least;
}

int main(int argc, char **argv) {
    arguments a;
    outcome o = {0};
    if (!parse(&a, argc, argv)) {
        fputs("Usage: timescape_parity [--configurations N] [--seconds S [--least N]] [--only I] [--seed S] "
              "[--devices LIST] [--small]\n",
              stderr);
        return TS_INVALID;
    }
    char text[256], reason[256];
    if (!ts_backend_choose("cuda", reason, sizeof reason)) {
        printf("parity: not run: %s\n", reason);
        return TS_FAILED;
    }
    for (size_t i = 0; ts_gpu_text(i, text, sizeof text); i++)
        printf("GPU %zu: %s\n", i, text);
    fflush(stdout);
    const long first = a.only < 0 ? 0 : a.only, end = a.only < 0 ? a.configurations : a.only + 1;
    run(&a, first, end, shared_memory_of(&a), &o);
    const bool covered = covers(&o.seen);
    print_coverage(&o.seen);
    printf("the backend cpu: %.1f s of one processor; the GPU waited for it for %.1f of %.1f s\n", o.processor,
           o.waited, ts_seconds_now() - o.began);
    printf("parity: %ld configurations of seed %llu, %ld differ\n", o.seen.configurations, (unsigned long long)a.seed,
           o.differences);
    return o.differences == 0 && covered ? TS_OK : TS_FAILED;
}
