/* timescape_throughput: training steps and neuron steps per second, beside what the processor or the GPU could do at
 * most. */
#include "throughput.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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
    row.lane_group = (int)o->lane_group.value[pick(&index, o->lane_group.count)];
    row.replicates = (uint64_t)o->replicates.value[pick(&index, o->replicates.count)];
    row.cells = (size_t)o->cells.value[pick(&index, o->cells.count)];
    row.epsilon = o->epsilon.value[pick(&index, o->epsilon.count)];
    row.eta = o->eta.value[pick(&index, o->eta.count)];
    row.neurons = (uint32_t)o->neurons.value[pick(&index, o->neurons.count)];
    return row;
}

static size_t count_rows(const bench_options *o) {
    return o->instructions.count * o->algorithm.count * o->threads.count * o->lane_group.count * o->replicates.count *
           o->cells.count * o->epsilon.count * o->eta.count * o->neurons.count;
}

/* The one combination that does not exist and that a product of lists contains. */
static bool exists(const bench_options *options, const bench_row *row) {
    const bool lists = options->instructions.count > 1 || options->algorithm.count > 1;
    return !lists || strcmp(row->instructions, "portable") != 0 || strcmp(row->algorithm, "sorted") != 0;
}

static void count_instructions(const bench_options *options, FILE *counts, bench_row *row) {
    double found[BENCH_REPEATS];
    for (int i = 0; i < options->repeat; i++)
        found[i] = row->counted[i].instructions / row->training_steps;
    row->instructions_per_training_step = bench_median(found, options->repeat);
    if (counts && isnan(row->instructions_per_training_step))
        row->instructions_per_training_step = bench_look_up_instructions(counts, row);
}

static ts_status measure_all(bench_result *result, const bench_instruments *instruments, FILE *counts,
                             ts_error *error) {
    const bench_options *options = result->options;
    const size_t combinations = count_rows(options);
    const int warm_ups = instruments->device.index >= 0 ? 1 : 0; /* a GPU that was idle has a low clock */
    ts_status status = TS_OK;
    for (size_t i = 0; status == TS_OK && i < combinations; i++) {
        result->rows[result->count] = row_at(options, i);
        if (exists(options, &result->rows[result->count]))
            status = bench_prepare(options, &result->rows[result->count++], instruments, error);
    }
    for (int repeat = -warm_ups; repeat < options->repeat; repeat++)
        for (size_t i = 0; status == TS_OK && i < result->count; i++)
            status = bench_measure(options, &result->rows[i], instruments, repeat < 0 ? 0 : repeat, error);
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

static ts_status measure_and_print(const bench_options *options, bench_instruments *instruments, const char *uncounted,
                                   ts_error *error) {
    bench_result result = {options, &instruments->device, uncounted, calloc(count_rows(options), sizeof *result.rows),
                           0};
    FILE *counts = options->counts ? fopen(options->counts, "r") : NULL;
    ts_status status = TS_FAILED;
    if (!result.rows)
        snprintf(error->message, sizeof error->message, "not enough memory for %zu rows", count_rows(options));
    else if (options->counts && !counts)
        status = TS_INVALID, snprintf(error->message, sizeof error->message, "%s: it cannot be read", options->counts);
    else
        status = measure_all(&result, instruments, counts, error);
    if (status == TS_OK)
        status = print_all(&result, error);
    if (counts)
        fclose(counts);
    free(result.rows);
    return status;
}

static ts_status write_states(const bench_options *options, const bench_instruments *instruments, ts_error *error) {
    bench_row row = row_at(options, 0);
    FILE *file = is_stdout(options->states) ? stdout : fopen(options->states, "w");
    if (!file) {
        snprintf(error->message, sizeof error->message, "%s: it cannot be written", options->states);
        return TS_FAILED;
    }
    ts_status status = bench_prepare(options, &row, instruments, error);
    if (status == TS_OK)
        status = bench_write_states(options, &row, file, error);
    bool written = fflush(file) == 0 && !ferror(file);
    if (file != stdout)
        written = fclose(file) == 0 && written;
    if (status == TS_OK && !written) {
        status = TS_FAILED;
        snprintf(error->message, sizeof error->message, "%s: it cannot be written", options->states);
    }
    return status;
}

/* Make the backend the one that `auto` means, and open the GPU that it uses. */
static ts_status open_device(bench_options *options, bench_device *device, ts_error *error) {
    const char *backend = ts_backend_choose(options->backend, error->message, sizeof error->message);
    if (!backend)
        return strcmp(options->backend, "cuda") == 0 ? TS_FAILED : TS_INVALID;
    error->message[0] = '\0'; /* why auto did not take CUDA is no error */
    options->backend = backend;
    *device = bench_device_none();
    if (strcmp(backend, "cuda") != 0 ||
        bench_device_open(device, options->device, error->message, sizeof error->message))
        return TS_OK;
    return TS_FAILED;
}

int main(int argc, char **argv) {
    char uncounted[256];
    ts_error error = {0};
    bench_options options;
    bench_instruments instruments = {
        .counters = bench_counters_open(uncounted, sizeof uncounted)}; /* before there are threads: they inherit it */
    bench_options_parse(&options, argc, argv);
    ts_status status = open_device(&options, &instruments.device, &error);
    if (status == TS_OK)
        status = options.states ? write_states(&options, &instruments, &error)
                                : measure_and_print(&options, &instruments, uncounted, &error);
    if (status != TS_OK)
        fprintf(stderr, "timescape_throughput: %s\n", error.message);
    bench_device_close(&instruments.device);
    bench_counters_close(&instruments.counters);
    return (int)status;
}
