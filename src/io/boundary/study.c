#include "io/boundary/study.h"

#include "base/fail.h"
#include "base/words.h"
#include "io/netcdf/outcomes.h"
#include "io/text.h"
#include "model/grid.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Where the curves of a study lie among the cells of its result, whose first axis is epsilon. */
typedef struct layout {
    size_t from[TS_PARAMETER_COUNT];   /* [axis_count] place of the first value on each axis */
    size_t stride[TS_PARAMETER_COUNT]; /* [axis_count] cells between neighbours */
    size_t epsilon_stride;
    size_t neurons; /* which of the axes they are */
} layout;

/* What the curves are made of: the arrays of ts_trials, curve by curve. */
typedef struct material {
    ts_trials *trials;               /* [curves] */
    int8_t *success, *limit_success; /* [curves][epsilon][replicates] */
    double *limit_rate;              /* [curves][epsilon] */
} material;

ts_study_options ts_study_default(void) {
    ts_study_options options = {.level = 0.5, .against = -1};
    for (int p = 0; p < TS_PARAMETER_COUNT; p++)
        options.at[p] = NAN;
    return options;
}

static size_t curves_of(const ts_study *study) {
    size_t curves = 1;
    for (size_t k = 0; k < study->axis_count; k++)
        curves *= study->axis[k].count;
    return curves;
}

void ts_study_place(const ts_study *study, size_t curve, size_t place[TS_PARAMETER_COUNT]) {
    for (size_t k = study->axis_count; k-- > 0; curve /= study->axis[k].count)
        place[k] = curve % study->axis[k].count;
}

/* ---- what is asked for */

static ts_status refuse_axis(const ts_result *result, const char *option, int parameter, ts_error *error) {
    char names[96] = "";
    for (size_t k = 1; k < result->axis_count; k++) {
        const size_t length = strlen(names);
        snprintf(names + length, sizeof names - length, "%s%s", k > 1 ? ", " : "",
                 ts_parameters[result->axis[k].parameter].name);
    }
    return ts_fail(error, TS_INVALID, "", "%s: found %s, allowed are the axes of the result other than epsilon: %s",
                   option, ts_parameters[parameter].name, names);
}

/* Find one value of an axis, and leave that. */
static ts_status choose_value(ts_result_axis *axis, double value, size_t *from, ts_error *error) {
    char found[32], nearest[32];
    if (!ts_grid_find(axis->parameter, axis->values, axis->count, value, from)) {
        ts_text_number(found, sizeof found, value, 10);
        ts_text_number(nearest, sizeof nearest, axis->values[*from], 10);
        return ts_fail(error, TS_INVALID, "", "--at: found %s=%s, the result has %zu value%s, the nearest is %s",
                       ts_parameters[axis->parameter].name, found, axis->count, axis->count == 1 ? "" : "s", nearest);
    }
    axis->values[0] = axis->values[*from];
    axis->count = 1;
    return TS_OK;
}

static ts_status copy_axis(ts_result_axis *axis, const ts_result_axis *of, ts_error *error) {
    double *values = malloc(of->count * sizeof *values);
    *axis = (ts_result_axis){of->parameter, values ? of->count : 0, values};
    if (!values)
        return ts_fail(error, TS_FAILED, "", "not enough memory for the axes of the result");
    memcpy(values, of->values, of->count * sizeof *values);
    return TS_OK;
}

/* The axes of the curves, and where these lie. */
static ts_status choose_axes(ts_study *study, layout *lie, const ts_result *result, const ts_study_options *options,
                             ts_error *error) {
    bool met[TS_PARAMETER_COUNT] = {false};
    ts_status status = copy_axis(&study->epsilon, &result->axis[0], error);
    size_t stride = ts_result_cells(result);
    lie->epsilon_stride = stride / result->axis[0].count;
    stride = lie->epsilon_stride;
    for (size_t k = 1; status == TS_OK && k < result->axis_count; k++) {
        const size_t at = study->axis_count++;
        const ts_parameter parameter = result->axis[k].parameter;
        met[parameter] = true;
        status = copy_axis(&study->axis[at], &result->axis[k], error);
        stride /= result->axis[k].count;
        lie->stride[at] = stride;
        lie->from[at] = 0;
        if (parameter == TS_PARAMETER_NEURONS)
            lie->neurons = at;
        if (status == TS_OK && !isnan(options->at[parameter]))
            status = choose_value(&study->axis[at], options->at[parameter], &lie->from[at], error);
    }
    for (int p = 0; status == TS_OK && p < TS_PARAMETER_COUNT; p++)
        if (!isnan(options->at[p]) && !met[p])
            status = refuse_axis(result, "--at", p, error);
    return status;
}

static size_t find_axis(const ts_study *study, int parameter) {
    size_t k = 0;
    while (k < study->axis_count && (int)study->axis[k].parameter != parameter)
        k++;
    return k;
}

/* Neurons come first among the axes other than epsilon. */
static ts_status choose_against(ts_study *study, const ts_result *result, int against, ts_error *error) {
    study->against = against < 0 ? 0 : find_axis(study, against);
    while (against < 0 && study->against < study->axis_count && study->axis[study->against].count == 1)
        study->against++;
    if (against < 0)
        return TS_OK;
    if (study->against == study->axis_count)
        return refuse_axis(result, "--against", against, error);
    if (study->axis[study->against].count == 1)
        return ts_fail(error, TS_INVALID, "", "--against: found %s, of which there is one value here; a law needs more",
                       ts_parameters[against].name);
    return TS_OK;
}

static ts_status choose(ts_study *study, layout *lie, const ts_result *result, const ts_study_options *options,
                        ts_error *error) {
    const int criterion =
        options->criterion ? ts_words_find(ts_words_criterion, options->criterion) : TS_CRITERION_LOSS;
    if (criterion != TS_CRITERION_LOSS && criterion != TS_CRITERION_POSITIONS)
        return ts_fail(error, TS_INVALID, "", "--criterion: found '%.40s', allowed are loss and positions",
                       options->criterion);
    if (!(options->level > 0 && options->level < 1))
        return ts_fail(error, TS_INVALID, "", "--level: found %.10g, allowed are numbers above 0 and below 1",
                       options->level);
    study->level = options->level;
    study->criterion = ts_words_criterion[criterion];
    study->unexplained_variance =
        options->unexplained_variance > 0 ? options->unexplained_variance : result->unexplained_variance;
    study->has_other_threshold = study->unexplained_variance != result->unexplained_variance;
    study->has_theory = result->limit_agreement;
    ts_status status = ts_result_check_threshold(result, study->unexplained_variance, error);
    if (status == TS_OK)
        status = choose_axes(study, lie, result, options, error);
    return status == TS_OK ? choose_against(study, result, options->against, error) : status;
}

/* ---- the curves */

/* The cell of a curve at the first epsilon. */
static size_t first_cell(const ts_study *study, const layout *lie, size_t curve) {
    size_t place[TS_PARAMETER_COUNT] = {0}, cell = 0;
    ts_study_place(study, curve, place);
    for (size_t k = 0; k < study->axis_count; k++)
        cell += (lie->from[k] + place[k]) * lie->stride[k];
    return cell;
}

/* One curve, taken out of the cells. */
static ts_trials take_curve(const ts_study *study, const layout *lie, const ts_result_outcomes *outcomes,
                            const material *of, size_t curve) {
    const size_t cells = study->epsilon.count, replicates = outcomes->replicates, first = curve * cells;
    size_t place[TS_PARAMETER_COUNT] = {0};
    ts_study_place(study, curve, place);
    for (size_t i = 0; i < cells; i++) {
        const size_t cell = first_cell(study, lie, curve) + i * lie->epsilon_stride;
        memcpy(of->success + (first + i) * replicates, outcomes->success + cell * replicates, replicates);
        if (!of->limit_success)
            continue;
        memcpy(of->limit_success + (first + i) * replicates, outcomes->limit_success + cell * replicates, replicates);
        of->limit_rate[first + i] = outcomes->limit_rate[cell];
    }
    ts_trials trials = {.cells = cells,
                        .replicates = replicates,
                        .epsilon = study->epsilon.values,
                        .success = of->success + first * replicates};
    if (of->limit_success) {
        trials.limit_success = of->limit_success + first * replicates;
        trials.limit_rate = of->limit_rate + first;
        trials.limit_starts = outcomes->limit_starts[lie->from[lie->neurons] + place[lie->neurons]];
        trials.limit_has_ours = outcomes->common;
    }
    return trials;
}

static void forget(material *of) {
    free(of->trials);
    free(of->success);
    free(of->limit_success);
    free(of->limit_rate);
}

/* All curves. False: no memory. */
static bool take_curves(material *of, const ts_study *study, const layout *lie, const ts_result_outcomes *outcomes) {
    const size_t curves = curves_of(study), cells = curves * study->epsilon.count;
    *of = (material){.trials = malloc(curves * sizeof *of->trials), .success = malloc(cells * outcomes->replicates)};
    if (outcomes->limit_rate) {
        of->limit_success = malloc(cells * outcomes->replicates);
        of->limit_rate = malloc(cells * sizeof *of->limit_rate);
    }
    if (!of->trials || !of->success || (outcomes->limit_rate && (!of->limit_success || !of->limit_rate)))
        return false;
    for (size_t curve = 0; curve < curves; curve++)
        of->trials[curve] = take_curve(study, lie, outcomes, of, curve);
    return true;
}

static ts_status find_boundaries(ts_study *study, const layout *lie, ts_result_outcomes *outcomes, ts_error *error) {
    material of = {0};
    ts_status status = TS_FAILED;
    study->has_limits = outcomes->limit_rate;
    const bool common = outcomes->common, taken = take_curves(&of, study, lie, outcomes);
    ts_result_outcomes_free(outcomes); /* before more is needed */
    if (taken)
        status = ts_boundaries_find(&study->found, of.trials, curves_of(study), study->level, common, error);
    else
        ts_fail(error, TS_FAILED, "", "not enough memory for the trainings of %zu curves", curves_of(study));
    forget(&of);
    return status;
}

/* ---- the laws */

/* Of the curves from `first` on whose number grows by `stride`. */
static ts_status fit_law(ts_study *study, size_t first, size_t stride, ts_study_law *law, ts_error *error) {
    const ts_result_axis *axis = &study->axis[study->against];
    size_t *curve = malloc(axis->count * sizeof *curve), count = 0;
    double *x = malloc(axis->count * sizeof *x);
    ts_status status = TS_FAILED;
    for (size_t i = 0; curve && x && i < axis->count; i++) {
        if (!(axis->values[i] > 0)) { /* no power law has a value there */
            study->leaves_out_0 = true;
            continue;
        }
        curve[count] = first + i * stride;
        x[count++] = axis->values[i];
    }
    law->curve = first;
    if (curve && x)
        status = ts_law_fit(&law->law, &study->found, curve, x, count, error);
    else
        ts_fail(error, TS_FAILED, "", "not enough memory for a law of %zu boundaries", axis->count);
    free(curve);
    free(x);
    return status;
}

static ts_status fit_laws(ts_study *study, ts_error *error) {
    const size_t curves = curves_of(study);
    ts_status status = TS_OK;
    if (study->against == study->axis_count)
        return TS_OK;
    study->law = malloc(curves * sizeof *study->law);
    if (!study->law)
        return ts_fail(error, TS_FAILED, "", "not enough memory for the laws of %zu boundaries", curves);
    size_t stride = 1;
    for (size_t k = study->against + 1; k < study->axis_count; k++)
        stride *= study->axis[k].count;
    for (size_t curve = 0; status == TS_OK && curve < curves; curve++)
        if (curve / stride % study->axis[study->against].count == 0)
            status = fit_law(study, curve, stride, &study->law[study->law_count++], error);
    return status;
}

ts_status ts_study_make(ts_study *study, const ts_result *result, const char *path, const ts_study_options *options,
                        ts_error *error) {
    layout lie = {0};
    ts_result_outcomes outcomes = {0};
    *study = (ts_study){0};
    ts_status status = choose(study, &lie, result, options, error);
    if (status == TS_OK)
        status = ts_result_outcomes_read(&outcomes, result, path, strcmp(study->criterion, "positions") == 0,
                                         study->unexplained_variance, error);
    if (status == TS_OK)
        status = find_boundaries(study, &lie, &outcomes, error);
    if (status == TS_OK)
        status = fit_laws(study, error);
    if (status != TS_OK)
        ts_study_free(study);
    return status;
}

void ts_study_free(ts_study *study) {
    free(study->epsilon.values);
    for (size_t k = 0; k < study->axis_count; k++)
        free(study->axis[k].values);
    ts_boundaries_free(&study->found);
    free(study->law);
    *study = (ts_study){0};
}
