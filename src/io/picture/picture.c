#include "io/picture/picture.h"

#include "base/fail.h"
#include "io/picture/kinds.h"
#include "io/picture/render.h"
#include "io/text.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* The first is the default. */
static const ts_picture_kind kinds[] = {
    {.name = "success", .draw = ts_picture_success, .print = ts_picture_print_success},
    {.name = "slice", .draw = ts_picture_curves, .print = ts_picture_print_success},
    {.name = "outcomes",
     .draw = ts_picture_outcomes,
     .print = ts_picture_print_outcomes,
     .takes_one = true,
     .needs_positions = true},
    {.name = "loss", .draw = ts_picture_loss, .print = ts_picture_print_loss, .takes_one = true},
    {.name = "time-to-success",
     .draw = ts_picture_time_to_success,
     .print = ts_picture_print_time_to_success,
     .needs_observations = true,
     .needs_first_success = true},
    {.name = "animation",
     .draw = ts_picture_rising,
     .print = ts_picture_print_success,
     .needs_observations = true,
     .moves = true,
     .delay = 60},
    {.name = "agreement", .draw = ts_picture_agreement, .print = ts_picture_print_agreement, .needs_limit = true},
};

#define KIND_COUNT (sizeof kinds / sizeof kinds[0])

/* Does the result have what a kind shows? */
static ts_status check_needs(const ts_picture_kind *kind, const ts_result *result, ts_error *error) {
    if (kind->needs_limit && !result->limit_agreement)
        return ts_fail(error, TS_INVALID, "",
                       "the result was not compared with its limit: a run with theory: true in the configuration does "
                       "that");
    if (kind->needs_positions && !result->covered_failure_count)
        return ts_picture_no_positions(result, error);
    if (kind->needs_observations && result->observations.count == 0)
        return ts_fail(error, TS_INVALID, "",
                       "the result was not looked at on the way: a run with observe in the configuration does that");
    if (kind->needs_first_success && !result->observations.first_success_count)
        return ts_fail(error, TS_INVALID, "", "first successes are not known at another unexplained variance");
    return TS_OK;
}

static ts_status choose_observation(ts_result_view *view, const ts_picture_kind *kind, size_t observation,
                                    ts_error *error) {
    const size_t count = view->result->observations.count;
    if (kind->needs_observations || kind->needs_limit)
        return ts_fail(error, TS_INVALID, "", "--observation has no effect on a picture of kind %s", kind->name);
    if (observation >= count)
        return ts_fail(error, TS_INVALID, "", "--observation: found %zu, the result has %zu, counted from 0",
                       observation, count);
    view->at = ts_result_at(view->result, observation);
    view->result = &view->at;
    return TS_OK;
}

/* Frames show a success at the observations, which may say less of it than the end does. */
static ts_status check_frames(const ts_picture_kind *kind, const ts_result *result, const char *criterion,
                              ts_error *error) {
    ts_success unused;
    if (!kind->moves)
        return TS_OK;
    const ts_result first = ts_result_at(result, 0);
    return ts_picture_set_success(&unused, &first, criterion, error);
}

/* Are the boundaries for each value of the axis beside that of epsilon? */
static ts_status check_boundary(const ts_picture_kind *kind, const ts_result *result, const ts_picture_options *options,
                                ts_error *error) {
    const ts_result_axis *axis = &result->axis[result->axis[0].parameter == TS_PARAMETER_EPSILON];
    if (!options->boundary)
        return TS_OK;
    if (kind->draw != ts_picture_success)
        return ts_fail(error, TS_INVALID, "", "--boundary has no effect on a picture of kind %s: success takes it",
                       kind->name);
    if (options->observation > 0)
        return ts_fail(error, TS_INVALID, "", "--boundary is where trainings end; it does not go with --observation");
    if (result->axis[0].parameter != TS_PARAMETER_EPSILON && result->axis[1].parameter != TS_PARAMETER_EPSILON)
        return ts_fail(error, TS_INVALID, "", "--boundary lies along epsilon, which is no axis of this picture");
    const bool fits = options->boundary->found.count == axis->count;
    return fits ? TS_OK : ts_fail(error, TS_INVALID, "", "the boundaries are not those of the picture");
}

/* What the options mean for this result, which becomes the slice. */
static ts_status resolve(ts_result *result, const ts_picture_options *options, const ts_picture_kind **kind,
                         ts_result_view *view, ts_error *error) {
    const ts_picture_options nothing = {.kind = NULL};
    const ts_picture_options *asked = options ? options : &nothing;
    const ts_slice slice = asked->slice ? *asked->slice : ts_slice_default();
    size_t number;
    ts_status status =
        ts_picture_find_kind(kinds, KIND_COUNT, asked->kind ? asked->kind : kinds[0].name, "a result", &number, error);
    if (status != TS_OK)
        return status;
    *kind = &kinds[number];
    if ((*kind)->needs_first_success && asked->criterion && strcmp(asked->criterion, "loss") != 0)
        return ts_fail(error, TS_INVALID, "", "--criterion has no effect on a picture of kind %s, which is by the loss",
                       (*kind)->name);
    *view = (ts_result_view){.result = result, .criterion = asked->criterion, .boundary = asked->boundary};
    status = check_needs(*kind, result, error);
    if (status == TS_OK)
        status = ts_result_slice(result, &slice, (*kind)->takes_one ? &view->row : NULL, error);
    if (status == TS_OK)
        status = check_boundary(*kind, result, asked, error);
    if (status == TS_OK && asked->observation > 0)
        status = choose_observation(view, *kind, asked->observation - 1, error);
    if (status == TS_OK)
        status = ts_picture_set_success(&view->success, view->result, asked->criterion, error);
    if (status == TS_OK)
        status = check_frames(*kind, result, asked->criterion, error);
    if (status == TS_OK && asked->observation > 0) {
        const size_t used = strlen(view->success.note);
        char when[64];
        ts_picture_time_text(when, sizeof when, result, asked->observation - 1);
        snprintf(view->success.note + used, sizeof view->success.note - used, "; seen at %s", when);
    }
    return status;
}

const char *ts_picture_ending(const char *kind) {
    size_t found = 0;
    const bool known = kind && ts_picture_find_kind(kinds, KIND_COUNT, kind, "", &found, NULL) == TS_OK;
    return known && kinds[found].moves ? ".gif" : ".png";
}

ts_status ts_picture_draw(ts_result *result, const ts_picture_options *options, const char *path, ts_error *error) {
    const ts_picture_kind *kind;
    ts_result_view view;
    ts_status status = resolve(result, options, &kind, &view, error);
    if (status == TS_OK)
        status = ts_picture_check_path(path, kind->moves, error);
    return status == TS_OK ? ts_picture_render(path, kind->draw, &view, kind->delay, error) : status;
}

ts_status ts_picture_print(FILE *stream, ts_result *result, const ts_picture_options *options, int columns, bool colour,
                           ts_error *error) {
    const ts_picture_kind *kind;
    ts_result_view view;
    ts_status status = resolve(result, options, &kind, &view, error);
    if (status != TS_OK)
        return status;
    kind->print(stream, &view, columns, colour);
    if (fflush(stream) != 0 || ferror(stream))
        return ts_fail(error, TS_FAILED, "", "the picture could not be printed: %s", strerror(errno));
    return TS_OK;
}
