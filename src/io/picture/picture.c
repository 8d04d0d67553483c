#include "io/picture/picture.h"

#include "base/fail.h"
#include "io/picture/kinds.h"
#include "io/picture/render.h"

#include <errno.h>
#include <string.h>

/* The first is the default. */
static const ts_picture_kind kinds[] = {
    {.name = "success", .draw = ts_picture_success, .print = ts_picture_print_success},
    {.name = "loss", .draw = ts_picture_loss, .print = ts_picture_print_loss, .takes_one = true},
    {.name = "agreement", .draw = ts_picture_agreement, .print = ts_picture_print_agreement, .needs_limit = true},
};

#define KIND_COUNT (sizeof kinds / sizeof kinds[0])

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
    *view = (ts_result_view){result, 0};
    if (status == TS_OK)
        status = ts_result_slice(result, &slice, kinds[*kind].takes_one ? &view->row : NULL, error);
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
