/* timescape_throughput: training steps and neuron steps per second, beside what the processor could do at most. Uses
 * the public interface alone, so that every backend is measured alike. */
#include "throughput.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#define REPEAT_SECONDS 0.5 /* of one repeat when the steps are not given */

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

/* ---- one row */

/* The experiments of the paper: 5 jumps, noise 1, exact derivative, uniform start. */
static ts_settings settings_of(const bench_options *options, const bench_row *row, uint64_t steps) {
    static const double at[] = {0.2, 0.35, 0.5, 0.65, 0.8};
    static const double by[] = {4, -4, 2, -2, 4};
    ts_settings settings = ts_settings_default();
    settings.seed = 42;
    settings.target_base = 1;
    settings.jump_count = 5;
    memcpy(settings.jump_at, at, sizeof at);
    memcpy(settings.jump_by, by, sizeof by);
    settings.noise = 1;
    settings.h = options->h;
    settings.eta = row->eta;
    settings.steps = steps;
    settings.neurons = &row->neurons;
    settings.neurons_count = 1;
    settings.epsilon_count = row->cells;
    settings.replicates = row->replicates;
    return settings;
}

/* Run the row once with trainings of so many steps. */
static ts_status run(const bench_options *options, bench_row *row, uint64_t steps, ts_run_report *report, double *busy,
                     ts_error *error) {
    ts_settings settings = settings_of(options, row, steps);
    double *epsilon = malloc(row->cells * sizeof *epsilon);
    ts_sweep *sweep = NULL;
    for (size_t i = 0; epsilon && i < row->cells; i++)
        epsilon[i] = row->epsilon * (1 + 1e-9 * (double)i); /* cells must differ */
    settings.epsilon = epsilon;
    ts_status status = epsilon ? ts_sweep_create(&sweep, &settings, error) : TS_FAILED;
    if (status == TS_OK)
        status = ts_sweep_run(sweep,
                              &(ts_run_options){.backend = row->backend,
                                                .threads = row->threads,
                                                .instructions = row->instructions,
                                                .algorithm = row->algorithm},
                              report, error);
    *busy = 0;
    for (int i = 0; status == TS_OK && i < report->threads; i++)
        *busy += report->busy_seconds[i] / (report->seconds * report->threads);
    ts_sweep_destroy(sweep);
    free(epsilon);
    return status;
}

/* Seconds of the steps alone: starts and losses, which a run of single steps has as well, are taken off. */
static ts_status time_steps(const bench_options *options, bench_row *row, uint64_t steps,
                            const bench_counters *counters, int repeat, ts_error *error) {
    ts_run_report one, all;
    double unused;
    const bench_counts began = bench_counters_read(counters);
    ts_status status = run(options, row, 1, &one, &unused, error);
    const bench_counts between = bench_counters_read(counters);
    if (status == TS_OK)
        status = run(options, row, steps, &all, &row->busy[repeat], error);
    const bench_counts ended = bench_counters_read(counters);
    if (status != TS_OK)
        return status;
    row->backend = all.backend;
    row->instructions = all.instructions;
    row->training_steps = all.training_steps - one.training_steps;
    row->seconds[repeat] = all.seconds;
    row->step_seconds[repeat] = all.seconds - one.seconds;
    row->counted[repeat] = (bench_counts){
        ended.instructions - between.instructions - (between.instructions - began.instructions),
        ended.cycles - between.cycles - (between.cycles - began.cycles),
    };
    return TS_OK;
}

/* Choose what was left open, and find out whether the row can run. */
static ts_status prepare(const bench_options *options, bench_row *row, const bench_counters *counters,
                         ts_error *error) {
    if (row->threads == 0)
        row->threads = omp_get_num_procs();
    if (row->replicates == 0)
        row->replicates = 64 * (uint64_t)row->threads;
    row->steps = options->steps;
    if (options->slow_time > 0)
        row->steps = (uint64_t)fmax(1, floor(options->slow_time / (options->h * row->epsilon) + 0.5));
    if (row->steps > 0) {
        ts_run_report report;
        return run(options, row, 1, &report, &row->busy[0], error);
    }
    for (uint64_t steps = 64;; steps *= 4) {
        const ts_status status = time_steps(options, row, steps, counters, 0, error);
        if (status != TS_OK)
            return status;
        row->steps = (uint64_t)fmax(2, (double)steps * REPEAT_SECONDS / row->step_seconds[0]);
        if (row->step_seconds[0] >= REPEAT_SECONDS / 10)
            return TS_OK;
    }
}

/* ---- all rows */

static size_t pick(size_t *index, size_t count) {
    const size_t place = *index % count;
    *index /= count;
    return place;
}

/* The index-th combination; the instruction sets change fastest, so that what is compared is measured side by side. */
static bench_row row_at(const bench_options *o, size_t index) {
    bench_row row = {.backend = o->backend};
    row.instructions = o->instructions.value[pick(&index, o->instructions.count)];
    row.algorithm = o->algorithm.value[pick(&index, o->algorithm.count)];
    row.threads = (int)o->threads.value[pick(&index, o->threads.count)];
    row.replicates = (uint64_t)o->replicates.value[pick(&index, o->replicates.count)];
    row.cells = (size_t)o->cells.value[pick(&index, o->cells.count)];
    row.epsilon = o->epsilon.value[pick(&index, o->epsilon.count)];
    row.eta = o->eta.value[pick(&index, o->eta.count)];
    row.neurons = (uint32_t)o->neurons.value[pick(&index, o->neurons.count)];
    return row;
}

static size_t count_rows(const bench_options *o) {
    return o->instructions.count * o->algorithm.count * o->threads.count * o->replicates.count * o->cells.count *
           o->epsilon.count * o->eta.count * o->neurons.count;
}

/* The one combination that does not exist and that a product of lists contains. */
static bool exists(const bench_options *options, const bench_row *row) {
    const bool lists = options->instructions.count > 1 || options->algorithm.count > 1;
    return !lists || strcmp(row->instructions, "portable") != 0 || strcmp(row->algorithm, "sorted") != 0;
}

/* Is `line`, "instructions algorithm m eta instructions-of-a-training-step ...", about the row? */
static bool is_about(char *line, const bench_row *row, double *found) {
    const char *word[5] = {0};
    for (size_t i = 0; i < 5; i++, line = NULL)
        word[i] = strtok(line, " \t\n");
    if (!word[4] || strcmp(word[0], row->instructions) != 0 || strcmp(word[1], row->algorithm) != 0)
        return false;
    *found = strtod(word[4], NULL);
    return strtod(word[2], NULL) == row->neurons && strtod(word[3], NULL) == row->eta;
}

static double look_up(FILE *counts, const bench_row *row) {
    char line[256];
    double found;
    rewind(counts);
    while (fgets(line, sizeof line, counts))
        if (is_about(line, row, &found))
            return found;
    return NAN;
}

static void count_instructions(const bench_options *options, FILE *counts, bench_row *row) {
    double found[BENCH_REPEATS];
    for (int i = 0; i < options->repeat; i++)
        found[i] = row->counted[i].instructions / row->training_steps;
    row->instructions_per_training_step = bench_median(found, options->repeat);
    if (counts && isnan(row->instructions_per_training_step))
        row->instructions_per_training_step = look_up(counts, row);
}

static ts_status measure_all(bench_result *result, const bench_counters *counters, FILE *counts, ts_error *error) {
    const bench_options *options = result->options;
    const size_t combinations = count_rows(options);
    ts_status status = TS_OK;
    for (size_t i = 0; status == TS_OK && i < combinations; i++) {
        result->rows[result->count] = row_at(options, i);
        if (exists(options, &result->rows[result->count]))
            status = prepare(options, &result->rows[result->count++], counters, error);
    }
    for (int repeat = 0; repeat < options->repeat; repeat++)
        for (size_t i = 0; status == TS_OK && i < result->count; i++) {

            bench_row *row = &result->rows[i];
            row->rate[repeat] = bench_measure_rate(row->threads);
            status = time_steps(options, row, row->steps, counters, repeat, error);
        }
    for (size_t i = 0; status == TS_OK && i < result->count; i++)
        count_instructions(options, counts, &result->rows[i]);
    return status;
}

/* ---- output */

typedef void print_function(FILE *stream, const bench_result *result);

static ts_status print_to(const char *path, print_function *print, const bench_result *result, ts_error *error) {
    if (!path)
        return TS_OK;
    FILE *file = strcmp(path, "-") == 0 ? stdout : fopen(path, "w");
    if (file)
        print(file, result);
    bool written = file && fflush(file) == 0 && !ferror(file);
    if (file && file != stdout)
        written = fclose(file) == 0 && written;
    if (written)
        return TS_OK;
    snprintf(error->message, sizeof error->message, "%s: it cannot be written", path);
    return TS_FAILED;
}

static bool is_stdout(const char *path) {
    return path && strcmp(path, "-") == 0;
}

static ts_status print_all(const bench_result *result, ts_error *error) {
    const bench_options *options = result->options;
    ts_status status = print_to(options->json, bench_print_json, result, error);
    if (status == TS_OK)
        status = print_to(options->csv, bench_print_csv, result, error);
    if (status == TS_OK && !is_stdout(options->json) && !is_stdout(options->csv))
        status = print_to("-", bench_print_text, result, error);
    return status;
}

int main(int argc, char **argv) {
    char why[256];
    ts_error error = {0};
    bench_options options;
    bench_counters counters = bench_counters_open(why, sizeof why); /* before there are threads: they inherit it */
    bench_parse(&options, argc, argv);
    bench_result result = {&options, why, calloc(count_rows(&options), sizeof *result.rows), 0};
    FILE *counts = options.counts ? fopen(options.counts, "r") : NULL;
    ts_status status = TS_FAILED;
    if (!result.rows)
        snprintf(error.message, sizeof error.message, "not enough memory for %zu rows", count_rows(&options));
    else if (options.counts && !counts)
        status = TS_INVALID, snprintf(error.message, sizeof error.message, "%s: it cannot be read", options.counts);
    else
        status = measure_all(&result, &counters, counts, &error);
    if (status == TS_OK)
        status = print_all(&result, &error);
    if (status != TS_OK)
        fprintf(stderr, "timescape_throughput: %s\n", error.message);
    if (counts)
        fclose(counts);
    free(result.rows);
    bench_counters_close(&counters);
    return (int)status;
}
