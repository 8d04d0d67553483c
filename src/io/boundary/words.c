/* A study in words. */
#include "io/boundary/study.h"
#include "io/text.h"
#include "model/grid.h"

#include <math.h>

#define DIGITS 3 /* of an epsilon */

bool ts_study_has_law(const ts_law *law) {
    return law->curves >= 2 && isfinite(law->exponent);
}

const char *ts_study_state(ts_boundary_state state) {
    static const char *const states[] = {[TS_BOUNDARY_FOUND] = "found",       [TS_BOUNDARY_BETWEEN] = "between",
                                         [TS_BOUNDARY_ABOVE] = "above",       [TS_BOUNDARY_BELOW] = "below",
                                         [TS_BOUNDARY_HOPELESS] = "hopeless", [TS_BOUNDARY_NOT_FALLING] = "not_falling",
                                         [TS_BOUNDARY_NO_DATA] = "no_data"};
    return states[state];
}

const char *ts_study_shape(ts_curve_shape shape) {
    static const char *const shapes[TS_CURVE_SHAPE_COUNT] = {
        [TS_CURVE_LOGISTIC] = "logistic", [TS_CURVE_LOW_TAIL] = "low_tail", [TS_CURVE_HIGH_TAIL] = "high_tail"};
    return shapes[shape];
}

/* Why rates are held against 1. */
static const char *without_limits(const ts_study *study) {
    if (!study->has_theory)
        return "a run with theory: true would hold it against that of the limit";
    return study->has_other_threshold ? "that of the limit is not known at another unexplained variance"
                                      : "the file does not tell that of the limit at the end of the trainings";
}

void ts_study_level_text(char *text, size_t size, const ts_study *study, bool ascii) {
    const char *limit = ascii ? "epsilon -> 0" : "ε → 0";
    char level[32];
    ts_text_number(level, sizeof level, study->level, 6);
    if (!study->has_limits)
        snprintf(text, size, "where the success rate is %s (%s)", level, without_limits(study));
    else if (study->level == 0.5)
        snprintf(text, size, "where the success rate is half of that of the limit %s", limit);
    else
        snprintf(text, size, "where the success rate is %s times that of the limit %s", level, limit);
}

void ts_study_reason(char *text, size_t size, const ts_study *study, size_t curve) {
    const ts_boundary *found = &study->found.boundary[curve];
    char low[32], high[32];
    ts_text_number(low, sizeof low, found->low, DIGITS);
    ts_text_number(high, sizeof high, found->high, DIGITS);
    text[0] = '\0';
    switch (found->state) {
    case TS_BOUNDARY_FOUND:
        break;
    case TS_BOUNDARY_BETWEEN:
        snprintf(text, size, "between %s and %s, where the rate jumps", low, high);
        break;
    case TS_BOUNDARY_ABOVE:
        snprintf(text, size, "above %s: no rate has come down to the level", low);
        break;
    case TS_BOUNDARY_BELOW:
        snprintf(text, size, "below %s: every rate is under the level", high);
        break;
    case TS_BOUNDARY_NOT_FALLING:
        snprintf(text, size, "none: the rates do not fall, or not by more than chance");
        break;
    case TS_BOUNDARY_HOPELESS:
        snprintf(text, size, "none: the limit never succeeds");
        break;
    case TS_BOUNDARY_NO_DATA:
        snprintf(text, size, "none: fewer than two values of epsilon have trainings");
        break;
    }
}

void ts_study_law_text(char *text, size_t size, const ts_study *study, const ts_law *law, bool ascii) {
    const ts_parameter_row *row = &ts_parameters[study->axis[study->against].parameter];
    char factor[32], exponent[32];
    ts_text_number(factor, sizeof factor, law->factor, DIGITS);
    ts_text_number(exponent, sizeof exponent, law->exponent, DIGITS);
    snprintf(text, size, "%s %s^%s", factor, ascii && !row->is_whole ? row->name : row->symbol, exponent);
}
