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

static ts_status find_neurons(const ts_result *result, double neurons, size_t *index, ts_error *error) {
    for (size_t j = 0; j < result->neurons_count; j++)
        if (result->neurons[j] == neurons) {
            *index = j;
            return TS_OK;
        }
    return ts_fail(error, TS_INVALID, "", "the result has no networks of %g neurons: it has %zu counts from %g to %g",
                   neurons, result->neurons_count, result->neurons[0], result->neurons[result->neurons_count - 1]);
}

/* What the options mean for this result. */
static ts_status resolve(const ts_result *result, const ts_picture_options *options, size_t *kind, ts_result_view *view,
                         ts_error *error) {
    const char *name = options && options->kind ? options->kind : kinds[0].name;
    double neurons = options ? options->neurons : 0;
    *view = (ts_result_view){result, result->neurons_count - 1};
    ts_status status = ts_picture_find_kind(kinds, KIND_COUNT, name, "a result", kind, error);
    if (status == TS_OK && neurons > 0)
        status = ts_picture_check_choice(kinds, KIND_COUNT, *kind, "--neurons", error);
    if (status == TS_OK && kinds[*kind].needs_limit && !result->limit_agreement)
        status = ts_fail(error, TS_INVALID, "",
                         "the result was not compared with its limit: a run with theory: true in the configuration "
                         "does that");
    if (status == TS_OK && neurons > 0)
        status = find_neurons(result, neurons, &view->neurons_index, error);
    return status;
}

ts_status ts_picture_draw(const ts_result *result, const ts_picture_options *options, const char *path,
                          ts_error *error) {
    size_t kind;
    ts_result_view view;
    ts_status status = resolve(result, options, &kind, &view, error);
    if (status == TS_OK)
        status = ts_picture_check_path(path, kinds[kind].moves, error);
    return status == TS_OK ? ts_picture_render(path, kinds[kind].draw, &view, error) : status;
}

ts_status ts_picture_print(FILE *stream, const ts_result *result, const ts_picture_options *options, int columns,
                           bool colour, ts_error *error) {
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
