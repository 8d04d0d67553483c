/* Everything that the benchmark found, as JSON. Unknown numbers are null. */
#include "machine.h"
#include "summary.h"

#include <math.h>

static void print_string(FILE *stream, const char *text) {
    fputc('"', stream);
    for (; *text; text++)
        if (*text == '"' || *text == '\\')
            fprintf(stream, "\\%c", *text);
        else if ((unsigned char)*text >= ' ')
            fputc(*text, stream);
    fputc('"', stream);
}

static void print_number(FILE *stream, double value, int digits) {
    if (isfinite(value))
        fprintf(stream, "%.*g", digits, value);
    else
        fputs("null", stream);
}

static void print_list(FILE *stream, const char *key, const double *value, int count) {
    fprintf(stream, ",\n     \"%s\": [", key);
    for (int i = 0; i < count; i++) {
        fputs(i ? ", " : "", stream);
        print_number(stream, value[i], 6);
    }
    fputc(']', stream);
}

static void print_row(FILE *stream, const bench_result *result, const bench_row *row) {
    const int repeats = result->options->repeat;
    const bench_summary summary = bench_summarise(result, row);
    double clock[BENCH_REPEATS];
    size_t count;
    const bench_column *columns = bench_columns(&count);
    fprintf(stream, "    {\"backend\": \"%s\", \"instructions\": \"%s\", \"algorithm\": \"%s\", \"h\": %.6g",
            row->backend, row->instructions, row->algorithm, result->options->h);
    for (size_t k = 0; k < count; k++) {
        fprintf(stream, ", \"%s\": ", columns[k].key);
        print_number(stream, columns[k].value(&summary), columns[k].digits);
    }
    for (int i = 0; i < repeats; i++)
        clock[i] = row->rate[i].clock;
    print_list(stream, "seconds", row->seconds, repeats);
    print_list(stream, "step_seconds", row->step_seconds, repeats);
    print_list(stream, "clocks_hz", clock, repeats);
    print_list(stream, "joules", row->joules, repeats);
    fputc('}', stream);
}

static void print_gpu(FILE *stream, const bench_device *device) {
    if (device->index < 0) {
        fputs("null", stream);
        return;
    }
    fprintf(stream, "{\"index\": %d, \"name\": ", device->index);
    print_string(stream, device->name);
    fprintf(stream, ", \"multiprocessors\": %d, \"compute_capability\": \"%d.%d\", \"pci_bus_id\": \"%s\"",
            device->multiprocessors, device->major, device->minor, device->pci_bus_id);
    fputs(", \"greatest_clock_hz\": ", stream);
    print_number(stream, device->clock, 6);
    fputs(", \"power_limit_watts\": ", stream);
    print_number(stream, device->power_limit, 6);
    fputs(", \"driver\": ", stream);
    print_string(stream, device->driver);
    fprintf(stream, ", \"cuda_of_driver\": \"%d.%d\", \"cuda_runtime\": \"%d.%d\", \"without_nvml\": ",
            device->cuda_driver / 1000, device->cuda_driver % 1000 / 10, device->runtime / 1000,
            device->runtime % 1000 / 10);
    print_string(stream, device->without_nvml);
    fputc('}', stream);
}

static const char *source_of_counts(const bench_result *result) {
    const bool on_gpu = result->device->index >= 0;
    if (!on_gpu && !result->uncounted[0])
        return "counter";
    if (result->options->counts)
        return on_gpu ? result->options->counts : "callgrind";
    return on_gpu ? "not given" : result->uncounted;
}

void bench_print_json(FILE *stream, const bench_result *result) {
    const bench_machine machine = bench_machine_now();
    fprintf(stream, "{\n  \"machine\": {\"processor\": ");
    print_string(stream, machine.processor);
    fprintf(stream, ", \"cores\": %d, \"threads\": %d, \"available_threads\": %d, \"load_average\": ", machine.cores,
            machine.threads, machine.available);
    print_number(stream, machine.load, 3);
    fputs("},\n  \"gpu\": ", stream);
    print_gpu(stream, result->device);
    fprintf(stream, ",\n  \"version\": \"%s\", \"commit\": \"%s\", \"build\": ", ts_version(), ts_commit());
    print_string(stream, ts_build());
    fprintf(stream, ",\n  \"instruction_counts\": ");
    print_string(stream, source_of_counts(result));
    fprintf(stream, ",\n  \"rows\": [\n");
    for (size_t i = 0; i < result->count; i++) {
        print_row(stream, result, &result->rows[i]);
        fprintf(stream, i + 1 < result->count ? ",\n" : "\n");
    }
    fprintf(stream, "  ]\n}\n");
}
