#include "cli/boundary_tables.h"

#include "io/picture/terminal.h"
#include "io/text.h"
#include "model/grid.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define DIGITS 3      /* of numbers in the tables */
#define AXIS_COLUMN 9 /* characters, the blank in front included */
#define EPSILON_COLUMN 11
#define INTERVAL_COLUMN 22

/* "m" and the names of the others, in plain ASCII. */
static const char *short_name(const ts_result_axis *axis) {
    const ts_parameter_row *row = &ts_parameters[axis->parameter];
    return row->is_whole ? row->symbol : row->name;
}

/* "0.012 to 0.034", of epsilon or a factor also without one of the ends */
static void print_range(char *text, size_t size, double low, double high) {
    char from[32], to[32];
    ts_text_number(from, sizeof from, low, DIGITS);
    ts_text_number(to, sizeof to, high, DIGITS);
    if (isinf(high))
        snprintf(text, size, "%s or more", from);
    else if (low == 0)
        snprintf(text, size, "%s or less", to);
    else
        snprintf(text, size, "%s to %s", from, to);
}

/* "at m = 24, noise = 1": where a curve is on the axes with one value, or on those with several but for one of them. */
static void print_place(char *text, size_t size, const ts_study *study, size_t curve, bool several, size_t but) {
    size_t place[TS_PARAMETER_COUNT];
    ts_study_place(study, curve, place);
    text[0] = '\0';
    for (size_t k = 0; k < study->axis_count; k++) {
        const ts_result_axis *axis = &study->axis[k];
        const size_t used = strlen(text);
        char number[32];
        if ((axis->count > 1) != several || k == but)
            continue;
        ts_text_number(number, sizeof number, axis->values[place[k]], 6);
        snprintf(text + used, size - used, "%s%s = %s", used > 0 ? ", " : "at ", short_name(axis), number);
    }
}

static void print_head(const ts_study *study, const ts_result *result, int columns) {
    char line[512], level[160], place[160], share[32];
    ts_terminal_text(stdout, result->title, columns);
    ts_study_level_text(level, sizeof level, study, true);
    snprintf(line, sizeof line, "epsilon_c: %s", level);
    ts_terminal_text(stdout, line, columns);
    ts_text_number(share, sizeof share, study->unexplained_variance, 6);
    snprintf(line, sizeof line, "success by the %s: unexplained variance at most %s; randomness %s; curves %s",
             study->criterion, share, study->found.common ? "common" : "independent",
             study->found.shape == TS_CURVE_LOGISTIC   ? "logistic"
             : study->found.shape == TS_CURVE_LOW_TAIL ? "with a long tail to small epsilon"
                                                       : "with a long tail to large epsilon");
    ts_terminal_text(stdout, line, columns);
    if (result->stops)
        ts_terminal_text(stdout, "trainings stopped at their first success: rates are those by the horizon, not at it",
                         columns);
    print_place(place, sizeof place, study, 0, false, study->axis_count);
    ts_terminal_text(stdout, place, columns);
    if (!result->complete)
        ts_terminal_text(stdout, "interrupted: not every training finished", columns);
    putchar('\n');
}

static bool fits_badly(const ts_boundary *found) {
    return found->state == TS_BOUNDARY_FOUND && !found->fits;
}

static void print_fit(char *text, size_t size, const ts_boundary *found) {
    char p[32];
    ts_text_number(p, sizeof p, found->p, 2);
    if (isnan(found->p))
        snprintf(text, size, "fit not judged");
    else
        snprintf(text, size, "bad fit, p = %s", p);
}

static void print_curve(const ts_study *study, size_t curve, int columns) {
    const ts_boundary *found = &study->found.boundary[curve];
    size_t place[TS_PARAMETER_COUNT];
    char line[512] = "", text[160], number[32];
    ts_study_place(study, curve, place);
    for (size_t k = 0; k < study->axis_count; k++) {
        const size_t used = strlen(line);
        if (study->axis[k].count == 1)
            continue;
        ts_text_number(number, sizeof number, study->axis[k].values[place[k]], 4);
        snprintf(line + used, sizeof line - used, "%*s", AXIS_COLUMN, number);
    }
    size_t used = strlen(line);
    if (found->state == TS_BOUNDARY_FOUND) {
        ts_text_number(number, sizeof number, found->epsilon, DIGITS);
        print_range(text, sizeof text, found->low, found->high);
        snprintf(line + used, sizeof line - used, "%*s  %-*s", EPSILON_COLUMN, number, INTERVAL_COLUMN, text);
        used = strlen(line);
        if (fits_badly(found))
            print_fit(line + used, sizeof line - used, found);
    } else {
        ts_study_reason(text, sizeof text, study, curve);
        snprintf(line + used, sizeof line - used, "  %s", text);
    }
    for (used = strlen(line); used > 0 && line[used - 1] == ' ';)
        line[--used] = '\0';
    ts_terminal_text(stdout, line, columns);
}

static void print_curves(const ts_study *study, int columns) {
    for (size_t k = 0; k < study->axis_count; k++)
        if (study->axis[k].count > 1)
            printf("%*s", AXIS_COLUMN, short_name(&study->axis[k]));
    printf("%*s  %s\n", EPSILON_COLUMN, "epsilon_c", "95 per cent interval");
    bool is_bad = false;
    for (size_t curve = 0; curve < study->found.count; curve++) {
        print_curve(study, curve, columns);
        is_bad |= fits_badly(&study->found.boundary[curve]);
    }
    if (is_bad)
        ts_terminal_text(stdout, "where no curve is known to fit, the interval rests on nothing but that rates fall",
                         columns);
}

/* ---- the laws */

static void print_fitted(const ts_study *study, const ts_law *law, int columns) {
    char line[512], words[96], factor[96], exponent[96], number[32], p[32];
    ts_study_law_text(words, sizeof words, study, law, true);
    print_range(factor, sizeof factor, law->factor_low, law->factor_high);
    print_range(exponent, sizeof exponent, law->exponent_low, law->exponent_high);
    snprintf(line, sizeof line, "law: epsilon_c = %s", words);
    ts_terminal_text(stdout, line, columns);
    snprintf(line, sizeof line, "  exponent %s, factor %s; from %zu curves", exponent, factor, law->curves);
    ts_terminal_text(stdout, line, columns);
    if (law->freedom == 0) {
        ts_terminal_text(stdout, "  two curves have a law whatever they are: nothing is left to judge it by", columns);
        return;
    }
    ts_text_number(number, sizeof number, law->statistic, DIGITS);
    ts_text_number(p, sizeof p, law->p, 2);
    snprintf(line, sizeof line, "  chi-square %s with %zu degree%s of freedom, p = %s%s", number, law->freedom,
             law->freedom == 1 ? "" : "s", p,
             law->widened ? ": it is not the whole story; intervals are widened by sqrt(chi-square / freedom)" : "");
    ts_terminal_text(stdout, line, columns);
}

static void print_laws(const ts_study *study, int columns) {
    for (size_t k = 0; k < study->law_count; k++) {
        const ts_study_law *of = &study->law[k];
        char place[160], line[256];
        putchar('\n');
        print_place(place, sizeof place, study, of->curve, true, study->against);
        ts_terminal_text(stdout, place, columns);
        if (ts_study_has_law(&of->law)) {
            print_fitted(study, &of->law, columns);
            continue;
        }
        snprintf(line, sizeof line, "no law against %s: %zu boundar%s found, and two are needed",
                 ts_parameters[study->axis[study->against].parameter].name, of->law.curves,
                 of->law.curves == 1 ? "y was" : "ies were");
        ts_terminal_text(stdout, line, columns);
    }
    if (study->leaves_out_0)
        ts_terminal_text(stdout, "  the boundary at 0 is in no law: no power but 0 has a value there", columns);
}

void ts_print_boundary_tables(const ts_study *study, const ts_result *result, int columns) {
    print_head(study, result, columns);
    print_curves(study, columns);
    print_laws(study, columns);
}
