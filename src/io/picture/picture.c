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
    {.name = "agreement", .draw = ts_picture_agreement, .print = ts_picture_print_agreement, .needs_limit = true},
};

#define KIND_COUNT (sizeof kinds / sizeof kinds[0])

#define NO_POSITIONS                                                                                                   \
    "the result does not say what the positions say: it is of rectified linear units, or of an older version"

/* What a success is by this criterion. The threshold differs between cells where their loss floors do. */
static ts_status set_success(ts_success *success, const ts_result *result, const char *criterion, ts_error *error) {
    const bool by_positions = criterion && strcmp(criterion, "positions") == 0;
    char threshold[64], number[32];
    if (criterion && !by_positions && strcmp(criterion, "loss") != 0)
        return ts_fail(error, TS_INVALID, "", "--criterion: found '%.40s', allowed are loss and positions", criterion);
    if (by_positions && !result->position_success_rate)
        return ts_fail(error, TS_INVALID, "", NO_POSITIONS);
    if (isnan(result->loss_floor)) {
        ts_text_number(number, sizeof number, result->unexplained_variance, 4);
        snprintf(threshold, sizeof threshold, "the floor plus %s of the variance", number);
    } else {
        ts_text_number(threshold, sizeof threshold,
                       result->loss_floor + result->unexplained_variance * result->target_variance, 3);
    }
    *success = by_positions
                   ? (ts_success){"success rate by positions", "", result->position_success_rate,
                                  result->position_success_low, result->position_success_high}
                   : (ts_success){"success rate", "", result->success_rate, result->success_low, result->success_high};
    snprintf(success->note, sizeof success->note,
             by_positions ? "success by positions: the loss with the best weights for them is at most %s"
                          : "success: the loss is at most %s",
             threshold);
    return TS_OK;
}

/* What the options mean for this result, which becomes the slice. */
static ts_status resolve(ts_result *result, const ts_picture_options *options, size_t *kind, ts_result_view *view,
                         ts_error *error) {
    const char *name = options && options->kind ? options->kind : kinds[0].name;
    const ts_slice slice = options && options->slice ? *options->slice : ts_slice_default();
    ts_status status = ts_picture_find_kind(kinds, KIND_COUNT, name, "a result", kind, error);
    if (status == TS_OK && kinds[*kind].needs_limit && !result->limit_agreement)
        status = ts_fail(error, TS_INVALID, "",
                         "the result was not compared with its limit: a run with theory: true in the configuration "
                         "does that");
    if (status == TS_OK && kinds[*kind].needs_positions && !result->covered_failure_count)
        status = ts_fail(error, TS_INVALID, "", NO_POSITIONS);
    *view = (ts_result_view){.result = result};
    if (status == TS_OK)
        status = ts_result_slice(result, &slice, kinds[*kind].takes_one ? &view->row : NULL, error);
    if (status == TS_OK)
        status = set_success(&view->success, result, options ? options->criterion : NULL, error);
    return status;
}

ts_status ts_picture_draw(ts_result *result, const ts_picture_options *options, const char *path, ts_error *error) {
    size_t kind;
    ts_result_view view;
    ts_status status = resolve(result, options, &kind, &view, error);
    if (status == TS_OK)
        status = ts_picture_check_path(path, kinds[kind].moves, error);
    return status == TS_OK ? ts_picture_render(path, kinds[kind].draw, &view, error) : status;
}

ts_status ts_picture_print(FILE *stream, ts_result *result, const ts_picture_options *options, int columns, bool colour,
                           ts_error *error) {
    size_t kind;
    ts_result_view view;
    ts_status status = resolve(result, options, &kind, &view, error);
    if (status != TS_OK)
        return status;
    kinds[kind].print(stream, &view, columns, colour);
    if (fflush(stream) != 0 || ferror(stream))
        return ts_fail(error, TS_FAILED, "", "the picture could not be printed: %s", strerror(errno));
    return TS_OK;
}
