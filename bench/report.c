/* What the benchmark found, as a table for people and as CSV. */
#include "machine.h"
#include "summary.h"

#include <math.h>
#include <string.h>

static void print_value(FILE *stream, const bench_column *column, const bench_summary *summary, const char *unknown,
                        int width_of_field) {
    const double value = column->value(summary);
    if (isfinite(value))
        fprintf(stream, "%*.*g", width_of_field, column->digits, value);
    else
        fprintf(stream, "%*s", width_of_field, unknown);
}

/* ---- for people */

static void print_processor(FILE *stream, const bench_result *result) {
    const bench_summary first = bench_summarise(result, &result->rows[0]);
    fprintf(stream,
            "clock      %.3g GHz, at most %.2f simple instructions in a cycle; both measured between the repeats\n",
            1e-9 * first.clock, bench_width(&first));
    if (result->uncounted[0])
        fprintf(stream, "counters   n/a: %s%s%s\n", result->uncounted,
                result->options->counts ? "; instruction counts come from " : "",
                result->options->counts ? result->options->counts : "");
    fprintf(stream, "bound      clock x instructions in a cycle x threads / instructions of a neuron step\n\n");
}

static void print_gpu(FILE *stream, const bench_result *result) {
    const bench_device *device = result->device;
    const bench_summary first = bench_summarise(result, &result->rows[0]);
    fprintf(stream, "GPU        %d: %s, %d multiprocessors, compute capability %d.%d\n", device->index, device->name,
            device->multiprocessors, device->major, device->minor);
    if (device->without_nvml[0])
        fprintf(stream, "clock      %.4g GHz, the greatest that it can have, not measured: %s\n", 1e-9 * first.clock,
                device->without_nvml);
    else
        fprintf(stream, "clock      %.4g GHz while the steps ran, of at most %.4g GHz; power limit %.4g W\n",
                1e-9 * first.clock, 1e-9 * device->clock, device->power_limit);
    fprintf(stream,
            "bound      multiprocessors x 4 schedulers x 32 lanes x clock / instructions of a lane for a neuron "
            "step\n"
            "energy     of the whole board from the start of a run to its losses; that of the host is not "
            "counted\n\n");
}

static void print_machine(FILE *stream, const bench_result *result) {
    const bench_machine machine = bench_machine_now();
    fprintf(stream, "processor  %s, %d cores, %d threads; load average %.2g\n", machine.processor, machine.cores,
            machine.threads, machine.load);
    fprintf(stream, "build      timescape %s (%s), %s\n", ts_version(), ts_commit(), ts_build());
    if (result->device->index >= 0)
        print_gpu(stream, result);
    else
        print_processor(stream, result);
}

/* 9 characters hold every number of 4 digits. */
static int width_of(const bench_column *column) {
    const size_t above = strlen(column->heading[0]), below = strlen(column->heading[1]);
    const size_t longest = above > below ? above : below;
    return longest > 9 ? (int)longest : 9;
}

static void print_headings(FILE *stream, bench_table table, int line) {
    size_t count;
    const bench_column *columns = bench_columns(&count);
    if (table == BENCH_PROCESSOR)
        fprintf(stream, "%-12s %-9s", line ? "instructions" : "", line ? "algorithm" : "");
    for (size_t i = 0; i < count; i++)
        if (columns[i].table & table)
            fprintf(stream, "  %*s", width_of(&columns[i]), columns[i].heading[line]);
    fputc('\n', stream);
}

void bench_print_text(FILE *stream, const bench_result *result) {
    size_t count;
    const bench_column *columns = bench_columns(&count);
    const bench_table table = result->device->index >= 0 ? BENCH_GPU : BENCH_PROCESSOR;
    print_machine(stream, result);
    print_headings(stream, table, 0);
    print_headings(stream, table, 1);
    for (size_t i = 0; i < result->count; i++) {
        const bench_row *row = &result->rows[i];
        const bench_summary summary = bench_summarise(result, row);
        if (table == BENCH_PROCESSOR)
            fprintf(stream, "%-12s %-9s", *row->instructions ? row->instructions : "-", row->algorithm);
        for (size_t k = 0; k < count; k++)
            if (columns[k].table & table) {
                fputs("  ", stream);
                print_value(stream, &columns[k], &summary, "n/a", width_of(&columns[k]));
            }
        fputc('\n', stream);
    }
}

/* ---- for programs */

void bench_print_csv(FILE *stream, const bench_result *result) {
    size_t count;
    const bench_column *columns = bench_columns(&count);
    fprintf(stream, "backend,instructions,algorithm");
    for (size_t k = 0; k < count; k++)
        fprintf(stream, ",%s", columns[k].key);
    for (size_t i = 0; i < result->count; i++) {
        const bench_summary summary = bench_summarise(result, &result->rows[i]);
        fprintf(stream, "\n%s,%s,%s", summary.row->backend, summary.row->instructions, summary.row->algorithm);
        for (size_t k = 0; k < count; k++) {
            fputc(',', stream);
            print_value(stream, &columns[k], &summary, "", 0);
        }
    }
    fputc('\n', stream);
}
