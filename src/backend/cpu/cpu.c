/* The cpu backend: the fixed-point model on the vector units of the host. */
#include "backend/cpu/instructions.h"
#include "backend/forecast.h"
#include "base/fail.h"
#include "model/plain.h"

#include <stdio.h>
#include <string.h>

const char *ts_instructions_name(size_t index) {
    const ts_instructions *set = ts_instructions_at(index);
    return set ? set->name : NULL;
}

/* "avx2, baseline and portable" */
static void list_sets(char *text, size_t size) {
    size_t length = 0;
    text[0] = '\0';
    for (size_t i = 0; ts_instructions_at(i) && length < size; i++) {
        const char *separator = i == 0 ? "" : ts_instructions_at(i + 1) ? ", " : " and ";
        length += (size_t)snprintf(text + length, size - length, "%s%s", separator, ts_instructions_at(i)->name);
    }
}

static ts_status prepare(const ts_run_options *options, uint64_t trainings, ts_placement *placement, ts_error *error) {
    const ts_instructions *set = ts_instructions_named(options->instructions);
    const char *algorithm = ts_is_auto(options->algorithm) ? "auto" : options->algorithm;
    char names[128];
    list_sets(names, sizeof names);
    if (!set)
        return ts_fail(error, TS_INVALID, "", "instructions: found '%s', on this processor there are auto, %s",
                       options->instructions, names);
    if (strcmp(algorithm, "auto") != 0 && strcmp(algorithm, "dense") != 0 && strcmp(algorithm, "sorted") != 0)
        return ts_fail(error, TS_INVALID, "", "algorithm: found '%s', there are auto, dense and sorted", algorithm);
    if (strcmp(algorithm, "sorted") == 0 && (!set->sorted || options->lane_group > 1))
        return ts_fail(
            error, TS_INVALID, "",
            "algorithm: sorted needs vectors; with the instructions 'portable' and with lane groups there is dense");
    *placement = (ts_placement){.options = options,
                                .instructions = options->lane_group > 1 ? "portable" : set->name,
                                .threads = ts_thread_count(options, trainings)};
    return TS_OK;
}

const ts_method *ts_cpu_choose(const ts_run_options *options, const ts_cell *cell) {
    if (options->lane_group > 1)
        return &ts_portable; /* the one that emulates lanes */
    const ts_instructions *set = ts_instructions_named(options->instructions);
    if (!ts_has_fast_forms(cell))
        return set->plain;
    const double eta = cell->width * 0x1p-30;
    const bool sorted = ts_is_auto(options->algorithm) ? cell->neurons * (1 + set->per_eta * eta) >= set->sorted_from
                                                       : strcmp(options->algorithm, "sorted") == 0;
    return sorted && set->sorted ? set->sorted : set->dense;
}

static ts_status forecast(const ts_plan *plan, const ts_placement *placement, double patience, double *seconds,
                          ts_error *error) {
    return ts_host_forecast(ts_cpu_choose, plan, placement->options, patience, seconds, error);
}

static ts_status run(const ts_plan *plan, const ts_placement *placement, ts_monitor *monitor, ts_results *results,
                     ts_error *error) {
    return ts_host_run(ts_cpu_choose, plan, placement->options, monitor, results, error);
}

const ts_backend ts_backend_cpu = {
    .name = "cpu",
    .place = "the CPU",
    .preference = 1,
    .width = 8, /* or twice as many, by the instruction set */
    .dynamics = TS_HAS_SGD,
    .options = TS_TAKES_INSTRUCTIONS | TS_TAKES_ALGORITHM,
    .arithmetic = TS_FIXED_POINT,
    .works = ts_works_everywhere,
    .prepare = prepare,
    .run = run,
    .forecast = forecast,
};
