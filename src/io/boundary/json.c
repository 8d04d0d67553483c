/* A study as a document. */
#include "base/words.h"
#include "io/boundary/study.h"
#include "io/text.h"
#include "model/grid.h"

#include <math.h>
#include <stdlib.h>

static void print_string(FILE *stream, const char *text) {
    char *clean = ts_text_clean(text); /* valid UTF-8, as JSON has to be */
    fputc('"', stream);
    for (const char *at = clean ? clean : ""; *at != '\0'; at++)
        if (*at == '"' || *at == '\\')
            fprintf(stream, "\\%c", *at);
        else if ((unsigned char)*at < 0x20)
            fprintf(stream, "\\u%04x", (unsigned)*at);
        else
            fputc(*at, stream);
    fputc('"', stream);
    free(clean);
}

static void print_number(FILE *stream, double value) {
    if (isfinite(value))
        fprintf(stream, "%.17g", value);
    else
        fputs("null", stream);
}

/* Members of an object: `before` stands in front of the name. */
static void print_text_member(FILE *stream, const char *before, const char *name, const char *text) {
    fprintf(stream, "%s\"%s\": ", before, name);
    print_string(stream, text);
}

static void print_number_member(FILE *stream, const char *before, const char *name, double value) {
    fprintf(stream, "%s\"%s\": ", before, name);
    print_number(stream, value);
}

static void print_truth_member(FILE *stream, const char *before, const char *name, bool value) {
    fprintf(stream, "%s\"%s\": %s", before, name, value ? "true" : "false");
}

/* The values of a curve on the axes but for the one in place `but`. */
static void print_place(FILE *stream, const ts_study *study, size_t curve, size_t but) {
    size_t place[TS_PARAMETER_COUNT];
    const char *before = "";
    ts_study_place(study, curve, place);
    fputs("\"at\": {", stream);
    for (size_t k = 0; k < study->axis_count; k++) {
        const ts_result_axis *axis = &study->axis[k];
        if (k == but)
            continue;
        print_number_member(stream, before, ts_parameters[axis->parameter].name, axis->values[place[k]]);
        before = ", ";
    }
    fputs("}", stream);
}

static void print_curve(FILE *stream, const ts_study *study, size_t curve) {
    const ts_boundary *found = &study->found.boundary[curve];
    fputs("    {", stream);
    print_place(stream, study, curve, study->axis_count);
    print_text_member(stream, ", ", "state", ts_study_state(found->state));
    print_number_member(stream, ",\n     ", "epsilon", found->epsilon);
    print_number_member(stream, ", ", "low", found->low);
    print_number_member(stream, ", ", "high", found->high);
    print_number_member(stream, ", ", "steepness", found->steepness);
    print_number_member(stream, ", ", "variance_of_log_epsilon", found->variance);
    print_number_member(stream, ",\n     ", "statistic", found->statistic);
    print_number_member(stream, ", ", "freedom", (double)found->freedom);
    print_number_member(stream, ", ", "p", found->p);
    fprintf(stream, ", \"fits\": %s", found->state != TS_BOUNDARY_FOUND ? "null" : found->fits ? "true" : "false");
    fputs("}", stream);
}

static void print_law(FILE *stream, const ts_study *study, const ts_study_law *of) {
    const ts_law *law = &of->law;
    fputs("    {", stream);
    print_text_member(stream, "", "against", ts_parameters[study->axis[study->against].parameter].name);
    fputs(", ", stream);
    print_place(stream, study, of->curve, study->against);
    print_number_member(stream, ", ", "curves", (double)law->curves);
    print_number_member(stream, ",\n     ", "factor", law->factor);
    print_number_member(stream, ", ", "factor_low", law->factor_low);
    print_number_member(stream, ", ", "factor_high", law->factor_high);
    print_number_member(stream, ",\n     ", "exponent", law->exponent);
    print_number_member(stream, ", ", "exponent_low", law->exponent_low);
    print_number_member(stream, ", ", "exponent_high", law->exponent_high);
    print_number_member(stream, ",\n     ", "statistic", law->statistic);
    print_number_member(stream, ", ", "freedom", (double)law->freedom);
    print_number_member(stream, ", ", "p", law->p);
    print_truth_member(stream, ", ", "widened", law->widened);
    fputs("}", stream);
}

void ts_study_print_json(FILE *stream, const ts_study *study, const ts_result *result, const char *path) {
    print_text_member(stream, "{", "file", path);
    print_text_member(stream, ",\n  ", "title", result->title);
    print_truth_member(stream, ",\n  ", "complete", result->complete);
    print_number_member(stream, ",\n  ", "level", study->level);
    print_truth_member(stream, ", ", "of_limit", study->has_limits);
    print_text_member(stream, ",\n  ", "criterion", study->criterion);
    print_number_member(stream, ", ", "unexplained_variance", study->unexplained_variance);
    print_text_member(stream, ", ", "success_stop",
                      ts_words_stop[result->stops ? TS_STOP_FIRST_SUCCESS : TS_STOP_NEVER]);
    print_text_member(stream, ",\n  ", "randomness", study->found.common ? "common" : "independent");
    print_text_member(stream, ",\n  ", "curve", ts_study_shape(study->found.shape));
    print_number_member(stream, ",\n  ", "confidence", 0.95);
    fputs(",\n  \"curves\": [", stream);
    for (size_t curve = 0; curve < study->found.count; curve++) {
        fputs(curve > 0 ? ",\n" : "\n", stream);
        print_curve(stream, study, curve);
    }
    fputs("],\n  \"laws\": [", stream);
    for (size_t k = 0; k < study->law_count; k++) {
        fputs(k > 0 ? ",\n" : "\n", stream);
        print_law(stream, study, &study->law[k]);
    }
    fputs("]}\n", stream);
}
