/* What the benchmark found, as a table for people, as CSV and as JSON: one list of columns for all three. */
#include "machine.h"
#include "throughput.h"

#include <math.h>
#include <string.h>

typedef struct row_summary {
    const bench_row *row;
    double seconds, step_seconds, spread, busy, clock, simple, instructions,
        cycles; /* the last two for a neuron step */
} row_summary;

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

static row_summary summary_of(const bench_result *result, const bench_row *row) {
    const int repeats = result->options->repeat;
    const bench_rate rate = greatest_rate(result, row->threads);
    double cycles[BENCH_REPEATS], least = INFINITY, most = 0;
    for (int i = 0; i < repeats; i++) {
        cycles[i] = row->counted[i].cycles / (row->training_steps * row->neurons);
        least = fmin(least, row->step_seconds[i]);
        most = fmax(most, row->step_seconds[i]);
    }
    const double step_seconds = bench_median(row->step_seconds, repeats);
    return (row_summary){
        .row = row,
        .seconds = bench_median(row->seconds, repeats),
        .step_seconds = step_seconds > 0 ? step_seconds : NAN, /* trainings too short to be timed */
        .spread = (most - least) / step_seconds,
        .busy = bench_median(row->busy, repeats),
        .clock = rate.clock,
        .simple = rate.simple,
        .instructions = row->instructions_per_training_step / row->neurons,
        .cycles = bench_median(cycles, repeats),
    };
}

/* ---- the columns */

/* clang-format off */
static double threads(const row_summary *s) { return s->row->threads; }
static double neurons(const row_summary *s) { return s->row->neurons; }
static double eta(const row_summary *s) { return s->row->eta; }
static double epsilon(const row_summary *s) { return s->row->epsilon; }
static double cells(const row_summary *s) { return (double)s->row->cells; }
static double replicates(const row_summary *s) { return (double)s->row->replicates; }
static double steps(const row_summary *s) { return (double)s->row->steps; }
static double seconds(const row_summary *s) { return s->seconds; }
static double step_seconds(const row_summary *s) { return s->step_seconds; }
static double spread(const row_summary *s) { return s->spread; }
static double busy(const row_summary *s) { return s->busy; }
static double training_rate(const row_summary *s) { return s->row->training_steps / s->step_seconds; }
static double neuron_rate(const row_summary *s) { return training_rate(s) * s->row->neurons; }
static double instructions(const row_summary *s) { return s->instructions; }
static double cycles(const row_summary *s) { return s->cycles; }
static double clock_rate(const row_summary *s) { return s->clock; }
static double width(const row_summary *s) { return s->simple / (s->clock * s->row->threads); }
static double bound(const row_summary *s) { return s->simple / s->instructions; }
static double of_bound(const row_summary *s) { return neuron_rate(s) / bound(s); }
/* clang-format on */

static const struct column {
    const char *key;
    const char *heading[2]; /* in the table for people, or {NULL}: left out there */
    int digits;             /* significant ones */
    double (*value)(const row_summary *);
} columns[] = {
    {"threads", {"", "threads"}, 4, threads},
    {"neurons", {"", "m"}, 4, neurons},
    {"eta", {"", "eta"}, 4, eta},
    {"epsilon", {"", "epsilon"}, 4, epsilon},
    {"cells", {NULL}, 17, cells},
    {"replicates", {NULL}, 17, replicates},
    {"steps", {NULL}, 17, steps},
    {"median_seconds", {NULL}, 6, seconds},
    {"median_step_seconds", {NULL}, 6, step_seconds},
    {"spread", {NULL}, 3, spread},
    {"busy", {"", "busy"}, 3, busy},
    {"training_steps_per_second", {"training", "steps/s"}, 4, training_rate},
    {"neuron_steps_per_second", {"neuron", "steps/s"}, 4, neuron_rate},
    {"instructions_per_neuron_step", {"instr. per", "neuron step"}, 4, instructions},
    {"cycles_per_neuron_step", {"cycles per", "neuron step"}, 4, cycles},
    {"clock_hz", {NULL}, 4, clock_rate},
    {"simple_instructions_per_cycle", {NULL}, 4, width},
    {"bound_neuron_steps_per_second", {"bound", "of the same"}, 4, bound},
    {"of_bound", {"part of", "bound"}, 3, of_bound},
};

#define COLUMNS (sizeof columns / sizeof columns[0])

static void print_value(FILE *stream, const struct column *column, const row_summary *summary, const char *unknown,
                        int width_of_field) {
    const double value = column->value(summary);
    if (isfinite(value))
        fprintf(stream, "%*.*g", width_of_field, column->digits, value);
    else
        fprintf(stream, "%*s", width_of_field, unknown);
}

/* ---- for people */

static void print_machine(FILE *stream, const bench_result *result) {
    const bench_machine machine = bench_machine_now();
    const row_summary first = summary_of(result, &result->rows[0]);
    fprintf(stream, "processor  %s, %d cores, %d threads; load average %.2g\n", machine.processor, machine.cores,
            machine.threads, machine.load);
    fprintf(stream, "build      timescape %s (%s), %s\n", ts_version(), ts_commit(), ts_build());
    fprintf(stream,
            "clock      %.3g GHz, at most %.2f simple instructions in a cycle; both measured between the repeats\n",
            1e-9 * first.clock, width(&first));
    if (result->uncounted[0])
        fprintf(stream, "counters   n/a: %s%s%s\n", result->uncounted,
                result->options->counts ? "; instruction counts come from " : "",
                result->options->counts ? result->options->counts : "");
    fprintf(stream, "bound      clock x instructions in a cycle x threads / instructions of a neuron step\n\n");
}

/* 9 characters hold every number of 4 digits. */
static int width_of(const struct column *column) {
    const size_t above = strlen(column->heading[0]), below = strlen(column->heading[1]);
    const size_t longest = above > below ? above : below;
    return longest > 9 ? (int)longest : 9;
}

static void print_headings(FILE *stream, int line) {
    fprintf(stream, "%-12s %-9s", line ? "instructions" : "", line ? "algorithm" : "");
    for (size_t i = 0; i < COLUMNS; i++)
        if (columns[i].heading[line])
            fprintf(stream, "  %*s", width_of(&columns[i]), columns[i].heading[line]);
    fputc('\n', stream);
}

void bench_print_text(FILE *stream, const bench_result *result) {
    print_machine(stream, result);
    print_headings(stream, 0);
    print_headings(stream, 1);
    for (size_t i = 0; i < result->count; i++) {
        const row_summary summary = summary_of(result, &result->rows[i]);
        fprintf(stream, "%-12s %-9s", *summary.row->instructions ? summary.row->instructions : "-",
                summary.row->algorithm);
        for (size_t k = 0; k < COLUMNS; k++)
            if (columns[k].heading[0]) {
                fputs("  ", stream);
                print_value(stream, &columns[k], &summary, "n/a", width_of(&columns[k]));
            }
        fputc('\n', stream);
    }
}

/* ---- for programs */

void bench_print_csv(FILE *stream, const bench_result *result) {
    fprintf(stream, "backend,instructions,algorithm");
    for (size_t k = 0; k < COLUMNS; k++)
        fprintf(stream, ",%s", columns[k].key);
    for (size_t i = 0; i < result->count; i++) {
        const row_summary summary = summary_of(result, &result->rows[i]);
        fprintf(stream, "\n%s,%s,%s", summary.row->backend, summary.row->instructions, summary.row->algorithm);
        for (size_t k = 0; k < COLUMNS; k++) {
            fputc(',', stream);
            print_value(stream, &columns[k], &summary, "", 0);
        }
    }
    fputc('\n', stream);
}

static void print_string(FILE *stream, const char *text) {
    fputc('"', stream);
    for (; *text; text++)
        if (*text == '"' || *text == '\\')
            fprintf(stream, "\\%c", *text);
        else if ((unsigned char)*text >= ' ')
            fputc(*text, stream);
    fputc('"', stream);
}

static void print_list(FILE *stream, const char *key, const double *value, int count) {
    fprintf(stream, ",\n     \"%s\": [", key);
    for (int i = 0; i < count; i++)
        fprintf(stream, "%s%.6g", i ? ", " : "", value[i]);
    fputc(']', stream);
}

static void print_json_row(FILE *stream, const bench_result *result, const bench_row *row) {
    const row_summary summary = summary_of(result, row);
    fprintf(stream, "    {\"backend\": \"%s\", \"instructions\": \"%s\", \"algorithm\": \"%s\", \"h\": %.6g",
            row->backend, row->instructions, row->algorithm, result->options->h);
    for (size_t k = 0; k < COLUMNS; k++) {
        fprintf(stream, ", \"%s\": ", columns[k].key);
        print_value(stream, &columns[k], &summary, "null", 0);
    }
    print_list(stream, "seconds", row->seconds, result->options->repeat);
    print_list(stream, "step_seconds", row->step_seconds, result->options->repeat);
    fputc('}', stream);
}

void bench_print_json(FILE *stream, const bench_result *result) {
    const bench_machine machine = bench_machine_now();
    fprintf(stream, "{\n  \"machine\": {\"processor\": ");
    print_string(stream, machine.processor);
    fprintf(stream, ", \"cores\": %d, \"threads\": %d, \"available_threads\": %d, \"load_average\": ", machine.cores,
            machine.threads, machine.available);
    fprintf(stream, isnan(machine.load) ? "null" : "%.3g", machine.load);
    fprintf(stream, "},\n  \"version\": \"%s\", \"commit\": \"%s\", \"build\": ", ts_version(), ts_commit());
    print_string(stream, ts_build());
    fprintf(stream, ",\n  \"instruction_counts\": ");
    print_string(stream, !result->uncounted[0] ? "counter" : result->options->counts ? "callgrind" : result->uncounted);
    fprintf(stream, ",\n  \"rows\": [\n");
    for (size_t i = 0; i < result->count; i++) {
        print_json_row(stream, result, &result->rows[i]);
        fprintf(stream, i + 1 < result->count ? ",\n" : "\n");
    }
    fprintf(stream, "  ]\n}\n");
}
