#include "summary.h"

#include <math.h>

static double median_of(const double *value, int count, double *sorted) {
    for (int i = 0; i < count; i++) {
        int at = i;
        if (isnan(value[i]))
            return NAN;
        for (; at > 0 && sorted[at - 1] > value[i]; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = value[i];
    }
    return count % 2 ? sorted[count / 2] : 0.5 * (sorted[count / 2 - 1] + sorted[count / 2]);
}

double bench_median(const double *value, int count) {
    double sorted[BENCH_REPEATS];
    return median_of(value, count, sorted);
}

/* The greatest rates that were measured for so many threads: those that other programs disturbed least. */
static bench_rate greatest_rate(const bench_result *result, int threads) {
    bench_rate greatest = {NAN, NAN}; /* fmax prefers numbers */
    for (size_t i = 0; i < result->count; i++)
        for (int repeat = 0; repeat < result->options->repeat && result->rows[i].threads == threads; repeat++) {
            greatest.clock = fmax(greatest.clock, result->rows[i].rate[repeat].clock);
            greatest.simple = fmax(greatest.simple, result->rows[i].rate[repeat].simple);
        }
    return greatest;
}

bench_summary bench_summarise(const bench_result *result, const bench_row *row) {
    const int repeats = result->options->repeat;
    const bench_rate rate = greatest_rate(result, row->threads);
    double cycles[BENCH_REPEATS], least = INFINITY, most = 0;
    for (int i = 0; i < repeats; i++) {
        cycles[i] = row->counted[i].cycles / (row->training_steps * row->neurons);
        least = fmin(least, row->step_seconds[i]);
        most = fmax(most, row->step_seconds[i]);
    }
    const double step_seconds = bench_median(row->step_seconds, repeats);
    return (bench_summary){
        .row = row,
        .seconds = bench_median(row->seconds, repeats),
        .step_seconds = step_seconds > 0 ? step_seconds : NAN, /* trainings too short to be timed */
        .least_step_seconds = least > 0 ? least : NAN,
        .most_step_seconds = most > 0 ? most : NAN,
        .busy = bench_median(row->busy, repeats),
        .clock = rate.clock,
        .simple = rate.simple,
        .instructions = row->instructions_per_training_step / row->neurons,
        .cycles = bench_median(cycles, repeats),
        .joules = bench_median(row->joules, repeats),
    };
}

/* ---- the columns */

double bench_width(const bench_summary *s) {
    return s->simple / (s->clock * s->row->threads);
}

/* clang-format off */
static double threads(const bench_summary *s) { return s->row->threads; }
static double neurons(const bench_summary *s) { return s->row->neurons; }
static double eta(const bench_summary *s) { return s->row->eta; }
static double epsilon(const bench_summary *s) { return s->row->epsilon; }
static double cells(const bench_summary *s) { return (double)s->row->cells; }
static double replicates(const bench_summary *s) { return (double)s->row->replicates; }
static double steps(const bench_summary *s) { return (double)s->row->steps; }
static double seconds(const bench_summary *s) { return s->seconds; }
static double step_seconds(const bench_summary *s) { return s->step_seconds; }
static double spread(const bench_summary *s) { return (s->most_step_seconds - s->least_step_seconds) / s->step_seconds; }
static double busy(const bench_summary *s) { return s->busy; }
static double training_rate(const bench_summary *s) { return s->row->training_steps / s->step_seconds; }
static double neuron_rate(const bench_summary *s) { return training_rate(s) * s->row->neurons; }
static double instructions(const bench_summary *s) { return s->instructions; }
static double cycles(const bench_summary *s) { return s->cycles; }
static double clock_rate(const bench_summary *s) { return s->clock; }
static double bound(const bench_summary *s) { return s->simple / s->instructions; }
static double of_bound(const bench_summary *s) { return neuron_rate(s) / bound(s); }
static double lane_group(const bench_summary *s) { return s->row->lane_group; }
static double least_rate(const bench_summary *s) { return s->row->training_steps / s->most_step_seconds; }
static double greatest_training_rate(const bench_summary *s) { return s->row->training_steps / s->least_step_seconds; }
static double watts(const bench_summary *s) { return s->joules / s->seconds; }
static double energy(const bench_summary *s) { return s->joules / s->row->neuron_steps * 1e12; }

static const bench_column columns[] = {
    {"threads", BENCH_PROCESSOR, {"", "threads"}, 4, threads},
    {"neurons", BENCH_BOTH, {"", "m"}, 4, neurons},
    {"eta", BENCH_BOTH, {"", "eta"}, 4, eta},
    {"epsilon", BENCH_PROCESSOR, {"", "epsilon"}, 4, epsilon},
    {"cells", BENCH_NO_TABLE, {"", ""}, 17, cells},
    {"replicates", BENCH_GPU, {"", "trainings"}, 17, replicates},
    {"steps", BENCH_NO_TABLE, {"", ""}, 17, steps},
    {"median_seconds", BENCH_NO_TABLE, {"", ""}, 6, seconds},
    {"median_step_seconds", BENCH_NO_TABLE, {"", ""}, 6, step_seconds},
    {"spread", BENCH_NO_TABLE, {"", ""}, 3, spread},
    {"busy", BENCH_BOTH, {"", "busy"}, 3, busy},
    {"training_steps_per_second", BENCH_BOTH, {"training", "steps/s"}, 4, training_rate},
    {"neuron_steps_per_second", BENCH_BOTH, {"neuron", "steps/s"}, 4, neuron_rate},
    {"instructions_per_neuron_step", BENCH_BOTH, {"instr. per", "neuron step"}, 4, instructions},
    {"cycles_per_neuron_step", BENCH_PROCESSOR, {"cycles per", "neuron step"}, 4, cycles},
    {"clock_hz", BENCH_NO_TABLE, {"", ""}, 4, clock_rate},
    {"simple_instructions_per_cycle", BENCH_NO_TABLE, {"", ""}, 4, bench_width},
    {"bound_neuron_steps_per_second", BENCH_BOTH, {"bound", "of the same"}, 4, bound},
    {"of_bound", BENCH_BOTH, {"part of", "bound"}, 3, of_bound},
    {"lane_group", BENCH_GPU, {"lane", "group"}, 4, lane_group},
    {"least_training_steps_per_second", BENCH_GPU, {"training steps/s", "least"}, 4, least_rate},
    {"greatest_training_steps_per_second", BENCH_GPU, {"training steps/s", "greatest"}, 4, greatest_training_rate},
    {"watts", BENCH_GPU, {"board", "W"}, 4, watts},
    {"joules_per_1e12_neuron_steps", BENCH_GPU, {"J per 1e12", "neuron steps"}, 4, energy},
};
/* clang-format on */

const bench_column *bench_columns(size_t *count) {
    *count = sizeof columns / sizeof columns[0];
    return columns;
}
