/* The boundaries become variables of the result file that they were found in. */
#include "io/boundary/study.h"
#include "io/netcdf/put.h"
#include "model/grid.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *long_name;
    size_t offset; /* of the value in ts_boundary */
} variables[] = {
    {"boundary_epsilon", "epsilon at which the success rate has fallen to the level", offsetof(ts_boundary, epsilon)},
    {"boundary_epsilon_low", "boundary of success along epsilon, lower end of the 95 per cent interval; 0: it has none",
     offsetof(ts_boundary, low)},
    {"boundary_epsilon_high",
     "boundary of success along epsilon, upper end of the 95 per cent interval; infinite: it has none",
     offsetof(ts_boundary, high)}};

#define VARIABLE_COUNT (sizeof variables / sizeof variables[0])

/* "epsilon_c = 0.0123 m^0.53, exponent 0.45 to 0.61" for each law, in lines. */
static void print_laws(FILE *text, const ts_study *study) {
    for (size_t k = 0; k < study->law_count; k++) {
        const ts_law *law = &study->law[k].law;
        char words[96];
        size_t place[TS_PARAMETER_COUNT];
        ts_study_law_text(words, sizeof words, study, law, true);
        fputs(k > 0 ? "\n" : "", text);
        if (ts_study_has_law(law))
            fprintf(text, "epsilon_c = %s, exponent %.3g to %.3g", words, law->exponent_low, law->exponent_high);
        else
            fputs("none", text);
        ts_study_place(study, study->law[k].curve, place);
        for (size_t a = 0; a < study->axis_count; a++)
            if (a != study->against && study->axis[a].count > 1)
                fprintf(text, ", %s = %.6g", ts_parameters[study->axis[a].parameter].name,
                        study->axis[a].values[place[a]]);
    }
}

/* What was estimated. */
static void describe(ts_writer *writer, int variable, const ts_study *study) {
    char level[160], *laws = NULL;
    size_t size = 0;
    FILE *text = open_memstream(&laws, &size);
    ts_study_level_text(level, sizeof level, study, true);
    ts_writer_text(writer, variable, "definition", level);
    ts_writer_number_of(writer, variable, "level", study->level);
    ts_writer_text(writer, variable, "criterion", study->criterion);
    ts_writer_number_of(writer, variable, "unexplained_variance", study->unexplained_variance);
    if (text) {
        print_laws(text, study);
        if (fclose(text) == 0)
            ts_writer_text(writer, variable, "law", laws);
    }
    free(laws);
}

static void write_values(ts_writer *writer, int variable, const ts_study *study, size_t offset) {
    double *values = ts_writer_memory(writer, study->found.count, sizeof *values);
    for (size_t curve = 0; values && curve < study->found.count; curve++)
        memcpy(&values[curve], (const char *)&study->found.boundary[curve] + offset, sizeof values[curve]);
    ts_writer_values(writer, variable, values);
    free(values);
}

static void fill(ts_writer *writer, const ts_result_origin *unused, const void *content) {
    (void)unused;
    const ts_study *study = content;
    int dimensions[TS_PARAMETER_COUNT], id[VARIABLE_COUNT];
    for (size_t k = 0; k < study->axis_count; k++)
        dimensions[k] = ts_writer_find_dimension(writer, ts_parameters[study->axis[k].parameter].name);
    for (size_t k = 0; k < VARIABLE_COUNT; k++) {
        id[k] = ts_writer_variable_again(writer, variables[k].name, NC_DOUBLE, (int)study->axis_count, dimensions,
                                         variables[k].long_name);
        describe(writer, id[k], study);
    }
    ts_writer_defined(writer);
    for (size_t k = 0; k < VARIABLE_COUNT; k++)
        write_values(writer, id[k], study, variables[k].offset);
}

ts_status ts_study_save(const ts_study *study, const char *path, ts_error *error) {
    const ts_writer writer = {0};
    return ts_result_change(path, &writer, fill, study, error);
}
