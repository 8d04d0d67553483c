/* The cpu backend: the fixed-point model on the vector units of the host. */
#include "backend/cpu/instructions.h"
#include "backend/forecast.h"
#include "model/plain.h"

#include <stdio.h>
#include <string.h>

static bool is_auto(const char *name) {
    return !name || strcmp(name, "auto") == 0;
}

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

const char *ts_cpu_check(const ts_run_options *options, ts_error *error) {
    const ts_instructions *set = ts_instructions_named(options->instructions);
    const char *algorithm = is_auto(options->algorithm) ? "auto" : options->algorithm;
    if (!set) {
        char names[128];
        list_sets(names, sizeof names);
        snprintf(error->message, sizeof error->message,
                 "instructions: found '%s', on this processor there are auto, %s", options->instructions, names);
        return NULL;
    }
    if (strcmp(algorithm, "auto") != 0 && strcmp(algorithm, "dense") != 0 && strcmp(algorithm, "sorted") != 0) {
        snprintf(error->message, sizeof error->message, "algorithm: found '%s', there are auto, dense and sorted",
                 algorithm);
        return NULL;
    }
    if (strcmp(algorithm, "sorted") == 0 && (!set->sorted || options->lane_group > 1)) {
        snprintf(
            error->message, sizeof error->message,
            "algorithm: sorted needs vectors; with the instructions 'portable' and with lane groups there is dense");
        return NULL;
    }
    return options->lane_group > 1 ? "portable" : set->name;
}

const ts_method *ts_cpu_choose(const ts_run_options *options, const ts_cell *cell) {
    if (options->lane_group > 1)
        return &ts_portable; /* the one that emulates lanes */
    const ts_instructions *set = ts_instructions_named(options->instructions);
    if (!ts_has_fast_forms(cell))
        return set->plain;
    const double eta = cell->width * 0x1p-30;
    const bool sorted = is_auto(options->algorithm) ? cell->neurons * (1 + set->per_eta * eta) >= set->sorted_from
                                                    : strcmp(options->algorithm, "sorted") == 0;
    return sorted && set->sorted ? set->sorted : set->dense;
}

ts_status ts_cpu_forecast(const ts_plan *plan, const ts_run_options *options, double patience, double *seconds,
                          ts_error *error) {
    return ts_host_forecast(ts_cpu_choose, plan, options, patience, seconds, error);
}

ts_status ts_cpu_run(const ts_plan *plan, const ts_run_options *options, ts_monitor *monitor, ts_results *results,
                     ts_error *error) {
    return ts_host_run(ts_cpu_choose, plan, options, monitor, results, error);
}
